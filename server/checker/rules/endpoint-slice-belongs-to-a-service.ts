import { namespaceOf } from '../inventory.ts'
import { called, sentences, setTo } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { file, service } from '../samples.ts'

const label = 'kubernetes.io/service-name'
const slice = (labels: string): string => `apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: { name: db-1${labels} }\naddressType: IPv4\nports: [{ port: 5432 }]\nendpoints: [{ addresses: [192.0.2.7] }]\n`

export default defineRule({
  id: 'endpoint-slice-belongs-to-a-service',
  category: 'network',
  severity: 'warning',
  title: { en: 'An EndpointSlice names its Service', 'zh-CN': 'EndpointSlice 标明所属的 Service' },
  why: { en: 'The label kubernetes.io/service-name ties a slice to a Service, not its name. Without it kube-proxy and DNS ignore the addresses. A Service with a selector has slices made for it, so one written by hand competes with them.', 'zh-CN': 'EndpointSlice 靠标签 kubernetes.io/service-name 关联 Service，而不是靠名称。没有它，kube-proxy 和 DNS 会忽略这些地址。带 selector 的 Service 会自动生成 EndpointSlice，手写的会与之冲突。' },
  fix: { en: 'Set the label to the name of a Service without selector in the same namespace.', 'zh-CN': '把该标签设为同一 namespace 中一个不带 selector 的 Service 的名称。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors'],
  kinds: ['EndpointSlice'],
  *check(subject, all) {
    const name = subject.metadata.labels?.[label]
    const at = ['metadata', 'labels', label]
    if (!name) {
      // Other programs keep addresses in slices too; one named after a Service without selector was meant for it.
      const meant = all.list('Service', namespaceOf(subject)).find((service) => Object.keys((service.spec?.selector ?? {}) as object).length === 0 && `${subject.metadata.name}-`.startsWith(`${service.metadata.name}-`))
      if (!meant) return
      yield { at: ['metadata', 'labels'], change: setTo(['metadata', 'labels', label], meant.metadata.name), message: { en: `There is no label ${label}, so ${called(meant)} does not use these addresses.`, 'zh-CN': `没有标签 ${label}，${called(meant)} 不会使用这些地址。` } }
      return
    }
    const found = all.find('Service', namespaceOf(subject), name)
    const missing = all.missing('Service', namespaceOf(subject), name)
    if (missing) yield { at, message: sentences({ en: `The slice belongs to Service "${name}".`, 'zh-CN': `它属于 Service "${name}"。` }, missing.clause), ...(missing.near ? { change: setTo(at, missing.near.metadata.name) } : {}) }
    if (found && Object.keys((found.spec?.selector ?? {}) as object).length > 0) yield { at, message: { en: `${called(found)} has a selector, so its slices are made from Pods.`, 'zh-CN': `${called(found)} 带有 selector，它的 EndpointSlice 由 Pod 生成。` } }
  },
  examples: {
    good: [file(service('db', 'ports: [{ port: 5432 }]'), slice(', labels: { kubernetes.io/service-name: db }')), slice(', labels: { kubernetes.io/service-name: db }'), slice('')],
    bad: [
      { yaml: file(service('db', 'ports: [{ port: 5432 }]'), slice('')), expect: ['metadata.labels'] },
      { yaml: file(service('db', 'selector: { app: db }, ports: [{ port: 5432 }]'), slice(', labels: { kubernetes.io/service-name: db }')), expect: ['metadata.labels[kubernetes.io/service-name]'] },
      { yaml: file(service('database', 'ports: [{ port: 5432 }]'), slice(', labels: { kubernetes.io/service-name: databse }')), expect: ['metadata.labels[kubernetes.io/service-name]'] },
    ],
  },
})
