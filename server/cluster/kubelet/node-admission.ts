/** Whether the kubelet takes a pod that was bound to its node (pkg/kubelet/lifecycle/predicate.go:Admit). The scheduler sees to it; a nodeName written by hand does not. */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { safeSysctls } from '../../k8s/pod-security.ts'
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

/** A kernel parameter that a pod may set only where the node's owner allows it (pkg/kubelet/sysctl/allowlist.go:validateSysctl). */
function forbiddenSysctl(pod: K8sObject): string | undefined {
  return ((pod.spec?.securityContext?.sysctls ?? []) as { name: string }[]).map(({ name }) => name.replaceAll('/', '.')).find((name) => !Object.hasOwn(safeSysctls, name))
}

type Reason = { reason: string; message: string; /** Missing of a resource: cpu in thousandths, everything else in whole units. */ lacks?: { resource: string; amount: number } }

/** What does not suit, in the order of the checks. `others` are the pods the kubelet already has. */
function* reasonsAgainst(pod: K8sObject, node: K8sObject, others: readonly K8sObject[]): Iterable<Reason> {
  const allocatable = (node.status?.allocatable ?? {}) as Record<string, string>
  const short = (resource: string, requested: number, used: number, capacity: number): Reason => ({ reason: `OutOf${resource}`, message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`, lacks: { resource, amount: requested - (capacity - used) } })
  const room = Number(allocatable.pods ?? 110)
  if (others.length + 1 > room) yield short('pods', 1, others.length, room)
  for (const [name, { milli }] of podTotals(pod, 'requests')) {
    // Extended resources that the node does not know are the business of others.
    if (milli === 0 || (name.includes('/') && allocatable[name] === undefined)) continue
    const used = others.reduce((sum, other) => sum + requestOf(other, name), 0)
    const capacity = milliOf(allocatable[name]) / unitOf(name)
    const requested = milli / unitOf(name)
    if (requested + used > capacity) yield short(name, requested, used, capacity)
  }
  const failed = (name: string, why: string): Reason => ({ reason: name, message: `Predicate ${name} failed: ${why}` })
  if (!nodeMatches(pod, node)) yield failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")
  if (portsClash(pod, others)) yield failed('NodePorts', "node(s) didn't have free ports for the requested pod ports")
  const deadly = ((node.spec?.taints ?? []) as Fields[]).some((taint) => taint.effect === 'NoExecute' && !tolerates(pod.spec?.tolerations, taint))
  if (deadly) yield failed('TaintToleration', 'node(s) had untolerated taint(s)')
}

function unitOf(resource: string): number {
  return resource === 'cpu' ? 1 : 1000
}

function requestOf(pod: K8sObject, resource: string): number {
  return resource === 'pods' ? 1 : (podTotals(pod, 'requests').get(resource)?.milli ?? 0) / unitOf(resource)
}

/** The verdict about a pod: taken, refused, or taken once others have made room for it. */
export type Verdict = { refused: { reason: string; message: string } } | { preempts: readonly K8sObject[] }

/** A critical pod for which only resources are missing is taken all the same: less important pods go (pkg/kubelet/preemption/preemption.go:HandleAdmissionFailure). */
export function judge(pod: K8sObject, node: K8sObject, others: readonly K8sObject[]): Verdict {
  const pressed = pressure(pod, node)
  if (pressed) return { refused: pressed }
  const unsafe = forbiddenSysctl(pod)
  if (unsafe !== undefined) return { refused: { reason: 'SysctlForbidden', message: `forbidden sysctl: "${unsafe}" not allowlisted` } }
  const reasons = [...reasonsAgainst(pod, node, others)]
  const first = reasons[0]
  if (!first) return { preempts: [] }
  if (!isCritical(pod)) return { refused: first }
  const hard = reasons.find((reason) => !reason.lacks)
  if (hard) return { refused: hard }
  return preemption(pod, others, reasons.map((reason) => reason.lacks!))
}

type Lack = { resource: string; amount: number }

/** The fewest and least important pods that make room: BestEffort before Burstable before Guaranteed (preemption.go:getPodsToPreempt). */
function preemption(pod: K8sObject, others: readonly K8sObject[], lacks: readonly Lack[]): Verdict {
  const candidates = others.filter((other) => !isCritical(other) || (pod.spec?.priority ?? 0) > (other.spec?.priority ?? 0))
  const of = (quality: string): K8sObject[] => candidates.filter((other) => qosClass(other) === quality)
  const [none, some, full] = [of('BestEffort'), of('Burstable'), of('Guaranteed')]
  const unmet = without(lacks, candidates)
  if (unmet.length > 0) return { refused: { reason: 'UnexpectedAdmissionError', message: `Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [${unmet.map(({ resource, amount }) => `(res: ${resource}, q: ${amount}), `).join('')}]` } }
  const guaranteed = closest(full, without(lacks, [...none, ...some]))
  const burstable = closest(some, without(lacks, [...none, ...guaranteed]))
  return { preempts: [...closest(none, without(lacks, [...burstable, ...guaranteed])), ...burstable, ...guaranteed] }
}

function without(lacks: readonly Lack[], pods: readonly K8sObject[]): Lack[] {
  return lacks.map(({ resource, amount }) => ({ resource, amount: amount - pods.reduce((sum, pod) => sum + requestOf(pod, resource), 0) })).filter((lack) => lack.amount > 0)
}

/** Takes the pod that covers most of what is missing, the smaller of two alike, until nothing is missing (getPodsToPreemptByDistance). */
function closest(pods: readonly K8sObject[], lacks: readonly Lack[]): K8sObject[] {
  const left = [...pods]
  const chosen: K8sObject[] = []
  const distance = (pod: K8sObject, missing: readonly Lack[]): number => missing.reduce((sum, { resource, amount }) => sum + (Math.max(0, amount - requestOf(pod, resource)) / amount) ** 2, 0)
  const isSmaller = (a: K8sObject, b: K8sObject): boolean => requestOf(a, 'memory') - requestOf(b, 'memory') < 0 || (requestOf(a, 'memory') === requestOf(b, 'memory') && requestOf(a, 'cpu') <= requestOf(b, 'cpu'))
  for (let missing = [...lacks]; missing.length > 0 && left.length > 0; missing = without(missing, chosen.slice(-1))) {
    let best = 0
    for (let i = 1; i < left.length; i++) {
      const [here, there] = [distance(left[i]!, missing), distance(left[best]!, missing)]
      if (here < there || (here === there && isSmaller(left[i]!, left[best]!))) best = i
    }
    chosen.push(...left.splice(best, 1))
  }
  return chosen
}
