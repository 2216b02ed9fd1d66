/** What kube-proxy does with a connection: which endpoints it may use, what it refuses or drops, and whose address the pod sees. */
import { describe, expect, it } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import type { Source } from '../../../server/cluster/types.ts'
import type { World } from '../runtime/world.ts'
import { service, world } from '../runtime/world.ts'

const profile = { listen: [{ port: 8080 }], http: { '/': {} }, start: { time: '1s' } }
const on = (name: string, node: string, labels: Record<string, string>, spec: Fields = {}, container: Fields = {}): K8sObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game', labels }, spec: { nodeName: node, tolerations: [], containers: [{ name: 'app', image: 'app:1', ...container }], ...spec } })
/** Backend a on node-1, backend b on node-2, clients near (node-1) and far (node-3). */
const pods = [on('a', 'node-1', { app: 'web' }), on('b', 'node-2', { app: 'web' }), on('near', 'node-1', {}), on('far', 'node-3', {})]
const outside: Source = { kind: 'external', address: '203.0.113.9' }
const pod = (name: string): Source => ({ kind: 'pod', pod: { kind: 'Pod', namespace: 'game', name } })
const node = (name: string): Source => ({ kind: 'node', node: name })
const [node1, node2, node3] = ['10.0.0.10', '10.0.0.11', '10.0.0.12'] as const

function started(spec: Fields, objects: readonly K8sObject[] = pods, port: Fields = {}): World {
  const w = world(profile, [...objects, service('web', { nodePort: 30080, ...port }, spec)])
  w.to(30_000)
  return w
}
const ip = (w: World, name: string): string => w.cluster.view.get('Pod', 'game', name)!.status!.podIP as string
const ask = (w: World, from: Source, host: string, port = 80) => w.cluster.network.request({ from, host, port, protocol: 'TCP', kind: 'connect' })
/** Whom a dozen connections meet and with which source, or the one symptom. */
function met(w: World, from: Source, host: string, port = 80): string[] {
  const seen = Array.from({ length: 12 }, () => ask(w, from, host, port)).map((verdict) => (verdict.ok ? `${verdict.pod!.name} ${verdict.sourceIP}` : verdict.symptom))
  return [...new Set(seen)].sort()
}
const clusterIP = (w: World): string => w.cluster.view.get('Service', 'game', 'web')!.spec!.clusterIP as string
const balancer = (w: World): string => w.cluster.view.get('Service', 'game', 'web')!.status!.loadBalancer.ingress[0].ip as string

describe('a cluster IP', () => {
  it('leads to every endpoint and keeps the source, but for who comes back to itself', () => {
    const w = started({})
    expect(met(w, pod('far'), clusterIP(w))).toEqual([`a ${ip(w, 'far')}`, `b ${ip(w, 'far')}`])
    expect(met(w, pod('a'), clusterIP(w))).toEqual([`a ${node1}`, `b ${ip(w, 'a')}`])
  })
  it('comes back to the pod itself under a policy that lets nobody in', () => {
    const deny = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'deny', namespace: 'game' }, spec: { podSelector: {}, policyTypes: ['Ingress'] } }
    const w = started({}, [...pods, deny])
    expect(met(w, pod('a'), clusterIP(w))).toEqual([`a ${node1}`, 'timeout'])
  })
  it('with internalTrafficPolicy Local is dropped where the node has no endpoint, and refused where nobody has', () => {
    const w = started({ internalTrafficPolicy: 'Local' })
    expect(met(w, pod('near'), clusterIP(w))).toEqual([`a ${ip(w, 'near')}`])
    expect(met(w, pod('far'), clusterIP(w))).toEqual(['timeout'])
    const empty = started({ internalTrafficPolicy: 'Local' }, pods.slice(2))
    expect(met(empty, pod('far'), clusterIP(empty))).toEqual(['refused'])
  })
  it('is nothing outside, and has no other port', () => {
    const w = started({})
    expect([met(w, outside, clusterIP(w)), met(w, pod('far'), clusterIP(w), 81)]).toEqual([['timeout'], ['timeout']])
  })
  it('with affinity keeps a client at one pod until its time is over', () => {
    const w = started({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } })
    expect(met(w, pod('far'), clusterIP(w))).toEqual([`a ${ip(w, 'far')}`])
    w.to(85_000)
    expect(met(w, pod('far'), clusterIP(w))).toEqual([`a ${ip(w, 'far')}`])
    // Every connection begins the time anew.
    w.to(144_000)
    expect(met(w, pod('far'), clusterIP(w))).toEqual([`a ${ip(w, 'far')}`])
    w.to(205_000)
    expect(met(w, pod('far'), clusterIP(w))).toEqual([`b ${ip(w, 'far')}`])
  })
})

describe('a node port', () => {
  it('answers on every node and hides the client behind that node', () => {
    const w = started({ type: 'NodePort' })
    for (const address of [node1, node2, node3]) expect(met(w, outside, address, 30080)).toEqual([`a ${address}`, `b ${address}`])
    expect(met(w, pod('far'), node1, 30080)).toEqual([`a ${node1}`, `b ${node1}`])
    expect(met(w, outside, node1, 30081)).toEqual(['refused'])
  })
  it('with externalTrafficPolicy Local serves what the node has, with the source, and drops the rest', () => {
    const w = started({ type: 'NodePort', externalTrafficPolicy: 'Local' })
    expect(met(w, outside, node1, 30080)).toEqual(['a 203.0.113.9'])
    expect(met(w, outside, node3, 30080)).toEqual(['timeout'])
    // From the node itself and its pods every endpoint will do; another node is outside.
    expect(met(w, node('node-3'), node3, 30080)).toEqual([`a ${node3}`, `b ${node3}`])
    expect(met(w, pod('far'), node3, 30080)).toEqual([`a ${ip(w, 'far')}`, `b ${ip(w, 'far')}`])
    expect(met(w, pod('near'), node3, 30080)).toEqual(['timeout'])
  })
  it('refuses on every node when no pod serves, whatever the policy', () => {
    const w = started({ type: 'NodePort', externalTrafficPolicy: 'Local' }, pods.slice(2))
    expect(met(w, outside, node1, 30080)).toEqual(['refused'])
  })
})

describe('a load balancer', () => {
  it('hides clients, those inside too, unless the policy is Local', () => {
    const cluster = started({ type: 'LoadBalancer' })
    expect(met(cluster, outside, balancer(cluster)).every((text) => text.includes(' 10.0.0.'))).toBe(true)
    expect(met(cluster, pod('far'), balancer(cluster))).toEqual([`a ${node3}`, `b ${node3}`])
    const local = started({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' })
    expect(met(local, outside, balancer(local)).every((text) => text.endsWith(' 203.0.113.9'))).toBe(true)
    expect(met(local, pod('far'), balancer(local))).toEqual([`a ${ip(local, 'far')}`, `b ${ip(local, 'far')}`])
  })
  it('lets only its source ranges in, on its own address: node ports and external IPs know no ranges', () => {
    const w = started({ type: 'LoadBalancer', loadBalancerSourceRanges: ['198.51.100.0/24'], externalIPs: ['192.0.2.7'] })
    expect(met(w, outside, balancer(w))).toEqual(['timeout'])
    expect(met(w, { kind: 'external', address: '198.51.100.7' }, balancer(w))).toHaveLength(2)
    expect(met(w, pod('far'), balancer(w))).toEqual(['timeout'])
    expect(met(w, outside, node1, 30080)).toHaveLength(2)
    expect(met(w, outside, '192.0.2.7')).toHaveLength(2)
  })
})

describe('a host port', () => {
  const hosted = (hostIP?: string): K8sObject[] => [...pods, on('hosted', 'node-2', {}, {}, { ports: [{ containerPort: 8080, hostPort: 8081, ...(hostIP === undefined ? {} : { hostIP }) }] })]
  it('is on its node alone and keeps the source', () => {
    const w = started({}, hosted())
    expect([met(w, outside, node2, 8081), met(w, outside, node1, 8081)]).toEqual([['hosted 203.0.113.9'], ['refused']])
  })
  it('is on the address it names', () => {
    expect(met(started({}, hosted(node2)), outside, node2, 8081)).toEqual(['hosted 203.0.113.9'])
    expect(met(started({}, hosted('127.0.0.1')), outside, node2, 8081)).toEqual(['refused'])
  })
  it('is not needed in the network of the host', () => {
    const w = started({}, [...pods, on('agent', 'node-3', {}, { hostNetwork: true })])
    expect(met(w, outside, node3, 8080)).toEqual(['agent 203.0.113.9'])
  })
})

describe('a headless Service', () => {
  it('leads to pods at the port the client names, not at targetPort', () => {
    const w = started({ clusterIP: 'None' }, pods, { nodePort: undefined })
    expect([ask(w, pod('far'), 'web.game', 8080).ok, met(w, pod('far'), 'web.game', 80)]).toEqual([true, ['refused']])
  })
})
