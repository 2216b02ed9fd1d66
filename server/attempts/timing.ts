/** The clock of an attempt. PURE; the server's time is the only time. */

/** For answers that were on their way when the clock ran out; they count, and are marked. */
export const graceSeconds = 15
/** How long after the deadline an answer is still kept (never scored), so that nothing typed is lost. */
export const keptHours = 24

export type Clock = { deadlineAt: Date | null; finishedAt: Date | null }
/** `grace`: the clock has run out, but answers on their way still count. `overdue`: it must be closed. */
export type Phase = 'open' | 'grace' | 'overdue' | 'finished'

export function deadlineOf(startedAt: Date, minutes: number): Date {
  return new Date(startedAt.getTime() + minutes * 60_000)
}

/** The deadline itself still counts as in time, and so does the last millisecond of the grace. */
export function phaseOf({ deadlineAt, finishedAt }: Clock, now: Date): Phase {
  if (finishedAt) return 'finished'
  if (!deadlineAt || now <= deadlineAt) return 'open'
  return now.getTime() <= deadlineAt.getTime() + graceSeconds * 1000 ? 'grace' : 'overdue'
}

/** Everything unfinished with a deadline before this moment is overdue. */
export function overdueBefore(now: Date): Date {
  return new Date(now.getTime() - graceSeconds * 1000)
}

/** Whole seconds, rounded down, never negative; null without a clock. */
export function secondsLeft(deadlineAt: Date | null, now: Date): number | null {
  return deadlineAt === null ? null : Math.max(0, Math.floor((deadlineAt.getTime() - now.getTime()) / 1000))
}
