/** Calls of a program to the services it depends on. A verdict is kept for a second, so that a probe every second costs one look, not one per path. */
import type { Millis } from '../../k8s/duration.ts'
import { isLocal } from '../network/address.ts'
import { ingressAddress, ownPage } from '../network/ingress.ts'
import type { Profile } from '../profile.ts'
import type { AppResponse, NetworkVerdict } from '../types.ts'
import type { Host } from './host.ts'
import type { Lookup } from './values.ts'
import { resolveDuration, resolveValue, splitAddress } from './values.ts'

export type Upstream = Profile['upstreams'][number]
/** `endless`: the call has no time-out and gets no answer. */
export type CallResult = { ok: true; latencyMs: Millis } | { ok: false; latencyMs: Millis; error: string; endless: boolean }

const keptMs = 1000
const withoutTimeoutMs = 3_600_000

export class Upstreams {
  private readonly host: Host
  private readonly lookup: Lookup
  private readonly all: readonly Upstream[]
  private readonly kept = new Map<string, { at: Millis; result: CallResult }>()

  constructor(host: Host, all: readonly Upstream[], lookup: Lookup) {
    this.host = host
    this.all = all
    this.lookup = lookup
  }

  /** Where a call goes: host and port of the profile; a host value may carry its own port. */
  target(upstream: Upstream): { host: string; port: number } {
    const address = splitAddress(resolveValue(upstream.host, this.lookup))
    const port = splitAddress(resolveValue(upstream.port, this.lookup)).port
    return { host: address.host ?? '', port: port ? port : (address.port ?? 0) }
  }

  named(name: string): CallResult | undefined {
    const upstream = this.all.find((one) => one.name === name)
    if (!upstream) return undefined
    const kept = this.kept.get(name)
    if (kept && this.host.cluster.now - kept.at < keptMs) return kept.result
    return this.call(upstream)
  }

  call(upstream: Upstream): CallResult {
    const timeoutMs = resolveDuration(upstream.timeout, this.lookup) ?? 2000
    const { host, port } = this.target(upstream)
    const result = host === '' ? { ok: false as const, latencyMs: 0, error: 'dial tcp: missing address', endless: false } : connect(this.host, { host, port, protocol: upstream.protocol, kind: upstream.answers ? 'data' : 'connect', timeoutMs: timeoutMs === 0 ? withoutTimeoutMs : timeoutMs })
    const limited: CallResult = result.ok && timeoutMs > 0 && result.latencyMs > timeoutMs ? { ok: false, latencyMs: timeoutMs, error: 'context deadline exceeded', endless: false } : !result.ok && result.endless && timeoutMs > 0 ? { ...result, latencyMs: timeoutMs, endless: false } : result
    this.kept.set(upstream.name, { at: this.host.cluster.now, result: limited })
    return limited
  }

  /** Results of several calls made one after the other; stops at the first that fails. */
  together(names: readonly string[]): CallResult {
    let latencyMs = 0
    for (const name of names) {
      const result = this.named(name)
      if (!result) {
        this.host.cluster.note({ text: `The profile names a dependency "${name}" that it does not describe.`, ref: this.host.spec.pod, decisive: true })
        continue
      }
      latencyMs += result.latencyMs
      if (!result.ok) return { ...result, latencyMs }
    }
    return { ok: true, latencyMs }
  }
}

export type Dial = { host: string; port: number; protocol: 'TCP' | 'UDP'; kind: 'connect' | 'http' | 'grpc' | 'data'; path?: string; timeoutMs?: Millis; tls?: 'none' | 'any' | 'verified' }

/** One call from this container; its own pod answers on localhost, everything else goes through the cluster's network. */
export function connect(host: Host, dial: Dial): CallResult & { status?: number; body?: string; location?: string } {
  const { cluster, spec } = host
  if (isLocal(dial.host)) {
    const answer = answerLocally(host, dial)
    if (answer.outcome === 'ok') return { ok: true, latencyMs: answer.latencyMs, status: answer.status, ...(answer.body === undefined ? {} : { body: answer.body }), ...(answer.location === undefined ? {} : { location: answer.location }) }
    const address = `127.0.0.1:${dial.port}`
    if (answer.outcome === 'silent') return { ok: false, latencyMs: dial.timeoutMs ?? withoutTimeoutMs, error: 'i/o timeout', endless: true }
    return { ok: false, latencyMs: 0, error: answer.outcome === 'refused' ? `dial tcp ${address}: connect: connection refused` : `read tcp ${address}: connection reset by peer`, endless: false }
  }
  const verdict: NetworkVerdict = cluster.network.request({ from: { kind: 'pod', pod: spec.pod }, host: dial.host, port: dial.port, protocol: dial.protocol, kind: dial.kind, ...(dial.path === undefined ? {} : { path: dial.path }), ...(dial.timeoutMs === undefined ? {} : { timeoutMs: dial.timeoutMs }), ...(dial.tls === undefined ? {} : { tls: dial.tls }) })
  if (verdict.ok) {
    const body = dial.kind === 'http' ? bodyOf(host, dial, verdict) : undefined
    return { ok: true, latencyMs: verdict.latencyMs, status: verdict.status, ...(body === undefined ? {} : { body }), ...(verdict.location === undefined ? {} : { location: verdict.location }) }
  }
  return { ok: false, latencyMs: verdict.latencyMs, error: verdict.error, endless: verdict.stage === 'silent' || (verdict.symptom === 'timeout' && verdict.latencyMs >= withoutTimeoutMs) }
}

/** What the program that answered sends; verdicts carry no content. */
function bodyOf(host: Host, dial: Dial, verdict: Extract<NetworkVerdict, { ok: true }>): string | undefined {
  if (verdict.address === ingressAddress) return ownPage(verdict.status)
  const answering = verdict.pod && verdict.container !== undefined ? host.cluster.runtime.container(verdict.pod, verdict.container) : undefined
  const answer = answering?.respond({ port: verdict.port, protocol: dial.protocol, kind: 'http', path: verdict.path ?? dial.path ?? '/', on: verdict.address, sourceIP: verdict.sourceIP })
  return answer?.outcome === 'ok' ? answer.body : undefined
}

/** Asks the processes of this pod on the loopback address. */
export function answerLocally(host: Host, dial: Dial): AppResponse {
  for (const sibling of host.siblings()) {
    const answer = sibling.respond({ port: dial.port, protocol: dial.protocol, kind: dial.kind, path: dial.path ?? '/', service: '', on: '127.0.0.1', sourceIP: '127.0.0.1' })
    if (answer.outcome !== 'refused') return answer
  }
  return { outcome: 'refused' }
}
