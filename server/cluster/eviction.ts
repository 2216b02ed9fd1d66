/** Graceful deletion of pods and the eviction subresource (apiserver/pkg/registry/rest/delete.go, pkg/registry/core/pod/{strategy,storage/eviction}.go). */
import type { K8sObject, Ref } from '../k8s/object.ts'
import { refOf } from '../k8s/object.ts'
import type { ApiError, Cluster } from './types.ts'
import { notFound } from './admission/refusal.ts'
import { isPodReady, isPodTerminal, podCondition, withCondition } from './pods.ts'
import { selects } from './selection.ts'

const defaultGraceSeconds = 30

/** Marks a pod as terminating, or takes it away at once when nothing runs that needs time (unscheduled, finished, or grace 0). A second call can only shorten the grace. */
export function deletePod(cluster: Cluster, pod: K8sObject, graceSeconds?: number): void {
  const asked = graceSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? defaultGraceSeconds
  const grace = !pod.spec?.nodeName || isPodTerminal(pod) ? 0 : asked
  const current = pod.metadata.deletionGracePeriodSeconds
  if (grace === 0) {
    if ((pod.metadata.finalizers ?? []).length === 0) cluster.erase(refOf(pod))
    else if (current !== 0) cluster.put({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: pod.metadata.deletionTimestamp ?? cluster.timestamp(), deletionGracePeriodSeconds: 0 } })
    return
  }
  if (current !== undefined && grace >= current) return
  const generation = (pod.metadata.generation ?? 1) + (current === undefined ? 1 : 0)
  cluster.put({ ...pod, metadata: { ...pod.metadata, generation, deletionTimestamp: cluster.timestamp(cluster.now + grace * 1000), deletionGracePeriodSeconds: grace } })
}

/** Marks why a pod is disrupted, as the eviction API, the scheduler and the taint manager do before they delete. */
export function markDisrupted(cluster: Cluster, ref: Ref, reason: string, message: string): void {
  const pod = cluster.view.get(ref.kind, ref.namespace, ref.name)
  if (!pod) return
  const conditions = withCondition(pod.status?.conditions, podCondition(pod, { type: 'DisruptionTarget', status: 'True', reason, message }), cluster.timestamp())
  cluster.api.setStatus(ref, { ...pod.status, conditions })
}

/** Evicts a pod if its PodDisruptionBudget allows; the error is what `kubectl drain` prints. */
export function evictPod(cluster: Cluster, ref: Ref, graceSeconds?: number): { error?: ApiError } {
  const pod = cluster.view.get('Pod', ref.namespace, ref.name)
  if (!pod) return { error: notFound('Pod', ref.name) }
  const bypass = isPodTerminal(pod) || pod.status?.phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined
  const refusal = bypass ? undefined : budgetRefusal(cluster, pod)
  if (refusal) return { error: refusal }
  markDisrupted(cluster, ref, 'EvictionByEvictionAPI', 'Eviction API: evicting')
  deletePod(cluster, cluster.view.get('Pod', ref.namespace, ref.name) ?? pod, graceSeconds)
  return {}
}

/** The budgets that cover a pod. */
export function budgetsOf(cluster: Cluster, pod: K8sObject): K8sObject[] {
  return cluster.view.list('PodDisruptionBudget', pod.metadata.namespace ?? '').filter((budget) => selects(budget.spec?.selector, pod.metadata.labels))
}

function budgetRefusal(cluster: Cluster, pod: K8sObject): ApiError | undefined {
  const budgets = budgetsOf(cluster, pod)
  if (budgets.length > 1) return { code: 500, reason: 'InternalError', message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.' }
  const budget = budgets[0]
  if (!budget) return undefined
  const status = budget.status ?? {}
  if (!isPodReady(pod) && (budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' || ((status.currentHealthy ?? 0) >= (status.desiredHealthy ?? 0) && (status.desiredHealthy ?? 0) > 0))) return undefined
  if ((status.observedGeneration ?? 0) < (budget.metadata.generation ?? 0)) return { code: 429, reason: 'TooManyRequests', message: `Cannot evict pod as it would violate the pod's disruption budget.`, causes: [{ field: '', message: `The disruption budget ${budget.metadata.name} is still being processed by the server.` }] }
  if ((status.disruptionsAllowed ?? 0) <= 0) return { code: 429, reason: 'TooManyRequests', message: `Cannot evict pod as it would violate the pod's disruption budget.`, causes: [{ field: '', message: `The disruption budget ${budget.metadata.name} needs ${status.desiredHealthy ?? 0} healthy pods and has ${status.currentHealthy ?? 0} currently` }] }
  cluster.api.setStatus(refOf(budget), { ...status, disruptionsAllowed: status.disruptionsAllowed - 1, disruptedPods: { ...status.disruptedPods, [pod.metadata.name]: cluster.timestamp() } })
  return undefined
}
