import { describe, expect, it } from 'vitest'
import { decide } from '../../server/attempts/attempt.ts'
import type { AttemptState, Command, Decision } from '../../server/attempts/attempt.ts'
import { deadlineOf, phaseOf, secondsLeft } from '../../server/attempts/timing.ts'

const start = new Date('2026-03-04T10:00:00.000Z')
const deadlineAt = deadlineOf(start, 30)
const after = (ms: number) => new Date(deadlineAt.getTime() + ms)
const day = 24 * 3_600_000

const running: AttemptState = { deadlineAt, finishedAt: null, finishedBy: null, feedback: 'after-end', slots: 3 }
const untimed: AttemptState = { ...running, deadlineAt: null, feedback: 'practice' }
const handedIn: AttemptState = { ...running, finishedAt: after(-60_000), finishedBy: 'person' }
const timedOut: AttemptState = { ...running, finishedAt: deadlineAt, finishedBy: 'deadline' }
const study: AttemptState = { ...running, feedback: 'practice' }

const save: Command = { do: 'save', slot: 1 }
const rows: [string, AttemptState, Command, Date, Decision][] = [
  ['save long before', running, save, start, { take: 'in-time' }],
  ['save in the last millisecond', running, save, after(-1), { take: 'in-time' }],
  ['save at the deadline', running, save, after(0), { take: 'in-time' }],
  ['save a millisecond late', running, save, after(1), { take: 'grace' }],
  ['save at the end of the grace', running, save, after(15_000), { take: 'grace' }],
  ['save after the grace, not closed yet', running, save, after(15_001), { take: 'too-late' }],
  ['save after the grace, closed', timedOut, save, after(15_001), { take: 'too-late' }],
  ['save ten minutes late', timedOut, save, after(600_000), { take: 'too-late' }],
  ['save a day late', timedOut, save, after(day), { take: 'too-late' }],
  ['save more than a day late', timedOut, save, after(day + 1), { refused: 'finished' }],
  ['save after handing in', handedIn, save, after(-30_000), { refused: 'finished' }],
  ['save without a clock', untimed, save, after(100 * day), { take: 'in-time' }],
  ['save with the clock of the machine set back', timedOut, save, after(-60_000), { take: 'too-late' }],
  ['save into no slot', running, { do: 'save', slot: 4 }, start, { refused: 'no-such-slot' }],
  ['save into slot 0', running, { do: 'save', slot: 0 }, start, { refused: 'no-such-slot' }],
  ['save into slot 1.5', running, { do: 'save', slot: 1.5 }, start, { refused: 'no-such-slot' }],
  ['flag while open', running, { do: 'flag', slot: 2 }, start, { go: true }],
  ['flag in the grace', running, { do: 'flag', slot: 2 }, after(1), { refused: 'time-over' }],
  ['flag after the end', handedIn, { do: 'flag', slot: 2 }, start, { refused: 'finished' }],
  ['check while open', running, { do: 'check', slot: 2 }, start, { go: true }],
  ['check in the grace', running, { do: 'check', slot: 2 }, after(1), { refused: 'time-over' }],
  ['hint in an exam', running, { do: 'hint', slot: 1, tier: 1 }, start, { refused: 'exam-rules' }],
  ['hint in practice', untimed, { do: 'hint', slot: 1, tier: 2 }, start, { go: true }],
  ['hint in a timed study quiz', study, { do: 'hint', slot: 1, tier: 1 }, start, { go: true }],
  ['hint after its time', study, { do: 'hint', slot: 1, tier: 1 }, after(1), { refused: 'time-over' }],
  ['a third hint', untimed, { do: 'hint', slot: 1, tier: 3 }, start, { refused: 'no-such-tier' }],
  ['explanation in an exam', running, { do: 'explain', slot: 1 }, start, { refused: 'exam-rules' }],
  ['explanation in practice', untimed, { do: 'explain', slot: 1 }, start, { go: true }],
  ['finish in time', running, { do: 'finish' }, after(-1000), { finish: { at: after(-1000), by: 'person' } }],
  ['finish in the grace', running, { do: 'finish' }, after(5000), { finish: { at: deadlineAt, by: 'deadline' } }],
  ['finish long after', running, { do: 'finish' }, after(day), { finish: { at: deadlineAt, by: 'deadline' } }],
  ['finish twice', handedIn, { do: 'finish' }, start, { refused: 'finished' }],
  ['finish without a clock', untimed, { do: 'finish' }, after(day), { finish: { at: after(day), by: 'person' } }],
  ['expire too early', running, { do: 'expire' }, after(-1), { refused: 'not-over' }],
  ['expire in the grace', running, { do: 'expire' }, after(15_000), { refused: 'not-over' }],
  ['expire after the grace', running, { do: 'expire' }, after(15_001), { finish: { at: deadlineAt, by: 'deadline' } }],
  ['expire years later', running, { do: 'expire' }, after(1000 * day), { finish: { at: deadlineAt, by: 'deadline' } }],
  ['expire what is finished', timedOut, { do: 'expire' }, after(day), { refused: 'finished' }],
  ['expire without a clock', untimed, { do: 'expire' }, after(day), { refused: 'not-over' }],
]

describe('the state machine of an attempt', () => {
  it.each(rows)('%s', (_, attempt, command, now, expected) => {
    expect(decide(attempt, command, now)).toEqual(expected)
  })
  it('nothing opens what is finished, whatever the clock says', () => {
    for (const ms of [-10 * day, -1, 0, 1, 15_001, day]) {
      for (const finished of [handedIn, timedOut]) {
        expect(phaseOf(finished, after(ms))).toBe('finished')
        const decision = decide(finished, save, after(ms))
        expect('take' in decision && decision.take !== 'too-late').toBe(false)
      }
    }
  })
})

describe('the seconds on the page', () => {
  it.each([[-1500, 1], [-1000, 1], [-999, 0], [0, 0], [5000, 0]])('%i ms after the deadline: %i', (ms, left) => expect(secondsLeft(deadlineAt, after(ms))).toBe(left))
  it('are absent without a clock', () => expect(secondsLeft(null, start)).toBeNull())
})
