import { describe, expect, it } from 'vitest'
import { decodeText, parseManifest, type Manifest } from '../../server/k8s/manifest.ts'
import { NumberText } from '../../server/k8s/number-text.ts'

const values = (manifest: Manifest): unknown[] => manifest.documents.map((document) => document.value)
const problems = (manifest: Manifest, severity = 'error'): string[] =>
  manifest.problems.filter((problem) => problem.severity === severity && !problem.code.startsWith('missing') && problem.code !== 'not-an-object').map((problem) => `${problem.code} ${problem.range.start.line}:${problem.range.start.column}`)

/** Values that kubectl 1.36 gives these texts. */
const readings: [string, string, unknown][] = [
  ['a tab after a colon and before a comment', 'a:\tb\t# c', { a: 'b' }],
  ['booleans of YAML 1.1', 'a: [yes, no, on, off, y, n, True]', { a: [true, false, true, false, true, false, true] }],
  ['other spellings as texts', 'a: [yEs, oN, tRue, nULL]', { a: ['yEs', 'oN', 'tRue', 'nULL'] }],
  ['boolean keys', 'on: 1', { true: 1 }],
  ['number keys', '1: a\n0x10: b', { 1: 'a', 16: 'b' }],
  ['octal numbers', 'a: [0644, 0123, 0o644, 0888]', { a: [420, 83, 420, 888] }],
  ['other number forms', 'a: [1_0, 0x10, 1e1, 0b11, +5, -0x1F, .5, 3.0]', { a: [10, 16, 10, 3, 5, -31, 0.5, 3] }],
  ['what only looks like a number', 'a: [22:22, 2001-12-14, 1.2.3, 1__x, 0x, .]', { a: ['22:22', '2001-12-14', '1.2.3', '1__x', '0x', '.'] }],
  ['empty and null', 'a:\nb: ~\nc: null\nd: ""', { a: null, b: null, c: null, d: '' }],
  ['merge keys, explicit keys win', 'x: &x {a: 1, b: 2}\nz:\n  <<: *x\n  b: 3', { x: { a: 1, b: 2 }, z: { a: 1, b: 3 } }],
  ['tags', 'a: !!binary aGk=\nb: !!set {p, q}\nc: !foo x\nd: !!str 5', { a: 'hi', b: { p: null, q: null }, c: 'x', d: '5' }],
  ['many aliases of one scalar', `a: &a x\nb: [${Array(2000).fill('*a').join(', ')}]`, { a: 'x', b: Array(2000).fill('x') }],
  ['a document end marker', 'a: b\n...\n', { a: 'b' }],
  ['a block scalar with dashes in it', 'a: |\n  ---\n  x\n', { a: '---\nx\n' }],
  ['a byte order mark and CRLF', '\ufeffa: b\r\nc: |\r\n  x\r\n  y\r\n', { a: 'b', c: 'x\ny\n' }],
  ['chomping', 'a: |-\n  x\n\nb: |+\n  y\n\nc: >\n  one\n  two\n', { a: 'x', b: 'y\n\n', c: 'one two\n' }],
  ['typographic quotes', 'a: \u201cx\u201d', { a: '\u201cx\u201d' }],
  ['no-break spaces, which do not indent', 'metadata:\n\u00a0\u00a0name: x', { metadata: null, '\u00a0\u00a0name': 'x' }],
  ['JSON', '{"a": [1, true, null, "x"]}', { a: [1, true, null, 'x'] }],
  ['JSON with a trailing comma, read as YAML', '{"a": 1,}', { a: 1 }],
  ['odd keys as ordinary ones', 'constructor: x\ntoString: z', { constructor: 'x', toString: 'z' }],
  ['flow texts that end in a colon', 'a: [1.2.3.4, 001:db8::]', { a: ['1.2.3.4', '001:db8::'] }],
  ['quoted numbers as texts', `a: "8080"\nb: '0644'`, { a: '8080', b: '0644' }],
  ['quotes and comments', `a: 'it''s' # c\nb: "x\\ty" # d\nc: a#b\nd: a #b`, { a: "it's", b: 'x\ty', c: 'a#b', d: 'a' }],
]

describe('values are those kubectl reads', () => {
  for (const [name, text, value] of readings) it(name, () => expect(values(parseManifest(text))).toEqual([value]))

  it('keeps integers beyond 2^53 and the text of JSON floats', () => {
    expect((values(parseManifest('a: 9007199254740993'))[0] as { a: NumberText }).a).toEqual(new NumberText('9007199254740993'))
    expect((values(parseManifest('{"a": 3.0, "b": 3, "c": 1e2}'))[0] as object)).toEqual({ a: new NumberText('3.0'), b: 3, c: new NumberText('1e2') })
  })

  it('takes __proto__ for an ordinary key', () => {
    for (const text of ['__proto__: {x: 1}', '{"__proto__": {"x": 1}}']) {
      const value = values(parseManifest(text))[0] as object
      expect(Object.keys(value)).toEqual(['__proto__'])
      expect((value as { x?: number }).x).toBeUndefined()
    }
  })

  it('skips empty documents and comments, and unpacks lists', () => {
    const text = '---\n# c\n---\n...\n--- # c\nkind: List\napiVersion: v1\nitems:\n- {kind: A, apiVersion: v1}\n- {kind: B, apiVersion: v2}\n---\nkind: ConfigMapList\napiVersion: v1\nitems:\n- data: {a: b}\n'
    const manifest = parseManifest(text)
    expect(manifest.documents.map((document) => [document.object?.kind, document.object?.apiVersion, document.line])).toEqual([['A', 'v1', 9], ['B', 'v2', 10], ['ConfigMap', 'v1', 15]])
    expect(manifest.problems).toEqual([])
  })

  it('reads JSON one after the other', () => expect(values(parseManifest('{"a":1}\n{"b":2}'))).toEqual([{ a: 1 }, { b: 2 }]))
})

/** What kubectl refuses, and where. */
const refusals: [string, string, string][] = [
  ['tabs as indentation', 'a:\n\tb: c', 'yaml-syntax 2:1'],
  ['a null key', 'a: 1\n~: x', 'bad-key 2:1'],
  ['a list as key', '? [a, b]\n: c', 'bad-key 1:3'],
  ['a template', 'name: {{ .Values.x }}', 'bad-key 1:8'],
  ['an alias without anchor', 'host: *.example.com', 'bad-alias 1:7'],
  ['an anchor in itself', 'a: &a [*a]', 'bad-alias 1:8'],
  ['another YAML version', '%YAML 1.2\n---\na: b', 'yaml-syntax 1:1'],
  ['content on the separator line', 'a: b\n--- {c: d}', 'bad-separator 2:1'],
  ['infinity', 'a: .inf', 'bad-value 1:4'],
  ['a merge of no map', 'a:\n  <<: x', 'bad-value 2:3'],
  ['NUL', 'a: \x00', 'bad-character 1:4'],
  ['two colons', 'a: b: c', 'yaml-syntax 1:4'],
  ['a duplicate key, although kubectl takes the last', 'a: 1\nb: 2\na: 3', 'duplicate-key 3:1'],
  ['keys that become the same', 'yes: 1\ny: 2', 'duplicate-key 2:1'],
  ['a duplicate key in JSON', '{"m": {"n": 1, "n": 2}}', 'duplicate-key 1:16'],
]

describe('what kubectl refuses is a problem with its place', () => {
  for (const [name, text, expected] of refusals) it(name, () => expect(problems(parseManifest(text))).toEqual([expected]))

  it('counts lines from the start of the file, and reads on after a bad document', () => {
    const manifest = parseManifest('a: 1\n---\nb: [\n---\nc: 3\n')
    expect(values(manifest)).toEqual([{ a: 1 }, { c: 3 }])
    expect(manifest.problems.find((problem) => problem.code === 'yaml-syntax')!.range.start.line).toBeGreaterThanOrEqual(3)
  })

  it('keeps the last of duplicate keys', () => expect(values(parseManifest('a: 1\na: 2'))).toEqual([{ a: 2 }]))
})

describe('surprises are hints, in the quick and the full reader alike', () => {
  for (const tail of ['', '\nz: &anchor q']) {
    it(tail === '' ? 'quick' : 'full', () => {
      expect(problems(parseManifest(`country: no\nmode: 0644\nsize: 1_000\non: push\nfine: true${tail}`), 'hint')).toEqual(['yaml-boolean 1:10', 'yaml-octal 2:7', 'yaml-number 3:7', 'yaml-boolean 4:1'])
    })
  }

  it('accept lines that are indented too little inside quotes and brackets, and find places after them', () => {
    const [document] = parseManifest('k:\n  a: "x\n y"\n  c: {d: e,\nf: g}\nb: [1,\n2\n]\nz: 1\n').documents
    expect(document!.value).toEqual({ k: { a: 'x y', c: { d: 'e', f: 'g' } }, b: [1, 2], z: 1 })
    expect(document!.rangeOf(['z'], 'key').start).toMatchObject({ line: 9, column: 1 })
    expect(document!.rangeOf(['k', 'c', 'f']).start).toMatchObject({ line: 5, column: 4 })
    expect(problems(parseManifest('k:\n  a: "x\n y"\nb: 1'), 'hint')).toEqual(['lenient-indent 3:1'])
    expect(problems(parseManifest('a: "x\nb: y\n'))[0]).toMatch(/^yaml-syntax/)
  })

  it('names lookalike characters', () => expect(problems(parseManifest('a:\n\u00a0\u00a0b: \u201cx\u201d'), 'hint')).toEqual(['odd-space 2:1', 'smart-quote 2:6']))
})

describe('places', () => {
  const text = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\nspec:\n  containers:\n  - name: a\n    image: "b"\n    ports: [{containerPort: 80}]\n'
  const [document] = parseManifest(`# first\n---\n${text}`).documents
  const at = (path: (string | number)[], target?: 'key' | 'value'): string => {
    const { start, end } = document!.rangeOf(path, target)
    return `${start.line}:${start.column}-${end.line}:${end.column}`
  }

  it('are those of values and keys, from the start of the file', () => {
    expect(at(['spec', 'containers', 0, 'image'])).toBe('10:12-10:15')
    expect(at(['spec', 'containers', 0, 'image'], 'key')).toBe('10:5-10:10')
    expect(at(['spec', 'containers', 0, 'ports', 0, 'containerPort'])).toBe('11:29-11:31')
  })

  it('of missing fields are those of the nearest ancestor', () => {
    expect(at(['metadata', 'labels', 'app'])).toBe('5:1-5:9')
    expect(at(['spec', 'containers', 0, 'resources'])).toBe('9:5-9:9')
    expect(at(['status'])).toBe('3:1-3:11')
  })

  it('are found in JSON, lists and merged maps', () => {
    const json = parseManifest('{"kind": "Pod", "apiVersion": "v1",\n "spec": {"x": [1, 22]}}').documents[0]!
    expect(json.rangeOf(['spec', 'x', 1]).start).toMatchObject({ line: 2, column: 20 })
    expect(json.rangeOf(['spec', 'y'], 'value').start).toMatchObject({ line: 2, column: 2 })
    const item = parseManifest('kind: List\napiVersion: v1\nitems:\n- kind: A\n  apiVersion: v1\n  metadata: {name: n}\n').documents[0]!
    expect(item.rangeOf(['metadata', 'name']).start).toMatchObject({ line: 6, column: 20 })
    const merged = parseManifest('kind: A\napiVersion: v1\nbase: &b {x: 1}\nspec: {<<: *b}').documents[0]!
    expect(merged.rangeOf(['spec', 'x']).start).toMatchObject({ line: 3, column: 14 })
  })
})

describe('limits', () => {
  it('refuses bombs, depth, size and too many documents', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]', ...'bcdefghi'.split('').map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`)].join('\n')
    expect(problems(parseManifest(bomb))[0]).toMatch(/^bad-alias/)
    expect(problems(parseManifest('x: ['.repeat(50_000)))[0]).toMatch(/^too-deep/)
    expect(problems(parseManifest(`a: ${'- '.repeat(60_000)}b`))[0]).toMatch(/^too-deep/)
    expect(problems(parseManifest(Array.from({ length: 600 }, (_, depth) => `${' '.repeat(depth)}k:`).join('\n')))[0]).toMatch(/^too-deep/)
    expect(problems(parseManifest('a'.repeat(300_000)))).toEqual(['too-large 1:1'])
    expect(problems(parseManifest('a: 1\n---\n'.repeat(300)))).toEqual(['too-many-documents 401:1'])
    expect(parseManifest('a: 1\n---\n'.repeat(300), { documentsMax: 1000 }).documents).toHaveLength(300)
  })

  it('looks at each of 20,000 keys once', () => {
    const started = performance.now()
    parseManifest(Array.from({ length: 20_000 }, (_, index) => `k${index}: *x`).join('\n').slice(0, 250_000))
    expect(performance.now() - started).toBeLessThan(3000)
  })
})

describe('what is wrong', () => {
  const broken = ['a: [1', 'a: "x', 'a:\n\tb: 1', 'a: b: c', '- a\nb: 1', 'a: *x', '? {a: 1}\n: 2', '%YAML 1.2\n---\na: 1', '--- a: 1', 'a: 1\na: 2', 'a: yes', 'mode: 0644', 'n: 1_0', 'a: .inf', 'a: \u0001', 'name: {{ .Values.x }}', 'a:\u00a0b: 1', 'a: \u201cx\u201d', 'x: !!int y', 'x: !!binary "%%%"', '<<: 3', 'null: 1', '[1, 2]', 'apiVersion: v1', 'kind: Pod', '{"a": 1, "a": 2}', 'a: &a [*a]', '"\\q": 1']
  it('is said in both languages', () => {
    const codes = new Set<string>()
    for (const text of broken) {
      const found = parseManifest(text).problems
      expect(found, text).not.toEqual([])
      for (const { code, message } of found) {
        codes.add(code)
        expect(message.en, text).toMatch(/^[^\u4e00-\u9fff]+\.$/)
        expect(message['zh-CN'], text).toMatch(/[\u4e00-\u9fff].*。$/)
      }
    }
    expect(codes.size).toBeGreaterThan(13)
  })
})

describe('bytes', () => {
  it('are UTF-8 or refused', () => {
    expect(decodeText(new TextEncoder().encode('\ufeffa: ü'))).toEqual({ text: 'a: ü' })
    expect(decodeText(Uint8Array.of(0xff, 0xfe, 0x61, 0))).toHaveProperty('problem')
    expect(decodeText(Uint8Array.of(0x61, 0xc3, 0x28))).toHaveProperty('problem')
  })
})

describe('a syntax error says what to do, not what a parser expects', () => {
  it.each([
    ['a: b: c', 'Put a value with a colon in quotes', '加引号'],
    ['kind: Pod\nmetadata\n  name: x', 'Perhaps the colon after it', '上一行可能少了冒号'],
    ['a: [1, 2\nb: 3', 'add the missing ]', '请补上 ]'],
    ['a: {b: 1\nc: 2', 'add the missing }', '请补上 }'],
    ['kind: Pod\nmetadata:\nname x', 'The colon after this key is missing', '缺少冒号'],
    ["a: 'it's'", 'goes in quotes as a whole', '整个加上引号'],
    ['a: - b', 'put the dash on the next line', '短横线写到下一行'],
    ['a: @x', 'put it in quotes', '请加引号'],
    ['a: "\\d"', 'Write \\\\ for a backslash', '反斜杠要写成 \\\\'],
  ])('%j', (text, en, chinese) => {
    const [problem] = parseManifest(text).problems
    expect(problem!.message.en).toContain(en)
    expect(problem!.message['zh-CN']).toContain(chinese)
  })
})
