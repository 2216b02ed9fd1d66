/** Whom a probe or a hook asks: the containers of its pod, or, where it names a host, whoever the node finds there. */
import { isLocal } from '../network/address.ts'
import type { AppRequest, Cluster } from '../types.ts'
import type { ProbeAnswer } from './probes.ts'
import type { PodWorker } from './worker.ts'

export function answerOf(worker: PodWorker, request: AppRequest): ProbeAnswer {
  if (isElsewhere(request, worker.podIP)) return answerElsewhere(worker.cluster, worker.node.name, request)
  for (const record of worker.records) {
    const answer = record.alive?.running?.respond(request)
    if (answer && answer.outcome !== 'refused') return answer
  }
  return { outcome: 'refused' }
}

/** Does it name another host than the pod's own? */
export function isElsewhere({ on }: AppRequest, podIP: string): boolean {
  return on !== podIP && !isLocal(on)
}

/** What the node hears from another host. */
export function answerElsewhere(cluster: Cluster, node: string, { on, tls, sourceIP: _own, ...request }: AppRequest): ProbeAnswer {
  const verdict = cluster.network.request({ ...request, from: { kind: 'node', node }, host: on, ...(tls === undefined ? {} : { tls: tls ? 'any' : 'none' }) })
  if (verdict.ok) return { outcome: 'ok', status: verdict.status, latencyMs: verdict.latencyMs, ...(verdict.location === undefined ? {} : { location: verdict.location }) }
  return verdict.stage === 'reset' ? { outcome: 'reset' } : { outcome: 'lost', error: verdict.error, latencyMs: verdict.latencyMs }
}
