/** DaemonSet: on which nodes, with what in its pods, how it is updated, and how it goes on after failures and refusals. */
import { describe, expect, test } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import type { LiveCluster } from '../../../server/cluster/cluster.ts'
import { daemonTolerations, nodeWants } from '../../../server/cluster/controllers/daemonset.ts'
import type { PodPlan } from '../control-plane.ts'
import { eventsOf, pods, startCluster } from '../control-plane.ts'

const fine: PodPlan = { startMs: 500, readyMs: 1000, stopMs: 1000 }
const four = { cluster: { nodes: ['a', 'b', 'c', 'd'].map((name) => ({ name })) } }

function set(version = '1', spec: Fields = {}, pod: Fields = {}): K8sObject {
  return {
    apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'log', namespace: 'game' },
    spec: { selector: { matchLabels: { app: 'log' } }, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }, ...spec, template: { metadata: { labels: { app: 'log', version } }, spec: { containers: [{ name: 'log', image: `log:${version}` }], ...pod } } },
  }
}
const rolling = (rollingUpdate: Fields): Fields => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } })
const status = (cluster: LiveCluster): Fields => cluster.view.get('DaemonSet', 'game', 'log')!.status as Fields
const own = (cluster: LiveCluster): readonly K8sObject[] => pods(cluster, 'log')
const on = (cluster: LiveCluster, node: string): string[] => own(cluster).filter((pod) => pod.spec.nodeName === node).map((pod) => `${pod.metadata.labels!.version}${pod.metadata.deletionTimestamp ? ' leaving' : ''}`)
const taint = (cluster: LiveCluster, name: string, taints: Fields[]): void => void cluster.api.patch({ kind: 'Node', namespace: '', name }, { spec: { taints } })
/** The least number of pods that were ready at any quarter of a second, and the most that there were, without those leaving. */
function extremes(cluster: LiveCluster, until: number): [number, number] {
  let [least, most] = [Infinity, 0]
  for (let at = cluster.now; at <= until; at += 250) {
    cluster.advance(at)
    const standing = own(cluster).filter((pod) => !pod.metadata.deletionTimestamp)
    least = Math.min(least, standing.filter((pod) => pod.status?.conditions?.some((one: Fields) => one.type === 'Ready' && one.status === 'True')).length)
    most = Math.max(most, standing.length)
  }
  return [least, most]
}

describe('the nodes', () => {
  const node = (taints: Fields[] = [], labels: Record<string, string> = {}): K8sObject => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'a', labels }, spec: { taints } })
  const affinity = { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }] } } } }
  test.each<[string, Fields, K8sObject, boolean, boolean]>([
    ['any', {}, node(), true, true],
    ['the one that is named', { nodeName: 'a' }, node(), true, true], ['another than the one that is named', { nodeName: 'b' }, node(), false, false],
    ['the labels of nodeSelector', { nodeSelector: { disk: 'ssd' } }, node([], { disk: 'ssd' }), true, true], ['other labels', { nodeSelector: { disk: 'ssd' } }, node([], { disk: 'hdd' }), false, false],
    ['affinity', affinity, node([], { disk: 'ssd' }), true, true], ['no affinity', affinity, node(), false, false],
    ['a control plane', {}, node([{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }]), false, true],
    ['a NoExecute taint', {}, node([{ key: 'gpu', effect: 'NoExecute' }]), false, false], ['one that is tolerated', { tolerations: [{ operator: 'Exists' }] }, node([{ key: 'gpu', effect: 'NoExecute' }]), true, true],
    ['a taint that only asks', {}, node([{ key: 'gpu', effect: 'PreferNoSchedule' }]), true, true],
    ['cordoned', {}, node([{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }]), true, true], ['not ready', {}, node([{ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }, { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]), false, true],
    ['without a network', {}, node([{ key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule' }]), false, true], ['without a network it does not need', { hostNetwork: true }, node([{ key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule' }]), true, true],
  ])('%s', (_name, pod, one, run, keep) => expect(nodeWants(set('1', {}, pod), one)).toEqual({ run, keep }))

  test('only those that should run one are counted; a pod on another is misplaced, or leaves', () => {
    const cluster = startCluster(four)
    cluster.api.apply(set())
    cluster.advance(10_000)
    expect(status(cluster)).toMatchObject({ desiredNumberScheduled: 4, currentNumberScheduled: 4, numberReady: 4, numberAvailable: 4, updatedNumberScheduled: 4, numberUnavailable: 0, numberMisscheduled: 0 })
    taint(cluster, 'a', [{ key: 'gpu', effect: 'NoSchedule' }])
    taint(cluster, 'b', [{ key: 'gpu', effect: 'NoExecute' }])
    cluster.advance(20_000)
    expect([on(cluster, 'a'), on(cluster, 'b')]).toEqual([['1'], []])
    expect(status(cluster)).toMatchObject({ desiredNumberScheduled: 2, currentNumberScheduled: 2, numberReady: 2, numberMisscheduled: 1 })
  })
})

describe('its pods', () => {
  test('are sent to their node by affinity alone, and tolerate what comes over nodes', () => {
    const cluster = startCluster({ cluster: { nodes: [{ name: 'a', labels: { disk: 'ssd' } }] } })
    cluster.api.apply(set('1', {}, { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }, { matchExpressions: [{ key: 'disk', operator: 'Exists' }] }] } } } }))
    cluster.advance(10_000)
    const [pod] = own(cluster)
    expect(pod!.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms).toEqual([{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }])
    expect((pod!.spec.tolerations as Fields[]).map(({ key, effect }) => `${(key as string).replace('node.kubernetes.io/', '')} ${effect as string}`)).toEqual(['not-ready NoExecute', 'unreachable NoExecute', 'disk-pressure NoSchedule', 'memory-pressure NoSchedule', 'pid-pressure NoSchedule', 'unschedulable NoSchedule'])
    expect(eventsOf(cluster, 'Pod', 'Scheduled').some((text) => text.includes('game/log-'))).toBe(true)
  })
  test('tolerate for ever what the template tolerates for a time, and once', () => {
    const own = { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 }
    const result = daemonTolerations({ hostNetwork: true, tolerations: [{ key: 'gpu', operator: 'Exists' }, own] })
    expect(result.slice(0, 3)).toEqual([{ key: 'gpu', operator: 'Exists' }, { key: own.key, operator: 'Exists', effect: 'NoExecute' }, { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' }])
    expect(result.at(-1)).toEqual({ key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' })
    expect(result).toHaveLength(8)
  })
})

describe('an update', () => {
  const update = (spec: Fields, plan: (pod: K8sObject) => PodPlan = () => fine): LiveCluster => {
    const cluster = startCluster(four, plan)
    cluster.api.apply(set('1', spec))
    cluster.advance(10_000)
    cluster.api.apply(set('2', spec))
    return cluster
  }
  test.each<[string, Fields, number, number]>([
    ['one at a time', { maxUnavailable: 1 }, 3, 4], ['half of four', { maxUnavailable: '50%' }, 2, 4], ['a tenth, rounded up', { maxUnavailable: '10%' }, 3, 4],
    ['one more', { maxUnavailable: 0, maxSurge: 1 }, 4, 5], ['half more', { maxUnavailable: 0, maxSurge: '50%' }, 4, 6],
  ])('%s', (_name, strategy, least, most) => {
    const cluster = update(rolling(strategy))
    expect(extremes(cluster, 60_000)).toEqual([least, most])
    expect(own(cluster).map((pod) => pod.metadata.labels!.version)).toEqual(['2', '2', '2', '2'])
    expect(status(cluster)).toMatchObject({ updatedNumberScheduled: 4, numberAvailable: 4 })
  })
  test('that is broken stops after maxUnavailable', () => {
    const cluster = update({}, (pod) => (pod.metadata.labels?.version === '2' ? { startMs: 500, stopMs: 1000 } : fine))
    cluster.advance(300_000)
    expect(own(cluster).map((pod) => pod.metadata.labels!.version).sort()).toEqual(['1', '1', '1', '2'])
  })
  test('with OnDelete waits for somebody to delete the pods', () => {
    const cluster = update({ updateStrategy: { type: 'OnDelete' } })
    cluster.advance(60_000)
    expect(status(cluster)).toMatchObject({ updatedNumberScheduled: 0, numberReady: 4 })
    cluster.api.delete({ kind: 'Pod', namespace: 'game', name: own(cluster)[0]!.metadata.name })
    cluster.advance(70_000)
    expect(status(cluster)).toMatchObject({ updatedNumberScheduled: 1, numberReady: 4 })
  })
  test('waits for minReadySeconds, but not for old pods that are not available themselves', () => {
    const cluster = startCluster(four)
    cluster.api.apply(set('1', { minReadySeconds: 20 }))
    cluster.advance(60_000)
    cluster.api.apply(set('2', { minReadySeconds: 20 }))
    cluster.advance(90_000)
    expect(status(cluster)).toMatchObject({ updatedNumberScheduled: 2, numberAvailable: 3 })
    cluster.advance(200_000)
    expect(status(cluster)).toMatchObject({ updatedNumberScheduled: 4, numberAvailable: 4 })
    cluster.api.apply(set('3', { minReadySeconds: 20 }))
    cluster.advance(225_000)
    cluster.api.apply(set('4', { minReadySeconds: 1000 }))
    cluster.advance(228_000)
    expect(own(cluster).map((pod) => pod.metadata.labels!.version)).toEqual(['4', '4', '4', '4'])
  })
  test('takes the old pod from a node that would get none today, and makes none there', () => {
    const cluster = startCluster(four)
    cluster.api.apply(set())
    cluster.advance(10_000)
    taint(cluster, 'a', [{ key: 'gpu', effect: 'NoSchedule' }])
    cluster.api.apply(set('2'))
    cluster.advance(60_000)
    expect(['a', 'b', 'c', 'd'].map((node) => on(cluster, node))).toEqual([[], ['2'], ['2'], ['2']])
  })
  test('that may surge drops an old pod that is not ready as soon as the new one is there', () => {
    const cluster = startCluster({ cluster: { nodes: [{ name: 'a' }] } }, (pod) => (pod.metadata.labels?.version === '2' ? { ...fine, readyMs: 60_000 } : { startMs: 500, stopMs: 1000 }))
    cluster.api.apply(set('1', rolling({ maxUnavailable: 0, maxSurge: 1 })))
    cluster.advance(10_000)
    cluster.api.apply(set('2', rolling({ maxUnavailable: 0, maxSurge: 1 })))
    cluster.advance(20_000)
    expect(on(cluster, 'a')).toEqual(['2'])
  })
})

describe('a pod that is deleted', () => {
  test.each<[string, Fields, string[]]>([['is replaced when it is gone', { maxUnavailable: 1 }, ['1 leaving']], ['is replaced at once by a set that may surge', { maxUnavailable: 0, maxSurge: 1 }, ['1', '1 leaving']]])('%s', (_name, strategy, expected) => {
    const cluster = startCluster({ cluster: { nodes: [{ name: 'a' }] } }, () => ({ ...fine, stopMs: 30_000 }))
    cluster.api.apply(set('1', rolling(strategy)))
    cluster.advance(10_000)
    cluster.api.delete({ kind: 'Pod', namespace: 'game', name: own(cluster)[0]!.metadata.name })
    cluster.advance(12_000)
    expect(on(cluster, 'a').sort()).toEqual(expected)
    cluster.advance(60_000)
    expect(on(cluster, 'a')).toEqual(['1'])
  })
})

test('a failed pod is replaced after ever longer waits, and at once under a new template', () => {
  const cluster = startCluster({ cluster: { nodes: [{ name: 'a' }] } }, (pod) => (pod.metadata.labels?.version === '2' ? fine : { startMs: 500, stopMs: 1000, endsMs: 100, exitCode: 1 }))
  cluster.api.apply(set())
  cluster.advance(60_000)
  const failed = cluster.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === 'FailedDaemonPod')
  expect(failed[0]!.data!.message).toMatch(/^Found failed daemon pod game\/log-\w{5} on node a, will try to kill it$/)
  const gaps = failed.slice(1).map(({ at }, i) => (at - failed[i]!.at) / 1000)
  // A pod fails 0.6 s after it was made; the wait is asked for then, in full (enqueueDaemonSetAfter).
  expect(gaps.slice(0, 4)).toEqual([1.6, 2.6, 4.6, 8.6])
  cluster.api.apply(set('2'))
  cluster.advance(62_000)
  expect(on(cluster, 'a')).toEqual(['2'])
})

test('a refused pod stops the batch and is tried again after 5, 10, 20 … ms', () => {
  const cluster = startCluster(four)
  cluster.api.create({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few', namespace: 'game' }, spec: { hard: { pods: '0' } } })
  cluster.api.apply(set())
  cluster.advance(100)
  const failed = cluster.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === 'FailedCreate')
  expect(failed[0]!.data!.message).toMatch(/^Error creating: pods "log-\w{5}" is forbidden: exceeded quota: few/)
  expect(failed.map(({ at }) => at)).toEqual([0, 5, 15, 35, 75])
  expect(status(cluster)).toMatchObject({ desiredNumberScheduled: 4, currentNumberScheduled: 0, numberUnavailable: 4 })
  cluster.api.delete({ kind: 'ResourceQuota', namespace: 'game', name: 'few' })
  cluster.advance(10_000)
  expect(own(cluster)).toHaveLength(4)
})
