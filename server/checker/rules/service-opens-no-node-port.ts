import { defineRule } from '../rule.ts'
import { service } from '../samples.ts'

export default defineRule({
  id: 'service-opens-no-node-port',
  category: 'network',
  severity: 'hint',
  optional: true,
  title: { en: 'A Service opens no port on the nodes', 'zh-CN': 'Service 不在节点上开端口' },
  why: {
    en: 'A NodePort is open on every node, beside whatever load balancer stands in front, and needs nodes with addresses that clients reach.',
    'zh-CN': 'NodePort 会在每个节点上开放，绕过前面的负载均衡，而且要求客户端能直达节点地址。',
  },
  fix: {
    en: 'Use ClusterIP with an Ingress or Gateway, or LoadBalancer.',
    'zh-CN': '使用 ClusterIP 配合 Ingress 或 Gateway，或使用 LoadBalancer。',
  },
  links: ['https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport'],
  kinds: ['Service'],
  *check(subject) {
    if (subject.spec?.type === 'NodePort') yield { at: ['spec', 'type'], message: { en: 'A port is opened on every node.', 'zh-CN': '每个节点上都会开放一个端口。' } }
  },
  examples: {
    good: [
      service('login', 'ports: [{ port: 80 }]'),
    ],
    bad: [
      { yaml: service('login', 'type: NodePort, ports: [{ port: 80 }]'), expect: ['spec.type'] },
    ],
  },
})
