/** Node health and taint-based eviction (pkg/controller/{nodelifecycle,tainteviction}). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { keyOf, refOf } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { Change, Cluster, Controller } from '../types.ts'
import { conditionOf, equal, isPodReady, isPodTerminal, withCondition } from '../pods.ts'
import { markDisrupted } from '../eviction.ts'
import { tolerates } from '../scheduler/affinity.ts'
import { instantOf, parseKey } from './keys.ts'

const managed = new Set(['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable', 'node.kubernetes.io/unschedulable', 'node.kubernetes.io/memory-pressure', 'node.kubernetes.io/disk-pressure', 'node.kubernetes.io/pid-pressure'])
const pressures: [string, string][] = [['MemoryPressure', 'memory-pressure'], ['DiskPressure', 'disk-pressure'], ['PIDPressure', 'pid-pressure']]

export const nodeLifecycleController: Controller = {
  name: 'node-lifecycle',
  source: 'pkg/controller/nodelifecycle/node_lifecycle_controller.go:monitorNodeHealth, doNoScheduleTaintingPass, doNoExecuteTaintingPass; pkg/controller/tainteviction/taint_eviction.go:processPodOnNode',
  about: 'Taints nodes after their Ready, pressure and unschedulable state, marks the pods of an unready node not ready, and evicts pods that do not tolerate a NoExecute taint, after tolerationSeconds where they have one. The kubelet model sets Ready to Unknown 50 s after a node falls silent. Not modelled: zone-wide eviction rate limits, removal of pods by the out-of-service taint (which frees volumes).',
  keys: (change) => keys(change),
  reconcile(key, cluster) {
    const { name } = parseKey(key)
    const node = cluster.view.get('Node', '', name)
    if (node) sync(key, node, cluster)
  },
}

function keys({ object, old, type }: Change): string[] {
  if (object.kind === 'Node') return type === 'deleted' ? [] : [keyOf(object)]
  const arrived = object.kind === 'Pod' && object.spec?.nodeName && type !== 'deleted' && (old === undefined || old.spec?.nodeName !== object.spec.nodeName || !equal(old.spec?.tolerations, object.spec.tolerations))
  return arrived ? [`Node//${object.spec.nodeName}`] : []
}

/** Taints the controller itself keeps, from a node's state (nodeConditionToTaintKeyStatusMap). */
export function wantedTaints(node: K8sObject): Fields[] {
  const ready = conditionOf(node, 'Ready')?.status
  const taints: Fields[] = []
  if (node.spec?.unschedulable) taints.push({ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' })
  if (ready === 'False' || ready === 'Unknown') {
    const key = ready === 'False' ? 'node.kubernetes.io/not-ready' : 'node.kubernetes.io/unreachable'
    taints.push({ key, effect: 'NoSchedule' }, { key, effect: 'NoExecute' })
  }
  for (const [condition, name] of pressures) if (conditionOf(node, condition)?.status === 'True') taints.push({ key: `node.kubernetes.io/${name}`, effect: 'NoSchedule' })
  return taints
}

function sync(key: string, node: K8sObject, cluster: Cluster): void {
  const present = (node.spec?.taints ?? []) as Fields[]
  const wanted = wantedTaints(node)
  const same = (a: Fields, b: Fields): boolean => a.key === b.key && a.effect === b.effect
  const kept = present.filter((taint) => !managed.has(taint.key) || wanted.some((other) => same(taint, other)))
  const now = cluster.timestamp()
  const added: Fields[] = wanted.filter((taint) => !present.some((other) => same(taint, other))).map((taint) => ({ ...taint, timeAdded: now }))
  const stamped = kept.map((taint) => (taint.effect === 'NoExecute' && !taint.timeAdded ? { ...taint, timeAdded: now } : taint))
  const taints: Fields[] = [...stamped, ...added]
  if (!equal(taints, present)) {
    const { taints: _old, ...spec } = node.spec ?? {}
    cluster.put({ ...node, spec: taints.length > 0 ? { ...spec, taints } : spec })
  }
  const pods = cluster.view.list('Pod').filter((pod) => pod.spec?.nodeName === node.metadata.name)
  if (conditionOf(node, 'Ready')?.status === 'Unknown') for (const pod of pods) markNotReady(pod, cluster)
  const deadly = taints.filter((taint) => taint.effect === 'NoExecute')
  if (deadly.length > 0) for (const pod of pods) evict(key, pod, deadly, cluster)
}

/** The node went silent: its pods can serve nobody as far as anyone knows (MarkPodsNotReady). */
function markNotReady(pod: K8sObject, cluster: Cluster): void {
  if (!isPodReady(pod) || isPodTerminal(pod)) return
  const conditions = withCondition(pod.status?.conditions, { type: 'Ready', status: 'False' }, cluster.timestamp())
  cluster.api.setStatus(refOf(pod), { ...pod.status, conditions })
  cluster.event(pod, { type: 'Warning', reason: 'NodeNotReady', component: 'node-controller', message: 'Node is not ready' })
}

/** When a pod must leave a node with these taints: at once, at a time, or never (undefined). The shortest toleration of those used counts (getMinTolerationTime). */
export function evictionTime(pod: K8sObject, taints: readonly Fields[], cluster: Cluster): Millis | undefined {
  const tolerations = (pod.spec?.tolerations ?? []) as Fields[]
  let earliest: Millis | undefined
  for (const taint of taints) {
    const covering = tolerations.filter((toleration) => tolerates([toleration], taint))
    if (covering.length === 0) return cluster.now
    const limits = covering.filter((toleration) => toleration.tolerationSeconds !== undefined).map((toleration) => Math.max(0, toleration.tolerationSeconds) * 1000)
    if (limits.length < covering.length && limits.length === 0) continue
    const at = instantOf(cluster, taint.timeAdded ?? cluster.timestamp()) + Math.min(...limits)
    if (limits.length > 0 && (earliest === undefined || at < earliest)) earliest = at
  }
  return earliest
}

function evict(key: string, pod: K8sObject, taints: readonly Fields[], cluster: Cluster): void {
  if (pod.metadata.deletionTimestamp || isPodTerminal(pod)) return
  const at = evictionTime(pod, taints, cluster)
  if (at === undefined) return
  if (at > cluster.now) {
    cluster.wake('node-lifecycle', key, at)
    return
  }
  cluster.event(pod, { type: 'Normal', reason: 'TaintManagerEviction', component: 'taint-eviction-controller', message: `Marking for deletion Pod ${pod.metadata.namespace}/${pod.metadata.name}` })
  markDisrupted(cluster, refOf(pod), 'DeletionByTaintManager', 'Taint manager: deleting due to NoExecute taint')
  cluster.api.delete(refOf(pod))
}
