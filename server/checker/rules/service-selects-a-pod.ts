import { defineRule } from '../rule.ts'
import { namespaceOf } from '../inventory.ts'

export default defineRule({
  id: 'service-selects-a-pod',
  category: 'network',
  severity: 'error',
  title: { en: 'A Service selects at least one Pod', 'zh-CN': 'Service 至少选中一个 Pod' },
  why: {
    en: 'A Service whose selector matches no Pod has no endpoints: connections to it are refused, or time out.',
    'zh-CN': 'selector 匹配不到任何 Pod 的 Service 没有 endpoints：访问它的连接会被拒绝或超时。',
  },
  fix: {
    en: 'Make every key and value of `spec.selector` appear among the labels of the Pod template, in the same namespace.',
    'zh-CN': '让 `spec.selector` 的每个键值都出现在 Pod 模板的 labels 中，并且在同一个 namespace。',
  },
  links: ['https://kubernetes.io/docs/concepts/services-networking/service/'],
  kinds: ['Service'],
  *check(service, all) {
    const selector: Record<string, string> = service.spec?.selector ?? {}
    if (Object.keys(selector).length === 0 || service.spec?.type === 'ExternalName') return
    const namespace = namespaceOf(service)
    if (!all.closed && !all.populates(namespace)) return
    if (all.selectedBy(selector, namespace).length > 0) return
    const elsewhere = all.workloads().find(({ namespace: other }) => other !== namespace && all.selectedBy(selector, other).length > 0)
    const wanted = Object.entries(selector).map(([key, value]) => `${key}=${value}`).join(',')
    yield elsewhere
      ? { at: ['spec', 'selector'], message: { en: `No Pod in namespace "${namespace}" has the labels ${wanted}; ${elsewhere.object.kind} "${elsewhere.object.metadata.name}" in namespace "${elsewhere.namespace}" has, but a Service selects only in its own namespace.`, 'zh-CN': `namespace "${namespace}" 中没有带标签 ${wanted} 的 Pod；namespace "${elsewhere.namespace}" 中的 ${elsewhere.object.kind} "${elsewhere.object.metadata.name}" 带有这些标签，但 Service 只选择自己 namespace 内的 Pod。` } }
      : { at: ['spec', 'selector'], message: { en: `No Pod in these manifests has the labels ${wanted}.`, 'zh-CN': `这些清单里没有带标签 ${wanted} 的 Pod。` } }
  },
  examples: {
    good: [
      'apiVersion: v1\nkind: Service\nmetadata: { name: login }\nspec: { selector: { app: login }, ports: [{ port: 80 }] }\n---\napiVersion: v1\nkind: Pod\nmetadata: { name: login, labels: { app: login, tier: front } }\nspec: { containers: [{ name: app, image: "login:1" }] }\n',
      'apiVersion: v1\nkind: Service\nmetadata: { name: alone }\nspec: { selector: { app: login }, ports: [{ port: 80 }] }\n',
    ],
    bad: [
      { yaml: 'apiVersion: v1\nkind: Service\nmetadata: { name: login }\nspec: { selector: { app: logn }, ports: [{ port: 80 }] }\n---\napiVersion: v1\nkind: Pod\nmetadata: { name: login, labels: { app: login } }\nspec: { containers: [{ name: app, image: "login:1" }] }\n', expect: ['spec.selector'] },
    ],
  },
})
