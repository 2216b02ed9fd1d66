/** What the metrics API says about pods: samples on the 15-second grid, as metrics-server gathers them. */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { keyOf, refOf } from '../../../k8s/object.ts'
import type { Cluster } from '../../types.ts'
import { milliOf } from '../../amounts.ts'
import { isPodReady } from '../../pods.ts'
import { instantOf } from '../keys.ts'
import type { Reading } from './arithmetic.ts'

const warmUpMs = 15_000
const cpuInitMs = 300_000
const readinessDelayMs = 30_000
const windowMs = 15_000

/** Usage per container in thousandths of a core or byte; undefined until the pod has lived long enough for two samples. */
export function podUsage(pod: K8sObject, resource: 'cpu' | 'memory', cluster: Cluster): Map<string, number> | undefined {
  const running = cluster.runtime.containers(refOf(pod)).filter((container) => !container.exited)
  if (running.length === 0 || Math.min(...running.map((container) => container.startedAt)) > cluster.now - warmUpMs) return undefined
  return new Map(running.map((container) => [container.spec.name, resource === 'cpu' ? Math.round(container.cpuCores().used * 1000) : container.memoryBytes() * 1000]))
}

export type Gathered = { readings: Reading[]; error?: string }

/** Readings of all pods of the scale for one resource, of all containers or one (groupPods, calculatePodRequests). */
export function gather(pods: readonly K8sObject[], resource: string, container: string | undefined, cluster: Cluster, needsRequests: boolean): Gathered {
  const living = pods.filter((pod) => !pod.metadata.deletionTimestamp && pod.status?.phase !== 'Failed')
  const readings: Reading[] = []
  let sampled = 0
  for (const pod of living) {
    const sample = podUsage(pod, resource === 'cpu' ? 'cpu' : 'memory', cluster)
    if (sample) sampled++
    // metrics-server knows nothing but these two: the pod has a sample, the resource is not in it.
    const usage = resource === 'cpu' || resource === 'memory' ? sample : undefined
    const names = containersOf(pod).filter((item) => container === undefined || item.name === container)
    const lacking = names.find((item) => item.resources?.requests?.[resource] === undefined)
    if (needsRequests && lacking) return { readings: [], error: `missing request for ${resource} in container ${lacking.name} of Pod ${pod.metadata.name}` }
    if (container !== undefined && names.length === 0) return { readings: [], error: `container ${container} not present in metrics for pod ${pod.metadata.namespace}/${pod.metadata.name}` }
    const used = usage && names.reduce((sum, item) => sum + (usage.get(item.name) ?? 0), 0)
    readings.push({ usage: used, request: names.reduce((sum, item) => sum + milliOf(item.resources?.requests?.[resource]), 0), ready: isCounted(pod, resource, usage !== undefined, cluster) })
  }
  return sampled === 0 ? { readings, error: 'unable to get metrics for resource ' + resource + ': no metrics returned from resource metrics API' } : { readings }
}

function containersOf(pod: K8sObject): Fields[] {
  return [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? []).filter((item: Fields) => item.restartPolicy === 'Always')]
}

/** Is the pod's reading taken as it is? Pending pods never; for cpu, pods in their first five minutes only when ready since before the sample (groupPods). */
export function isCounted(pod: K8sObject, resource: string, hasSample: boolean, cluster: Cluster): boolean {
  if (pod.status?.phase === 'Pending') return false
  if (resource !== 'cpu' || !hasSample) return true
  const ready = pod.status?.conditions?.find((condition: { type: string }) => condition.type === 'Ready')
  if (!ready || !pod.status?.startTime) return false
  const start = instantOf(cluster, pod.status.startTime)
  const changed = instantOf(cluster, ready.lastTransitionTime)
  if (cluster.now < start + cpuInitMs) return isPodReady(pod) && cluster.now >= changed + windowMs
  return isPodReady(pod) || changed >= start + readinessDelayMs
}

/** Totals of one pod for `kubectl top`: cpu in thousandths of a core, memory in bytes. */
export function topOf(pod: K8sObject, cluster: Cluster): { key: string; cpuMilli: number; memoryBytes: number } | undefined {
  const cpu = podUsage(pod, 'cpu', cluster)
  const memory = podUsage(pod, 'memory', cluster)
  if (!cpu || !memory) return undefined
  const sum = (usage: Map<string, number>): number => [...usage.values()].reduce((total, value) => total + value, 0)
  return { key: keyOf(pod), cpuMilli: sum(cpu), memoryBytes: Math.round(sum(memory) / 1000) }
}
