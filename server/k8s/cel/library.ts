/** The functions that Kubernetes adds to CEL (k8s.io/apiserver/pkg/cel/library and the string extensions of cel-go), registered on an environment. */
import { type Environment, Optional } from '@marcbachmann/cel-js'
import { parseIp } from '../ip.ts'
import * as names from '../names.ts'
import { spend, sizeOf } from './budget.ts'
import { formatText, quoteText } from './format.ts'
import { Cidr, Ip, Quantity, Semver, Url } from './kubernetes-types.ts'
import { find, findAll, matches } from './regex.ts'
import { compareValues, isSame } from './values.ts'

/** Methods whose built-in form is another one than that of cel-go or runs on backtracking regular expressions; the engine calls them by these names instead. */
export const replacedMethods: Readonly<Record<string, string>> = { matches: 'readyz_matches', lowerAscii: 'readyz_lowerAscii', upperAscii: 'readyz_upperAscii', trim: 'readyz_trim' }

/** Stands for the receiver in `ip.isCanonical(…)`, `sets.contains(…)`, `strings.quote(…)`, `format.named(…)`. */
class IpNamespace {}
class SetsNamespace {}
class StringsNamespace {}
class FormatNamespace {}

/** A named format: what is wrong with a text. */
class Format {
  readonly problems: (text: string) => string[]
  constructor(problems: (text: string) => string[]) {
    this.problems = problems
  }
}

type Handler = (...values: never[]) => unknown

/** Adds everything to an environment and gives it back. */
export function withKubernetesLibrary(environment: Environment): Environment {
  const define = (functions: Readonly<Record<string, Handler>>): void => {
    for (const [signature, handler] of Object.entries(functions)) environment.registerFunction(signature, handler, { async: false })
  }
  environment.registerType('kubernetes.Quantity', { ctor: Quantity, fields: {} })
  environment.registerType('net.IP', { ctor: Ip, fields: {} })
  environment.registerType('net.CIDR', { ctor: Cidr, fields: {} })
  environment.registerType('kubernetes.URL', { ctor: Url, fields: {} })
  environment.registerType('kubernetes.Semver', { ctor: Semver, fields: {} })
  environment.registerType('kubernetes.NamedFormat', { ctor: Format, fields: {} })
  for (const [name, type] of [['ip', IpNamespace], ['sets', SetsNamespace], ['strings', StringsNamespace], ['format', FormatNamespace]] as const) {
    environment.registerType(type.name, { ctor: type, fields: {} })
    environment.registerConstant(name, type.name, new type())
  }
  for (const type of ['kubernetes.Quantity', 'net.IP', 'net.CIDR', 'kubernetes.Semver']) environment.registerOperator(`${type} == ${type}`, (a: unknown, b: unknown) => isSame(a, b))
  define(texts)
  define(lists)
  define(quantities)
  define(addresses)
  define(urls)
  define(versions)
  define(formats)
  return environment
}

const attempt = (make: () => unknown): boolean => {
  try {
    make()
    return true
  } catch {
    return false
  }
}

const asciiOnly = (text: string, change: (letters: string) => string): string => text.replace(/[A-Za-z]+/g, change)
const textPoints = (text: string): string[] => [...text]

const texts: Readonly<Record<string, Handler>> = {
  'string.readyz_matches(string): bool': matches,
  'matches(string, string): bool': matches,
  'string.find(string): string': find,
  'string.findAll(string): list<string>': (text: string, pattern: string) => findAll(text, pattern),
  'string.findAll(string, int): list<string>': (text: string, pattern: string, limit: bigint) => findAll(text, pattern, Number(limit)),
  'string.readyz_lowerAscii(): string': (text: string) => asciiOnly(text, (letters) => letters.toLowerCase()),
  'string.readyz_upperAscii(): string': (text: string) => asciiOnly(text, (letters) => letters.toUpperCase()),
  'string.readyz_trim(): string': (text: string) => text.replace(/^[\s\u0085]+|[\s\u0085]+$/g, ''),
  'string.charAt(int): string': (text: string, index: bigint) => {
    const points = textPoints(text)
    if (index < 0n || index > BigInt(points.length)) throw new Error(`index out of range: ${index}`)
    return points[Number(index)] ?? ''
  },
  'string.replace(string, string): string': (text: string, from: string, to: string) => replaceText(text, from, to, -1n),
  'string.replace(string, string, int): string': replaceText,
  'string.reverse(): string': (text: string) => textPoints(text).reverse().join(''),
  'string.format(list): string': (text: string, values: unknown[]) => {
    spend(sizeOf(values))
    return formatText(text, values)
  },
  'StringsNamespace.quote(string): string': (_: unknown, text: string) => quoteText(text),
}

function replaceText(text: string, from: string, to: string, limit: bigint): string {
  if (limit === 0n) return text
  const pieces = from === '' ? ['', ...textPoints(text), ''] : text.split(from)
  const count = limit < 0n ? pieces.length - 1 : Math.min(pieces.length - 1, Number(limit))
  spend((text.length + count * to.length) / 10)
  return [pieces.slice(0, count + 1).join(to), ...pieces.slice(count + 1)].join(from)
}

function extreme(values: unknown[], name: string, sign: 1 | -1): unknown {
  if (values.length === 0) throw new Error(`${name} called on empty list`)
  return values.reduce((best, value) => (compareValues(value, best) * sign > 0 ? value : best))
}

const covers = (list: unknown[], others: unknown[]): boolean => {
  spend(list.length * others.length)
  return others.every((other) => list.some((value) => isSame(value, other)))
}

const lists: Readonly<Record<string, Handler>> = {
  'list<T>.isSorted(): bool': (values: unknown[]) => values.every((value, index) => index === 0 || compareValues(values[index - 1], value) <= 0),
  'list<T>.sum(): T': (values: unknown[]) => sum(values),
  'list<T>.min(): T': (values: unknown[]) => extreme(values, 'min', -1),
  'list<T>.max(): T': (values: unknown[]) => extreme(values, 'max', 1),
  'list<T>.indexOf(T): int': (values: unknown[], wanted: unknown) => BigInt(values.findIndex((value) => isSame(value, wanted))),
  'list<T>.lastIndexOf(T): int': (values: unknown[], wanted: unknown) => BigInt(values.findLastIndex((value) => isSame(value, wanted))),
  'SetsNamespace.contains(list<T>, list<T>): bool': (_: unknown, list: unknown[], others: unknown[]) => covers(list, others),
  'SetsNamespace.equivalent(list<T>, list<T>): bool': (_: unknown, list: unknown[], others: unknown[]) => covers(list, others) && covers(others, list),
  'SetsNamespace.intersects(list<T>, list<T>): bool': (_: unknown, list: unknown[], others: unknown[]) => {
    spend(list.length * others.length)
    return list.some((value) => others.some((other) => isSame(value, other)))
  },
}

function sum(values: unknown[]): unknown {
  if (values.length === 0) return 0n
  if (values.every((value) => typeof value === 'bigint')) {
    const total = values.reduce((left, right) => left + right, 0n)
    if (total !== BigInt.asIntN(64, total)) throw new Error('integer overflow')
    return total
  }
  if (values.every((value) => typeof value === 'number')) return values.reduce((left, right) => left + right, 0)
  throw new Error('sum needs numbers of one type')
}

type Other = Quantity | bigint
const quantities: Readonly<Record<string, Handler>> = {
  'quantity(string): kubernetes.Quantity': (text: string) => Quantity.of(text),
  'isQuantity(string): bool': (text: string) => attempt(() => Quantity.of(text)),
  'kubernetes.Quantity.isInteger(): bool': (value: Quantity) => value.isInteger(),
  'kubernetes.Quantity.asInteger(): int': (value: Quantity) => value.asInteger(),
  'kubernetes.Quantity.asApproximateFloat(): double': (value: Quantity) => value.asApproximateFloat(),
  'kubernetes.Quantity.sign(): int': (value: Quantity) => value.sign(),
  'kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity': (value: Quantity, other: Other) => value.plus(other, 1n),
  'kubernetes.Quantity.add(int): kubernetes.Quantity': (value: Quantity, other: Other) => value.plus(other, 1n),
  'kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity': (value: Quantity, other: Other) => value.plus(other, -1n),
  'kubernetes.Quantity.sub(int): kubernetes.Quantity': (value: Quantity, other: Other) => value.plus(other, -1n),
  'kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool': (value: Quantity, other: Quantity) => value.compareTo(other) < 0,
  'kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool': (value: Quantity, other: Quantity) => value.compareTo(other) > 0,
  'kubernetes.Quantity.compareTo(kubernetes.Quantity): int': (value: Quantity, other: Quantity) => BigInt(value.compareTo(other)),
}

const addresses: Readonly<Record<string, Handler>> = {
  'ip(string): net.IP': (text: string) => Ip.of(text),
  'isIP(string): bool': (text: string) => attempt(() => Ip.of(text)),
  'IpNamespace.isCanonical(string): bool': (_: unknown, text: string) => {
    const ip = parseIp(text)
    if (!ip) throw new Error(`IP Address "${text}" parse error during conversion from string`)
    return !ip.mapped && new Ip(ip).toString() === text
  },
  'net.IP.family(): int': (ip: Ip) => BigInt(ip.ip.family),
  'net.IP.isUnspecified(): bool': (ip: Ip) => ip.isUnspecified(),
  'net.IP.isLoopback(): bool': (ip: Ip) => ip.isLoopback(),
  'net.IP.isLinkLocalMulticast(): bool': (ip: Ip) => ip.isLinkLocalMulticast(),
  'net.IP.isLinkLocalUnicast(): bool': (ip: Ip) => ip.isLinkLocalUnicast(),
  'net.IP.isGlobalUnicast(): bool': (ip: Ip) => ip.isGlobalUnicast(),
  'string(net.IP): string': (ip: Ip) => ip.toString(),
  'cidr(string): net.CIDR': (text: string) => Cidr.of(text),
  'isCIDR(string): bool': (text: string) => attempt(() => Cidr.of(text)),
  'net.CIDR.containsIP(net.IP): bool': (cidr: Cidr, ip: Ip) => cidr.contains(ip),
  'net.CIDR.containsIP(string): bool': (cidr: Cidr, ip: string) => cidr.contains(Ip.of(ip)),
  'net.CIDR.containsCIDR(net.CIDR): bool': (cidr: Cidr, other: Cidr) => cidr.containsCidr(other),
  'net.CIDR.containsCIDR(string): bool': (cidr: Cidr, other: string) => cidr.containsCidr(Cidr.of(other)),
  'net.CIDR.ip(): net.IP': (cidr: Cidr) => cidr.ip,
  'net.CIDR.masked(): net.CIDR': (cidr: Cidr) => cidr.masked(),
  'net.CIDR.prefixLength(): int': (cidr: Cidr) => BigInt(cidr.prefix),
  'string(net.CIDR): string': (cidr: Cidr) => cidr.toString(),
}

const urls: Readonly<Record<string, Handler>> = {
  'url(string): kubernetes.URL': (text: string) => Url.of(text),
  'isURL(string): bool': (text: string) => attempt(() => Url.of(text)),
  'kubernetes.URL.getScheme(): string': (url: Url) => url.scheme,
  'kubernetes.URL.getHost(): string': (url: Url) => url.host,
  'kubernetes.URL.getHostname(): string': (url: Url) => url.hostname(),
  'kubernetes.URL.getPort(): string': (url: Url) => url.port(),
  'kubernetes.URL.getEscapedPath(): string': (url: Url) => url.path,
  'kubernetes.URL.getQuery(): map<string, list<string>>': (url: Url) => url.values(),
}

const versions: Readonly<Record<string, Handler>> = {
  'semver(string): kubernetes.Semver': (text: string) => Semver.of(text),
  'semver(string, bool): kubernetes.Semver': (text: string, normalize: boolean) => Semver.of(text, normalize),
  'isSemver(string): bool': (text: string) => attempt(() => Semver.of(text)),
  'isSemver(string, bool): bool': (text: string, normalize: boolean) => attempt(() => Semver.of(text, normalize)),
  'kubernetes.Semver.major(): int': (version: Semver) => version.numbers[0],
  'kubernetes.Semver.minor(): int': (version: Semver) => version.numbers[1],
  'kubernetes.Semver.patch(): int': (version: Semver) => version.numbers[2],
  'kubernetes.Semver.isLessThan(kubernetes.Semver): bool': (version: Semver, other: Semver) => version.compareTo(other) < 0,
  'kubernetes.Semver.isGreaterThan(kubernetes.Semver): bool': (version: Semver, other: Semver) => version.compareTo(other) > 0,
  'kubernetes.Semver.compareTo(kubernetes.Semver): int': (version: Semver, other: Semver) => BigInt(version.compareTo(other)),
}

const prefixOf = (check: (text: string) => string[]) => (text: string): string[] => check(text.endsWith('-') ? `${text.slice(0, -1)}a` : text)
const namedFormats: Readonly<Record<string, Format>> = {
  dns1123Label: new Format(names.dns1123Label),
  dns1123Subdomain: new Format(names.dns1123Subdomain),
  dns1035Label: new Format(names.dns1035Label),
  qualifiedName: new Format(names.qualifiedName),
  labelValue: new Format(names.labelValue),
  dns1123LabelPrefix: new Format(prefixOf(names.dns1123Label)),
  dns1123SubdomainPrefix: new Format(prefixOf(names.dns1123Subdomain)),
  dns1035LabelPrefix: new Format(prefixOf(names.dns1035Label)),
  uri: new Format((text) => (attempt(() => Url.of(text)) ? [] : ['invalid URI'])),
  uuid: new Format((text) => (/^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text) ? [] : ['does not match the UUID format'])),
  byte: new Format((text) => (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text) ? [] : ['invalid base64'])),
  date: new Format((text) => (/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(text) ? [] : ['invalid date'])),
  datetime: new Format((text) => (/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text) ? [] : ['invalid datetime'])),
}

const formats: Readonly<Record<string, Handler>> = {
  'FormatNamespace.named(string): optional<kubernetes.NamedFormat>': (_: unknown, name: string) => (Object.hasOwn(namedFormats, name) ? Optional.of(namedFormats[name]) : Optional.none()),
  ...Object.fromEntries(Object.entries(namedFormats).map(([name, format]) => [`FormatNamespace.${name}(): kubernetes.NamedFormat`, () => format])),
  'kubernetes.NamedFormat.validate(string): optional<list<string>>': (format: Format, text: string) => {
    spend(text.length / 10)
    const problems = format.problems(text)
    return problems.length === 0 ? Optional.none() : Optional.of(problems)
  },
}
