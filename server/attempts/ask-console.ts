/** The console beside a repair, and the look back at its runs. Nothing is stored: a request brings all that is needed. */
import type { Actor } from '../accounts/index.ts'
import type { Deps } from '../deps.ts'
import { AppError, notFound } from '../errors.ts'
import type { ConsoleReply } from '../question-types/index.ts'
import { closeIfOverdue } from './finish.ts'
import { answerOf, askedIn, getAttemptRow, mustAllow } from './load.ts'
import type { Asked } from './load.ts'
import { listSubmissions } from './store.ts'

type Question = { attemptId: string; slot: number }

/**
 * Asks the console of a question while the attempt runs. `files` are the person's own; without them the console shows the cluster as it was given.
 * An exam takes none, because what they do there is what the exam asks. Throws `not-found`, `closed`, `forbidden`, `invalid` for a request that
 * the type does not understand, and `busy` when the replay took too long.
 */
export async function askConsole(deps: Deps, actor: Actor, { attemptId, slot, files, ask }: Question & { files?: unknown; ask: unknown }): Promise<ConsoleReply> {
  const attempt = await getAttemptRow(deps, actor, attemptId)
  mustAllow(attempt, { do: 'check', slot }, deps.now())
  const mayTry = attempt.feedback === 'practice'
  if (files !== undefined && !mayTry) throw new AppError('forbidden', 'In an exam the console shows the cluster as it was given.')
  return reply(deps, askedIn(deps, attempt.slots[slot - 1]!), mayTry ? 'ask' : 'askOfGiven', files, ask, attempt.language)
}

/** What a look back shows: the same request against the broken files and against those that were handed in. */
export type LookedBack = { before: ConsoleReply; after: ConsoleReply | undefined }

/** Only where the verdict is shown as well: in practice, or after the end. The answer is the one that was handed in last. Throws `not-found` (with the `runs` there are when only the run is unknown), `closed`, `invalid`, `busy`. */
export async function lookBack(deps: Deps, actor: Actor, { attemptId, slot, ask }: Question & { ask: unknown }): Promise<LookedBack> {
  const attempt = await closeIfOverdue(deps, await getAttemptRow(deps, actor, attemptId))
  if (attempt.feedback !== 'practice' && !attempt.finishedAt) throw new AppError('closed', 'The runs are shown when the attempt is finished.')
  const row = attempt.slots[slot - 1]
  if (!row) throw notFound()
  const asked = askedIn(deps, row)
  const submission = (await listSubmissions(deps.db, { attemptId, slot })).at(-1)
  const answer = submission === undefined ? undefined : answerOf({ ...asked, row: { ...row, answer: submission.answer } })
  const [before, after] = await Promise.all([undefined, ...(answer === undefined ? [] : [answer])].map((own) => reply(deps, asked, 'look', own, ask, attempt.language)))
  if (before!.runs) throw new AppError('not-found', 'There is no run of this name.', { details: { runs: before!.runs } })
  return { before: before!, after }
}

async function reply(deps: Deps, { stored, type }: Asked, as: 'ask' | 'askOfGiven' | 'look', own: unknown, ask: unknown, language: 'en' | 'zh-CN'): Promise<ConsoleReply> {
  if (!type.console) throw notFound()
  const parsed = type.console[as].safeParse(ask)
  const files = own === undefined ? undefined : type.answer.safeParse(own)
  if (!parsed.success || files?.success === false) throw new AppError('invalid', 'Something in the request is wrong.', { issues: [...(parsed.error?.issues ?? []), ...(files?.error?.issues ?? [])].map(({ path, message }) => ({ path: path.join('.'), message })) })
  const outcome = await deps.console({ type: stored.type, spec: stored.spec, files: stored.files, language, answer: files?.data, ask: parsed.data })
  if (outcome.status === 'answered') return outcome.reply
  if (outcome.reason === 'crash') deps.log.error({ question: stored.id, version: stored.version }, outcome.message)
  throw new AppError('busy', 'The cluster could not be played in time. Start again, with fewer commands or a shorter wait.')
}
