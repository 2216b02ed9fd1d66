/** ObjectMeta, the same for every kind (apimachinery/pkg/api/validation/objectmeta.go, pkg/apis/core/validation:ValidateObjectMeta). */
import { byteLength, goJson, sortedKeys } from '../k8s/go-text.ts'
import { dns1123Label, labelValue, qualifiedName } from '../k8s/names.ts'
import type { K8sObject, ManagedFields, ObjectMeta, OwnerReference } from '../k8s/object.ts'
import { forbidden, invalid, invalidEach, required, tooLong, type FieldError, type Path } from './field.ts'
import type { NameRule } from './name-rule.ts'

const annotationsBytesMax = 256 * 1024
export const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion']

/** ValidateObjectMeta of the built-in groups, for a create: a finalizer is a standard one or has a domain. `path` is where the metadata is. */
export function metadataErrors(metadata: Partial<ObjectMeta>, namespaced: boolean, name: NameRule, path: Path): FieldError[] {
  return [...commonMetadataErrors(metadata, namespaced, name, path), ...unqualifiedFinalizers(metadata.finalizers ?? [], path.child('finalizers'))]
}

/** ValidateObjectMetaAccessor: what holds for the metadata of any object. */
export function commonMetadataErrors(metadata: Partial<ObjectMeta>, namespaced: boolean, name: NameRule, path: Path): FieldError[] {
  const errors: FieldError[] = []
  const { generateName = '' } = metadata
  if (generateName !== '') errors.push(...invalidEach(path.child('generateName'), generateName, name(generateName, true)))
  const ownName = metadata.name || generatedName(generateName)
  if (ownName === '') errors.push(required(path.child('name'), 'name or generateName is required'))
  else errors.push(...invalidEach(path.child('name'), ownName, name(ownName, false)))
  errors.push(...namespaceErrors(metadata.namespace ?? '', namespaced, path.child('namespace')))
  if ((metadata.generation ?? 0) < 0) errors.push(invalid(path.child('generation'), metadata.generation, 'must be greater than or equal to 0'))
  if (metadata.labels) errors.push(...labelErrors(metadata.labels, path.child('labels')))
  if (metadata.annotations) errors.push(...annotationErrors(metadata.annotations, path.child('annotations')))
  if (metadata.ownerReferences) errors.push(...ownerErrors(metadata.ownerReferences, path.child('ownerReferences')))
  if (metadata.finalizers) errors.push(...finalizerErrors(metadata.finalizers, path.child('finalizers')))
  if (metadata.managedFields) errors.push(...managedFieldsErrors(metadata.managedFields, path.child('managedFields')))
  return errors
}

/** The name a create gets from generateName: its first 58 characters and five more (names.SimpleNameGenerator); the five are fixed here, because the server's are random. */
function generatedName(prefix: string): string {
  return prefix === '' ? '' : `${prefix.slice(0, 58)}xxxxx`
}

function namespaceErrors(namespace: string, namespaced: boolean, path: Path): FieldError[] {
  if (!namespaced) return namespace === '' ? [] : [forbidden(path, 'not allowed on this type')]
  return namespace === '' ? [required(path)] : invalidEach(path, namespace, dns1123Label(namespace))
}

/** ValidateLabels: keys and values, both reported at `path` itself. */
export function labelErrors(labels: Readonly<Record<string, string>>, path: Path): FieldError[] {
  const errors: FieldError[] = []
  for (const key of Object.keys(labels)) {
    for (const message of qualifiedName(key)) errors.push({ ...invalid(path, key, message), segments: [...path.segments(), key] })
    for (const message of labelValue(labels[key]!)) errors.push({ ...invalid(path, labels[key], message), segments: [...path.segments(), key] })
  }
  return errors
}

/** ValidateAnnotations: keys are qualified names in any case; all together at most 256 KiB. */
export function annotationErrors(annotations: Readonly<Record<string, string>>, path: Path): FieldError[] {
  const errors: FieldError[] = []
  let bytes = 0
  for (const key of Object.keys(annotations)) {
    for (const message of qualifiedName(key.toLowerCase())) errors.push({ ...invalid(path, key, message), segments: [...path.segments(), key] })
    bytes += byteLength(key) + byteLength(annotations[key]!)
  }
  if (bytes > annotationsBytesMax) errors.push(tooLong(path, annotationsBytesMax))
  return errors
}

function ownerErrors(owners: readonly OwnerReference[], path: Path): FieldError[] {
  const errors: FieldError[] = []
  let controller: string | undefined
  owners.forEach((owner, index) => {
    const at = (name: string): Path => path.shown(name, index, name)
    const parts = (owner.apiVersion ?? '').split('/')
    if (parts.length > 2 || parts.at(-1) === '') errors.push(invalid(at('apiVersion'), owner.apiVersion ?? '', 'version must not be empty'))
    if (!owner.kind) errors.push(invalid(at('kind'), '', 'must not be empty'))
    if (!owner.name) errors.push(invalid(at('name'), '', 'must not be empty'))
    if (!owner.uid) errors.push(invalid(at('uid'), '', 'must not be empty'))
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') errors.push(invalid(path, printedOwner(owner), '/v1, Kind=Event is disallowed from being an owner'))
    if (owner.controller !== true) return
    const name = `${owner.kind ?? ''}/${owner.name ?? ''}`
    if (controller !== undefined) errors.push(invalid(path, owners.map(printedOwner), `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`))
    else controller = name
  })
  return errors
}

/** In the order of the Go struct, of which only the booleans may be absent. */
function printedOwner({ apiVersion = '', kind = '', name = '', uid = '', controller, blockOwnerDeletion }: Partial<OwnerReference>): Partial<OwnerReference> {
  return { apiVersion, kind, name, uid, ...(controller === undefined ? {} : { controller }), ...(blockOwnerDeletion === undefined ? {} : { blockOwnerDeletion }) }
}

function finalizerErrors(finalizers: readonly string[], path: Path): FieldError[] {
  const errors: FieldError[] = []
  for (const finalizer of finalizers) errors.push(...invalidEach(path, finalizer, qualifiedName(finalizer)))
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) errors.push(invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  return errors
}

function unqualifiedFinalizers(finalizers: readonly string[], path: Path): FieldError[] {
  return finalizers.flatMap((finalizer, index) => (finalizer.includes('/') || standardFinalizers.includes(finalizer) ? [] : [invalid(path.index(index), finalizer, 'name is neither a standard finalizer name nor is it fully qualified')]))
}

const managerBytesMax = 128
const subresourceBytesMax = 256

/** ValidateManagedFields (meta/v1/validation). */
function managedFieldsErrors(entries: readonly ManagedFields[], path: Path): FieldError[] {
  return entries.flatMap(({ operation = '', fieldsType = '', manager = '', subresource = '' }, index) => {
    const at = path.index(index)
    const errors: FieldError[] = []
    if (operation !== 'Apply' && operation !== 'Update') errors.push(invalid(at.child('operation'), operation, 'must be `Apply` or `Update`'))
    if (fieldsType !== '' && fieldsType !== 'FieldsV1') errors.push(invalid(at.child('fieldsType'), fieldsType, 'must be `FieldsV1`'))
    if (byteLength(manager) > managerBytesMax) errors.push(tooLong(at.child('manager'), managerBytesMax))
    errors.push(...unprintableErrors(manager, at.child('manager')))
    if (byteLength(subresource) > subresourceBytesMax) errors.push(tooLong(at.child('subresource'), subresourceBytesMax))
    return errors
  })
}

/** ValidateFieldManager: every character can be printed. Positions count bytes. */
function unprintableErrors(text: string, path: Path): FieldError[] {
  const errors: FieldError[] = []
  let position = 0
  for (const character of text) {
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) errors.push(invalid(path, text, `invalid character U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')} (at position ${position})`))
    position += byteLength(character)
  }
  return errors
}

/** ValidateObjectMetaUpdate: what an update may not touch. */
export function metadataUpdateErrors(object: K8sObject, old: K8sObject, path: Path): FieldError[] {
  const errors: FieldError[] = []
  const fresh = object.metadata
  const stored = old.metadata
  if (stored.deletionTimestamp) {
    const extra = (fresh.finalizers ?? []).filter((finalizer) => !(stored.finalizers ?? []).includes(finalizer)).sort()
    if (extra.length > 0) errors.push(forbidden(path.child('finalizers'), `no new finalizers can be added if the object is being deleted, found new finalizers ${goStrings(extra)}`))
  }
  if ((fresh.generation ?? stored.generation ?? 0) < (stored.generation ?? 0)) errors.push(invalid(path.child('generation'), fresh.generation, 'must not be decremented'))
  for (const name of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    const value = fresh[name] ?? (name === 'name' || name === 'namespace' ? '' : stored[name])
    const before = stored[name] ?? (name === 'name' || name === 'namespace' ? '' : undefined)
    if (value !== before) errors.push(invalid(path.child(name), value, 'field is immutable'))
  }
  if (fresh.labels) errors.push(...labelErrors(fresh.labels, path.child('labels')))
  if (fresh.annotations) errors.push(...annotationErrors(fresh.annotations, path.child('annotations')))
  if (fresh.ownerReferences) errors.push(...ownerErrors(fresh.ownerReferences, path.child('ownerReferences')))
  if (fresh.managedFields) errors.push(...managedFieldsErrors(fresh.managedFields, path.child('managedFields')))
  return errors
}

function goStrings(values: readonly string[]): string {
  return `[]string{${values.map((value) => JSON.stringify(value)).join(', ')}}`
}

/** Are two values the same once written as JSON with their keys in order? (apiequality.Semantic.DeepEqual for decoded objects.) */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return isNothing(a) && isNothing(b)
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, index) => isSame(item, b[index]))
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  for (const key of Object.keys(left)) if (!isSame(left[key], right[key])) return false
  for (const key of Object.keys(right)) if (!Object.hasOwn(left, key) && !isNothing(right[key])) return false
  return true
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true
  return Array.isArray(value) ? value.length === 0 : typeof value === 'object' && Object.keys(value).length === 0
}

/** ValidateImmutableField: one error when a field changed. */
export function immutable(value: unknown, old: unknown, path: Path): FieldError[] {
  return isSame(value, old) ? [] : [invalid(path, value, 'field is immutable')]
}

/** A map as it is printed in messages: keys in order. */
export function printedMap(map: Readonly<Record<string, unknown>> | undefined): string {
  return goJson(sortedKeys(map))
}

