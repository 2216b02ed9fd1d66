/** Which pods a ReplicaSet deletes first, how it creates many, and how it goes on when it may not. */
import { describe, expect, test } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import { deletionOrder } from '../../../server/cluster/controllers/replicaset.ts'
import { deployment, eventsOf, pods, startCluster } from '../control-plane.ts'

const now = Date.parse('2026-01-05T10:10:00Z')
const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString().replace('.000Z', 'Z')
type Pod = { uid: string; node?: string; phase?: string; ready?: number; created?: number; cost?: string; restarts?: number; init?: Fields }

/** A pod on its own node that has been ready for 100 s and is 200 s old, unless said otherwise; `ready: -1` means not ready. */
function pod({ uid, node = `node-${uid}`, phase = 'Running', ready = 100, created = 200, cost, restarts = 0, init }: Pod): K8sObject {
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: uid, uid, namespace: 'game', creationTimestamp: ago(created), ...(cost ? { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } } : {}) },
    spec: { ...(node ? { nodeName: node } : {}), containers: [{ name: 'app' }], ...(init ? { initContainers: [{ name: 'init', ...init }] } : {}) },
    status: {
      phase, conditions: [{ type: 'Ready', status: ready < 0 ? 'False' : 'True', lastTransitionTime: ago(Math.abs(ready)) }], containerStatuses: [{ name: 'app', restartCount: init ? 0 : restarts }],
      ...(init ? { initContainerStatuses: [{ name: 'init', restartCount: restarts }] } : {}),
    },
  }
}

describe('the order of deletion', () => {
  test.each<[string, Pod[], string[], Pod[]?]>([
    ['without a node before with one, whatever else', [{ uid: 'a', ready: -1, phase: 'Pending' }, { uid: 'b', node: '', phase: 'Pending', ready: -1, cost: '9' }], ['b', 'a']],
    ['Pending, Unknown, Running', [{ uid: 'a' }, { uid: 'b', phase: 'Unknown', ready: -1 }, { uid: 'c', phase: 'Pending', ready: -1 }], ['c', 'b', 'a']],
    ['not ready before ready', [{ uid: 'a', cost: '-5' }, { uid: 'b', ready: -1 }], ['b', 'a']],
    ['the lower cost', [{ uid: 'a', cost: '10' }, { uid: 'b' }, { uid: 'c', cost: '-10' }], ['c', 'b', 'a']],
    ['the node with more pods, those of other sets of the Deployment included', [{ uid: 'a', node: 'x' }, { uid: 'b', node: 'y' }, { uid: 'c', node: 'y' }], ['a', 'b', 'c'], [{ uid: 'n1', node: 'x' }, { uid: 'n2', node: 'x' }]],
    ['the one that has been ready for less', [{ uid: 'a', ready: 100 }, { uid: 'b', ready: 10 }], ['b', 'a']],
    ['of ages of one power of two in nanoseconds, the lower uid, before restarts', [{ uid: 'a', ready: 100 }, { uid: 'b', ready: 80, restarts: 5 }], ['a', 'b']],
    ['powers of two in nanoseconds part 17 s from 18 s, not 15 s from 16 s', [{ uid: 'a', ready: 18 }, { uid: 'b', ready: 17 }, { uid: 'c', ready: 15 }], ['b', 'c', 'a']],
    ['ready since the same moment: more restarts', [{ uid: 'a' }, { uid: 'b', restarts: 1 }], ['b', 'a']],
    ['restarts of a sidecar count when those of containers are equal', [{ uid: 'a' }, { uid: 'b', restarts: 1, init: { restartPolicy: 'Always' } }, { uid: 'c', restarts: 1 }], ['c', 'b', 'a']],
    ['restarts of a plain init container do not', [{ uid: 'a' }, { uid: 'b', restarts: 1, init: {} }], ['a', 'b']],
    ['the newer', [{ uid: 'a', created: 300 }, { uid: 'b', created: 120 }], ['b', 'a']],
    ['of one age, the lower uid', [{ uid: 'b' }, { uid: 'a' }], ['a', 'b']],
  ])('%s', (_name, own, expected, others = []) => {
    const made = own.map(pod)
    expect(deletionOrder(made, [...made, ...others.map(pod)], now).map(({ metadata }) => metadata.uid)).toEqual(expected)
  })
})

test('an old set gives up the pod whose node has a new one as well', () => {
  const cluster = startCluster({ cluster: { nodes: [{ name: 'a' }, { name: 'b' }] } }, (pod) => (pod.metadata.labels?.version === '2' ? { startMs: 500, readyMs: 20_000, stopMs: 1000 } : { startMs: 500, readyMs: 1000, stopMs: 1000 }))
  const strategy = { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }
  cluster.api.apply(deployment('web', 2, strategy))
  cluster.advance(10_000)
  cluster.api.apply(deployment('web', 2, strategy, {}, '2'))
  cluster.advance(20_000)
  const nodes = (version: string): string[] => pods(cluster, 'web').filter((one) => one.metadata.labels?.version === version && !one.metadata.deletionTimestamp).map((one) => one.spec.nodeName as string)
  const [shared] = nodes('2')
  expect(nodes('1').sort()).toEqual(['a', 'b'])
  cluster.advance(31_000)
  expect(nodes('1')).toEqual([shared === 'a' ? 'b' : 'a'])
})

test('pods are created 1, 2, 4 at a time until the first refusal, which is tried again ever later', () => {
  const cluster = startCluster({ cluster: { nodes: [{ name: 'a' }, { name: 'b' }] } })
  cluster.api.create({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few', namespace: 'game' }, spec: { hard: { pods: '4' } } })
  cluster.api.apply(deployment('web', 20))
  cluster.advance(0)
  expect(pods(cluster, 'web')).toHaveLength(4)
  // Of the third batch of four, one is created and three are refused; the other thirteen are not tried.
  expect(eventsOf(cluster, 'ReplicaSet', 'FailedCreate')).toHaveLength(3)
  expect(eventsOf(cluster, 'ReplicaSet', 'FailedCreate')[0]).toMatch(/^Error creating: pods "web-\w+-\w{5}" is forbidden: exceeded quota: few, requested: pods=1, used: pods=4, limited: pods=4$/)
  expect(eventsOf(cluster, 'ReplicaSet', 'SuccessfulCreate').filter((text) => /^Created pod: web-\w+-\w{5}$/.test(text))).toHaveLength(4)
  cluster.advance(20_000)
  const times = cluster.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === 'FailedCreate').map((entry) => entry.at)
  expect([...new Set(times)].slice(0, 6)).toEqual([0, 5, 15, 35, 75, 155])
  cluster.api.apply(deployment('web', 1))
  cluster.advance(25_000)
  expect(pods(cluster, 'web')).toHaveLength(1)
  expect(eventsOf(cluster, 'ReplicaSet', 'SuccessfulDelete').every((text) => /^Deleted pod: web-\w+-\w{5}$/.test(text))).toBe(true)
})
