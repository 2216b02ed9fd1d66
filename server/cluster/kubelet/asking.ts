/** Whom a probe or a hook asks: the containers of its pod, or, where it names a host, whoever the node finds there. */
import { isLocal } from '../network/address.ts'
import type { AppRequest, Cluster, RunningContainer } from '../types.ts'
import type { ProbeAnswer } from './probes.ts'

/** Where the kubelet asks from, and the containers that may listen on the pod's address. */
export type Asking = { cluster: Cluster; node: string; podIP: string; containers: readonly RunningContainer[] }

export function answerOf({ cluster, node, podIP, containers }: Asking, request: AppRequest): ProbeAnswer {
  if (request.on !== podIP && !isLocal(request.on)) return answerElsewhere(cluster, node, request)
  for (const container of containers) {
    const answer = container.respond(request)
    if (answer.outcome !== 'refused') return answer
  }
  return { outcome: 'refused' }
}

function answerElsewhere(cluster: Cluster, node: string, { on, tls, sourceIP: _own, ...request }: AppRequest): ProbeAnswer {
  const verdict = cluster.network.request({ ...request, from: { kind: 'node', node }, host: on, ...(tls === undefined ? {} : { tls: tls ? 'any' : 'none' }) })
  if (verdict.ok) return { outcome: 'ok', status: verdict.status, latencyMs: verdict.latencyMs, ...(verdict.location === undefined ? {} : { location: verdict.location }) }
  return verdict.stage === 'reset' ? { outcome: 'reset' } : { outcome: 'lost', error: verdict.error, latencyMs: verdict.latencyMs }
}
