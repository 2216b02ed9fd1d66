import { autoscalersOf } from '../availability.ts'
import { namespaceOf } from '../inventory.ts'
import { called } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { file, object } from '../samples.ts'

const autoscaler = (name: string, target: string): string => object('autoscaling/v2', 'HorizontalPodAutoscaler', name, `spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: ${target} }, maxReplicas: 5 }`)

export default defineRule({
  id: 'one-autoscaler-per-workload',
  category: 'availability',
  severity: 'error',
  title: { en: 'A workload has one HorizontalPodAutoscaler', 'zh-CN': '一个工作负载只有一个 HorizontalPodAutoscaler' },
  why: { en: 'Autoscalers whose Pods overlap stop with the condition AmbiguousSelector, so none of them scales.', 'zh-CN': '多个 HPA 管理同一批 Pod 时，会因 AmbiguousSelector 这个 condition 停止工作，谁也不会扩缩容。' },
  fix: { en: 'Put all metrics into one autoscaler: it follows the one that asks for most Pods.', 'zh-CN': '把所有指标写进一个 HPA：它会采用算出 Pod 数最多的那个指标。' },
  links: ['https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#support-for-multiple-metrics'],
  kinds: ['HorizontalPodAutoscaler'],
  *check(subject, all) {
    const { kind = '', name = '' } = (subject.spec?.scaleTargetRef ?? {}) as { kind?: string; name?: string }
    const [first] = autoscalersOf(kind, namespaceOf(subject), name, all)
    if (first && first !== subject && first.metadata.name !== subject.metadata.name) yield { at: ['spec', 'scaleTargetRef'], message: { en: `${called(first)} scales ${kind} "${name}" too.`, 'zh-CN': `${called(first)} 也在伸缩 ${kind} "${name}"。` } }
  },
  examples: { good: [file(autoscaler('a', 'login'), autoscaler('b', 'match'))], bad: [{ yaml: file(autoscaler('a', 'login'), autoscaler('b', 'login')), expect: ['spec.scaleTargetRef'] }] },
})
