import * as z from 'zod'
import { hostileTexts } from '../body.ts'
import { defineQuestionType } from '../question-type.ts'
import { meaningOf } from './command.ts'

const specSchema = z.strictObject({
  key: z.strictObject({ kind: z.enum(['command', 'field', 'text']), accept: z.array(z.string().min(1)).min(1), reject: z.array(z.string().min(1)).default([]) }),
})
type Kind = z.infer<typeof specSchema>['key']['kind']

/** `.Spec.containers[*].image : "x"` → `spec.containers[].image: x`; list indexes are kept, wildcards are one. */
function fieldMeaning(text: string): string | undefined {
  const plain = text.normalize('NFKC').trim().replace(/^[`"']+|[`"']+$/g, '')
  const match = /^\$?\.?([A-Za-z_][\w.[\]*/"'-]*?)\s*(?:[:=]\s*(.+))?$/s.exec(plain)
  if (!match) return undefined
  const path = match[1]!.replace(/\[(\*|)\]/g, '[]').replace(/\["?'?([A-Za-z][^\]"']*)"?'?\]/g, '.$1').replace(/\.+$/, '')
  const value = match[2]?.trim().replace(/^["']|["']$/g, '')
  return value === undefined ? path : `${path}: ${value}`
}

/** Answers with the same meaning give the same text; undefined is no answer. */
export function shortAnswerMeaning(kind: Kind, text: string): string | undefined {
  if (text.trim() === '') return undefined
  if (kind === 'command') return meaningOf(text)
  if (kind === 'field') return fieldMeaning(text)
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim().replace(/[.。]$/, '')
}

function isAccepted(key: z.infer<typeof specSchema>['key'], answer: string): boolean {
  const meaning = shortAnswerMeaning(key.kind, answer)
  return meaning !== undefined && key.accept.some((accepted) => shortAnswerMeaning(key.kind, accepted) === meaning)
}

/** The same command with its quoting and spacing changed: must still be right. */
function restyled(kind: Kind, text: string): string {
  return kind === 'command' ? `  ${text.split(' ').join('  ')} ` : kind === 'text' ? ` ${text.toUpperCase()} ` : ` .${text} `
}

export const shortAnswer = defineQuestionType({
  name: 'short-answer',
  label: { en: 'Short answer', 'zh-CN': '简答题' },
  about: {
    en: 'Write a command, a field or a word. Commands are compared by what they do: flag order, short and long forms and resource aliases do not matter.',
    'zh-CN': '填写命令、字段或词语。命令按含义比较：参数顺序、长短写法和资源别名都不影响。',
  },
  spec: specSchema,
  answer: z.string().max(1000),
  fromForm: (fields) => (typeof fields.answer === 'string' ? fields.answer : ''),
  isEmpty: (answer) => answer.trim() === '',
  view: ({ spec }, answer) => ({ kind: spec.key.kind, value: answer ?? '' }),
  grade: ({ spec: { key } }, answer) => {
    const earned = isAccepted(key, answer) ? 1 : 0
    const understood = shortAnswerMeaning(key.kind, answer) !== undefined
    const note = earned
      ? { en: 'Right.', 'zh-CN': '正确。' }
      : understood ? { en: 'This means something else.', 'zh-CN': '含义不同。' } : { en: 'This was not understood.', 'zh-CN': '无法识别。' }
    return { score: earned, parts: [{ id: 'answer', label: { en: 'Answer', 'zh-CN': '答案' }, earned, possible: 1, note }] }
  },
  review: ({ spec: { key } }, answer, grade) => ({ kind: key.kind, accept: key.accept, given: answer ?? '', correct: grade?.score === 1 }),
  *lint({ key }) {
    for (const [index, text] of key.accept.entries()) if (shortAnswerMeaning(key.kind, text) === undefined) yield { at: `key.accept.${index}`, message: `Cannot be understood as a ${key.kind}: ${text}` }
    for (const [index, text] of key.reject.entries()) if (isAccepted(key, text)) yield { at: `key.reject.${index}`, message: `Means the same as an accepted answer: ${text}` }
    const meanings = key.accept.map((text) => shortAnswerMeaning(key.kind, text))
    for (const [index, meaning] of meanings.entries()) if (meanings.indexOf(meaning) < index) yield { at: `key.accept.${index}`, message: `Means the same as "${key.accept[meanings.indexOf(meaning)]}"; leave it out.` }
  },
  *samples({ key }) {
    for (const text of key.accept) {
      yield { name: `accept ${text}`, answer: text, score: 1 }
      yield { name: `restyled ${text}`, answer: restyled(key.kind, text), score: 1 }
      yield { name: `accept with a word too many: ${text}`, answer: `${text} -- nonsense`, score: 0 }
    }
    for (const text of key.reject) yield { name: `reject ${text}`, answer: text, score: 0 }
    for (const text of [...hostileTexts, "'", '"', '\\', 'kubectl', 'kubectl -n', '--', 'kubectl '.repeat(100)]) yield { name: `hostile ${JSON.stringify(text.slice(0, 20))}`, answer: text, score: 0 }
  },
  heavy: false,
})
