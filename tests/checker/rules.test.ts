import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { check, Inventory, rules } from '../../server/checker/index.ts'
import { ruleIds, rulesIndexText, rulesPageText } from '../../scripts/generate/rules.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

describe('the rules', () => {
  it('are in the index and on the reference page, each under the name of its file', () => {
    expect(rules.map(({ id }) => id)).toEqual(ruleIds())
    expect(read('server/checker/rules/index.ts')).toBe(rulesIndexText(ruleIds()))
    expect(read('docs/reference/rules.md')).toBe(rulesPageText(rules))
  })

  describe.each(rules.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
    it('says why and how to mend it in both languages, with a source', () => {
      for (const text of [rule.title, rule.why, rule.fix]) for (const language of ['en', 'zh-CN'] as const) expect(text[language].trim().length).toBeGreaterThan(5)
      expect(rule.title['zh-CN']).toMatch(/[一-鿿]/)
      expect(rule.links.length).toBeGreaterThan(0)
      expect(rule.examples.good.length).toBeGreaterThan(0)
      expect(rule.examples.bad.length).toBeGreaterThan(0)
    })

    it('is silent on its good examples', () => {
      for (const yaml of rule.examples.good) {
        const report = check([{ file: 'good.yaml', text: yaml }], { only: [id] })
        expect(report.problems.filter(({ severity }) => severity === 'error')).toEqual([])
        expect(report.documents.flatMap(({ errors }) => errors)).toEqual([])
        expect(report.documents.flatMap(({ findings }) => findings)).toEqual([])
      }
    })

    it('reports exactly the places of its bad examples, in both languages', () => {
      for (const { yaml, expect: paths, closed } of rule.examples.bad) {
        const findings = check([{ file: 'bad.yaml', text: yaml }], { only: [id], closed }).documents.flatMap((document) => document.findings)
        expect(findings.map(({ path }) => path)).toEqual(paths)
        for (const { message, range } of findings) {
          expect(message.en).not.toBe('')
          expect(message['zh-CN']).toMatch(/[一-鿿]/)
          expect(range.start.line).toBeGreaterThan(0)
        }
      }
    })
  })

  it('have nothing to say about objects without the fields they mention', () => {
    const texts = rules.flatMap(({ examples }) => [...examples.good, ...examples.bad.map(({ yaml }) => yaml)])
    let shown = 0
    for (const text of texts) {
      const objects = check([{ file: 'example.yaml', text }], { only: [] }).documents.flatMap(({ defaulted }) => defaulted ?? [])
      const all = new Inventory(objects, true)
      for (const rule of rules) {
        for (const object of objects) {
          const isWorkload = JSON.stringify(object).includes('"containers"')
          if (!rule.mentions || !(rule.kinds.includes('*') || rule.kinds.includes(object.kind) || (rule.kinds.includes('workloads') && isWorkload))) continue
          if (rule.mentions.some((name) => JSON.stringify(object).includes(`"${name}":`))) continue
          shown++
          expect([...rule.check(object, all)].map(({ at }) => `${rule.id} ${at.join('.')}`)).toEqual([])
        }
      }
    }
    expect(shown).toBeGreaterThan(1000)
  })
})
