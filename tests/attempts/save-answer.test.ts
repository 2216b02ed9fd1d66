import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { finishAttempt, getAttempt, saveAnswer, startExam } from '../../server/attempts/index.ts'
import { AppError } from '../../server/errors.ts'
import { openTestApp } from '../support/app.ts'
import type { TestApp } from '../support/app.ts'
import { examId } from '../support/bank.ts'
import { newPerson } from '../support/people.ts'
import type { Person } from '../support/people.ts'

let test: TestApp
let ada: Person
let eve: Person
beforeAll(async () => {
  test = await openTestApp()
  ada = await newPerson(test.deps)
  eve = await newPerson(test.deps, 'Eve')
})
afterAll(() => test.close())

/** A running attempt of Ada's and the slot of its short answer, which takes any text. */
async function begin(person = ada) {
  const { attemptId } = await startExam(test.deps, person.actor, { examId, language: 'en' })
  const view = await getAttempt(test.deps, person.actor, { attemptId, language: 'en' })
  const { slot } = view.slots.find(({ type }) => type === 'short-answer')!
  const save = (revision: number, answer: unknown, who = person) => saveAnswer(test.deps, who.actor, { attemptId, slot, revision, answer })
  const stored = async () => (await getAttempt(test.deps, person.actor, { attemptId, language: 'en' })).question(slot)
  const end = () => finishAttempt(test.deps, person.actor, { attemptId })
  return { attemptId, slot, save, stored, end }
}
const codeOf = (work: Promise<unknown>) => work.then(() => 'resolved', (error: unknown) => (error instanceof AppError ? error.code : String(error)))

describe('saving an answer', () => {
  it('counts revisions, and a retry after a lost reply gives the same reply', async () => {
    const { save, stored, end } = await begin()
    expect(await save(0, 'one')).toEqual({ revision: 1, savedAt: test.clock.now(), secondsLeft: 1800 })
    const second = await save(1, 'two')
    test.clock.advance(10)
    expect(await save(1, 'two')).toEqual({ ...second, secondsLeft: 1790 })
    expect(await stored()).toMatchObject({ answer: 'two', revision: 2 })
    await end()
  })
  it('a stale tab gets the stored answer and overwrites nothing', async () => {
    const { save, stored, end } = await begin()
    await save(0, 'here')
    const error = await save(0, 'there').catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'conflict', details: { stored: { answer: 'here', revision: 1, savedAt: test.clock.now() } } })
    expect(await codeOf(save(5, 'there'))).toBe('conflict')
    expect(await stored()).toMatchObject({ answer: 'here', revision: 1 })
    await end()
  })
  it('of a hundred saves of the same revision at once exactly one wins', async () => {
    const { save, stored, end } = await begin()
    const codes = await Promise.all(Array.from({ length: 100 }, (_, i) => codeOf(save(0, `answer ${i}`))))
    expect(codes.filter((code) => code === 'resolved')).toHaveLength(1)
    expect(codes.filter((code) => code === 'conflict')).toHaveLength(99)
    expect(await stored()).toMatchObject({ revision: 1, answer: `answer ${codes.indexOf('resolved')}` })
    await end()
  })
  it('many people at once each keep their own', async () => {
    const people = await Promise.all(Array.from({ length: 30 }, (_, i) => newPerson(test.deps, `Person ${i}`)))
    const begun = await Promise.all(people.map((person) => begin(person)))
    await Promise.all(begun.flatMap(({ save }, i) => [save(0, `mine ${i}`)]))
    await Promise.all(begun.map(({ save }, i) => save(1, `still mine ${i}`)))
    const answers = await Promise.all(begun.map(({ stored }) => stored()))
    expect(answers.map(({ answer, revision }) => [answer, revision])).toEqual(people.map((_, i) => [`still mine ${i}`, 2]))
  })
  it('is not found for other people, strangers and unknown slots, also with a wrong answer', async () => {
    const { attemptId, slot, save, end } = await begin()
    expect(await codeOf(save(0, 'x', eve))).toBe('not-found')
    expect(await codeOf(save(0, { not: 'text' }, eve))).toBe('not-found')
    expect(await codeOf(saveAnswer(test.deps, { sessionHash: '0'.repeat(64) }, { attemptId, slot, revision: 0, answer: 'x' }))).toBe('not-found')
    expect(await codeOf(saveAnswer(test.deps, ada.actor, { attemptId, slot: 99, revision: 0, answer: 'x' }))).toBe('not-found')
    expect(await codeOf(saveAnswer(test.deps, ada.actor, { attemptId: 'nowhere', slot, revision: 0, answer: 'x' }))).toBe('not-found')
    expect(await codeOf(save(0, { not: 'text' }))).toBe('invalid')
    await end()
  })
  it.each([['quotes', `"'\\\`\n\t`], ['zero bytes', 'a\u0000b'], ['emoji and Chinese', '🚀 节点未就绪'], ['half a surrogate', '\ud83d'], ['SQL', `'); DROP TABLE "Answer"; --`]])('keeps %s as they are', async (_, text) => {
    const { save, stored, end } = await begin()
    await save(0, text)
    expect((await stored()).answer).toBe(JSON.parse(JSON.stringify(text)))
    await end()
  })
  it('takes nothing after handing in', async () => {
    const { save, end } = await begin()
    await save(0, 'in time')
    await end()
    expect(await codeOf(save(1, 'after'))).toBe('closed')
  })
  it('marks the grace, keeps what is later beside the answer, and closes at the deadline', async () => {
    const { attemptId, save, stored, slot } = await begin()
    await save(0, 'in time')
    test.clock.advance(1800)
    expect(await save(1, 'at the deadline')).toMatchObject({ revision: 2, secondsLeft: 0 })
    test.clock.advance(15)
    expect(await save(2, 'in the grace')).toMatchObject({ revision: 3, late: 'grace' })
    expect(await save(2, 'in the grace')).toMatchObject({ revision: 3, late: 'grace' })
    test.clock.advance(1)
    expect(await save(3, 'too late')).toMatchObject({ revision: 3, late: 'too-late' })
    expect(await stored()).toMatchObject({ answer: 'in the grace', revision: 3 })
    const view = await getAttempt(test.deps, ada.actor, { attemptId, language: 'en' })
    expect(view).toMatchObject({ state: 'finished' })
    expect(view.slots[slot - 1]).toMatchObject({ late: 'too-late', answered: true })
    const row = await test.deps.db.attempt.findUniqueOrThrow({ where: { id: attemptId }, include: { slots: true } })
    expect(row).toMatchObject({ finishedAt: view.deadlineAt, finishedBy: 'deadline' })
    expect(row.slots[slot - 1]).toMatchObject({ lateAnswer: '"too late"', answer: '"in the grace"' })
  })
  it('a session that has ended saves nothing', async () => {
    const person = await newPerson(test.deps, 'Gone')
    const { save } = await begin(person)
    await test.deps.db.session.update({ where: { id: person.actor.sessionHash }, data: { expiresAt: test.clock.now() } })
    expect(await codeOf(save(0, 'x'))).toBe('not-found')
  })
})
