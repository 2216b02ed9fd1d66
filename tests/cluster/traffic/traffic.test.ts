/** Load generators: what is lost when pods come and go, who answers, and that knowing the answer is the same as asking for it. */
import { describe, expect, it } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import { deployment, pod, service, web, world } from '../runtime/world.ts'

const probe = { readinessProbe: { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 2 } }
const preStop = (seconds: number): Fields => ({ lifecycle: { preStop: { sleep: { seconds } } } })
const inside = { name: 'players', from: { namespace: 'game' }, to: { service: 'service/web', port: 80, path: '/readyz' }, perSecond: 10 }
const long = { ...inside, connection: 'long', lasts: '20s', perSecond: 2 }
const from = 60_000

function lost(profile: Fields, container: Fields, steps: Fields[], traffic: Fields = inside, more: { replicas?: number; spec?: Fields; deployment?: Fields } = {}) {
  const w = world({ ...web, ...profile }, [deployment('web', more.replicas ?? 3, { ...probe, ...container }, more.spec, more.deployment), service('web')], { run: { steps, traffic: [traffic] } })
  w.to(600_000)
  return { w, record: w.traffic.of('players')!, count: w.traffic.of('players')!.lost(from, 600_000).length }
}

describe('a rolling restart', () => {
  const restart = [{ at: 90, restart: 'deployment/web' }]
  it('loses requests while routers still send to what has closed its sockets', () => {
    const { count, record } = lost({ stop: { drain: '2s' } }, {}, restart)
    expect(count).toBeGreaterThan(0)
    expect(new Set(record.lost(from, 600_000).map((one) => one.error.replace(/.*: /, '')))).toEqual(new Set(['connection refused']))
  })
  // [name, profile, container, is something lost]
  const table: [string, Fields, Fields, boolean][] = [
    ['a preStop pause longer than the lag', { stop: { drain: '2s' } }, preStop(5), false],
    ['a preStop pause shorter than the lag', { stop: { drain: '2s' } }, preStop(0), true],
    ['a shutdown delay of the program', { stop: { drain: '2s', shutdownDelayEnv: 'DELAY' } }, { env: [{ name: 'DELAY', value: '5s' }] }, false],
    ['a program that listens while it drains', { stop: { drain: '3s', keepsListeningWhileDraining: true } }, {}, false],
    ['a shell that does not pass the signal on, and so goes on serving', {}, { command: ['sh', '-c', '/app'] }, false],
  ]
  it.each(table)('%s', (_name, profile, container, loses) => expect(lost(profile, container, restart).count > 0).toBe(loses))

  it('cuts long connections that are longer than the drain', () => {
    expect(lost({ stop: { drain: '25s' } }, preStop(5), restart, long, { spec: { terminationGracePeriodSeconds: 60 } }).count).toBe(0)
    const short = lost({ stop: { drain: '5s' } }, preStop(5), restart, long)
    expect(short.count).toBeGreaterThan(0)
    expect(short.record.lost(from, 600_000).every((one) => one.error === 'EOF' && one.pod?.kind === 'Pod')).toBe(true)
    // Grace ends before the drain does: killed in the middle.
    expect(lost({ stop: { drain: '25s' } }, preStop(5), restart, long, { spec: { terminationGracePeriodSeconds: 10 } }).record.lost(from, 600_000).every((one) => one.error.includes('reset'))).toBe(true)
  })

  it('writes one line of the timeline for a burst', () => {
    const { w, count } = lost({ stop: { drain: '2s' } }, {}, restart)
    const entries = w.cluster.timeline.filter((entry) => entry.kind === 'request-lost' && entry.data!.last > from)
    expect(entries.reduce((sum, entry) => sum + (entry.data!.count as number), 0)).toBe(count)
    expect(entries.length).toBeLessThanOrEqual(3)
    expect(entries[0]!.text).toMatch(/^players: \d+ requests? lost: dial tcp .*connection refused$/)
  })
})

describe('what clients meet', () => {
  it('is spread over the ready pods', () => {
    const { record } = lost({}, {}, [])
    const counts = [...record.byPod(from, 360_000).values()]
    expect(counts).toEqual([1000, 1000, 1000])
    expect([...record.byWorkload(from, 360_000)]).toEqual([['Deployment/game/web', 3000]])
    expect(record.sent(from, 360_000)).toBe(3000)
  })

  it('is nobody before anything is ready: refused at once', () => {
    const { record } = lost({}, {}, [])
    const early = record.lost(0, 4000)
    expect(early.length).toBe(40)
    expect(early.at(-1)!.error).toContain('connection refused')
  })

  it('hangs: every request to that pod times out until it leaves the endpoints', () => {
    const { record } = lost({}, {}, [{ at: 100, behave: { workload: 'deployment/web', count: 1, mode: 'hang' } }])
    const lostOnes = record.lost(from, 600_000)
    expect(new Set(lostOnes.map((one) => one.pod!.name)).size).toBe(1)
    expect(lostOnes[0]!.at).toBeGreaterThanOrEqual(100_000)
    // Three failures of a probe every two seconds, and a second for the routers.
    expect(lostOnes.at(-1)!.at).toBeLessThan(110_000)
    expect(lostOnes.length).toBeGreaterThan(10)
  })

  it('gives up long connections to a pod that hangs', () => {
    const { record } = lost({}, {}, [{ at: 100, behave: { workload: 'deployment/web', count: 1, mode: 'hang' } }], long)
    expect(record.lost(from, 600_000).filter((one) => one.at === 105_000).length).toBeGreaterThan(5)
  })

  it('is killed: short requests under way are lost with the process, long connections too', () => {
    const crash = [{ at: 100, behave: { workload: 'deployment/web', count: 1, mode: 'crash' } }]
    const slow = lost({ http: { '/readyz': { latency: '900ms' } } }, {}, crash)
    expect(slow.record.lost(100_000, 100_001).filter((one) => one.error.includes('reset')).length).toBeGreaterThan(1)
    expect(lost({}, {}, crash, long).record.lost(100_000, 100_001).length).toBeGreaterThan(5)
  })

  it('answers with errors while a dependency is away', () => {
    const w = world({ ...web, http: { '/readyz': {}, '/play': { depends: ['db'] } }, upstreams: [{ name: 'db', host: 'db.example.com', port: 3306 }] }, [deployment('web', 2, probe), service('web')], { scenario: { externals: [{ name: 'db', host: 'db.example.com', address: '203.0.113.5', ports: [3306] }] }, run: { steps: [{ at: 100, external: { name: 'db', state: 'refused' } }, { at: 160, external: { name: 'db', state: 'up' } }], traffic: [{ ...inside, to: { ...inside.to, path: '/play' } }] } })
    w.to(600_000)
    const errors = w.traffic.of('players')!.lost(from, 600_000)
    expect(new Set(errors.map((one) => one.error))).toEqual(new Set(['HTTP status 503']))
    expect(errors[0]!.at).toBeLessThan(101_200)
    expect(errors.at(-1)!.at).toBeGreaterThan(159_000)
    expect(errors.at(-1)!.at).toBeLessThan(161_200)
  })

  it('stalls on the grid of a repeating stall', () => {
    const { record } = lost({ http: { '/readyz': {}, '/play': { stall: { every: '60s', lasts: '10s', latency: '8s' } } } }, {}, [], { ...inside, to: { ...inside.to, path: '/play' } })
    const lostOnes = record.lost(from, 180_000)
    // Started at 0.5 s: stalls at 60.5 to 70.5 s and 120.5 to 130.5 s.
    expect([lostOnes.length, lostOnes[0]!.at, lostOnes.at(-1)!.at]).toEqual([200, 60_500, 130_400])
  })

  it('is refused by a policy and let in again', () => {
    const policy: K8sObject = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'deny', namespace: 'game' }, spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'], ingress: [] } }
    const w = world(web, [deployment('web', 2, probe), service('web')], { run: { traffic: [inside], steps: [{ at: 200, delete: 'networkpolicy/deny' }] } })
    w.cluster.schedule(115_000, 'step', 'policy', () => void w.cluster.api.apply(policy))
    w.to(600_000)
    const errors = w.traffic.of('players')!.lost(from, 600_000)
    expect([errors.length, errors[0]!.at, errors.at(-1)!.at]).toEqual([1000, 100_000, 199_900])
    expect(errors[0]!.error).toContain('i/o timeout')
  })

  it('comes from outside through a load balancer, and as UDP', () => {
    const udp = { name: 'players', from: { address: '198.51.100.7' }, to: { service: 'service/web', port: 7777, protocol: 'UDP' }, perSecond: 2, connection: 'long', lasts: '30s' }
    const w = world({ listen: [{ port: 7777, protocol: 'UDP', kind: 'udp' }], start: { time: '2s' } }, [deployment('web', 2), service('web', { port: 7777, targetPort: 7777, protocol: 'UDP' }, { type: 'LoadBalancer' })], { run: { traffic: [udp], steps: [{ at: 120, deletePods: { workload: 'deployment/web', count: 1 } }] } })
    w.to(300_000)
    const record = w.traffic.of('players')!
    expect(record.sent(from, 300_000)).toBe(480)
    const cut = record.lost(from, 300_000).filter((one) => one.error === 'EOF')
    // Thirty seconds of connections at one a second to the pod that went.
    expect(cut.length).toBe(30)
    expect(new Set(cut.map((one) => one.at)).size).toBe(1)
  })

  it('makes processors work by the request', () => {
    const w = world({ ...web, cpu: { idle: 0.02, perRequest: 0.01 } }, [deployment('web', 2, probe), service('web')], { run: { traffic: [{ ...inside, ends: '2m' }] } })
    const cores = (at: number): number => {
      w.to(at)
      return Math.round(w.pods('deployment/web').reduce((sum, one) => sum + w.container(one.metadata.name).cpuCores().wanted, 0) * 100) / 100
    }
    // Two idle programs at 0.02, ten requests a second at 0.01, and a probe every two seconds of each.
    expect([cores(100_000), cores(200_000)]).toEqual([0.15, 0.05])
  })

  it('sends nothing while its own workload has no pod', () => {
    const w = world(web, [deployment('web', 2, probe), service('web'), pod({}, {}, 'client')], { run: { traffic: [{ ...inside, from: { workload: 'pod/client' } }], steps: [{ at: 100, delete: 'pod/client' }] } })
    w.to(600_000)
    const record = w.traffic.of('players')!
    expect(record.sent(60_000, 90_000)).toBe(300)
    expect(record.sent(200_000, 600_000)).toBe(0)
    expect(record.lost(60_000, 600_000)).toEqual([])
  })

  it('asks rarely: ten quiet minutes cost a handful of looks', () => {
    const w = world(web, [deployment('web', 3, probe), service('web')], { run: { traffic: [inside, { ...inside, name: 'b' }, { ...inside, name: 'c' }] } })
    w.to(60_000)
    const before = w.cluster.loop.events
    w.to(600_000)
    // Probes of three pods every two seconds and of DNS every ten; nothing for 16200 requests.
    expect(w.cluster.loop.events - before).toBeLessThan(1500)
    expect(w.traffic.of('c')!.sent(60_000, 600_000)).toBe(5400)
    expect(w.traffic.of('none')).toBeUndefined()
  })
})

describe('knowing and asking', () => {
  it('agree request by request with a client that asks every time', () => {
    const steps = [{ at: 70, restart: 'deployment/web' }, { at: 150, scale: { workload: 'deployment/web', replicas: 1 } }, { at: 200, scale: { workload: 'deployment/web', replicas: 3 } }, { at: 260, behave: { workload: 'deployment/web', count: 1, mode: 'hang' } }, { at: 300, deletePods: { workload: 'deployment/web' } }]
    const w = world(web, [deployment('web', 2, probe), service('web')], { run: { traffic: [inside], steps } })
    const asked: { at: number; ok: boolean }[] = []
    const ask = (at: number): void => {
      w.cluster.schedule(15_000 + at, 'network', 'witness', () => {
        const verdict = w.cluster.network.request({ from: { kind: 'virtual', namespace: 'game', labels: {} }, host: 'web.game.svc.cluster.local', port: 80, protocol: 'TCP', kind: 'http', path: '/readyz' })
        asked.push({ at, ok: verdict.ok && verdict.status < 400 })
        if (at + 100 < 400_000) ask(at + 100)
      })
    }
    ask(0)
    w.to(400_000)
    const known = new Set(w.traffic.of('players')!.lost(0, 400_000).map((one) => one.at))
    const total = asked.filter((one) => !one.ok).length
    expect(total).toBeGreaterThan(30)
    // Both take turns among the backends on their own, so single requests may meet another pod: compare second by second.
    const second = (times: number[]): number[] => Array.from({ length: 400 }, (_, s) => times.filter((at) => Math.floor(at / 1000) === s).length)
    const [a, b] = [second([...known]), second(asked.filter((one) => !one.ok).map((one) => one.at))]
    for (let s = 0; s < 400; s++) expect(Math.abs(a[s]! - b[s]!), `second ${s}`).toBeLessThanOrEqual(2)
  })
})
