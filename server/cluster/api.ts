/** The API server of the simulated cluster: every write by people and controllers passes here, in the order of kube-apiserver's handlers. */
import type { Fields, K8sObject, Ref } from '../k8s/object.ts'
import { keyOf, refOf } from '../k8s/object.ts'
import { isFields } from '../k8s/podspec.ts'
import type { Api, ApiError, ApiResult, Cluster } from './types.ts'
import type { Admit } from './admission/index.ts'
import { admitted, admittedUpdate } from './admission/index.ts'
import { alreadyExists, conflict, forbidden, invalid, notFound } from './admission/refusal.ts'
import { uidFor, withAddresses } from './allocation.ts'
import { furnish } from './controllers/namespace.ts'
import { deletePod, evictPod } from './eviction.ts'
import { jsonText } from './kubectl/print/json.ts'
import { mergePatch, threeWayMerge } from './merge.ts'
import { qosClass } from './pod-resources.ts'
import { equal, withoutOwner } from './pods.ts'
import { groupResource, isNamespaced } from './resources.ts'

export const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** Kinds without a spec whose generation never counts. */
const noGeneration = new Set(['ConfigMap', 'Secret', 'ServiceAccount', 'Namespace', 'Node', 'Service', 'PersistentVolume', 'PersistentVolumeClaim', 'Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding', 'Lease', 'Endpoints', 'EndpointSlice', 'ResourceQuota', 'LimitRange', 'StorageClass', 'HorizontalPodAutoscaler', 'Event'])

type Server = { cluster: Cluster; admit: Admit; counts: Map<string, number>; /** Answers only; nothing is stored. */ dry: boolean }

/** The cluster as a request with dryRun=All has it: all can be read, nothing is written. */
export function unwritten<Given extends Cluster>(cluster: Given, api: () => Api): Given {
  return Object.create(cluster, { api: { get: api }, put: { value: () => undefined }, erase: { value: () => undefined } }) as Given
}

/** Makes the API of one cluster; `admit` decodes, defaults and validates (apiserver/). */
export function createApi(given: Cluster, admit: Admit, dry = false): Api {
  const cluster = dry ? unwritten(given, () => api) : given
  const server: Server = { cluster, admit, counts: new Map(), dry }
  const api: Api = {
    create: (object) => create(server, object),
    update: (object) => update(server, object),
    apply: (object) => applyThrough(cluster, api, object),
    patch(ref, merge, by) {
      const live = cluster.view.get(ref.kind, ref.namespace, ref.name)
      if (!live) return { error: notFound(ref.kind, ref.name) }
      return api.update(mergePatch(live, merge) as K8sObject, by)
    },
    setStatus(ref, status) {
      const live = cluster.view.get(ref.kind, ref.namespace, ref.name)
      if (live && !equal(live.status, status)) cluster.put({ ...live, status })
    },
    delete: (ref, options) => remove(cluster, api, ref, options),
    remove(ref) {
      const live = cluster.view.get(ref.kind, ref.namespace, ref.name)
      if (!live) return
      if ((live.metadata.finalizers ?? []).length === 0) cluster.erase(ref)
      else cluster.put({ ...live, metadata: { ...live.metadata, deletionTimestamp: live.metadata.deletionTimestamp ?? cluster.timestamp(), deletionGracePeriodSeconds: 0 } })
    },
    evict: (ref, options) => evictPod(cluster, ref, options?.graceSeconds),
    dryRun: () => createApi(given, admit, true),
  }
  return api
}

function count({ counts }: Server, key: string): number {
  const next = (counts.get(key) ?? 0) + 1
  counts.set(key, next)
  return next
}

/** Namespace rules of admission (plugin/namespace/lifecycle): it must exist, and not be going away. */
function namespaceRefusal(cluster: Cluster, object: K8sObject): ApiError | undefined {
  if (!isNamespaced(object.kind)) return undefined
  const name = object.metadata.namespace ?? ''
  const namespace = cluster.view.get('Namespace', '', name)
  if (!namespace) return { code: 404, reason: 'NotFound', message: `namespaces "${name}" not found` }
  if (namespace.metadata.deletionTimestamp) return forbidden(object, `unable to create new content in namespace ${name} because it is being terminated`)
  return undefined
}

function create(server: Server, given: K8sObject): ApiResult {
  const { cluster } = server
  const object = named(server, given)
  const refusal = namespaceRefusal(cluster, object)
  if (refusal) return { error: refusal }
  const result = admitted(object, cluster, server.admit)
  if ('error' in result) return result
  const key = keyOf(object)
  if (cluster.view.get(object.kind, object.metadata.namespace ?? '', object.metadata.name)) return { error: alreadyExists(object) }
  let final = withIdentity(server, result.object, key)
  if (final.kind === 'Service') {
    const addressed = withAddresses(final, cluster.scenario.seed, cluster.view)
    if ('path' in addressed) return { error: invalid(final, [addressed]) }
    final = addressed.object
  }
  const made = stored(server, final)
  // A pod that follows at once finds its account: admission looks again for up to two seconds until the controllers have made it (plugin/pkg/admission/serviceaccount:getServiceAccount).
  if (final.kind === 'Namespace' && !server.dry) furnish(final.metadata.name, cluster)
  return { object: made, warnings: result.warnings }
}

/** The object as it then stands in the store. */
function stored({ cluster, dry }: Server, object: K8sObject): K8sObject {
  if (dry) return object
  cluster.put(object)
  return cluster.view.get(object.kind, object.metadata.namespace ?? '', object.metadata.name) ?? object
}

/** generateName becomes a name with five random characters, the base cut so that the whole stays within 63 (names/generate.go). */
function named(server: Server, given: K8sObject): K8sObject {
  const metadata = { ...given.metadata }
  if (isNamespaced(given.kind)) metadata.namespace ??= 'default'
  else delete metadata.namespace
  if (!metadata.name && metadata.generateName) {
    const base = metadata.generateName.slice(0, 58)
    const number = count(server, `generate/${given.kind}/${metadata.namespace ?? ''}/${base}`)
    metadata.name = base + server.cluster.suffix(`${given.kind}/${metadata.namespace ?? ''}/${base}/${number}`, 5)
  }
  return { ...given, metadata }
}

/** Server-set metadata and the first status; a status sent by the client is dropped, as for all kinds with a status subresource. */
function withIdentity(server: Server, object: K8sObject, key: string): K8sObject {
  const { deletionTimestamp: _deleted, deletionGracePeriodSeconds: _grace, ...metadata } = object.metadata
  const status = firstStatus(object)
  const { status: _sent, ...rest } = object
  const uid = uidFor(server.cluster.scenario.seed, `${key}/${count(server, key)}`)
  return {
    ...(object.kind === 'Job' ? withJobSelector(object, uid) : rest),
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      ...metadata,
      ...(object.kind === 'Namespace' ? { labels: { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name } } : {}),
      uid,
      creationTimestamp: server.cluster.timestamp(),
      ...(noGeneration.has(object.kind) ? {} : { generation: 1 }),
    },
    ...(status ? { status } : {}),
  }
}

/** A Job without manualSelector selects its pods by its own uid, which its template carries too (batch/job/strategy.go:generateSelector). */
function withJobSelector(job: K8sObject, uid: string): K8sObject {
  const { status: _sent, ...rest } = job
  if (job.spec?.manualSelector) return rest as K8sObject
  const labels = { 'batch.kubernetes.io/controller-uid': uid, 'batch.kubernetes.io/job-name': job.metadata.name, 'controller-uid': uid, 'job-name': job.metadata.name }
  const template = job.spec?.template ?? {}
  return { ...rest, apiVersion: job.apiVersion, kind: job.kind, metadata: job.metadata, spec: { ...job.spec, selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } }, template: { ...template, metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...labels } } } } }
}

function firstStatus(object: K8sObject): Fields | undefined {
  if (object.kind === 'Pod') return { phase: 'Pending', qosClass: qosClass(object) }
  if (object.kind === 'Namespace') return { phase: 'Active' }
  if (object.kind === 'PersistentVolumeClaim' || object.kind === 'PersistentVolume') return { phase: 'Pending' }
  if (object.kind === 'Service' || object.kind === 'Ingress') return { loadBalancer: {} }
  return object.kind === 'Node' ? object.status : undefined
}

function update(server: Server, object: K8sObject): ApiResult {
  const { cluster } = server
  const { kind } = object
  const live = cluster.view.get(kind, object.metadata.namespace ?? '', object.metadata.name)
  if (!live) return { error: notFound(kind, object.metadata.name, object.apiVersion) }
  if (object.metadata.resourceVersion && object.metadata.resourceVersion !== live.metadata.resourceVersion) return { error: conflict(object) }
  const next: K8sObject = { ...object, metadata: serverMetadata(object, live) }
  if (live.status === undefined) delete next.status
  else next.status = live.status
  if (equal(withoutVersion(next), withoutVersion(live))) return { object: live, warnings: [] }
  const result = admittedUpdate(next, live, cluster, server.admit)
  if ('error' in result) return result
  let final = result.object
  if (kind === 'Service') {
    const kept = { ...final, spec: keptAddresses(final.spec, live.spec) }
    const addressed = withAddresses(kept, cluster.scenario.seed, cluster.view)
    if ('path' in addressed) return { error: invalid(final, [addressed]) }
    final = addressed.object
  }
  if (equal(withoutVersion(final), withoutVersion(live))) return { object: live, warnings: result.warnings }
  if (!noGeneration.has(kind) && !equal(final.spec, live.spec)) final = { ...final, metadata: { ...final.metadata, generation: (live.metadata.generation ?? 1) + 1 } }
  if (final.metadata.deletionTimestamp && (final.metadata.finalizers ?? []).length === 0 && isGone(final)) {
    cluster.erase(refOf(final))
    return { object: final, warnings: result.warnings }
  }
  return { object: stored(server, final), warnings: result.warnings }
}

/** Once its last finalizer is gone an object being deleted goes, unless it is a pod whose containers still have time. */
function isGone(object: K8sObject): boolean {
  if (object.kind === 'Namespace') return (object.spec?.finalizers ?? []).length === 0
  return object.kind !== 'Pod' || object.metadata.deletionGracePeriodSeconds === 0
}

function serverMetadata(object: K8sObject, live: K8sObject): K8sObject['metadata'] {
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, resourceVersion, generateName } = live.metadata
  const kept = { generateName, uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, resourceVersion }
  const defined = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined))
  return { ...object.metadata, ...defined }
}

function withoutVersion(object: K8sObject): K8sObject {
  const { resourceVersion: _version, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** A manifest that leaves out clusterIP or nodePort keeps the ones it has (service/storage.go:patchAllocatedValues). */
function keptAddresses(next: Fields, live: Fields): Fields {
  if (next.type === 'ExternalName') return next
  const spec = { ...next }
  spec.clusterIP ??= live.clusterIP
  const wantsNodePorts = spec.type === 'NodePort' || spec.type === 'LoadBalancer'
  spec.ports = (spec.ports ?? []).map((port: Fields) => {
    const old = (live.ports ?? []).find((other: Fields) => other.port === port.port && (other.protocol ?? 'TCP') === (port.protocol ?? 'TCP'))
    return wantsNodePorts && !port.nodePort && old?.nodePort ? { ...port, nodePort: old.nodePort } : port
  })
  return spec
}

/** The object with what was applied written down in its annotation (util/apply.go:GetModifiedConfiguration). */
export function withLastApplied(object: K8sObject): K8sObject {
  const { metadata } = object
  // kubectl writes the keys in order (unstructured objects are maps).
  const { [lastApplied]: _older, ...annotations } = metadata.annotations ?? {}
  const record = jsonText({ ...object, metadata: { ...metadata, annotations } }, 0) + '\n'
  return { ...object, metadata: { ...metadata, annotations: { ...annotations, [lastApplied]: record } } }
}

/** What was applied last, by the annotation (null and no text count as nothing); undefined where that is no object: anybody may write it. */
export function appliedBefore(live: K8sObject): Fields | undefined {
  try {
    const record: unknown = JSON.parse(live.metadata.annotations?.[lastApplied] || '{}') ?? {}
    return isFields(record) ? record : undefined
  } catch {
    return undefined
  }
}

/** What an apply of the marked object makes of the live one. */
export function mergedInto(live: K8sObject, marked: K8sObject): K8sObject {
  return threeWayMerge(appliedBefore(live), marked, live) as K8sObject
}

/** kubectl apply through an API, which creates or updates. */
export function applyThrough(cluster: Cluster, api: Api, given: K8sObject): ReturnType<Api['apply']> {
  const metadata = { ...given.metadata }
  if (isNamespaced(given.kind)) metadata.namespace ??= cluster.scenario.namespace
  const object: K8sObject = { ...given, metadata }
  const marked = withLastApplied(object)
  const live = cluster.view.get(object.kind, metadata.namespace ?? '', metadata.name)
  if (!live) {
    const result = api.create(marked)
    return 'error' in result ? result : { ...result, verb: 'created' }
  }
  const missing = live.metadata.annotations?.[lastApplied] === undefined ? [`resource ${groupResource(object.kind).split('.')[0]}/${metadata.name} is missing the ${lastApplied} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.`] : []
  const next = mergedInto(live, marked)
  const result = api.update({ ...next, metadata: { ...next.metadata, resourceVersion: live.metadata.resourceVersion } as K8sObject['metadata'] })
  if ('error' in result) return result
  return { object: result.object, warnings: [...missing, ...result.warnings], verb: equal(withoutVersion(result.object), withoutVersion(live)) ? 'unchanged' : 'configured' }
}

function remove(cluster: Cluster, api: Api, ref: Ref, options: { graceSeconds?: number; propagation?: 'Background' | 'Foreground' | 'Orphan' } = {}): { error?: ApiError } {
  const live = cluster.view.get(ref.kind, ref.namespace, ref.name)
  if (!live) return { error: notFound(ref.kind, ref.name) }
  if (live.kind === 'Pod') {
    deletePod(cluster, live, options.graceSeconds)
    return {}
  }
  if (live.kind === 'Namespace') {
    if (!live.metadata.deletionTimestamp) cluster.put({ ...live, metadata: { ...live.metadata, deletionTimestamp: cluster.timestamp() }, status: { ...live.status, phase: 'Terminating' } })
    return {}
  }
  if (options.propagation === 'Orphan') orphan(cluster, live)
  const finalizers = [...(live.metadata.finalizers ?? [])]
  if (options.propagation === 'Foreground' && !finalizers.includes('foregroundDeletion')) finalizers.push('foregroundDeletion')
  if (finalizers.length === 0) cluster.erase(ref)
  else cluster.put({ ...live, metadata: { ...live.metadata, finalizers, deletionTimestamp: live.metadata.deletionTimestamp ?? cluster.timestamp(), deletionGracePeriodSeconds: 0 } })
  return {}
}

/** `--cascade=orphan`: dependents lose their owner reference before the owner goes. */
function orphan(cluster: Cluster, owner: K8sObject): void {
  const uid = owner.metadata.uid ?? ''
  for (const item of cluster.view.dependents(uid)) cluster.put(withoutOwner(item, uid))
}
