import { defineRule } from '../rule.ts'
import { object } from '../samples.ts'

const job = (spec: string): string => object('batch/v1', 'Job', 'migrate', `spec:\n${spec}  template: { spec: { restartPolicy: Never, containers: [{ name: app, image: "migrate:1" }] } }`)

export default defineRule({
  id: 'finished-job-is-cleaned-up',
  category: 'configuration',
  severity: 'hint',
  optional: true,
  title: { en: 'A finished Job is removed after a while', 'zh-CN': '完成的 Job 会在一段时间后清理' },
  why: { en: 'Jobs that no CronJob made stay with their Pods until somebody deletes them. Jobs of a CronJob are counted by its history limits.', 'zh-CN': '不是由 CronJob 创建的 Job 会连同 Pod 一直留着，直到有人删除。CronJob 的 Job 由历史数量限制清理。' },
  fix: { en: 'Set `ttlSecondsAfterFinished`, to a day for instance.', 'zh-CN': '设置 `ttlSecondsAfterFinished`，例如一天。' },
  links: ['https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/'],
  kinds: ['Job'],
  *check({ spec }) {
    if (spec?.ttlSecondsAfterFinished === undefined) yield { at: ['spec', 'ttlSecondsAfterFinished'], change: { title: { en: 'Remove it a day after it finished', 'zh-CN': '完成一天后清理' }, path: ['spec', 'ttlSecondsAfterFinished'], value: 86400 }, message: { en: 'The Job and its Pods stay for ever.', 'zh-CN': '这个 Job 及其 Pod 会一直保留。' } }
  },
  examples: { good: [job('  ttlSecondsAfterFinished: 600\n')], bad: [{ yaml: job(''), expect: ['spec.ttlSecondsAfterFinished'] }] },
})
