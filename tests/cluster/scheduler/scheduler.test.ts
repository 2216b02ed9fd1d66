import { describe, expect, test } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import { nodeMatches, tolerates } from '../../../server/cluster/scheduler/affinity.ts'
import { abortedScheduling, failedScheduling, fitError } from '../../../server/cluster/scheduler/message.ts'
import { leastAllocated } from '../../../server/cluster/scheduler/scores.ts'
import { schedulingBackoff } from '../../../server/cluster/scheduler/index.ts'
import { deployment, eventsOf, pods, startCluster } from '../control-plane.ts'

const suffix = (helpless: number, total = helpless): string => ` no new claims to deallocate, preemption: 0/${total} nodes are available: ${helpless} Preemption is not helpful for scheduling.`

function pod(name: string, spec: Fields = {}, labels: Record<string, string> = {}): K8sObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game', labels }, spec: { containers: [{ name: 'app', image: 'app:1', ...spec.container }], ...spec, container: undefined } }
}
const asks = (cpu: string): Fields => ({ container: { resources: { requests: { cpu } } } })
/** Nodes without room taken by cluster DNS: it runs on a node of its own. */
const nodes = (...list: Fields[]): Fields => ({ cluster: { nodes: list } })

function messageFor(scenario: Fields, object: K8sObject, before: K8sObject[] = []): string {
  const cluster = startCluster(scenario)
  cluster.advance(5000)
  for (const item of before) cluster.api.create(item)
  cluster.advance(8000)
  const result = cluster.api.create(object)
  if ('error' in result) throw new Error(result.error.message)
  cluster.advance(8500)
  return eventsOf(cluster, 'Pod', 'FailedScheduling').at(-1) ?? `on ${cluster.view.get('Pod', 'game', object.metadata.name)!.spec.nodeName}`
}

describe('messages', () => {
  test('reasons are counted and sorted as strings', () => {
    expect(fitError(3, [['Insufficient cpu'], ['Insufficient cpu'], ['node(s) had untolerated taint(s)']])).toBe('0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.')
    expect(fitError(12, [...Array.from({ length: 10 }, () => ['Insufficient memory']), ['Too many pods'], ['Too many pods']])).toBe('0/12 nodes are available: 10 Insufficient memory, 2 Too many pods.')
    expect(fitError(0, [])).toBe('no nodes available to schedule pods')
    expect(failedScheduling('0/1 nodes are available: 1 Insufficient cpu.', undefined)).toBe('0/1 nodes are available: 1 Insufficient cpu.')
    expect(abortedScheduling(3, 'pod has unbound immediate PersistentVolumeClaims')).toBe('0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found')
  })
  test.each<[string, Fields, K8sObject, K8sObject[], string]>([
    ['cpu beyond the node', nodes({ name: 'a', cpu: '2' }, { name: 'b', cpu: '2' }), pod('p', asks('3')), [], `0/2 nodes are available: 2 Insufficient cpu.${suffix(2)}`],
    ['cpu used up', nodes({ name: 'a', cpu: '2' }), pod('p', asks('1500m')), [pod('q', asks('1'))], '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.'],
    ['a cordoned node and a tainted one', nodes({ name: 'a', unschedulable: true }, { name: 'b', taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] }), pod('p'), [], `0/2 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable.${suffix(2)}`],
    ['the taint by name before 1.35', { kubernetes: '1.34', ...nodes({ name: 'b', taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] }) }, pod('p'), [], `0/1 nodes are available: 1 node(s) had untolerated taint {gpu: yes}.${suffix(1)}`],
    ['node selector', nodes({ name: 'a' }), pod('p', { nodeSelector: { disk: 'ssd' } }), [], `0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.${suffix(1)}`],
    ['host port taken', nodes({ name: 'a' }), pod('p', { container: { ports: [{ containerPort: 7777, hostPort: 7777, protocol: 'UDP' }] } }), [pod('q', { container: { ports: [{ containerPort: 7777, hostPort: 7777, protocol: 'UDP' }] } })], "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."],
    ['anti-affinity', nodes({ name: 'a' }), pod('p', { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'x' } } }] } } }, { app: 'x' }), [pod('q', {}, { app: 'x' })], "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."],
    ['affinity to nobody', nodes({ name: 'a' }), pod('p', { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'x' } } }] } } }), [], `0/1 nodes are available: 1 node(s) didn't match pod affinity rules.${suffix(1)}`],
    ['the first of a group that wants its own company', nodes({ name: 'a' }), pod('p', { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'x' } } }] } } }, { app: 'x' }), [], 'on a'],
    ['spread without the label', nodes({ name: 'a' }), pod('p', { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'x' } } }] }, { app: 'x' }), [], `0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label).${suffix(1)}`],
    ['missing claim', nodes({ name: 'a' }), pod('p', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }), [], '0/1 nodes are available: persistentvolumeclaim "data" not found. not found'],
  ])('%s', (_name, scenario, object, before, expected) => {
    expect(messageFor(scenario, object, before)).toBe(expected)
  })
})

describe('rules', () => {
  test.each([
    [{ key: 'a', operator: 'Equal', value: 'x', effect: 'NoSchedule' }, true], [{ key: 'a', operator: 'Exists' }, true], [{ operator: 'Exists' }, true], [{ key: 'a', operator: 'Equal', value: 'y' }, false], [{ key: 'a', operator: 'Exists', effect: 'NoExecute' }, false], [{ key: 'a' }, false],
  ])('toleration %j of a=x:NoSchedule: %s', (toleration, expected) => {
    expect(tolerates([toleration], { key: 'a', value: 'x', effect: 'NoSchedule' })).toBe(expected)
  })
  test('an empty affinity term matches nothing; NotIn matches a missing key; Gt compares numbers', () => {
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a', labels: { gen: '7' } } } as K8sObject
    const withTerms = (...nodeSelectorTerms: Fields[]): K8sObject => pod('p', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } })
    expect(nodeMatches(withTerms({}), node)).toBe(false)
    expect(nodeMatches(withTerms({ matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['b'] }] }), node)).toBe(true)
    expect(nodeMatches(withTerms({ matchExpressions: [{ key: 'gen', operator: 'Gt', values: ['10'] }] }, { matchExpressions: [{ key: 'gen', operator: 'Lt', values: ['10'] }] }), node)).toBe(true)
  })
  test('back-off 1 s to 10 s', () => expect([1, 2, 3, 4, 5, 9].map(schedulingBackoff)).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]))
  test('least allocated: 1 of 4 CPUs and 2 of 8 GiB leave 75', () => expect(leastAllocated([{ used: 1, total: 4 }, { used: 2, total: 8 }])).toBe(75))
})

test('spread keeps zones within the skew', () => {
  const cluster = startCluster(nodes({ name: 'a', labels: { zone: 'x' } }, { name: 'b', labels: { zone: 'y' } }, { name: 'c', labels: { zone: 'y' } }))
  cluster.api.apply(deployment('web', 6, {}, { spec: { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } }] } }))
  cluster.advance(10_000)
  expect(pods(cluster, 'web').filter((item) => item.spec.nodeName === 'a')).toHaveLength(3)
})

test('uncordoning lets a waiting pod in (G10)', () => {
  const cluster = startCluster(nodes({ name: 'a', unschedulable: true }))
  cluster.advance(5000)
  cluster.api.create(pod('p'))
  cluster.advance(20_000)
  expect(cluster.view.get('Pod', 'game', 'p')!.status.conditions).toMatchObject([{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }])
  cluster.api.patch({ kind: 'Node', namespace: '', name: 'a' }, { spec: { unschedulable: null } })
  cluster.advance(31_000)
  expect(cluster.view.get('Pod', 'game', 'p')!.spec.nodeName).toBe('a')
})

test('preemption takes the least important pod and the preemptor follows', () => {
  const cluster = startCluster(nodes({ name: 'a', cpu: '2' }))
  cluster.api.create({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 1000 } as K8sObject)
  cluster.advance(5000)
  cluster.api.create(pod('small', asks('200m')))
  cluster.api.create(pod('large', asks('1500m')))
  cluster.advance(10_000)
  cluster.api.create(pod('vip', { priorityClassName: 'high', ...asks('1') }))
  cluster.advance(30_000)
  expect(cluster.view.get('Pod', 'game', 'large')).toBeUndefined()
  expect(cluster.view.get('Pod', 'game', 'small')).toBeDefined()
  expect(cluster.view.get('Pod', 'game', 'vip')!.spec.nodeName).toBe('a')
  expect(eventsOf(cluster, 'Pod', 'Preempted')).toEqual([expect.stringMatching(/^Preempted by pod [0-9a-f-]{36} on node a$/)])
})

test('a late-binding claim waits for its pod, and an impossible node keeps both pending (G23)', () => {
  const cluster = startCluster(nodes({ name: 'a' }))
  const claim = (name: string): K8sObject => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace: 'game' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } })
  cluster.api.create(claim('data'))
  cluster.api.create(claim('stuck'))
  cluster.advance(2000)
  expect(eventsOf(cluster, 'PersistentVolumeClaim')[0]).toBe('waiting for first consumer to be created before binding')
  cluster.api.create(pod('p', { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] }))
  cluster.api.create(pod('q', { nodeSelector: { no: 'where' }, volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'stuck' } }] }))
  cluster.advance(10_000)
  expect(cluster.view.get('Pod', 'game', 'p')!.spec.nodeName).toBe('a')
  expect(cluster.view.get('PersistentVolumeClaim', 'game', 'data')!.status.phase).toBe('Bound')
  expect(cluster.view.get('PersistentVolumeClaim', 'game', 'stuck')!.status.phase).toBe('Pending')
  expect(cluster.view.get('Pod', 'game', 'q')!.spec.nodeName).toBeUndefined()
})
