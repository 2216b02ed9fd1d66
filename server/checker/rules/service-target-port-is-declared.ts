import type { Fields } from '../../k8s/object.ts'
import { namespaceOf } from '../inventory.ts'
import { called, setTo } from '../naming.ts'
import { declaredPorts, declares, portList } from '../ports.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, service } from '../samples.ts'

const pod = 'containers: [{ name: app, image: "login:1", ports: [{ name: http, containerPort: 8080 }] }]'

export default defineRule({
  id: 'service-target-port-is-declared',
  category: 'network',
  severity: 'hint',
  title: { en: 'A targetPort by number is among the ports that the selected Pods declare', 'zh-CN': '按数字写的 targetPort 在所选 Pod 声明的端口之中' },
  why: {
    en: 'The list of container ports is information only: a process may listen on a port that is not in it. But when the list is there and lacks the number, one of the two is usually wrong, and connections are refused.',
    'zh-CN': '容器的端口列表只是说明性信息，进程也可以监听列表之外的端口。但如果写了列表却没有这个端口号，通常是其中一处写错了，连接会被拒绝。',
  },
  fix: { en: 'Send the traffic to the port on which the process listens, and declare that port in the container.', 'zh-CN': '把流量转发到进程真正监听的端口，并在容器里声明这个端口。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports'],
  kinds: ['Service'],
  *check(subject, all) {
    const selected = all.selectedBy(subject.spec?.selector as Record<string, string> | undefined, namespaceOf(subject))
    if (selected.length === 0 || subject.spec?.clusterIP === 'None') return
    for (const [index, port] of ((subject.spec?.ports ?? []) as Fields[]).entries()) {
      const number = port.targetPort as unknown
      const protocol = (port.protocol ?? 'TCP') as string
      if (typeof number !== 'number' || selected.some((workload) => isOpen(workload, number, protocol))) continue
      const first = selected[0]!
      const ports = declaredPorts(first)
      if (ports.some((other) => other.port === number)) continue
      const same = ports.filter((other) => other.protocol === protocol)
      const at = ['spec', 'ports', index, 'targetPort']
      yield { at, ...(same.length === 1 ? { change: setTo(at, same[0]!.port) } : {}), message: { en: `The Service sends to port ${number}/${protocol}; the containers of ${called(first.object)} declare ${portList(ports)}.`, 'zh-CN': `Service 把流量发往 ${number}/${protocol}；${called(first.object)} 的容器声明的端口是 ${portList(ports)}。` } }
    }
  },
  examples: {
    good: [
      file(service('login', 'selector: { app: login }, ports: [{ port: 80, targetPort: 8080 }]'), deployment('login', pod)),
      file(service('login', 'selector: { app: login }, ports: [{ port: 80, targetPort: 9090 }]'), deployment('login')),
      file(service('login', 'selector: { app: login }, ports: [{ port: 80, targetPort: 9090 }]'), deployment('login', 'containers: [{ name: app, image: "login:1", ports: [{ containerPort: 8080 }] }, { name: proxy, image: "proxy:1" }]')),
    ],
    bad: [
      { yaml: file(service('login', 'selector: { app: login }, ports: [{ port: 80 }]'), deployment('login', pod)), expect: ['spec.ports[0].targetPort'] },
    ],
  },
})

/** A container without a list says nothing about its ports, so any could be open. */
function isOpen(workload: Parameters<typeof declaredPorts>[0], number: number, protocol: string): boolean {
  const { containers = [] } = workload.pod.spec as { containers?: Fields[] }
  return containers.some((container) => ((container.ports ?? []) as unknown[]).length === 0) || declares(declaredPorts(workload), number, protocol)
}
