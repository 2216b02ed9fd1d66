import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createPool } from '../../server/grading/pool.ts'
import type { Pool, Reply } from '../../server/grading/pool.ts'

const limits = { limitMs: 500, memoryMb: 48, workers: 2, moduleUrl: new URL('../support/threads/hostile.ts', import.meta.url).href }
const folder = mkdtempSync(join(tmpdir(), 'readyz-pool-'))
const pool = createPool(limits)
const patient = createPool({ ...limits, limitMs: 60_000, workers: 1 })
const askOf = (one: Pool) => (answer: string): Promise<Reply> => one.run('grade', { type: 'hostile', spec: {}, files: {}, language: 'en', answer })
const ask = askOf(pool)
const askPatiently = askOf(patient)
afterAll(async () => {
  await Promise.all([pool.close(), patient.close()])
  rmSync(folder, { recursive: true, force: true })
})

const careless = (wish: string): string[] => ['--import', 'tsx', fileURLToPath(new URL('../support/threads/careless.ts', import.meta.url)), wish]
const pidOf = (reply: unknown): number => (reply as { grade: { evidence: { pid: number } } }).grade.evidence.pid

/** The process that loops, as soon as it does; `file` is where it says so. */
const looping = (file: string): Promise<number> => vi.waitFor(() => {
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  if (pid === 0) throw new Error('nothing loops yet')
  return pid
}, { timeout: 20_000, interval: 20 })

/** A dead process that nobody has collected yet is gone, too. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return existsSync('/proc/self/stat') && / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}
const gone = (pid: number): Promise<void> => vi.waitFor(() => expect(isGone(pid)).toBe(true), { timeout: 20_000, interval: 20 })

describe('the grading processes', () => {
  it.each([
    ['loop', 'time'],
    ['regex', 'time'],
    ['throw', 'crash'],
    ['exit', 'crash'],
  ])('a task that ends in %s fails by %s, and the next one is served', async (wish, reason) => {
    const [bad, good] = await Promise.all([ask(wish), ask('fine')])
    expect(bad).toMatchObject({ status: 'failed', reason })
    expect(good).toMatchObject({ status: 'graded', grade: { score: 1 } })
    expect(await ask('fine')).toMatchObject({ status: 'graded' })
  })
  it.each(['many objects', 'an array that grows', 'a Map that grows', 'huge arrays'])('a task that takes all memory with %s is ended by the memory limit, and the next one is served', async (shape) => {
    expect(await askPatiently(`memory=${shape}`)).toEqual({ status: 'failed', reason: 'memory', message: 'Grading needed more than 48 MB.' })
    expect(await askPatiently('fine')).toMatchObject({ status: 'graded' })
  })
  it('a stack that overflows is an error to catch', async () => {
    expect(await ask('overflow')).toMatchObject({ status: 'graded', grade: { evidence: { overflow: 'RangeError' } } })
  })
  it('an error that nobody caught is told with its words', async () => {
    const reply = await ask('throw')
    expect(reply).toMatchObject({ status: 'failed', reason: 'crash' })
    expect(JSON.stringify(reply)).toContain('on purpose')
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
  it('a grading process sees nothing of the environment', async () => {
    const reply = await ask('fine')
    expect(reply).toMatchObject({ status: 'graded', grade: { evidence: { env: [] } } })
  })
  it('closing answers everyone who waits, and whoever comes later, and leaves no process', async () => {
    const closing = createPool({ ...limits, limitMs: 60_000 })
    const file = join(folder, 'closing')
    const waiting = Array.from({ length: 4 }, () => askOf(closing)(`loop=${file}`))
    const pid = await looping(file)
    await closing.close()
    expect(isGone(pid)).toBe(true)
    for (const reply of await Promise.all(waiting)) expect(reply).toMatchObject({ status: 'failed', reason: 'stopped' })
    expect(await askOf(closing)('fine')).toMatchObject({ status: 'failed', reason: 'stopped' })
  })
  it('a module that cannot be loaded fails its tasks and does not start processes for ever', async () => {
    const broken = createPool({ ...limits, moduleUrl: new URL('../support/threads/absent.ts', import.meta.url).href })
    const replies = await Promise.all(['1', '2', '3'].map(askOf(broken)))
    for (const reply of replies) expect(reply).toMatchObject({ status: 'failed', reason: 'crash' })
    expect(JSON.stringify(replies[0])).toContain('Cannot find module')
    await broken.close()
  })
  it('a kill from outside is a crash, and the next task is served', async () => {
    const file = join(folder, 'killed')
    const reply = askPatiently(`loop=${file}`)
    process.kill(await looping(file), 'SIGKILL')
    expect(await reply).toEqual({ status: 'failed', reason: 'crash', message: 'The grading process ended (SIGKILL).' })
    expect(await askPatiently('fine')).toMatchObject({ status: 'graded' })
  })
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s, which a terminal or a service manager sends to the whole group, is left to the server', async (signal) => {
    const pid = pidOf(await askPatiently('fine'))
    process.kill(pid, signal)
    expect(pidOf(await askPatiently('fine'))).toBe(pid)
  })
  it('an idle process keeps nobody running, and ends with its server', async () => {
    const { status, stdout } = spawnSync(process.execPath, careless('fine'), { encoding: 'utf8', timeout: 20_000 })
    expect(status).toBe(0)
    await gone(pidOf(JSON.parse(stdout)))
  })
  it('a process that loops ends with a server that was killed', async () => {
    const file = join(folder, 'orphan')
    const server = spawn(process.execPath, careless(`loop=${file}`), { stdio: 'ignore' })
    const pid = await looping(file)
    expect(isGone(pid)).toBe(false)
    server.kill('SIGKILL')
    await gone(pid)
  })
})
