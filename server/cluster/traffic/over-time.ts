/** The traffic of a run in little room, for pictures: totals, and where something was lost, counted in slices of time. */
import type { Millis } from '../../k8s/duration.ts'
import type { LiveCluster } from '../cluster.ts'
import type { Traffic } from './index.ts'

/** One load generator; times are relative to the apply instant. */
export type TrafficOverTime = {
  name: string
  /** What is counted: requests and calls, or connections and streams that stay open. */
  counts: 'requests' | 'connections'
  /** It sends in [starts, ends). */
  starts: Millis
  ends: Millis
  perSecond: number
  sent: number
  lost: number
  /** Length of a slice. */
  every: Millis
  /** Slices in which something was lost, by their number: how many of those sent then were answered, and how many were lost then. */
  losses: [slice: number, answered: number, lost: number][]
  /** The commonest errors first. */
  errors: { text: string; count: number }[]
}

/** So many slices at most, about a pixel each. */
const slicesMax = 400
const lengths = [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000, 120_000, 300_000, 600_000]
const errorsMax = 3
const errorMax = 200
/** Errors that differ in whom they speak of are one. */
const addresses = /\b\d+\.\d+\.\d+\.\d+(:\d+)?/g

export function trafficOverTime(cluster: LiveCluster, traffic: Traffic): TrafficOverTime[] {
  const length = cluster.run.length
  const every = lengths.find((one) => length / one <= slicesMax) ?? Math.ceil(length / slicesMax)
  return cluster.run.traffic.map((spec): TrafficOverTime => {
    const record = traffic.of(spec.name)!
    const { starts } = spec
    const until = Math.max(cluster.now - cluster.appliedAt, 0) + 1
    const ends = Math.max(starts, Math.min(spec.ends ?? Infinity, length, until - 1))
    const lost = record.lost(0, until)
    const slices = new Map<number, [number, number, number]>()
    const errors = new Map<string, number>()
    for (const { at, error } of lost) {
      const slice = Math.floor(at / every)
      const counts = slices.get(slice)
      if (counts) counts[2]++
      else slices.set(slice, [slice, 0, 1])
      const text = error.replace(addresses, '…').slice(0, errorMax)
      errors.set(text, (errors.get(text) ?? 0) + 1)
    }
    let sent = 0
    for (const { at, ok } of record.tried(0, until)) {
      sent++
      const counts = ok ? slices.get(Math.floor(at / every)) : undefined
      if (counts) counts[1]++
    }
    const isLong = spec.to.websocket !== undefined || (spec.to.grpc !== undefined && spec.connection === 'long')
    return {
      name: spec.name, counts: isLong ? 'connections' : 'requests', starts, ends, perSecond: spec.perSecond, sent, lost: lost.length, every,
      losses: [...slices.values()].sort(([a], [b]) => a - b),
      errors: [...errors].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).slice(0, errorsMax).map(([text, count]) => ({ text, count })),
    }
  })
}
