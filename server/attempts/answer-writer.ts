/** Group commit: answers that arrive while one batch is being written make up the next. Each is acknowledged after its commit, never before. */
import { AppError } from '../errors.ts'
import type { Db } from '../db/client.ts'
import { findComposition, writeAnswers } from './store.ts'
import type { AnswerWrite, AnswerWritten } from './store.ts'

const batchMax = 200
const batchCharactersMax = 4_000_000
const queueMax = 5000
const compositionsMax = 5000

type Waiting = { write: AnswerWrite; resolve: (written: AnswerWritten | undefined) => void; reject: (error: unknown) => void }
/** Frozen when the attempt started, so it may be remembered; says nothing about who may see it. */
export type Composition = { personId: string; versionIds: string[] }

export type AnswerWriter = {
  /** Resolves after the commit; undefined when a condition did not hold, and nothing was written. Rejects with `busy` when too many wait. */
  save: (write: AnswerWrite) => Promise<AnswerWritten | undefined>
  compositionOf: (attemptId: string) => Promise<Composition | undefined>
}

export function createAnswerWriter(db: Db, now: () => Date): AnswerWriter {
  let queue: Waiting[] = []
  let running = false
  const compositions = new Map<string, Composition>()

  /** One entry per slot; what would be the second stays for the next batch. */
  const takeBatch = (): Waiting[] => {
    const batch: Waiting[] = []
    const later: Waiting[] = []
    const slots = new Set<string>()
    let characters = 0
    for (const waiting of queue) {
      const key = `${waiting.write.attemptId}/${waiting.write.slot}`
      const fits = batch.length === 0 || (batch.length < batchMax && characters + waiting.write.text.length <= batchCharactersMax)
      if (!fits || slots.has(key)) later.push(waiting)
      else {
        slots.add(key)
        characters += waiting.write.text.length
        batch.push(waiting)
      }
    }
    queue = later
    return batch
  }

  const pump = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = takeBatch()
      try {
        const written = await writeAnswers(db, batch.map(({ write }) => write), now())
        const byKey = new Map(written.map((row) => [`${row.attemptId}/${row.slot}`, row]))
        for (const { write, resolve } of batch) resolve(byKey.get(`${write.attemptId}/${write.slot}`))
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    running = false
  }

  return {
    save: (write) =>
      new Promise((resolve, reject) => {
        if (queue.length >= queueMax) return reject(new AppError('busy', 'Too many answers are waiting to be saved. Try again in a moment.'))
        queue.push({ write, resolve, reject })
        if (running) return
        running = true
        setImmediate(() => void pump())
      }),
    async compositionOf(attemptId) {
      const known = compositions.get(attemptId)
      if (known) return known
      const found = await findComposition(db, attemptId)
      if (!found) return undefined
      const oldest = compositions.size >= compositionsMax ? compositions.keys().next().value : undefined
      if (oldest !== undefined) compositions.delete(oldest)
      compositions.set(attemptId, found)
      return found
    },
  }
}
