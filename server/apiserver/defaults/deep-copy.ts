/** A private copy of a part of a decoded object, so that defaulting may write to it. */
import type { Fields } from '../../k8s/object.ts'

/** Copies JSON data. */
export function deepCopy<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(deepCopy) as T
  const result: Fields = {}
  for (const key of Object.keys(value)) {
    const member = (value as Fields)[key]
    if (key === '__proto__') Object.defineProperty(result, key, { value: deepCopy(member), writable: true, enumerable: true, configurable: true })
    else result[key] = typeof member === 'object' ? deepCopy(member) : member
  }
  return result as T
}
