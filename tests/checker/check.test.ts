import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { addAdvice, check, isClean, judge, serverMessage } from '../../server/checker/index.ts'
import { codeFrame } from '../../server/checker/output/frame.ts'
import { githubReport, jsonReport, junitReport, sarifReport, summaryOf, tapReport, textReport } from '../../server/checker/output/formats.ts'

const text = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: login
spec:
  selector:
    matchLabels: { app: login }
  template:
    metadata:
      labels: { app: login }
    spec:
      containers:
      - name: App
        image: login:1
        portz: []
---
apiVersion: v1
kind: Service
metadata: { name: login }
spec:
  selector: { app: logn }
  ports: [{ port: 80 }]
---
apiVersion: game.example/v1
kind: Match
metadata: { name: m }
---
a: b: c
`
const inputs = [{ file: 'app.yaml', text }]
const options = { only: ['service-selects-a-pod'] }
const report = check(inputs, options)

describe('a check', () => {
  it('judges each object and points at the place in the file', () => {
    expect(report.documents.map(({ kind, verdict, stage, line }) => [kind, verdict, stage, line])).toEqual([['Deployment', 'rejected', 'invalid', 1], ['Service', 'accepted', 'ok', 17], ['Match', 'unknown', 'unknown', 24]])
    const [deployment, service] = report.documents
    expect(deployment!.errors.map(({ path, range }) => [path, range.start.line, range.start.column])).toEqual([['spec.template.spec.containers[0].name', 13, 15]])
    expect(deployment!.unknownFields.map(({ message, range }) => [message, range.start.line, range.start.column])).toEqual([['unknown field "spec.template.spec.containers[0].portz"', 15, 9]])
    expect(service!.findings.map(({ rule, range }) => [rule, range.start.line])).toEqual([['service-selects-a-pod', 21]])
    expect(report.problems.map(({ severity, range }) => [severity, range.start.line])).toEqual([['error', 28]])
  })

  it('gives the same report in two halves', () => {
    const halves = judge(inputs, options)
    addAdvice(halves, () => text, options)
    expect(JSON.stringify(halves)).toBe(JSON.stringify(report))
  })

  it('says what kubectl would print', () => {
    expect(serverMessage(check([{ file: 'a', text: 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { containers: [{ name: a, image: b }], foo: 1, bar: 2 }\n' }]).documents[0]!)).toBe('strict decoding error: unknown field "spec.bar", unknown field "spec.foo"')
    expect(serverMessage(check([{ file: 'a', text: 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n' }]).documents[0]!)).toBe('spec.containers: Required value')
  })

  it('knows what is clean at which level', () => {
    const fine = check([{ file: 'a', text: 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n' }])
    expect([isClean(fine), isClean(report), isClean(check([{ file: 'a', text: '{' }]))]).toEqual([true, false, false])
  })

  it('rejects documents that are no objects, with the reason', () => {
    const documents = check([{ file: 'a', text: '- 1\n---\nfoo: bar\n---\nkind: Pod\n' }]).documents
    expect(documents.map(({ verdict, stage, errors }) => [verdict, stage, errors[0]?.message])).toEqual([
      ['rejected', 'parse', 'A manifest is a map with apiVersion and kind: this is something else.'],
      ['rejected', 'parse', "Object 'Kind' is missing."],
      ['rejected', 'parse', "Object 'apiVersion' is missing."],
    ])
  })
})

describe('the formats', () => {
  const texts = new Map([['app.yaml', text]])

  it('print a piece of the text with carets under the range', () => {
    expect(codeFrame('a: 1\nb: two\nc: 3\n', { start: { line: 2, column: 4, offset: 8 }, end: { line: 2, column: 7, offset: 11 } })).toBe('  1 | a: 1\n> 2 | b: two\n    |    ^^^')
    expect(textReport(report, texts)).toContain('app.yaml:15:9: error: ')
    expect(textReport(report, texts, { frames: false }).split('\n')).toHaveLength(5)
  })

  it('are well formed and complete', () => {
    const json = JSON.parse(jsonReport(report, summaryOf(report, 1)))
    expect(json.documents[0]).toMatchObject({ file: 'app.yaml', line: 1, kind: 'Deployment', name: 'login', verdict: 'rejected', stage: 'invalid' })
    expect(json.summary).toMatchObject({ files: 1, documents: 3, accepted: 1, rejected: 1, unknown: 1, textErrors: 1 })
    const run = JSON.parse(sarifReport(report, '1.0.0')).runs[0]
    expect(run.results).toHaveLength(4)
    expect(run.results.every((result: { ruleId: string; ruleIndex: number }) => run.tool.driver.rules[result.ruleIndex].id === result.ruleId)).toBe(true)
    expect(junitReport(report)).toContain('tests="4" failures="3"')
    expect(githubReport(report).split('\n').every((line) => line.startsWith('::'))).toBe(true)
    expect(tapReport(report).split('\n').slice(1)[0]).toBe('1..3')
  })
})

describe('the command', { timeout: 120_000 }, () => {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const folder = mkdtempSync(join(tmpdir(), 'readyz-check-'))
  mkdirSync(join(folder, 'inner'))
  writeFileSync(join(folder, 'inner', 'a.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n')
  writeFileSync(join(folder, 'b.yml'), text)
  writeFileSync(join(folder, 'bytes.yaml'), Buffer.from([0xff, 0xfe, 0x00]))
  const run = (argv: string[], input?: string): { code: number; out: string; err: string } => {
    try {
      return { code: 0, out: execFileSync(process.execPath, ['scripts/readyz.mjs', 'check', ...argv], { cwd: root, input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] }), err: '' }
    } catch (error) {
      const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string }
      return { code: status, out: stdout, err: stderr }
    }
  }

  it('exits 0 for a clean folder, 1 for a rejected object, 2 when it could not run', () => {
    expect(run([join(folder, 'inner'), '-summary'])).toMatchObject({ code: 0, out: expect.stringContaining('1 accepted, 0 rejected') })
    const bad = run([folder, '--quiet', '--summary'])
    expect(bad).toMatchObject({ code: 1 })
    expect(bad.out).toContain('UTF-16')
    expect(run([join(folder, 'nothing')])).toMatchObject({ code: 2, err: expect.stringContaining('There is no') })
    expect(run(['--kubernetes-version', '1.20', folder])).toMatchObject({ code: 2, err: expect.stringContaining('1.34, 1.35 and 1.36') })
    expect(run(['--nonsense', folder])).toMatchObject({ code: 2 })
  })

  it('reads standard input and prints defaulted objects', () => {
    const { code, out } = run(['--defaulted', '-'], 'apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { selector: { a: b }, ports: [{ port: 80 }] }\n')
    expect(code).toBe(0)
    expect(out).toContain('targetPort: 80')
    expect(out).toContain('sessionAffinity: None')
  })
})
