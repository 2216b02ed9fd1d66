/** Whom a probe or a hook asks: the containers of its pod, or, where it names a host, whoever the node finds there. */
import { isLocal } from '../network/address.ts'
import type { AppRequest } from '../types.ts'
import type { ProbeAnswer } from './probes.ts'
import type { PodWorker } from './worker.ts'

export function answerOf(worker: PodWorker, request: AppRequest): ProbeAnswer {
  if (request.on !== worker.podIP && !isLocal(request.on)) return elsewhere(worker, request)
  for (const record of worker.records) {
    const answer = record.alive?.running?.respond(request)
    if (answer && answer.outcome !== 'refused') return answer
  }
  return { outcome: 'refused' }
}

function elsewhere({ cluster, node }: PodWorker, { on, tls, sourceIP: _own, ...request }: AppRequest): ProbeAnswer {
  const verdict = cluster.network.request({ ...request, from: { kind: 'node', node: node.name }, host: on, ...(tls === undefined ? {} : { tls: tls ? 'any' : 'none' }) })
  if (verdict.ok) return { outcome: 'ok', status: verdict.status, latencyMs: verdict.latencyMs, ...(verdict.location === undefined ? {} : { location: verdict.location }) }
  return verdict.stage === 'reset' ? { outcome: 'reset' } : { outcome: 'lost', error: verdict.error, latencyMs: verdict.latencyMs }
}
