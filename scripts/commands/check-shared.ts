/** Large inputs: threads judge the texts, then the rules look at all objects together. */
import { availableParallelism } from 'node:os'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { CheckInput, CheckOptions, CheckReport } from '../../server/checker/index.ts'
import { addAdvice, definitionsIn } from '../../server/checker/index.ts'

/** Texts handed to a thread at a time: small enough for an even share, large enough to be worth the way. */
const portion = 100

function startThread(): Worker {
  if (import.meta.url.endsWith('.mjs')) return new Worker(new URL('./check-thread.mjs', import.meta.url))
  // Node 20 starts no thread from a .ts file, so a line of JavaScript registers the loader first.
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api').replace(/\.cjs$/, '.mjs')).href
  const module = new URL('./check-thread.ts', import.meta.url).href
  return new Worker(`import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(module)}) })`, { eval: true })
}

/** The same report as `check`, in the order of the inputs; shows progress on a terminal. */
export async function checkShared(inputs: readonly CheckInput[], options: CheckOptions): Promise<CheckReport> {
  const portions = Array.from({ length: Math.ceil(inputs.length / portion) }, (_, index) => inputs.slice(index * portion, (index + 1) * portion))
  // As JSON, because a number that stands as it was written does not travel between threads.
  const shared: CheckOptions = { ...options, definitions: JSON.parse(JSON.stringify(definitionsIn(inputs, options.limits))) as CheckOptions['definitions'] }
  const judged: CheckReport[] = []
  let next = 0
  let done = 0
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), portions.length) }, async () => {
    const thread = startThread()
    try {
      while (next < portions.length) {
        const index = next++
        judged[index] = await new Promise<CheckReport>((resolve, reject) => {
          thread.once('message', resolve)
          thread.once('error', reject)
          thread.postMessage({ inputs: portions[index], options: shared })
        })
        thread.removeAllListeners()
        done += portions[index]!.length
        if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${inputs.length} files`)
      }
    } finally {
      await thread.terminate()
    }
  }))
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  const report: CheckReport = { documents: judged.flatMap(({ documents }) => documents), problems: judged.flatMap(({ problems }) => problems) }
  const texts = new Map(inputs.map(({ file, text }) => [file, text]))
  addAdvice(report, (file) => texts.get(file)!, options)
  return report
}
