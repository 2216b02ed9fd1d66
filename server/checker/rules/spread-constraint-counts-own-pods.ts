import type { LabelSelector } from '../../k8s/selector.ts'
import { printSelector, selects } from '../../k8s/selector.ts'
import { setTo } from '../naming.ts'
import { podOf } from '../pods.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { deployment } from '../samples.ts'

const spread = (labels: string): string => deployment('login', `containers: [{ name: app, image: "login:1" }]\ntopologySpreadConstraints: [{ maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule, labelSelector: { matchLabels: { ${labels} } } }]`, 'replicas: 3')

export default defineRule({
  id: 'spread-constraint-counts-own-pods',
  category: 'availability',
  severity: 'warning',
  title: { en: 'A topology spread constraint counts the Pods it is written in', 'zh-CN': 'topologySpreadConstraints 统计的是自己的 Pod' },
  why: { en: 'The constraint balances the Pods that its labelSelector takes. When it does not take the Pods themselves, they are all placed by the same unchanging count, so nothing is spread.', 'zh-CN': '约束平衡的是 labelSelector 选中的 Pod。如果它选不中自己的 Pod，计数就不会变化，也就谈不上分散。' },
  fix: { en: 'Copy the labels of the Pod template into the `labelSelector` of the constraint.', 'zh-CN': '把 Pod 模板的标签抄到约束的 `labelSelector`。' },
  links: ['https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#implicit-conventions'],
  kinds: ['workloads'],
  mentions: ['topologySpreadConstraints'],
  *check(subject) {
    const pod = podOf(subject)
    for (const [index, constraint] of list(pod?.spec.topologySpreadConstraints).entries()) {
      const selector = constraint.labelSelector as LabelSelector | undefined
      const labels = pod!.metadata.labels ?? {}
      if (!selector || selects(selector, labels)) continue
      const at = [...pod!.path, 'spec', 'topologySpreadConstraints', index, 'labelSelector']
      const wrong = Object.entries(selector.matchLabels ?? {}).filter(([key, value]) => labels[key] !== value)
      const [key] = wrong[0] ?? []
      const isMendable = wrong.length === 1 && key !== undefined && labels[key] !== undefined
      yield { at, ...(isMendable ? { change: setTo([...at, 'matchLabels', key], labels[key]) } : {}), message: { en: `The constraint counts Pods with ${printSelector(selector)}; these Pods have ${printSelector({ matchLabels: labels })}.`, 'zh-CN': `约束统计的是带 ${printSelector(selector)} 的 Pod；而这些 Pod 的标签是 ${printSelector({ matchLabels: labels })}。` } }
    }
  },
  examples: { good: [spread('app: login')], bad: [{ yaml: spread('app: match'), expect: ['spec.template.spec.topologySpreadConstraints[0].labelSelector'] }] },
})
