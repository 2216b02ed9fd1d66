/** The conditions of a node as its kubelet reports them, or as they are taken for unknown when it reports nothing (pkg/kubelet/nodestatus/setters.go, node_lifecycle_controller.go:tryUpdateNodeHealth). */
import { conditionOf, withCondition } from '../pods.ts'
import type { Condition } from '../pods.ts'
import type { Fields, K8sObject } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { Cluster, ResolvedImage } from '../types.ts'
import { repoDigest } from './instance.ts'

const statusMs = 10_000

export const healthy: readonly Condition[] = [
  { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' },
  { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
  { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' },
  { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
]

/** Writes conditions of a node. `heard`: the kubelet says so now; otherwise the time of its last word stays. */
export function setNodeConditions(cluster: Cluster, name: string, conditions: readonly Condition[], heard: boolean): void {
  const node = cluster.view.get('Node', '', name)
  if (!node) return
  const now = cluster.timestamp()
  let merged = (node.status?.conditions ?? []) as (Condition & { lastHeartbeatTime?: string })[]
  for (const condition of conditions) {
    const said = merged.find((one) => one.type === condition.type)?.lastHeartbeatTime
    merged = withCondition(merged, condition, now).map((one) => (one.type === condition.type ? { ...one, lastHeartbeatTime: heard ? now : (said ?? now) } : one))
  }
  cluster.api.setStatus({ kind: 'Node', namespace: '', name }, { ...node.status, conditions: merged })
  if (heard) for (const { type, status, reason } of conditions) if (conditionOf(node, type)?.status !== status) statusEvent(cluster, node, reason?.replace('Kubelet', 'Node') ?? '')
}

/** What a kubelet says of its node when a condition turns, or somebody cordons it (kubelet_node_status.go:recordNodeStatusEvent). */
function statusEvent(cluster: Cluster, node: K8sObject, reason: string): void {
  const { name } = node.metadata
  cluster.event(node, { type: 'Normal', reason, message: `Node ${name} status is now: ${reason}`, component: 'kubelet', node: name })
}

/** A kubelet notices with its next report that its node was cordoned or is schedulable again; gives what it knows from then on (recordNodeSchedulableEvent). */
export function reportSchedulable(cluster: Cluster, name: string, known: boolean): boolean {
  const node = cluster.view.get('Node', '', name)
  const unschedulable = node?.spec?.unschedulable === true
  if (node && unschedulable !== known) statusEvent(cluster, node, unschedulable ? 'NodeNotSchedulable' : 'NodeSchedulable')
  return unschedulable
}

/** Nothing was heard of the node for too long. */
export function setNodeUnknown(cluster: Cluster, name: string): void {
  const node = cluster.view.get('Node', '', name)
  if (node && conditionOf(node, 'Ready')?.status === 'True') cluster.event(node, { type: 'Normal', reason: 'NodeNotReady', message: `Node ${name} status is now: NodeNotReady`, component: 'node-controller' })
  setNodeConditions(cluster, name, healthy.map(({ type }) => ({ type, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' })), false)
}

export function nextReport(cluster: Cluster): Millis {
  return (Math.floor(cluster.now / statusMs) + 1) * statusMs
}

/** An image that came to a node is in its status at the kubelet's next report, the largest first (setters.go:Images). */
export function reportImage(cluster: Cluster, name: string, image: ResolvedImage): void {
  cluster.schedule(nextReport(cluster), 'kubelet', `${name} images`, () => {
    const node = cluster.view.get('Node', '', name)
    if (!node) return
    const others = ((node.status?.images ?? []) as Fields[]).filter((one) => !(one.names ?? []).includes(image.name))
    const images = [...others, { names: [repoDigest(image), image.name], sizeBytes: image.sizeBytes }].sort((a: Fields, b: Fields) => (b.sizeBytes ?? 0) - (a.sizeBytes ?? 0))
    cluster.api.setStatus({ kind: 'Node', namespace: '', name }, { ...node.status, images })
  })
}
