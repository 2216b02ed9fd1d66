/** `format` and `quote` of the string extensions (cel-go ext/formatting_v2.go, ext/strings.go). */
import { compareText } from '../object.ts'
import { Duration, UnsignedInt } from './library-classes.ts'

/** Fills `%s %d %f %e %b %o %x %X` with the values in turn; throws where clause and value do not fit. */
export function formatText(text: string, values: readonly unknown[]): string {
  let next = 0
  let result = ''
  for (let index = 0; index < text.length; index++) {
    if (text[index] !== '%') {
      result += text[index]
      continue
    }
    const clause = /^%(?:\.(\d+))?([a-zA-Z%])/.exec(text.slice(index, index + 12))
    if (!clause) throw new Error('unexpected end of string')
    index += clause[0].length - 1
    if (clause[2] === '%') {
      result += '%'
      continue
    }
    if (next >= values.length) throw new Error(`index ${next} out of range`)
    result += printClause(clause[2]!, clause[1] === undefined ? undefined : Number(clause[1]), values[next++])
  }
  return result
}

function printClause(clause: string, precision: number | undefined, value: unknown): string {
  if (precision !== undefined && precision > 100) throw new Error('precision is too large')
  switch (clause) {
    case 's':
      return printValue(value)
    case 'd':
      return integerOf(value, clause).toString()
    case 'f':
      return isFiniteNumber(value) ? Number(value).toFixed(precision ?? 6) : specialNumber(value, clause)
    case 'e':
      return isFiniteNumber(value) ? Number(value).toExponential(precision ?? 6).replace(/e([+-])(\d)$/, 'e$10$2') : specialNumber(value, clause)
    case 'b':
      return typeof value === 'boolean' ? (value ? '1' : '0') : integerOf(value, clause).toString(2)
    case 'o':
      return integerOf(value, clause).toString(8)
    case 'x':
    case 'X': {
      const hex = typeof value === 'string' ? hexOf(new TextEncoder().encode(value)) : value instanceof Uint8Array ? hexOf(value) : integerOf(value, clause).toString(16)
      return clause === 'X' ? hex.toUpperCase() : hex
    }
    default:
      throw new Error(`unrecognized formatting clause "${clause}"`)
  }
}

const hexOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
const isFiniteNumber = (value: unknown): boolean => typeof value === 'bigint' || value instanceof UnsignedInt || (typeof value === 'number' && Number.isFinite(value))

function specialNumber(value: unknown, clause: string): string {
  if (typeof value !== 'number') throw wrongClause(clause)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
}

function integerOf(value: unknown, clause: string): bigint {
  if (typeof value === 'bigint') return value
  if (value instanceof UnsignedInt) return value.valueOf()
  if (typeof value === 'number' && Number.isInteger(value) && clause === 'd') return BigInt(value)
  throw wrongClause(clause)
}

const wrongClause = (clause: string): Error => new Error(`%${clause} cannot print this type of value`)

/** `%s`: lists as `[1, a]`, maps as `{a: 1}` with sorted keys. */
export function printValue(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return Number.isNaN(value) ? 'NaN' : value === Infinity ? 'Infinity' : value === -Infinity ? '-Infinity' : String(value)
  if (Array.isArray(value)) return `[${value.map(printValue).join(', ')}]`
  if (value instanceof Map) return `{${[...value].map(([key, inner]) => [printValue(key), printValue(inner)] as const).sort(([a], [b]) => compareText(a, b)).map(([key, inner]) => `${key}: ${inner}`).join(', ')}}`
  if (value instanceof Date) return value.toISOString().replace(/\.000Z$/, 'Z')
  if (value instanceof Duration) return `${value.valueOf() / 1000}s`
  if (value instanceof Uint8Array) return new TextDecoder().decode(value)
  if (typeof value === 'object' && value.constructor === Object) return printValue(new Map(Object.entries(value)))
  return String(value)
}

const escapes: Readonly<Record<string, string>> = { '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v', '\\': '\\\\', '"': '\\"' }

/** The text in quotes, with CEL's escapes. */
export function quoteText(text: string): string {
  return `"${[...text].map((letter) => escapes[letter] ?? letter).join('')}"`
}
