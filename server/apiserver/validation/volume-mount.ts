/** Volume mounts and devices of a container (core/validation.go: ValidateVolumeMounts, ValidateVolumeDevices). */
import type { Fields } from '../../k8s/object.ts'
import type { FieldError, Path } from '../field.ts'
import { forbidden, invalid, notFound, notSupported, required } from '../field.ts'
import { hasBackstep, localDescendingPath } from './path-text.ts'

/** The pod's valid volumes by name. */
export type Volumes = ReadonlyMap<string, Fields>

/** Errors of subPath, mountPropagation and recursiveReadOnly sit on the list without an index, as the server prints them. */
export function validateVolumeMounts(container: Fields, volumes: Volumes, list: Path, errors: FieldError[]): void {
  const mounts = (container.volumeMounts ?? []) as Fields[]
  if (mounts.length === 0) return
  const devices = new Map(((container.volumeDevices ?? []) as Fields[]).map((device) => [device.name ?? '', device.devicePath ?? '']))
  const devicePaths = new Set(devices.values())
  const seen = new Set<string>()
  mounts.forEach((mount, index) => {
    const path = list.index(index)
    const name = (mount.name ?? '') as string
    const mountPath = (mount.mountPath ?? '') as string
    if (name === '') errors.push(required(path.child('name')))
    if (!volumes.has(name)) errors.push(notFound(path.child('name'), name))
    if (mountPath === '') errors.push(required(path.child('mountPath')))
    if (seen.has(mountPath)) errors.push(invalid(path.child('mountPath'), mountPath, 'must be unique'))
    seen.add(mountPath)
    if (devices.has(name)) errors.push(invalid(path.child('name'), name, 'must not already exist in volumeDevices'))
    if (devicePaths.has(mountPath)) errors.push(invalid(path.child('mountPath'), mountPath, 'must not already exist as a path in volumeDevices'))
    if (mount.subPath) localDescendingPath(mount.subPath as string, list.shown('subPath', index, 'subPath'), errors)
    if (mount.subPathExpr) {
      if (mount.subPath) errors.push(invalid(path.child('subPathExpr'), mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
      localDescendingPath(mount.subPathExpr as string, list.shown('subPathExpr', index, 'subPathExpr'), errors)
    }
    if (mount.mountPropagation !== undefined) validatePropagation(mount.mountPropagation as string, container, list.shown('mountPropagation', index, 'mountPropagation'), errors)
    if (mount.recursiveReadOnly !== undefined) validateRecursiveReadOnly(mount, list.shown('recursiveReadOnly', index, 'recursiveReadOnly'), errors)
  })
}

const propagations = ['Bidirectional', 'HostToContainer', 'None']

function validatePropagation(mode: string, container: Fields, at: Path, errors: FieldError[]): void {
  if (!propagations.includes(mode)) errors.push(notSupported(at, mode, propagations))
  if (mode === 'Bidirectional' && container.securityContext?.privileged !== true) errors.push(forbidden(at, 'Bidirectional mount propagation is available only to privileged containers'))
}

function validateRecursiveReadOnly(mount: Fields, at: Path, errors: FieldError[]): void {
  const mode = mount.recursiveReadOnly as string
  if (mode === 'Disabled') return
  if (mode !== 'Enabled' && mode !== 'IfPossible') return void errors.push(notSupported(at, mode, ['Disabled', 'Enabled', 'IfPossible']))
  if (!mount.readOnly) errors.push(forbidden(at, 'may only be specified when readOnly is true'))
  if (mount.mountPropagation !== undefined && mount.mountPropagation !== 'None') errors.push(forbidden(at, 'may only be specified when mountPropagation is None or not specified'))
}

export function validateVolumeDevices(container: Fields, volumes: Volumes, list: Path, errors: FieldError[]): void {
  const devices = (container.volumeDevices ?? []) as Fields[]
  if (devices.length === 0) return
  const mounts = new Map(((container.volumeMounts ?? []) as Fields[]).map((mount) => [mount.name ?? '', mount.mountPath ?? '']))
  const mountPaths = new Set(mounts.values())
  const names = new Set<string>()
  const paths = new Set<string>()
  devices.forEach((device, index) => {
    const at = list.index(index)
    const name = (device.name ?? '') as string
    const devicePath = (device.devicePath ?? '') as string
    const volume = volumes.get(name)
    if (name === '') errors.push(required(at.child('name')))
    if (names.has(name)) errors.push(invalid(at.child('name'), name, 'must be unique'))
    if (!volume) errors.push(notFound(at.child('name'), name))
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) errors.push(invalid(at.child('name'), name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'))
    if (devicePath === '') errors.push(required(at.child('devicePath')))
    if (paths.has(devicePath)) errors.push(invalid(at.child('devicePath'), devicePath, 'must be unique'))
    if (hasBackstep(devicePath)) errors.push(invalid(at.child('devicePath'), devicePath, "can not contain backsteps ('..')"))
    else paths.add(devicePath)
    if (mounts.has(name)) errors.push(invalid(at.child('name'), name, 'must not already exist in volumeMounts'))
    if (mountPaths.has(devicePath)) errors.push(invalid(at.child('devicePath'), devicePath, 'must not already exist as a path in volumeMounts'))
    if (name !== '') names.add(name)
  })
}
