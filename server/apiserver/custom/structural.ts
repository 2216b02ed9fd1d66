/** Is a schema structural? Every value has a type outside of alternatives, which only narrow it (apiextensions-apiserver/pkg/apiserver/schema: validation.go, complete.go). */
import { RE2JS } from 're2js'
import { isFields } from '../../k8s/podspec.ts'
import { forbidden, invalid, required, type FieldError, type Path } from '../field.ts'
import { isSame } from '../metadata.ts'
import { itemsOf, propertyNames, propertyOf, valuesOf, type Schema } from './definition.ts'

type Level = 'root' | 'item' | 'field'

const missingType: Readonly<Record<Level, string>> = { root: 'must not be empty at the root', item: 'must not be empty for specified array items', field: 'must not be empty for specified object fields' }

/** Everything that keeps a schema from being structural. */
export function structuralErrors(schema: Schema, path: Path): FieldError[] {
  return [...spineErrors(schema, 'root', path), ...missingFromSpine(schema, schema, path, path)]
}

export const isMarked = (schema: Schema, extension: string): boolean => schema[`x-kubernetes-${extension}`] === true

const typeOf = (schema: Schema): string => (typeof schema['type'] === 'string' ? schema['type'] : '')

/** validateStructuralInvariants: the schema itself, not its alternatives. */
function spineErrors(schema: Schema, level: Level, path: Path): FieldError[] {
  const errors: FieldError[] = []
  const type = typeOf(schema)
  const isEmbedded = isMarked(schema, 'embedded-resource')
  const isIntOrString = isMarked(schema, 'int-or-string')
  const isOpen = isMarked(schema, 'preserve-unknown-fields')
  const items = itemsOf(schema)
  const values = valuesOf(schema)
  if (type === 'array' && schema['items'] === undefined) errors.push(required(path.child('items'), 'must be specified'))
  if (items) errors.push(...spineErrors(items, 'item', path.child('items')))
  for (const name of propertyNames(schema)) errors.push(...spineErrors(propertyOf(schema, name)!, 'field', path.child('properties').key(name)))
  if (schema['additionalProperties'] !== undefined && level === 'root') errors.push(forbidden(path.child('additionalProperties'), 'must not be used at the root'))
  if (values) errors.push(...spineErrors(values, 'field', path.child('additionalProperties')))
  if (isIntOrString && isOpen) errors.push(invalid(path.child('x-kubernetes-preserve-unknown-fields'), true, 'must be false if x-kubernetes-int-or-string is true'))
  if (isIntOrString && isEmbedded) errors.push(invalid(path.child('x-kubernetes-embedded-resource'), true, 'must be false if x-kubernetes-int-or-string is true'))
  errors.push(...alternativeErrors(schema, isIntOrStringPattern(schema['anyOf']), isIntOrStringPattern(partsOf(schema, 'allOf')[0]?.['anyOf']), path))
  if (isEmbedded && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true'
    errors.push(type === '' ? required(path.child('type'), detail) : invalid(path.child('type'), type, detail))
  } else if (type === '' && !isIntOrString && !isOpen) errors.push(required(path.child('type'), missingType[level]))
  if (isEmbedded && schema['additionalProperties'] !== undefined) errors.push(forbidden(path.child('additionalProperties'), 'must not be used if x-kubernetes-embedded-resource is set'))
  if (level === 'root' && type !== '' && type !== 'object') errors.push(invalid(path.child('type'), type, 'must be object at the root'))
  errors.push(...objectFieldErrors(schema, level, path))
  if (isEmbedded && !isOpen && propertyNames(schema).length === 0) errors.push(required(path.child('properties'), 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'))
  return errors
}

/** What every object has is known already: its metadata can only be narrowed by name. */
function objectFieldErrors(schema: Schema, level: Level, path: Path): FieldError[] {
  const errors: FieldError[] = []
  if (level !== 'root' && !isMarked(schema, 'embedded-resource')) return errors
  for (const [name, wanted] of [['kind', 'string'], ['apiVersion', 'string'], ['metadata', 'object']] as const) {
    const property = propertyOf(schema, name)
    if (property && typeOf(property) !== wanted) errors.push(invalid(path.child('properties').key(name).child('type'), typeOf(property), `must be ${wanted}`))
  }
  const metadata = level === 'root' ? propertyOf(schema, 'metadata') : undefined
  if (metadata && !isOnlyNamed(metadata)) errors.push(forbidden(path.child('properties').key('metadata'), 'must not specify anything other than name and generateName, but metadata is implicitly specified'))
  return errors
}

function isOnlyNamed(metadata: Schema): boolean {
  const rest = Object.keys(metadata).filter((key) => !['type', 'default', 'properties'].includes(key))
  return rest.length === 0 && propertyNames(metadata).every((name) => name === 'name' || name === 'generateName')
}

/** `anyOf` of integer and string, the one place where alternatives may have types. */
function isIntOrStringPattern(anyOf: unknown): boolean {
  return isSame(anyOf, [{ type: 'integer' }, { type: 'string' }])
}

/** The parts of `allOf`, `anyOf`, `oneOf`. */
function partsOf(schema: Schema, name: string): Schema[] {
  return Array.isArray(schema[name]) ? (schema[name] as unknown[]).filter(isFields) : []
}

/** validateValueValidation. */
function alternativeErrors(schema: Schema, mayAnyOf: boolean, mayFirstAllOf: boolean, path: Path): FieldError[] {
  const errors: FieldError[] = []
  if (!mayAnyOf) for (const [index, part] of partsOf(schema, 'anyOf').entries()) errors.push(...nestedErrors(part, false, path.child('anyOf').index(index)))
  for (const [index, part] of partsOf(schema, 'allOf').entries()) errors.push(...nestedErrors(part, mayFirstAllOf && index === 0, path.child('allOf').index(index)))
  for (const [index, part] of partsOf(schema, 'oneOf').entries()) errors.push(...nestedErrors(part, false, path.child('oneOf').index(index)))
  if (isFields(schema['not'])) errors.push(...nestedErrors(schema['not'], false, path.child('not')))
  const pattern: unknown = schema['pattern']
  const fault = typeof pattern === 'string' && pattern !== '' ? patternFault(pattern) : undefined
  if (fault) errors.push(invalid(path.child('pattern'), pattern, `must be a valid regular expression, but isn't: ${fault}`))
  return errors
}

function patternFault(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** What alternatives must leave to the schema around them, in the order of the server, with the word for its absence. */
const forbiddenInside: readonly [string, string][] = [
  ['type', 'empty'], ['additionalProperties', 'undefined'], ['default', 'undefined'], ['title', 'empty'], ['description', 'empty'], ['nullable', 'false'], ['x-kubernetes-preserve-unknown-fields', 'false'], ['x-kubernetes-embedded-resource', 'false'],
  ['x-kubernetes-int-or-string', 'false'], ['x-kubernetes-list-map-keys', 'empty'], ['x-kubernetes-list-type', 'undefined'], ['x-kubernetes-map-type', 'undefined'], ['x-kubernetes-validations', 'empty'],
]

/** validateNestedValueValidation. */
function nestedErrors(schema: Schema, mayAnyOf: boolean, path: Path): FieldError[] {
  const errors = alternativeErrors(schema, mayAnyOf, false, path)
  const items = itemsOf(schema)
  if (items) errors.push(...nestedErrors(items, false, path.child('items')))
  for (const name of propertyNames(schema)) errors.push(...nestedErrors(propertyOf(schema, name)!, false, path.child('properties').key(name)))
  for (const [name, absent] of forbiddenInside) {
    const value: unknown = schema[name]
    const isAbsent = value === undefined || value === null || (absent !== 'undefined' && (value === '' || value === false || (Array.isArray(value) && value.length === 0)))
    if (!isAbsent) errors.push(forbidden(path.child(name), `must be ${absent} to be structural`))
  }
  if (propertyOf(schema, 'metadata')) errors.push(forbidden(path.child('properties').key('metadata'), 'must not be specified in a nested context'))
  return errors
}

/** validateStructuralCompleteness: what alternatives speak of must be declared by the schema around them. `declared` is that schema, at `path`. */
function missingFromSpine(schema: Schema, declared: Schema, path: Path, at: Path): FieldError[] {
  const inside = (part: Schema, place: Path): FieldError[] => nestedMissing(part, declared, path, place)
  return [
    ...(isFields(schema['not']) ? inside(schema['not'], at.child('not')) : []),
    ...['allOf', 'anyOf', 'oneOf'].flatMap((name) => partsOf(schema, name).flatMap((part, index) => inside(part, at.child(name).index(index)))),
  ]
}

function nestedMissing(part: Schema, declared: Schema, path: Path, at: Path): FieldError[] {
  const errors = missingFromSpine(part, declared, path, at)
  const compare = (inner: Schema, outer: Schema | undefined, place: Path, innerPlace: Path): void => {
    if (outer) errors.push(...nestedMissing(inner, outer, place, innerPlace))
    else errors.push(required(place, `because it is defined in ${innerPlace}`))
  }
  const items = itemsOf(part)
  if (items) compare(items, itemsOf(declared), path.child('items'), at.child('items'))
  for (const name of propertyNames(part)) compare(propertyOf(part, name)!, propertyOf(declared, name), path.child('properties').key(name), at.child('properties').key(name))
  return errors
}
