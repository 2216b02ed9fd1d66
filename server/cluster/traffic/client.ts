/**
 * One load generator. It asks the network for every request only while something is changing: once it has met every backend in turn and nothing changes,
 * the requests that follow are known without asking, and are written down when somebody looks or when the next change comes.
 */
import type { Millis } from '../../k8s/duration.ts'
import { callError, complaintOf, requestOf } from '../network/clients.ts'
import { createNetwork } from '../network/index.ts'
import { followed } from '../network/redirects.ts'
import type { NodeRuntime } from '../runtime/index.ts'
import { endpointOf, nextTurn } from '../runtime/endpoints.ts'
import type { TrafficSpec } from '../scenario.ts'
import type { Network, NetworkRequest, NetworkVerdict, RunningContainer, Source, Timer } from '../types.ts'
import type { LiveCluster } from '../cluster.ts'
import { Bursts } from './bursts.ts'
import { Channels } from './channels.ts'
import type { Call } from './connection.ts'
import type { Generator } from './generator.ts'
import type { Outcome } from './ledger.ts'
import { Ledger } from './ledger.ts'
import { outcomeOf } from './outcome.ts'
import { Pools } from './pools.ts'
import type { Destination } from './target.ts'
import { destinationsOf, isWithoutPower, senderOf } from './target.ts'

/** Answers that depend on other services may be a second old (runtime/upstreams.ts). */
const dependencyMs = 1001
const longestLesson = 64
/** A long connection whose server stalls is given up after this. */
const stallMs = 5000

export class TrafficClient implements Generator {
  readonly spec: TrafficSpec
  readonly ledger: Ledger
  private readonly cluster: LiveCluster
  private readonly network: Network
  private readonly startsAt: Millis
  private readonly endsAt: Millis
  private readonly key: string
  /** The next request that is not yet in the ledger. */
  private next = 0
  private lesson: Outcome[] = []
  private keys: string[] = []
  private cycle: readonly Outcome[] | undefined
  private offset = 0
  private learntSince: Millis = 0
  private asked = 0
  private asking: Timer | undefined
  private turning: Timer | undefined
  private confirmed = false
  private offered: RunningContainer[] = []
  private readonly bursts: Bursts
  /** Connections that are kept, by clients of gRPC and those of HTTP that say so. */
  private readonly kept: { call(from: Source, destinations: readonly Destination[]): Call | undefined; nextTurn(): Millis | undefined; resume?(since: Millis, until: Millis): void; readonly revision: number } | undefined
  private revision = 0

  constructor(cluster: LiveCluster, spec: TrafficSpec) {
    this.cluster = cluster
    this.spec = spec
    // Own network, own turns: two generators that take turns at one balancer would each always meet the same backend.
    this.network = createNetwork(cluster)
    this.bursts = new Bursts(cluster, spec)
    this.kept = spec.to.grpc !== undefined ? new Channels(cluster, this.network, spec) : spec.connection === 'kept' ? new Pools(cluster, this.network, spec) : undefined
    this.startsAt = cluster.appliedAt + spec.starts
    this.endsAt = cluster.appliedAt + Math.min(spec.ends ?? Infinity, cluster.run.length)
    this.key = `traffic ${spec.name}`
    this.ledger = new Ledger((number) => this.timeOf(number))
    this.ask()
    cluster.schedule(this.endsAt, 'observer', this.key, () => {
      this.settle(cluster.now + 1)
      this.offer([])
    })
  }

  private timeOf(number: number): Millis {
    return this.startsAt + Math.round((number * 1000) / this.spec.perSecond)
  }

  /** Something changed: what was known holds for requests before now only. */
  changed(): void {
    this.confirmed = false
    this.forget()
  }

  private forget(): void {
    this.settle(this.cluster.now)
    if (this.cycle) this.kept?.resume?.(this.learntSince, this.timeOf(this.next - 1))
    this.cycle = undefined
    this.lesson = []
    this.keys = []
    this.turning?.cancel()
    this.ask()
  }

  /** Writes down the requests before `until` that went as known. */
  settle(until: Millis): void {
    if (!this.cycle) return
    const limit = Math.min(until, this.endsAt)
    const count = Math.max(0, Math.ceil(((limit - this.startsAt) * this.spec.perSecond) / 1000 - 1e-9) - this.next)
    let end = this.next + count
    while (end > this.next && this.timeOf(end - 1) >= limit) end--
    while (this.timeOf(end) < limit) end++
    this.write(end)
  }

  private write(end: number): void {
    const cycle = this.cycle!
    const count = end - this.next
    if (count <= 0) return
    if (cycle.length > 0) {
      this.ledger.add(this.next, count, cycle, this.offset)
      for (let i = 0; i < Math.min(count, cycle.length); i++) {
        const outcome = cycle[(this.offset + i) % cycle.length]!
        if (outcome.error === undefined) continue
        const losses = Math.floor((count - 1 - i) / cycle.length) + 1
        this.bursts.lost(outcome.error, outcome.pod, this.timeOf(this.next + i), this.timeOf(this.next + i + (losses - 1) * cycle.length), losses)
      }
      this.offset = (this.offset + count) % cycle.length
    }
    this.next = end
  }

  // ---- asking

  private ask(): void {
    if (this.asking) return
    const at = this.timeOf(this.next)
    if (at >= this.endsAt) return
    this.asking = this.cluster.schedule(Math.max(at, this.cluster.now), 'network', this.key, () => {
      this.asking = undefined
      this.request()
    })
  }

  private request(): void {
    const key = this.once()
    if (key === undefined) {
      // Nobody is there to send: no request until something changes.
      this.cycle = []
      this.next = Math.max(this.next, Math.ceil(((this.cluster.now - this.startsAt) * this.spec.perSecond) / 1000))
      return
    }
    const outcome = this.lesson.at(-1)!
    this.ledger.add(this.next, 1, [outcome], 0)
    if (outcome.error !== undefined) this.bursts.lost(outcome.error, outcome.pod, this.cluster.now, this.cluster.now, 1)
    this.next++
    if (this.keys.length > 1 && (key === this.keys[0] || this.keys.length >= Math.max(longestLesson, (this.spec.connections ?? 1) + 1))) this.learnt()
    else this.ask()
  }

  /** Sends one request now; says whom it met, or undefined when there is no sender. */
  private once(): string | undefined {
    const { cluster, spec } = this
    const from = senderOf(cluster, spec.from)
    if (!from) return undefined
    const destinations = destinationsOf(cluster, spec.to, 'address' in spec.from)
    const call: { verdict: NetworkVerdict | undefined; key: string; isFirst?: boolean } = this.kept ? (this.kept.call(from, destinations) ?? { verdict: undefined, key: '' }) : this.anew(from, destinations)
    const { verdict, key, isFirst } = call
    if (this.kept && this.revision !== this.kept.revision) {
      this.revision = this.kept.revision
      this.lesson = []
      this.keys = []
    }
    if (this.lesson.length === 0) this.learntSince = cluster.now
    this.lesson.push({ ...outcomeOf(cluster, spec.to, verdict), ...(isFirst ? { isFirst } : {}) })
    this.keys.push(key)
    return key
  }

  /** A request with a connection of its own. */
  private anew(from: Source, destinations: readonly Destination[]): { verdict: NetworkVerdict | undefined; key: string } {
    const { to, timeout } = this.spec
    const destination = destinations[this.asked++ % Math.max(1, destinations.length)]
    const request: NetworkRequest | undefined = destination && { from, ...destination, protocol: to.protocol, timeoutMs: timeout, ...requestOf(to, 'data'), ...(to.tls ? { tls: 'verified' } : {}) }
    const first = request && this.network.request(request)
    const verdict = request && first && to.follow ? followed(this.network, request, first) : first
    return { verdict, key: `${destination?.host} ${verdict?.pod ? `${verdict.pod.namespace}/${verdict.pod.name}` : verdict ? (complaintOf(to, verdict) ?? '') : 'nowhere'}` }
  }

  /** Every backend has been met: the last answer was the first one again. */
  private learnt(): void {
    const closed = this.keys.at(-1) === this.keys[0]
    const cycle = closed ? this.lesson.slice(0, -1) : this.lesson
    // The newest answer of the first backend counts.
    if (closed) cycle[0] = this.lesson.at(-1)!
    this.cycle = cycle
    this.offset = closed ? 1 % cycle.length : 0
    this.offer(cycle)
    const turn = this.nextChange(cycle)
    if (turn !== undefined) this.turning = this.cluster.schedule(turn, 'process', this.key, () => this.forget())
  }

  /** When an answer may change although nothing happens: stalls, slow starts, and what is known of dependencies. */
  private nextChange(cycle: readonly Outcome[]): Millis | undefined {
    const { path, grpc } = this.spec.to
    let turn = this.kept?.nextTurn()
    for (const { container } of cycle) {
      const profile = container?.spec.image.profile
      const endpoint = profile && (grpc !== undefined ? profile.grpc[grpc] : path !== undefined ? endpointOf(profile.http, path) : undefined)
      if (!endpoint) continue
      const times = [nextTurn(endpoint, container!.startedAt, this.cluster.now), endpoint.depends.length > 0 && !this.confirmed ? this.cluster.now + dependencyMs : undefined]
      for (const time of times) if (time !== undefined && (turn === undefined || time < turn)) turn = time
    }
    this.confirmed = true
    return turn
  }

  /** Tells the backends what load to expect, for programs whose processor use follows requests. */
  private offer(cycle: readonly Outcome[]): void {
    const runtime = this.cluster.runtime as Partial<NodeRuntime>
    if (!runtime.offer) return
    for (const container of this.offered) runtime.offer(this.spec.name, container, 'request', 0)
    const counts = new Map<RunningContainer, number>()
    for (const { container, error } of cycle) if (container && error === undefined) counts.set(container, (counts.get(container) ?? 0) + 1)
    for (const [container, count] of counts) runtime.offer(this.spec.name, container, 'request', (this.spec.perSecond * count) / cycle.length)
    this.offered = [...counts.keys()]
  }

  // ---- losses

  /** A backend ended: open long connections to it are cut, and so are short requests under way unless it finished them first. */
  ended(container: RunningContainer): void {
    this.settle(this.cluster.now)
    const isCall = this.spec.to.grpc !== undefined
    if (isWithoutPower(this.cluster, container)) return this.cut(container, isCall ? callError('DeadlineExceeded', 'context deadline exceeded') : 'i/o timeout')
    const isLong = this.spec.connection === 'long'
    if (!isLong && container.endsCleanly) return
    const error = container.endsCleanly ? 'EOF' : isCall ? callError('Unavailable', 'error reading from server: read: connection reset by peer') : 'read: connection reset by peer'
    this.cut(container, error, (outcome) => this.retried(error, outcome))
  }

  /**
   * What becomes of a request whose connection broke off before an answer came: Go sends it again when nothing can have gone wrong with the connection but its age,
   * and sending twice does no harm (net/http/transport.go:shouldRetryRequest). Undefined: it is answered then.
   */
  private retried(error: string, { isFirst }: Outcome): string | undefined {
    const from = this.spec.connection !== 'kept' || this.spec.method === 'POST' || isFirst ? undefined : senderOf(this.cluster, this.spec.from)
    if (!from) return error
    return outcomeOf(this.cluster, this.spec.to, this.anew(from, destinationsOf(this.cluster, this.spec.to, 'address' in this.spec.from)).verdict).error
  }

  /** A backend hangs: long connections to it are given up unless it recovers soon. */
  stalled(container: RunningContainer): void {
    if (this.spec.connection !== 'long') return
    this.cluster.schedule(this.cluster.now + stallMs, 'network', this.key, () => {
      if (!container.isHung || container.exited) return
      this.settle(this.cluster.now)
      this.cut(container, 'i/o timeout')
    })
  }

  private cut(container: RunningContainer, error: string, fate: (outcome: Outcome) => string | undefined = () => error): void {
    const { now } = this.cluster
    const lost = this.ledger.cut(container, now, this.spec.connection === 'long' ? this.spec.lasts : undefined, fate)
    for (const [text, count] of lost) this.bursts.lost(text, container.spec.pod, now, now, count)
  }
}
