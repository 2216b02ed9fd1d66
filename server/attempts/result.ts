import type { Actor } from '../accounts/index.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { earnedOf, totalOf } from '../grading/index.ts'
import type { Scored } from '../grading/index.ts'
import { renderInline, renderMarkdown } from '../markdown.ts'
import type { Language } from '../question-types/index.ts'
import { explain, statusOf } from './explain.ts'
import { closeIfOverdue } from './finish.ts'
import { askedIn, getAttemptRow, isAnswered } from './load.ts'
import type { Asked } from './load.ts'
import { listAttemptsOf, listSubmissions } from './store.ts'
import type { AttemptRow, SubmissionRow } from './store.ts'
import type { AttemptLine, ResultQuestion, ResultView } from './types.ts'
import { lateOf } from './view.ts'

const listMax = 50

type Judged = { asked: Asked; submission: SubmissionRow | undefined; scored: Scored }

/** Each question with what was handed in for it at the end. */
function judge(deps: Deps, attempt: AttemptRow, submissions: readonly SubmissionRow[]): Judged[] {
  return attempt.slots.map((row) => {
    const asked = askedIn(deps, row)
    const submission = isAnswered(asked) ? submissions.find(({ attemptId, slot, revision }) => attemptId === attempt.id && slot === row.slot && revision === row.revision) : undefined
    return { asked, submission, scored: { points: row.points, status: statusOf(submission), score: submission?.grade?.score ?? 0 } }
  })
}

/** Only after the end: throws `closed` before, `not-found` for what is not there or not the actor's. Closes it first when its time is over. */
export async function getResult(deps: Deps, actor: Actor, { attemptId, language }: { attemptId: string; language: Language }): Promise<ResultView> {
  const attempt = await closeIfOverdue(deps, await getAttemptRow(deps, actor, attemptId))
  if (!attempt.finishedAt) throw new AppError('closed', 'The result comes when the attempt is finished.')
  const judged = judge(deps, attempt, await listSubmissions(deps.db, { attemptId }))
  const { earned, ...total } = totalOf(judged.map(({ scored }) => scored), attempt.passMark)
  const chapters = deps.bank.chapters().flatMap(({ id, title }) => {
    const own = judged.filter(({ asked }) => asked.stored.chapter === id)
    const part = totalOf(own.map(({ scored }) => scored), null)
    return own.length === 0 ? [] : [{ chapterId: id, title: title[language], earned: part.earned, possible: part.possible }]
  })
  return {
    id: attempt.id,
    kind: attempt.kind,
    examId: attempt.examId,
    title: attempt.title[language],
    score: earned,
    ...total,
    passMark: attempt.passMark,
    startedAt: attempt.startedAt,
    finishedAt: attempt.finishedAt,
    finishedBy: attempt.finishedBy!,
    byChapter: chapters,
    questions: judged.map((one) => resultQuestion(deps, one, language)),
  }
}

function resultQuestion(deps: Deps, { asked, submission, scored }: Judged, language: Language): ResultQuestion {
  const { row, stored, type } = asked
  const section = deps.bank.sections().find(({ id }) => id === stored.section)
  return {
    slot: row.slot,
    questionId: stored.id,
    type: type.name,
    typeLabel: type.label[language],
    title: stored.title[language],
    titleHtml: renderInline(stored.title[language]),
    promptHtml: renderMarkdown(stored.prompt[language]),
    points: row.points,
    earned: scored.status === 'graded' ? earnedOf(scored.score, row.points) : scored.status === 'unanswered' ? 0 : null,
    status: scored.status,
    late: lateOf(row),
    parts: submission?.grade?.parts ?? [],
    evidence: submission?.grade?.evidence,
    ...explain(deps, asked, language, submission?.grade),
    sectionId: stored.section,
    sectionTitle: section?.title[language] ?? stored.section,
    hints: stored.hints.slice(0, row.hintsShown).map((hint) => renderMarkdown(hint[language])),
  }
}

/** The actor's newest fifty attempts, newest first, for "continue" and past results. */
export async function listAttempts(deps: Deps, actor: Actor): Promise<AttemptLine[]> {
  const rows = await listAttemptsOf(deps.db, actor.personId, listMax)
  const attempts = await Promise.all(rows.map((attempt) => closeIfOverdue(deps, attempt)))
  const submissions = await listSubmissions(deps.db, { attemptId: { in: attempts.filter(({ finishedAt }) => finishedAt).map(({ id }) => id) } })
  return attempts.map((attempt) => {
    const judged = judge(deps, attempt, submissions)
    const total = attempt.finishedAt ? totalOf(judged.map(({ scored }) => scored), attempt.passMark) : undefined
    return {
      id: attempt.id,
      kind: attempt.kind,
      examId: attempt.examId,
      questionId: attempt.questionId,
      title: attempt.title,
      state: attempt.finishedAt ? 'finished' : 'running',
      startedAt: attempt.startedAt,
      deadlineAt: attempt.deadlineAt,
      finishedAt: attempt.finishedAt,
      slots: attempt.slots.length,
      answered: judged.filter(({ asked }) => isAnswered(asked)).length,
      score: total?.earned ?? null,
      possible: total?.possible ?? null,
      percent: total?.percent ?? null,
      passed: total?.passed ?? null,
      pending: total?.pending ?? 0,
    }
  })
}
