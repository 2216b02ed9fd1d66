/** Probe workers: one per container and kind, with their own timers; a tick that changes nothing touches nothing (pkg/kubelet/prober, pkg/probe). */
import type { Fields } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import { locationFrom } from '../urls.ts'
import type { Url } from '../urls.ts'
import type { AppResponse, Cluster, RunningContainer, Timer } from '../types.ts'

export type ProbeKind = 'liveness' | 'readiness' | 'startup'
/** `warning` counts as success and says something; `answered`: by HTTP, with a status that means failure. */
export type ProbeOutcome = { result: 'success' | 'warning' | 'failure' | 'error'; text: string; tookMs: Millis; answered?: true }

/** What is heard of whoever is asked; `lost`: nothing, for a reason that the network has. */
export type ProbeAnswer = AppResponse | { outcome: 'lost'; error: string; latencyMs: Millis }

export type ProbeTarget = { running: RunningContainer; podIP: string; nodeIP: string; ports: readonly Fields[]; /** Answers at the address asked for: on the pod's own whichever container listens. */ respond(request: Parameters<RunningContainer['respond']>[0]): ProbeAnswer }

/** Runs a probe once, now. */
export function runProbe(probe: Fields, target: ProbeTarget): ProbeOutcome {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000
  if (probe.exec) return execProbe(probe.exec.command ?? [], target, timeoutMs)
  const action = probe.httpGet ?? probe.tcpSocket ?? probe.grpc
  if (!action) return { result: 'error', text: 'missing probe handler', tookMs: 0 }
  const port = portNumber(action.port, target.ports)
  if (port === undefined) return { result: 'error', text: `strconv.Atoi: parsing "${action.port}": invalid syntax`, tookMs: 0 }
  const host = action.host || target.podIP
  if (probe.httpGet) return httpProbe({ scheme: probe.httpGet.scheme === 'HTTPS' ? 'https' : 'http', host, port, path: probe.httpGet.path ?? '/' }, target, timeoutMs)
  const kind = probe.grpc ? 'grpc' : 'connect'
  const answer = target.respond({ port, protocol: 'TCP', kind, path: '/', service: probe.grpc?.service ?? '', on: host, sourceIP: target.nodeIP })
  return judge(kind, `${host}:${port}`, answer, timeoutMs)
}

const atOnce: ProbeOutcome = { result: 'success', text: '', tookMs: 0 }

const mostRedirects = 10

/** Asks for the path and follows redirects that stay on the host; one that leads away is not followed and succeeds with a warning (pkg/probe/http/http.go: DoHTTPProbe, RedirectChecker). */
function httpProbe(first: Url, target: ProbeTarget, timeoutMs: Millis): ProbeOutcome {
  let place = first
  let tookMs = 0
  for (let asked = 1; ; asked++) {
    const answer = target.respond({ port: place.port, protocol: 'TCP', kind: 'http', path: place.path, service: '', on: place.host, sourceIP: target.nodeIP, tls: place.scheme === 'https' })
    const outcome = judgeHttp(place, answer, timeoutMs - tookMs)
    tookMs += outcome.tookMs
    const next = outcome.result === 'warning' && answer.outcome === 'ok' && answer.location !== undefined ? locationFrom(place, answer.location) : undefined
    if (!next || next.host !== first.host) return asked === 1 ? outcome : { ...outcome, tookMs }
    if (asked >= mostRedirects) return { result: 'failure', text: `Get "${(answer as { location: string }).location}": stopped after ${mostRedirects} redirects`, tookMs }
    place = next
  }
}

function portNumber(port: string | number, ports: readonly Fields[]): number | undefined {
  if (typeof port === 'number') return port
  const named = ports.find((one) => one.name === port)?.containerPort
  return named ?? (/^\d+$/.test(port) ? Number(port) : undefined)
}

function judgeHttp({ scheme, host, port, path }: Url, answer: ProbeAnswer, timeoutMs: Millis): ProbeOutcome {
  // Nearly every answer of a run.
  if (answer.outcome === 'ok' && answer.status >= 200 && answer.status < 300 && answer.latencyMs <= timeoutMs) return answer.latencyMs === 0 ? atOnce : { result: 'success', text: '', tookMs: answer.latencyMs }
  const address = `${host}:${port}`
  const failed = (why: string, tookMs = 0): ProbeOutcome => ({ result: 'failure', text: `Get "${scheme}://${address}${path}": ${why}`, tookMs })
  if (answer.outcome === 'refused') return failed(`dial tcp ${address}: connect: connection refused`)
  if (answer.outcome === 'lost' && answer.latencyMs < timeoutMs) return failed(answer.error, answer.latencyMs)
  if (answer.outcome === 'reset') return scheme === 'https' ? failed('http: server gave HTTP response to HTTPS client', 1) : failed(`read tcp ${address}: read: connection reset by peer`)
  if (answer.outcome !== 'ok' || answer.latencyMs > timeoutMs) return failed('context deadline exceeded (Client.Timeout exceeded while awaiting headers)', timeoutMs)
  const tookMs = answer.latencyMs
  if (answer.status >= 300 && answer.status < 400) return { result: 'warning', text: `Probe terminated redirects, Response body: ${answer.body ?? ''}`, tookMs }
  return { result: 'failure', text: `HTTP probe failed with statuscode: ${answer.status}`, tookMs, answered: true }
}

function judge(kind: 'grpc' | 'connect', address: string, answer: ProbeAnswer, timeoutMs: Millis): ProbeOutcome {
  const late = answer.outcome === 'silent' || (answer.outcome === 'ok' && answer.latencyMs > timeoutMs)
  if (kind === 'grpc' && (late || answer.outcome !== 'ok')) return { result: 'failure', text: `timeout: failed to connect service "${address}" within ${timeoutMs / 1000}s: context deadline exceeded`, tookMs: timeoutMs }
  if (answer.outcome === 'refused') return { result: 'failure', text: `dial tcp ${address}: connect: connection refused`, tookMs: 0 }
  if (answer.outcome === 'lost') return { result: 'failure', text: answer.error, tookMs: Math.min(answer.latencyMs, timeoutMs) }
  if (answer.outcome === 'reset') return { result: 'failure', text: `dial tcp ${address}: connect: connection reset by peer`, tookMs: 0 }
  if (kind === 'connect' || answer.outcome !== 'ok') return { result: 'success', text: '', tookMs: answer.outcome === 'ok' ? 0 : 1 }
  if (answer.status === 12) return { result: 'failure', text: 'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): rpc error: code = Unimplemented desc = unknown service grpc.health.v1.Health', tookMs: answer.latencyMs }
  if (answer.status === 5) return { result: 'failure', text: 'error: health rpc failed: rpc error: code = NotFound desc = unknown service', tookMs: answer.latencyMs }
  return answer.status === 0 || answer.status === 200 ? { result: 'success', text: '', tookMs: answer.latencyMs } : { result: 'failure', text: 'service unhealthy (responded with "NOT_SERVING")', tookMs: answer.latencyMs }
}

/** What the runtime says of a command that the image does not have. */
export function notFoundText(program: string): string {
  return `rpc error: code = Unknown desc = failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: "${program}": executable file not found in $PATH: unknown`
}

function execProbe(argv: string[], target: ProbeTarget, timeoutMs: Millis): ProbeOutcome {
  const done = target.running.exec(argv, timeoutMs)
  if (done.missing) return { result: 'error', text: notFoundText(done.missing), tookMs: 0 }
  if (done.timedOut || done.durationMs > timeoutMs) return { result: 'failure', text: `command timed out: "${argv.join(' ')}" timed out after ${timeoutMs / 1000}s`, tookMs: timeoutMs }
  return { result: done.exitCode === 0 ? 'success' : 'failure', text: `${done.stdout}${done.stderr}`.trimEnd(), tookMs: done.durationMs }
}

/** Reason and text of the event for an outcome that is no plain success (prober.go:probe). */
export function saidOf(kind: ProbeKind, { result, text }: ProbeOutcome): [reason: string, message: string] {
  const said = `${kind[0]!.toUpperCase()}${kind.slice(1)} probe`
  return result === 'warning' ? ['ProbeWarning', `${said} warning: ${text}`] : ['Unhealthy', `${said} ${result === 'error' ? 'errored and resulted in unknown state' : 'failed'}: ${text}`]
}

export type ProbeHost = {
  /** The running instance to probe and when it started; undefined while there is none. */
  target(): (ProbeTarget & { startedAt: Millis; id: string }) | undefined
  isStarted(): boolean
  isTerminating(): boolean
  onResult(kind: ProbeKind, success: boolean): void
  /** Told of every outcome that is no plain success. */
  onUnhealthy(kind: ProbeKind, outcome: ProbeOutcome): void
}

/**
 * One worker. Its ticks are at `from + n·period`; `trigger` runs at once and moves the grid. It runs one probe at a time: of the ticks that pass meanwhile
 * one is kept, and is run when the probe is through (worker.go:run, a loop around a time.Ticker).
 */
export class ProbeWorker {
  readonly kind: ProbeKind
  /** The published result; undefined is the startup probe's "unknown". */
  success: boolean | undefined
  private readonly probe: Fields
  private readonly cluster: Cluster
  private readonly key: string
  private readonly host: ProbeHost
  private readonly periodMs: Millis
  private timer: Timer | undefined
  private held = ''
  private seen = ''
  private last: boolean | undefined
  private run = 0
  private stopped = false
  private busy = false
  private owed = false
  private readonly nextTick = (): void => this.tick()

  constructor(kind: ProbeKind, probe: Fields, cluster: Cluster, key: string, host: ProbeHost) {
    this.kind = kind
    this.probe = probe
    this.cluster = cluster
    this.key = `${key} ${kind}`
    this.host = host
    this.periodMs = (probe.periodSeconds ?? 10) * 1000
    this.success = this.initial()
    this.tick()
  }

  stop(): void {
    this.stopped = true
    this.timer?.cancel()
  }

  /** Runs now and counts periods from now (worker.go: manualTriggerCh). */
  trigger(): void {
    if (this.stopped) return
    this.timer?.cancel()
    this.tick()
  }

  /** A new container ID: old results count no more. */
  reset(): void {
    this.success = this.initial()
    this.last = undefined
    this.run = 0
  }

  private initial(): boolean | undefined {
    return this.kind === 'liveness' ? true : this.kind === 'readiness' ? false : undefined
  }

  private tick(): void {
    if (this.stopped) return
    this.timer = this.cluster.schedule(this.cluster.now + this.periodMs, 'kubelet', this.key, this.nextTick)
    if (this.busy) this.owed = true
    else this.ask()
  }

  /** One probe, if there is something to ask; a long one is through when its answer or its time-out comes. */
  private ask(): void {
    const target = this.host.target()
    if (!target || (this.kind !== 'readiness' && this.host.isTerminating())) return
    if (target.id !== this.seen) {
      this.seen = target.id
      this.reset()
    }
    if (this.held === target.id || Math.floor((this.cluster.now - target.startedAt) / 1000) < (this.probe.initialDelaySeconds ?? 0)) return
    if (this.kind === 'startup' ? this.host.isStarted() : !this.host.isStarted()) return
    let outcome = runProbe(this.probe, target)
    for (let again = 0; outcome.result === 'error' && again < 2; again++) outcome = runProbe(this.probe, target)
    const quiet = outcome.result === 'success' && this.last === true && this.success === true && outcome.tookMs < this.periodMs
    if (quiet && this.kind !== 'startup') return
    if (quiet || outcome.tookMs === 0) return this.take(outcome, target.id)
    this.busy = true
    this.cluster.schedule(this.cluster.now + outcome.tookMs, 'kubelet', this.key, () => {
      this.busy = false
      this.take(outcome, target.id)
      if (this.stopped || !this.owed) return
      this.owed = false
      this.ask()
    })
  }

  private take(outcome: ProbeOutcome, id: string): void {
    const target = this.host.target()
    if (this.stopped || target?.id !== id) return
    if (outcome.result !== 'success') this.host.onUnhealthy(this.kind, outcome)
    if (outcome.result === 'error') return
    const success = outcome.result !== 'failure'
    this.run = this.last === success ? this.run + 1 : 1
    this.last = success
    if (this.run < (success ? (this.probe.successThreshold ?? 1) : (this.probe.failureThreshold ?? 3))) return
    if ((this.kind === 'liveness' && !success) || this.kind === 'startup') {
      this.held = id
      this.run = 0
    }
    if (this.success === success) return
    this.success = success
    this.host.onResult(this.kind, success)
  }
}
