/** Facts about pods that controllers, the scheduler and the network agree on, each read from the object in one place. */
import type { K8sObject, OwnerReference } from '../k8s/object.ts'
import type { Millis } from '../k8s/duration.ts'

/** The condition of a type, or undefined. */
export function conditionOf(object: K8sObject, type: string): { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string } | undefined {
  return object.status?.conditions?.find((condition: { type: string }) => condition.type === type)
}

/** Ready condition is True. */
export function isPodReady(pod: K8sObject): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True'
}

/** When the Ready condition last changed, in virtual milliseconds since `epoch`; undefined when there is none. */
export function readySince(pod: K8sObject): Millis | undefined {
  const time = conditionOf(pod, 'Ready')?.lastTransitionTime
  return time === undefined ? undefined : Date.parse(time)
}

/** Ready for at least minReadySeconds (podutil.IsPodAvailable). `nowText` is the present as RFC 3339. */
export function isPodAvailable(pod: K8sObject, minReadySeconds: number, nowText: string): boolean {
  if (!isPodReady(pod)) return false
  if (minReadySeconds === 0) return true
  const since = readySince(pod)
  return since !== undefined && since + minReadySeconds * 1000 <= Date.parse(nowText)
}

/** Succeeded or Failed: it will never run again. */
export function isPodTerminal(pod: K8sObject): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/** Counts towards a ReplicaSet: neither finished nor being deleted (controller_utils.go:IsPodActive). */
export function isPodActive(pod: K8sObject): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined
}

export function controllerOf(object: K8sObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true)
}

/** The owner reference a controller writes on what it creates. */
export function ownedBy(owner: K8sObject): OwnerReference {
  return { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid ?? '', controller: true, blockOwnerDeletion: true }
}

/** A copy without the reference to one owner; an empty list is left out, as the server does. */
export function withoutOwner(object: K8sObject, uid: string): K8sObject {
  const { ownerReferences = [], ...metadata } = object.metadata
  const left = ownerReferences.filter((reference) => reference.uid !== uid)
  return { ...object, metadata: left.length > 0 ? { ...metadata, ownerReferences: left } : metadata }
}

/** The most restarts of any container of a list. */
function mostRestarts(statuses: readonly { restartCount?: number }[]): number {
  return statuses.reduce((most, status) => Math.max(most, status.restartCount ?? 0), 0)
}

/** Who restarted most comes first, sidecars counting after the containers (controller_utils.go:compareMaxContainerRestarts). */
export function byRestarts(a: K8sObject, b: K8sObject): number {
  const [one, two] = [maxRestarts(a), maxRestarts(b)]
  return two.regular - one.regular || two.sidecar - one.sidecar
}

/** Largest restart counts of the containers and of the sidecars; plain init containers do not count (controller_utils.go:maxContainerRestarts). */
function maxRestarts(pod: K8sObject): { regular: number; sidecar: number } {
  const sidecars = new Set(((pod.spec?.initContainers ?? []) as { name: string; restartPolicy?: string }[]).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name))
  const init = (pod.status?.initContainerStatuses ?? []) as { name: string; restartCount?: number }[]
  return { regular: mostRestarts(pod.status?.containerStatuses ?? []), sidecar: mostRestarts(init.filter(({ name }) => sidecars.has(name))) }
}

export type Condition = { type: string; status: 'True' | 'False' | 'Unknown'; reason?: string; message?: string; lastTransitionTime?: string; lastUpdateTime?: string; lastProbeTime?: null; observedGeneration?: number }

/** A copy of the conditions with one set; the transition time moves only when the status changes, and an equal condition changes nothing. */
export function withCondition(conditions: readonly Condition[] | undefined, next: Condition, now: string): Condition[] {
  const list = [...(conditions ?? [])]
  const at = list.findIndex((condition) => condition.type === next.type)
  const old = at < 0 ? undefined : list[at]!
  if (old && old.status === next.status && old.reason === next.reason && old.message === next.message && old.observedGeneration === next.observedGeneration) return list
  const made: Condition = { ...next, lastTransitionTime: old && old.status === next.status ? old.lastTransitionTime! : now }
  if (at < 0) list.push(made)
  else list[at] = made
  return list
}

/** What every condition of a pod has besides: nothing probes it, and of which generation it speaks (podutil.CalculatePodConditionObservedGeneration). */
export function podCondition(pod: K8sObject, condition: Condition): Condition {
  return { ...condition, lastProbeTime: null, observedGeneration: pod.metadata.generation ?? 1 }
}

export function withoutCondition(conditions: readonly Condition[] | undefined, type: string): Condition[] {
  return (conditions ?? []).filter((condition) => condition.type !== type)
}

/** Structural equality of plain JSON values; key order does not matter, absent and undefined are the same. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  if (Array.isArray(a)) {
    const other = b as unknown[]
    if (a.length !== other.length) return false
    for (let i = 0; i < a.length; i++) if (!equal(a[i], other[i])) return false
    return true
  }
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  for (const key in left) if (left[key] !== undefined && !equal(left[key], right[key])) return false
  for (const key in right) if (right[key] !== undefined && left[key] === undefined) return false
  return true
}
