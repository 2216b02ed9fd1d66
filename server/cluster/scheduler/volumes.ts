/** Volume plugins: claims must exist, be bound or bindable, and their volumes must reach the node (plugins volumebinding, volumerestrictions, volumezone). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import type { Cluster } from '../types.ts'
import { isPodTerminal } from '../pods.ts'
import { findVolume } from '../controllers/persistentvolume/matching.ts'
import { termMatches } from './affinity.ts'
import type { Failure } from './filters.ts'
import type { NodeState } from './snapshot.ts'

/** Names of the claims a pod uses; a generic ephemeral volume counts as the claim `pod-volume`. */
export function claimNames(pod: K8sObject): string[] {
  return ((pod.spec?.volumes ?? []) as Fields[]).flatMap((volume) => (volume.persistentVolumeClaim ? [volume.persistentVolumeClaim.claimName as string] : volume.ephemeral ? [`${pod.metadata.name}-${volume.name}`] : []))
}

export function claimsOf(pod: K8sObject, cluster: Cluster): K8sObject[] {
  return claimNames(pod).flatMap((name) => cluster.view.get('PersistentVolumeClaim', pod.metadata.namespace ?? '', name) ?? [])
}

/** The claim waits until a pod is scheduled: its class binds late. */
export function isLateBinding(claim: K8sObject, cluster: Cluster): boolean {
  const storageClass = claim.spec?.storageClassName ? cluster.view.get('StorageClass', '', claim.spec.storageClassName) : undefined
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer'
}

export function isBound(claim: K8sObject): boolean {
  return Boolean(claim.spec?.volumeName) && claim.status?.phase === 'Bound'
}

/** What stops the pod before any node is looked at (VolumeBinding PreFilter). */
export function volumeAbort(pod: K8sObject, cluster: Cluster): string | undefined {
  for (const name of claimNames(pod)) {
    const claim = cluster.view.get('PersistentVolumeClaim', pod.metadata.namespace ?? '', name)
    if (!claim) return `persistentvolumeclaim "${name}" not found`
    if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`
    if (claim.status?.phase === 'Lost') return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`
  }
  return claimsOf(pod, cluster).some((claim) => !isBound(claim) && !isLateBinding(claim, cluster)) ? 'pod has unbound immediate PersistentVolumeClaims' : undefined
}

function reaches(volume: K8sObject, node: K8sObject): boolean {
  const terms = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms as Fields[] | undefined
  return terms === undefined || terms.some((term) => termMatches(term, node))
}

function allowsNode(storageClass: K8sObject, node: K8sObject): boolean {
  const topologies = (storageClass.allowedTopologies ?? []) as Fields[]
  return topologies.length === 0 || topologies.some((topology) => (topology.matchLabelExpressions ?? []).every((item: Fields) => item.values.includes(node.metadata.labels?.[item.key])))
}

/** Is a ReadWriteOncePod claim of this pod used by another living pod? */
function isTaken(pod: K8sObject, cluster: Cluster): boolean {
  const single = claimsOf(pod, cluster).filter((claim) => claim.spec?.accessModes?.includes('ReadWriteOncePod')).map((claim) => claim.metadata.name)
  if (single.length === 0) return false
  return cluster.view.list('Pod', pod.metadata.namespace ?? '').some((other) => other.metadata.uid !== pod.metadata.uid && other.spec?.nodeName && !isPodTerminal(other) && claimNames(other).some((name) => single.includes(name)))
}

export function volumeReasons(pod: K8sObject, { node }: NodeState, cluster: Cluster): Failure | undefined {
  const claims = claimsOf(pod, cluster)
  if (claims.length === 0) return undefined
  if (isTaken(pod, cluster)) return { reasons: ['node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod'], helpless: false }
  for (const claim of claims) {
    if (isBound(claim)) {
      const volume = cluster.view.get('PersistentVolume', '', claim.spec.volumeName)
      if (!volume) return { reasons: ['node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'], helpless: true }
      if (!reaches(volume, node)) return { reasons: ["node(s) didn't match PersistentVolume's node affinity"], helpless: true }
      if (!inZone(volume, node)) return { reasons: ['node(s) had no available volume zone'], helpless: true }
      continue
    }
    const storageClass = cluster.view.get('StorageClass', '', claim.spec?.storageClassName ?? '')
    const found = findVolume(claim, cluster.view.list('PersistentVolume').filter((volume) => reaches(volume, node)))
    const canProvision = storageClass !== undefined && storageClass.provisioner !== 'kubernetes.io/no-provisioner' && allowsNode(storageClass, node)
    if (!found && !canProvision) return { reasons: ["node(s) didn't find available persistent volumes to bind"], helpless: true }
    const selected = claim.metadata.annotations?.['volume.kubernetes.io/selected-node']
    if (!found && selected !== undefined && selected !== node.metadata.name) return { reasons: ["node(s) didn't find available persistent volumes to bind"], helpless: true }
  }
  return undefined
}

function inZone(volume: K8sObject, node: K8sObject): boolean {
  for (const key of ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']) {
    const zones = volume.metadata.labels?.[key]?.split('__')
    if (zones && node.metadata.labels?.[key] !== undefined && !zones.includes(node.metadata.labels[key])) return false
  }
  return true
}
