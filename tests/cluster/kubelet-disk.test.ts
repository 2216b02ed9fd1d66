/** Nodes whose disk fills: by layers, logs, emptyDir and hostPath volumes of pods, by files put there by hand, and by other processes (pkg/kubelet/eviction). */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { Simulation } from '../../server/cluster/index.ts'
import type { Fields } from '../../server/k8s/object.ts'
import { fileOf } from '../support/exercise.ts'

const image = (name: string): string => `registry.game.example/${name}:1`
const programs: Record<string, Fields> = {
  calm: {},
  recorder: { writes: [{ path: '/replays/match.log', bytesPerSecond: '10Mi' }] },
  dumper: { writes: [{ path: '/tmp/heap.dump', bytesPerSecond: '10Mi' }] },
  modest: { writes: [{ path: '/replays/match.log', bytesPerSecond: '10Mi', keepBytes: '1Gi' }] },
  chatty: { log: { every: { every: '1ms', line: 'x'.repeat(954) } } },
}

function play(objects: unknown[], run: Fields = {}, node: Fields = {}): Simulation {
  const names = Object.keys(programs)
  const scenario = scenarioSchema.parse({
    cluster: { nodes: [{ name: 'node-1', cpu: '4', memory: '8Gi', ephemeralStorage: '2Gi', images: names.map(image), ...node }, { name: 'node-2', unschedulable: true, images: names.map(image) }] }, registries: { 'registry.game.example': {} },
    images: names.map((name) => ({ name: image(name), profile: name })), profiles: Object.fromEntries(names.map((name) => [name, { image: { entrypoint: ['/app'] }, start: { time: '100ms' }, ...programs[name] }])),
    runs: [{ name: 'main', warmup: '30s', length: '10m', ...run }], goals: [{ id: 'any', admitted: {} }],
  })
  return simulate({ scenario, given: { 'late.yaml': fileOf(pod('late', 'calm', {}, { nodeName: 'node-1' })) }, files: { 'a.yaml': fileOf(...objects) } })
}
const pod = (name: string, program: string, container: Fields = {}, spec: Fields = {}): Fields => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game' }, spec: { ...spec, containers: [{ name: 'app', image: image(program), ...container }] } })
const mounted = { volumeMounts: [{ name: 'replays', mountPath: '/replays' }] }
const emptyDir = { volumes: [{ name: 'replays', emptyDir: {} }] }
const hostPath = { volumes: [{ name: 'replays', hostPath: { path: '/var/replays', type: 'DirectoryOrCreate' } }] }
const status = ({ cluster }: Simulation, name: string): Fields => cluster.view.get('Pod', 'game', name)!.status as Fields
const seen = ({ result }: Simulation, reason: string): [number, string, string][] => result.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === reason).map((entry) => [(entry.at - 30_000) / 1000, entry.ref!.name, entry.data!.message as string])
const pressure = ({ cluster }: Simulation, at: number): Fields => (cluster.store.at(at * 1000 + 30_000).get('Node', '', 'node-1')!.status!.conditions as Fields[]).find((one) => one.type === 'DiskPressure')!

describe('imagefs.available below 15 % of the disk', () => {
  it('evicts the pod that writes most above its request, at a check, in the words of the kubelet', () => {
    // 85 % of 2Gi are full after 174 s of 10Mi a second; it writes from 1.5 s on.
    const played = play([pod('calm', 'calm'), pod('recorder', 'recorder', { ...mounted, resources: { requests: { 'ephemeral-storage': '100Mi' } } }, emptyDir)])
    const [[at, name, message]] = seen(played, 'Evicted') as [[number, string, string]]
    expect([at, name]).toEqual([180, 'recorder'])
    expect(message).toMatch(/^The node was low on resource: ephemeral-storage\. Threshold quantity: 322122547, available: \d+Ki\. $/)
    expect(status(played, 'recorder')).toMatchObject({ phase: 'Failed', reason: 'Evicted', message })
    expect((status(played, 'recorder').conditions as Fields[]).find((one) => one.type === 'DisruptionTarget')).toMatchObject({ status: 'True', reason: 'TerminationByKubelet', message })
    expect(status(played, 'calm')).toMatchObject({ phase: 'Running' })
    expect(seen(played, 'EvictionThresholdMet')).toEqual([[at, 'node-1', 'Attempting to reclaim ephemeral-storage']])
    expect(seen(played, 'NodeHasDiskPressure')).toEqual([[at, 'node-1', 'Node node-1 status is now: NodeHasDiskPressure']])
    expect(pressure(played, at)).toMatchObject({ status: 'True', reason: 'KubeletHasDiskPressure', message: 'kubelet has disk pressure' })
    expect(played.cluster.store.at(at * 1000 + 40_000).get('Node', '', 'node-1')!.spec!.taints).toMatchObject([{ key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' }])
    expect(pressure(played, at + 295)).toMatchObject({ status: 'True' })
    expect(pressure(played, at + 320)).toMatchObject({ status: 'False', reason: 'KubeletHasNoDiskPressure' })
    expect(runKubectl(played.cluster, 'kubectl get pod recorder --no-headers').stdout).toMatch(/^recorder +0\/1 +Completed +0 /)
  })

  it('names a container by what it wrote to its own layer', () => {
    const played = play([pod('dumper', 'dumper', { resources: { requests: { 'ephemeral-storage': '100Mi' } } })])
    expect(seen(played, 'Evicted')[0]![2]).toMatch(/Container app was using 1794Mi, request is 100Mi, has larger consumption of ephemeral-storage\. $/)
  })

  it('spares who stays within the request, whatever the priority of the others', () => {
    const classes = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 1000 }
    const played = play([classes, pod('asked', 'modest', { ...mounted, resources: { requests: { 'ephemeral-storage': '1200Mi' } } }, emptyDir), pod('important', 'modest', mounted, { ...emptyDir, priorityClassName: 'high' })])
    // Both write 10Mi a second: 85 % after some 87 s.
    expect(seen(played, 'Evicted').map(([at, name]) => [at, name])).toEqual([[90, 'important']])
    expect(status(played, 'asked')).toMatchObject({ phase: 'Running' })
  })

  it('is met by what lies below a hostPath volume, which evicting does not free and no pod is charged for', () => {
    const played = play([pod('recorder', 'recorder', mounted, hostPath), pod('calm', 'calm')])
    expect(seen(played, 'Evicted').map(([, name]) => name).sort()).toEqual(['calm', 'recorder'])
    expect(pressure(played, 599)).toMatchObject({ status: 'True' })
  })

  it('is met by files that somebody puts on the node', () => {
    expect(seen(play([pod('calm', 'calm')], { steps: [{ at: '60s', nodeFiles: { node: 'node-1', files: { '/var/dump.core': { size: '1900Mi' } } } }] }), 'NodeHasDiskPressure').map(([at]) => at)).toEqual([60])
    expect(seen(play([pod('calm', 'calm')], {}, { files: { '/var/dump.core': { size: '1900Mi' } } }), 'NodeHasDiskPressure')).toHaveLength(1)
    expect(seen(play([pod('calm', 'calm')], { steps: [{ at: '60s', nodeFiles: { node: 'node-1', files: { '/var/dump.core': { size: '1500Mi' } } } }] }), 'NodeHasDiskPressure')).toEqual([])
  })

  it('follows a step that fills the disk and one that empties it, and refuses every pod that is not critical meanwhile', () => {
    const played = play([pod('calm', 'calm')], { steps: [{ at: '60s', diskPressure: { node: 'node-1', available: '100Mi' } }, { at: '62s', diskPressure: { node: 'node-1', available: '1Gi' } }, { at: '90s', apply: ['late.yaml'] }] })
    expect(seen(played, 'Evicted').filter(([, name]) => name === 'calm')).toEqual([[60, 'calm', expect.stringContaining('available: 100Mi')]])
    expect(status(played, 'late')).toMatchObject({ phase: 'Failed', reason: 'Evicted', message: 'Pod was rejected: The node had condition: [DiskPressure]. ' })
    expect(pressure(played, 350)).toMatchObject({ status: 'True' })
    expect(pressure(played, 375)).toMatchObject({ status: 'False' })
  })

  it('is never met by standard output, whose files the kubelet turns over', () => {
    // A megabyte a second for ten minutes would be 600Mi of a disk of 256Mi.
    const played = play([pod('chatty', 'chatty')], {}, { ephemeralStorage: '256Mi' })
    expect(seen(played, 'NodeHasDiskPressure')).toEqual([])
    expect(status(played, 'chatty')).toMatchObject({ phase: 'Running' })
  })

  it('is out of reach on a disk with room', () => {
    expect(seen(play([pod('recorder', 'recorder', mounted, emptyDir)], {}, { ephemeralStorage: '50Gi' }), 'NodeHasDiskPressure')).toEqual([])
  })
})
