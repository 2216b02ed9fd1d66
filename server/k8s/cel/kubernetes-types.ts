/** The types that Kubernetes adds to CEL (k8s.io/apiserver/pkg/cel/library: quantity.go, ip.go, cidr.go, urls.go, semverlib.go). */
import * as net from '../ip.ts'
import { addQuantities, parseQuantity, printQuantity, type Quantity as Amount } from '../quantity.ts'
import { compareText } from '../object.ts'

const billion = 1_000_000_000n
const intMax = (1n << 63n) - 1n

export class Quantity {
  readonly amount: Amount
  constructor(amount: Amount) {
    this.amount = amount
  }

  /** Throws the server's message for a text that is no quantity. */
  static of(text: string): Quantity {
    const parsed = parseQuantity(text)
    if ('error' in parsed) throw new Error(parsed.error)
    return new Quantity(parsed)
  }

  isInteger(): boolean {
    return this.amount.nano % billion === 0n && this.units() <= intMax && this.units() >= -intMax - 1n
  }

  /** Whole units; throws where `isInteger` is false. */
  asInteger(): bigint {
    if (!this.isInteger()) throw new Error('cannot convert value to integer')
    return this.units()
  }

  asApproximateFloat(): number {
    return Number(this.amount.nano) / 1e9
  }

  sign(): bigint {
    return this.amount.nano > 0n ? 1n : this.amount.nano < 0n ? -1n : 0n
  }

  plus(other: Quantity | bigint, factor: bigint): Quantity {
    const added = typeof other === 'bigint' ? { nano: other * billion, format: 'DecimalSI' as const } : other.amount
    return new Quantity(addQuantities(this.amount, { ...added, nano: added.nano * factor }))
  }

  compareTo(other: Quantity): number {
    return this.amount.nano < other.amount.nano ? -1 : this.amount.nano > other.amount.nano ? 1 : 0
  }

  toString(): string {
    return printQuantity(this.amount)
  }

  private units(): bigint {
    return this.amount.nano / billion
  }
}

/** `zones` are no part of an address, and an IPv4 address written as IPv6 is refused (netip.ParseAddr with the checks of ip.go:parseIPAddr). */
export class Ip {
  readonly ip: net.Ip
  constructor(ip: net.Ip) {
    this.ip = ip
  }

  static of(text: string): Ip {
    const ip = net.parseIp(text)
    if (!ip || ip.mapped) throw new Error(`IP Address "${text}" parse error during conversion from string`)
    return new Ip(ip)
  }

  private get first(): number {
    return this.ip.bytes[0]!
  }

  isUnspecified(): boolean {
    return this.ip.bytes.every((byte) => byte === 0)
  }

  isLoopback(): boolean {
    return this.ip.family === 4 ? this.first === 127 : this.ip.bytes.every((byte, index) => byte === (index === 15 ? 1 : 0))
  }

  isMulticast(): boolean {
    return this.ip.family === 4 ? (this.first & 0xf0) === 0xe0 : this.first === 0xff
  }

  isLinkLocalMulticast(): boolean {
    const [first, second, third] = this.ip.bytes
    return this.ip.family === 4 ? first === 224 && second === 0 && third === 0 : first === 0xff && (second! & 0x0f) === 2
  }

  isLinkLocalUnicast(): boolean {
    const [first, second] = this.ip.bytes
    return this.ip.family === 4 ? first === 169 && second === 254 : first === 0xfe && (second! & 0xc0) === 0x80
  }

  /** netip.Addr.IsGlobalUnicast: private addresses count. */
  isGlobalUnicast(): boolean {
    if (this.ip.family === 4 && (this.isUnspecified() || this.ip.bytes.every((byte) => byte === 255))) return false
    return !this.isUnspecified() && !this.isLoopback() && !this.isMulticast() && !this.isLinkLocalUnicast()
  }

  compareTo(other: Ip): number {
    return compareText(this.toString(), other.toString())
  }

  toString(): string {
    return net.printIp(this.ip)
  }
}

export class Cidr {
  readonly ip: Ip
  readonly prefix: number
  constructor(ip: Ip, prefix: number) {
    this.ip = ip
    this.prefix = prefix
  }

  static of(text: string): Cidr {
    const parsed = net.parseCidr(text)
    if (!parsed || parsed.ip.mapped) throw new Error('network address parse error during conversion from string')
    return new Cidr(new Ip(parsed.ip), parsed.prefix)
  }

  contains(ip: Ip): boolean {
    return ip.ip.family === this.ip.ip.family && isEqualTo(masked(ip, this.prefix).bytes, masked(this.ip, this.prefix).bytes)
  }

  containsCidr(other: Cidr): boolean {
    return other.prefix >= this.prefix && this.contains(other.ip)
  }

  masked(): Cidr {
    return new Cidr(new Ip(masked(this.ip, this.prefix)), this.prefix)
  }

  compareTo(other: Cidr): number {
    return compareText(this.toString(), other.toString())
  }

  toString(): string {
    return `${this.ip.toString()}/${this.prefix}`
  }
}

const isEqualTo = (a: readonly number[], b: readonly number[]): boolean => a.every((byte, index) => byte === b[index])

function masked({ ip }: Ip, prefix: number): net.Ip {
  return { ...ip, bytes: ip.bytes.map((byte, index) => byte & (0xff << (8 - Math.max(0, Math.min(8, prefix - index * 8))))) }
}

/** url.ParseRequestURI: absolute, or a path from the root. */
export class Url {
  readonly scheme: string
  readonly host: string
  readonly path: string
  readonly query: string
  constructor(scheme: string, host: string, path: string, query: string) {
    this.scheme = scheme
    this.host = host
    this.path = path
    this.query = query
  }

  static of(text: string): Url {
     
    const match = /[\x00-\x20\x7f]/.test(text) ? null : /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?]*))?(\/[^?]*)?(?:\?(.*))?$/.exec(text)
    if (!match || text === '' || (!match[1] && !text.startsWith('/')) || /%(?![0-9a-fA-F]{2})/.test(match[3] ?? '')) throw new Error(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`)
    const host = (match[2] ?? '').replace(/^.*@/, '')
    if (!/^(\[[0-9a-fA-F:.%]+\]|[^:[\]]*)(:\d*)?$/.test(host)) throw new Error(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid host or port`)
    return new Url((match[1] ?? '').toLowerCase(), host, match[3] ?? '', match[4] ?? '')
  }

  /** The host without port and brackets. */
  hostname(): string {
    return this.host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')
  }

  port(): string {
    return /:(\d*)$/.exec(this.host.replace(/^\[.*\]/, ''))?.[1] ?? ''
  }

  /** Values by name, in the order of the query. */
  values(): Map<string, string[]> {
    const found = new Map<string, string[]>()
    for (const part of this.query.split('&')) {
      if (part === '') continue
      const equals = part.indexOf('=')
      const [name, value] = (equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)]).map(unescapeQuery) as [string, string]
      found.set(name, [...(found.get(name) ?? []), value])
    }
    return found
  }
}

function unescapeQuery(text: string): string {
  const spaced = text.replace(/\+/g, ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}

/** Semantic versions 2.0.0 (blang/semver). */
export class Semver {
  readonly numbers: readonly [bigint, bigint, bigint]
  readonly pre: readonly string[]
  constructor(numbers: readonly [bigint, bigint, bigint], pre: readonly string[]) {
    this.numbers = numbers
    this.pre = pre
  }

  /** `normalize` takes a leading v, leading zeros and missing minor or patch too (semverlib.go:normalizeAndParse). */
  static of(text: string, normalize = false): Semver {
    const wanted = normalize ? normalized(text) : text
    const match = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/.exec(wanted)
    const pre = match?.[4]?.split('.') ?? []
    if (!match || pre.some((part) => /^0\d+$/.test(part))) throw new Error(`Semver ${JSON.stringify(text)} parse error during conversion from string`)
    return new Semver([BigInt(match[1]!), BigInt(match[2]!), BigInt(match[3]!)], pre)
  }

  compareTo(other: Semver): number {
    for (const [index, number] of this.numbers.entries()) {
      const theirs = other.numbers[index]!
      if (number !== theirs) return number < theirs ? -1 : 1
    }
    if (this.pre.length === 0 || other.pre.length === 0) return Math.sign(other.pre.length - this.pre.length)
    for (const [index, part] of this.pre.entries()) {
      const theirs = other.pre[index]
      if (theirs === undefined) return 1
      if (part !== theirs) return comparePart(part, theirs)
    }
    return this.pre.length < other.pre.length ? -1 : 0
  }
}

function comparePart(a: string, b: string): number {
  const [left, right] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (left && right) return BigInt(a) < BigInt(b) ? -1 : 1
  return left === right ? compareText(a, b) : left ? -1 : 1
}

function normalized(text: string): string {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(.*)$/.exec(text)
  return match ? `${[match[1], match[2] ?? '0', match[3] ?? '0'].map((number) => BigInt(number!).toString()).join('.')}${match[4]}` : text
}
