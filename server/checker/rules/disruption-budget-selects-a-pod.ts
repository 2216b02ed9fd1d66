import type { LabelSelector } from '../../k8s/selector.ts'
import { namespaceOf } from '../inventory.ts'
import { selectsNoPod } from '../selection.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object } from '../samples.ts'

const budget = (labels: string): string => object('policy/v1', 'PodDisruptionBudget', 'login', `spec: { minAvailable: 1, selector: { matchLabels: { ${labels} } } }`)

export default defineRule({
  id: 'disruption-budget-selects-a-pod',
  category: 'availability',
  severity: 'warning',
  title: { en: 'A PodDisruptionBudget selects a Pod', 'zh-CN': 'PodDisruptionBudget 至少选中一个 Pod' },
  why: { en: 'A budget that selects nothing protects nothing: a drain evicts all replicas of the workload at once.', 'zh-CN': '没有选中任何 Pod 的 PDB 起不到保护作用：kubectl drain 会一次驱逐工作负载的所有副本。' },
  fix: { en: 'Copy the labels of the Pod template into `spec.selector.matchLabels`.', 'zh-CN': '把 Pod 模板的标签抄到 `spec.selector.matchLabels`。' },
  links: ['https://kubernetes.io/docs/tasks/run-application/configure-pdb/'],
  kinds: ['PodDisruptionBudget'],
  check: (subject, all) => selectsNoPod(subject.spec?.selector as LabelSelector | undefined, namespaceOf(subject), ['spec', 'selector'], all),
  examples: { good: [file(deployment('login'), budget('app: login')), file(deployment('login'), budget('app: match'))], bad: [{ yaml: file(deployment('login'), budget('app: logni')), expect: ['spec.selector'] }, { yaml: file(deployment('login'), budget('app: match')), closed: true, expect: ['spec.selector'] }] },
})
