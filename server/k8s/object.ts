/** The envelope every Kubernetes object has, and how this project names objects. Specs and statuses are read through k8s/ helpers, so they stay open here. */

export type Fields = Record<string, any>

export type OwnerReference = { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean; blockOwnerDeletion?: boolean }

export type ManagedFields = { manager?: string; operation?: string; apiVersion?: string; time?: string; fieldsType?: string; fieldsV1?: unknown; subresource?: string }

export type ObjectMeta = {
  name: string
  generateName?: string
  namespace?: string
  uid?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: OwnerReference[]
  finalizers?: string[]
  managedFields?: ManagedFields[]
  creationTimestamp?: string
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  resourceVersion?: string
  generation?: number
}

export type K8sObject = {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
  [field: string]: any
}

/** Names one object. `namespace` is '' for cluster-scoped kinds. */
export type Ref = { kind: string; namespace: string; name: string }

export function refOf(object: K8sObject): Ref {
  return { kind: object.kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name }
}

/** `Kind/namespace/name`: the key of maps over objects; sorts by kind, namespace, name. */
export function keyOf(ref: Ref | K8sObject): string {
  return 'metadata' in ref ? `${ref.kind}/${(ref as K8sObject).metadata.namespace ?? ''}/${(ref as K8sObject).metadata.name}` : `${ref.kind}/${ref.namespace}/${ref.name}`
}

/** Compares strings by code unit, so that order never depends on the machine's locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
