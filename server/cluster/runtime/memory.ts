/**
 * Memory of a Go process as a function of time, without steps in between, so that the moment of an out-of-memory kill can be computed.
 * A container is killed when `live + min(garbage, max(0, GOMEMLIMIT - live)) + non-heap + tmpfs` exceeds its limit.
 */
import type { Millis } from '../../k8s/duration.ts'
import type { Profile } from '../profile.ts'
import { amountOf } from '../amounts.ts'

export type MemoryModel = { liveBytes: number; garbageBytes: number; nonHeapBytes: number; growPerMs: number; peakEveryMs: Millis | undefined; rampMs: Millis; goLimitBytes: number }

/** Reads the amounts of a profile; `goLimitBytes` is GOMEMLIMIT, Infinity when unset. */
export function memoryModel(memory: Profile['memory'], goLimitBytes: number): MemoryModel {
  const bytes = (text: string): number => amountOf(text).milli / 1000
  return { liveBytes: bytes(memory.live), garbageBytes: bytes(memory.garbage), nonHeapBytes: bytes(memory.nonHeap), growPerMs: bytes(memory.growPerHour) / 3_600_000, peakEveryMs: memory.peakEvery || undefined, rampMs: memory.rampTime, goLimitBytes }
}

function liveAt(model: MemoryModel, age: Millis): number {
  return model.liveBytes * rampAt(model, age) + model.growPerMs * age
}

function rampAt(model: MemoryModel, age: Millis): number {
  return model.rampMs > 0 ? Math.min(1, age / model.rampMs) : 1
}

function garbageAt(model: MemoryModel, age: Millis, load: number): number {
  const full = model.garbageBytes * load * rampAt(model, age)
  if (model.peakEveryMs === undefined) return full
  const into = age % model.peakEveryMs
  return full * (into === 0 && age > 0 ? 1 : into / model.peakEveryMs)
}

/** Bytes held by a process of this age under a load factor. */
export function bytesAt(model: MemoryModel, age: Millis, load: number): number {
  const live = liveAt(model, age)
  return Math.round(live + Math.min(garbageAt(model, age, load), Math.max(0, model.goLimitBytes - live)) + model.nonHeapBytes)
}

/** An upper bound of what the process holds up to this age. */
export function mostBytesBy(model: MemoryModel, age: Millis, load: number): number {
  return bytesAt({ ...model, rampMs: 0, peakEveryMs: undefined }, Math.max(0, age), load)
}

/** Ages within (from, to] where growth may turn: between two of them memory never falls. */
export function turningAges(model: MemoryModel, from: Millis, to: Millis): Millis[] {
  const ages = [to]
  if (model.rampMs > from && model.rampMs < to) ages.push(model.rampMs)
  if (model.peakEveryMs !== undefined) for (let age = (Math.floor(from / model.peakEveryMs) + 1) * model.peakEveryMs; age <= to && ages.length < 20_000; age += model.peakEveryMs) ages.push(age, age + 1)
  return ages.filter((age) => age <= to)
}

/**
 * The first instant in (from, to] at which `total` exceeds `limit`. `turns` holds every instant where `total` may fall or bend;
 * between two of them it never falls, so a bisection finds the crossing. Undefined: it never does.
 */
export function firstAbove(total: (at: Millis) => number, limit: number, from: Millis, to: Millis, turns: readonly Millis[]): Millis | undefined {
  let start = from
  for (const end of [...new Set([...turns, to])].filter((at) => at > from && at <= to).sort((a, b) => a - b)) {
    if (total(end) > limit) {
      let low = start
      let high = end
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2)
        if (total(middle) > limit) high = middle
        else low = middle
      }
      return high
    }
    start = end
  }
  return undefined
}

const gcCostShare = 0.05
const gcCostCap = 2

/**
 * How much slower the program is by garbage collection: 1 with all the room it wants. A collection costs the same whatever it frees, so its share grows
 * with wanted garbage over allowed garbage; the runtime gives the collector at most half the processor (runtime/mgclimit.go), which caps the factor at 2.
 */
export function collectionSlowdown(model: MemoryModel, age: Millis, load: number): number {
  const live = liveAt(model, age)
  const wanted = model.garbageBytes * load * rampAt(model, age)
  const room = Math.max(0, model.goLimitBytes - live)
  if (wanted <= room || wanted === 0) return 1
  return room === 0 ? gcCostCap : Math.min(gcCostCap, 1 + gcCostShare * (wanted / room - 1))
}

/**
 * How much slower the program is by its CPU limit (cfs quota): demand over limit once it is above. A program with more threads than its limit has cores spends
 * its quota early in each period and waits for the rest of it; that wait grows with how much of the quota it needs.
 */
export function throttleSlowdown(wantedCores: number, limitCores: number | undefined, threads: number): number {
  if (limitCores === undefined || limitCores <= 0) return 1
  const over = Math.max(1, wantedCores / limitCores)
  const used = Math.min(1, wantedCores / limitCores)
  const burst = threads > Math.max(1, limitCores) ? 1 + used * (1 - limitCores / threads) : 1
  return over * (used >= 0.5 ? burst : 1)
}
