/** Every source a PersistentVolume can have (core/validation.go: ValidatePersistentVolumeSpec, validate…PersistentVolumeSource), in the order in which the server looks at them. */
import { byteLength } from '../../k8s/go-text.ts'
import { dns1123Label, dns1123Subdomain } from '../../k8s/names.ts'
import type { Fields } from '../../k8s/object.ts'
import { forbidden, invalid, invalidEach, required, type FieldError, type Path } from '../field.ts'
import { noBacksteps } from './path-text.ts'
import { iscsiErrors, validateCsiDriverName, volumeSources, type SourceCheck } from './volume-sources.ts'

/** `volume` is the name of the PersistentVolume. */
type Check = (source: Fields, at: Path, errors: FieldError[], volume: string) => void

/** `shown` is the name in paths and `refused` the name in `may not specify more than 1 volume type`, where they are not the field's; `isLax` sources are judged beside others as well. */
type Source = { field: string; shown?: string; refused?: string; isLax?: true; check: Check }

const podChecks = new Map(volumeSources.map(({ field, check }) => [field, check]))

/** A source that pods have as well, judged the same way. */
function asInPods(field: string): Source {
  const check = podChecks.get(field) as SourceCheck
  return { field, check: (source, at, errors) => check(source, at, errors, false) }
}

/** A reference to a Secret that needs both parts once it is there. */
function needWholeSecret(source: Fields, at: Path, errors: FieldError[]): void {
  if (source.secretRef) for (const part of ['name', 'namespace']) if (!source.secretRef[part]) errors.push(required(at.child('secretRef', part)))
}

const checkGlusterfs: Check = (source, at, errors) => {
  for (const name of ['endpoints', 'path']) if (!source[name]) errors.push(required(at.child(name)))
  const { endpointsNamespace } = source
  if (endpointsNamespace === '') errors.push(invalid(at.child('endpointsNamespace'), '', 'if the endpointnamespace is set, it must be a valid namespace name'))
  else if (endpointsNamespace !== undefined) errors.push(...invalidEach(at.child('endpointsNamespace'), endpointsNamespace, dns1123Label(endpointsNamespace)))
}

const checkIscsi: Check = (source, at, errors, volume) => {
  const portal: string = source.targetPortal ?? ''
  if (source.initiatorName !== undefined && byteLength(`${volume}:${portal}`) > 64) errors.push(invalid(at.shown('targetportal', 'targetPortal'), portal, 'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'))
  iscsiErrors(source, at, errors, 'must be valid format')
  if (source.secretRef && !source.secretRef.name) errors.push(required(at.child('secretRef', 'name')))
}

const checkCinder: Check = (source, at, errors) => {
  if (!source.volumeID) errors.push(required(at.child('volumeID')))
  needWholeSecret(source, at, errors)
}

const checkAzureFile: Check = (source, at, errors) => {
  for (const name of ['secretName', 'shareName']) if (!source[name]) errors.push(required(at.child(name)))
  if (source.secretNamespace === '') errors.push(required(at.child('secretNamespace')))
}

const checkLocal: Check = (source, at, errors) => {
  if (source.path) noBacksteps(source.path as string, at.child('path'), errors)
  else errors.push(required(at.child('path')))
}

const checkStorageOs: Check = (source, at, errors) => {
  const { volumeName = '', volumeNamespace = '' } = source
  if (volumeName === '') errors.push(required(at.child('volumeName')))
  else errors.push(...invalidEach(at.child('volumeName'), volumeName, dns1123Label(volumeName)))
  if (volumeNamespace !== '') errors.push(...invalidEach(at.child('volumeNamespace'), volumeNamespace, dns1123Label(volumeNamespace)))
  needWholeSecret(source, at, errors)
}

const checkCsi: Check = (source, at, errors) => {
  validateCsiDriverName(source.driver ?? '', at.child('driver'), errors)
  if (!source.volumeHandle) errors.push(required(at.child('volumeHandle')))
  for (const field of ['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeExpandSecretRef']) {
    const secret = source[field] as Fields | undefined
    if (!secret) continue
    for (const [part, rule] of [['name', dns1123Subdomain], ['namespace', dns1123Label]] as const) {
      const text: string = secret[part] ?? ''
      errors.push(...(text === '' ? [required(at.child(field, part))] : invalidEach(at.child(field, part), text, rule(text))))
    }
  }
}

const persistentSources: readonly Source[] = [
  asInPods('hostPath'),
  { ...asInPods('gcePersistentDisk'), shown: 'persistentDisk' },
  asInPods('awsElasticBlockStore'),
  { field: 'glusterfs', check: checkGlusterfs },
  asInPods('flocker'),
  asInPods('nfs'),
  asInPods('rbd'),
  asInPods('quobyte'),
  { ...asInPods('cephfs'), refused: 'cephFS' },
  { field: 'iscsi', check: checkIscsi },
  { field: 'cinder', check: checkCinder },
  asInPods('fc'),
  { ...asInPods('flexVolume'), isLax: true },
  { field: 'azureFile', check: checkAzureFile },
  asInPods('vsphereVolume'),
  asInPods('photonPersistentDisk'),
  asInPods('portworxVolume'),
  asInPods('azureDisk'),
  asInPods('scaleIO'),
  { field: 'local', check: checkLocal },
  { field: 'storageos', check: checkStorageOs },
  { field: 'csi', check: checkCsi },
]

/** The sources that a volume's spec gives, as they are compared on updates. */
export function persistentSourcesOf(spec: Fields): Fields {
  return Object.fromEntries(persistentSources.filter(({ field }) => spec[field]).map(({ field }) => [field, spec[field]]))
}

/** Exactly one source, and that one right. `path` is where the spec is. */
export function persistentSourceErrors(spec: Fields, volume: string, path: Path): FieldError[] {
  const errors: FieldError[] = []
  let hasOne = false
  for (const { field, shown, refused, isLax, check } of persistentSources) {
    const source = spec[field] as Fields | undefined
    if (!source) continue
    if (hasOne && !isLax) {
      errors.push(forbidden(path.shown(refused ?? field, field), 'may not specify more than 1 volume type'))
      continue
    }
    hasOne = true
    check(source, path.shown(shown ?? field, field), errors, volume)
    if (field === 'local' && !spec.nodeAffinity) errors.push(required(path.child('nodeAffinity'), 'Local volume requires node affinity'))
  }
  if (!hasOne) errors.push(required(path, 'must specify a volume type'))
  return errors
}
