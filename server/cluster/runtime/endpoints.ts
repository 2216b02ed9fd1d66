/** What a program answers on its paths and health services, as of now: latency, stalls, dependencies. */
import type { Millis } from '../../k8s/duration.ts'
import type { Profile } from '../profile.ts'
import type { AppResponse } from '../types.ts'
import type { Upstreams } from './upstreams.ts'

export type Endpoint = Profile['http'][string]

/** The endpoint of a path: with its query, without it, or undefined (404). A program that describes no path answers `/` and everything below. */
export function endpointOf(endpoints: Readonly<Record<string, Endpoint>>, path: string): Endpoint | undefined {
  return endpoints[path] ?? endpoints[path.split('?')[0]!] ?? (path.split('?')[0] === '' ? endpoints['/'] : undefined)
}

/** Latency of the endpoint itself at an age of the process (milliseconds since its start). */
export function ownLatency(endpoint: Endpoint, age: Millis): Millis {
  let latency: Millis = endpoint.latency
  if (endpoint.slowUntil && age < endpoint.slowUntil.until) latency = Math.max(latency, endpoint.slowUntil.latency)
  const stall = endpoint.stall
  if (stall && age >= stall.every && age % stall.every < stall.lasts) latency = Math.max(latency, stall.latency)
  return latency
}

/** The words of Go's http.Redirect. */
const redirectTexts: Record<number, string> = { 301: 'Moved Permanently', 302: 'Found', 303: 'See Other', 307: 'Temporary Redirect', 308: 'Permanent Redirect' }

/** An answer with everything that slows it: `factor` multiplies the endpoint's own time, `extraMs` comes on top; the calls to dependencies follow one another. */
export function answerEndpoint(endpoint: Endpoint, age: Millis, factor: number, extraMs: Millis, upstreams: Upstreams): AppResponse {
  const own = Math.round(ownLatency(endpoint, age) * factor) + extraMs
  const calls = upstreams.together(endpoint.depends)
  if (!calls.ok && calls.endless) return { outcome: 'silent' }
  if (calls.ok && endpoint.redirect !== undefined) {
    const status = endpoint.status === 200 ? 302 : endpoint.status
    return { outcome: 'ok', status, latencyMs: own + calls.latencyMs, location: endpoint.redirect, body: endpoint.body ?? `<a href="${endpoint.redirect}">${redirectTexts[status] ?? 'Found'}</a>.\n\n` }
  }
  const status = calls.ok ? endpoint.status : endpoint.failStatus
  return { outcome: 'ok', status, latencyMs: own + calls.latencyMs, body: endpoint.body !== undefined && calls.ok ? endpoint.body : status < 400 ? 'ok' : 'unavailable' }
}

/** Codes of gRPC for statuses of HTTP (grpc doc/http-grpc-status-mapping.md); what is below 17 is a code already. */
function codeOf(status: number): number {
  if (status < 17) return status
  if (status < 400) return 0
  return { 400: 13, 401: 16, 403: 7, 404: 12, 429: 14, 502: 14, 503: 14, 504: 14 }[status] ?? 2
}

const [notFound, unimplemented] = [5, 12]

/**
 * A call of gRPC: of the method that is asked for, or of the health service. A program that describes nothing has no health service and knows no method;
 * a health service answers that it does not serve with the status of the endpoint (503), which is no code.
 */
export function answerCall(described: Readonly<Record<string, Endpoint>>, asked: string, latencyMs: Millis, answer: (endpoint: Endpoint) => AppResponse): AppResponse {
  const endpoint = described[asked]
  const isMethod = asked.includes('/')
  if (!endpoint) return { outcome: 'ok', status: !isMethod && Object.keys(described).some((name) => !name.includes('/')) ? notFound : unimplemented, latencyMs }
  const answered = answer(endpoint)
  return isMethod && answered.outcome === 'ok' ? { ...answered, status: codeOf(answered.status) } : answered
}

/** The next instant after `now` at which the endpoint's own latency may change, for a process started at `startedAt`; undefined: never. */
export function nextTurn(endpoint: Endpoint, startedAt: Millis, now: Millis): Millis | undefined {
  const turns: Millis[] = []
  if (endpoint.slowUntil) turns.push(startedAt + endpoint.slowUntil.until)
  if (endpoint.stall) {
    const { every, lasts } = endpoint.stall
    const round = startedAt + Math.max(1, Math.floor((now - startedAt) / every)) * every
    turns.push(round, round + lasts, round + every)
  }
  const later = turns.filter((at) => at > now)
  return later.length === 0 ? undefined : Math.min(...later)
}
