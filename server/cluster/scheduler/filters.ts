/** Filter plugins in the default order; a node stops at its first failing plugin (scheduler/framework/runtime/framework.go:RunFilterPlugins). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import type { Cluster } from '../types.ts'
import { milliOf } from '../amounts.ts'
import { selects } from '../selection.ts'
import { affinityTermSelects, nodeMatches, requiredTerms, tolerates } from './affinity.ts'
import type { NodeState, Snapshot } from './snapshot.ts'
import { hasRequiredAntiAffinity, place, requestsOf } from './snapshot.ts'
import { volumeLimits } from './volume-limits.ts'
import { volumeBinding, volumeRestrictions, volumeZone } from './volumes.ts'

/** Why a node is out; `helpless`: taking pods off the node would not help (UnschedulableAndUnresolvable). */
export type Failure = { reasons: string[]; helpless: boolean }
export type FilterInput = { pod: K8sObject; cluster: Cluster; snapshot: Snapshot; /** Waiting pods that are to run on a node. */ nominated?: (node: string) => readonly K8sObject[] }
type Filter = (input: FilterInput, state: NodeState) => Failure | undefined

function fails(reason: string, helpless: boolean): Failure {
  return { reasons: [reason], helpless }
}

const nodeUnschedulable: Filter = ({ pod }, { node }) =>
  node.spec?.unschedulable && !tolerates(pod.spec?.tolerations, { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }) ? fails('node(s) were unschedulable', true) : undefined

const taintToleration: Filter = ({ pod, cluster }, { node }) => {
  const taint = ((node.spec?.taints ?? []) as Fields[]).find((item) => item.effect !== 'PreferNoSchedule' && !tolerates(pod.spec?.tolerations, item))
  if (!taint) return undefined
  const named = cluster.scenario.kubernetes === '1.34' ? ` {${taint.key}: ${taint.value ?? ''}}` : '(s)'
  return fails(`node(s) had untolerated taint${named}`, true)
}

const nodeAffinity: Filter = ({ pod }, { node }) => (nodeMatches(pod, node) ? undefined : fails("node(s) didn't match Pod's node affinity/selector", true))

function hostPorts(pod: K8sObject): { port: number; protocol: string; ip: string }[] {
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? []).filter((item: Fields) => item.restartPolicy === 'Always')] as Fields[]
  return containers.flatMap((container) => ((container.ports ?? []) as Fields[]).filter((port) => port.hostPort > 0).map((port) => ({ port: port.hostPort, protocol: port.protocol ?? 'TCP', ip: port.hostIP || '0.0.0.0' })))
}

/** Does the pod want a port of the node that one of the others has? */
export function portsClash(pod: K8sObject, others: readonly K8sObject[]): boolean {
  const wanted = hostPorts(pod)
  if (wanted.length === 0) return false
  const used = others.flatMap(hostPorts)
  return wanted.some((a) => used.some((b) => a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0')))
}

const nodePorts: Filter = ({ pod }, state) => (portsClash(pod, state.pods) ? fails("node(s) didn't have free ports for the requested pod ports", false) : undefined)

/** NodeResourcesFit names every resource that is short; asking for more than the whole node cannot be helped by preemption. */
const resourcesFit: Filter = ({ pod }, state) => {
  const allocatable = (state.node.status?.allocatable ?? {}) as Record<string, string>
  const reasons: string[] = []
  let helpless = false
  if (state.pods.length + 1 > Number(allocatable.pods ?? 110)) reasons.push('Too many pods')
  for (const [name, amount] of requestsOf(pod)) {
    if (amount.milli === 0) continue
    const total = milliOf(allocatable[name])
    if (amount.milli + (state.requested.get(name) ?? 0) <= total) continue
    reasons.push(`Insufficient ${name}`)
    if (amount.milli > total) helpless = true
  }
  return reasons.length === 0 ? undefined : { reasons, helpless }
}

type Constraint = { maxSkew: number; topologyKey: string; whenUnsatisfiable: string; labelSelector?: Fields; minDomains?: number; nodeAffinityPolicy?: string; nodeTaintsPolicy?: string; matchLabelKeys?: string[] }

/** Pods of the namespace that a constraint counts; pods being deleted do not count. */
export function counted(constraint: Constraint, pod: K8sObject, state: NodeState): number {
  const selector = { ...constraint.labelSelector, matchExpressions: [...(constraint.labelSelector?.matchExpressions ?? []), ...(constraint.matchLabelKeys ?? []).filter((key) => pod.metadata.labels?.[key] !== undefined).map((key) => ({ key, operator: 'In', values: [pod.metadata.labels![key]!] }))] }
  if (!constraint.labelSelector) return 0
  return state.pods.filter((other) => other.metadata.namespace === pod.metadata.namespace && !other.metadata.deletionTimestamp && selects(selector, other.metadata.labels)).length
}

function isEligible(constraint: Constraint, pod: K8sObject, node: K8sObject): boolean {
  if (constraint.nodeAffinityPolicy !== 'Ignore' && !nodeMatches(pod, node)) return false
  return constraint.nodeTaintsPolicy !== 'Honor' || ((node.spec?.taints ?? []) as Fields[]).every((taint) => taint.effect === 'PreferNoSchedule' || tolerates(pod.spec?.tolerations, taint))
}

/** Is the skew after placing within the constraint? Example: domains 2 and 1, maxSkew 1, self 1: the domain with 2 gives 2 + 1 − 1 = 2 > 1. */
export function skewAfter(matching: number, self: number, least: number): number {
  return matching + self - least
}

const topologySpread: Filter = ({ pod, snapshot }, state) => {
  const hard = ((pod.spec?.topologySpreadConstraints ?? []) as Constraint[]).filter((constraint) => constraint.whenUnsatisfiable !== 'ScheduleAnyway')
  for (const constraint of hard) {
    const domain = state.node.metadata.labels?.[constraint.topologyKey]
    if (domain === undefined) return fails("node(s) didn't match pod topology spread constraints (missing required label)", true)
    const counts = new Map<string, number>()
    for (const other of snapshot.nodes) {
      if (hard.some((item) => other.node.metadata.labels?.[item.topologyKey] === undefined) || !isEligible(constraint, pod, other.node)) continue
      const value = other.node.metadata.labels![constraint.topologyKey]!
      counts.set(value, (counts.get(value) ?? 0) + counted(constraint, pod, other))
    }
    const least = counts.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...counts.values())
    const self = selects(constraint.labelSelector, pod.metadata.labels) ? 1 : 0
    if (skewAfter(counts.get(domain) ?? 0, self, Number.isFinite(least) ? least : 0) > constraint.maxSkew) return fails("node(s) didn't match pod topology spread constraints", false)
  }
  return undefined
}

const interPodAffinity: Filter = ({ pod, cluster, snapshot }, state) => {
  const labels = state.node.metadata.labels ?? {}
  const sameDomain = (other: K8sObject, key: string): boolean => labels[key] !== undefined && other.metadata.labels?.[key] === labels[key]
  const affinity = requiredTerms(pod, 'podAffinity')
  if (affinity.length > 0) {
    const matchesAll = (other: K8sObject): boolean => affinity.every((term) => affinityTermSelects(term, pod, other, cluster.view))
    const hasKeys = affinity.every((term) => labels[term.topologyKey] !== undefined)
    const satisfied = hasKeys && affinity.every((term) => snapshot.nodes.some((other) => sameDomain(other.node, term.topologyKey) && other.pods.some(matchesAll)))
    const isFirst = hasKeys && matchesAll(pod) && !snapshot.nodes.some((other) => affinity.some((term) => other.node.metadata.labels?.[term.topologyKey] !== undefined) && other.pods.some(matchesAll))
    if (!satisfied && !isFirst) return fails("node(s) didn't match pod affinity rules", true)
  }
  for (const term of requiredTerms(pod, 'podAntiAffinity')) {
    if (snapshot.nodes.some((other) => sameDomain(other.node, term.topologyKey) && other.pods.some((item) => affinityTermSelects(term, pod, item, cluster.view)))) return fails("node(s) didn't match pod anti-affinity rules", false)
  }
  for (const guard of snapshot.guarded) {
    if (requiredTerms(guard.pod, 'podAntiAffinity').some((term) => sameDomain(guard.node, term.topologyKey) && affinityTermSelects(term, guard.pod, pod, cluster.view))) return fails("node(s) didn't satisfy existing pods anti-affinity rules", false)
  }
  return undefined
}

const filters: readonly Filter[] = [nodeUnschedulable, taintToleration, nodeAffinity, nodePorts, resourcesFit, volumeRestrictions, volumeLimits, volumeBinding, volumeZone, topologySpread, interPodAffinity]

/** The first failure of a node, or undefined when the pod may run there: with those that are to run there, and without them, as they may never come. */
export function filtered(input: FilterInput, state: NodeState): Failure | undefined {
  const expected = (input.nominated?.(state.node.metadata.name) ?? []).filter((other) => !state.pods.includes(other))
  return (expected.length > 0 ? withPods(expected, input, state) : undefined) ?? firstFailure(input, state)
}

function withPods(expected: readonly K8sObject[], input: FilterInput, state: NodeState): Failure | undefined {
  const before = input.snapshot.guarded.length
  for (const other of expected) {
    place(state, other)
    if (hasRequiredAntiAffinity(other)) input.snapshot.guarded.push({ pod: other, node: state.node })
  }
  const failure = firstFailure(input, state)
  for (const other of expected) place(state, other, -1)
  input.snapshot.guarded.length = before
  return failure
}

function firstFailure(input: FilterInput, state: NodeState): Failure | undefined {
  for (const filter of filters) {
    const failure = filter(input, state)
    if (failure) return failure
  }
  return undefined
}
