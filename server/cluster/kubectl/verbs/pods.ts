/** Which pod and which of its containers a command means (polymorphichelpers, cmd/util/podcmd). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { refOf } from '../../../k8s/object.ts'
import { podsOf } from '../../references.ts'
import { isPodReady } from '../../pods.ts'
import { readRequests } from '../arguments.ts'
import type { Console } from '../console.ts'
import { get, Refusal } from '../console.ts'

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

/** podutils.ActivePods reversed: bound, running and ready first, then the one ready longest, fewest restarts. */
function byActivity(a: K8sObject, b: K8sObject): number {
  const rank = (pod: K8sObject): number => (pod.spec?.nodeName ? 0 : 8) + (pod.status?.phase === 'Running' ? 0 : pod.status?.phase === 'Pending' ? 2 : 4) + (isPodReady(pod) ? 0 : 1)
  return rank(a) - rank(b)
}

export type NamedContainer = { name: string; kind: 'app' | 'init' | 'ephemeral' }

/** All containers: app, then init, then ephemeral. */
export function containersOf(pod: K8sObject): NamedContainer[] {
  const of = (list: unknown, kind: NamedContainer['kind']): NamedContainer[] => ((list ?? []) as Fields[]).map((container) => ({ name: container.name, kind }))
  return [...of(pod.spec?.containers, 'app'), ...of(pod.spec?.initContainers, 'init'), ...of(pod.spec?.ephemeralContainers, 'ephemeral')]
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
