/** Losses of one generator on the timeline: those close together are one line, which grows while they go on. */
import type { Ref } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { LiveCluster } from '../cluster.ts'
import type { TrafficSpec } from '../scenario.ts'
import type { TimelineEntry } from '../types.ts'

/** Losses closer together than this are one entry. */
const burstMs = 2000

export class Bursts {
  private readonly cluster: LiveCluster
  private readonly spec: TrafficSpec
  private readonly noun: string
  private burst: { entry: TimelineEntry; last: Millis; error: string } | undefined

  constructor(cluster: LiveCluster, spec: TrafficSpec) {
    this.cluster = cluster
    this.spec = spec
    this.noun = spec.to.grpc !== undefined ? (spec.connection === 'long' ? 'stream' : 'call') : spec.to.websocket !== undefined ? 'connection' : 'request'
  }

  /** `count` losses from `first` to `last`, all with the same error. */
  lost(error: string, pod: Ref | undefined, first: Millis, last: Millis, count: number): void {
    const { cluster, spec, burst } = this
    const text = (total: number): string => `${spec.name}: ${total} ${this.noun}${total === 1 ? '' : 's'} lost: ${error}`
    if (burst && burst.error === error && first - burst.last <= burstMs + 1000 / spec.perSecond) {
      const data = burst.entry.data!
      data.count += count
      data.last = Math.max(data.last, last - cluster.appliedAt)
      burst.last = Math.max(burst.last, last)
      burst.entry.text = text(data.count)
      return
    }
    cluster.record({ kind: 'request-lost', ...(pod ? { ref: pod } : {}), text: text(count), data: { traffic: spec.name, error, first: first - cluster.appliedAt, last: last - cluster.appliedAt, count } })
    this.burst = { entry: cluster.timeline.at(-1)!, last, error }
  }
}
