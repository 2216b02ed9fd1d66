/** Cron schedules: five fields, names, steps, ranges, and the @ macros (github.com/robfig/cron/v3 standard parser), in a time zone. */
import type { Millis } from '../../../k8s/duration.ts'

type Field = { values: Set<number>; any: boolean }
export type Schedule = { minute: Field; hour: Field; day: Field; month: Field; weekday: Field; everyMs?: Millis }

const macros: Record<string, string> = { '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *', '@monthly': '0 0 1 * *', '@weekly': '0 0 * * 0', '@daily': '0 0 * * *', '@midnight': '0 0 * * *', '@hourly': '0 * * * *' }
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const minuteMs = 60_000
const dayMs = 86_400_000

function parseField(text: string, least: number, most: number, names: readonly string[] = [], base = 0): Field | undefined {
  const values = new Set<number>()
  const number = (word: string): number => (names.includes(word.toLowerCase()) ? names.indexOf(word.toLowerCase()) + base : /^\d+$/.test(word) ? Number(word) : NaN)
  for (const part of text.split(',')) {
    const [range = '', step] = part.split('/')
    const [from = '', to] = range.split('-')
    const star = from === '*' || from === '?'
    const start = star ? least : number(from)
    const end = star ? most : to !== undefined ? number(to) : step !== undefined ? most : start
    const by = step === undefined ? 1 : Number(step)
    if (![start, end, by].every(Number.isInteger) || by < 1 || start < least || end > most || start > end) return undefined
    for (let value = start; value <= end; value += by) values.add(value)
  }
  return { values, any: /^[*?](\/1)?$/.test(text) }
}

/** The schedule, or undefined when the text is not one. */
export function parseSchedule(text: string): Schedule | undefined {
  const trimmed = text.trim()
  const every = /^@every (\d+)(s|m|h)$/.exec(trimmed)
  const expanded = every ? '* * * * *' : (macros[trimmed] ?? trimmed)
  const fields = expanded.split(/\s+/)
  if (fields.length !== 5) return undefined
  const minute = parseField(fields[0]!, 0, 59)
  const hour = parseField(fields[1]!, 0, 23)
  const day = parseField(fields[2]!, 1, 31)
  const month = parseField(fields[3]!, 1, 12, monthNames, 1)
  const weekday = parseField(fields[4]!, 0, 6, dayNames)
  if (!minute || !hour || !day || !month || !weekday) return undefined
  return { minute, hour, day, month, weekday, ...(every ? { everyMs: Number(every[1]) * { s: 1000, m: minuteMs, h: 3_600_000 }[every[2] as 's' | 'm' | 'h'] } : {}) }
}

/** Milliseconds the zone is ahead of UTC at an instant; undefined for an unknown zone. The time zone tables are those of the JavaScript engine. */
export function zoneOffset(zone: string, at: Millis): Millis | undefined {
  if (zone === 'UTC' || zone === 'Etc/UTC') return 0
  try {
    const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }).formatToParts(at)
    const part = (type: string): number => Number(parts.find((item) => item.type === type)?.value)
    return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - Math.floor(at / 1000) * 1000
  } catch {
    return undefined
  }
}

/** Day of month and day of week: both restricted means either may match, as in cron. */
function dayMatches(schedule: Schedule, local: Date): boolean {
  const byDay = schedule.day.values.has(local.getUTCDate())
  const byWeekday = schedule.weekday.values.has(local.getUTCDay())
  return schedule.day.any || schedule.weekday.any ? byDay && byWeekday : byDay || byWeekday
}

/**
 * The first time after `after` (milliseconds since 1970) at which the schedule fires in the zone; undefined when it never does within five years.
 * Example: every five minutes, after 10:02 → 10:05.
 */
export function nextTime(schedule: Schedule, after: Millis, zone = 'UTC'): Millis | undefined {
  if (schedule.everyMs) return Math.floor(after / 1000) * 1000 + schedule.everyMs
  const limit = after + 5 * 366 * dayMs
  let at = Math.floor(after / minuteMs) * minuteMs + minuteMs
  while (at <= limit) {
    const offset = zoneOffset(zone, at) ?? 0
    const local = new Date(at + offset)
    if (!schedule.month.values.has(local.getUTCMonth() + 1) || !dayMatches(schedule, local)) {
      at += dayMs - ((at + offset) % dayMs)
      continue
    }
    if (!schedule.hour.values.has(local.getUTCHours())) {
      at += 3_600_000 - ((at + offset) % 3_600_000)
      continue
    }
    if (schedule.minute.values.has(local.getUTCMinutes())) return at
    at += minuteMs
  }
  return undefined
}
