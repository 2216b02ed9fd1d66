/**
 * NetworkPolicy (k8s.io/api/networking/v1/types.go; behaviour as test/e2e/network/netpol expects): a pod that some policy of its namespace selects for a direction
 * may only use what the union of those policies allows; a connection needs the sender's egress and the receiver's ingress. Rules have no order. PURE.
 */
import type { Fields, K8sObject, Ref } from '../../k8s/object.ts'
import { refOf } from '../../k8s/object.ts'
import type { Cluster } from '../types.ts'
import { selects } from '../selection.ts'
import { inBlock } from './address.ts'
import type { Party } from './party.ts'

export type Direction = 'Ingress' | 'Egress'
export type Permission = { allowed: boolean; policies: Ref[] }

/**
 * May `from` open a connection to `to` on a port of the receiving pod? `sourceIP` is the sender's address as the receiver sees it, after any address translation.
 * `policies` names those that deny, or when allowed those that were asked.
 */
export function permits(cluster: Cluster, from: Party, to: Party, port: number, protocol: 'TCP' | 'UDP', sourceIP = from.address): Permission {
  if (!cluster.scenario.cluster.networkPolicy) return { allowed: true, policies: [] }
  if (from.pod && to.pod && from.pod.metadata.uid === to.pod.metadata.uid && from.pod.metadata.name === to.pod.metadata.name) return { allowed: true, policies: [] }
  // What a node exchanges with its own pods (kubelet probes) is never filtered.
  if ((from.isNode || to.isNode) && from.node !== undefined && from.node === to.node) return { allowed: true, policies: [] }
  const leaving = direction(cluster, 'Egress', from, to, to.address, to, port, protocol)
  if (!leaving.allowed) return leaving
  // A translated sender is the node, no longer the pod or client it was.
  const seen: Party = sourceIP === from.address ? from : { address: sourceIP, isNode: true }
  const arriving = direction(cluster, 'Ingress', to, seen, sourceIP, to, port, protocol)
  return arriving.allowed ? { allowed: true, policies: [...leaving.policies, ...arriving.policies] } : arriving
}

/** The policies that isolate a party in a direction; none when it is not selected, not a pod, or on the host network. */
export function isolating(cluster: Cluster, way: Direction, party: Party): readonly K8sObject[] {
  if (party.isNode || party.namespace === undefined) return []
  return cluster.view.list('NetworkPolicy', party.namespace).filter((policy) => typesOf(policy).includes(way) && selects(policy.spec?.podSelector ?? {}, party.labels))
}

/** Absent policyTypes mean Ingress, and Egress where egress rules are written (networking/v1/defaults.go:SetDefaults_NetworkPolicy). */
function typesOf(policy: K8sObject): readonly string[] {
  if (policy.spec?.policyTypes?.length) return policy.spec.policyTypes
  return policy.spec?.egress?.length ? ['Ingress', 'Egress'] : ['Ingress']
}

function direction(cluster: Cluster, way: Direction, subject: Party, peer: Party, peerAddress: string, receiver: Party, port: number, protocol: string): Permission {
  const policies = isolating(cluster, way, subject)
  const [rules, peers] = way === 'Ingress' ? ['ingress', 'from'] : ['egress', 'to']
  const allowed = policies.length === 0 || policies.some((policy) => ((policy.spec?.[rules!] ?? []) as Fields[]).some((rule) => matchesPorts(rule.ports, receiver, port, protocol) && matchesPeers(cluster, rule[peers!], policy.metadata.namespace ?? '', peer, peerAddress)))
  return { allowed, policies: policies.map((policy) => refOf(policy)) }
}

/** Numbers are ports of the receiving pod, names are looked up among its container ports; no list means every port. */
function matchesPorts(ports: Fields[] | undefined, receiver: Party, port: number, protocol: string): boolean {
  if (!ports?.length) return true
  return ports.some((item) => {
    if ((item.protocol ?? 'TCP') !== protocol) return false
    if (item.port === undefined) return true
    if (typeof item.port === 'string') return namedPorts(receiver, item.port, protocol).includes(port)
    return item.endPort === undefined ? item.port === port : item.port <= port && port <= item.endPort
  })
}

function namedPorts(receiver: Party, name: string, protocol: string): number[] {
  const spec: Fields = receiver.pod?.spec ?? {}
  const sidecars = (spec.initContainers ?? []).filter((container: Fields) => container.restartPolicy === 'Always')
  return [...(spec.containers ?? []), ...sidecars].flatMap((container: Fields) => (container.ports ?? []).filter((item: Fields) => item.name === name && (item.protocol ?? 'TCP') === protocol).map((item: Fields) => item.containerPort as number))
}

/** No list means everyone, outside the cluster too. Selectors see pods only; a block sees any address, pods' included. */
function matchesPeers(cluster: Cluster, peers: Fields[] | undefined, home: string, party: Party, address: string): boolean {
  if (!peers?.length) return true
  return peers.some((peer) => {
    if (peer.ipBlock) return inBlock(address, peer.ipBlock.cidr) && !(peer.ipBlock.except ?? []).some((block: string) => inBlock(address, block))
    if (party.isNode || party.namespace === undefined) return false
    if (peer.namespaceSelector) {
      const labels = { ...cluster.view.get('Namespace', '', party.namespace)?.metadata.labels, 'kubernetes.io/metadata.name': party.namespace }
      if (!selects(peer.namespaceSelector, labels)) return false
    } else if (party.namespace !== home) return false
    return peer.podSelector ? selects(peer.podSelector, party.labels) : true
  })
}
