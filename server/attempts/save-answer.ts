import { findActorByHash } from '../accounts/index.ts'
import type { StoredQuestion } from '../bank/index.ts'
import type { Deps } from '../deps.ts'
import { AppError, notFound } from '../errors.ts'
import { findQuestionType } from '../question-types/index.ts'
import { decide } from './attempt.ts'
import { refusalError, stateOf } from './load.ts'
import { findAttempt, updateAnswer, updateLateAnswer } from './store.ts'
import type { AttemptRow } from './store.ts'
import { secondsLeft } from './timing.ts'
import type { SavedAnswer } from './types.ts'

export type AnswerToSave = { attemptId: string; slot: number; revision: number; answer: unknown }
const answerCharactersMax = 400_000

/**
 * Saves one answer if `revision` is still the stored one. The usual case is one statement, shared with whoever saves at the same moment;
 * only a refusal is looked into. Sent again after a lost reply, the same answer gives the same reply. An answer within the grace is marked
 * `grace` and counts; after it `too-late`: kept, not scored. Throws `conflict` with the stored answer, `closed`, `invalid`, `too-large`
 * and `not-found` (also for other people's attempts and ended sessions).
 */
export async function saveAnswer(deps: Deps, who: { sessionHash: string }, { attemptId, slot, revision, answer }: AnswerToSave): Promise<SavedAnswer> {
  const receivedAt = deps.now()
  const parsed = await parseAnswer(deps, attemptId, slot, answer)
  if ('text' in parsed) {
    const written = await deps.answers.save({ sessionHash: who.sessionHash, attemptId, slot, revision, text: parsed.text })
    if (written) return { revision: written.revision, savedAt: written.savedAt, secondsLeft: secondsLeft(written.deadlineAt, written.savedAt) }
  }
  const actor = await findActorByHash(deps, who.sessionHash)
  const attempt = actor && (await findAttempt(deps.db, attemptId, actor.personId))
  if (!attempt) throw notFound()
  // Only the owner learns what is wrong with the answer.
  if ('error' in parsed) throw parsed.error
  return settle(deps, attempt, { slot, revision, text: parsed.text }, receivedAt)
}

/** The answer as it is stored, or why it is none; says nothing about whose attempt it is. */
async function parseAnswer(deps: Deps, attemptId: string, slot: number, answer: unknown): Promise<{ text: string } | { error: AppError }> {
  const question = await questionOf(deps, attemptId, slot)
  if (!question) return { error: notFound() }
  const parsed = findQuestionType(question.type)!.answer.safeParse(answer)
  if (!parsed.success) return { error: new AppError('invalid', 'This is not an answer to this question.', { issues: parsed.error.issues.map(({ path, message }) => ({ path: ['answer', ...path].join('.'), message })) }) }
  const text = JSON.stringify(parsed.data)
  return text.length > answerCharactersMax ? { error: new AppError('too-large', 'The answer is too long.') } : { text }
}

async function questionOf(deps: Deps, attemptId: string, slot: number): Promise<StoredQuestion | undefined> {
  const composition = await deps.answers.compositionOf(attemptId)
  const versionId = composition?.versionIds[slot - 1]
  return versionId === undefined ? undefined : deps.bank.version(versionId)
}

/**
 * The answer in the fields of a plain form (`answer`, `answer[...]`), for saveAnswer; undefined when there is no such slot. Does not ask
 * whose attempt it is: saveAnswer does.
 */
export async function answerFromForm(deps: Deps, { attemptId, slot }: { attemptId: string; slot: number }, fields: Readonly<Record<string, string | string[]>>): Promise<unknown> {
  const question = await questionOf(deps, attemptId, slot)
  return question && findQuestionType(question.type)!.fromForm(fields, question.spec)
}

/** What the fast statement did not save: a retry, a stale tab, the grace, or the end. */
async function settle(deps: Deps, attempt: AttemptRow, { slot, revision, text }: { slot: number; revision: number; text: string }, receivedAt: Date): Promise<SavedAnswer> {
  const decision = decide(stateOf(attempt), { do: 'save', slot }, receivedAt)
  if ('refused' in decision) throw refusalError(decision.refused)
  const { id: attemptId, deadlineAt } = attempt
  const row = attempt.slots[slot - 1]!
  if ('take' in decision && decision.take === 'too-late') {
    await updateLateAnswer(deps.db, { attemptId, slot, text, at: receivedAt, personId: attempt.personId })
    return { revision: row.revision, savedAt: receivedAt, secondsLeft: 0, late: 'too-late' }
  }
  if (row.revision === revision + 1 && row.answer === text) return { revision: row.revision, savedAt: row.savedAt!, secondsLeft: secondsLeft(deadlineAt, receivedAt), ...(row.late ? { late: 'grace' as const } : {}) }
  const isLate = 'take' in decision && decision.take === 'grace'
  if (row.revision === revision && (await updateAnswer(deps.db, { attemptId, slot, revision, text }, { savedAt: receivedAt, late: isLate }))) {
    return { revision: revision + 1, savedAt: receivedAt, secondsLeft: secondsLeft(deadlineAt, receivedAt), ...(isLate ? { late: 'grace' as const } : {}) }
  }
  const fresh = (await findAttempt(deps.db, attemptId, attempt.personId))!
  if (fresh.finishedAt !== null && attempt.finishedAt === null) return settle(deps, fresh, { slot, revision, text }, receivedAt)
  const stored = fresh.slots[slot - 1]!
  throw new AppError('conflict', 'This answer has been changed elsewhere, perhaps in another tab.', { details: { stored: { answer: stored.answer === null ? null : (JSON.parse(stored.answer) as unknown), revision: stored.revision, savedAt: stored.savedAt } } })
}
