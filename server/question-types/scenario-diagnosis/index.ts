import * as z from 'zod'
import { choiceSchema, choicesToAnswer, choicesToReview, missingReasons, sameWording, tokenOf } from '../body.ts'
import { defineQuestionType } from '../question-type.ts'

const specSchema = z.strictObject({ causes: z.array(choiceSchema).min(2).max(10), nextSteps: z.array(choiceSchema).min(2).max(10) })
const halves = [
  { id: 'cause', field: 'causes', heading: 'Causes', label: { en: 'Cause', 'zh-CN': '原因' } },
  { id: 'next', field: 'nextSteps', heading: 'Next steps', label: { en: 'Next step', 'zh-CN': '下一步' } },
] as const

export const scenarioDiagnosis = defineQuestionType({
  name: 'scenario-diagnosis',
  label: { en: 'Scenario diagnosis', 'zh-CN': '场景诊断' },
  about: { en: 'Choose the cause and the next step. Each is half the points.', 'zh-CN': '选出原因和下一步，各占一半分数。' },
  spec: specSchema,
  answer: z.strictObject({ cause: z.string().max(40).default(''), next: z.string().max(40).default('') }),
  fromForm: (fields) => {
    const field = (name: string) => (typeof fields[name] === 'string' ? fields[name] : '')
    return { cause: field('answer[cause]'), next: field('answer[next]') }
  },
  isEmpty: (answer) => answer.cause === '' && answer.next === '',
  view: ({ spec, language }, answer, shuffle) => ({
    causes: shuffle(choicesToAnswer(spec.causes, language, answer ? [answer.cause] : [])),
    nextSteps: shuffle(choicesToAnswer(spec.nextSteps, language, answer ? [answer.next] : [])),
  }),
  grade: ({ spec }, answer) => {
    const parts = halves.map(({ id, field, label }) => {
      const chosen = spec[field].find((choice) => tokenOf(choice) === answer[id])
      return { id, label, earned: chosen?.correct ? 0.5 : 0, possible: 0.5, note: chosen?.why ?? { en: 'Nothing was chosen.', 'zh-CN': '没有选择。' } }
    })
    return { score: parts[0]!.earned + parts[1]!.earned, parts }
  },
  review: ({ spec, language }, answer) => ({
    causes: choicesToReview(spec.causes, language, answer ? [answer.cause] : []),
    nextSteps: choicesToReview(spec.nextSteps, language, answer ? [answer.next] : []),
  }),
  *lint(spec) {
    for (const { field, heading } of halves) {
      const right = spec[field].filter((choice) => choice.correct).length
      if (right !== 1) yield { at: heading, message: `Exactly one entry must be ticked; ${right} are.` }
      yield* sameWording(spec[field], heading)
      yield* missingReasons(spec[field], heading)
    }
  },
  *samples({ causes, nextSteps }) {
    const right = { cause: tokenOf(causes.find((choice) => choice.correct) ?? causes[0]!), next: tokenOf(nextSteps.find((choice) => choice.correct) ?? nextSteps[0]!) }
    yield { name: 'both right', answer: right, score: 1 }
    for (const choice of causes) if (!choice.correct) yield { name: `wrong cause ${choice.id}`, answer: { ...right, cause: tokenOf(choice) }, score: 0.5 }
    for (const choice of nextSteps) if (!choice.correct) yield { name: `wrong next step ${choice.id}`, answer: { ...right, next: tokenOf(choice) }, score: 0.5 }
    yield { name: 'only the cause', answer: { cause: right.cause, next: '' }, score: 0.5 }
    yield { name: 'nothing', answer: { cause: '', next: '' }, score: 0 }
    yield { name: 'halves exchanged', answer: { cause: '__proto__', next: 'constructor' }, score: 0 }
    yield { name: 'not an object', answer: 'cause', score: 0 }
  },
  heavy: false,
})
