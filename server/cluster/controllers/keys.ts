/** Reconcile keys: `Kind/namespace/name`, as keyOf writes them. */
import type { K8sObject, Ref } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { Cluster } from '../types.ts'
import { controllerOf } from '../pods.ts'

export function parseKey(key: string): Ref {
  const [kind = '', namespace = '', ...name] = key.split('/')
  return { kind, namespace, name: name.join('/') }
}

/** The key of the controlling owner when it is of this kind, else nothing. */
export function ownerKey(object: K8sObject, kind: string): string[] {
  const owner = controllerOf(object)
  return owner?.kind === kind ? [`${kind}/${object.metadata.namespace ?? ''}/${owner.name}`] : []
}

/** An RFC 3339 time as virtual milliseconds. */
export function instantOf(cluster: Cluster, time: string): Millis {
  return Date.parse(time) - Date.parse(cluster.timestamp(0))
}
