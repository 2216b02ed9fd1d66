/** Predictions: the key is what the simulator says, at lint and at grade time alike. */
import { describe, expect, it } from 'vitest'
import { readBank } from '../../server/bank/index.ts'
import { runView } from '../../server/http/pages/repair.ts'
import { predictOutcome } from '../../server/question-types/predict-outcome/index.ts'
import { predictedOf } from '../../server/question-types/predict-outcome/predict.ts'
import type { PredictSpec } from '../../server/question-types/predict-outcome/schema.ts'

const questions = readBank('questions').questions.filter(({ type }) => type === 'predict-outcome')
const [crash] = questions.filter(({ id }) => id === 'predict-missing-file')
const spec = crash!.spec as PredictSpec
const lint = (changed: object[], files = crash!.files) => [...predictOutcome.lint({ key: { asks: changed as PredictSpec['key']['asks'] } }, files)].map(({ message }) => message)
const status = { id: 'a', ask: 'status', workload: 'deployment/matchmaker', at: '5m', options: ['Running', 'Error', 'CrashLoopBackOff'] }

describe('the key', () => {
  it('is what the back-off of the kubelet makes of five seconds of life', () => {
    expect(predictedOf(crash!.files, spec.key.asks).map(({ id, values }) => [id, ...values])).toEqual([['first-wait', 'Error'], ['ninety', '3'], ['later', 'CrashLoopBackOff'], ['five-minutes', '5']])
  })
  it('follows the manifests', () => {
    const replicas = { ...crash!.files, 'manifests/matchmaker.yaml': crash!.files['manifests/matchmaker.yaml']!.replace('replicas: 2', 'replicas: 5') }
    const pods = [{ id: 'n', ask: 'pods' as const, workload: 'deployment/matchmaker', at: '60s' }]
    expect([predictedOf(crash!.files, pods)[0]!.values, predictedOf(replicas, pods)[0]!.values]).toEqual([['2'], ['5']])
  })
  it('is not told by a check that finds predictions wrong', () => {
    const grade = predictOutcome.grade({ spec, files: crash!.files, language: 'en' }, { 'first-wait': 'Running', ninety: '9' })
    expect(grade.parts.map(({ note }) => note.en)).toEqual(['The cluster does not show Running.', 'The cluster does not show 9.', 'Nothing was predicted.', 'Nothing was predicted.'])
  })
  it('is on no page before the end', () => {
    for (const question of questions) {
      const view = JSON.stringify(predictOutcome.view({ spec: question.spec as PredictSpec, files: question.files, language: 'en' }, undefined, (items) => [...items]))
      expect(view).not.toMatch(/computed|exit|profile|setImage/)
      expect(view).toContain('kind: Deployment')
      const grade = JSON.stringify(predictOutcome.grade({ spec: question.spec as PredictSpec, files: question.files, language: 'en' }, {}))
      expect(grade).not.toMatch(/timeline|endedAt/)
    }
  })
})

describe('the review', () => {
  it.each(['en', 'zh-CN'] as const)('shows the run that was asked about, in %s', (language) => {
    const { run } = predictOutcome.review({ spec, files: crash!.files, language }, { 'first-wait': 'Running' }, undefined) as { run: unknown }
    const view = runView(run, language) as { picture: string; entries: { what: string; reason?: string }[] }
    expect(view.picture.match(/maker-\w+-\w+<\/text>/g)).toHaveLength(2)
    expect(view.picture).toContain('class="restart"')
    expect(view.entries.map(({ what }) => what)).toContain(language === 'en' ? 'created' : '已创建')
    expect(view.entries.some(({ reason }) => reason === 'BackOff')).toBe(true)
  })
})

describe('every question of the bank', () => {
  it.each(questions.map((question) => [question.id, question] as const))('%s: lint is silent, and each sample gets its score', (_, question) => {
    const own = question.spec as PredictSpec
    expect([...predictOutcome.lint(own, question.files)]).toEqual([])
    let samples = 0
    for (const { name, answer, score } of predictOutcome.samples(own, question.files)) {
      samples++
      const parsed = predictOutcome.answer.safeParse(answer)
      expect([name, parsed.success ? predictOutcome.grade({ spec: own, files: question.files, language: 'en' }, parsed.data).score : 0]).toEqual([name, score])
    }
    expect(samples).toBeGreaterThan(15)
  })
})

describe('lint', () => {
  it('finds what cannot be asked', () => {
    expect(lint([status])).toEqual([])
    expect(lint([{ ...status, options: ['Running', 'Error', 'Pending'] }])).toEqual(['a: the cluster shows CrashLoopBackOff, which is not among the options.'])
    expect(lint([{ ...status, at: '1h' }])[0]).toContain('lies behind the end')
    expect(lint([{ ...status, workload: 'deployment/nobody' }])).toEqual(['deployment/nobody does not exist at 5m'])
    expect(lint([status, status])).toContain('Two predictions have the same id.')
    expect(lint([{ ...status, options: ['Error', 'Error', 'CrashLoopBackOff'] }])).toEqual(['a: two options are the same.'])
    expect(lint([status], {})[0]).toContain('manifests/')
  })
  it('says where pods differ', () => {
    const rollout = questions.find(({ id }) => id === 'predict-bad-tag')!
    expect(lint([{ ...status, workload: 'deployment/lobby', at: '2m' }], rollout.files)[0]).toMatch(/the pods differ at 2m \(ImagePullBackOff, Running\)|the pods differ at 2m/)
  })
})
