import { describe, expect, test } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import type { LiveCluster } from '../../../server/cluster/cluster.ts'
import { scenarioSchema } from '../../../server/cluster/scenario.ts'
import { told } from '../kubectl/still-cluster.ts'
import { deployment, eventsOf, startCluster } from '../control-plane.ts'

const pods = (target: string | number = 100): Fields => ({ type: 'Pods', pods: { metric: { name: 'sessions_per_pod' }, target: { type: 'AverageValue', averageValue: target } } })
const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'main' }
const object = (target: Fields): Fields => ({ type: 'Object', object: { metric: { name: 'requests-per-second' }, describedObject: ingress, target } })
const external = (target: Fields, selector?: Fields): Fields => ({ type: 'External', external: { metric: { name: 'queue', ...(selector ? { selector } : {}) }, target } })
const value = (target: string | number): Fields => ({ type: 'Value', value: target })
const average = (target: string | number): Fields => ({ type: 'AverageValue', averageValue: target })
const printedSelector = '&LabelSelector{MatchLabels:map[string]string{queue: match,},MatchExpressions:[]LabelSelectorRequirement{},}'
const selector = { matchLabels: { queue: 'match' } }

function hpa(metrics: Fields[], spec: Fields = {}, name = 'web'): K8sObject {
  return { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name, namespace: 'game' }, spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 1, maxReplicas: 20, metrics, ...spec } } as K8sObject
}

/** A Deployment of so many replicas under an autoscaler with these metrics, played for so long. */
function play(metricsAdapters: Fields, metrics: Fields[], replicas = 2, length = 60_000, spec: Fields = {}): LiveCluster {
  const cluster = startCluster({ cluster: { metricsAdapters } })
  cluster.api.apply(deployment('web', replicas, {}, {}))
  cluster.advance(30_000)
  cluster.api.apply(hpa(metrics, spec))
  cluster.advance(30_000 + length)
  return cluster
}
const replicasOf = (cluster: LiveCluster): number => cluster.view.get('Deployment', 'game', 'web')!.spec.replicas
const statusOf = (cluster: LiveCluster): Fields => cluster.view.get('HorizontalPodAutoscaler', 'game', 'web')!.status as Fields
const conditionOf = (cluster: LiveCluster, type: string): Fields => statusOf(cluster).conditions.find((item: Fields) => item.type === type)
const custom = (series: Fields): Fields => ({ custom: [{ metric: 'sessions_per_pod', workload: 'deployment/web', ...series }] })
const ofIngress = (points: number): Fields => ({ custom: [{ metric: 'requests-per-second', object: 'ingress/main', values: [{ value: points }] }] })
const queue = (points: number, more: Fields = {}): Fields => ({ external: [{ metric: 'queue', labels: { queue: 'match' }, values: [{ value: points }], ...more }] })

describe('what is measured', () => {
  test.each<[string, Fields, Fields, number, number, string, Fields]>([
    ['Pods: 150 of 100', custom({ values: [{ value: 150 }] }), pods(), 2, 15_000, 'pods metric sessions_per_pod', { type: 'Pods', pods: { metric: { name: 'sessions_per_pod' }, current: { averageValue: '150' } } }],
    ['Pods: a total that ready pods share', custom({ values: [{ value: 600 }], shared: true }), pods(), 2, 60_000, 'pods metric sessions_per_pod', { type: 'Pods', pods: { metric: { name: 'sessions_per_pod' }, current: { averageValue: '100' } } }],
    ['Object, Value: twice the target', ofIngress(20), object(value(10)), 2, 15_000, 'Ingress metric requests-per-second', { type: 'Object', object: { describedObject: ingress, metric: { name: 'requests-per-second' }, current: { value: '20' } } }],
    ['Object, AverageValue: 35 for 10 each', ofIngress(35), object(average(10)), 2, 60_000, 'external metric requests-per-second(nil)', { type: 'Object', object: { describedObject: { kind: '', name: '' }, metric: { name: 'requests-per-second' }, current: { averageValue: '8750m' } } }],
    ['External, Value', queue(30), external(value(20), selector), 2, 15_000, `external metric queue(${printedSelector})`, { type: 'External', external: { metric: { name: 'queue', selector }, current: { value: '30' } } }],
    ['External, AverageValue', queue(30), external(average(10), selector), 2, 60_000, `external metric queue(${printedSelector})`, { type: 'External', external: { metric: { name: 'queue', selector }, current: { averageValue: '10' } } }],
  ])('%s', (_name, adapters, metric, replicas, length, name, status) => {
    const cluster = play(adapters, [metric], replicas, length)
    const expected: Record<string, number> = { 'Pods: 150 of 100': 3, 'Pods: a total that ready pods share': 6, 'Object, Value: twice the target': 4, 'Object, AverageValue: 35 for 10 each': 4, 'External, Value': 3, 'External, AverageValue': 3 }
    expect(eventsOf(cluster, 'HorizontalPodAutoscaler', 'SuccessfulRescale')[0]).toMatch(new RegExp(`^New size: ${Math.min(expected[_name]!, 4)}; reason: `))
    expect(eventsOf(cluster, 'HorizontalPodAutoscaler', 'SuccessfulRescale')[0]).toContain(`reason: ${name} above target`)
    if (length > 15_000) expect(replicasOf(cluster)).toBe(expected[_name])
    expect(conditionOf(cluster, 'ScalingActive')).toMatchObject({ status: 'True', reason: 'ValidMetricFound', message: `the HPA was able to successfully calculate a replica count from ${name}` })
    expect(statusOf(cluster).currentMetrics).toEqual([status])
    expect(statusOf(cluster).observedGeneration).toBeUndefined()
  })

  test('within tolerance nothing changes, and a tolerance of its own decides', () => {
    expect(replicasOf(play(ofIngress(10.9), [object(value(10))]))).toBe(2)
    expect(replicasOf(play(ofIngress(10.9), [object(value(10))], 2, 10_000, { behavior: { scaleUp: { tolerance: '0.05' } } }))).toBe(3)
  })

  test('values change in steps or evenly, and a series ends', () => {
    const stepped = play(custom({ values: [{ value: 100 }, { at: '60s', value: 200 }], shared: true }), [pods()], 1, 15_000)
    expect(replicasOf(stepped)).toBe(1)
    stepped.advance(stepped.appliedAt + 120_000)
    expect(replicasOf(stepped)).toBe(2)
    const even = play({ external: [{ metric: 'queue', values: [{ value: 0 }, { at: '100s', value: 100 }], linear: true }] }, [external(value(1000))], 2, 30_000)
    expect(statusOf(even).currentMetrics[0].external.current.value).toBe(`${(even.now - even.appliedAt) / 1000}`)
    const ended = play(queue(30, { until: '10s' }), [external(value(20))], 2, 60_000)
    expect(conditionOf(ended, 'ScalingActive')).toMatchObject({ status: 'False', reason: 'FailedGetExternalMetric' })
  })

  test('values of several series are summed, those of other labels and namespaces are not', () => {
    const series = (labels: Fields, points: number, more: Fields = {}): Fields => ({ metric: 'queue', labels, values: [{ value: points }], ...more })
    const cluster = play({ external: [series({ queue: 'match', shard: 'a' }, 10), series({ queue: 'match', shard: 'b' }, 11), series({ queue: 'chat' }, 100), series({ queue: 'match' }, 100, { namespace: 'other' })] }, [external(value(20), selector)])
    expect(statusOf(cluster).currentMetrics[0].external.current.value).toBe('21')
  })
})

describe('what fails', () => {
  const fromCustom = 'unable to fetch metrics from custom metrics API: '
  test.each<[string, Fields, Fields, string, string, string]>([
    ['Pods, no adapter', {}, pods(), 'FailedGetPodsMetric', `unable to get metric sessions_per_pod: ${fromCustom}no custom metrics API (custom.metrics.k8s.io) registered`, 'failed to get pods metric value'],
    ['Pods, unknown metric', { custom: [] }, pods(), 'FailedGetPodsMetric', `unable to get metric sessions_per_pod: ${fromCustom}the server could not find the metric sessions_per_pod for pods`, 'failed to get pods metric value'],
    ['Pods, none of these pods', custom({ workload: 'deployment/other', values: [{ value: 1 }] }), pods(), 'FailedGetPodsMetric', 'unable to get metric sessions_per_pod: no metrics returned from custom metrics API', 'failed to get pods metric value'],
    ['Object, no adapter', {}, object(value(10)), 'FailedGetObjectMetric', `unable to get metric requests-per-second: Ingress on game main/${fromCustom}no custom metrics API (custom.metrics.k8s.io) registered`, 'failed to get object metric value'],
    ['Object, unknown metric', { custom: [] }, object(average(10)), 'FailedGetObjectMetric', `unable to get metric requests-per-second: Ingress on game main/${fromCustom}the server could not find the metric requests-per-second for ingresses.networking.k8s.io main`, 'failed to get object metric value: failed to get requests-per-second object metric'],
    ['External, no adapter', {}, external(average(10)), 'FailedGetExternalMetric', 'unable to get external metric game/queue/nil: unable to fetch metrics from external metrics API: the server could not find the requested resource (get queue.external.metrics.k8s.io)', 'failed to get queue external metric value: failed to get queue external metric'],
    ['External, labels of no series', { external: [{ metric: 'queue', values: [{ value: 1 }] }] }, external(value(10), selector), 'FailedGetExternalMetric', `unable to get external metric game/queue/${printedSelector}: no metrics returned from external metrics API`, 'failed to get queue external metric value: failed to get external metric queue'],
  ])('%s', (_name, adapters, metric, reason, message, prefix) => {
    const cluster = play(adapters, [metric])
    expect(replicasOf(cluster)).toBe(2)
    expect(eventsOf(cluster, 'HorizontalPodAutoscaler', reason)[0]).toBe(message)
    expect(eventsOf(cluster, 'HorizontalPodAutoscaler', 'FailedComputeMetricsReplicas')[0]).toBe(`invalid metrics (1 invalid out of 1), first error is: ${prefix}: ${message}`)
    expect(conditionOf(cluster, 'ScalingActive')).toMatchObject({ status: 'False', reason, message: `the HPA was unable to compute the replica count: ${message}` })
    expect(statusOf(cluster)).toMatchObject({ currentReplicas: 2, desiredReplicas: 0, currentMetrics: [{ type: '' }] })
  })

  test('a failing metric forbids shrinking and not growing, and keeps its place in the status', () => {
    const grown = play(queue(90), [pods(), external(value(20))], 2, 10_000)
    expect(statusOf(grown).currentMetrics).toMatchObject([{ type: '' }, { type: 'External' }])
    expect(replicasOf(grown)).toBe(4)
    const kept = play(queue(1), [pods(), external(value(20))], 2, 600_000)
    expect(replicasOf(kept)).toBe(2)
    expect(conditionOf(kept, 'ScalingActive')).toMatchObject({ status: 'False', reason: 'FailedGetPodsMetric' })
  })

  test('two autoscalers over the same pods', () => {
    const cluster = play(queue(90), [external(value(20))], 2, 0)
    cluster.api.apply(hpa([external(value(20))], {}, 'again'))
    cluster.advance(cluster.now + 30_000)
    expect(conditionOf(cluster, 'ScalingActive')).toMatchObject({ status: 'False', reason: 'AmbiguousSelector', message: 'pods by selector app=web are controlled by multiple HPAs: [game/again game/web]' })
  })
})

test('kubectl shows each type, what is unknown and that there is more', () => {
  const metrics = [pods(), object(average(10)), object(value(500)), external(average(5))]
  const cluster = play({ custom: [{ metric: 'requests-per-second', object: 'ingress/main', values: [{ value: 25 }] }], external: [{ metric: 'queue', values: [{ value: 9 }] }] }, metrics, 2, 10_000, { maxReplicas: 2 })
  expect(told(cluster, 'get hpa')).toMatch(/web +Deployment\/web +<unknown>\/100, 12500m\/10 \(avg\) \+ 2 more\.\.\. +1 +2 +2 /)
  const page = told(cluster, 'describe hpa web')
  expect(page).toMatch(/"sessions_per_pod" on pods: +<unknown> \/ 100\n/)
  expect(page).toMatch(/"requests-per-second" on Ingress\/main \(target average value\): +12500m \/ 10\n/)
  expect(page).toMatch(/"requests-per-second" on Ingress\/main \(target value\): +25 \/ 500\n/)
  expect(page).toMatch(/"queue" \(target average value\): +4500m \/ 5\n/)
  expect(page).toMatch(/FailedGetPodsMetric .*horizontal-pod-autoscaler +unable to get metric sessions_per_pod: /)
})

test('a series is of a workload or of an object', () => {
  const read = (series: Fields): boolean => scenarioSchema.safeParse({ runs: [{ name: 'r' }], goals: [{ id: 'g', admitted: {} }], cluster: { metricsAdapters: { custom: [{ metric: 'm', values: [{ value: 1 }], ...series }] } } }).success
  expect(read({ workload: 'deployment/web' })).toBe(true)
  expect(read({})).toBe(false)
  expect(read({ workload: 'deployment/web', object: 'ingress/main' })).toBe(false)
  expect(read({ object: 'ingress/main', shared: true })).toBe(false)
  expect(read({ object: 'ingress/main', values: [{ at: '10s', value: 1 }, { value: 2 }] })).toBe(false)
})
