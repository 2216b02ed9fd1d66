/**
 * What CoreDNS answers: the records of Services, endpoints and pods (the Kubernetes DNS specification; coredns plugin/kubernetes/{parse,kubernetes,handler}.go,
 * plugin/backend_lookup.go), and of the hosts outside that the scenario knows.
 */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText } from '../../k8s/object.ts'
import type { Cluster, DnsRecord, DnsType, View } from '../types.ts'
import { bitsOf } from './address.ts'
import { ingressAddress, isIngressHost } from './ingress.ts'
import { serviceOf } from '../service-labels.ts'

export const domain = 'cluster.local'

/** Records of a name; `exists` tells a name without records of this type from a name that is not there. */
export type Records = { exists: boolean; records: DnsRecord[]; /** The answer is CoreDNS' own. */ authoritative: boolean }

const none: Records = { exists: false, records: [], authoritative: true }
const reversed = '.in-addr.arpa'
const longestChain = 8

/** The records of an absolute name (lower case, no trailing dot). `inCluster`: CoreDNS is asked; else a resolver outside, which knows nothing of the cluster. */
export function recordsOf(cluster: Cluster, view: View, name: string, type: DnsType, inCluster = true, depth = 0): Records {
  if (inCluster && name.endsWith(reversed)) {
    const found = pointers(view, name)
    if (found.exists) return found
  }
  if (!inCluster || (name !== domain && !name.endsWith(`.${domain}`))) return outside(cluster, view, name, type)
  const labels = name === domain ? [] : name.slice(0, -domain.length - 1).split('.')
  const kind = labels.pop()
  const namespace = labels.pop()
  if (namespace === undefined) return { ...none, exists: kind === undefined || kind === 'svc' || kind === 'pod' }
  const last = labels.pop()
  if (last === undefined) return { ...none, exists: (kind === 'svc' || kind === 'pod') && view.get('Namespace', '', namespace) !== undefined }
  if (kind === 'pod') return podRecords(name, labels.length === 0 ? last : '', type)
  const service = kind === 'svc' ? view.get('Service', namespace, last) : undefined
  if (!service || labels.length > 2) return none
  if (service.spec?.type === 'ExternalName') return labels.length === 1 || depth > longestChain ? none : aliased(cluster, view, name, service, type, depth)
  const key = `${last}.${namespace}.svc.${domain}`
  const found = labels.length === 1 || service.spec?.clusterIP === 'None' ? endpointTargets(view, service, labels, key) : serviceTargets(service, labels, key)
  return found.length === 0 ? none : { exists: true, authoritative: true, records: type === 'A' ? addressesOf(name, found) : type === 'SRV' ? servicesOf(name, found) : [] }
}

function outside(cluster: Cluster, view: View, name: string, type: DnsType): Records {
  const known = cluster.scenario.externals.filter((one) => one.host.toLowerCase() === name).map((one) => one.address)
  const addresses = known.length === 0 && isIngressHost(cluster, view, name) ? [ingressAddress] : known
  return { exists: addresses.length > 0, authoritative: false, records: type === 'A' ? addresses.map((data) => ({ name, type: 'A', data })) : [] }
}

/** Any address is a pod's name (`pods insecure`). */
function podRecords(name: string, label: string, type: DnsType): Records {
  const data = label.replaceAll('-', '.')
  return bitsOf(data) === undefined ? none : { exists: true, authoritative: true, records: type === 'A' ? [{ name, type: 'A', data }] : [] }
}

/** A CNAME, and what is behind it, wherever that is. */
function aliased(cluster: Cluster, view: View, name: string, service: K8sObject, type: DnsType, depth: number): Records {
  const target = String(service.spec!.externalName).toLowerCase().replace(/\.$/, '')
  const behind = type === 'A' ? recordsOf(cluster, view, target, type, true, depth + 1).records : []
  return { exists: true, authoritative: true, records: type === 'A' || type === 'CNAME' ? [{ name, type: 'CNAME', data: target }, ...behind] : [] }
}

type Target = { host: string; address: string; /** -1: nothing declared, which only an address question takes. */ port: number }

/** `_http._tcp` in front asks for one port by name; without it all are meant. */
function portMatches(labels: readonly string[], port: Fields): boolean {
  if (labels.length < 2) return true
  const [name, protocol] = labels.map((label) => label.replace(/^_/, ''))
  return String(port.name ?? '').toLowerCase() === name && String(port.protocol ?? 'TCP').toLowerCase() === protocol
}

function serviceTargets(service: K8sObject, labels: readonly string[], host: string): Target[] {
  return ((service.spec?.ports ?? []) as Fields[]).filter((port) => portMatches(labels, port)).map((port) => ({ host, address: service.spec!.clusterIP as string, port: port.port as number }))
}

/** The name an endpoint has within its Service: its host name, or its address with dashes (endpointHostname). */
function endpointName(endpoint: Fields): string {
  return (endpoint.hostname as string | undefined) ?? String(endpoint.addresses[0]).replaceAll('.', '-')
}

function slicesOf(view: View, namespace: string, service?: string): readonly K8sObject[] {
  return view.list('EndpointSlice', namespace).filter((slice) => service === undefined || serviceOf(slice) === service)
}

function readyEndpoints(slice: K8sObject): Fields[] {
  return ((slice.endpoints ?? []) as Fields[]).filter((endpoint) => endpoint.conditions?.ready !== false && endpoint.addresses?.length > 0)
}

function endpointTargets(view: View, service: K8sObject, labels: readonly string[], key: string): Target[] {
  const [wanted] = labels.length === 1 ? labels : []
  const found = slicesOf(view, service.metadata.namespace ?? '', service.metadata.name).flatMap((slice) => {
    const ports: Fields[] = (slice.ports ?? []).length > 0 ? (slice.ports as Fields[]) : [{ port: -1 }]
    return readyEndpoints(slice).filter((endpoint) => wanted === undefined || endpointName(endpoint).toLowerCase() === wanted).flatMap((endpoint) => ports.filter((port) => portMatches(labels, port)).map((port): Target & { order: string } => ({ host: `${endpointName(endpoint)}.${key}`, address: endpoint.addresses[0] as string, port: port.port as number, order: endpoint.targetRef?.name ?? endpoint.addresses[0] })))
  })
  return found.sort((a, b) => compareText(a.order, b.order) || a.port - b.port)
}

function addressesOf(name: string, targets: readonly Target[]): DnsRecord[] {
  return [...new Set(targets.map((target) => target.address))].map((data) => ({ name, type: 'A', data }))
}

/** Priority 0, and the weight of 100 shared out evenly (backend_lookup.go:SRV). */
function servicesOf(name: string, targets: readonly Target[]): DnsRecord[] {
  const weight = Math.max(1, Math.floor(100 / targets.length))
  const services = targets.filter((target) => target.port !== -1).map((target): DnsRecord => ({ name, type: 'SRV', data: `0 ${weight} ${target.port} ${target.host}` }))
  return [...new Map(services.map((record) => [record.data, record])).values()]
}

/** From an address to a Service, else to every ready endpoint that has it (handler: Reverse). */
function pointers(view: View, name: string): Records {
  const address = name.slice(0, -reversed.length).split('.').reverse().join('.')
  if (bitsOf(address) === undefined) return none
  const service = view.list('Service').find((one) => one.spec?.clusterIP === address)
  const hosts = service
    ? [`${service.metadata.name}.${service.metadata.namespace}.svc.${domain}`]
    : view.list('EndpointSlice').flatMap((slice) => readyEndpoints(slice).filter((endpoint) => endpoint.addresses[0] === address).map((endpoint) => `${endpointName(endpoint)}.${serviceOf(slice)}.${slice.metadata.namespace}.svc.${domain}`))
  return { exists: hosts.length > 0, authoritative: true, records: [...new Set(hosts)].map((data) => ({ name, type: 'PTR', data })) }
}
