import { randomBytes } from 'node:crypto'
import type { Actor } from '../accounts/index.ts'
import { drawPool } from '../bank/index.ts'
import type { Deps } from '../deps.ts'
import { notFound } from '../errors.ts'
import type { Language } from '../question-types/index.ts'
import { drawQuestions } from './selection.ts'
import { insertAttempt } from './store.ts'
import { deadlineOf } from './timing.ts'

/** 128 bits, safe in a URL. */
function newAttemptId(): string {
  return randomBytes(16).toString('base64url')
}

function newSeed(): string {
  return randomBytes(8).toString('hex')
}

/**
 * Draws the questions of an exam and starts its clock; a running attempt at the same exam is gone on with. `seed` repeats an earlier draw.
 * Throws `not-found` for an unknown exam.
 */
export async function startExam(deps: Deps, actor: Actor, { examId, language, seed = newSeed() }: { examId: string; language: Language; seed?: string }): Promise<{ attemptId: string }> {
  const blueprint = deps.bank.exams().find(({ id }) => id === examId)
  if (!blueprint) throw notFound()
  const { questions, shortages } = drawQuestions(blueprint, drawPool({ questions: deps.bank.questions() as never, sections: deps.bank.sections() as never }), seed)
  if (shortages.length > 0) throw new Error(`The bank cannot fill the exam "${examId}": ${shortages.map(({ what, name, missing }) => `${missing} missing of ${what} ${name}`).join(', ')}.`)
  const startedAt = deps.now()
  const { id } = await insertAttempt(deps.db, {
    id: newAttemptId(),
    kind: 'exam',
    examId,
    questionId: null,
    personId: actor.personId,
    title: blueprint.title,
    feedback: blueprint.feedback,
    passMark: blueprint.passMark,
    language,
    seed,
    startedAt,
    deadlineAt: deadlineOf(startedAt, blueprint.minutes),
    slots: questions.map(({ questionId, points }, index) => ({ slot: index + 1, versionId: deps.bank.question(questionId)!.version, points })),
  }, { examId })
  return { attemptId: id }
}

/** Opens one question without a clock; an unfinished practice of the same version is gone on with. Throws `not-found` for an unknown or retired question. */
export async function startPractice(deps: Deps, actor: Actor, { questionId, language }: { questionId: string; language: Language }): Promise<{ attemptId: string }> {
  const question = deps.bank.question(questionId)
  if (!question) throw notFound()
  const { id } = await insertAttempt(deps.db, {
    id: newAttemptId(),
    kind: 'practice',
    examId: null,
    questionId,
    personId: actor.personId,
    title: question.title,
    feedback: 'practice',
    passMark: null,
    language,
    seed: newSeed(),
    startedAt: deps.now(),
    deadlineAt: null,
    slots: [{ slot: 1, versionId: question.version, points: question.points }],
  }, { versionId: question.version })
  return { attemptId: id }
}
