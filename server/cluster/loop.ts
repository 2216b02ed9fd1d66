/** The virtual clock: work ordered by time, then priority, key and schedule order. Limits end a run with an outcome, never with an endless loop. */
import { compareText } from '../k8s/object.ts'
import type { Millis } from '../k8s/duration.ts'
import type { Priority, Timer } from './types.ts'

const priorities: readonly Priority[] = ['step', 'api', 'controller', 'scheduler', 'kubelet', 'process', 'network', 'observer']
const rank = Object.fromEntries(priorities.map((name, i) => [name, i])) as Record<Priority, number>

/** A piece of work is its own timer: most are never cancelled. */
class Work implements Timer {
  readonly at: Millis
  readonly rank: number
  readonly key: string
  readonly sequence: number
  run: (() => void) | undefined

  constructor(at: Millis, rank: number, key: string, sequence: number, run: () => void) {
    this.at = at
    this.rank = rank
    this.key = key
    this.sequence = sequence
    this.run = run
  }

  cancel(): void {
    this.run = undefined
  }
}

export type Limits = { /** Pieces of work in one run. */ events: number; /** Pieces of work at one instant: more means that two parts answer each other for ever. */ perInstant: number; /** Virtual time. */ timeMs?: Millis }
export const defaultLimits = { events: 600_000, perInstant: 20_000, timeMs: 48 * 3_600_000 } satisfies Limits

function before(a: Work, b: Work): boolean {
  if (a.at !== b.at) return a.at < b.at
  if (a.rank !== b.rank) return a.rank < b.rank
  const text = compareText(a.key, b.key)
  return text !== 0 ? text < 0 : a.sequence < b.sequence
}

export class Loop {
  now: Millis = 0
  /** Why the run was cut short; undefined while all is well. */
  limit: string | undefined
  private readonly heap: Work[] = []
  private sequence = 0
  private done = 0
  private atInstant = 0
  private readonly limits: Limits

  constructor(limits: Limits = defaultLimits) {
    this.limits = limits
  }

  /** Pieces of work done so far. */
  get events(): number {
    return this.done
  }

  schedule(at: Millis, priority: Priority, key: string, run: () => void): Timer {
    const work = new Work(Math.max(Math.round(at), this.now), rank[priority], key, this.sequence++, run)
    this.push(work)
    return work
  }

  /** Does all work up to and including `until` and sets the clock there. False when a limit was hit. */
  runUntil(until: Millis): boolean {
    const { timeMs = defaultLimits.timeMs } = this.limits
    const last = Math.min(until, timeMs)
    while (this.limit === undefined && this.heap.length > 0 && this.heap[0]!.at <= last) {
      const work = this.pop()
      if (!work.run) continue
      if (work.at > this.now) this.atInstant = 0
      this.now = work.at
      this.done++
      if (++this.atInstant > this.limits.perInstant) this.limit = `more than ${this.limits.perInstant} actions at one instant (${work.key})`
      else if (this.done > this.limits.events) this.limit = `more than ${this.limits.events} actions`
      else work.run()
    }
    if (this.limit !== undefined) return false
    this.now = Math.max(this.now, last)
    if (until > timeMs) this.limit = `more than ${timeMs / 3_600_000} h of virtual time`
    return until <= timeMs
  }

  /** Ends the run with an outcome. */
  stop(reason: string): void {
    this.limit ??= reason
  }

  private push(work: Work): void {
    const heap = this.heap
    let at = heap.push(work) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(work, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = work
  }

  private pop(): Work {
    const heap = this.heap
    const top = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return top
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return top
  }
}
