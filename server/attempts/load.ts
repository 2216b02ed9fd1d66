/** What the verbs of this room share: finding an attempt, its state for the state machine, refusals as errors. */
import type { Actor } from '../accounts/index.ts'
import type { StoredQuestion } from '../bank/index.ts'
import type { Deps } from '../deps.ts'
import { AppError, notFound } from '../errors.ts'
import { findQuestionType } from '../question-types/index.ts'
import type { QuestionType } from '../question-types/index.ts'
import type { AttemptState, Command, Refusal } from './attempt.ts'
import { decide } from './attempt.ts'
import { findAttempt } from './store.ts'
import type { AttemptRow, SlotRow } from './store.ts'

export function stateOf(attempt: AttemptRow): AttemptState {
  return { deadlineAt: attempt.deadlineAt, finishedAt: attempt.finishedAt, finishedBy: attempt.finishedBy, feedback: attempt.feedback, slots: attempt.slots.length }
}

export function refusalError(refusal: Refusal): AppError {
  switch (refusal) {
    case 'finished':
      return new AppError('closed', 'This attempt is finished.')
    case 'time-over':
      return new AppError('closed', 'The time is over.')
    case 'not-over':
      return new AppError('closed', 'This attempt is still running.')
    case 'exam-rules':
      return new AppError('forbidden', 'Hints and explanations belong to practice.')
    case 'no-such-slot':
    case 'no-such-tier':
      return notFound()
  }
}

/** Throws `not-found` when it is not there or not the actor's. */
export async function getAttemptRow(deps: Deps, actor: Actor, attemptId: string): Promise<AttemptRow> {
  const attempt = await findAttempt(deps.db, attemptId, actor.personId)
  if (!attempt) throw notFound()
  return attempt
}

/** Throws what the state machine refuses. */
export function mustAllow(attempt: AttemptRow, command: Command, now: Date): void {
  const decision = decide(stateOf(attempt), command, now)
  if ('refused' in decision) throw refusalError(decision.refused)
}

export type Asked = { row: SlotRow; stored: StoredQuestion; type: QuestionType }

/** The frozen question of a slot. A version is never deleted, so its absence is a bug. */
export function askedIn(deps: Pick<Deps, 'bank'>, row: SlotRow): Asked {
  const stored = deps.bank.version(row.versionId)
  const type = stored && findQuestionType(stored.type)
  if (!stored || !type) throw new Error(`The question version ${row.versionId} is missing.`)
  return { row, stored, type }
}

/** The stored answer, parsed; undefined before the first save. */
export function answerOf({ row, type }: Asked): unknown {
  return row.answer === null ? undefined : type.answer.parse(JSON.parse(row.answer))
}

/** False for an empty answer and for given text that nobody changed. */
export function isAnswered(asked: Asked): boolean {
  const answer = answerOf(asked)
  return answer !== undefined && !asked.type.isEmpty(answer, { spec: asked.stored.spec, files: asked.stored.files, language: 'en' })
}
