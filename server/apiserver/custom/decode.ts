/** What happens to a custom resource before validation: unknown fields go, nulls go, defaults come (apiextensions-apiserver/pkg/apiserver/schema: pruning, defaulting, objectmeta). */
import { isFields } from '../../k8s/podspec.ts'
import type { Fields } from '../../k8s/object.ts'
import { schemasOf } from '../../k8s/schemas/schema.ts'
import { decode, printPath } from '../decode.ts'
import { invalid, type FieldError, type Path } from '../field.ts'
import { itemsOf, propertyNames, propertyOf, valuesOf, type Schema } from './definition.ts'

/** What decoding finds: fields that the schema does not know, and a value that no resource may have at its place. */
export type Found = { unknown: FieldError[]; typeError?: FieldError }

/** A copy without fields that the schema does not know, which are listed in the order of the manifest. `apiVersion`, `kind` and `metadata` of the object itself are kept as they are. */
export function prune(object: Fields, schema: Schema): { object: Fields; unknown: FieldError[] } {
  const unknown: FieldError[] = []
  const pruned = pruneFields(object, schema, [], unknown, true)
  return { object: pruned, unknown }
}

/** Has a value fields that its schema does not know? */
export function unknownIn(value: unknown, schema: Schema): boolean {
  const unknown: FieldError[] = []
  pruneValue(value, schema, [], unknown)
  return unknown.length > 0
}

function pruneValue(value: unknown, schema: Schema | undefined, at: readonly (string | number)[], unknown: FieldError[]): unknown {
  if (Array.isArray(value)) return value.map((item, index) => (isOpen(schema) && !itemsOf(schema) ? (item as unknown) : pruneValue(item, itemsOf(schema), [...at, index], unknown)))
  return isFields(value) ? pruneFields(value, schema, at, unknown, false) : value
}

const isOpen = (schema: Schema | undefined): boolean => schema?.['x-kubernetes-preserve-unknown-fields'] === true

function pruneFields(value: Fields, schema: Schema | undefined, at: readonly (string | number)[], unknown: FieldError[], isRoot: boolean): Fields {
  const isObject = isRoot || schema?.['x-kubernetes-embedded-resource'] === true
  const out: Fields = {}
  for (const key of Object.keys(value)) {
    if (isObject && (key === 'apiVersion' || key === 'kind' || key === 'metadata')) put(out, key, value[key])
    else if (propertyOf(schema, key) || valuesOf(schema) || schema?.['additionalProperties'] === true) put(out, key, pruneValue(value[key], propertyOf(schema, key) ?? valuesOf(schema), [...at, key], unknown))
    else if (isOpen(schema)) put(out, key, value[key])
    else {
      const path = printPath([...at, key])
      unknown.push({ type: 'unknownField', path, message: `unknown field "${path}"`, segments: [...at, key] })
    }
  }
  return out
}

function put(fields: Fields, key: string, value: unknown): void {
  Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true })
}

/** Reads the metadata of an object or of a resource inside it; `at` is where it is (objectmeta.GetObjectMeta). */
export function decodeMetadata(value: unknown, at: readonly (string | number)[]): Found & { metadata: Fields } {
  const path = printPath(at)
  if (!isFields(value)) return { metadata: {}, unknown: [], ...(value === undefined || value === null ? {} : { typeError: { type: 'decode', path, message: `json: cannot unmarshal ${jsonKind(value)} into Go value of type v1.ObjectMeta`, segments: at } }) }
  const { object, typeError, unknown } = decode(value, schemasOf('1.36').typeOf('V1ObjectMeta'))
  const below = (error: FieldError): FieldError => {
    const segments = [...at, ...error.segments]
    return { ...error, path: printPath(segments), segments }
  }
  return {
    metadata: object,
    unknown: unknown.map((error) => ({ ...below(error), message: `unknown field "${printPath([...at, ...error.segments])}"` })),
    ...(typeError ? { typeError: below(typeError) } : {}),
  }
}

function jsonKind(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
}

/** Reads apiVersion, kind and metadata of resources inside an object, in place (objectmeta.Coerce). The first that is of a wrong type is told. */
export function coerceEmbedded(value: unknown, schema: Schema | undefined, path: Path, found: Found): void {
  if (!schema || found.typeError) return
  if (Array.isArray(value)) value.forEach((item, index) => coerceEmbedded(item, itemsOf(schema), path.index(index), found))
  if (!isFields(value)) return
  const refuse = (name: string, detail: string): void => void (found.typeError ??= { ...invalid(path.child(name), value[name], detail), type: 'decode' })
  if (schema['x-kubernetes-embedded-resource'] === true) {
    for (const name of ['apiVersion', 'kind']) if (Object.hasOwn(value, name) && typeof value[name] !== 'string') refuse(name, 'must be a string')
    if (Object.hasOwn(value, 'metadata')) {
      const { metadata, unknown, typeError } = decodeMetadata(value['metadata'], path.child('metadata').segments())
      if (typeError) refuse('metadata', typeError.message)
      value['metadata'] = metadata
      found.unknown.push(...unknown)
    }
  }
  for (const key of Object.keys(value)) {
    const property = propertyOf(schema, key)
    coerceEmbedded(value[key], property ?? valuesOf(schema), property ? path.child(key) : path.key(key), found)
  }
}

/** Drops nulls where the schema allows none and has no default, and sets defaults, in place (defaulting.PruneNonNullableNullsWithoutDefaults, Default). */
export function setDefaults(value: unknown, schema: Schema | undefined): void {
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    for (const [index, item] of value.entries()) {
      if (isNeedless(item, items) && hasDefault(items)) value[index] = structuredCopy(items!['default'])
      setDefaults(value[index], items)
    }
    return
  }
  if (!isFields(value) || !schema) return
  for (const name of propertyNames(schema)) {
    const property = propertyOf(schema, name)
    if (hasDefault(property) && (!Object.hasOwn(value, name) || isNeedless(value[name], property))) put(value, name, structuredCopy(property!['default']))
  }
  for (const key of Object.keys(value)) {
    const inner = propertyOf(schema, key) ?? valuesOf(schema)
    if (isNeedless(value[key], inner) && !hasDefault(inner)) delete value[key]
    else {
      if (isNeedless(value[key], inner)) put(value, key, structuredCopy(inner!['default']))
      setDefaults(value[key], inner)
    }
  }
}

const hasDefault = (schema: Schema | undefined): boolean => schema?.['default'] !== undefined && schema['default'] !== null

/** A null where none may be. */
function isNeedless(value: unknown, schema: Schema | undefined): boolean {
  return value === null && schema !== undefined && schema['nullable'] !== true
}

function structuredCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structuredCopy)
  return isFields(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, structuredCopy(inner)])) : value
}
