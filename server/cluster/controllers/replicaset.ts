/** ReplicaSet: keeps the number of active pods equal to spec.replicas (pkg/controller/replicaset, controller_utils.go). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText, keyOf, refOf } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { Cluster, Controller } from '../types.ts'
import type { Condition } from '../pods.ts'
import { conditionOf, controllerOf, equal, isPodActive, isPodAvailable, isPodReady, byRestarts, isPodTerminal, readySince, withCondition, withoutCondition } from '../pods.ts'
import { claim, claimants } from './claim.ts'
import { instantOf, parseKey } from './keys.ts'
import { podFromTemplate } from './pod-from-template.ts'

const burst = 500
const baseDelayMs = 5
const maxDelayMs = 1_000_000

/** Wait before the nth retry of a failing sync: 5 ms, 10 ms, 20 ms … up to 1000 s (workqueue's exponential limiter). */
export function retryDelay(failures: number): Millis {
  return Math.min(maxDelayMs, baseDelayMs * 2 ** Math.min(failures, 20))
}

/** Sizes of the creation batches: 1, 2, 4 … (slowStartBatch). Example: 6 → [1, 2, 3]. */
export function slowStart(count: number): number[] {
  const sizes: number[] = []
  for (let left = count, size = 1; left > 0; size *= 2) {
    sizes.push(Math.min(size, left))
    left -= Math.min(size, left)
  }
  return sizes
}

/**
 * Sorts the pods to delete first to the front (ActivePodsWithRanks.Less). `related` are the pods of all sets of the same Deployment: the more of them are active on a pod's node,
 * the sooner it goes. Ages compare by their power of two in nanoseconds, and pods of one power by uid, before restarts are looked at. `now` is in milliseconds since 1970.
 */
export function deletionOrder(pods: readonly K8sObject[], related: readonly K8sObject[], now: number): K8sObject[] {
  const onNode = new Map<string, number>()
  for (const pod of related) if (isPodActive(pod)) onNode.set(pod.spec.nodeName ?? '', (onNode.get(pod.spec.nodeName ?? '') ?? 0) + 1)
  const rank = (pod: K8sObject): number => onNode.get(pod.spec.nodeName ?? '') ?? 0
  const phaseRank = (pod: K8sObject): number => (pod.status?.phase === 'Running' ? 2 : pod.status?.phase === 'Unknown' ? 1 : 0)
  const cost = (pod: K8sObject): number => Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0)
  /** The younger first, unless both began in the same instant (logarithmicRankDiff). */
  const byAge = (a: K8sObject, b: K8sObject, since: number, other: number): number => (since === other ? 0 : ageRank(now - since) - ageRank(now - other) || compareText(a.metadata.uid ?? '', b.metadata.uid ?? ''))
  return [...pods].sort(
    (a, b) =>
      Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)) ||
      phaseRank(a) - phaseRank(b) ||
      Number(isPodReady(a)) - Number(isPodReady(b)) ||
      cost(a) - cost(b) ||
      rank(b) - rank(a) ||
      (isPodReady(a) ? byAge(a, b, readySince(a) ?? now, readySince(b) ?? now) : 0) ||
      byRestarts(a, b) ||
      byAge(a, b, Date.parse(a.metadata.creationTimestamp ?? ''), Date.parse(b.metadata.creationTimestamp ?? '')) ||
      compareText(a.metadata.uid ?? '', b.metadata.uid ?? ''),
  )
}

/** The power of two of an age in nanoseconds, -1 for none. */
function ageRank(milliseconds: number): number {
  return milliseconds > 0 ? Math.floor(Math.log2(milliseconds * 1e6)) : -1
}

/** The pods of all ReplicaSets with the same owner; a set without one has no relatives, itself included (getIndirectlyRelatedPods). */
function relatedPods(set: K8sObject, cluster: Cluster): readonly K8sObject[] {
  const owner = controllerOf(set)
  return owner ? cluster.view.owned(owner.uid, 'ReplicaSet').flatMap((sibling) => cluster.view.owned(sibling.metadata.uid ?? '', 'Pod')) : []
}

type Failing = { count: number; until: Millis; generation: number }

/** Makes the controller; it remembers which sets are failing to create pods, so one instance serves one cluster. */
export function createReplicaSetController(): Controller {
  const failing = new Map<string, Failing>()
  return {
    name: 'replicaset',
    source: 'pkg/controller/replicaset/replica_set.go:syncReplicaSet, manageReplicas; replica_set_utils.go:calculateStatus; pkg/controller/controller_utils.go:ActivePodsWithRanks',
    about: 'Keeps the number of active pods equal to `spec.replicas`: creates missing ones in batches of 1, 2, 4… and stops at the first refusal (FailedCreate, retried with exponential back-off), deletes surplus ones in the order of the real controller. Adopts pods without an owner that its selector matches, releases its own when it matches them no more.',
    keys: (change, cluster) => (change.object.kind === 'ReplicaSet' ? [keyOf(change.object)] : change.object.kind === 'Pod' ? claimants(change, 'ReplicaSet', cluster) : []),
    reconcile(key, cluster) {
      const { namespace, name } = parseKey(key)
      const set = cluster.view.get('ReplicaSet', namespace, name)
      if (!set) failing.delete(key)
      else sync(key, set, cluster, failing)
    },
  }
}

function sync(key: string, set: K8sObject, cluster: Cluster, failing: Map<string, Failing>): void {
  const active = claim(set, 'Pod', cluster, { considers: isPodActive })
  const refusal = set.metadata.deletionTimestamp ? undefined : manage(key, set, active, cluster, failing)
  const current = cluster.view.get('ReplicaSet', set.metadata.namespace ?? '', set.metadata.name)
  if (current) writeStatus(key, current, active.length - (set.spec.replicas as number), refusal, cluster)
}

/** Creates or deletes pods; gives the refusal text when creation failed. */
function manage(key: string, set: K8sObject, active: readonly K8sObject[], cluster: Cluster, failing: Map<string, Failing>): string | undefined {
  const missing = (set.spec.replicas as number) - active.length
  if (missing === 0) {
    failing.delete(key)
    return undefined
  }
  if (missing < 0) {
    for (const pod of deletionOrder(active, relatedPods(set, cluster), Date.parse(cluster.timestamp(0)) + cluster.now).slice(0, Math.min(-missing, burst))) {
      const { error } = cluster.api.delete(refOf(pod))
      if (!error) cluster.event(set, { type: 'Normal', reason: 'SuccessfulDelete', component: 'replicaset-controller', message: `Deleted pod: ${pod.metadata.name}` })
    }
    return undefined
  }
  const before = failing.get(key)
  if (before && before.until > cluster.now && before.generation === (set.metadata.generation ?? 0)) return set.status?.conditions?.find((condition: { type: string }) => condition.type === 'ReplicaFailure')?.message
  const refusal = createPods(set, Math.min(missing, burst), cluster)
  if (refusal === undefined) {
    failing.delete(key)
    return undefined
  }
  const count = before?.count ?? 0
  const until = cluster.now + retryDelay(count)
  failing.set(key, { count: count + 1, until, generation: set.metadata.generation ?? 0 })
  cluster.wake('replicaset', key, until)
  return refusal
}

function createPods(set: K8sObject, count: number, cluster: Cluster): string | undefined {
  for (const size of slowStart(count)) {
    let refusal: string | undefined
    for (let i = 0; i < size; i++) {
      const result = cluster.api.create(podFromTemplate(set, set.spec.template, `${set.metadata.name}-`), 'replicaset-controller')
      if ('error' in result) {
        refusal = result.error.message
        cluster.event(set, { type: 'Warning', reason: 'FailedCreate', component: 'replicaset-controller', message: `Error creating: ${refusal}` })
      } else cluster.event(set, { type: 'Normal', reason: 'SuccessfulCreate', component: 'replicaset-controller', message: `Created pod: ${result.object.metadata.name}` })
    }
    if (refusal !== undefined) return refusal
  }
  return undefined
}

function writeStatus(key: string, set: K8sObject, surplus: number, refusal: string | undefined, cluster: Cluster): void {
  const now = cluster.timestamp()
  const pods = cluster.view.owned(set.metadata.uid ?? '', 'Pod')
  const active = pods.filter(isPodActive)
  const minReady = (set.spec.minReadySeconds ?? 0) as number
  const templateLabels = Object.entries((set.spec.template.metadata?.labels ?? {}) as Record<string, string>)
  const status: Fields = {
    replicas: active.length,
    fullyLabeledReplicas: active.filter((pod) => templateLabels.every(([name, value]) => pod.metadata.labels?.[name] === value)).length,
    readyReplicas: active.filter(isPodReady).length,
    availableReplicas: active.filter((pod) => isPodAvailable(pod, minReady, now)).length,
    terminatingReplicas: pods.filter((pod) => pod.metadata.deletionTimestamp && !isPodTerminal(pod)).length,
    observedGeneration: set.metadata.generation,
  }
  // The first failure stands until creating works again (replica_set_utils.go:calculateStatus).
  const conditions = refusal === undefined ? withoutCondition(set.status?.conditions, 'ReplicaFailure') : conditionOf(set, 'ReplicaFailure') ? (set.status!.conditions as Condition[]) : withCondition(set.status?.conditions, { type: 'ReplicaFailure', status: 'True', reason: surplus < 0 ? 'FailedCreate' : 'FailedDelete', message: refusal }, now)
  if (conditions.length > 0) status.conditions = conditions
  if (minReady > 0) wakeWhenAvailable(key, active, minReady, cluster)
  if (!equal(set.status ?? {}, status)) cluster.api.setStatus(refOf(set), status)
}

/** Asks to be woken when the next ready pod becomes available. */
function wakeWhenAvailable(key: string, pods: readonly K8sObject[], minReadySeconds: number, cluster: Cluster): void {
  for (const pod of pods) {
    const since = isPodReady(pod) ? pod.status.conditions.find((condition: { type: string }) => condition.type === 'Ready').lastTransitionTime : undefined
    if (since === undefined) continue
    const at = instantOf(cluster, since) + minReadySeconds * 1000
    if (at > cluster.now) cluster.wake('replicaset', key, at)
  }
}
