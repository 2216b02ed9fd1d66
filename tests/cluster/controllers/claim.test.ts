/** Who owns what: labels take pods out of their controllers, bring bare ones in, and survive an owner deleted with --cascade=orphan. */
import { describe, expect, test } from 'vitest'
import type { K8sObject } from '../../../server/k8s/object.ts'
import { keyOf } from '../../../server/k8s/object.ts'
import type { LiveCluster } from '../../../server/cluster/cluster.ts'
import { told } from '../kubectl/still-cluster.ts'
import { deployment, eventsOf, pods, startCluster } from '../control-plane.ts'

const ownerOf = (object: K8sObject | undefined): string | undefined => object?.metadata.ownerReferences?.map((owner) => `${owner.kind}/${owner.name}`).join()
const names = (objects: readonly K8sObject[]): string[] => objects.map((object) => object.metadata.name)
const bare = (name: string, labels: Record<string, string>): K8sObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game', labels }, spec: { containers: [{ name: 'app', image: 'app:1' }] } })
const service: K8sObject = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'game' }, spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] } }
function set(name: string, replicas: number, selector: Record<string, string> = { app: 'web' }): K8sObject {
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name, namespace: 'game' }, spec: { replicas, selector: { matchLabels: selector }, template: { metadata: { labels: selector }, spec: { containers: [{ name: 'app', image: 'app:1' }] } } } }
}
function started(...objects: K8sObject[]): LiveCluster {
  const cluster = startCluster()
  for (const object of objects) cluster.api.apply(object)
  cluster.advance(10_000)
  return cluster
}
const later = (cluster: LiveCluster): void => void cluster.advance(cluster.now + 10_000)
const addresses = (cluster: LiveCluster): string[] => cluster.view.list('EndpointSlice', 'game').flatMap((slice) => (slice.endpoints as { targetRef: { name: string } }[]).map((one) => one.targetRef.name)).sort()

describe('a pod taken out of its ReplicaSet by a label', () => {
  test('stays, is replaced, leaves the Service, and outlives the Deployment', () => {
    const cluster = started(deployment('web', 2), service)
    const [quarantined] = pods(cluster, 'web')
    const name = quarantined!.metadata.name
    expect(told(cluster, `label pod ${name} app=quarantine --overwrite`)).toBe(`pod/${name} labeled\n`)
    later(cluster)
    const live = cluster.view.get('Pod', 'game', name)!
    expect([live.status!.phase, live.metadata.deletionTimestamp, ownerOf(live)]).toEqual(['Running', undefined, undefined])
    expect(pods(cluster, 'web')).toHaveLength(2)
    expect(addresses(cluster)).toEqual(names(pods(cluster, 'web')).sort())
    expect(told(cluster, 'get rs --no-headers')).toMatch(/^web-\w+ +2 +2 +2 /)
    told(cluster, 'delete deploy web')
    later(cluster)
    expect(names(cluster.view.list('Pod', 'game'))).toEqual([name])
  })
  test('comes back when the label does, and the surplus goes', () => {
    const cluster = started(deployment('web', 2))
    const name = pods(cluster, 'web')[0]!.metadata.name
    told(cluster, `label pod ${name} app=quarantine --overwrite`)
    later(cluster)
    told(cluster, `label pod ${name} app=web --overwrite`)
    later(cluster)
    expect(pods(cluster, 'web')).toHaveLength(2)
    expect(eventsOf(cluster, 'ReplicaSet', 'SuccessfulDelete')).toHaveLength(1)
  })
  test('is not let go when it has ended already', () => {
    const cluster = startCluster({}, () => ({ startMs: 500, endsMs: 1000, exitCode: 1, stopMs: 1000 }))
    cluster.api.apply(set('web', 1))
    cluster.advance(1600)
    const name = cluster.view.list('Pod', 'game').find((pod) => pod.status!.phase === 'Failed')!.metadata.name
    told(cluster, `label pod ${name} app=other --overwrite`)
    expect(ownerOf(cluster.view.get('Pod', 'game', name))).toBe('ReplicaSet/web')
  })
})

describe('a pod without an owner', () => {
  test('is adopted when it matches, and counts', () => {
    const cluster = started(bare('old', { app: 'web' }), set('web', 2))
    expect(pods(cluster, 'web')).toHaveLength(2)
    expect(ownerOf(cluster.view.get('Pod', 'game', 'old'))).toBe('ReplicaSet/web')
    expect(eventsOf(cluster, 'ReplicaSet', 'SuccessfulCreate').filter((text) => text.includes(' web-'))).toHaveLength(1)
  })
  test('is deleted at once when the set is full', () => {
    const cluster = started(set('web', 2))
    cluster.api.create(bare('late', { app: 'web' }))
    later(cluster)
    expect(cluster.view.get('Pod', 'game', 'late')).toBeUndefined()
    expect(eventsOf(cluster, 'ReplicaSet', 'SuccessfulDelete')).toEqual(['Deleted pod: late'])
  })
  test('is left alone by a set in another namespace and by other labels', () => {
    const cluster = started(set('web', 1), bare('other', { app: 'else' }))
    expect(ownerOf(cluster.view.get('Pod', 'game', 'other'))).toBeUndefined()
  })
})

describe('two controllers with one selector', () => {
  test('do not steal from each other', () => {
    const second = { ...deployment('web', 2), metadata: { name: 'twin', namespace: 'game' } }
    const cluster = started(deployment('web', 2), second)
    expect(pods(cluster, 'web').map(ownerOf).map((owner) => owner!.split('-')[0]).sort()).toEqual(['ReplicaSet/twin', 'ReplicaSet/twin', 'ReplicaSet/web', 'ReplicaSet/web'])
    later(cluster)
    expect(pods(cluster, 'web')).toHaveLength(4)
  })
})

describe('--cascade=orphan', () => {
  test('of a Deployment: the new one finds the set and its pods', () => {
    const cluster = started(deployment('web', 2))
    const before = names(pods(cluster, 'web'))
    told(cluster, 'delete deploy web --cascade=orphan')
    later(cluster)
    expect(names(pods(cluster, 'web'))).toEqual(before)
    const [orphan] = cluster.view.list('ReplicaSet', 'game')
    expect(ownerOf(orphan)).toBeUndefined()
    cluster.api.apply(deployment('web', 2))
    later(cluster)
    expect(names(pods(cluster, 'web'))).toEqual(before)
    expect(cluster.view.list('ReplicaSet', 'game').map(ownerOf)).toEqual(['Deployment/web'])
    expect(cluster.view.get('Deployment', 'game', 'web')!.status!.conditions.find((one: { type: string }) => one.type === 'Progressing').reason).toBe('NewReplicaSetAvailable')
  })
  test('of a ReplicaSet under a Deployment: the set that follows takes the pods over', () => {
    const cluster = started(deployment('web', 2))
    const before = names(pods(cluster, 'web'))
    const uid = cluster.view.list('ReplicaSet', 'game')[0]!.metadata.uid
    told(cluster, `delete rs ${cluster.view.list('ReplicaSet', 'game')[0]!.metadata.name} --cascade=orphan`)
    later(cluster)
    expect(cluster.view.list('ReplicaSet', 'game').map((one) => one.metadata.uid === uid)).toEqual([false])
    expect(names(pods(cluster, 'web'))).toEqual(before)
    expect(pods(cluster, 'web').every((pod) => ownerOf(pod)!.startsWith('ReplicaSet/web-'))).toBe(true)
  })
  test('of a StatefulSet: pods and revisions are adopted again, other names are not', () => {
    const db: K8sObject = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', namespace: 'game' }, spec: { replicas: 2, serviceName: 'db', selector: { matchLabels: { app: 'db' } }, template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'db', image: 'db:1' }] } } } }
    const cluster = started(db, bare('stray', { app: 'db' }))
    const uids = pods(cluster, 'db').map((pod) => pod.metadata.uid)
    told(cluster, 'delete sts db --cascade=orphan')
    later(cluster)
    cluster.api.apply(db)
    later(cluster)
    expect(pods(cluster, 'db').map((pod) => pod.metadata.uid)).toEqual(uids)
    expect(pods(cluster, 'db').map(ownerOf)).toEqual(['StatefulSet/db', 'StatefulSet/db', undefined])
    expect(cluster.view.list('ControllerRevision', 'game').map(ownerOf)).toEqual(['StatefulSet/db'])
  })
})

describe('other controllers', () => {
  test('a StatefulSet cannot make a pod again whose name a released one has, and says nothing about it', () => {
    const db: K8sObject = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', namespace: 'game' }, spec: { replicas: 1, serviceName: 'db', selector: { matchLabels: { app: 'db' } }, template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'db', image: 'db:1' }] } } } }
    const cluster = started(db)
    told(cluster, 'label pod db-0 app=out --overwrite')
    later(cluster)
    expect(ownerOf(cluster.view.get('Pod', 'game', 'db-0'))).toBeUndefined()
    expect([cluster.view.get('StatefulSet', 'game', 'db')!.status!.replicas, eventsOf(cluster, 'StatefulSet', 'FailedCreate')]).toEqual([0, []])
    told(cluster, 'delete pod db-0')
    cluster.advance(cluster.now + 60_000)
    expect(ownerOf(cluster.view.get('Pod', 'game', 'db-0'))).toBe('StatefulSet/db')
  })
  test('a DaemonSet replaces a pod it lost, and of two on a node keeps the older', () => {
    const agent: K8sObject = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'agent', namespace: 'game' }, spec: { selector: { matchLabels: { app: 'agent' } }, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } }, template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'app', image: 'app:1' }] } } } }
    const cluster = started(agent)
    const name = pods(cluster, 'agent')[0]!.metadata.name
    told(cluster, `label pod ${name} app=out --overwrite`)
    later(cluster)
    expect([pods(cluster, 'agent').length, cluster.view.list('Pod', 'game').length]).toEqual([3, 4])
    told(cluster, `label pod ${name} app=agent --overwrite`)
    later(cluster)
    expect([names(pods(cluster, 'agent')).includes(name), pods(cluster, 'agent').length]).toEqual([true, 3])
  })
  test('a Job whose running pod is taken away starts another', () => {
    const cluster = started({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'seed', namespace: 'game' }, spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'app:1' }] } } } } as K8sObject)
    const [pod] = cluster.view.list('Pod', 'game')
    told(cluster, `label pod ${pod!.metadata.name} batch.kubernetes.io/controller-uid=none --overwrite`)
    later(cluster)
    expect(cluster.view.list('Pod', 'game').map(ownerOf).sort()).toEqual(['Job/seed', undefined])
  })
  test('a Deployment lets a relabelled ReplicaSet go and makes another under a new name', () => {
    const cluster = started(deployment('web', 1))
    const [first] = cluster.view.list('ReplicaSet', 'game')
    told(cluster, `label rs ${first!.metadata.name} app=out --overwrite`)
    later(cluster)
    const sets = cluster.view.list('ReplicaSet', 'game')
    expect(sets.map(ownerOf).sort()).toEqual(['Deployment/web', undefined])
    expect(new Set(sets.map(keyOf)).size).toBe(2)
    expect(eventsOf(cluster, 'Deployment', 'ReplicaSetCreateError')).toEqual([])
  })
})
