/** A private copy of a decoded object, with JSON nulls read as Go reads them. */
import type { Fields } from '../../k8s/object.ts'

/** Fields that are Go maps of text or quantities: a null member is an empty value there, not an absent field. */
const maps: Record<string, string> = {
  labels: '', annotations: '', matchLabels: '', nodeSelector: '', data: '', stringData: '', options: '', volumeAttributes: '', selector: '', userAnnotations: '',
  limits: '0', requests: '0', overhead: '0',
}

/**
 * Copies a value so that defaulting may write to it. A null field is dropped, as encoding/json leaves a Go field at its zero
 * value; a null entry of a list becomes an empty struct; a null value of a map of text stays as an empty value.
 */
export function decodedCopy<T>(value: T): T {
  return copy(value, undefined) as T
}

function copy(value: unknown, emptyMember: string | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => (item === null ? {} : copy(item, undefined)))
  const result: Fields = {}
  for (const key of Object.keys(value)) {
    const member = (value as Fields)[key]
    if (member !== null) put(result, key, typeof member === 'object' ? copy(member, Object.hasOwn(maps, key) ? maps[key] : undefined) : member)
    else if (emptyMember !== undefined) put(result, key, emptyMember)
  }
  return result
}

/** Sets an own field even when its name is `__proto__`, so that a hostile key can't change the prototype. */
function put(target: Fields, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
  else target[key] = value
}
