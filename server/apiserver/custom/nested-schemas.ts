/** Schemas inside of schemas, where Go takes a schema or something else (apiextensions/v1/marshal.go): the server reads them by the same structs as the outer one. */
import { schemasOf } from '../../k8s/schemas/schema.ts'
import type { Fields } from '../../k8s/object.ts'
import { isFields } from '../../k8s/podspec.ts'
import { decode } from '../decode.ts'
import type { FieldError } from '../field.ts'
import type { Schema } from './definition.ts'

/** The fault is the first wrong type, told where it is in the schema. */
type Read = { schema: Schema; fault?: FieldError }

const nestedKeys = ['items', 'additionalProperties', 'additionalItems']
const nestedMaps = ['properties', 'patternProperties', 'definitions', 'dependencies']
const nestedLists = ['allOf', 'oneOf', 'anyOf']

/** A schema that is decoded itself, with everything inside decoded too. Fields that Go does not know are dropped there without a word. */
export function readNested(schema: Schema): Read {
  const out: Schema = { ...schema }
  let fault: FieldError | undefined
  const keep = (read: Read): Schema => {
    fault ??= read.fault
    return read.schema
  }
  const inside = (value: unknown): unknown => (isFields(value) ? keep(readNested(value)) : value)
  const sent = (value: unknown): unknown => (isFields(value) ? keep(readSent(value)) : typeof value === 'boolean' ? value : undefined)
  for (const name of nestedKeys) if (name in out) out[name] = name === 'items' && Array.isArray(out[name]) ? (out[name] as unknown[]).map((item) => sent(item) ?? {}) : sent(out[name])
  for (const name of nestedMaps) {
    if (!isFields(out[name])) delete out[name]
    else out[name] = Object.fromEntries(Object.entries(out[name] as Fields).map(([key, part]) => [key, name === 'dependencies' ? sent(part) : (inside(part) ?? {})]))
  }
  for (const name of nestedLists) if (Array.isArray(out[name])) out[name] = (out[name] as unknown[]).map((part) => inside(part) ?? {})
  if (isFields(out['not'])) out['not'] = inside(out['not'])
  const rules: unknown = out['x-kubernetes-validations']
  if (Array.isArray(rules)) out['x-kubernetes-validations'] = rules.map((rule: unknown) => rule ?? {})
  return { schema: out, ...(fault ? { fault } : {}) }
}

function readSent(sent: Fields): Read {
  const { object, typeError } = decode(sent, schemasOf('1.36').typeOf('V1JSONSchemaProps'))
  return typeError ? { schema: {}, fault: typeError } : readNested(object)
}
