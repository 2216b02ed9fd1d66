import { describe, expect, test } from 'vitest'
import { fenceposts, newSetSize, oldSetSizes, proportionalSizes } from '../../../server/cluster/controllers/deployment/arithmetic.ts'
import { deployment, eventsOf, pods, startCluster } from '../control-plane.ts'

describe('the numbers of a rolling update', () => {
  test.each([
    [1, 1, 0], [2, 1, 0], [3, 1, 0], [4, 1, 1], [10, 3, 2],
  ])('a quarter of %i is surge %i, unavailable %i', (replicas, surge, unavailable) => {
    expect(fenceposts('25%', '25%', replicas)).toEqual({ surge, unavailable })
  })
  test('both nothing means one unavailable; 10 % of 3 surges by one', () => {
    expect(fenceposts('0%', '0%', 3)).toEqual({ surge: 0, unavailable: 1 })
    expect(fenceposts('10%', '10%', 3)).toEqual({ surge: 1, unavailable: 0 })
  })
  test.each([
    ['4 replicas', 4, '25%', '25%', 3, 2], ['3 replicas', 3, '25%', '25%', 3, 1], ['10 replicas', 10, '25%', '25%', 8, 5], ['2 replicas, half may be missing', 2, 0, '50%', 1, 1],
  ])('%s with a new version that never gets available stops', (_name, replicas, maxSurge, maxUnavailable, old, next) => {
    const { surge, unavailable } = fenceposts(maxSurge, maxUnavailable, replicas)
    let sizes = { old: replicas, next: 0 }
    for (let i = 0; i < 20; i++) {
      const grown = newSetSize(replicas, surge, sizes.old + sizes.next, sizes.next)
      const shrunk = grown === sizes.next ? oldSetSizes(replicas, unavailable, [{ wanted: sizes.old, available: sizes.old }], { wanted: sizes.next, available: 0 })[0]! : sizes.old
      sizes = { old: shrunk, next: grown }
    }
    expect(sizes).toEqual({ old, next })
  })
  test('scaling in mid-rollout keeps proportions', () => {
    const sizes = proportionalSizes(20, 5, [{ wanted: 8, available: 8, maxReplicas: 13 }, { wanted: 5, available: 0, maxReplicas: 13 }])
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(25)
    expect(sizes).toEqual([15, 10])
  })
})

describe('a Deployment in a cluster', () => {
  test('creates a ReplicaSet and pods that get ready', () => {
    const cluster = startCluster()
    expect(cluster.api.create(deployment('web', 3))).toHaveProperty('object')
    cluster.advance(10_000)
    const web = cluster.view.get('Deployment', 'game', 'web')!
    expect(web.status).toMatchObject({ replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3, unavailableReplicas: 0 })
    expect(web.status.conditions.map((c: { type: string; status: string; reason: string }) => [c.type, c.status, c.reason])).toEqual([['Available', 'True', 'MinimumReplicasAvailable'], ['Progressing', 'True', 'NewReplicaSetAvailable']])
    expect(eventsOf(cluster, 'Deployment', 'ScalingReplicaSet').filter((text) => text.includes('web-'))).toEqual([expect.stringMatching(/^Scaled up replica set web-[a-z0-9]+ from 0 to 3$/)])
  })
  test('a broken version keeps the old pods and exceeds its deadline (G20)', () => {
    const cluster = startCluster({}, (pod) => (pod.metadata.labels?.version === '2' ? { startMs: 500, stopMs: 1000 } : { startMs: 500, readyMs: 1000, stopMs: 1000 }))
    cluster.api.apply(deployment('web', 3))
    cluster.advance(10_000)
    cluster.api.apply(deployment('web', 3, {}, {}, '2'))
    cluster.advance(30_000)
    expect(pods(cluster, 'web').filter((pod) => pod.metadata.labels?.version === '1')).toHaveLength(3)
    expect(pods(cluster, 'web').filter((pod) => pod.metadata.labels?.version === '2')).toHaveLength(1)
    const progressing = (): Record<string, string> => cluster.view.get('Deployment', 'game', 'web')!.status.conditions.find((c: { type: string }) => c.type === 'Progressing')
    expect(progressing().reason).toBe('ReplicaSetUpdated')
    cluster.advance(650_000)
    expect(progressing()).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded', message: expect.stringMatching(/^ReplicaSet "web-\w+" has timed out progressing\.$/) })
    cluster.api.apply(deployment('web', 3))
    cluster.advance(670_000)
    expect(pods(cluster, 'web').map((pod) => pod.metadata.labels?.version)).toEqual(['1', '1', '1'])
    expect(cluster.view.get('Deployment', 'game', 'web')!.metadata.annotations!['deployment.kubernetes.io/revision']).toBe('3')
  })
  test('a good version replaces all, never below the minimum nor above the surge', () => {
    const cluster = startCluster()
    cluster.api.apply(deployment('web', 4))
    cluster.advance(10_000)
    cluster.api.apply(deployment('web', 4, {}, {}, '2'))
    for (let at = 10_000; at < 40_000; at += 250) {
      cluster.advance(at)
      const sets = cluster.view.list('ReplicaSet', 'game')
      expect(sets.reduce((sum, set) => sum + set.spec.replicas, 0)).toBeLessThanOrEqual(5)
      expect(sets.reduce((sum, set) => sum + (set.status?.availableReplicas ?? 0), 0)).toBeGreaterThanOrEqual(3)
    }
    expect(pods(cluster, 'web').map((pod) => pod.metadata.labels?.version)).toEqual(['2', '2', '2', '2'])
  })
  test('Recreate waits until the old pods are gone', () => {
    const cluster = startCluster({}, () => ({ startMs: 500, readyMs: 1000, stopMs: 20_000 }))
    cluster.api.apply(deployment('web', 2, { strategy: { type: 'Recreate' } }))
    cluster.advance(10_000)
    cluster.api.apply(deployment('web', 2, { strategy: { type: 'Recreate' } }, {}, '2'))
    cluster.advance(25_000)
    expect(pods(cluster, 'web').every((pod) => pod.metadata.labels?.version === '1' && pod.metadata.deletionTimestamp)).toBe(true)
    cluster.advance(40_000)
    expect(pods(cluster, 'web').map((pod) => pod.metadata.labels?.version)).toEqual(['2', '2'])
  })
  test('one that is complete may be paused, stays so, and goes on when resumed', () => {
    const cluster = startCluster()
    cluster.api.apply(deployment('web', 2))
    cluster.advance(10_000)
    const progressing = () => cluster.view.get('Deployment', 'game', 'web')!.status.conditions.find((c: { type: string }) => c.type === 'Progressing')
    cluster.api.apply(deployment('web', 2, { paused: true }))
    expect(cluster.advance(20_000)).toBe(true)
    expect(progressing()).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' })
    cluster.api.apply(deployment('web', 2))
    expect(cluster.advance(30_000)).toBe(true)
    expect(progressing()).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' })
  })
  test('a paused one scales but does not roll', () => {
    const cluster = startCluster()
    cluster.api.apply(deployment('web', 2))
    cluster.advance(10_000)
    cluster.api.apply(deployment('web', 3, { paused: true }, {}, '2'))
    cluster.advance(20_000)
    expect(pods(cluster, 'web').map((pod) => pod.metadata.labels?.version)).toEqual(['1', '1', '1'])
    expect(cluster.view.get('Deployment', 'game', 'web')!.status.conditions.find((c: { type: string }) => c.type === 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' })
  })
})
