/** The grade of a repair, on the bank's own exercise: points, constraints, refusals with their place, and answers that must never get through or fall over. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBank } from '../../server/bank/index.ts'
import { fixManifest } from '../../server/question-types/fix-manifest/index.ts'
import type { RepairEvidence } from '../../server/question-types/fix-manifest/grade.ts'
import { filesIn, variantsIn } from '../../server/question-types/fix-manifest/files.ts'
import { readPositions, stepsOf } from '../../server/question-types/fix-manifest/positions.ts'
import type { Grade } from '../../server/question-types/index.ts'

const question = readBank('questions').questions.find(({ id }) => id === 'players-locked-out')!
const body = { spec: question.spec as never, files: question.files, language: 'en' as const }
const repair = variantsIn(question.files, 'repairs').find(({ name }) => name === 'one-policy')!.answer
const grade = (answer: Record<string, string>): Grade & { evidence: RepairEvidence } => fixManifest.grade(body, answer) as Grade & { evidence: RepairEvidence }
const policy = repair['policy.yaml']!
const changed = (from: string | RegExp, to: string) => ({ 'policy.yaml': policy.replace(from, to) })

describe('a grade', () => {
  it('counts the points of the goals that are met', () => {
    const { score, parts, evidence } = grade(changed(/- namespaceSelector:[\s\S]*?role: probe/, '- podSelector: {}'))
    expect(score).toBe(0.8)
    expect(parts.filter(({ earned }) => earned === 0).map(({ id }) => id)).toEqual(['probe'])
    expect(evidence.goals.find(({ id }) => id === 'probe')).toMatchObject({ verdict: 'missed', because: { en: expect.stringContaining('i/o timeout') as string } })
  })
  it('shows the run before and after the repair, from the apply instant on', () => {
    const { evidence } = grade(repair)
    expect(evidence.runs).toHaveLength(1)
    expect(evidence.runs[0]).toMatchObject({ run: 'main', before: { endedAt: 120_000, completed: true }, after: { endedAt: 120_000, completed: true } })
    expect(evidence.runs[0]!.after.timeline.some(({ kind, text }) => kind === 'reach' && text.includes('answered by'))).toBe(true)
    expect(JSON.stringify(evidence).length).toBeLessThan(60_000)
    expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence)
  })
  it('is nothing with a broken constraint, which stands at its place', () => {
    const { score, parts, evidence } = grade(changed('203.0.113.0/24', '203.0.0.0/16'))
    expect(score).toBe(0)
    expect(parts.every(({ earned }) => earned === 0)).toBe(true)
    const line = 1 + policy.split('\n').findIndex((text) => text.includes('203.0.113.0/24'))
    expect(evidence.constraints.filter(({ broken }) => broken)).toMatchObject([{ id: 'K6', file: 'policy.yaml', line, column: 13 }])
  })
  it('is nothing when the API server refuses an object, with the field at its line', () => {
    const { score, evidence } = grade(changed('protocol: TCP', 'protocol: TCPIP'))
    expect(score).toBe(0)
    expect(evidence.constraints.filter(({ broken }) => broken).map(({ id }) => id)).toEqual(['K0'])
    const line = 1 + policy.split('\n').findIndex((text) => text.includes('protocol: TCP'))
    expect(evidence.problems).toMatchObject([{ file: 'policy.yaml', line, column: 11 }])
    expect(evidence.problems[0]!.message).toContain('Unsupported value: "TCPIP"')
    expect(grade(changed('podSelector', 'podSelectors')).evidence.problems[0]!.message).toContain('unknown field "spec.podSelectors"')
  })
  it('gives nothing for what held before, unless something was repaired', () => {
    const { score, parts } = grade({ 'policy.yaml': filesIn(question.files, 'broken')['policy.yaml']!.replace('10.0.0.0/8', '10.128.0.0/9') })
    expect(score).toBe(0)
    expect(parts.find(({ id }) => id === 'strangers')).toMatchObject({ earned: 0, note: { en: expect.stringContaining('held before') as string } })
  })
  it('says that nothing was changed, whatever the dress', () => {
    const broken = filesIn(question.files, 'broken')
    for (const answer of [broken, {}, { 'policy.yaml': `# why\n${broken['policy.yaml']!}` }, { 'policy.yaml': JSON.stringify({ ...(JSON.parse('{}') as object) }) && broken['policy.yaml']!.replace('10.0.0.0/8', '"10.0.0.0/8"') }]) expect(grade(answer).parts[0]!.note.en).toBe('Nothing was changed.')
  })
  it('is undecided, not zero, where the answer leaves the model', () => {
    const drift = readBank('questions').questions.find(({ id }) => id === 'selector-drift')!
    const answer = variantsIn(drift.files, 'repairs')[0]!.answer
    const { parts, undecided } = fixManifest.grade({ spec: drift.spec as never, files: drift.files, language: 'en' }, { 'login.yaml': answer['login.yaml']!.replace('      containers:', '      resourceClaims: [{ name: gpu, resourceClaimName: gpu }]\n      containers:') })
    expect(undecided).toBe(true)
    expect(parts.find(({ id }) => id === 'only-gateway')).toMatchObject({ earned: 0, undecided: true })
  })
  it('is the same bytes again, and in both languages', () => {
    expect(JSON.stringify(grade(repair))).toBe(JSON.stringify(grade(repair)))
    const documents = variantsIn(question.files, 'repairs').find(({ name }) => name === 'additive-policies')!.answer['policy.yaml']!.split('---\n')
    const verdicts = (text: string) => grade({ 'policy.yaml': text }).evidence.goals.map(({ id, verdict, because }) => [id, verdict, because.en])
    expect(verdicts([...documents].reverse().join('---\n'))).toEqual(verdicts(documents.join('---\n')))
  })
})

describe('answers that are no answers', () => {
  it.each([
    ['no such file', { 'other.yaml': policy }],
    ['no YAML', { 'policy.yaml': 'kind: [' }],
    ['a scalar', { 'policy.yaml': '42' }],
    ['a tab', { 'policy.yaml': 'kind:\n\t- x' }],
    ['a list', { 'policy.yaml': '- 1\n- 2' }],
    ['no metadata', { 'policy.yaml': 'apiVersion: v1\nkind: Service\nmetadata:\n' }],
    ['too large', { 'policy.yaml': `# ${'x'.repeat(262_144)}` }],
    ['too many documents', { 'policy.yaml': 'a: 1\n---\n'.repeat(201) }],
    ['an alias bomb', { 'policy.yaml': ['a: &a [x,x,x,x,x,x,x,x,x,x]', ...'bcdefghi'.split('').map((name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[i]!}`).join(',')}]`)].join('\n') }],
    ['nested too deeply', { 'policy.yaml': '['.repeat(100_000) }],
    ['nested too deeply, by steps', { 'policy.yaml': Array.from({ length: 80 }, (_, i) => `${' '.repeat(i)}a:`).join('\n') }],
  ])('%s', (_name, answer) => {
    const { score, evidence } = grade(answer as unknown as Record<string, string>)
    expect(score).toBe(0)
    expect(evidence.problems.length).toBeGreaterThan(0)
    for (const { message } of evidence.problems) expect(message).not.toBe('')
  })
  it('an unknown kind', () => {
    const { score, evidence } = grade({ 'policy.yaml': `${policy}---\napiVersion: example.com/v1\nkind: Wish\nmetadata:\n  name: x\n` })
    expect(score).toBe(0)
    expect(evidence.problems[0]!.message).toContain('no matches for kind "Wish"')
  })
  it('never throw', () => {
    fc.assert(fc.property(fc.nat(policy.length), fc.nat(40), fc.string({ maxLength: 8 }), (at, length, text) => {
      const { score } = grade({ 'policy.yaml': policy.slice(0, at) + text + policy.slice(at + length) })
      expect(score).toBeGreaterThanOrEqual(0)
      expect(score).toBeLessThanOrEqual(1)
    }), { numRuns: 40 })
  }, 60_000)
})

describe('what is shown before the end', () => {
  it('is the incident, by the simulator, and nothing of the goals', () => {
    const view = fixManifest.view(body, undefined, (items) => [...items]) as { evidence: { command: string; output: string }[]; files: { path: string }[] }
    expect(view.evidence[0]!.output).toMatch(/^NAME +READY +STATUS/)
    expect(view.evidence[1]!.output).toContain('LoadBalancer')
    expect(JSON.stringify(view)).not.toMatch(/players-east|192\.0\.2\.5|goals/)
  })
  it('is in an exam whether the API server would accept the text', () => {
    expect(fixManifest.precheck!(body, {})).toEqual({ ok: true, problems: [] })
    expect(fixManifest.precheck!(body, changed('cidr: 203.0.113.0/24', 'cidr: 203.0.113.0/33'))).toMatchObject({ ok: false, problems: [{ file: 'policy.yaml', line: expect.any(Number) as number }] })
    expect(fixManifest.precheck!(body, variantsIn(question.files, 'near-misses')[0]!.answer).ok).toBe(true)
  })
})

describe('positions', () => {
  it('read field paths as the API server writes them', () => {
    expect(stepsOf('spec.template.spec.containers[0].image')).toEqual(['spec', 'template', 'spec', 'containers', 0, 'image'])
    expect(stepsOf('metadata.labels[app.kubernetes.io/name]')).toEqual(['metadata', 'labels', 'app.kubernetes.io/name'])
  })
  it('point at the field, or at what should hold it', () => {
    const { place } = readPositions('kind: Service\nmetadata: {name: a}\n---\nkind: Service\nmetadata:\n  name: b\nspec:\n  ports:\n    - port: 1\n')
    expect(place({ kind: 'Service', namespace: 'game', name: 'b' }, 'spec.ports[0].port')).toEqual({ line: 9, column: 7 })
    expect(place({ kind: 'Service', namespace: 'game', name: 'b' }, 'spec.ports[0].name')).toEqual({ line: 9, column: 7 })
    expect(place({ kind: 'Service', namespace: 'game', name: 'b' }, 'spec.selector')).toEqual({ line: 7, column: 1 })
    expect(place({ kind: 'Pod', namespace: '', name: 'x' })).toEqual({ line: 1, column: 1 })
  })
})
