/** Defaults of pod volumes (pkg/apis/core/v1/defaults.go and zz_generated.defaults.go). */
import type { Fields } from '../../k8s/object.ts'
import { isLatestTag } from './image-tag.ts'

/** 0644: the mode of files in secret, configMap, downwardAPI and projected volumes. */
const fileMode = 0o644

/** Writes the defaults of one volume; a volume without a source becomes an emptyDir. */
export function defaultVolume(volume: Fields): void {
  if (!Object.keys(volume).some((key) => key !== 'name')) volume.emptyDir = {}
  if (volume.hostPath) volume.hostPath.type ??= ''
  for (const source of [volume.secret, volume.configMap, volume.downwardAPI, volume.projected]) if (source) source.defaultMode ??= fileMode
  for (const file of volume.downwardAPI?.items ?? []) defaultFieldReferences(file)
  for (const source of volume.projected?.sources ?? []) {
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600
    for (const file of source.downwardAPI?.items ?? []) defaultFieldReferences(file)
  }
  if (volume.image && !volume.image.pullPolicy) volume.image.pullPolicy = isLatestTag(volume.image.reference ?? '') ? 'Always' : 'IfNotPresent'
  if (volume.ephemeral?.volumeClaimTemplate) (volume.ephemeral.volumeClaimTemplate.spec ??= {}).volumeMode ??= 'Filesystem'
  defaultRemoteDisk(volume)
}

/** Writes the defaults of the sources that PersistentVolumes have as well. */
export function defaultRemoteDisk(volume: Fields): void {
  if (volume.iscsi && !volume.iscsi.iscsiInterface) volume.iscsi.iscsiInterface = 'default'
  if (volume.rbd) {
    if (!volume.rbd.pool) volume.rbd.pool = 'rbd'
    if (!volume.rbd.user) volume.rbd.user = 'admin'
    if (!volume.rbd.keyring) volume.rbd.keyring = '/etc/ceph/keyring'
  }
  if (volume.azureDisk) {
    volume.azureDisk.cachingMode ??= 'ReadWrite'
    volume.azureDisk.kind ??= 'Shared'
    volume.azureDisk.fsType ??= 'ext4'
    volume.azureDisk.readOnly ??= false
  }
  if (volume.scaleIO) {
    if (!volume.scaleIO.storageMode) volume.scaleIO.storageMode = 'ThinProvisioned'
    if (!volume.scaleIO.fsType) volume.scaleIO.fsType = 'xfs'
  }
}

/** `fieldRef.apiVersion` is v1, and an unset divisor is zero. */
export function defaultFieldReferences(holder: Fields): void {
  if (holder.fieldRef && !holder.fieldRef.apiVersion) holder.fieldRef.apiVersion = 'v1'
  if (holder.resourceFieldRef) holder.resourceFieldRef.divisor ??= '0'
}
