/** Tables of nodes, namespaces, volumes, classes and events (pkg/printers/internalversion/printers.go). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { amountOf, printAmount } from '../../amounts.ts'
import { lastSeen } from '../served.ts'
import type { Columns } from './column.ts'
import { age, column, name, wideColumn } from './column.ts'
import { accessModes } from './labels.ts'
import { ageOf } from './time.ts'

/** `node-role.kubernetes.io/<role>` labels and the old `kubernetes.io/role`, sorted. */
export function nodeRoles(node: K8sObject): string {
  const roles = Object.entries(node.metadata.labels ?? {}).flatMap(([key, value]) => (key.startsWith('node-role.kubernetes.io/') ? [key.slice(24)] : key === 'kubernetes.io/role' ? [value] : [])).filter((role) => role !== '')
  return [...new Set(roles)].sort().join(',') || '<none>'
}

function nodeStatus(node: K8sObject): string {
  const ready = ((node.status?.conditions ?? []) as Fields[]).find((condition) => condition.type === 'Ready')
  return `${!ready ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'}${node.spec?.unschedulable ? ',SchedulingDisabled' : ''}`
}

function address(node: K8sObject, type: string): string {
  return ((node.status?.addresses ?? []) as Fields[]).find((item) => item.type === type)?.address ?? '<none>'
}

export function quantity(text: string | number | undefined): string {
  return printAmount(amountOf(text ?? '0'))
}

/** The class of a volume or claim; the annotation of old comes first (storageutil). */
export const storageClassOf = (object: K8sObject): string => object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? object.spec?.storageClassName ?? ''
const phase = (object: K8sObject): string => (object.metadata.deletionTimestamp ? 'Terminating' : (object.status?.phase ?? ''))
const isDefault = (object: K8sObject): boolean => ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'].some((key) => object.metadata.annotations?.[key] === 'true')
const attributes = column('VolumeAttributesClass', ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>')
const volumeMode = wideColumn('VolumeMode', ({ spec }) => spec?.volumeMode ?? '<unset>')

function eventSource(event: K8sObject): string {
  const component = event.source?.component || (event.reportingComponent ?? '')
  const instance = event.source?.host || (event.reportingInstance ?? '')
  return instance ? `${component}, ${instance}` : component
}

export const clusterColumns: Columns = {
  Namespace: [name, column('Status', ({ status }) => status?.phase), age],
  Node: [
    name, column('Status', nodeStatus), column('Roles', nodeRoles), age, column('Version', ({ status }) => status?.nodeInfo?.kubeletVersion),
    wideColumn('Internal-IP', (node) => address(node, 'InternalIP')),
    wideColumn('External-IP', (node) => address(node, 'ExternalIP')),
    wideColumn('OS-Image', ({ status }) => status?.nodeInfo?.osImage || '<unknown>'),
    wideColumn('Kernel-Version', ({ status }) => status?.nodeInfo?.kernelVersion || '<unknown>'),
    wideColumn('Arch', ({ status }) => status?.nodeInfo?.architecture || '<unknown>'),
    wideColumn('Container-Runtime', ({ status }) => status?.nodeInfo?.containerRuntimeVersion || '<unknown>'),
  ],
  PersistentVolumeClaim: [
    name, column('Status', phase),
    column('Volume', ({ spec }) => spec?.volumeName),
    column('Capacity', ({ spec, status }) => (spec?.volumeName ? quantity(status?.capacity?.storage) : '')),
    column('Access Modes', ({ spec, status }) => (spec?.volumeName ? accessModes(status?.accessModes) : '')),
    column('StorageClass', storageClassOf), attributes, age, volumeMode,
  ],
  PersistentVolume: [
    name,
    column('Capacity', ({ spec }) => quantity(spec?.capacity?.storage)),
    column('Access Modes', ({ spec }) => accessModes(spec?.accessModes)),
    column('Reclaim Policy', ({ spec }) => spec?.persistentVolumeReclaimPolicy),
    column('Status', phase),
    column('Claim', ({ spec }) => (spec?.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : '')),
    column('StorageClass', storageClassOf), attributes, column('Reason', ({ status }) => status?.reason), age, volumeMode,
  ],
  StorageClass: [
    column('Name', (object) => `${object.metadata.name}${isDefault(object) ? ' (default)' : ''}`),
    column('Provisioner', (object) => object.provisioner),
    column('ReclaimPolicy', (object) => object.reclaimPolicy ?? 'Delete'),
    column('VolumeBindingMode', (object) => object.volumeBindingMode ?? 'Immediate'),
    column('AllowVolumeExpansion', (object) => object.allowVolumeExpansion ?? false),
    age,
  ],
  CSIDriver: [
    name,
    column('AttachRequired', ({ spec }) => spec?.attachRequired ?? true),
    column('PodInfoOnMount', ({ spec }) => spec?.podInfoOnMount ?? false),
    column('StorageCapacity', ({ spec }) => spec?.storageCapacity ?? false),
    column('TokenRequests', ({ spec }) => (spec?.tokenRequests ? (spec.tokenRequests as Fields[]).map((item) => item.audience).join(',') : '<unset>')),
    column('RequiresRepublish', ({ spec }) => spec?.requiresRepublish ?? false),
    column('Modes', ({ spec }) => (spec?.volumeLifecycleModes ?? []).join(',') || '<none>'),
    age,
  ],
  CSINode: [name, column('Drivers', ({ spec }) => ((spec?.drivers ?? []) as Fields[]).length), age],
  CSIStorageCapacity: [name, column('StorageClassName', (object) => object.storageClassName), column('Capacity', (object) => object.capacity ?? '<unset>')],
  VolumeAttachment: [name, column('Attacher', ({ spec }) => spec?.attacher), column('PV', ({ spec }) => spec?.source?.persistentVolumeName), column('Node', ({ spec }) => spec?.nodeName), column('Attached', ({ status }) => status?.attached ?? false), age],
  PriorityClass: [name, column('Value', (object) => object.value), column('Global-Default', (object) => object.globalDefault ?? false), age, column('PreemptionPolicy', (object) => object.preemptionPolicy ?? 'PreemptLowerPriority')],
  Lease: [name, column('Holder', ({ spec }) => spec?.holderIdentity), age],
  Event: [
    column('Last Seen', (event, nowMs) => ageOf(lastSeen(event), nowMs)),
    column('Type', (event) => event.type),
    column('Reason', (event) => event.reason),
    column('Object', ({ involvedObject }) => (involvedObject?.name ? `${involvedObject.kind.toLowerCase()}/${involvedObject.name}` : (involvedObject?.kind ?? '').toLowerCase())),
    wideColumn('Subobject', ({ involvedObject }) => involvedObject?.fieldPath),
    wideColumn('Source', eventSource),
    column('Message', (event) => String(event.message ?? '').trim()),
    wideColumn('First Seen', (event, nowMs) => ageOf(event.firstTimestamp ?? event.eventTime, nowMs)),
    wideColumn('Count', (event) => event.series?.count ?? (event.count || 1)),
    wideColumn('Name', (event) => event.metadata.name),
  ],
}
