/** What controllers leave in objects and events: revisions, conditions that stand, names, and one event per occasion. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../../server/cluster/index.ts'
import type { Simulation } from '../../../server/cluster/index.ts'
import type { Fields } from '../../../server/k8s/object.ts'
import { fileOf } from '../../support/exercise.ts'

const image = (tag: string): string => `registry.game.example/app:${tag}`

function play(objects: unknown[], run: Fields = {}, profile: Fields = {}): Simulation {
  const scenario = scenarioSchema.parse({
    cluster: { nodes: [{ name: 'node-1', images: [image('1'), image('2')] }] }, registries: { 'registry.game.example': {} }, images: ['1', '2'].map((tag) => ({ name: image(tag), profile: 'app' })),
    profiles: { app: { image: { entrypoint: ['/app'] }, start: { time: '1s' }, ...profile } }, runs: [{ name: 'main', warmup: '0s', length: '2m', ...run }], goals: [{ id: 'any', admitted: {} }],
  })
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf(...objects) } })
}
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: image('1') }] } }
const workload = (kind: string, spec: Fields): Fields => ({ apiVersion: 'apps/v1', kind, metadata: { name: 'web', namespace: 'game' }, spec: { selector: { matchLabels: { app: 'web' } }, template, ...spec } })
const events = ({ result }: Simulation, reason: string): [number, string][] => result.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === reason && entry.ref?.namespace === 'game').map((entry) => [entry.at / 1000, entry.data!.message as string])
const get = ({ cluster }: Simulation, kind: string, name: string): Fields => cluster.view.get(kind, 'game', name) as Fields

describe('a Deployment', () => {
  it('keeps the numbers that a ReplicaSet had before it was rolled back to', () => {
    const played = play([workload('Deployment', { replicas: 1 })], { steps: [{ at: '20s', setImage: { workload: 'deployment/web', image: image('2') } }, { at: '40s', undo: 'deployment/web' }, { at: '60s', undo: 'deployment/web' }, { at: '80s', undo: 'deployment/web' }] })
    const annotations = played.cluster.view.list('ReplicaSet', 'game').map(({ metadata }) => [metadata.annotations!['deployment.kubernetes.io/revision'], metadata.annotations!['deployment.kubernetes.io/revision-history']])
    expect(annotations.sort()).toEqual([['4', '2'], ['5', '1,3']])
  })

  it('goes on telling the first failure to create pods, and none once it works again', () => {
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few', namespace: 'game' }, spec: { hard: { pods: '1' } } }
    const failure = (played: Simulation): Fields | undefined => (get(played, 'Deployment', 'web').status.conditions as Fields[]).find(({ type }) => type === 'ReplicaFailure')
    const played = play([quota, workload('Deployment', { replicas: 2 })])
    const [[, first]] = events(played, 'FailedCreate') as [[number, string]]
    expect(events(played, 'FailedCreate').length).toBeGreaterThan(10)
    expect(failure(played)).toMatchObject({ status: 'True', reason: 'FailedCreate', message: first.replace('Error creating: ', ''), lastUpdateTime: '2026-01-05T10:00:00Z' })
    expect(failure(play([quota, workload('Deployment', { replicas: 2 })], { length: '5m', steps: [{ at: '30s', delete: 'resourcequota/few' }] }))).toBeUndefined()
  })
})

describe('a StatefulSet', () => {
  const claims = { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }], persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Retain' } }
  const names = ({ cluster }: Simulation): string[] => cluster.view.list('PersistentVolumeClaim', 'game').map(({ metadata }) => metadata.name)

  it('names what its pods are generated from, and replaces an ended pod as any other', () => {
    const played = play([workload('StatefulSet', { serviceName: 'web', replicas: 1 })], { steps: [{ at: '30s', memoryPressure: { node: 'node-1', available: '10Mi' } }, { at: '31s', memoryPressure: { node: 'node-1', available: '1Gi' } }] })
    expect(get(played, 'Pod', 'web-0').metadata.generateName).toBe('web-')
    expect(events(played, 'SuccessfulDelete').map(([, message]) => message)).toEqual(['delete Pod web-0 in StatefulSet web successful'])
    expect(events(played, 'SuccessfulCreate')).toHaveLength(2)
  })

  it('deletes the claims of what it scales away, and those of no pod that it only updates', () => {
    const set = workload('StatefulSet', { serviceName: 'web', replicas: 2, ...claims })
    expect(names(play([set], { steps: [{ at: '30s', setImage: { workload: 'statefulset/web', image: image('2') } }] }))).toEqual(['data-web-0', 'data-web-1'])
    expect(names(play([set], { steps: [{ at: '30s', scale: { workload: 'statefulset/web', replicas: 1 } }] }))).toEqual(['data-web-0'])
  })
})

describe('Jobs', () => {
  const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: image('1') }] } } }

  it('are meant to fail when they are decided, and have failed when their pods are gone', () => {
    const played = play([{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'late', namespace: 'game' }, spec: { activeDeadlineSeconds: 20, ...spec } }], {}, { stop: { drain: '3s' } })
    const { status } = get(played, 'Job', 'late')
    expect((status.conditions as Fields[]).map(({ type, lastTransitionTime }) => [type, lastTransitionTime])).toEqual([['FailureTarget', '2026-01-05T10:00:20Z'], ['Failed', '2026-01-05T10:00:23Z']])
    expect(status.uncountedTerminatedPods).toEqual({})
    expect(runKubectl(played.cluster, 'kubectl get jobs -n game --no-headers', { namespace: 'game', at: 21_000 }).stdout).toMatch(/^late +(FailureTarget|Terminating) /)
  })

  it('are not started by a CronJob whose last one still runs, which it says once each time', () => {
    const played = play([{ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'tick', namespace: 'game' }, spec: { schedule: '* * * * *', concurrencyPolicy: 'Forbid', jobTemplate: { spec } } }], { length: '5m' })
    expect(events(played, 'JobAlreadyActive').map(([at]) => at)).toEqual([120, 180, 240, 300])
  })
})

it('a namespace that is held tells what is left in it, and by whose finalizers', () => {
  const held = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'held', namespace: 'game', finalizers: ['example.com/hold'] } }
  const { status } = play([held, workload('Deployment', { replicas: 1 })], { steps: [{ at: '30s', delete: 'namespace/game' }] }).cluster.view.get('Namespace', '', 'game') as Fields
  expect((status.conditions as Fields[]).map(({ type, status: is, reason }) => [type, is, reason])).toEqual([
    ['NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered'], ['NamespaceDeletionGroupVersionParsingFailure', 'False', 'ParsedGroupVersions'], ['NamespaceDeletionContentFailure', 'False', 'ContentDeleted'],
    ['NamespaceContentRemaining', 'True', 'SomeResourcesRemain'], ['NamespaceFinalizersRemaining', 'True', 'SomeFinalizersRemain'],
  ])
  expect(status.conditions[3].message).toBe('Some resources are remaining: configmaps. has 1 resource instances')
})
