/** What a plain YAML scalar means to kubectl (sigs.k8s.io/yaml with its goyaml.v2: resolve.go, and convertToJSONableObject for keys). */
import { NumberText } from '../number-text.ts'

const words = new Map<string, boolean | null>()
for (const word of ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']) words.set(word, true)
for (const word of ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']) words.set(word, false)
for (const word of ['', '~', 'null', 'Null', 'NULL']) words.set(word, null)

const infinities = new Set(['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF', '-.inf', '-.Inf', '-.INF'])
const notNumbers = new Set(['.nan', '.NaN', '.NAN'])
const yamlFloat = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const simpleInteger = /^(?:0|-?[1-9][0-9]{0,14})$/
const int64Min = -(2n ** 63n)
const uint64End = 2n ** 64n

export type Plain = string | number | boolean | null | NumberText

/** First characters that a value other than text can have. */
const mayBeOther = new Uint8Array(128)
for (const character of '+-0123456789yYnNtTfFoO~.') mayBeOther[character.charCodeAt(0)] = 1

/** The value of a plain scalar. Infinities and NaN are numbers here; JSON cannot carry them, so callers refuse them. */
export function resolvePlain(text: string): Plain {
  if (text === '') return null
  const code = text.charCodeAt(0)
  if (code > 127 || mayBeOther[code] === 0) return text
  const word = words.get(text)
  if (word !== undefined) return word
  if (simpleInteger.test(text)) return Number(text)
  if (infinities.has(text)) return text.startsWith('-') ? -Infinity : Infinity
  if (notNumbers.has(text)) return NaN
  if (code === 0x2e) return /^\.[0-9]+(?:[eE][-+]?[0-9]+)?$/.test(text) ? finite(Number(text), text) : text
  if ((code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2d) return numberOf(text)
  return text
}

function numberOf(text: string): Plain {
  const digits = text.includes('_') ? text.replaceAll('_', '') : text
  const integer = integerOf(digits)
  if (integer !== undefined) return integer >= BigInt(Number.MIN_SAFE_INTEGER) && integer <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(integer) : new NumberText(integer.toString())
  return yamlFloat.test(digits) ? finite(Number(digits), text) : text
}

function finite(value: number, text: string): number | string {
  return Number.isFinite(value) ? value : text
}

/** strconv.ParseInt and ParseUint with base 0: a leading 0 is octal. */
function integerOf(text: string): bigint | undefined {
  const match = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))$/.exec(text)
  if (!match) return undefined
  const [, sign, hex, binary, octal, decimal] = match
  const size = hex !== undefined ? BigInt(`0x${hex}`) : binary !== undefined ? BigInt(`0b${binary}`) : octal !== undefined ? BigInt(`0o${octal}`) : BigInt(decimal!)
  const value = sign === '-' ? -size : size
  return value >= int64Min && value < uint64End && !(sign === '+' && value >= 2n ** 63n) ? value : undefined
}

/** The text of a key that is no text itself: `on:` → `true`, `1:` → `1`. Undefined for null, which cannot be a key. */
export function keyText(value: Plain): string | undefined {
  return value === null ? undefined : value === Infinity ? '.inf' : value === -Infinity ? '-.inf' : Number.isNaN(value) ? '.nan' : String(value)
}

/** Why a plain value may not be what its author meant: YAML 1.1 has more booleans and number forms than people expect. Undefined for the usual spellings. */
export function surpriseOf(text: string, value: Plain): 'boolean' | 'octal' | 'number' | undefined {
  if (typeof value === 'boolean') return /^(?:true|false)$/i.test(text) ? undefined : 'boolean'
  if (typeof value !== 'number' && !(value instanceof NumberText)) return undefined
  if (/^[-+]?0[0-7]+$/.test(text)) return 'octal'
  return text.includes('_') || /^[-+]?0[xXbBoO]/.test(text) || /^[-+]?0[0-9]+$/.test(text) ? 'number' : undefined
}
