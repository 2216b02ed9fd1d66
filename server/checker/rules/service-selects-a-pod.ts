import { almostSelected } from '../selection.ts'
import type { Inventory, Workload } from '../inventory.ts'
import { isOpen, namespaceOf, spaceOf } from '../inventory.ts'
import type { K8sObject } from '../../k8s/object.ts'
import { called, setTo } from '../naming.ts'
import type { Change } from '../rule.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object, service } from '../samples.ts'

type Selector = Record<string, string>

/** Labels that applications set on their running pods to say which of them leads; no template has them. */
const setAtRunTime = /(^|[-./])(role|active|leader|primary|master|sealed|perf-standby)$/

/** Could pods of somebody else be meant: of an operator among the inputs, of endpoints written by hand, or those that the application marks itself? */
function mayBeElsewhere(subject: K8sObject, selector: Selector, all: Inventory): boolean {
  const namespace = namespaceOf(subject)
  const workloads = all.workloads(namespace)
  if (all.find('Endpoints', namespace, subject.metadata.name) || all.list('EndpointSlice', namespace).some((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === subject.metadata.name)) return true
  const rest = Object.fromEntries(Object.entries(selector).filter(([key]) => !setAtRunTime.test(key)))
  if (Object.keys(rest).length < Object.keys(selector).length && all.selectedBy(rest, namespace).some(({ pod }) => Object.keys(selector).every((key) => key in rest || !Object.hasOwn(pod.metadata.labels ?? {}, key)))) return true
  const unknown = Object.keys(selector).filter((key) => !workloads.some(({ pod }) => Object.hasOwn(pod.metadata.labels ?? {}, key)))
  // A key under the domain of an operator, on none of these pods, belongs to pods that the operator makes.
  if (unknown.some((key) => key.includes('/') && !/(^|\.)(kubernetes|k8s)\.io\//.test(key))) return true
  return all.isExtended() && !almostSelected(selector, workloads)
}

export default defineRule({
  id: 'service-selects-a-pod',
  category: 'network',
  severity: 'error',
  title: { en: 'A Service selects at least one Pod', 'zh-CN': 'Service 至少选中一个 Pod' },
  why: {
    en: 'A Service whose selector matches no Pod has no endpoints: connections to it are refused, or time out.',
    'zh-CN': 'selector 匹配不到任何 Pod 的 Service 没有端点：访问它的连接会被拒绝或超时。',
  },
  fix: {
    en: 'Make every key and value of `spec.selector` appear among the labels of the Pod template, in the same namespace.',
    'zh-CN': '让 `spec.selector` 的每个键值都出现在 Pod 模板的 labels 中，并且在同一个 namespace。',
  },
  links: ['https://kubernetes.io/docs/concepts/services-networking/service/'],
  kinds: ['Service'],
  *check(subject, all) {
    const selector: Selector = subject.spec?.selector ?? {}
    if (Object.keys(selector).length === 0 || subject.spec?.type === 'ExternalName') return
    const namespace = namespaceOf(subject)
    if (all.selectedBy(selector, namespace).length > 0) return
    const elsewhere = all.once('namespaces of workloads', () => [...new Set(all.workloads().map((workload) => workload.namespace))]).flatMap((other) => (spaceOf(other) === spaceOf(namespace) ? [] : all.selectedBy(selector, other)))[0]
    const wanted = Object.entries(selector).map(([key, value]) => `${key}=${value}`).join(',')
    if (elsewhere && (all.closed || !(isOpen(namespace) || isOpen(elsewhere.namespace)))) {
      const change: Change = setTo(['metadata', 'namespace'], elsewhere.namespace)
      yield { at: ['spec', 'selector'], change, message: { en: `No Pod in namespace "${spaceOf(namespace)}" has the labels ${wanted}; ${called(elsewhere.object)} has, but a Service selects only in its own namespace.`, 'zh-CN': `namespace "${spaceOf(namespace)}" 中没有带标签 ${wanted} 的 Pod；${called(elsewhere.object)} 带有这些标签，但 Service 只选择自己 namespace 内的 Pod。` } }
      return
    }
    if (elsewhere || (!all.closed && (!all.populates(namespace) || mayBeElsewhere(subject, selector, all)))) return
    const near = almostSelected(selector, all.workloads(namespace))
    const missingKeysOf = ({ pod }: Workload): string => Object.keys(selector).filter((key) => !Object.hasOwn(pod.metadata.labels ?? {}, key)).join(', ')
    const lacking = all.workloads(namespace).find(({ pod }) => Object.entries(selector).some(([key, value]) => pod.metadata.labels?.[key] === value) && Object.entries(selector).every(([key, value]) => (pod.metadata.labels?.[key] ?? value) === value))
    yield near
      ? { at: ['spec', 'selector'], change: setTo(['spec', 'selector', near.key], near.value), message: { en: `No Pod in these manifests has the labels ${wanted}; the Pods of ${called(near.workload.object)} have ${near.key}=${near.value}.`, 'zh-CN': `这些清单里没有带标签 ${wanted} 的 Pod；${called(near.workload.object)} 的 Pod 带的是 ${near.key}=${near.value}。` } }
      : lacking
        ? { at: ['spec', 'selector'], message: { en: `No Pod in these manifests has the labels ${wanted}; the Pods of ${called(lacking.object)} have no ${missingKeysOf(lacking)}.`, 'zh-CN': `这些清单里没有带标签 ${wanted} 的 Pod；${called(lacking.object)} 的 Pod 没有标签 ${missingKeysOf(lacking)}。` } }
        : { at: ['spec', 'selector'], message: { en: `No Pod in these manifests has the labels ${wanted}.`, 'zh-CN': `这些清单里没有带标签 ${wanted} 的 Pod。` } }
  },
  examples: {
    good: [
      file(service('login', 'selector: { app: login }, ports: [{ port: 80 }]'), deployment('login')),
      service('alone', 'selector: { app: login }, ports: [{ port: 80 }]'),
      // One Service per Pod of a StatefulSet: the controller adds the label.
      file(
        service('world-0', 'selector: { statefulset.kubernetes.io/pod-name: world-0 }, ports: [{ port: 7777 }]'),
        object('apps/v1', 'StatefulSet', 'world', 'spec:\n  serviceName: world\n  selector: { matchLabels: { app: world } }\n  template:\n    metadata: { labels: { app: world } }\n    spec: { containers: [{ name: app, image: "world:1" }] }'),
      ),
      // The application marks the Pod that leads.
      file(service('login', 'selector: { app: login, role: primary }, ports: [{ port: 80 }]'), deployment('login')),
    ],
    bad: [
      { yaml: file(service('login', 'selector: { app: logn }, ports: [{ port: 80 }]'), deployment('login')), expect: ['spec.selector'] },
      { yaml: file(service('login', 'selector: { app: login }, ports: [{ port: 80 }]', 'web'), deployment('login', undefined, '', 'game')), expect: ['spec.selector'] },
      { yaml: file(service('login', 'selector: { app: login, tier: back }, ports: [{ port: 80 }]'), deployment('login')), expect: ['spec.selector'] },
    ],
  },
})
