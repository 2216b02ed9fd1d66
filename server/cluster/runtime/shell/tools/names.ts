/** Tools that ask the DNS server: nslookup of busybox and dig of BIND. Texts and exit codes are those of the tools. */
import { hash } from '../../../../seed.ts'
import type { DnsAnswer, DnsRecord, DnsType, Source } from '../../../types.ts'
import type { Interpreter } from '../run.ts'
import type { Frame, Step, Streams } from '../session.ts'
import type { Command } from '../builtins.ts'

const types: ReadonlySet<string> = new Set(['A', 'AAAA', 'CNAME', 'SRV', 'PTR'])
const answerMs = 2
/** TTL that kubeadm's Corefile sets. */
const ttl = 30

function typeOf(text: string): DnsType | undefined {
  const type = text.toUpperCase()
  return types.has(type) ? (type as DnsType) : undefined
}

function isAddress(text: string): boolean {
  return /^(\d{1,3}\.){3}\d{1,3}$/.test(text)
}

/** `10.96.0.10` as the name that PTR records have. */
function reverseName(address: string): string {
  return `${address.split('.').reverse().join('.')}.in-addr.arpa`
}

function ask(shell: Interpreter, name: string, type: DnsType, search: boolean): DnsAnswer {
  const source: Source = { kind: 'pod', pod: shell.session.host.spec.pod }
  shell.session.calls++
  return shell.session.host.cluster.network.query(source, name, type, search)
}

/** One record as nslookup prints it (busybox networking/nslookup.c:parse_reply). */
function nslookupLine({ name, type, data }: DnsRecord): string {
  if (type === 'CNAME') return `${name}\tcanonical name = ${data}\n`
  if (type === 'SRV') return `${name}\tservice = ${data}\n`
  return type === 'PTR' ? `${name}\tname = ${data}\n` : `Name:\t${name}\nAddress: ${data}\n`
}

/** nslookup of busybox 1.29 and later asks for a name with a dot as it is, and adds search domains only to names without one; up to 1.28 it asked the resolver library. */
function* nslookup(shell: Interpreter, args: readonly string[], _frame: Frame, streams: Streams): Step<number> {
  const [name = '', server] = args.filter((arg) => !arg.startsWith('-'))
  const library = /busybox:1\.(\d|1\d|2[0-8])(\.|-|$)/.test(shell.session.host.spec.image.name)
  const wanted = args.map((arg) => /^-(?:type|querytype|query|q|t)=(.+)$/.exec(arg)?.[1]).find((text) => text !== undefined)
  const type = wanted === undefined ? (isAddress(name) ? 'PTR' : 'A') : typeOf(wanted)
  if (type === undefined) {
    streams.err(`nslookup: invalid query type "${wanted}"\n`)
    return 1
  }
  const asked = type === 'PTR' && isAddress(name) ? reverseName(name) : name
  const found = ask(shell, asked, type, library || !asked.includes('.'))
  const address = server ?? found.server
  streams.out(`Server:\t\t${address}\nAddress:\t${address}:53\n\n`)
  yield { ms: found.status === 'timeout' ? 10_000 : answerMs }
  if (found.status === 'timeout') {
    streams.out(';; connection timed out; no servers could be reached\n\n')
    return 1
  }
  if (found.status === 'NXDOMAIN') {
    streams.out(library ? `nslookup: can't resolve '${name}'\n` : `** server can't find ${found.name}: NXDOMAIN\n\n`)
    return 1
  }
  if (!found.authoritative) streams.out('Non-authoritative answer:\n')
  if (found.records.length === 0) streams.out(`*** Can't find ${found.name}: No answer\n\n`)
  else if (type === 'A') streams.out(found.records.map((record) => `${nslookupLine(record)}${record.type === 'CNAME' ? '' : '\n'}`).join(''))
  else streams.out(`${found.records.map(nslookupLine).join('')}\n`)
  return 0
}

type Digging = { name: string; type: DnsType; server: string | undefined; on: ReadonlySet<string>; words: string[] }

/** `dig [@server] [-x address] name [type] [+option…]`. */
function digging(args: readonly string[]): Digging {
  const on = new Set(['cmd', 'comments', 'question', 'answer', 'authority', 'stats'])
  const found: Digging = { name: '', type: 'A', server: undefined, on, words: [...args] }
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    const type = typeOf(arg)
    if (arg.startsWith('@')) found.server = arg.slice(1)
    else if (arg === '-x') Object.assign(found, { name: reverseName(args[++i] ?? ''), type: 'PTR' })
    else if (arg === '-t') found.type = typeOf(args[++i] ?? '') ?? 'A'
    else if (arg === '+noall') on.clear()
    else if (arg === '+all') for (const part of ['cmd', 'comments', 'question', 'answer', 'authority', 'stats']) on.add(part)
    else if (arg.startsWith('+no')) on.delete(arg.slice(3))
    else if (arg.startsWith('+')) on.add(arg.slice(1).split('=')[0]!)
    else if (type && found.name !== '') found.type = type
    else if (!arg.startsWith('-')) found.name = arg
  }
  return found
}

function* dig(shell: Interpreter, args: readonly string[], _frame: Frame, streams: Streams): Step<number> {
  const { name, type, server, on, words } = digging(args)
  const found = ask(shell, name, type, on.has('search') && !name.endsWith('.'))
  const address = server ?? found.server
  if (found.status === 'timeout') {
    for (let attempt = 0; attempt < 3; attempt++) {
      yield { ms: 5000 }
      streams.out(`;; communications error to ${address}#53: timed out\n`)
    }
    if (!on.has('short')) streams.out(`\n; <<>> DiG 9.18.33 <<>> ${words.join(' ')}\n;; global options: +cmd\n;; no servers could be reached\n`)
    return 9
  }
  yield { ms: answerMs }
  const dotted = (text: string): string => (isAddress(text) ? text : `${text}.`)
  if (on.has('short')) {
    streams.out(found.records.map(({ data }) => `${dotted(data)}\n`).join(''))
    return 0
  }
  const line = (record: DnsRecord): string => `${`${record.name}.`.padEnd(23)} ${ttl}\tIN\t${record.type}\t${dotted(record.data)}\n`
  const parts: string[] = []
  if (on.has('cmd')) parts.push(`\n; <<>> DiG 9.18.33 <<>> ${words.join(' ')}\n;; global options: +cmd\n`)
  const soa = found.records.length === 0 && found.authoritative
  if (on.has('comments')) {
    const flags = `qr${found.authoritative ? ' aa' : ''} rd${found.authoritative ? '' : ' ra'}`
    parts.push(`;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${found.status}, id: ${hash(`${shell.session.host.cluster.scenario.seed} dig ${name} ${type}`) % 65_536}\n;; flags: ${flags}; QUERY: 1, ANSWER: ${found.records.length}, AUTHORITY: ${soa ? 1 : 0}, ADDITIONAL: 1\n${found.authoritative ? ';; WARNING: recursion requested but not available\n' : ''}\n;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n`)
  }
  if (on.has('question')) parts.push(`;; QUESTION SECTION:\n;${`${found.name}.`.padEnd(22)}\tIN\t${type}\n\n`)
  if (on.has('answer') && found.records.length > 0) parts.push(`${on.has('comments') ? ';; ANSWER SECTION:\n' : ''}${found.records.map(line).join('')}${on.has('comments') ? '\n' : ''}`)
  if (on.has('authority') && soa) parts.push(`;; AUTHORITY SECTION:\ncluster.local.\t\t${ttl}\tIN\tSOA\tns.dns.cluster.local. hostmaster.cluster.local. 1767607200 7200 1800 86400 ${ttl}\n\n`)
  if (on.has('stats')) parts.push(`;; Query time: ${answerMs} msec\n;; SERVER: ${address}#53(${address}) (UDP)\n;; WHEN: ${whenText(shell.session.host.cluster.timestamp())}\n;; MSG SIZE  rcvd: ${sizeOf(found, soa)}\n\n`)
  streams.out(parts.join(''))
  return 0
}

/** `Mon Jan 05 10:00:30 UTC 2026`. */
function whenText(timestamp: string): string {
  const [, day, date, month, year, time] = /^(\w{3}), (\d{2}) (\w{3}) (\d{4}) ([\d:]+) GMT$/.exec(new Date(timestamp).toUTCString())!
  return `${day} ${month} ${date} ${time} UTC ${year}`
}

/** Bytes on the wire: header, question, OPT, and records whose own name is a pointer to the question's. */
function sizeOf({ name, records }: DnsAnswer, soa: boolean): number {
  const text = (host: string): number => host.length + 2
  const data = (record: DnsRecord): number => (record.type === 'A' ? 4 : record.type === 'SRV' ? 6 + text(record.data.split(' ')[3] ?? '') : text(record.data))
  return 12 + text(name) + 4 + 11 + records.reduce((sum, record) => sum + 12 + data(record), 0) + (soa ? 80 : 0)
}

export const nameTools: [string, Command][] = [['nslookup', nslookup], ['dig', dig]]
