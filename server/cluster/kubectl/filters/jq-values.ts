/** jq's values: their kinds, their order, reaching into them and reckoning with them. */
import { ProgramError } from './tokens.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type Scope = ReadonlyMap<string, Json>
export type Stream = (value: Json, scope: Scope) => Json[]

/** What a program complains about while it runs; `?` and `//` let it pass. */
export class JqError extends Error {}

export function kindOf(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

/** As error messages show a value: its kind and the text in short. */
export function shown(value: Json): string {
  const text = JSON.stringify(value)
  return `${kindOf(value)} (${text.length > 11 ? `${text.slice(0, 10)}...` : text})`
}

export const ranks = ['null', 'false', 'true', 'number', 'string', 'array', 'object']

/** jq's order over all values. */
export function compared(a: Json, b: Json): number {
  const rank = (value: Json): number => ranks.indexOf(typeof value === 'boolean' ? String(value) : kindOf(value))
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const order = compared(a[i]!, b[i]!)
      if (order !== 0) return order
    }
    return a.length - b.length
  }
  if (isObject(a) && isObject(b)) return compared(Object.keys(a).sort(), Object.keys(b).sort()) || compared(Object.keys(a).sort().map((key) => a[key]!), Object.keys(b).sort().map((key) => b[key]!))
  return 0
}

export function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export const truthy = (value: Json): boolean => value !== null && value !== false

export function index(value: Json, key: Json): Json {
  if (value === null) return null
  if (isObject(value) && typeof key === 'string') return Object.hasOwn(value, key) ? value[key]! : null
  if (Array.isArray(value) && typeof key === 'number') return value.at(Math.trunc(key)) ?? null
  if (isObject(value) || typeof key === 'string') throw new JqError(`Cannot index ${kindOf(value)} with ${typeof key === 'string' ? JSON.stringify(key) : kindOf(key)}`)
  throw new JqError(`Cannot index ${kindOf(value)} with ${kindOf(key)}`)
}

export function items(value: Json): Json[] {
  if (Array.isArray(value)) return value
  if (isObject(value)) return Object.values(value)
  throw new JqError(`Cannot iterate over ${value === null ? 'null' : shown(value)}`)
}

export function attempt(work: () => Json[]): Json[] {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof JqError)) throw error
    return []
  }
}

export function both(left: Stream, right: Stream, join: (a: Json, b: Json) => Json): Stream {
  return (value, scope) => right(value, scope).flatMap((b) => left(value, scope).map((a) => join(a, b)))
}

export function add(a: Json, b: Json): Json {
  if (a === null) return b
  if (b === null) return a
  if (typeof a === 'number' && typeof b === 'number') return a + b
  if (typeof a === 'string' && typeof b === 'string') return a + b
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b]
  if (isObject(a) && isObject(b)) return { ...a, ...b }
  throw new JqError(`${shown(a)} and ${shown(b)} cannot be added`)
}

export function minus(a: Json, b: Json): Json {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (Array.isArray(a) && Array.isArray(b)) return a.filter((one) => !b.some((other) => compared(one, other) === 0))
  throw new JqError(`${shown(a)} and ${shown(b)} cannot be subtracted`)
}

export function times(mark: string, a: Json, b: Json): Json {
  if (mark === '/' && typeof a === 'string' && typeof b === 'string') return a.split(b)
  if (typeof a !== 'number' || typeof b !== 'number') throw new JqError(`${shown(a)} and ${shown(b)} cannot be ${mark === '*' ? 'multiplied' : 'divided'}`)
  if (mark !== '*' && b === 0) throw new JqError(`${shown(a)} and ${shown(b)} cannot be divided because the divisor is zero`)
  return mark === '*' ? a * b : mark === '/' ? a / b : Math.trunc(a) % Math.trunc(b)
}

export function descendants(value: Json): Json[] {
  return [value, ...(typeof value === 'object' && value !== null ? items(value).flatMap(descendants) : [])]
}

export function plainText(source: string): string {
  try {
    return JSON.parse(`"${source}"`) as string
  } catch {
    throw new ProgramError('syntax error in a text')
  }
}

export function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export const utf8 = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text))

export const formats: Record<string, (value: Json) => string> = {
  '@text': asText,
  '@json': (value) => JSON.stringify(value),
  '@base64': (value) => btoa(utf8(asText(value))),
  '@base64d': (value) => {
    try {
      return new TextDecoder().decode(Uint8Array.from(atob(asText(value)), (letter) => letter.charCodeAt(0)))
    } catch {
      throw new JqError(`${shown(value)} is not valid base64 data`)
    }
  },
  '@tsv': (value) => items(value).map((one) => (one === null ? '' : asText(one).replaceAll('\t', '\\t').replaceAll('\n', '\\n'))).join('\t'),
  '@csv': (value) => items(value).map((one) => (one === null ? '' : typeof one === 'string' ? `"${one.replaceAll('"', '""')}"` : asText(one))).join(','),
  '@uri': (value) => encodeURIComponent(asText(value)),
}
