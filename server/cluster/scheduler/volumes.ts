/** Volume plugins: claims must exist, be bound or bindable, and their volumes must reach the node (plugins volumerestrictions, volumebinding, volumezone). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import type { Cluster } from '../types.ts'
import { milliOf } from '../amounts.ts'
import { claimName, claimNames, claimsOf, foreignClaim } from '../claims.ts'
import { findVolume } from '../controllers/persistentvolume/matching.ts'
import { hasCapacity } from '../storage-capacity.ts'
import { termMatches } from './affinity.ts'
import type { Failure, FilterInput } from './filters.ts'
import type { NodeState } from './snapshot.ts'

/** The claim waits until a pod is scheduled: its class binds late. */
export function isLateBinding(claim: K8sObject, cluster: Cluster): boolean {
  const storageClass = claim.spec?.storageClassName ? cluster.view.get('StorageClass', '', claim.spec.storageClassName) : undefined
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer'
}

export function isBound(claim: K8sObject): boolean {
  return Boolean(claim.spec?.volumeName) && claim.status?.phase === 'Bound'
}

/** What stops the pod before any node is looked at (VolumeBinding: podHasPVCs, PreFilter). */
export function volumeAbort(pod: K8sObject, cluster: Cluster): string | undefined {
  for (const volume of (pod.spec?.volumes ?? []) as Fields[]) {
    const name = claimName(pod, volume)
    if (name === undefined) continue
    const claim = cluster.view.get('PersistentVolumeClaim', pod.metadata.namespace ?? '', name)
    if (!claim) return volume.ephemeral ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"` : `persistentvolumeclaim "${name}" not found`
    if (claim.status?.phase === 'Lost') return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`
    if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`
    const foreign = volume.ephemeral ? foreignClaim(pod, claim) : undefined
    if (foreign !== undefined) return foreign
  }
  return claimsOf(pod, cluster.view).some((claim) => !isBound(claim) && !isLateBinding(claim, cluster)) ? 'pod has unbound immediate PersistentVolumeClaims' : undefined
}

function reaches(volume: K8sObject, node: K8sObject): boolean {
  const terms = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms as Fields[] | undefined
  return terms === undefined || terms.some((term) => termMatches(term, node))
}

function allowsNode(storageClass: K8sObject, node: K8sObject): boolean {
  const topologies = (storageClass.allowedTopologies ?? []) as Fields[]
  return topologies.length === 0 || topologies.some((topology) => (topology.matchLabelExpressions ?? []).every((item: Fields) => item.values.includes(node.metadata.labels?.[item.key])))
}

/** VolumeRestrictions: a ReadWriteOncePod claim serves one pod. Those that preemption takes away do not count. */
export function volumeRestrictions({ pod, cluster, snapshot }: FilterInput): Failure | undefined {
  const single = claimsOf(pod, cluster.view).filter((claim) => claim.spec?.accessModes?.includes('ReadWriteOncePod')).map((claim) => claim.metadata.name)
  if (single.length === 0) return undefined
  const taken = snapshot.nodes.some((state) => state.pods.some((other) => other.metadata.uid !== pod.metadata.uid && other.metadata.namespace === pod.metadata.namespace && claimNames(other).some((name) => single.includes(name))))
  return taken ? { reasons: ['node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod'], helpless: false } : undefined
}

/** What binding the pod to a node would do to its claims that bind late: volumes that are there already, and claims to provision for (FindPodVolumes). `reason`: why one of them cannot be had there. */
export function bindings(pod: K8sObject, node: K8sObject, cluster: Cluster): { found: { claim: K8sObject; volume: K8sObject }[]; provisioned: K8sObject[] } | { reason: string } {
  const none = { reason: "node(s) didn't find available persistent volumes to bind" }
  const found: { claim: K8sObject; volume: K8sObject }[] = []
  const provisioned: K8sObject[] = []
  const open = claimsOf(pod, cluster.view).filter((claim) => !isBound(claim)).sort((a, b) => milliOf(a.spec?.resources?.requests?.storage) - milliOf(b.spec?.resources?.requests?.storage))
  for (const claim of open) {
    const selected = claim.metadata.annotations?.['volume.kubernetes.io/selected-node']
    if (selected !== undefined && selected !== node.metadata.name) return none
    const volume = selected === undefined ? findVolume(claim, cluster.view.list('PersistentVolume').filter((item) => reaches(item, node) && !found.some((one) => one.volume === item))) : undefined
    if (volume) found.push({ claim, volume })
    else provisioned.push(claim)
  }
  for (const claim of provisioned) {
    const storageClass = cluster.view.get('StorageClass', '', claim.spec?.storageClassName ?? '')
    if (!storageClass || storageClass.provisioner === 'kubernetes.io/no-provisioner' || !allowsNode(storageClass, node)) return none
    if (!hasCapacity(claim, storageClass, node, cluster)) return { reason: 'node(s) did not have enough free storage' }
  }
  return { found, provisioned }
}

/** VolumeBinding: volumes of bound claims must reach the node, late ones must be to be had there; all that is wrong is said. */
export function volumeBinding({ pod, cluster }: FilterInput, { node }: NodeState): Failure | undefined {
  const claims = claimsOf(pod, cluster.view)
  if (claims.length === 0) return undefined
  const reasons: string[] = []
  const out = claims.filter(isBound).map((claim) => ({ volume: cluster.view.get('PersistentVolume', '', claim.spec.volumeName) })).find(({ volume }) => !volume || !reaches(volume, node))
  if (out?.volume) reasons.push("node(s) didn't match PersistentVolume's node affinity")
  const planned = bindings(pod, node, cluster)
  if ('reason' in planned) reasons.push(planned.reason)
  if (out && !out.volume) reasons.push('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)')
  return reasons.length === 0 ? undefined : { reasons, helpless: true }
}

const topologyLabels = ['failure-domain.beta.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

/** VolumeZone: a volume that names a zone or region is used there only; a node that names none may use any. */
export function volumeZone({ pod, cluster }: FilterInput, { node }: NodeState): Failure | undefined {
  const labels = node.metadata.labels ?? {}
  const claims = claimsOf(pod, cluster.view).filter(isBound)
  if (claims.length === 0 || !topologyLabels.some((key) => labels[key] !== undefined)) return undefined
  for (const claim of claims) {
    const volume = cluster.view.get('PersistentVolume', '', claim.spec.volumeName)
    for (const key of topologyLabels) {
      const zones = volume?.metadata.labels?.[key]?.split('__')
      const own = labels[key] ?? (key.startsWith('failure-domain.beta') ? labels[key.replace('failure-domain.beta', 'topology')] : undefined)
      if (zones && (own === undefined || !zones.includes(own))) return { reasons: ['node(s) had no available volume zone'], helpless: true }
    }
  }
  return undefined
}
