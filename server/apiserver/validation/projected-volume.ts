/** Projected volumes and downward API files (core/validation.go: validateProjectionSources, validateDownwardAPIVolumeFile). */
import type { Fields } from '../../k8s/object.ts'
import type { FieldError, Path } from '../field.ts'
import { forbidden, invalid, required } from '../field.ts'
import { fileFields, validateFieldReference, validateResourceReference } from './environment.ts'
import { fileMode, localNonReservedPath } from './path-text.ts'
import { validateKeyToPath } from './volume-sources.ts'

/** validateDownwardAPIVolumeFile. */
export function validateDownwardFile(file: Fields, at: Path, errors: FieldError[]): void {
  const path = (file.path ?? '') as string
  if (path === '') errors.push(required(at.child('path')))
  localNonReservedPath(path, at.child('path'), errors)
  if (file.fieldRef) {
    validateFieldReference(file.fieldRef, fileFields, at.child('fieldRef'), errors)
    if (file.resourceFieldRef) errors.push(invalid(at, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
  } else if (file.resourceFieldRef) validateResourceReference(file.resourceFieldRef, true, at.child('resourceFieldRef'), errors)
  else errors.push(required(at, 'one of fieldRef and resourceFieldRef is required'))
  fileMode(file.mode as number | undefined, at.child('mode'), errors)
}

/** validateProjectedVolumeSource. Two files at one path are an error on the volume. */
export function validateProjectedSource(volume: Fields, at: Path, errors: FieldError[]): void {
  fileMode(volume.defaultMode as number | undefined, at.child('defaultMode'), errors)
  const taken = new Set<string>()
  const claim = (path: string, shown: string, real: readonly (string | number)[]): void => {
    if (path === '') return
    if (taken.has(path)) errors.push(invalid(at.shown('', ...real), shown, 'conflicting duplicate paths'))
    taken.add(path)
  }
  const sources = (volume.sources ?? []) as Fields[]
  sources.forEach((source, index) => {
    const path = at.child('sources').index(index)
    let found = 0
    for (const kind of ['secret', 'configMap']) {
      const keyed = source[kind] as Fields | undefined
      if (!keyed) continue
      found++
      if (!keyed.name) errors.push(required(path.child(kind, 'name')))
      const items = (keyed.items ?? []) as Fields[]
      items.forEach((item, position) => {
        validateKeyToPath(item, path.child(kind, 'items').index(position), errors)
        claim((item.path ?? '') as string, (keyed.name ?? '') as string, ['sources', index, kind, 'items', position, 'path'])
      })
    }
    if (source.downwardAPI) {
      found++
      const files = (source.downwardAPI.items ?? []) as Fields[]
      files.forEach((file, position) => {
        validateDownwardFile(file, path.child('downwardAPI').shown('', 'items', position), errors)
        claim((file.path ?? '') as string, (file.path ?? '') as string, ['sources', index, 'downwardAPI', 'items', position, 'path'])
      })
    }
    if (source.serviceAccountToken) {
      found++
      validateToken(source.serviceAccountToken, at, path.child('serviceAccountToken'), index, errors)
    }
    if (found > 1) errors.push(forbidden(path, 'may not specify more than 1 volume type per source'))
  })
}

/** The token's path is reported on the volume, not on its source. */
function validateToken(token: Fields, volume: Path, at: Path, index: number, errors: FieldError[]): void {
  const seconds = (token.expirationSeconds ?? 0) as number
  if (seconds < 600) errors.push(invalid(at.child('expirationSeconds'), seconds, 'may not specify a duration less than 10 minutes'))
  if (seconds > 2 ** 32) errors.push(invalid(at.child('expirationSeconds'), seconds, 'may not specify a duration larger than 2^32 seconds'))
  const path = volume.shown('path', 'sources', index, 'serviceAccountToken', 'path')
  if (!token.path) errors.push(required(path))
  else localNonReservedPath(token.path as string, path, errors)
}
