import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkAnswer, finishAttempt, finishOverdue, getAttempt, getAttemptClock, getResult, gradePending, listAttempts, revealHint, saveAnswer, startExam, startPractice } from '../../server/attempts/index.ts'
import { seedBank, openBank } from '../../server/bank/index.ts'
import { shortagesOf } from '../../server/attempts/selection.ts'
import type { Deps } from '../../server/deps.ts'
import { AppError } from '../../server/errors.ts'
import type { GradeOutcome } from '../../server/grading/index.ts'
import { questionTypes } from '../../server/question-types/index.ts'
import { openTestApp } from '../support/app.ts'
import type { TestApp } from '../support/app.ts'
import { examId, testBank, testBankFiles } from '../support/bank.ts'
import { newPerson } from '../support/people.ts'
import type { Person } from '../support/people.ts'

let test: TestApp
let ada: Person
let grading: (() => Promise<GradeOutcome>) | undefined
beforeEach(async () => {
  grading = undefined
  test = await openTestApp()
  const grade = test.deps.grade
  ;(test as { deps: Deps }).deps = { ...test.deps, grade: (task) => (grading ? grading() : grade(task)) }
  ada = await newPerson(test.deps)
})
afterEach(() => test.close())

const codeOf = (work: Promise<unknown>) => work.then(() => 'resolved', (error: unknown) => (error instanceof AppError ? error.code : String(error)))

/** Answers every slot with the sample that scores as wished. */
async function answerAll(attemptId: string, score: 1 | 0) {
  const view = await getAttempt(test.deps, ada.actor, { attemptId, language: 'en' })
  for (const { slot, type: name } of view.slots) {
    const type = questionTypes.find((candidate) => candidate.name === name)!
    const stored = test.deps.bank.questions().find((question) => question.type === name)!
    const sample = [...type.samples(stored.spec, stored.files)].find((one) => one.score === score && !type.isEmpty(type.answer.parse(one.answer), { spec: stored.spec, files: stored.files, language: 'en' }))!
    await saveAnswer(test.deps, ada.actor, { attemptId, slot, revision: view.question(slot).revision, answer: sample.answer })
  }
}
const begin = async (id = examId) => (await startExam(test.deps, ada.actor, { examId: id, language: 'en' })).attemptId
const result = (attemptId: string) => getResult(test.deps, ada.actor, { attemptId, language: 'en' })

describe('a quiz from start to result', () => {
  it('gives all points for right answers, by chapter and question', async () => {
    const attemptId = await begin()
    await answerAll(attemptId, 1)
    expect(await codeOf(result(attemptId))).toBe('closed')
    await finishAttempt(test.deps, ada.actor, { attemptId })
    const view = await result(attemptId)
    expect(view).toMatchObject({ score: 32, possible: 32, percent: 100, passed: true, pending: 0, finishedBy: 'person', byChapter: [{ chapterId: 'first', title: 'First', earned: 32, possible: 32 }] })
    expect(view.questions.map(({ status, earned, points }) => [status, earned === points])).toEqual(Array.from({ length: 7 }, () => ['graded', true]))
    expect(view.questions[0]).toMatchObject({ explanationHtml: '<p>SECRET explanation.</p>\n', sectionTitle: 'Only' })
    expect(await listAttempts(test.deps, ada.actor)).toMatchObject([{ id: attemptId, state: 'finished', percent: 100, passed: true, answered: 7 }])
  })
  it('gives none for wrong ones, and none without an answer', async () => {
    const wrong = await begin()
    await answerAll(wrong, 0)
    await finishAttempt(test.deps, ada.actor, { attemptId: wrong })
    const view = await result(wrong)
    expect(view).toMatchObject({ score: 0, percent: 0, passed: false })
    expect(view.questions.every(({ status }) => status === 'graded')).toBe(true)
    const blank = await begin()
    expect(blank).not.toBe(wrong)
    await finishAttempt(test.deps, ada.actor, { attemptId: blank })
    expect((await result(blank)).questions.map(({ status, earned }) => [status, earned])).toEqual(Array.from({ length: 7 }, () => ['unanswered', 0]))
  })
  it('starting twice goes on with the running attempt, also at the same moment; another person gets their own', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => begin()))
    expect(new Set(ids).size).toBe(1)
    const eve = await newPerson(test.deps, 'Eve')
    const { attemptId } = await startExam(test.deps, eve.actor, { examId, language: 'en' })
    expect(ids).not.toContain(attemptId)
    expect(await codeOf(getAttempt(test.deps, eve.actor, { attemptId: ids[0]!, language: 'en' }))).toBe('not-found')
    expect(await codeOf(finishAttempt(test.deps, eve.actor, { attemptId: ids[0]! }))).toBe('not-found')
    expect(await codeOf(startExam(test.deps, eve.actor, { examId: 'none', language: 'en' }))).toBe('not-found')
  })
  it('the same seed draws the same questions and shuffles', async () => {
    const views = []
    for (const name of ['Bo', 'Cy']) {
      const person = await newPerson(test.deps, name)
      const { attemptId } = await startExam(test.deps, person.actor, { examId, language: 'en', seed: 'abc' })
      const view = await getAttempt(test.deps, person.actor, { attemptId, language: 'en' })
      views.push(view.slots.map(({ slot }) => view.question(slot).view))
    }
    expect(views[0]).toEqual(views[1])
  })
  it('finishing twenty times at once hands in once', async () => {
    const attemptId = await begin()
    await answerAll(attemptId, 1)
    await Promise.all(Array.from({ length: 20 }, () => finishAttempt(test.deps, ada.actor, { attemptId })))
    expect(await test.deps.db.submission.count({ where: { attemptId } })).toBe(7)
    expect(await test.deps.db.grade.count()).toBe(7)
    expect(await test.deps.db.audit.count({ where: { attemptId, action: 'attempt-finished' } })).toBe(1)
  })
})

describe('the deadline', () => {
  it('closes by the job with the deadline as finish time, however late', async () => {
    const attemptId = await begin()
    await answerAll(attemptId, 1)
    test.clock.advance(30 * 60 + 15)
    expect(await finishOverdue(test.deps)).toBe(0)
    test.clock.advance(7200)
    expect(await finishOverdue(test.deps)).toBe(1)
    expect(await finishOverdue(test.deps)).toBe(0)
    expect(await result(attemptId)).toMatchObject({ finishedAt: new Date('2026-03-04T10:30:00.000Z'), finishedBy: 'deadline', percent: 100 })
  })
  it.each(['view', 'clock', 'result', 'list', 'finish'])('closes on access without the job: %s', async (way) => {
    const attemptId = await begin()
    test.clock.advance(30 * 60 + 16)
    const access: Record<string, () => Promise<unknown>> = {
      view: () => getAttempt(test.deps, ada.actor, { attemptId, language: 'en' }),
      clock: () => getAttemptClock(test.deps, ada.actor, { attemptId }),
      result: () => result(attemptId),
      list: () => listAttempts(test.deps, ada.actor),
      finish: () => finishAttempt(test.deps, ada.actor, { attemptId }),
    }
    await access[way]!()
    expect(await test.deps.db.attempt.findUnique({ where: { id: attemptId } })).toMatchObject({ finishedAt: new Date('2026-03-04T10:30:00.000Z'), finishedBy: 'deadline' })
  })
  it('a finished attempt stays finished when the clock of the machine is set back', async () => {
    const attemptId = await begin()
    test.clock.advance(30 * 60 + 16)
    await finishOverdue(test.deps)
    test.clock.set(new Date('2026-03-04T10:00:01.000Z'))
    const view = await getAttempt(test.deps, ada.actor, { attemptId, language: 'en' })
    expect(view.state).toBe('finished')
    const { slot } = view.slots.find(({ type }) => type === 'short-answer')!
    expect(await saveAnswer(test.deps, ada.actor, { attemptId, slot, revision: 0, answer: 'late' })).toMatchObject({ late: 'too-late' })
  })
})

describe('grading that fails', () => {
  const failed = (reason: 'time' | 'busy'): GradeOutcome => ({ status: 'failed', reason, message: 'no' })
  it('leaves the answer pending, then graded by the job, never zero', async () => {
    const attemptId = await begin()
    await answerAll(attemptId, 1)
    grading = async () => failed('time')
    await finishAttempt(test.deps, ada.actor, { attemptId })
    expect(await result(attemptId)).toMatchObject({ pending: 7, passed: null })
    grading = undefined
    expect(await gradePending(test.deps, { due: true })).toBe(0)
    test.clock.advance(31)
    expect(await gradePending(test.deps, { due: true })).toBe(7)
    expect(await result(attemptId)).toMatchObject({ pending: 0, percent: 100, passed: true })
  })
  it('after three tries is left for a person, and counts for nobody', async () => {
    const attemptId = await begin()
    await answerAll(attemptId, 1)
    grading = async () => failed('time')
    await finishAttempt(test.deps, ada.actor, { attemptId })
    for (let i = 0; i < 4; i++) {
      test.clock.advance(600)
      await gradePending(test.deps, { due: true })
    }
    const view = await result(attemptId)
    expect(view).toMatchObject({ pending: 0, possible: 0, passed: null })
    expect(view.questions.map(({ status, earned }) => [status, earned])).toEqual(Array.from({ length: 7 }, () => ['ungradable', null]))
    expect(await test.deps.db.submission.findFirst({ select: { tries: true, failure: true } })).toEqual({ tries: 3, failure: 'time: no' })
  })
  it('that nobody could decide is kept with what was seen, and counts for nobody', async () => {
    const attemptId = await begin()
    await answerAll(attemptId, 1)
    grading = async () => ({ status: 'graded', grade: { score: 0.5, parts: [], undecided: true, evidence: { notes: ['outside the model'] } } })
    await finishAttempt(test.deps, ada.actor, { attemptId })
    const view = await result(attemptId)
    expect(view).toMatchObject({ pending: 0, possible: 0, passed: null })
    expect(view.questions[0]).toMatchObject({ status: 'ungradable', earned: null, evidence: { notes: ['outside the model'] } })
    test.clock.advance(600)
    expect(await gradePending(test.deps, { due: true })).toBe(0)
  })
  it('a full queue is no try', async () => {
    const attemptId = await begin()
    await answerAll(attemptId, 1)
    grading = async () => failed('busy')
    await finishAttempt(test.deps, ada.actor, { attemptId })
    expect(await test.deps.db.submission.findFirst({ select: { tries: true, status: true } })).toEqual({ tries: 0, status: 'pending' })
  })
  it('two graders at once leave one grade', async () => {
    const attemptId = await begin()
    await answerAll(attemptId, 1)
    grading = async () => failed('busy')
    await finishAttempt(test.deps, ada.actor, { attemptId })
    grading = undefined
    await Promise.all([gradePending(test.deps, { attemptId }), gradePending(test.deps, { due: true })])
    expect(await test.deps.db.grade.count()).toBe(7)
  })
})

describe('practice', () => {
  const practise = async (questionId: string) => (await startPractice(test.deps, ada.actor, { questionId, language: 'en' })).attemptId
  it('grades as often as asked, and explains when right', async () => {
    const attemptId = await practise('say-it')
    expect(await practise('say-it')).toBe(attemptId)
    expect(await checkAnswer(test.deps, ada.actor, { attemptId, slot: 1 })).toMatchObject({ status: 'unanswered' })
    const wrong = await checkAnswer(test.deps, ada.actor, { attemptId, slot: 1, revision: 0, answer: 'wrong' })
    expect(wrong).toMatchObject({ status: 'graded', revision: 1, isCurrent: true, grade: { score: 0 } })
    expect(wrong).not.toHaveProperty('explained')
    const right = await checkAnswer(test.deps, ada.actor, { attemptId, slot: 1, revision: 1, answer: 'secret password' })
    expect(right).toMatchObject({ status: 'graded', revision: 2, grade: { score: 1 }, explained: { explanationHtml: '<p>SECRET explanation.</p>\n' } })
    expect(await checkAnswer(test.deps, ada.actor, { attemptId, slot: 1 })).toEqual(right)
    await saveAnswer(test.deps, ada.actor, { attemptId, slot: 1, revision: 2, answer: 'something else' })
    const view = (await getAttempt(test.deps, ada.actor, { attemptId, language: 'en' })).question(1)
    expect(view.lastCheck).toMatchObject({ revision: 2, isCurrent: false })
    await finishAttempt(test.deps, ada.actor, { attemptId })
    expect(await result(attemptId)).toMatchObject({ score: 0, possible: 5, passed: null })
    expect(await practise('say-it')).not.toBe(attemptId)
  })
  it('explains on request, and shows hints one by one', async () => {
    const attemptId = await practise('pick-one')
    expect(await revealHint(test.deps, ada.actor, { attemptId, slot: 1, tier: 1, language: 'en' })).toEqual({ hints: ['<p>SECRET nudge</p>\n'] })
    expect((await getAttempt(test.deps, ada.actor, { attemptId, language: 'en' })).question(1)).toMatchObject({ hintsShown: ['<p>SECRET nudge</p>\n'], hintsTotal: 2 })
    expect((await getAttempt(test.deps, ada.actor, { attemptId, language: 'en' })).question(1)).not.toHaveProperty('lastCheck')
    expect(await checkAnswer(test.deps, ada.actor, { attemptId, slot: 1, explain: true })).toMatchObject({ status: 'unanswered', explained: { explanationHtml: '<p>SECRET explanation.</p>\n' } })
    expect((await getAttempt(test.deps, ada.actor, { attemptId, language: 'en' })).question(1).lastCheck).toHaveProperty('explained')
  })
  it('an exam gives neither', async () => {
    const attemptId = await begin()
    expect(await codeOf(revealHint(test.deps, ada.actor, { attemptId, slot: 1, tier: 1, language: 'en' }))).toBe('forbidden')
    expect(await codeOf(checkAnswer(test.deps, ada.actor, { attemptId, slot: 1, explain: true }))).toBe('forbidden')
    expect(await checkAnswer(test.deps, ada.actor, { attemptId, slot: 1 })).toEqual({ status: 'precheck', revision: 0, ok: true, problems: [] })
  })
  it('a study quiz has a clock and explains', async () => {
    const attemptId = await begin('study')
    expect(await getAttempt(test.deps, ada.actor, { attemptId, language: 'en' })).toMatchObject({ kind: 'exam', feedback: 'practice', secondsLeft: 1800 })
    expect(await checkAnswer(test.deps, ada.actor, { attemptId, slot: 1, explain: true })).toHaveProperty('explained')
  })
})

describe('a bank that changes', () => {
  it('leaves running attempts on their version, and new ones get the new', async () => {
    const attemptId = await begin()
    const promptOf = async (id: string) => (await getAttempt(test.deps, ada.actor, { attemptId: id, language: 'en' })).question(1).promptHtml
    const file = '01-first/01-only/pick-one/question.md'
    const text = testBankFiles()[file]!.replace('Answer `this`.', 'Answer that.')
    expect(await seedBank(test.deps.db, testBank({ [file]: text }), shortagesOf, test.clock.now)).toEqual({ questions: 7, added: 1, unchanged: 6, retired: 0 })
    ;(test as { deps: Deps }).deps = { ...test.deps, bank: await openBank(test.deps.db) }
    expect(await promptOf(attemptId)).toBe('<p>Answer <code>this</code>.</p>\n')
    await finishAttempt(test.deps, ada.actor, { attemptId })
    expect(await promptOf(await begin())).toBe('<p>Answer that.</p>\n')
  })
})
