import { defineRule } from '../rule.ts'
import { service } from '../samples.ts'

export default defineRule({
  id: 'service-uses-no-external-ips',
  category: 'network',
  severity: 'warning',
  title: { en: 'A Service claims no external addresses', 'zh-CN': 'Service 不占用外部地址' },
  why: {
    en: 'With `externalIPs` anyone who may create a Service takes over traffic to an address of their choice inside the cluster (CVE-2020-8554). The field is deprecated since 1.36.',
    'zh-CN': '借助 `externalIPs`，任何能创建 Service 的人都能在集群内劫持发往任意地址的流量（CVE-2020-8554）。该字段自 1.36 起废弃。',
  },
  fix: {
    en: 'Use a Service of type LoadBalancer or a Gateway.',
    'zh-CN': '改用 LoadBalancer 类型的 Service，或 Gateway。',
  },
  links: ['https://github.com/kubernetes/kubernetes/issues/97076', 'https://kubernetes.io/docs/concepts/services-networking/service/#external-ips'],
  kinds: ['Service'],
  *check(subject) {
    if ((subject.spec?.externalIPs ?? []).length > 0) yield { at: ['spec', 'externalIPs'], message: { en: `Traffic to ${subject.spec.externalIPs.join(', ')} is drawn to this Service.`, 'zh-CN': `发往 ${subject.spec.externalIPs.join('、')} 的流量会被引到这个 Service。` } }
  },
  examples: {
    good: [
      service('login', 'type: LoadBalancer, selector: { app: login }, ports: [{ port: 80 }]'),
    ],
    bad: [
      { yaml: service('login', 'externalIPs: [203.0.113.7], selector: { app: login }, ports: [{ port: 80 }]'), expect: ['spec.externalIPs'] },
    ],
  },
})
