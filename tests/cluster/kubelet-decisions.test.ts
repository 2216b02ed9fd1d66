/** What the kubelet decides by itself: pods it does not take, containers that are others now, probes that speak another language, pods whose sidecars outlive the work. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { LiveCluster, Simulation } from '../../server/cluster/index.ts'
import type { Fields } from '../../server/k8s/object.ts'
import { fileOf, login } from '../support/exercise.ts'

function play(objects: unknown[], profile: Fields = {}, steps: Fields[] = [], given: Record<string, string> = {}, prepare: (cluster: LiveCluster) => void = () => undefined): Simulation {
  const newer = 'registry.game.example/login:1.9.0'
  const scenario = scenarioSchema.parse({
    cluster: { nodes: [{ name: 'node-1', cpu: '2', memory: '4Gi', images: [login, newer] }] }, registries: { 'registry.game.example': {} }, images: [{ name: login, profile: 'login' }, { name: newer, profile: 'login' }],
    profiles: { login: { image: { user: 10001, entrypoint: ['/app/login'] }, start: { time: '100ms' }, listen: [{ port: 8080 }], http: { '/readyz': {} }, ...profile } }, runs: [{ name: 'main', warmup: '30s', length: '2m', steps }], goals: [{ id: 'any', admitted: {} }],
  })
  return simulate({ scenario, given, prepare, files: { 'a.yaml': fileOf(...objects) } })
}
const pod = (spec: Fields = {}, container: Fields = {}): Fields => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'game' }, spec: { ...spec, containers: [{ name: 'app', image: login, ...container }] } })
const events = ({ result }: Simulation, reason: string): string[] => result.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === reason && entry.ref?.name === 'web').map((entry) => entry.data!.message as string)
const live = ({ cluster }: Simulation): Fields => cluster.view.get('Pod', 'game', 'web')!.status as Fields

describe('a pod bound by hand', () => {
  it('is refused where there is no room, and stays as Failed', () => {
    const played = play([pod({ nodeName: 'node-1' }, { resources: { requests: { cpu: '3' } } })])
    expect(live(played)).toMatchObject({ phase: 'Failed', reason: 'OutOfcpu', message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 200, capacity: 2000" })
    expect(events(played, 'OutOfcpu')).toEqual(["Node didn't have enough resource: cpu, requested: 3000, used: 200, capacity: 2000"])
    expect(runKubectl(played.cluster, 'kubectl get pod web --no-headers').stdout).toMatch(/^web +0\/1 +OutOfcpu +0 /)
  })
  it('is refused for its memory in bytes', () => expect(live(play([pod({ nodeName: 'node-1' }, { resources: { requests: { memory: '8Gi' } } })])).message).toMatch(/resource: memory, requested: 8589934592, used: \d+, capacity: 4294967296$/))
  it('is refused where its node selector does not match', () => expect(live(play([pod({ nodeName: 'node-1', nodeSelector: { disk: 'ssd' } })]))).toMatchObject({ phase: 'Failed', reason: 'NodeAffinity' }))
  it('is refused with a kernel parameter that is not on the safe list', () => {
    const played = play([pod({ securityContext: { sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }, { name: 'net/core/somaxconn', value: '1024' }] } })])
    expect(live(played)).toMatchObject({ phase: 'Failed', reason: 'SysctlForbidden', message: 'Pod was rejected: forbidden sysctl: "net.core.somaxconn" not allowlisted' })
    expect(runKubectl(played.cluster, 'kubectl get pod web --no-headers').stdout).toMatch(/^web +0\/1 +SysctlForbidden +0 /)
  })
  it('listens below 1024 unless a safe kernel parameter, the host network or missing capabilities forbid it', () => {
    const listens = (spec: Fields, securityContext: Fields = {}): boolean => live(play([pod(spec, { securityContext })], { listen: [{ port: 80 }] })).containerStatuses[0].restartCount === 0
    const start = { securityContext: { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '1024' }] } }
    expect(listens({})).toBe(true)
    expect(listens({ hostNetwork: true })).toBe(false)
    expect(listens(start)).toBe(false)
    expect(listens(start, { runAsUser: 0 })).toBe(true)
    expect(listens(start, { runAsUser: 0, capabilities: { drop: ['NET_BIND_SERVICE'] } })).toBe(false)
    expect(listens(start, { runAsUser: 0, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } })).toBe(true)
  })
  it('is taken where it fits', () => expect(live(play([pod({ nodeName: 'node-1' }, { resources: { requests: { cpu: '1' } } })]))).toMatchObject({ phase: 'Running' }))
})

describe('a critical pod bound by hand to a full node', () => {
  const asking = (name: string, cpu: string, spec: Fields = {}, memory?: string): Fields => ({ ...pod({ terminationGracePeriodSeconds: 5, ...spec }, { resources: { requests: { cpu, ...(memory ? { memory } : {}) } } }), metadata: { name, namespace: 'game' } })
  const critical = (cpu: string, spec: Fields = {}): Record<string, string> => ({ 'later.yaml': fileOf(asking('web', cpu, { nodeName: 'node-1', priorityClassName: 'system-node-critical', ...spec })) })
  const reasonOf = ({ cluster }: Simulation, name: string): string | undefined => (cluster.view.get('Pod', 'game', name)!.status as Fields).reason

  it('makes the pod go that frees just what is missing, and runs when it is gone', () => {
    // Of 2 cores DNS asks for 0.2: 0.1 is left.
    const played = play([asking('less', '800m'), asking('more', '900m')], { stop: { drain: '3s' } }, [{ at: '60s', apply: ['later.yaml'] }], critical('900m'))
    expect([reasonOf(played, 'less'), reasonOf(played, 'more')]).toEqual(['Preempting', undefined])
    const victim = played.cluster.view.get('Pod', 'game', 'less')!.status as Fields
    expect(victim).toMatchObject({ phase: 'Failed', message: 'Preempted in order to admit critical pod' })
    expect((victim.conditions as Fields[]).find((one) => one.type === 'DisruptionTarget')).toMatchObject({ status: 'True', reason: 'TerminationByKubelet', message: 'Pod was preempted by Kubelet to accommodate a critical pod.' })
    expect(played.result.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === 'Preempting').map((entry) => [entry.ref!.name, entry.data!.type, entry.data!.message])).toEqual([['less', 'Warning', 'Preempted in order to admit critical pod']])
    const at = (uid: string, kind: string): number => played.result.timeline.find((entry) => entry.kind === kind && entry.ref?.name === uid)!.at
    expect(live(played)).toMatchObject({ phase: 'Running' })
    expect(played.result.timeline.find((entry) => entry.kind === 'event' && entry.ref?.name === 'web' && entry.data?.reason === 'Started')!.at).toBeGreaterThanOrEqual(at('less', 'container-exit'))
  })

  it('spares Guaranteed pods as long as Burstable ones suffice, and takes two where one is not enough', () => {
    const full = { ...pod({ terminationGracePeriodSeconds: 5 }, { resources: { limits: { cpu: '600m', memory: '64Mi' } } }), metadata: { name: 'full', namespace: 'game' } }
    const played = play([full, asking('one', '500m'), asking('two', '600m')], {}, [{ at: '60s', apply: ['later.yaml'] }], critical('1'))
    expect(['full', 'one', 'two'].map((name) => reasonOf(played, name))).toEqual([undefined, 'Preempting', 'Preempting'])
  })

  it('is refused where the others would not make enough room, and for anything but resources', () => {
    const crowd = [asking('less', '800m'), asking('more', '900m')]
    const large = play(crowd, {}, [{ at: '60s', apply: ['later.yaml'] }], critical('2100m'))
    expect(live(large)).toMatchObject({ phase: 'Failed', reason: 'UnexpectedAdmissionError', message: 'Pod was rejected: Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [(res: cpu, q: 100), ]' })
    const elsewhere = play(crowd, {}, [{ at: '60s', apply: ['later.yaml'] }], critical('900m', { nodeSelector: { disk: 'ssd' } }))
    expect(live(elsewhere)).toMatchObject({ phase: 'Failed', reason: 'NodeAffinity' })
    for (const played of [large, elsewhere]) expect(['less', 'more'].map((name) => reasonOf(played, name))).toEqual([undefined, undefined])
  })
})

it('restarts a container whose image changes in the living pod', () => {
  const played = play([pod()], {}, [{ at: '60s', apply: ['later.yaml'] }], { 'later.yaml': fileOf(pod({}, { image: 'registry.game.example/login:1.9.0' })) })
  expect(events(played, 'Killing')).toEqual(['Container app definition changed, will be restarted'])
  expect(live(played).containerStatuses[0]).toMatchObject({ image: 'registry.game.example/login:1.9.0', restartCount: 1, ready: true, lastState: { terminated: { exitCode: 0 } } })
})

describe('a probe', () => {
  it.each([
    ['HTTPS to a server without TLS', { httpGet: { path: '/readyz', port: 8080, scheme: 'HTTPS' } }, {}, /^Readiness probe failed: Get "https:\/\/[\d.]+:8080\/readyz": http: server gave HTTP response to HTTPS client$/],
    ['HTTP to a server with TLS', { httpGet: { path: '/readyz', port: 8080 } }, { listen: [{ port: 8080, tls: true }] }, /^Readiness probe failed: HTTP probe failed with statuscode: 400$/],
    ['gRPC to a server without health service', { grpc: { port: 8080 } }, { listen: [{ port: 8080, kind: 'grpc' }] }, /^Readiness probe failed: error: this server does not implement the grpc health protocol \(grpc\.health\.v1\.Health\): /],
  ])('of %s fails', (_name, readinessProbe, profile, text) => {
    const played = play([pod({}, { readinessProbe })], profile)
    expect(events(played, 'Unhealthy').at(-1)).toMatch(text)
    expect(live(played).containerStatuses[0].ready).toBe(false)
  })
  it('of HTTPS to a server with TLS passes', () => expect(live(play([pod({}, { readinessProbe: { httpGet: { path: '/readyz', port: 8080, scheme: 'HTTPS' } } })], { listen: [{ port: 8080, tls: true }] })).containerStatuses[0].ready).toBe(true))
})

it('ends sidecars with the work, and calls the pod done only then', () => {
  const played = play([pod({ restartPolicy: 'Never', initContainers: [{ name: 'side', image: 'registry.game.example/login:1.9.0', restartPolicy: 'Always' }] }, { command: ['sh', '-c', 'sleep 5'] })], { stop: { drain: '3s' } })
  const phases = played.result.timeline.filter((entry) => entry.kind === 'pod-phase' && entry.ref?.name === 'web').map((entry) => [entry.at - 30_000, entry.text])
  expect(phases.at(-1)![1]).toBe('Succeeded')
  expect(phases.at(-1)![0]).toBe(9000)
  expect(events(played, 'Killing')).toEqual(['Stopping container side'])
})

it('answers nothing from a node without power', () => {
  const played = play([pod(), { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'client', namespace: 'game' }, spec: { containers: [{ name: 'app', image: login }] } }], {}, [{ at: '60s', failNode: 'node-1' }])
  expect(played.cluster.network.request({ from: { kind: 'virtual', namespace: 'game', labels: {} }, host: live(played).podIP as string, port: 8080, protocol: 'TCP' })).toMatchObject({ ok: false, stage: 'timeout' })
})

it('kills sooner when a second deletion gives less time, but not within two seconds', () => {
  const twice = (live: LiveCluster): void => {
    const ref = { kind: 'Pod', namespace: 'game', name: 'web' }
    live.schedule(50_000, 'step', 'first', () => void live.api.delete(ref))
    live.schedule(52_000, 'step', 'second', () => void live.api.delete(ref, { graceSeconds: 1 }))
  }
  const { result } = play([pod()], { stop: { sigterm: 'ignored' } }, [], {}, twice)
  expect(result.timeline.filter((entry) => entry.ref?.name === 'web' && ['container-exit', 'pod-deleted'].includes(entry.kind)).map((entry) => [entry.at, entry.text])).toEqual([[54_000, 'Error 137'], [54_000, 'deleted']])
})
