/** Values of CEL: how objects go in, and how they compare. */
import { evaluate, Optional } from '@marcbachmann/cel-js'
import { compareText } from '../object.ts'
import { Cidr, Ip, Quantity, Semver } from './kubernetes-types.ts'
import { Duration, UnsignedInt } from './library-classes.ts'

/** JSON as CEL sees it: whole numbers are 64 bit integers, objects are maps without inherited names. Undefined fields are absent. */
export function toCel(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(toCel)
  if (value === null || typeof value !== 'object') return value
  const map = new Map<string, unknown>()
  for (const key of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[key]
    if (inner !== undefined) map.set(key, toCel(inner))
  }
  return map
}

/** JSON out of a CEL value; integers beyond 2^53 lose digits. */
export function fromCel(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(fromCel)
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [String(key), fromCel(inner)]))
  return value
}

/** -1, 0 or 1 for two values of one ordered type; throws for others. */
export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  const [left, right] = [orderOf(a), orderOf(b)]
  if (left === undefined || right === undefined || (typeof left === 'object') !== (typeof right === 'object')) throw new Error('the values cannot be ordered')
  if (a instanceof Quantity && b instanceof Quantity) return a.compareTo(b)
  return left < right ? -1 : left > right ? 1 : 0
}

function orderOf(value: unknown): number | bigint | Quantity | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  if (value instanceof UnsignedInt || value instanceof Duration || value instanceof Date) return value.valueOf()
  return value instanceof Quantity ? value : undefined
}

/** Equality of any two values, numbers by amount. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (isNumber(a) && isNumber(b)) return a == b  
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((value, index) => isSame(value, b[index]))
  if (a instanceof Map && b instanceof Map) return a.size === b.size && [...a].every(([key, value]) => b.has(key) && isSame(value, b.get(key)))
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime()
  for (const type of [Quantity, Ip, Cidr, Semver]) if (a instanceof type && b instanceof type) return a.compareTo(b as never) === 0
  return a instanceof Duration && b instanceof Duration && a.valueOf() === b.valueOf()
}

const isNumber = (value: unknown): value is number | bigint => typeof value === 'number' || typeof value === 'bigint'

/** `optional.none()` and `optional.of(…)`. */
export function optionalOf(value: unknown): unknown {
  return value === undefined ? Optional.none() : Optional.of(value)
}

/** A duration as Go writes it, or undefined when the text is none. */
export function durationOf(text: string): unknown {
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*$/.test(text)) return undefined
  return evaluate(`duration(${JSON.stringify(text)})`)
}
