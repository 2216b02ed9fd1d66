import { podOf } from '../pods.ts'
import { declaredPorts } from '../ports.ts'
import { defineRule } from '../rule.ts'
import { deployment } from '../samples.ts'

const two = (first: string, second: string): string => deployment('login', `containers:\n- { name: app, image: "login:1", ports: [{ ${first} }] }\n- { name: metrics, image: "metrics:1", ports: [{ ${second} }] }`)

export default defineRule({
  id: 'port-name-is-unique-in-the-pod',
  category: 'network',
  severity: 'warning',
  title: { en: 'A port name stands for one port of the Pod', 'zh-CN': '端口名在 Pod 中只对应一个端口' },
  why: { en: 'Names are unique within a container only. When two containers use the same one, a Service that names it gets the port of the first.', 'zh-CN': '端口名只要求在容器内唯一。两个容器用了同一个名字时，按名称引用的 Service 得到的是第一个容器的端口。' },
  fix: { en: 'Give each port of the Pod a name of its own.', 'zh-CN': '让 Pod 的每个端口都有自己的名称。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports'],
  kinds: ['workloads'],
  mentions: ['containerPort'],
  *check(object) {
    const owners = new Map<string, string>()
    for (const { name, protocol, container, path } of declaredPorts({ pod: podOf(object)! })) {
      if (!name) continue
      const owner = owners.get(`${name}/${protocol}`)
      if (owner !== undefined && owner !== container) yield { at: [...path, 'name'], message: { en: `Container "${owner}" has a ${protocol} port "${name}" too; a Service that names it gets that one.`, 'zh-CN': `容器 "${owner}" 也有名为 "${name}" 的 ${protocol} 端口；按名称引用的 Service 得到的是那一个。` } }
      else owners.set(`${name}/${protocol}`, container)
    }
  },
  examples: { good: [two('name: http, containerPort: 8080', 'name: metrics, containerPort: 9090'), two('name: dns, containerPort: 53', 'name: dns, containerPort: 53, protocol: UDP')], bad: [{ yaml: two('name: http, containerPort: 8080', 'name: http, containerPort: 9090'), expect: ['spec.template.spec.containers[1].ports[0].name'] }] },
})
