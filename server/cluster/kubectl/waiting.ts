/** Commands that wait: virtual time passes for them, up to a limit, and never in the past. */
import type { Millis } from '../types.ts'
import type { Console } from './console.ts'

const stepMs = 100
/** Nothing waits longer, however much it was given: time that passes here is time somebody sits in front of. */
const longestMs: Millis = 3_600_000
/** How long a waiting command holds on when nobody says otherwise. */
export const defaultPatienceMs: Millis = 60_000

/** Lets time pass until `done` or until `limitMs` is over; true when done. In the past nothing passes. */
export function waitUntil(console: Console, limitMs: Millis, done: () => boolean): boolean {
  if (done()) return true
  if (console.past || console.patience === 0) return false
  const end = console.cluster.now + Math.min(limitMs, longestMs)
  while (console.cluster.now < end) {
    console.mutated = true
    if (!console.cluster.advance(Math.min(console.cluster.now + stepMs, end))) return done()
    if (done()) return true
  }
  return false
}

/** The longest this command may wait: its own --timeout or --request-timeout, or the session's patience. */
export function patienceOf(console: Console, flag = 'timeout'): Millis {
  if (console.patience === 0) return 0
  const own = console.flags.duration(flag)
  if (own > 0) return own
  const request = /^\d+$/.test(console.flags.text('request-timeout')) ? Number(console.flags.text('request-timeout')) * 1000 : console.flags.duration('request-timeout')
  return request > 0 ? request : (console.patience ?? defaultPatienceMs)
}
