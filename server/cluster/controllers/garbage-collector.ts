/** Garbage collector: objects whose owners are gone follow them (pkg/controller/garbagecollector). */
import type { K8sObject } from '../../k8s/object.ts'
import { keyOf, refOf } from '../../k8s/object.ts'
import type { Change, Cluster, Controller } from '../types.ts'
import { resources } from '../resources.ts'
import { parseKey } from './keys.ts'

const ownedKinds = ['Pod', 'ReplicaSet', 'Job', 'EndpointSlice', 'PersistentVolumeClaim', 'ControllerRevision', 'ConfigMap', 'Secret', 'Service', 'Deployment', 'StatefulSet', 'DaemonSet']
const namespaced = new Map(resources.map((resource) => [resource.kind, resource.namespaced]))

export const garbageCollector: Controller = {
  name: 'garbage-collector',
  source: 'pkg/controller/garbagecollector/garbagecollector.go:attemptToDeleteItem, graph_builder.go:processGraphChanges',
  about: 'Deletes dependents after their owner (background), before it (foreground: dependents with blockOwnerDeletion first), and objects whose owners do not exist or live in another namespace. Not modelled: its delay, and owners of kinds outside the cluster model.',
  keys: (change, cluster) => keys(change, cluster),
  reconcile(key, cluster) {
    const { kind, namespace, name } = parseKey(key)
    const object = cluster.view.get(kind, namespace, name)
    if (object) collect(object, cluster)
  },
}

function keys({ object, type }: Change, cluster: Cluster): string[] {
  const owners = object.metadata.ownerReferences ?? []
  const found: string[] = []
  if (type === 'added' && owners.length > 0) found.push(keyOf(object))
  const isForeground = object.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers ?? []).includes('foregroundDeletion')
  if (type === 'deleted' || isForeground) {
    for (const dependent of dependentsOf(object, cluster)) found.push(keyOf(dependent))
    if (isForeground && type !== 'deleted') found.push(keyOf(object))
    if (type === 'deleted') for (const owner of owners) found.push(`${owner.kind}/${namespaced.get(owner.kind) === false ? '' : (object.metadata.namespace ?? '')}/${owner.name}`)
  }
  return found
}

function dependentsOf(owner: K8sObject, cluster: Cluster): K8sObject[] {
  const uid = owner.metadata.uid ?? ''
  return ownedKinds.flatMap((kind) => [...cluster.view.owned(uid, kind)])
}

function collect(object: K8sObject, cluster: Cluster): void {
  const waitsForDependents = (object.metadata.finalizers ?? []).includes('foregroundDeletion')
  if (object.metadata.deletionTimestamp && waitsForDependents) {
    if (dependentsOf(object, cluster).some((item) => item.metadata.ownerReferences?.some((owner) => owner.uid === object.metadata.uid && owner.blockOwnerDeletion))) return
    const finalizers = object.metadata.finalizers!.filter((name) => name !== 'foregroundDeletion')
    if (finalizers.length === 0) cluster.erase(refOf(object))
    else cluster.put({ ...object, metadata: { ...object.metadata, finalizers } })
    return
  }
  const owners = object.metadata.ownerReferences ?? []
  if (owners.length === 0 || object.metadata.deletionTimestamp) return
  const living = owners.map((owner) => ({ owner, live: cluster.view.get(owner.kind, namespaced.get(owner.kind) === false ? '' : (object.metadata.namespace ?? ''), owner.name) })).filter(({ owner, live }) => live?.metadata.uid === owner.uid)
  const deleting = living.filter(({ live }) => live!.metadata.deletionTimestamp && (live!.metadata.finalizers ?? []).includes('foregroundDeletion'))
  if (living.length > deleting.length) return
  cluster.api.delete(refOf(object), { propagation: living.length === 0 ? 'Background' : 'Foreground' })
}
