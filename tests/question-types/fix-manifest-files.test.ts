import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { lintFiles } from '../../server/question-types/fix-manifest/lint.ts'
import { precheckRepair } from '../../server/question-types/fix-manifest/precheck.ts'
import { samplesOf } from '../../server/question-types/fix-manifest/samples.ts'
import { specSchema } from '../../server/question-types/fix-manifest/schema.ts'

const object = (name: string, port: number) => `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  ports:\n    - port: ${port}\n`
const scenario = 'runs: [{ name: main }]\ngoals: [{ id: up, reach: { from: { node: node-1 }, to: { host: a, port: 1 } } }]\nevidence: [{ at: 60s, command: kubectl get svc }]\n'
const files = {
  'scenario.yaml': scenario, 'broken/a.yaml': `${object('a', 1)}---\n${object('b', 1)}`, 'broken/c.yaml': object('c', 1),
  'repairs/one/a.yaml': `${object('a', 2)}---\n${object('b', 2)}`, 'repairs/two/c.yaml': object('c', 3),
  'near-misses/x/c.yaml': object('c', 4), 'near-misses/y/c.yaml': object('c', 5),
}
const spec = specSchema.parse({ key: { nearMisses: { x: ['up'], y: ['K6'] } } })
const messages = (changed: Record<string, string>, key: unknown = spec) => [...lintFiles(key as typeof spec, changed)].map(({ message }) => message).join('\n')

describe('lint of a repair', () => {
  it('finds nothing in a good folder', () => expect(messages(files)).toBe(''))
  it('finds what is missing', () => {
    expect(messages({ 'scenario.yaml': scenario })).toContain('There is no file in broken/')
    expect(messages({ ...files, 'repairs/two/d.yaml': 'x' })).toContain('no such file in broken/')
    expect(messages({ ...files, 'repairs/two/c.yaml': files['broken/c.yaml'] })).toContain('leave it out')
    expect(messages(files, specSchema.parse({ key: { nearMisses: { x: ['nothing'], y: ['K6'] } } }))).toContain('neither a goal')
    expect(messages(files, specSchema.parse({}))).toContain('near-misses/x is not listed')
    expect(messages({ ...files, 'scenario.yaml': 'goals: [' })).not.toBe('')
  })
  it('finds a metric that nobody asks for, and one of a kind that does not exist', () => {
    const series = (of: string): string => messages({ ...files, 'scenario.yaml': `${scenario}cluster: { metricsAdapters: { custom: [{ metric: sessions, ${of}, values: [{ value: 1 }] }] } }\n` })
    expect(series('workload: deployment/web')).toBe('No manifest names the metric "sessions".')
    expect(series('object: nothing/web')).toContain('"nothing/web" names no kind')
  })
})

describe('samples of a repair', () => {
  const samples = [...samplesOf(spec, files)]
  it('play repairs, near-misses and every way to cheat', () => {
    expect(samples.map(({ name }) => name)).toEqual(expect.arrayContaining(['repairs/one', 'repairs/two', 'near-misses/x', 'unchanged', 'empty', 'no files', 'comments only', 'everything deleted', 'alias bomb', 'a.yaml without object 1', 'a.yaml without object 2', 'c.yaml without object 1']))
    expect(samples.filter(({ missed }) => missed).map(({ missed }) => missed)).toEqual([['up'], ['K6']])
  })
  it('change the dress of a repair, not its meaning', () => {
    const value = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as unknown)
    const plain = samples.find(({ name }) => name === 'repairs/one')!.answer as Record<string, string>
    const dressed = samples.find(({ name }) => name.startsWith('repairs/one,'))!.answer as Record<string, string>
    expect(dressed['a.yaml']).not.toBe(plain['a.yaml'])
    expect(value(dressed['a.yaml']!)).toEqual(value(plain['a.yaml']!))
  })
})

describe('precheckRepair', () => {
  const broken = { 'a.yaml': object('a', 1) }
  it('places problems and says nothing about goals', () => {
    expect(precheckRepair(broken, {})).toEqual({ ok: true, problems: [] })
    expect(precheckRepair(broken, { 'a.yaml': 'kind: [\n' }).problems[0]).toMatchObject({ file: 'a.yaml', line: expect.any(Number) })
    expect(precheckRepair(broken, { 'b.yaml': '' }).ok).toBe(false)
    expect(precheckRepair(broken, { 'a.yaml': 'kind: Service' }).problems[0]!.message).toContain('apiVersion, metadata.name')
  })
  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      precheckRepair(broken, { 'a.yaml': text })
    }))
    for (const { name, answer } of samplesOf(spec, files)) if (name !== 'not an object') precheckRepair({ 'a.yaml': '', 'c.yaml': '' }, answer as Record<string, string>)
  })
})
