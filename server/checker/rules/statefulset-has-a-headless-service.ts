import { selectsAll } from '../../k8s/selector.ts'
import { namespaceOf } from '../inventory.ts'
import { called, sentences, setTo } from '../naming.ts'
import { podOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { file, object, service } from '../samples.ts'

const set = (name: string): string => object('apps/v1', 'StatefulSet', 'world', `spec:\n  serviceName: ${name}\n  selector: { matchLabels: { app: world } }\n  template: { metadata: { labels: { app: world } }, spec: { containers: [{ name: app, image: "world:1" }] } }`)

export default defineRule({
  id: 'statefulset-has-a-headless-service',
  category: 'network',
  severity: 'warning',
  title: { en: 'The serviceName of a StatefulSet is a headless Service that selects its Pods', 'zh-CN': 'StatefulSet 的 serviceName 是选中其 Pod 的 headless Service' },
  why: { en: 'Names such as world-0.world come from that Service. Without it, with a cluster IP, or with a selector that misses the Pods, the names do not resolve and members do not find each other.', 'zh-CN': 'world-0.world 这样的域名来自这个 Service。它不存在、带有 cluster IP 或 selector 选不中这些 Pod 时，域名无法解析，成员之间互相找不到。' },
  fix: { en: 'Create a Service with `clusterIP: None` and the labels of the Pod template, and name it in `serviceName`.', 'zh-CN': '创建一个 `clusterIP: None`、selector 与 Pod 模板标签一致的 Service，并写进 `serviceName`。' },
  links: ['https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id'],
  kinds: ['StatefulSet'],
  *check(subject, all) {
    const name = subject.spec?.serviceName as string | undefined
    if (!name) return
    const at = ['spec', 'serviceName']
    const found = all.find('Service', namespaceOf(subject), name)
    if (!found) {
      const missing = all.missing('Service', namespaceOf(subject), name)
      if (missing) yield { at, message: sentences({ en: `The Pods get their names from Service "${name}".`, 'zh-CN': `这些 Pod 的域名来自 Service "${name}"。` }, missing.clause), ...(missing.near ? { change: setTo(at, missing.near.metadata.name) } : {}) }
      return
    }
    const selector = found.spec?.selector as Record<string, string> | undefined
    if (found.spec?.clusterIP !== 'None') {
      yield { at, message: { en: `${called(found)} is not headless: it has a cluster IP, so there are no names for single Pods.`, 'zh-CN': `${called(found)} 不是 headless：它有 cluster IP，单个 Pod 没有自己的域名。` } }
    } else if (selector && Object.keys(selector).length > 0 && !selectsAll(selector, podOf(subject)?.metadata.labels)) {
      yield { at, message: { en: `The selector of ${called(found)} does not take the Pods of this StatefulSet.`, 'zh-CN': `${called(found)} 的 selector 选不中这个 StatefulSet 的 Pod。` } }
    }
  },
  examples: {
    good: [file(service('world', 'clusterIP: None, selector: { app: world }, ports: [{ port: 7777 }]'), set('world')), set('world')],
    bad: [
      { yaml: file(service('world', 'selector: { app: world }, ports: [{ port: 7777 }]'), set('world')), expect: ['spec.serviceName'] },
      { yaml: file(service('world', 'clusterIP: None, selector: { app: words }, ports: [{ port: 7777 }]'), set('world')), expect: ['spec.serviceName'] },
      { yaml: file(service('world', 'clusterIP: None, selector: { app: world }, ports: [{ port: 7777 }]'), set('worlds')), expect: ['spec.serviceName'] },
    ],
  },
})
