import * as z from 'zod'
import { hostileTexts } from '../body.ts'
import { defineQuestionType } from '../question-type.ts'
import { parseAmount } from './parse-amount.ts'

const specSchema = z.strictObject({ key: z.strictObject({ value: z.number(), tolerance: z.number().min(0).default(0), unit: z.string().default('') }) })

export const numeric = defineQuestionType({
  name: 'numeric',
  label: { en: 'Number', 'zh-CN': '数值题' },
  about: { en: 'Write a number, with or without its unit.', 'zh-CN': '填写一个数值，可以带单位。' },
  spec: specSchema,
  answer: z.string().max(200),
  fromForm: (fields) => (typeof fields.answer === 'string' ? fields.answer : ''),
  isEmpty: (answer) => answer.trim() === '',
  view: ({ spec }, answer) => ({ unit: spec.key.unit, value: answer ?? '' }),
  grade: ({ spec: { key } }, answer) => {
    const amount = parseAmount(answer, key.unit)
    const earned = amount !== undefined && Math.abs(amount - key.value) <= key.tolerance + 1e-9 * Math.max(1, Math.abs(key.value)) ? 1 : 0
    const note = amount === undefined
      ? { en: 'This was not understood as a number.', 'zh-CN': '无法识别为数值。' }
      : { en: `Read as ${amount} ${key.unit}.`.replace(' .', '.'), 'zh-CN': `识别为 ${amount} ${key.unit}。`.replace(' 。', '。') }
    return { score: earned, parts: [{ id: 'number', label: { en: 'Number', 'zh-CN': '数值' }, earned, possible: 1, note }] }
  },
  review: ({ spec: { key } }, answer, grade) => ({ ...key, given: answer ?? '', correct: grade?.score === 1 }),
  *lint({ key }) {
    if (!Number.isFinite(key.value)) yield { at: 'key.value', message: 'The value must be finite.' }
    if (key.tolerance >= Math.abs(key.value) && key.value !== 0) yield { at: 'key.tolerance', message: 'The tolerance is so wide that 0 would be right.' }
  },
  *samples({ key }) {
    const { value, tolerance, unit } = key
    yield { name: 'the value', answer: String(value), score: 1 }
    yield { name: 'with its unit', answer: `${value} ${unit}`.trim(), score: 1 }
    yield { name: 'at the edge', answer: String(value + tolerance), score: 1 }
    yield { name: 'past the edge', answer: String(value + tolerance + 1), score: 0 }
    yield { name: 'below the edge', answer: String(value - tolerance - 1), score: 0 }
    if (unit === 's') yield { name: 'in milliseconds', answer: `${value * 1000}ms`, score: 1 }
    if (unit !== 'furlong') yield { name: 'in another unit', answer: `${value} furlong`, score: 0 }
    for (const text of [...hostileTexts, 'NaN', 'Infinity', '0x10', '1e999', '9'.repeat(150)]) yield { name: `hostile ${JSON.stringify(text.slice(0, 20))}`, answer: text, score: 0 }
  },
  heavy: false,
})
