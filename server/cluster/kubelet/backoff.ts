/** Back-off of crashing containers and failing pulls (kuberuntime_manager.go:doBackOff, client-go/util/flowcontrol/backoff.go). */
import type { Millis } from '../../k8s/duration.ts'

export const firstBackoffMs = 10_000
export const maxBackoffMs = 300_000
/** Canonical values of what Kubernetes spreads at random: the retry after an error and the factor on crash wake-ups (pod_workers.go:completeWork). */
export const retryMs = 12_000
export const longestWaitMs = 60_000
export const spread = 1.2

export type Backoff = { ms: Millis; last: Millis }

/** May a container whose newest exit was at `finishedAt` start now? A start moves the entry on; a refusal says when the entry runs out. */
export function crashBackoff(entry: Backoff | undefined, finishedAt: Millis, now: Millis, max: Millis = maxBackoffMs): { start: true; entry: Backoff } | { start: false; expires: Millis; ms: Millis } {
  const stale = entry === undefined || finishedAt - entry.last > 2 * max
  if (!stale && now - finishedAt < entry.ms) return { start: false, expires: finishedAt + entry.ms, ms: entry.ms }
  return { start: true, entry: { ms: Math.min(stale ? firstBackoffMs : 2 * entry.ms, max), last: now } }
}

/** How long the pod worker sleeps until it looks again. */
export function crashWait(expires: Millis, now: Millis): Millis {
  return Math.round(Math.min(Math.max(0, expires - now), longestWaitMs) * spread)
}
