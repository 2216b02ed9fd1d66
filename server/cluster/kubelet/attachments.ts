/**
 * Which nodes have which volumes attached, and for which pods (pkg/controller/volume/attachdetach, pkg/kubelet/volumemanager). A pod holds a volume from the moment it is set up
 * until its containers have ended; a pod that only waits for a volume holds nothing.
 */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { Cluster } from '../types.ts'

/** How long a volume stays attached to a node that cannot say that it is unmounted (attachdetach/attach_detach_controller.go: ReconcilerMaxWaitForUnmountDuration). */
const unmountWaitMs = 360_000

/** Kinds of volume whose plugin attaches; those of clouds by way of their CSI driver (csi-translation-lib). All others are mounted only, and on as many nodes as ask. */
const attachable = ['awsElasticBlockStore', 'azureDisk', 'cinder', 'fc', 'gcePersistentDisk', 'iscsi', 'vsphereVolume'] as const

/** Is the PersistentVolume attached to a node before it is mounted? A CSI driver may say that its volumes are not (csi_plugin.go:skipAttach). */
function isAttachable(volume: K8sObject, cluster: Cluster): boolean {
  const spec = volume.spec as Fields
  if (spec.csi) return cluster.view.get('CSIDriver', '', spec.csi.driver)?.spec?.attachRequired !== false
  return attachable.some((kind) => spec[kind] !== undefined)
}

/** May only one node have it? Access modes of the volume decide, not those of the claim (pkg/volume/util/util.go:IsMultiAttachAllowed). */
function isForOneNode(volume: K8sObject): boolean {
  const modes = (volume.spec?.accessModes ?? []) as string[]
  return modes.length > 0 && !modes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany')
}

/** `pod`: its key of namespace, name and uid; `until`: the node is silent and the pod gone, so that it counts no longer than this. */
type Holder = { pod: string; namespace: string; name: string; uid: string | undefined; node: string; until?: Millis }

/** The attachments of one cluster. */
export class Attachments {
  private readonly cluster: Cluster
  /** By PersistentVolume. */
  private readonly holders = new Map<string, Holder[]>()

  constructor(cluster: Cluster) {
    this.cluster = cluster
  }

  /**
   * Why the pod's node cannot have the volume yet: another one has it (attachdetach/reconciler.go:reportMultiAttachError). Of several pods that wait the one that tries
   * first after the volume is free gets it, by the delays of mountRetryMs, and at the same instant the one whose namespace and name come first; the real controller takes any.
   */
  refusal(volume: K8sObject, pod: K8sObject): string | undefined {
    if (!isAttachable(volume, this.cluster) || !isForOneNode(volume)) return undefined
    const others = this.of(volume).filter((holder) => holder.node !== pod.spec?.nodeName)
    if (others.length === 0) return undefined
    const known = others.filter(({ namespace, name, uid }) => this.cluster.view.get('Pod', namespace, name)?.metadata.uid === uid).map(({ name }) => name)
    const why = known.length > 0 ? `Volume is already used by pod(s) ${known.sort(compareText).join(', ')}` : "Volume is already exclusively attached to one node and can't be attached to another"
    return `Multi-Attach error for volume "${volume.metadata.name}" ${why}`
  }

  /** The pod has the volume now; says whether it had to be attached to its node for that. */
  hold(volume: K8sObject, pod: K8sObject, key: string): boolean {
    if (!isAttachable(volume, this.cluster)) return false
    const present = this.of(volume)
    const { namespace = '', name, uid } = pod.metadata
    const node = pod.spec!.nodeName as string
    this.holders.set(volume.metadata.name, [...present.filter((holder) => holder.pod !== key), { pod: key, namespace, name, uid, node }])
    return !present.some((holder) => holder.node === node)
  }

  /** The pod's containers have ended, its volumes are unmounted. */
  release(key: string): void {
    for (const [volume, holders] of this.holders) if (holders.some((holder) => holder.pod === key)) this.holders.set(volume, holders.filter((holder) => holder.pod !== key))
  }

  /** The pod was taken away from a node that does not answer: nobody knows whether it still writes, so the node keeps what it has for a while. */
  strand(key: string): void {
    for (const holders of this.holders.values()) for (const holder of holders) if (holder.pod === key) holder.until = this.cluster.now + unmountWaitMs
  }

  /** The node answers again, and says that what nobody needs there any more is unmounted. */
  returned(node: string): void {
    for (const [volume, holders] of this.holders) this.holders.set(volume, holders.filter((holder) => holder.until === undefined || holder.node !== node))
  }

  /** Who has it now; a node with the taint node.kubernetes.io/out-of-service loses at once what was taken away from it (attachdetach/reconciler.go:reconcile). */
  private of(volume: K8sObject): readonly Holder[] {
    return (this.holders.get(volume.metadata.name) ?? []).filter(({ node, until }) => until === undefined || (this.cluster.now < until && !isOutOfService(this.cluster, node)))
  }
}

function isOutOfService(cluster: Cluster, node: string): boolean {
  return ((cluster.view.get('Node', '', node)?.spec?.taints ?? []) as Fields[]).some((taint) => taint.key === 'node.kubernetes.io/out-of-service')
}
