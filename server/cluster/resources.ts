/** Kinds and the resource names the API server uses for them in URLs and messages. */

/** The parts of an object with an address of their own that --subresource names. */
export type Subresource = 'status' | 'scale' | 'resize'

export type Resource = { kind: string; plural: string; group: string; version: string; namespaced: boolean; subresources: readonly Subresource[]; short: string[] }

function row(kind: string, plural: string, group: string, version: string, namespaced: boolean, subresources: '' | 'status' | 'status scale' | 'status resize', ...short: string[]): Resource {
  return { kind, plural, group, version, namespaced, subresources: subresources.split(' ').filter((word): word is Subresource => word !== ''), short }
}

/** Every kind the cluster stores, sorted by group as `kubectl api-resources` prints them. */
export const resources: readonly Resource[] = [
  row('ConfigMap', 'configmaps', '', 'v1', true, '', 'cm'),
  row('Endpoints', 'endpoints', '', 'v1', true, '', 'ep'),
  row('Event', 'events', '', 'v1', true, '', 'ev'),
  row('LimitRange', 'limitranges', '', 'v1', true, '', 'limits'),
  row('Namespace', 'namespaces', '', 'v1', false, 'status', 'ns'),
  row('Node', 'nodes', '', 'v1', false, 'status', 'no'),
  row('PersistentVolumeClaim', 'persistentvolumeclaims', '', 'v1', true, 'status', 'pvc'),
  row('PersistentVolume', 'persistentvolumes', '', 'v1', false, 'status', 'pv'),
  row('Pod', 'pods', '', 'v1', true, 'status resize', 'po'),
  row('PodTemplate', 'podtemplates', '', 'v1', true, ''),
  row('ReplicationController', 'replicationcontrollers', '', 'v1', true, 'status scale', 'rc'),
  row('ResourceQuota', 'resourcequotas', '', 'v1', true, 'status', 'quota'),
  row('Secret', 'secrets', '', 'v1', true, ''),
  row('ServiceAccount', 'serviceaccounts', '', 'v1', true, '', 'sa'),
  row('Service', 'services', '', 'v1', true, 'status', 'svc'),
  row('ControllerRevision', 'controllerrevisions', 'apps', 'v1', true, ''),
  row('DaemonSet', 'daemonsets', 'apps', 'v1', true, 'status', 'ds'),
  row('Deployment', 'deployments', 'apps', 'v1', true, 'status scale', 'deploy'),
  row('ReplicaSet', 'replicasets', 'apps', 'v1', true, 'status scale', 'rs'),
  row('StatefulSet', 'statefulsets', 'apps', 'v1', true, 'status scale', 'sts'),
  row('HorizontalPodAutoscaler', 'horizontalpodautoscalers', 'autoscaling', 'v2', true, 'status', 'hpa'),
  row('CronJob', 'cronjobs', 'batch', 'v1', true, 'status', 'cj'),
  row('Job', 'jobs', 'batch', 'v1', true, 'status'),
  row('Lease', 'leases', 'coordination.k8s.io', 'v1', true, ''),
  row('EndpointSlice', 'endpointslices', 'discovery.k8s.io', 'v1', true, ''),
  row('IngressClass', 'ingressclasses', 'networking.k8s.io', 'v1', false, ''),
  row('Ingress', 'ingresses', 'networking.k8s.io', 'v1', true, 'status', 'ing'),
  row('NetworkPolicy', 'networkpolicies', 'networking.k8s.io', 'v1', true, '', 'netpol'),
  row('PodDisruptionBudget', 'poddisruptionbudgets', 'policy', 'v1', true, 'status', 'pdb'),
  row('ClusterRoleBinding', 'clusterrolebindings', 'rbac.authorization.k8s.io', 'v1', false, ''),
  row('ClusterRole', 'clusterroles', 'rbac.authorization.k8s.io', 'v1', false, ''),
  row('RoleBinding', 'rolebindings', 'rbac.authorization.k8s.io', 'v1', true, ''),
  row('Role', 'roles', 'rbac.authorization.k8s.io', 'v1', true, ''),
  row('PriorityClass', 'priorityclasses', 'scheduling.k8s.io', 'v1', false, '', 'pc'),
  row('CSIDriver', 'csidrivers', 'storage.k8s.io', 'v1', false, ''),
  row('CSINode', 'csinodes', 'storage.k8s.io', 'v1', false, ''),
  row('CSIStorageCapacity', 'csistoragecapacities', 'storage.k8s.io', 'v1', true, ''),
  row('StorageClass', 'storageclasses', 'storage.k8s.io', 'v1', false, '', 'sc'),
  row('VolumeAttachment', 'volumeattachments', 'storage.k8s.io', 'v1', false, 'status'),
]

const byKind = new Map(resources.map((resource) => [resource.kind, resource]))

/** The resource of a kind; an unknown kind gets the regular plural, so that messages still read well. */
export function resourceOf(kind: string, apiVersion = 'v1'): Resource {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  return byKind.get(kind) ?? row(kind, `${kind.toLowerCase()}s`, group, apiVersion.slice(apiVersion.indexOf('/') + 1), true, '')
}

/** `deployments.apps`, `pods`: how errors name a resource (GroupResource.String). */
export function groupResource(kind: string, apiVersion?: string): string {
  const { plural, group } = resourceOf(kind, apiVersion)
  return group === '' ? plural : `${plural}.${group}`
}

export function isNamespaced(kind: string): boolean {
  return byKind.get(kind)?.namespaced ?? true
}

export function hasSubresource(kind: string, subresource: Subresource): boolean {
  return byKind.get(kind)?.subresources.includes(subresource) ?? false
}
