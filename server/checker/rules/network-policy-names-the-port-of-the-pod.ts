import type { Fields } from '../../k8s/object.ts'
import { resolvePort } from '../../k8s/port.ts'
import type { LabelSelector } from '../../k8s/selector.ts'
import { namespaceOf, type Inventory, type Workload } from '../inventory.ts'
import { called, setTo } from '../naming.ts'
import { podsOfPeer } from '../policies.ts'
import { declaredPorts, declares } from '../ports.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object, service } from '../samples.ts'

const pod = 'containers: [{ name: app, image: "login:1", ports: [{ name: http, containerPort: 8080 }] }]'
const web = service('login', 'selector: { app: login }, ports: [{ port: 80, targetPort: http }]')
const policy = (port: number): string => object('networking.k8s.io/v1', 'NetworkPolicy', 'login', `spec: { podSelector: { matchLabels: { app: login } }, ingress: [{ ports: [{ port: ${port} }] }] }`)

/** Where a Service in front of the pod sends what comes in at this port, if it is another port. */
function targetBehind(workload: Workload, port: number, protocol: string, all: Inventory): { service: string; target: number } | undefined {
  for (const subject of all.servicesOf(workload.object)) {
    const entry = list(subject.spec?.ports).find((other) => other.port === port && (other.protocol ?? 'TCP') === protocol)
    const target = entry && resolvePort(entry.targetPort as number | string, declaredPorts(workload).map(({ name, port: containerPort, protocol: spoken }) => ({ name, containerPort, protocol: spoken })), protocol)
    if (target !== undefined && target !== port) return { service: called(subject), target }
  }
  return undefined
}

export default defineRule({
  id: 'network-policy-names-the-port-of-the-pod',
  category: 'network',
  severity: 'warning',
  title: { en: 'A NetworkPolicy names the port of the Pod, not that of the Service', 'zh-CN': 'NetworkPolicy 写的是 Pod 的端口，而不是 Service 的端口' },
  why: { en: 'Policies are applied to packets on their way to the Pod, after the port of the Service was replaced by the targetPort. A rule for the port of the Service lets nothing through.', 'zh-CN': '策略作用于到达 Pod 的数据包，这时 Service 的端口已经换成 targetPort。按 Service 端口写的规则不会放行任何流量。' },
  fix: { en: 'Write the container port, by number or by name.', 'zh-CN': '写容器端口，端口号或端口名都可以。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
  kinds: ['NetworkPolicy'],
  *check(subject, all) {
    const own = all.matching(subject.spec?.podSelector as LabelSelector | undefined, namespaceOf(subject))
    for (const direction of ['ingress', 'egress'] as const) {
      for (const [index, rule] of list(subject.spec?.[direction]).entries()) {
        const receivers = direction === 'ingress' ? own : list(rule.to).flatMap((peer) => podsOfPeer(peer, subject, all) ?? [])
        // Many receivers are no longer about one Service.
        if (receivers.length === 0 || receivers.length > 20) continue
        for (const [position, entry] of list(rule.ports).entries()) yield* checkPort(entry, ['spec', direction, index, 'ports', position, 'port'], receivers, all)
      }
    }
  },
  examples: { good: [file(deployment('login', pod), web, policy(8080)), file(deployment('login', pod), policy(80))], bad: [{ yaml: file(deployment('login', pod), web, policy(80)), expect: ['spec.ingress[0].ports[0].port'] }] },
})

function* checkPort(entry: Fields, at: (string | number)[], receivers: readonly Workload[], all: Inventory): Generator<{ at: (string | number)[]; message: { en: string; 'zh-CN': string }; change: ReturnType<typeof setTo> }> {
  const port = entry.port as unknown
  const protocol = (entry.protocol ?? 'TCP') as string
  if (typeof port !== 'number' || entry.endPort !== undefined || receivers.some((workload) => declares(declaredPorts(workload), port, protocol))) return
  const behind = receivers.map((workload) => targetBehind(workload, port, protocol, all)).find((found) => found !== undefined)
  if (behind) yield { at, change: setTo(at, behind.target), message: { en: `${port} is the port of ${behind.service}, which sends to ${behind.target} of the Pod.`, 'zh-CN': `${port} 是 ${behind.service} 的端口，它转发到 Pod 的 ${behind.target}。` } }
}
