import type { Fields } from '../../k8s/object.ts'
import { percentOf } from '../../k8s/port.ts'
import type { LabelSelector } from '../../k8s/selector.ts'
import { disruptionsAllowed, replicasOf } from '../availability.ts'
import { namespaceOf } from '../inventory.ts'
import { called } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object } from '../samples.ts'

const budget = (rule: string): string => object('policy/v1', 'PodDisruptionBudget', 'login', `spec: { ${rule}, selector: { matchLabels: { app: login } } }`)
const autoscaler = (min: number): string => object('autoscaling/v2', 'HorizontalPodAutoscaler', 'login', `spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: login }, minReplicas: ${min}, maxReplicas: 9 }`)

export default defineRule({
  id: 'disruption-budget-allows-a-disruption',
  category: 'availability',
  severity: 'warning',
  title: { en: 'A PodDisruptionBudget lets at least one Pod go', 'zh-CN': 'PodDisruptionBudget 至少允许驱逐一个 Pod' },
  why: { en: 'When the budget needs every Pod, a drain waits for ever: nodes can’t be updated and the cluster can’t shrink. Percentages round up, so 90% of 3 Pods are 3.', 'zh-CN': '如果 PDB 要求所有 Pod 都在，kubectl drain 会一直等下去：节点无法升级，集群无法缩容。百分比向上取整，3 个 Pod 的 90% 就是 3 个。' },
  fix: { en: 'Use `maxUnavailable: 1`, or run more replicas than `minAvailable` asks for; with an autoscaler `minReplicas` counts.', 'zh-CN': '使用 `maxUnavailable: 1`，或者让副本数大于 `minAvailable`；有 HPA 时以 `minReplicas` 为准。' },
  links: ['https://kubernetes.io/docs/tasks/run-application/configure-pdb/#think-about-how-your-application-reacts-to-disruptions'],
  kinds: ['PodDisruptionBudget'],
  *check(subject, all) {
    const spec = (subject.spec ?? {}) as Fields
    const field = spec.maxUnavailable !== undefined ? 'maxUnavailable' : 'minAvailable'
    const value = spec[field] as number | string | undefined
    if (value === undefined) return
    const at = ['spec', field]
    if (field === 'maxUnavailable' ? value === 0 || percentOf(value) === 0 : (percentOf(value) ?? 0) >= 100) {
      yield { at, message: { en: `${field}: ${value} lets no Pod go, however many there are.`, 'zh-CN': `${field}: ${value} 表示无论有多少 Pod，一个也不能驱逐。` } }
      return
    }
    const workloads = all.matching(spec.selector as LabelSelector | undefined, namespaceOf(subject))
    const counts = workloads.map(({ object: workload }) => replicasOf(workload, all))
    if (counts.length === 0 || counts.some((count) => !count)) return
    const least = counts.reduce((sum, count) => sum + count!.min, 0)
    const most = counts.reduce((sum, count) => sum + count!.max, 0)
    if (least === 0 || disruptionsAllowed(spec, least) > 0) return
    const names = workloads.map(({ object: workload }) => called(workload)).join(', ')
    const isNever = disruptionsAllowed(spec, most) === 0
    yield { at, message: isNever
      ? { en: `${names} runs ${most} ${most === 1 ? 'Pod' : 'Pods'} and ${field} is ${value}: none may go.`, 'zh-CN': `${names} 运行 ${most} 个 Pod，而 ${field} 是 ${value}：一个也不能驱逐。` }
      : { en: `${names} runs ${least} ${least === 1 ? 'Pod' : 'Pods'} when it is scaled down, and ${field} is ${value}: none may go then.`, 'zh-CN': `${names} 缩到最少时有 ${least} 个 Pod，而 ${field} 是 ${value}：这时一个也不能驱逐。` } }
  },
  examples: {
    good: [file(deployment('login', undefined, 'replicas: 3'), budget('minAvailable: 2')), file(deployment('login'), budget('maxUnavailable: 1')), file(deployment('login', undefined, 'replicas: 3'), budget('minAvailable: 60%')), budget('minAvailable: 5'), file(deployment('login'), autoscaler(3), budget('minAvailable: 2'))],
    bad: [
      { yaml: file(deployment('login', undefined, 'replicas: 2'), budget('minAvailable: 2')), expect: ['spec.minAvailable'] },
      { yaml: file(deployment('login', undefined, 'replicas: 3'), budget('minAvailable: 90%')), expect: ['spec.minAvailable'] },
      { yaml: budget('maxUnavailable: 0'), expect: ['spec.maxUnavailable'] },
      { yaml: file(deployment('login'), autoscaler(2), budget('minAvailable: 2')), expect: ['spec.minAvailable'] },
    ],
  },
})
