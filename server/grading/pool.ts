/** Threads that grade, each with a time limit per task and a memory limit, and that are replaced when they had to be killed. */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import type { WorkerOptions } from 'node:worker_threads'
import type { ConsoleReply, Files, Grade, Language } from '../question-types/index.ts'
import type { CheckTask, CheckedText } from './check.ts'
import type { Precheck } from './task.ts'

export type Task = { type: string; spec: unknown; files: Files; language: Language; answer: unknown; /** What the console is asked. */ ask?: unknown }
export type Failure = { status: 'failed'; reason: 'time' | 'memory' | 'crash' | 'busy' | 'stopped'; message: string }
/** What threads are asked for, and with what. */
export type Jobs = { grade: Task; precheck: Task; console: Task; check: CheckTask }
export type Job = { [Kind in keyof Jobs]: { kind: Kind; task: Jobs[Kind] } }[keyof Jobs]
export type Reply = { status: 'graded'; grade: Grade } | { status: 'checked'; precheck: Precheck } | { status: 'answered'; reply: ConsoleReply } | { status: 'checked-text'; checked: CheckedText } | Failure

export type Pool = { run: <Kind extends keyof Jobs>(kind: Kind, task: Jobs[Kind]) => Promise<Reply>; close: () => Promise<void> }
type Waiting = { job: Job; resolve: (reply: Reply) => void }
type Thread = { worker: Worker; ready: boolean; current: Waiting | undefined; timer: NodeJS.Timeout | undefined }

const waitingMax = 500
/** A thread that has not come up by then never will. */
const startLimitMs = 20_000
const stackMb = 8
/** A run of a cluster makes some 7 MB of short-lived objects; with room for several runs the collector copies little of them. */
const youngMb = 64
/**
 * The engine would soon put much of what a run makes among its old objects, because it lives as long as the run; from there it keeps whole runs
 * in memory until a full collection, and every small collection copies them. Has effect on all threads.
 */
setFlagsFromString('--no-allocation-site-pretenuring')

/**
 * A thread with the limits of grading that runs the module at `moduleUrl`, bundled JavaScript (.mjs) or TypeScript. Node 20 cannot start a
 * thread from a .ts file, not even under `--import tsx`; a line of JavaScript that registers tsx first can, and takes a second and more.
 */
export function startThread(moduleUrl: string, memoryMb: number): Worker {
  const options: WorkerOptions = { execArgv: [], env: {}, resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: youngMb, stackSizeMb: stackMb } }
  if (moduleUrl.endsWith('.mjs')) return new Worker(new URL(moduleUrl), options)
  // require.resolve finds the CommonJS twin, which cannot register from inside an eval.
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api').replace(/\.cjs$/, '.mjs')).href
  const code = `import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(moduleUrl)}) })`
  return new Worker(code, { ...options, eval: true })
}

/** `moduleUrl`: what a thread runs; the grading thread from its source when absent. */
export type PoolOptions = { limitMs: number; memoryMb: number; workers: number; moduleUrl?: string | undefined }

/** `workers` threads at most; each task may take `limitMs` from the moment a thread takes it up. `run` never rejects. */
export function createPool({ limitMs, memoryMb, workers, moduleUrl = new URL('./worker.ts', import.meta.url).href }: PoolOptions): Pool {
  const threads = new Set<Thread>()
  const queue: Waiting[] = []
  let closed = false

  const end = (thread: Thread, reply: Reply): void => {
    if (!threads.delete(thread)) return
    clearTimeout(thread.timer)
    thread.current?.resolve(reply)
    thread.current = undefined
    void thread.worker.terminate()
    pump()
  }
  const fail = (reason: Failure['reason'], message: string): Failure => ({ status: 'failed', reason, message })

  const start = (): void => {
    const worker = startThread(moduleUrl, memoryMb)
    const thread: Thread = { worker, ready: false, current: undefined, timer: undefined }
    threads.add(thread)
    worker.unref()
    thread.timer = setTimeout(() => {
      // Nobody may wait for ever on threads that do not come up.
      queue.shift()?.resolve(fail('crash', 'The grading thread did not start.'))
      end(thread, fail('crash', 'The grading thread did not start.'))
    }, startLimitMs)
    thread.timer.unref()
    worker.on('message', (message: 'ready' | Reply) => {
      clearTimeout(thread.timer)
      if (message === 'ready') thread.ready = true
      else {
        thread.current?.resolve(message)
        thread.current = undefined
      }
      pump()
    })
    worker.on('error', (error: Error & { code?: string }) => {
      const reply = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? fail('memory', `Grading needed more than ${memoryMb} MB.`) : fail('crash', error.message)
      // A thread that fails before it is ready would fail again: one waiting task is answered, so the loop ends.
      if (!thread.ready) queue.shift()?.resolve(reply)
      end(thread, reply)
    })
    worker.on('exit', () => end(thread, fail('crash', 'The grading thread ended.')))
  }

  const pump = (): void => {
    if (closed) return
    for (const thread of threads) {
      if (!thread.ready || thread.current) continue
      const next = queue.shift()
      if (!next) break
      thread.current = next
      thread.timer = setTimeout(() => end(thread, fail('time', `Grading took longer than ${limitMs} ms.`)), limitMs)
      thread.worker.postMessage(next.job)
    }
    const starting = [...threads].filter(({ ready }) => !ready).length
    for (let missing = Math.min(queue.length - starting, workers - threads.size); missing > 0; missing--) start()
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
      const ending = [...threads].map(({ worker }) => worker)
      for (const thread of [...threads]) end(thread, fail('stopped', 'The server is stopping.'))
      await Promise.all(ending.map((worker) => worker.terminate()))
    },
  }
}
