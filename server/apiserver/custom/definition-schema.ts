/** The schema that a CustomResourceDefinition gives (apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go: validateCustomResourceDefinitionValidation, ValidateCustomResourceDefinitionOpenAPISchema). */
import { goJson, sortedKeys } from '../../k8s/go-text.ts'
import { isFields } from '../../k8s/podspec.ts'
import type { Fields } from '../../k8s/object.ts'
import { forbidden, invalid, notSupported, required, type FieldError, type Path } from '../field.ts'
import { ruleFaults, usesOldSelf } from './cel-check.ts'
import { unknownIn } from './decode.ts'
import { itemsOf, propertyNames, propertyOf, valuesOf, type Schema } from './definition.ts'
import { findField } from './field-paths.ts'
import { formatOf } from './formats.ts'
import { schemaErrors } from './schema.ts'
import { isMarked, structuralErrors } from './structural.ts'

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']
const objectFields = new Set(['metadata', 'kind', 'apiVersion'])

/** Errors of a version's schema at `path`, which ends before `openAPIV3Schema`. */
export function definitionSchemaErrors(schema: Schema | undefined, hasStatus: boolean, path: Path): FieldError[] {
  if (!schema) return []
  const at = path.child('openAPIV3Schema')
  const errors: FieldError[] = hasStatus ? rootErrors(schema, at) : []
  if (schema['nullable'] === true) errors.push(forbidden(at.child('nullable'), 'nullable cannot be true at the root'))
  const unsupported = unsupportedIn(schema)
  let mayCheckRules = false
  if (!unsupported) {
    const wrong = structuralErrors(schema, at)
    if (wrong.length === 0) wrong.push(...defaultErrors(schema, at, true))
    errors.push(...wrong)
    mayCheckRules = wrong.length === 0
  }
  const found = visit(schema, at, { isRoot: true, mayCheckRules, mayDefault: true, isMeta: false })
  errors.push(...found.schema, ...found.rules)
  if (errors.length === 0 && unsupported) errors.push(invalid(at, '', unsupported))
  return errors
}

/** What a schema may have that structure knows nothing of (NewStructural); told when nothing else is wrong. */
function unsupportedIn(schema: Schema): string | undefined {
  for (const [name, label] of [['id', 'id'], ['$schema', 'schema'], ['$ref', '$ref']] as const) if (schema[name]) return `OpenAPIV3Schema '${label}' is not supported`
  for (const name of ['patternProperties', 'dependencies', 'additionalItems', 'definitions']) if (schema[name] !== undefined && (name === 'additionalItems' || Object.keys(schema[name] as object).length > 0)) return `OpenAPIV3Schema '${name}' is not supported`
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined"
  if (Array.isArray(schema['items'])) return "OpenAPIV3Schema 'items' must be a schema, but is an array"
  for (const [, inner] of partsOf(schema)) {
    const unsupported = unsupportedIn(inner)
    if (unsupported) return unsupported
  }
  return undefined
}

/** Every schema directly inside, with the path to it. */
function partsOf(schema: Schema): [(path: Path) => Path, Schema][] {
  const parts: [(path: Path) => Path, Schema][] = []
  const items = itemsOf(schema)
  const values = valuesOf(schema)
  if (items) parts.push([(path) => path.child('items'), items])
  if (values) parts.push([(path) => path.child('additionalProperties'), values])
  for (const name of propertyNames(schema)) parts.push([(path) => path.child('properties').key(name), propertyOf(schema, name)!])
  for (const name of ['allOf', 'oneOf', 'anyOf']) if (Array.isArray(schema[name])) for (const [index, part] of (schema[name] as unknown[]).entries()) if (isFields(part)) parts.push([(path) => path.child(name).index(index), part])
  if (isFields(schema['not'])) parts.push([(path) => path.child('not'), schema['not']])
  return parts
}

/** Go's names of the fields at the root of a schema, in their order; true for those that may stand there beside a status that is a subresource. */
const rootFields: readonly [string, string, boolean][] = [
  ['id', 'ID', false], ['$schema', 'Schema', false], ['$ref', 'Ref', false], ['description', 'Description', true], ['type', 'Type', true], ['nullable', 'Nullable', false], ['format', 'Format', true], ['title', 'Title', true], ['default', 'Default', false],
  ['maximum', 'Maximum', true], ['exclusiveMaximum', 'ExclusiveMaximum', true], ['minimum', 'Minimum', true], ['exclusiveMinimum', 'ExclusiveMinimum', true], ['maxLength', 'MaxLength', true], ['minLength', 'MinLength', true], ['pattern', 'Pattern', true],
  ['maxItems', 'MaxItems', true], ['minItems', 'MinItems', true], ['uniqueItems', 'UniqueItems', true], ['multipleOf', 'MultipleOf', true], ['enum', 'Enum', false], ['maxProperties', 'MaxProperties', false], ['minProperties', 'MinProperties', false],
  ['required', 'Required', true], ['items', 'Items', true], ['allOf', 'AllOf', false], ['oneOf', 'OneOf', false], ['anyOf', 'AnyOf', false], ['not', 'Not', false], ['properties', 'Properties', true], ['additionalProperties', 'AdditionalProperties', false],
  ['patternProperties', 'PatternProperties', false], ['dependencies', 'Dependencies', false], ['additionalItems', 'AdditionalItems', false], ['definitions', 'Definitions', false], ['externalDocs', 'ExternalDocs', true], ['example', 'Example', true],
  ['x-kubernetes-preserve-unknown-fields', 'XPreserveUnknownFields', true], ['x-kubernetes-embedded-resource', 'XEmbeddedResource', false], ['x-kubernetes-int-or-string', 'XIntOrString', false], ['x-kubernetes-list-map-keys', 'XListMapKeys', false],
  ['x-kubernetes-list-type', 'XListType', false], ['x-kubernetes-map-type', 'XMapType', false], ['x-kubernetes-validations', 'XValidations', true],
]
const allowedAtRoot = 'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations'

/** With a status of its own only the first thing that may not stand at the root is told. */
function rootErrors(schema: Schema, path: Path): FieldError[] {
  for (const [name, , isAllowed] of rootFields) {
    const value: unknown = schema[name]
    if (value === undefined || value === null || value === '' || value === false) continue
    if (name === 'type' && value !== 'object') return [invalid(path.child('type'), value, String.raw`only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled`)]
    if (!isAllowed) return [invalid(path, goSchema(schema), `only [${allowedAtRoot}] fields are allowed at the root of the schema if the status subresource is enabled`)]
  }
  return []
}

const zeroTexts = new Set(['ID', 'Schema', 'Description', 'Type', 'Format', 'Title', 'Pattern'])
const zeroFlags = new Set(['Nullable', 'ExclusiveMaximum', 'ExclusiveMinimum', 'UniqueItems', 'XEmbeddedResource', 'XIntOrString'])
const lists = new Set(['AllOf', 'OneOf', 'AnyOf'])
const maps = new Set(['Properties', 'PatternProperties', 'Definitions'])

/** A schema as Go prints the struct it has inside the server. */
function goSchema(schema: Schema): Fields {
  const inner = (value: unknown): unknown => (isFields(value) ? goSchema(value) : null)
  return Object.fromEntries(
    rootFields.map(([name, goName]) => {
      const value: unknown = schema[name]
      if (value === undefined || value === null) return [goName, zeroTexts.has(goName) ? '' : zeroFlags.has(goName) ? false : null]
      if (lists.has(goName)) return [goName, (value as unknown[]).map(inner)]
      if (maps.has(goName)) return [goName, Object.fromEntries(Object.entries(sortedKeys(value as Fields)!).map(([key, part]) => [key, inner(part)]))]
      if (goName === 'Not') return [goName, inner(value)]
      if (goName === 'Items') return [goName, { Schema: Array.isArray(value) ? null : inner(value), JSONSchemas: Array.isArray(value) ? value.map(inner) : null }]
      if (goName === 'AdditionalProperties' || goName === 'AdditionalItems') return [goName, { Allows: value !== false, Schema: inner(value) }]
      if (goName === 'ExternalDocs') return [goName, { Description: (value as Fields).description ?? '', URL: (value as Fields).url ?? '' }]
      if (goName === 'XValidations') return [goName, (value as Fields[]).map(goRule)]
      return [goName, value]
    }),
  )
}

function goRule(rule: Fields): Fields {
  return { Rule: rule.rule ?? '', Message: rule.message ?? '', MessageExpression: rule.messageExpression ?? '', Reason: rule.reason ?? null, FieldPath: rule.fieldPath ?? '', OptionalOldSelf: rule.optionalOldSelf ?? null }
}

/** Defaults must be valid and have no fields that would be pruned (defaulting.ValidateDefaults). Those inside of metadata are left to the server. */
function defaultErrors(schema: Schema, path: Path, isRoot: boolean): FieldError[] {
  const errors: FieldError[] = []
  const value: unknown = schema['default']
  if (value !== undefined && value !== null) {
    const at = path.child('default')
    if (unknownIn(value, schema)) errors.push(invalid(at, value, 'must not have unknown fields'))
    errors.push(...schemaErrors(value, schema).map((error) => ({ ...error, path: error.path === '<nil>' ? at.toString() : `${at.toString()}.${error.path}`, segments: [...at.segments(), ...error.segments] })))
  }
  const items = itemsOf(schema)
  if (items) errors.push(...defaultErrors(items, path.child('items'), false))
  const isObject = isRoot || isMarked(schema, 'embedded-resource')
  for (const name of propertyNames(schema)) if (!isObject || !objectFields.has(name)) errors.push(...defaultErrors(propertyOf(schema, name)!, path.child('properties').key(name), false))
  return errors
}

/** `noOldSelf` is the highest place below which old and new values cannot be told apart; `noDefault` says why defaults are forbidden. */
type Place = { isRoot: boolean; mayCheckRules: boolean; mayDefault: boolean; noDefault?: string; isMeta: boolean; noOldSelf?: Path }
type Found = { schema: FieldError[]; rules: FieldError[] }

function visit(schema: Schema, path: Path, place: Place): Found {
  const found: Found = { schema: standardErrors(schema, path, place), rules: [] }
  const add = (inner: unknown, at: Path, change: Partial<Place>): void => {
    if (!isFields(inner)) return
    const part = visit(inner, at, { ...place, isRoot: false, ...change })
    found.schema.push(...part.schema)
    found.rules.push(...part.rules)
  }
  if (schema['uniqueItems'] === true) found.schema.push(forbidden(path.child('uniqueItems'), 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'))
  const additional: unknown = schema['additionalProperties']
  if (additional !== undefined && additional !== null) {
    if (propertyNames(schema).length > 0 && additional !== true) found.schema.push(forbidden(path.child('additionalProperties'), 'additionalProperties and properties are mutual exclusive'))
    add(additional, path.child('additionalProperties'), place.isMeta ? { mayDefault: false, noDefault: 'inside additionalProperties applying to object metadata' } : {})
  }
  const mapType: unknown = schema['x-kubernetes-map-type']
  const unrelated = { noOldSelf: place.noOldSelf ?? path }
  for (const name of propertyNames(schema)) {
    const isObjectField = (place.isRoot || isMarked(schema, 'embedded-resource')) && objectFields.has(name)
    add(propertyOf(schema, name), path.child('properties').key(name), {
      ...(mapType === undefined || mapType === 'granular' || mapType === 'atomic' ? {} : unrelated),
      ...(isObjectField ? { isMeta: true } : {}),
      ...(isObjectField && place.isRoot ? { mayDefault: false, noDefault: `in top-level ${name}` } : {}),
    })
  }
  const without = { mayCheckRules: false }
  add(schema['not'], path.child('not'), without)
  for (const name of ['allOf', 'oneOf', 'anyOf']) if (Array.isArray(schema[name])) for (const [index, part] of (schema[name] as unknown[]).entries()) add(part, path.child(name).index(index), without)
  for (const name of ['definitions', 'dependencies']) if (isFields(schema[name])) for (const key of Object.keys(schema[name] as Fields)) add((schema[name] as Fields)[key], path.child(name).key(key), without)
  const items: unknown = schema['items']
  const inItems = schema['x-kubernetes-list-type'] === 'map' ? {} : unrelated
  if (Array.isArray(items)) for (const [index, part] of items.entries()) add(part, path.child('items').index(index), inItems)
  else add(items, path.child('items'), inItems)
  found.schema.push(...extensionErrors(schema, path), ...ruleShapeErrors(schema, path))
  if (found.schema.length === 0 && place.mayCheckRules) found.rules.push(...ruleErrors(schema, path, place))
  return found
}

/** What OpenAPI has and Kubernetes has not (specStandardValidatorV3). */
function standardErrors(schema: Schema, path: Path, place: Place): FieldError[] {
  const errors: FieldError[] = []
  const type = String(schema['type'] ?? '')
  if (type !== '' && !types.includes(type)) errors.push(notSupported(path.child('type'), type, types))
  if (schema['default'] !== undefined && schema['default'] !== null && !place.mayDefault) errors.push(forbidden(path.child('default'), `must not be set ${place.noDefault}`))
  const refuse = (name: string, text = `${name} is not supported`): void => void errors.push(forbidden(path.child(name), text))
  if (schema['id']) refuse('id')
  if (schema['additionalItems'] !== undefined) refuse('additionalItems')
  for (const name of ['patternProperties', 'definitions']) if (isFields(schema[name]) && Object.keys(schema[name] as Fields).length > 0) refuse(name)
  if (schema['dependencies'] !== undefined) refuse('dependencies')
  if (schema['$ref'] !== undefined) refuse('$ref')
  if (type === 'null') refuse('type', 'type cannot be set to null, use nullable as an alternative')
  if (Array.isArray(schema['items']) && schema['items'].length > 0) refuse('items', 'items must be a schema object and not an array')
  if (place.isMeta && isMarked(schema, 'embedded-resource')) refuse('x-kubernetes-embedded-resource', 'must not be used inside of resource meta')
  return errors
}

function extensionErrors(schema: Schema, path: Path): FieldError[] {
  const errors: FieldError[] = []
  const type = String(schema['type'] ?? '')
  const items = itemsOf(schema)
  const [mapType, listType] = [schema['x-kubernetes-map-type'], schema['x-kubernetes-list-type']] as (string | undefined)[]
  const keys = (schema['x-kubernetes-list-map-keys'] ?? []) as string[]
  const wantsType = (wanted: string, extension: string): void => {
    const detail = `must be ${wanted} if x-kubernetes-${extension} is specified`
    errors.push(type === '' ? required(path.child('type'), detail) : invalid(path.child('type'), type, detail))
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) errors.push(invalid(path.child('x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined'))
  if (mapType !== undefined && type !== 'object') wantsType('object', 'map-type')
  if (mapType !== undefined && mapType !== 'atomic' && mapType !== 'granular') errors.push(notSupported(path.child('x-kubernetes-map-type'), mapType, ['atomic', 'granular']))
  if (listType !== undefined && type !== 'array') wantsType('array', 'list-type')
  else if (listType === 'set' && items) {
    const inner: unknown = items['x-kubernetes-list-type'] ?? null
    const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set'
    if (items['type'] === 'array' && inner !== null && inner !== 'atomic') errors.push(invalid(path.child('items', 'x-kubernetes-list-type'), inner, detail))
    if (items['type'] === 'object' && items['x-kubernetes-map-type'] !== 'atomic') errors.push(invalid(path.child('items', 'x-kubernetes-map-type'), inner ?? 'null', detail))
  }
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType)) errors.push(notSupported(path.child('x-kubernetes-list-type'), listType, ['atomic', 'set', 'map']))
  if (keys.length > 0 && listType !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty'
    errors.push(listType === undefined ? required(path.child('x-kubernetes-list-type'), detail) : invalid(path.child('x-kubernetes-list-type'), listType, detail))
  }
  if (listType === 'map') errors.push(...mapListErrors(schema, keys, path))
  if (items && (listType === 'set' || listType === 'map')) errors.push(...keyedItemErrors(items, listType, keys, path.child('items')))
  return errors
}

function mapListErrors(schema: Schema, keys: readonly string[], path: Path): FieldError[] {
  const errors: FieldError[] = []
  const items = itemsOf(schema)
  const keysPath = path.child('x-kubernetes-list-map-keys')
  if (keys.length === 0) errors.push(required(keysPath, 'must not be empty if x-kubernetes-list-type is map'))
  if (schema['items'] === undefined) errors.push(required(path.child('items'), 'must have a schema if x-kubernetes-list-type is map'))
  else if (!items) errors.push(invalid(path.child('items'), goSchema(schema)['Items'], 'must only have a single schema if x-kubernetes-list-type is map'))
  if (!items) return errors
  if (items['type'] !== 'object') return [...errors, invalid(path.child('items', 'type'), items['type'] ?? '', "must be object if parent array's x-kubernetes-list-type is map")]
  for (const [index, key] of keys.entries()) {
    const type: unknown = propertyOf(items, key)?.['type']
    if (!propertyOf(items, key)) errors.push(invalid(keysPath, keys, 'entries must all be names of item properties'))
    else if (type === 'array' || type === 'object') errors.push(invalid(path.child('items', 'properties').key(key).child('type'), items['type'], "must be a scalar type if parent array's x-kubernetes-list-type is map"))
    if (keys.indexOf(key) < index) errors.push(invalid(keysPath, keys, 'must not contain duplicate entries'))
  }
  return errors
}

/** validateMapListKeysMapSet: items of sets and maps are never null, and keys are always there. */
function keyedItemErrors(items: Schema, listType: string, keys: readonly string[], path: Path): FieldError[] {
  const errors: FieldError[] = items['nullable'] === true ? [forbidden(path.child('nullable'), `cannot be nullable when x-kubernetes-list-type is ${listType}`)] : []
  const always = Array.isArray(items['required']) ? (items['required'] as string[]) : []
  for (const key of listType === 'map' ? keys : []) {
    const property = propertyOf(items, key)
    if (!property) continue
    const at = path.child('properties').key(key)
    if (!always.includes(key) && (property['default'] ?? undefined) === undefined) errors.push(required(at.child('default'), 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'))
    if (property['nullable'] === true) errors.push(forbidden(at.child('nullable'), 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'))
  }
  return errors
}

const hasNewline = (text: string): boolean => /[\n\r]/.test(text)

/** Rules but for the expressions in them. */
function ruleShapeErrors(schema: Schema, path: Path): FieldError[] {
  return rulesOf(schema).flatMap((rule, index) => {
    const errors: FieldError[] = []
    const at = path.child('x-kubernetes-validations').index(index)
    const { rule: text = '', message = '', messageExpression = '', reason, fieldPath = '' } = rule as Record<string, string | undefined>
    const said = message.trim()
    if (text.trim() === '') errors.push(required(at.child('rule'), 'rule is not specified'))
    else if (message !== '' && said === '') errors.push(invalid(at.child('message'), message, 'message must be non-empty if specified'))
    else if (hasNewline(said)) errors.push(invalid(at.child('message'), message, 'message must not contain line breaks'))
    else if (hasNewline(text.trim()) && said === '') errors.push(required(at.child('message'), 'message must be specified if rule contains line breaks'))
    if (messageExpression !== '' && messageExpression.trim() === '') errors.push(required(at.child('messageExpression'), 'messageExpression must be non-empty if specified'))
    if (reason !== undefined && !reasons.includes(reason)) errors.push(notSupported(at.child('reason'), reason, reasons))
    if (fieldPath === '') return errors
    if (fieldPath.trim() === '') errors.push(invalid(at.child('fieldPath'), fieldPath, 'fieldPath must be non-empty if specified'))
    if (hasNewline(fieldPath)) errors.push(invalid(at.child('fieldPath'), fieldPath, 'fieldPath must not contain line breaks'))
    if (!unsupportedIn(schema) && 'fault' in findField(fieldPath, schema, true)) errors.push(invalid(at.child('fieldPath'), fieldPath, 'fieldPath must be a valid path'))
    return errors
  })
}

function rulesOf(schema: Schema): Fields[] {
  return Array.isArray(schema['x-kubernetes-validations']) ? (schema['x-kubernetes-validations'] as Fields[]) : []
}

/** The expressions of the rules. What they may cost is not estimated. */
function ruleErrors(schema: Schema, path: Path, place: Place): FieldError[] {
  return rulesOf(schema).flatMap((rule, index) => {
    const errors: FieldError[] = []
    const at = path.child('x-kubernetes-validations').index(index)
    const faults = ruleFaults(rule, schema, place.isRoot)
    if (faults.rule) errors.push(invalid(at.child('rule'), goRule(rule), faults.rule))
    if (faults.messageExpression) errors.push(invalid(at.child('messageExpression'), goRule(rule), faults.messageExpression))
    if (faults.rule) return errors
    if (usesOldSelf(String(rule['rule']))) {
      if (place.noOldSelf) errors.push(invalid(at.child('rule'), rule['rule'], `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.noOldSelf.toString()}`))
    } else if (rule['optionalOldSelf'] !== undefined) errors.push(invalid(at.child('optionalOldSelf'), rule['optionalOldSelf'], 'may not be set if oldSelf is not used in rule'))
    return errors
  })
}

/** `spec.versions` as Go prints the versions: what all of them have alike is elsewhere by then. */
export function goVersions(versions: readonly Fields[]): Fields[] {
  return versions.map((version) => ({
    Name: version.name ?? '',
    Served: version.served === true,
    Storage: version.storage === true,
    Deprecated: version.deprecated === true,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: version.schema ? { OpenAPIV3Schema: isFields(version.schema.openAPIV3Schema) ? goSchema(version.schema.openAPIV3Schema) : null } : null,
    Subresources: version.subresources ? { Status: version.subresources.status ? {} : null, Scale: goScale(version.subresources.scale as Fields | undefined) } : null,
    AdditionalPrinterColumns: version.additionalPrinterColumns ? (version.additionalPrinterColumns as Fields[]).map((column) => ({ Name: column.name ?? '', Type: column.type ?? '', Format: column.format ?? '', Description: column.description ?? '', Priority: column.priority ?? 0, JSONPath: column.jsonPath ?? '' })) : null,
    SelectableFields: version.selectableFields ? (version.selectableFields as Fields[]).map((selectable) => ({ JSONPath: selectable.jsonPath ?? '' })) : null,
  }))
}

function goScale(scale: Fields | undefined): Fields | null {
  return scale ? { SpecReplicasPath: scale.specReplicasPath ?? '', StatusReplicasPath: scale.statusReplicasPath ?? '', LabelSelectorPath: scale.labelSelectorPath ?? null } : null
}

/** Formats that the server knows nothing of, as its warnings name them. */
export function unknownFormats(schema: Schema | undefined): string[] {
  if (!schema) return []
  const format: unknown = schema['format']
  const own = typeof format === 'string' && format !== formatOf(schema) ? [format] : []
  return [...own, ...partsOf(schema).flatMap(([, inner]) => unknownFormats(inner))]
}

/** Do two parts of versions say the same? */
export function isAlike(a: unknown, b: unknown): boolean {
  return goJson(ordered(a)) === goJson(ordered(b))
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  return isFields(value) ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, ordered(value[key])])) : value
}
