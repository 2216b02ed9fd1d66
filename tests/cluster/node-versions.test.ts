/** The same input gives the same bytes on every Node that Readyz runs on: the command line as it ships plays whole questions under each. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildCli } from '../../scripts/build-node.mjs'
import { nodeOf } from '../support/node-versions.ts'
import type { FoundNode } from '../support/node-versions.ts'

const questions = fileURLToPath(new URL('../../questions/', import.meta.url))
/** Autoscaling on two runs, a rollout under traffic, crashes with a claim, evictions, a drain against a budget. */
const scenarios = ['01-overview/03-resources/battle-pool', '05-production/09-rollout/resets-on-deploy', '02-pods/03-probes/rebuild-after-crash', '05-production/01-errors-logs/disk-full-evicted', '05-production/06-drills/drain-never-ends']
const majors = [20, 22, 24]

const out = mkdtempSync(join(tmpdir(), 'readyz-cli-'))
const nodes = new Map<number, FoundNode>()
const hashes = new Map<string, string>()

function hashOf(node: string, scenario: string): string {
  const script = `const { simulateCommand } = await import(${JSON.stringify(pathToFileURL(join(out, 'cli/simulate.mjs')).href)}); process.exitCode = await simulateCommand(process.argv.slice(1))`
  const { status, stdout, stderr } = spawnSync(node, ['--input-type=module', '-e', script, join(questions, scenario), '--output', 'json'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  expect(stderr).toBe('')
  // A question as it is given: played to its end, and some goals missed.
  expect(status).toBe(1)
  expect(stdout.length).toBeGreaterThan(50_000)
  return createHash('sha256').update(stdout).digest('hex')
}

beforeAll(async () => {
  await buildCli({ out: join(out, 'cli') })
  for (const major of majors) nodes.set(major, nodeOf(major))
}, 300_000)
afterAll(() => rmSync(out, { recursive: true, force: true }))

describe.each(majors)('Node %i', (major) => {
  it.for(scenarios)('plays %s to the same bytes', { timeout: 60_000 }, (scenario, context) => {
    const node = nodes.get(major)!
    if ('missing' in node) return context.skip(node.missing)
    const hash = hashOf(node.path, scenario)
    const first = hashes.get(scenario) ?? hash
    hashes.set(scenario, first)
    expect(hash, `Node ${node.version}`).toBe(first)
  })
})
