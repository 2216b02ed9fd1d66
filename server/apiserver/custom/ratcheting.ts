/** What stayed as it was in an update is not complained about again (apiserver/pkg/cel/common/equality.go; apiextensions-apiserver/pkg/apiserver/validation/ratcheting.go). */
import { isFields } from '../../k8s/podspec.ts'
import { isSame } from '../metadata.ts'
import { itemsOf, propertyOf, valuesOf, type Schema } from './definition.ts'

/** A value, the one that stood at its place before, and the schema of that place. */
export type Pair = { value: unknown; old: unknown; schema: Schema }

/** What a pair has at a field or an item; undefined where old and new cannot be told to belong together. */
export function pairAt(pair: Pair | undefined, key: string | number): Pair | undefined {
  if (!pair) return undefined
  const { value, old, schema } = pair
  if (typeof key === 'number') {
    const items = itemsOf(schema)
    const before = Array.isArray(value) && Array.isArray(old) ? oldItem(value, old, key, schema) : undefined
    return items && before !== undefined && before !== null ? { value: (value as unknown[])[key], old: before, schema: items } : undefined
  }
  const inner = propertyOf(schema, key) ?? valuesOf(schema)
  return inner && isFields(value) && isFields(old) && Object.hasOwn(value, key) && Object.hasOwn(old, key) ? { value: value[key], old: old[key], schema: inner } : undefined
}

function oldItem(list: readonly unknown[], old: readonly unknown[], index: number, schema: Schema): unknown {
  const type: unknown = schema['x-kubernetes-list-type']
  if (type === 'map') return itemBefore(list[index], old, schema)
  return type === 'set' || type === 'atomic' ? undefined : old[index]
}

/** The item with the same keys in a list that is a map. */
export function itemBefore(item: unknown, old: unknown, schema: Schema): unknown {
  const keys = schema['x-kubernetes-list-map-keys'] as string[] | undefined
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(keys) || !Array.isArray(old) || !isFields(item)) return undefined
  return old.find((other: unknown) => isFields(other) && keys.every((key) => isSame(other[key], item[key])))
}

/** Fields that no schema declares are never the same. */
export function isUnchanged(pair: Pair | undefined): boolean {
  if (!pair) return false
  const { value, old, schema } = pair
  if (Array.isArray(value) && Array.isArray(old)) {
    if (value.length !== old.length) return false
    const items = value.map((_, index) => pairAt(pair, index))
    const isWhole = schema['x-kubernetes-list-type'] !== 'map' && items.includes(undefined)
    return isWhole ? isSame(value, old) : items.every(isUnchanged)
  }
  if (isFields(value) && isFields(old)) return Object.keys(value).length === Object.keys(old).length && Object.keys(value).every((key) => isUnchanged(pairAt(pair, key)))
  return isSame(value, old)
}
