/** Objects as the API server would send them, where the store keeps them in a simpler form: events of the scheduler, node leases, and events past their hour. */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText } from '../../k8s/object.ts'
import type { LiveCluster } from '../cluster.ts'
import type { View } from '../types.ts'

type Reader = { readonly cluster: LiveCluster; readonly view: View; readonly nowMs: number }

const eventTtlMs = 3_600_000
const heartbeatMs = 10_000

/** All objects of a kind; '' as namespace means everywhere. */
export function served(reader: Reader, kind: string, namespace: string): readonly K8sObject[] {
  const stored = reader.view.list(kind, namespace === '' ? undefined : namespace)
  if (kind === 'Event') return eventsWhere(reader, namespace, () => true)
  if (kind === 'Lease' && (namespace === '' || namespace === 'kube-node-lease')) return [...stored, ...nodeLeases(reader).filter((made) => !stored.some((object) => object.metadata.name === made.metadata.name && object.metadata.namespace === made.metadata.namespace))]
  return omittedZeros[kind] ? stored.map(withoutZeros) : stored
}

/** Counts in a status that are left out while they are nought (omitempty in api/apps/v1 and api/batch/v1). */
const omittedZeros: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas'],
  ReplicaSet: ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
  StatefulSet: ['readyReplicas', 'currentReplicas', 'updatedReplicas'],
  DaemonSet: ['updatedNumberScheduled', 'numberAvailable', 'numberUnavailable'],
  Job: ['active', 'succeeded', 'failed'],
}

/** One object as the server writes it. */
export function withoutZeros(object: K8sObject): K8sObject {
  const unwritten = omittedZeros[object.kind] ?? []
  const status = object.status as Fields | undefined
  if (!status || !unwritten.some((field) => status[field] === 0)) return object
  return { ...object, status: Object.fromEntries(Object.entries(status).filter(([field, value]) => value !== 0 || !unwritten.includes(field))) }
}

/** Events that are not older than an hour and meet a condition, as served; '' as namespace means everywhere. */
export function eventsWhere(reader: Reader, namespace: string, meets: (event: K8sObject) => boolean): K8sObject[] {
  const stored = reader.view.list('Event', namespace === '' ? undefined : namespace)
  return stored.filter((event) => meets(event) && reader.nowMs - Date.parse(event.lastTimestamp) < eventTtlMs).map((event) => servedEvent(reader.cluster, event)).sort((a, b) => compareText(a.metadata.name, b.metadata.name))
}

/** client-go names an event after its object and the nanosecond it was first seen, so that lists by name have the order of first sight. */
function eventName(cluster: LiveCluster, event: K8sObject): string {
  const first = cluster.store.history({ kind: 'Event', namespace: event.metadata.namespace ?? '', name: event.metadata.name })[0]?.object ?? event
  const nanoseconds = BigInt(Date.parse(first.firstTimestamp)) * 1_000_000n + BigInt(first.metadata.resourceVersion ?? '0')
  return `${event.involvedObject?.name}.${nanoseconds.toString(16)}`
}

/** The scheduler writes events.k8s.io/v1 events: they have an eventTime and a series, and neither count nor first and last time (tools/events). */
function servedEvent(cluster: LiveCluster, stored: K8sObject): K8sObject {
  const event: K8sObject = { ...stored, metadata: { ...stored.metadata, name: eventName(cluster, stored) } }
  if (event.source?.component !== 'default-scheduler') return event
  const { count, firstTimestamp, lastTimestamp, series: _series, source: _source, ...rest } = event
  return {
    ...rest, apiVersion: 'v1', kind: 'Event', metadata: event.metadata, action: event.reason === 'Scheduled' ? 'Binding' : 'Scheduling', eventTime: micro(firstTimestamp), firstTimestamp: null, lastTimestamp: null, source: {},
    reportingComponent: 'default-scheduler', reportingInstance: 'default-scheduler-control-plane', ...(count > 1 ? { series: { count, lastObservedTime: micro(lastTimestamp) } } : {}),
  }
}

function micro(time: string): string {
  return time.replace(/Z$/, '.000000Z')
}

/** When an event was last seen; what lists of events are sorted by. */
export function lastSeen(event: K8sObject): string {
  return event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? ''
}

/** Every kubelet renews its lease each ten seconds while it lives. */
function nodeLeases(reader: Reader): K8sObject[] {
  return reader.view.list('Node').map((node) => {
    const ready = ((node.status?.conditions ?? []) as Fields[]).find((condition) => condition.type === 'Ready')
    const created = Date.parse(node.metadata.creationTimestamp ?? '1970-01-01T00:00:00Z')
    const until = ready?.status === 'Unknown' ? Date.parse(ready.lastTransitionTime) - 50_000 : reader.nowMs
    const renewed = new Date(created + Math.max(0, Math.floor((until - created) / heartbeatMs)) * heartbeatMs).toISOString().slice(0, 19)
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: node.metadata.name, namespace: 'kube-node-lease', creationTimestamp: node.metadata.creationTimestamp, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node.metadata.name, uid: node.metadata.uid ?? '' }] }, spec: { holderIdentity: node.metadata.name, leaseDurationSeconds: 40, renewTime: `${renewed}.000000Z` } }
  })
}
