/** What happened, in order: the facts goals are judged by and the person reads afterwards. */
import type { K8sObject } from '../k8s/object.ts'
import { refOf } from '../k8s/object.ts'
import type { Change, TimelineEntry } from './types.ts'
import { isPodReady } from './pods.ts'
import { serviceOf } from './service-labels.ts'

/** Facts a change of an object shows: pod phase, placement, readiness, container states and restarts, deletion, and the ready addresses of a Service. */
export function factsOf(change: Change): Omit<TimelineEntry, 'at'>[] {
  const { object } = change
  if (object.kind === 'Pod') return podFacts(change)
  if (object.kind === 'EndpointSlice') return sliceFacts(change)
  if (object.kind === 'Node' && change.old && conditionStatus(object) !== conditionStatus(change.old)) return [{ kind: 'node-ready', ref: refOf(object), text: `Ready=${conditionStatus(object)}` }]
  return []
}

function conditionStatus(node: K8sObject): string {
  return node.status?.conditions?.find((condition: { type: string }) => condition.type === 'Ready')?.status ?? 'Unknown'
}

type Status = { name: string; ready: boolean; restartCount: number; state?: Record<string, { reason?: string; exitCode?: number }>; lastState?: Record<string, { reason?: string; exitCode?: number }> }

/** A container's state in one word: running, or the reason it waits or ended. */
export function stateWord(status: Status | undefined): string {
  if (!status?.state) return ''
  if (status.state.running) return 'running'
  return status.state.waiting?.reason ?? status.state.terminated?.reason ?? ''
}

function statuses(pod: K8sObject | undefined): Status[] {
  return [...(pod?.status?.initContainerStatuses ?? []), ...(pod?.status?.containerStatuses ?? [])]
}

function podFacts({ type, object, old }: Change): Omit<TimelineEntry, 'at'>[] {
  const ref = refOf(object)
  const facts: Omit<TimelineEntry, 'at'>[] = []
  const uid = object.metadata.uid
  if (type === 'added') facts.push({ kind: 'pod-created', ref, text: 'created', data: { uid, owner: object.metadata.ownerReferences?.[0]?.uid } })
  if (type === 'deleted') return [{ kind: 'pod-deleted', ref, text: 'deleted', data: { uid } }]
  if (object.spec?.nodeName && object.spec.nodeName !== old?.spec?.nodeName) facts.push({ kind: 'pod-placed', ref, text: object.spec.nodeName, data: { uid } })
  if (object.metadata.deletionTimestamp && !old?.metadata.deletionTimestamp) facts.push({ kind: 'pod-terminating', ref, text: 'terminating', data: { uid } })
  if (object.status?.phase !== old?.status?.phase) facts.push({ kind: 'pod-phase', ref, text: object.status?.phase ?? '', data: { uid, reason: object.status?.reason } })
  const before = new Map(statuses(old).map((status) => [status.name, status]))
  for (const status of statuses(object)) {
    const was = before.get(status.name)
    if (stateWord(status) !== stateWord(was) || status.restartCount !== (was?.restartCount ?? 0)) {
      const ended = status.state?.terminated ?? status.lastState?.terminated
      facts.push({ kind: 'container-state', ref, container: status.name, text: stateWord(status), data: { uid, restarts: status.restartCount, exitCode: ended?.exitCode, ended: ended?.reason } })
    }
  }
  const ready = isPodReady(object)
  if (ready !== (old !== undefined && isPodReady(old))) facts.push({ kind: 'ready', ref, text: ready ? 'ready' : 'not ready', data: { uid, ready } })
  return facts
}

function readyAddresses(slice: K8sObject | undefined): string[] {
  return ((slice?.endpoints ?? []) as { addresses: string[]; conditions?: { ready?: boolean } }[]).filter((endpoint) => endpoint.conditions?.ready).flatMap((endpoint) => endpoint.addresses).sort()
}

function sliceFacts({ type, object, old }: Change): Omit<TimelineEntry, 'at'>[] {
  const service = serviceOf(object)
  const now = type === 'deleted' ? [] : readyAddresses(object)
  const was = readyAddresses(old)
  if (!service || now.join() === was.join()) return []
  return [{ kind: 'endpoint', ref: { kind: 'Service', namespace: object.metadata.namespace ?? '', name: service }, text: now.join(' ') || 'none', data: { slice: object.metadata.name, ready: now } }]
}
