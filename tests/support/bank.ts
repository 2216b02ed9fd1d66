/** A small bank with one question of every light type. Everything that nobody may see before the end carries the word SECRET. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseBank } from '../../server/bank/index.ts'
import type { Bank } from '../../server/bank/index.ts'
import { compareText } from '../../server/k8s/object.ts'

/** Body of a question between prompt and hints, English then Chinese; `key` is its YAML. */
type Draft = { type: string; key?: string; en: string; zh: string }

const choices = (heading: string, headingZh: string, ticks: readonly boolean[]): Pick<Draft, 'en' | 'zh'> => ({
  en: `## ${heading}\n${ticks.map((tick, i) => `- [${tick ? 'x' : ' '}] (${'abcd'[i]}) ${heading} number ${i}\n  - SECRET reason ${i}`).join('\n')}\n`,
  zh: `## ${headingZh}\n${ticks.map((_, i) => `- (${'abcd'[i]}) ${headingZh} ${i}\n  - SECRET 理由 ${i}`).join('\n')}\n`,
})
const causes = choices('Causes', '原因', [true, false, false])
const steps = choices('Next steps', '下一步', [false, true])

export const drafts: Record<string, Draft> = {
  'pick-one': { type: 'single-choice', ...choices('Choices', '选项', [true, false, false]) },
  'pick-some': { type: 'multiple-choice', ...choices('Choices', '选项', [true, true, false, false]) },
  'put-in-order': {
    type: 'ordering',
    en: '## Items\n- (a) First thing\n  - SECRET reason\n- (b) Second thing\n- (c) Third thing\n- (d) Fourth thing\n',
    zh: '## 条目\n- (a) 第一件\n  - SECRET 理由\n- (b) 第二件\n- (c) 第三件\n- (d) 第四件\n',
  },
  'match-up': {
    type: 'matching',
    en: '## Pairs\n- (a) `One` → the first meaning\n- (b) `Two` → the second meaning\n- (x) → no meaning\n',
    zh: '## 配对\n- (a) `One` → 第一个含义\n- (b) `Two` → 第二个含义\n- (x) → 没有含义\n',
  },
  'work-out': { type: 'numeric', key: '{ value: 48271, tolerance: 0, unit: s }', en: '', zh: '' },
  'say-it': { type: 'short-answer', key: '{ kind: text, accept: ["SECRET password"], reject: ["wrong"] }', en: '', zh: '' },
  diagnose: { type: 'scenario-diagnosis', en: `${causes.en}\n${steps.en}`, zh: `${causes.zh}\n${steps.zh}` },
}

export const examId = 'everything'
const exam = (minutes: number, feedback: string, id = examId) => `id: ${id}
title: { en: Everything, zh-CN: 全部 }
about: { en: One of each, zh-CN: 每种一题 }
use: study
minutes: ${minutes}
passMark: 60
feedback: ${feedback}
weights: { by: chapter, shares: { first: 1 } }
types: { single-choice: { count: 1, points: 3 }, multiple-choice: { count: 1, points: 4 }, ordering: { count: 1, points: 4 }, matching: { count: 1, points: 4 }, numeric: { count: 1, points: 4 }, short-answer: { count: 1, points: 3 }, scenario-diagnosis: { count: 1, points: 10 } }
difficulty: { 1: 1 }
`

/** The files of the bank, by path; `changed` replaces or, with undefined, removes some. */
export function testBankFiles(changed: Record<string, string | undefined> = {}): Record<string, string> {
  const files: Record<string, string | undefined> = {
    '01-first/chapter.md': '---\nid: first\ntitle: First\naim: To test\n---\nText\n',
    '01-first/chapter.zh-CN.md': '---\ntitle: 第一\naim: 测试\n---\n文\n',
    '01-first/01-only/section.md': '---\nid: only\ntitle: Only\nsource: "1"\nobjectives: [Test it]\ndomains: [Domain]\ncorrects: [{ id: FC01, says: The article is wrong }]\n---\nText\n',
    '01-first/01-only/section.zh-CN.md': '---\ntitle: 唯一\nobjectives: [测试]\ncorrects: [{ id: FC01, says: 文章有误 }]\n---\n文\n',
    'exams/everything.yaml': exam(30, 'after-end'),
    'exams/study.yaml': exam(30, 'practice', 'study'),
  }
  for (const [id, { type, key, en, zh }] of Object.entries(drafts)) {
    const fields = `---\nid: ${id}\ntype: ${type}\ndifficulty: 1\nsection: only\nminutes: 2\npoints: 5\nkubernetes: { from: "1.33", to: "1.36" }\nsources: [{ title: T, url: "https://example.com/SECRET" }]\n${key === undefined ? '' : `key: ${key}\n`}---\n`
    files[`01-first/01-only/${id}/question.md`] = `${fields}# The ${type} question\n\n## Prompt\nAnswer \`this\`.\n\n${en}\n## Hints\n- SECRET nudge\n- SECRET strong hint\n\n## Explanation\nSECRET explanation.\n`
    files[`01-first/01-only/${id}/question.zh-CN.md`] = `# 题目 ${id}\n\n## 题目\n回答 \`this\`。\n\n${zh}\n## 提示\n- SECRET 提示一\n- SECRET 提示二\n\n## 解析\nSECRET 解析。\n`
  }
  return Object.fromEntries(Object.entries({ ...files, ...changed }).filter((entry): entry is [string, string] => entry[1] !== undefined).sort(([a], [b]) => compareText(a, b)))
}

export function testBank(changed: Record<string, string | undefined> = {}): Bank {
  return parseBank(testBankFiles(changed))
}

/** The same bank as a folder, for a server in a process of its own. */
export function writeTestBank(dir: string, changed: Record<string, string | undefined> = {}): void {
  for (const [path, text] of Object.entries(testBankFiles(changed))) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
}
