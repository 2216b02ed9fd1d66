import { podOf } from '../pods.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { deployment } from '../samples.ts'

export default defineRule({
  id: 'replicas-are-spread',
  category: 'availability',
  severity: 'hint',
  optional: true,
  title: { en: 'Replicas are kept on different nodes', 'zh-CN': '副本分散在不同节点上' },
  why: { en: 'Without a rule the scheduler only prefers to spread. All replicas may end up on one node, and its failure takes them all.', 'zh-CN': '没有明确规则时，调度器只是倾向于分散。所有副本可能落在同一个节点，这个节点一旦故障，副本就全没了。' },
  fix: { en: 'Add a topologySpreadConstraint over `kubernetes.io/hostname` or the zone, or a pod anti-affinity.', 'zh-CN': '添加按 `kubernetes.io/hostname` 或 zone 的 topologySpreadConstraints，或者 pod anti-affinity。' },
  links: ['https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/'],
  kinds: ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'],
  *check(subject) {
    const pod = podOf(subject)
    const replicas = (subject.spec?.replicas ?? 1) as number
    if (!pod || replicas < 2 || list(pod.spec.topologySpreadConstraints).length > 0 || pod.spec.affinity?.podAntiAffinity) return
    yield { at: [...pod.path, 'spec'], message: { en: `Nothing keeps the ${replicas} replicas apart.`, 'zh-CN': `没有任何规则让这 ${replicas} 个副本分开。` } }
  },
  examples: {
    good: [deployment('login'), deployment('login', 'containers: [{ name: app, image: "login:1" }]\ntopologySpreadConstraints: [{ maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: { matchLabels: { app: login } } }]', 'replicas: 3')],
    bad: [{ yaml: deployment('login', undefined, 'replicas: 3'), expect: ['spec.template.spec'] }],
  },
})
