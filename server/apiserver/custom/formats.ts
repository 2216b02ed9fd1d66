/** Formats of strings that the API server checks in custom resources (kube-openapi/pkg/validation/strfmt; apiextensions-apiserver/pkg/apiserver/validation/formats.go); others are not looked at. */
import { byteLength } from '../../k8s/go-text.ts'
import { timeError } from '../../k8s/go-time.ts'
import { parseCidr, parseIp } from '../../k8s/ip.ts'
import { parseQuantity } from '../../k8s/quantity.ts'
import type { Schema } from './definition.ts'

const uuid = (version: string, variant = '[0-9a-f]'): RegExp => new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}$`, 'i')
const [anyUuid, uuid3, uuid4, uuid5] = [uuid('[0-9a-f]'), uuid('3'), uuid('4', '[89ab]'), uuid('5', '[89ab]')]

const letter = String.raw`[a-zA-Z0-9\p{S}\p{L}]`
const hostnames = new RegExp(String.raw`^(?:${letter}(?:-?${letter}{0,62})?|(?:${letter}(?:(?:${letter}|-){0,61}${letter})?\.)+${letter}(?:-?${letter}){1,62})$`, 'u')
const shortName = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?'
const channel = String.raw`\s*(?:0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*`
const rgb = new RegExp(String.raw`^rgb\(${channel},${channel},${channel}\)$`)
const cards = /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|(?:222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11}|6[27]\d{14})$/
const atoms = String.raw`[^\s()<>[\]:;@\\,."]+(?:\.[^\s()<>[\]:;@\\,."]+)*`
const address = String.raw`(?:${atoms}|"(?:[^"\\]|\\.)+")@(?:${atoms}|\[[^\]]+\])`
const emails = new RegExp(String.raw`^\s*(?:${address}|(?:[^<>@,;:"]*|"(?:[^"\\]|\\.)*"\s*)<${address}>)\s*$`)

/** By names without dashes. */
const checks: Readonly<Record<string, (text: string) => boolean>> = {
  datetime: isDateTime,
  date: isDate,
  duration: isDuration,
  ipv4: (text) => isStrictIp(text) && text.includes('.'),
  ipv6: (text) => isStrictIp(text) && text.includes(':'),
  cidr: (text) => parseCidr(text) !== undefined && !hasLeadingZero(text),
  mac: (text) => [12, 16, 40].includes(text.replace(/[^0-9a-f]/gi, '').length) && /^[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1)*[0-9a-f]{2}$|^(?:[0-9a-f]{4}\.)+[0-9a-f]{4}$/i.test(text),
  uuid: (text) => anyUuid!.test(text),
  uuid3: (text) => uuid3!.test(text),
  uuid4: (text) => uuid4!.test(text),
  uuid5: (text) => uuid5!.test(text),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCard,
  ssn: (text) => /^\d{3}[- ]\d{2}[- ]\d{4}$/.test(text),
  bsonobjectid: (text) => /^[0-9a-f]{24}$/i.test(text),
  byte: (text) => text !== '' && /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
  email: (text) => emails.test(text),
  hostname: (text) => byteLength(text) <= 255 && text.split('.').every((part) => byteLength(part) <= 63) && hostnames.test(text),
  uri: isRequestUri,
  hexcolor: (text) => /^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(text),
  rgbcolor: (text) => rgb.test(text),
  password: () => true,
  quantity: (text) => !('error' in parseQuantity(text)),
  k8sshortname: (text) => text.length <= 63 && new RegExp(`^${shortName}$`).test(text),
  k8slongname: (text) => text.length <= 253 && new RegExp(String.raw`^${shortName}(?:\.${shortName})*$`).test(text),
}

const numberFormats: Readonly<Record<string, readonly string[]>> = { integer: ['int32', 'int64'], number: ['float', 'double'] }

/** Is the text of this format? Unknown formats take every text. */
export function isOfFormat(format: string, text: string): boolean {
  const name = format.replaceAll('-', '')
  return !Object.hasOwn(checks, name) || checks[name]!(text)
}

/** The format that is checked in values of a schema: the server forgets those that it does not know for the type. */
export function formatOf(schema: Schema): string {
  const { format, type = '' } = schema as { format?: unknown; type?: unknown }
  if (typeof format !== 'string') return ''
  const isKnown = type === '' || type === 'string' || schema['x-kubernetes-int-or-string'] === true ? Object.hasOwn(checks, format.replaceAll('-', '')) : (numberFormats[String(type)] ?? []).includes(format)
  return isKnown ? format : ''
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && timeError(`${text}T00:00:00Z`) === undefined
}

/** Letters in any case, seconds up to 59, and any character before a fraction. */
function isDateTime(text: string): boolean {
  const [day = '', time = ''] = text.toLowerCase().split('t')
  const found = /^(\d{2}):(\d{2}):(\d{2})(?:.\d+)?(?:z|[+-]\d{2}:\d{2})$/.exec(time)
  return isDate(day) && found !== null && found[1]! <= '23' && found[2]! <= '59' && found[3]! <= '59'
}

/** A duration of Go, or a number with the word for a unit anywhere in the text. */
function isDuration(text: string): boolean {
  if (/^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$|^[+-]?0$/.test(text)) return true
  return [...text.matchAll(/(?<!\d)\d+\s*([A-Za-zµ]+)/g)].some(([, unit]) => /^(?:ns|us|µs|ms|s|m|h|hr|d|w|wk|(?:nano|micro|milli|sec|min|hour|day|week)[a-zµ]*)$/i.test(unit!))
}

/** net.ParseIP refuses what ParseIPSloppy takes. */
function isStrictIp(text: string): boolean {
  return parseIp(text) !== undefined && !hasLeadingZero(text)
}

function hasLeadingZero(text: string): boolean {
  return text.includes('.') && /(?:^|[.:])0\d+\.|\.0\d/.test(text)
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '')
  if (!/^\d{9}[\dX]$/.test(digits)) return false
  return [...digits].reduce((sum, digit, index) => sum + (index + 1) * (digit === 'X' ? 10 : Number(digit)), 0) % 11 === 0
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '')
  return /^\d{13}$/.test(digits) && [...digits].reduce((sum, digit, index) => sum + (index % 2 === 0 ? 1 : 3) * Number(digit), 0) % 10 === 0
}

/** Luhn's sum, whatever stands between the digits. */
function isCard(text: string): boolean {
  const digits = text.replace(/\D+/g, '')
  if (!cards.test(digits)) return false
  const sum = [...digits].reverse().reduce((total, digit, index) => total + (index % 2 === 0 ? Number(digit) : [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][Number(digit)]!), 0)
  return sum % 10 === 0
}

/** net/url.ParseRequestURI: an absolute address or an absolute path. */
function isRequestUri(text: string): boolean {
  if (text === '' || /[\x00-\x1f\x7f]/.test(text)) return false
  if (text === '*') return true
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(text)?.[0] ?? ''
  const rest = text.slice(scheme.length).split('?', 1)[0]!
  if (!rest.startsWith('/')) return scheme !== ''
  const authority = scheme !== '' && rest.startsWith('//') ? /^\/\/[^/]*/.exec(rest)![0] : ''
  return !/%(?![0-9a-f]{2})/i.test(rest.slice(authority.length)) && isAuthority(authority.slice(2))
}

function isAuthority(text: string): boolean {
  const at = text.lastIndexOf('@')
  if (at >= 0 && !/^(?:[\w\-.:~!$&'()*+,;=@]|%[0-9a-f]{2})*$/i.test(text.slice(0, at))) return false
  const host = text.slice(at + 1)
  if (host.startsWith('[')) return /^\[[^\]]*\](?::\d*)?$/.test(host)
  return /^(?:[\w\-.~!$&'()*+,;=:[\]<>"\u0080-\uffff]|%25|%[89a-f][0-9a-f])*$/i.test(host) && /^[^:]*$|:\d*$/.test(host)
}
