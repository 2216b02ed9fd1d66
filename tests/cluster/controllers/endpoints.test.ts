/** Endpoints and EndpointSlices: what the control plane writes for Services with a selector, and mirrors for those without. */
import { describe, expect, it } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import { runKubectl } from '../../../server/cluster/kubectl/index.ts'
import type { World } from '../runtime/world.ts'
import { deployment, service, world } from '../runtime/world.ts'

const profile = { listen: [{ port: 8080 }, { port: 9090 }], http: { '/readyz': {}, '/': {} }, start: { time: '2s' } }
const probe = { readinessProbe: { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 2 }, ports: [{ name: 'http', containerPort: 8080 }] }
const external = { name: 'db', host: 'db.game.example', address: '203.0.113.20', ports: [3306] }
const selectorless = (name: string, ports: Fields[], spec: Fields = {}): K8sObject => ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'game' }, spec: { clusterIP: '10.96.7.7', clusterIPs: ['10.96.7.7'], type: 'ClusterIP', ports, ...spec } })
const written = (name: string, subsets: Fields[], metadata: Fields = {}): K8sObject => ({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name, namespace: 'game', ...metadata }, subsets })
const played = (objects: readonly K8sObject[], steps: Fields[] = [], scenario: Fields = {}): World => {
  const w = world(profile, objects, { run: { steps }, scenario })
  w.to(30_000)
  return w
}
const endpoints = (w: World, name = 'web'): Fields | undefined => w.cluster.view.get('Endpoints', 'game', name)
const slices = (w: World, name = 'web'): K8sObject[] => w.cluster.view.list('EndpointSlice', 'game').filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name)
const ips = (list: Fields[] | undefined): string[] => (list ?? []).map(({ ip }) => ip as string)

describe('Endpoints of a Service with a selector', () => {
  it('hold ready addresses and the others, and drop a pod on its way out at once', () => {
    const w = played([deployment('web', 2, probe, { terminationGracePeriodSeconds: 20 }), service('web')], [{ at: 40, behave: { workload: 'deployment/web', mode: 'hang', count: 1 } }])
    expect(ips(endpoints(w)!.subsets[0].addresses)).toHaveLength(2)
    expect(endpoints(w)!.metadata.labels).toEqual({ 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' })
    w.to(50_000)
    const [subset] = endpoints(w)!.subsets as Fields[]
    expect([ips(subset!.addresses).length, ips(subset!.notReadyAddresses).length]).toEqual([1, 1])
    const [pod] = w.pods('deployment/web').filter(({ status }) => status!.podIP === ips(subset!.notReadyAddresses)[0])
    w.cluster.api.delete({ kind: 'Pod', namespace: 'game', name: pod!.metadata.name })
    w.to(50_100)
    expect((endpoints(w)!.subsets as Fields[]).flatMap((one) => ips(one.notReadyAddresses))).not.toContain(pod!.status!.podIP)
    // The slice keeps it, as serving or not, until it is gone.
    expect(slices(w).flatMap((slice) => slice.endpoints as Fields[]).find(({ addresses }) => addresses[0] === pod!.status!.podIP)?.conditions).toEqual({ ready: false, serving: false, terminating: true })
  })
  it('put ports with the same addresses together: a pod without a named port is in fewer subsets', () => {
    const named = (name: string, ports: Fields[]): K8sObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game', labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'app:1', ports }] } })
    const both = [{ name: 'http', containerPort: 8080 }, { name: 'metrics', containerPort: 9090 }]
    const w = played([named('a', both), named('b', both.slice(0, 1)), service('web', { targetPort: 'http', name: 'http' }, { ports: [{ name: 'http', port: 80, targetPort: 'http' }, { name: 'metrics', port: 90, targetPort: 'metrics' }] })])
    expect((endpoints(w)!.subsets as Fields[]).map((subset) => [ips(subset.addresses).length, (subset.ports as Fields[]).map(({ name, port }) => `${name} ${port}`)])).toEqual([[2, ['http 8080']], [1, ['metrics 9090']]])
  })
  it('are there without subsets when nothing is selected, come back when deleted, keep a change by hand until something happens, and go with the Service', () => {
    const w = played([service('web')])
    expect(endpoints(w)).toBeDefined()
    expect(endpoints(w)!.subsets).toBeUndefined()
    expect(runKubectl(w.cluster, 'kubectl get endpoints -n game').stdout).toMatch(/^NAME +ENDPOINTS +AGE\nweb +<none> +30s\n$/)
    const uid = endpoints(w)!.metadata.uid as string
    w.cluster.api.delete({ kind: 'Endpoints', namespace: 'game', name: 'web' })
    w.to(30_001)
    expect(endpoints(w)!.metadata.uid).not.toBe(uid)
    w.cluster.api.patch({ kind: 'Endpoints', namespace: 'game', name: 'web' }, { subsets: [{ addresses: [{ ip: '203.0.113.20' }], ports: [{ port: 80 }] }] })
    w.to(60_000)
    expect(ips(endpoints(w)!.subsets[0].addresses)).toEqual(['203.0.113.20'])
    w.cluster.api.patch({ kind: 'Service', namespace: 'game', name: 'web' }, { metadata: { labels: { team: 'lobby' } } })
    w.to(60_001)
    expect([endpoints(w)!.subsets, endpoints(w)!.metadata.labels.team]).toEqual([undefined, 'lobby'])
    w.cluster.api.delete({ kind: 'Service', namespace: 'game', name: 'web' })
    w.to(70_000)
    expect([endpoints(w), slices(w)]).toEqual([undefined, []])
  })
  it('say so with a warning, whatever the verb', () => {
    const w = played([service('web')])
    const warning = 'Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\n'
    for (const command of ['get ep', 'describe endpoints web', 'delete endpoints web']) expect([command, runKubectl(w.cluster, `kubectl ${command} -n game`).stderr]).toEqual([command, warning])
    expect(runKubectl(w.cluster, 'kubectl get endpoints kubernetes -n default').stdout).toMatch(/kubernetes +10\.0\.0\.2:6443 /)
  })
  it('leave nothing out when the Service publishes what is not ready', () => {
    const w = played([deployment('web', 1, { ...probe, readinessProbe: { httpGet: { path: '/nowhere', port: 8080 } } }), service('web', {}, { publishNotReadyAddresses: true })])
    expect(ips(endpoints(w)!.subsets[0].addresses)).toHaveLength(1)
  })
})

describe('EndpointSlices', () => {
  it('take the labels of their Service, also later, and the zone of the node', () => {
    const w = played([deployment('web', 1, probe), service('web')], [], { cluster: { nodes: [{ name: 'node-1', images: ['app:1'], labels: { 'topology.kubernetes.io/zone': 'a' } }] } })
    expect((slices(w)[0]!.endpoints as Fields[])[0]!.zone).toBe('a')
    w.cluster.api.patch({ kind: 'Service', namespace: 'game', name: 'web' }, { metadata: { labels: { team: 'lobby' } } })
    w.to(30_001)
    expect(slices(w)[0]!.metadata.labels).toEqual({ team: 'lobby', 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' })
  })
  it('come back a second after somebody deletes or changes them', () => {
    const w = played([deployment('web', 1, probe), service('web')])
    const { name } = slices(w)[0]!.metadata
    w.cluster.api.delete({ kind: 'EndpointSlice', namespace: 'game', name })
    w.to(30_900)
    expect(slices(w)).toEqual([])
    w.to(31_000)
    const fresh = slices(w)[0]!
    expect(fresh.metadata.name).not.toBe(name)
    w.cluster.api.patch({ kind: 'EndpointSlice', namespace: 'game', name: fresh.metadata.name }, { endpoints: [] })
    w.to(31_500)
    expect(slices(w)[0]!.endpoints).toEqual([])
    w.to(32_000)
    expect(slices(w)[0]!.endpoints).toHaveLength(1)
  })
  it('stay as they were when the selector is taken away', () => {
    const w = played([deployment('web', 1, probe), service('web')], [{ at: 40, patch: { object: 'service/web', merge: { spec: { selector: null } } } }, { at: 50, scale: { workload: 'deployment/web', replicas: 3 } }])
    w.to(80_000)
    const own = slices(w).find(({ metadata }) => metadata.labels!['endpointslice.kubernetes.io/managed-by'] === 'endpointslice-controller.k8s.io')!
    expect(own.endpoints).toHaveLength(1)
  })
})

describe('Endpoints written by hand', () => {
  const db = [selectorless('db', [{ port: 3306, protocol: 'TCP' }]), written('db', [{ addresses: [{ ip: external.address }], ports: [{ port: 3306, protocol: 'TCP' }] }], { labels: { team: 'store' }, annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', note: 'x' } })]
  const ask = (w: World, port = 3306) => w.cluster.network.request({ from: { kind: 'virtual', namespace: 'game', labels: {} }, host: 'db.game', port, protocol: 'TCP', kind: 'connect' })
  it('become a slice, and the Service leads out of the cluster', () => {
    const w = played(db, [], { externals: [external] })
    expect(slices(w, 'db')).toMatchObject([{ metadata: { labels: { team: 'store', 'kubernetes.io/service-name': 'db', 'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io' }, annotations: { note: 'x' }, ownerReferences: [{ kind: 'Endpoints', name: 'db', controller: true }] }, addressType: 'IPv4', ports: [{ name: '', port: 3306, protocol: 'TCP' }], endpoints: [{ addresses: ['203.0.113.20'], conditions: { ready: true } }] }])
    expect(slices(w, 'db')[0]!.metadata.name).toMatch(/^db-[a-z0-9]{5}$/)
    expect(ask(w)).toMatchObject({ ok: true, external: 'db', address: '203.0.113.20' })
    expect(w.cluster.notes).toEqual([])
  })
  it('name the port of the Service, or nobody answers', () => {
    const w = played([selectorless('db', [{ name: 'mysql', port: 3306, protocol: 'TCP' }]), db[1]!], [], { externals: [external] })
    expect(ask(w)).toMatchObject({ ok: false, symptom: 'refused' })
    w.cluster.api.patch({ kind: 'Endpoints', namespace: 'game', name: 'db' }, { subsets: [{ addresses: [{ ip: external.address }], ports: [{ name: 'mysql', port: 3306 }] }] })
    w.to(32_000)
    expect(ask(w)).toMatchObject({ ok: true, external: 'db' })
  })
  it('are lost on an address that nobody has, and refused when none is ready', () => {
    const nowhere = played([db[0]!, written('db', [{ addresses: [{ ip: '203.0.113.99' }], ports: [{ port: 3306 }] }])])
    expect(ask(nowhere)).toMatchObject({ ok: false, symptom: 'timeout' })
    const unready = played([db[0]!, written('db', [{ notReadyAddresses: [{ ip: external.address }], ports: [{ port: 3306 }] }])], [], { externals: [external] })
    expect(slices(unready, 'db')[0]!.endpoints).toEqual([{ addresses: [external.address], conditions: { ready: false } }])
    expect(ask(unready)).toMatchObject({ ok: false, stage: 'no-endpoints' })
  })
  it('meet policies at the address outside, not at the Service', () => {
    const deny = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'out', namespace: 'game' }, spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [{ namespaceSelector: {} }] }] } }
    expect(ask(played([...db, deny], [], { externals: [external] }))).toMatchObject({ ok: false, stage: 'policy' })
    expect(ask(played([...db, { ...deny, spec: { ...deny.spec, egress: [...deny.spec.egress, { to: [{ ipBlock: { cidr: '203.0.113.20/32' } }] }] } } as K8sObject], [], { externals: [external] }))).toMatchObject({ ok: true })
  })
  it('may lead to a pod by its bare address', () => {
    const w = played([deployment('web', 1, probe), selectorless('db', [{ port: 3306, protocol: 'TCP' }])])
    w.cluster.api.create(written('db', [{ addresses: [{ ip: w.pods('deployment/web')[0]!.status!.podIP }], ports: [{ port: 8080 }] }]))
    w.to(32_000)
    expect(ask(w)).toMatchObject({ ok: true, pod: { name: w.pods('deployment/web')[0]!.metadata.name } })
  })
  it('go nowhere with the skip label, without a Service, or beside a selector, and their slice goes when any of that comes', () => {
    expect(slices(played([db[0]!, written('db', db[1]!.subsets as Fields[], { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } })]), 'db')).toEqual([])
    expect(slices(played([db[1]!]), 'db')).toEqual([])
    const w = played(db)
    expect(slices(w, 'db')).toHaveLength(1)
    w.cluster.api.patch({ kind: 'Service', namespace: 'game', name: 'db' }, { spec: { selector: { app: 'db' } } })
    w.to(31_000)
    expect(slices(w, 'db').map(({ metadata }) => metadata.labels!['endpointslice.kubernetes.io/managed-by'])).toEqual(['endpointslice-controller.k8s.io'])
    expect(endpoints(w, 'db')!.subsets).toBeUndefined()
  })
})
