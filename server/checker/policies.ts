/** NetworkPolicies of the inputs: whom they isolate and what they let through. */
import type { Fields, K8sObject } from '../k8s/object.ts'
import { selects, type LabelSelector } from '../k8s/selector.ts'
import { namespaceOf, spaceOf, type Inventory, type Workload } from './inventory.ts'
import { declaredPorts } from './ports.ts'
import { list } from './references.ts'

export type Direction = 'ingress' | 'egress'

/** Does the policy isolate its pods in this direction? (policyTypes is always there after defaulting) */
export function isolates(policy: K8sObject, direction: Direction): boolean {
  return ((policy.spec?.policyTypes ?? []) as string[]).includes(direction === 'ingress' ? 'Ingress' : 'Egress')
}

/** Policies that select the pods of a workload, in the order of the input. */
export function policiesOf(workload: Workload, all: Inventory): readonly K8sObject[] {
  return all.once('policies by workload', () => {
    const found = new Map<K8sObject, K8sObject[]>()
    for (const policy of all.list('NetworkPolicy')) {
      for (const { object } of all.matching(policy.spec?.podSelector as LabelSelector | undefined, namespaceOf(policy))) {
        const own = found.get(object)
        if (own) own.push(policy)
        else found.set(object, [policy])
      }
    }
    return found
  }).get(workload.object) ?? []
}

/** Rules of a direction, of several policies. */
export function rulesOf(policies: readonly K8sObject[], direction: Direction): Fields[] {
  return policies.flatMap((policy) => list(policy.spec?.[direction]))
}

/** Does a rule's list of ports let this one through? No list lets all through; names are looked up in the pod that is connected to. */
export function letsPort(rule: Fields, port: number, protocol: string, workload: Workload | undefined): boolean {
  const ports = list(rule.ports)
  return ports.length === 0 || ports.some((entry) => {
    if ((entry.protocol ?? 'TCP') !== protocol) return false
    if (entry.port === undefined) return true
    if (typeof entry.port === 'string') return workload !== undefined && declaredPorts(workload).some((declared) => declared.name === entry.port && declared.port === port && declared.protocol === protocol)
    return entry.endPort === undefined ? entry.port === port : entry.port <= port && port <= entry.endPort
  })
}

/** Namespaces that the inputs talk about, sorted. Labels other than the name are known only for those whose Namespace is here. */
export function knownNamespaces(all: Inventory): readonly string[] {
  return all.once('known namespaces', () => [...new Set([...all.workloads().map(({ namespace }) => spaceOf(namespace)), ...all.list('Namespace').map(({ metadata }) => metadata.name)])].sort())
}

/** Pods that a peer takes, among the inputs; undefined for addresses, and where the labels of a namespace are not known. */
export function podsOfPeer(peer: Fields, policy: K8sObject, all: Inventory): readonly Workload[] | undefined {
  if (peer.ipBlock) return undefined
  const pods = (peer.podSelector ?? {}) as LabelSelector
  if (!peer.namespaceSelector) return all.matching(pods, namespaceOf(policy))
  return knownNamespaces(all).filter((name) => selects(peer.namespaceSelector as LabelSelector, all.namespaceLabels(name))).flatMap((name) => all.matching(pods, name))
}
