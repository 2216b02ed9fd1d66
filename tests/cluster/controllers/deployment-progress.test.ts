/** What a Deployment says about itself while it rolls, waits, is refused or is paused, and what it leaves behind. */
import { describe, expect, test } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import type { LiveCluster } from '../../../server/cluster/cluster.ts'
import { oldSetSizes } from '../../../server/cluster/controllers/deployment/arithmetic.ts'
import { deploymentOf, judge } from '../../support/exercise.ts'
import type { PodPlan } from '../control-plane.ts'
import { deployment, eventsOf, pods, startCluster } from '../control-plane.ts'

const fine: PodPlan = { startMs: 500, readyMs: 1000, stopMs: 1000 }
const broken: PodPlan = { startMs: 500, stopMs: 1000 }
/** Version 2 never gets ready. */
const secondBroken = (pod: K8sObject): PodPlan => (pod.metadata.labels?.version === '2' ? broken : fine)
const web = (cluster: LiveCluster): K8sObject => cluster.view.get('Deployment', 'game', 'web')!
const sets = (cluster: LiveCluster): readonly K8sObject[] => cluster.view.list('ReplicaSet', 'game')
const sizeOf = (cluster: LiveCluster, version: string): number => sets(cluster).find((set) => set.spec.template.metadata.labels.version === version)!.spec.replicas as number
const conditions = (cluster: LiveCluster): string[] => (web(cluster).status.conditions as Fields[]).map(({ type, status, reason }) => `${type} ${status} ${reason}`)
const quota = (hard: Fields): K8sObject => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few', namespace: 'game' }, spec: { hard } })

describe('names and labels', () => {
  test('the hash is in the name and the labels of the set, in its selector and on its pods', () => {
    const cluster = startCluster()
    cluster.api.apply(deployment('web', 2))
    cluster.advance(10_000)
    const [set] = sets(cluster)
    const hash = set!.metadata.labels!['pod-template-hash']!
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{8,10}$/)
    expect([set!.metadata.name, set!.spec.selector.matchLabels['pod-template-hash'], set!.spec.template.metadata.labels['pod-template-hash']]).toEqual([`web-${hash}`, hash, hash])
    for (const pod of pods(cluster, 'web')) {
      expect(pod.metadata.name).toMatch(new RegExp(`^web-${hash}-[bcdfghjklmnpqrstvwxz2456789]{5}$`))
      expect(pod.metadata.labels!['pod-template-hash']).toBe(hash)
    }
  })
  test('a long name is cut before the five characters of a pod, and a set keeps it whole', () => {
    const cluster = startCluster()
    cluster.api.apply(deployment('w'.repeat(60), 1))
    cluster.advance(1000)
    expect(sets(cluster)[0]!.metadata.name).toMatch(/^w{60}-\w{8,10}$/)
    expect(pods(cluster, 'w'.repeat(60))[0]!.metadata.name).toMatch(/^w{58}\w{5}$/)
  })
  test.each([
    ['labels', (one: K8sObject): void => void (one.metadata.labels = { team: 'a' })], ['replicas', (one: K8sObject): void => void (one.spec.replicas = 3)],
    ['the strategy', (one: K8sObject): void => void (one.spec.strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2 } })], ['minReadySeconds', (one: K8sObject): void => void (one.spec.minReadySeconds = 5)],
  ])('%s make no new set', (_name, change) => {
    const cluster = startCluster()
    cluster.api.apply(deployment('web', 2))
    cluster.advance(10_000)
    const next = deployment('web', 2)
    change(next)
    cluster.api.apply(next)
    cluster.advance(30_000)
    expect(sets(cluster)).toHaveLength(1)
  })
  test('going back to an earlier template takes its set again, under the next number, and keeps revisionHistoryLimit others', () => {
    const cluster = startCluster()
    const revisions = (): string[] => sets(cluster).map(({ spec, metadata }) => `${spec.template.metadata.labels.version}: ${metadata.annotations!['deployment.kubernetes.io/revision']}`).sort()
    for (const version of ['1', '2', '1']) {
      cluster.api.apply(deployment('web', 1, { revisionHistoryLimit: 1 }, {}, version))
      cluster.advance(cluster.now + 20_000)
    }
    expect(revisions()).toEqual(['1: 3', '2: 2'])
    cluster.api.apply(deployment('web', 1, { revisionHistoryLimit: 1 }, {}, '3'))
    cluster.advance(cluster.now + 20_000)
    expect(revisions()).toEqual(['1: 3', '3: 4'])
  })
})

describe('conditions', () => {
  test('one whose status or reason changes goes to the end; after a rollout is done, only Available follows the pods', () => {
    const cluster = startCluster({}, () => ({ ...fine, endsMs: 30_000, exitCode: 1 }))
    cluster.api.apply(deployment('web', 1))
    cluster.advance(10_000)
    expect(conditions(cluster)).toEqual(['Available True MinimumReplicasAvailable', 'Progressing True NewReplicaSetAvailable'])
    cluster.advance(31_000)
    expect(conditions(cluster)).toEqual(['Progressing True NewReplicaSetAvailable', 'Available False MinimumReplicasUnavailable'])
    expect(web(cluster).status).toMatchObject({ replicas: 1, readyReplicas: 0, availableReplicas: 0, unavailableReplicas: 1 })
  })
  test('a deadline of 2147483647 s is none: nothing is said about progress', () => {
    const cluster = startCluster()
    cluster.api.apply(deployment('web', 1, { progressDeadlineSeconds: 2147483647 }))
    cluster.advance(10_000)
    expect(conditions(cluster)).toEqual(['Available True MinimumReplicasAvailable'])
  })
  test('a rollout that was paused in the middle is timed from when it is resumed', () => {
    const cluster = startCluster({}, secondBroken)
    cluster.api.apply(deployment('web', 3))
    cluster.advance(10_000)
    cluster.api.apply(deployment('web', 3, {}, {}, '2'))
    cluster.advance(20_000)
    cluster.api.apply(deployment('web', 3, { paused: true }, {}, '2'))
    cluster.advance(1_000_000)
    expect(conditions(cluster).at(-1)).toBe('Progressing Unknown DeploymentPaused')
    cluster.api.apply(deployment('web', 3, {}, {}, '2'))
    cluster.advance(1_010_000)
    expect(conditions(cluster).at(-1)).toBe('Progressing Unknown DeploymentResumed')
    cluster.advance(1_620_000)
    expect(conditions(cluster).at(-1)).toBe('Progressing False ProgressDeadlineExceeded')
    cluster.api.apply(deployment('web', 3, { paused: true }, {}, '2'))
    cluster.advance(1_630_000)
    expect(conditions(cluster).at(-1)).toBe('Progressing False ProgressDeadlineExceeded')
  })
  test('a deadline that is shortened counts at once', () => {
    const cluster = startCluster({}, secondBroken)
    cluster.api.apply(deployment('web', 3))
    cluster.advance(10_000)
    cluster.api.apply(deployment('web', 3, {}, {}, '2'))
    cluster.advance(40_000)
    cluster.api.apply(deployment('web', 3, { progressDeadlineSeconds: 60 }, {}, '2'))
    cluster.advance(80_000)
    expect(conditions(cluster).at(-1)).toBe('Progressing False ProgressDeadlineExceeded')
  })
  test('pods that cannot be created are unavailable although there are none', () => {
    const cluster = startCluster()
    cluster.api.create(quota({ pods: '0' }))
    cluster.api.apply(deployment('web', 3))
    cluster.advance(10_000)
    expect(web(cluster).status).toMatchObject({ replicas: 0, updatedReplicas: 0, availableReplicas: 0, unavailableReplicas: 3 })
    expect(conditions(cluster)).toEqual(['Progressing True NewReplicaSetCreated', 'Available False MinimumReplicasUnavailable', 'ReplicaFailure True FailedCreate'])
    expect(sets(cluster)[0]).toMatchObject({ spec: { replicas: 3 }, status: { replicas: 0, conditions: [{ type: 'ReplicaFailure', reason: 'FailedCreate', message: expect.stringMatching(/^pods "web-\w+-\w{5}" is forbidden: exceeded quota: few/) }] } })
  })
  test('a ReplicaSet that cannot be created is told in an event and in Progressing', () => {
    const cluster = startCluster()
    cluster.api.create(quota({ 'count/replicasets.apps': '0' }))
    cluster.api.apply(deployment('web', 1))
    cluster.advance(5000)
    expect(eventsOf(cluster, 'Deployment', 'ReplicaSetCreateError')[0]).toMatch(/^Failed to create new replica set "web-\w+": replicasets\.apps "web-\w+" is forbidden: exceeded quota: few/)
    expect(conditions(cluster)).toContain('Progressing False ReplicaSetCreateError')
    cluster.advance(600_000)
    // Tried again after 5 ms, 10 ms, 20 ms …, and given up after fifteen times; whatever changes the Deployment begins anew.
    const times = cluster.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === 'ReplicaSetCreateError').map(({ at }) => at)
    expect(times).toHaveLength(16)
    expect(times.at(-1)).toBeLessThan(200_000)
    cluster.api.delete({ kind: 'ResourceQuota', namespace: 'game', name: 'few' })
    cluster.advance(700_000)
    expect(sets(cluster)).toHaveLength(0)
    cluster.api.apply(deployment('web', 2))
    cluster.advance(710_000)
    expect(pods(cluster, 'web')).toHaveLength(2)
  })
})

describe('sizes', () => {
  test('a status that lags behind a set is waited for', () => expect(oldSetSizes(4, 1, [{ wanted: 2, available: 3 }], { wanted: 3, available: 3 })).toEqual([2]))
  test('the oldest set goes first, pods that are not available before those that are', () => {
    expect(oldSetSizes(10, 2, [{ wanted: 2, available: 2 }, { wanted: 5, available: 1 }], { wanted: 6, available: 6 })).toEqual([1, 1])
  })
  test('a new set that happens to have the new size already does not end the old one: during a pause both shrink in proportion', () => {
    const cluster = startCluster({}, (pod) => (pod.metadata.labels?.version === '2' ? { ...fine, readyMs: 30_000 } : fine))
    const strategy = { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '50%', maxUnavailable: 0 } } }
    cluster.api.apply(deployment('web', 10, strategy))
    cluster.advance(20_000)
    cluster.api.apply(deployment('web', 10, strategy, {}, '2'))
    cluster.advance(30_000)
    cluster.api.apply(deployment('web', 10, { ...strategy, paused: true }, {}, '2'))
    cluster.advance(100_000)
    expect([sizeOf(cluster, '1'), sizeOf(cluster, '2'), web(cluster).status.availableReplicas]).toEqual([10, 5, 15])
    cluster.api.apply(deployment('web', 5, { ...strategy, paused: true }, {}, '2'))
    cluster.advance(110_000)
    expect([sizeOf(cluster, '1'), sizeOf(cluster, '2')]).toEqual([5, 3])
  })
})

describe('a rollout', () => {
  test('moves one step at a time and says each; pods that are leaving do not count', () => {
    const cluster = startCluster({}, () => ({ ...fine, stopMs: 60_000 }))
    cluster.api.apply(deployment('web', 3))
    cluster.advance(10_000)
    cluster.api.apply(deployment('web', 3, {}, {}, '2'))
    cluster.advance(20_000)
    expect(eventsOf(cluster, 'Deployment', 'ScalingReplicaSet').filter((text) => text.includes(' web-')).map((text) => text.replace(/web-\w+/, 'web'))).toEqual([
      'Scaled up replica set web from 0 to 3', 'Scaled up replica set web from 0 to 1', 'Scaled down replica set web from 3 to 2', 'Scaled up replica set web from 1 to 2', 'Scaled down replica set web from 2 to 1', 'Scaled up replica set web from 2 to 3', 'Scaled down replica set web from 1 to 0',
    ])
    expect(pods(cluster, 'web')).toHaveLength(6)
    expect(web(cluster).status).toMatchObject({ replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3, unavailableReplicas: 0, terminatingReplicas: 3 })
  })
  test('tells each reason of Progressing: created or found, then moving, then done', () => {
    const cluster = startCluster()
    const told = (): string => {
      const { reason, message } = (web(cluster).status.conditions as Fields[]).find(({ type }) => type === 'Progressing')!
      return `${reason as string}: ${(message as string).replace(/web-\w+/, 'web')}`
    }
    cluster.api.create(quota({ pods: '0' }))
    cluster.api.apply(deployment('web', 1))
    cluster.advance(5000)
    expect(told()).toBe('NewReplicaSetCreated: Created new replica set "web"')
    cluster.api.delete({ kind: 'Deployment', namespace: 'game', name: 'web' }, { propagation: 'Orphan' })
    cluster.advance(6000)
    cluster.api.apply(deployment('web', 1))
    cluster.advance(7000)
    expect(told()).toBe('FoundNewReplicaSet: Found new replica set "web"')
    cluster.api.delete({ kind: 'ResourceQuota', namespace: 'game', name: 'few' })
    while (pods(cluster, 'web').length === 0) cluster.advance(cluster.now + 100)
    expect(told()).toBe('ReplicaSetUpdated: ReplicaSet "web" is progressing.')
    cluster.advance(cluster.now + 5000)
    expect(told()).toBe('NewReplicaSetAvailable: ReplicaSet "web" has successfully progressed.')
    expect(sets(cluster)).toHaveLength(1)
  })
})

describe('a version that crashes after a moment', () => {
  const image = (tag: string): string => `registry.game.example/login:${tag}`
  const alive = (spec: Fields, container: Fields): number => {
    const { simulation } = judge({
      objects: [deploymentOf({ readinessProbe: undefined, ...container }, spec)], goal: { admitted: {} }, run: { length: '600s', steps: [{ at: '10s', setImage: { workload: 'deployment/login', image: image('1.9.0') } }] },
      scenario: { images: [{ name: image('1.8.2'), profile: 'login' }, { name: image('1.9.0'), profile: 'crash' }], profiles: { login: { image: { user: 10001, entrypoint: ['/app'] }, start: { time: '1s' }, listen: [{ port: 8080 }], http: { '/readyz': {} } }, crash: { image: { user: 10001, entrypoint: ['/app'] }, start: { time: '1s' }, exit: { after: '5s', code: 1 } } } },
    })
    return simulation.cluster.view.list('Pod', 'game').filter((pod) => pod.spec.containers[0].image === image('1.8.2')).length
  }
  test('replaces all old pods without a probe and without minReadySeconds', () => expect(alive({}, {})).toBe(0))
  test('leaves the old pods with minReadySeconds', () => expect(alive({ minReadySeconds: 30 }, {})).toBe(2))
})
