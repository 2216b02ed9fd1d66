/** Nodes with what runs on them, as one scheduling pass sees them. */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { keyOf } from '../../k8s/object.ts'
import type { Cluster } from '../types.ts'
import type { Amount } from '../amounts.ts'
import { milliOf } from '../amounts.ts'
import { podTotals } from '../pod-resources.ts'
import { isPodTerminal } from '../pods.ts'

export type NodeState = { node: K8sObject; pods: K8sObject[]; requested: Map<string, number>; /** Requests with the defaults scoring uses for pods that ask for nothing. */ scored: { cpu: number; memory: number } }
export type Snapshot = { nodes: NodeState[]; /** Pods on nodes that refuse company (required anti-affinity). */ guarded: { pod: K8sObject; node: K8sObject }[] }

const scoredCpuMilli = 100
const scoredMemoryMilli = 200 * 1024 * 1024 * 1000

const knownRequests = new WeakMap<object, Map<string, Amount>>()

/** Total requests of a pod; computed once per spec, which never changes in place. */
export function requestsOf(pod: K8sObject): Map<string, Amount> {
  const known = knownRequests.get(pod.spec)
  if (known) return known
  const total = podTotals(pod, 'requests')
  knownRequests.set(pod.spec, total)
  return total
}

/** cpu and memory for scores: 100m and 200Mi for each container that names none (scheduler/util/pod_resources.go). */
export function scoredRequests(pod: K8sObject): { cpu: number; memory: number } {
  const sum = { cpu: 0, memory: 0 }
  for (const container of (pod.spec?.containers ?? []) as Fields[]) {
    const requests = container.resources?.requests
    sum.cpu += requests?.cpu === undefined ? scoredCpuMilli : milliOf(requests.cpu)
    sum.memory += requests?.memory === undefined ? scoredMemoryMilli : milliOf(requests.memory)
  }
  return sum
}

export function place(state: NodeState, pod: K8sObject, sign: 1 | -1 = 1): void {
  if (sign === 1) state.pods.push(pod)
  else state.pods = state.pods.filter((other) => keyOf(other) !== keyOf(pod))
  for (const [name, amount] of requestsOf(pod)) state.requested.set(name, (state.requested.get(name) ?? 0) + sign * amount.milli)
  const scored = scoredRequests(pod)
  state.scored.cpu += sign * scored.cpu
  state.scored.memory += sign * scored.memory
}

export function hasRequiredAntiAffinity(pod: K8sObject): boolean {
  return (pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).length > 0
}

/** A pod that has its node counts there from now on, also while its volumes are made ready and it is not bound yet (backend/cache/cache.go:AssumePod). */
export function assume(snapshot: Snapshot, pod: K8sObject, node: string): void {
  const state = snapshot.nodes.find((other) => other.node.metadata.name === node)
  if (!state || state.pods.some((other) => other.metadata.uid === pod.metadata.uid)) return
  place(state, pod)
  if (hasRequiredAntiAffinity(pod)) snapshot.guarded.push({ pod, node: state.node })
}

/** It does not get that node after all (ForgetPod). */
export function forget(snapshot: Snapshot, pod: K8sObject, node: string): void {
  const state = snapshot.nodes.find((other) => other.node.metadata.name === node)
  if (!state?.pods.some((other) => other.metadata.uid === pod.metadata.uid)) return
  place(state, pod, -1)
  snapshot.guarded = snapshot.guarded.filter((other) => other.pod.metadata.uid !== pod.metadata.uid)
}

/** All nodes by name, with their non-terminal pods. */
export function snapshotOf(cluster: Cluster): Snapshot {
  const nodes = cluster.view.list('Node').map((node): NodeState => ({ node, pods: [], requested: new Map(), scored: { cpu: 0, memory: 0 } }))
  const byName = new Map(nodes.map((state) => [state.node.metadata.name, state]))
  const guarded: Snapshot['guarded'] = []
  for (const pod of cluster.view.list('Pod')) {
    const state = pod.spec?.nodeName ? byName.get(pod.spec.nodeName) : undefined
    if (!state || isPodTerminal(pod)) continue
    place(state, pod)
    if (hasRequiredAntiAffinity(pod)) guarded.push({ pod, node: state.node })
  }
  return { nodes, guarded }
}
