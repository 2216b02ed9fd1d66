/** Nodes that run short of memory by what their pods hold: evictions by the kubelet, and the kernel's killer when there is no time for them. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { Simulation } from '../../server/cluster/index.ts'
import type { Fields } from '../../server/k8s/object.ts'
import { fileOf } from '../support/exercise.ts'

const image = (name: string): string => `registry.game.example/${name}:1`

function play(profiles: Record<string, Fields>, objects: unknown[], run: Fields = {}): Simulation {
  const names = Object.keys(profiles)
  const scenario = scenarioSchema.parse({
    cluster: { nodes: [{ name: 'node-1', cpu: '4', memory: '1Gi', images: names.map(image) }, { name: 'node-2', unschedulable: true, images: names.map(image) }] }, registries: { 'registry.game.example': {} },
    images: names.map((name) => ({ name: image(name), profile: name })), profiles: Object.fromEntries(names.map((name) => [name, { image: { entrypoint: ['/app'] }, start: { time: '100ms' }, ...profiles[name] }])),
    runs: [{ name: 'main', warmup: '30s', length: '10m', ...run }], goals: [{ id: 'any', admitted: {} }],
  })
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf(...objects) } })
}
const memory = (live: string, more: Fields = {}): Fields => ({ memory: { live, garbage: '0', nonHeap: '0', ...more } })
const pod = (name: string, program: string, resources: Fields = {}, spec: Fields = {}): Fields => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game' }, spec: { ...spec, containers: [{ name: 'app', image: image(program), resources }] } })
const request = (amount: string): Fields => ({ requests: { memory: amount } })
const status = ({ cluster }: Simulation, name: string): Fields => cluster.view.get('Pod', 'game', name)!.status as Fields
const seen = ({ result }: Simulation, reason: string): [number, string, string][] => result.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === reason).map((entry) => [(entry.at - 30_000) / 1000, entry.ref!.name, entry.data!.message as string])
const exits = ({ result }: Simulation): [number, string, string][] => result.timeline.filter((entry) => entry.kind === 'container-exit' && entry.ref?.namespace === 'game').map((entry) => [(entry.at - 30_000) / 1000, entry.ref!.name, entry.text])
const pressure = ({ cluster }: Simulation, at: number): Fields => (cluster.store.at(at * 1000 + 30_000).get('Node', '', 'node-1')!.status!.conditions as Fields[]).find((one) => one.type === 'MemoryPressure')!

describe('memory.available below the threshold', () => {
  const growing = { calm: memory('200Mi'), leaking: memory('200Mi', { growPerHour: '36Gi' }) }

  it('evicts at the next check the pod that is above its request, and says so', () => {
    // 10 Mi a second: with DNS (70 Mi) and 200 Mi of the other the node is short some 55 s after the start, seen at a multiple of 10 s.
    const played = play(growing, [pod('calm', 'calm', request('300Mi')), pod('leaking', 'leaking', request('100Mi'))])
    const [[at, name, message]] = seen(played, 'Evicted') as [[number, string, string]]
    expect(at % 10).toBe(0)
    expect(name).toBe('leaking')
    expect(message).toMatch(/^The node was low on resource: memory\. Threshold quantity: 100Mi, available: \d+(Ki|Mi)?\. Container app was using \d+(Ki|Mi)?, request is 100Mi, has larger consumption of memory\. $/)
    expect(status(played, 'leaking')).toMatchObject({ phase: 'Failed', reason: 'Evicted', message })
    expect((status(played, 'leaking').conditions as Fields[]).find((one) => one.type === 'DisruptionTarget')).toMatchObject({ status: 'True', reason: 'TerminationByKubelet', message })
    expect(status(played, 'calm')).toMatchObject({ phase: 'Running' })
    expect(seen(played, 'EvictionThresholdMet')).toEqual([[at, 'node-1', 'Attempting to reclaim memory']])
    expect(seen(played, 'NodeHasInsufficientMemory')).toEqual([[at, 'node-1', 'Node node-1 status is now: NodeHasInsufficientMemory']])
    expect(runKubectl(played.cluster, 'kubectl get pod leaking --no-headers').stdout).toMatch(/^leaking +0\/1 +Completed +0 /)
  })

  it('keeps the condition and its taint for five minutes', () => {
    const played = play(growing, [pod('calm', 'calm', request('300Mi')), pod('leaking', 'leaking', request('100Mi'))])
    const [at] = seen(played, 'Evicted')[0]!
    expect(pressure(played, at)).toMatchObject({ status: 'True', reason: 'KubeletHasInsufficientMemory' })
    expect(played.cluster.store.at(at * 1000 + 40_000).get('Node', '', 'node-1')!.spec!.taints).toMatchObject([{ key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' }])
    expect(pressure(played, at + 295)).toMatchObject({ status: 'True' })
    expect(pressure(played, at + 315)).toMatchObject({ status: 'False', reason: 'KubeletHasSufficientMemory' })
  })

  it('takes lower priorities first among those above, never critical ones, and those within their request last', () => {
    const classes = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 1000 }
    const programs = { big: memory('300Mi'), small: memory('250Mi'), last: memory('400Mi', { growPerHour: '3686Mi' }) }
    const played = play(programs, [classes, pod('important', 'big', request('10Mi'), { priorityClassName: 'high' }), pod('ordinary', 'small', request('10Mi')), pod('modest', 'last', request('800Mi'))], { length: '7m' })
    expect(seen(played, 'Evicted').map(([, name]) => name)).toEqual(['ordinary', 'important'])
  })

  it('lets the controller make another pod, which waits while the node is tainted', () => {
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'game' }, spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: image('leaking') }] } } } }
    const played = play(growing, [pod('calm', 'calm', request('300Mi')), deployment], { length: '3m' })
    const pods = played.cluster.view.list('Pod', 'game').filter((one) => one.metadata.name.startsWith('web-'))
    expect(pods.map((one) => one.status!.phase).sort()).toEqual(['Failed', 'Pending'])
    expect(seen(played, 'FailedScheduling').at(-1)![2]).toMatch(/node\(s\) had untolerated taint/)
  })

  it('refuses BestEffort pods bound by hand as long as the condition lasts', () => {
    const late = { apply: ['late.yaml'] }
    const scenario = { steps: [{ at: '2m', ...late }] }
    const names = ['calm', 'leaking']
    const parsed = scenarioSchema.parse({
      cluster: { nodes: [{ name: 'node-1', memory: '1Gi', images: names.map(image) }] }, registries: { 'registry.game.example': {} }, images: names.map((name) => ({ name: image(name), profile: name })),
      profiles: { calm: { image: { entrypoint: ['/app'] }, ...growing.calm }, leaking: { image: { entrypoint: ['/app'] }, ...growing.leaking } }, runs: [{ name: 'main', warmup: '30s', length: '3m', ...scenario }], goals: [{ id: 'any', admitted: {} }],
    })
    const played = simulate({ scenario: parsed, given: { 'late.yaml': fileOf(pod('besteffort', 'calm', {}, { nodeName: 'node-1' }), pod('burstable', 'calm', request('10Mi'), { nodeName: 'node-1' })) }, files: { 'a.yaml': fileOf(pod('calm', 'calm', request('300Mi')), pod('leaking', 'leaking', request('100Mi'))) } })
    expect(status(played, 'besteffort')).toMatchObject({ phase: 'Failed', reason: 'Evicted', message: 'Pod was rejected: The node had condition: [MemoryPressure]. ' })
    expect(status(played, 'burstable')).toMatchObject({ phase: 'Running' })
  })

  it('follows a step that takes memory and one that gives it back', () => {
    const played = play({ calm: memory('200Mi') }, [pod('calm', 'calm')], { steps: [{ at: '60s', memoryPressure: { node: 'node-1', available: '50Mi' } }, { at: '62s', memoryPressure: { node: 'node-1', available: '500Mi' } }] })
    expect(seen(played, 'Evicted').map(([at, name]) => [at, name])).toEqual([[60, 'calm']])
    expect(pressure(played, 350)).toMatchObject({ status: 'True' })
    expect(pressure(played, 375)).toMatchObject({ status: 'False' })
  })
})

describe('memory that is gone between two checks', () => {
  const fast = (rest: Fields = {}): Record<string, Fields> => ({ calm: memory('300Mi'), burst: { ...memory('800Mi', { rampTime: '4s' }), ...rest } })

  it('makes the kernel kill the container with the highest score, which restarts', () => {
    const played = play(fast(), [pod('calm', 'calm', request('300Mi')), pod('burst', 'burst')], { length: '8s' })
    expect(exits(played)).toEqual([[expect.any(Number), 'burst', 'OOMKilled 137']])
    expect(exits(played)[0]![0]).toBeGreaterThan(2)
    expect(exits(played)[0]![0]).toBeLessThan(5)
    expect(seen(played, 'Evicted')).toEqual([])
    expect(status(played, 'burst').containerStatuses[0]).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } })
  })

  it('hits the pod without requests although another took the memory', () => {
    const played = play(fast(), [pod('calm', 'calm'), pod('burst', 'burst', request('700Mi'))], { length: '6s' })
    expect(exits(played)[0]).toEqual([expect.any(Number), 'calm', 'OOMKilled 137'])
  })

  it('never hits a node with room', () => {
    expect(exits(play({ calm: memory('300Mi'), burst: memory('500Mi', { rampTime: '4s' }) }, [pod('calm', 'calm'), pod('burst', 'burst')]))).toEqual([])
  })
})
