/** Processes that grade, each with a time limit per task and a memory limit, and that are replaced when they had to be killed. */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { ConsoleReply, Files, Grade, Language } from '../question-types/index.ts'
import type { CheckTask, CheckedText } from './check.ts'
import type { Precheck } from './task.ts'

export type Task = { type: string; spec: unknown; files: Files; language: Language; answer: unknown; /** What the console is asked. */ ask?: unknown }
export type Failure = { status: 'failed'; reason: 'time' | 'memory' | 'crash' | 'busy' | 'stopped'; message: string }
/** What grading processes are asked for, and with what. */
export type Jobs = { grade: Task; precheck: Task; console: Task; check: CheckTask }
export type Job = { [Kind in keyof Jobs]: { kind: Kind; task: Jobs[Kind] } }[keyof Jobs]
export type Reply = { status: 'graded'; grade: Grade } | { status: 'checked'; precheck: Precheck } | { status: 'answered'; reply: ConsoleReply } | { status: 'checked-text'; checked: CheckedText } | Failure

export type Pool = { run: <Kind extends keyof Jobs>(kind: Kind, task: Jobs[Kind]) => Promise<Reply>; close: () => Promise<void> }
type Waiting = { job: Job; resolve: (reply: Reply) => void }
type Worker = { child: ChildProcess; ready: boolean; current: Waiting | undefined; timer: NodeJS.Timeout | undefined }

const waitingMax = 500
/** A process that has not come up by then never will. */
const startLimitMs = 20_000
/** What is kept of the last words of a process. */
const wordsMax = 4096
const supervisor = fileURLToPath(new URL('./supervisor.mjs', import.meta.url))
/**
 * The engine would soon put much of what a run makes among its old objects, because it lives as long as the run; from there it keeps whole runs
 * in memory until a full collection, and every small collection copies them.
 */
const engineFlags = ['--no-allocation-site-pretenuring']

/**
 * A process whose one thread of work has the limits of grading and runs the module at `moduleUrl`, bundled JavaScript (.mjs) or TypeScript. A process
 * and not just a thread, because the engine, short of memory, may end all of the process it is in. It ends with ours, and does not keep ours running.
 */
export function startGradingProcess(moduleUrl: string, memoryMb: number): ChildProcess {
  const child = fork(supervisor, [moduleUrl, String(memoryMb)], { env: {}, execArgv: engineFlags, serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  child.unref()
  // A process that could not be started has neither.
  child.channel?.unref()
  ;(child.stderr as Socket | null)?.unref()
  return child
}

/**
 * Why a process ended that nobody here ended. The engine says why it gives up and aborts. A kill from outside is no sign of a greedy task: it comes from
 * a person, or from a machine that is short of memory for whatever reason.
 */
function lossOf(code: number | null, signal: NodeJS.Signals | null, words: string, memoryMb: number): Failure {
  if (signal === 'SIGABRT' || code === 134 || /heap out of memory|invalid size error/.test(words)) return fail('memory', `Grading needed more than ${memoryMb} MB.`)
  return fail('crash', words.trim() || `The grading process ended (${signal ?? `exit code ${code}`}).`)
}

/** Keeps our process running until the other one is gone. */
async function exitOf(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  child.ref()
  await new Promise((resolve) => child.once('exit', resolve))
}

const fail = (reason: Failure['reason'], message: string): Failure => ({ status: 'failed', reason, message })

/** `moduleUrl`: what a grading process runs; the source of the grading thread when absent. */
export type PoolOptions = { limitMs: number; memoryMb: number; workers: number; moduleUrl?: string | undefined }

/** `workers` processes at most; each task may take `limitMs` from the moment a process takes it up. `run` never rejects. */
export function createPool({ limitMs, memoryMb, workers, moduleUrl = new URL('./worker.ts', import.meta.url).href }: PoolOptions): Pool {
  const living = new Set<Worker>()
  const queue: Waiting[] = []
  let closed = false

  const end = (worker: Worker, reply: Failure): void => {
    if (!living.delete(worker)) return
    clearTimeout(worker.timer)
    // A process that fails before it is ready would fail again: one waiting task is answered, so the loop ends.
    const answered = worker.ready ? worker.current : queue.shift()
    answered?.resolve(reply)
    worker.child.kill('SIGKILL')
    pump()
  }

  const start = (): void => {
    let child: ChildProcess
    try {
      child = startGradingProcess(moduleUrl, memoryMb)
    } catch (error) {
      return queue.shift()?.resolve(fail('crash', String(error)))
    }
    const worker: Worker = { child, ready: false, current: undefined, timer: undefined }
    living.add(worker)
    // Nobody may wait for ever on processes that do not come up.
    worker.timer = setTimeout(() => end(worker, fail('crash', 'The grading process did not start.')), startLimitMs)
    child.on('message', (message: 'ready' | Reply) => {
      clearTimeout(worker.timer)
      if (message === 'ready') worker.ready = true
      else {
        worker.current?.resolve(message)
        worker.current = undefined
      }
      pump()
    })
    let words = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-wordsMax)))
    // Later errors are those of a pipe to a process that is ending, and how it ended is said next.
    child.on('error', (error) => { if (child.pid === undefined) end(worker, fail('crash', error.message)) })
    child.on('close', (code, signal) => end(worker, lossOf(code, signal, words, memoryMb)))
  }

  const pump = (): void => {
    if (closed) return
    for (const worker of living) {
      if (!worker.ready || worker.current) continue
      const next = queue.shift()
      if (!next) break
      worker.current = next
      worker.timer = setTimeout(() => end(worker, fail('time', `Grading took longer than ${limitMs} ms.`)), limitMs)
      worker.child.send(next.job)
    }
    const starting = (): number => [...living].filter(({ ready }) => !ready).length
    while (queue.length > starting() && living.size < workers) start()
  }

  return {
    run: (kind, task) =>
      new Promise((resolve) => {
        if (closed) return resolve(fail('stopped', 'The server is stopping.'))
        if (queue.length >= waitingMax) return resolve(fail('busy', 'Too many gradings are waiting.'))
        queue.push({ job: { kind, task } as Job, resolve })
        pump()
      }),
    async close() {
      closed = true
      for (const { resolve } of queue.splice(0)) resolve(fail('stopped', 'The server is stopping.'))
      const gone = [...living].map(({ child }) => exitOf(child))
      for (const worker of [...living]) end(worker, fail('stopped', 'The server is stopping.'))
      await Promise.all(gone)
    },
  }
}
