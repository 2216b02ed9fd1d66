import { namespaceOf, spaceOf } from '../inventory.ts'
import { defineRule } from '../rule.ts'
import { configMap } from '../samples.ts'

export default defineRule({
  id: 'object-names-its-namespace',
  category: 'configuration',
  severity: 'hint',
  optional: true,
  title: { en: 'An object names its namespace', 'zh-CN': '对象写明自己的 namespace' },
  why: {
    en: 'Without a namespace it depends on the context of whoever applies it where the object ends up.',
    'zh-CN': '不写 namespace 时，对象落在哪里取决于执行 apply 的人当前的 context。',
  },
  fix: {
    en: 'Set `metadata.namespace`, to another one than default.',
    'zh-CN': '设置 `metadata.namespace`，且不要用 default。',
  },
  links: ['https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/'],
  kinds: ['workloads', 'Service', 'Ingress', 'ConfigMap', 'Secret', 'PersistentVolumeClaim', 'Role', 'RoleBinding', 'ServiceAccount', 'NetworkPolicy', 'HorizontalPodAutoscaler', 'PodDisruptionBudget'],
  *check(subject) {
    if (spaceOf(namespaceOf(subject)) === 'default') yield { at: ['metadata', 'namespace'], message: namespaceOf(subject) === '' ? { en: 'No namespace is named.', 'zh-CN': '没有写明 namespace。' } : { en: 'The namespace default belongs to everybody.', 'zh-CN': 'default namespace 人人共用。' } }
  },
  examples: {
    good: [
      configMap('game', 'a: b', 'game'),
    ],
    bad: [
      { yaml: configMap('game', 'a: b'), expect: ['metadata.namespace'] },
      { yaml: configMap('game', 'a: b', 'default'), expect: ['metadata.namespace'] },
    ],
  },
})
