import type { Fields } from '../../k8s/object.ts'
import { namespaceOf, nearestName } from '../inventory.ts'
import { called, setTo } from '../naming.ts'
import { declaredPorts, declares, portList } from '../ports.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, service } from '../samples.ts'

const pod = 'containers: [{ name: app, image: "login:1", ports: [{ name: http, containerPort: 8080 }, { name: game, containerPort: 7777, protocol: UDP }] }]'

export default defineRule({
  id: 'service-target-port-name-exists',
  category: 'network',
  severity: 'error',
  title: { en: 'A targetPort by name is the name of a port of the selected Pods', 'zh-CN': '按名称写的 targetPort 是所选 Pod 声明的端口名' },
  why: {
    en: 'A name is looked up in every selected Pod, together with the protocol. A Pod that declares no port of that name and protocol is listed without this port, so when none does, the port of the Service leads nowhere.',
    'zh-CN': '端口名会连同 protocol 一起在每个被选中的 Pod 里查找。没有声明同名同协议端口的 Pod，列出来时就没有这个端口；如果所有 Pod 都没有，Service 的这个端口就没有后端。',
  },
  fix: { en: 'Use a `name` from the `ports` of the containers, with the same `protocol`, or write the number.', 'zh-CN': '使用容器 `ports` 中的 `name`，`protocol` 也要一致；或者直接写端口号。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports'],
  kinds: ['Service'],
  *check(subject, all) {
    const selected = all.selectedBy(subject.spec?.selector as Record<string, string> | undefined, namespaceOf(subject))
    if (selected.length === 0) return
    for (const [index, port] of ((subject.spec?.ports ?? []) as Fields[]).entries()) {
      const name = port.targetPort as unknown
      const protocol = (port.protocol ?? 'TCP') as string
      if (typeof name !== 'string' || selected.some((workload) => declares(declaredPorts(workload), name, protocol))) continue
      const first = selected[0]!
      const ports = declaredPorts(first)
      const at = ['spec', 'ports', index, 'targetPort']
      const otherProtocol = ports.find((other) => other.name === name)
      if (otherProtocol) {
        yield { at, change: setTo(['spec', 'ports', index, 'protocol'], otherProtocol.protocol), message: { en: `Port "${name}" is ${protocol} here, but ${otherProtocol.protocol} in container "${otherProtocol.container}" of ${called(first.object)}; a name is found only under the same protocol.`, 'zh-CN': `端口 "${name}" 在这里是 ${protocol}，而在 ${called(first.object)} 的容器 "${otherProtocol.container}" 中是 ${otherProtocol.protocol}；只有协议相同才能按名称找到端口。` } }
        continue
      }
      const names = ports.filter((other) => other.protocol === protocol).flatMap((other) => (other.name ? [other.name] : []))
      const meant = nearestName(name, names) ?? (names.length === 1 ? names[0] : undefined)
      yield { at, ...(meant ? { change: setTo(at, meant) } : {}), message: { en: `No container of ${called(first.object)} has a ${protocol} port named "${name}"; it declares ${portList(ports)}.`, 'zh-CN': `${called(first.object)} 的容器中没有名为 "${name}" 的 ${protocol} 端口；它声明的端口是 ${portList(ports)}。` } }
    }
  },
  examples: {
    good: [
      file(service('login', 'selector: { app: login }, ports: [{ port: 80, targetPort: http }]'), deployment('login', pod)),
      file(service('login', 'selector: { app: login }, ports: [{ port: 80, targetPort: game, protocol: UDP }]'), deployment('login', pod)),
      file(service('login', 'selector: { app: other }, ports: [{ port: 80, targetPort: web }]'), deployment('login', pod)),
    ],
    bad: [
      { yaml: file(service('login', 'selector: { app: login }, ports: [{ port: 80, targetPort: web }]'), deployment('login', pod)), expect: ['spec.ports[0].targetPort'] },
      { yaml: file(service('login', 'selector: { app: login }, ports: [{ port: 7777, targetPort: game }]'), deployment('login', pod)), expect: ['spec.ports[0].targetPort'] },
    ],
  },
})
