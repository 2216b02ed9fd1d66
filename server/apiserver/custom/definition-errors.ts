/** A CustomResourceDefinition itself (apiextensions-apiserver/pkg/apis/apiextensions: v1/defaults.go, v1/conversion.go, validation/validation.go; pkg/registry/customresourcedefinition/strategy.go). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { dns1035Label, dns1123Subdomain } from '../../k8s/names.ts'
import { isFields } from '../../k8s/podspec.ts'
import { duplicate, forbidden, invalid, notSupported, required, root, tooMany, type FieldError, type Path } from '../field.ts'
import { isSame } from '../metadata.ts'
import { definitionSchemaErrors, goVersions, isAlike, unknownFormats } from './definition-schema.ts'
import type { Schema } from './definition.ts'
import { findField } from './field-paths.ts'
import { readNested } from './nested-schemas.ts'

const spec = root.child('spec')
const selectableMax = 8

/** Errors of a create, or with `old` of an update. */
export function definitionErrors(object: K8sObject, old?: K8sObject): FieldError[] {
  const own = readSpec(object)
  const expected = `${own['names'].plural ?? ''}.${own['group'] ?? ''}`
  const isRenamed = !old && object.metadata.name !== undefined && object.metadata.name !== expected
  return [
    ...(isRenamed ? [invalid(root.child('metadata', 'name'), object.metadata.name, 'must be spec.names.plural+"."+spec.group')] : []),
    ...specErrors(own),
    ...approvalErrors(object, old),
    ...storedVersionErrors(object),
    ...(old ? changeErrors(own, old) : []),
  ]
}

/** The spec with the schemas inside of schemas decoded. */
function readSpec(object: K8sObject): Fields {
  const own = object['spec'] as Fields
  return { ...own, versions: versionsOf(own).map((version) => (schemaOf(version) ? { ...version, schema: { openAPIV3Schema: readNested(schemaOf(version)!) } } : version)) }
}

/** Formats that nothing checks; on an update only those that are new. */
export function definitionWarnings(object: K8sObject, old?: K8sObject): string[] {
  const known = new Set(old ? formatsOf(old) : [])
  return formatsOf(object).flatMap((format) => (known.has(format) ? [] : [`unrecognized format "${format}"`]))
}

const formatsOf = (object: K8sObject): string[] => [...new Set(versionsOf(readSpec(object)).flatMap((version) => unknownFormats(schemaOf(version))))].sort()
const versionsOf = (own: Fields): Fields[] => (Array.isArray(own['versions']) ? (own['versions'] as Fields[]) : [])
const schemaOf = (version: Fields): Schema | undefined => (isFields(version['schema']?.openAPIV3Schema) ? version['schema'].openAPIV3Schema : undefined)

/** The server keeps what all versions have alike in one place, and names that place in its errors. */
const shared = { schema: 'validation', subresources: 'subresources', additionalPrinterColumns: 'additionalPrinterColumns', selectableFields: 'selectableFields' } as const
type Part = keyof typeof shared

function sharedParts(versions: readonly Fields[]): Set<Part> {
  const [first] = versions
  const isShared = (part: Part): boolean => first !== undefined && versions.every((version) => isAlike(version[part] ?? null, first[part] ?? null))
  const parts = new Set((Object.keys(shared) as Part[]).filter((part) => part !== 'selectableFields' && isShared(part)))
  if (parts.has('schema') && isShared('selectableFields')) parts.add('selectableFields')
  return parts
}

function specErrors(own: Fields): FieldError[] {
  const errors: FieldError[] = []
  const versions = versionsOf(own)
  const parts = sharedParts(versions)
  const group = String(own['group'] ?? '')
  const faults = dns1123Subdomain(group)
  if (group === '') errors.push(required(spec.child('group')))
  else if (faults.length > 0) errors.push(invalid(spec.child('group'), group, faults.join(',')))
  else if (!group.includes('.')) errors.push(invalid(spec.child('group'), group, 'should be a domain with at least one dot'))
  errors.push(...chosen(spec.child('scope'), own['scope'], ['Cluster', 'Namespaced']))
  if (own['preserveUnknownFields'] === true) errors.push(invalid(spec.child('preserveUnknownFields'), true, 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'))
  errors.push(...versions.flatMap((version, index) => versionErrors(version, spec.child('versions').index(index), parts)))
  if (new Set(versions.map(({ name }) => name as unknown)).size < versions.length) errors.push(invalid(spec.child('versions'), printed(versions, parts), 'must contain unique version names'))
  if (versions.filter(({ storage }) => storage === true).length !== 1) errors.push(invalid(spec.child('versions'), printed(versions, parts), 'must have exactly one version marked as storage version'))
  const [first] = versions
  if (first) {
    const name = String(first['name'] ?? '')
    const wrong = dns1035Label(name)
    if (wrong.length > 0) errors.push(invalid(spec.shown('version', 'versions', 0, 'name'), name, wrong.join(',')))
    errors.push(...partErrors(first, (part) => (parts.has(part) ? spec.shown(shared[part], 'versions', 0, part) : undefined)))
  }
  errors.push(...nameErrors(own['names'] as Fields, spec.child('names')))
  if (isFields(own['conversion'])) errors.push(...conversionErrors(own['conversion'], spec.child('conversion')))
  return errors
}

function printed(versions: readonly Fields[], parts: ReadonlySet<Part>): unknown {
  return goVersions(versions.map((version) => Object.fromEntries(Object.entries(version).filter(([key]) => !parts.has(key as Part)))))
}

function versionErrors(version: Fields, path: Path, parts: ReadonlySet<Part>): FieldError[] {
  const errors: FieldError[] = []
  const name = String(version['name'] ?? '')
  const faults = dns1035Label(name)
  if (faults.length > 0) errors.push(invalid(path.child('name'), name, faults.join(',')))
  const warning: unknown = version['deprecationWarning']
  if (typeof warning === 'string') {
    const at = path.child('deprecationWarning')
    if (version['deprecated'] !== true) errors.push(invalid(at, warning, 'can only be set for deprecated versions'))
    if (new TextEncoder().encode(warning).length > 256) errors.push(invalid(at, warning, 'must be <= 256 characters long'))
    if (warning === '') errors.push(invalid(at, warning, 'must not be an empty string'))
    const strange = [...warning].findIndex((letter) => letter !== ' ' && /[\p{C}\p{Z}]/u.test(letter))
    if (strange >= 0) errors.push(invalid(at, warning, `must only contain printable UTF-8 characters; non-printable character found at index ${new TextEncoder().encode([...warning].slice(0, strange).join('')).length}`))
  }
  if (!schemaOf(version)) errors.push(required(path.child('schema', 'openAPIV3Schema'), 'schemas are required'))
  return [...errors, ...partErrors(version, (part) => (parts.has(part) ? undefined : path.child(part)))]
}

/** Errors of the parts that have a place. */
function partErrors(version: Fields, placeOf: (part: Part) => Path | undefined): FieldError[] {
  const errors: FieldError[] = []
  const schema = schemaOf(version)
  const places = { schema: placeOf('schema'), subresources: placeOf('subresources'), columns: placeOf('additionalPrinterColumns'), selectable: placeOf('selectableFields') }
  if (places.schema) errors.push(...definitionSchemaErrors(schema, isFields(version['subresources']?.status), places.schema))
  if (places.subresources && isFields(version['subresources']?.scale)) errors.push(...scaleErrors(version['subresources'].scale, places.subresources.child('scale')))
  if (places.columns) errors.push(...((version['additionalPrinterColumns'] ?? []) as Fields[]).flatMap((column, index) => columnErrors(column, places.columns!.index(index))))
  if (places.selectable) errors.push(...selectableErrors((version['selectableFields'] ?? []) as Fields[], schema, places.selectable))
  return errors
}

/** A word that must be one of `allowed`. */
function chosen(path: Path, value: unknown, allowed: readonly string[]): FieldError[] {
  if (!value) return [required(path)]
  return allowed.includes(String(value)) ? [] : [notSupported(path, value, allowed)]
}

function nameErrors(names: Fields, path: Path): FieldError[] {
  const errors: FieldError[] = []
  for (const name of ['plural', 'singular', 'kind', 'listKind']) if (!names[name]) errors.push(required(path.child(name)))
  for (const name of ['plural', 'singular']) {
    const faults = dns1035Label(String(names[name] ?? ''))
    if (names[name] && faults.length > 0) errors.push(invalid(path.child(name), names[name], faults.join(',')))
  }
  for (const name of ['kind', 'listKind']) {
    const faults = dns1035Label(String(names[name] ?? '').toLowerCase())
    if (names[name] && faults.length > 0) errors.push(invalid(path.child(name), names[name], `may have mixed case, but should otherwise match: ${faults.join(',')}`))
  }
  for (const name of ['shortNames', 'categories']) {
    for (const [index, value] of ((names[name] ?? []) as string[]).entries()) {
      const faults = dns1035Label(value)
      if (faults.length > 0) errors.push(invalid(path.child(name).index(index), value, faults.join(',')))
    }
  }
  if (names['kind'] && names['kind'] === names['listKind']) errors.push(invalid(path.child('listKind'), names['listKind'], 'kind and listKind may not be the same'))
  return errors
}

/** `.spec.replicas`: names, dots and dashes only. */
const isSimplePath = (text: string): boolean => /^(\.[a-zA-Z0-9_-]+)+$/.test(text)

function scaleErrors(scale: Fields, path: Path): FieldError[] {
  const check = (name: string, within: readonly string[], detail: string): FieldError[] => {
    const text = String(scale[name] ?? '')
    const at = path.child(name)
    if (text === '') return name === 'labelSelectorPath' ? [] : [required(at)]
    if (!isSimplePath(text)) return [invalid(at, text, 'must be a simple json path starting with .')]
    return within.some((start) => text.startsWith(start)) ? [] : [invalid(at, text, detail)]
  }
  return [
    ...check('specReplicasPath', ['.spec.'], 'should be a json path under .spec'),
    ...check('statusReplicasPath', ['.status.'], 'should be a json path under .status'),
    ...check('labelSelectorPath', ['.spec.', '.status.'], 'should be a json path under either .spec or .status'),
  ]
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

function columnErrors(column: Fields, path: Path): FieldError[] {
  const errors: FieldError[] = []
  if (!column['name']) errors.push(required(path.child('name')))
  const types = `must be one of ${columnTypes.join(',')}`
  if (!column['type']) errors.push(required(path.child('type'), types))
  else if (!columnTypes.includes(String(column['type']))) errors.push(invalid(path.child('type'), column['type'], types))
  if (column['format'] && !columnFormats.includes(String(column['format']))) errors.push(invalid(path.child('format'), column['format'], `must be one of ${columnFormats.join(',')}`))
  const at = path.shown('JSONPath', 'jsonPath')
  if (!column['jsonPath']) errors.push(required(at))
  return errors
}

function selectableErrors(fields: readonly Fields[], schema: Schema | undefined, path: Path): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, { jsonPath }] of fields.entries()) {
    const at = path.index(index).child('jsonPath')
    const text = String(jsonPath ?? '')
    if (text === '') {
      errors.push(required(at))
      continue
    }
    const found = findField(text, schema ?? {}, false)
    if ('fault' in found) errors.push(invalid(at, text, `is an invalid path: ${found.fault}`))
    else if (text.startsWith('.metadata.') || text === '.metadata') errors.push(invalid(at, text, 'must not point to fields in metadata'))
    else if (!isScalar(found.schema)) errors.push(invalid(at, text, 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'))
    if (seen.has(text)) errors.push(duplicate(at, text))
    seen.add(text)
  }
  if (fields.length > selectableMax) errors.push(tooMany(path, fields.length, selectableMax))
  return errors
}

const isScalar = (schema: Schema | undefined): boolean => ['string', 'boolean', 'integer'].includes(String(schema?.['type']))

function conversionErrors(conversion: Fields, path: Path): FieldError[] {
  const webhook = isFields(conversion['webhook']) ? conversion['webhook'] : {}
  const client: unknown = webhook['clientConfig']
  const reviews = Array.isArray(webhook['conversionReviewVersions']) ? (webhook['conversionReviewVersions'] as string[]) : []
  const clientPath = path.shown('webhookClientConfig', 'webhook', 'clientConfig')
  const reviewsPath = path.shown('conversionReviewVersions', 'webhook', 'conversionReviewVersions')
  const strategy = chosen(path.child('strategy'), conversion['strategy'], ['None', 'Webhook'])
  if (conversion['strategy'] !== 'Webhook') {
    const detail = 'should not be set when strategy is not set to Webhook'
    return [...strategy, ...(isFields(client) ? [forbidden(clientPath, detail)] : []), ...(reviews.length > 0 ? [forbidden(reviewsPath, detail)] : [])]
  }
  return [...(isFields(client) ? clientErrors(client, clientPath) : [required(clientPath, 'required when strategy is set to Webhook')]), ...reviewErrors(reviews, reviewsPath)]
}

function reviewErrors(versions: readonly string[], path: Path): FieldError[] {
  if (versions.length === 0) return [required(path)]
  const errors: FieldError[] = []
  for (const [index, version] of versions.entries()) {
    if (versions.indexOf(version) < index) errors.push(invalid(path.index(index), version, 'duplicate version'))
    else for (const fault of dns1035Label(version)) errors.push(invalid(path.index(index), version, fault))
  }
  if (!versions.some((version) => version === 'v1' || version === 'v1beta1')) errors.push(invalid(path, versions, 'must include at least one of v1, v1beta1'))
  return errors
}

/** apiserver/pkg/util/webhook/validation.go. */
function clientErrors(client: Fields, path: Path): FieldError[] {
  const url: unknown = client['url']
  const service: unknown = client['service']
  if ((url === undefined) === !isFields(service)) return [required(path, 'exactly one of url or service is required')]
  return typeof url === 'string' ? urlErrors(url, path.child('url')) : serviceErrors(service as Fields, path.child('service'))
}

function urlErrors(text: string, path: Path): FieldError[] {
  const form = '; desired format: https://host[/path]'
  const parts = /^(?:([A-Za-z][\w+.-]*):)?(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text)
  const [, scheme = '', user, host = '', , query, fragment] = parts ?? []
  return [
    ...(scheme.toLowerCase() === 'https' ? [] : [invalid(path, text, `'https' is the only allowed URL scheme${form}`)]),
    ...(host === '' ? [invalid(path, '', `host must be specified${form}`)] : []),
    ...(user === undefined ? [] : [invalid(path, user, 'user information is not permitted in the URL')]),
    ...(fragment ? [invalid(path, fragment, 'fragments are not permitted in the URL')] : []),
    ...(query ? [invalid(path, query, 'query parameters are not permitted in the URL')] : []),
  ]
}

function serviceErrors(service: Fields, path: Path): FieldError[] {
  const errors: FieldError[] = []
  for (const name of ['name', 'namespace']) if (!service[name]) errors.push(required(path.child(name), `service ${name} is required`))
  const port: unknown = service['port']
  if (typeof port === 'number' && (port < 1 || port > 65535)) errors.push(invalid(path.child('port'), port, 'port is not valid: must be between 1 and 65535, inclusive'))
  const { path: text } = service
  if (typeof text !== 'string' || text === '' || text === '/') return errors
  const at = path.child('path')
  if (!text.startsWith('/')) return [...errors, invalid(at, text, "must start with a '/'")]
  const steps = (text.endsWith('/') ? text.slice(1, -1) : text.slice(1)).split('/')
  for (const [index, step] of steps.entries()) {
    if (step === '') errors.push(invalid(at, text, `segment[${index}] may not be empty`))
    else for (const fault of dns1123Subdomain(step)) errors.push(invalid(at, text, `segment[${index}]: ${fault}`))
  }
  return errors
}

const approval = 'api-approved.kubernetes.io'

/** Groups of Kubernetes itself need its reviewers' word. A definition that was there without it may stay. */
function approvalErrors(object: K8sObject, old?: K8sObject): FieldError[] {
  if (!isProtected(String((object['spec'] as Fields)['group'] ?? ''))) return []
  const said = object.metadata.annotations?.[approval] ?? ''
  if (isApproved(said) || (old && isSame(said, old.metadata.annotations?.[approval] ?? ''))) return []
  const place = root.child('metadata', 'annotations').key(approval)
  const see = 'https://github.com/kubernetes/enhancements/pull/1111'
  return said === '' ? [required(place, `protected groups must have approval annotation "${approval}", see ${see}`)] : [invalid(place, said, `protected groups must have approval annotation "${approval}" with either a URL or a reason starting with "unapproved", see ${see}`)]
}

const isProtected = (group: string): boolean => /(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group)
const isApproved = (said: string): boolean => said.startsWith('unapproved') || /^[A-Za-z][\w+.-]*:\/\/[^/?#]/.test(said)

function storedVersionErrors(object: K8sObject): FieldError[] {
  const path = root.child('status', 'storedVersions')
  const stored = ((object['status'] as Fields | undefined)?.['storedVersions'] ?? []) as string[]
  if (stored.length === 0) return [invalid(path, [], 'must have at least one stored version')]
  const storage = versionsOf(object['spec'] as Fields).filter((version) => version['storage'] === true)
  const missing = storage.find(({ name }) => !stored.includes(String(name)))
  return missing ? [invalid(path, stored, `must have the storage version ${String(missing['name'])}`)] : []
}

/** What stays as it was, for the objects that are stored. */
function changeErrors(own: Fields, old: K8sObject): FieldError[] {
  const before = old['spec'] as Fields
  const conditions = ((old['status'] as Fields | undefined)?.['conditions'] ?? []) as Fields[]
  const isServed = conditions.some(({ type, status }) => type === 'Established' && status === 'True')
  const kept = (path: Path, now: unknown, then: unknown): FieldError[] => (isSame(now, then) ? [] : [invalid(path, now ?? '', 'field is immutable')])
  return [
    ...kept(spec.child('group'), own['group'], before['group']),
    ...kept(spec.child('names', 'plural'), own['names'].plural, before['names']?.plural),
    ...(isServed ? [...kept(spec.child('scope'), own['scope'], before['scope']), ...kept(spec.child('names', 'kind'), own['names'].kind, before['names']?.kind)] : []),
  ]
}
