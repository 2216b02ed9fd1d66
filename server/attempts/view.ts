import type { Actor } from '../accounts/index.ts'
import type { Deps } from '../deps.ts'
import { notFound } from '../errors.ts'
import { renderInline, renderMarkdown } from '../markdown.ts'
import type { Language } from '../question-types/index.ts'
import { phaseOf } from './timing.ts'
import { practiceCheckOf } from './explain.ts'
import { closeIfOverdue } from './finish.ts'
import { answerOf, askedIn, getAttemptRow, isAnswered } from './load.ts'
import type { Asked } from './load.ts'
import { shuffleFor } from './selection.ts'
import { listSubmissions } from './store.ts'
import type { AttemptRow, SlotRow, SubmissionRow } from './store.ts'
import { graceSeconds, secondsLeft } from './timing.ts'
import type { AttemptClock, AttemptView, Late, QuestionView } from './types.ts'

export function lateOf(row: SlotRow): Late | null {
  if (row.lateAt !== null) return 'too-late'
  return row.late ? 'grace' : null
}

/** Closes it first when its time is over. Throws `not-found` for what is not there or not the actor's. */
export async function getAttempt(deps: Deps, actor: Actor, { attemptId, language }: { attemptId: string; language: Language }): Promise<AttemptView> {
  const attempt = await closeIfOverdue(deps, await getAttemptRow(deps, actor, attemptId))
  const asked = attempt.slots.map((row) => askedIn(deps, row))
  const submissions = attempt.feedback === 'practice' ? await listSubmissions(deps.db, { attemptId }) : []
  return {
    id: attempt.id,
    kind: attempt.kind,
    examId: attempt.examId,
    title: attempt.title[language],
    feedback: attempt.feedback,
    state: attempt.finishedAt ? 'finished' : 'running',
    startedAt: attempt.startedAt,
    deadlineAt: attempt.deadlineAt,
    secondsLeft: secondsLeft(attempt.deadlineAt, deps.now()),
    graceSeconds,
    language: attempt.language,
    slots: asked.map((one) => ({ slot: one.row.slot, type: one.type.name, title: one.stored.title[language], points: one.row.points, minutes: one.stored.minutes, answered: isAnswered(one), flagged: one.row.flagged, savedAt: one.row.savedAt, late: lateOf(one.row) })),
    question: (slot) => {
      const one = asked[slot - 1]
      if (!one) throw notFound()
      return questionView(deps, attempt, one, submissions.filter((submission) => submission.slot === slot).at(-1), language)
    },
  }
}

function questionView(deps: Deps, attempt: AttemptRow, asked: Asked, submission: SubmissionRow | undefined, language: Language): QuestionView {
  const { row, stored, type } = asked
  const answer = answerOf(asked)
  const lastCheck = attempt.feedback === 'practice' ? practiceCheckOf(deps, asked, submission, language) : undefined
  return {
    slot: row.slot,
    questionId: stored.id,
    type: type.name,
    typeLabel: type.label[language],
    about: type.about[language],
    titleHtml: renderInline(stored.title[language]),
    promptHtml: renderMarkdown(stored.prompt[language]),
    points: row.points,
    minutes: stored.minutes,
    view: type.view({ spec: stored.spec, files: stored.files, language }, answer, shuffleFor(attempt.seed, stored.id)),
    answer,
    revision: row.revision,
    savedAt: row.savedAt,
    flagged: row.flagged,
    hintsShown: stored.hints.slice(0, row.hintsShown).map((hint) => renderMarkdown(hint[language])),
    hintsTotal: attempt.feedback === 'practice' ? stored.hints.length : 0,
    ...(lastCheck ? { lastCheck } : {}),
  }
}

/** For the page's clock and for other tabs: small, and asked often. */
export async function getAttemptClock(deps: Deps, actor: Actor, { attemptId }: { attemptId: string }): Promise<AttemptClock> {
  const attempt = await closeIfOverdue(deps, await getAttemptRow(deps, actor, attemptId))
  const now = deps.now()
  return {
    state: phaseOf(attempt, now) === 'finished' ? 'finished' : 'running',
    secondsLeft: secondsLeft(attempt.deadlineAt, now),
    revisions: Object.fromEntries(attempt.slots.map(({ slot, revision }) => [slot, revision])),
  }
}
