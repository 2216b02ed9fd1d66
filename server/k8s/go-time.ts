/** Times as Go's time.Parse reads RFC 3339, with its error texts (metav1.Time, metav1.MicroTime). */
import { quote } from './go-text.ts'

const layoutSeconds = '2006-01-02T15:04:05Z07:00'
const layoutMicro = '2006-01-02T15:04:05.000000Z07:00'

const parts: readonly { layout: string; digits: number; low?: number; high?: number; name?: string }[] = [
  { layout: '2006', digits: 4 },
  { layout: '-', digits: 0 },
  { layout: '01', digits: 2, low: 1, high: 12, name: 'month' },
  { layout: '-', digits: 0 },
  { layout: '02', digits: 2 },
  { layout: 'T', digits: 0 },
  { layout: '15', digits: 2, low: 0, high: 23, name: 'hour' },
  { layout: ':', digits: 0 },
  { layout: '04', digits: 2, low: 0, high: 59, name: 'minute' },
  { layout: ':', digits: 0 },
  { layout: '05', digits: 2, low: 0, high: 59, name: 'second' },
]

/** What is wrong with a time, as Go says it; undefined when it is one. */
export function timeError(text: string, micro = false): string | undefined {
  const head = `parsing time ${quote(text)}`
  const layout = micro ? layoutMicro : layoutSeconds
  const cannot = (rest: string, element: string): string => `${head} as ${quote(layout)}: cannot parse ${quote(rest)} as ${quote(element)}`
  let rest = text
  const numbers: number[] = []
  for (const part of parts) {
    const taken = part.digits === 0 ? part.layout : rest.slice(0, part.digits)
    if (part.digits === 0 ? !rest.startsWith(part.layout) : taken.length < part.digits || !/^[0-9]+$/.test(taken)) return cannot(rest, part.layout)
    rest = rest.slice(taken.length)
    if (part.digits === 0) continue
    const value = Number(taken)
    if (part.name && (value < part.low! || value > part.high!)) return `${head}: ${part.name} out of range`
    numbers.push(value)
  }
  const fraction = /^[.,][0-9]+/.exec(rest)?.[0] ?? ''
  if (micro && fraction.length < 7) return cannot(rest, '.000000')
  rest = rest.slice(micro ? 7 : fraction.length)
  const zone = /^(?:Z|[+-]([0-9]{2}):([0-9]{2}))/.exec(rest)
  if (!zone) return cannot(rest, 'Z07:00')
  if (zone[1] !== undefined && (Number(zone[1]) > 24 || Number(zone[2]) >= 60)) return `${head}: time zone offset ${Number(zone[1]) > 24 ? 'hour' : 'minute'} out of range`
  if (rest.length > zone[0].length) return `${head}: extra text: ${quote(rest.slice(zone[0].length))}`
  const [year, month, day] = numbers as [number, number, number]
  const days = [31, year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return day < 1 || day > days[month - 1]! ? `${head}: day out of range` : undefined
}
