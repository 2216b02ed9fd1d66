/** Names: a pod's resolv.conf (pkg/kubelet/network/dns/dns.go) and the records of CoreDNS (the Kubernetes DNS specification). */
import type { Fields } from '../../k8s/object.ts'
import type { Cluster, DnsAnswer, DnsType, Resolution, View } from '../types.ts'
import { hostnameOf } from '../kubelet/identity.ts'
import { bitsOf } from './address.ts'
import type { Party } from './party.ts'
import { domain, recordsOf } from './records.ts'

/** `cluster`: questions go to CoreDNS; `node`: to the node's resolver, which knows nothing of the cluster; `other`: to nameservers of the pod's own. `servers`: their addresses, the first is asked. */
export type Resolver = { asks: 'cluster' | 'node' | 'other'; servers: string[]; search: string[]; ndots: number; hosts: ReadonlyMap<string, string>; /** The program's C library is musl. */ musl?: boolean }

/** What the party's /etc/resolv.conf and /etc/hosts say. */
export function resolverOf(party: Party, dnsAddress: string, nodeResolver: string): Resolver {
  return fitting(configured(party, dnsAddress, nodeResolver))
}

function configured(party: Party, dnsAddress: string, nodeResolver: string): Resolver {
  const spec: Fields = party.pod?.spec ?? {}
  const hosts = new Map<string, string>((spec.hostAliases ?? []).flatMap((alias: Fields) => (alias.hostnames ?? []).map((name: string) => [name.toLowerCase(), alias.ip as string] as [string, string])))
  const own = party.pod?.status?.podIP as string | undefined
  if (own !== undefined && !party.isNode && party.pod) hosts.set(hostnameOf(party.pod).name.toLowerCase(), own)
  const namespace = party.namespace ?? party.pod?.metadata.namespace
  if (namespace === undefined) return { asks: 'node', servers: [nodeResolver], search: [], ndots: 1, hosts }
  const policy: string = spec.dnsPolicy ?? 'ClusterFirst'
  const inCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !party.isNode)
  const config: Fields = spec.dnsConfig ?? {}
  const ndots = (config.options ?? []).find((option: Fields) => option.name === 'ndots')?.value
  const search = inCluster ? [`${namespace}.svc.${domain}`, `svc.${domain}`, domain] : []
  const shared = { search: [...new Set<string>([...search, ...(config.searches ?? [])])], ndots: ndots === undefined ? (inCluster ? 5 : 1) : Number(ndots), hosts }
  const added: string[] = config.nameservers ?? []
  if (policy === 'None') return { ...shared, servers: [...new Set(added)], asks: added[0] === dnsAddress ? 'cluster' : 'other' }
  return { ...shared, servers: [...new Set([inCluster ? dnsAddress : nodeResolver, ...added])], asks: inCluster ? 'cluster' : 'node' }
}

const nameserversMax = 3
const searchesMax = 32
const searchLettersMax = 2048

/** What of it the kubelet keeps (formDNSNameserversFitsLimits, formDNSSearchFitsLimits). */
function fitting(wanted: Resolver): Resolver {
  const search = wanted.search.slice(0, searchesMax)
  while (search.join(' ').length > searchLettersMax) search.pop()
  return { ...wanted, servers: wanted.servers.slice(0, nameserversMax), search }
}

/** What the kubelet complains of when it makes the pod's resolv.conf (formDNSConfigFitsLimits): more nameservers or search paths than fit. */
export function resolverComplaints(party: Party, dnsAddress: string, nodeResolver: string): string[] {
  const wanted = configured(party, dnsAddress, nodeResolver)
  const kept = fitting(wanted)
  return [
    ...(kept.servers.length < wanted.servers.length ? [`Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${kept.servers.join(' ')}`] : []),
    ...(kept.search.length < wanted.search.length ? [`Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${kept.search.join(' ')}`] : []),
  ]
}

/** The pod's /etc/resolv.conf as containerd writes it (internal/cri/server/podsandbox: parseDNSOptions). */
export function resolvConf({ servers, search }: Resolver, party: Party): string {
  const spec: Fields = party.pod?.spec ?? {}
  const options = new Map<string, string | undefined>(spec.dnsPolicy === 'None' || spec.dnsPolicy === 'Default' || (party.isNode && spec.dnsPolicy !== 'ClusterFirstWithHostNet') ? [] : [['ndots', '5']])
  for (const option of (spec.dnsConfig?.options ?? []) as Fields[]) options.set(option.name, option.value)
  const written = [...options].map(([name, value]) => (value === undefined || value === '' ? name : `${name}:${value}`))
  return [search.length > 0 ? `search ${search.join(' ')}\n` : '', ...servers.map((server) => `nameserver ${server}\n`), written.length > 0 ? `options ${written.join(' ')}\n` : ''].join('')
}

/** The names a resolver asks for in turn: a trailing dot is final; enough dots put the name itself first, else last. With musl enough dots leave the search list out. */
export function candidates(host: string, { search, ndots, musl }: Resolver): string[] {
  if (host.endsWith('.')) return [host.slice(0, -1)]
  if (musl && host.split('.').length - 1 >= ndots) return [host]
  const searched = search.map((suffix) => `${host}.${suffix}`)
  return host.split('.').length - 1 >= ndots ? [host, ...searched] : [...searched, host]
}

/** Asks for each candidate until one has an address. `reaches` says whether a packet gets to the DNS server. */
export function lookUp(cluster: Cluster, view: View, host: string, resolver: Resolver, reaches: () => boolean): Resolution {
  const server = resolver.servers[0] ?? ''
  if (bitsOf(host) !== undefined) return { ok: true, addresses: [host], name: host, queries: [], server }
  const known = resolver.hosts.get(host.toLowerCase())
  if (known !== undefined) return { ok: true, addresses: [known], name: host, queries: [], server }
  const answer = ask(cluster, view, candidates(host.toLowerCase(), resolver), 'A', resolver, reaches)
  const addresses = answer.records.filter((record) => record.type === 'A').map((record) => record.data)
  if (answer.status === 'timeout') return { ok: false, error: 'timeout', queries: answer.queries, server }
  return addresses.length > 0 ? { ok: true, addresses, name: answer.name, queries: answer.queries, server } : { ok: false, error: 'NXDOMAIN', queries: answer.queries, server }
}

/** Asks for names in turn until one has records of the type; the answer is that, else the last one. A musl resolver goes on only after a name that does not exist (musl name_from_dns_search). */
export function ask(cluster: Cluster, view: View, names: readonly string[], type: DnsType, resolver: Resolver, reaches: () => boolean): DnsAnswer {
  const server = resolver.servers[0] ?? ''
  const queries: string[] = []
  let answer: DnsAnswer = { status: 'timeout', name: names[0] ?? '', records: [], server, queries: names.slice(0, 1), authoritative: false }
  if (!reaches()) return answer
  for (const name of names) {
    queries.push(name)
    const { exists, records, authoritative } = recordsOf(cluster, view, name, type, resolver.asks === 'cluster')
    answer = { status: exists ? 'NOERROR' : 'NXDOMAIN', name, records, server, queries, authoritative }
    if (records.some((record) => record.type === type) || (exists && resolver.musl)) return answer
  }
  return answer
}
