/** StatefulSet: identity, order, minReadySeconds, updates by hand, claims that are missing, leaving or refused. */
import { describe, expect, test } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import type { LiveCluster } from '../../../server/cluster/cluster.ts'
import type { PodPlan } from '../control-plane.ts'
import { eventsOf, pods, startCluster } from '../control-plane.ts'

const fine: PodPlan = { startMs: 500, readyMs: 1000, stopMs: 1000 }
const claims = { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }] }

function set(replicas: number, spec: Fields = {}, version = '1'): K8sObject {
  return {
    apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', namespace: 'game' },
    spec: { replicas, serviceName: 'peers', selector: { matchLabels: { app: 'db' } }, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }, ...spec, template: { metadata: { labels: { app: 'db', version } }, spec: { containers: [{ name: 'db', image: `db:${version}` }] } } },
  }
}
const names = (cluster: LiveCluster): string[] => pods(cluster, 'db').map(({ metadata }) => metadata.name)
const leaving = (cluster: LiveCluster): string[] => pods(cluster, 'db').filter(({ metadata }) => metadata.deletionTimestamp).map(({ metadata }) => metadata.name)
const versions = (cluster: LiveCluster): (string | undefined)[] => pods(cluster, 'db').map(({ metadata }) => metadata.labels?.version)
const claim = (cluster: LiveCluster, name: string): K8sObject | undefined => cluster.view.get('PersistentVolumeClaim', 'game', name)

describe('identity', () => {
  test('name, hostname, subdomain, labels and claim follow the ordinal, without a Service of that name', () => {
    const cluster = startCluster()
    cluster.api.apply(set(2, claims))
    cluster.advance(10_000)
    const pod = cluster.view.get('Pod', 'game', 'db-1')!
    expect(pod.spec).toMatchObject({ hostname: 'db-1', subdomain: 'peers', volumes: expect.arrayContaining([{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } }]) })
    expect(pod.metadata.labels).toMatchObject({ 'statefulset.kubernetes.io/pod-name': 'db-1', 'apps.kubernetes.io/pod-index': '1', 'controller-revision-hash': cluster.view.list('ControllerRevision', 'game')[0]!.metadata.name })
    expect(eventsOf(cluster, 'StatefulSet', 'SuccessfulCreate')).toEqual(['create Claim data-db-0 Pod db-0 in StatefulSet db success', 'create Pod db-0 in StatefulSet db successful', 'create Claim data-db-1 Pod db-1 in StatefulSet db success', 'create Pod db-1 in StatefulSet db successful'])
  })
  test('ordinals.start moves the numbers: new ones are made first, then those outside go', () => {
    const cluster = startCluster()
    cluster.api.apply(set(2))
    cluster.advance(10_000)
    cluster.api.apply(set(2, { ordinals: { start: 1 } }))
    cluster.advance(10_100)
    expect([names(cluster), leaving(cluster)]).toEqual([['db-0', 'db-1', 'db-2'], []])
    cluster.advance(20_000)
    expect(names(cluster)).toEqual(['db-1', 'db-2'])
  })
})

describe('order', () => {
  test('the next one waits until the one before has been ready for minReadySeconds', () => {
    const cluster = startCluster()
    cluster.api.apply(set(2, { minReadySeconds: 30 }))
    cluster.advance(30_900)
    expect(names(cluster)).toEqual(['db-0'])
    cluster.advance(33_000)
    expect(names(cluster)).toEqual(['db-0', 'db-1'])
  })
  test('one at a time goes, the highest first, and only while those below are healthy', () => {
    const cluster = startCluster()
    cluster.api.apply(set(4))
    cluster.advance(20_000)
    cluster.api.apply(set(1))
    cluster.advance(20_100)
    expect([names(cluster).length, leaving(cluster)]).toEqual([4, ['db-3']])
    cluster.advance(21_100)
    expect([names(cluster).length, leaving(cluster)]).toEqual([3, ['db-2']])
    cluster.api.delete({ kind: 'Pod', namespace: 'game', name: 'db-0' })
    cluster.advance(22_050)
    expect([names(cluster), leaving(cluster)]).toEqual([['db-0', 'db-1'], ['db-0']])
    cluster.advance(30_000)
    expect(names(cluster)).toEqual(['db-0'])
    expect(eventsOf(cluster, 'StatefulSet', 'SuccessfulDelete')).toEqual(['db-3', 'db-2', 'db-1'].map((name) => `delete Pod ${name} in StatefulSet db successful`))
  })
  test('a pod that is to go holds the others up while a lower one has not been ready for minReadySeconds', () => {
    const cluster = startCluster()
    cluster.api.apply(set(3, { podManagementPolicy: 'Parallel', minReadySeconds: 20 }))
    cluster.advance(30_000)
    cluster.api.delete({ kind: 'Pod', namespace: 'game', name: 'db-1' })
    cluster.api.delete({ kind: 'Pod', namespace: 'game', name: 'db-2' })
    cluster.advance(35_000)
    cluster.api.apply(set(1, { podManagementPolicy: 'OrderedReady', minReadySeconds: 20 }))
    cluster.advance(36_000)
    // The first that is not available may go, and that is db-1; db-2 waits for it to be.
    expect(leaving(cluster)).toEqual([])
    cluster.advance(60_000)
    expect(names(cluster)).toEqual(['db-0'])
  })
  test('Parallel makes and deletes all at once', () => {
    const cluster = startCluster()
    cluster.api.apply(set(3, { podManagementPolicy: 'Parallel' }))
    cluster.advance(10_000)
    cluster.api.apply(set(1, { podManagementPolicy: 'Parallel' }))
    cluster.advance(10_100)
    expect(leaving(cluster)).toEqual(['db-1', 'db-2'])
  })
  test('a pod that ended is deleted and made again under its name', () => {
    let first = true
    const cluster = startCluster({}, (pod) => {
      if (pod.metadata.name !== 'db-0' || !first) return fine
      first = false
      return { ...fine, endsMs: 3000, exitCode: 0 }
    })
    cluster.api.apply(set(1))
    cluster.advance(3400)
    const uid = cluster.view.get('Pod', 'game', 'db-0')!.metadata.uid
    cluster.advance(10_000)
    expect(names(cluster)).toEqual(['db-0'])
    expect(cluster.view.get('Pod', 'game', 'db-0')!.metadata.uid).not.toBe(uid)
  })
})

describe('an update', () => {
  test('with OnDelete waits for somebody to delete the pods', () => {
    const cluster = startCluster()
    cluster.api.apply(set(2, { updateStrategy: { type: 'OnDelete' } }))
    cluster.advance(10_000)
    cluster.api.apply(set(2, { updateStrategy: { type: 'OnDelete' } }, '2'))
    cluster.advance(60_000)
    expect(versions(cluster)).toEqual(['1', '1'])
    cluster.api.delete({ kind: 'Pod', namespace: 'game', name: 'db-0' })
    cluster.advance(70_000)
    expect(versions(cluster)).toEqual(['2', '1'])
  })
  test('stops at the first new pod that is not healthy', () => {
    const cluster = startCluster({}, (pod) => (pod.metadata.labels?.version === '2' ? { startMs: 500, stopMs: 1000 } : fine))
    cluster.api.apply(set(3))
    cluster.advance(20_000)
    cluster.api.apply(set(3, {}, '2'))
    cluster.advance(300_000)
    expect(versions(cluster)).toEqual(['1', '1', '2'])
    expect(cluster.view.get('StatefulSet', 'game', 'db')!.status).toMatchObject({ replicas: 3, readyReplicas: 2, currentReplicas: 2, updatedReplicas: 1 })
  })
  test('a pod below the partition that is made again keeps the old template', () => {
    const cluster = startCluster()
    const strategy = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }
    cluster.api.apply(set(2, strategy))
    cluster.advance(20_000)
    cluster.api.apply(set(2, strategy, '2'))
    cluster.advance(40_000)
    cluster.api.delete({ kind: 'Pod', namespace: 'game', name: 'db-0' })
    cluster.advance(60_000)
    expect(versions(cluster)).toEqual(['1', '2'])
  })
})

describe('claims', () => {
  test('a new pod waits for a claim that is leaving, says so, and gets a new one', () => {
    const cluster = startCluster()
    const held = { ...claims.volumeClaimTemplates[0]!, metadata: { name: 'data', finalizers: ['example.com/hold'] } }
    cluster.api.apply(set(1, { volumeClaimTemplates: [held] }))
    cluster.advance(10_000)
    const uid = claim(cluster, 'data-db-0')!.metadata.uid
    cluster.api.delete({ kind: 'PersistentVolumeClaim', namespace: 'game', name: 'data-db-0' })
    cluster.api.delete({ kind: 'Pod', namespace: 'game', name: 'db-0' })
    cluster.advance(20_000)
    expect(names(cluster)).toEqual([])
    expect(new Set(eventsOf(cluster, 'StatefulSet', 'FailedCreate'))).toEqual(new Set(['create Pod db-0 in StatefulSet db failed error: pvc data-db-0 is being deleted']))
    cluster.api.patch({ kind: 'PersistentVolumeClaim', namespace: 'game', name: 'data-db-0' }, { metadata: { finalizers: null } })
    cluster.advance(40_000)
    expect(names(cluster)).toEqual(['db-0'])
    expect(claim(cluster, 'data-db-0')!.metadata.uid).not.toBe(uid)
    expect(claim(cluster, 'data-db-0')!.metadata.deletionTimestamp).toBeUndefined()
  })
  test('a claim that a pending pod lost is made again', () => {
    const cluster = startCluster({ cluster: { nodes: [{ name: 'a' }] } })
    const big = set(1, claims)
    big.spec.template.spec.containers[0].resources = { requests: { cpu: '900' } }
    cluster.api.apply(big)
    cluster.advance(5000)
    expect(cluster.view.get('Pod', 'game', 'db-0')!.spec.nodeName).toBeUndefined()
    const uid = claim(cluster, 'data-db-0')!.metadata.uid
    cluster.erase({ kind: 'PersistentVolumeClaim', namespace: 'game', name: 'data-db-0' })
    cluster.api.patch({ kind: 'Pod', namespace: 'game', name: 'db-0' }, { metadata: { annotations: { seen: 'yes' } } })
    cluster.advance(6000)
    expect(claim(cluster, 'data-db-0')?.metadata.uid).toBeDefined()
    expect(claim(cluster, 'data-db-0')!.metadata.uid).not.toBe(uid)
  })
  test('one that is refused is told for the claim and for the pod', () => {
    const cluster = startCluster()
    cluster.api.create({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few', namespace: 'game' }, spec: { hard: { persistentvolumeclaims: '0' } } })
    cluster.api.apply(set(1, claims))
    cluster.advance(0)
    expect(eventsOf(cluster, 'StatefulSet', 'FailedCreate').slice(0, 2)).toEqual([
      expect.stringMatching(/^create Claim data-db-0 for Pod db-0 in StatefulSet db failed error: persistentvolumeclaims "data-db-0" is forbidden: exceeded quota: few/),
      expect.stringMatching(/^create Pod db-0 in StatefulSet db failed error: failed to create PVC data-db-0: persistentvolumeclaims "data-db-0" is forbidden/),
    ])
    expect(names(cluster)).toEqual([])
  })
})

test('a pod that is refused is tried again ever later, and once the quota is gone it is made', () => {
  const cluster = startCluster()
  cluster.api.create({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few', namespace: 'game' }, spec: { hard: { pods: '0' } } })
  cluster.api.apply(set(1))
  cluster.advance(5000)
  const failed = cluster.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === 'FailedCreate')
  expect(failed[0]!.data!.message).toMatch(/^create Pod db-0 in StatefulSet db failed error: pods "db-0" is forbidden: exceeded quota: few/)
  // The second at 0 is for the status that was written.
  expect(failed.slice(0, 6).map(({ at }) => at)).toEqual([0, 0, 5, 25, 65, 145])
  cluster.api.delete({ kind: 'ResourceQuota', namespace: 'game', name: 'few' })
  cluster.advance(20_000)
  expect(names(cluster)).toEqual(['db-0'])
})
