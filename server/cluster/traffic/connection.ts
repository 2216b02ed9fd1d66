/** A connection that its client keeps: whom it leads to, and whether that process still holds it. */
import type { Cluster, NetworkVerdict, RunningContainer } from '../types.ts'
import { isWithoutPower } from './target.ts'

export type Answered = Extract<NetworkVerdict, { ok: true }>
export type Failed = Extract<NetworkVerdict, { ok: false }>

/** What a request met: whom, or with which error, and a word for it that is the same when the next one meets the same. */
export type Call = { verdict: NetworkVerdict; key: string; /** Nothing was sent on its connection before. */ isFirst?: boolean; /** When the server closes the connection for its age, whatever is under way on it. */ cutAt?: number }

/** The process that took a connection; none behind a proxy or outside the cluster. */
export function containerOf(cluster: Cluster, { pod, container }: Answered): RunningContainer | undefined {
  return pod && container !== undefined ? cluster.runtime.container(pod, container) : undefined
}

/** A server that stops closes its connections; one without power closes nothing. */
export function isHeld(cluster: Cluster, container: RunningContainer, at: number): boolean {
  return isWithoutPower(cluster, container) || (!container.exited && container.listening().some(({ port, protocol }) => port === at && protocol === 'TCP'))
}
