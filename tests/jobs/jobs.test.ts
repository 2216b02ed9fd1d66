import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startExam } from '../../server/attempts/index.ts'
import { jobs, startJobs } from '../../server/jobs/index.ts'
import { openTestApp } from '../support/app.ts'
import type { TestApp } from '../support/app.ts'
import { examId } from '../support/bank.ts'
import { newPerson } from '../support/people.ts'

let test: TestApp
beforeAll(async () => {
  test = await openTestApp()
})
afterAll(() => test.close())

it('what was left over by a stopped server is done at once when the next one starts', async () => {
  const { actor } = await newPerson(test.deps)
  const { attemptId } = await startExam(test.deps, actor, { examId, language: 'en' })
  test.clock.advance(40 * 86_400)
  const running = startJobs(test.deps)
  await running.stop()
  expect(await test.deps.db.attempt.findUnique({ where: { id: attemptId } })).toMatchObject({ finishedAt: new Date('2026-03-04T10:30:00.000Z'), finishedBy: 'deadline' })
  expect(await test.deps.db.session.count()).toBe(0)
  expect(jobs.map(({ name }) => name)).toEqual(['finish-overdue', 'regrade-pending', 'delete-expired-sessions'])
})
it('a job that fails is logged and runs again; stopping waits for it', async () => {
  const log = { info: vi.fn(), error: vi.fn() }
  let runs = 0
  let ended = 0
  const job = { name: 'fails-first', everyMs: 5, run: async () => {
    if (++runs === 1) throw new Error('once')
    await new Promise((resolve) => setTimeout(resolve, 10))
    return ++ended
  } }
  const running = startJobs({ ...test.deps, log: log as never }, [job])
  await vi.waitFor(() => expect(runs).toBeGreaterThan(2), { timeout: 5000 })
  await running.stop()
  const [ranAt, endedAt] = [runs, ended]
  expect(endedAt).toBe(ranAt - 1)
  expect(log.error).toHaveBeenCalledOnce()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(runs).toBe(ranAt)
})
