/** Names: a pod's resolv.conf (pkg/kubelet/network/dns/dns.go) and the records of CoreDNS (the Kubernetes DNS specification). */
import type { Fields } from '../../k8s/object.ts'
import type { Cluster, Resolution, View } from '../types.ts'
import { bitsOf } from './address.ts'
import { ingressAddress, isIngressHost } from './ingress.ts'
import type { Party } from './party.ts'
import { endpointsOf } from './services.ts'

const domain = 'cluster.local'

/** `cluster`: questions go to CoreDNS; `node`: to the node's resolver, which knows nothing of the cluster; `other`: to nameservers of the pod's own. `servers`: their addresses, the first is asked. */
export type Resolver = { asks: 'cluster' | 'node' | 'other'; servers: string[]; search: string[]; ndots: number; hosts: ReadonlyMap<string, string> }

/** What the party's /etc/resolv.conf and /etc/hosts say. */
export function resolverOf(party: Party, dnsAddress: string, nodeResolver: string): Resolver {
  const spec: Fields = party.pod?.spec ?? {}
  const hosts = new Map<string, string>((spec.hostAliases ?? []).flatMap((alias: Fields) => (alias.hostnames ?? []).map((name: string) => [name.toLowerCase(), alias.ip as string] as [string, string])))
  const namespace = party.namespace ?? party.pod?.metadata.namespace
  if (namespace === undefined) return { asks: 'node', servers: [nodeResolver], search: [], ndots: 1, hosts }
  const policy: string = spec.dnsPolicy ?? 'ClusterFirst'
  const inCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !party.isNode)
  const own: Fields = spec.dnsConfig ?? {}
  const ndots = (own.options ?? []).find((option: Fields) => option.name === 'ndots')?.value
  const search = inCluster ? [`${namespace}.svc.${domain}`, `svc.${domain}`, domain] : []
  const shared = { search: [...new Set<string>([...search, ...(own.searches ?? [])])], ndots: ndots === undefined ? (inCluster ? 5 : 1) : Number(ndots), hosts }
  const added: string[] = own.nameservers ?? []
  if (policy === 'None') return { ...shared, servers: added, asks: added[0] === dnsAddress ? 'cluster' : 'other' }
  return { ...shared, servers: [...new Set([inCluster ? dnsAddress : nodeResolver, ...added])], asks: inCluster ? 'cluster' : 'node' }
}

/** The pod's /etc/resolv.conf as containerd writes it (internal/cri/server/podsandbox: parseDNSOptions). */
export function resolvConf({ servers, search }: Resolver, party: Party): string {
  const spec: Fields = party.pod?.spec ?? {}
  const options = new Map<string, string | undefined>(spec.dnsPolicy === 'None' || spec.dnsPolicy === 'Default' || (party.isNode && spec.dnsPolicy !== 'ClusterFirstWithHostNet') ? [] : [['ndots', '5']])
  for (const option of (spec.dnsConfig?.options ?? []) as Fields[]) options.set(option.name, option.value)
  const written = [...options].map(([name, value]) => (value === undefined || value === '' ? name : `${name}:${value}`))
  return [search.length > 0 ? `search ${search.join(' ')}\n` : '', ...servers.map((server) => `nameserver ${server}\n`), written.length > 0 ? `options ${written.join(' ')}\n` : ''].join('')
}

/** The names a resolver asks for in turn: a trailing dot is final; enough dots put the name itself first, else last. */
export function candidates(host: string, { search, ndots }: Resolver): string[] {
  if (host.endsWith('.')) return [host.slice(0, -1)]
  const searched = search.map((suffix) => `${host}.${suffix}`)
  return host.split('.').length - 1 >= ndots ? [host, ...searched] : [...searched, host]
}

/** Asks for each candidate until one has an answer. `reaches` says whether a packet gets to the DNS server. */
export function lookUp(cluster: Cluster, view: View, host: string, resolver: Resolver, reaches: () => boolean): Resolution {
  const server = resolver.servers[0] ?? ''
  if (bitsOf(host) !== undefined) return { ok: true, addresses: [host], name: host, queries: [], server }
  const known = resolver.hosts.get(host.toLowerCase())
  if (known !== undefined) return { ok: true, addresses: [known], name: host, queries: [], server }
  const names = candidates(host.toLowerCase(), resolver)
  if (!reaches()) return { ok: false, error: 'timeout', queries: names.slice(0, 1), server }
  const queries: string[] = []
  for (const name of names) {
    queries.push(name)
    const addresses = (resolver.asks === 'cluster' ? recordsOf(cluster, view, name, 0) : undefined) ?? outside(cluster, view, name)
    if (addresses.length > 0) return { ok: true, addresses, name, queries, server }
  }
  return { ok: false, error: 'NXDOMAIN', queries, server }
}

function outside(cluster: Cluster, view: View, name: string): string[] {
  const known = cluster.scenario.externals.filter((one) => one.host.toLowerCase() === name).map((one) => one.address)
  return known.length === 0 && isIngressHost(cluster, view, name) ? [ingressAddress] : known
}

/** A records of a cluster name; undefined: not a name of this cluster. A Service name exists with or without endpoints, a headless one only with some. */
function recordsOf(cluster: Cluster, view: View, name: string, depth: number): string[] | undefined {
  if (!name.endsWith(`.${domain}`)) return undefined
  const labels = name.slice(0, -domain.length - 1).split('.')
  const kind = labels.pop()
  const namespace = labels.pop() ?? ''
  if (kind === 'pod') return labels.length === 1 && bitsOf(labels[0]!.replaceAll('-', '.')) !== undefined ? [labels[0]!.replaceAll('-', '.')] : []
  const service = kind === 'svc' && labels.length > 0 ? view.get('Service', namespace, labels.pop()!) : undefined
  if (!service || labels.length > 1) return []
  if (service.spec?.type === 'ExternalName') {
    const target = String(service.spec.externalName).toLowerCase()
    return labels.length > 0 || depth > 8 ? [] : (recordsOf(cluster, view, target, depth + 1) ?? outside(cluster, view, target))
  }
  if (labels.length === 0 && service.spec?.clusterIP !== 'None') return [service.spec.clusterIP]
  const ports: Fields[] = service.spec?.ports?.length ? service.spec.ports : [{}]
  const ready = ports.flatMap((port) => endpointsOf(view, service, port)).filter((one) => one.ready)
  const named = labels.length === 0 ? ready : ready.filter((one) => (one.hostname ?? one.address.replaceAll('.', '-')) === labels[0])
  return [...new Set(named.map((one) => one.address))]
}
