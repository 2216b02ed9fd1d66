/** Volumes as `kubectl describe` explains them (describe.go:describeVolumes). */
import type { Fields } from '../../../k8s/object.ts'
import { quantity } from '../print/columns-cluster.ts'
import type { Page } from './writer.ts'

export function describeVolumes(page: Page, volumes: readonly Fields[], space: string): void {
  if (volumes.length === 0) {
    page.line(0, `${space}Volumes:\t<none>`)
    return
  }
  page.line(0, `${space}Volumes:`)
  for (const volume of volumes) {
    page.line(1, `${space === '' ? '' : ' '}${volume.name}:`)
    describeSource(page, volume)
  }
}

/** The source of a volume or of a PersistentVolume: its type in words, then its fields. */
export function describeSource(page: Page, source: Fields): void {
  const kind = Object.keys(sources).find((name) => source[name])
  if (!kind) {
    page.line(1, '<unknown>')
    return
  }
  const { title, lines } = sources[kind]!
  page.line(2, `Type:\t${title}`)
  for (const line of lines(source[kind])) page.line(2, line)
}

type Source = { title: string; lines(source: Fields): string[] }

const yes = (value: unknown): string => String(Boolean(value))

function projected({ sources: list = [] }: Fields): string[] {
  return (list as Fields[]).flatMap((source) => {
    if (source.secret) return [`SecretName:\t${source.secret.name}`, `Optional:\t${yes(source.secret.optional)}`]
    if (source.downwardAPI) return ['DownwardAPI:\ttrue']
    if (source.configMap) return [`ConfigMapName:\t${source.configMap.name}`, `Optional:\t${yes(source.configMap.optional)}`]
    return source.serviceAccountToken ? [`TokenExpirationSeconds:\t${source.serviceAccountToken.expirationSeconds ?? 3600}`] : []
  })
}

function attributes(map: Record<string, string> | undefined): string[] {
  const keys = Object.keys(map ?? {}).sort()
  return keys.length === 0 ? ['VolumeAttributes:\t<none>'] : keys.map((key, i) => `${i === 0 ? 'VolumeAttributes:' : '    '}\t${key}=${map![key]}`)
}

function claimTemplate({ volumeClaimTemplate }: Fields): string[] {
  const { metadata = {}, spec = {} } = (volumeClaimTemplate ?? {}) as Fields
  const nested = (title: string, map: Record<string, string> | undefined, joint: string): string[] => {
    const keys = Object.keys(map ?? {}).sort()
    return keys.length === 0 ? [`${title}:\t    <none>`] : keys.map((key, i) => `${i === 0 ? `${title}:` : '    '}\t    ${key}${joint}${map![key]}`)
  }
  return volumeClaimTemplate ? [`StorageClass:\t${spec.storageClassName ?? ''}`, 'Volume:\t', ...nested('Labels', metadata.labels, '='), ...nested('Annotations', metadata.annotations, ': '), 'Capacity:\t', 'Access Modes:\t', `VolumeMode:\t${spec.volumeMode ?? 'Filesystem'}`] : []
}

const sources: Record<string, Source> = {
  hostPath: { title: 'HostPath (bare host directory volume)', lines: (source) => [`Path:\t${source.path}`, `HostPathType:\t${source.type ?? '<none>'}`] },
  emptyDir: { title: "EmptyDir (a temporary directory that shares a pod's lifetime)", lines: (source) => [`Medium:\t${source.medium ?? ''}`, `SizeLimit:\t${source.sizeLimit && quantity(source.sizeLimit) !== '0' ? quantity(source.sizeLimit) : '<unset>'}`] },
  secret: { title: 'Secret (a volume populated by a Secret)', lines: (source) => [`SecretName:\t${source.secretName}`, `Optional:\t${yes(source.optional)}`] },
  configMap: { title: 'ConfigMap (a volume populated by a ConfigMap)', lines: (source) => [`Name:\t${source.name}`, `Optional:\t${yes(source.optional)}`] },
  nfs: { title: 'NFS (an NFS mount that lasts the lifetime of a pod)', lines: (source) => [`Server:\t${source.server}`, `Path:\t${source.path}`, `ReadOnly:\t${yes(source.readOnly)}`] },
  persistentVolumeClaim: { title: 'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)', lines: (source) => [`ClaimName:\t${source.claimName}`, `ReadOnly:\t${yes(source.readOnly)}`] },
  ephemeral: { title: 'EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)', lines: claimTemplate },
  downwardAPI: { title: 'DownwardAPI (a volume populated by information about the pod)', lines: (source) => ['Items:', ...((source.items ?? []) as Fields[]).map((item) => `  ${item.fieldRef?.fieldPath ?? item.resourceFieldRef?.resource} -> ${item.path}`)] },
  projected: { title: 'Projected (a volume that contains injected data from multiple sources)', lines: projected },
  csi: { title: 'CSI (a Container Storage Interface (CSI) volume source)', lines: (source) => [`Driver:\t${source.driver}`, `FSType:\t${source.fsType ?? ''}`, ...(source.volumeHandle ? [`VolumeHandle:\t${source.volumeHandle}`] : []), `ReadOnly:\t${yes(source.readOnly)}`, ...attributes(source.volumeAttributes)] },
  local: { title: 'LocalVolume (a persistent volume backed by local storage on a node)', lines: (source) => [`Path:\t${source.path}`] },
  image: { title: 'Image (a container image or OCI artifact)', lines: (source) => [`Reference:\t${source.reference}`, `PullPolicy:\t${source.pullPolicy ?? ''}`] },
}

/** The block `Volume Claims:` of a StatefulSet (describeVolumeClaimTemplates). */
export function describeClaimTemplates(page: Page, templates: readonly Fields[]): void {
  if (templates.length === 0) {
    page.line(0, 'Volume Claims:\t<none>')
    return
  }
  page.line(0, 'Volume Claims:')
  for (const { metadata = {}, spec = {} } of templates) {
    page.line(1, `Name:\t${metadata.name}`)
    page.line(1, `StorageClass:\t${spec.storageClassName ?? ''}`)
    page.labels('  Labels', metadata.labels)
    page.labels('  Annotations', metadata.annotations)
    page.line(1, `Capacity:\t${spec.resources?.requests?.storage ? quantity(spec.resources.requests.storage) : '<default>'}`)
    page.line(1, `Access Modes:\t[${((spec.accessModes ?? []) as string[]).join(' ')}]`)
  }
}

