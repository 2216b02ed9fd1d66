/** The checker in a thread of its own, so that writing never waits for it. */
import { answer } from './checker-asks.ts'
import type { Asks } from './checker-asks.ts'

export type Request = { id: number; kind: keyof Asks; ask: Asks[keyof Asks] }
export type Response = { id: number; answer?: unknown; error?: string }

addEventListener('message', ({ data: { id, kind, ask } }: MessageEvent<Request>) => {
  answer(kind, ask as never).then(
    (given) => postMessage({ id, answer: given } satisfies Response),
    (error: unknown) => postMessage({ id, error: String(error) } satisfies Response),
  )
})
