/**
 * What players hold open: WebSocket connections, or streams of gRPC on the connection of their client. Each stays open for its planned time unless its pod, a proxy
 * or a load balancer ends it. A player who was cut off comes back after a pause that doubles with every failure; the cut counts as a loss all the same.
 */
import type { Ref } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { LiveCluster } from '../cluster.ts'
import { callError, requestOf } from '../network/clients.ts'
import { ingressController } from '../network/ingress.ts'
import { createNetwork } from '../network/index.ts'
import type { NodeRuntime } from '../runtime/index.ts'
import type { TrafficSpec } from '../scenario.ts'
import type { Network, NetworkVerdict, RunningContainer, Timer } from '../types.ts'
import { Bursts } from './bursts.ts'
import { Channels, noticesSilenceMs } from './channels.ts'
import type { Account, Generator } from './generator.ts'
import type { Lost, Outcome } from './ledger.ts'
import { outcomeOf } from './outcome.ts'
import { destinationsOf, isWithoutPower, senderOf } from './target.ts'

/** Why something was cut: the server said that it stops, the connection broke off, a proxy ended it for its silence, nobody answered, or the server found it too old. */
type Cause = 'stopped' | 'broken' | 'idle' | 'silent' | 'aged'

/** Words of gorilla/websocket for the close frame of a server that ends, and for a connection that breaks off. */
const abnormal = 'websocket: close 1006 (abnormal closure): unexpected EOF'
const webSocketWords: Record<Cause, string> = { stopped: 'websocket: close 1001 (going away)', broken: abnormal, idle: abnormal, silent: 'i/o timeout', aged: abnormal }

/** Words of grpc-go (internal/transport/http2_client.go: Close, handleRSTStream, keepalive); a server that stops or finds a connection too old says so before it closes it. */
function streamWords({ keepalive }: TrafficSpec): Record<Cause, string> {
  const afterGoAway = (why: string): string => callError('Unavailable', `closing transport due to: connection error: desc = "error reading from server: EOF", received prior goaway: code: NO_ERROR, debug data: "${why}"`)
  return {
    stopped: afterGoAway('graceful_stop'), aged: afterGoAway('max_age'), broken: callError('Unavailable', 'error reading from server: EOF'),
    idle: callError('Internal', 'stream terminated by RST_STREAM with error code: INTERNAL_ERROR'),
    silent: callError('Unavailable', keepalive === undefined ? 'error reading from server: read: connection timed out' : 'keepalive ping failed to receive ACK within timeout'),
  }
}

const defaultMessagesMs = 10_000
const defaultReconnect = { first: 1000, max: 30_000 }
/** After a reload the old workers of nginx end with the connections they hold (worker-shutdown-timeout). */
const reloadMs = 240_000

const offeringMs = 1000

type Session = { endsAt: Millis; container: RunningContainer | undefined; pod: Ref | undefined; throughIngress: boolean }

class Sessions implements Account {
  readonly opened: { at: Millis; outcome: Outcome; again: boolean }[] = []
  readonly losses: Lost[] = []

  sent(from: Millis, until: Millis): number {
    return this.opened.filter(({ at, again }) => !again && at >= from && at < until).length
  }

  tried(from: Millis, until: Millis): { at: Millis; ok: boolean }[] {
    return this.opened.filter(({ at, again }) => !again && at >= from && at < until).map(({ at, outcome }) => ({ at, ok: outcome.error === undefined }))
  }

  lost(from: Millis, until: Millis): Lost[] {
    return this.losses.filter(({ at }) => at >= from && at < until)
  }

  answered(from: Millis, until: Millis, keyOf: (outcome: Outcome) => string | undefined): Map<string, number> {
    const counts = new Map<string, number>()
    for (const { at, outcome } of this.opened) {
      const key = at >= from && at < until && outcome.error === undefined ? keyOf(outcome) : undefined
      if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
  }
}

export class SessionClient implements Generator {
  readonly spec: TrafficSpec
  readonly ledger = new Sessions()
  private readonly cluster: LiveCluster
  private readonly network: Network
  private readonly bursts: Bursts
  private readonly key: string
  private readonly endsAt: Millis
  private readonly open = new Set<Session>()
  /** Those whose pod has not answered lately. */
  private readonly doubted = new Set<Session>()
  /** Planned ends of the connections that are tried again together. */
  private readonly returning = new Map<string, Millis[]>()
  private asked = 0
  private readonly channels: Channels | undefined
  private readonly words: Record<Cause, string>
  private readonly noun: string
  private offered: RunningContainer[] = []
  private offering: Timer | undefined

  constructor(cluster: LiveCluster, spec: TrafficSpec) {
    this.cluster = cluster
    this.spec = spec
    this.network = createNetwork(cluster)
    this.bursts = new Bursts(cluster, spec)
    const isStream = spec.to.grpc !== undefined
    this.channels = isStream ? new Channels(cluster, this.network, spec) : undefined
    this.words = isStream ? streamWords(spec) : webSocketWords
    this.noun = isStream ? 'stream' : 'connection'
    this.key = `traffic ${spec.name}`
    this.endsAt = cluster.appliedAt + Math.min(spec.ends ?? Infinity, cluster.run.length)
    this.arrive(0)
    cluster.watch(({ object, old, type }) => {
      if (object.kind === 'Ingress' && (type !== 'modified' || JSON.stringify([object.spec, object.metadata.annotations]) !== JSON.stringify([old?.spec, old?.metadata.annotations]))) this.reloaded()
    })
  }

  private arrive(number: number): void {
    const at = this.cluster.appliedAt + this.spec.starts + Math.round((number * 1000) / this.spec.perSecond)
    if (at >= this.endsAt) return
    this.cluster.schedule(at, 'network', this.key, () => {
      const outcome = this.connect(at + this.spec.lasts, false)
      if (outcome?.error !== undefined) this.lost(outcome.error, outcome.pod, 1)
      this.arrive(number + 1)
    })
  }

  /** Opens a connection or stream now; undefined: there is nobody to open it. */
  private connect(endsAt: Millis, again: boolean): Outcome | undefined {
    const { cluster, spec } = this
    const from = senderOf(cluster, spec.from)
    if (!from) return undefined
    const destinations = destinationsOf(cluster, spec.to, 'address' in spec.from)
    const destination = destinations[this.asked++ % Math.max(1, destinations.length)]
    const call = this.channels?.call(from, destinations)
    const verdict = this.channels ? call?.verdict : destination && this.network.request({ from, ...destination, protocol: 'TCP', timeoutMs: spec.timeout, ...requestOf(spec.to, 'connect'), ...(spec.to.tls ? { tls: 'verified' } : {}) })
    const outcome = outcomeOf(cluster, spec.to, verdict)
    this.ledger.opened.push({ at: cluster.now, outcome, again })
    if (outcome.error === undefined && verdict) this.established(verdict, outcome, endsAt, call?.cutAt)
    return outcome
  }

  private established(verdict: NetworkVerdict, { container, pod }: Outcome, endsAt: Millis, cutAt = Infinity): void {
    const { cluster, spec } = this
    const throughIngress = verdict.ok && isFromIngress(verdict)
    // Pings keep a load balancer quiet; a proxy looks at each stream.
    const idleMs = verdict.ok && (throughIngress || spec.keepalive === undefined || spec.keepalive >= (verdict.idleMs ?? 0)) ? verdict.idleMs : undefined
    const session: Session = { endsAt, container, pod, throughIngress }
    this.open.add(session)
    const cutLater = (at: Millis, cause: Cause): void => { if (at < endsAt) cluster.schedule(at, 'network', this.key, () => this.cut([session], cause)) }
    if (idleMs !== undefined && idleMs < (spec.messages ?? defaultMessagesMs)) cutLater(cluster.now + idleMs, throughIngress ? 'idle' : 'broken')
    cutLater(cutAt, 'aged')
    if (container && paysForMessages(container)) this.offer()
  }

  /** Tells programs that pay for messages how many to expect, every second while there are any. */
  private offer(): void {
    const { cluster, spec } = this
    const runtime = cluster.runtime as Partial<NodeRuntime>
    if (this.offering || !runtime.offer) return
    this.offering = cluster.schedule(cluster.now + offeringMs, 'network', this.key, () => {
      this.offering = undefined
      const counts = new Map<RunningContainer, number>()
      for (const { container, endsAt } of this.open) if (container && endsAt > cluster.now && paysForMessages(container)) counts.set(container, (counts.get(container) ?? 0) + 1)
      for (const container of this.offered) if (!counts.has(container)) runtime.offer!(spec.name, container, 'message', 0)
      for (const [container, count] of counts) runtime.offer!(spec.name, container, 'message', (count * 1000) / (spec.messages ?? defaultMessagesMs))
      this.offered = [...counts.keys()]
      if (counts.size > 0) this.offer()
    })
  }

  // ---- the end of connections

  /** Cuts those of them that are open, and lets their players come back. */
  private cut(sessions: readonly Session[], cause: Cause): void {
    const { now } = this.cluster
    const cut = sessions.filter((session) => this.open.delete(session) && session.endsAt > now)
    if (cut.length === 0) return
    this.lost(this.words[cause], cut[0]!.pod, cut.length)
    this.comeBack(cut.map(({ endsAt }) => endsAt), (this.spec.reconnect ?? defaultReconnect).first, now)
  }

  private lost(error: string, pod: Ref | undefined, count: number): void {
    const { now } = this.cluster
    for (let i = 0; i < count; i++) this.ledger.losses.push({ at: now, ...(pod ? { pod } : {}), error })
    this.bursts.lost(error, pod, now, now, count)
  }

  /** All who were cut off together try again together: nothing spreads them but the pause, which doubles. */
  private comeBack(ends: readonly Millis[], pauseMs: Millis, since: Millis): void {
    const { cluster, spec } = this
    const at = cluster.now + pauseMs
    const waiting = ends.filter((end) => end > at)
    if (waiting.length === 0) return
    const together = `${at} ${since}`
    const others = this.returning.get(together)
    if (others) return void others.push(...waiting)
    this.returning.set(together, waiting)
    cluster.schedule(at, 'network', this.key, () => {
      this.returning.delete(together)
      const failed = waiting.filter((end) => this.connect(end, true)?.error !== undefined)
      const back = waiting.length - failed.length
      const rest = failed.length === 0 ? '' : `, ${failed.length} still trying`
      cluster.record({ kind: 'reconnected', text: `${spec.name}: ${back} ${this.noun}${back === 1 ? '' : 's'} open again ${(at - since) / 1000} s after the cut${rest}`, data: { traffic: spec.name, count: back, waiting: failed.length, afterMs: at - since } })
      if (failed.length > 0) this.comeBack(failed, Math.min(pauseMs * 2, (spec.reconnect ?? defaultReconnect).max), since)
    })
  }

  private where(test: (session: Session) => boolean): Session[] {
    const { now } = this.cluster
    for (const session of this.open) if (session.endsAt <= now) this.open.delete(session)
    return [...this.open].filter(test)
  }

  ended(container: RunningContainer): void {
    if (isWithoutPower(this.cluster, container)) return this.giveUp(this.where((session) => session.container === container), () => true)
    this.cut(this.where((session) => session.container === container), container.endsCleanly || (this.channels && this.wasToldToStop(container)) ? 'stopped' : 'broken')
  }

  /** A server of gRPC says that it stops as soon as it is told to; one that is killed in the middle of that has said so. */
  private wasToldToStop({ spec }: RunningContainer): boolean {
    return spec.image.profile.stop.sigterm === 'handled' && this.cluster.view.get('Pod', spec.pod.namespace, spec.pod.name)?.metadata.deletionTimestamp !== undefined
  }

  /** Players wait for an answer as long as their time-out says. A stream stays open: pings are answered below the program that hangs. */
  stalled(container: RunningContainer): void {
    if (this.channels) return
    const held = this.where((session) => session.container === container)
    this.giveUp(held, () => container.isHung && !container.exited)
  }

  /** A node without power closes nothing: its players find out by themselves. */
  changed(): void {
    const isSilent = ({ container }: Session): boolean => container !== undefined && isWithoutPower(this.cluster, container)
    this.giveUp(this.where(isSilent), () => true)
  }

  private giveUp(sessions: readonly Session[], stillSo: () => boolean): void {
    const fresh = sessions.filter((session) => !this.doubted.has(session))
    if (fresh.length === 0) return
    for (const session of fresh) this.doubted.add(session)
    this.cluster.schedule(this.cluster.now + (this.channels ? noticesSilenceMs(this.spec) : this.spec.timeout), 'network', this.key, () => {
      for (const session of fresh) this.doubted.delete(session)
      if (stillSo()) this.cut(fresh, 'silent')
    })
  }

  private reloaded(): void {
    const held = this.where(({ throughIngress }) => throughIngress)
    if (held.length > 0) this.cluster.schedule(this.cluster.now + reloadMs, 'network', this.key, () => this.cut(held, 'broken'))
  }

  settle(): void {
    // Every connection is written down when it is opened.
  }
}

/** The pod saw the controller's address. */
function isFromIngress({ sourceIP }: Extract<NetworkVerdict, { ok: true }>): boolean {
  return sourceIP === ingressController.address
}

function paysForMessages({ spec }: RunningContainer): boolean {
  return spec.image.profile.cpu.perMessage > 0
}
