/** Labels that tie slices and Endpoints to their Service (k8s.io/api/discovery/v1/well_known_labels.go, core/v1/types.go:IsHeadlessService). */
import type { K8sObject } from '../k8s/object.ts'

export const serviceLabel = 'kubernetes.io/service-name'
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
export const headlessLabel = 'service.kubernetes.io/headless'

/** The name of the Service an EndpointSlice is for, whoever wrote it. */
export function serviceOf(slice: K8sObject): string | undefined {
  return slice.metadata.labels?.[serviceLabel]
}
