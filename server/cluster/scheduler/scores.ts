/** Scores of the nodes that fit; the highest sum wins, ties go to the lowest node name (a real scheduler draws lots). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText } from '../../k8s/object.ts'
import type { Cluster } from '../types.ts'
import { milliOf } from '../amounts.ts'
import { controllerOf } from '../pods.ts'
import { selects, selectsAll } from '../selection.ts'
import { affinityTermSelects, requiredTerms, termMatches, tolerates } from './affinity.ts'
import type { NodeState, Snapshot } from './snapshot.ts'
import { requestsOf, scoredRequests } from './snapshot.ts'

const weights = { taint: 3, nodeAffinity: 2, spread: 2, podAffinity: 2, fit: 1, balance: 1, images: 1 }
const megabyte = 1024 * 1024

/** Mean share left free, 0 to 100 (LeastAllocated). Example: 1 of 4 CPUs and 2 of 8 GiB used → 75. */
export function leastAllocated(parts: readonly { used: number; total: number }[]): number {
  const scores = parts.filter((part) => part.total > 0).map((part) => (part.used > part.total ? 0 : Math.floor(((part.total - part.used) * 100) / part.total)))
  return scores.length === 0 ? 0 : Math.floor(scores.reduce((sum, score) => sum + score, 0) / scores.length)
}

/** 100 minus the spread of the used shares: nodes whose cpu and memory fill evenly score high. */
export function balance(parts: readonly { used: number; total: number }[]): number {
  const shares = parts.filter((part) => part.total > 0).map((part) => Math.min(1, part.used / part.total))
  if (shares.length < 2) return 100
  return Math.floor((1 - Math.abs(shares[0]! - shares[1]!) / 2) * 100)
}

/** How much the images that are there already count: their sizes by the share of the nodes that have them, from 23 MB up to 1000 MB per image (ImageLocality). Example: 600 MB on one of two nodes, one container: 28. */
export function imageLocality(sizes: readonly { bytes: number; share: number }[], images: number): number {
  const least = 23 * megabyte * images
  const most = 1000 * megabyte * images
  const sum = sizes.reduce((total, { bytes, share }) => total + Math.floor(bytes * share), 0)
  return Math.floor((100 * (Math.min(most, Math.max(least, sum)) - least)) / (most - least))
}

/** Nodes report images by their full names, so those written in short are not found, as in a real scheduler (normalizedImageName). */
function imageScores(pod: K8sObject, nodes: readonly NodeState[], snapshot: Snapshot): number[] {
  const volumes = ((pod.spec?.volumes ?? []) as Fields[]).flatMap((volume) => (volume.image ? [volume.image.reference] : []))
  const wanted = [...((pod.spec?.initContainers ?? []) as Fields[]).map((one) => one.image), ...((pod.spec?.containers ?? []) as Fields[]).map((one) => one.image), ...volumes].map((image) => (/[:@][^/]*$/.test(String(image)) ? String(image) : `${String(image)}:latest`))
  const sizesOn = ({ node }: NodeState): Map<string, number> => new Map(((node.status?.images ?? []) as Fields[]).flatMap((image) => ((image.names ?? []) as string[]).filter((name) => wanted.includes(name)).map((name): [string, number] => [name, image.sizeBytes ?? 0])))
  const all = snapshot.nodes.map((state) => ({ state, sizes: sizesOn(state) }))
  if (all.every(({ sizes }) => sizes.size === 0)) return nodes.map(() => 0)
  const share = (name: string): number => all.filter(({ sizes }) => sizes.has(name)).length / all.length
  return nodes.map((state) => {
    const sizes = all.find((one) => one.state.node === state.node)!.sizes
    return imageLocality(wanted.flatMap((name) => (sizes.has(name) ? [{ bytes: sizes.get(name)!, share: share(name) }] : [])), wanted.length)
  })
}

/** Scales to 0–100 by the highest; `reverse` makes the lowest best (helper.DefaultNormalizeScore). */
function normalised(raw: number[], reverse = false): number[] {
  const most = Math.max(...raw)
  if (most === 0) return raw.map(() => (reverse ? 100 : 0))
  return raw.map((value) => (reverse ? 100 - Math.floor((value * 100) / most) : Math.floor((value * 100) / most)))
}

/** Scales to 0–100 between the lowest and the highest. */
function stretched(raw: number[]): number[] {
  const least = Math.min(...raw)
  const span = Math.max(...raw) - least
  return raw.map((value) => (span === 0 ? 0 : Math.floor(((value - least) * 100) / span)))
}

type Soft = { topologyKey: string; maxSkew: number; counts(other: K8sObject): boolean }

/** The pod's own soft constraints, or the built-in ones (hostname 3, zone 5) for pods of a Service or a set. */
function softConstraints(pod: K8sObject, cluster: Cluster): Soft[] {
  const own = (pod.spec?.topologySpreadConstraints ?? []) as Fields[]
  const near = (other: K8sObject): boolean => other.metadata.namespace === pod.metadata.namespace && !other.metadata.deletionTimestamp
  if (own.length > 0) return own.filter((item) => item.whenUnsatisfiable === 'ScheduleAnyway').map((item) => ({ topologyKey: item.topologyKey, maxSkew: item.maxSkew, counts: (other) => near(other) && selects(item.labelSelector, other.metadata.labels) }))
  const namespace = pod.metadata.namespace ?? ''
  const services = cluster.view.list('Service', namespace).filter((service) => Object.keys(service.spec?.selector ?? {}).length > 0 && selectsAll(service.spec.selector, pod.metadata.labels))
  const owner = controllerOf(pod)
  const set = owner && (owner.kind === 'ReplicaSet' || owner.kind === 'StatefulSet') ? cluster.view.get(owner.kind, namespace, owner.name) : undefined
  if (services.length === 0 && !set) return []
  const counts = (other: K8sObject): boolean => near(other) && services.every((service) => selectsAll(service.spec.selector, other.metadata.labels)) && (!set || selects(set.spec.selector, other.metadata.labels))
  return [{ topologyKey: 'kubernetes.io/hostname', maxSkew: 3, counts }, { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5, counts }]
}

function spreadScores(pod: K8sObject, nodes: readonly NodeState[], snapshot: Snapshot, cluster: Cluster): number[] {
  const constraints = softConstraints(pod, cluster)
  if (constraints.length === 0) return nodes.map(() => 0)
  const raw = nodes.map(() => 0)
  for (const constraint of constraints) {
    const counts = new Map<string, number>()
    for (const state of snapshot.nodes) {
      const domain = state.node.metadata.labels?.[constraint.topologyKey]
      if (domain !== undefined) counts.set(domain, (counts.get(domain) ?? 0) + state.pods.filter(constraint.counts).length)
    }
    if (counts.size === 0) continue
    nodes.forEach((state, i) => {
      const domain = state.node.metadata.labels?.[constraint.topologyKey]
      if (domain !== undefined) raw[i]! += (counts.get(domain) ?? 0) * Math.log(counts.size + 2) + (constraint.maxSkew - 1)
    })
  }
  const rounded = raw.map((value) => Math.round(value))
  const most = Math.max(...rounded)
  const least = Math.min(...rounded)
  return rounded.map((value) => (most === 0 ? 100 : Math.floor((100 * (most + least - value)) / most)))
}

/** Preferred terms of the pod and of those already there; a required affinity of an existing pod counts 1. */
function podAffinityScores(pod: K8sObject, nodes: readonly NodeState[], snapshot: Snapshot, cluster: Cluster): number[] {
  const preferred = (item: K8sObject, kind: string): Fields[] => item.spec?.affinity?.[kind]?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  const byDomain = new Map<string, number>()
  const add = (node: K8sObject, key: string, weight: number): void => {
    const value = node.metadata.labels?.[key]
    if (value !== undefined) byDomain.set(`${key}\0${value}`, (byDomain.get(`${key}\0${value}`) ?? 0) + weight)
  }
  for (const state of snapshot.nodes) {
    for (const other of state.pods) {
      for (const [kind, sign] of [['podAffinity', 1], ['podAntiAffinity', -1]] as const) {
        for (const item of preferred(pod, kind)) if (affinityTermSelects(item.podAffinityTerm, pod, other, cluster.view)) add(state.node, item.podAffinityTerm.topologyKey, sign * item.weight)
        for (const item of preferred(other, kind)) if (affinityTermSelects(item.podAffinityTerm, other, pod, cluster.view)) add(state.node, item.podAffinityTerm.topologyKey, sign * item.weight)
      }
      for (const term of requiredTerms(other, 'podAffinity')) if (affinityTermSelects(term, other, pod, cluster.view)) add(state.node, term.topologyKey, 1)
    }
  }
  if (byDomain.size === 0) return nodes.map(() => 0)
  return stretched(nodes.map((state) => [...byDomain].reduce((sum, [domain, weight]) => {
    const [key = '', value] = domain.split('\0')
    return state.node.metadata.labels?.[key] === value ? sum + weight : sum
  }, 0)))
}

/** The best node; `nodes` are those that passed the filters. */
export function bestNode(pod: K8sObject, nodes: readonly NodeState[], snapshot: Snapshot, cluster: Cluster): NodeState {
  if (nodes.length === 1) return nodes[0]!
  const asks = scoredRequests(pod)
  const bestEffort = !pod.spec?.containers?.some((container: Fields) => container.resources?.requests?.cpu !== undefined || container.resources?.requests?.memory !== undefined)
  const parts = (state: NodeState): { used: number; total: number }[] => [
    { used: state.scored.cpu + asks.cpu, total: milliOf(state.node.status?.allocatable?.cpu) },
    { used: state.scored.memory + asks.memory, total: milliOf(state.node.status?.allocatable?.memory) },
  ]
  const own = requestsOf(pod)
  const requested = (state: NodeState, withPod: boolean): { used: number; total: number }[] => ['cpu', 'memory'].map((name) => ({ used: (state.requested.get(name) ?? 0) + (withPod ? (own.get(name)?.milli ?? 0) : 0), total: milliOf(state.node.status?.allocatable?.[name]) }))
  const images = imageScores(pod, nodes, snapshot)
  const taints = normalised(nodes.map(({ node }) => ((node.spec?.taints ?? []) as Fields[]).filter((taint) => taint.effect === 'PreferNoSchedule' && !tolerates(pod.spec?.tolerations, taint)).length), true)
  const preferred = (pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) as Fields[]
  const affinity = normalised(nodes.map(({ node }) => preferred.filter((item) => termMatches(item.preference ?? {}, node)).reduce((sum, item) => sum + item.weight, 0)))
  const spread = spreadScores(pod, nodes, snapshot, cluster)
  const company = podAffinityScores(pod, nodes, snapshot, cluster)
  const totals = nodes.map((state, i) => {
    const even = bestEffort ? 0 : 50 + Math.trunc((50 + balance(requested(state, true)) - balance(requested(state, false))) / 2)
    return taints[i]! * weights.taint + affinity[i]! * weights.nodeAffinity + spread[i]! * weights.spread + company[i]! * weights.podAffinity + leastAllocated(parts(state)) * weights.fit + Math.min(100, even) * weights.balance + images[i]! * weights.images
  })
  return nodes.map((state, i) => ({ state, total: totals[i]! })).sort((a, b) => b.total - a.total || compareText(a.state.node.metadata.name, b.state.node.metadata.name))[0]!.state
}
