/** The volumes of a pod (core/validation.go: ValidateVolumes, validateVolumeSource). */
import type { Fields } from '../../k8s/object.ts'
import { dns1123Label, dns1123Subdomain } from '../../k8s/names.ts'
import { quote } from '../../k8s/go-text.ts'
import type { FieldError, Path } from '../field.ts'
import { duplicate, forbidden, invalid, invalidEach, required } from '../field.ts'
import { validateEphemeralSource } from './ephemeral-volume.ts'
import type { SourceCheck } from './volume-sources.ts'
import { volumeSources } from './volume-sources.ts'
import type { Volumes } from './volume-mount.ts'

/** What volumes must know about the pod they are in; `podName` is empty in a template. */
export type VolumeContext = { isPod: boolean; podName: string }

/** Reports what is wrong and returns the volumes that are right, by name: only those can be mounted. */
export function validateVolumes(volumes: readonly Fields[], context: VolumeContext, list: Path, errors: FieldError[]): Volumes {
  const valid = new Map<string, Fields>()
  const createdClaims = new Set<string>()
  if (context.podName !== '') for (const volume of volumes) if (volume.ephemeral) createdClaims.add(`${context.podName}-${volume.name ?? ''}`)
  volumes.forEach((volume, index) => {
    const at = list.index(index)
    const name = (volume.name ?? '') as string
    const before = errors.length
    validateSource(volume, name, context, at, errors)
    if (name === '') errors.push(required(at.child('name')))
    else errors.push(...invalidEach(at.child('name'), name, dns1123Label(name)))
    if (valid.has(name)) errors.push(duplicate(at.child('name'), name))
    if (errors.length === before) valid.set(name, volume)
    const claimName = volume.persistentVolumeClaim?.claimName as string | undefined
    if (claimName !== undefined && createdClaims.has(claimName)) errors.push(invalid(at.child('persistentVolumeClaim', 'claimName'), claimName, 'must not reference a PVC that gets created for an ephemeral volume'))
  })
  return valid
}

function validateSource(volume: Fields, name: string, context: VolumeContext, at: Path, errors: FieldError[]): void {
  let found = false
  const limit = volume.emptyDir?.sizeLimit as string | undefined
  if (volume.emptyDir) found = true
  if (limit?.startsWith('-')) errors.push(forbidden(at.child('emptyDir', 'sizeLimit'), 'SizeLimit field must be a valid resource quantity'))
  for (const source of volumeSources) {
    const value = volume[source.field] as Fields | undefined
    if (!value) continue
    // A second source is refused unread, under the name the server has for it in that sentence.
    if (found) errors.push(forbidden(at.shown(source.refused ?? source.field, source.field), 'may not specify more than 1 volume type'))
    else checkSource(source.check, value, name, context, at.shown(source.shown ?? source.field, source.field), at, errors)
    found = true
    if (source.field === 'iscsi' && value.initiatorName !== undefined && `${name}:${value.targetPortal ?? ''}`.length > 64) {
      errors.push(invalid(at.child('name'), name, 'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'))
    }
  }
  if (!found) errors.push(required(at, 'must specify a volume type'))
}

function checkSource(check: SourceCheck | 'ephemeral', value: Fields, name: string, context: VolumeContext, at: Path, volume: Path, errors: FieldError[]): void {
  if (check !== 'ephemeral') return check(value, at, errors, context.isPod)
  validateEphemeralSource(value, at, errors)
  if (context.podName === '' || name === '') return
  const claim = `${context.podName}-${name}`
  for (const message of dns1123Subdomain(claim)) errors.push(invalid(volume.child('name'), name, `PVC name ${quote(claim)}: ${message}`))
}
