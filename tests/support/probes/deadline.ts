/** Run as a process of its own with a TZ: prints what the deadline does to saves around it, as JSON. */
import { getAttempt, getResult, saveAnswer, startExam } from '../../../server/attempts/index.ts'
import { openTestApp } from '../app.ts'
import { examId } from '../bank.ts'
import { createClock } from '../clock.ts'
import { newPerson } from '../people.ts'

const test = await openTestApp({ clock: createClock(new Date(process.argv[2]!)) })
const { actor } = await newPerson(test.deps)
const { attemptId } = await startExam(test.deps, actor, { examId, language: 'en' })
const { slots } = await getAttempt(test.deps, actor, { attemptId, language: 'en' })
const { slot } = slots.find(({ type }) => type === 'short-answer')!
const save = (revision: number) => saveAnswer(test.deps, actor, { attemptId, slot, revision, answer: `answer ${revision}` })
const early = await save(0)
test.clock.advance(30 * 60)
const last = await save(1)
test.clock.advance(1)
const grace = await save(2)
test.clock.advance(15)
const late = await save(3)
const { finishedAt, startedAt } = await getResult(test.deps, actor, { attemptId, language: 'en' })
process.stdout.write(JSON.stringify({ offset: new Date(startedAt).getTimezoneOffset(), secondsLeft: [early.secondsLeft, last.secondsLeft], late: [early.late ?? null, last.late ?? null, grace.late, late.late], ranSeconds: (finishedAt.getTime() - startedAt.getTime()) / 1000 }))
await test.close()
