import { setTo } from '../naming.ts'
import { defineRule } from '../rule.ts'

const cron = (spec: string): string => `apiVersion: batch/v1\nkind: CronJob\nmetadata: { name: backup }\nspec:\n  schedule: "0 3 * * *"\n${spec}  jobTemplate:\n    spec:\n      template: { spec: { restartPolicy: Never, containers: [{ name: app, image: "backup:1" }] } }\n`

export default defineRule({
  id: 'cronjob-does-not-overlap',
  category: 'availability',
  severity: 'hint',
  optional: true,
  title: { en: 'A CronJob says what happens when a run takes too long', 'zh-CN': 'CronJob 写明上一次没跑完时如何处理' },
  why: { en: 'The default `Allow` starts the next run beside one that is not done. Slow runs then pile up and slow each other down further.', 'zh-CN': '默认的 `Allow` 会在上一次尚未结束时启动下一次。慢任务会越积越多，互相拖得更慢。' },
  fix: { en: 'Set `concurrencyPolicy` to Forbid or Replace, unless runs may overlap.', 'zh-CN': '除非允许重叠，否则把 `concurrencyPolicy` 设为 Forbid 或 Replace。' },
  links: ['https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy'],
  kinds: ['CronJob'],
  *check({ spec }) {
    if ((spec?.concurrencyPolicy ?? 'Allow') === 'Allow') yield { at: ['spec', 'concurrencyPolicy'], change: setTo(['spec', 'concurrencyPolicy'], 'Forbid'), message: { en: 'A run that takes longer than the interval is joined by the next one.', 'zh-CN': '运行时间超过间隔时，下一次会与它同时运行。' } }
  },
  examples: { good: [cron('  concurrencyPolicy: Forbid\n')], bad: [{ yaml: cron(''), expect: ['spec.concurrencyPolicy'] }] },
})
