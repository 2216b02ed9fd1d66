/** Quantities, names, addresses, selectors, times, base64 and Go's way of printing, against what Kubernetes' own tests and sources say. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64, encodeBase64, isBase64 } from '../../server/k8s/base64.ts'
import { byteLength, goJson, quote, sortedKeys } from '../../server/k8s/go-text.ts'
import { timeError } from '../../server/k8s/go-time.ts'
import { cidrContains, cidrWarnings, ipWarnings, parseCidr, parseIp, printIp } from '../../server/k8s/ip.ts'
import { readJson } from '../../server/k8s/json.ts'
import * as names from '../../server/k8s/names.ts'
import { podOf, containersOf } from '../../server/k8s/podspec.ts'
import { intValue, resolvePort, scaledValue } from '../../server/k8s/port.ts'
import { addQuantities, canonicalQuantity, compareQuantities, isWhole, milliValue, parseQuantity, printQuantity, quantityErrors, quantityOf, unitsOf } from '../../server/k8s/quantity.ts'
import { holds, parseSelector, printSelector, selects } from '../../server/k8s/selector.ts'

describe('quantities', () => {
  it('print canonically', () => {
    const table: Record<string, string> = { '1000m': '1', '0.5': '500m', '1.5Gi': '1536Mi', '1024Ki': '1Mi', '1500': '1500', '1e3': '1e3', '12e6': '12e6', '1000': '1k', '100000': '100k', '0': '0', '-0': '0', '-2.5': '-2500m', '1Ei': '1Ei', '1E': '1E', '1E3': '1E3', '0.1Ki': '102400m', '+1': '+1', '001': '001', '1.': '1.', '+1000': '1k', '0010000': '10k', '.5': '500m', '1n': '1n', '0.1n': '1n', '1023Ki': '1023Ki', '100Ti': '100Ti', '0.0001Gi': '107374182400u', '1e-3': '1e-3' }
    for (const [text, canonical] of Object.entries(table)) expect([text, canonicalQuantity(text)]).toEqual([text, canonical])
    expect(canonicalQuantity('100u', 'milli')).toBe('1m')
    expect(canonicalQuantity('-100u', 'milli')).toBe('-1m')
  })

  it('refuse what Kubernetes refuses, with its words', () => {
    for (const text of ['', '512MB', '1 Gi', '1Gi ', 'abc', '1..2', '1.2.3', '0x10', '1,5']) expect([text, parseQuantity(text)]).toEqual([text, { error: quantityErrors.format }])
    for (const text of ['--1', '1K', '1ki', '1mi', '1e', '1ee3', '1Mm']) expect([text, parseQuantity(text)]).toEqual([text, { error: quantityErrors.suffix }])
  })

  it('compare and add exactly', () => {
    expect(compareQuantities('0.1', '100m')).toBe(0)
    expect(compareQuantities('1Gi', '1G')).toBe(1)
    expect(compareQuantities('9007199254740993', '9007199254740992')).toBe(1)
    expect(printQuantity(addQuantities(quantityOf('0.1'), quantityOf('0.2')))).toBe('300m')
    expect([unitsOf('1500m'), milliValue('1u'), isWhole('1500m'), isWhole('2')]).toEqual([2n, 1n, false, true])
    expect(['1e-3', '8Pi', '9Pi', '20E', '31'.repeat(10)].map(isWhole)).toEqual([false, true, false, true, false])
  })

  it('stay the same when printed and read again', () => {
    const text = fc.tuple(fc.constantFrom('', '-'), fc.integer({ min: 0, max: 99_999_999 }), fc.option(fc.integer({ min: 0, max: 9999 })), fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e2', 'E-3')).map(([sign, whole, fraction, suffix]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${suffix}`)
    fc.assert(fc.property(text, (given) => {
      const canonical = canonicalQuantity(given)!
      expect(compareQuantities(given, canonical)).toBe(0)
      expect(canonicalQuantity(canonical)).toBe(canonical)
    }), { seed: 1, numRuns: 1000 })
  })

  it('with absurd exponents take no time', () => {
    expect(compareQuantities('1e999999999', '1')).toBe(1)
    expect(parseQuantity('9'.repeat(100_000))).toEqual({ error: quantityErrors.format })
  })
})

describe('names', () => {
  it('are checked with the words of the server', () => {
    expect(names.dns1123Label('a.b')).toEqual(['must not contain dots'])
    expect(names.dns1123Label('a'.repeat(64))).toEqual(['must be no more than 63 characters'])
    expect(names.qualifiedName('a/b/c')[0]).toMatch(/^a valid label key must consist of/)
    expect(names.qualifiedName('/x')).toEqual(['prefix part must be non-empty'])
    expect(names.qualifiedName('')).toHaveLength(2)
    expect(names.labelValue('x'.repeat(64))).toEqual(['must be no more than 63 bytes'])
    expect(names.portName('8080')).toEqual(['must contain at least one letter (a-z)'])
    expect(names.portName('-a--b-')).toEqual(['must not contain consecutive hyphens', 'must not begin or end with a hyphen'])
    expect(names.relaxedEnvironmentName('A=B')).toHaveLength(1)
    expect(names.configMapKey('..x')).toEqual(["must not start with '..'"])
    expect(names.pathSegment('a/b%')).toEqual(["may not contain '/'", "may not contain '%'"])
    for (const good of ['a', 'a-b', '0', 'x1']) expect([names.dns1123Label(good), names.dns1123Subdomain(`${good}.${good}`), names.qualifiedName(`${good}.io/${good}`)]).toEqual([[], [], []])
    expect(names.dns1035Label('1a')).toHaveLength(1)
  })
})

describe('addresses', () => {
  it('are read as Go reads them, with leading zeros allowed', () => {
    for (const good of ['1.2.3.4', '001.2.3.4', '::', '::1', '2001:db8::ffff', 'fe80::1:2', '::ffff:1.2.3.4', '1:2:3:4:5:6:7:8', '1:2:3:4:5:6:1.2.3.4']) expect([good, parseIp(good) !== undefined]).toEqual([good, true])
    for (const bad of ['', '1.2.3', '1.2.3.256', '1.2.3.4.5', ':', ':::', '1::2::3', '12345::', 'fe80::1%eth0', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', 'dns.google', '1.2.3.4 ']) expect([bad, parseIp(bad)]).toEqual([bad, undefined])
  })

  it('print canonically and are warned about otherwise', () => {
    const table: Record<string, string> = { '2001:0DB8:0:0:1:0:0:1': '2001:db8::1:0:0:1', '::': '::', '1:0:0:2:0:0:0:3': '1:0:0:2::3', '01.2.3.4': '1.2.3.4' }
    for (const [text, canonical] of Object.entries(table)) expect(printIp(parseIp(text)!)).toBe(canonical)
    expect(ipWarnings('spec.x', '01.2.3.4')).toEqual(['spec.x: non-standard IP address "01.2.3.4" will be considered invalid in a future Kubernetes release: use "1.2.3.4"'])
    expect(ipWarnings('spec.x', '2001:DB8::1')).toEqual(['spec.x: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")'])
    expect(cidrWarnings('c', '10.0.0.1/8')).toEqual(['c: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)'])
  })

  it('belong to blocks', () => {
    const inside = (block: string, ip: string): boolean => cidrContains(parseCidr(block)!, parseIp(ip)!)
    expect([inside('10.0.0.0/8', '10.255.0.1'), inside('10.0.0.0/8', '11.0.0.1'), inside('0.0.0.0/0', '9.9.9.9'), inside('2001:db8::/33', '2001:db8:7fff::1'), inside('2001:db8::/33', '2001:db8:8000::1'), inside('0.0.0.0/0', '::1')]).toEqual([true, false, true, true, false, false])
    for (const bad of ['10.0.0.0', '10.0.0.0/33', '::/129', '10.0.0.0/-1', '10.0.0.0/a', '/8']) expect([bad, parseCidr(bad)]).toEqual([bad, undefined])
  })
})

describe('selectors', () => {
  it('match as labels.Requirement does', () => {
    const labels = { app: 'web', tier: '3' }
    expect([holds({ key: 'app', operator: 'In', values: ['web'] }, labels), holds({ key: 'x', operator: 'NotIn', values: ['a'] }, labels), holds({ key: 'tier', operator: 'Gt', values: ['2'] }, labels), holds({ key: 'constructor', operator: 'Exists' }, labels)]).toEqual([true, true, true, false])
    expect([selects({}, {}), selects(undefined, labels), selects({ matchLabels: { app: 'api' } }, labels)]).toEqual([true, false, false])
  })

  it('are read from and printed as kubectl text', () => {
    expect(parseSelector('a=b, c!=d,e in (f, g),h,!i,j>1')).toEqual([
      { key: 'a', operator: 'In', values: ['b'] }, { key: 'c', operator: 'NotIn', values: ['d'] }, { key: 'e', operator: 'In', values: ['f', 'g'] },
      { key: 'h', operator: 'Exists' }, { key: 'i', operator: 'DoesNotExist' }, { key: 'j', operator: 'Gt', values: ['1'] },
    ])
    for (const bad of ['=', 'a=b,', 'a in b', 'a (', 'a b']) expect([bad, parseSelector(bad)]).toEqual([bad, undefined])
    expect(printSelector({ matchLabels: { b: '1' }, matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['z', 'y'] }, { key: 'c', operator: 'DoesNotExist' }] })).toBe('a notin (y,z),b=1,!c')
  })
})

describe('texts as Go writes and reads them', () => {
  it('quotes and JSON', () => {
    expect(quote('a"b\\\n\t\x00é\u200b\u{1f600}')).toBe('"a\\"b\\\\\\n\\t\\x00é\\u200b\u{1f600}"')
    expect(goJson({ a: '<&>' })).toBe('{"a":"\\u003c\\u0026\\u003e"}')
    expect(JSON.stringify(sortedKeys({ b: 1, a: 2 }))).toBe('{"a":2,"b":1}')
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(byteLength(text)).toBe(new TextEncoder().encode(text).length)
    }))
  })

  it('times', () => {
    for (const good of ['2024-02-29T23:59:59Z', '2024-01-01T00:00:00.123456789+02:00', '2024-01-01T00:00:00-11:30']) expect([good, timeError(good)]).toEqual([good, undefined])
    expect(timeError('yesterday')).toBe('parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"')
    expect(timeError('2024-01-01')).toBe('parsing time "2024-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"')
    expect(timeError('2024-13-01T00:00:00Z')).toBe('parsing time "2024-13-01T00:00:00Z": month out of range')
    expect(timeError('2023-02-29T00:00:00Z')).toBe('parsing time "2023-02-29T00:00:00Z": day out of range')
    expect(timeError('2024-01-01T00:00:00Zx')).toBe('parsing time "2024-01-01T00:00:00Zx": extra text: "x"')
    expect(timeError('2024-01-01T00:00:00Z', true)).toContain('cannot parse "Z" as ".000000"')
    expect(timeError('2024-01-01T00:00:00.123456Z', true)).toBeUndefined()
  })

  it('base64', () => {
    expect([decodeBase64('a'), decodeBase64('YQ='), decodeBase64('YQ==YQ=='), decodeBase64('YWJ!')]).toEqual([{ badAt: 0 }, { badAt: 3 }, { badAt: 4 }, { badAt: 3 }])
    expect([isBase64('YWI='), isBase64('YWI'), isBase64('Y WI')]).toEqual([true, false, false])
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = Buffer.from(bytes).toString('base64')
      expect(encodeBase64(bytes)).toBe(text)
      expect(decodeBase64(text.replace(/(.{5})/g, '$1\n'))).toEqual({ bytes: Uint8Array.from(bytes) })
    }))
  })

  it('JSON, which it reads as JSON.parse does', () => {
    fc.assert(fc.property(fc.json(), (text) => {
      const read = readJson(text)
      expect('value' in read && JSON.stringify(read.value)).toBe(JSON.stringify(JSON.parse(text)))
    }))
    for (const bad of ['{', '[1,]', '{"a" 1}', 'tru', '"\\x"', '{a:1}', '']) expect(readJson(bad)).toHaveProperty('error')
    expect(readJson(`${'['.repeat(50_000)}`)).toHaveProperty('error')
  })
})

describe('ports and pods', () => {
  it('scale and resolve', () => {
    expect([scaledValue('25%', 3, true), scaledValue('25%', 3, false), scaledValue(2, 9, true), scaledValue('x', 3, true), intValue('12'), intValue('a')]).toEqual([1, 0, 2, undefined, 12, 0])
    const ports = [{ name: 'web', containerPort: 80 }, { name: 'web', containerPort: 53, protocol: 'UDP' }]
    expect([resolvePort('web', ports), resolvePort('web', ports, 'UDP'), resolvePort('x', ports), resolvePort(7, ports)]).toEqual([80, 53, undefined, 7])
  })

  it('are found in every workload', () => {
    const pod = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c' }], initContainers: [{ name: 'i' }] } }
    const object = (kind: string, spec: unknown) => ({ apiVersion: 'v1', kind, metadata: { name: 'x' }, ...(spec as object) })
    expect(podOf(object('CronJob', { spec: { jobTemplate: { spec: { template: pod } } } }))!.path).toEqual(['spec', 'jobTemplate', 'spec', 'template'])
    expect(containersOf(object('Deployment', { spec: { template: pod } })).map((part) => [part.container.name, part.path.join('.')])).toEqual([['i', 'spec.template.spec.initContainers.0'], ['c', 'spec.template.spec.containers.0']])
    expect(podOf(object('Service', { spec: {} }))).toBeUndefined()
    expect(podOf(object('Deployment', { spec: { template: 3 } }))).toBeUndefined()
  })
})
