/** PodDisruptionBudget status (pkg/controller/disruption/disruption.go). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText, keyOf, refOf } from '../../k8s/object.ts'
import type { Change, Cluster, Controller } from '../types.ts'
import { controllerOf, equal, isPodReady, withCondition } from '../pods.ts'
import { groupResource, hasSubresource } from '../resources.ts'
import { selects } from '../selection.ts'
import { scaledValue } from './deployment/arithmetic.ts'
import { parseKey } from './keys.ts'

/** How many pods must stay healthy. Examples: minAvailable 50 % of 3 → 2; maxUnavailable 30 % of 3 → 3 − 1 = 2. */
export function desiredHealthy(spec: { minAvailable?: number | string; maxUnavailable?: number | string }, expected: number): number {
  if (spec.maxUnavailable !== undefined) return Math.max(0, expected - scaledValue(spec.maxUnavailable, expected, true))
  return scaledValue(spec.minAvailable ?? 1, expected, true)
}

/** Pods that may be evicted now. Example: 3 healthy, 2 desired → 1; nothing expected → 0. */
export function disruptionsAllowed(current: number, desired: number, expected: number): number {
  return expected <= 0 ? 0 : Math.max(0, current - desired)
}

export const disruptionController: Controller = {
  name: 'disruption',
  source: 'pkg/controller/disruption/disruption.go:trySync, getExpectedPodCount, countHealthyPods',
  about: 'Keeps the status of PodDisruptionBudgets: expected pods from the scale of their controllers, healthy pods, allowed disruptions, the DisruptionAllowed condition, the NoPods event and the warning about pods no controller answers for. Not modelled: the two-minute expiry of pods that were evicted but not deleted.',
  keys: (change, cluster) => keys(change, cluster),
  reconcile(key, cluster) {
    const { namespace, name } = parseKey(key)
    const budget = cluster.view.get('PodDisruptionBudget', namespace, name)
    if (budget) sync(budget, cluster)
  },
}

function keys({ object, old, type }: Change, cluster: Cluster): string[] {
  if (object.kind === 'PodDisruptionBudget') return [keyOf(object)]
  const namespace = object.metadata.namespace ?? ''
  if (object.kind === 'Pod') {
    const same = type === 'modified' && old && isPodReady(old) === isPodReady(object) && old.status?.phase === object.status?.phase && old.metadata.deletionTimestamp === object.metadata.deletionTimestamp && equal(old.metadata.labels, object.metadata.labels)
    if (same) return []
    return cluster.view.list('PodDisruptionBudget', namespace).filter((budget) => selects(budget.spec?.selector, object.metadata.labels) || (old && selects(budget.spec?.selector, old.metadata.labels))).map(keyOf)
  }
  const isScaled = hasSubresource(object.kind, 'scale') && object.spec?.replicas !== old?.spec?.replicas
  return isScaled ? cluster.view.list('PodDisruptionBudget', namespace).map(keyOf) : []
}

type Scale = { uid: string; replicas: number }

/** The scale behind a pod: its Deployment, StatefulSet or bare ReplicaSet; undefined for a pod without one (getPodReplicaSet, getPodDeployment, getPodStatefulSet). */
export function scaleOf(pod: K8sObject, cluster: Cluster): Scale | undefined {
  const owner = controllerOf(pod)
  if (!owner) return undefined
  const set = cluster.view.get(owner.kind, pod.metadata.namespace ?? '', owner.name)
  if (!set || set.spec?.replicas === undefined) return undefined
  const above = owner.kind === 'ReplicaSet' ? controllerOf(set) : undefined
  const deployment = above ? cluster.view.get(above.kind, pod.metadata.namespace ?? '', above.name) : undefined
  const scaled = deployment ?? set
  return { uid: scaled.metadata.uid ?? '', replicas: scaled.spec.replicas }
}

/** How many pods there should be, and the names of those that no controller answers for; or why that cannot be told (getExpectedScale). Pods that have ended count too, as long as they are there. */
function expectedCount(budget: K8sObject, pods: readonly K8sObject[], cluster: Cluster): { expected: number; unmanaged: boolean } | string {
  const usesScale = budget.spec?.maxUnavailable !== undefined || typeof budget.spec?.minAvailable === 'string'
  if (!usesScale) return { expected: pods.length, unmanaged: false }
  const scales = new Map<string, number>()
  for (const pod of pods) {
    const owner = controllerOf(pod)
    if (!owner) continue
    const scale = scaleOf(pod, cluster)
    if (scale) scales.set(scale.uid, scale.replicas)
    else return hasSubresource(owner.kind, 'scale') ? `found no controllers for pod ${JSON.stringify(pod.metadata.name)}` : `${groupResource(owner.kind)} does not implement the scale subresource`
  }
  return { expected: [...scales.values()].reduce((sum, replicas) => sum + replicas, 0), unmanaged: pods.some((pod) => !controllerOf(pod)) }
}

/** A selector as Go prints it in the warning. */
function printedSelector(selector: Fields | undefined): string {
  const labels = Object.entries((selector?.matchLabels ?? {}) as Record<string, string>).sort(([a], [b]) => compareText(a, b)).map(([key, value]) => `${key}: ${value},`).join('')
  const expressions = ((selector?.matchExpressions ?? []) as Fields[]).map(({ key, operator, values }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${(values ?? []).join(' ')}],},`).join('')
  return `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:[]LabelSelectorRequirement{${expressions}},}`
}

function sync(budget: K8sObject, cluster: Cluster): void {
  const now = cluster.timestamp()
  const pods = cluster.view.list('Pod', budget.metadata.namespace ?? '').filter((pod) => selects(budget.spec?.selector, pod.metadata.labels))
  if (pods.length === 0) cluster.event(budget, { type: 'Normal', reason: 'NoPods', component: 'controllermanager', message: 'No matching pods found' })
  const count = expectedCount(budget, pods, cluster)
  const old = budget.status ?? {}
  if (typeof count === 'string') {
    // failSafe leaves the rest as it was, so that the eviction API may find it still being processed.
    const conditions = withCondition(old.conditions, { type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message: count }, now)
    const status = { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, ...old, disruptionsAllowed: 0, conditions }
    if (!equal(old, status)) {
      cluster.event(budget, { type: 'Warning', reason: 'CalculateExpectedPodCountFailed', component: 'controllermanager', message: `Failed to calculate the number of expected pods: ${count}` })
      cluster.api.setStatus(refOf(budget), status)
    }
    return
  }
  const { expected, unmanaged } = count
  if (unmanaged) cluster.event(budget, { type: 'Warning', reason: 'UnmanagedPods', component: 'controllermanager', message: `Pods selected by this PodDisruptionBudget (selector: ${printedSelector(budget.spec?.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.` })
  const disruptedPods = Object.fromEntries(Object.entries((old.disruptedPods ?? {}) as Record<string, string>).filter(([name]) => pods.some((pod) => pod.metadata.name === name && !pod.metadata.deletionTimestamp)))
  const current = pods.filter((pod) => !pod.metadata.deletionTimestamp && !(pod.metadata.name in disruptedPods) && isPodReady(pod)).length
  const desired = desiredHealthy(budget.spec ?? {}, expected)
  const allowed = disruptionsAllowed(current, desired, expected)
  const condition = allowed > 0 ? { type: 'DisruptionAllowed', status: 'True' as const, reason: 'SufficientPods', message: '' } : { type: 'DisruptionAllowed', status: 'False' as const, reason: 'InsufficientPods', message: '' }
  const status: Fields = { currentHealthy: current, desiredHealthy: desired, expectedPods: expected, disruptionsAllowed: allowed, observedGeneration: budget.metadata.generation, conditions: withCondition(old.conditions, condition, now), ...(Object.keys(disruptedPods).length > 0 ? { disruptedPods } : {}) }
  if (!equal(old, status)) cluster.api.setStatus(refOf(budget), status)
}
