import type { LabelSelector } from '../../k8s/selector.ts'
import { namespaceOf } from '../inventory.ts'
import { selectsNoPod } from '../selection.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object } from '../samples.ts'

const policy = (selector: string): string => object('networking.k8s.io/v1', 'NetworkPolicy', 'login', `spec: { podSelector: ${selector}, policyTypes: [Ingress] }`)

export default defineRule({
  id: 'network-policy-selects-a-pod',
  category: 'network',
  severity: 'warning',
  title: { en: 'A NetworkPolicy selects a Pod', 'zh-CN': 'NetworkPolicy 至少选中一个 Pod' },
  why: { en: 'A policy whose podSelector matches nothing isolates nothing. The Pods it was written for stay open to everybody, and nothing reports it.', 'zh-CN': 'podSelector 什么都没选中的策略不会隔离任何 Pod。本该受保护的 Pod 仍然对所有人开放，而且没有任何提示。' },
  fix: { en: 'Use the labels of the Pod template; `{}` takes every Pod of the namespace.', 'zh-CN': '使用 Pod 模板中的标签；`{}` 表示该 namespace 的所有 Pod。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
  kinds: ['NetworkPolicy'],
  check: (subject, all) => selectsNoPod(subject.spec?.podSelector as LabelSelector | undefined, namespaceOf(subject), ['spec', 'podSelector'], all),
  examples: {
    good: [file(deployment('login'), policy('{ matchLabels: { app: login } }')), file(deployment('login'), policy('{}')), file(deployment('login'), policy('{ matchLabels: { app: chat } }'))],
    bad: [{ yaml: file(deployment('login'), policy('{ matchLabels: { app: lgoin } }')), expect: ['spec.podSelector'] }],
  },
})
