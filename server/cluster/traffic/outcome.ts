/** A verdict of the network as the client's own record of it. */
import { complaintOf } from '../network/clients.ts'
import type { TargetSpec } from '../scenario.ts'
import type { Cluster, NetworkVerdict } from '../types.ts'
import type { Outcome } from './ledger.ts'
import { workloadOf } from './target.ts'

/** How a request went; without a verdict there was nowhere to send it. */
export function outcomeOf(cluster: Cluster, to: TargetSpec, verdict: NetworkVerdict | undefined): Outcome {
  if (!verdict) return { error: 'no address to send to', latencyMs: 0 }
  const { pod, latencyMs } = verdict
  const who = pod ? { pod, uid: cluster.view.get('Pod', pod.namespace, pod.name)?.metadata.uid ?? '', workload: workloadOf(cluster, pod) } : {}
  const error = complaintOf(to, verdict)
  if (!verdict.ok) {
    const silent = pod && cluster.runtime.containers(pod).find((one) => one.listening().length > 0)
    return { ...who, ...(silent ? { container: silent } : {}), error: error ?? verdict.error, latencyMs }
  }
  const container = pod && verdict.container !== undefined ? cluster.runtime.container(pod, verdict.container) : undefined
  const answer = { ...who, ...(verdict.external === undefined ? {} : { workload: `External//${verdict.external}` }), ...(container ? { container } : {}), latencyMs }
  return error === undefined ? answer : { ...answer, error }
}
