/** Whether the kubelet takes a pod that was bound to its node (pkg/kubelet/lifecycle/predicate.go:Admit). The scheduler sees to it; a nodeName written by hand does not. */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { milliOf } from '../amounts.ts'
import { conditionOf } from '../pods.ts'
import { podTotals, qosClass } from '../pod-resources.ts'
import { nodeMatches, tolerates } from '../scheduler/affinity.ts'
import { portsClash } from '../scheduler/filters.ts'

/** From binding to the refusal: what the watch and the status write take. */
export const refusalMs = 1000

const systemCriticalPriority = 2_000_000_000

/** A pod that the kubelet neither evicts nor refuses for pressure (kubelettypes.IsCriticalPod). */
export function isCritical(pod: K8sObject): boolean {
  return (pod.spec?.priority ?? 0) >= systemCriticalPriority
}

/** Under memory pressure BestEffort pods that do not tolerate it are not taken, under disk pressure none is (eviction_manager.go:Admit). */
function pressure(pod: K8sObject, node: K8sObject): { reason: string; message: string } | undefined {
  const under = ['MemoryPressure', 'DiskPressure', 'PIDPressure'].filter((type) => conditionOf(node, type)?.status === 'True')
  if (under.length === 0 || isCritical(pod)) return undefined
  if (under.join() === 'MemoryPressure' && (qosClass(pod) !== 'BestEffort' || tolerates(pod.spec?.tolerations ?? [], { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' }))) return undefined
  return { reason: 'Evicted', message: `The node had condition: [${under.join(' ')}]. ` }
}

/** Why not, or undefined. `others` are the pods the kubelet already has. cpu is counted in thousandths, everything else in whole units. */
export function rejection(pod: K8sObject, node: K8sObject, others: readonly K8sObject[]): { reason: string; message: string } | undefined {
  const allocatable = (node.status?.allocatable ?? {}) as Record<string, string>
  const short = (resource: string, requested: number, used: number, capacity: number): { reason: string; message: string } => ({ reason: `OutOf${resource}`, message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}` })
  const pressed = pressure(pod, node)
  if (pressed) return pressed
  const room = Number(allocatable.pods ?? 110)
  if (others.length + 1 > room) return short('pods', 1, others.length, room)
  for (const [name, { milli }] of podTotals(pod, 'requests')) {
    // Extended resources that the node does not know are the business of others.
    if (milli === 0 || (name.includes('/') && allocatable[name] === undefined)) continue
    const used = others.reduce((sum, other) => sum + (podTotals(other, 'requests').get(name)?.milli ?? 0), 0)
    const capacity = milliOf(allocatable[name])
    const unit = name === 'cpu' ? 1 : 1000
    if (milli + used > capacity) return short(name, milli / unit, used / unit, capacity / unit)
  }
  const failed = (name: string, why: string): { reason: string; message: string } => ({ reason: name, message: `Predicate ${name} failed: ${why}` })
  if (!nodeMatches(pod, node)) return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")
  if (portsClash(pod, others)) return failed('NodePorts', "node(s) didn't have free ports for the requested pod ports")
  const deadly = ((node.spec?.taints ?? []) as Fields[]).some((taint) => taint.effect === 'NoExecute' && !tolerates(pod.spec?.tolerations, taint))
  return deadly ? failed('TaintToleration', 'node(s) had untolerated taint(s)') : undefined
}
