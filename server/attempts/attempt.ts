/** The state machine of an attempt. PURE: what a command means at a moment, or why it is refused. Storing is left to the verbs. */
import { keptHours, phaseOf } from './timing.ts'
import type { Clock } from './timing.ts'

export type Feedback = 'after-end' | 'practice'
export type FinishedBy = 'person' | 'deadline'
export type AttemptState = Clock & { finishedBy: FinishedBy | null; feedback: Feedback; slots: number }

export type Command =
  | { do: 'save'; slot: number }
  | { do: 'flag'; slot: number }
  | { do: 'check'; slot: number }
  | { do: 'hint'; slot: number; tier: number }
  | { do: 'explain'; slot: number }
  /** The person hands in. */
  | { do: 'finish' }
  /** The clock has run out, as far as the caller knows. */
  | { do: 'expire' }

export type Refusal = 'finished' | 'time-over' | 'not-over' | 'no-such-slot' | 'no-such-tier' | 'exam-rules'
/** `too-late` is kept, but is no answer. */
export type Arrival = 'in-time' | 'grace' | 'too-late'
export type Decision = { refused: Refusal } | { take: Arrival } | { finish: { at: Date; by: FinishedBy } } | { go: true }

const hintTiers = 2

export function decide(attempt: AttemptState, command: Command, now: Date): Decision {
  if ('slot' in command && !(Number.isInteger(command.slot) && command.slot >= 1 && command.slot <= attempt.slots)) return { refused: 'no-such-slot' }
  const phase = phaseOf(attempt, now)
  switch (command.do) {
    case 'save':
      return decideSave(attempt, now)
    case 'finish':
      if (phase === 'finished') return { refused: 'finished' }
      // After the deadline it was the clock that ended it, whoever asks.
      return { finish: phase === 'open' ? { at: now, by: 'person' } : { at: attempt.deadlineAt!, by: 'deadline' } }
    case 'expire':
      if (phase === 'finished') return { refused: 'finished' }
      return phase === 'overdue' ? { finish: { at: attempt.deadlineAt!, by: 'deadline' } } : { refused: 'not-over' }
    case 'hint':
      if (!(Number.isInteger(command.tier) && command.tier >= 1 && command.tier <= hintTiers)) return { refused: 'no-such-tier' }
      return attempt.feedback === 'practice' ? whileOpen(phase) : { refused: 'exam-rules' }
    case 'explain':
      return attempt.feedback === 'practice' ? whileOpen(phase) : { refused: 'exam-rules' }
    case 'flag':
    case 'check':
      return whileOpen(phase)
  }
}

function whileOpen(phase: ReturnType<typeof phaseOf>): Decision {
  if (phase === 'open') return { go: true }
  return { refused: phase === 'finished' ? 'finished' : 'time-over' }
}

/** Handing in closes the door; the clock does not: what comes afterwards is kept for a while. */
function decideSave(attempt: AttemptState, now: Date): Decision {
  const phase = phaseOf(attempt, now)
  if (phase === 'open') return { take: 'in-time' }
  if (phase === 'grace') return { take: 'grace' }
  if (phase === 'finished' && attempt.finishedBy !== 'deadline') return { refused: 'finished' }
  return now.getTime() <= attempt.deadlineAt!.getTime() + keptHours * 3_600_000 ? { take: 'too-late' } : { refused: 'finished' }
}
