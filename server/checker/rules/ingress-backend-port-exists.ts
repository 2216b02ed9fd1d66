import { backendsOf } from '../ingress.ts'
import { namespaceOf, nearestName } from '../inventory.ts'
import { called, setTo } from '../naming.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { file, object, service } from '../samples.ts'

const ingress = (port: string): string => object('networking.k8s.io/v1', 'Ingress', 'web', `spec: { defaultBackend: { service: { name: login, port: { ${port} } } } }`)

export default defineRule({
  id: 'ingress-backend-port-exists',
  category: 'network',
  severity: 'error',
  title: { en: 'The port of an Ingress backend is a port of the Service', 'zh-CN': 'Ingress 后端的端口在 Service 上存在' },
  why: { en: 'An Ingress names a port of the Service, not of the container. A number or name that the Service does not have leaves the path without a backend: 503 or 500 from the controller.', 'zh-CN': 'Ingress 引用的是 Service 的端口，不是容器的端口。Service 上没有这个端口号或端口名，该路径就没有后端，控制器返回 503 或 500。' },
  fix: { en: 'Write the `port` or the `name` of one of the Service’s ports.', 'zh-CN': '写 Service 某个端口的 `port` 或 `name`。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource'],
  kinds: ['Ingress'],
  *check(subject, all) {
    for (const { name, port, at } of backendsOf(subject)) {
      const found = all.find('Service', namespaceOf(subject), name)
      const ports = list(found?.spec?.ports)
      if (!found || ports.length === 0) continue
      const field = port.name ? 'name' : 'number'
      const wanted = port[field]
      if (wanted === undefined || ports.some((other) => (field === 'name' ? other.name : other.port) === wanted)) continue
      const values = ports.flatMap((other) => ((field === 'name' ? other.name : other.port) === undefined ? [] : [(field === 'name' ? other.name : other.port) as string | number]))
      const meant = field === 'name' ? (nearestName(String(wanted), values.map(String)) ?? (values.length === 1 ? values[0] : undefined)) : (ports.find((other) => other.targetPort === wanted)?.port ?? (values.length === 1 ? values[0] : undefined))
      const path = [...at, 'port', field]
      const shown = ports.map((other) => (other.name ? `${other.name} (${other.port})` : String(other.port))).join(', ')
      yield { at: path, ...(meant === undefined ? {} : { change: setTo(path, meant) }), message: { en: `${called(found)} has no port ${JSON.stringify(wanted)}; it has ${shown}.`, 'zh-CN': `${called(found)} 没有端口 ${JSON.stringify(wanted)}；它的端口是 ${shown}。` } }
    }
  },
  examples: {
    good: [file(service('login', 'ports: [{ name: http, port: 80, targetPort: 8080 }]'), ingress('number: 80')), file(service('login', 'ports: [{ name: http, port: 80 }]'), ingress('name: http'))],
    bad: [
      { yaml: file(service('login', 'ports: [{ name: http, port: 80, targetPort: 8080 }]'), ingress('number: 8080')), expect: ['spec.defaultBackend.service.port.number'] },
      { yaml: file(service('login', 'ports: [{ name: http, port: 80 }]'), ingress('name: web')), expect: ['spec.defaultBackend.service.port.name'] },
    ],
  },
})
