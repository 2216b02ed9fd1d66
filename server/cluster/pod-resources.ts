/** What a pod asks for in total (component-helpers/resource:PodRequests, PodLimits). */
import type { K8sObject } from '../k8s/object.ts'
import type { Amount } from './amounts.ts'
import { addResources } from './amounts.ts'

type Container = { name: string; restartPolicy?: string; resources?: { requests?: Record<string, string>; limits?: Record<string, string> } }

function larger(into: Map<string, Amount>, other: Map<string, Amount>): void {
  for (const [name, amount] of other) {
    const old = into.get(name)
    if (!old || amount.milli > old.milli) into.set(name, amount)
  }
}

/**
 * max(sum of containers + all sidecars, each init container + sidecars before it) + overhead; pod-level values replace what they name.
 * Example: app 500m, sidecar 100m, init 800m before the sidecar → max(600m, 800m) = 800m.
 */
export function podTotals(pod: K8sObject, field: 'requests' | 'limits'): Map<string, Amount> {
  const total = new Map<string, Amount>()
  for (const container of (pod.spec?.containers ?? []) as Container[]) addResources(total, container.resources?.[field])
  const sidecars = new Map<string, Amount>()
  const most = new Map<string, Amount>()
  for (const container of (pod.spec?.initContainers ?? []) as Container[]) {
    if (container.restartPolicy === 'Always') {
      addResources(sidecars, container.resources?.[field])
      addResources(total, container.resources?.[field])
      larger(most, new Map(sidecars))
    } else {
      const during = new Map(sidecars)
      addResources(during, container.resources?.[field])
      larger(most, during)
    }
  }
  larger(total, most)
  for (const [name, amount] of podLevel(pod, field)) total.set(name, amount)
  if (field === 'requests' || total.size > 0) addResources(total, pod.spec?.overhead)
  return total
}

function podLevel(pod: K8sObject, field: 'requests' | 'limits'): Map<string, Amount> {
  const level = new Map<string, Amount>()
  addResources(level, pod.spec?.resources?.[field])
  return level
}

/** Guaranteed, Burstable or BestEffort (component-helpers/.../qos.go:GetPodQOS), from cpu and memory alone. */
export function qosClass(pod: K8sObject): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])] as Container[]
  const lists = pod.spec?.resources?.requests || pod.spec?.resources?.limits ? [pod.spec.resources] : containers.map((container) => container.resources ?? {})
  const set = (list: Record<string, string> | undefined): string[] => ['cpu', 'memory'].filter((name) => list?.[name] !== undefined && String(list[name]) !== '0')
  if (lists.every((list) => set(list.requests).length === 0 && set(list.limits).length === 0)) return 'BestEffort'
  const requests = podTotals(pod, 'requests')
  const limits = podTotals(pod, 'limits')
  const full = lists.every((list) => set(list.limits).length === 2)
  return full && ['cpu', 'memory'].every((name) => requests.get(name)?.milli === limits.get(name)?.milli) ? 'Guaranteed' : 'Burstable'
}
