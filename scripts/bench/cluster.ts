/** `npm run bench -- cluster`: how fast virtual time passes, in a process bundled and limited as the grading processes are. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startGradingProcess } from '../../server/grading/pool.ts'
import { buildForNode } from '../build-node.mjs'
import type { Measured } from './cluster-thread.ts'

type Both = Record<'typical' | 'large', Measured>

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'readyz-bench-'))
  try {
    print(await measured(folder))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What the thread measured; its bundle goes into `folder`. */
async function measured(folder: string): Promise<Both> {
  await buildForNode({ entryPoints: ['scripts/bench/cluster-thread.ts'], out: join(folder, 'threads') })
  const child = startGradingProcess(pathToFileURL(join(folder, 'threads/cluster-thread.mjs')).href, 256)
  child.ref()
  child.stderr!.pipe(process.stderr)
  try {
    return await new Promise<Both>((resolve, reject) => {
      child.once('message', (both) => resolve(both as Both))
      child.once('close', (code) => reject(new Error(`The process ended with exit code ${code}.`)))
    })
  } finally {
    child.kill('SIGKILL')
  }
}

function print({ typical, large }: Both): void {
  console.log(`typical exercise (3 workloads, 6 pods, 10 virtual minutes): p50 ${typical.p50.toFixed(1)} ms (goal 10), p99 ${typical.p99.toFixed(1)} ms (goal 40), first ever ${Math.round(typical.first)} ms, ${typical.events} pieces of work`)
  console.log(`  ${Math.round(600_000 / typical.p50).toLocaleString('en')} virtual seconds per second`)
  console.log(`100 pods, one virtual hour: ${Math.round(large.p50)} ms (goal 1,000), ${large.events} pieces of work`)
  console.log(`  ${Math.round(3_600_000 / large.p50).toLocaleString('en')} virtual seconds per second`)
}
