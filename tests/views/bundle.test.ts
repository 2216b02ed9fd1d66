/** What a browser has to load: built as for the site, counted as it comes over the line. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildClient } from '../../scripts/build-client.mjs'
import { withoutWords } from '../../scripts/client-plugins.mjs'
import { temporaryFolder } from '../support/database.ts'

const checkerBytesMax = 150_000

const folder = temporaryFolder()
const out = join(folder.path, 'client')
let manifest: Record<string, string>
beforeAll(async () => {
  manifest = await buildClient({ out })
}, 120_000)
afterAll(() => folder.remove())

const read = (file: string): string => readFileSync(join(out, file), 'utf8')

/** A file with everything it imports at once; what it imports on demand is left out. */
function closure(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  for (const [, next] of read(file).matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g)) closure(next!, seen)
  return seen
}
const textOf = (entry: string): string => [...closure(manifest[entry]!)].map(read).join('\n')
const gzipped = (entry: string): number => [...closure(manifest[entry]!)].reduce((sum, file) => sum + gzipSync(readFileSync(join(out, file)), { level: 9 }).length, 0)

it('the checker with its schemas stays within its budget', () => {
  const bytes = gzipped('checker-worker.js')
  console.info(`checker: ${(bytes / 1000).toFixed(1)} kB gzip of ${checkerBytesMax / 1000}; editor: ${(gzipped('editor.js') / 1000).toFixed(1)} kB; checker page: ${(gzipped('check-page.js') / 1000).toFixed(1)} kB`)
  expect(textOf('checker-worker.js')).toContain('service-selects-a-pod')
  expect(bytes).toBeLessThan(checkerBytesMax)
})

it('what pages never ask for is not loaded: what an update may change', () => {
  expect(textOf('checker-worker.js')).not.toContain('pod updates may not change fields other than')
  expect(textOf('checker-worker.js')).toContain('does not match template')
})

it('documentation and the words of rules are loaded when they are needed, by kind', () => {
  const about = 'Deployment enables declarative updates for Pods and ReplicaSets.'
  const loaded = textOf('checker-worker.js')
  expect(loaded).not.toContain(about)
  expect(loaded).not.toContain('A Service selects at least one Pod')
  const files = readdirSync(out).filter((file) => file.endsWith('.js'))
  expect(files.filter((file) => read(file).includes(about))).toHaveLength(1)
  expect(files.filter((file) => read(file).includes('A Service selects at least one Pod'))).toHaveLength(1)
})

it('the judge of custom resources, with CEL in it, is loaded when a definition turns up', () => {
  expect(textOf('checker-worker.js')).not.toContain('some validation rules were not checked')
  expect(readdirSync(out).filter((file) => file.endsWith('.js') && read(file).includes('some validation rules were not checked'))).toHaveLength(1)
})

it('a page of an exam gets neither checker nor documentation with its scripts', () => {
  for (const entry of ['site.js', 'attempt.js', 'editor.js']) expect(textOf(entry), entry).not.toMatch(/service-selects-a-pod|supported values: |V1PodSpec/)
})

it('every rule keeps its judgement and loses its words', () => {
  for (const name of readdirSync('server/checker/rules').filter((file) => file !== 'index.ts')) {
    const kept = withoutWords(readFileSync(join('server/checker/rules', name), 'utf8'))
    expect(kept, name).toMatch(/\bcheck\b/)
    expect(kept, name).not.toMatch(/^ {2}(title|why|fix|links|examples):/m)
  }
})
