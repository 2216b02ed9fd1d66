/** Every source a pod volume can have (core/validation.go: validate…VolumeSource), in the order in which the server looks at them. */
import type { Fields } from '../../k8s/object.ts'
import { dns1123Label, dns1123Subdomain, inclusiveRange } from '../../k8s/names.ts'
import type { FieldError, Path } from '../field.ts'
import { invalid, invalidEach, notSupported, required, tooLong } from '../field.ts'
import { fileMode, localDescendingPath, localNonReservedPath, noBacksteps } from './path-text.ts'
import { validateDownwardFile, validateProjectedSource } from './projected-volume.ts'

/** `isPod` is false in a template. */
export type SourceCheck = (source: Fields, at: Path, errors: FieldError[], isPod: boolean) => void

/** `shown` is the name in paths and `refused` the name in `may not specify more than 1 volume type`, where they are not the field's. */
type Source = { field: string; shown?: string; refused?: string; check: SourceCheck | 'ephemeral' }

const partitionMessage = inclusiveRange(1, 255)

function requireEach(source: Fields, names: readonly string[], at: Path, errors: FieldError[]): void {
  for (const name of names) if (!source[name] || source[name].length === 0) errors.push(required(at.child(name)))
}

/** A check that only asks for fields. */
function requires(...names: string[]): SourceCheck {
  return (source, at, errors) => requireEach(source, names, at, errors)
}

const hostPathTypes = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']

/** validateHostPathVolumeSource. */
export const validateHostPath: SourceCheck = (source, at, errors) => {
  if (!source.path) return void errors.push(required(at.child('path')))
  noBacksteps(source.path as string, at.child('path'), errors)
  if (source.type !== undefined && !hostPathTypes.includes(source.type as string)) errors.push(notSupported(at.child('type'), source.type, hostPathTypes))
}

const validateGitRepo: SourceCheck = (source, at, errors) => {
  requireEach(source, ['repository'], at, errors)
  localDescendingPath((source.directory ?? '') as string, at.child('directory'), errors)
}

/** A cloud disk: its id and its partition (validateGCEPersistentDiskVolumeSource, validateAWSElasticBlockStoreVolumeSource). */
function partitionedDisk(id: string): SourceCheck {
  return (source, at, errors) => {
    requireEach(source, [id], at, errors)
    const partition = (source.partition ?? 0) as number
    if (partition < 0 || partition > 255) errors.push(invalid(at.child('partition'), partition, partitionMessage))
  }
}

/** A secret or configMap volume: what it names, its mode and its items. */
function keyedVolume(nameField: string): SourceCheck {
  return (source, at, errors) => {
    requireEach(source, [nameField], at, errors)
    fileMode(source.defaultMode as number | undefined, at.child('defaultMode'), errors)
    const items = (source.items ?? []) as Fields[]
    items.forEach((item, index) => validateKeyToPath(item, at.child('items').index(index), errors))
  }
}

/** validateKeyToPath. */
export function validateKeyToPath(item: Fields, at: Path, errors: FieldError[]): void {
  requireEach(item, ['key', 'path'], at, errors)
  localNonReservedPath((item.path ?? '') as string, at.child('path'), errors)
  fileMode(item.mode as number | undefined, at.child('mode'), errors)
}

const validateNfs: SourceCheck = (source, at, errors) => {
  requireEach(source, ['server', 'path'], at, errors)
  const path = (source.path ?? '') as string
  if (!path.startsWith('/')) errors.push(invalid(at.child('path'), path, 'must be an absolute path'))
}

// The server's expression for iqn names isn't anchored at its start, and those for eui and naa let any character follow the prefix.
const iqnFormat = /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9.-]+)(:[^,;*&$|\s]+)$/
const euiFormat = /^eui.[a-zA-Z0-9]{16}$/
const naaFormat = /^naa.[a-zA-Z0-9]{32}$/

function iscsiNameErrors(name: string, at: Path, errors: FieldError[], unknown: string): void {
  const format = name.startsWith('iqn') ? iqnFormat : name.startsWith('eui') ? euiFormat : name.startsWith('naa') ? naaFormat : undefined
  if (!format) errors.push(invalid(at, name, unknown))
  else if (!format.test(name)) errors.push(invalid(at, name, 'must be valid format'))
}

/** What pods and PersistentVolumes ask of an iSCSI disk alike; `unknown` is said of a name of no known kind. */
export function iscsiErrors(source: Fields, at: Path, errors: FieldError[], unknown: string): void {
  requireEach(source, ['targetPortal'], at, errors)
  if (!source.iqn) errors.push(required(at.child('iqn')))
  else iscsiNameErrors(source.iqn as string, at.child('iqn'), errors, unknown)
  const lun = (source.lun ?? 0) as number
  if (lun < 0 || lun > 255) errors.push(invalid(at.child('lun'), lun, inclusiveRange(0, 255)))
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef) errors.push(required(at.child('secretRef')))
  if (source.initiatorName !== undefined) iscsiNameErrors(source.initiatorName as string, at.shown('initiatorname', 'initiatorName'), errors, unknown)
}

const validateIscsi: SourceCheck = (source, at, errors) => iscsiErrors(source, at, errors, 'must be valid format starting with iqn, eui, or naa')

const validateFlocker: SourceCheck = (source, at, errors) => {
  const name = (source.datasetName ?? '') as string
  if (name === '' && !source.datasetUUID) errors.push(required(at, 'one of datasetName and datasetUUID is required'))
  if (name !== '' && source.datasetUUID) errors.push(invalid(at, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'))
  if (name.includes('/')) errors.push(invalid(at.child('datasetName'), name, "must not contain '/'"))
}

function requireSecretName(source: Fields, at: Path, errors: FieldError[]): void {
  if (source.secretRef && !source.secretRef.name) errors.push(required(at.child('secretRef', 'name')))
}

const validateCinder: SourceCheck = (source, at, errors) => {
  requireEach(source, ['volumeID'], at, errors)
  requireSecretName(source, at, errors)
}

const hostPortMessage = 'must be a host:port pair or multiple pairs separated by commas'

const validateQuobyte: SourceCheck = (source, at, errors) => {
  const registry = (source.registry ?? '') as string
  if (registry === '') errors.push(required(at.child('registry'), hostPortMessage))
  else if (((source.tenant ?? '') as string).length >= 65) errors.push(required(at.child('tenant'), 'must be a UUID and may not exceed a length of 64 characters'))
  else for (const pair of registry.split(',')) if (!isHostPort(pair)) errors.push(invalid(at.child('registry'), registry, hostPortMessage))
  requireEach(source, ['volume'], at, errors)
}

/** net.SplitHostPort succeeds: one colon before the port, or a host in brackets. */
function isHostPort(text: string): boolean {
  return /^(\[[^[\]]*\]|[^[\]:]*):[^[\]:]*$/.test(text)
}

const validateDownwardApi: SourceCheck = (source, at, errors) => {
  fileMode(source.defaultMode as number | undefined, at.child('defaultMode'), errors)
  // The server gives the position of the item in none of these errors.
  const items = (source.items ?? []) as Fields[]
  items.forEach((file, index) => validateDownwardFile(file, at.shown('', 'items', index), errors))
}

const validateFc: SourceCheck = (source, at, errors) => {
  const names = (source.targetWWNs ?? []) as string[]
  const ids = (source.wwids ?? []) as string[]
  if (names.length === 0 && ids.length === 0) errors.push(required(at.child('targetWWNs'), 'must specify either targetWWNs or wwids, but not both'))
  if (names.length > 0 && ids.length > 0) errors.push(invalid(at.child('targetWWNs'), names, 'targetWWNs and wwids can not be specified simultaneously'))
  if (names.length === 0) return
  const lun = source.lun as number | undefined
  if (lun === undefined) errors.push(required(at.child('lun'), 'lun is required if targetWWNs is specified'))
  else if (lun < 0 || lun > 255) errors.push(invalid(at.child('lun'), lun, inclusiveRange(0, 255)))
}

const validateFlexVolume: SourceCheck = (source, at, errors) => {
  requireEach(source, ['driver'], at, errors)
  for (const key of Object.keys((source.options ?? {}) as Fields).sort()) {
    const owner = `.${(key.includes('/') ? key.slice(0, key.indexOf('/')) : key).toLowerCase()}`
    if (owner.endsWith('.kubernetes.io') || owner.endsWith('.k8s.io')) errors.push(invalid(at.child('options').key(key), key, 'kubernetes.io and k8s.io namespaces are reserved'))
  }
}

const cachingModes = ['None', 'ReadOnly', 'ReadWrite']
const diskKinds = ['Dedicated', 'Managed', 'Shared']

const validateAzureDisk: SourceCheck = (source, at, errors) => {
  requireEach(source, ['diskName'], at, errors)
  const uri = (source.diskURI ?? '') as string
  if (uri === '') errors.push(required(at.child('diskURI')))
  if (source.cachingMode !== undefined && !cachingModes.includes(source.cachingMode as string)) errors.push(notSupported(at.child('cachingMode'), source.cachingMode, cachingModes))
  if (source.kind === undefined) return
  if (!diskKinds.includes(source.kind as string)) errors.push(notSupported(at.child('kind'), source.kind, diskKinds))
  if (source.kind === 'Managed') {
    if (!uri.startsWith('/subscriptions/')) errors.push(notSupported(at.child('diskURI'), uri, ['/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}']))
  } else if (!uri.startsWith('https://')) errors.push(notSupported(at.child('diskURI'), uri, ['https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd']))
}

const validateStorageOs: SourceCheck = (source, at, errors) => {
  if (!source.volumeName) errors.push(required(at.child('volumeName')))
  else errors.push(...invalidEach(at.child('volumeName'), source.volumeName, dns1123Label(source.volumeName as string)))
  if (source.volumeNamespace) errors.push(...invalidEach(at.child('volumeNamespace'), source.volumeNamespace, dns1123Label(source.volumeNamespace as string)))
  requireSecretName(source, at, errors)
}

/** ValidateCSIDriverName. */
export function validateCsiDriverName(driver: string, at: Path, errors: FieldError[]): void {
  if (driver === '') return void errors.push(required(at))
  if (driver.length > 63) errors.push(tooLong(at, 63))
  errors.push(...invalidEach(at, driver, dns1123Subdomain(driver.toLowerCase())))
}

const validateCsi: SourceCheck = (source, at, errors) => {
  validateCsiDriverName((source.driver ?? '') as string, at.child('driver'), errors)
  const secret = source.nodePublishSecretRef as Fields | undefined
  if (!secret) return
  if (!secret.name) errors.push(required(at.child('nodePublishSecretRef', 'name')))
  else errors.push(...invalidEach(at.shown('name', 'nodePublishSecretRef', 'name'), secret.name, dns1123Subdomain(secret.name as string)))
}

const pullPolicies = ['Always', 'IfNotPresent', 'Never']

/** validatePullPolicy. */
export function validatePullPolicy(policy: string | undefined, at: Path, errors: FieldError[]): void {
  if (!policy) errors.push(required(at))
  else if (!pullPolicies.includes(policy)) errors.push(notSupported(at, policy, pullPolicies))
}

const validateImage: SourceCheck = (source, at, errors, isPod) => {
  if (isPod && !source.reference) errors.push(required(at.child('reference')))
  validatePullPolicy(source.pullPolicy as string | undefined, at.child('pullPolicy'), errors)
}

export const volumeSources: readonly Source[] = [
  { field: 'hostPath', check: validateHostPath },
  { field: 'gitRepo', check: validateGitRepo },
  { field: 'gcePersistentDisk', shown: 'persistentDisk', check: partitionedDisk('pdName') },
  { field: 'awsElasticBlockStore', check: partitionedDisk('volumeID') },
  { field: 'secret', check: keyedVolume('secretName') },
  { field: 'nfs', check: validateNfs },
  { field: 'iscsi', check: validateIscsi },
  { field: 'glusterfs', check: requires('endpoints', 'path') },
  { field: 'flocker', check: validateFlocker },
  { field: 'persistentVolumeClaim', check: requires('claimName') },
  { field: 'rbd', check: requires('monitors', 'image') },
  { field: 'cinder', check: validateCinder },
  { field: 'cephfs', refused: 'cephFS', check: requires('monitors') },
  { field: 'quobyte', check: validateQuobyte },
  { field: 'downwardAPI', refused: 'downwarAPI', check: validateDownwardApi },
  { field: 'fc', check: validateFc },
  { field: 'flexVolume', check: validateFlexVolume },
  { field: 'configMap', check: keyedVolume('name') },
  { field: 'azureFile', check: requires('secretName', 'shareName') },
  { field: 'vsphereVolume', check: requires('volumePath') },
  { field: 'photonPersistentDisk', check: requires('pdID') },
  { field: 'portworxVolume', check: requires('volumeID') },
  { field: 'azureDisk', check: validateAzureDisk },
  { field: 'storageos', check: validateStorageOs },
  { field: 'projected', check: validateProjectedSource },
  { field: 'scaleIO', check: requires('gateway', 'system', 'volumeName') },
  { field: 'csi', check: validateCsi },
  { field: 'ephemeral', check: 'ephemeral' },
  { field: 'image', check: validateImage },
]
