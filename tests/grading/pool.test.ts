import { afterAll, describe, expect, it } from 'vitest'
import { createPool } from '../../server/grading/pool.ts'
import type { Reply } from '../../server/grading/pool.ts'

const limits = { limitMs: 500, memoryMb: 48, workers: 2 }
const pool = createPool({ ...limits, moduleUrl: new URL('../support/threads/hostile.ts', import.meta.url).href })
const ask = (answer: string): Promise<Reply> => pool.run('grade', { type: 'hostile', spec: {}, files: {}, language: 'en', answer })
afterAll(() => pool.close())

describe('the grading threads', () => {
  it.each([
    ['loop', 'time'],
    ['regex', 'time'],
    ['throw', 'crash'],
    ['exit', 'crash'],
  ])('a task that ends in %s fails by %s, and the next one is served', async (wish, reason) => {
    const begun = performance.now()
    const [bad, good] = await Promise.all([ask(wish), ask('fine')])
    expect(bad).toMatchObject({ status: 'failed', reason })
    expect(good).toMatchObject({ status: 'graded', grade: { score: 1 } })
    expect(performance.now() - begun).toBeLessThan(15_000)
    expect(await ask('fine')).toMatchObject({ status: 'graded' })
  })
  it('a task that takes all memory is ended by the memory limit, not the time limit', async () => {
    const patient = createPool({ ...limits, limitMs: 20_000, moduleUrl: new URL('../support/threads/hostile.ts', import.meta.url).href })
    expect(await patient.run('grade', { type: 'hostile', spec: {}, files: {}, language: 'en', answer: 'memory' })).toMatchObject({ status: 'failed', reason: 'memory' })
    await patient.close()
  })
  it('the main thread keeps running meanwhile', async () => {
    let ticks = 0
    const timer = setInterval(() => ticks++, 10)
    await Promise.all([ask('loop'), ask('loop')])
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(10)
  })
  it('many tasks wait their turn, and each gets its own answer', async () => {
    const replies = await Promise.all(Array.from({ length: 40 }, (_, i) => ask(i % 20 === 7 ? 'throw' : 'fine')))
    expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, (_, i) => (i % 20 === 7 ? 'failed' : 'graded')))
  })
  it('the thread sees nothing of the environment', async () => {
    const reply = await ask('fine')
    expect(reply).toMatchObject({ status: 'graded', grade: { evidence: { env: [] } } })
  })
  it('closing answers everyone who waits, and whoever comes later', async () => {
    const closing = createPool({ ...limits, moduleUrl: new URL('../support/threads/hostile.ts', import.meta.url).href })
    const waiting = Array.from({ length: 4 }, () => closing.run('grade', { type: 'hostile', spec: {}, files: {}, language: 'en', answer: 'loop' }))
    await closing.close()
    for (const reply of await Promise.all(waiting)) expect(reply).toMatchObject({ status: 'failed', reason: 'stopped' })
    expect(await closing.run('grade', { type: 'hostile', spec: {}, files: {}, language: 'en', answer: 'fine' })).toMatchObject({ status: 'failed', reason: 'stopped' })
  })
  it('a module that cannot be loaded fails its tasks and does not start threads for ever', async () => {
    const broken = createPool({ ...limits, moduleUrl: new URL('../support/threads/absent.ts', import.meta.url).href })
    expect(await broken.run('grade', { type: 'x', spec: {}, files: {}, language: 'en', answer: '' })).toMatchObject({ status: 'failed', reason: 'crash' })
    await broken.close()
  })
})
