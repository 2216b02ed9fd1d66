/** Namespaces: what is in a new one, and emptying one that is deleted (pkg/controller/{namespace,serviceaccount,certificates/rootcacertpublisher}). */
import type { K8sObject } from '../../k8s/object.ts'
import { compareText, keyOf, refOf } from '../../k8s/object.ts'
import type { Cluster, Controller } from '../types.ts'
import type { Condition } from '../pods.ts'
import { withCondition } from '../pods.ts'
import { resources } from '../resources.ts'
import { parseKey } from './keys.ts'

export const namespaceController: Controller = {
  name: 'namespace',
  source: 'pkg/controller/namespace/deletion/namespaced_resources_deleter.go:Delete, pkg/controller/serviceaccount/serviceaccounts_controller.go:syncNamespace, pkg/controller/certificates/rootcacertpublisher/publisher.go:syncNamespace',
  about: 'Gives every namespace the `default` ServiceAccount and the ConfigMap kube-root-ca.crt, puts them back when deleted, and deletes the content of a namespace being deleted, pods first; finalizers that keep content are shown in its conditions.',
  keys: (change) => (change.object.kind === 'Namespace' ? [keyOf(change.object)] : change.type === 'deleted' && change.object.metadata.namespace ? [`Namespace//${change.object.metadata.namespace}`] : []),
  reconcile(key, cluster) {
    const { name } = parseKey(key)
    const namespace = cluster.view.get('Namespace', '', name)
    if (!namespace) return
    if (!namespace.metadata.deletionTimestamp) furnish(name, cluster)
    else empty(name, cluster)
  },
}

/** Creates what controllers put into every namespace, where it is missing; into a new one in the instant of its creation. */
export function furnish(name: string, cluster: Cluster): void {
  if (!cluster.view.get('ServiceAccount', name, 'default')) cluster.api.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } }, 'service-account-controller')
  if (!cluster.view.get('ConfigMap', name, 'kube-root-ca.crt'))
    cluster.api.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kube-root-ca.crt', namespace: name, annotations: { 'kubernetes.io/description': 'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.' } }, data: { 'ca.crt': '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n' } }, 'root-ca-cert-publisher')
}

/** Deletes what there is of these kinds; gives what is still there. */
function deleteAll(name: string, cluster: Cluster, wanted: (kind: string) => boolean): K8sObject[] {
  const contents = (): K8sObject[] => resources.filter(({ kind, namespaced }) => namespaced && wanted(kind)).flatMap(({ kind }) => [...cluster.view.list(kind, name)])
  for (const object of contents()) if (!object.metadata.deletionTimestamp) cluster.api.delete(refOf(object), { propagation: 'Background' })
  return contents()
}

/** Pods go first; the rest of the content waits until they are gone (deleteAllContent: OrderedNamespaceDeletion, on since 1.33). */
function empty(name: string, cluster: Cluster): void {
  const podsLeft = deleteAll(name, cluster, (kind) => kind === 'Pod')
  const left = podsLeft.length > 0 ? podsLeft : deleteAll(name, cluster, (kind) => kind !== 'Event')
  const namespace = cluster.view.get('Namespace', '', name)!
  if (left.length === 0) {
    cluster.erase(refOf(namespace))
    return
  }
  const now = cluster.timestamp()
  const kinds = new Map<string, number>()
  for (const object of left) {
    const resource = resources.find((item) => item.kind === object.kind)!
    const text = `${resource.plural}.${resource.group}`
    kinds.set(text, (kinds.get(text) ?? 0) + 1)
  }
  const finalizers = new Map<string, number>()
  for (const object of left) for (const finalizer of object.metadata.finalizers ?? []) finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1)
  const content = `Some resources are remaining: ${[...kinds].map(([kind, count]) => `${kind} has ${count} resource instances`).sort(compareText).join(', ')}`
  const held = `Some content in the namespace has finalizers remaining: ${[...finalizers].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`).sort(compareText).join(', ')}`
  const said: Condition[] = [
    { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', reason: 'ResourcesDiscovered', message: 'All resources successfully discovered' },
    { type: 'NamespaceDeletionGroupVersionParsingFailure', status: 'False', reason: 'ParsedGroupVersions', message: 'All legacy kube types successfully parsed' },
    { type: 'NamespaceDeletionContentFailure', status: 'False', reason: 'ContentDeleted', message: 'All content successfully deleted, may be waiting on finalization' },
    { type: 'NamespaceContentRemaining', status: 'True', reason: 'SomeResourcesRemain', message: content },
    finalizers.size > 0 ? { type: 'NamespaceFinalizersRemaining', status: 'True', reason: 'SomeFinalizersRemain', message: held } : { type: 'NamespaceFinalizersRemaining', status: 'False', reason: 'ContentHasNoFinalizers', message: 'All content-preserving finalizers finished' },
  ]
  const conditions = said.reduce((list, condition) => withCondition(list, condition, now), (namespace.status?.conditions ?? []) as Condition[])
  cluster.api.setStatus(refOf(namespace), { ...namespace.status, conditions })
}
