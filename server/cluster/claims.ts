/** Which claims a pod uses: those it names, and those that generic ephemeral volumes bring with them (component-helpers/storage/ephemeral). */
import type { Fields, K8sObject } from '../k8s/object.ts'
import type { View } from './types.ts'

/** The claim behind a volume; undefined for volumes of other kinds. A generic ephemeral volume has the claim `pod-volume` (VolumeClaimName). */
export function claimName(pod: K8sObject, volume: Fields): string | undefined {
  if (volume.persistentVolumeClaim) return volume.persistentVolumeClaim.claimName as string
  return volume.ephemeral ? `${pod.metadata.name}-${volume.name}` : undefined
}

export function claimNames(pod: K8sObject): string[] {
  return ((pod.spec?.volumes ?? []) as Fields[]).flatMap((volume) => claimName(pod, volume) ?? [])
}

/** The claims that there are. */
export function claimsOf(pod: K8sObject, view: View): K8sObject[] {
  return claimNames(pod).flatMap((name) => view.get('PersistentVolumeClaim', pod.metadata.namespace ?? '', name) ?? [])
}

/** Why a claim of the name that an ephemeral volume gives is not the pod's own (VolumeIsForPod). */
export function foreignClaim(pod: K8sObject, claim: K8sObject): string | undefined {
  const owned = (claim.metadata.ownerReferences ?? []).some((owner) => owner.controller === true && owner.uid === pod.metadata.uid)
  const { namespace = '', name } = claim.metadata
  return owned ? undefined : `PVC ${namespace}/${name} was not created for pod ${pod.metadata.namespace ?? ''}/${pod.metadata.name} (pod is not owner)`
}
