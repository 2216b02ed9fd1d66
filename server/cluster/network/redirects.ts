/** Where the answers of servers send a client of HTTP, as Go's goes there (net/http/client.go: redirectBehavior, defaultCheckRedirect). */
import { locationFrom } from '../urls.ts'
import type { Network, NetworkRequest, NetworkVerdict } from '../types.ts'

const redirectsMax = 10

/** What the client sees in the end of a request that was answered so. */
export function followed(network: Network, request: NetworkRequest, first: NetworkVerdict): NetworkVerdict {
  let verdict = first
  let asked = request
  let latencyMs = first.latencyMs
  for (let count = 0; verdict.ok && verdict.location !== undefined && verdict.status >= 300 && verdict.status < 400; count++) {
    if (count === redirectsMax) return { ok: false, stage: 'reset', symptom: 'reset', latencyMs, error: `stopped after ${redirectsMax} redirects` }
    asked = redirected(asked, verdict.location)
    verdict = network.request(asked)
    latencyMs += verdict.latencyMs
  }
  return { ...verdict, latencyMs }
}

function redirected({ tls, ...from }: NetworkRequest, location: string): NetworkRequest {
  const scheme = tls === 'any' || tls === 'verified' ? 'https' : 'http'
  const to = locationFrom({ scheme, host: from.host, port: from.port, path: from.path ?? '/' }, location)
  const speaks = to.scheme === scheme ? tls : to.scheme === 'https' ? 'verified' : undefined
  return { ...from, host: to.host, port: to.port, path: to.path, ...(speaks === undefined ? {} : { tls: speaks }) }
}
