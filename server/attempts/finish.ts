import type { Actor } from '../accounts/index.ts'
import type { Deps } from '../deps.ts'
import { decide } from './attempt.ts'
import type { FinishedBy } from './attempt.ts'
import { gradePending } from './grade-answer.ts'
import { askedIn, getAttemptRow, isAnswered, refusalError, stateOf } from './load.ts'
import { closeAttempt, findAttempt, listOverdue } from './store.ts'
import type { AttemptRow } from './store.ts'
import { overdueBefore } from './timing.ts'

/** Most gradings are done by then, so the result page usually comes complete; the rest goes on without the request. */
const waitForGradesMs = 1500
const sweepMax = 200

/** Hands in what is saved. After the deadline the finish time is the deadline. Doing it twice does nothing. Throws `not-found`. */
export async function finishAttempt(deps: Deps, actor: Actor, { attemptId }: { attemptId: string }): Promise<void> {
  const attempt = await getAttemptRow(deps, actor, attemptId)
  const decision = decide(stateOf(attempt), { do: 'finish' }, deps.now())
  if ('refused' in decision && decision.refused !== 'finished') throw refusalError(decision.refused)
  if ('finish' in decision) await close(deps, attemptId, decision.finish, actor.personId)
  await settled(gradeQuietly(deps, attemptId), waitForGradesMs)
}

/** The attempt as it is once its time has been looked at. */
export async function closeIfOverdue(deps: Deps, attempt: AttemptRow): Promise<AttemptRow> {
  const decision = decide(stateOf(attempt), { do: 'expire' }, deps.now())
  if (!('finish' in decision)) return attempt
  await close(deps, attempt.id, decision.finish, 'clock')
  await settled(gradeQuietly(deps, attempt.id), waitForGradesMs)
  return (await findAttempt(deps.db, attempt.id, attempt.personId))!
}

/** Closes everything whose time is over, with the deadline as its finish time, however late it is noticed. Gives the number closed. */
export async function finishOverdue(deps: Deps): Promise<number> {
  let closed = 0
  for (const { id, deadlineAt } of await listOverdue(deps.db, overdueBefore(deps.now()), sweepMax)) {
    if (await close(deps, id, { at: deadlineAt, by: 'deadline' }, 'clock')) closed++
    await gradeQuietly(deps, id)
  }
  return closed
}

async function close(deps: Deps, attemptId: string, finish: { at: Date; by: FinishedBy }, actor: string): Promise<boolean> {
  return closeAttempt(deps.db, attemptId, finish, actor, deps.now(), (slots) => slots.filter((row) => isAnswered(askedIn(deps, row))))
}

/** What fails here is still pending in the database, and the job takes it up again. */
async function gradeQuietly(deps: Deps, attemptId: string): Promise<void> {
  try {
    await gradePending(deps, { attemptId })
  } catch (error) {
    deps.log.error({ err: error, attemptId }, 'grading after the end failed')
  }
}

async function settled(work: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([work, new Promise<void>((resolve) => { timer = setTimeout(resolve, limitMs) })])
  clearTimeout(timer)
}
