/** HTTP clients that keep their connections: whom they meet, and what an ending pod costs them. */
import { describe, expect, it } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import type { World } from '../runtime/world.ts'
import { deployment, service, world } from '../runtime/world.ts'

const profile = { listen: [{ port: 8080 }], http: { '/readyz': {}, '/': {}, '/slow': { latency: '900ms' }, '/report': { latency: '350ms' } }, start: { time: '2s' }, stop: { drain: '2s' } }
const probe = { readinessProbe: { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 2 } }
const client = { name: 'lobby', from: { namespace: 'game' }, to: { service: 'service/web', port: 80, path: '/' }, perSecond: 10, connection: 'kept' }
const from = 60_000

function play(steps: Fields[], traffic: Fields = {}, more: { profile?: Fields; container?: Fields; pod?: Fields; replicas?: number; service?: Fields; objects?: K8sObject[]; scenario?: Fields } = {}): World {
  const w = world({ ...profile, ...more.profile }, [deployment('web', more.replicas ?? 2, { ...probe, ...more.container }, more.pod), service('web', {}, more.service), ...(more.objects ?? [])], { run: { steps, traffic: [{ ...client, ...traffic }] }, ...(more.scenario ? { scenario: more.scenario } : {}) })
  w.to(600_000)
  return w
}
const answered = (w: World, since = from, until = 360_000): number[] => [...w.traffic.of('lobby')!.byPod(since, until).values()].sort((a, b) => b - a)
const lost = (w: World, since = from): [number, string][] => w.traffic.of('lobby')!.lost(since, 600_000).map(({ at, error }) => [at, error])
const errors = (w: World, since = from): string[] => [...new Set(lost(w, since).map(([, error]) => error))]
const grown = { at: 120, scale: { workload: 'deployment/web', replicas: 4 } }

describe('clients that keep their connections', () => {
  it('stay with the pod that took them, and a few spread unevenly', () => {
    expect(answered(play([]))).toEqual([3000])
    expect(answered(play([], { connections: 3 }))).toEqual([2000, 1000])
    // A connection of its own for every request spreads evenly.
    expect(answered(play([], { connection: 'short' }))).toEqual([1500, 1500])
  })
  it('bring pods that come later nothing', () => {
    expect(answered(play([grown], { connections: 4 }), 200_000, 400_000)).toEqual([1000, 1000])
    expect(answered(play([grown], { connection: 'short' }), 200_000, 400_000)).toHaveLength(4)
  })
  it('take a second connection while the first is busy, and use the two in turn', () => {
    const slow = play([], { to: { ...client.to, path: '/report' }, perSecond: 4 })
    expect(answered(slow)).toEqual([600, 600])
    expect(errors(slow)).toEqual([])
  })
  it('connect anew when a connection was idle for too long', () => {
    const rare = { perSecond: 0.05 }
    expect(answered(play([], { ...rare, idle: '10s' }))).toEqual([8, 7])
    expect(answered(play([], rare))).toEqual([15])
    const balanced = { cluster: { loadBalancerIdle: '10s', nodes: [{ name: 'node-1', images: ['app:1'] }] } }
    expect(answered(play([], { ...rare, from: { address: '198.51.100.7' } }, { service: { type: 'LoadBalancer' }, scenario: balanced }))).toEqual([8, 7])
  })
  it('go on meeting a pod that is no longer ready, until it ends', () => {
    const unready = [{ at: 100, patch: { object: 'deployment/web', merge: { spec: { paused: true } } } }]
    const w = world({ ...profile, http: { ...profile.http, '/readyz': { depends: ['db'] } }, upstreams: [{ name: 'db', host: 'db.game.example', port: 3306 }] }, [deployment('web', 2, probe), service('web')], { run: { steps: [...unready, { at: 120, external: { name: 'db', state: 'refused' } }], traffic: [client, { ...client, name: 'fresh', connection: 'short' }] }, scenario: { externals: [{ name: 'db', host: 'db.game.example', address: '203.0.113.20', ports: [3306] }] } })
    w.to(300_000)
    expect(w.traffic.of('lobby')!.lost(from, 300_000)).toEqual([])
    expect(w.traffic.of('fresh')!.lost(from, 300_000).at(-1)!.error).toMatch(/connect: connection refused$/)
  })
  it('keep a pod busy after it left the endpoints: what is said during a preStop pause still reaches it', () => {
    const pause = { lifecycle: { preStop: { sleep: { seconds: 10 } } } }
    const w = play([{ at: 100, deletePods: { workload: 'deployment/web', count: 2 } }], {}, { container: pause })
    const before = [...w.traffic.of('lobby')!.byPod(90_000, 100_000).keys()]
    expect([...w.traffic.of('lobby')!.byPod(105_000, 109_000).keys()]).toEqual(before)
    expect([...w.traffic.of('lobby')!.byPod(111_000, 120_000).keys()]).not.toEqual(before)
    expect(errors(w)).toEqual([])
  })
  it('lose nothing when a server closes idle connections and kube-proxy already knows', () => {
    expect(errors(play([{ at: 100, restart: 'deployment/web' }], { connections: 4 }, { container: { lifecycle: { preStop: { sleep: { seconds: 5 } } } } }))).toEqual([])
    // Without the pause the next connection may be led to the pod that has just stopped listening.
    expect(errors(play([{ at: 100, restart: 'deployment/web' }], { connections: 4 }))).toEqual([expect.stringMatching(/^dial tcp .*:80: connect: connection refused$/)])
  })
  it('send a GET again whose connection broke off, but no POST', () => {
    const crash = [{ at: 100.45, behave: { workload: 'deployment/web', mode: 'crash', count: 1 } }]
    const slow = { to: { ...client.to, path: '/slow' }, perSecond: 2, connections: 2 }
    const posted = lost(play(crash, { ...slow, method: 'POST' })).filter(([at]) => at === 100_450)
    expect(posted).toEqual([[100_450, 'read: connection reset by peer']])
    const got = lost(play(crash, slow)).filter(([at]) => at === 100_450)
    expect(got.map(([, error]) => error)).not.toContain('read: connection reset by peer')
  })
  it('give a connection up when nobody answers in time, and meet another pod with the next', () => {
    const w = play([{ at: 100, behave: { workload: 'deployment/web', mode: 'hang', count: 1 } }], { timeout: '2s', connections: 2 }, { container: { readinessProbe: { ...probe.readinessProbe, failureThreshold: 1 } } })
    expect(errors(w)).toEqual(['context deadline exceeded (Client.Timeout exceeded while awaiting headers)'])
    expect(lost(w).length).toBeLessThan(40)
    expect(lost(w, 110_000)).toEqual([])
  })
  it('are not asked for a policy that comes later, new connections are', () => {
    const deny = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'deny', namespace: 'game' }, spec: { podSelector: {}, policyTypes: ['Ingress'] } }
    const w = world(profile, [deployment('web', 2, probe), service('web')], { run: { traffic: [client, { ...client, name: 'fresh', connection: 'short' }] } })
    w.to(100_000)
    w.cluster.api.create(deny)
    w.to(200_000)
    expect(w.traffic.of('lobby')!.lost(from, 200_000)).toEqual([])
    expect(w.traffic.of('fresh')!.lost(from, 200_000).at(-1)!.error).toMatch(/i\/o timeout$/)
  })
  it('lead through an Ingress to every pod: the controller balances each request', () => {
    const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'web', namespace: 'game' }, spec: { ingressClassName: 'nginx', rules: [{ host: 'play.game.example', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }] } }] } }
    const w = play([], { from: { address: '198.51.100.7' }, to: { host: 'play.game.example', port: 80, path: '/' } }, { objects: [ingress], scenario: { cluster: { ingressClass: 'nginx', nodes: [{ name: 'node-1', images: ['app:1'] }] } } })
    expect(answered(w)).toEqual([1500, 1500])
  })
  it('cost few looks while nothing changes', () => {
    const w = play([], { connections: 100, perSecond: 100 })
    expect(w.traffic.of('lobby')!.sent(from, 600_000)).toBe(54_000)
    expect(w.cluster.loop.events).toBeLessThan(6000)
    expect(answered(w)).toEqual([15_000, 15_000])
  })
})
