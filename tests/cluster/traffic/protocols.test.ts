/** Clients of gRPC, who keep their connection, and of WebSocket, who hold one open: whom they meet, what they lose, and in which words. */
import { describe, expect, it } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import { scenarioSchema } from '../../../server/cluster/scenario.ts'
import type { World } from '../runtime/world.ts'
import { deployment, service, world } from '../runtime/world.ts'

const probe = { readinessProbe: { grpc: { port: 9000 }, periodSeconds: 2 } }
const match = { listen: [{ port: 9000, kind: 'grpc' }], grpc: { '': {}, 'game.Match/Find': {} }, start: { time: '2s' }, stop: { drain: '2s' } }
const calls = { name: 'lobby', from: { namespace: 'game' }, to: { service: 'service/web', port: 80, grpc: 'game.Match/Find' }, perSecond: 10 }
const grpcService = (spec: Fields = {}): K8sObject => service('web', { targetPort: 9000 }, spec)
const from = 60_000

function play(profile: Fields, objects: readonly K8sObject[], steps: Fields[], traffic: Fields, scenario: Fields = {}): World {
  const w = world(profile, objects, { run: { steps, traffic: [traffic] }, scenario })
  w.to(600_000)
  return w
}
const grpc = (steps: Fields[], traffic: Fields = {}, more: { profile?: Fields; container?: Fields; pod?: Fields; replicas?: number; service?: Fields; scenario?: Fields } = {}): World =>
  play({ ...match, ...more.profile }, [deployment('web', more.replicas ?? 2, { ...probe, ...more.container }, more.pod), grpcService(more.service)], steps, { ...calls, ...traffic }, more.scenario)
const answered = (w: World, since: number, until = 600_000): number[] => [...w.traffic.of('lobby')!.byPod(since, until).values()].sort((a, b) => b - a)
const errors = (w: World, name = 'lobby', since = from): string[] => [...new Set(w.traffic.of(name)!.lost(since, 600_000).map(({ error }) => error))]

describe('calls of gRPC', () => {
  it('stick to the pod that took the connection', () => {
    const w = grpc([])
    expect(answered(w, from, 360_000)).toEqual([3000])
    expect(errors(w)).toEqual([])
  })
  it('bring new pods nothing until clients connect anew', () => {
    const scaled = grpc([{ at: 120, scale: { workload: 'deployment/web', replicas: 4 } }], { connections: 2 })
    expect(answered(scaled, 200_000, 400_000)).toEqual([1000, 1000])
    const aged = grpc([{ at: 120, scale: { workload: 'deployment/web', replicas: 4 } }], { connections: 8 }, { profile: { listen: [{ port: 9000, kind: 'grpc', maxConnectionAge: '${MAX_AGE:-}' }] }, container: { env: [{ name: 'MAX_AGE', value: '30s' }] } })
    expect(answered(aged, 200_000, 400_000)).toHaveLength(4)
    expect(errors(aged)).toEqual([])
  })
  it('spread over a headless Service by a client that takes addresses in turn, but not over pods that it has not heard of', () => {
    const headless = { clusterIP: 'None' }
    const to = { ...calls.to, port: 9000 }
    expect(answered(grpc([], { to }, { service: headless }), from, 160_000)).toEqual([1000])
    expect(answered(grpc([], { to, balancing: 'round-robin' }, { service: headless }), from, 160_000)).toEqual([500, 500])
    const scaled = grpc([{ at: 120, scale: { workload: 'deployment/web', replicas: 4 } }], { to, balancing: 'round-robin' }, { service: headless })
    expect(answered(scaled, 200_000, 400_000)).toEqual([1000, 1000])
    const heard = grpc([{ at: 120, scale: { workload: 'deployment/web', replicas: 4 } }, { at: 160, deletePods: { workload: 'deployment/web', count: 1 } }], { to, balancing: 'round-robin' }, { service: headless })
    expect(answered(heard, 200_000, 400_000).length).toBeGreaterThanOrEqual(3)
  })
  it('fail at once while the back-off lasts when a server stops before kube-proxy knows, and not after a preStop pause', () => {
    const careless = grpc([{ at: 100, restart: 'deployment/web' }], { connections: 4 })
    expect(errors(careless)).toEqual([expect.stringMatching(/^rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp .*: connect: connection refused"$/)])
    expect(careless.cluster.timeline.find(({ kind, text }) => kind === 'request-lost' && text.includes('calls lost: rpc error'))).toBeDefined()
    expect(errors(grpc([{ at: 100, restart: 'deployment/web' }], { connections: 4 }, { container: { lifecycle: { preStop: { sleep: { seconds: 5 } } } } }))).toEqual([])
  })
  it('go on meeting a hung pod after it has left the endpoints: the connection is not cut', () => {
    const w = grpc([{ at: 100, behave: { workload: 'deployment/web', mode: 'hang', count: 2 } }, { at: 110, scale: { workload: 'deployment/web', replicas: 3 } }])
    const lost = w.traffic.of('lobby')!.lost(from, 600_000)
    expect(errors(w)).toEqual(['rpc error: code = DeadlineExceeded desc = context deadline exceeded'])
    expect(lost).toHaveLength(5000)
    // A liveness probe ends the process, and with it the connection.
    const healed = grpc([{ at: 100, behave: { workload: 'deployment/web', mode: 'hang', count: 2 } }], {}, { container: { livenessProbe: { grpc: { port: 9000 }, periodSeconds: 5 } }, pod: { terminationGracePeriodSeconds: 5 } })
    expect(healed.traffic.of('lobby')!.lost(300_000, 600_000)).toEqual([])
  })
  it('tells a killed server from one that says no', () => {
    const slow = grpc([{ at: 100, behave: { workload: 'deployment/web', mode: 'crash' } }], {}, { profile: { grpc: { '': {}, 'game.Match/Find': { latency: '900ms' } } } })
    expect(errors(slow)).toContain('rpc error: code = Unavailable desc = error reading from server: read: connection reset by peer')
  })
  it.each<[string, Fields, Fields, string]>([
    ['an unknown method', {}, { grpc: 'game.Match/Leave' }, 'rpc error: code = Unimplemented desc = unknown method Leave for service game.Match'],
    ['a dependency that is away', { grpc: { '': {}, 'game.Match/Find': { depends: ['db'] } }, upstreams: [{ name: 'db', host: 'db.game', port: 3306 }] }, {}, 'rpc error: code = Unavailable desc = a dependency is unavailable'],
    ['a code of its own', { grpc: { '': {}, 'game.Match/Find': { status: 8 } } }, {}, 'rpc error: code = ResourceExhausted desc = the call failed'],
    ['a slow answer', { grpc: { '': {}, 'game.Match/Find': { latency: '9s' } } }, {}, 'rpc error: code = DeadlineExceeded desc = context deadline exceeded'],
    ['health that does not serve', { grpc: { '': {}, 'game.Match': { status: 503 } } }, { grpc: 'game.Match' }, 'service unhealthy (responded with "NOT_SERVING")'],
    ['health of a service nobody registered', {}, { grpc: 'game.Chat' }, 'rpc error: code = NotFound desc = unknown service'],
    ['a name nobody has', {}, { service: undefined, host: 'absent.game', grpc: 'game.Match/Find' }, 'rpc error: code = Unavailable desc = name resolver error: produced zero addresses'],
  ])('%s', (_name, profile, to, error) => expect(errors(grpc([], { to: { ...calls.to, ...to } }, { profile }))).toEqual([error]))
  it('is no HTTP: a web server says something else', () => {
    const w = play({ listen: [{ port: 9000 }] }, [deployment('web', 1), grpcService()], [], calls)
    expect(errors(w)).toEqual(['rpc error: code = Unavailable desc = connection error: desc = "error reading server preface: http2: frame too large"'])
  })
  it('hang on a node without power until the kernel gives up, or the client that pings', () => {
    const spread = { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } }] }
    const played = (traffic: Fields): World => {
      const w = world(match, [deployment('web', 3, probe, spread), grpcService()], { run: { length: '30m', traffic: [{ ...calls, ...traffic }], steps: [1, 2, 3].slice(0, 1).map((n) => ({ at: 100, failNode: `node-${n}` })) } })
      w.to(1_500_000)
      return w
    }
    const last = (w: World): number => Math.round((w.traffic.of('lobby')!.lost(100_000, 1_500_000).at(-1)?.at ?? 0) / 1000)
    // Three clients, one of them on the node that failed.
    expect(last(played({ connections: 3 }))).toBeGreaterThan(1000)
    expect(last(played({ connections: 3, keepalive: '30s' }))).toBeLessThan(155)
  })
  it('costs few looks while nothing changes', () => {
    const w = grpc([], { connections: 3 })
    expect(w.traffic.of('lobby')!.sent(from, 600_000)).toBe(5400)
    expect(w.cluster.loop.events).toBeLessThan(2500)
  })
})

describe('gRPC through an Ingress', () => {
  const ingress = (annotations?: Record<string, string>): K8sObject => ({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'web', namespace: 'game', ...(annotations ? { annotations } : {}) }, spec: { ingressClassName: 'nginx', tls: [{ hosts: ['match.game.example'] }], rules: [{ host: 'match.game.example', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }] } }] } })
  const outside = { ...calls, from: { address: '198.51.100.7' } }
  const through = (port: number, annotations?: Record<string, string>): World => play(match, [deployment('web', 2, probe), grpcService(), ingress(annotations)], [], { ...outside, to: { host: 'match.game.example', port, grpc: 'game.Match/Find' } }, { cluster: { ingressClass: 'nginx', nodes: [{ name: 'node-1', images: ['app:1'] }] } })
  it('needs TLS: nginx speaks HTTP/2 on 443 alone', () => {
    expect(errors(through(80, { 'nginx.ingress.kubernetes.io/backend-protocol': 'GRPC' }))).toEqual(['rpc error: code = Unavailable desc = connection error: desc = "error reading server preface: http2: frame too large"'])
  })
  it('is balanced call by call where the controller speaks gRPC, and answered with 502 where it does not', () => {
    const ask = (w: World) => w.cluster.network.request({ from: { kind: 'external', address: '198.51.100.7' }, host: 'match.game.example', port: 443, protocol: 'TCP', kind: 'grpc', service: 'game.Match/Find', tls: 'any' })
    const spoken = through(80, { 'nginx.ingress.kubernetes.io/backend-protocol': 'GRPC' })
    const met = [ask(spoken), ask(spoken)]
    expect(met.map((one) => one.ok && one.status)).toEqual([0, 0])
    expect(new Set(met.map((one) => one.pod?.name)).size).toBe(2)
    expect(ask(through(80))).toMatchObject({ ok: true, status: 502 })
    expect(spoken.cluster.network.request({ from: { kind: 'external', address: '198.51.100.7' }, host: 'match.game.example', port: 443, protocol: 'TCP', kind: 'http', path: '/', tls: 'any' })).toMatchObject({ ok: true, status: 415 })
  })
})

const play2 = { listen: [{ port: 8080, kind: 'ws' }], http: { '/readyz': {}, '/play': {} }, start: { time: '2s' } }
const players = { name: 'players', from: { address: '198.51.100.7' }, to: { service: 'service/web', port: 80, websocket: '/play' }, perSecond: 1, lasts: '2m' }
const webProbe = { readinessProbe: { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 2 } }
const ws = (steps: Fields[], traffic: Fields = {}, more: { profile?: Fields; container?: Fields; pod?: Fields; service?: Fields; scenario?: Fields } = {}): World =>
  play({ ...play2, ...more.profile }, [deployment('web', 2, { ...webProbe, ...more.container }, more.pod), service('web', {}, { type: 'LoadBalancer', ...more.service })], steps, { ...players, ...traffic }, more.scenario)
const cuts = (w: World, since = from): [number, string][] => w.traffic.of('players')!.lost(since, 600_000).map(({ at, error }) => [at, error])
const back = (w: World): string[] => w.cluster.timeline.filter(({ kind }) => kind === 'reconnected').map(({ text }) => text)

describe('WebSocket connections', () => {
  it('stay open for their time and lose nothing', () => {
    const w = ws([])
    expect(cuts(w)).toEqual([])
    expect(w.traffic.of('players')!.sent(from, 360_000)).toBe(300)
    expect([...w.traffic.of('players')!.byPod(from, 360_000).values()]).toEqual([150, 150])
  })
  it('end with their pod: those of a match that outlasts the grace period are broken off, and come back together', () => {
    const w = ws([{ at: 300, deletePods: { workload: 'deployment/web', count: 1 } }], {}, { profile: { stop: { drain: '10m' } }, container: { lifecycle: { preStop: { sleep: { seconds: 5 } } } } })
    const found = cuts(w)
    // A player a second to two pods, two minutes each; those who came before the pod was on its way out, less those who were done in its thirty seconds.
    expect(new Set(found.map(([, error]) => error))).toEqual(new Set(['websocket: close 1006 (abnormal closure): unexpected EOF']))
    expect(new Set(found.map(([at]) => at))).toEqual(new Set([330_000]))
    expect(found.length).toBeGreaterThan(40)
    expect(back(w)).toEqual([`players: ${found.length} connections open again 1 s after the cut`])
    expect(w.cluster.timeline.some(({ kind, text }) => kind === 'request-lost' && text.startsWith(`players: ${found.length} connections lost: websocket: close 1006`))).toBe(true)
  })
  it('are told that the server goes away when it drains for less than a match', () => {
    const w = ws([{ at: 300, deletePods: { workload: 'deployment/web', count: 1 } }], {}, { profile: { stop: { drain: '10s' } }, container: { lifecycle: { preStop: { sleep: { seconds: 5 } } } } })
    expect(new Set(cuts(w).map(([, error]) => error))).toEqual(new Set(['websocket: close 1001 (going away)']))
    expect(cuts(w)[0]![0]).toBe(315_000)
  })
  it('finish their match when pause, drain and grace are long enough', () => {
    expect(cuts(ws([{ at: 300, deletePods: { workload: 'deployment/web', count: 1 } }], {}, { profile: { stop: { drain: '2m' } }, container: { lifecycle: { preStop: { sleep: { seconds: 5 } } } }, pod: { terminationGracePeriodSeconds: 150 } }))).toEqual([])
  })
  it('a drain of the node does the same to all of its players', () => {
    const one = { cluster: { nodes: [{ name: 'node-1', images: ['app:1'] }, { name: 'node-2', images: ['app:1'] }] } }
    const spread = { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: { app: 'web' } } }] }
    const drained = (grace: number) => ws([{ at: 300, drain: { node: 'node-1' } }], {}, { scenario: one, profile: { stop: { drain: '2m' } }, container: { lifecycle: { preStop: { sleep: { seconds: 5 } } } }, pod: { ...spread, terminationGracePeriodSeconds: grace } })
    expect(cuts(drained(30)).length).toBeGreaterThan(40)
    expect(cuts(drained(180))).toEqual([])
  })
  it('come back with pauses that double while nobody answers', () => {
    const stays = ws([{ at: 300, scale: { workload: 'deployment/web', replicas: 0 } }, { at: 306, scale: { workload: 'deployment/web', replicas: 2 } }], { lasts: '10m' })
    expect(back(stays).map((text) => /again (\d+) s/.exec(text)![1])).toEqual(['1', '3', '7', '15'])
    expect(back(stays).at(-1)).not.toContain('still trying')
    expect(back(stays)[0]).toMatch(/^players: 0 connections open again 1 s after the cut, \d+ still trying$/)
  })
  it('are closed by a load balancer when nobody says anything, again and again', () => {
    const idle = { cluster: { loadBalancerIdle: '60s', nodes: [{ name: 'node-1', images: ['app:1'] }] } }
    const w = ws([], { messages: '90s', ends: '101s', perSecond: 0.01, lasts: '5m' }, { scenario: idle })
    // The second player comes at 100 s; the first one came before anything listened.
    expect(cuts(w).map(([at]) => at / 1000)).toEqual([160, 221, 282, 343])
    expect(cuts(ws([], { messages: '30s' }, { scenario: idle }))).toEqual([])
    // From inside there is no load balancer on the way.
    expect(cuts(ws([], { messages: '90s', from: { namespace: 'game' } }, { scenario: idle }))).toEqual([])
  })
  it('are given up when the pod hangs or its node has no power', () => {
    const hung = cuts(ws([{ at: 300, behave: { workload: 'deployment/web', count: 1, mode: 'hang' } }]))
    expect(hung.filter(([at, error]) => at === 305_000 && error === 'i/o timeout').length).toBeGreaterThan(50)
    // Of 120 who play, six are done within the five seconds.
    const dark = cuts(ws([{ at: 300, failNode: 'node-1' }, { at: 300, failNode: 'node-2' }, { at: 300, failNode: 'node-3' }]))
    expect(dark.filter(([at, error]) => at === 305_000 && error === 'i/o timeout').length).toBe(114)
  })
  it.each<[string, Fields, Fields, string]>([
    ['a server that only speaks HTTP', { listen: [{ port: 8080 }] }, {}, 'websocket: bad handshake (HTTP status 200)'],
    ['a path that is not there', {}, { websocket: '/lobby' }, 'websocket: bad handshake (HTTP status 404)'],
    ['a dependency that is away', { http: { '/readyz': {}, '/play': { depends: ['db'] } }, upstreams: [{ name: 'db', host: 'db.game', port: 3306 }] }, {}, 'websocket: bad handshake (HTTP status 503)'],
  ])('%s', (_name, profile, to, error) => expect([...new Set(cuts(ws([], { to: { ...players.to, ...to } }, { profile })).map(([, text]) => text))]).toEqual([error]))
})

describe('WebSocket through an Ingress', () => {
  const ingress = (annotations: Record<string, string> = {}): K8sObject => ({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'web', namespace: 'game', annotations }, spec: { ingressClassName: 'nginx', rules: [{ host: 'play.game.example', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }] } }] } })
  const through = (annotations: Record<string, string>, traffic: Fields, steps: Fields[] = []): World => play(play2, [deployment('web', 2, webProbe), service('web'), ingress(annotations)], steps, { ...players, to: { host: 'play.game.example', port: 80, websocket: '/play' }, ...traffic }, { cluster: { ingressClass: 'nginx', nodes: [{ name: 'node-1', images: ['app:1'] }] } })
  it('is closed after a quiet minute, unless the time-outs are longer', () => {
    expect(cuts(through({}, { messages: '70s' }))[0]).toEqual([expect.any(Number), 'websocket: close 1006 (abnormal closure): unexpected EOF'])
    expect(cuts(through({}, { messages: '50s' }))).toEqual([])
    const longer = { 'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600', 'nginx.ingress.kubernetes.io/proxy-send-timeout': '3600' }
    expect(cuts(through(longer, { messages: '70s' }))).toEqual([])
    expect(cuts(through({ 'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600' }, { messages: '70s' })).length).toBeGreaterThan(0)
  })
  it('ends four minutes after the controller was reconfigured', () => {
    const w = through({}, { lasts: '9m' }, [{ at: 120, delete: 'ingress/web' }])
    const held = cuts(w).filter(([, error]) => error.includes('1006'))
    expect(new Set(held.map(([at]) => at))).toEqual(new Set([360_000]))
  })
})

describe('what a scenario may say', () => {
  const parse = (traffic: Fields) => scenarioSchema.safeParse({ runs: [{ name: 'main', traffic: [traffic] }], goals: [{ id: 'any', admitted: {} }] })
  const problems = (traffic: Fields) => parse(traffic).error?.issues.map(({ path, message }) => [path.slice(4).join('.'), message])
  it.each<[Fields, [string, string]]>([
    [{ ...calls, to: { ...calls.to, path: '/' } }, ['to.grpc', 'path and grpc exclude each other']],
    [{ ...calls, to: { ...calls.to, protocol: 'UDP' } }, ['to.protocol', 'grpc needs TCP']],
    [{ ...calls, to: { ...calls.to, grpc: '/game.Match/Find' } }, ['to.grpc', 'write package.Service/Method, or a service to ask for its health']],
    [{ ...calls, connection: 'kept' }, ['connection', 'kept is for HTTP (to.path); clients of gRPC keep theirs anyway']],
    [{ ...calls, messages: '10s' }, ['messages', 'only for WebSocket (to.websocket) and streams of gRPC']],
    [{ ...calls, to: { service: 'service/web', port: 80, path: '/' }, connections: 4 }, ['connections', 'only for gRPC (to.grpc) and connection: kept']],
    [{ ...calls, method: 'POST' }, ['method', 'only for connection: kept']],
    [{ ...players, idle: '10s' }, ['idle', 'only for connection: kept']],
    [{ ...players, balancing: 'round-robin' }, ['balancing', 'only for gRPC (to.grpc)']],
    [{ ...players, to: { ...players.to, websocket: 'play' } }, ['to.websocket', 'a path']],
  ])('%j is refused', (traffic, problem) => expect(problems(traffic)).toEqual([problem]))
  it('and nothing else is', () => expect([calls, players, { ...calls, connection: 'long', messages: '1s', keepalive: '30s' }, { ...calls, to: { service: 'service/web', port: 80, path: '/' }, connection: 'kept', connections: 4, idle: '10s', method: 'POST' }].map(problems)).toEqual([undefined, undefined, undefined, undefined]))
})
