import * as z from 'zod'
import { sameWording, textIn, textSchema, tokenOf } from '../body.ts'
import { defineQuestionType } from '../question-type.ts'

const specSchema = z.strictObject({ items: z.array(z.strictObject({ id: z.string(), text: textSchema, why: textSchema.optional() })).min(3).max(12) })

/** Pairs that stand in the wrong order. */
export function inversionsOf(ranks: readonly number[]): number {
  let count = 0
  for (let i = 0; i < ranks.length; i++) for (let j = i + 1; j < ranks.length; j++) if (ranks[i]! > ranks[j]!) count++
  return count
}

/** 1 − inversions ÷ most possible inversions; 0 unless every item stands there exactly once. */
export function scoreOfOrder(right: readonly string[], given: readonly string[]): number {
  const rankOf = new Map(right.map((id, rank) => [id, rank]))
  if (given.length !== right.length || new Set(given).size !== right.length || given.some((id) => !rankOf.has(id))) return 0
  return 1 - inversionsOf(given.map((id) => rankOf.get(id)!)) / ((right.length * (right.length - 1)) / 2)
}

export const ordering = defineQuestionType({
  name: 'ordering',
  label: { en: 'Ordering', 'zh-CN': '排序题' },
  about: { en: 'Put the steps into order. Each pair in the wrong order costs its share.', 'zh-CN': '把步骤按顺序排列；每有一对顺序颠倒就按比例扣分。' },
  spec: specSchema,
  answer: z.array(z.string().max(40)).max(12),
  /** Without JavaScript each item has a select `answer[token]` with its position. Equal positions keep the order of the page. An untouched form is no answer. */
  fromForm: (fields) => {
    const listed = fields.answer
    if (Array.isArray(listed)) return listed
    const placed = Object.entries(fields).flatMap(([name, value]) => {
      const token = /^answer\[(.+)\]$/.exec(name)?.[1]
      return token && typeof value === 'string' && /^\d+$/.test(value) ? [{ token, position: Number(value) }] : []
    })
    return placed.sort((a, b) => a.position - b.position).map(({ token }) => token)
  },
  isEmpty: (answer) => answer.length === 0,
  view: ({ spec, language }, answer, shuffle) => {
    const items = shuffle(spec.items.map((item) => ({ id: tokenOf(item), text: textIn(item.text, language) })))
    const placeOf = (id: string) => answer?.indexOf(id) ?? -1
    const ordered = answer && answer.length > 0 ? [...items].sort((a, b) => (placeOf(a.id) + 1 || items.length + 1) - (placeOf(b.id) + 1 || items.length + 1)) : items
    return { items: ordered.map((item, index) => ({ ...item, position: index + 1, positions: ordered.map((_, place) => ({ value: place + 1, chosen: place === index })) })), answered: (answer?.length ?? 0) > 0 }
  },
  grade: ({ spec }, answer) => {
    const right = spec.items.map(tokenOf)
    const score = scoreOfOrder(right, answer)
    const inPlace = right.filter((id, rank) => answer[rank] === id).length
    return {
      score,
      parts: [{
        id: 'order',
        label: { en: 'Order', 'zh-CN': '顺序' },
        earned: score,
        possible: 1,
        note: { en: `${inPlace} of ${right.length} items stand in their place.`, 'zh-CN': `${right.length} 项中有 ${inPlace} 项在正确位置。` },
      }],
    }
  },
  review: ({ spec, language }, answer) => ({
    items: spec.items.map((item, index) => {
      const given = (answer ?? []).indexOf(tokenOf(item))
      return { id: tokenOf(item), text: textIn(item.text, language), why: textIn(item.why, language), position: index + 1, given: given < 0 ? undefined : given + 1, correct: given === index }
    }),
  }),
  *lint({ items }) {
    yield* sameWording(items, 'Items')
  },
  *samples({ items }) {
    const right = items.map(tokenOf)
    const most = (right.length * (right.length - 1)) / 2
    yield { name: 'the right order', answer: right, score: 1 }
    yield { name: 'two neighbours swapped', answer: [right[1], right[0], ...right.slice(2)], score: 1 - 1 / most }
    yield { name: 'backwards', answer: [...right].reverse(), score: 0 }
    yield { name: 'nothing', answer: [], score: 0 }
    yield { name: 'one item missing', answer: right.slice(1), score: 0 }
    yield { name: 'one item everywhere', answer: right.map(() => right[0]), score: 0 }
    yield { name: "the author's ids", answer: items.map(({ id }) => id), score: 0 }
  },
  heavy: false,
})
