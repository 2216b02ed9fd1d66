import type { Fields } from '../../k8s/object.ts'
import { namespaceOf } from '../inventory.ts'
import { called, setTo } from '../naming.ts'
import { declaredPorts, declares } from '../ports.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, service } from '../samples.ts'

const game = deployment('game', 'containers: [{ name: app, image: "game:1", ports: [{ containerPort: 7777, protocol: UDP }] }]')

export default defineRule({
  id: 'service-port-uses-the-declared-protocol',
  category: 'network',
  severity: 'warning',
  title: { en: 'A Service forwards a port with the protocol that the Pods declare for it', 'zh-CN': 'Service 转发端口时使用 Pod 为它声明的 protocol' },
  why: { en: 'TCP is what a port speaks unless something else is written. A Service that forwards TCP to a game server listening on UDP passes every check and carries no packet of the game.', 'zh-CN': '不写 protocol 就是 TCP。Service 用 TCP 转发到监听 UDP 的游戏服时，所有校验都能通过，但游戏的数据包一个也到不了。' },
  fix: { en: 'Write the same `protocol` at the port of the Service and at the port of the container.', 'zh-CN': 'Service 的端口与容器的端口写相同的 `protocol`。' },
  links: ['https://kubernetes.io/docs/reference/networking/service-protocols/'],
  kinds: ['Service'],
  *check(subject, all) {
    const selected = all.selectedBy(subject.spec?.selector as Record<string, string> | undefined, namespaceOf(subject))
    for (const [index, port] of ((subject.spec?.ports ?? []) as Fields[]).entries()) {
      const number = port.targetPort as unknown
      const protocol = (port.protocol ?? 'TCP') as string
      if (typeof number !== 'number' || selected.some((workload) => declares(declaredPorts(workload), number, protocol))) continue
      for (const workload of selected) {
        const other = declaredPorts(workload).find((declared) => declared.port === number)
        if (!other) continue
        const at = ['spec', 'ports', index, 'protocol']
        yield { at, change: setTo(at, other.protocol), message: { en: `The Service forwards ${number} as ${protocol}; container "${other.container}" of ${called(workload.object)} declares it as ${other.protocol}.`, 'zh-CN': `Service 以 ${protocol} 转发 ${number}；${called(workload.object)} 的容器 "${other.container}" 声明的是 ${other.protocol}。` } }
        break
      }
    }
  },
  examples: {
    good: [file(service('game', 'selector: { app: game }, ports: [{ port: 7777, protocol: UDP }]'), game), file(service('game', 'selector: { app: game }, ports: [{ port: 80, targetPort: 8080 }]'), game)],
    bad: [{ yaml: file(service('game', 'selector: { app: game }, ports: [{ port: 7777 }]'), game), expect: ['spec.ports[0].protocol'] }],
  },
})
