/** A quick fix mends what it is offered for: the changed object no longer gets the finding, and the server still accepts it. */
import { describe, expect, it } from 'vitest'
import { check, rules, type Change, type CheckReport } from '../../server/checker/index.ts'
import type { Fields } from '../../server/k8s/object.ts'

const offered = rules.flatMap((rule) => rule.examples.bad.map((example, index) => ({ rule, example, index }))).filter(({ rule, example }) => findingsOf(checked(example.yaml, rule.id, example.closed)).some(({ change }) => change))

function checked(text: string, rule: string, closed?: boolean): CheckReport {
  return check([{ file: 'a.yaml', text }], { only: [rule], closed })
}

function findingsOf(report: CheckReport): CheckReport['documents'][number]['findings'] {
  return report.documents.flatMap(({ findings }) => findings)
}

/** Sets or removes the value; makes the maps on the way where they are missing. */
function apply(object: Fields, { path, value }: Change): void {
  let at: Fields = object
  for (const step of path.slice(0, -1)) at = (at[step as string] ??= {}) as Fields
  const last = path.at(-1)!
  if (value !== undefined) at[last as string] = value
  else if (Array.isArray(at)) at.splice(last as number, 1)
  else delete at[last as string]
}

describe('quick fixes', () => {
  it('are offered by many rules', () => {
    expect(new Set(offered.map(({ rule }) => rule.id)).size).toBeGreaterThan(25)
  })

  it.each(offered.map(({ rule, example, index }) => [rule.id, index, example] as const))('of %s, example %i', (id, _, example) => {
    const report = checked(example.yaml, id, example.closed)
    const objects = report.documents.map(({ defaulted }) => structuredClone(defaulted!))
    const before = findingsOf(report)
    const first = before.find(({ change }) => change)!
    apply(objects[report.documents.findIndex(({ findings }) => findings.includes(first))]!, first.change!)
    const after = checked(objects.map((object) => JSON.stringify(object)).join('\n---\n'), id, example.closed)
    expect(after.documents.flatMap(({ errors }) => errors.map(({ path, message }) => `${path}: ${message}`))).toEqual([])
    expect(findingsOf(after).length).toBeLessThan(before.length)
  })
})
