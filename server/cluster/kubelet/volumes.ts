/** Volumes of a pod: what is in them, who owns it, and why one cannot be mounted (pkg/volume/{configmap,secret,projected,emptydir}, volume_linux.go:SetVolumeOwnership). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import type { Cluster, Directory, Volume } from '../types.ts'
import { amountOf } from '../amounts.ts'
import { claimName, foreignClaim } from '../claims.ts'
import type { Attachments } from './attachments.ts'
import { fieldValue, resourceValue, secretData } from './env.ts'
import { hostFiles, hostPathOf, hostPathProblem } from './host-files.ts'

/** `attached`: the PersistentVolume that had to be attached to the node first; `attach`: why it cannot be; `of`: the PersistentVolume an error is about. */
export type Mounted = { volume: Volume; attached?: string } | { error: string; of?: string } | { waiting: true; event?: string; attach?: string }
type Content = { volume: Volume; owned: boolean; attached?: string } | { error: string; of?: string } | { waiting: true; event?: string; attach?: string }

/** Retry delays of one volume: half a second doubling to two minutes and two seconds (nestedpendingoperations/exponentialbackoff). */
export function mountRetryMs(failures: number): number {
  return Math.min(500 * 2 ** (failures - 1), 122_000)
}

type File = { path: string; content: string; mode?: number; owner?: number }

/** Sets one volume up for the pod of a key. `waiting`: not ready and no error is told (an unbound claim tells its own). */
export function mountVolume(pod: K8sObject, key: string, volume: Fields, podIP: string, cluster: Cluster, attachments: Attachments): Mounted {
  const made = claimName(pod, volume) !== undefined ? claimVolume(pod, key, volume, cluster, attachments) : content(pod, volume, podIP, cluster)
  if ('error' in made || 'waiting' in made) return made
  const { fsGroup: group, fsGroupChangePolicy } = pod.spec?.securityContext ?? {}
  const keeps = fsGroupChangePolicy === 'OnRootMismatch' && made.volume.kind === 'persistentVolumeClaim' && isOwned(made.volume.files, group)
  if (group !== undefined && made.volume.kind !== 'hostPath' && made.owned && !keeps) own(made.volume.files, group, made.volume.readOnly)
  return { volume: made.volume, ...(made.attached === undefined ? {} : { attached: made.attached }) }
}

function content(pod: K8sObject, source: Fields, podIP: string, cluster: Cluster): Content {
  const base = { name: source.name as string, readOnly: false, tmpfs: false }
  if (source.emptyDir) {
    const files = cluster.runtime.directory({}, 0o644)
    files.set('', { directory: true, owner: 0, group: 0, mode: 0o777 })
    const limit = source.emptyDir.sizeLimit
    return { volume: { ...base, kind: 'emptyDir', tmpfs: source.emptyDir.medium === 'Memory', files, ...(limit === undefined ? {} : { sizeLimitBytes: amountOf(limit).milli / 1000 }) }, owned: true }
  }
  if (source.image && cluster.scenario.kubernetes !== '1.34') return { volume: { ...base, kind: 'image', readOnly: true, files: cluster.runtime.directory({}, 0o644) }, owned: false }
  if (source.hostPath) return hostVolume(base, source.hostPath, pod, cluster)
  const kind = (['configMap', 'secret', 'projected', 'downwardAPI'] as const).find((name) => source[name])
  if (!kind) {
    cluster.note({ text: `The volume ${source.name} is of a kind that is not modelled.`, ref: { kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }, decisive: true })
    return { volume: { ...base, kind: 'other', files: cluster.runtime.directory({}, 0o644) }, owned: false }
  }
  const files = filesOf(pod, source[kind], kind, podIP, cluster)
  if ('error' in files) return files
  return { volume: { ...base, kind, readOnly: true, files: tree(files.files, source[kind].defaultMode ?? 0o644, cluster) }, owned: true }
}

function hostVolume(base: Omit<Volume, 'kind' | 'files'>, source: Fields, pod: K8sObject, cluster: Cluster): Content {
  const node = pod.spec?.nodeName as string
  const error = hostPathProblem(source, node, cluster)
  if (error !== undefined) return { error }
  return { volume: { ...base, kind: 'hostPath', files: hostFiles(node, cluster), root: hostPathOf(source.path) }, owned: false }
}

/** What is behind a claim. Nobody changes whose the files of an NFS export are: its plugin leaves fsGroup out (pkg/volume/nfs/nfs.go:SetUpAt). */
function claimVolume(pod: K8sObject, key: string, source: Fields, cluster: Cluster, attachments: Attachments): Content {
  const namespace = pod.metadata.namespace ?? ''
  const name = claimName(pod, source)!
  const claim = cluster.view.get('PersistentVolumeClaim', namespace, name)
  const processing = (text: string) => ({ waiting: true as const, event: `Unable to attach or mount volumes: unmounted volumes=[${source.name}], unattached volumes=[], failed to process volumes=[${source.name}]: ${text}` })
  if (!claim) return processing(`error processing PVC ${namespace}/${name}: failed to fetch PVC from API server: persistentvolumeclaims "${name}" not found`)
  const bound = claim.status?.phase === 'Bound' ? cluster.view.get('PersistentVolume', '', claim.spec?.volumeName) : undefined
  if (!bound) return processing(`error processing PVC ${namespace}/${name}: PVC is not bound`)
  const foreign = source.ephemeral ? foreignClaim(pod, claim) : undefined
  if (foreign !== undefined) return processing(foreign)
  const refusal = attachments.refusal(bound, pod)
  if (refusal !== undefined) return { waiting: true, attach: refusal }
  const readOnly = source.persistentVolumeClaim?.readOnly === true || isReadOnly(bound)
  if (bound.spec?.hostPath) {
    const made = hostVolume({ name: source.name, readOnly, tmpfs: false }, bound.spec.hostPath, pod, cluster)
    return 'error' in made ? { ...made, of: bound.metadata.name } : made
  }
  const attached = attachments.hold(bound, pod, key)
  const storage = cluster.scenario.cluster.storageClasses.find((one) => one.name === bound.spec?.storageClassName)
  const root = storage?.root ?? { owner: 0, group: 0, mode: '755' }
  const files = cluster.runtime.persistent(bound.metadata.name, { owner: root.owner, group: root.group, mode: parseInt(root.mode, 8) })
  return { volume: { name: source.name, kind: 'persistentVolumeClaim', readOnly, tmpfs: false, files }, owned: bound.spec?.nfs === undefined && (storage?.fsGroup ?? true) && !readOnly, ...(attached ? { attached: bound.metadata.name } : {}) }
}

/** A disk that its driver attaches without the right to write, or a mount option that says so: the mount is read-only (csi_attacher.go, pkg/volume/util:MountOptionFromSpec). */
function isReadOnly(volume: K8sObject): boolean {
  return volume.spec?.csi?.readOnly === true || ((volume.spec?.mountOptions ?? []) as string[]).some((options) => options.split(',').includes('ro'))
}

/** The files of a configMap, secret, downwardAPI or projected source. */
function filesOf(pod: K8sObject, source: Fields, kind: string, podIP: string, cluster: Cluster): { files: File[] } | { error: string } {
  if (kind === 'downwardAPI') return { files: ((source.items ?? []) as Fields[]).map((item) => ({ path: item.path, mode: item.mode, content: item.fieldRef ? (fieldValue(item.fieldRef.fieldPath, pod, podIP, cluster) ?? '') : resourceValue(item.resourceFieldRef ?? {}, pod, {}, cluster) })) }
  if (kind === 'configMap' || kind === 'secret') return keyFiles(pod, source, kind, cluster)
  const files: File[] = []
  for (const part of (source.sources ?? []) as Fields[]) {
    if (part.serviceAccountToken) {
      files.push({ path: part.serviceAccountToken.path, content: `token-of-${pod.spec?.serviceAccountName ?? 'default'}`, ...tokenAccess(pod) })
      continue
    }
    const inner = part.configMap ? 'configMap' : part.secret ? 'secret' : 'downwardAPI'
    const found = filesOf(pod, part[inner] ?? {}, inner, podIP, cluster)
    if ('error' in found) return found
    files.push(...found.files)
  }
  return { files }
}

/** Whose a token is: that of the one user all containers run as; with a user or fsGroup nobody else reads it (projected.go:collectData, volume/util:FsUserFrom). */
function tokenAccess(pod: K8sObject): { mode?: number; owner?: number } {
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])] as Fields[]
  const users = new Set(containers.map((container) => (container.securityContext?.runAsUser ?? pod.spec?.securityContext?.runAsUser) as number | undefined))
  const [user] = users.size === 1 ? [...users] : []
  return user === undefined && pod.spec?.securityContext?.fsGroup === undefined ? {} : { mode: 0o600, ...(user === undefined ? {} : { owner: user }) }
}

function keyFiles(pod: K8sObject, source: Fields, kind: 'configMap' | 'secret', cluster: Cluster): { files: File[] } | { error: string } {
  const name = source.name ?? source.secretName
  const object = cluster.view.get(kind === 'configMap' ? 'ConfigMap' : 'Secret', pod.metadata.namespace ?? '', name)
  if (!object && source.optional) return { files: [] }
  if (!object && name === 'kube-root-ca.crt') return { files: [{ path: 'ca.crt', content: 'certificate' }] }
  if (!object) return { error: `${kind.toLowerCase()} "${name}" not found` }
  const binary = Object.fromEntries(Object.entries((object.binaryData ?? {}) as Record<string, string>).map(([key, value]) => [key, atob(value)]))
  const data = kind === 'secret' ? secretData(object) : { ...((object.data ?? {}) as Record<string, string>), ...binary }
  if (!source.items) return { files: Object.entries(data).map(([path, value]) => ({ path, content: value })) }
  const files: File[] = []
  for (const item of source.items as Fields[]) {
    if (Object.hasOwn(data, item.key)) files.push({ path: item.path, content: data[item.key]!, mode: item.mode })
    else if (!source.optional) return { error: kind === 'secret' ? `references non-existent secret key: ${item.key}` : `configmap references non-existent config key: ${item.key}` }
  }
  return { files }
}

function tree(files: readonly File[], mode: number, cluster: Cluster): Directory {
  const made = cluster.runtime.directory(Object.fromEntries(files.map((file) => [file.path, file.content])), mode)
  for (const file of files) {
    const node = made.get(file.path)
    if (node && !node.directory && (file.mode !== undefined || file.owner !== undefined)) made.set(file.path, { ...node, mode: file.mode ?? node.mode, owner: file.owner ?? node.owner })
  }
  return made
}

/** Has the root of a volume the group already, with all bits it would get? Then OnRootMismatch leaves the files below as they are (volume_linux.go:requiresPermissionChange). */
function isOwned(files: Directory, group: number): boolean {
  const root = files.get('')
  return root?.directory === true && root.group === group && (root.mode & 0o2770) === 0o2770
}

/** fsGroup: group and group bits on everything, the setgid bit on directories; read-only volumes get read bits only. */
function own(files: Directory, group: number, readOnly: boolean): void {
  for (const [path, node] of files) files.set(path, node.directory ? { ...node, group, mode: node.mode | (readOnly ? 0o2550 : 0o2770) } : { ...node, group, mode: node.mode | (readOnly ? 0o440 : 0o660) })
}

/** Does this volume show the object, so that it must be read again when the object changes? */
export function showsObject(volume: Fields, kind: string, name: string): boolean {
  const parts = [volume, ...((volume.projected?.sources ?? []) as Fields[])]
  return parts.some((part) => (kind === 'ConfigMap' ? part.configMap?.name === name : (part.secret?.secretName ?? part.secret?.name) === name))
}
