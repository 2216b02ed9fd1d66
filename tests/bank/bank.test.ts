import { describe, expect, it } from 'vitest'
import { shortagesOf } from '../../server/attempts/selection.ts'
import { lintBank, parseBank, proveQuestion, readBank } from '../../server/bank/index.ts'

const dir = new URL('../../questions', import.meta.url).pathname
const base: Record<string, string> = {
  '01-a/chapter.md': '---\nid: a\ntitle: A\naim: To test\n---\nText\n',
  '01-a/chapter.zh-CN.md': '---\ntitle: 甲\naim: 测试\n---\n文\n',
  '01-a/01-b/section.md': '---\nid: b\ntitle: B\nsource: "1"\nobjectives: [x]\ndomains: [D]\n---\nText\n',
  '01-a/01-b/section.zh-CN.md': '---\ntitle: 乙\nobjectives: [某]\n---\n文\n',
  '01-a/01-b/q/question.md': '---\nid: q\ntype: single-choice\ndifficulty: 1\nsection: b\nminutes: 1\npoints: 2\nkubernetes: { from: "1.33", to: "1.36" }\nsources: [{ title: T, url: "https://example.com" }]\n---\n# T\n\n## Prompt\nP\n\n## Choices\n- [x] (a) yes\n  - because\n- [ ] (b) no\n  - because not\n\n## Hints\n- one\n- two\n\n## Explanation\nE\n',
  '01-a/01-b/q/question.zh-CN.md': '# 题\n\n## 题目\n问\n\n## 选项\n- (a) 是\n  - 因为\n- (b) 否\n  - 因为不\n\n## 提示\n- 一\n- 二\n\n## 解析\n解\n',
}
const en = '01-a/01-b/q/question.md'
const zh = '01-a/01-b/q/question.zh-CN.md'
const messages = (files: Record<string, string>) => lintBank(parseBank(files), shortagesOf).map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`)
const changed = (file: string, from: string, to: string) => {
  expect(base[file]).toContain(from)
  return { ...base, [file]: base[file]!.replace(from, to) }
}

describe('lint', () => {
  it('finds nothing in a good bank', () => expect(messages(base)).toEqual([]))
  it.each([
    ['a wrong difficulty', en, 'difficulty: 1', 'difficulty: 9', `${en}:4:13: difficulty`],
    ['an unknown field', en, 'points: 2', 'points: 2\ncolour: red', 'Unrecognized key: "colour"'],
    ['an unknown type', en, 'single-choice', 'single-choise', `${en}:3:7: Unknown type`],
    ['a wrong section', en, 'section: b', 'section: c', `${en}:5:10: The question lies in`],
    ['a missing explanation', en, '## Explanation\nE\n', '', 'the heading "Explanation" is missing'],
    ['a missing reason', en, '  - because not\n', '', 'has a reason in one language only'],
    ['no right choice', en, '[x]', '[ ]', 'Exactly one choice must be ticked; 0 are.'],
    ['a bad correction id', en, 'points: 2', 'points: 2\ncorrects: [FC7]', 'write FC and two digits'],
    ['another id', en, 'id: q', 'id: r', `${en}:2:5: The id "r" differs`],
    ['three hints', en, '- two', '- two\n- three', 'Languages are out of step: Hints'],
    ['other choice ids', zh, '(b) 否', '(c) 否', 'Languages are out of step: Choices'],
    ['marks in the translation', zh, '- (a) 是', '- [x] (a) 是', 'The translation carries no marks'],
    ['a dead link', en, '\nE\n', '\n[there](section:nowhere)\n', 'leads to the section "nowhere"'],
    ['broken YAML', en, 'id: q', 'id: [q', `${en}:`],
    ['an unknown heading', en, '## Prompt', '## Promt', 'Unknown heading "Promt"'],
  ])('finds %s', (_, file, from, to, expected) => {
    expect(messages(changed(file, from, to)).join('\n')).toContain(expected)
  })
  it('finds a missing translation, a duplicate id and an empty blueprint', () => {
    const { [zh]: _, ...rest } = base
    expect(messages(rest).join('\n')).toContain('The Chinese translation is missing.')
    const twice = { ...base, '01-a/02-c/section.md': base['01-a/01-b/section.md']!.replace('id: b', 'id: c'), '01-a/02-c/section.zh-CN.md': base['01-a/01-b/section.zh-CN.md']!, '01-a/02-c/q/question.md': base[en]!.replace('section: b', 'section: c'), '01-a/02-c/q/question.zh-CN.md': base[zh]! }
    expect(messages(twice).join('\n')).toContain('The id "q" is already used by 01-a/01-b/q/question.md.')
    const exam = 'id: e\ntitle: { en: E, zh-CN: 考 }\nabout: { en: E, zh-CN: 考 }\nuse: study\nminutes: 5\nfeedback: practice\nweights: { by: chapter, shares: { a: 1 } }\ntypes: { single-choice: { count: 3, points: 1 } }\ndifficulty: { 1: 1 }\n'
    expect(messages({ ...base, 'exams/e.yaml': exam }).join('\n')).toContain('type "single-choice" needs 3 questions, the bank has 1; 2 missing.')
  })
  it('gives a version per content, whatever the order of keys', () => {
    const version = (files: Record<string, string>) => parseBank(files).questions[0]!.version
    expect(version(base)).toBe(version(changed(en, 'minutes: 1\npoints: 2', 'points: 2\nminutes: 1')))
    expect(version(base)).not.toBe(version(changed(en, '\nE\n', '\nF\n')))
  })
})

describe('the shipped bank', () => {
  const bank = readBank(dir)
  it('can be read without a problem', () => {
    expect(bank.problems).toEqual([])
    expect(bank.chapters).toHaveLength(5)
    expect(bank.sections).toHaveLength(25)
  })
  it.each(bank.questions.map((question) => [question.id, question] as const))('%s keeps what its samples promise', (_, question) => {
    expect(proveQuestion(question).rows.filter(({ ok }) => !ok)).toEqual([])
  })
})
