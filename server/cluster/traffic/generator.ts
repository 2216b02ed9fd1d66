/** One load generator of a run, whatever protocol its clients speak. All times are on the cluster's clock. */
import type { Millis } from '../../k8s/duration.ts'
import type { TrafficSpec } from '../scenario.ts'
import type { RunningContainer } from '../types.ts'
import type { Lost, Outcome } from './ledger.ts'

/** What became of requests: in the window from `from` until just before `until`. */
export type Account = {
  sent(from: Millis, until: Millis): number
  lost(from: Millis, until: Millis): Lost[]
  /** Every request when it was sent, or every connection when it was opened: was there an answer? */
  tried(from: Millis, until: Millis): Iterable<{ at: Millis; ok: boolean }>
  answered(from: Millis, until: Millis, keyOf: (outcome: Outcome) => string | undefined): Map<string, number>
}

export type Generator = {
  readonly spec: TrafficSpec
  readonly ledger: Account
  /** Something changed that requests depend on. */
  changed(): void
  /** Makes the account complete up to `until`. */
  settle(until: Millis): void
  /** A backend ended. */
  ended(container: RunningContainer): void
  /** A backend hangs. */
  stalled(container: RunningContainer): void
}
