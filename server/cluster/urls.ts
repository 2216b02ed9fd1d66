/** Addresses of HTTP as its clients read them: probes, generators of traffic, and the shell's wget and curl. */

export type Url = { scheme: 'http' | 'https'; host: string; port: number; /** With its query. */ path: string }

/** Of a text whose scheme may be missing; undefined for other schemes. */
export function urlOf(text: string): Url | undefined {
  const match = /^(?:(https?):\/\/)?(\[[^\]]+\]|[^/:?#]+)(?::(\d+))?([/?][^#]*)?/.exec(text)
  if (!match || /^(ftp|file):/.test(text)) return undefined
  const scheme = match[1] === 'https' ? 'https' : 'http'
  const path = match[4] ?? '/'
  return { scheme, host: match[2]!.replace(/^\[|\]$/g, ''), port: match[3] === undefined ? (scheme === 'https' ? 443 : 80) : Number(match[3]), path: path.startsWith('/') ? path : `/${path}` }
}

/** Where the Location of an answer leads, seen from the page that sent it (RFC 3986, section 5.2, without dot segments). */
export function locationFrom(from: Url, location: string): Url {
  const whole = /^https?:\/\//.test(location) ? location : location.startsWith('//') ? `${from.scheme}:${location}` : undefined
  const url = whole === undefined ? undefined : urlOf(whole)
  return url ?? { ...from, path: location.startsWith('/') ? location : `${from.path.split('?')[0]!.replace(/[^/]*$/, '')}${location}` }
}
