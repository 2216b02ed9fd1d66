/** A grading thread for tests that misbehaves as its task asks. */
import { writeFileSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { Job } from '../../../server/grading/pool.ts'

/** Ways to take all memory. */
const greed: Readonly<Record<string, () => never>> = {
  'many objects': () => {
    const kept: object[][] = []
    for (;;) kept.push(Array.from({ length: 200_000 }, (_, i) => ({ i })))
  },
  'an array that grows': () => {
    const kept: object[] = []
    for (;;) kept.push({ a: 1 })
  },
  'a Map that grows': () => {
    const kept = new Map<number, number[]>()
    for (let i = 0; ; i++) kept.set(i, [i])
  },
  'huge arrays': () => {
    const kept: number[][] = []
    for (;;) kept.push(new Array<number>(2 ** 24).fill(1.5))
  },
}

function overflow(): string {
  const deeper = (depth: number): number => deeper(depth + 1) + 1
  try {
    return String(deeper(0))
  } catch (error) {
    return (error as Error).name
  }
}

parentPort!.on('message', ({ task }: Job) => {
  const [wish, more] = ((task as { answer?: unknown }).answer as string).split('=')
  // Whoever asks can see when the loop runs, and in which process.
  if (wish === 'loop' && more) writeFileSync(more, String(process.pid))
  if (wish === 'loop') for (;;);
  if (wish === 'regex') /^(a+)+$/.test(`${'a'.repeat(40)}b`)
  if (wish === 'memory') greed[more!]!()
  if (wish === 'throw') throw new Error('on purpose')
  if (wish === 'exit') process.exit(3)
  parentPort!.postMessage({ status: 'graded', grade: { score: 1, parts: [], evidence: { env: Object.keys(process.env), pid: process.pid, overflow: wish === 'overflow' ? overflow() : undefined } } })
})
parentPort!.postMessage('ready')
