/** Which pod and which of its containers a command means (polymorphichelpers, cmd/util/podcmd). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { compareText, refOf } from '../../../k8s/object.ts'
import { podsOf } from '../../references.ts'
import { isPodReady } from '../../pods.ts'
import { readRequests } from '../arguments.ts'
import type { Console } from '../console.ts'
import { get, Refusal } from '../console.ts'

/** Where the API server asks the kubelet of the pod's node, and that it does not answer: undefined while it does. A node without power is silent before its Ready turns Unknown. */
export function silentKubelet(console: Console, pod: K8sObject): string | undefined {
  const node = console.view.get('Node', '', pod.spec?.nodeName ?? '')
  if (!node) return undefined
  const ready = ((node.status?.conditions ?? []) as Fields[]).find((condition) => condition.type === 'Ready')
  if (ready?.status !== 'Unknown' && (console.past || !console.cluster.kubelet.isSilent?.(node.metadata.name))) return undefined
  return `${((node.status?.addresses ?? []) as Fields[]).find((item) => item.type === 'InternalIP')?.address ?? node.metadata.name}:10250`
}

/** The pod of `web-1`, `pod/web-1` or `deploy/web`; of a workload the first running, ready, longest-lived one. */
export function podFor(console: Console, word: string): K8sObject {
  const [request] = readRequests(word.includes('/') ? [word] : ['pods', word])
  const { resource, name } = request!
  const object = get(console, { kind: resource.kind, namespace: resource.namespaced ? console.namespace : '', name: name! })
  if (object.kind === 'Pod') return object
  if (!['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'ReplicationController', 'Service'].includes(object.kind)) throw new Refusal(`error: cannot attach to *v1.${object.kind}: cannot get the pods of a ${object.kind}`)
  const pods = podsOf(console.view, refOf(object)).filter((pod) => pod.metadata.namespace === console.namespace)
  if (pods.length === 0) throw new Refusal(`error: timed out waiting for the condition`)
  return [...pods].sort(byActivity)[0]!
}

/** podutils.ActivePods reversed, for exec: bound, running and ready first, not going away, ready longest, fewest restarts, oldest. */
function byActivity(a: K8sObject, b: K8sObject): number {
  const phase = (pod: K8sObject): number => ({ Pending: 2, Unknown: 1, Running: 0 })[String(pod.status?.phase)] ?? 2
  return Number(!a.spec?.nodeName) - Number(!b.spec?.nodeName) || phase(a) - phase(b) || Number(!isPodReady(a)) - Number(!isPodReady(b)) || Number(Boolean(a.metadata.deletionTimestamp)) - Number(Boolean(b.metadata.deletionTimestamp)) || earlierFirst(readySince(a), readySince(b)) || restarts(a) - restarts(b) || earlierFirst(a.metadata.creationTimestamp, b.metadata.creationTimestamp)
}

/** podutils.ByLogging, for logs: bound first, what runs or has run before what waits, ready, ready longest, most restarts, oldest. */
export function byLogging(a: K8sObject, b: K8sObject): number {
  const phase = (pod: K8sObject): number => ({ Pending: 2, Unknown: 1 })[String(pod.status?.phase)] ?? 0
  return Number(!a.spec?.nodeName) - Number(!b.spec?.nodeName) || phase(a) - phase(b) || Number(!isPodReady(a)) - Number(!isPodReady(b)) || earlierFirst(readySince(a), readySince(b)) || restarts(b) - restarts(a) || earlierFirst(a.metadata.creationTimestamp, b.metadata.creationTimestamp)
}

function readySince(pod: K8sObject): string | undefined {
  return isPodReady(pod) ? ((pod.status?.conditions ?? []) as Fields[]).find((condition) => condition.type === 'Ready')?.lastTransitionTime : undefined
}

function restarts(pod: K8sObject): number {
  return ((pod.status?.containerStatuses ?? []) as Fields[]).reduce((most, status) => Math.max(most, status.restartCount ?? 0), 0)
}

/** Times as the API writes them sort as text; what has none comes last. */
function earlierFirst(a: string | undefined, b: string | undefined): number {
  return compareText(a ?? '~', b ?? '~')
}

export type NamedContainer = { name: string; kind: 'app' | 'init' | 'ephemeral' }

/** All containers: app, then ephemeral, then init. */
export function containersOf(pod: K8sObject): NamedContainer[] {
  const of = (list: unknown, kind: NamedContainer['kind']): NamedContainer[] => ((list ?? []) as Fields[]).map((container) => ({ name: container.name, kind }))
  return [...of(pod.spec?.containers, 'app'), ...of(pod.spec?.ephemeralContainers, 'ephemeral'), ...of(pod.spec?.initContainers, 'init')]
}

/** `a, b (init)`. */
export function containerNames(pod: K8sObject): string {
  return containersOf(pod).map(({ name, kind }) => (kind === 'app' ? name : `${name} (${kind === 'init' ? 'init' : 'ephem'})`)).join(', ')
}

/** The container a command without -c means, with the line that says so when there was a choice. */
export function defaultContainer(console: Console, pod: K8sObject): string {
  const annotated = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container']
  const all = containersOf(pod)
  if (annotated && all.some((container) => container.name === annotated)) return annotated
  if (annotated) console.err(`Default container name "${annotated}" not found in pod ${pod.metadata.name}`)
  const first = all[0]!.name
  if (all.length > 1) console.err(`Defaulted container "${first}" out of: ${containerNames(pod)}`)
  return first
}

export function statusOf(pod: K8sObject, container: string): Fields | undefined {
  return [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.ephemeralContainerStatuses ?? [])].find((status: Fields) => status.name === container)
}
