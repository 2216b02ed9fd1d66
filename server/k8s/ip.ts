/** IP addresses and CIDR blocks as the API server reads them: Go's net.ParseIP, with leading zeros allowed in IPv4 (netutils.ParseIPSloppy). */

/** `bytes` are 4 or 16 numbers; an IPv4-mapped IPv6 address (`::ffff:1.2.3.4`) has 4, as Go's To4 sees it, and `mapped`. */
export type Ip = { family: 4 | 6; bytes: readonly number[]; mapped: boolean }

export type Cidr = { ip: Ip; prefix: number; network: readonly number[] }

function parseV4(text: string): number[] | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  const bytes: number[] = []
  for (const part of parts) {
    if (!/^[0-9]+$/.test(part)) return undefined
    const value = Number(part)
    if (value > 255) return undefined
    bytes.push(value)
  }
  return bytes
}

function parseV6(text: string): number[] | undefined {
  let head = text
  let tail: number[] = []
  const dot = text.lastIndexOf(':')
  if (text.includes('.')) {
    const embedded = parseV4(text.slice(dot + 1))
    if (!embedded) return undefined
    tail = embedded
    head = text.slice(0, dot + 1)
    if (!head.endsWith('::')) head = head.slice(0, -1)
  }
  const halves = head.split('::')
  if (halves.length > 2) return undefined
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')))
  for (const group of groups.flat()) if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined
  const bytesOf = (list: string[]): number[] => list.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255])
  const front = bytesOf(groups[0]!)
  const back = [...bytesOf(groups[1] ?? []), ...tail]
  if (halves.length === 1) return front.length + back.length === 16 ? [...front, ...back] : undefined
  const missing = 16 - front.length - back.length
  return missing >= 2 ? [...front, ...new Array<number>(missing).fill(0), ...back] : undefined
}

/** The address, or undefined when the text is none. Zones are refused. */
export function parseIp(text: string): Ip | undefined {
  if (!text.includes(':')) {
    const bytes = parseV4(text)
    return bytes && { family: 4, bytes, mapped: false }
  }
  const bytes = parseV6(text)
  if (!bytes) return undefined
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  return mapped ? { family: 4, bytes: bytes.slice(12), mapped } : { family: 6, bytes, mapped }
}

/** The block, or undefined. `network` is the address with its host bits cleared. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return undefined
  const ip = parseIp(text.slice(0, slash))
  const size = text.slice(slash + 1)
  if (!ip || !/^[0-9]{1,6}$/.test(size)) return undefined
  const bits = ip.family === 4 && !ip.mapped ? 32 : 128
  if (Number(size) > bits) return undefined
  const prefix = ip.mapped ? Math.max(0, Number(size) - 96) : Number(size)
  const network = ip.bytes.map((byte, index) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - index * 8))) & 0xff)
  return { ip, prefix, network }
}

/** Is the address inside the block? Addresses of the other family never are. */
export function cidrContains(cidr: Cidr, ip: Ip): boolean {
  if (cidr.ip.family !== ip.family) return false
  return ip.bytes.every((byte, index) => (byte & (0xff00 >> Math.min(8, Math.max(0, cidr.prefix - index * 8))) & 0xff) === cidr.network[index])
}

/** The canonical text: dotted IPv4, RFC 5952 IPv6. */
export function printIp(ip: Pick<Ip, 'family' | 'bytes'>): string {
  if (ip.family === 4) return ip.bytes.join('.')
  const groups: number[] = []
  for (let index = 0; index < 16; index += 2) groups.push(ip.bytes[index]! * 256 + ip.bytes[index + 1]!)
  let best = { start: -1, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  const text = (list: number[]): string => list.map((group) => group.toString(16)).join(':')
  return best.start < 0 ? text(groups) : `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`
}

/** The canonical text of the block's network. */
export function printCidr(cidr: Cidr): string {
  return `${printIp({ family: cidr.ip.family, bytes: cidr.network })}/${cidr.prefix}`
}

/** What validation says of a bad address (validation.IsValidIP). */
export const ipMessage = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'

/** What validation says of a bad block (validation.IsValidCIDR). */
export const cidrMessage = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

/** GetWarningsForIP, for an address already valid. */
export function ipWarnings(path: string, value: string): string[] {
  const ip = parseIp(value)
  if (!ip) return []
  const canonical = printIp(ip)
  if (ip.mapped || (ip.family === 4 && canonical !== value)) return [`${path}: non-standard IP address ${JSON.stringify(value)} will be considered invalid in a future Kubernetes release: use ${JSON.stringify(canonical)}`]
  if (ip.family === 6 && canonical !== value) return [`${path}: IPv6 address ${JSON.stringify(value)} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`]
  return []
}

/** GetWarningsForCIDR, for a block already valid. */
export function cidrWarnings(path: string, value: string): string[] {
  const cidr = parseCidr(value)
  if (!cidr) return []
  const found: string[] = []
  const shown = JSON.stringify(value)
  const bits = cidr.ip.family === 4 ? 32 : 128
  if (!cidr.network.every((byte, index) => byte === cidr.ip.bytes[index])) found.push(`${path}: CIDR value ${shown} is ambiguous in this context (should be ${JSON.stringify(printCidr(cidr))} or "${printIp(cidr.ip)}/${bits}"?)`)
  const [address, size] = value.split('/') as [string, string]
  const standard = !cidr.ip.mapped && String(Number(size)) === size && (cidr.ip.family === 6 || printIp(cidr.ip) === address)
  if (!standard) found.push(`${path}: non-standard CIDR value ${shown} will be considered invalid in a future Kubernetes release: use ${JSON.stringify(printCidr(cidr))}`)
  if (found.length === 0 && cidr.ip.family === 6 && `${printIp(cidr.ip)}/${cidr.prefix}` !== value) found.push(`${path}: IPv6 CIDR value ${shown} should be in RFC 5952 canonical format (${JSON.stringify(`${printIp(cidr.ip)}/${cidr.prefix}`)})`)
  return found
}
