/** Which volume a claim may have (component-helpers/storage/volume/pv_helpers.go:FindMatchingVolume). */
import type { K8sObject } from '../../../k8s/object.ts'
import { compareText } from '../../../k8s/object.ts'
import type { Cluster } from '../../types.ts'
import { milliOf } from '../../amounts.ts'
import { selects } from '../../selection.ts'

/** The pre-bound volume, else the smallest available one of the same class and mode with the wanted access modes, labels and at least the size. */
export function findVolume(claim: K8sObject, volumes: readonly K8sObject[]): K8sObject | undefined {
  const wanted = milliOf(claim.spec?.resources?.requests?.storage)
  const modes = (claim.spec?.accessModes ?? []) as string[]
  const fits = (volume: K8sObject): boolean => modes.every((mode) => (volume.spec?.accessModes ?? []).includes(mode)) && milliOf(volume.spec?.capacity?.storage) >= wanted && (volume.spec?.volumeMode ?? 'Filesystem') === (claim.spec?.volumeMode ?? 'Filesystem')
  const bound = volumes.find((volume) => isClaimedBy(volume, claim) && !volume.metadata.deletionTimestamp && fits(volume))
  if (bound) return bound
  return volumes
    .filter((volume) => volume.status?.phase === 'Available' && !volume.spec?.claimRef && !volume.metadata.deletionTimestamp && (volume.spec?.storageClassName ?? '') === (claim.spec?.storageClassName ?? '') && (claim.spec?.selector === undefined || selects(claim.spec.selector, volume.metadata.labels)) && fits(volume))
    .sort((a, b) => milliOf(a.spec?.capacity?.storage) - milliOf(b.spec?.capacity?.storage) || compareText(a.metadata.name, b.metadata.name))[0]
}

/** The volume's claimRef names this claim (and, if it names a uid, this very one). */
export function isClaimedBy(volume: K8sObject, claim: K8sObject): boolean {
  const reference = volume.spec?.claimRef
  return reference !== undefined && reference.name === claim.metadata.name && reference.namespace === claim.metadata.namespace && (!reference.uid || reference.uid === claim.metadata.uid)
}

/** Binds the two: both objects name each other and become Bound. */
export function claimVolume(cluster: Cluster, claim: K8sObject, volume: K8sObject): void {
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: claim.metadata.namespace, name: claim.metadata.name, uid: claim.metadata.uid }
  cluster.put({ ...volume, spec: { ...volume.spec, claimRef }, status: { ...volume.status, phase: 'Bound' } })
  const current = cluster.view.get('PersistentVolumeClaim', claim.metadata.namespace ?? '', claim.metadata.name) ?? claim
  cluster.put({
    ...current,
    metadata: { ...current.metadata, annotations: { ...current.metadata.annotations, 'pv.kubernetes.io/bind-completed': 'yes' } },
    spec: { ...current.spec, volumeName: volume.metadata.name },
    status: { phase: 'Bound', accessModes: volume.spec?.accessModes, capacity: volume.spec?.capacity },
  })
}
