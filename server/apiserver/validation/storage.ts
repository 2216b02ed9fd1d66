/** PersistentVolume, PersistentVolumeClaim and StorageClass (core:ValidatePersistentVolumeSpec, ValidatePersistentVolumeClaimSpec; storage:ValidateStorageClass). */
import { byteLength } from '../../k8s/go-text.ts'
import { dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from '../../k8s/names.ts'
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareQuantities, quantityOf } from '../../k8s/quantity.ts'
import { duplicate, fieldPath, forbidden, invalid, invalidEach, notSupported, required, tooLong, type FieldError, type Path } from '../field.ts'
import { immutable, isSame } from '../metadata.ts'
import { labelSelectorErrors } from './label-selector.ts'
import { nodeSelectorErrors } from './node-selector.ts'

const spec = fieldPath('spec')
const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const volumeModes = ['Block', 'Filesystem']
const reclaimPolicies = ['Delete', 'Recycle', 'Retain']

function accessModeErrors(modes: readonly string[], path: Path): FieldError[] {
  const errors: FieldError[] = modes.filter((mode) => !accessModes.includes(mode)).map((mode) => notSupported(path, mode, accessModes))
  if (modes.includes('ReadWriteOncePod') && modes.some((mode) => mode !== 'ReadWriteOncePod' && accessModes.includes(mode))) errors.push(forbidden(path, 'may not use ReadWriteOncePod with other access modes'))
  return errors
}

function positiveErrors(amount: string, path: Path): FieldError[] {
  return quantityOf(amount).nano <= 0n ? [invalid(path, amount, 'must be greater than zero')] : []
}

function classNameErrors(name: string, path: Path): FieldError[] {
  return invalidEach(path, name, dns1123Subdomain(name))
}

/** ValidatePersistentVolumeClaimSpec, also for the claim templates of StatefulSets and ephemeral volumes. */
export function claimSpecErrors(body: Fields, path: Path, old?: Fields): FieldError[] {
  const modes: string[] = body.accessModes ?? []
  const errors: FieldError[] = modes.length === 0 ? [required(path.child('accessModes'), 'at least 1 access mode is required')] : []
  errors.push(...labelSelectorErrors(body.selector, path.child('selector')), ...accessModeErrors(modes, path.child('accessModes')))
  const size: string | undefined = body.resources?.requests?.storage
  const at = path.child('resources').shown('[storage]', 'requests', 'storage')
  if (size === undefined) errors.push(required(at))
  else errors.push(...positiveErrors(size, at))
  if (body.storageClassName) errors.push(...classNameErrors(body.storageClassName, path.child('storageClassName')))
  if (body.volumeMode !== undefined && !volumeModes.includes(body.volumeMode)) errors.push(notSupported(path.child('volumeMode'), body.volumeMode, volumeModes))
  const lax = Boolean(old?.dataSource?.apiGroup !== undefined || old?.dataSourceRef?.apiGroup !== undefined)
  for (const name of ['dataSource', 'dataSourceRef']) if (body[name]) errors.push(...dataSourceErrors(body[name], lax, path.child(name)))
  if (body.dataSource && body.dataSourceRef?.namespace) errors.push(invalid(path, {}, 'may not be specified when dataSourceRef.namespace is specified'))
  else if (body.dataSource && body.dataSourceRef && !['apiGroup', 'kind', 'name'].every((name) => (body.dataSource[name] ?? '') === (body.dataSourceRef[name] ?? ''))) errors.push(invalid(path, {}, 'must match dataSourceRef'))
  if (body.volumeAttributesClassName) errors.push(...classNameErrors(body.volumeAttributesClassName, path.child('volumeAttributesClassName')))
  return errors
}

function dataSourceErrors(source: Fields, lax: boolean, path: Path): FieldError[] {
  const errors: FieldError[] = []
  for (const name of ['name', 'kind']) if (!source[name]) errors.push(required(path.child(name)))
  const group: string = source.apiGroup ?? ''
  if (group === '' && source.kind !== 'PersistentVolumeClaim') errors.push(invalid(path, source.kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup"))
  if (group !== '' && !lax) errors.push(...invalidEach(path.child('apiGroup'), group, dns1123Subdomain(group)))
  if (source.namespace) errors.push(...invalidEach(path.child('namespace'), source.namespace, dns1123Label(source.namespace)))
  return errors
}

export function claimErrors(claim: K8sObject, old?: K8sObject): FieldError[] {
  const body: Fields = claim.spec ?? {}
  const errors = claimSpecErrors(body, spec, old?.spec)
  if (!old) return errors
  const before: Fields = old.spec ?? {}
  const kept: Fields = { ...body }
  const bound = (claim.status ?? old.status)?.phase === 'Bound'
  if (!before.volumeName) delete kept.volumeName
  const comparable: Fields = { ...before }
  if (!before.volumeName) delete comparable.volumeName
  if (kept.storageClassName !== undefined && before.storageClassName === undefined) comparable.storageClassName = kept.storageClassName
  if (bound && kept.resources?.requests) kept.resources = { ...kept.resources, requests: { ...kept.resources.requests, storage: before.resources?.requests?.storage } }
  if (bound && kept.volumeAttributesClassName !== undefined) comparable.volumeAttributesClassName = kept.volumeAttributesClassName
  if (!isSame(kept, comparable)) errors.push(forbidden(spec, 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'))
  const [was, is]: [string | undefined, string | undefined] = [before.resources?.requests?.storage, body.resources?.requests?.storage]
  const capacity: string | undefined = old.status?.capacity?.storage
  if (was !== undefined && is !== undefined && compareQuantities(is, was) < 0 && compareQuantities(is, capacity ?? '0') <= 0) errors.push(forbidden(spec.child('resources', 'requests', 'storage'), 'field can not be less than status.capacity'))
  errors.push(...immutable(body.volumeMode, before.volumeMode, fieldPath('volumeMode')))
  return errors
}

/** Source → the fields it needs, and the name the server prints it under when that differs. */
const sources: Record<string, { needs: readonly string[]; printed?: string }> = {
  hostPath: { needs: ['path'] },
  gcePersistentDisk: { needs: ['pdName'], printed: 'persistentDisk' },
  awsElasticBlockStore: { needs: ['volumeID'] },
  glusterfs: { needs: ['endpoints', 'path'] },
  flocker: { needs: [] },
  nfs: { needs: ['server', 'path'] },
  rbd: { needs: ['monitors', 'image'] },
  quobyte: { needs: ['registry', 'volume'] },
  cephfs: { needs: ['monitors'] },
  iscsi: { needs: ['targetPortal', 'iqn'] },
  cinder: { needs: ['volumeID'] },
  fc: { needs: [] },
  flexVolume: { needs: ['driver'] },
  azureFile: { needs: ['secretName', 'shareName'] },
  vsphereVolume: { needs: ['volumePath'] },
  photonPersistentDisk: { needs: ['pdID'] },
  portworxVolume: { needs: ['volumeID'] },
  azureDisk: { needs: ['diskName', 'diskURI'] },
  scaleIO: { needs: ['gateway', 'system', 'volumeName'] },
  local: { needs: ['path'] },
  storageos: { needs: [] },
  csi: { needs: ['driver', 'volumeHandle'] },
}

export function volumeErrors(volume: K8sObject, old?: K8sObject): FieldError[] {
  const body: Fields = volume.spec ?? {}
  const errors: FieldError[] = []
  const modes: string[] = body.accessModes ?? []
  if (modes.length === 0) errors.push(required(spec.child('accessModes')))
  errors.push(...accessModeErrors(modes, spec.child('accessModes')))
  errors.push(...capacityErrors(body.capacity, spec.child('capacity')))
  const policy: string = body.persistentVolumeReclaimPolicy ?? ''
  if (policy !== '' && !reclaimPolicies.includes(policy)) errors.push(notSupported(spec.child('persistentVolumeReclaimPolicy'), policy, reclaimPolicies))
  if (body.nodeAffinity) {
    if (body.nodeAffinity.required) errors.push(...nodeSelectorErrors(body.nodeAffinity.required, spec.child('nodeAffinity', 'required')))
    else errors.push(required(spec.child('nodeAffinity', 'required'), 'must specify required node constraints'))
  }
  errors.push(...volumeSourceErrors(body))
  if (body.hostPath && cleanPath(body.hostPath.path ?? '') === '/' && policy === 'Recycle') errors.push(forbidden(spec.child('persistentVolumeReclaimPolicy'), "may not be 'recycle' for a hostPath mount of '/'"))
  if (body.storageClassName) errors.push(...classNameErrors(body.storageClassName, spec.child('storageClassName')))
  if (body.volumeMode !== undefined && !volumeModes.includes(body.volumeMode)) errors.push(notSupported(spec.child('volumeMode'), body.volumeMode, volumeModes))
  if (body.volumeAttributesClassName !== undefined) {
    const path = spec.child('volumeAttributesClassName')
    errors.push(...(body.volumeAttributesClassName === '' ? [required(path, 'an empty string is disallowed')] : classNameErrors(body.volumeAttributesClassName, path)))
    if (!body.csi) errors.push(required(spec.child('csi'), 'has to be specified when using volumeAttributesClassName'))
  }
  return old ? [...errors, ...volumeUpdateErrors(body, old.spec ?? {})] : errors
}

function capacityErrors(capacity: Fields | undefined, path: Path): FieldError[] {
  const errors: FieldError[] = []
  const names = Object.keys(capacity ?? {})
  if (names.length === 0) errors.push(required(path))
  if (capacity?.storage === undefined || names.length > 1) errors.push(notSupported(path, printedCapacity(capacity), ['storage']))
  for (const name of names) {
    if (quantityOf(capacity![name]).nano < 0n) errors.push(invalid(path.key(name), Number(quantityOf(capacity![name]).nano / 1_000_000_000n), 'must be a valid resource quantity'))
    errors.push(...positiveErrors(capacity![name], path.key(name)))
  }
  return errors
}

function printedCapacity(capacity: Fields | undefined): Fields | null {
  return capacity ? Object.fromEntries(Object.keys(capacity).sort().map((name) => [name, capacity[name]])) : null
}

function volumeSourceErrors(body: Fields): FieldError[] {
  const errors: FieldError[] = []
  let count = 0
  for (const name of Object.keys(sources)) {
    const source: Fields | undefined = body[name]
    if (!source) continue
    if (count++ > 0) {
      errors.push(forbidden(spec.child(name), 'may not specify more than 1 volume type'))
      continue
    }
    const { needs, printed } = sources[name]!
    const path = printed ? spec.shown(printed, name) : spec.child(name)
    errors.push(...sourceErrors(name, source, needs, path))
    if (name === 'local' && !body.nodeAffinity) errors.push(required(spec.child('nodeAffinity'), 'Local volume requires node affinity'))
  }
  if (count === 0) errors.push(required(spec, 'must specify a volume type'))
  return errors
}

const hostPathTypes = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']

function sourceErrors(name: string, source: Fields, needs: readonly string[], path: Path): FieldError[] {
  const errors: FieldError[] = needs.filter((field) => !source[field] || source[field].length === 0).map((field) => required(path.child(field)))
  if ((name === 'hostPath' || name === 'local') && source.path) errors.push(...noBackstepErrors(source.path, path.child('path')))
  if (name === 'hostPath' && source.type !== undefined && !hostPathTypes.includes(source.type)) errors.push(notSupported(path.child('type'), source.type, hostPathTypes))
  if (name === 'nfs' && source.path && !source.path.startsWith('/')) errors.push(invalid(path.child('path'), source.path, 'must be an absolute path'))
  if (name === 'csi') {
    if (source.driver) errors.push(...driverNameErrors(source.driver, path.child('driver')))
    for (const secret of ['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeExpandSecretRef']) {
      if (!source[secret]) continue
      for (const part of ['name', 'namespace']) if (!source[secret][part]) errors.push(required(path.child(secret, part)))
    }
  }
  return errors
}

/** ValidatePathNoBacksteps. */
function noBackstepErrors(text: string, path: Path): FieldError[] {
  return text.split('/').includes('..') ? [invalid(path, text, "must not contain '..'")] : []
}

/** ValidateCSIDriverName: a DNS subdomain of at most 63 bytes, capitals allowed. */
export function driverNameErrors(name: string, path: Path): FieldError[] {
  if (name === '') return [required(path)]
  const errors: FieldError[] = byteLength(name) > 63 ? [tooLong(path, 63)] : []
  return [...errors, ...invalidEach(path, name, dns1123Subdomain(name.toLowerCase()))]
}

function cleanPath(path: string): string {
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') kept.pop()
    else if (part !== '' && part !== '.') kept.push(part)
  }
  return `${path.startsWith('/') ? '/' : ''}${kept.join('/')}`
}

function volumeUpdateErrors(body: Fields, before: Fields): FieldError[] {
  const errors: FieldError[] = []
  const sourceOf = (fields: Fields): Fields => Object.fromEntries(Object.keys(sources).filter((name) => fields[name]).map((name) => [name, fields[name]]))
  const [is, was] = [sourceOf(body), sourceOf(before)]
  if (is.csi && was.csi && was.csi.controllerExpandSecretRef === undefined) is.csi = { ...is.csi, controllerExpandSecretRef: undefined }
  if (!isSame(is, was)) errors.push(forbidden(spec.child('persistentvolumesource'), 'spec.persistentvolumesource is immutable after creation'))
  errors.push(...immutable(body.volumeMode, before.volumeMode, fieldPath('volumeMode')))
  if (before.nodeAffinity && !isSame(body.nodeAffinity, before.nodeAffinity)) errors.push(invalid(fieldPath('nodeAffinity'), body.nodeAffinity ?? null, 'field is immutable'))
  return errors
}

export function storageClassErrors(object: K8sObject, old?: K8sObject): FieldError[] {
  if (old) return [...frozen(object.parameters, old.parameters, 'parameters', 'updates to parameters are forbidden.'), ...frozen(object.provisioner, old.provisioner, 'provisioner', 'updates to provisioner are forbidden.'), ...frozen(object.reclaimPolicy, old.reclaimPolicy, 'reclaimPolicy', 'updates to reclaimPolicy are forbidden.'), ...immutable(object.volumeBindingMode, old.volumeBindingMode, fieldPath('volumeBindingMode'))]
  const errors: FieldError[] = []
  const provisioner: string = object.provisioner ?? ''
  if (provisioner === '') errors.push(required(fieldPath('provisioner')))
  else errors.push(...invalidEach(fieldPath('provisioner'), provisioner, qualifiedName(provisioner.toLowerCase())))
  errors.push(...parameterErrors(object.parameters ?? {}, fieldPath('parameters')))
  if (object.reclaimPolicy !== undefined && !['Delete', 'Retain'].includes(object.reclaimPolicy)) errors.push(notSupported(fieldPath('reclaimPolicy'), object.reclaimPolicy, ['Delete', 'Retain']))
  if (object.volumeBindingMode === undefined) errors.push(required(fieldPath('volumeBindingMode')))
  else if (!['Immediate', 'WaitForFirstConsumer'].includes(object.volumeBindingMode)) errors.push(notSupported(fieldPath('volumeBindingMode'), object.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']))
  return [...errors, ...topologyErrors(object.allowedTopologies ?? [])]
}

function frozen(value: unknown, before: unknown, name: string, says: string): FieldError[] {
  return isSame(value, before) ? [] : [forbidden(fieldPath(name), says)]
}

function parameterErrors(parameters: Record<string, string>, path: Path): FieldError[] {
  const keys = Object.keys(parameters)
  if (keys.length > 512) return [{ ...tooLong(path, -1), message: 'Too long: may not be more than 512 bytes' }]
  const errors: FieldError[] = []
  let bytes = 0
  for (const key of keys) {
    if (key === '') errors.push(invalid(path, key, 'field can not be empty.'))
    bytes += byteLength(key) + byteLength(parameters[key]!)
  }
  if (bytes > 256 * 1024) errors.push(tooLong(path, 256 * 1024))
  return errors
}

function topologyErrors(terms: readonly Fields[]): FieldError[] {
  const errors: FieldError[] = []
  const seen: Record<string, string>[] = []
  terms.forEach((term, index) => {
    const path = fieldPath('allowedTopologies').index(index)
    const keys = new Set<string>()
    const expressions: Fields[] = term.matchLabelExpressions ?? []
    expressions.forEach((expression, at) => {
      const here = path.child('matchLabelExpressions').index(at)
      const values: string[] = expression.values ?? []
      if (values.length === 0) errors.push(required(here.child('values')))
      values.forEach((value, position) => {
        if (values.indexOf(value) < position) errors.push(duplicate(here.child('values').index(position), value))
        errors.push(...invalidEach(here.child('values').index(position), value, labelValue(value)))
      })
      errors.push(...invalidEach(here.child('key'), expression.key ?? '', qualifiedName(expression.key ?? '')))
      if (keys.has(expression.key)) errors.push(duplicate(here.child('key'), expression.key))
      keys.add(expression.key)
    })
    const whole = Object.fromEntries(expressions.map((expression) => [expression.key, [...(expression.values ?? [])].sort().join(',')]))
    // A term without expressions equals the server's not yet filled list.
    if (expressions.length === 0 || seen.some((earlier) => isSame(earlier, whole))) errors.push(duplicate(path.child('matchLabelExpressions'), ''))
    seen.push(whole)
  })
  return errors
}
