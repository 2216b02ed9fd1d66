import { namespaceOf } from '../inventory.ts'
import { backendsOf } from '../ingress.ts'
import { sentences, setTo } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { file, object, service } from '../samples.ts'

const ingress = (name: string, namespace = ''): string => object('networking.k8s.io/v1', 'Ingress', 'web', `spec:\n  rules: [{ host: play.example, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: ${name}, port: { number: 80 } } } }] } }]`, namespace)

export default defineRule({
  id: 'ingress-backend-service-exists',
  category: 'network',
  severity: 'error',
  title: { en: 'A backend of an Ingress is a Service in its namespace', 'zh-CN': 'Ingress 的后端是同一 namespace 中存在的 Service' },
  why: { en: 'The controller has nowhere to send requests for this path, and answers 503 or 404. A Service of another namespace can’t be a backend.', 'zh-CN': '控制器不知道把这个路径的请求发给谁，只能返回 503 或 404。其他 namespace 的 Service 不能作为后端。' },
  fix: { en: 'Correct the name, or move the Ingress into the namespace of the Service.', 'zh-CN': '改正名称，或者把 Ingress 移到该 Service 所在的 namespace。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/ingress/#resource-backend'],
  kinds: ['Ingress'],
  *check(subject, all) {
    for (const { name, at } of backendsOf(subject)) {
      const missing = all.missing('Service', namespaceOf(subject), name)
      if (missing) yield { at: [...at, 'name'], message: sentences({ en: `Requests go to Service "${name}".`, 'zh-CN': `请求发往 Service "${name}"。` }, missing.clause), ...(missing.near ? { change: setTo([...at, 'name'], missing.near.metadata.name) } : {}) }
    }
  },
  examples: {
    good: [file(service('login', 'ports: [{ port: 80 }]'), ingress('login')), ingress('login')],
    bad: [
      { yaml: file(service('login', 'ports: [{ port: 80 }]'), ingress('logins')), expect: ['spec.rules[0].http.paths[0].backend.service.name'] },
      { yaml: file(service('login', 'ports: [{ port: 80 }]', 'game'), ingress('login', 'web')), expect: ['spec.rules[0].http.paths[0].backend.service.name'] },
    ],
  },
})
