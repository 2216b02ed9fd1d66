import { containersOf } from '../pods.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { deployment } from '../samples.ts'

const ports = (port: string): string => deployment('login', `containers: [{ name: app, image: "login:1", ports: [{ ${port} }] }]`)

export default defineRule({
  id: 'container-port-has-a-name',
  category: 'configuration',
  severity: 'hint',
  optional: true,
  title: { en: 'A container port has a name', 'zh-CN': '容器端口有名称' },
  why: { en: 'Services, probes and policies that use the name keep working when the number changes.', 'zh-CN': 'Service、探针和策略使用端口名时，端口号变了也不用改。' },
  fix: { en: 'Add `name`, at most 15 characters, and refer to it.', 'zh-CN': '加上 `name`（不超过 15 个字符），并在其他地方引用它。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports'],
  kinds: ['workloads'],
  *check(object) {
    for (const { container, path } of containersOf(object)) {
      for (const [index, port] of list(container.ports).entries()) if (!port.name) yield { at: [...path, 'ports', index], message: { en: `Port ${port.containerPort} of container "${container.name}" has no name.`, 'zh-CN': `容器 "${container.name}" 的端口 ${port.containerPort} 没有名称。` } }
    }
  },
  examples: { good: [ports('name: http, containerPort: 8080')], bad: [{ yaml: ports('containerPort: 8080'), expect: ['spec.template.spec.containers[0].ports[0]'] }] },
})
