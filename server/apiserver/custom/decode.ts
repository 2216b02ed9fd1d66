/** What happens to a custom resource before validation: unknown fields go, nulls go, defaults come (apiextensions-apiserver/pkg/apiserver/schema: pruning, defaulting). */
import { isFields } from '../../k8s/podspec.ts'
import type { Fields } from '../../k8s/object.ts'
import { printPath } from '../decode.ts'
import type { FieldError } from '../field.ts'
import { itemsOf, propertyNames, propertyOf, valuesOf, type Schema } from './definition.ts'

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
  if (Array.isArray(value)) return value.map((item, index) => pruneValue(item, itemsOf(schema), [...at, index], unknown))
  return isFields(value) ? pruneFields(value, schema, at, unknown, false) : value
}

function pruneFields(value: Fields, schema: Schema | undefined, at: readonly (string | number)[], unknown: FieldError[], isRoot: boolean): Fields {
  const isObject = isRoot || schema?.['x-kubernetes-embedded-resource'] === true
  const out: Fields = {}
  for (const key of Object.keys(value)) {
    const put = (kept: unknown): void => void Object.defineProperty(out, key, { value: kept, enumerable: true, configurable: true, writable: true })
    if (isObject && (key === 'apiVersion' || key === 'kind' || key === 'metadata')) put(value[key])
    else {
      const known = propertyOf(schema, key) ?? valuesOf(schema)
      if (known) put(pruneValue(value[key], known, [...at, key], unknown))
      else if (schema?.['x-kubernetes-preserve-unknown-fields'] === true || schema?.['additionalProperties'] === true) put(value[key])
      else {
        const path = printPath([...at, key])
        unknown.push({ type: 'unknownField', path, message: `unknown field "${path}"`, segments: [...at, key] })
      }
    }
  }
  return out
}

/** Drops nulls where the schema allows none and has no default, and sets defaults, in place (defaulting.PruneNonNullableNullsWithoutDefaults, Default). */
export function setDefaults(value: unknown, schema: Schema | undefined): void {
  if (Array.isArray(value)) {
    for (const item of value) setDefaults(item, itemsOf(schema))
    return
  }
  if (!isFields(value) || !schema) return
  for (const name of propertyNames(schema)) {
    const property = propertyOf(schema, name)!
    const isMissing = !Object.hasOwn(value, name) || (value[name] === null && property['nullable'] !== true)
    if (!isMissing) continue
    if (property['default'] !== undefined) value[name] = structuredCopy(property['default'])
    else if (Object.hasOwn(value, name)) delete value[name]
  }
  for (const key of Object.keys(value)) {
    const declared = propertyOf(schema, key)
    const inner = declared ?? valuesOf(schema)
    if (!declared && inner && value[key] === null && inner['nullable'] !== true) delete value[key]
    else setDefaults(value[key], inner)
  }
}

function structuredCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structuredCopy)
  return isFields(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, structuredCopy(inner)])) : value
}
