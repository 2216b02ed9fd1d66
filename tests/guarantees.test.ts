import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const rows = readFileSync(`${root}docs/guarantees.md`, 'utf8').split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| Promise'))

/** ``tests/x.test.ts` › one title · another title · `tests/y.test.ts` › …`` → file and titles. */
function proofsOf(row: string): { file: string; title?: string }[] {
  const proof = row.split('|')[2]!
  let file = ''
  return proof.split(' · ').flatMap((part) => {
    const named = /`(tests\/[^`]+)`(?: › (.*))?/.exec(part.trim())
    if (named) {
      file = named[1]!
      return [{ file, ...(named[2] ? { title: named[2].trim() } : {}) }]
    }
    return file === '' ? [] : [{ file, title: part.trim() }]
  })
}

describe('docs/guarantees.md', () => {
  it('promises something', () => {
    expect(rows.length).toBeGreaterThan(15)
  })

  it.each(rows)('%s', (row) => {
    const proofs = proofsOf(row)
    if (proofs.length === 0) expect(row).toContain('npx readyz bank prove')
    for (const { file, title } of proofs) {
      expect(existsSync(root + file), file).toBe(true)
      if (title !== undefined) expect(readFileSync(root + file, 'utf8'), file).toContain(title)
    }
  })
})
