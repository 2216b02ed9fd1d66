/** ResourceQuota: usage counted from the objects there are, refusals worded by the admission plugin (apiserver/pkg/admission/plugin/resourcequota, pkg/quota/v1/evaluator/core). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText } from '../../k8s/object.ts'
import type { Cluster, View } from '../types.ts'
import type { Amount } from '../amounts.ts'
import { amountOf, printAmount } from '../amounts.ts'
import { podTotals, qosClass } from '../pod-resources.ts'
import { isPodTerminal } from '../pods.ts'
import { groupResource } from '../resources.ts'

type Usage = Map<string, Amount>

const one: Amount = { milli: 1000, format: 'decimal' }
const plainCounts: Record<string, string> = { ConfigMap: 'configmaps', Secret: 'secrets', Service: 'services', ReplicationController: 'replicationcontrollers', ResourceQuota: 'resourcequotas', PersistentVolumeClaim: 'persistentvolumeclaims' }
/** Quota names that a pod must set once a quota limits them. */
const compute = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'])

/** What one object takes from a quota. */
export function usageOf(object: K8sObject): Usage {
  const usage: Usage = new Map([[`count/${groupResource(object.kind, object.apiVersion)}`, one]])
  const plain = plainCounts[object.kind]
  if (plain) usage.set(plain, one)
  if (object.kind === 'Pod') return podUsage(object, usage)
  if (object.kind === 'PersistentVolumeClaim') {
    const storage = amountOf(object.spec?.resources?.requests?.storage)
    usage.set('requests.storage', storage)
    const storageClass = object.spec?.storageClassName
    if (storageClass) {
      usage.set(`${storageClass}.storageclass.storage.k8s.io/requests.storage`, storage)
      usage.set(`${storageClass}.storageclass.storage.k8s.io/persistentvolumeclaims`, one)
    }
  }
  if (object.kind === 'Service') {
    const ports = { milli: (object.spec?.ports ?? []).length * 1000, format: 'decimal' } as const
    if (object.spec?.type === 'NodePort') usage.set('services.nodeports', ports)
    if (object.spec?.type === 'LoadBalancer') {
      usage.set('services.loadbalancers', one)
      if (object.spec.allocateLoadBalancerNodePorts !== false) usage.set('services.nodeports', ports)
    }
  }
  return usage
}

function podUsage(pod: K8sObject, usage: Usage): Usage {
  if (isPodTerminal(pod)) return usage
  usage.set('pods', one)
  for (const [name, amount] of podTotals(pod, 'requests')) {
    usage.set(`requests.${name}`, amount)
    if (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage') usage.set(name, amount)
  }
  for (const [name, amount] of podTotals(pod, 'limits')) usage.set(`limits.${name}`, amount)
  return usage
}

/** Does the quota look at this object at all? Scopes narrow it to some pods. */
function inScope(quota: K8sObject, object: K8sObject): boolean {
  const scopes = [...((quota.spec?.scopes ?? []) as string[]).map((scopeName): Fields => ({ scopeName, operator: 'Exists' })), ...((quota.spec?.scopeSelector?.matchExpressions ?? []) as Fields[])]
  if (scopes.length === 0) return true
  if (object.kind !== 'Pod') return false
  return scopes.every((scope) => {
    if (scope.scopeName === 'Terminating') return object.spec?.activeDeadlineSeconds !== undefined
    if (scope.scopeName === 'NotTerminating') return object.spec?.activeDeadlineSeconds === undefined
    if (scope.scopeName === 'BestEffort') return qosClass(object) === 'BestEffort'
    if (scope.scopeName === 'NotBestEffort') return qosClass(object) !== 'BestEffort'
    if (scope.scopeName === 'CrossNamespacePodAffinity') return hasCrossNamespaceAffinity(object)
    const name = (object.spec?.priorityClassName ?? '') as string
    if (scope.operator === 'Exists') return name !== ''
    if (scope.operator === 'DoesNotExist') return name === ''
    return (scope.values ?? []).includes(name) === (scope.operator === 'In')
  })
}

function hasCrossNamespaceAffinity(pod: K8sObject): boolean {
  const terms = ['podAffinity', 'podAntiAffinity'].flatMap((kind) => {
    const affinity = pod.spec?.affinity?.[kind]
    return [...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []), ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((item: Fields) => item.podAffinityTerm)]
  })
  return terms.some((term: Fields) => (term?.namespaces ?? []).length > 0 || term?.namespaceSelector !== undefined)
}

/** What is used of each resource the quota limits, from the objects in its namespace. */
export function quotaUsed(quota: K8sObject, view: View): Usage {
  const hard = Object.keys(quota.spec?.hard ?? {})
  const used: Usage = new Map(hard.map((name) => [name, { milli: 0, format: amountOf(quota.spec.hard[name]).format }]))
  for (const kind of kindsFor(hard)) {
    for (const object of view.list(kind, quota.metadata.namespace ?? '')) {
      if (!inScope(quota, object)) continue
      for (const [name, amount] of usageOf(object)) {
        const old = used.get(name)
        if (old) used.set(name, { milli: old.milli + amount.milli, format: old.milli === 0 ? amount.format : old.format })
      }
    }
  }
  return used
}

const countedKinds = ['Pod', 'PersistentVolumeClaim', 'Service', 'ConfigMap', 'Secret', 'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Ingress', 'HorizontalPodAutoscaler', 'PodDisruptionBudget', 'NetworkPolicy', 'ServiceAccount', 'Role', 'RoleBinding', 'Lease', 'ReplicationController', 'ResourceQuota']

function kindsFor(hard: readonly string[]): string[] {
  const wanted = new Set(hard.flatMap((name) => (name.startsWith('count/') ? countedKinds.filter((kind) => `count/${groupResource(kind)}` === name || `count/${groupResource(kind)}`.startsWith(`${name}.`)) : kindOf(name))))
  return countedKinds.filter((kind) => wanted.has(kind))
}

function kindOf(name: string): string[] {
  if (name.startsWith('services')) return ['Service']
  if (name === 'persistentvolumeclaims' || name === 'requests.storage' || name.includes('.storageclass.storage.k8s.io/')) return ['PersistentVolumeClaim']
  const plain = Object.entries(plainCounts).find(([, plural]) => plural === name)
  return plain ? [plain[0]] : ['Pod']
}

function missing(quota: K8sObject, pod: K8sObject): string | undefined {
  const wanted = Object.keys(quota.spec?.hard ?? {}).filter((name) => compute.has(name)).sort(compareText)
  const lacking = wanted.flatMap((name) => {
    const field = name.startsWith('limits.') ? 'limits' : 'requests'
    const resource = name.replace(/^(requests|limits)\./, '')
    if (pod.spec?.resources?.[field]?.[resource] !== undefined) return []
    const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].filter((container: Fields) => container.resources?.[field]?.[resource] === undefined).map((container: Fields) => container.name)
    return containers.length === 0 ? [] : [`${name} for: ${[...new Set(containers)].sort(compareText).join(',')}`]
  })
  return lacking.length === 0 ? undefined : lacking.join('; ')
}

/** The refusal of the first quota (by name) that the new or grown object breaks, without the `is forbidden:` prefix. */
export function quotaRefusal(object: K8sObject, old: K8sObject | undefined, cluster: Cluster): string | undefined {
  const quotas = cluster.view.list('ResourceQuota', object.metadata.namespace ?? '').filter((quota) => inScope(quota, object))
  if (quotas.length === 0) return undefined
  for (const quota of quotas) {
    const lacking = object.kind === 'Pod' && !old ? missing(quota, object) : undefined
    if (lacking) return `failed quota: ${quota.metadata.name}: must specify ${lacking}`
  }
  const before = old ? usageOf(old) : new Map<string, Amount>()
  const wanted = [...usageOf(object)].map(([name, amount]): [string, Amount] => [name, { ...amount, milli: amount.milli - (before.get(name)?.milli ?? 0) }]).filter(([, amount]) => amount.milli > 0)
  for (const quota of quotas) {
    const hard = quota.spec?.hard ?? {}
    const relevant = wanted.filter(([name]) => hard[name] !== undefined)
    if (relevant.length === 0) continue
    const used = quotaUsed(quota, cluster.view)
    const exceeded = relevant.filter(([name, amount]) => used.get(name)!.milli + amount.milli > amountOf(hard[name]).milli).sort((a, b) => compareText(a[0], b[0]))
    if (exceeded.length === 0) continue
    const list = (value: (name: string, amount: Amount) => string): string => exceeded.map(([name, amount]) => `${name}=${value(name, amount)}`).join(',')
    return `exceeded quota: ${quota.metadata.name}, requested: ${list((_, amount) => printAmount(amount))}, used: ${list((name) => printAmount(used.get(name)!))}, limited: ${list((name) => printAmount(amountOf(hard[name])))}`
  }
  return undefined
}
