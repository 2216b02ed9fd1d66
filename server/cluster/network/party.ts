/** One end of a connection, with the facts that policies and routing look at. PURE. */
import type { K8sObject } from '../../k8s/object.ts'
import type { Cluster, Source } from '../types.ts'

export type Party = {
  address: string
  /** Set for pods, also for test pods that exist only for a question; pods on the host network have none of these, they are seen as their node. */
  namespace?: string
  labels?: Readonly<Record<string, string>>
  /** The object, when there is one. */
  pod?: K8sObject
  /** Node the traffic starts from or ends on, where that is known. */
  node?: string
  /** The party is the node itself, or a pod in its network namespace. */
  isNode: boolean
}

/** Address of test pods that exist only for a question; outside every pod range that nodes are given. */
const virtualAddress = '10.244.254.10'

export function nodeAddress(node: K8sObject | undefined): string | undefined {
  return node?.status?.addresses?.find((item: { type: string }) => item.type === 'InternalIP')?.address
}

/** The facts of one end. A pod that is gone has an empty address. */
export function partyOf(cluster: Cluster, source: Source): Party {
  if (source.kind === 'external') return { address: source.address, isNode: false }
  if (source.kind === 'node') return { address: nodeAddress(cluster.view.get('Node', '', source.node)) ?? '', node: source.node, isNode: true }
  if (source.kind === 'virtual') return { address: virtualAddress, namespace: source.namespace, labels: source.labels, isNode: false }
  const pod = cluster.view.get('Pod', source.pod.namespace, source.pod.name)
  return pod ? partyOfPod(pod) : { address: '', namespace: source.pod.namespace, labels: {}, isNode: false }
}

const parties = new WeakMap<K8sObject, Party>()

/** Objects never change, so each version of a pod is looked at once. */
export function partyOfPod(pod: K8sObject): Party {
  let party = parties.get(pod)
  if (!party) parties.set(pod, (party = describe(pod)))
  return party
}

function describe(pod: K8sObject): Party {
  const shared = { address: (pod.status?.podIP as string | undefined) ?? '', pod, ...(pod.spec?.nodeName ? { node: pod.spec.nodeName as string } : {}) }
  if (pod.spec?.hostNetwork === true) return { ...shared, isNode: true }
  return { ...shared, namespace: pod.metadata.namespace ?? '', labels: pod.metadata.labels ?? {}, isNode: false }
}
