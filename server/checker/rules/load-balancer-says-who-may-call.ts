import { defineRule } from '../rule.ts'
import { service } from '../samples.ts'

export default defineRule({
  id: 'load-balancer-says-who-may-call',
  category: 'network',
  severity: 'hint',
  optional: true,
  title: { en: 'A load balancer says who may call', 'zh-CN': 'LoadBalancer 限定调用来源' },
  why: {
    en: 'Without `loadBalancerSourceRanges` most clouds open the address to the whole internet, which is right for players and wrong for consoles and databases.',
    'zh-CN': '不写 `loadBalancerSourceRanges` 时，多数云会对整个互联网开放：面向玩家没问题，面向管理后台和数据库就错了。',
  },
  fix: {
    en: 'List the source ranges, or make it internal with the annotation of your cloud.',
    'zh-CN': '写明来源网段，或用云厂商注解改为内网负载均衡。',
  },
  links: ['https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer'],
  kinds: ['Service'],
  *check(subject) {
    if (subject.spec?.type !== 'LoadBalancer' || (subject.spec.loadBalancerSourceRanges ?? []).length > 0 || subject.spec.loadBalancerClass) return
    const annotations = Object.entries(subject.metadata.annotations ?? {})
    if (annotations.some(([name, value]) => /internal|source-ranges|scheme|intranet/i.test(name) || /internal|intranet/i.test(value))) return
    yield { at: ['spec', 'type'], message: { en: 'The load balancer answers anyone.', 'zh-CN': '这个负载均衡对任何来源开放。' } }
  },
  examples: {
    good: [
      service('login', 'type: LoadBalancer, loadBalancerSourceRanges: [198.51.100.0/24], ports: [{ port: 80 }]'),
      service('login', 'ports: [{ port: 80 }]'),
    ],
    bad: [
      { yaml: service('login', 'type: LoadBalancer, ports: [{ port: 80 }]'), expect: ['spec.type'] },
    ],
  },
})
