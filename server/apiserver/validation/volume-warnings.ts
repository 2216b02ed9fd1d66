/** Files of one volume that end up at one path, or inside each other (pkg/api/pod/warnings.go: warningsForOverlappingVirtualPaths). */
import type { Fields } from '../../k8s/object.ts'
import { quote } from '../../k8s/go-text.ts'

/** A file of a volume; `source` names where it comes from, in volumes that have several sources. */
type VolumeFile = { path: string; source: string }

/** Every file is compared with every other; here that ends before it takes long. No manifest made by hand comes near. */
type Work = { comparisons: number; warnings: number }

export function overlappingPathWarnings(volumes: readonly Fields[]): string[] {
  const warnings: string[] = []
  const work: Work = { comparisons: 500_000, warnings: 200 }
  for (const volume of volumes) {
    const name = quote((volume.name ?? '') as string)
    const { configMap, secret, downwardAPI, projected } = volume
    const warn = (what: string, items: readonly Fields[]): void => {
      for (const overlap of overlaps(filesOf(items, ''), work)) warnings.push(`volume ${name} (${what}): overlapping paths: ${overlap}`)
    }
    if (configMap?.items) warn(`ConfigMap ${quote((configMap.name ?? '') as string)}`, configMap.items)
    if (secret?.items) warn(`Secret ${quote((secret.secretName ?? '') as string)}`, secret.items)
    if (downwardAPI?.items) warn('DownwardAPI', downwardAPI.items)
    if (!projected) continue
    const sources = (projected.sources ?? []) as Fields[]
    for (const source of sources) if (Object.keys(source).length === 0) warnings.push(`volume ${name} (Projected) has no sources provided`)
    for (const overlap of overlaps(sources.flatMap(projectedFiles), work)) warnings.push(`volume ${name} (Projected): overlapping paths: ${overlap}`)
  }
  return warnings
}

function filesOf(items: readonly Fields[], source: string): VolumeFile[] {
  return items.map((item) => ({ path: (item.path ?? '') as string, source }))
}

function projectedFiles(source: Fields): VolumeFile[] {
  if (source.configMap?.items) return filesOf(source.configMap.items, `ConfigMap ${quote((source.configMap.name ?? '') as string)}`)
  if (source.secret?.items) return filesOf(source.secret.items, `Secret ${quote((source.secret.name ?? '') as string)}`)
  if (source.downwardAPI?.items) return filesOf(source.downwardAPI.items, 'DownwardAPI')
  return source.serviceAccountToken ? filesOf([source.serviceAccountToken], 'ServiceAccountToken') : []
}

/** Each file against those before it, as the server says it: `"a/b" (Secret "x") with "a" (ConfigMap "y")`. */
function overlaps(files: readonly VolumeFile[], work: Work): string[] {
  const found: string[] = []
  const before: VolumeFile[] = []
  for (const { path: written, source } of files) {
    const file: VolumeFile = { path: withoutSlashes(written), source }
    if (file.path === '') continue
    for (const other of before) {
      work.comparisons -= 1 + Math.min(file.path.length, other.path.length) / 64
      if (work.comparisons <= 0 || work.warnings <= 0) return found
      if (file.path !== other.path && !isBelow(other.path, file.path) && !isBelow(file.path, other.path)) continue
      found.push(`${printed(file)} with ${printed(other)}`)
      work.warnings--
    }
    before.push(file)
  }
  return found
}

function printed({ path, source }: VolumeFile): string {
  return source === '' ? quote(path) : `${quote(path)} (${source})`
}

function withoutSlashes(path: string): string {
  let end = path.length
  while (path[end - 1] === '/') end--
  return path.slice(0, end)
}

function isBelow(path: string, folder: string): boolean {
  return path[folder.length] === '/' && path.startsWith(folder)
}
