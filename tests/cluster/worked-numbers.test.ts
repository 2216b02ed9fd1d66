/** The worked numbers of rollouts, autoscaling and budgets, played on the real control plane; the arithmetic behind them has tests beside each controller. */
import { describe, expect, test } from 'vitest'
import type { K8sObject } from '../../server/k8s/object.ts'
import { drain } from '../../server/cluster/operations.ts'
import { deploymentOf, judge } from '../support/exercise.ts'
import { deployment, startCluster } from './control-plane.ts'

describe('a rolling update whose new version never gets available', () => {
  test.each([
    [4, '25%', '25%', 3, 2], [3, '25%', '25%', 3, 1], [10, '25%', '25%', 8, 5], [2, 0, '50%', 1, 1], [3, '10%', '10%', 3, 1], [1, '25%', '25%', 1, 1], [2, '25%', '25%', 2, 1],
  ])('%i replicas, surge %s, unavailable %s: stops with %i old and %i new', (replicas, maxSurge, maxUnavailable, old, next) => {
    const cluster = startCluster({}, (pod) => (pod.metadata.labels?.version === '2' ? { startMs: 500, stopMs: 1000 } : { startMs: 500, readyMs: 1000, stopMs: 1000 }))
    const strategy = { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } }
    cluster.api.apply(deployment('web', replicas, strategy))
    cluster.advance(20_000)
    cluster.api.apply(deployment('web', replicas, strategy, {}, '2'))
    cluster.advance(300_000)
    const sizes = (version: string): number => cluster.view.list('ReplicaSet', 'game').filter((set) => set.spec!.template.metadata.labels.version === version).reduce((sum, set) => sum + (set.spec!.replicas as number), 0)
    expect([sizes('1'), sizes('2')]).toEqual([old, next])
    const status = cluster.view.get('Deployment', 'game', 'web')!.status!
    expect([status.availableReplicas, status.updatedReplicas]).toEqual([old, next])
  })
  test('neither surge nor unavailable is refused', () => {
    const { simulation } = judge({ objects: [deploymentOf({}, { replicas: 3, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } })], goal: { admitted: {} } })
    expect(simulation.result.applied).toMatchObject([{ result: 'rejected', message: expect.stringContaining('spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0') as string }])
  })
})

const scaler = (max: number, target: number): K8sObject => ({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web', namespace: 'game' }, spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 1, maxReplicas: max, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: target } } }] } })
const requests = { container: { resources: { requests: { cpu: '100m' } } } }

describe('an autoscaler', () => {
  /** Sizes of the Deployment as they change, with the second of each change. */
  function sizes(start: number, max: number, target: number, cores: (pod: K8sObject) => number, seconds: number): [number, number][] {
    const cluster = startCluster({}, undefined, cores)
    cluster.api.apply(deployment('web', start, {}, requests))
    cluster.api.apply(scaler(max, target))
    cluster.advance(seconds * 1000)
    const seen: [number, number][] = []
    for (const { at, object } of cluster.store.history({ kind: 'Deployment', namespace: 'game', name: 'web' })) if (object!.spec!.replicas !== seen.at(-1)?.[1]) seen.push([at / 1000, object!.spec!.replicas as number])
    return seen
  }
  test('of 2 pods at 150 % of target 80 wants 4', () => expect(sizes(2, 20, 80, () => 0.15, 60).at(1)?.[1]).toBe(4))
  test('of 4 pods at 40 % of target 80 wants 2, after 300 s', () => {
    const [, [at, replicas]] = sizes(4, 20, 80, () => 0.04, 600) as [[number, number], [number, number]]
    expect(replicas).toBe(2)
    expect(at).toBeGreaterThanOrEqual(300)
    expect(at).toBeLessThanOrEqual(345)
  })
  test.each([86, 73])('at %i % of target 80 keeps its size', (percent) => expect(sizes(3, 20, 80, () => percent / 1000, 600)).toHaveLength(1))
  test('of 1 pod at 1000 % grows to 4 and says why not more', () => {
    const cluster = startCluster({}, undefined, () => 1)
    cluster.api.apply(deployment('web', 1, {}, requests))
    cluster.api.apply(scaler(20, 80))
    while (cluster.view.get('Deployment', 'game', 'web')!.spec!.replicas === 1 && cluster.now < 120_000) cluster.advance(cluster.now + 1000)
    expect(cluster.view.get('Deployment', 'game', 'web')!.spec!.replicas).toBe(4)
    expect(cluster.view.get('HorizontalPodAutoscaler', 'game', 'web')!.status!.conditions).toContainEqual(expect.objectContaining({ type: 'ScalingLimited', status: 'True', reason: 'ScaleUpLimit' }))
  })
})

describe('a budget', () => {
  test.each([
    [{ minAvailable: 2 }, 3, 3, 2, 1], [{ minAvailable: 2 }, 3, 2, 2, 0], [{ maxUnavailable: '30%' }, 3, 3, 2, 1], [{ minAvailable: '50%' }, 3, 3, 2, 1], [{ minAvailable: 1 }, 1, 1, 1, 0],
  ])('%o over %i replicas with %i ready: %i desired, %i allowed', (spec, replicas, ready, desired, allowed) => {
    const names: string[] = []
    const cluster = startCluster({}, (pod) => {
      if (pod.metadata.labels?.app === 'web' && !names.includes(pod.metadata.name)) names.push(pod.metadata.name)
      return names.indexOf(pod.metadata.name) < ready ? { startMs: 500, readyMs: 1000, stopMs: 1000 } : { startMs: 500, stopMs: 1000 }
    })
    cluster.api.apply(deployment('web', replicas))
    cluster.api.apply({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web', namespace: 'game' }, spec: { ...spec, selector: { matchLabels: { app: 'web' } } } })
    cluster.advance(20_000)
    expect(cluster.view.get('PodDisruptionBudget', 'game', 'web')!.status).toMatchObject({ desiredHealthy: desired, disruptionsAllowed: allowed, expectedPods: replicas })
  })
  test('of one for one pod blocks a drain', () => {
    const cluster = startCluster()
    cluster.api.apply(deployment('web', 1))
    cluster.api.apply({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web', namespace: 'game' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } } })
    cluster.advance(20_000)
    const pod = cluster.view.list('Pod', 'game')[0]!
    const work = drain(cluster, pod.spec!.nodeName as string)
    cluster.advance(80_000)
    expect(work.lines.some((line) => line.includes('(will retry after 5s)'))).toBe(true)
    expect(cluster.view.list('Pod', 'game').map(({ metadata }) => metadata.name)).toEqual([pod.metadata.name])
  })
})
