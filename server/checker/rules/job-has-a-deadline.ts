import type { Fields } from '../../k8s/object.ts'
import { defineRule } from '../rule.ts'
import { object } from '../samples.ts'

const job = (spec: string): string => object('batch/v1', 'Job', 'migrate', `spec:\n${spec}  template: { spec: { restartPolicy: Never, containers: [{ name: app, image: "migrate:1" }] } }`)

export default defineRule({
  id: 'job-has-a-deadline',
  category: 'availability',
  severity: 'hint',
  optional: true,
  title: { en: 'A Job gives up after a time', 'zh-CN': 'Job 超过一定时间就放弃' },
  why: { en: 'backoffLimit counts failures, and a process that hangs does not fail. Only a deadline ends it.', 'zh-CN': 'backoffLimit 只统计失败次数，而卡住的进程不算失败，只有期限能让它结束。' },
  fix: { en: 'Set `activeDeadlineSeconds` to a multiple of the usual time.', 'zh-CN': '把 `activeDeadlineSeconds` 设为正常耗时的几倍。' },
  links: ['https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup'],
  kinds: ['Job', 'CronJob'],
  *check(subject) {
    const at = subject.kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec'] : ['spec']
    const spec = (subject.kind === 'CronJob' ? subject.spec?.jobTemplate?.spec : subject.spec) as Fields | undefined
    if (spec && spec.activeDeadlineSeconds === undefined && spec.template?.spec?.activeDeadlineSeconds === undefined) yield { at: [...at, 'activeDeadlineSeconds'], message: { en: 'A process that hangs keeps this Job active for ever.', 'zh-CN': '进程一旦卡住，这个 Job 就会一直处于活动状态。' } }
  },
  examples: { good: [job('  activeDeadlineSeconds: 600\n')], bad: [{ yaml: job(''), expect: ['spec.activeDeadlineSeconds'] }] },
})
