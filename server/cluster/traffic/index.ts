/** Load generators of a run: what clients send, what they lose, and who answers. */
import type { K8sObject, Ref } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { LiveCluster } from '../cluster.ts'
import { equal } from '../pods.ts'
import type { Container } from '../runtime/container.ts'
import type { NodeRuntime } from '../runtime/index.ts'
import type { Change } from '../types.ts'
import { TrafficClient } from './client.ts'
import type { Generator } from './generator.ts'
import type { Lost } from './ledger.ts'
import { SessionClient } from './sessions.ts'

/** All times are milliseconds relative to the apply instant; intervals include `from` and leave `until` out. */
export type TrafficRecord = {
  /** Requests sent, or long connections opened. */
  sent(from: Millis, until: Millis): number
  /** Requests that got no good answer and connections cut before their planned end, by the time of the loss. A status of 400 and above is a loss. */
  lost(from: Millis, until: Millis): { at: Millis; pod?: Ref; error: string }[]
  /** Every request when it was sent, or every connection when it was opened: was there an answer? */
  tried(from: Millis, until: Millis): Iterable<{ at: Millis; ok: boolean }>
  /** Answered requests by workload (`Deployment/game/login`; `External//name` for hosts outside). */
  byWorkload(from: Millis, until?: Millis): Map<string, number>
  /** Answered requests by pod uid. */
  byPod(from: Millis, until?: Millis): Map<string, number>
}

export type Traffic = {
  /** The record of a generator; undefined when the run has none of that name. */
  of(name: string): TrafficRecord | undefined
}

/** Starts the generators of the run. Call it before anything is applied. The records are complete up to the cluster's present. */
export function createTraffic(cluster: LiveCluster): Traffic {
  const clients = cluster.run.traffic.map((spec): Generator => (spec.to.websocket !== undefined || (spec.to.grpc !== undefined && spec.connection === 'long') ? new SessionClient(cluster, spec) : new TrafficClient(cluster, spec)))
  if (clients.length > 0) follow(cluster, clients)
  const record = (client: Generator): TrafficRecord => {
    const shift = cluster.appliedAt
    const present = (): void => client.settle(cluster.now + 1)
    const end = (until: Millis | undefined): Millis => (until === undefined ? Infinity : until + shift)
    return {
      sent: (from, until) => (present(), client.ledger.sent(from + shift, until + shift)),
      lost: (from, until) => (present(), client.ledger.lost(from + shift, until + shift).map((one: Lost) => ({ ...one, at: one.at - shift }))),
      *tried(from, until) {
        present()
        for (const { at, ok } of client.ledger.tried(from + shift, until + shift)) yield { at: at - shift, ok }
      },
      byWorkload: (from, until) => (present(), client.ledger.answered(from + shift, end(until), (outcome) => outcome.workload)),
      byPod: (from, until) => (present(), client.ledger.answered(from + shift, end(until), (outcome) => outcome.uid)),
    }
  }
  const records = new Map(clients.map((client) => [client.spec.name, record(client)]))
  return { of: (name) => records.get(name) }
}

/** Tells the clients of everything that may change what they meet. */
function follow(cluster: LiveCluster, clients: readonly Generator[]): void {
  const changed = (): void => { for (const client of clients) client.changed() }
  const { proxyLag } = cluster.scenario.cluster
  let lagging = -1
  cluster.watch((change) => {
    if (!matters(change)) return
    changed()
    if (proxyLag === 0 || (change.object.kind !== 'EndpointSlice' && change.object.kind !== 'Service') || lagging === cluster.now + proxyLag) return
    lagging = cluster.now + proxyLag
    cluster.schedule(lagging, 'kubelet', 'traffic', changed)
  })
  const runtime = cluster.runtime as Partial<NodeRuntime>
  runtime.watch?.((container: Container) => {
    if (container.exited) for (const client of clients) client.ended(container)
    else if (container.isHung) for (const client of clients) client.stalled(container)
    changed()
  })
  for (const step of cluster.run.steps) if (step.external ?? step.failNode) cluster.schedule(cluster.appliedAt + step.at, 'process', 'traffic', changed)
}

/** Changes of objects that requests depend on. Most of what a pod's status says does not matter to a client. */
function matters({ type, object, old }: Change): boolean {
  switch (object.kind) {
    case 'Service': return type !== 'modified' || !equal(object.spec, old?.spec) || !equal(object.status, old?.status)
    case 'EndpointSlice': return type !== 'modified' || !equal(object.endpoints, old?.endpoints) || !equal(object.ports, old?.ports)
    case 'NetworkPolicy': return true
    case 'Ingress': return type !== 'modified' || !equal(object.spec, old?.spec) || !equal(object.metadata.annotations, old?.metadata.annotations)
    case 'Namespace': return type === 'modified' && !equal(object.metadata.labels, old?.metadata.labels)
    case 'Node': return type !== 'modified'
    case 'Pod': return type === 'deleted' || (old !== undefined && podFacts(object) !== podFacts(old))
    default: return false
  }
}

function podFacts(pod: K8sObject): string {
  const { podIP = '', phase = '' } = pod.status ?? {}
  return `${podIP} ${phase} ${pod.metadata.deletionTimestamp ?? ''} ${JSON.stringify(pod.metadata.labels ?? {})}`
}
