/** Items of lists that are sets or maps differ (apiextensions-apiserver/pkg/apiserver/schema/listtype/validation.go). */
import type { Fields } from '../../k8s/object.ts'
import { isFields } from '../../k8s/podspec.ts'
import { duplicate, invalid, root, type FieldError, type Path } from '../field.ts'
import { isSame } from '../metadata.ts'
import { itemsOf, propertyOf, valuesOf, type Schema } from './definition.ts'

export function listErrors(value: unknown, schema: Schema | undefined, path: Path = root): FieldError[] {
  if (!schema) return []
  if (Array.isArray(value)) return [...repeated(value, schema, path), ...value.flatMap((item, index) => listErrors(item, itemsOf(schema), path.index(index)))]
  if (!isFields(value)) return []
  const keys = Object.keys(value)
  return [...keys.flatMap((key) => listErrors(value[key], valuesOf(schema), path.key(key))), ...keys.flatMap((key) => listErrors(value[key], propertyOf(schema, key), path.child(key)))]
}

/** Of items that are alike the second is told, and no further one. */
function repeated(list: readonly unknown[], schema: Schema, path: Path): FieldError[] {
  const type: unknown = schema['x-kubernetes-list-type']
  const names = schema['x-kubernetes-list-map-keys'] as string[] | undefined
  if (type !== 'set' && !(type === 'map' && Array.isArray(names))) return []
  const stray = type === 'map' ? list.findIndex((item) => item !== null && !isFields(item)) : -1
  if (stray >= 0) return [invalid(path.index(stray), list[stray], 'must be an object for an array of list-type map')]
  const seen: { key: unknown; times: number }[] = []
  return list.flatMap((item, index) => {
    const key = type === 'set' ? item : keyOf(item, names!)
    const known = seen.find((other) => isSame(other.key, key))
    if (!known) seen.push({ key, times: 1 })
    else if (known.times++ === 1) return [duplicate(path.index(index), key)]
    return []
  })
}

function keyOf(item: unknown, names: readonly string[]): Fields {
  return Object.fromEntries([...names].sort().flatMap((name) => (isFields(item) && Object.hasOwn(item, name) ? [[name, item[name] as unknown]] : [])))
}
