/**
 * Connections of gRPC clients. A client keeps its connection: a Service is asked for a pod when it connects and not when it calls, so pods that come later get
 * nothing until it connects anew (grpc-go: clientconn.go, balancer/pickfirst, balancer/roundrobin; doc/connection-backoff.md).
 */
import type { Millis } from '../../k8s/duration.ts'
import { ingressAddress } from '../network/ingress.ts'
import type { TrafficSpec } from '../scenario.ts'
import type { Cluster, Network, NetworkRequest, NetworkVerdict, RunningContainer, Source } from '../types.ts'
import type { Answered, Call, Failed } from './connection.ts'
import { containerOf, isHeld } from './connection.ts'
import type { Destination } from './target.ts'
import { isWithoutPower } from './target.ts'

type Connection = { verdict: Answered; container: RunningContainer | undefined; /** The server sends its clients elsewhere then. */ endsAt: Millis; /** … and closes the connection then, with the streams that are left on it. */ cutAt: Millis; /** The first call that nobody answered because the node has no power. */ silentAt?: Millis }
/** One address of the name. */
type Subchannel = { connection?: Connection; failures: number; /** Until then a call fails at once with the last error. */ failed?: { verdict: Failed; until: Millis } }

const firstBackoffMs = 1000
const backoffFactor = 1.6
const longestBackoffMs = 120_000
/** Names are not asked for again sooner (internal/resolver/dns/dns_resolver.go:MinResolutionInterval). */
const resolutionMs = 30_000
const pingTimeoutMs = 20_000
/** The kernel gives up a connection whose packets nobody acknowledges (tcp_retries2 of 15). */
const kernelGivesUpMs = 924_600

type Channel = { number: number; sender: string; addresses: readonly string[]; resolvedAt: Millis; isStale: boolean; subchannels: Map<string, Subchannel>; turn: number }

export class Channels {
  private readonly cluster: Cluster
  private readonly network: Network
  private readonly spec: TrafficSpec
  private readonly channels: Channel[]
  private calls = 0
  /** Grows with every connection that is made, lost or refused: calls before and after it say nothing of each other. */
  revision = 0

  constructor(cluster: Cluster, network: Network, spec: TrafficSpec) {
    this.cluster = cluster
    this.network = network
    this.spec = spec
    this.channels = Array.from({ length: spec.connections ?? 1 }, (_, number) => ({ number, sender: '', addresses: [], resolvedAt: 0, isStale: true, subchannels: new Map(), turn: 0 }))
  }

  /** One call now, by the client whose turn it is. */
  call(from: Source, destinations: readonly Destination[]): Call | undefined {
    const channel = this.channels[this.calls++ % this.channels.length]!
    const sender = from.kind === 'pod' ? `${from.pod.namespace}/${from.pod.name}` : ''
    if (channel.sender !== sender) Object.assign(channel, { sender, addresses: [], isStale: true, subchannels: new Map() })
    const [first] = destinations
    if (!first) return undefined
    const input = { from, port: first.port, protocol: 'TCP', timeoutMs: this.spec.timeout, ...(this.spec.to.tls ? { tls: 'verified' } : {}) } satisfies Partial<NetworkRequest>
    const named = this.addressesOf(channel, from, destinations)
    // A proxy that speaks gRPC balances call by call.
    if (typeof named === 'string') return keyed(channel, named, this.network.request({ ...input, host: first.host, kind: 'grpc', service: this.spec.to.grpc! }))
    for (const address of channel.subchannels.keys()) if (!named.includes(address)) channel.subchannels.delete(address)
    const verdict = this.spec.balancing === 'round-robin' ? this.inTurn(channel, named, input) : this.byFirst(channel, named, input)
    const cutAt = channel.subchannels.get(verdict.address)?.connection?.cutAt
    return { ...keyed(channel, verdict.address, verdict.verdict), ...(cutAt === undefined || cutAt === Infinity ? {} : { cutAt }) }
  }

  /** When a call may meet something else although nothing happens: a pause is over, a connection is too old, or a silent one is given up. */
  nextTurn(): Millis | undefined {
    const now = this.cluster.now
    const turns = this.channels.flatMap(({ subchannels }) => [...subchannels.values()].flatMap(({ connection, failed }) => [failed?.until, connection?.endsAt, connection?.silentAt === undefined ? undefined : this.givesUpAt(connection.silentAt)]))
    const later = turns.filter((at): at is Millis => at !== undefined && at > now && at < Infinity)
    return later.length === 0 ? undefined : Math.min(...later)
  }

  /** The addresses of the name; a string when there is no address of one's own to connect to: nothing resolves, or the Ingress controller answers. */
  private addressesOf(channel: Channel, from: Source, destinations: readonly Destination[]): readonly string[] | string {
    const { now, scenario } = this.cluster
    if (channel.addresses.length === 0 || (channel.isStale && now - channel.resolvedAt >= resolutionMs)) {
      const found = destinations.map(({ host }) => this.network.resolve(from, host))
      const addresses = found.flatMap((one) => (one.ok ? one.addresses : []))
      if (addresses.length > 0) Object.assign(channel, { addresses, resolvedAt: now, isStale: false })
    }
    if (channel.addresses.length === 0) return 'unresolved'
    return channel.addresses.includes(ingressAddress) && scenario.cluster.ingressClass !== undefined ? 'ingress' : channel.addresses
  }

  /** pick_first: the address in use, else the first that takes a connection; each client has the addresses in another order, as DNS turns them. */
  private byFirst(channel: Channel, addresses: readonly string[], input: Omit<NetworkRequest, 'host'>): { address: string; verdict: NetworkVerdict } {
    const inUse = addresses.find((address) => this.isAlive(channel, address))
    if (inUse !== undefined) return { address: inUse, verdict: this.over(channel, inUse) }
    const start = channel.number % addresses.length
    let last: NetworkVerdict | undefined
    for (const address of [...addresses.slice(start), ...addresses.slice(0, start)]) {
      const failed = this.connect(channel, address, input)
      if (!failed) return { address, verdict: this.over(channel, address) }
      last = failed
    }
    return { address: '', verdict: last! }
  }

  /** round_robin: all addresses that are connected take turns. */
  private inTurn(channel: Channel, addresses: readonly string[], input: Omit<NetworkRequest, 'host'>): { address: string; verdict: NetworkVerdict } {
    let last: NetworkVerdict | undefined
    const connected = addresses.filter((address) => {
      const failed = this.isAlive(channel, address) ? undefined : this.connect(channel, address, input)
      last = failed ?? last
      return !failed
    })
    if (connected.length === 0) return { address: '', verdict: last! }
    const address = connected[channel.turn++ % connected.length]!
    return { address, verdict: this.over(channel, address) }
  }

  /** Is there a connection, and will the next call go over it? A server that stops tells its clients to go, and closes. */
  private isAlive(channel: Channel, address: string): boolean {
    const sub = channel.subchannels.get(address)
    const connection = sub?.connection
    if (!connection) return false
    const { container, verdict, endsAt, silentAt } = connection
    const isOpen = container === undefined || isHeld(this.cluster, container, verdict.port)
    const { now } = this.cluster
    if (isOpen && now < endsAt && (silentAt === undefined || now < this.givesUpAt(silentAt))) return true
    delete sub!.connection
    this.revision++
    channel.isStale = true
    return false
  }

  private givesUpAt(silentAt: Millis): Millis {
    return silentAt + noticesSilenceMs(this.spec)
  }

  /** Connects; undefined when that worked. After a failure calls fail at once for a while. */
  private connect(channel: Channel, address: string, input: Omit<NetworkRequest, 'host'>): Failed | undefined {
    const { now } = this.cluster
    let sub = channel.subchannels.get(address)
    if (!sub) channel.subchannels.set(address, (sub = { failures: 0 }))
    if (sub.failed && now < sub.failed.until) return sub.failed.verdict
    this.revision++
    const dialled = this.network.request({ ...input, host: address, kind: 'connect' })
    const failure = dialled.ok ? this.refusal(dialled) : dialled
    if (failure) {
      sub.failed = { verdict: failure, until: now + Math.min(longestBackoffMs, Math.round(firstBackoffMs * backoffFactor ** sub.failures)) }
      sub.failures++
      channel.isStale = true
      return failure
    }
    const verdict = dialled as Answered
    const container = containerOf(this.cluster, verdict)
    const { maxAgeMs, maxAgeGraceMs = Infinity } = container?.listening().find(({ port, protocol }) => port === verdict.port && protocol === 'TCP') ?? {}
    const endsAt = maxAgeMs === undefined ? Infinity : now + maxAgeMs
    delete sub.failed
    sub.failures = 0
    sub.connection = { verdict, container, endsAt, cutAt: endsAt + maxAgeGraceMs }
    return undefined
  }

  /** A server that does not speak gRPC takes the connection and then says something else. */
  private refusal(dialled: Answered): Failed | undefined {
    const container = containerOf(this.cluster, dialled)
    if (!container || this.ask(container, dialled).outcome !== 'reset') return undefined
    return { ok: false, stage: 'reset', symptom: 'reset', latencyMs: dialled.latencyMs, error: 'connection reset by peer', ...(dialled.pod ? { pod: dialled.pod } : {}) }
  }

  private ask(container: RunningContainer, { port, address, sourceIP }: Answered): ReturnType<RunningContainer['respond']> {
    return container.respond({ port, protocol: 'TCP', kind: 'grpc', service: this.spec.to.grpc!, on: address, sourceIP })
  }

  /** A call over a connection that is there: no Service is asked and no policy. */
  private over(channel: Channel, address: string): NetworkVerdict {
    const connection = channel.subchannels.get(address)!.connection!
    const { verdict, container } = connection
    if (!container) return verdict
    const late: Failed = { ok: false, stage: 'silent', symptom: 'timeout', latencyMs: this.spec.timeout, error: 'context deadline exceeded', ...(verdict.pod ? { pod: verdict.pod } : {}) }
    if (isWithoutPower(this.cluster, container)) {
      connection.silentAt ??= this.cluster.now
      return late
    }
    delete connection.silentAt
    const answer = this.ask(container, verdict)
    if (answer.outcome !== 'ok' || answer.latencyMs > this.spec.timeout) return late
    return { ...verdict, status: answer.status, latencyMs: answer.latencyMs }
  }
}

/** A client notices after this long that its peer answers nothing any more. */
export function noticesSilenceMs({ keepalive }: TrafficSpec): Millis {
  return keepalive === undefined ? kernelGivesUpMs : keepalive + pingTimeoutMs
}

function keyed(channel: Channel, address: string, verdict: NetworkVerdict): Call {
  return { verdict, key: `${channel.number} ${address} ${verdict.pod ? `${verdict.pod.namespace}/${verdict.pod.name}` : verdict.ok ? verdict.status : verdict.error}` }
}
