/** PodDisruptionBudgets, the eviction API and kubectl drain. */
import { describe, expect, it } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import type { LiveCluster } from '../../../server/cluster/cluster.ts'
import type { DrainOptions } from '../../../server/cluster/operations.ts'
import { drain } from '../../../server/cluster/operations.ts'
import { deployment, eventsOf, pods, startCluster } from '../control-plane.ts'
import type { PodPlan } from '../control-plane.ts'

const fine: PodPlan = { startMs: 500, readyMs: 1000, stopMs: 1000 }
const neverReady: PodPlan = { startMs: 500, stopMs: 1000 }
const two = { cluster: { nodes: [{ name: 'a' }, { name: 'b' }] } }
const budget = (spec: Fields, name = 'web', selector: Fields = { matchLabels: { app: 'web' } }): K8sObject => ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name, namespace: 'game' }, spec: { ...spec, selector } })
const bare = (name: string, labels: Record<string, string> = { app: 'web' }, spec: Fields = {}): K8sObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game', labels }, spec: { containers: [{ name: 'app', image: 'app:1' }], ...spec } })
const statusOf = (cluster: LiveCluster, name = 'web'): Fields => cluster.view.get('PodDisruptionBudget', 'game', name)!.status as Fields
const evict = (cluster: LiveCluster, pod: K8sObject): unknown => {
  const { error } = cluster.api.evict({ kind: 'Pod', namespace: 'game', name: pod.metadata.name })
  return error && [error.code, error.message, ...(error.causes ?? []).map((cause) => cause.message)]
}

/** `ready` of the replicas get ready. */
function playing(replicas: number, ready: number, spec: Fields): LiveCluster {
  const names: string[] = []
  const cluster = startCluster(two, (pod) => {
    if (pod.metadata.labels?.app !== 'web') return fine
    if (!names.includes(pod.metadata.name)) names.push(pod.metadata.name)
    return names.indexOf(pod.metadata.name) < ready ? fine : neverReady
  })
  cluster.api.apply(deployment('web', replicas))
  cluster.api.apply(budget(spec))
  cluster.advance(10_000)
  return cluster
}
const isReady = (pod: K8sObject): boolean => pod.status.conditions.some((condition: Fields) => condition.type === 'Ready' && condition.status === 'True')
const refusal = (needs: number, has: number): unknown => [429, "Cannot evict pod as it would violate the pod's disruption budget.", `The disruption budget web needs ${needs} healthy pods and has ${has} currently`]

describe('A budget', () => {
  it.each<[Fields, number, Fields]>([
    [{ minAvailable: 5 }, 3, { desiredHealthy: 5, disruptionsAllowed: 0 }], [{ maxUnavailable: 5 }, 3, { desiredHealthy: 0, disruptionsAllowed: 3 }], [{ maxUnavailable: 0 }, 3, { desiredHealthy: 3, disruptionsAllowed: 0 }], [{ minAvailable: '34%' }, 3, { desiredHealthy: 2, disruptionsAllowed: 1 }], [{ maxUnavailable: 1 }, 0, { expectedPods: 0, disruptionsAllowed: 0 }],
  ])('of %j over %i pods', (spec, replicas, expected) => expect(statusOf(playing(replicas, replicas, spec))).toMatchObject(expected))
  it('says why', () => {
    expect(statusOf(playing(2, 2, { minAvailable: 1 })).conditions).toMatchObject([{ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods' }])
    expect(statusOf(playing(2, 2, { minAvailable: 2 })).conditions).toMatchObject([{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' }])
  })
  it('over nothing says so, and allows nothing', () => {
    const cluster = startCluster()
    cluster.api.apply(budget({ minAvailable: 1 }))
    cluster.advance(1000)
    expect(eventsOf(cluster, 'PodDisruptionBudget', 'NoPods')[0]).toBe('No matching pods found')
    expect(statusOf(cluster)).toMatchObject({ expectedPods: 0, disruptionsAllowed: 0 })
  })
  it('with an empty selector covers the whole namespace', () => {
    const cluster = startCluster()
    for (const name of ['x', 'y']) cluster.api.create(bare(name, { app: name }))
    cluster.api.apply(budget({ minAvailable: 2 }, 'web', {}))
    cluster.advance(10_000)
    expect(statusOf(cluster)).toMatchObject({ expectedPods: 2, currentHealthy: 2, disruptionsAllowed: 0 })
    expect(evict(cluster, bare('x'))).toEqual(refusal(2, 2))
  })
  it('in shares or as maxUnavailable leaves out pods without a controller, and warns of them', () => {
    const cluster = startCluster()
    cluster.api.create(bare('alone'))
    cluster.api.apply(budget({ maxUnavailable: 1 }))
    cluster.advance(10_000)
    expect(statusOf(cluster)).toMatchObject({ expectedPods: 0, currentHealthy: 1, disruptionsAllowed: 0, conditions: [{ reason: 'InsufficientPods' }] })
    expect(eventsOf(cluster, 'PodDisruptionBudget', 'UnmanagedPods')[0]).toBe('Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.')
  })
  it('in shares fails over pods of a Job, which has no scale', () => {
    const cluster = startCluster()
    cluster.api.apply({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'seed', namespace: 'game' }, spec: { template: { metadata: { labels: { app: 'web' } }, spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'app:1' }] } } } } as K8sObject)
    cluster.api.apply(budget({ minAvailable: '50%' }))
    cluster.advance(10_000)
    expect(statusOf(cluster)).toMatchObject({ disruptionsAllowed: 0, conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message: 'jobs.batch does not implement the scale subresource' }] })
    expect(eventsOf(cluster, 'PodDisruptionBudget', 'CalculateExpectedPodCountFailed')[0]).toBe('Failed to calculate the number of expected pods: jobs.batch does not implement the scale subresource')
  })
  it('does not count pods that are being deleted as healthy', () => {
    const cluster = playing(3, 3, { minAvailable: 2 })
    const [first, second] = pods(cluster, 'web')
    expect(evict(cluster, first!)).toBeUndefined()
    expect(evict(cluster, second!)).toEqual(refusal(2, 3))
    cluster.advance(10_100)
    expect(statusOf(cluster)).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 0 })
    expect(evict(cluster, second!)).toEqual(refusal(2, 2))
  })
})

describe('An eviction', () => {
  it.each<[string, (cluster: LiveCluster) => void, PodPlan]>([
    ['pending', () => undefined, { startMs: 10_000_000, stopMs: 1000 }],
    ['ended', () => undefined, { ...fine, endsMs: 2000, exitCode: 0 }],
    ['being deleted', (cluster) => void cluster.api.delete({ kind: 'Pod', namespace: 'game', name: 'p' }), { ...fine, stopMs: 60_000 }],
  ])('of a pod that is %s asks no budget', (_name, before, plan) => {
    const cluster = startCluster({}, (pod) => (pod.metadata.namespace === 'game' ? plan : fine))
    cluster.api.create(bare('p'))
    cluster.api.apply(budget({ minAvailable: 1 }))
    cluster.advance(10_000)
    before(cluster)
    expect(evict(cluster, bare('p'))).toBeUndefined()
  })
  it('of a pod with two budgets is an error', () => {
    const cluster = playing(2, 2, { minAvailable: 1 })
    cluster.api.apply(budget({ minAvailable: 1 }, 'other'))
    cluster.advance(11_000)
    expect(evict(cluster, pods(cluster, 'web')[0]!)).toEqual([500, 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'])
  })
  it.each<[string, number, number, Fields, boolean]>([
    ['enough others are ready', 3, 2, { minAvailable: 2 }, true], ['too few are ready', 3, 1, { minAvailable: 2 }, false], ['too few are ready but it is always allowed', 3, 1, { minAvailable: 2, unhealthyPodEvictionPolicy: 'AlwaysAllow' }, true], ['none need be ready, and none may go', 1, 0, { maxUnavailable: '100%' }, false],
  ])('of a pod that is not ready when %s', (_name, replicas, ready, spec, allowed) => {
    const cluster = playing(replicas, ready, spec)
    const pod = pods(cluster, 'web').find((one) => !isReady(one))!
    expect(evict(cluster, pod) === undefined).toBe(allowed)
  })
  it('marks the pod as disrupted', () => {
    const cluster = playing(2, 2, { minAvailable: 1 })
    const [pod] = pods(cluster, 'web')
    evict(cluster, pod!)
    expect(cluster.view.get('Pod', 'game', pod!.metadata.name)!.status!.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' }))
  })
  it('is not what deleting, scaling and rolling out ask for', () => {
    const cluster = playing(2, 2, { minAvailable: 2 })
    cluster.api.patch({ kind: 'Deployment', namespace: 'game', name: 'web' }, { spec: { replicas: 1 } })
    cluster.advance(15_000)
    expect(pods(cluster, 'web')).toHaveLength(1)
    cluster.api.delete({ kind: 'Pod', namespace: 'game', name: pods(cluster, 'web')[0]!.metadata.name })
    expect(pods(cluster, 'web')[0]!.metadata.deletionTimestamp).toBeDefined()
  })
})

describe('A drain', () => {
  const one = { cluster: { nodes: [{ name: 'a' }, { name: 'z', unschedulable: true }] } }
  const drained = (objects: K8sObject[], options: DrainOptions, ms = 40_000): { lines: string[]; outcome: string | undefined; cluster: LiveCluster } => {
    const cluster = startCluster(one, (pod) => (pod.metadata.namespace === 'game' && pod.metadata.labels?.app === 'done' ? { ...fine, endsMs: 1000, exitCode: 0 } : fine))
    for (const object of objects) cluster.api.apply(object)
    cluster.advance(10_000)
    const work = drain(cluster, 'a', { only: (pod) => pod.metadata.namespace === 'game', ...options })
    cluster.advance(10_000 + ms)
    return { lines: work.lines, outcome: work.outcome, cluster }
  }
  const scratch = { volumes: [{ name: 'scratch', emptyDir: {} }] }
  const head = 'error: unable to drain node "a" due to error: '
  it.each<[string, K8sObject, DrainOptions, string]>([
    ['local storage', bare('p', {}, scratch), { force: true }, 'cannot delete Pods with local storage (use --delete-emptydir-data to override): game/p'],
    ['no controller', bare('p'), {}, 'cannot delete Pods that declare no controller (use --force to override): game/p'],
  ])('is refused for %s', (_name, object, options, why) => {
    expect(drained([object], options).lines).toEqual(['node/a cordoned', `${head}${why}, continuing command...`, 'There are pending nodes to be drained:', ' a', `error: ${why}`])
  })
  it('names every reason', () => {
    const reasons = ['cannot delete Pods with local storage (use --delete-emptydir-data to override): game/p', 'cannot delete Pods that declare no controller (use --force to override): game/q']
    expect(drained([bare('p', {}, scratch), bare('q')], {}).lines).toEqual(['node/a cordoned', `${head}[${reasons.join(', ')}], continuing command...`, 'There are pending nodes to be drained:', ' a', ...reasons])
  })
  it('does as it is told, and takes pods that have ended in any case', () => {
    expect(drained([bare('p')], { force: true }).lines).toEqual(['node/a cordoned', 'Warning: deleting Pods that declare no controller: game/p', 'evicting pod game/p', 'pod/p evicted', 'node/a drained'])
    expect(drained([bare('p', { app: 'done' }, scratch)], {}).lines).toEqual(['node/a cordoned', 'evicting pod game/p', 'pod/p evicted', 'node/a drained'])
  })
  it('that an eviction fails ends the others first, then tells of the error', () => {
    const { lines, outcome } = drained([bare('p'), bare('q', { app: 'free' }), budget({ minAvailable: 0 }), budget({ minAvailable: 0 }, 'other')], { force: true })
    const why = 'error when evicting pods/"p" -n "game": This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'
    expect(lines.slice(2)).toEqual(['evicting pod game/p', 'evicting pod game/q', 'pod/q evicted', `There are pending pods in node "a" when an error occurred: ${why}`, 'pod/p', `${head}${why}, continuing command...`, 'There are pending nodes to be drained:', ' a', `error: ${why}`])
    expect(outcome).toBe('refused')
  })
  it.each<[number, string]>([[30_000, '30s'], [90_000, '1m30s']])('ends after %i ms, the pods that are still there named', (timeoutMs, printed) => {
    const { lines, outcome, cluster } = drained([bare('p'), bare('q', { app: 'free' }), budget({ minAvailable: 1 })], { force: true, timeoutMs }, timeoutMs + 1000)
    const why = `error when evicting pods/"p" -n "game": global timeout reached: ${printed}`
    expect(lines.filter((line) => line.endsWith("(will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget."))).toHaveLength(timeoutMs / 5000)
    expect(lines.slice(-6)).toEqual([`There are pending pods in node "a" when an error occurred: ${why}`, 'pod/p', `${head}${why}, continuing command...`, 'There are pending nodes to be drained:', ' a', `error: ${why}`])
    expect(outcome).toBe('timeout')
    expect(cluster.view.list('Pod', 'game').map(({ metadata }) => metadata.name)).toEqual(['p'])
  })
  it('gives pods the time it is told, and past budgets when it deletes', () => {
    const { lines } = drained([bare('p'), budget({ minAvailable: 1 })], { force: true, disableEviction: true, graceSeconds: 0 }, 1000)
    expect(lines.slice(2)).toEqual(['pod/p deleted', 'node/a drained'])
  })
})
