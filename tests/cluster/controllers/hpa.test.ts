import { describe, expect, test } from 'vitest'
import type { K8sObject } from '../../../server/k8s/object.ts'
import type { Reading } from '../../../server/cluster/controllers/hpa/arithmetic.ts'
import { downRulesLimit, scaleUpLimit, upRulesLimit, utilizationReplicas } from '../../../server/cluster/controllers/hpa/arithmetic.ts'
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
