/** Garbage collector: objects whose owners are gone follow them (pkg/controller/garbagecollector). */
import type { K8sObject, OwnerReference } from '../../k8s/object.ts'
import { keyOf, refOf } from '../../k8s/object.ts'
import type { Change, Cluster, Controller } from '../types.ts'
import { equal } from '../pods.ts'
import { resources } from '../resources.ts'
import { parseKey } from './keys.ts'

const namespaced = new Map(resources.map((resource) => [resource.kind, resource.namespaced]))

export const garbageCollector: Controller = {
  name: 'garbage-collector',
  source: 'pkg/controller/garbagecollector/garbagecollector.go:attemptToDeleteItem, graph_builder.go:processGraphChanges',
  about: 'Deletes dependents after their owner (background), before it (foreground: dependents with blockOwnerDeletion first), and objects whose owners do not exist or live in another namespace; of several owners those that are gone are struck out. What names an owner of a kind the API does not know stays. Not modelled: its delay.',
  keys: (change, cluster) => keys(change, cluster),
  reconcile(key, cluster) {
    const { kind, namespace, name } = parseKey(key)
    const object = cluster.view.get(kind, namespace, name)
    if (object) collect(object, cluster)
  },
}

function keys({ object, old, type }: Change, cluster: Cluster): string[] {
  const owners = object.metadata.ownerReferences ?? []
  const found: string[] = []
  if (owners.length > 0 && (type === 'added' || (type === 'modified' && !equal(old?.metadata.ownerReferences, owners)))) found.push(keyOf(object))
  const isForeground = object.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers ?? []).includes('foregroundDeletion')
  if (type === 'deleted' || isForeground) {
    for (const dependent of dependentsOf(object, cluster)) found.push(keyOf(dependent))
    if (isForeground && type !== 'deleted') found.push(keyOf(object))
    if (type === 'deleted') for (const owner of owners) found.push(`${owner.kind}/${namespaced.get(owner.kind) === false ? '' : (object.metadata.namespace ?? '')}/${owner.name}`)
  }
  return found
}

function dependentsOf(owner: K8sObject, cluster: Cluster): readonly K8sObject[] {
  return cluster.view.dependents(owner.metadata.uid ?? '')
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
  const states = owners.map((owner) => stateOf(owner, object, cluster))
  const solid = owners.filter((_, i) => states[i] === 'solid')
  if (solid.length === owners.length) return
  if (solid.length > 0) return cluster.put({ ...object, metadata: { ...object.metadata, ownerReferences: solid } })
  cluster.api.delete(refOf(object), { propagation: states.includes('waiting') && dependentsOf(object, cluster).length > 0 ? 'Foreground' : 'Background' })
}

/** What an owner is to its dependent (classifyReferences): there, gone, or itself waiting for its dependents. An owner that cannot be looked up is taken to be there: one of an unknown kind, or one in a namespace of an object outside all. */
function stateOf(owner: OwnerReference, object: K8sObject, cluster: Cluster): 'solid' | 'dangling' | 'waiting' {
  const inNamespace = namespaced.get(owner.kind)
  if (inNamespace === undefined || (inNamespace && !object.metadata.namespace)) return 'solid'
  const live = cluster.view.get(owner.kind, inNamespace ? (object.metadata.namespace ?? '') : '', owner.name)
  if (live?.metadata.uid !== owner.uid) return 'dangling'
  return live.metadata.deletionTimestamp && (live.metadata.finalizers ?? []).includes('foregroundDeletion') ? 'waiting' : 'solid'
}
