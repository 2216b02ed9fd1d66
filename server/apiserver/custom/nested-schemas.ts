/** Schemas inside of schemas, where Go takes a schema or something else (apiextensions/v1/marshal.go): the server reads them by the same structs as the outer one. */
import { schemasOf } from '../../k8s/schemas/schema.ts'
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { isFields } from '../../k8s/podspec.ts'
import { bySentOrder, decode, printPath } from '../decode.ts'
import type { FieldError, Segments } from '../field.ts'
import type { Schema } from './definition.ts'

/** Where a schema is: the whole way, the names of it that Go's errors tell, and the place where a decoder of its own took over. */
type Place = { at: Segments; names: readonly string[]; taken?: { at: Segments; names: readonly string[] } }

/** The first value of a wrong type in schemas inside of the schemas of a definition: it ends the decoding of the whole. */
export function nestedFault(object: K8sObject): FieldError | undefined {
  const faults: FieldError[] = []
  const versions: unknown = object['spec']?.versions
  const at = ['schema', 'openAPIV3Schema']
  if (Array.isArray(versions)) versions.forEach((version: Fields, index) => isFields(version?.['schema']?.openAPIV3Schema) && read(version['schema'].openAPIV3Schema as Schema, { at: ['spec', 'versions', index, ...at], names: ['spec', 'versions', ...at] }, faults))
  return faults.sort(bySentOrder)[0]
}

const nestedKeys = ['items', 'additionalProperties', 'additionalItems']
const nestedMaps = ['properties', 'patternProperties', 'definitions', 'dependencies']
const nestedLists = ['allOf', 'oneOf', 'anyOf']

/** A schema that is decoded itself, with everything inside decoded too. Fields that Go does not know are dropped there without a word. */
export function readNested(schema: Schema): Schema {
  return read(schema, { at: [], names: [] }, [])
}

function read(schema: Schema, place: Place, faults: FieldError[]): Schema {
  const out: Schema = { ...schema }
  const below = (name: string, ...more: Segments): Place => ({ ...place, at: [...place.at, name, ...more], names: [...place.names, name] })
  const inside = (value: unknown, at: Place): unknown => (isFields(value) ? read(value, at, faults) : value)
  const sent = (value: unknown, at: Place): unknown => (isFields(value) ? readSent(value, at, faults) : typeof value === 'boolean' ? value : undefined)
  for (const name of nestedKeys) {
    if (!(name in out)) continue
    const value: unknown = out[name]
    const isList = name === 'items' && Array.isArray(value)
    if (name !== 'items' && !isFields(value) && typeof value !== 'boolean' && value !== null) faults.push(fault('boolean or JSON schema expected', below(name).at))
    out[name] = isList ? value.map((item, index) => sent(item, below(name, index)) ?? {}) : sent(value, below(name))
  }
  for (const name of nestedMaps) {
    if (!isFields(out[name])) delete out[name]
    else out[name] = Object.fromEntries(Object.entries(out[name] as Fields).map(([key, part]) => [key, name === 'dependencies' ? sent(part, below(name, key)) : (inside(part, below(name, key)) ?? {})]))
  }
  for (const name of nestedLists) if (Array.isArray(out[name])) out[name] = (out[name] as unknown[]).map((part, index) => inside(part, below(name, index)) ?? {})
  if (isFields(out['not'])) out['not'] = inside(out['not'], below('not'))
  const rules: unknown = out['x-kubernetes-validations']
  if (Array.isArray(rules)) out['x-kubernetes-validations'] = rules.map((rule: unknown) => rule ?? {})
  return out
}

/** The error of a decoder inside is told with the place of the outermost. */
function readSent(sent: Fields, place: Place, faults: FieldError[]): Schema {
  const taken = place.taken ?? { at: place.at, names: place.names }
  const { object, typeError } = decode(sent, schemasOf('1.36').typeOf('V1JSONSchemaProps'))
  if (!typeError) return read(object, { ...place, taken }, faults)
  faults.push(fault(typeError.message.replace(/(Go struct field )\S+/, `$1JSONSchemaProps.${taken.names.join('.')}`), [...place.at, ...typeError.segments]))
  return {}
}

function fault(message: string, segments: Segments): FieldError {
  return { type: 'decode', path: printPath(segments), message, segments }
}
