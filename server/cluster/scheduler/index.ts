/** The scheduler: a queue of pods without a node, one pod per cycle (pkg/scheduler). */
import type { K8sObject } from '../../k8s/object.ts'
import { compareText, keyOf, refOf } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { Change, Cluster, Controller } from '../types.ts'
import { markDisrupted } from '../eviction.ts'
import { parseKey } from '../controllers/keys.ts'
import { claimNames, claimsOf } from '../claims.ts'
import { equal, isPodTerminal, podCondition, withCondition } from '../pods.ts'
import { claimVolume } from '../controllers/persistentvolume/matching.ts'
import { pinnedNodes } from './affinity.ts'
import type { Failure } from './filters.ts'
import { filtered } from './filters.ts'
import { abortedScheduling, failedScheduling, fitError, truncated } from './message.ts'
import { preempt } from './preemption.ts'
import { bestNode } from './scores.ts'
import type { Snapshot } from './snapshot.ts'
import { assume, forget, snapshotOf } from './snapshot.ts'
import { bindings, isBound, volumeAbort } from './volumes.ts'

const firstBackoffMs = 1000
const maxBackoffMs = 10_000
const flushMs = 300_000

type Waiting = { key: string; since: Millis; attempts: number; /** Not before this. */ backoffUntil: Millis; /** Found unschedulable: waits for something to change. */ parked: boolean; /** Node chosen; its late-binding claims are being provisioned. */ chosen?: string; flush?: Millis }
type State = { waiting: Map<string, Waiting>; armed: boolean }

/** Wait after the nth failed attempt: 1 s, 2 s, 4 s, 8 s, then 10 s. */
export function schedulingBackoff(attempts: number): Millis {
  return Math.min(maxBackoffMs, firstBackoffMs * 2 ** (attempts - 1))
}

export function createScheduler(): Controller {
  const state: State = { waiting: new Map(), armed: false }
  return {
    name: 'scheduler',
    source: 'pkg/scheduler/schedule_one.go:ScheduleOne, schedulePod; backend/queue/scheduling_queue.go, framework/plugins, framework/preemption/preemption.go:Evaluator.Preempt',
    about:
      'Places pods: all default filters in plugin order with their messages, scores of least-allocated, balanced allocation, taints, node and pod affinity, topology spread and images that are there (ties to the lowest node name), preemption, late-binding claims, limits of CSI drivers (`volumeLimits` of a node), scheduling gates, back-off of 1 to 10 s and retries when a relevant object changes. Not modelled: extenders, several profiles, dynamic resource claims.',
    keys: (change, cluster) => keys(change, cluster, state),
    reconcile(key, cluster) {
      wakeUp(key, cluster, state)
      arm(cluster, state, cluster.now)
    },
  }
}

const everyone = '*/retry/'
/** Only pods that look at other pods care that one arrived. */
const sociable = '*/arrived/'
const queue = 'queue//'

function keys(change: Change, _cluster: Cluster, state: State): string[] {
  const { object, old, type } = change
  if (object.kind === 'Pod') {
    const isOurs = !object.spec?.nodeName && type !== 'deleted' && !object.metadata.deletionTimestamp && (object.spec?.schedulerName ?? 'default-scheduler') === 'default-scheduler'
    if (isOurs) return type === 'added' || !equal(old?.spec, object.spec) || !equal(old?.metadata.labels, object.metadata.labels) ? [keyOf(object)] : []
    if (!object.spec?.nodeName) return state.waiting.has(keyOf(object)) ? [keyOf(object)] : []
    if (state.waiting.size === 0) return []
    const leaves = type === 'deleted' || (isPodTerminal(object) && old !== undefined && !isPodTerminal(old))
    const arrives = old !== undefined && !old.spec?.nodeName
    const relabelled = old !== undefined && !equal(old.metadata.labels, object.metadata.labels)
    return leaves ? [everyone] : arrives || relabelled ? [sociable] : []
  }
  if (state.waiting.size === 0) return []
  if (object.kind === 'Node') return type !== 'modified' || !equal(old?.spec, object.spec) || !equal(old?.metadata.labels, object.metadata.labels) || !equal(old?.status?.allocatable, object.status?.allocatable) ? [everyone] : []
  return object.kind === 'PersistentVolumeClaim' || object.kind === 'PersistentVolume' || object.kind === 'StorageClass' || object.kind === 'CSINode' || object.kind === 'CSIStorageCapacity' ? [everyone] : []
}

function wakeUp(key: string, cluster: Cluster, state: State): void {
  if (key === everyone) {
    for (const item of state.waiting.values()) item.parked = false
    return
  }
  if (key === queue) return
  if (key === sociable) {
    for (const item of state.waiting.values()) {
      const { namespace, name } = parseKey(item.key)
      const spec = cluster.view.get('Pod', namespace, name)?.spec
      if (spec?.affinity?.podAffinity || spec?.affinity?.podAntiAffinity || spec?.topologySpreadConstraints) item.parked = false
    }
    return
  }
  const { namespace, name } = parseKey(key)
  const pod = cluster.view.get('Pod', namespace, name)
  if (!pod || pod.spec?.nodeName || pod.metadata.deletionTimestamp) {
    state.waiting.delete(key)
    return
  }
  const item = state.waiting.get(key)
  if (!item) state.waiting.set(key, { key, since: cluster.now, attempts: 0, backoffUntil: cluster.now, parked: false })
  else item.parked = false
}

/** One scheduling pass per instant, after the controllers have acted. */
function arm(cluster: Cluster, state: State, at: Millis): void {
  if (at > cluster.now) {
    cluster.wake('scheduler', queue, at)
    return
  }
  if (state.armed) return
  state.armed = true
  cluster.schedule(cluster.now, 'scheduler', 'queue', () => {
    state.armed = false
    pass(cluster, state)
  })
}

function pass(cluster: Cluster, state: State): void {
  for (const item of state.waiting.values()) if (item.flush !== undefined && item.flush <= cluster.now) item.parked = false
  const active = [...state.waiting.values()].filter((item) => !item.parked)
  const ready = active.filter((item) => item.backoffUntil <= cluster.now)
  const later = active.filter((item) => item.backoffUntil > cluster.now)
  if (later.length > 0) arm(cluster, state, Math.min(...later.map((item) => item.backoffUntil)))
  if (ready.length === 0) return
  const pods = ready.flatMap((item) => {
    const { namespace, name } = parseKey(item.key)
    const pod = cluster.view.get('Pod', namespace, name)
    if (pod && !pod.spec?.nodeName && !pod.metadata.deletionTimestamp) return [{ item, pod }]
    state.waiting.delete(item.key)
    return []
  })
  pods.sort((a, b) => (b.pod.spec.priority ?? 0) - (a.pod.spec.priority ?? 0) || a.item.since - b.item.since || compareText(a.item.key, b.item.key))
  const snapshot = snapshotOf(cluster)
  for (const { key, chosen } of state.waiting.values()) {
    const { namespace, name } = parseKey(key)
    const pod = cluster.view.get('Pod', namespace, name)
    if (chosen !== undefined && pod && !pod.spec?.nodeName && !pod.metadata.deletionTimestamp) assume(snapshot, pod, chosen)
  }
  for (const { item, pod } of pods) cycle(cluster, state, snapshot, item, pod)
}

function cycle(cluster: Cluster, state: State, snapshot: Snapshot, item: Waiting, pod: K8sObject): void {
  if ((pod.spec.schedulingGates ?? []).length > 0) {
    setScheduled(cluster, pod, 'SchedulingGated', 'Scheduling is blocked due to non-empty scheduling gates')
    item.parked = true
    return
  }
  if (item.chosen !== undefined) {
    if (claimsOf(pod, cluster.view).every(isBound)) return bind(cluster, state, snapshot, pod, item.chosen)
    // The provisioner gives the node back when it has no room after all (binder.go:checkBindings).
    const given = claimsOf(pod, cluster.view).find((claim) => !claim.spec?.volumeName && claim.metadata.annotations?.['volume.kubernetes.io/selected-node'] === undefined)
    if (!given && cluster.view.get('Node', '', item.chosen)) return void (item.parked = true)
    forget(snapshot, pod, item.chosen)
    item.chosen = undefined
    if (given) {
      fail(cluster, state, item, pod, `running PreBind plugin "VolumeBinding": binding volumes: provisioning failed for PVC "${given.metadata.name}"`)
      // An error, not a verdict: it is tried again after the back-off.
      item.parked = false
      return arm(cluster, state, item.backoffUntil)
    }
  }
  const count = snapshot.nodes.length
  const abort = volumeAbort(pod, cluster)
  if (abort !== undefined) return fail(cluster, state, item, pod, abortedScheduling(count, abort))
  const { fitting, failures } = candidates(cluster, state, snapshot, pod)
  if (fitting.length > 0) return choose(cluster, state, snapshot, item, pod, bestNode(pod, fitting, snapshot, cluster).node.metadata.name)
  const fit = fitError(count, snapshot.nodes.map((node) => failures.get(node.node.metadata.name)!.reasons))
  if (count === 0) return fail(cluster, state, item, pod, fit)
  const result = preempt({ pod, cluster, snapshot, nominated: nominations(cluster, state, pod) }, failures)
  if ('message' in result) return fail(cluster, state, item, pod, failedScheduling(fit, result.message))
  fail(cluster, state, item, pod, failedScheduling(fit, undefined), result.node)
  for (const victim of result.victims) {
    cluster.event(victim, { type: 'Normal', reason: 'Preempted', component: 'default-scheduler', message: `Preempted by pod ${pod.metadata.uid} on node ${result.node}`, series: true })
    markDisrupted(cluster, refOf(victim), 'PreemptionByScheduler', `default-scheduler: preempting to accommodate a higher priority pod`)
    cluster.api.delete(refOf(victim))
  }
}

function candidates(cluster: Cluster, state: State, snapshot: Snapshot, pod: K8sObject): { fitting: Snapshot['nodes']; failures: Map<string, Failure> } {
  const pins = pinnedNodes(pod)
  const failures = new Map<string, Failure>()
  const nominated = nominations(cluster, state, pod)
  const fitting = snapshot.nodes.filter((node) => {
    const name = node.node.metadata.name
    const failure = pins && !pins.has(name) ? { reasons: ["node(s) didn't satisfy plugin(s) [NodeAffinity]"], helpless: true } : filtered({ pod, cluster, snapshot, nominated }, node)
    if (failure) failures.set(name, failure)
    return failure === undefined
  })
  return { fitting, failures }
}

/** Waiting pods of equal or higher priority that preempted on a node: they are taken for being there (schedule_one.go:RunFilterPluginsWithNominatedPods). */
function nominations(cluster: Cluster, state: State, pod: K8sObject): (node: string) => readonly K8sObject[] {
  const byNode = new Map<string, K8sObject[]>()
  for (const key of state.waiting.keys()) {
    const { namespace, name } = parseKey(key)
    const other = cluster.view.get('Pod', namespace, name)
    const node = other?.status?.nominatedNodeName as string | undefined
    if (!other || !node || other.metadata.uid === pod.metadata.uid || (other.spec.priority ?? 0) < (pod.spec.priority ?? 0)) continue
    byNode.set(node, [...(byNode.get(node) ?? []), other])
  }
  return (node) => byNode.get(node) ?? []
}

/** Binds at once, or first has late-binding claims bound or provisioned for the node. */
function choose(cluster: Cluster, state: State, snapshot: Snapshot, item: Waiting, pod: K8sObject, node: string): void {
  const target = snapshot.nodes.find((other) => other.node.metadata.name === node)
  const planned = target ? bindings(pod, target.node, cluster) : undefined
  const { found, provisioned } = planned && !('reason' in planned) ? planned : { found: [], provisioned: [] }
  for (const { claim, volume } of found) claimVolume(cluster, claim, volume)
  for (const claim of provisioned) if (claim.metadata.annotations?.['volume.kubernetes.io/selected-node'] !== node) cluster.api.patch(refOf(claim), { metadata: { annotations: { 'volume.kubernetes.io/selected-node': node } } }, 'kube-scheduler')
  if (claimNames(pod).length === 0 || claimsOf(pod, cluster.view).every(isBound)) bind(cluster, state, snapshot, pod, node)
  else {
    item.chosen = node
    item.parked = true
    assume(snapshot, pod, node)
  }
}

function bind(cluster: Cluster, state: State, snapshot: Snapshot, pod: K8sObject, node: string): void {
  state.waiting.delete(keyOf(pod))
  const now = cluster.timestamp()
  const { nominatedNodeName: _nominated, ...status } = pod.status ?? {}
  const conditions = withCondition(status.conditions, podCondition(pod, { type: 'PodScheduled', status: 'True' }), now)
  const bound: K8sObject = { ...pod, spec: { ...pod.spec, nodeName: node }, status: { ...status, conditions } }
  cluster.put(bound)
  assume(snapshot, bound, node)
  cluster.event(bound, { type: 'Normal', reason: 'Scheduled', component: 'default-scheduler', message: `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${node}`, series: true })
}

function fail(cluster: Cluster, state: State, item: Waiting, pod: K8sObject, message: string, nominated?: string): void {
  item.attempts++
  item.backoffUntil = cluster.now + schedulingBackoff(item.attempts)
  item.parked = true
  item.flush = cluster.now + flushMs
  cluster.wake('scheduler', queue, item.flush)
  cluster.event(pod, { type: 'Warning', reason: 'FailedScheduling', component: 'default-scheduler', message: truncated(message), series: true })
  setScheduled(cluster, pod, 'Unschedulable', message, nominated)
  state.waiting.set(item.key, item)
}

function setScheduled(cluster: Cluster, pod: K8sObject, reason: string, message: string, nominated?: string): void {
  const conditions = withCondition(pod.status?.conditions, podCondition(pod, { type: 'PodScheduled', status: 'False', reason, message }), cluster.timestamp())
  cluster.api.setStatus(refOf(pod), { ...pod.status, conditions, ...(nominated ? { nominatedNodeName: nominated } : {}) })
}
