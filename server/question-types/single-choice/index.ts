import * as z from 'zod'
import { choiceSchema, choicesToAnswer, choicesToReview, hostileTexts, missingReasons, sameWording, tokenOf } from '../body.ts'
import { defineQuestionType } from '../question-type.ts'

const specSchema = z.strictObject({ choices: z.array(choiceSchema).min(2).max(12) })

export const singleChoice = defineQuestionType({
  name: 'single-choice',
  label: { en: 'Single choice', 'zh-CN': '单选题' },
  about: { en: 'Choose one. The right one scores everything.', 'zh-CN': '选一个，选对得全部分数。' },
  spec: specSchema,
  answer: z.string().max(40),
  fromForm: (fields) => (typeof fields.answer === 'string' ? fields.answer : ''),
  isEmpty: (answer) => answer === '',
  view: ({ spec, language }, answer, shuffle) => ({ choices: shuffle(choicesToAnswer(spec.choices, language, answer ? [answer] : [])) }),
  grade: ({ spec }, answer) => {
    const chosen = spec.choices.find((choice) => tokenOf(choice) === answer)
    const earned = chosen?.correct ? 1 : 0
    return {
      score: earned,
      parts: [{ id: 'choice', label: { en: 'Choice', 'zh-CN': '选择' }, earned, possible: 1, note: chosen?.why ?? { en: 'Nothing was chosen.', 'zh-CN': '没有选择。' } }],
    }
  },
  review: ({ spec, language }, answer) => ({ choices: choicesToReview(spec.choices, language, answer ? [answer] : []) }),
  *lint({ choices }) {
    const right = choices.filter((choice) => choice.correct).length
    if (right !== 1) yield { at: 'Choices', message: `Exactly one choice must be ticked; ${right} are.` }
    yield* sameWording(choices, 'Choices')
    yield* missingReasons(choices, 'Choices')
  },
  *samples({ choices }) {
    for (const choice of choices) yield { name: `choice ${choice.id}`, answer: tokenOf(choice), score: choice.correct ? 1 : 0 }
    for (const text of hostileTexts) yield { name: `hostile ${JSON.stringify(text.slice(0, 20))}`, answer: text, score: 0 }
    for (const { id } of choices) yield { name: `the author's id ${id}`, answer: id, score: 0 }
  },
  heavy: false,
})
