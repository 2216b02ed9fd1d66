import { describe, expect, test } from 'vitest'
import type { K8sObject } from '../../../server/k8s/object.ts'
import { retryDelay, slowStart } from '../../../server/cluster/controllers/replicaset.ts'
import { compactIndexes, jobBackoff, matchedRule } from '../../../server/cluster/controllers/job/index.ts'
import { nextTime, parseSchedule } from '../../../server/cluster/controllers/cronjob/schedule.ts'
import { desiredHealthy, disruptionsAllowed } from '../../../server/cluster/controllers/disruption.ts'
import { drain, rolloutStatus, undo } from '../../../server/cluster/operations.ts'
import { deployment, eventsOf, pods, startCluster } from '../control-plane.ts'

const fine = { startMs: 500, readyMs: 1000, stopMs: 1000 }

function statefulSet(replicas: number, version = '1', extra = {}): K8sObject {
  return { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', namespace: 'game' }, spec: { replicas, serviceName: 'db', selector: { matchLabels: { app: 'db' } }, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }, ...extra, template: { metadata: { labels: { app: 'db', version } }, spec: { containers: [{ name: 'db', image: `db:${version}` }] } } } }
}
function job(spec: object): K8sObject {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'seed', namespace: 'game' }, spec: { ...spec, template: { metadata: { labels: {} }, spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'app:1' }] } } } } as K8sObject
}

describe('numbers', () => {
  test('creation batches double', () => expect(slowStart(10)).toEqual([1, 2, 4, 3]))
  test('retries of a failing ReplicaSet: 5 ms doubling to 1000 s', () => expect([0, 1, 8, 30].map(retryDelay)).toEqual([5, 10, 1280, 1_000_000]))
  test('job back-off', () => expect([1, 2, 3, 4, 5, 6, 7].map(jobBackoff)).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 600_000]))
  test('completed indexes', () => expect(compactIndexes([0, 1, 2, 4, 6, 7])).toBe('0-2,4,6,7'))
  test.each([
    ['minAvailable 2 of 3', { minAvailable: 2 }, 3, 3, 1], ['minAvailable 2 of 2 ready', { minAvailable: 2 }, 3, 2, 0], ['maxUnavailable 30 % of 3', { maxUnavailable: '30%' }, 3, 3, 1],
    ['minAvailable 50 % of 3', { minAvailable: '50%' }, 3, 3, 1], ['minAvailable 1 of 1', { minAvailable: 1 }, 1, 1, 0],
  ])('budget %s', (_name, spec, expected, current, allowed) => {
    expect(disruptionsAllowed(current, desiredHealthy(spec, expected), expected)).toBe(allowed)
  })
  test.each([
    ['*/5 * * * *', '2026-01-05T10:02:00Z', 'UTC', '2026-01-05T10:05:00Z'], ['0 3 * * *', '2026-01-05T10:02:00Z', 'UTC', '2026-01-06T03:00:00Z'], ['0 3 * * *', '2026-01-05T10:02:00Z', 'Asia/Shanghai', '2026-01-05T19:00:00Z'],
    ['30 4 1,15 * 5', '2026-01-05T10:02:00Z', 'UTC', '2026-01-09T04:30:00Z'], ['@daily', '2026-01-05T10:02:00Z', 'UTC', '2026-01-06T00:00:00Z'], ['0 0 29 feb *', '2026-01-05T10:02:00Z', 'UTC', '2028-02-29T00:00:00Z'],
  ])('%s after %s in %s is %s', (text, after, zone, expected) => {
    expect(new Date(nextTime(parseSchedule(text)!, Date.parse(after), zone)!).toISOString().replace('.000Z', 'Z')).toBe(expected)
  })
  test.each(['* * * *', '60 * * * *', '5-1 * * * *', 'every day'])('"%s" is no schedule', (text) => expect(parseSchedule(text)).toBeUndefined())
})

describe('StatefulSet', () => {
  test('starts one after another, and updates from the last', () => {
    const cluster = startCluster()
    cluster.api.apply(statefulSet(3))
    cluster.advance(1000)
    expect(pods(cluster, 'db').map((pod) => pod.metadata.name)).toEqual(['db-0'])
    cluster.advance(10_000)
    expect(pods(cluster, 'db').map((pod) => pod.metadata.name)).toEqual(['db-0', 'db-1', 'db-2'])
    cluster.api.apply(statefulSet(3, '2'))
    cluster.advance(10_500)
    expect(pods(cluster, 'db').filter((pod) => pod.metadata.deletionTimestamp).map((pod) => pod.metadata.name)).toEqual(['db-2'])
    cluster.advance(30_000)
    expect(pods(cluster, 'db').map((pod) => pod.metadata.labels?.version)).toEqual(['2', '2', '2'])
    expect(cluster.view.get('StatefulSet', 'game', 'db')!.status).toMatchObject({ readyReplicas: 3, updatedReplicas: 3 })
    expect(eventsOf(cluster, 'StatefulSet', 'SuccessfulCreate')[0]).toBe('create Pod db-0 in StatefulSet db successful')
  })
  test('a broken revision blocks, and reverting does not free it', () => {
    const cluster = startCluster({}, (pod) => (pod.metadata.labels?.version === '2' ? { startMs: 500, stopMs: 1000 } : fine))
    cluster.api.apply(statefulSet(2))
    cluster.advance(10_000)
    cluster.api.apply(statefulSet(2, '2'))
    cluster.advance(30_000)
    cluster.api.apply(statefulSet(2))
    cluster.advance(60_000)
    expect(pods(cluster, 'db').map((pod) => pod.metadata.labels?.version)).toEqual(['1', '2'])
    cluster.api.delete({ kind: 'Pod', namespace: 'game', name: 'db-1' })
    cluster.advance(70_000)
    expect(pods(cluster, 'db').map((pod) => pod.metadata.labels?.version)).toEqual(['1', '1'])
  })
  test('partition keeps the low ordinals; Parallel does not wait', () => {
    const cluster = startCluster()
    cluster.api.apply(statefulSet(3, '1', { podManagementPolicy: 'Parallel' }))
    cluster.advance(100)
    expect(pods(cluster, 'db')).toHaveLength(3)
    cluster.advance(10_000)
    cluster.api.apply(statefulSet(3, '2', { podManagementPolicy: 'Parallel', updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } }))
    cluster.advance(30_000)
    expect(pods(cluster, 'db').map((pod) => pod.metadata.labels?.version)).toEqual(['1', '1', '2'])
  })
  test('makes claims that outlive it', () => {
    const cluster = startCluster()
    cluster.api.apply(statefulSet(1, '1', { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }] }))
    cluster.advance(10_000)
    expect(cluster.view.get('PersistentVolumeClaim', 'game', 'data-db-0')).toMatchObject({ spec: { storageClassName: 'standard-rwo' }, status: { phase: 'Bound' } })
    cluster.api.delete({ kind: 'StatefulSet', namespace: 'game', name: 'db' })
    cluster.advance(20_000)
    expect(pods(cluster, 'db')).toHaveLength(0)
    expect(cluster.view.get('PersistentVolumeClaim', 'game', 'data-db-0')).toBeDefined()
  })
})

describe('Job', () => {
  test('completes', () => {
    const cluster = startCluster({}, () => ({ ...fine, endsMs: 3000, exitCode: 0 }))
    cluster.api.apply(job({ completions: 3, parallelism: 2 }))
    cluster.advance(30_000)
    expect(cluster.view.get('Job', 'game', 'seed')!.status).toMatchObject({ succeeded: 3, active: 0, conditions: [{ type: 'SuccessCriteriaMet' }, { type: 'Complete', reason: 'CompletionsReached' }] })
  })
  test('backoffLimit 6 means seven failed pods, then Failed', () => {
    const cluster = startCluster({}, (pod) => (pod.metadata.labels?.['job-name'] ? { ...fine, endsMs: 1000, exitCode: 1 } : fine))
    cluster.api.apply(job({ backoffLimit: 6 }))
    cluster.advance(1_200_000)
    expect(cluster.view.list('Pod', 'game').filter((pod) => pod.status.phase === 'Failed')).toHaveLength(7)
    expect(eventsOf(cluster, 'Job', 'BackoffLimitExceeded')).toEqual(['Job has reached the specified backoff limit'])
  })
  test.each([
    ['all of the named indexes', [{ succeededIndexes: '0,2-3' }], [0, 2, 3], 0], ['one is missing', [{ succeededIndexes: '0,2-3' }], [0, 2], -1], ['some of the named', [{ succeededIndexes: '0-3', succeededCount: 2 }], [0, 2, 9], 0],
    ['others than the named', [{ succeededIndexes: '0-1', succeededCount: 1 }], [4, 5], -1], ['a number of any', [{ succeededIndexes: '9' }, { succeededCount: 2 }], [1, 4], 1], ['nothing yet', [{ succeededCount: 1 }], [], -1],
  ] as [string, object[], number[], number][])('successPolicy: %s', (_name, rules, done, expected) => expect(matchedRule(rules, new Set(done))).toBe(expected))
  test('a leader that succeeds is enough by successPolicy; the workers are deleted and do not fail the Job', () => {
    const cluster = startCluster({}, (pod) => (pod.metadata.name.startsWith('seed-0') ? { ...fine, endsMs: 3000, exitCode: 0 } : fine))
    cluster.api.apply(job({ completionMode: 'Indexed', completions: 3, parallelism: 3, backoffLimit: 0, successPolicy: { rules: [{ succeededIndexes: '0', succeededCount: 1 }] } }))
    cluster.advance(3600)
    expect(cluster.view.get('Job', 'game', 'seed')!.status.conditions).toMatchObject([{ type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message: 'Matched rules at index 0' }])
    cluster.advance(20_000)
    expect(cluster.view.get('Job', 'game', 'seed')!.status).toMatchObject({ completedIndexes: '0', succeeded: 1, active: 0, conditions: [{ type: 'SuccessCriteriaMet' }, { type: 'Complete', reason: 'SuccessPolicy' }] })
    expect([eventsOf(cluster, 'Job', 'SuccessfulDelete').length, eventsOf(cluster, 'Job', 'Completed'), eventsOf(cluster, 'Job', 'BackoffLimitExceeded')]).toEqual([2, ['Job completed'], []])
  })
  test('activeDeadlineSeconds ends it', () => {
    const cluster = startCluster()
    cluster.api.apply(job({ activeDeadlineSeconds: 20 }))
    cluster.advance(40_000)
    expect(cluster.view.get('Job', 'game', 'seed')!.status.conditions.at(-1)).toMatchObject({ type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' })
  })
  test('a CronJob that forbids overlap skips a run', () => {
    const cluster = startCluster({}, () => ({ ...fine, endsMs: 90_000, exitCode: 0 }))
    cluster.api.apply({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'tick', namespace: 'game' }, spec: { schedule: '* * * * *', concurrencyPolicy: 'Forbid', jobTemplate: { spec: job({}).spec } } })
    cluster.advance(130_000)
    expect(eventsOf(cluster, 'CronJob', 'SuccessfulCreate')).toEqual([expect.stringMatching(/^Created job tick-\d{8}$/)])
    expect(eventsOf(cluster, 'CronJob', 'JobAlreadyActive').length).toBeGreaterThan(0)
  })
})

describe('DaemonSet', () => {
  test('runs on every node but tainted ones, and needs ignoring when draining', () => {
    const cluster = startCluster({ cluster: { nodes: [{ name: 'a' }, { name: 'b', taints: [{ key: 'gpu', effect: 'NoSchedule' }] }, { name: 'c' }] } })
    cluster.api.apply({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'log', namespace: 'game' }, spec: { selector: { matchLabels: { app: 'log' } }, template: { metadata: { labels: { app: 'log' } }, spec: { containers: [{ name: 'log', image: 'log:1' }] } } } })
    cluster.advance(10_000)
    expect(pods(cluster, 'log').map((pod) => pod.spec.nodeName).sort()).toEqual(['a', 'c'])
    expect(drain(cluster, 'a').lines.join('\n')).toContain('cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): game/log-')
  })
})

describe('drain and budgets', () => {
  test('a budget of all replicas blocks for ever (G25)', () => {
    const cluster = startCluster({ cluster: { nodes: [{ name: 'a' }, { name: 'b' }] } })
    cluster.api.apply(deployment('web', 2))
    cluster.api.apply({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web', namespace: 'game' }, spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } } })
    cluster.advance(10_000)
    const node = pods(cluster, 'web')[0]!.spec.nodeName
    const work = drain(cluster, node, { timeoutMs: 30_000 })
    cluster.advance(60_000)
    expect(work.outcome).toBe('timeout')
    expect(work.lines.filter((line) => line.endsWith("(will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.")).length).toBeGreaterThan(4)
    expect(cluster.view.get('Node', '', node)!.spec.unschedulable).toBe(true)
  })
  test('a looser one lets the node empty', () => {
    const cluster = startCluster()
    cluster.api.apply(deployment('web', 3))
    cluster.api.apply({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web', namespace: 'game' }, spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } } })
    cluster.advance(10_000)
    const node = pods(cluster, 'web')[0]!.spec.nodeName
    const work = drain(cluster, node)
    cluster.advance(40_000)
    expect(work.lines.at(-1)).toBe(`node/${node} drained`)
    expect(pods(cluster, 'web').every((pod) => pod.spec.nodeName !== node)).toBe(true)
  })
})

test('a NoExecute taint clears the node (G27)', () => {
  const cluster = startCluster({ cluster: { nodes: [{ name: 'a' }] } })
  cluster.api.apply(deployment('web', 1))
  cluster.advance(10_000)
  cluster.api.patch({ kind: 'Node', namespace: '', name: 'a' }, { spec: { taints: [{ key: 'maintenance', effect: 'NoExecute' }] } })
  cluster.advance(20_000)
  const [pod] = pods(cluster, 'web')
  expect(eventsOf(cluster, 'Pod', 'TaintManagerEviction').some((text) => text.startsWith('Marking for deletion Pod game/web-'))).toBe(true)
  expect(pod!.status.phase).toBe('Pending')
})

test('rollout status and undo speak like kubectl', () => {
  const cluster = startCluster({}, (pod) => (pod.metadata.labels?.version === '2' ? { startMs: 500, stopMs: 1000 } : fine))
  const ref = { kind: 'Deployment', namespace: 'game', name: 'web' }
  cluster.api.apply(deployment('web', 3))
  cluster.advance(10_000)
  expect(rolloutStatus(cluster, ref)).toEqual({ line: 'deployment "web" successfully rolled out', done: true, failed: false })
  cluster.api.apply(deployment('web', 3, {}, {}, '2'))
  cluster.advance(20_000)
  expect(rolloutStatus(cluster, ref).line).toBe('Waiting for deployment "web" rollout to finish: 1 out of 3 new replicas have been updated...')
  expect(undo(cluster, ref).output).toEqual(['deployment.apps/web rolled back'])
  cluster.advance(30_000)
  expect(rolloutStatus(cluster, ref).done).toBe(true)
})

test('deleting a Deployment takes its sets and pods along; the same run twice gives the same bytes', () => {
  const run = (): string => {
    const cluster = startCluster()
    cluster.api.apply(deployment('web', 3))
    cluster.advance(10_000)
    cluster.api.delete({ kind: 'Deployment', namespace: 'game', name: 'web' })
    cluster.advance(20_000)
    expect(cluster.view.list('ReplicaSet', 'game')).toEqual([])
    expect(pods(cluster, 'web')).toEqual([])
    return JSON.stringify(cluster.timeline)
  }
  expect(run()).toBe(run())
})

test('a silent node loses its pods after the tolerated five minutes', () => {
  const cluster = startCluster({ cluster: { nodes: [{ name: 'a' }, { name: 'b', unschedulable: true }] } })
  cluster.api.apply(deployment('web', 1))
  cluster.advance(10_000)
  const node = cluster.view.get('Node', '', 'a')!
  const conditions = node.status.conditions.map((condition: { type: string }) => (condition.type === 'Ready' ? { ...condition, status: 'Unknown' } : condition))
  cluster.put({ ...node, status: { ...node.status, conditions } })
  cluster.advance(11_000)
  expect(cluster.view.get('Node', '', 'a')!.spec.taints).toMatchObject([{ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }, { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }])
  expect(eventsOf(cluster, 'Pod', 'NodeNotReady')).toContain('Node is not ready')
  const evictions = (): string[] => eventsOf(cluster, 'Pod', 'TaintManagerEviction').filter((text) => text.includes('game/web-'))
  cluster.advance(309_000)
  expect(evictions()).toEqual([])
  cluster.advance(311_000)
  expect(evictions()).toHaveLength(1)
})

test('endpoints follow readiness and deletion, and a port name nobody has is dropped', () => {
  const cluster = startCluster({}, () => ({ startMs: 500, readyMs: 5000, stopMs: 10_000 }))
  cluster.api.apply(deployment('web', 1, {}, { container: { ports: [{ name: 'http', containerPort: 8080 }] } }))
  const service = (name: string, targetPort: string | number): K8sObject => ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'game' }, spec: { selector: { app: 'web' }, ports: [{ name: 'web', port: 80, targetPort }] } })
  for (const [name, port] of [['named', 'http'], ['typo', 'htpp'], ['number', 9]] as const) cluster.api.apply(service(name, port))
  const slice = (name: string): K8sObject => cluster.view.list('EndpointSlice', 'game').find((item) => item.metadata.labels?.['kubernetes.io/service-name'] === name)!
  cluster.advance(3000)
  expect(slice('named')).toMatchObject({ ports: [{ name: 'web', port: 8080, protocol: 'TCP' }], endpoints: [{ conditions: { ready: false, serving: false, terminating: false } }] })
  expect(slice('typo').ports).toEqual([])
  expect(slice('number').ports[0].port).toBe(9)
  cluster.advance(10_000)
  expect(slice('named').endpoints[0].conditions.ready).toBe(true)
  cluster.api.delete({ kind: 'Pod', namespace: 'game', name: pods(cluster, 'web')[0]!.metadata.name })
  cluster.advance(10_100)
  expect(slice('named').endpoints[0].conditions).toEqual({ ready: false, serving: true, terminating: true })
})

test('a claim in use stays until its pod is gone', () => {
  const cluster = startCluster()
  cluster.api.create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'game' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } })
  cluster.api.apply(deployment('web', 1, {}, { spec: { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] } }))
  cluster.advance(10_000)
  cluster.api.delete({ kind: 'PersistentVolumeClaim', namespace: 'game', name: 'data' })
  cluster.advance(12_000)
  expect(cluster.view.get('PersistentVolumeClaim', 'game', 'data')!.metadata.deletionTimestamp).toBeDefined()
  cluster.api.delete({ kind: 'Deployment', namespace: 'game', name: 'web' })
  cluster.advance(20_000)
  expect(cluster.view.get('PersistentVolumeClaim', 'game', 'data')).toBeUndefined()
  expect(cluster.view.list('PersistentVolume')).toEqual([])
})
