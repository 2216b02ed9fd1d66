/**
 * predict-outcome: the person reads manifests and says what the cluster will show at given moments; the simulator knows.
 * The author writes scenario.yaml, `manifests/` and what is asked; the right values are computed whenever the question is linted or graded.
 */
import * as z from 'zod'
import { moment } from '../../k8s/duration.ts'
import { hostileTexts } from '../body.ts'
import { filesIn } from '../fix-manifest/files.ts'
import { defineQuestionType } from '../question-type.ts'
import type { Files, Language, LintProblem, Text } from '../question-type.ts'
import { momentOf, predictedOf, readPredicted, runOf } from './predict.ts'
import { specSchema } from './schema.ts'
import type { PredictAsk, PredictSpec } from './schema.ts'

const says: Record<PredictAsk['ask'], (workload: string, at: Text) => Text> = {
  status: (workload, at) => ({ en: `STATUS of the pods of \`${workload}\` after ${at.en}`, 'zh-CN': `${at['zh-CN']}时 \`${workload}\` 的 Pod 的 STATUS` }),
  restarts: (workload, at) => ({ en: `RESTARTS of each pod of \`${workload}\` after ${at.en}`, 'zh-CN': `${at['zh-CN']}时 \`${workload}\` 每个 Pod 的 RESTARTS` }),
  ready: (workload, at) => ({ en: `Ready pods of \`${workload}\` after ${at.en}`, 'zh-CN': `${at['zh-CN']}时 \`${workload}\` 就绪的 Pod 数` }),
  pods: (workload, at) => ({ en: `Pods of \`${workload}\` after ${at.en}, ready or not`, 'zh-CN': `${at['zh-CN']}时 \`${workload}\` 的 Pod 总数，无论是否就绪` }),
}
const labelOf = ({ ask, workload, at }: PredictAsk): Text => says[ask](workload, moment(momentOf(at)))

/** `2`, ` 2 `, `02`; anything else that is no plain number stays as it is. */
function plain(ask: PredictAsk, text: string): string {
  const trimmed = text.trim()
  return ask.ask !== 'status' && /^\d{1,6}$/.test(trimmed) ? String(Number(trimmed)) : trimmed
}

/** What a check may say before the explanation: not what would have been right. */
function noteOf(given: string, isRight: boolean): Text {
  if (given === '') return { en: 'Nothing was predicted.', 'zh-CN': '没有预测。' }
  return isRight ? { en: `The cluster shows ${given}.`, 'zh-CN': `集群显示 ${given}。` } : { en: `The cluster does not show ${given}.`, 'zh-CN': `集群显示的不是 ${given}。` }
}

const manifestsOf = (files: Files) => Object.entries({ ...filesIn(files, 'given'), ...filesIn(files, 'manifests') }).map(([path, text]) => ({ path, text }))

export const predictOutcome = defineQuestionType({
  name: 'predict-outcome',
  label: { en: 'Predict the outcome', 'zh-CN': '预测结果' },
  about: { en: 'Say what kubectl will show at each moment. Every right prediction counts; the simulated cluster decides.', 'zh-CN': '预测 kubectl 在各个时刻显示的内容。每个正确预测都计分，以模拟集群的实际结果为准。' },
  spec: specSchema,
  answer: z.record(z.string().max(60), z.string().max(60)).refine((answer) => Object.keys(answer).length <= 20, 'At most 20 predictions.'),
  fromForm: (fields) => Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => {
    const id = /^answer\[(.+)\]$/.exec(name)?.[1]
    return id && typeof value === 'string' ? [[id, value]] : []
  })),
  isEmpty: (answer) => Object.values(answer).every((value) => value.trim() === ''),
  view: ({ spec, files, language }, answer, shuffle) => ({
    manifests: manifestsOf(files),
    asks: spec.key.asks.map((ask) => {
      const value = answer && Object.hasOwn(answer, ask.id) ? answer[ask.id]! : ''
      return { id: ask.id, label: labelOf(ask)[language], value, ...(ask.ask === 'status' ? { options: shuffle(ask.options).map((text) => ({ text, chosen: text === value })) } : {}) }
    }),
  }),
  grade: ({ spec, files }, answer) => {
    const predicted = predictedOf(files, spec.key.asks)
    const parts = spec.key.asks.map((ask, index) => {
      const { values } = predicted[index]!
      const given = Object.hasOwn(answer, ask.id) ? plain(ask, answer[ask.id]!) : ''
      const earned = values.length === 1 && values[0] === given ? 1 : 0
      return { id: ask.id, label: labelOf(ask), earned, possible: 1, note: noteOf(given, earned === 1) }
    })
    return { score: parts.reduce((sum, { earned }) => sum + earned, 0) / parts.length, parts }
  },
  review: ({ spec, files, language }, answer) => {
    const predicted = predictedOf(files, spec.key.asks)
    return { manifests: manifestsOf(files), asks: spec.key.asks.map((ask, index) => reviewed(ask, predicted[index]!.values, answer, language)), run: runOf(files) }
  },
  lint: lintPrediction,
  *samples(spec, files) {
    const predicted = predictedOf(files, spec.key.asks)
    const right = Object.fromEntries(predicted.map(({ id, values }) => [id, values[0] ?? '']))
    const asks = spec.key.asks
    yield { name: 'what happens', answer: right, score: 1 }
    yield { name: 'what happens, with spaces', answer: Object.fromEntries(Object.entries(right).map(([id, value]) => [id, ` ${value} `])), score: 1 }
    for (const ask of asks) {
      const wrong = ask.ask === 'status' ? ask.options.filter((option) => option !== right[ask.id]) : [String(Number(right[ask.id]) + 1), '', 'none']
      for (const value of wrong) yield { name: `${ask.id}: ${JSON.stringify(value)}`, answer: { ...right, [ask.id]: value }, score: (asks.length - 1) / asks.length, missed: [ask.id] }
    }
    for (const text of hostileTexts) yield { name: `hostile ${JSON.stringify(text.slice(0, 20))}`, answer: Object.fromEntries(asks.map(({ id }) => [id, text.slice(0, 60)])), score: 0 }
    yield { name: 'other names', answer: { constructor: 'Running', toString: '1' }, score: 0 }
  },
  heavy: true,
})

function reviewed(ask: PredictAsk, values: readonly string[], answer: Readonly<Record<string, string>> | undefined, language: Language): Record<string, unknown> {
  const given = answer && Object.hasOwn(answer, ask.id) ? plain(ask, answer[ask.id]!) : ''
  return { label: labelOf(ask)[language], value: values.join(', '), given, correct: values.length === 1 && given === values[0] }
}

function* lintPrediction({ key: { asks } }: PredictSpec, files: Files): Iterable<LintProblem> {
  if (Object.keys(filesIn(files, 'manifests')).length === 0) return yield { at: 'files', message: 'There is no file in manifests/.' }
  if (new Set(asks.map(({ id }) => id)).size < asks.length) yield { at: 'key.asks', message: 'Two predictions have the same id.' }
  try {
    const { length } = readPredicted(files).runs[0]!
    for (const ask of asks) if (momentOf(ask.at) > length) yield { at: 'key.asks', message: `${ask.id}: ${ask.at} lies behind the end of the run.` }
    for (const [index, { id, values }] of predictedOf(files, asks).entries()) {
      const ask = asks[index]!
      if (values.length !== 1) yield { at: 'key.asks', message: values.length === 0 ? `${id}: there is no pod at ${ask.at}.` : `${id}: the pods differ at ${ask.at} (${values.join(', ')}), so there is no one answer.` }
      else if (ask.ask === 'status' && !ask.options.includes(values[0]!)) yield { at: 'key.asks', message: `${id}: the cluster shows ${values[0]!}, which is not among the options.` }
      if (ask.ask === 'status' && new Set(ask.options).size < ask.options.length) yield { at: 'key.asks', message: `${id}: two options are the same.` }
    }
  } catch (error) {
    yield { at: 'files', message: error instanceof Error ? error.message.split('\n')[0]! : String(error), file: 'scenario.yaml' }
  }
}
