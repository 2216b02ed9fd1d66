import { defineRule } from '../rule.ts'
import { object } from '../samples.ts'

const autoscaler = (bounds: string): string => object('autoscaling/v2', 'HorizontalPodAutoscaler', 'login', `spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: login }, ${bounds} }`)

export default defineRule({
  id: 'autoscaler-has-room-to-scale',
  category: 'availability',
  severity: 'warning',
  title: { en: 'An autoscaler has room between minReplicas and maxReplicas', 'zh-CN': 'HPA 的 minReplicas 与 maxReplicas 之间有余地' },
  why: { en: 'With equal bounds the autoscaler holds the number of Pods where it is, whatever the load.', 'zh-CN': '上下限相等时，无论负载多大，HPA 都只会保持原来的 Pod 数量。' },
  fix: { en: 'Raise `maxReplicas` to what the peak needs and the cluster can hold, or remove the autoscaler.', 'zh-CN': '把 `maxReplicas` 提高到高峰所需且集群能容纳的数量，或者删除这个 HPA。' },
  links: ['https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/'],
  kinds: ['HorizontalPodAutoscaler'],
  *check({ spec }) {
    const min = (spec?.minReplicas ?? 1) as number
    const max = spec?.maxReplicas as number | undefined
    if (max !== undefined && max === min) yield { at: ['spec', 'maxReplicas'], message: { en: `minReplicas and maxReplicas are both ${max}: nothing is ever scaled.`, 'zh-CN': `minReplicas 与 maxReplicas 都是 ${max}：永远不会扩缩容。` } }
  },
  examples: { good: [autoscaler('minReplicas: 2, maxReplicas: 5')], bad: [{ yaml: autoscaler('minReplicas: 3, maxReplicas: 3'), expect: ['spec.maxReplicas'] }, { yaml: autoscaler('maxReplicas: 1'), expect: ['spec.maxReplicas'] }] },
})
