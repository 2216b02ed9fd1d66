import * as z from 'zod'
import { choiceSchema, choicesToAnswer, choicesToReview, missingReasons, sameWording, tokenOf } from '../body.ts'
import { defineQuestionType } from '../question-type.ts'

const specSchema = z.strictObject({ choices: z.array(choiceSchema).min(3).max(12) })

/** `max(0, right − wrong) / rights`: ticking everything earns nothing extra. Repeated ids count once. */
export function scoreOfTicks(rights: ReadonlySet<string>, wrongs: ReadonlySet<string>, ticked: Iterable<string>): number {
  let right = 0
  let wrong = 0
  for (const id of new Set(ticked)) {
    if (rights.has(id)) right++
    else if (wrongs.has(id)) wrong++
  }
  return rights.size === 0 ? 0 : Math.max(0, right - wrong) / rights.size
}

export const multipleChoice = defineQuestionType({
  name: 'multiple-choice',
  label: { en: 'Multiple choice', 'zh-CN': '多选题' },
  about: { en: 'Tick all that are right. Each wrong tick cancels a right one.', 'zh-CN': '选出所有正确项；每错选一项抵消一个正确项。' },
  spec: specSchema,
  answer: z.array(z.string().max(40)).max(24),
  fromForm: (fields) => {
    const ticked = fields.answer ?? fields['answer[]'] ?? []
    return (typeof ticked === 'string' ? [ticked] : ticked).filter((id) => id !== '')
  },
  isEmpty: (answer) => answer.length === 0,
  view: ({ spec, language }, answer, shuffle) => ({ choices: shuffle(choicesToAnswer(spec.choices, language, answer ?? [])) }),
  grade: ({ spec }, answer) => {
    const rights = new Set(spec.choices.filter((choice) => choice.correct).map(tokenOf))
    const wrongs = new Set(spec.choices.filter((choice) => !choice.correct).map(tokenOf))
    const ticked = new Set(answer)
    const right = [...rights].filter((id) => ticked.has(id)).length
    const wrong = [...wrongs].filter((id) => ticked.has(id)).length
    const score = scoreOfTicks(rights, wrongs, answer)
    return {
      score,
      parts: [{
        id: 'choices',
        label: { en: 'Choices', 'zh-CN': '选项' },
        earned: score,
        possible: 1,
        note: { en: `${right} of ${rights.size} right ones ticked, ${wrong} wrong.`, 'zh-CN': `选对 ${right}/${rights.size} 项，错选 ${wrong} 项。` },
      }],
    }
  },
  review: ({ spec, language }, answer) => ({ choices: choicesToReview(spec.choices, language, answer ?? []) }),
  *lint({ choices }) {
    const right = choices.filter((choice) => choice.correct).length
    if (right === 0) yield { at: 'Choices', message: 'At least one choice must be ticked.' }
    if (right === choices.length) yield { at: 'Choices', message: 'At least one choice must be wrong, or ticking everything scores full.' }
    yield* sameWording(choices, 'Choices')
    yield* missingReasons(choices, 'Choices')
  },
  *samples({ choices }) {
    const rights = choices.filter((choice) => choice.correct).map(tokenOf)
    const wrongs = choices.filter((choice) => !choice.correct).map(tokenOf)
    yield { name: 'all right ones', answer: rights, score: 1 }
    yield { name: 'all right ones, twice, backwards', answer: [...rights, ...rights].slice(0, 24).reverse(), score: 1 }
    yield { name: 'all but one', answer: rights.slice(1), score: (rights.length - 1) / rights.length }
    yield { name: 'all right ones and a wrong one', answer: [...rights, wrongs[0]], score: (rights.length - 1) / rights.length }
    yield { name: 'everything', answer: [...rights, ...wrongs], score: Math.max(0, rights.length - wrongs.length) / rights.length }
    yield { name: 'only wrong ones', answer: wrongs, score: 0 }
    yield { name: 'nothing', answer: [], score: 0 }
    yield { name: 'ids that do not exist', answer: ['__proto__', 'a', ''], score: 0 }
    yield { name: 'not a list', answer: { length: 1 }, score: 0 }
  },
  heavy: false,
})
