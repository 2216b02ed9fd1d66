/** Cron schedules as the server reads them (github.com/robfig/cron/v3: ParseStandard), with that parser's error texts. */
import { quote } from '../../k8s/go-text.ts'
import { isTimeZone } from './time-zones.ts'

type Bounds = { min: number; max: number; names?: Readonly<Record<string, number>> }

function named(names: string, first: number): Record<string, number> {
  return Object.fromEntries(names.split(' ').map((name, index) => [name, first + index]))
}

const fields: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: named('jan feb mar apr may jun jul aug sep oct nov dec', 1) },
  { min: 0, max: 6, names: named('sun mon tue wed thu fri sat', 0) },
]

const descriptors = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'])

/** What is wrong with a schedule, or undefined. */
export function scheduleFault(schedule: string): string | undefined {
  let text = schedule
  if (text.startsWith('TZ=') || text.startsWith('CRON_TZ=')) {
    const space = text.indexOf(' ')
    const zone = text.slice(text.indexOf('=') + 1, space < 0 ? undefined : space)
    if (space < 0 || (zone !== '' && zone !== 'Local' && !isTimeZone(zone))) return `provided bad location ${zone}: unknown time zone ${zone}`
    text = text.slice(space).trim()
  }
  if (text.startsWith('@')) return descriptorFault(text)
  const parts = text.split(/\s+/).filter((part) => part !== '')
  if (parts.length !== fields.length) return `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`
  for (const [index, part] of parts.entries()) {
    for (const range of part.split(',')) {
      const fault = range === '' ? undefined : rangeFault(range, fields[index]!)
      if (fault) return fault
    }
  }
  return undefined
}

function descriptorFault(text: string): string | undefined {
  if (descriptors.has(text)) return undefined
  if (!text.startsWith('@every ')) return `unrecognized descriptor: ${text}`
  const fault = durationFault(text.slice('@every '.length))
  return fault && `failed to parse duration ${text}: ${fault}`
}

const durationUnits = new Set(['ns', 'us', 'µs', 'μs', 'ms', 's', 'm', 'h'])

/** time.ParseDuration's refusals, but for amounts too large to count in nanoseconds. */
function durationFault(duration: string): string | undefined {
  let rest = duration.replace(/^[-+]/, '')
  if (rest === '0') return undefined
  do {
    const [amount] = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)?/.exec(rest)!
    if (amount === '') return `time: invalid duration ${quote(duration)}`
    const [unit] = /^[^.0-9]*/.exec(rest.slice(amount.length))!
    if (unit === '') return `time: missing unit in duration ${quote(duration)}`
    if (!durationUnits.has(unit)) return `time: unknown unit ${quote(unit)} in duration ${quote(duration)}`
    rest = rest.slice(amount.length + unit.length)
  } while (rest !== '')
  return undefined
}

/** getRange: `*`, `5`, `1-5`, any of them with `/step`. */
function rangeFault(expression: string, bounds: Bounds): string | undefined {
  const [range, step, ...slashes] = expression.split('/') as [string, string | undefined, ...string[]]
  const [low, high, ...hyphens] = range.split('-') as [string, string | undefined, ...string[]]
  let start = bounds.min
  let end = bounds.max
  if (low !== '*' && low !== '?') {
    const first = numberOf(low, bounds)
    if (typeof first === 'string') return first
    start = first
    if (hyphens.length > 0) return `too many hyphens: ${expression}`
    const last = high === undefined ? first : numberOf(high, bounds)
    if (typeof last === 'string') return last
    end = last
  }
  if (slashes.length > 0) return `too many slashes: ${expression}`
  if (step !== undefined) {
    const every = integerOf(step)
    if (typeof every === 'string') return every
    if (high === undefined) end = bounds.max
    if (start >= bounds.min && end <= bounds.max && start <= end && every === 0) return `step of range should be a positive number: ${expression}`
  }
  if (start < bounds.min) return `beginning of range (${start}) below minimum (${bounds.min}): ${expression}`
  if (end > bounds.max) return `end of range (${end}) above maximum (${bounds.max}): ${expression}`
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${expression}`
  return undefined
}

function numberOf(text: string, bounds: Bounds): number | string {
  const name = text.toLowerCase()
  return bounds.names && Object.hasOwn(bounds.names, name) ? bounds.names[name]! : integerOf(text)
}

/** strconv.Atoi, without negative numbers. */
function integerOf(text: string): number | string {
  if (!/^[-+]?[0-9]+$/.test(text)) return `failed to parse int from ${text}: strconv.Atoi: parsing ${quote(text)}: invalid syntax`
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  if (value > 9223372036854775807n || value < -9223372036854775808n) return `failed to parse int from ${text}: strconv.Atoi: parsing ${quote(text)}: value out of range`
  return value < 0n ? `negative number (${value}) not allowed: ${text}` : Number(value)
}
