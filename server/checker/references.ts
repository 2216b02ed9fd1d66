/** Where objects name ConfigMaps and Secrets, and what those hold. */
import type { Fields, K8sObject } from '../k8s/object.ts'
import { namespaceOf, nearestName, spaceOf, type Inventory } from './inventory.ts'
import { called, listed, sentences, setTo } from './naming.ts'
import { containersOf, podOf } from './pods.ts'
import type { Report, Text } from './rule.ts'

type Path = readonly (string | number)[]

/** One place that names a ConfigMap or Secret. `at` is where the name stands, `keyAt` where the key does. Without `key` it wants the object as a whole. */
export type Reference = { kind: 'ConfigMap' | 'Secret'; name: string; namespace: string; key?: string; optional: boolean; at: Path; keyAt?: Path; user: Text; role: 'env' | 'file' | 'pull' | 'tls' | 'driver' }

/** All references of a workload, Pod, Ingress, ServiceAccount or PersistentVolume, in the order of its fields. Computed once per check. */
export function referencesOf(object: K8sObject, all: Inventory): readonly Reference[] {
  const known = all.once('references', () => new Map<K8sObject, readonly Reference[]>())
  let found = known.get(object)
  if (!found) known.set(object, (found = [...collect(object)].filter(({ name }) => typeof name === 'string' && name !== '')))
  return found
}

function* collect(object: K8sObject): Generator<Reference> {
  const namespace = namespaceOf(object)
  if (object.kind === 'Ingress') {
    for (const [index, entry] of list(object.spec?.tls).entries()) yield { kind: 'Secret', name: entry.secretName as string, namespace, optional: false, at: ['spec', 'tls', index, 'secretName'], user: { en: 'The Ingress', 'zh-CN': '这个 Ingress ' }, role: 'tls' }
  } else if (object.kind === 'ServiceAccount') {
    for (const [index, entry] of list(object.imagePullSecrets).entries()) yield { kind: 'Secret', name: entry.name as string, namespace, optional: false, at: ['imagePullSecrets', index, 'name'], user: { en: 'The ServiceAccount', 'zh-CN': '这个 ServiceAccount ' }, role: 'pull' }
  } else if (object.kind === 'PersistentVolume') {
    for (const field of ['controllerPublishSecretRef', 'nodeStageSecretRef', 'nodePublishSecretRef', 'controllerExpandSecretRef', 'nodeExpandSecretRef']) {
      const entry = object.spec?.csi?.[field] as Fields | undefined
      if (entry) yield { kind: 'Secret', name: entry.name as string, namespace: entry.namespace as string, optional: false, at: ['spec', 'csi', field, 'name'], user: { en: 'The CSI driver', 'zh-CN': 'CSI 驱动' }, role: 'driver' }
    }
  }
  const pod = podOf(object)
  if (!pod) return
  const path = [...pod.path, 'spec']
  for (const { container, path: at } of containersOf(object)) yield* ofContainer(container, at, namespace)
  for (const [index, volume] of list(pod.spec.volumes).entries()) yield* ofVolume(volume, [...path, 'volumes', index], namespace)
  for (const [index, entry] of list(pod.spec.imagePullSecrets).entries()) yield { kind: 'Secret', name: entry.name as string, namespace, optional: false, at: [...path, 'imagePullSecrets', index, 'name'], user: { en: 'The Pod', 'zh-CN': '这个 Pod ' }, role: 'pull' }
}

function* ofContainer(container: Fields, path: Path, namespace: string): Generator<Reference> {
  const user = { en: `Container "${container.name}"`, 'zh-CN': `容器 "${container.name}" ` }
  for (const [index, variable] of list(container.env).entries()) {
    for (const [field, kind] of [['configMapKeyRef', 'ConfigMap'], ['secretKeyRef', 'Secret']] as const) {
      const entry = variable.valueFrom?.[field] as Fields | undefined
      const at = [...path, 'env', index, 'valueFrom', field]
      if (entry) yield { kind, name: entry.name as string, namespace, key: entry.key as string, optional: entry.optional === true, at: [...at, 'name'], keyAt: [...at, 'key'], user, role: 'env' }
    }
  }
  for (const [index, source] of list(container.envFrom).entries()) {
    for (const [field, kind] of [['configMapRef', 'ConfigMap'], ['secretRef', 'Secret']] as const) {
      const entry = source[field] as Fields | undefined
      if (entry) yield { kind, name: entry.name as string, namespace, optional: entry.optional === true, at: [...path, 'envFrom', index, field, 'name'], user, role: 'env' }
    }
  }
}

function* ofVolume(volume: Fields, path: Path, namespace: string): Generator<Reference> {
  const user = { en: `Volume "${volume.name}"`, 'zh-CN': `卷 "${volume.name}" ` }
  yield* ofSource('ConfigMap', volume.configMap as Fields | undefined, 'name', [...path, 'configMap'], namespace, user)
  yield* ofSource('Secret', volume.secret as Fields | undefined, 'secretName', [...path, 'secret'], namespace, user)
  for (const [index, source] of list(volume.projected?.sources).entries()) {
    yield* ofSource('ConfigMap', source.configMap as Fields | undefined, 'name', [...path, 'projected', 'sources', index, 'configMap'], namespace, user)
    yield* ofSource('Secret', source.secret as Fields | undefined, 'name', [...path, 'projected', 'sources', index, 'secret'], namespace, user)
  }
  for (const [source, field] of [['csi', 'nodePublishSecretRef'], ['cephfs', 'secretRef'], ['rbd', 'secretRef'], ['flexVolume', 'secretRef'], ['iscsi', 'secretRef'], ['scaleIO', 'secretRef'], ['storageos', 'secretRef']] as const) {
    const entry = volume[source]?.[field] as Fields | undefined
    if (entry) yield { kind: 'Secret', name: entry.name as string, namespace, optional: false, at: [...path, source, field, 'name'], user, role: 'driver' }
  }
  if (volume.azureFile) yield { kind: 'Secret', name: volume.azureFile.secretName as string, namespace, optional: false, at: [...path, 'azureFile', 'secretName'], user, role: 'driver' }
}

function* ofSource(kind: Reference['kind'], source: Fields | undefined, nameField: string, path: Path, namespace: string, user: Text): Generator<Reference> {
  if (!source) return
  const base = { kind, name: source[nameField] as string, namespace, optional: source.optional === true, at: [...path, nameField], user, role: 'file' as const }
  const items = list(source.items)
  if (items.length === 0) yield base
  for (const [index, item] of items.entries()) yield { ...base, key: item.key as string, keyAt: [...path, 'items', index, 'key'] }
}

/** The keys of a ConfigMap or Secret, sorted; undefined when somebody else fills it: an empty one, or a token that a controller writes. */
export function keysOf(object: K8sObject): string[] | undefined {
  if (object.type === 'kubernetes.io/service-account-token') return undefined
  const keys = [...new Set([object.data, object.binaryData, object.stringData].flatMap((part) => Object.keys((part ?? {}) as Fields)))].sort()
  return keys.length === 0 ? undefined : keys
}

/** References to objects that are missing, one report per object and place. */
export function* missingObjects(object: K8sObject, all: Inventory, kind: Reference['kind']): Generator<Report> {
  const reported = new Set<string>()
  for (const reference of referencesOf(object, all)) {
    if (reference.kind !== kind || reference.optional) continue
    const missing = all.missing(kind, reference.namespace, reference.name, (name) => isProvided(object, name, reference, all))
    const place = reference.at.join('\n')
    if (!missing || reported.has(place)) continue
    reported.add(place)
    const need = { en: `${reference.user.en} needs ${kind} "${reference.name}".`, 'zh-CN': `${reference.user['zh-CN']}需要 ${kind} "${reference.name}"。` }
    yield { at: reference.at, message: sentences(need, missing.clause), ...(missing.near ? { change: setTo(reference.at, missing.near.metadata.name) } : {}) }
  }
}

/** Does somebody else create it: the control plane, a controller that is told to by an annotation, or an extension's object that names it? */
function isProvided(object: K8sObject, name: string, reference: Reference, all: Inventory): boolean {
  if (reference.kind === 'ConfigMap' && (name === 'kube-root-ca.crt' || name === 'openshift-service-ca.crt')) return true
  if (reference.role === 'tls' && Object.keys(object.metadata.annotations ?? {}).some((key) => key.startsWith('cert-manager.io/') || key === 'kubernetes.io/tls-acme')) return true
  const names = all.once('names that extensions provide', () => {
    const found = new Set<string>()
    for (const { metadata, spec } of all.extensions) for (const given of [metadata.name, spec?.secretName, spec?.target?.name]) if (typeof given === 'string') found.add(given)
    return found
  })
  return names.has(name)
}

/** References to keys that the object does not have. */
export function* missingKeys(object: K8sObject, all: Inventory, kind: Reference['kind']): Generator<Report> {
  for (const { kind: own, name, namespace, key, keyAt, optional, user } of referencesOf(object, all)) {
    if (own !== kind || optional || key === undefined || !keyAt) continue
    const found = all.find(kind, namespace, name)
    const keys = found && keysOf(found)
    if (!found || !keys || keys.includes(key)) continue
    // The same object may be there twice, once per variant: one that has the key is enough.
    if (all.named(kind, name).some((other) => spaceOf(other.metadata.namespace) === spaceOf(namespace) && keysOf(other)?.includes(key) !== false)) continue
    const near = nearestName(key, keys) ?? keys.find((other) => other.toLowerCase() === key.toLowerCase()) ?? (keys.length === 1 ? keys[0] : undefined)
    const names = listed(keys)
    yield { at: keyAt, message: { en: `${user.en} asks for key "${key}"; ${called(found)} has ${names.en}.`, 'zh-CN': `${user['zh-CN']}要用键 "${key}"；${called(found)} 有 ${names['zh-CN']}。` }, ...(near ? { change: setTo(keyAt, near) } : {}) }
  }
}

/** A list of objects, or an empty one. */
export function list(value: unknown): Fields[] {
  return Array.isArray(value) ? (value as Fields[]) : []
}
