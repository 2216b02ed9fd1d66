import { setTo } from '../naming.ts'
import { defineRule } from '../rule.ts'

const cron = (spec: string): string => `apiVersion: batch/v1\nkind: CronJob\nmetadata: { name: backup }\nspec:\n  schedule: "0 3 * * *"\n${spec}  jobTemplate:\n    spec:\n      template: { spec: { restartPolicy: Never, containers: [{ name: app, image: "backup:1" }] } }\n`

export default defineRule({
  id: 'cronjob-starting-deadline-is-long-enough',
  category: 'availability',
  severity: 'warning',
  title: { en: 'The startingDeadlineSeconds of a CronJob is at least 10', 'zh-CN': 'CronJob 的 startingDeadlineSeconds 不小于 10' },
  why: { en: 'The controller looks at CronJobs about every 10 seconds. With a shorter deadline a run can be too late before it is ever considered, and is skipped.', 'zh-CN': '控制器大约每 10 秒检查一次 CronJob。期限比这更短时，某次运行还没被检查到就已经超时，于是被跳过。' },
  fix: { en: 'Allow minutes rather than seconds, or leave the field out.', 'zh-CN': '给出以分钟计的期限，或者不写该字段。' },
  links: ['https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#starting-deadline'],
  kinds: ['CronJob'],
  *check({ spec }) {
    const seconds = spec?.startingDeadlineSeconds as number | undefined
    if (seconds !== undefined && seconds < 10) yield { at: ['spec', 'startingDeadlineSeconds'], change: setTo(['spec', 'startingDeadlineSeconds'], 300), message: { en: `A run that is more than ${seconds} s late is skipped; the controller may look only every 10 s.`, 'zh-CN': `迟到超过 ${seconds} 秒的运行会被跳过，而控制器可能 10 秒才检查一次。` } }
  },
  examples: { good: [cron('  startingDeadlineSeconds: 300\n'), cron('')], bad: [{ yaml: cron('  startingDeadlineSeconds: 5\n'), expect: ['spec.startingDeadlineSeconds'] }] },
})
