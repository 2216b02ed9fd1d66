import * as z from 'zod'
import { textIn, textSchema, tokenOf } from '../body.ts'
import { defineQuestionType } from '../question-type.ts'
import type { Text } from '../question-type.ts'

const specSchema = z.strictObject({ pairs: z.array(z.strictObject({ id: z.string(), left: textSchema.optional(), right: textSchema })).min(3).max(16) })
type Spec = z.infer<typeof specSchema>

function leftsOf(spec: Spec): { id: string; left: Text; right: Text; token: string; rightToken: string }[] {
  return spec.pairs.flatMap(({ id, left, right }) => (left ? [{ id, left, right, token: tokenOf({ text: left }), rightToken: tokenOf({ text: right }) }] : []))
}

/** Every right side once, distractors among them. */
function rightsOf(spec: Spec): { token: string; text: Text }[] {
  const byToken = new Map(spec.pairs.map(({ right }) => [tokenOf({ text: right }), right]))
  return [...byToken].map(([token, text]) => ({ token, text }))
}

export const matching = defineQuestionType({
  name: 'matching',
  label: { en: 'Matching', 'zh-CN': '配对题' },
  about: { en: 'Give every entry its counterpart. Each pair scores its share.', 'zh-CN': '为每一项选出对应项，每对单独计分。' },
  spec: specSchema,
  answer: z.record(z.string().max(40), z.string().max(40)),
  fromForm: (fields) => Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => {
    const token = /^answer\[(.+)\]$/.exec(name)?.[1]
    return token && typeof value === 'string' && value !== '' ? [[token, value]] : []
  })),
  isEmpty: (answer) => Object.values(answer).every((right) => right === ''),
  view: ({ spec, language }, answer, shuffle) => {
    const rights = shuffle(rightsOf(spec).map(({ token, text }) => ({ id: token, text: textIn(text, language) })))
    return {
      lefts: shuffle(leftsOf(spec)).map(({ token, left }) => ({
        id: token,
        text: textIn(left, language),
        options: rights.map((right) => ({ ...right, chosen: answer !== undefined && Object.hasOwn(answer, token) && answer[token] === right.id })),
      })),
      rights,
    }
  },
  grade: ({ spec }, answer) => {
    const lefts = leftsOf(spec)
    const parts = lefts.map(({ id, left, right, token, rightToken }) => {
      const earned = Object.hasOwn(answer, token) && answer[token] === rightToken ? 1 : 0
      return { id, label: left, earned, possible: 1, note: { en: `→ ${right.en}`, 'zh-CN': `→ ${right['zh-CN']}` } }
    })
    return { score: parts.reduce((sum, part) => sum + part.earned, 0) / lefts.length, parts }
  },
  review: ({ spec, language }, answer) => {
    const rights = rightsOf(spec)
    return {
      lefts: leftsOf(spec).map(({ token, left, right, rightToken }) => {
        const given = answer && Object.hasOwn(answer, token) ? rights.find((candidate) => candidate.token === answer[token]) : undefined
        return { id: token, text: textIn(left, language), right: textIn(right, language), given: textIn(given?.text, language), correct: given?.token === rightToken }
      }),
    }
  },
  *lint(spec) {
    const lefts = leftsOf(spec)
    if (lefts.length < 2) yield { at: 'Pairs', message: 'At least two pairs need a left side.' }
    if (new Set(spec.pairs.map(({ id }) => id)).size < spec.pairs.length) yield { at: 'Pairs', message: 'Two pairs have the same id.' }
    if (new Set(lefts.map(({ token }) => token)).size < lefts.length) yield { at: 'Pairs', message: 'Two left sides have the same words.' }
    if (rightsOf(spec).length < 2) yield { at: 'Pairs', message: 'There must be at least two different right sides.' }
  },
  *samples(spec) {
    const lefts = leftsOf(spec)
    const rights = rightsOf(spec)
    const otherThan = (token: string) => rights.find((right) => right.token !== token)!.token
    yield { name: 'every pair right', answer: Object.fromEntries(lefts.map(({ token, rightToken }) => [token, rightToken])), score: 1 }
    yield { name: 'every pair wrong', answer: Object.fromEntries(lefts.map(({ token, rightToken }) => [token, otherThan(rightToken)])), score: 0 }
    yield { name: 'only the first', answer: { [lefts[0]!.token]: lefts[0]!.rightToken }, score: 1 / lefts.length }
    yield { name: 'nothing', answer: {}, score: 0 }
    yield { name: 'left blank', answer: Object.fromEntries(lefts.map(({ token }) => [token, ''])), score: 0 }
    yield { name: "the author's ids", answer: Object.fromEntries(lefts.map(({ id }) => [id, id])), score: 0 }
    yield { name: 'not an object', answer: lefts.map(({ rightToken }) => rightToken), score: 0 }
  },
  heavy: false,
})
