/** PersistentVolume, PersistentVolumeClaim and StorageClass (core:ValidatePersistentVolumeSpec, ValidatePersistentVolumeClaimSpec; storage:ValidateStorageClass). */
import { byteLength } from '../../k8s/go-text.ts'
import { dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from '../../k8s/names.ts'
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareQuantities, quantityOf, unitsOf } from '../../k8s/quantity.ts'
import { duplicate, fieldPath, forbidden, invalid, invalidEach, notSupported, required, tooLong, type FieldError, type Path } from '../field.ts'
import { immutable, isSame } from '../metadata.ts'
import { hasBadSelector, labelSelectorErrors } from './label-selector.ts'
import { nodeSelectorErrors } from './node-selector.ts'
import { persistentSourceErrors, persistentSourcesOf } from './persistent-sources.ts'

const spec = fieldPath('spec')
const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const volumeModes = ['Block', 'Filesystem']
const reclaimPolicies = ['Delete', 'Recycle', 'Retain']

function accessModeErrors(modes: readonly string[], path: Path): FieldError[] {
  const errors: FieldError[] = modes.filter((mode) => !accessModes.includes(mode)).map((mode) => notSupported(path, mode, accessModes))
  if (modes.includes('ReadWriteOncePod') && modes.some((mode) => mode !== 'ReadWriteOncePod' && accessModes.includes(mode))) errors.push(forbidden(path, 'may not use ReadWriteOncePod with other access modes'))
  return errors
}

function positiveErrors(amount: string, path: Path): FieldError[] {
  return quantityOf(amount).nano <= 0n ? [invalid(path, amount, 'must be greater than zero')] : []
}

function classNameErrors(name: string, path: Path): FieldError[] {
  return invalidEach(path, name, dns1123Subdomain(name))
}

/** ValidatePersistentVolumeClaimSpec, also for the claim templates of StatefulSets and ephemeral volumes. */
export function claimSpecErrors(body: Fields, path: Path, old?: Fields): FieldError[] {
  const modes: string[] = body.accessModes ?? []
  const errors: FieldError[] = modes.length === 0 ? [required(path.child('accessModes'), 'at least 1 access mode is required')] : []
  errors.push(...labelSelectorErrors(body.selector, path.child('selector'), hasBadSelector(old?.selector)), ...accessModeErrors(modes, path.child('accessModes')))
  const size: string | undefined = body.resources?.requests?.storage
  const at = path.child('resources').shown('[storage]', 'requests', 'storage')
  if (size === undefined) errors.push(required(at))
  else errors.push(...positiveErrors(size, at))
  if (body.storageClassName) errors.push(...classNameErrors(body.storageClassName, path.child('storageClassName')))
  if (body.volumeMode !== undefined && !volumeModes.includes(body.volumeMode)) errors.push(notSupported(path.child('volumeMode'), body.volumeMode, volumeModes))
  const lax = Boolean(old?.dataSource?.apiGroup !== undefined || old?.dataSourceRef?.apiGroup !== undefined)
  for (const name of ['dataSource', 'dataSourceRef']) if (body[name]) errors.push(...dataSourceErrors(body[name], lax, path.child(name)))
  if (body.dataSource && body.dataSourceRef?.namespace) errors.push(invalid(path, {}, 'may not be specified when dataSourceRef.namespace is specified'))
  else if (body.dataSource && body.dataSourceRef && (body.dataSource.apiGroup !== body.dataSourceRef.apiGroup || ['kind', 'name'].some((name) => (body.dataSource[name] ?? '') !== (body.dataSourceRef[name] ?? '')))) errors.push(invalid(path, {}, 'must match dataSourceRef'))
  if (body.volumeAttributesClassName) errors.push(...classNameErrors(body.volumeAttributesClassName, path.child('volumeAttributesClassName')))
  return errors
}

function dataSourceErrors(source: Fields, lax: boolean, path: Path): FieldError[] {
  const errors: FieldError[] = []
  for (const name of ['name', 'kind']) if (!source[name]) errors.push(required(path.child(name)))
  const group: string = source.apiGroup ?? ''
  if (group === '' && source.kind !== 'PersistentVolumeClaim') errors.push(invalid(path, source.kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup"))
  if (group !== '' && !lax) errors.push(...invalidEach(path.child('apiGroup'), group, dns1123Subdomain(group)))
  if (source.namespace) errors.push(...invalidEach(path.child('namespace'), source.namespace, dns1123Label(source.namespace)))
  return errors
}

export function claimErrors(claim: K8sObject, old?: K8sObject): FieldError[] {
  const errors = claimSpecErrors(claim.spec ?? {}, spec, old?.spec)
  return old ? [...errors, ...claimUpdateErrors(claim, old)] : errors
}

const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

/** ValidatePersistentVolumeClaimUpdate: the spec stays, but for what the controllers write, a first class, and a bound claim's size and attributes. */
function claimUpdateErrors(claim: K8sObject, old: K8sObject): FieldError[] {
  const body: Fields = claim.spec ?? {}
  const before: Fields = old.spec ?? {}
  const errors: FieldError[] = []
  const next: Fields = { ...body }
  const stored: Fields = { ...before }
  if (!before.volumeName) stored.volumeName = next.volumeName
  const [annotated, annotates]: [string | undefined, string | undefined] = [old.metadata.annotations?.[classAnnotation], claim.metadata.annotations?.[classAnnotation]]
  const isFirstClass = body.storageClassName !== undefined && before.storageClassName === undefined && (annotated === undefined || body.storageClassName === annotated)
  if (isFirstClass) next.storageClassName = undefined
  const movesOut = isFirstClass && annotated !== undefined && (annotates === undefined || annotates === annotated)
  if (!movesOut && (annotates ?? '') !== (annotated ?? '')) errors.push(invalid(fieldPath('metadata', 'annotations').child(classAnnotation), annotates ?? '', 'field is immutable'))
  const sizeOf = (fields: Fields): string | undefined => fields.resources?.requests?.storage
  if ((claim.status ?? old.status)?.phase === 'Bound') {
    if (next.resources?.requests) next.resources = { ...next.resources, requests: { ...next.resources.requests, storage: sizeOf(before) } }
    if (next.volumeAttributesClassName !== undefined) next.volumeAttributesClassName = before.volumeAttributesClassName
  }
  if (!isSame(next, stored)) errors.push(forbidden(spec, 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'))
  if (compareQuantities(sizeOf(body), sizeOf(before)) < 0 && compareQuantities(sizeOf(body), old.status?.capacity?.storage) <= 0) errors.push(forbidden(spec.child('resources', 'requests', 'storage'), 'field can not be less than status.capacity'))
  errors.push(...immutable(body.volumeMode, before.volumeMode, fieldPath('volumeMode')))
  return [...errors, ...attributesClassErrors(body, before, true)]
}

/** A class of attributes can be exchanged, but not given up. */
function attributesClassErrors(body: Fields, before: Fields, isClaim: boolean): FieldError[] {
  const path = spec.child('volumeAttributesClassName')
  if (before.volumeAttributesClassName === undefined) return []
  if (body.volumeAttributesClassName === undefined) return [forbidden(path, 'update from non-nil value to nil is forbidden')]
  return isClaim && body.volumeAttributesClassName === '' && before.volumeAttributesClassName !== '' ? [forbidden(path, 'update from non-nil value to an empty string is forbidden')] : []
}

export function volumeErrors(volume: K8sObject, old?: K8sObject): FieldError[] {
  const body: Fields = volume.spec ?? {}
  const errors: FieldError[] = []
  const modes: string[] = body.accessModes ?? []
  if (modes.length === 0) errors.push(required(spec.child('accessModes')))
  errors.push(...accessModeErrors(modes, spec.child('accessModes')))
  errors.push(...capacityErrors(body.capacity, spec.child('capacity')))
  const policy: string = body.persistentVolumeReclaimPolicy ?? ''
  if (policy !== '' && !reclaimPolicies.includes(policy)) errors.push(notSupported(spec.child('persistentVolumeReclaimPolicy'), policy, reclaimPolicies))
  if (body.nodeAffinity) {
    if (body.nodeAffinity.required) errors.push(...nodeSelectorErrors(body.nodeAffinity.required, spec.child('nodeAffinity', 'required')))
    else errors.push(required(spec.child('nodeAffinity', 'required'), 'must specify required node constraints'))
  }
  errors.push(...persistentSourceErrors(body, volume.metadata.name ?? '', spec))
  if (body.hostPath && cleanPath(body.hostPath.path ?? '') === '/' && policy === 'Recycle') errors.push(forbidden(spec.child('persistentVolumeReclaimPolicy'), "may not be 'recycle' for a hostPath mount of '/'"))
  if (body.storageClassName) errors.push(...classNameErrors(body.storageClassName, spec.child('storageClassName')))
  if (body.volumeMode !== undefined && !volumeModes.includes(body.volumeMode)) errors.push(notSupported(spec.child('volumeMode'), body.volumeMode, volumeModes))
  if (body.volumeAttributesClassName !== undefined) {
    const path = spec.child('volumeAttributesClassName')
    errors.push(...(body.volumeAttributesClassName === '' ? [required(path, 'an empty string is disallowed')] : classNameErrors(body.volumeAttributesClassName, path)))
    if (!body.csi) errors.push(required(spec.child('csi'), 'has to be specified when using volumeAttributesClassName'))
  }
  return old ? [...errors, ...volumeUpdateErrors(body, old.spec ?? {})] : errors
}

function capacityErrors(capacity: Fields | undefined, path: Path): FieldError[] {
  const errors: FieldError[] = []
  const names = Object.keys(capacity ?? {})
  if (names.length === 0) errors.push(required(path))
  if (capacity?.storage === undefined || names.length > 1) errors.push(notSupported(path, printedCapacity(capacity), ['storage']))
  for (const name of names) {
    const units = unitsOf(capacity![name])
    if (units < 0n) errors.push(invalid(path.key(name), units, 'must be a valid resource quantity'))
    errors.push(...positiveErrors(capacity![name], path.key(name)))
  }
  return errors
}

function printedCapacity(capacity: Fields | undefined): Fields | null {
  return capacity ? Object.fromEntries(Object.keys(capacity).sort().map((name) => [name, capacity[name]])) : null
}

function cleanPath(path: string): string {
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') kept.pop()
    else if (part !== '' && part !== '.') kept.push(part)
  }
  return `${path.startsWith('/') ? '/' : ''}${kept.join('/')}`
}

/** Labels of nodes that may be replaced in a volume's node affinity (core/validation.go: betaToGALabel). */
const renamedLabels: Record<string, string> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
}

/** The affinity with the labels that `next` has already replaced. */
function withRenamedLabels(affinity: Fields, next: Fields | undefined): Fields {
  const rename = (term: Fields, at: number): Fields => {
    const nextTerm: Fields = next?.required?.nodeSelectorTerms?.[at] ?? {}
    const renameIn = (list: string): Fields[] | undefined => (term[list] as Fields[] | undefined)?.map((requirement, index) => (renamedLabels[requirement.key] !== undefined && nextTerm[list]?.[index]?.key === renamedLabels[requirement.key] ? { ...requirement, key: renamedLabels[requirement.key] } : requirement))
    return { ...term, matchExpressions: renameIn('matchExpressions'), matchFields: renameIn('matchFields') }
  }
  return affinity.required ? { ...affinity, required: { ...affinity.required, nodeSelectorTerms: ((affinity.required.nodeSelectorTerms ?? []) as Fields[]).map(rename) } } : affinity
}

/** ValidatePersistentVolumeUpdate. */
function volumeUpdateErrors(body: Fields, before: Fields): FieldError[] {
  const errors: FieldError[] = []
  const [is, was] = [persistentSourcesOf(body), persistentSourcesOf(before)]
  if (is.csi && was.csi && was.csi.controllerExpandSecretRef === undefined) is.csi = { ...is.csi, controllerExpandSecretRef: undefined }
  if (!isSame(is, was)) errors.push(forbidden(spec.child('persistentvolumesource'), 'spec.persistentvolumesource is immutable after creation'))
  errors.push(...immutable(body.volumeMode, before.volumeMode, fieldPath('volumeMode')))
  if (before.nodeAffinity && !isSame(body.nodeAffinity, withRenamedLabels(before.nodeAffinity, body.nodeAffinity))) errors.push(invalid(fieldPath('nodeAffinity'), printedAffinity(body.nodeAffinity), 'field is immutable, except for updating from beta label to GA'))
  return [...errors, ...attributesClassErrors(body, before, false)]
}

/** A volume's affinity as Go's type prints it. */
function printedAffinity(affinity: Fields | undefined): Fields | null {
  if (!affinity) return null
  const requirements = (list: Fields[] | undefined): Fields[] | null => list?.map(({ key = '', operator = '', values = null }) => ({ Key: key, Operator: operator, Values: values })) ?? null
  const terms: Fields[] | undefined = affinity.required?.nodeSelectorTerms
  return { Required: affinity.required ? { NodeSelectorTerms: terms?.map((term) => ({ MatchExpressions: requirements(term.matchExpressions), MatchFields: requirements(term.matchFields) })) ?? null } : null }
}

export function storageClassErrors(object: K8sObject, old?: K8sObject): FieldError[] {
  if (old) return [...frozen(object.parameters, old.parameters, 'parameters', 'updates to parameters are forbidden.'), ...frozen(object.provisioner, old.provisioner, 'provisioner', 'updates to provisioner are forbidden.'), ...frozen(object.reclaimPolicy, old.reclaimPolicy, 'reclaimPolicy', 'updates to reclaimPolicy are forbidden.'), ...immutable(object.volumeBindingMode, old.volumeBindingMode, fieldPath('volumeBindingMode'))]
  const errors: FieldError[] = []
  const provisioner: string = object.provisioner ?? ''
  if (provisioner === '') errors.push(required(fieldPath('provisioner')))
  else errors.push(...invalidEach(fieldPath('provisioner'), provisioner, qualifiedName(provisioner.toLowerCase())))
  errors.push(...parameterErrors(object.parameters ?? {}, fieldPath('parameters')))
  if (object.reclaimPolicy !== undefined && !['Delete', 'Retain'].includes(object.reclaimPolicy)) errors.push(notSupported(fieldPath('reclaimPolicy'), object.reclaimPolicy, ['Delete', 'Retain']))
  if (object.volumeBindingMode === undefined) errors.push(required(fieldPath('volumeBindingMode')))
  else if (!['Immediate', 'WaitForFirstConsumer'].includes(object.volumeBindingMode)) errors.push(notSupported(fieldPath('volumeBindingMode'), object.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']))
  return [...errors, ...topologyErrors(object.allowedTopologies ?? [])]
}

function frozen(value: unknown, before: unknown, name: string, says: string): FieldError[] {
  return isSame(value, before) ? [] : [forbidden(fieldPath(name), says)]
}

function parameterErrors(parameters: Record<string, string>, path: Path): FieldError[] {
  const keys = Object.keys(parameters)
  if (keys.length > 512) return [{ ...tooLong(path, -1), message: 'Too long: may not be more than 512 bytes' }]
  const errors: FieldError[] = []
  let bytes = 0
  for (const key of keys) {
    if (key === '') errors.push(invalid(path, key, 'field can not be empty.'))
    bytes += byteLength(key) + byteLength(parameters[key]!)
  }
  if (bytes > 256 * 1024) errors.push(tooLong(path, 256 * 1024))
  return errors
}

function topologyErrors(terms: readonly Fields[]): FieldError[] {
  const errors: FieldError[] = []
  const seen: Record<string, string>[] = []
  terms.forEach((term, index) => {
    const path = fieldPath('allowedTopologies').index(index)
    const keys = new Set<string>()
    const expressions: Fields[] = term.matchLabelExpressions ?? []
    expressions.forEach((expression, at) => {
      const here = path.child('matchLabelExpressions').index(at)
      const values: string[] = expression.values ?? []
      if (values.length === 0) errors.push(required(here.child('values')))
      values.forEach((value, position) => {
        if (values.indexOf(value) < position) errors.push(duplicate(here.child('values').index(position), value))
        errors.push(...invalidEach(here.child('values').index(position), value, labelValue(value)))
      })
      errors.push(...invalidEach(here.child('key'), expression.key ?? '', qualifiedName(expression.key ?? '')))
      if (keys.has(expression.key)) errors.push(duplicate(here.child('key'), expression.key))
      keys.add(expression.key)
    })
    const whole = Object.fromEntries(expressions.map((expression) => [expression.key, [...(expression.values ?? [])].sort().join(',')]))
    // A term without expressions equals the server's not yet filled list.
    if (expressions.length === 0 || seen.some((earlier) => isSame(earlier, whole))) errors.push(duplicate(path.child('matchLabelExpressions'), ''))
    seen.push(whole)
  })
  return errors
}
