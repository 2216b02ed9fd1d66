/** A grading thread for tests that misbehaves as its task asks. */
import { parentPort } from 'node:worker_threads'
import type { Job } from '../../../server/grading/pool.ts'

parentPort!.on('message', ({ task }: Job) => {
  const wish = (task as { answer?: unknown }).answer as string
  if (wish === 'loop') for (;;);
  if (wish === 'regex') /^(a+)+$/.test(`${'a'.repeat(40)}b`)
  if (wish === 'memory') {
    const kept: object[][] = []
    for (;;) kept.push(Array.from({ length: 200_000 }, (_, i) => ({ i })))
  }
  if (wish === 'throw') throw new Error('on purpose')
  if (wish === 'exit') process.exit(3)
  parentPort!.postMessage({ status: 'graded', grade: { score: 1, parts: [], evidence: { env: Object.keys(process.env) } } })
})
parentPort!.postMessage('ready')
