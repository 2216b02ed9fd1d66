/** NodeVolumeLimits: a CSI driver attaches only so many volumes to a node (plugins/nodevolumelimits/csi.go). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import type { Cluster } from '../types.ts'
import { claimsOf } from '../claims.ts'
import type { Failure, FilterInput } from './filters.ts'
import type { NodeState } from './snapshot.ts'

/** The volumes of a pod that a driver attaches, each with its driver; a claim that is not bound yet counts with that of its class. Static volumes that no driver serves do not count. */
function attachable(pod: K8sObject, cluster: Cluster): [string, string][] {
  return claimsOf(pod, cluster.view).flatMap((claim): [string, string][] => {
    const volume = claim.spec?.volumeName ? cluster.view.get('PersistentVolume', '', claim.spec.volumeName) : undefined
    if (volume) return volume.spec?.csi ? [[`${volume.spec.csi.driver}/${volume.spec.csi.volumeHandle}`, volume.spec.csi.driver]] : []
    const driver = cluster.view.get('StorageClass', '', claim.spec?.storageClassName ?? '')?.provisioner as string | undefined
    return driver === undefined ? [] : [[`${driver}/${claim.metadata.namespace}/${claim.metadata.name}`, driver]]
  })
}

/** The limits are those of the node's CSINode; a volume that several pods of the node share counts once. */
export function volumeLimits({ pod, cluster }: FilterInput, { node, pods }: NodeState): Failure | undefined {
  const wanted = new Map(attachable(pod, cluster))
  if (wanted.size === 0) return undefined
  const drivers = (cluster.view.get('CSINode', '', node.metadata.name)?.spec?.drivers ?? []) as Fields[]
  const limited = drivers.filter((driver) => driver.allocatable?.count !== undefined)
  if (limited.length === 0) return undefined
  const attached = new Map(pods.flatMap((other) => attachable(other, cluster)))
  const count = (volumes: ReadonlyMap<string, string>, driver: string): number => [...volumes.values()].filter((name) => name === driver).length
  for (const name of attached.keys()) wanted.delete(name)
  const isOver = limited.some(({ name, allocatable }) => count(wanted, name) > 0 && count(wanted, name) + count(attached, name) > allocatable.count)
  return isOver ? { reasons: ['node(s) exceed max volume count'], helpless: false } : undefined
}
