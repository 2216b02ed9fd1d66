/** What the server warns about storage classes and claims (pkg/api/storage/util.go, pkg/api/persistentvolumeclaim/util.go). */
import { isWhole } from '../../k8s/quantity.ts'
import { quote } from '../../k8s/go-text.ts'
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { fieldPath } from '../field.ts'
import { oldNodeLabels } from './pod-warnings.ts'

const oldClassAnnotation = 'volume.beta.kubernetes.io/storage-class'

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
  const storage: string | undefined = claim.spec?.resources?.requests?.storage
  if (storage !== undefined && !isWhole(storage)) found.push(`spec.resources.requests[storage]: fractional byte value ${quote(storage)} is invalid, must be an integer`)
  return found
}
