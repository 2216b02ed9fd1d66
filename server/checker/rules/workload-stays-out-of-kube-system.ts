import { namespaceOf } from '../inventory.ts'
import { defineRule } from '../rule.ts'
import { deployment } from '../samples.ts'

export default defineRule({
  id: 'workload-stays-out-of-kube-system',
  category: 'configuration',
  severity: 'hint',
  optional: true,
  title: { en: 'Applications stay out of kube-system', 'zh-CN': '应用不放进 kube-system' },
  why: {
    en: 'kube-system holds what the cluster itself needs. Whoever may edit workloads there is as good as an administrator.',
    'zh-CN': 'kube-system 里是集群自身所需的组件；能在那里修改工作负载的人，实际上等同于管理员。',
  },
  fix: {
    en: 'Give the application a namespace of its own.',
    'zh-CN': '给应用单独的 namespace。',
  },
  links: ['https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces'],
  kinds: ['workloads'],
  *check(subject) {
    if (['kube-system', 'kube-public', 'kube-node-lease'].includes(namespaceOf(subject))) yield { at: ['metadata', 'namespace'], message: { en: `Namespace ${namespaceOf(subject)} belongs to the cluster.`, 'zh-CN': `namespace ${namespaceOf(subject)} 属于集群自身。` } }
  },
  examples: {
    good: [
      deployment('login', undefined, '', 'game'),
    ],
    bad: [
      { yaml: deployment('login', undefined, '', 'kube-system'), expect: ['metadata.namespace'] },
    ],
  },
})
