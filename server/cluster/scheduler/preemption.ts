/** Preemption: which pods of lower priority must go so that a pod fits (framework/preemption, plugins/defaultpreemption). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText, keyOf } from '../../k8s/object.ts'
import type { Cluster } from '../types.ts'
import { budgetsOf } from '../eviction.ts'
import { conditionOf } from '../pods.ts'
import type { Failure, FilterInput } from './filters.ts'
import { filtered } from './filters.ts'
import { fitError } from './message.ts'
import type { NodeState, Snapshot } from './snapshot.ts'
import { hasRequiredAntiAffinity, place } from './snapshot.ts'

export type Preemption = { node: string; victims: K8sObject[] } | { message: string }

type Candidate = { node: string; victims: K8sObject[]; violations: number }

function priorityOf(pod: K8sObject): number {
  return (pod.spec?.priority ?? 0) as number
}

function startOf(pod: K8sObject): string {
  return pod.status?.startTime ?? pod.metadata.creationTimestamp ?? ''
}

/** More important first: higher priority, then earlier start. */
function byImportance(a: K8sObject, b: K8sObject): number {
  return priorityOf(b) - priorityOf(a) || compareText(startOf(a), startOf(b)) || compareText(keyOf(a), keyOf(b))
}

/** Terminating because the scheduler preempted it (podTerminatingByPreemption). */
function isLeavingForAnother(pod: K8sObject): boolean {
  const target = conditionOf(pod, 'DisruptionTarget')
  return pod.metadata.deletionTimestamp !== undefined && target?.status === 'True' && target.reason === 'PreemptionByScheduler'
}

/** Chooses victims, or says why preemption cannot help, in the words of the event. */
export function preempt(input: FilterInput, failures: ReadonlyMap<string, Failure>): Preemption {
  const { pod, snapshot, cluster } = input
  if (pod.spec?.preemptionPolicy === 'Never') return { message: 'preemption: not eligible due to preemptionPolicy=Never.' }
  const nominated = pod.status?.nominatedNodeName as string | undefined
  const promised = nominated ? snapshot.nodes.find((state) => state.node.metadata.name === nominated) : undefined
  if (promised && !failures.get(nominated!)?.helpless && promised.pods.some((other) => isLeavingForAnother(other) && priorityOf(other) < priorityOf(pod))) return { message: 'preemption: not eligible due to a terminating pod on the nominated node.' }
  const candidates: Candidate[] = []
  const reasons: string[][] = []
  for (const state of snapshot.nodes) {
    const failure = failures.get(state.node.metadata.name)
    if (failure?.helpless !== false) {
      reasons.push(['Preemption is not helpful for scheduling'])
      continue
    }
    const candidate = victimsOn(input, state)
    if (Array.isArray(candidate)) reasons.push(candidate)
    else candidates.push(candidate)
  }
  if (candidates.length === 0) return { message: `preemption: ${fitError(snapshot.nodes.length, reasons)}` }
  const best = candidates.sort(cheaper)[0]!
  return { node: best.node, victims: best.victims.map((victim) => cluster.view.get('Pod', victim.metadata.namespace ?? '', victim.metadata.name) ?? victim) }
}

/** Fewest budget violations, lowest top priority, smallest sum, fewest victims, latest start of the top victims, name. */
function cheaper(a: Candidate, b: Candidate): number {
  const top = (candidate: Candidate): number => Math.max(...candidate.victims.map(priorityOf))
  const sum = (candidate: Candidate): number => candidate.victims.reduce((total, victim) => total + priorityOf(victim) + 2 ** 31, 0)
  const start = (candidate: Candidate): string => candidate.victims.filter((victim) => priorityOf(victim) === top(candidate)).map(startOf).sort(compareText)[0] ?? ''
  return a.violations - b.violations || top(a) - top(b) || sum(a) - sum(b) || a.victims.length - b.victims.length || compareText(start(b), start(a)) || compareText(a.node, b.node)
}

/** The snapshot with one node changed; anti-affinity guards that left the node no longer guard. */
function withNode(snapshot: Snapshot, changed: NodeState): Snapshot {
  const present = new Set(changed.pods.map(keyOf))
  return {
    nodes: snapshot.nodes.map((state) => (state.node.metadata.name === changed.node.metadata.name ? changed : state)),
    guarded: snapshot.guarded.filter((guard) => guard.node.metadata.name !== changed.node.metadata.name || (hasRequiredAntiAffinity(guard.pod) && present.has(keyOf(guard.pod)))),
  }
}

/** What must go from a node, or why that would not do: each reason counts by itself (SelectVictimsOnNode). */
function victimsOn(input: FilterInput, state: NodeState): Candidate | string[] {
  const copy: NodeState = { node: state.node, pods: [...state.pods], requested: new Map(state.requested), scored: { ...state.scored } }
  const lower = state.pods.filter((other) => priorityOf(other) < priorityOf(input.pod))
  if (lower.length === 0) return ['No preemption victims found for incoming pod']
  for (const other of lower) place(copy, other, -1)
  const failure = (): Failure | undefined => filtered({ ...input, snapshot: withNode(input.snapshot, copy) }, copy)
  const fits = (): boolean => failure() === undefined
  const still = failure()
  if (still) return still.reasons
  const { violating, others } = byBudget(lower, input.cluster)
  const victims: K8sObject[] = []
  let violations = 0
  const reprieve = (pod: K8sObject): boolean => {
    place(copy, pod)
    if (fits()) return true
    place(copy, pod, -1)
    victims.push(pod)
    return false
  }
  for (const pod of violating.sort(byImportance)) if (!reprieve(pod)) violations++
  for (const pod of others.sort(byImportance)) reprieve(pod)
  return { node: state.node.metadata.name, victims: victims.sort(byImportance), violations }
}

/** The selector asks for nothing. */
function isOpen(selector: Fields | undefined): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0
}

/** Pods whose eviction would break a budget, counting what earlier ones already use up (filterPodsWithPDBViolation). */
function byBudget(pods: readonly K8sObject[], cluster: Cluster): { violating: K8sObject[]; others: K8sObject[] } {
  const left = new Map<string, number>()
  const violating: K8sObject[] = []
  const others: K8sObject[] = []
  for (const pod of [...pods].sort(byImportance)) {
    let breaks = false
    for (const budget of budgetsOf(cluster, pod)) {
      // What the eviction API has let go already is used up once; a pod without labels and an empty selector are nobody's.
      if (budget.status?.disruptedPods?.[pod.metadata.name] !== undefined || isOpen(budget.spec?.selector) || Object.keys(pod.metadata.labels ?? {}).length === 0) continue
      const allowed = (left.get(keyOf(budget)) ?? budget.status?.disruptionsAllowed ?? 0) - 1
      left.set(keyOf(budget), allowed)
      if (allowed < 0) breaks = true
    }
    ;(breaks ? violating : others).push(pod)
  }
  return { violating, others }
}
