import { describe, expect, it } from 'vitest'
import { goDuration } from '../../../server/k8s/duration.ts'
import { jsonText } from '../../../server/cluster/kubectl/print/json.ts'
import { JsonPathError, readTemplate, relaxed, render } from '../../../server/cluster/kubectl/print/jsonpath.ts'
import { formatSelector } from '../../../server/cluster/kubectl/print/labels.ts'
import { describeSettings, tabulated } from '../../../server/cluster/kubectl/print/tabwriter.ts'
import { humanDuration, rfc1123 } from '../../../server/cluster/kubectl/print/time.ts'
import { yamlText } from '../../../server/cluster/kubectl/print/yaml.ts'
import { expand, readLine } from '../../../server/cluster/kubectl/words.ts'

const [s, m, h, d] = [1000, 60_000, 3_600_000, 86_400_000]
const y = 365 * d

describe('durations', () => {
  it.each([
    [-2 * s, '<invalid>'], [-1 * s, '0s'], [-500, '0s'], [0, '0s'], [999, '0s'], [119 * s, '119s'], [120 * s, '2m'], [125 * s, '2m5s'], [9 * m + 59 * s, '9m59s'], [10 * m, '10m'], [10 * m + 30 * s, '10m'],
    [179 * m, '179m'], [180 * m, '3h'], [3 * h + 20 * m, '3h20m'], [8 * h, '8h'], [47 * h + 59 * m, '47h'], [48 * h, '2d'], [48 * h + h, '2d1h'], [7 * d + 23 * h, '7d23h'], [8 * d, '8d'], [729 * d, '729d'],
    [2 * y, '2y'], [2 * y + 5 * d, '2y5d'], [8 * y - d, '7y364d'], [8 * y, '8y'], [8 * y + 200 * d, '8y'],
  ])('%i ms is %s', (ms, text) => expect(humanDuration(ms)).toBe(text))

  it('prints times and Go durations', () => {
    expect(rfc1123('2026-01-05T10:00:09Z')).toBe('Mon, 05 Jan 2026 10:00:09 +0000')
    expect(rfc1123(undefined)).toBe('Mon, 01 Jan 0001 00:00:00 +0000')
    expect([0, 250, 1500, 90_000, 3_600_000].map(goDuration)).toEqual(['0s', '250ms', '1.5s', '1m30s', '1h0m0s'])
  })
})

describe('tab stops', () => {
  it('gives a column its widest cell, at least six wide, three apart', () => {
    expect(tabulated('NAME\tREADY\tSTATUS\na\t1/1\tRunning\nlong-name-here\t0/1\tError')).toBe('NAME             READY   STATUS\na                1/1     Running\nlong-name-here   0/1     Error')
    expect(tabulated('A\tB\nx\ty')).toBe('A     B\nx     y')
  })

  it('ends a column block at a line without that tab', () => {
    expect(tabulated('Name:\tx\nIPs:\n  IP:\t1\nControlled By:\tRS', describeSettings)).toBe('Name:  x\nIPs:\n  IP:           1\nControlled By:  RS')
  })

  it('keeps inner columns apart and pads empty cells', () => {
    expect(tabulated('a\tb\tc\n\tbb\tc\na\tb', describeSettings)).toBe('a  b   c\n   bb  c\na  b')
  })

  it('counts letters, not bytes', () => {
    expect(tabulated('é\tx\nab\ty', describeSettings)).toBe('é   x\nab  y')
  })
})

describe('YAML in the style of go-yaml', () => {
  const line = (value: unknown): string => yamlText({ a: value }).trimEnd()
  it.each<[unknown, string]>([
    ['plain', 'a: plain'], ['', 'a: ""'], ['true', 'a: "true"'], ['yes', 'a: "yes"'], ['n', 'a: "n"'], ['null', 'a: "null"'], ['~', 'a: "~"'], ['1', 'a: "1"'], ['1.5', 'a: "1.5"'], ['1e3', 'a: "1e3"'], ['0x1f', 'a: "0x1f"'], ['1_000', 'a: "1_000"'],
    ['12:30:45', 'a: "12:30:45"'], ['2026-01-05', 'a: "2026-01-05"'], ['2026-01-05T10:00:00Z', 'a: "2026-01-05T10:00:00Z"'], ['100m', 'a: 100m'], ['1.8.2', 'a: 1.8.2'], ['app:1', 'a: app:1'], ['x: y', "a: 'x: y'"], ['ends:', "a: 'ends:'"], ['a #b', "a: 'a #b'"], ['a#b', 'a: a#b'],
    ['-', "a: '-'"], ['- x', "a: '- x'"], ['-x', 'a: -x'], ['*', "a: '*'"], ['&x', "a: '&x'"], ['[a]', "a: '[a]'"], ['{a}', "a: '{a}'"], ["it's", "a: it's"], ["'q'", "a: '''q'''"], ['"q"', `a: '"q"'`], ['%x', "a: '%x'"], ['@x', "a: '@x'"], [' lead', "a: ' lead'"], ['trail ', "a: 'trail '"],
    ['tab\tin', 'a: "tab\\tin"'], ['中文', 'a: 中文'], ['<none>', 'a: <none>'], ['=', 'a: ='], ['---', "a: '---'"],
    ['one\ntwo\n', 'a: |\n  one\n  two'], ['one\ntwo', 'a: |-\n  one\n  two'], ['one\n\ntwo\n\n', 'a: |+\n  one\n\n  two'], ['space \nend\n', 'a: "space \\nend\\n"'], ['  indented\nx\n', 'a: |2\n    indented\n  x'],
    [true, 'a: true'], [null, 'a: null'], [{}, 'a: {}'], [[], 'a: []'], [3, 'a: 3'], [[1, 2], 'a:\n- 1\n- 2'], [[{ b: 1, c: 2 }], 'a:\n- b: 1\n  c: 2'], [[[1]], 'a:\n- - 1'],
  ])('%j', (value, text) => expect(line(value)).toBe(text))

  it('folds at the first space past column 80, in plain and in quoted text', () => {
    const words = Array.from({ length: 24 }, (_, i) => `word${i}`).join(' ')
    expect(line(words).split('\n')).toEqual(['a: word0 word1 word2 word3 word4 word5 word6 word7 word8 word9 word10 word11 word12', '  word13 word14 word15 word16 word17 word18 word19 word20 word21 word22 word23'])
    expect(line(`reason: ${words}`).split('\n')[1]).toMatch(/^ {2}word\d+/)
    expect(yamlText({ a: [{ message: words }] }).split('\n')[2]).toMatch(/^ {4}word\d+/)
  })
})

describe('JSON in the style of Go', () => {
  it('sorts keys, indents by four and escapes angle brackets', () => expect(jsonText({ b: [1], a: '<x>&' })).toBe('{\n    "a": "\\u003cx\\u003e\\u0026",\n    "b": [\n        1\n    ]\n}'))
})

describe('JSONPath', () => {
  const data = {
    kind: 'List', items: [
      { metadata: { name: 'a', labels: { app: 'web' }, annotations: { 'x.io/y': 'dotted' } }, spec: { replicas: 3 }, ready: true },
      { metadata: { name: 'b', labels: { app: 'db' } }, spec: { replicas: 1 }, ready: false },
      { metadata: { name: 'c', labels: { app: 'web' } }, spec: { replicas: 2 }, ready: true },
    ],
  }
  it.each([
    ['{.kind}', 'List'], ['{.items[*].metadata.name}', 'a b c'], ['{.items[0].metadata.name}', 'a'], ['{.items[-1].metadata.name}', 'c'], ['{.items[0:2].metadata.name}', 'a b'], ['{.items[1:].metadata.name}', 'b c'], ['{.items[::2].metadata.name}', 'a c'], ['{.items[-2:].metadata.name}', 'b c'],
    ['{.items[?(@.spec.replicas>1)].metadata.name}', 'a c'], ['{.items[?(@.metadata.labels.app=="db")].metadata.name}', 'b'], ["{.items[?(@.metadata.labels.app!='db')].metadata.name}", 'a c'], ['{.items[?(@.ready==true)].metadata.name}', 'a c'], ['{.items[?(@.metadata.annotations)].metadata.name}', 'a'],
    ['{range .items[*]}{.metadata.name}={.spec.replicas}{"\\n"}{end}', 'a=3\nb=1\nc=2\n'], ["{.items[0].metadata.annotations['x\\.io/y']}", 'dotted'], ['{.items[0].metadata.annotations.x\\.io/y}', 'dotted'], ["{.items[0]['metadata'].name}", 'a'], ["{.items[*]['metadata.name']}", ''],
    ['{..name}', 'a b c'], ['{.items[0,2].metadata.name}', 'a c'], ['{.missing}', ''], ['names: {.items[*].metadata.name}!', 'names: a b c!'], ['{.items[0].metadata.labels}', '{"app":"web"}'], ['{$.kind}', 'List'], ['{.items[0].metadata.name}{"\\t"}{.kind}', 'a\tList'], ['{.items[*].metadata.labels.*}', 'web db web'],
  ])('%s', (text, result) => expect(render(readTemplate(text), data)).toBe(result))

  it.each([['{.items[*', 'unterminated array'], ['{.kind', 'unclosed action'], ['{range .items[*]}x', 'unexpected end of range'], ['{end}', 'not in range, nothing to end'], ['{"x}', 'unterminated quoted string'], ['{.items[x]}', 'invalid array index x'], ['{.items[7]}', 'array index out of bounds: index 7, length 3']])('refuses %s', (text, message) => {
    expect(() => render(readTemplate(text), data)).toThrow(JsonPathError)
    expect(() => render(readTemplate(text), data)).toThrow(message)
  })

  it('relaxes expressions of columns and sorting', () => expect(['a.b', '.a.b', '{.a.b}', '{a.b}'].map(relaxed)).toEqual(['{.a.b}', '{.a.b}', '{.a.b}', '{.a.b}']))
})

describe('selectors and words', () => {
  it('prints selectors', () => {
    expect(formatSelector({ matchLabels: { b: '2', a: '1' }, matchExpressions: [{ key: 'c', operator: 'In', values: ['y', 'x'] }, { key: 'd', operator: 'DoesNotExist' }, { key: 'e', operator: 'Exists' }] })).toBe('a=1,b=2,c in (x,y),!d,e')
    expect(formatSelector({})).toBe('<none>')
  })

  it('splits words and pipes, and refuses what it does not run', () => {
    expect(readLine(`kubectl get po -o jsonpath='{.a | b}' "x y" \\'z | grep -v "a b"`)).toEqual({ pipelines: [{ after: '', commands: [['kubectl', 'get', 'po', '-o', 'jsonpath={.a | b}', 'x y', "'z"], ['grep', '-v', 'a b']] }] })
    expect(readLine('get pods # all').pipelines).toEqual([{ after: '', commands: [['get', 'pods']] }])
    expect(readLine('get pods && get svc; get cm;').pipelines.map(({ after, commands }) => [after, ...commands[0]!])).toEqual([['', 'get', 'pods'], ['&&', 'get', 'svc'], [';', 'get', 'cm']])
    expect(readLine('get pods 2>&1 | wc -l').pipelines[0]!.commands).toEqual([['get', 'pods'], ['wc', '-l']])
    expect(readLine('get pods & ').problem).toContain('does not run &')
    expect(readLine('get pods > x').problem).toContain('does not run >')
    expect(readLine("get 'x").problem).toContain('matching')
    expect(readLine('get | ').problem).toContain('syntax error')
    expect(readLine('get pods && ').problem).toContain('syntax error')
  })

  it('puts what $(…) prints in its place: as fields, or as one word in quotes', () => {
    const words = (line: string): string[] => expand(readLine(line).pipelines[0]!.commands[0]!, (inner) => `${inner.toUpperCase()} b\n`)
    expect(words('logs $(get (x)) end')).toEqual(['logs', 'GET', '(X)', 'b', 'end'])
    expect(words('logs "a $(x) c"')).toEqual(['logs', 'a X b c'])
    expect(words("logs '$(x)'")).toEqual(['logs', '$(x)'])
    expect(words('logs a$(x)c ""')).toEqual(['logs', 'aX', 'bc', ''])
    expect(readLine('logs $(x').problem).toContain("matching `)'")
  })
})
