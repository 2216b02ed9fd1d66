/** Pods of a workload over the whole run, also those that are gone, and what the timeline says about them. */
import type { K8sObject, Ref } from '../../k8s/object.ts'
import { keyOf, refOf } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { LiveCluster } from '../cluster.ts'
import { controllerOf, isPodTerminal } from '../pods.ts'
import { podsOf } from '../references.ts'
import { selects } from '../selection.ts'
import type { RunningContainer, TimelineEntry } from '../types.ts'

/** Did this object ever exist in the run? */
export function existed(cluster: LiveCluster, ref: Ref): boolean {
  return cluster.store.history(ref).some((version) => version.object !== undefined)
}

/** Does the pod belong to the workload, directly or through a ReplicaSet or Job, by the names of its owners? A Service stands for the pods it selects. */
function belongs(cluster: LiveCluster, pod: K8sObject, workload: Ref): boolean {
  if ((pod.metadata.namespace ?? '') !== workload.namespace) return false
  if (workload.kind === 'Pod') return pod.metadata.name === workload.name
  if (workload.kind === 'Service') {
    const service = [...cluster.store.history(workload)].reverse().find((version) => version.object)?.object
    return service?.spec?.selector !== undefined && selects({ matchLabels: service.spec.selector }, pod.metadata.labels)
  }
  const owner = controllerOf(pod)
  if (!owner) return false
  if (owner.kind === workload.kind && owner.name === workload.name) return true
  const between = cluster.store.history({ kind: owner.kind, namespace: workload.namespace, name: owner.name }).find((version) => version.object)?.object
  const above = between && controllerOf(between)
  return above?.kind === workload.kind && above.name === workload.name
}

/** Uids of every pod the workload ever had. */
export function memberUids(cluster: LiveCluster, workload: Ref): ReadonlySet<string> {
  const uids = new Set<string>()
  for (const entry of cluster.timeline) {
    if (entry.kind !== 'pod-created' || !entry.ref || entry.ref.namespace !== workload.namespace) continue
    const first = cluster.store.history(entry.ref).find((version) => version.object?.metadata.uid === entry.data?.uid)?.object
    if (first && belongs(cluster, first, workload)) uids.add(entry.data?.uid as string)
  }
  return uids
}

/** Timeline entries about the workload's pods, oldest first; `kinds` picks among them. */
export function entriesOf(cluster: LiveCluster, workload: Ref, kinds: readonly string[]): TimelineEntry[] {
  const uids = memberUids(cluster, workload)
  return cluster.timeline.filter((entry) => kinds.includes(entry.kind) && uids.has(entry.data?.uid as string))
}

/** Pods that count now: not finished and not on their way out. */
export function activePods(cluster: LiveCluster, workload: Ref): readonly K8sObject[] {
  return podsOf(cluster.view, workload).filter((pod) => !isPodTerminal(pod) && !pod.metadata.deletionTimestamp)
}

/** The workload's processes that run now: of all containers, or of the one named. Without a name, init containers that run to an end are left out. */
export function processesOf(cluster: LiveCluster, workload: Ref, container?: string): { pod: K8sObject; program: RunningContainer }[] {
  return activePods(cluster, workload).flatMap((pod) => {
    const names = container === undefined ? appContainers(pod) : [container]
    return names.flatMap((name) => {
      const program = cluster.runtime.container(refOf(pod), name)
      return program && !program.exited ? [{ pod, program }] : []
    })
  })
}

/** Names of the containers that are meant to keep running: ordinary ones and sidecars. */
export function appContainers(pod: K8sObject): string[] {
  const spec = pod.spec ?? {}
  return [...((spec.initContainers ?? []) as { name: string; restartPolicy?: string }[]).filter((one) => one.restartPolicy === 'Always'), ...((spec.containers ?? []) as { name: string }[])].map((one) => one.name)
}

/** The first application container of a pod, which goals mean when they name none. */
export function mainContainer(pod: K8sObject): string {
  return pod.spec?.containers?.[0]?.name ?? ''
}

/** Moment of a timeline entry relative to the apply instant. */
export function relative(cluster: LiveCluster, entry: { at: Millis }): Millis {
  return entry.at - cluster.appliedAt
}

/** Ready addresses of a Service from the timeline, as a step function: at each change, all of them. */
export function readyAddressesOverTime(cluster: LiveCluster, service: Ref): { at: Millis; ready: readonly string[]; entry: TimelineEntry }[] {
  const bySlice = new Map<string, readonly string[]>()
  const key = keyOf(service)
  return cluster.timeline.filter((entry) => entry.kind === 'endpoint' && entry.ref && keyOf(entry.ref) === key).map((entry) => {
    bySlice.set(entry.data?.slice as string, entry.data?.ready as string[])
    return { at: relative(cluster, entry), ready: [...new Set([...bySlice.values()].flat())].sort(), entry }
  })
}
