/** Who may talk to whom, row by row: three namespaces x, y, z with pods a, b, c each; the policy sits on x/a unless the row says otherwise. */
import { describe, expect, it } from 'vitest'
import type { K8sObject } from '../../../server/k8s/object.ts'
import { createNetwork } from '../../../server/cluster/network/index.ts'
import type { Cluster, RunningContainer, Source } from '../../../server/cluster/types.ts'

const names = ['x', 'y', 'z']
const pods = ['a', 'b', 'c']
const ipOf = (namespace: string, pod: string): string => `10.244.${names.indexOf(namespace) + 1}.${pods.indexOf(pod) + 1}`
const container = { name: 'app', ports: [{ name: 'serve-80-tcp', containerPort: 80, protocol: 'TCP' }, { name: 'serve-81-tcp', containerPort: 81, protocol: 'TCP' }, { name: 'serve-80-udp', containerPort: 80, protocol: 'UDP' }] }

function podOf(namespace: string, name: string, labels: Record<string, string> = { pod: name }): K8sObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, uid: `${namespace}-${name}`, labels }, spec: { nodeName: `node-${namespace}`, containers: [container] }, status: { phase: 'Running', podIP: ipOf(namespace, name) } }
}

function policyOf(spec: Record<string, unknown>, name = 'p', namespace = 'x'): K8sObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec: { podSelector: { matchLabels: { pod: 'a' } }, ...spec } }
}

/** A cluster of fixed objects in which every pod listens on 80 and 81. */
function networkOf(extra: readonly K8sObject[], proxyLag = 0) {
  const objects: K8sObject[] = [
    ...names.map((name): K8sObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { ns: name } } })),
    ...names.map((name, i): K8sObject => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: `node-${name}` }, status: { addresses: [{ type: 'InternalIP', address: `10.0.0.${11 + i}` }] } })),
    ...names.flatMap((namespace) => pods.map((pod) => podOf(namespace, pod))),
  ]
  const all = new Map([...objects, ...extra].map((object) => [`${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`, object]))
  const listening = { spec: { name: 'app' }, respond: (request: { port: number }) => (request.port === 80 || request.port === 81 ? { outcome: 'ok', status: 200, latencyMs: 1 } : { outcome: 'refused' }), listening: () => [] } as unknown as RunningContainer
  const cluster = {
    now: 60_000,
    scenario: { cluster: { networkPolicy: true, proxyLag, nodeSubnet: '10.0.0.0/16' }, externals: [] },
    view: { get: (kind: string, namespace: string, name: string) => all.get(`${kind}/${namespace}/${name}`), list: (kind: string, namespace?: string) => [...all.values()].filter((object) => object.kind === kind && (namespace === undefined || object.metadata.namespace === namespace)), owned: () => [] },
    runtime: { containers: () => [listening] },
  } as unknown as Cluster
  return createNetwork(cluster)
}

const from = (text: string): Source => { const [namespace = '', name = ''] = text.split('/'); return { kind: 'pod', pod: { kind: 'Pod', namespace, name } } }
const client = (address: string): Source => ({ kind: 'external', address })
const into = (network: ReturnType<typeof networkOf>, source: Source, port = 80, protocol: 'TCP' | 'UDP' = 'TCP', target = 'x/a', seenAs?: string): boolean => network.allowed(source, from(target), port, protocol, seenAs).allowed

const ns = (name: string) => ({ namespaceSelector: { matchLabels: { ns: name } } })
const pod = (name: string) => ({ podSelector: { matchLabels: { pod: name } } })
const types = (...policyTypes: string[]) => ({ policyTypes })
const ingress = (...rules: unknown[]) => ({ ...types('Ingress'), ingress: rules })
const denyAll = { podSelector: {}, ...types('Ingress') }

/** [row, policies, from x/b, from y/a, from z/c, other facts `source port/protocol → allowed`] */
const table: [string, K8sObject[], boolean, boolean, boolean, [string, number, 'TCP' | 'UDP', boolean][]?][] = [
  ['1 no policy', [], true, true, true],
  ['2 deny all ingress', [policyOf(denyAll)], false, false, false],
  ['3 one empty rule', [policyOf({ ...denyAll, ingress: [{}] })], true, true, true],
  ['4 no policyTypes, egress rules only', [policyOf({ egress: [{}] })], false, false, false],
  ['5 Egress only, ingress rules ignored', [policyOf({ ...types('Egress'), ingress: [{ from: [pod('c')] }] })], true, true, true],
  ['6 pod selector', [policyOf(ingress({ from: [pod('b')] }))], true, false, false, [['y/b', 80, 'TCP', false]]],
  ['7 namespace selector', [policyOf(ingress({ from: [ns('y')] }))], false, true, false],
  ['8 both in one item', [policyOf(ingress({ from: [{ ...ns('y'), ...pod('b') }] }))], false, false, false, [['y/b', 80, 'TCP', true]]],
  ['9 two items', [policyOf(ingress({ from: [ns('y'), pod('b')] }))], true, true, false],
  ['10 every namespace', [policyOf(ingress({ from: [{ namespaceSelector: {} }] }))], true, true, true, [['203.0.113.9', 80, 'TCP', false]]],
  ['11 every pod of its namespace', [policyOf(ingress({ from: [{ podSelector: {} }] }))], true, false, false],
  ['12 another port', [policyOf(ingress({ ports: [{ port: 81 }] }))], false, false, false, [['x/b', 81, 'TCP', true], ['z/c', 81, 'TCP', true]]],
  ['13 UDP only', [policyOf(ingress({ ports: [{ protocol: 'UDP', port: 80 }] }))], false, false, false, [['x/b', 80, 'UDP', true]]],
  ['14 named port', [policyOf(ingress({ ports: [{ port: 'serve-80-tcp' }] }))], true, true, true, [['x/b', 81, 'TCP', false]]],
  ['15 port range', [policyOf(ingress({ ports: [{ port: 79, endPort: 80 }] }))], true, true, true, [['x/b', 81, 'TCP', false]]],
  ['16 union of two policies', [policyOf(ingress({ from: [ns('y')] }), 'one'), policyOf(ingress({ from: [pod('b')] }), 'two')], true, true, false],
  ['17 deny all and one allowance', [policyOf(denyAll, 'one'), policyOf(ingress({ from: [ns('y')] }), 'two')], false, true, false],
  ['18 rules do not mix', [policyOf(ingress({ from: [ns('y')], ports: [{ port: 81 }] }, { from: [ns('z')], ports: [{ port: 80 }] }))], false, false, true],
  ['19 block with an exception', [policyOf(ingress({ from: [{ ipBlock: { cidr: '0.0.0.0/0', except: [`${ipOf('y', 'a')}/32`] } }] }))], true, false, true],
  ['20 a second block adds it back', [policyOf(ingress({ from: [{ ipBlock: { cidr: '0.0.0.0/0', except: [`${ipOf('y', 'a')}/32`] } }, { ipBlock: { cidr: `${ipOf('y', 'a')}/32` } }] }))], true, true, true],
  ['21 a policy of another namespace', [policyOf(ingress(), 'p', 'y')], true, true, true],
  ['22 the sender may not leave', [policyOf(ingress({ from: [ns('y')] })), policyOf({ podSelector: {}, ...types('Egress') }, 'p', 'y')], false, false, false],
  ['30 selection follows labels', [policyOf(types('Ingress')), podOf('x', 'a', {})], true, true, true],
]

describe('network policies', () => {
  it.each(table)('%s', (_row, objects, b, a, c, others = []) => {
    for (const order of [objects, [...objects].reverse()]) {
      const network = networkOf(order)
      expect([into(network, from('x/b')), into(network, from('y/a')), into(network, from('z/c'))]).toEqual([b, a, c])
      for (const [source, port, protocol, allowed] of others) expect(into(network, source.includes('/') ? from(source) : client(source), port, protocol)).toBe(allowed)
    }
  })

  const service = (spec: Record<string, unknown>): K8sObject[] => [
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'x' }, spec: { clusterIP: '10.96.7.7', ports: [{ port: 80, targetPort: 81, protocol: 'TCP', nodePort: 30080 }], ...spec } },
    { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'web-1', namespace: 'x', labels: { 'kubernetes.io/service-name': 'web' } }, ports: [{ name: '', port: 81, protocol: 'TCP' }], endpoints: [{ addresses: [ipOf('x', 'a')], conditions: { ready: true }, nodeName: 'node-x', targetRef: { kind: 'Pod', namespace: 'x', name: 'a' } }] },
  ]
  const ask = (objects: K8sObject[], source: Source, host: string, port = 80) => networkOf(objects).request({ from: source, host, port, protocol: 'TCP' })
  const egress = (rule: unknown) => policyOf({ ...types('Egress'), egress: [rule] }, 'p', 'y')

  it('23 a name needs DNS, an address does not', () => {
    const objects = [...service({}), egress({ to: [ns('x')] })]
    expect(ask(objects, from('y/a'), 'web.x')).toMatchObject({ ok: false, stage: 'dns', symptom: 'timeout' })
    expect(ask(objects, from('y/a'), '10.96.7.7')).toMatchObject({ ok: true })
  })
  it('24 a cluster IP in a block matches nothing', () => expect(ask([...service({}), egress({ to: [{ ipBlock: { cidr: '10.96.7.7/32' } }] })], from('y/a'), '10.96.7.7')).toMatchObject({ ok: false, stage: 'policy', symptom: 'timeout' }))
  it('25 the port that counts is that of the pod', () => {
    expect(ask([...service({}), egress({ ports: [{ port: 80 }] })], from('y/a'), '10.96.7.7')).toMatchObject({ ok: false, stage: 'policy' })
    expect(ask([...service({}), egress({ ports: [{ port: 81 }] })], from('y/a'), '10.96.7.7')).toMatchObject({ ok: true, port: 81 })
  })
  it('26 the kubelet always gets in', () => expect(into(networkOf([policyOf(denyAll)]), { kind: 'node', node: 'node-x' })).toBe(true))
  it('27 another node does not, unless its address is allowed', () => {
    expect(into(networkOf([policyOf(denyAll)]), { kind: 'node', node: 'node-y' })).toBe(false)
    expect(into(networkOf([policyOf(ingress({ from: [{ ipBlock: { cidr: '10.0.0.12/32' } }] }))]), { kind: 'node', node: 'node-y' })).toBe(true)
  })
  it('27 nor does a pod in the network of another node', () => {
    const agent = podOf('z', 'c')
    const onHost = { ...agent, spec: { ...agent.spec, hostNetwork: true }, status: { phase: 'Running', podIP: '10.0.0.13' } }
    expect(into(networkOf([onHost, policyOf(denyAll)]), from('z/c'))).toBe(false)
    expect(into(networkOf([onHost, policyOf(ingress({ from: [ns('z')] }))]), from('z/c'))).toBe(false)
    expect(into(networkOf([onHost, policyOf(ingress({ from: [{ ipBlock: { cidr: '10.0.0.13/32' } }] }))]), from('z/c'))).toBe(true)
  })
  it('28 a node port hides the client unless its policy is Local', () => {
    const policy = policyOf(ingress({ from: [{ ipBlock: { cidr: '203.0.113.9/32' } }] }))
    expect(ask([...service({ type: 'NodePort' }), policy], client('203.0.113.9'), '10.0.0.12', 30080)).toMatchObject({ ok: false, stage: 'policy' })
    expect(ask([...service({ type: 'NodePort', externalTrafficPolicy: 'Local' }), policy], client('203.0.113.9'), '10.0.0.11', 30080)).toMatchObject({ ok: true, sourceIP: '203.0.113.9' })
    expect(ask([...service({ type: 'NodePort', externalTrafficPolicy: 'Local' }), policy], client('203.0.113.9'), '10.0.0.12', 30080)).toMatchObject({ ok: false, symptom: 'timeout' })
  })
  it('29 answers come back through a closed door', () => expect(into(networkOf([policyOf(denyAll, 'p', 'y')]), from('y/a'))).toBe(true))
  it('31 a pod reaches itself', () => expect(into(networkOf([policyOf({ podSelector: {}, ...types('Ingress', 'Egress') })]), from('x/a'))).toBe(true))
  it('a port the Service lacks is lost, an empty Service refuses', () => {
    expect(ask(service({}), from('y/a'), '10.96.7.7', 9999)).toMatchObject({ stage: 'no-such-port', error: 'dial tcp 10.96.7.7:9999: i/o timeout' })
    expect(ask(service({}).slice(0, 1), from('y/a'), '10.96.7.7')).toMatchObject({ stage: 'no-endpoints', error: 'dial tcp 10.96.7.7:80: connect: connection refused' })
  })
})
