/** Asks the checker's thread, and starts another when it takes too long. */
import type { Answers, Asks } from './checker-asks.ts'
import type { Request, Response } from './checker-worker.ts'

export type Checker = {
  /** Undefined when there was no answer: too slow, or broken. */
  ask<Kind extends keyof Asks>(kind: Kind, ask: Asks[Kind]): Promise<Answers[Kind] | undefined>
}

/** Loading the thread over a slow line counts, too. */
const limitMs = 20_000

type Waiting = { resolve: (answer: unknown) => void; timer: number; request: Request }

export function createChecker(workerUrl: string): Checker {
  const waiting = new Map<number, Waiting>()
  let worker: Worker | undefined
  let hasAnswered = false
  let onPage = false
  let last = 0

  const settle = (id: number, answer?: unknown): void => {
    const one = waiting.get(id)
    if (!one) return
    waiting.delete(id)
    clearTimeout(one.timer)
    one.resolve(answer)
  }
  const stop = (): void => {
    worker?.terminate()
    worker = undefined
  }
  /** No threads here: the same code answers on the page. */
  const answerHere = async ({ id, kind, ask }: Request): Promise<void> => {
    const { answer } = await import('./checker-asks.ts')
    settle(id, await answer(kind, ask as never).catch(() => undefined))
  }
  const moveToPage = (): void => {
    stop()
    onPage = true
    for (const { request } of [...waiting.values()]) void answerHere(request)
  }
  const start = (): Worker | undefined => {
    try {
      const made = new Worker(workerUrl, { type: 'module' })
      made.addEventListener('message', ({ data }: MessageEvent<Response>) => {
        hasAnswered = true
        settle(data.id, data.error === undefined ? data.answer : undefined)
      })
      made.addEventListener('error', () => {
        if (!hasAnswered) return moveToPage()
        stop()
        for (const id of [...waiting.keys()]) settle(id)
      })
      return made
    } catch {
      onPage = true
      return undefined
    }
  }
  return {
    ask(kind, ask) {
      const request: Request = { id: ++last, kind, ask }
      return new Promise((resolve) => {
        const timer = window.setTimeout(() => {
          stop()
          for (const id of [...waiting.keys()]) settle(id)
        }, limitMs)
        waiting.set(request.id, { resolve: resolve as (answer: unknown) => void, timer, request })
        if (!onPage) worker ??= start()
        if (worker) worker.postMessage(request)
        else void answerHere(request)
      })
    },
  }
}
