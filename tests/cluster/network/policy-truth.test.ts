/** The truth table of NetworkPolicy on a whole cluster: policies through the API server, pods that listen, requests as clients send them. The rows are those of policy.test.ts, which also tries what depends on nodes and Services. */
import { describe, expect, it } from 'vitest'
import type { LiveCluster } from '../../../server/cluster/index.ts'
import { scenarioSchema, simulate } from '../../../server/cluster/index.ts'
import type { Fields } from '../../../server/k8s/object.ts'
import { fileOf } from '../../support/exercise.ts'

const image = 'registry.game.example/web:1'
const namespaces = ['x', 'y', 'z']
const ports = [80, 81].flatMap((port) => ['TCP', 'UDP'].map((protocol) => ({ name: `serve-${port}-${protocol.toLowerCase()}`, containerPort: port, protocol })))
const podOf = (namespace: string, name: string): Fields => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: { pod: name } }, spec: { containers: [{ name: 'web', image, ports }] } })
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'x' }, spec: { selector: { pod: 'a' }, ports: [{ port: 8000, targetPort: 80 }] } }

function standing(): LiveCluster {
  const scenario = scenarioSchema.parse({
    namespace: 'x', cluster: { namespaces: namespaces.map((name) => ({ name, labels: { ns: name } })) }, registries: { 'registry.game.example': {} }, images: [{ name: image, profile: 'web' }],
    profiles: { web: { image: { user: 0, entrypoint: ['/web'] }, listen: ports.map(({ containerPort, protocol }) => ({ port: containerPort, protocol, kind: protocol === 'TCP' ? 'tcp' : 'udp' })) } },
    runs: [{ name: 'main', length: '30s' }], goals: [{ id: 'any', admitted: {} }],
  })
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf(...namespaces.flatMap((namespace) => ['a', 'b', 'c'].map((name) => podOf(namespace, name))), service) } }).cluster
}
const cluster = standing()
const addressOf = (text: string): string => { const [namespace = '', name = ''] = text.split('/'); return cluster.view.get('Pod', namespace, name)!.status!.podIP as string }

function reaches(from: string, to = 'x/a', port = 80, protocol: 'TCP' | 'UDP' = 'TCP'): boolean {
  const [namespace = '', name = ''] = from.split('/')
  const verdict = cluster.network.request({ from: { kind: 'pod', pod: { kind: 'Pod', namespace, name } }, host: to.includes('/') ? addressOf(to) : to, port, protocol })
  // What is denied is lost: the client sees a timeout and nothing else.
  if (!verdict.ok) expect([verdict.stage, verdict.symptom]).toEqual([verdict.stage === 'dns' ? 'dns' : 'policy', 'timeout'])
  return verdict.ok
}

const ns = (name: string): Fields => ({ namespaceSelector: { matchLabels: { ns: name } } })
const pod = (name: string): Fields => ({ podSelector: { matchLabels: { pod: name } } })
const onA = { podSelector: { matchLabels: { pod: 'a' } } }
const ingress = (...rules: Fields[]): Fields => ({ ...onA, policyTypes: ['Ingress'], ingress: rules })
const egress = (...rules: Fields[]): Fields => ({ namespace: 'y', ...onA, policyTypes: ['Egress'], egress: rules })
const denyAll = { podSelector: {}, policyTypes: ['Ingress'] }
const block = (cidr: string, except?: string): Fields => ({ ipBlock: { cidr, ...(except === undefined ? {} : { except: [except] }) } })

/** [row, policies (in x unless they say otherwise), from x/b, from y/a, from z/c, other requests] */
type Row = [string, () => Fields[], boolean, boolean, boolean, (() => [boolean, boolean][])?]
const rows: Row[] = [
  ['1', () => [], true, true, true],
  ['2', () => [denyAll], false, false, false, () => [[reaches('x/a', 'y/a'), true]]],
  ['3', () => [{ ...denyAll, ingress: [{}] }], true, true, true],
  ['4', () => [{ ...onA, egress: [{}] }], false, false, false, () => [[reaches('x/a', 'y/a'), true]]],
  ['5', () => [{ ...onA, policyTypes: ['Egress'], ingress: [{ from: [pod('c')] }] }], true, true, true],
  ['6', () => [ingress({ from: [pod('b')] })], true, false, false, () => [[reaches('y/b'), false]]],
  ['7', () => [ingress({ from: [ns('y')] })], false, true, false],
  ['8', () => [ingress({ from: [{ ...ns('y'), ...pod('b') }] })], false, false, false, () => [[reaches('y/b'), true]]],
  ['9', () => [ingress({ from: [ns('y'), pod('b')] })], true, true, false],
  ['10', () => [ingress({ from: [{ namespaceSelector: {} }] })], true, true, true],
  ['11', () => [ingress({ from: [{ podSelector: {} }] })], true, false, false],
  ['12', () => [ingress({ ports: [{ port: 81 }] })], false, false, false, () => [[reaches('x/b', 'x/a', 81), true], [reaches('y/a', 'x/a', 81), true], [reaches('z/c', 'x/a', 81), true]]],
  ['13', () => [ingress({ ports: [{ protocol: 'UDP', port: 80 }] })], false, false, false, () => [[reaches('x/b', 'x/a', 80, 'UDP'), true]]],
  ['14', () => [ingress({ ports: [{ port: 'serve-80-tcp' }] })], true, true, true, () => [[reaches('x/b', 'x/a', 81), false]]],
  ['15', () => [ingress({ ports: [{ port: 79, endPort: 80 }] })], true, true, true, () => [[reaches('x/b', 'x/a', 81), false]]],
  ['16', () => [ingress({ from: [ns('y')] }), ingress({ from: [pod('b')] })], true, true, false],
  ['17', () => [denyAll, ingress({ from: [ns('y')] })], false, true, false],
  ['18', () => [ingress({ from: [ns('y')], ports: [{ port: 81 }] }, { from: [ns('z')], ports: [{ port: 80 }] })], false, false, true],
  ['19', () => [ingress({ from: [block('0.0.0.0/0', `${addressOf('y/a')}/32`)] })], true, false, true],
  ['20', () => [ingress({ from: [block('0.0.0.0/0', `${addressOf('y/a')}/32`), block(`${addressOf('y/a')}/32`)] })], true, true, true],
  ['21', () => [{ namespace: 'y', ...ingress() }], true, true, true, () => [[reaches('x/b', 'y/a'), false]]],
  ['22', () => [ingress({ from: [ns('y')] }), { namespace: 'y', podSelector: {}, policyTypes: ['Egress'] }], false, false, false],
  ['23', () => [egress({ to: [ns('x')] })], true, true, true, () => [[reaches('y/a', 'web.x', 8000), false], [reaches('y/a', cluster.view.get('Service', 'x', 'web')!.spec!.clusterIP as string, 8000), true]]],
  ['23, mended', () => [egress({ to: [ns('x')] }), egress({ ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }] })], true, true, true, () => [[reaches('y/a', 'web.x', 8000), true], [reaches('y/a', 'z/b'), false]]],
  ['23, mended for short answers only', () => [egress({ to: [ns('x')] }), egress({ ports: [{ port: 53, protocol: 'UDP' }] })], true, true, true, () => [[reaches('y/a', 'web.x', 8000), true]]],
  ['24', () => [egress({ to: [block(`${cluster.view.get('Service', 'x', 'web')!.spec!.clusterIP as string}/32`)] })], true, false, true, () => [[reaches('y/a', cluster.view.get('Service', 'x', 'web')!.spec!.clusterIP as string, 8000), false]]],
  ['25', () => [egress({ ports: [{ port: 8000 }] })], true, false, true, () => [[reaches('y/a', cluster.view.get('Service', 'x', 'web')!.spec!.clusterIP as string, 8000), false]]],
  ['29', () => [{ namespace: 'y', ...ingress() }], true, true, true],
  ['31', () => [{ podSelector: {}, policyTypes: ['Ingress', 'Egress'] }], false, false, false, () => [[reaches('x/a'), true]]],
]

describe('row', () => {
  it.each(rows)('%s', (_row, policiesOf, b, a, c, others) => {
    const policies = policiesOf().map(({ namespace = 'x', ...spec }, i) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: `p${i}`, namespace: namespace as string }, spec }))
    for (const policy of policies) expect(cluster.api.apply(policy)).not.toHaveProperty('error')
    expect([reaches('x/b'), reaches('y/a'), reaches('z/c')]).toEqual([b, a, c])
    for (const [is, should] of others?.() ?? []) expect(is).toBe(should)
    for (const { metadata } of policies) cluster.api.delete({ kind: 'NetworkPolicy', ...metadata })
    expect(cluster.view.list('NetworkPolicy')).toEqual([])
  })
  it('30', () => {
    cluster.api.apply({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'p', namespace: 'x' }, spec: { ...onA, policyTypes: ['Ingress'] } })
    expect(reaches('x/b')).toBe(false)
    cluster.api.patch({ kind: 'Pod', namespace: 'x', name: 'a' }, { metadata: { labels: { pod: null } } })
    expect([reaches('x/b'), reaches('y/a'), reaches('z/c')]).toEqual([true, true, true])
  })
})
