import { describe, expect, test } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import type { LiveCluster } from '../../../server/cluster/cluster.ts'
import type { Reading } from '../../../server/cluster/controllers/hpa/arithmetic.ts'
import { downRulesLimit, scaleUpLimit, upRulesLimit, utilizationReplicas } from '../../../server/cluster/controllers/hpa/arithmetic.ts'
import type { PodPlan } from '../control-plane.ts'
import { deployment, eventsOf, startCluster } from '../control-plane.ts'

const at = (usage: number | undefined, ready = true): Reading => ({ usage, request: 100, ready })

describe('the numbers', () => {
  test.each<[string, Reading[], number, number, number]>([
    ['2 pods, request 100m, usage 150m, target 80', [at(150), at(150)], 80, 2, 4],
    ['4 pods at 40 %, target 80', [at(40), at(40), at(40), at(40)], 80, 4, 2],
    ['86 % of 80 is within tolerance', [at(86), at(86)], 80, 2, 2],
    ['73 % of 80 is within tolerance', [at(73), at(73)], 80, 2, 2],
    ['1 ready at 200 %, 1 unready, target 80', [at(200), at(0, false)], 80, 2, 3],
    ['3 pods, one without a sample, others 20 %, target 50', [at(20), at(20), at(undefined)], 50, 3, 3],
  ])('%s', (_name, readings, target, current, expected) => {
    expect(utilizationReplicas(readings, target, current)!.replicas).toBe(expected)
  })
  test('no ready pod with a sample gives nothing', () => expect(utilizationReplicas([at(undefined)], 80, 1)).toBeUndefined())
  test('limits', () => {
    expect([1, 2, 5].map(scaleUpLimit)).toEqual([4, 4, 10])
    const up = { policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, { type: 'Percent', value: 100, periodSeconds: 15 }] }
    expect(upRulesLimit(1, [], [], up, 0)).toBe(5)
    expect(upRulesLimit(5, [{ at: 0, change: 4 }], [], up, 1000)).toBe(5)
    expect(upRulesLimit(5, [], [], { ...up, selectPolicy: 'Disabled' }, 0)).toBe(5)
    expect(downRulesLimit(10, [], [], { policies: [{ type: 'Percent', value: 10, periodSeconds: 60 }] }, 0)).toBe(9)
  })
})

function hpa(spec: object): K8sObject {
  return { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web', namespace: 'game' }, spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 1, maxReplicas: 20, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }], ...spec } } as K8sObject
}
const requests = { container: { resources: { requests: { cpu: '100m' } } } }
type Played = { replicas?: number; spec?: Fields; percent?: (at: number) => number; plan?: (pod: K8sObject) => PodPlan; scenario?: Fields; /** When the autoscaler comes. */ from?: number; seconds?: number }

/** A Deployment under an autoscaler whose pods use so much of their request at a time in seconds. */
function play({ replicas = 2, spec = {}, percent = () => 80, plan, scenario = {}, from = 0, seconds = 90 }: Played): LiveCluster {
  const cluster: LiveCluster = startCluster(scenario, plan, () => percent(cluster.now / 1000) / 1000)
  cluster.api.apply(deployment('web', replicas, {}, requests))
  cluster.advance(from * 1000)
  cluster.api.apply(hpa(spec))
  cluster.advance(seconds * 1000)
  return cluster
}
const replicasOf = (cluster: LiveCluster): number => cluster.view.get('Deployment', 'game', 'web')!.spec.replicas
const conditionOf = (cluster: LiveCluster, type: string): Fields => cluster.view.get('HorizontalPodAutoscaler', 'game', 'web')!.status.conditions.find((item: Fields) => item.type === type)
const rescaled = (cluster: LiveCluster): string[] => eventsOf(cluster, 'HorizontalPodAutoscaler', 'SuccessfulRescale')
/** Sizes of the Deployment as they change, with the second of each change. */
const sizes = (cluster: LiveCluster): [number, number][] => {
  const seen: [number, number][] = []
  for (const { at, object } of cluster.store.history({ kind: 'Deployment', namespace: 'game', name: 'web' })) if (object!.spec.replicas !== seen.at(-1)?.[1]) seen.push([at / 1000, object!.spec.replicas as number])
  return seen
}

describe('the size it finds', () => {
  test('none switches it off', () => {
    const cluster = play({ replicas: 0, percent: () => 500 })
    expect(replicasOf(cluster)).toBe(0)
    expect(conditionOf(cluster, 'ScalingActive')).toMatchObject({ status: 'False', reason: 'ScalingDisabled', message: 'scaling is disabled since the replica count of the target is zero' })
  })
  test.each<[string, Played, number, string]>([
    ['above the most is cut', { replicas: 6, spec: { maxReplicas: 4 } }, 4, 'Current number of replicas above Spec.MaxReplicas'],
    ['below the least is raised', { replicas: 1, spec: { minReplicas: 3 } }, 3, 'Current number of replicas below Spec.MinReplicas'],
  ])('%s, without a look at the metrics', (_name, played, expected, reason) => {
    const cluster = play({ ...played, scenario: { cluster: { metricsServer: false } } })
    expect(replicasOf(cluster)).toBe(expected)
    expect(rescaled(cluster)).toEqual([`New size: ${expected}; reason: ${reason}`])
  })
})

describe('what it wants', () => {
  test('stays below the most, and says so', () => {
    const cluster = play({ spec: { maxReplicas: 3 }, percent: () => 200 })
    expect(replicasOf(cluster)).toBe(3)
    expect(conditionOf(cluster, 'ScalingLimited')).toMatchObject({ status: 'True', reason: 'TooManyReplicas', message: 'the desired replica count is more than the maximum replica count' })
  })
  test('stays above the least, and says so', () => {
    const cluster = play({ spec: { minReplicas: 2 }, percent: () => 1, seconds: 400 })
    expect(replicasOf(cluster)).toBe(2)
    expect(conditionOf(cluster, 'ScalingLimited')).toMatchObject({ status: 'True', reason: 'TooFewReplicas', message: 'the desired replica count is less than the minimum replica count' })
  })
  test('is fewer, but waits for the highest of five minutes', () => {
    const cluster = play({ replicas: 4, percent: () => 20, seconds: 200 })
    expect(replicasOf(cluster)).toBe(4)
    expect(conditionOf(cluster, 'AbleToScale')).toMatchObject({ status: 'True', reason: 'ScaleDownStabilized', message: 'recent recommendations were higher than current one, applying the highest recent recommendation' })
    expect(conditionOf(cluster, 'ScalingLimited')).toMatchObject({ status: 'False', reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' })
    cluster.advance(400_000)
    expect(rescaled(cluster)).toEqual(['New size: 1; reason: All metrics below target'])
  })
  test('is the most of several metrics, and that metric is named', () => {
    const queue = { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'Value', value: 10 } } }
    const cpu = hpa({}).spec.metrics[0] as Fields
    const both = (percent: number): LiveCluster => play({ spec: { metrics: [cpu, queue] }, percent: () => percent, scenario: { cluster: { metricsAdapters: { external: [{ metric: 'queue', values: [{ value: 15 }] }] } } }, from: 30, seconds: 40 })
    expect(rescaled(both(20))[0]).toBe('New size: 3; reason: external metric queue(nil) above target')
    expect(rescaled(both(160)).at(-1)).toBe('New size: 4; reason: cpu resource utilization (percentage of request) above target')
  })
})

describe('pods without a say', () => {
  const slow: PodPlan = { startMs: 500, stopMs: 1000 }
  test('none of them ready: nothing is known', () => {
    const cluster = play({ plan: () => slow, percent: () => 500 })
    expect(replicasOf(cluster)).toBe(2)
    expect(eventsOf(cluster, 'HorizontalPodAutoscaler', 'FailedGetResourceMetric').at(-1)).toBe('failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready)')
  })
  test('one that is still starting counts as idle, however busy it is', () => {
    let first: string | undefined
    const plan = (pod: K8sObject): PodPlan => (pod.metadata.labels?.app !== 'web' || (first ??= pod.metadata.name) === pod.metadata.name ? { startMs: 500, readyMs: 1000, stopMs: 1000 } : slow)
    // 200 % of the one that is ready is 100 % of two: 1.25 of the target.
    expect(rescaled(play({ plan, percent: () => 200 }))[0]).toBe('New size: 3; reason: cpu resource utilization (percentage of request) above target')
  })
})

describe('its behavior', () => {
  const rules = (policies: Fields[], more: Fields = {}): Fields => ({ stabilizationWindowSeconds: 0, policies, ...more })
  const pod = { type: 'Pods', value: 1, periodSeconds: 60 }
  test('grows by so many pods in a period', () => {
    const cluster = play({ percent: () => 1000, spec: { behavior: { scaleUp: rules([pod]) } }, seconds: 200 })
    const grown = sizes(cluster)
    expect(grown.map(([, size]) => size)).toEqual([2, 3, 4, 5])
    expect(grown.slice(2).map(([at], i) => at - grown[i + 1]![0])).toEqual([60, 60])
    expect(conditionOf(cluster, 'ScalingLimited')).toMatchObject({ status: 'True', reason: 'ScaleUpLimit' })
  })
  test('shrinks by so much of it in a period, and by the least of several rules', () => {
    const half = { type: 'Percent', value: 50, periodSeconds: 60 }
    const shrunk = (policies: Fields[], more: Fields = {}): number[] => sizes(play({ replicas: 8, percent: () => 1, spec: { behavior: { scaleDown: rules(policies, more) } }, seconds: 100 })).map(([, size]) => size)
    expect(shrunk([half])).toEqual([8, 4, 2])
    expect(shrunk([half, pod], { selectPolicy: 'Min' })).toEqual([8, 7, 6])
    expect(shrunk([half], { selectPolicy: 'Disabled' })).toEqual([8])
  })
  test('says that it shrinks no faster', () => {
    const cluster = play({ replicas: 8, percent: () => 1, spec: { behavior: { scaleDown: rules([pod]) } } })
    expect(conditionOf(cluster, 'ScalingLimited')).toMatchObject({ status: 'True', reason: 'ScaleDownLimit', message: 'the desired replica count is decreasing faster than the maximum scale rate' })
  })
  test('grows only on what held for its window', () => {
    const cluster = play({ percent: (at) => (at % 120 < 60 ? 80 : 200), spec: { behavior: { scaleUp: { stabilizationWindowSeconds: 120 } } }, seconds: 600 })
    expect(sizes(cluster)).toHaveLength(1)
    expect(cluster.store.history({ kind: 'HorizontalPodAutoscaler', namespace: 'game', name: 'web' }).some(({ object }) => object?.status?.conditions?.some((one: Fields) => one.reason === 'ScaleUpStabilized' && one.message === 'recent recommendations were lower than current one, applying the lowest recent recommendation'))).toBe(true)
  })
  test('has a tolerance of its own for each direction', () => {
    const sizesWith = (behavior: Fields): number[] => sizes(play({ replicas: 10, percent: () => 84, spec: { behavior }, seconds: 40 })).map(([, size]) => size)
    expect(sizesWith({ scaleDown: { tolerance: '0.01' } })).toEqual([10])
    expect(sizesWith({ scaleUp: { tolerance: '0.01' } })).toEqual([10, 11])
  })
})

test('grows at most to 4 from 1, then shrinks only after five minutes', () => {
  let cores = 1
  const cluster = startCluster({}, undefined, () => cores)
  cluster.api.apply(deployment('web', 1, {}, requests))
  cluster.api.apply(hpa({}))
  const replicas = (): number => cluster.view.get('Deployment', 'game', 'web')!.spec.replicas
  while (replicas() === 1 && cluster.now < 120_000) cluster.advance(cluster.now + 15_000)
  expect(replicas()).toBe(4)
  const status = cluster.view.get('HorizontalPodAutoscaler', 'game', 'web')!.status
  expect(status.conditions.find((c: { type: string }) => c.type === 'ScalingLimited')).toMatchObject({ status: 'True', reason: 'ScaleUpLimit' })
  expect(eventsOf(cluster, 'HorizontalPodAutoscaler', 'SuccessfulRescale')).toEqual(['New size: 4; reason: cpu resource utilization (percentage of request) above target'])
  cores = 0.01
  const calm = cluster.now
  cluster.advance(calm + 240_000)
  const high = replicas()
  expect(high).toBeGreaterThanOrEqual(4)
  cluster.advance(calm + 400_000)
  expect(replicas()).toBeLessThan(high)
  cluster.advance(calm + 1_000_000)
  expect(replicas()).toBe(1)
})

test.each<[string, object, object, string]>([
  ['without requests (G24)', {}, {}, 'failed to get cpu utilization: missing request for cpu in container app of Pod web-'],
  ['without metrics-server', { cluster: { metricsServer: false } }, requests, 'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)'],
])('%s', (_name, scenario, pod, expected) => {
  const cluster = startCluster(scenario, undefined, () => 1)
  cluster.api.apply(deployment('web', 2, {}, pod))
  cluster.api.apply(hpa({}))
  cluster.advance(120_000)
  expect(cluster.view.get('Deployment', 'game', 'web')!.spec.replicas).toBe(2)
  expect(eventsOf(cluster, 'HorizontalPodAutoscaler', 'FailedGetResourceMetric').some((text) => text.startsWith(expected))).toBe(true)
  expect(cluster.view.get('HorizontalPodAutoscaler', 'game', 'web')!.status.conditions.find((c: { type: string }) => c.type === 'ScalingActive')).toMatchObject({ status: 'False', reason: 'FailedGetResourceMetric', message: expect.stringContaining(`the HPA was unable to compute the replica count: ${expected}`) })
})

test.each<[string, object, string]>([
  ['a missing target', { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, 'deployments.apps "web" not found'],
  ['a target without its group', { kind: 'Deployment', name: 'web' }, 'no matches for kind "Deployment" in group ""'],
  ['a target of a kind nobody knows', { apiVersion: 'games.example/v1', kind: 'Fleet', name: 'web' }, 'no matches for kind "Fleet" in group "games.example"'],
  ['a target that cannot be scaled', { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'web' }, 'the server could not find the requested resource'],
])('%s', (_name, scaleTargetRef, why) => {
  const cluster = startCluster()
  cluster.api.apply(hpa({ scaleTargetRef }))
  cluster.advance(20_000)
  expect(eventsOf(cluster, 'HorizontalPodAutoscaler', 'FailedGetScale')[0]).toBe(why)
  expect(cluster.view.get('HorizontalPodAutoscaler', 'game', 'web')!.status.conditions).toMatchObject([{ type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message: `the HPA controller was unable to get the target's current scale: ${why}` }])
})
