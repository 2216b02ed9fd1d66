import type { Fields, K8sObject } from '../../k8s/object.ts'
import { called } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { file, service } from '../samples.ts'

export default defineRule({
  id: 'service-node-port-is-used-once',
  category: 'network',
  severity: 'error',
  title: { en: 'Each nodePort belongs to one Service', 'zh-CN': '每个 nodePort 只属于一个 Service' },
  why: { en: 'Node ports are handed out for the whole cluster. The second Service that asks for a port with the same protocol is refused with "provided port is already allocated".', 'zh-CN': 'nodePort 在整个集群范围内分配。第二个以同样协议申请同一端口的 Service 会被拒绝：provided port is already allocated。' },
  fix: { en: 'Choose another port, or leave `nodePort` out and let the cluster choose.', 'zh-CN': '换一个端口，或者不写 `nodePort`，让集群自动分配。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport'],
  kinds: ['Service'],
  *check(subject, all) {
    const owners = all.once('owners of node ports', () => {
      const found = new Map<string, K8sObject>()
      for (const other of all.list('Service')) for (const port of (other.spec?.ports ?? []) as Fields[]) if (port.nodePort && !found.has(`${port.nodePort}/${port.protocol}`)) found.set(`${port.nodePort}/${port.protocol}`, other)
      return found
    })
    for (const [index, port] of ((subject.spec?.ports ?? []) as Fields[]).entries()) {
      const owner = port.nodePort ? owners.get(`${port.nodePort}/${port.protocol}`) : undefined
      if (!owner || owner === subject || (owner.metadata.name === subject.metadata.name && owner.metadata.namespace === subject.metadata.namespace)) continue
      const at = ['spec', 'ports', index, 'nodePort']
      yield { at, change: { title: { en: 'Let the cluster choose', 'zh-CN': '由集群分配' }, path: at }, message: { en: `${called(owner)} already asks for node port ${port.nodePort}/${port.protocol}.`, 'zh-CN': `${called(owner)} 已经占用 nodePort ${port.nodePort}/${port.protocol}。` } }
    }
  },
  examples: {
    good: [file(service('a', 'type: NodePort, ports: [{ port: 80, nodePort: 30080 }]'), service('b', 'type: NodePort, ports: [{ port: 80, nodePort: 30080, protocol: UDP }]'))],
    bad: [{ yaml: file(service('a', 'type: NodePort, ports: [{ port: 80, nodePort: 30080 }]'), service('b', 'type: NodePort, ports: [{ port: 80, nodePort: 30080 }]')), expect: ['spec.ports[0].nodePort'] }],
  },
})
