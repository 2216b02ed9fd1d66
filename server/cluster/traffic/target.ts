/** Who sends and where to, as scenario.yaml says it and as it is now. */
import type { Fields, Ref } from '../../k8s/object.ts'
import { keyOf, refOf } from '../../k8s/object.ts'
import type { Kubelet } from '../cluster.ts'
import { controllerOf, isPodReady, isPodTerminal } from '../pods.ts'
import { podsOf, refFrom } from '../references.ts'
import type { SourceSpec, TargetSpec } from '../scenario.ts'
import type { Cluster, RunningContainer, Source } from '../types.ts'

/** The sender now: of a workload its first ready pod, else the first that runs. Undefined: there is none. */
export function senderOf(cluster: Cluster, source: SourceSpec): Source | undefined {
  if ('address' in source) return { kind: 'external', address: source.address }
  if ('node' in source) return { kind: 'node', node: source.node }
  if (!('workload' in source)) return { kind: 'virtual', namespace: source.namespace, labels: source.labels }
  const pods = podsOf(cluster.view, refFrom(source.workload, cluster.scenario.namespace)).filter((pod) => !isPodTerminal(pod) && !pod.metadata.deletionTimestamp && pod.status?.podIP)
  const pod = pods.find(isPodReady) ?? pods[0]
  return pod && { kind: 'pod', pod: refOf(pod) }
}

export type Destination = { host: string; port: number }

/** Where requests go now; several for a workload, whose pods are met in turn. A Service means its name from inside, and its load balancer or else a node port from outside. */
export function destinationsOf(cluster: Cluster, target: TargetSpec, fromOutside: boolean): Destination[] {
  const { port } = target
  if (target.host !== undefined) return [{ host: target.host, port }]
  if (target.workload !== undefined) return podsOf(cluster.view, refFrom(target.workload, cluster.scenario.namespace)).filter((pod) => !isPodTerminal(pod) && pod.status?.podIP).map((pod) => ({ host: pod.status!.podIP as string, port }))
  const ref = refFrom(target.service ?? '', cluster.scenario.namespace)
  if (!fromOutside) return [{ host: `${ref.name}.${ref.namespace}.svc.cluster.local`, port }]
  return outside(cluster, ref, target)
}

function outside(cluster: Cluster, ref: Ref, target: TargetSpec): Destination[] {
  const service = cluster.view.get('Service', ref.namespace, ref.name)
  const address = ((service?.status?.loadBalancer?.ingress ?? []) as Fields[]).find((item) => item.ip)?.ip as string | undefined
  if (address !== undefined) return [{ host: address, port: target.port }]
  const own = ((service?.spec?.ports ?? []) as Fields[]).find((item) => item.port === target.port && (item.protocol ?? 'TCP') === target.protocol)
  if (!own?.nodePort) return []
  const nodes = cluster.view.list('Node').map((node) => ((node.status?.addresses ?? []) as Fields[]).find((item) => item.type === 'InternalIP')?.address as string | undefined)
  const host = nodes.find((one) => one !== undefined)
  return host === undefined ? [] : [{ host, port: own.nodePort as number }]
}

/** Is the container's node without power? Then nothing says good-bye: connections to it hang. */
export function isWithoutPower(cluster: Cluster, { spec }: RunningContainer): boolean {
  const { kubelet } = cluster as { kubelet?: Kubelet }
  return kubelet?.isSilent?.(spec.nodeName) === true
}

/** Key of the workload a pod belongs to: through its ReplicaSet to the Deployment, through its Job to the CronJob; the pod itself when nothing owns it. */
export function workloadOf(cluster: Cluster, pod: Ref): string {
  let key = keyOf(pod)
  let object = cluster.view.get(pod.kind, pod.namespace, pod.name)
  while (object) {
    const owner = controllerOf(object)
    if (!owner) return key
    key = keyOf({ kind: owner.kind, namespace: pod.namespace, name: owner.name })
    object = cluster.view.get(owner.kind, pod.namespace, owner.name)
  }
  return key
}
