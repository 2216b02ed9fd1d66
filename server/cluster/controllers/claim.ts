/** Whose object is it? Owner references and labels kept in step: matching orphans are adopted, owned objects that match no more are released (pkg/controller/controller_ref_manager.go). */
import type { K8sObject } from '../../k8s/object.ts'
import { keyOf } from '../../k8s/object.ts'
import type { Change, Cluster } from '../types.ts'
import { controllerOf, ownedBy, withoutOwner } from '../pods.ts'
import type { LabelSelector } from '../selection.ts'
import { selects } from '../selection.ts'
import { ownerKey } from './keys.ts'

/** `considers`: objects looked at at all; the others stay as they are and are not claimed. `fits`: what must hold besides the labels. */
export type ClaimRule = { considers?: (object: K8sObject) => boolean; fits?: (object: K8sObject) => boolean }

/**
 * The objects of a kind that a controller has now (ClaimPods, ClaimReplicaSets, ClaimControllerRevisions). An owner that is being deleted neither takes nor lets go;
 * an object that is being deleted is not adopted; what another controller owns is never touched.
 */
export function claim(owner: K8sObject, kind: string, cluster: Cluster, { considers = () => true, fits = () => true }: ClaimRule = {}): readonly K8sObject[] {
  const uid = owner.metadata.uid ?? ''
  const leaving = owner.metadata.deletionTimestamp !== undefined
  const matches = (object: K8sObject): boolean => selects(owner.spec?.selector as LabelSelector | undefined, object.metadata.labels) && fits(object)
  const orphans = leaving ? [] : cluster.view.list(kind, owner.metadata.namespace ?? '').filter((object) => !controllerOf(object) && !object.metadata.deletionTimestamp && considers(object) && matches(object))
  const owned = cluster.view.owned(uid, kind)
  const strangers = owned.filter((object) => considers(object) && !matches(object))
  if (orphans.length === 0 && strangers.length === 0) return owned.filter(considers)
  for (const object of orphans) cluster.put({ ...object, metadata: { ...object.metadata, ownerReferences: [...(object.metadata.ownerReferences ?? []), ownedBy(owner)] } })
  if (!leaving) for (const object of strangers) cluster.put(withoutOwner(object, uid))
  const lost = new Set(strangers.map(keyOf))
  return cluster.view.owned(uid, kind).filter((object) => considers(object) && !lost.has(keyOf(object)))
}

/** The controllers of a kind that a changed object concerns: its owner, the one it had before, and, when nobody owns it, all that may want it (addPod, updatePod, deletePod of the controllers). */
export function claimants({ object, old, type }: Change, kind: string, cluster: Cluster): string[] {
  const sameOwner = !old || old.metadata.ownerReferences === object.metadata.ownerReferences
  const keys = sameOwner ? ownerKey(object, kind) : [...ownerKey(object, kind), ...ownerKey(old, kind)]
  if (type === 'deleted' || controllerOf(object) || (old && sameOwner && old.metadata.labels === object.metadata.labels)) return keys.length > 1 ? [...new Set(keys)] : keys
  const wanting = cluster.view.list(kind, object.metadata.namespace ?? '').filter((set) => selects(set.spec?.selector as LabelSelector | undefined, object.metadata.labels)).map(keyOf)
  return [...new Set([...keys, ...wanting])]
}
