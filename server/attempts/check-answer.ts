import type { Actor } from '../accounts/index.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { practiceCheckOf } from './explain.ts'
import { gradePending } from './grade-answer.ts'
import { answerOf, askedIn, getAttemptRow, isAnswered, mustAllow } from './load.ts'
import { saveAnswer } from './save-answer.ts'
import { insertAudit, insertSubmission, listSubmissions, updateSlot } from './store.ts'
import type { AttemptRow, SubmissionRow } from './store.ts'
import type { CheckResult } from './types.ts'

export type AnswerToCheck = { attemptId: string; slot: number; revision?: number | undefined; answer?: unknown; explain?: boolean | undefined }

/**
 * In practice: saves the answer when one is given, hands it in and grades it; checking the same revision twice gives the same grade.
 * `explain` also asks for the explanation, with or without an answer; a full score brings it by itself. In an exam: says only whether
 * the text would be taken at all. Throws what saveAnswer throws, `closed` when the time is over, `forbidden` for `explain` in an exam.
 */
export async function checkAnswer(deps: Deps, actor: Actor, { attemptId, slot, revision, answer, explain = false }: AnswerToCheck): Promise<CheckResult> {
  mustAllow(await getAttemptRow(deps, actor, attemptId), { do: explain ? 'explain' : 'check', slot }, deps.now())
  if (answer !== undefined) await saveAnswer(deps, actor, { attemptId, slot, revision: revision ?? 0, answer })
  const attempt = await getAttemptRow(deps, actor, attemptId)
  return attempt.feedback === 'practice' ? checkInPractice(deps, actor, attempt, slot, explain) : checkInExam(deps, attempt, slot)
}

async function checkInPractice(deps: Deps, actor: Actor, attempt: AttemptRow, slot: number, explain: boolean): Promise<CheckResult> {
  const asked = askedIn(deps, attempt.slots[slot - 1]!)
  const { row } = asked
  let submission: SubmissionRow | undefined
  if (isAnswered(asked)) {
    submission = await insertSubmission(deps.db, { attemptId: attempt.id, slot, revision: row.revision, versionId: row.versionId, answer: row.answer!, now: deps.now() })
    if (submission.status === 'pending') {
      await gradePending(deps, { submissionId: submission.id })
      submission = (await listSubmissions(deps.db, { attemptId: attempt.id, slot, revision: row.revision }))[0]
    }
  }
  if (explain && !row.explained) {
    await updateSlot(deps.db, attempt.id, slot, { explained: true })
    await insertAudit(deps.db, { at: deps.now(), actor: actor.personId, action: 'explanation-shown', attemptId: attempt.id, detail: { slot, revision: row.revision } })
    row.explained = true
  }
  return practiceCheckOf(deps, asked, submission, attempt.language) ?? { status: 'unanswered', revision: row.revision, savedAt: row.savedAt, isCurrent: true }
}

/** Nothing here depends on whether the answer is right. */
async function checkInExam(deps: Deps, attempt: AttemptRow, slot: number): Promise<CheckResult> {
  const asked = askedIn(deps, attempt.slots[slot - 1]!)
  const answer = answerOf(asked)
  const { stored, row } = asked
  if (answer === undefined) return { status: 'precheck', revision: row.revision, ok: true, problems: [] }
  const outcome = await deps.precheck({ type: stored.type, spec: stored.spec, files: stored.files, language: attempt.language, answer })
  if (outcome.status === 'failed') throw new AppError('busy', 'The text could not be checked in time. Your answer is saved.')
  return { status: 'precheck', revision: row.revision, ...outcome.precheck }
}
