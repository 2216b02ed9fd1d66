/** PersistentVolume controller: binding, dynamic provisioning, release and reclaim (pkg/controller/volume/persistentvolume), and claim protection. */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { keyOf, refOf } from '../../../k8s/object.ts'
import type { Change, Cluster, Controller } from '../../types.ts'
import { milliOf } from '../../amounts.ts'
import { claimName, claimNames, foreignClaim } from '../../claims.ts'
import { defaultStorageClass } from '../../admission/mutation.ts'
import { isLateBinding } from '../../scheduler/volumes.ts'
import { affinityOf, capacityObjects, provisionedFor } from '../../storage-capacity.ts'
import { parseKey } from '../keys.ts'
import { claimVolume, findVolume, isClaimedBy } from './matching.ts'

const provisioningMs = 1000
const syncMs = 15_000
/** Key of the objects that say how much the drivers can still provision. */
const capacities = 'CSIStorageCapacity'
const provisionerNote = (name: string): string => `Waiting for a volume to be created either by the external provisioner '${name}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`

export function createPersistentVolumeController(): Controller {
  const provisioning = new Map<string, number>()
  return {
    name: 'persistentvolume',
    source: 'pkg/controller/volume/persistentvolume/pv_controller.go:syncClaim, syncVolume, provisionClaim; k8s.io/component-helpers/storage/volume/pv_helpers.go:FindMatchingVolume; pkg/controller/volume/pvcprotection/pvc_protection_controller.go',
    about: 'Binds claims to the smallest fitting volume, provisions for classes with a provisioner (1 s after it is asked), honours WaitForFirstConsumer, releases and reclaims volumes, gives classless claims the default class later, grows claims, and keeps a claim while a pod uses it. Where a class says what its driver can still provision (`capacity`), volumes are for the nodes of their segment and the CSIStorageCapacity objects follow. Events repeat every 15 s while a claim is pending. Not modelled: CSI details, snapshots, volume health.',
    keys: (change, cluster) => keys(change, cluster),
    reconcile(key, cluster) {
      if (key === capacities) return void capacityObjects(cluster).forEach((object) => cluster.api.patch(refOf(object), { capacity: object.capacity }))
      const { kind, namespace, name } = parseKey(key)
      const object = cluster.view.get(kind, namespace, name)
      if (!object) return
      if (kind === 'PersistentVolume') syncVolume(object, cluster)
      else syncClaim(key, object, cluster, provisioning)
    },
  }
}

function keys({ object, type }: Change, cluster: Cluster): string[] {
  if (object.kind === 'PersistentVolumeClaim') return [keyOf(object), ...(object.spec?.volumeName ? [`PersistentVolume//${object.spec.volumeName}`] : [])]
  if (object.kind === 'PersistentVolume') return [...(object.spec?.nodeAffinity && object.spec.csi ? [capacities] : []), keyOf(object), ...cluster.view.list('PersistentVolumeClaim').filter((claim) => claim.status?.phase !== 'Bound' || claim.spec?.volumeName === object.metadata.name).map(keyOf)]
  if (object.kind === 'StorageClass') return cluster.view.list('PersistentVolumeClaim').filter((claim) => claim.status?.phase !== 'Bound').map(keyOf)
  return object.kind === 'Pod' && type === 'deleted' ? claimNames(object).map((name) => `PersistentVolumeClaim/${object.metadata.namespace ?? ''}/${name}`) : []
}

function tell(cluster: Cluster, claim: K8sObject, type: 'Normal' | 'Warning', reason: string, message: string, component = 'persistentvolume-controller'): void {
  cluster.event(claim, { type, reason, message, component })
}

function syncClaim(key: string, claim: K8sObject, cluster: Cluster, provisioning: Map<string, number>): void {
  if (claim.metadata.deletionTimestamp) return protect(claim, cluster)
  if (claim.status?.phase === 'Bound') {
    if (!cluster.view.get('PersistentVolume', '', claim.spec.volumeName)) {
      cluster.api.setStatus(refOf(claim), { ...claim.status, phase: 'Lost' })
      tell(cluster, claim, 'Warning', 'ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!')
    } else grow(claim, cluster)
    return
  }
  if (claim.spec?.volumeName) return bindNamed(key, claim, cluster)
  const volumes = cluster.view.list('PersistentVolume')
  const isLate = isLateBinding(claim, cluster)
  const found = isLate && !volumes.some((volume) => isClaimedBy(volume, claim)) ? undefined : findVolume(claim, volumes)
  if (found) return claimVolume(cluster, claim, found)
  const effective = withDefaultClass(claim, cluster)
  const className = effective.spec?.storageClassName as string | undefined
  const late = isLateBinding(effective, cluster)
  const selected = effective.metadata.annotations?.['volume.kubernetes.io/selected-node']
  if (late && selected === undefined) {
    const waiting = cluster.view.list('Pod', effective.metadata.namespace ?? '').find((pod) => !pod.spec?.nodeName && claimNames(pod).includes(effective.metadata.name))
    if (waiting) tell(cluster, effective, 'Normal', 'WaitForPodScheduled', `waiting for pod ${waiting.metadata.name} to be scheduled`)
    else tell(cluster, effective, 'Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding')
    repeat(key, cluster)
    return
  }
  if (!className) {
    tell(cluster, effective, 'Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set')
    repeat(key, cluster)
    return
  }
  provision(key, effective, className, cluster, provisioning)
}

function repeat(key: string, cluster: Cluster): void {
  cluster.wake('persistentvolume', key, cluster.now + syncMs)
}

/** A claim that named no class gets the default one when it appears (retroactive default). */
function withDefaultClass(claim: K8sObject, cluster: Cluster): K8sObject {
  if (claim.spec?.storageClassName !== undefined) return claim
  const chosen = defaultStorageClass(cluster)
  if (!chosen) return claim
  const next = { ...claim, spec: { ...claim.spec, storageClassName: chosen.metadata.name } }
  cluster.put(next)
  return cluster.view.get('PersistentVolumeClaim', claim.metadata.namespace ?? '', claim.metadata.name) ?? next
}

function provision(key: string, claim: K8sObject, className: string, cluster: Cluster, provisioning: Map<string, number>): void {
  const storageClass = cluster.view.get('StorageClass', '', className)
  if (!storageClass) {
    tell(cluster, claim, 'Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${className}" not found`)
    repeat(key, cluster)
    return
  }
  if (storageClass.provisioner === 'kubernetes.io/no-provisioner') {
    tell(cluster, claim, 'Warning', 'ProvisioningFailed', `no volume plugin matched name: ${storageClass.provisioner}`)
    repeat(key, cluster)
    return
  }
  const due = provisioning.get(claim.metadata.uid ?? '')
  const component = `${storageClass.provisioner}_provisioner`
  const modes = (cluster.scenario.cluster.storageClasses.find((item) => item.name === className)?.accessModes ?? ['ReadWriteOnce', 'ReadWriteOncePod', 'ReadOnlyMany', 'ReadWriteMany']) as string[]
  const unsupported = ((claim.spec?.accessModes ?? []) as string[]).filter((mode) => !modes.includes(mode))
  if (due === undefined) {
    tell(cluster, claim, 'Normal', 'ExternalProvisioning', provisionerNote(storageClass.provisioner))
    tell(cluster, claim, 'Normal', 'Provisioning', `External provisioner is provisioning volume for claim "${claim.metadata.namespace}/${claim.metadata.name}"`, component)
    provisioning.set(claim.metadata.uid ?? '', cluster.now + provisioningMs)
    cluster.wake('persistentvolume', key, cluster.now + provisioningMs)
    return
  }
  if (due > cluster.now) return
  if (unsupported.length > 0) {
    tell(cluster, claim, 'Warning', 'ProvisioningFailed', `failed to provision volume with StorageClass "${className}": rpc error: code = InvalidArgument desc = access mode ${unsupported.join(', ')} is not supported`, component)
    repeat(key, cluster)
    return
  }
  const labels = provisionedFor(claim, className, cluster)
  if (!labels) {
    tell(cluster, claim, 'Warning', 'ProvisioningFailed', `failed to provision volume with StorageClass "${className}": rpc error: code = ResourceExhausted desc = not enough free storage`, component)
    provisioning.delete(claim.metadata.uid ?? '')
    if (isLateBinding(claim, cluster)) cluster.api.patch(refOf(claim), { metadata: { annotations: { 'volume.kubernetes.io/selected-node': null } } })
    else repeat(key, cluster)
    return
  }
  provisioning.delete(claim.metadata.uid ?? '')
  const name = `pvc-${claim.metadata.uid}`
  cluster.api.create({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': storageClass.provisioner }, finalizers: ['kubernetes.io/pv-protection'] },
    spec: {
      accessModes: claim.spec.accessModes,
      capacity: { storage: claim.spec.resources.requests.storage },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: claim.metadata.namespace, name: claim.metadata.name, uid: claim.metadata.uid },
      csi: { driver: storageClass.provisioner, volumeHandle: name },
      ...(storageClass.mountOptions ? { mountOptions: storageClass.mountOptions } : {}),
      ...(Object.keys(labels).length > 0 ? { nodeAffinity: affinityOf(labels) } : {}),
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: className,
      volumeMode: claim.spec.volumeMode ?? 'Filesystem',
    },
  })
  const volume = cluster.view.get('PersistentVolume', '', name)
  if (!volume) return
  tell(cluster, claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`, component)
  claimVolume(cluster, claim, volume)
}

/** spec.volumeName was written by a person: that volume or none. */
function bindNamed(key: string, claim: K8sObject, cluster: Cluster): void {
  const volume = cluster.view.get('PersistentVolume', '', claim.spec.volumeName)
  if (!volume) return
  const isTaken = volume.spec?.claimRef !== undefined && !isClaimedBy(volume, claim)
  const mismatch = isTaken || volume.spec?.claimRef ? undefined : mismatchOf(claim, volume)
  if (!isTaken && mismatch === undefined) return claimVolume(cluster, claim, volume)
  if (isTaken) tell(cluster, claim, 'Warning', 'FailedBinding', `volume "${volume.metadata.name}" already bound to a different claim.`)
  else tell(cluster, claim, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume "${volume.metadata.name}": ${mismatch}`)
  repeat(key, cluster)
}

/** checkVolumeSatisfyClaim. */
function mismatchOf(claim: K8sObject, volume: K8sObject): string | undefined {
  if (volume.metadata.deletionTimestamp) return `the volume is marked for deletion "${volume.metadata.name}"`
  if (milliOf(volume.spec?.capacity?.storage) < milliOf(claim.spec?.resources?.requests?.storage)) return 'requested PV is too small'
  if ((volume.spec?.storageClassName ?? '') !== (claim.spec?.storageClassName ?? '')) return 'storageClassName does not match'
  if ((volume.spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem')) return 'incompatible volumeMode'
  return ((claim.spec?.accessModes ?? []) as string[]).every((mode) => (volume.spec?.accessModes ?? []).includes(mode)) ? undefined : 'incompatible accessMode'
}

/** A bound claim that asks for more gets it (the resizer); the class was checked at admission. */
function grow(claim: K8sObject, cluster: Cluster): void {
  const wanted = claim.spec?.resources?.requests?.storage
  if (milliOf(wanted) <= milliOf(claim.status?.capacity?.storage)) return
  const volume = cluster.view.get('PersistentVolume', '', claim.spec.volumeName)
  if (!volume || milliOf(volume.spec?.capacity?.storage) >= milliOf(wanted)) return
  cluster.put({ ...volume, spec: { ...volume.spec, capacity: { ...volume.spec.capacity, storage: wanted } } })
  cluster.api.setStatus(refOf(claim), { ...claim.status, capacity: { ...claim.status.capacity, storage: wanted } })
}

/** The finalizer goes once no pod that has a node uses the claim; a pod that has ended counts as long as it is there (pvcprotection: podUsesPVC). A claim that others hold is theirs to let go. */
function protect(claim: K8sObject, cluster: Cluster): void {
  if (!claim.metadata.finalizers?.includes('kubernetes.io/pvc-protection')) return
  const uses = (pod: K8sObject): boolean => Boolean(pod.spec?.nodeName) && ((pod.spec?.volumes ?? []) as Fields[]).some((volume) => claimName(pod, volume) === claim.metadata.name && (!volume.ephemeral || foreignClaim(pod, claim) === undefined))
  if (cluster.view.list('Pod', claim.metadata.namespace ?? '').some(uses)) return
  const finalizers = (claim.metadata.finalizers ?? []).filter((name) => name !== 'kubernetes.io/pvc-protection')
  if (finalizers.length === 0) cluster.erase(refOf(claim))
  else cluster.put({ ...claim, metadata: { ...claim.metadata, finalizers } })
}

function syncVolume(volume: K8sObject, cluster: Cluster): void {
  const reference = volume.spec?.claimRef as Fields | undefined
  const claim = reference ? cluster.view.get('PersistentVolumeClaim', reference.namespace, reference.name) : undefined
  const isBound = claim !== undefined && (!reference?.uid || claim.metadata.uid === reference.uid)
  if (volume.metadata.deletionTimestamp) {
    if (!isBound) cluster.erase(refOf(volume))
    return
  }
  if (!reference || (!reference.uid && !claim)) return setPhase(volume, 'Available', cluster)
  if (isBound) return
  if (volume.status?.phase === 'Pending' && !reference.uid) return setPhase(volume, 'Available', cluster)
  if (volume.spec?.persistentVolumeReclaimPolicy === 'Delete') cluster.erase(refOf(volume))
  else setPhase(volume, 'Released', cluster)
}

function setPhase(volume: K8sObject, phase: string, cluster: Cluster): void {
  if (volume.status?.phase !== phase) cluster.api.setStatus(refOf(volume), { ...volume.status, phase })
}
