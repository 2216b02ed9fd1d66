import type { LabelSelector } from '../../k8s/selector.ts'
import { namespaceOf, nearestName, type Workload } from '../inventory.ts'
import { called, setTo } from '../naming.ts'
import { podsOfPeer } from '../policies.ts'
import { declaredPorts, declares, portList } from '../ports.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object } from '../samples.ts'

const pod = 'containers: [{ name: app, image: "login:1", ports: [{ name: http, containerPort: 8080 }] }]'
const policy = (port: string): string => object('networking.k8s.io/v1', 'NetworkPolicy', 'login', `spec: { podSelector: { matchLabels: { app: login } }, ingress: [{ ports: [{ port: ${port} }] }] }`)

export default defineRule({
  id: 'network-policy-port-name-exists',
  category: 'network',
  severity: 'error',
  title: { en: 'A port by name in a NetworkPolicy is a port of the Pods it concerns', 'zh-CN': 'NetworkPolicy 中的端口名是相关 Pod 声明的端口' },
  why: { en: 'The name is looked up in the Pods that receive the connection: those of the policy for ingress, the peers for egress. Where it is not found the rule lets nothing through.', 'zh-CN': '端口名在接收连接的 Pod 中查找：ingress 是策略选中的 Pod，egress 是 peer 对应的 Pod。找不到时，这条规则不放行任何流量。' },
  fix: { en: 'Use the name and protocol of a declared container port, or the number.', 'zh-CN': '使用容器声明的端口名和 protocol，或者写端口号。' },
  links: ['https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/'],
  kinds: ['NetworkPolicy'],
  *check(subject, all) {
    const own = all.matching(subject.spec?.podSelector as LabelSelector | undefined, namespaceOf(subject))
    for (const direction of ['ingress', 'egress'] as const) {
      for (const [index, rule] of list(subject.spec?.[direction]).entries()) {
        const peers = list(rule.to).map((peer) => podsOfPeer(peer, subject, all))
        const receivers: readonly Workload[] = direction === 'ingress' ? own : peers.every((found) => found !== undefined && found.length > 0) ? peers.flatMap((found) => found!) : []
        if (receivers.length === 0) continue
        for (const [position, entry] of list(rule.ports).entries()) {
          const name = entry.port as unknown
          const protocol = (entry.protocol ?? 'TCP') as string
          if (typeof name !== 'string' || receivers.some((workload) => declares(declaredPorts(workload), name, protocol))) continue
          const ports = receivers.flatMap((workload) => declaredPorts(workload))
          const near = nearestName(name, ports.flatMap((port) => (port.name && port.protocol === protocol ? [port.name] : [])))
          const at = ['spec', direction, index, 'ports', position, 'port']
          yield { at, ...(near ? { change: setTo(at, near) } : {}), message: { en: `${called(receivers[0]!.object)} declares no ${protocol} port "${name}"; it declares ${portList(ports)}.`, 'zh-CN': `${called(receivers[0]!.object)} 没有声明 ${protocol} 端口 "${name}"；它声明的是 ${portList(ports)}。` } }
        }
      }
    }
  },
  examples: { good: [file(deployment('login', pod), policy('http')), policy('web'), file(deployment('login', pod), policy('9090'))], bad: [{ yaml: file(deployment('login', pod), policy('web')), expect: ['spec.ingress[0].ports[0].port'] }] },
})
