/** DaemonSet: one pod on every node that wants one (pkg/controller/daemon). */
import type { Millis } from '../../k8s/duration.ts'
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText, keyOf, refOf } from '../../k8s/object.ts'
import type { Change, Cluster, Controller } from '../types.ts'
import { equal, isPodAvailable, isPodReady, isPodTerminal } from '../pods.ts'
import { nodeMatches, tolerates } from '../scheduler/affinity.ts'
import { scaledValue } from './deployment/arithmetic.ts'
import { claim, claimants } from './claim.ts'
import { instantOf, parseKey } from './keys.ts'
import { podFromTemplate } from './pod-from-template.ts'
import { retryDelay, slowStart } from './replicaset.ts'
import { currentRevision, revisionLabel, trimRevisions } from './revisions.ts'

const component = 'daemonset-controller'

const burst = 250
const firstBackoffMs = 1000
const longestBackoffMs = 900_000

/** What the controller remembers: per node the wait after a failed pod, per set how often creating was refused. */
type Memory = { backoffs: Map<string, { delay: Millis; since: Millis }>; refusals: Map<string, { count: number; until: Millis; generation: number }> }

export function createDaemonSetController(): Controller {
  const memory: Memory = { backoffs: new Map(), refusals: new Map() }
  return {
    name: 'daemonset',
    source: 'pkg/controller/daemon/daemon_controller.go:manage, NodeShouldRunDaemonPod; update.go:rollingUpdate, constructHistory',
    about: 'Keeps one pod on every node whose taints and affinity allow it, with the tolerations a daemon gets, placed through node affinity by the scheduler; RollingUpdate with maxUnavailable or maxSurge, OnDelete, minReadySeconds; failed daemon pods are replaced with back-off, finished ones at once. Templates are kept as ControllerRevisions, revisionHistoryLimit of them. Pods are adopted and released by label; of two on a node the older stays.',
    keys: (change, cluster) => keys(change, cluster),
    reconcile(key, cluster) {
      const { namespace, name } = parseKey(key)
      const set = cluster.view.get('DaemonSet', namespace, name)
      if (set && !set.metadata.deletionTimestamp) sync(key, set, cluster, memory)
    },
  }
}

function keys(change: Change, cluster: Cluster): string[] {
  const { object, old, type } = change
  if (object.kind === 'DaemonSet') return [keyOf(object)]
  if (object.kind === 'Pod') return claimants(change, 'DaemonSet', cluster)
  const moved = object.kind === 'Node' && (type !== 'modified' || !equal(old?.spec, object.spec) || !equal(old?.metadata.labels, object.metadata.labels))
  return moved ? cluster.view.list('DaemonSet').map(keyOf) : []
}

/** A template's tolerations with those that every daemon pod gets; one of the template for the same key, operator and effect is replaced, whatever its seconds (AddOrUpdateDaemonPodTolerations). */
export function daemonTolerations(spec: Fields): Fields[] {
  const rows: [string, string][] = [['not-ready', 'NoExecute'], ['unreachable', 'NoExecute'], ['disk-pressure', 'NoSchedule'], ['memory-pressure', 'NoSchedule'], ['pid-pressure', 'NoSchedule'], ['unschedulable', 'NoSchedule'], ...(spec.hostNetwork === true ? [['network-unavailable', 'NoSchedule'] as [string, string]] : [])]
  const added = rows.map(([name, effect]): Fields => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists', effect }))
  const sameAs = (one: Fields) => (other: Fields): boolean => one.key === other.key && (one.operator ?? 'Equal') === (other.operator ?? 'Equal') && one.effect === other.effect && (one.value ?? '') === (other.value ?? '')
  const own = (spec.tolerations ?? []) as Fields[]
  return [...own.map((toleration) => added.find(sameAs(toleration)) ?? toleration), ...added.filter((toleration) => !own.some(sameAs(toleration)))]
}

/** Should a daemon pod run here, and may one that is already here stay (NodeShouldRunDaemonPod)? */
export function nodeWants(set: K8sObject, node: K8sObject): { run: boolean; keep: boolean } {
  const spec = set.spec.template.spec
  if (spec.nodeName && spec.nodeName !== node.metadata.name) return { run: false, keep: false }
  if (!nodeMatches({ ...set, spec }, node)) return { run: false, keep: false }
  const tolerations = daemonTolerations(spec)
  const taints = ((node.spec?.taints ?? []) as Fields[]).filter((taint) => !tolerates(tolerations, taint))
  return { run: !taints.some((taint) => taint.effect !== 'PreferNoSchedule'), keep: !taints.some((taint) => taint.effect === 'NoExecute') }
}

/** The node a daemon pod is for: where it runs, or where its affinity sends it. */
function targetOf(pod: K8sObject): string {
  const term = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.[0]
  return pod.spec?.nodeName ?? term?.matchFields?.find((item: Fields) => item.key === 'metadata.name')?.values?.[0] ?? ''
}

/** The set's pods by node; one that ended and only waits to be erased is no longer there (getNodesToDaemonPods). */
function podsByNode(set: K8sObject, cluster: Cluster): Map<string, K8sObject[]> {
  const byNode = new Map<string, K8sObject[]>()
  for (const pod of cluster.view.owned(set.metadata.uid ?? '', 'Pod')) {
    const node = targetOf(pod)
    if (node === '' || (isPodTerminal(pod) && pod.metadata.deletionTimestamp)) continue
    byNode.set(node, [...(byNode.get(node) ?? []), pod])
  }
  return byNode
}

function sync(key: string, set: K8sObject, cluster: Cluster, memory: Memory): void {
  const current = currentRevision(set, cluster)
  const hash = current.metadata.labels![revisionLabel]!
  const nodes = cluster.view.list('Node')
  const pods = claim(set, 'Pod', cluster)
  const byNode = podsByNode(set, cluster)
  const names = new Set(nodes.map((node) => node.metadata.name))
  for (const [node, pods] of byNode) if (!names.has(node)) for (const pod of pods) if (!pod.metadata.deletionTimestamp) remove(set, pod, cluster)
  const needing = nodes.filter((node) => manage(key, set, node, byNode.get(node.metadata.name) ?? [], hash, cluster, memory))
  if (createPods(key, set, needing, hash, cluster, memory)) {
    if (set.spec.updateStrategy?.type !== 'OnDelete') rollOut(key, set, hash, cluster, memory)
    const used = new Set(pods.map((pod) => pod.metadata.labels?.[revisionLabel]))
    trimRevisions(set, current, (revision) => used.has(revision.metadata.labels?.[revisionLabel]), cluster)
  }
  writeStatus(key, cluster.view.get('DaemonSet', set.metadata.namespace ?? '', set.metadata.name) ?? set, hash, cluster)
}

function remove(set: K8sObject, pod: K8sObject, cluster: Cluster): void {
  const { error } = cluster.api.delete(refOf(pod))
  if (!error) cluster.event(set, { type: 'Normal', reason: 'SuccessfulDelete', component, message: `Deleted pod: ${pod.metadata.name}` })
}

/** Removes what should not be on a node, and says whether a pod is missing there (podsShouldBeOnNode). A pod that is terminating is waited for, unless the set may surge. */
function manage(key: string, set: K8sObject, node: K8sObject, pods: readonly K8sObject[], hash: string, cluster: Cluster, memory: Memory): boolean {
  const { run, keep } = nodeWants(set, node)
  if (run && pods.length === 0) return true
  const standing = pods.filter((pod) => !pod.metadata.deletionTimestamp)
  if (!keep) {
    for (const pod of standing) remove(set, pod, cluster)
    return false
  }
  const running: K8sObject[] = []
  for (const pod of standing) {
    const named = `daemon pod ${pod.metadata.namespace}/${pod.metadata.name} on node ${node.metadata.name}`
    if (pod.status?.phase === 'Failed') {
      if (!mayReplaceFailed(key, set, node, cluster, memory)) continue
      cluster.event(set, { type: 'Warning', reason: 'FailedDaemonPod', component, message: `Found failed ${named}, will try to kill it` })
      remove(set, pod, cluster)
    } else if (pod.status?.phase === 'Succeeded') {
      cluster.event(set, { type: 'Normal', reason: 'SucceededDaemonPod', component, message: `Found succeeded ${named}, will try to delete it` })
      remove(set, pod, cluster)
    } else running.push(pod)
  }
  running.sort(olderFirst)
  if (surgeOf(set, 1) === 0) {
    for (const pod of running.slice(1)) remove(set, pod, cluster)
    return false
  }
  if (running.length === 0) return run
  const [next, ...newer] = running.filter((pod) => isUpdated(pod, hash))
  const [old, ...older] = running.filter((pod) => !isUpdated(pod, hash))
  for (const pod of [...newer, ...older]) remove(set, pod, cluster)
  if (next && old && (!isPodReady(old) || isAvailable(set, next, cluster))) remove(set, old, cluster)
  return false
}

/** Failed pods of a node are replaced after 1 s, 2 s, 4 s … up to 15 minutes; a new template starts anew, and so do 30 quiet minutes (failedPodsBackoff). */
function mayReplaceFailed(key: string, set: K8sObject, node: K8sObject, cluster: Cluster, { backoffs }: Memory): boolean {
  const id = `${set.metadata.uid}/${set.status?.observedGeneration ?? 0}/${node.metadata.name}`
  const before = backoffs.get(id)
  if (before && cluster.now - before.since < before.delay) {
    cluster.wake('daemonset', key, cluster.now + before.delay)
    return false
  }
  const goesOn = before && cluster.now - before.since <= 2 * longestBackoffMs
  backoffs.set(id, { delay: goesOn ? Math.min(before.delay * 2, longestBackoffMs) : firstBackoffMs, since: cluster.now })
  return true
}

/** Creates pods in batches of 1, 2, 4…, and stops at the first refusal, which is retried with the back-off of all controllers (syncNodes). False when refused. */
function createPods(key: string, set: K8sObject, nodes: readonly K8sObject[], hash: string, cluster: Cluster, { refusals }: Memory): boolean {
  if (nodes.length === 0) return true
  const before = refusals.get(key)
  if (before && before.until > cluster.now && before.generation === (set.metadata.generation ?? 0)) return false
  const left = nodes.slice(0, burst)
  for (const size of slowStart(left.length)) {
    let refused = false
    for (const node of left.splice(0, size)) {
      const result = cluster.api.create(daemonPod(set, node, hash), component)
      if ('error' in result) {
        refused = true
        cluster.event(set, { type: 'Warning', reason: 'FailedCreate', component, message: `Error creating: ${result.error.message}` })
      } else cluster.event(set, { type: 'Normal', reason: 'SuccessfulCreate', component, message: `Created pod: ${result.object.metadata.name}` })
    }
    if (!refused) continue
    const count = before?.count ?? 0
    const until = cluster.now + retryDelay(count)
    refusals.set(key, { count: count + 1, until, generation: set.metadata.generation ?? 0 })
    cluster.wake('daemonset', key, until)
    return false
  }
  refusals.delete(key)
  return true
}

/** The node is named by affinity, in the place of what the template requires: the controller has looked at that already (ReplaceDaemonSetPodNodeNameNodeAffinity). */
function daemonPod(set: K8sObject, node: K8sObject, hash: string): K8sObject {
  const pod = podFromTemplate(set, set.spec.template, `${set.metadata.name}-`)
  pod.metadata.labels = { ...pod.metadata.labels, [revisionLabel]: hash }
  pod.spec.tolerations = daemonTolerations(pod.spec)
  const pin = { key: 'metadata.name', operator: 'In', values: [node.metadata.name] }
  const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [pin] }] } }
  pod.spec.affinity = { ...pod.spec.affinity, nodeAffinity: { ...pod.spec.affinity?.nodeAffinity, ...required } }
  return pod
}

/** Bound pods before unbound ones, then by age, then by name (podByCreationTimestampAndPhase). */
function olderFirst(a: K8sObject, b: K8sObject): number {
  return Number(Boolean(b.spec?.nodeName)) - Number(Boolean(a.spec?.nodeName)) || compareText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') || compareText(a.metadata.name, b.metadata.name)
}

function isUpdated(pod: K8sObject, hash: string): boolean {
  return pod.metadata.labels?.[revisionLabel] === hash
}

function isAvailable(set: K8sObject, pod: K8sObject, cluster: Cluster): boolean {
  return isPodAvailable(pod, (set.spec.minReadySeconds ?? 0) as number, cluster.timestamp())
}

function surgeOf(set: K8sObject, nodes: number): number {
  if (set.spec.updateStrategy?.type === 'OnDelete') return 0
  return scaledValue(set.spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0, nodes, true)
}

/** Replaces old pods, those on nodes that would get none today included (rollingUpdate). */
function rollOut(key: string, set: K8sObject, hash: string, cluster: Cluster, memory: Memory): void {
  const nodes = cluster.view.list('Node')
  const byNode = podsByNode(set, cluster)
  const wanted = new Set(nodes.filter((node) => nodeWants(set, node).run))
  const surge = surgeOf(set, wanted.size)
  // A node with two pods of one kind is left to `manage`.
  const places = nodes.filter(({ metadata }) => byNode.has(metadata.name)).map((node) => {
    const standing = byNode.get(node.metadata.name)!.filter((pod) => !pod.metadata.deletionTimestamp)
    const [next, excess] = standing.filter((pod) => isUpdated(pod, hash))
    const [old, more] = standing.filter((pod) => !isUpdated(pod, hash))
    return { node, next, old, isExcess: Boolean(excess ?? more) }
  })
  const available = (pod: K8sObject | undefined): boolean => pod !== undefined && isAvailable(set, pod, cluster)
  if (surge === 0) {
    const most = Math.max(1, scaledValue(set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, wanted.size, true))
    let left = most - places.filter(({ next, old, isExcess }) => isExcess || Boolean(next) === Boolean(old) || !available(next ?? old)).length
    for (const { next, old, isExcess } of places) {
      if (isExcess || !old || next) continue
      if (!available(old)) remove(set, old, cluster)
      else if (left-- > 0) remove(set, old, cluster)
    }
    return
  }
  let left = surge - places.filter(({ next, old, isExcess }) => isExcess || (next && old && !available(next))).length
  /** Pods of old nodes that may go: the application must not have fewer than it should. */
  let spare = places.filter(({ next, old, isExcess }) => !isExcess && available(old ?? next)).length - wanted.size
  const needing: K8sObject[] = []
  for (const { node, next, old, isExcess } of places) {
    if (isExcess || !old) continue
    if (next) {
      if (available(next)) remove(set, old, cluster)
    } else if (!wanted.has(node)) {
      if (!available(old) || spare-- > 0) remove(set, old, cluster)
    } else if (!available(old) || left-- > 0) needing.push(node)
  }
  createPods(key, set, needing, hash, cluster, memory)
}

/** Of two pods on a node the older one counts (updateDaemonSetStatus). */
function writeStatus(key: string, set: K8sObject, hash: string, cluster: Cluster): void {
  const minReady = (set.spec.minReadySeconds ?? 0) as number
  const byNode = podsByNode(set, cluster)
  const counts = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0, updatedNumberScheduled: 0, numberAvailable: 0 }
  for (const node of cluster.view.list('Node')) {
    const [pod] = [...(byNode.get(node.metadata.name) ?? [])].sort(olderFirst)
    if (!nodeWants(set, node).run) {
      if (pod) counts.numberMisscheduled++
      continue
    }
    counts.desiredNumberScheduled++
    if (!pod) continue
    counts.currentNumberScheduled++
    if (isPodReady(pod)) counts.numberReady++
    if (isAvailable(set, pod, cluster)) counts.numberAvailable++
    if (isUpdated(pod, hash)) counts.updatedNumberScheduled++
  }
  for (const pod of [...byNode.values()].flat()) {
    if (isPodReady(pod) && !isAvailable(set, pod, cluster)) cluster.wake('daemonset', key, Math.max(cluster.now + 1, instantOf(cluster, pod.status.conditions.find((condition: { type: string }) => condition.type === 'Ready').lastTransitionTime) + minReady * 1000))
  }
  const status: Fields = { ...counts, numberUnavailable: counts.desiredNumberScheduled - counts.numberAvailable, observedGeneration: set.metadata.generation }
  if (!equal(set.status ?? {}, status)) cluster.api.setStatus(refOf(set), status)
}
