/** Resource quantities, exactly (apimachinery/pkg/api/resource: quantity.go, suffix.go). Amounts are whole billionths, the finest the server keeps. */

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

/** `nano` is the amount in billionths of the unit. */
export type Quantity = { nano: bigint; format: QuantityFormat }

export const quantityErrors = {
  format: "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  numeric: 'unable to parse numeric part of quantity',
  suffix: "unable to parse quantity's suffix",
} as const

const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const pattern = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/
const exponentPattern = /^[eE]([+-]?[0-9]+)$/

const exponentMax = 1000
const lengthMax = 1000
const billion = 1_000_000_000n
const unitsMax = (1n << 63n) - 1n

function suffixOf(suffix: string): { base: 2 | 10; exponent: number; format: QuantityFormat } | undefined {
  const decimal = decimalSuffixes.indexOf(suffix)
  if (decimal >= 0) return { base: 10, exponent: (decimal - 3) * 3, format: 'DecimalSI' }
  const binary = binarySuffixes.indexOf(suffix)
  if (binary >= 0) return { base: 2, exponent: binary * 10, format: 'BinarySI' }
  const exponent = exponentPattern.exec(suffix)
  if (!exponent) return undefined
  return { base: 10, exponent: Math.max(-exponentMax, Math.min(exponentMax, Number(exponent[1]))), format: 'DecimalExponent' }
}

/** ParseQuantity: the quantity, or the server's error text. Finer than a billionth is rounded away from zero; binary amounts are capped at 2^63-1. */
export function parseQuantity(text: string): Quantity | { error: string } {
  const match = text.length > lengthMax ? null : pattern.exec(text)
  if (!match || text === '') return { error: quantityErrors.format }
  const [, sign, whole, fraction = '', suffix] = match as unknown as [string, string, string, string | undefined, string]
  const meaning = suffixOf(suffix)
  if (!meaning) return { error: quantityErrors.suffix }
  // A number without digits is zero, unless the server needs it as a decimal.
  if (whole === '' && fraction === '' && meaning.base === 10 && meaning.exponent < -9) return { error: quantityErrors.numeric }
  let amount = BigInt(whole + fraction) * billion
  let scale = -fraction.length
  if (meaning.base === 2) amount *= 1n << BigInt(meaning.exponent)
  else scale += meaning.exponent
  if (scale > 0) amount *= 10n ** BigInt(scale)
  else if (scale < 0) amount = divideUp(amount, 10n ** BigInt(-scale))
  let format = meaning.format
  if (format === 'BinarySI') {
    if (amount > unitsMax * billion) amount = unitsMax * billion
    if (amount > 0n && amount < billion) format = 'DecimalSI'
  }
  return { nano: sign === '-' ? -amount : amount, format }
}

function divideUp(amount: bigint, by: bigint): bigint {
  const quotient = amount / by
  return quotient * by === amount ? quotient : amount < 0n ? quotient - 1n : quotient + 1n
}

/** Quantity.String of a freshly computed quantity: the canonical text. */
export function printQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0'
  const sign = nano < 0n ? '-' : ''
  const size = nano < 0n ? -nano : nano
  if (format === 'BinarySI' && size >= 1024n * billion && size % billion === 0n) {
    let units = size / billion
    let step = 0
    while (step < binarySuffixes.length - 1 && units % 1024n === 0n) {
      units /= 1024n
      step++
    }
    return `${sign}${units}${binarySuffixes[step]}`
  }
  let mantissa = size
  let exponent = -9
  while (mantissa % 1000n === 0n && (exponent < 18 || format === 'DecimalExponent')) {
    mantissa /= 1000n
    exponent += 3
  }
  if (format === 'DecimalExponent') return `${sign}${mantissa}${exponent === 0 ? '' : `e${exponent}`}`
  return `${sign}${mantissa}${decimalSuffixes[exponent / 3 + 3]}`
}

/**
 * ParseQuantity keeps a text that looks canonical to it and prints it again: `1.500`, `+5`, `007`, `12E3`. The others are printed anew.
 * Rounding to thousandths keeps it too where there is nothing finer.
 */
function isKept(text: string, roundTo: 'nano' | 'milli'): boolean {
  const { base, shifted, scale } = partsOf(text)
  if (!isSmall(text)) return false
  if (base === 2) return Number(shifted) % 8 !== 0
  return scale >= (roundTo === 'milli' ? -3 : -9) && scale % 3 === 0 && !shifted.endsWith('000') && shifted[0] !== '0'
}

/** Does ParseQuantity keep it as an int64 and a scale, and not as a big decimal? */
function isSmall(text: string): boolean {
  const { base, exponent, fraction, shifted, scale } = partsOf(text)
  if (base === 2) return fraction === '' && 14 - shifted.length - Math.floor((exponent * 3) / 10) >= 0
  return shifted.length <= 18 && scale >= -9
}

/** The parts of a text known to be a quantity: its digits without leading zeros (`shifted`) and the power of ten that they count. */
function partsOf(text: string): { base: 2 | 10; exponent: number; fraction: string; shifted: string; scale: number } {
  const [, , whole, fraction = '', suffix] = pattern.exec(text) as unknown as [string, string, string, string | undefined, string]
  const { base, exponent } = suffixOf(suffix)!
  return { base, exponent, fraction, shifted: (whole.replace(/^0+/, '') || '0') + fraction, scale: exponent - fraction.length }
}

const canonicalTexts = new Map<string, string>()

/** The text that the server prints for a quantity text (`1000m` → `1`), or undefined when it is none. `roundTo` milli rounds away from zero to a thousandth, as defaulting does for every resource list (SetDefaults_ResourceList). */
export function canonicalQuantity(text: string, roundTo: 'nano' | 'milli' = 'nano'): string | undefined {
  const key = roundTo === 'nano' ? text : `${text} milli`
  const known = canonicalTexts.get(key)
  if (known !== undefined) return known
  const parsed = parseQuantity(text)
  if ('error' in parsed) return undefined
  const canonical = isKept(text, roundTo) ? text : printQuantity(roundTo === 'nano' ? parsed : { ...parsed, nano: divideUp(parsed.nano, 1_000_000n) * 1_000_000n })
  if (canonicalTexts.size >= 4096) canonicalTexts.clear()
  canonicalTexts.set(key, canonical)
  return canonical
}

/** The quantity of a text known to be one; anything else counts as zero. */
export function quantityOf(text: string | number | undefined | null): Quantity {
  const parsed = parseQuantity(String(text ?? '0').trim())
  return 'error' in parsed ? { nano: 0n, format: 'DecimalSI' } : parsed
}

/** -1, 0 or 1. */
export function compareQuantities(a: string | number | undefined, b: string | number | undefined): -1 | 0 | 1 {
  const left = quantityOf(a).nano
  const right = quantityOf(b).nano
  return left < right ? -1 : left > right ? 1 : 0
}

/** The sum; its format is that of the first part that is not zero (Quantity.Add). */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format }
}

/** Quantity.Value: whole units, rounded away from zero. */
export function unitsOf(text: string | number | undefined): bigint {
  return divideUp(quantityOf(text).nano, billion)
}

/** Quantity.MilliValue: thousandths, rounded away from zero. */
export function milliValue(text: string | number | undefined): bigint {
  return divideUp(quantityOf(text).nano, 1_000_000n)
}

/**
 * Is it a whole number of units, as the server tells (`MilliValue()%1000`)? It counts thousandths in 64 bits: of an amount that it keeps as a
 * big decimal only the low bits are left when they don't fit, so that a number of twenty digits, or 9Pi, is seldom whole.
 */
export function isWhole(text: string | number | undefined): boolean {
  const milli = milliValue(text)
  return (milli > unitsMax && !isSmall(String(text).trim()) ? BigInt.asIntN(64, milli) : milli) % 1000n === 0n
}
