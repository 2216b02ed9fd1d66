/**
 * What a CSI driver can still provision, by the nodes it is for: CSIStorageCapacity objects as external-provisioner keeps them, and how the scheduler reads them
 * (scheduler/plugins/volumebinding/binder.go:hasEnoughCapacity,capacitySufficient,nodeHasAccess).
 */
import type { Fields, K8sObject } from '../k8s/object.ts'
import { amountOf, milliOf, printAmount } from './amounts.ts'
import { selects } from './selection.ts'
import type { Cluster } from './types.ts'

const namespace = 'kube-system'

type Segment = { name: string; storageClass: string; labels: Readonly<Record<string, string>>; free: string }

function segmentsOf(cluster: Cluster): Segment[] {
  return cluster.scenario.cluster.storageClasses.flatMap(({ name, capacity = [] }) => capacity.map(({ labels, free }, i) => ({ name: `csisc-${cluster.suffix(`csisc/${name}/${i}`)}`, storageClass: name, labels, free })))
}

/** The nodes of a segment, as a volume that was provisioned there names them. */
export function affinityOf(labels: Readonly<Record<string, string>>): Fields {
  return { required: { nodeSelectorTerms: [{ matchExpressions: Object.entries(labels).map(([key, value]) => ({ key, operator: 'In', values: [value] })) }] } }
}

function isIn(volume: K8sObject, { storageClass, labels }: Segment): boolean {
  return volume.spec?.storageClassName === storageClass && volume.spec.csi !== undefined && JSON.stringify(volume.spec.nodeAffinity) === JSON.stringify(affinityOf(labels))
}

/** Every segment as an object, less what was provisioned from it. */
export function capacityObjects(cluster: Cluster): K8sObject[] {
  return segmentsOf(cluster).map((segment) => {
    const used = cluster.view.list('PersistentVolume').filter((volume) => isIn(volume, segment)).reduce((sum, volume) => sum + milliOf(volume.spec.capacity.storage), 0)
    const { milli, format } = amountOf(segment.free)
    return { apiVersion: 'storage.k8s.io/v1', kind: 'CSIStorageCapacity', metadata: { name: segment.name, namespace }, storageClassName: segment.storageClass, nodeTopology: { matchLabels: segment.labels }, capacity: printAmount({ milli: Math.max(0, milli - used), format }) }
  })
}

/** May a claim be provisioned for the node? Drivers that do not opt in to capacity always say so. */
export function hasCapacity(claim: K8sObject, storageClass: K8sObject, node: K8sObject, cluster: Cluster): boolean {
  if (cluster.view.get('CSIDriver', '', storageClass.provisioner)?.spec?.storageCapacity !== true) return true
  const wanted = milliOf(claim.spec?.resources?.requests?.storage)
  return cluster.view.list('CSIStorageCapacity').some((capacity) => capacity.storageClassName === storageClass.metadata.name && milliOf(capacity.maximumVolumeSize ?? capacity.capacity) >= wanted && selects(capacity.nodeTopology, node.metadata.labels))
}

/** The labels of the nodes for which a claim is provisioned: those of its selected node's segment, or of the first with room. Undefined: no segment has room; `{}`: the class has none. */
export function provisionedFor(claim: K8sObject, className: string, cluster: Cluster): Readonly<Record<string, string>> | undefined {
  const segments = segmentsOf(cluster).filter(({ storageClass }) => storageClass === className)
  if (segments.length === 0) return {}
  const selected = cluster.view.get('Node', '', claim.metadata.annotations?.['volume.kubernetes.io/selected-node'] ?? '')
  const wanted = milliOf(claim.spec?.resources?.requests?.storage)
  return segments.find(({ name, labels }) => (!selected || Object.entries(labels).every(([key, value]) => selected.metadata.labels?.[key] === value)) && milliOf(cluster.view.get('CSIStorageCapacity', namespace, name)?.capacity) >= wanted)?.labels
}
