/** Splitting a stream into documents as kubectl does (apimachinery/pkg/util/yaml: YAMLReader, YAMLOrJSONDecoder), and refusing text that is no YAML at all. */
import type { TextProblem } from './problem.ts'

/** `start` and `end` are offsets in the whole text; the separator lines belong to no part. */
export type Part = { start: number; end: number }

const separatorLine = /^---(.*)$/gm
const controlCharacter = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/

/** The parts between lines that start with `---`. Anything but a comment after the dashes is an error, as for kubectl. */
export function splitYaml(text: string): { parts: Part[]; problems: TextProblem[] } {
  const parts: Part[] = []
  const problems: TextProblem[] = []
  let start = 0
  for (const match of text.matchAll(separatorLine)) {
    const rest = match[1]!.trim()
    if (rest !== '' && !rest.startsWith('#')) problems.push({ code: 'bad-separator', severity: 'error', message: { en: 'Only a comment may follow --- on its line: kubectl refuses the rest as an invalid YAML document separator.', 'zh-CN': '--- 所在的行后面只能跟注释：其余内容会被 kubectl 当作无效的 YAML 文档分隔符而拒绝。' }, start: match.index, end: match.index + match[0].trimEnd().length })
    parts.push({ start, end: match.index })
    start = Math.min(text.length, match.index + match[0].length + 1)
  }
  parts.push({ start, end: text.length })
  return { parts, problems }
}

/** Does the stream start like JSON? kubectl then tries JSON first. */
export function looksLikeJson(text: string): boolean {
  return /^[\s\ufeff]*\{/.test(text)
}

/** The first character that YAML forbids, or nothing. */
export function characterProblem(text: string): TextProblem | undefined {
  const match = controlCharacter.exec(text)
  if (!match) return undefined
  const code = match[0].charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()
  return { code: 'bad-character', severity: 'error', message: { en: `The control character U+${code} is not allowed in YAML.`, 'zh-CN': `YAML 中不允许出现控制字符 U+${code}。` }, start: match.index, end: match.index + 1 }
}

/** Characters that look like others: no-break spaces do not indent, typographic quotes do not quote. */
export function lookalikeHints(text: string): TextProblem[] {
  const found: TextProblem[] = []
  if (!/[^\x00-\x7f]/.test(text)) return found
  for (const match of text.matchAll(/[\u00a0\u2007\u202f\u3000]+|(?<=[:\-,[] *)[\u201c\u201d\u2018\u2019\u00ab]/g)) {
    const isSpace = /^\s/.test(match[0])
    found.push({
      code: isSpace ? 'odd-space' : 'smart-quote',
      severity: 'hint',
      message: isSpace
        ? { en: 'This is a no-break or wide space, which YAML takes as a letter: use ordinary spaces.', 'zh-CN': '这是不换行空格或全角空格，YAML 会把它当作普通字符：请改用半角空格。' }
        : { en: `${match[0]} is a typographic quote, which becomes part of the value: use " or '.`, 'zh-CN': `${match[0]} 是排版引号，会成为值的一部分：请改用 " 或 '。` },
      start: match.index,
      end: match.index + match[0].length,
    })
    if (found.length >= 20) break
  }
  return found
}
