/** What the server warns about storage classes, claims and volumes (pkg/api/storage/util.go, pkg/api/persistentvolumeclaim/util.go, pkg/api/persistentvolume/util.go). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { fieldPath } from '../field.ts'
import { fractionWarning, nodeTermWarnings, oldNodeLabels } from './pod-warnings.ts'

const oldClassAnnotation = 'volume.beta.kubernetes.io/storage-class'
const oldOptionsAnnotation = 'volume.beta.kubernetes.io/mount-options'

/** GetWarningsForStorageClass: topologies by labels that nodes no longer have. */
export function storageClassWarnings(object: K8sObject): string[] {
  const found: string[] = []
  const topologies: Fields[] = object.allowedTopologies ?? []
  topologies.forEach((topology, index) => {
    const expressions: Fields[] = topology.matchLabelExpressions ?? []
    expressions.forEach((expression, position) => {
      const key = String(expression.key ?? '')
      if (Object.hasOwn(oldNodeLabels, key)) found.push(`allowedTopologies[${index}].matchLabelExpressions[${position}].key: ${oldNodeLabels[key]}`)
    })
  })
  return found
}

/** GetWarningsForPersistentVolumeClaim. */
export function claimWarnings(claim: K8sObject): string[] {
  const found: string[] = []
  if (claim.metadata.annotations?.[oldClassAnnotation] !== undefined) found.push(`${fieldPath('metadata', 'annotations').key(oldClassAnnotation)}: deprecated since v1.8; use "storageClassName" attribute instead`)
  for (const list of ['requests', 'limits']) fractionWarning(claim.spec?.resources?.[list]?.storage as string | undefined, `spec.resources.${list}[storage]`, found)
  return found
}

const oldSources: readonly [string, string][] = [
  ['cephfs', 'spec.cephfs: deprecated in v1.28, non-functional in v1.31+'],
  ['photonPersistentDisk', 'spec.photonPersistentDisk: deprecated in v1.11, non-functional in v1.16+'],
  ['rbd', 'spec.rbd: deprecated in v1.28, non-functional in v1.31+'],
  ['scaleIO', 'spec.scaleIO: deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'spec.storageOS: deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'spec.glusterfs: deprecated in v1.25, non-functional in v1.26+'],
]

/** GetWarningsForPersistentVolume. */
export function volumeWarnings(volume: K8sObject): string[] {
  const body: Fields = volume.spec ?? {}
  const found: string[] = []
  const annotations = volume.metadata.annotations ?? {}
  const at = fieldPath('metadata', 'annotations')
  if (annotations[oldClassAnnotation] !== undefined) found.push(`${at.key(oldClassAnnotation)}: deprecated since v1.8; use "storageClassName" attribute instead`)
  if (annotations[oldOptionsAnnotation] !== undefined) found.push(`${at.key(oldOptionsAnnotation)}: deprecated since v1.31; use "mountOptions" attribute instead`)
  if (body.persistentVolumeReclaimPolicy === 'Recycle') found.push('spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.')
  const terms: Fields[] = body.nodeAffinity?.required?.nodeSelectorTerms ?? []
  terms.forEach((term, index) => nodeTermWarnings(term, false, `spec.nodeAffinity.required.nodeSelectorTerms[${index}]`, found))
  for (const [source, warning] of oldSources) if (body[source]) found.push(warning)
  return found
}
