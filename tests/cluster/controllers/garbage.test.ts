/** What goes with its owner, and what a namespace takes along. */
import { describe, expect, it } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import type { LiveCluster } from '../../../server/cluster/cluster.ts'
import { deployment, eventsOf, pods, startCluster } from '../control-plane.ts'

const slow = (): { startMs: number; readyMs: number; stopMs: number } => ({ startMs: 500, readyMs: 1000, stopMs: 5000 })
const map = (name: string, metadata: Fields = {}, namespace = 'game'): K8sObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, ...metadata }, data: {} }) as K8sObject
const owner = (object: K8sObject, more: Fields = {}): Fields => ({ apiVersion: object.apiVersion, kind: object.kind, name: object.metadata.name, uid: object.metadata.uid, ...more })
const exists = (cluster: LiveCluster, kind: string, name: string): boolean => cluster.view.get(kind, 'game', name) !== undefined
const web = { kind: 'Deployment', namespace: 'game', name: 'web' }

function running(): LiveCluster {
  const cluster = startCluster({}, slow)
  cluster.api.apply(deployment('web', 2))
  cluster.advance(10_000)
  return cluster
}
const made = (cluster: LiveCluster, object: K8sObject): K8sObject => {
  const result = cluster.api.create(object)
  if ('error' in result) throw new Error(result.error.message)
  return result.object
}
/** One minute on. */
const later = (cluster: LiveCluster): void => void cluster.advance(cluster.now + 60_000)

describe('Deleting an owner', () => {
  it('in the background: it goes at once, the rest follows', () => {
    const cluster = running()
    cluster.api.delete(web)
    expect(exists(cluster, 'Deployment', 'web')).toBe(false)
    expect(pods(cluster, 'web')).toHaveLength(2)
    later(cluster)
    expect([pods(cluster, 'web').length, cluster.view.list('ReplicaSet', 'game').length]).toEqual([0, 0])
  })
  it('in the foreground: it waits for those that hold it', () => {
    const cluster = running()
    cluster.api.delete(web, { propagation: 'Foreground' })
    cluster.advance(12_000)
    expect(cluster.view.get('Deployment', 'game', 'web')!.metadata).toMatchObject({ finalizers: ['foregroundDeletion'] })
    expect(pods(cluster, 'web').every((pod) => pod.metadata.deletionTimestamp)).toBe(true)
    later(cluster)
    expect([exists(cluster, 'Deployment', 'web'), pods(cluster, 'web').length]).toEqual([false, 0])
  })
  it('in the foreground: it does not wait for those that do not hold it', () => {
    const cluster = startCluster()
    const parent = made(cluster, map('parent'))
    made(cluster, map('child', { ownerReferences: [owner(parent)], finalizers: ['game.example/hold'] }))
    later(cluster)
    cluster.api.delete({ kind: 'ConfigMap', namespace: 'game', name: 'parent' }, { propagation: 'Foreground' })
    later(cluster)
    expect([exists(cluster, 'ConfigMap', 'parent'), exists(cluster, 'ConfigMap', 'child')]).toEqual([false, true])
  })
  it('and orphaning: the rest stays and has no owner', () => {
    const cluster = running()
    const held = made(cluster, map('note', { ownerReferences: [owner(cluster.view.get('Deployment', 'game', 'web')!)] }))
    cluster.api.delete(web, { propagation: 'Orphan' })
    later(cluster)
    expect(pods(cluster, 'web')).toHaveLength(2)
    expect(cluster.view.list('ReplicaSet', 'game').map((set) => set.metadata.ownerReferences)).toEqual([undefined])
    expect(cluster.view.get('ConfigMap', 'game', held.metadata.name)!.metadata.ownerReferences).toBeUndefined()
  })
  it('takes dependents of every kind along', () => {
    const cluster = startCluster()
    const parent = made(cluster, map('parent'))
    const child = (apiVersion: string, kind: string, spec: Fields = {}): K8sObject => made(cluster, { apiVersion, kind, metadata: { name: 'child', namespace: 'game', ownerReferences: [owner(parent)] as never }, spec })
    child('networking.k8s.io/v1', 'NetworkPolicy', { podSelector: {} })
    child('policy/v1', 'PodDisruptionBudget', { minAvailable: 1, selector: {} })
    child('v1', 'ServiceAccount')
    later(cluster)
    expect(exists(cluster, 'ServiceAccount', 'child')).toBe(true)
    cluster.api.delete({ kind: 'ConfigMap', namespace: 'game', name: 'parent' })
    later(cluster)
    expect(['NetworkPolicy', 'PodDisruptionBudget', 'ServiceAccount'].filter((kind) => exists(cluster, kind, 'child'))).toEqual([])
  })
})

describe('An owner reference', () => {
  it.each<[string, (cluster: LiveCluster) => Fields, boolean]>([
    ['to what is there keeps the object', (cluster) => owner(made(cluster, map('parent'))), true],
    ['to what is not there does not', () => ({ apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid: 'u' }), false],
    ['to another object of that name does not', (cluster) => ({ ...owner(made(cluster, map('parent'))), uid: 'u' }), false],
    ['into another namespace does not', (cluster) => owner(made(cluster, map('parent', {}, 'default'))), false],
    ['to a node keeps it', (cluster) => owner(cluster.view.list('Node')[0]!), true],
    ['to a kind nobody knows keeps it', () => ({ apiVersion: 'game.example/v1', kind: 'Match', name: 'm', uid: 'u' }), true],
  ])('%s', (_name, reference, kept) => {
    const cluster = startCluster()
    made(cluster, map('child', { ownerReferences: [reference(cluster)] }))
    later(cluster)
    expect(exists(cluster, 'ConfigMap', 'child')).toBe(kept)
  })
  it('that is written later counts as well', () => {
    const cluster = startCluster()
    made(cluster, map('child'))
    cluster.api.patch({ kind: 'ConfigMap', namespace: 'game', name: 'child' }, { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid: 'u' }] } })
    later(cluster)
    expect(exists(cluster, 'ConfigMap', 'child')).toBe(false)
  })
  it('of several is struck out when its owner is gone', () => {
    const cluster = startCluster()
    const [first, second] = [made(cluster, map('first')), made(cluster, map('second'))]
    made(cluster, map('child', { ownerReferences: [owner(first), owner(second)] }))
    later(cluster)
    cluster.api.delete({ kind: 'ConfigMap', namespace: 'game', name: 'first' })
    later(cluster)
    expect(cluster.view.get('ConfigMap', 'game', 'child')!.metadata.ownerReferences).toMatchObject([{ name: 'second' }])
  })
})

describe('A namespace that is deleted', () => {
  const ref = { kind: 'Namespace', namespace: '', name: 'game' }
  const conditions = (cluster: LiveCluster): Record<string, [string, string]> => Object.fromEntries(cluster.view.get('Namespace', '', 'game')!.status!.conditions.map((one: Fields) => [one.type, [one.status, one.message]])) as Record<string, [string, string]>
  it('loses its pods first, then the rest, and is gone', () => {
    const cluster = running()
    cluster.api.delete(ref)
    cluster.advance(12_000)
    expect(cluster.view.get('Namespace', '', 'game')!.status!.phase).toBe('Terminating')
    expect(pods(cluster, 'web').every((pod) => pod.metadata.deletionTimestamp)).toBe(true)
    expect(exists(cluster, 'Deployment', 'web')).toBe(true)
    expect(conditions(cluster).NamespaceContentRemaining).toEqual(['True', 'Some resources are remaining: pods. has 2 resource instances'])
    later(cluster)
    expect(cluster.view.get('Namespace', '', 'game')).toBeUndefined()
    expect([...cluster.view.list('Deployment', 'game'), ...cluster.view.list('ConfigMap', 'game')]).toEqual([])
  })
  it('takes nothing new: not from people, not from controllers, and no events', () => {
    const cluster = running()
    cluster.api.delete(ref)
    const before = cluster.timeline.filter((entry) => entry.kind === 'event' && entry.ref?.namespace === 'game').length
    const result = cluster.api.create(map('late'))
    expect('error' in result && result.error).toMatchObject({ code: 403, message: 'configmaps "late" is forbidden: unable to create new content in namespace game because it is being terminated' })
    cluster.advance(14_000)
    expect(pods(cluster, 'web')).toHaveLength(2)
    expect(cluster.timeline.filter((entry) => entry.kind === 'event' && entry.ref?.namespace === 'game')).toHaveLength(before)
  })
  it('stays as long as a finalizer keeps some of it, and says which', () => {
    const cluster = startCluster()
    for (const name of ['b', 'a']) made(cluster, map(name, { finalizers: ['game.example/hold'] }))
    made(cluster, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'game', finalizers: ['another.example/hold'] } })
    cluster.api.delete(ref)
    later(cluster)
    expect(conditions(cluster)).toMatchObject({
      NamespaceContentRemaining: ['True', 'Some resources are remaining: configmaps. has 2 resource instances, secrets. has 1 resource instances'],
      NamespaceFinalizersRemaining: ['True', 'Some content in the namespace has finalizers remaining: another.example/hold in 1 resource instances, game.example/hold in 2 resource instances'],
    })
    for (const [kind, name] of [['ConfigMap', 'a'], ['ConfigMap', 'b'], ['Secret', 's']] as const) cluster.api.patch({ kind, namespace: 'game', name }, { metadata: { finalizers: null } })
    later(cluster)
    expect(cluster.view.get('Namespace', '', 'game')).toBeUndefined()
  })
})

it('keeps bare pods that have ended', () => {
  const cluster = startCluster({}, (pod) => ({ ...slow(), ...(pod.metadata.namespace === 'game' ? { endsMs: 1000, exitCode: pod.metadata.name === 'bad' ? 1 : 0 } : {}) }))
  for (const name of ['good', 'bad']) made(cluster, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game' }, spec: { containers: [{ name: 'app', image: 'app:1' }] } })
  cluster.advance(3_600_000)
  expect(cluster.view.list('Pod', 'game').map((pod) => [pod.metadata.name, pod.status.phase])).toEqual([['bad', 'Failed'], ['good', 'Succeeded']])
  expect(eventsOf(cluster, 'Pod', 'Killing')).toEqual([])
})
