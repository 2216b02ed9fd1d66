import type { LabelSelector } from '../../k8s/selector.ts'
import { budgetsOf } from '../availability.ts'
import { namespaceOf } from '../inventory.ts'
import { called } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object } from '../samples.ts'

const budget = (name: string, labels: string): string => object('policy/v1', 'PodDisruptionBudget', name, `spec: { maxUnavailable: 1, selector: { matchLabels: { ${labels} } } }`)

export default defineRule({
  id: 'one-disruption-budget-per-pod',
  category: 'availability',
  severity: 'error',
  title: { en: 'A Pod belongs to one PodDisruptionBudget', 'zh-CN': '一个 Pod 只属于一个 PodDisruptionBudget' },
  why: { en: 'The eviction API does not support two: it answers 500, This pod has more than one PodDisruptionBudget, and the drain stops there.', 'zh-CN': '驱逐 API 不支持两个 PDB：它返回 500，This pod has more than one PodDisruptionBudget，drain 就卡在那里。' },
  fix: { en: 'Narrow one of the selectors, or join the budgets.', 'zh-CN': '收窄其中一个 selector，或者合并两个 PDB。' },
  links: ['https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-budgets'],
  kinds: ['PodDisruptionBudget'],
  *check(subject, all) {
    for (const workload of all.matching(subject.spec?.selector as LabelSelector | undefined, namespaceOf(subject))) {
      const [first] = budgetsOf(workload, all)
      if (!first || first === subject || first.metadata.name === subject.metadata.name) continue
      yield { at: ['spec', 'selector'], message: { en: `${called(first)} selects the Pods of ${called(workload.object)} too.`, 'zh-CN': `${called(first)} 也选中了 ${called(workload.object)} 的 Pod。` } }
      return
    }
  },
  examples: { good: [file(deployment('login'), deployment('match'), budget('a', 'app: login'), budget('b', 'app: match'))], bad: [{ yaml: file(deployment('login'), budget('a', 'app: login'), budget('b', 'app: login')), expect: ['spec.selector'] }] },
})
