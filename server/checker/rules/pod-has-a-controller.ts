import { defineRule } from '../rule.ts'
import { deployment, object } from '../samples.ts'

export default defineRule({
  id: 'pod-has-a-controller',
  category: 'availability',
  severity: 'hint',
  optional: true,
  title: { en: 'A Pod is made by a workload', 'zh-CN': 'Pod 由工作负载创建' },
  why: { en: 'Nobody makes a bare Pod anew when its node fails, when it is evicted, or when its image changes.', 'zh-CN': '节点故障、被驱逐或镜像更新时，裸 Pod 不会被重建。' },
  fix: { en: 'Use a Deployment, StatefulSet, DaemonSet or Job.', 'zh-CN': '使用 Deployment、StatefulSet、DaemonSet 或 Job。' },
  links: ['https://kubernetes.io/docs/concepts/configuration/overview/#naked-pods-vs-replicasets-deployments-and-jobs'],
  kinds: ['Pod'],
  *check(subject) {
    if (!subject.metadata.ownerReferences?.length) yield { at: ['kind'], message: { en: `Pod "${subject.metadata.name}" is not replaced when it is gone.`, 'zh-CN': `Pod "${subject.metadata.name}" 消失后不会被重建。` } }
  },
  examples: { good: [deployment('login')], bad: [{ yaml: object('v1', 'Pod', 'login', 'spec: { containers: [{ name: app, image: "login:1" }] }'), expect: ['kind'] }] },
})
