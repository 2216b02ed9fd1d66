/** The conditions of a node as its kubelet reports them, or as they are taken for unknown when it reports nothing (pkg/kubelet/nodestatus/setters.go, node_lifecycle_controller.go:tryUpdateNodeHealth). */
import { withCondition } from '../pods.ts'
import type { Condition } from '../pods.ts'
import type { Cluster } from '../types.ts'

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
}

/** Nothing was heard of the node for too long. */
export function setNodeUnknown(cluster: Cluster, name: string): void {
  setNodeConditions(cluster, name, healthy.map(({ type }) => ({ type, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' })), false)
}
