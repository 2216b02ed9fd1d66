import type { K8sObject } from '../../k8s/object.ts'
import { compareText } from '../../k8s/object.ts'
import { spaceOf } from '../inventory.ts'
import { called } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { file, service } from '../samples.ts'

const keyOf = (subject: K8sObject): string => [spaceOf(subject.metadata.namespace), ...Object.entries((subject.spec?.selector ?? {}) as Record<string, string>).map(([key, value]) => `${key}=${value}`).sort(compareText)].join('\n')

export default defineRule({
  id: 'service-selector-is-unique',
  category: 'network',
  severity: 'hint',
  optional: true,
  title: { en: 'No two Services select the same Pods', 'zh-CN': '没有两个 Service 选中同一批 Pod' },
  why: { en: 'A second Service with the same selector is often a copy in which the selector was to be changed. A headless twin or a second kind of exposure is a good reason for one.', 'zh-CN': 'selector 完全相同的第二个 Service 往往是复制后忘了改。为同一批 Pod 再建一个 headless Service 或另一种暴露方式则是合理的。' },
  fix: { en: 'Give each Service the labels of its own Pods, or join them into one Service with several ports.', 'zh-CN': '让每个 Service 使用自己 Pod 的标签，或者合并为一个带多个端口的 Service。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/service/#multi-port-services'],
  kinds: ['Service'],
  *check(subject, all) {
    if (Object.keys((subject.spec?.selector ?? {}) as object).length === 0) return
    const first = all.once('services by selector', () => {
      const found = new Map<string, K8sObject>()
      for (const other of all.list('Service')) if (!found.has(keyOf(other))) found.set(keyOf(other), other)
      return found
    }).get(keyOf(subject))
    // A headless Service beside one with an address is a pair that belongs together.
    if (!first || first === subject || (first.spec?.clusterIP === 'None') !== (subject.spec?.clusterIP === 'None')) return
    yield { at: ['spec', 'selector'], message: { en: `${called(first)} has the same selector.`, 'zh-CN': `${called(first)} 的 selector 与它相同。` } }
  },
  examples: {
    good: [
      file(service('login', 'selector: { app: login }, ports: [{ port: 80 }]'), service('match', 'selector: { app: match }, ports: [{ port: 80 }]')),
      file(service('login', 'selector: { app: login }, ports: [{ port: 80 }]'), service('login-pods', 'clusterIP: None, selector: { app: login }, ports: [{ port: 80 }]')),
    ],
    bad: [{ yaml: file(service('login', 'selector: { app: login }, ports: [{ port: 80 }]'), service('match', 'selector: { app: login }, ports: [{ port: 80 }]')), expect: ['spec.selector'] }],
  },
})
