/** Streams of gRPC: each stays on the connection and with the pod of its client until it is over, the pod ends, or something on the way closes it. */
import { describe, expect, it } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import type { World } from '../runtime/world.ts'
import { deployment, service, world } from '../runtime/world.ts'

const probe = { readinessProbe: { grpc: { port: 9000 }, periodSeconds: 2 } }
const pause = { lifecycle: { preStop: { sleep: { seconds: 5 } } } }
const watchers = { listen: [{ port: 9000, kind: 'grpc' }], grpc: { '': {}, 'game.Match/Watch': {} }, start: { time: '2s' }, stop: { drain: '10s' } }
const streams = { name: 'watchers', from: { namespace: 'game' }, to: { service: 'service/web', port: 80, grpc: 'game.Match/Watch' }, connection: 'long', perSecond: 1, lasts: '2m', connections: 4 }
const from = 60_000
const afterGoAway = (why: string): string => `rpc error: code = Unavailable desc = closing transport due to: connection error: desc = "error reading from server: EOF", received prior goaway: code: NO_ERROR, debug data: "${why}"`

function play(steps: Fields[], traffic: Fields = {}, more: { profile?: Fields; container?: Fields; pod?: Fields; service?: Fields; objects?: K8sObject[]; scenario?: Fields } = {}): World {
  const w = world({ ...watchers, ...more.profile }, [deployment('web', 2, { ...probe, ...pause, ...more.container }, more.pod), service('web', { targetPort: 9000 }, more.service), ...(more.objects ?? [])], { run: { length: '30m', steps, traffic: [{ ...streams, ...traffic }] }, ...(more.scenario ? { scenario: more.scenario } : {}) })
  w.to(1_500_000)
  return w
}
const lost = (w: World, since = from): [number, string][] => w.traffic.of('watchers')!.lost(since, 1_500_000).map(({ at, error }) => [at, error])
const errors = (w: World): string[] => [...new Set(lost(w).map(([, error]) => error))]
const deleteOne = { at: 300, deletePods: { workload: 'deployment/web', count: 1 } }

describe('streams of gRPC', () => {
  it('stay with the pod of their connection; pods that come later get none', () => {
    const w = play([{ at: 100, scale: { workload: 'deployment/web', replicas: 4 } }])
    expect(lost(w)).toEqual([])
    expect([...w.traffic.of('watchers')!.byPod(200_000, 500_000).values()]).toEqual([150, 150])
  })
  it('are counted as lost when the server stops before they are over, and come back together', () => {
    const w = play([deleteOne])
    expect(errors(w)).toEqual([afterGoAway('graceful_stop')])
    // The pause, then ten seconds of draining.
    expect(new Set(lost(w).map(([at]) => at))).toEqual(new Set([315_000]))
    expect(lost(w).length).toBeGreaterThan(40)
    // One was to end within that second.
    const lines = w.cluster.timeline.filter(({ kind }) => kind === 'reconnected' || kind === 'request-lost').filter(({ at }) => at > 315_000).map(({ text }) => text)
    expect(lines).toEqual([`watchers: ${lost(w).length} streams lost: ${afterGoAway('graceful_stop')}`, `watchers: ${lost(w).length - 1} streams open again 1 s after the cut`])
  })
  it('are over in time where the drain and the grace are long enough', () => {
    expect(lost(play([deleteOne], {}, { profile: { stop: { drain: '2m' } }, pod: { terminationGracePeriodSeconds: 150 } }))).toEqual([])
  })
  it('tell a server that was killed while it drained from one that crashed', () => {
    expect(errors(play([deleteOne], {}, { profile: { stop: { drain: '10m' } } }))).toEqual([afterGoAway('graceful_stop')])
    expect(errors(play([{ at: 300, behave: { workload: 'deployment/web', mode: 'crash', count: 1 } }]))).toContain('rpc error: code = Unavailable desc = error reading from server: EOF')
  })
  it('outlive the age of their connection, but not its grace', () => {
    const aged = (more: Fields): World => play([], {}, { profile: { listen: [{ port: 9000, kind: 'grpc', maxConnectionAge: '${AGE:-5m}', ...more }] } })
    expect(lost(aged({}))).toEqual([])
    expect(lost(aged({ maxConnectionAgeGrace: '2m' }))).toEqual([])
    const short = aged({ maxConnectionAgeGrace: '30s' })
    expect(errors(short)).toEqual([afterGoAway('max_age')])
    // Four connections, each some seconds younger than the one before; those of their streams that were younger than 90 s.
    expect(new Set(lost(short, 300_000).filter(([at]) => at < 400_000).map(([at]) => Math.floor(at / 10_000))).size).toBeLessThanOrEqual(2)
  })
  it('stay open on a pod that hangs', () => {
    expect(lost(play([{ at: 300, behave: { workload: 'deployment/web', mode: 'hang' } }], { ends: '299s' }))).toEqual([])
  })
  it('are given up on a node without power by who pings, soon', () => {
    const dark = (traffic: Fields): [number, string][] => lost(play([{ at: 300, failNode: 'node-1' }, { at: 300, failNode: 'node-2' }, { at: 300, failNode: 'node-3' }], { lasts: '25m', ends: '299s', ...traffic }), 300_000)
    expect(dark({ keepalive: '30s' }).filter(([at]) => at === 350_000).map(([, error]) => error)[0]).toBe('rpc error: code = Unavailable desc = keepalive ping failed to receive ACK within timeout')
    expect(dark({}).map(([at]) => at)[0]).toBe(1_224_600)
  })
  it('are closed by a load balancer when nobody says anything, unless the client pings', () => {
    const idle = { service: { type: 'LoadBalancer' }, scenario: { cluster: { loadBalancerIdle: '60s', nodes: [{ name: 'node-1', images: ['app:1'] }] } } }
    const outside = { from: { address: '198.51.100.7' }, messages: '90s' }
    expect(errors(play([], outside, idle))).toEqual(['rpc error: code = Unavailable desc = error reading from server: EOF'])
    expect(errors(play([], { ...outside, keepalive: '30s' }, idle))).toEqual([])
  })
  it('are closed by an Ingress that hears nothing for a minute, pings or not', () => {
    const ingress = (annotations: Record<string, string> = {}): K8sObject => ({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'web', namespace: 'game', annotations: { 'nginx.ingress.kubernetes.io/backend-protocol': 'GRPC', ...annotations } }, spec: { ingressClassName: 'nginx', tls: [{ hosts: ['match.game.example'], secretName: 'cert' }], rules: [{ host: 'match.game.example', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }] } }] } })
    const secret: K8sObject = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'cert', namespace: 'game' }, type: 'kubernetes.io/tls', data: { 'tls.crt': btoa('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'), 'tls.key': btoa('key') } }
    const through = (annotations: Record<string, string>, traffic: Fields): string[] => errors(play([], { from: { address: '198.51.100.7' }, to: { host: 'match.game.example', port: 443, grpc: 'game.Match/Watch', tls: true }, ...traffic }, { objects: [ingress(annotations), secret], scenario: { cluster: { ingressClass: 'nginx', nodes: [{ name: 'node-1', images: ['app:1'] }] } } }))
    expect(through({}, { messages: '70s', keepalive: '30s' })).toEqual(['rpc error: code = Internal desc = stream terminated by RST_STREAM with error code: INTERNAL_ERROR'])
    expect(through({}, { messages: '50s' })).toEqual([])
    expect(through({ 'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600', 'nginx.ingress.kubernetes.io/proxy-send-timeout': '3600' }, { messages: '70s' })).toEqual([])
  })
})

describe('the processor', () => {
  const cores = (profile: Fields, traffic: Fields): number => {
    const w = world({ ...watchers, ...profile }, [deployment('web', 1, { ...probe }), service('web', { targetPort: 9000 })], { run: { traffic: [{ ...streams, ...traffic }] } })
    w.to(300_000)
    return w.cluster.runtime.containers({ kind: 'Pod', namespace: 'game', name: w.pods('deployment/web')[0]!.metadata.name })[0]!.cpuCores().wanted
  }
  it('pays for every message of what is held open, where the profile says so', () => {
    // 120 streams of one message a second each, a millisecond each.
    expect(cores({ cpu: { idle: 0, perMessage: 0.001 } }, { messages: '1s' })).toBeCloseTo(0.12, 2)
    expect(cores({ cpu: { idle: 0, perRequest: 0.001 } }, { messages: '1s' })).toBeLessThan(0.01)
    // Nobody came for two minutes: all of them are over.
    expect(cores({ cpu: { idle: 0, perMessage: 0.001 } }, { messages: '1s', ends: '170s' })).toBe(0)
    const players = { listen: [{ port: 9000, kind: 'ws' }], http: { '/play': {} }, cpu: { idle: 0, perMessage: 0.001 } }
    const w = world({ ...watchers, ...players, grpc: {} }, [deployment('web', 1), service('web', { targetPort: 9000 })], { run: { traffic: [{ name: 'players', from: { namespace: 'game' }, to: { service: 'service/web', port: 80, websocket: '/play' }, perSecond: 1, lasts: '1m', messages: '500ms' }] } })
    w.to(300_000)
    expect(w.cluster.runtime.containers({ kind: 'Pod', namespace: 'game', name: w.pods('deployment/web')[0]!.metadata.name })[0]!.cpuCores().wanted).toBeCloseTo(0.12, 2)
  })
})
