/** PersistentVolumeClaimResize admission: only claims of a class that allows it can grow (plugin/pkg/admission/storage/persistentvolume/resize). */
import type { K8sObject } from '../../k8s/object.ts'
import type { Cluster } from '../types.ts'
import { milliOf } from '../amounts.ts'

/** Refusal text, or undefined. */
export function resizeRefusal(claim: K8sObject, old: K8sObject, cluster: Cluster): string | undefined {
  if (claim.kind !== 'PersistentVolumeClaim') return undefined
  const grows = milliOf(claim.spec?.resources?.requests?.storage) > milliOf(old.spec?.resources?.requests?.storage)
  if (!grows) return undefined
  if (old.status?.phase !== 'Bound') return 'Only bound persistent volume claims can be expanded'
  const storageClass = cluster.view.get('StorageClass', '', old.spec?.storageClassName ?? '')
  return storageClass?.allowVolumeExpansion === true ? undefined : 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize'
}
