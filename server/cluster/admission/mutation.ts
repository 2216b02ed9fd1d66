/** Mutating admission on new objects: what the API server adds before it validates (plugin/pkg/admission). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText } from '../../k8s/object.ts'
import type { ApiError, Cluster } from '../types.ts'
import { forbidden } from './refusal.ts'
import { withLimitRangeDefaults } from './limit-range.ts'

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Gives the object with admission's additions, or the refusal. */
export function mutated(object: K8sObject, cluster: Cluster): { object: K8sObject } | { error: ApiError } {
  if (object.kind === 'Pod') return mutatedPod(object, cluster)
  if (object.kind === 'PersistentVolumeClaim') return { object: withStorageClass(object, cluster) }
  if (object.kind === 'Ingress') return { object: withIngressClass(object, cluster) }
  return { object }
}

function mutatedPod(object: K8sObject, cluster: Cluster): { object: K8sObject } | { error: ApiError } {
  const limited = withLimitRangeDefaults(decodedPod(object), cluster)
  const served = withServiceAccount(limited, cluster)
  if ('error' in served) return served
  const tolerant = withTolerations(served.object)
  return withPriority(tolerant, cluster)
}

/** What is missing or null is empty once the server has decoded it; validation, which comes later, says what is wrong with that. */
function decodedPod(pod: K8sObject): K8sObject {
  const spec: Fields = { ...pod.spec, containers: full(pod.spec?.containers) }
  for (const name of ['initContainers', 'volumes', 'tolerations']) if (spec[name]) spec[name] = full(spec[name])
  return { ...pod, spec }
}

function full(list: unknown): Fields[] {
  return (Array.isArray(list) ? list : []).map((item) => item ?? {})
}

/** serviceaccount/admission.go: the account must exist; its pull secrets and a token volume are added. */
function withServiceAccount(pod: K8sObject, cluster: Cluster): { object: K8sObject } | { error: ApiError } {
  const namespace = pod.metadata.namespace ?? ''
  const name = pod.spec.serviceAccountName || pod.spec.serviceAccount || 'default'
  const account = cluster.view.get('ServiceAccount', namespace, name)
  if (!account) return { error: forbidden(pod, `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`) }
  const spec: Fields = { ...pod.spec, serviceAccountName: name, serviceAccount: name }
  const wantsToken = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true
  const secrets = (account.imagePullSecrets ?? []) as { name: string }[]
  if (!spec.imagePullSecrets?.length && secrets.length > 0) spec.imagePullSecrets = secrets.map((secret) => ({ name: secret.name }))
  if (!wantsToken) return { object: { ...pod, spec } }
  const existing = (spec.volumes ?? []).find((volume: Fields) => volume.name?.startsWith('kube-api-access-'))
  const volumeName = existing?.name ?? `kube-api-access-${cluster.suffix(`token/${namespace}/${pod.metadata.name}`, 5)}`
  let mounted = false
  const mount = (container: Fields): Fields => {
    if ((container.volumeMounts ?? []).some((item: Fields) => item.mountPath === tokenPath)) return container
    mounted = true
    return { ...container, volumeMounts: [...(container.volumeMounts ?? []), { name: volumeName, readOnly: true, mountPath: tokenPath }] }
  }
  spec.containers = spec.containers.map(mount)
  if (spec.initContainers) spec.initContainers = spec.initContainers.map(mount)
  if (mounted && !existing) spec.volumes = [...(spec.volumes ?? []), tokenVolume(volumeName)]
  return { object: { ...pod, spec } }
}

function tokenVolume(name: string): Fields {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
      defaultMode: 420,
    },
  }
}

/** defaulttolerationseconds: 300 s of not-ready and unreachable unless the pod already says; podtolerationrestriction's memory-pressure rule is left out. */
function withTolerations(pod: K8sObject): K8sObject {
  const tolerations = (pod.spec.tolerations ?? []) as Fields[]
  const covers = (key: string): boolean => tolerations.some((t) => (t.key === key || (!t.key && t.operator === 'Exists')) && (t.effect === 'NoExecute' || !t.effect))
  const added = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter((key) => !covers(key)).map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }))
  return added.length === 0 ? pod : { ...pod, spec: { ...pod.spec, tolerations: [...tolerations, ...added] } }
}

/** priority/admission.go: value of the named class, else of the global default, else 0. */
function withPriority(pod: K8sObject, cluster: Cluster): { object: K8sObject } | { error: ApiError } {
  const named = pod.spec.priorityClassName as string | undefined
  const fallback = (): K8sObject | undefined => [...cluster.view.list('PriorityClass')].filter((item) => item.globalDefault === true).sort((a, b) => a.value - b.value)[0]
  const chosen = named ? cluster.view.get('PriorityClass', '', named) : fallback()
  if (named && !chosen) return { error: forbidden(pod, `no PriorityClass with name ${named} was found`) }
  const priority = (chosen?.value ?? 0) as number
  if (pod.spec.priority !== undefined && pod.spec.priority !== priority) return { error: forbidden(pod, `the integer value of priority (${pod.spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`) }
  return { object: { ...pod, spec: { ...pod.spec, ...(chosen ? { priorityClassName: chosen.metadata.name } : {}), priority, preemptionPolicy: pod.spec.preemptionPolicy ?? chosen?.preemptionPolicy ?? 'PreemptLowerPriority' } } }
}

/** The newest class marked default, ties by name (storage/storageclass/setdefault). */
export function defaultStorageClass(cluster: Cluster): K8sObject | undefined {
  return newestDefault(cluster.view.list('StorageClass'), 'storageclass.kubernetes.io/is-default-class')
}

function newestDefault(classes: readonly K8sObject[], annotation: string): K8sObject | undefined {
  return classes
    .filter((item) => item.metadata.annotations?.[annotation] === 'true')
    .sort((a, b) => compareText(b.metadata.creationTimestamp ?? '', a.metadata.creationTimestamp ?? '') || compareText(a.metadata.name, b.metadata.name))[0]
}

function withStorageClass(claim: K8sObject, cluster: Cluster): K8sObject {
  const finalizers = claim.metadata.finalizers ?? []
  const guarded = finalizers.includes('kubernetes.io/pvc-protection') ? finalizers : [...finalizers, 'kubernetes.io/pvc-protection']
  const chosen = claim.spec.storageClassName === undefined ? defaultStorageClass(cluster) : undefined
  return { ...claim, metadata: { ...claim.metadata, finalizers: guarded }, spec: { ...claim.spec, ...(chosen ? { storageClassName: chosen.metadata.name } : {}) } }
}

function withIngressClass(ingress: K8sObject, cluster: Cluster): K8sObject {
  if (ingress.spec?.ingressClassName !== undefined || ingress.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return ingress
  const chosen = newestDefault(cluster.view.list('IngressClass'), 'ingressclass.kubernetes.io/is-default-class')
  return chosen ? { ...ingress, spec: { ...ingress.spec, ingressClassName: chosen.metadata.name } } : ingress
}
