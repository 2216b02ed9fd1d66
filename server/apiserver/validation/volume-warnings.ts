/** Files of one volume that end up at one path, or inside each other (pkg/api/pod/warnings.go: warningsForOverlappingVirtualPaths). */
import type { Fields } from '../../k8s/object.ts'
import { quote } from '../../k8s/go-text.ts'

export function overlappingPathWarnings(volumes: readonly Fields[]): string[] {
  const warnings: string[] = []
  for (const volume of volumes) {
    const name = quote((volume.name ?? '') as string)
    const { configMap, secret, downwardAPI, projected } = volume
    if (configMap?.items) warnings.push(...overlaps(pathsOf(configMap.items), `volume ${name} (ConfigMap ${quote((configMap.name ?? '') as string)}): overlapping paths`))
    if (secret?.items) warnings.push(...overlaps(pathsOf(secret.items), `volume ${name} (Secret ${quote((secret.secretName ?? '') as string)}): overlapping paths`))
    if (downwardAPI?.items) warnings.push(...overlaps(pathsOf(downwardAPI.items), `volume ${name} (DownwardAPI): overlapping paths`))
    if (projected) warnings.push(...projectedOverlaps((projected.sources ?? []) as Fields[], name))
  }
  return warnings
}

function pathsOf(items: readonly Fields[]): string[] {
  return items.map((item) => (item.path ?? '') as string)
}

function projectedOverlaps(sources: readonly Fields[], volume: string): string[] {
  const warnings: string[] = []
  const all = new Set<string>()
  for (const source of sources) {
    if (Object.keys(source).length === 0) {
      warnings.push(`volume ${volume} (Projected) has no sources provided`)
      continue
    }
    const [paths, what] = sourcePaths(source)
    if (paths.length === 0) continue
    const message = `volume ${volume} (Projected ${what}): overlapping paths`
    warnings.push(...overlaps(paths, message))
    const unique = [...new Set(paths)]
    warnings.push(...overlaps([...unique, ...all].sort(), message))
    for (const path of unique) all.add(path)
  }
  return warnings
}

function sourcePaths(source: Fields): [string[], string] {
  if (source.configMap?.items) return [pathsOf(source.configMap.items), `ConfigMap ${quote((source.configMap.name ?? '') as string)}`]
  if (source.secret?.items) return [pathsOf(source.secret.items), `Secret ${quote((source.secret.name ?? '') as string)}`]
  if (source.downwardAPI?.items) return [pathsOf(source.downwardAPI.items), 'DownwardAPI']
  if (source.serviceAccountToken) return [[(source.serviceAccountToken.path ?? '') as string], 'ServiceAccountToken']
  return [[], '']
}

function overlaps(paths: readonly string[], message: string): string[] {
  const warnings: string[] = []
  const seen = new Set<string>()
  for (const given of paths) {
    const path = given.replace(/\/+$/, '')
    const other = collision(seen, path)
    if (other !== '') warnings.push(`${message}: ${quote(path)} with ${quote(other)}`)
    seen.add(path)
  }
  return warnings
}

/** checkForOverlap: the same path, or one inside the other. */
function collision(seen: ReadonlySet<string>, path: string): string {
  for (const other of seen) {
    if (other === '' || path === '') return ''
    if (other === path || `${other}/`.startsWith(`${path}/`) || `${path}/`.startsWith(`${other}/`)) return other
  }
  return ''
}
