/** Where the answers of servers send a client of HTTP, as Go's goes there (net/http/client.go: redirectBehavior, defaultCheckRedirect). */
import type { Network, NetworkRequest, NetworkVerdict } from '../types.ts'

const redirectsMax = 10
const ports = { http: 80, https: 443 }

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

function redirected(from: NetworkRequest, location: string): NetworkRequest {
  const whole = /^(https?):\/\/([^/:?#]+)(?::(\d+))?([/?][^#]*)?/.exec(location)
  if (!whole) return { ...from, path: location.startsWith('/') ? location : `${(from.path ?? '/').split('?')[0]!.replace(/[^/]*$/, '')}${location}` }
  const [, scheme, host = '', port, path = '/'] = whole
  const { tls: _tls, ...rest } = from
  return { ...rest, host, port: port === undefined ? ports[scheme as keyof typeof ports] : Number(port), path: path.startsWith('/') ? path : `/${path}`, ...(scheme === 'https' ? { tls: 'verified' } : {}) }
}
