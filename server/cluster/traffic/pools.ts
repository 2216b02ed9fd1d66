/**
 * Connections of HTTP clients that keep them: a request goes over the idle connection that was used last, else over a new one, and leaves it idle when it is done
 * (net/http/transport.go: queueForIdleConn, tryPutIdleConn). A Service is asked for a pod when a client connects and not when it sends.
 */
import type { Millis } from '../../k8s/duration.ts'
import { followed } from '../network/redirects.ts'
import type { TrafficSpec } from '../scenario.ts'
import type { Cluster, Network, NetworkRequest, NetworkVerdict, RunningContainer, Source } from '../types.ts'
import type { Answered, Call, Failed } from './connection.ts'
import { containerOf, isHeld } from './connection.ts'
import type { Destination } from './target.ts'
import { isWithoutPower } from './target.ts'

/** MaxIdleConnsPerHost of http.DefaultTransport: more than so many are closed when they fall idle. */
const idleMax = 2
/** IdleConnTimeout of http.DefaultTransport. */
const defaultIdleMs = 90_000

type Connection = { number: number; verdict: Answered; container: RunningContainer; /** When its last answer was complete. */ freeAt: Millis; idleMs: Millis }
type Client = { number: number; sender: string; turn: number; /** By host and port. */ pools: Map<string, Connection[]> }

export class Pools {
  private readonly cluster: Cluster
  private readonly network: Network
  private readonly spec: TrafficSpec
  private readonly clients: Client[]
  private requests = 0
  private connections = 0
  private calledAt: Millis = 0
  /** Grows with every connection that is made or lost: requests before and after it say nothing of each other. */
  revision = 0

  constructor(cluster: Cluster, network: Network, spec: TrafficSpec) {
    this.cluster = cluster
    this.network = network
    this.spec = spec
    this.clients = Array.from({ length: spec.connections ?? 1 }, (_, number) => ({ number, sender: '', turn: 0, pools: new Map() }))
  }

  /** One request now, by the client whose turn it is. */
  call(from: Source, destinations: readonly Destination[]): Call | undefined {
    const client = this.clients[this.requests++ % this.clients.length]!
    const sender = from.kind === 'pod' ? `${from.pod.namespace}/${from.pod.name}` : ''
    if (client.sender !== sender) Object.assign(client, { sender, pools: new Map() })
    const destination = destinations[client.turn++ % Math.max(1, destinations.length)]
    if (!destination) return undefined
    const place = `${destination.host}:${destination.port}`
    const pool = this.kept(client.pools.get(place) ?? [])
    client.pools.set(place, pool)
    const { now } = this.cluster
    this.calledAt = now
    const idle = pool.filter(({ freeAt }) => freeAt <= now).at(-1)
    const opened = idle ?? this.connect(from, destination)
    if ('freeAt' in opened && !idle) pool.push(opened)
    const verdict = 'freeAt' in opened ? this.over(opened, pool) : opened
    const { follow, path } = this.spec.to
    return this.keyed(client, place, follow ? followed(this.network, { from, ...destination, protocol: 'TCP', kind: 'http', path: path!, timeoutMs: this.spec.timeout }, verdict) : verdict, !idle)
  }

  /** Connections that fall idle matter only to the request that would use them next. */
  nextTurn(): undefined {
    return undefined
  }

  /** Requests went on as they did since `since`, the last of them at `until`, without being asked about here: the connections they used were never idle for long. */
  resume(since: Millis, until: Millis): void {
    const passedMs = until - this.calledAt
    for (const { pools } of this.clients) for (const pool of pools.values()) for (const connection of pool) if (connection.freeAt >= since) connection.freeAt += passedMs
    this.calledAt = until
  }

  /** Those of them that are open, in the order in which they fall idle. */
  private kept(pool: readonly Connection[]): Connection[] {
    const { cluster, spec } = this
    const { now } = cluster
    const limitMs = spec.idle ?? defaultIdleMs
    let idle = 0
    const open = [...pool].sort((a, b) => a.freeAt - b.freeAt || a.number - b.number).filter(({ container, verdict, freeAt, idleMs }) => isHeld(cluster, container, verdict.port) && (freeAt > now || (now - freeAt < Math.min(limitMs, idleMs) && idle++ < idleMax)))
    if (open.length < pool.length) this.revision++
    return open
  }

  /** A new connection; a verdict when there is none to keep: nobody took it, or a proxy or a host outside answers for itself. */
  private connect(from: Source, destination: Destination): Connection | NetworkVerdict {
    const { cluster, spec } = this
    this.revision++
    const input = { from, ...destination, protocol: 'TCP', timeoutMs: spec.timeout, ...(spec.to.tls ? { tls: 'verified' } : {}) } satisfies NetworkRequest
    const dialled = this.network.request({ ...input, kind: 'connect' })
    if (!dialled.ok) return dialled
    const container = containerOf(cluster, dialled)
    return container ? { number: this.connections++, verdict: dialled, container, freeAt: cluster.now, idleMs: dialled.idleMs ?? Infinity } : this.network.request({ ...input, kind: 'http', path: spec.to.path! })
  }

  /** A request over a connection that is there: no Service is asked and no policy. One that got no answer closes it. */
  private over(connection: Connection, pool: Connection[]): NetworkVerdict {
    const { cluster, spec } = this
    const { verdict, container } = connection
    const failed = (failure: Pick<Failed, 'stage' | 'symptom' | 'latencyMs' | 'error'>): Failed => {
      pool.splice(pool.indexOf(connection), 1)
      this.revision++
      return { ok: false, ...failure, ...(verdict.pod ? { pod: verdict.pod } : {}) }
    }
    const late = { stage: 'silent', symptom: 'timeout', latencyMs: spec.timeout, error: 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)' } as const
    if (isWithoutPower(cluster, container)) return failed(late)
    const answer = container.respond({ port: verdict.port, protocol: 'TCP', kind: 'http', path: spec.to.path!, on: verdict.address, sourceIP: verdict.sourceIP, ...(spec.to.tls ? { tls: true } : {}) })
    if (answer.outcome === 'reset' || answer.outcome === 'refused') return failed({ stage: 'reset', symptom: 'reset', latencyMs: 1, error: `read tcp ${verdict.address}:${verdict.port}: read: connection reset by peer` })
    if (answer.outcome !== 'ok' || answer.latencyMs > spec.timeout) return failed(late)
    connection.freeAt = cluster.now + answer.latencyMs
    return { ...verdict, status: answer.status, latencyMs: answer.latencyMs, ...(answer.location === undefined ? {} : { location: answer.location }) }
  }

  /** The key holds all that decides whom the next requests meet: which connections are busy for how long, and in which order the others fell idle. */
  private keyed(client: Client, place: string, verdict: NetworkVerdict, isFirst: boolean): Call {
    const { now } = this.cluster
    const state = this.clients.flatMap(({ pools }) => [...pools.values()].flatMap((pool) => (pool.length < 2 && pool.every(({ freeAt }) => freeAt <= now + 1000 / this.spec.perSecond) ? [] : pool.map(({ number, freeAt }) => `${number}:${Math.max(0, freeAt - now)}`))))
    return { verdict, isFirst, key: `${client.number} ${place} ${verdict.pod ? `${verdict.pod.namespace}/${verdict.pod.name}` : verdict.ok ? verdict.status : verdict.error} ${state.join(' ')}` }
  }
}
