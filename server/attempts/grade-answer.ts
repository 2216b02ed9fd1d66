/** Grades what has been handed in. The submission is in the database before anything can go wrong, and stays until it has a grade. */
import type { Deps } from '../deps.ts'
import { coreVersion } from '../grading/index.ts'
import { insertGrade, listPending, updateFailure } from './store.ts'
import type { PendingSubmission } from './store.ts'

const triesMax = 3
const retryMs = 30_000
const batchMax = 500

/** Waiting submissions: of one attempt at once, or all whose next try is due. Gives how many were graded. Outside of any transaction. */
export async function gradePending(deps: Deps, what: { attemptId: string } | { submissionId: number } | { due: true }): Promise<number> {
  const filter = 'attemptId' in what ? { attemptId: what.attemptId } : 'submissionId' in what ? { id: what.submissionId } : { dueAt: deps.now() }
  const graded = await Promise.all((await listPending(deps.db, filter, batchMax)).map((submission) => gradeSubmission(deps, submission)))
  return graded.filter(Boolean).length
}

/** A killed or failed grading is tried again later, and after three tries left for a person to look at: never a zero. */
async function gradeSubmission(deps: Deps, submission: PendingSubmission): Promise<boolean> {
  const stored = deps.bank.version(submission.versionId)
  if (!stored) throw new Error(`The question version ${submission.versionId} is missing.`)
  const outcome = await deps.grade({ type: stored.type, spec: stored.spec, files: stored.files, language: submission.attempt.language, answer: JSON.parse(submission.answer) })
  if (outcome.status === 'graded') return insertGrade(deps.db, submission, outcome.grade, coreVersion, deps.now())
  // Nothing was tried: the queue is full or the server is stopping.
  if (outcome.reason === 'busy' || outcome.reason === 'stopped') return false
  const isLastTry = submission.tries + 1 >= triesMax
  deps.log[isLastTry ? 'error' : 'warn']({ submission: submission.id, question: stored.id, version: stored.version, reason: outcome.reason, tries: submission.tries + 1 }, outcome.message)
  await updateFailure(deps.db, submission, { message: `${outcome.reason}: ${outcome.message}`, status: isLastTry ? 'ungradable' : 'pending', nextTryAt: new Date(deps.now().getTime() + retryMs * 2 ** submission.tries) })
  return false
}
