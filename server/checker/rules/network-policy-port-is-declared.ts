import type { Fields } from '../../k8s/object.ts'
import type { LabelSelector } from '../../k8s/selector.ts'
import { namespaceOf } from '../inventory.ts'
import { called } from '../naming.ts'
import { declaredPorts, portList } from '../ports.ts'
import { list } from '../references.ts'
import { runningContainers } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object } from '../samples.ts'

const pod = 'containers: [{ name: app, image: "login:1", ports: [{ name: http, containerPort: 8080 }] }]'
const policy = (port: string): string => object('networking.k8s.io/v1', 'NetworkPolicy', 'login', `spec: { podSelector: { matchLabels: { app: login } }, ingress: [{ ports: [{ ${port} }] }] }`)

export default defineRule({
  id: 'network-policy-port-is-declared',
  category: 'network',
  severity: 'hint',
  title: { en: 'A port that a NetworkPolicy opens is one that its Pods declare', 'zh-CN': 'NetworkPolicy 放行的端口是 Pod 声明的端口' },
  why: { en: 'Opening a port on which nothing listens is harmless, but mostly it means that the one in use stays closed. TCP is the protocol unless another is written.', 'zh-CN': '放行没有进程监听的端口本身无害，但往往意味着真正使用的端口没有放行。不写 protocol 就是 TCP。' },
  fix: { en: 'Write the container port and its protocol.', 'zh-CN': '写上容器端口及其 protocol。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
  kinds: ['NetworkPolicy'],
  *check(subject, all) {
    const own = all.matching(subject.spec?.podSelector as LabelSelector | undefined, namespaceOf(subject))
    const isListed = own.every(({ pod: part }) => runningContainers(part.spec, []).every(({ container }) => list(container.ports).length > 0))
    if (own.length === 0 || !isListed) return
    const ports = own.flatMap((workload) => declaredPorts(workload))
    for (const [index, rule] of list(subject.spec?.ingress).entries()) {
      for (const [position, entry] of list(rule.ports).entries()) {
        const isOpen = ports.some((port) => port.protocol === (entry.protocol ?? 'TCP') && inRange(entry, port.port))
        if (typeof entry.port === 'number' && !isOpen) yield { at: ['spec', 'ingress', index, 'ports', position, 'port'], message: { en: `${called(own[0]!.object)} declares ${portList(ports)}, not ${entry.port}/${entry.protocol ?? 'TCP'}.`, 'zh-CN': `${called(own[0]!.object)} 声明的是 ${portList(ports)}，没有 ${entry.port}/${entry.protocol ?? 'TCP'}。` } }
      }
    }
  },
  examples: { good: [file(deployment('login', pod), policy('port: 8080')), file(deployment('login', pod), policy('port: 8000, endPort: 8100')), file(deployment('login'), policy('port: 9090'))], bad: [{ yaml: file(deployment('login', pod), policy('port: 9090')), expect: ['spec.ingress[0].ports[0].port'] }, { yaml: file(deployment('login', pod), policy('port: 8080, protocol: UDP')), expect: ['spec.ingress[0].ports[0].port'] }] },
})

function inRange(entry: Fields, port: number): boolean {
  return entry.port <= port && port <= ((entry.endPort ?? entry.port) as number)
}
