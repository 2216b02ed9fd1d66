/** What came of the requests of one generator, kept as stretches in which everything went the same way: a steady minute is one entry. */
import type { Ref } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { RunningContainer } from '../types.ts'

/** How a request went: answered by a process, or lost with what the client sees. */
export type Outcome = { error?: string; /** Nothing was sent on its connection before. */ isFirst?: boolean; pod?: Ref; uid?: string; workload?: string; container?: RunningContainer; latencyMs: Millis }
/** Requests `first` to `first + count - 1`; request `first + i` went as `cycle[(offset + i) % cycle.length]`. */
type Stretch = { first: number; count: number; cycle: readonly Outcome[]; offset: number }
export type Lost = { at: Millis; pod?: Ref; error: string }
/** A connection that was open and ended early. */
type Cut = Lost & { number: number }

export class Ledger {
  private readonly stretches: Stretch[] = []
  private readonly cuts: Cut[] = []
  private readonly cutNumbers = new Set<number>()
  private readonly timeOf: (number: number) => Millis

  constructor(timeOf: (number: number) => Millis) {
    this.timeOf = timeOf
  }

  add(first: number, count: number, cycle: readonly Outcome[], offset: number): void {
    if (count > 0) this.stretches.push({ first, count, cycle, offset })
  }

  /** Every request of [from, until), with its number and time. */
  private *each(from: Millis, until: Millis): Generator<{ number: number; at: Millis; outcome: Outcome }, void, void> {
    for (const { first, count, cycle, offset } of this.stretches) {
      if (this.timeOf(first) >= until || this.timeOf(first + count - 1) < from) continue
      for (let i = 0; i < count; i++) {
        const at = this.timeOf(first + i)
        if (at >= from && at < until) yield { number: first + i, at, outcome: cycle[(offset + i) % cycle.length]! }
      }
    }
  }

  sent(from: Millis, until: Millis): number {
    let sum = 0
    for (const _one of this.each(from, until)) sum++
    return sum
  }

  *tried(from: Millis, until: Millis): Iterable<{ at: Millis; ok: boolean }> {
    for (const { at, outcome } of this.each(from, until)) yield { at, ok: outcome.error === undefined }
  }

  lost(from: Millis, until: Millis): Lost[] {
    const all: Lost[] = []
    for (const { at, outcome } of this.each(from, until)) if (outcome.error !== undefined) all.push({ at, ...(outcome.pod ? { pod: outcome.pod } : {}), error: outcome.error })
    for (const { at, pod, error } of this.cuts) if (at >= from && at < until) all.push({ at, ...(pod ? { pod } : {}), error })
    return all.sort((a, b) => a.at - b.at)
  }

  /** Answered requests by what `keyOf` makes of who answered. */
  answered(from: Millis, until: Millis, keyOf: (outcome: Outcome) => string | undefined): Map<string, number> {
    const counts = new Map<string, number>()
    for (const { outcome } of this.each(from, until)) {
      const key = outcome.error === undefined ? keyOf(outcome) : undefined
      if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** Ends what is open to a container at `at`: requests sent within the last `lastsMs` (or within their latency) that were not over. `fate`: the error of one, or undefined when it was saved. Returns how many were lost with which error. */
  cut(container: RunningContainer, at: Millis, lastsMs: Millis | undefined, fate: (outcome: Outcome) => string | undefined): Map<string, number> {
    const counts = new Map<string, number>()
    for (let s = this.stretches.length - 1; s >= 0; s--) {
      const { first, count: length, cycle, offset } = this.stretches[s]!
      const longest = lastsMs ?? Math.max(...cycle.map((one) => one.latencyMs))
      if (this.timeOf(first + length - 1) + longest <= at) {
        if (lastsMs !== undefined) break
        if (this.timeOf(first + length - 1) + 60_000 < at) break
        continue
      }
      for (let i = length - 1; i >= 0; i--) {
        const sentAt = this.timeOf(first + i)
        if (sentAt + longest <= at) break
        const outcome = cycle[(offset + i) % cycle.length]!
        if (outcome.container !== container || outcome.error !== undefined || sentAt > at || sentAt + (lastsMs ?? outcome.latencyMs) <= at || this.cutNumbers.has(first + i)) continue
        this.cutNumbers.add(first + i)
        const error = fate(outcome)
        if (error === undefined) continue
        this.cuts.push({ number: first + i, at, ...(outcome.pod ? { pod: outcome.pod } : {}), error })
        counts.set(error, (counts.get(error) ?? 0) + 1)
      }
    }
    return counts
  }
}
