/** Tables of Services, endpoints, Ingresses and policies (pkg/printers/internalversion/printers.go). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import type { Columns } from './column.ts'
import { age, column, name, wideColumn } from './column.ts'
import { formatLabels, formatSelector } from './labels.ts'

const listMax = 3

/** Addresses of a load balancer, each once, sorted; never cut, as the server always makes wide rows. */
export function balancerAddresses(object: K8sObject): string {
  const ingress = (object.status?.loadBalancer?.ingress ?? []) as Fields[]
  return [...new Set(ingress.map((item) => item.ip || item.hostname).filter((item) => item))].sort().join(',')
}

function externalIP(service: K8sObject): string {
  const external = (service.spec?.externalIPs ?? []) as string[]
  const type = service.spec?.type ?? 'ClusterIP'
  if (type === 'ExternalName') return service.spec.externalName
  if (type !== 'LoadBalancer') return external.length > 0 ? external.join(',') : '<none>'
  const addresses = balancerAddresses(service)
  return [addresses, ...external].filter((item) => item !== '').join(',') || '<pending>'
}

function servicePorts(service: K8sObject): string {
  const ports = ((service.spec?.ports ?? []) as Fields[]).map((port) => (port.nodePort ? `${port.port}:${port.nodePort}/${port.protocol ?? 'TCP'}` : `${port.port}/${port.protocol ?? 'TCP'}`))
  return ports.length === 0 ? '<none>' : ports.join(',')
}

function withMore(items: readonly string[], none: string): string {
  if (items.length === 0) return none
  return items.length > listMax ? `${items.slice(0, listMax).join(',')} + ${items.length - listMax} more...` : items.join(',')
}

function endpoints(object: K8sObject): string {
  const subsets = (object.subsets ?? []) as Fields[]
  if (subsets.length === 0) return '<none>'
  const all = subsets.flatMap((subset) => {
    const addresses = ((subset.addresses ?? []) as Fields[]).map((address) => address.ip as string)
    const ports = (subset.ports ?? []) as Fields[]
    return ports.length === 0 ? addresses : ports.flatMap((port) => addresses.map((address) => `${address}:${port.port}`))
  })
  return withMore(all, '')
}

function hosts(ingress: K8sObject): string {
  const rules = (ingress.spec?.rules ?? []) as Fields[]
  const named: string[] = []
  let more = false
  for (const rule of rules) {
    if (named.length === listMax) more = true
    if (!more && rule.host) named.push(rule.host)
  }
  if (named.length === 0) return '*'
  return more ? `${named.join(',')} + ${rules.length - listMax} more...` : named.join(',')
}

export const networkColumns: Columns = {
  Service: [
    name,
    column('Type', ({ spec }) => spec?.type ?? 'ClusterIP'),
    column('Cluster-IP', ({ spec }) => spec?.clusterIPs?.[0] ?? spec?.clusterIP ?? '<none>'),
    column('External-IP', externalIP),
    column('Port(s)', servicePorts),
    age,
    wideColumn('Selector', ({ spec }) => formatLabels(spec?.selector)),
  ],
  Endpoints: [name, column('Endpoints', endpoints), age],
  EndpointSlice: [
    name,
    column('AddressType', (slice) => slice.addressType),
    column('Ports', (slice) => withMore(((slice.ports ?? []) as Fields[]).map((port) => String(port.port ?? port.name ?? '*')), '<unset>')),
    column('Endpoints', (slice) => withMore(((slice.endpoints ?? []) as Fields[]).flatMap((endpoint) => endpoint.addresses as string[]), '<unset>')),
    age,
  ],
  Ingress: [
    name,
    column('Class', ({ spec }) => spec?.ingressClassName ?? '<none>'),
    column('Hosts', hosts),
    column('Address', balancerAddresses),
    column('Ports', ({ spec }) => ((spec?.tls ?? []).length > 0 ? '80, 443' : '80')),
    age,
  ],
  IngressClass: [
    { title: 'Name', cell: ({ metadata }) => `${metadata.name}${metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true' ? ' (default)' : ''}` },
    column('Controller', ({ spec }) => spec?.controller),
    column('Parameters', ({ spec }) => (spec?.parameters ? `${spec.parameters.kind}${spec.parameters.apiGroup ? `.${spec.parameters.apiGroup}` : ''}/${spec.parameters.name}` : '<none>')),
    age,
  ],
  NetworkPolicy: [name, column('Pod-Selector', ({ spec }) => formatSelector(spec?.podSelector)), age],
}
