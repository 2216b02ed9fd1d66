/** Describers of Services, endpoints, Ingresses and policies (describe.go). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { notFound } from '../../admission/refusal.ts'
import type { Console } from '../console.ts'
import { balancerAddresses } from '../print/columns-network.ts'
import { formatLabels, formatSelector } from '../print/labels.ts'
import { begin, end } from './workload.ts'
import type { Page } from './writer.ts'

const listMax = 3

function slicesOf(console: Console, namespace: string, service: string): K8sObject[] {
  return console.view.list('EndpointSlice', namespace).filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === service)
}

/** Ready addresses of a Service's port: blank when there are slices but no ready address, `<none>` without slices (formatEndpointSlices). */
export function endpointText(slices: readonly K8sObject[], port: string): string {
  if (slices.length === 0) return '<none>'
  const ready = (slice: K8sObject): string[] => ((slice.endpoints ?? []) as Fields[]).filter((endpoint) => endpoint.conditions?.ready ?? true).map((endpoint) => endpoint.addresses[0] as string)
  const all = slices.flatMap((slice) => {
    const ports = (slice.ports ?? []) as Fields[]
    if (ports.length === 0) return ready(slice)
    return ports.filter((item) => (item.name ?? '') === port).flatMap((item) => ready(slice).map((address) => `${address}:${item.port}`))
  })
  return all.length > listMax ? `${all.slice(0, listMax).join(',')} + ${all.length - listMax} more...` : all.join(',')
}

export function describeService(console: Console, object: K8sObject, showEvents: boolean): string {
  const { spec = {}, status = {} } = object as K8sObject & { spec: Fields; status: Fields }
  const page = begin(object)
  page.labels('Labels', object.metadata.labels)
  page.annotations('Annotations', object.metadata.annotations)
  page.line(0, `Selector:\t${formatLabels(spec.selector)}`)
  page.line(0, `Type:\t${spec.type ?? 'ClusterIP'}`)
  if (spec.ipFamilyPolicy) page.line(0, `IP Family Policy:\t${spec.ipFamilyPolicy}`)
  page.line(0, `IP Families:\t${(spec.ipFamilies ?? []).join(',') || '<none>'}`)
  page.line(0, `IP:\t${spec.clusterIP ?? ''}`)
  page.line(0, `IPs:\t${(spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : [])).join(',') || '<none>'}`)
  if ((spec.externalIPs ?? []).length > 0) page.line(0, `External IPs:\t${spec.externalIPs.join(',')}`)
  if (spec.loadBalancerIP) page.line(0, `Desired LoadBalancer IP:\t${spec.loadBalancerIP}`)
  if (spec.externalName) page.line(0, `External Name:\t${spec.externalName}`)
  const ingress = (status.loadBalancer?.ingress ?? []) as Fields[]
  if (ingress.length > 0) page.line(0, `LoadBalancer Ingress:\t${ingress.map((item) => (item.ip ? `${item.ip}${item.ipMode ? ` (${item.ipMode})` : ''}` : item.hostname)).join(', ')}`)
  const slices = slicesOf(console, object.metadata.namespace ?? '', object.metadata.name)
  for (const port of (spec.ports ?? []) as Fields[]) servicePort(page, port, slices)
  page.line(0, `Session Affinity:\t${spec.sessionAffinity ?? 'None'}`)
  if (spec.externalTrafficPolicy) page.line(0, `External Traffic Policy:\t${spec.externalTrafficPolicy}`)
  if (spec.internalTrafficPolicy) page.line(0, `Internal Traffic Policy:\t${spec.internalTrafficPolicy}`)
  if (spec.healthCheckNodePort) page.line(0, `HealthCheck NodePort:\t${spec.healthCheckNodePort}`)
  if ((spec.loadBalancerSourceRanges ?? []).length > 0) page.line(0, `LoadBalancer Source Ranges:\t${spec.loadBalancerSourceRanges.join(',')}`)
  if (spec.trafficDistribution) page.line(0, `Traffic Distribution:\t${spec.trafficDistribution}`)
  return end(page, console, object, showEvents)
}

function servicePort(page: Page, port: Fields, slices: readonly K8sObject[]): void {
  const title = port.name || '<unset>'
  const protocol = port.protocol ?? 'TCP'
  page.line(0, `Port:\t${title}\t${port.port}/${protocol}`)
  page.line(0, `TargetPort:\t${port.targetPort ?? port.port}/${protocol}`)
  if (port.appProtocol) page.line(0, `AppProtocol:\t${port.appProtocol}`)
  if (port.nodePort) page.line(0, `NodePort:\t${title}\t${port.nodePort}/${protocol}`)
  page.line(0, `Endpoints:\t${endpointText(slices, port.name ?? '')}`)
}

export function describeEndpoints(console: Console, object: K8sObject, showEvents: boolean): string {
  const page = begin(object)
  page.labels('Labels', object.metadata.labels)
  page.annotations('Annotations', object.metadata.annotations)
  page.line(0, 'Subsets:')
  for (const subset of (object.subsets ?? []) as Fields[]) {
    const addresses = (list: unknown): string => ((list ?? []) as Fields[]).map((address) => address.ip).join(',') || '<none>'
    page.line(1, `Addresses:\t${addresses(subset.addresses)}`)
    page.line(1, `NotReadyAddresses:\t${addresses(subset.notReadyAddresses)}`)
    if ((subset.ports ?? []).length > 0) {
      page.line(1, 'Ports:')
      page.line(2, 'Name\tPort\tProtocol')
      page.line(2, '----\t----\t--------')
      for (const port of subset.ports as Fields[]) page.line(2, `${port.name || '<unset>'}\t${port.port}\t${port.protocol ?? 'TCP'}`)
    }
    page.line(0, '')
  }
  return end(page, console, object, showEvents)
}

export function describeEndpointSlice(console: Console, object: K8sObject, showEvents: boolean): string {
  const page = begin(object)
  page.labels('Labels', object.metadata.labels)
  page.annotations('Annotations', object.metadata.annotations)
  page.line(0, `AddressType:\t${object.addressType}`)
  const ports = (object.ports ?? []) as Fields[]
  page.line(0, ports.length === 0 ? 'Ports: <unset>' : 'Ports:')
  if (ports.length > 0) {
    page.line(1, 'Name\tPort\tProtocol')
    page.line(1, '----\t----\t--------')
    for (const port of ports) page.line(1, `${port.name || '<unset>'}\t${port.port ?? '<unset>'}\t${port.protocol ?? 'TCP'}`)
  }
  const endpoints = (object.endpoints ?? []) as Fields[]
  page.line(0, endpoints.length === 0 ? 'Endpoints: <none>' : 'Endpoints:')
  for (const endpoint of endpoints) {
    page.line(1, `- Addresses:\t${(endpoint.addresses ?? []).join(', ') || '<none>'}`)
    page.line(2, 'Conditions:')
    page.line(3, `Ready:\t${endpoint.conditions?.ready ?? '<unset>'}`)
    page.line(2, `Hostname:\t${endpoint.hostname ?? '<unset>'}`)
    if (endpoint.targetRef) page.line(2, `TargetRef:\t${endpoint.targetRef.kind}/${endpoint.targetRef.name}`)
    page.line(2, `NodeName:\t${endpoint.nodeName ?? '<unset>'}`)
    page.line(2, `Zone:\t${endpoint.zone ?? '<unset>'}`)
  }
  return end(page, console, object, showEvents)
}

/** `web:80 (10.244.0.5:8080)`; a Service that is not there is an error in its place. */
function backendText(console: Console, namespace: string, backend: Fields): string {
  if (backend.resource) return `APIGroup: ${backend.resource.apiGroup ?? '<none>'}, Kind: ${backend.resource.kind}, Name: ${backend.resource.name}`
  const reference = backend.service as Fields | undefined
  if (!reference) return ''
  const text = `${reference.name}:${reference.port?.number ?? reference.port?.name ?? ''}`
  const service = console.view.get('Service', namespace, reference.name)
  if (!service) return `${text} (<error: ${notFound('Service', reference.name).message}>)`
  const port = ((service.spec?.ports ?? []) as Fields[]).find((item) => (reference.port?.number ? item.port === reference.port.number : item.name === reference.port?.name))
  return `${text} (${endpointText(slicesOf(console, namespace, reference.name), port?.name ?? '')})`
}

export function describeIngress(console: Console, object: K8sObject, showEvents: boolean): string {
  const { spec = {} } = object as K8sObject & { spec: Fields }
  const namespace = object.metadata.namespace ?? ''
  const page = begin(object, false)
  page.labels('Labels', object.metadata.labels)
  page.line(0, `Namespace:\t${namespace}`)
  page.line(0, `Address:\t${balancerAddresses(object)}`)
  page.line(0, `Ingress Class:\t${spec.ingressClassName ?? '<none>'}`)
  const fallback = spec.defaultBackend ? backendText(console, namespace, spec.defaultBackend) : '<default>'
  page.line(0, `Default backend:\t${fallback}`)
  if ((spec.tls ?? []).length > 0) {
    page.line(0, 'TLS:')
    for (const tls of spec.tls as Fields[]) page.line(1, `${tls.secretName ? `${tls.secretName} terminates` : 'SNI routes'} ${(tls.hosts ?? []).join(',')}`)
  }
  page.raw('Rules:\n  Host\tPath\tBackends\n')
  page.line(1, '----\t----\t--------')
  const rules = ((spec.rules ?? []) as Fields[]).filter((rule) => rule.http)
  for (const rule of rules) {
    page.line(1, `${rule.host || '*'}\t`)
    for (const path of (rule.http.paths ?? []) as Fields[]) page.line(2, `\t${path.path ?? ''} \t${backendText(console, namespace, path.backend ?? {})}`)
  }
  if (rules.length === 0) page.line(1, `*\t*\t${fallback}`)
  page.annotations('Annotations', object.metadata.annotations)
  return end(page, console, object, showEvents)
}

export function describeIngressClass(console: Console, object: K8sObject, showEvents: boolean): string {
  const page = begin(object, false)
  page.labels('Labels', object.metadata.labels)
  page.annotations('Annotations', object.metadata.annotations)
  page.line(0, `Controller:\t${object.spec?.controller ?? ''}`)
  const parameters = object.spec?.parameters
  if (parameters) {
    page.line(0, 'Parameters:')
    if (parameters.apiGroup) page.line(1, `APIGroup:\t${parameters.apiGroup}`)
    page.line(1, `Kind:\t${parameters.kind}`)
    page.line(1, `Name:\t${parameters.name}`)
  }
  return end(page, console, object, showEvents)
}

export function describeNetworkPolicy(_console: Console, object: K8sObject): string {
  const { spec = {} } = object as K8sObject & { spec: Fields }
  const page = begin(object)
  page.line(0, `Created on:\t${(object.metadata.creationTimestamp ?? '').replace('T', ' ').replace('Z', ' +0000 UTC')}`)
  page.labels('Labels', object.metadata.labels)
  page.annotations('Annotations', object.metadata.annotations)
  page.line(0, 'Spec:')
  const all = Object.keys(spec.podSelector?.matchLabels ?? {}).length === 0 && (spec.podSelector?.matchExpressions ?? []).length === 0
  page.line(1, `PodSelector:     ${all ? '<none> (Allowing the specific traffic to all pods in this namespace)' : formatSelector(spec.podSelector)}`)
  const types = (spec.policyTypes ?? []) as string[]
  for (const [type, word, peers, direction] of [['Ingress', 'ingress', 'from', 'From'], ['Egress', 'egress', 'to', 'To']] as const) {
    if (types.includes(type)) {
      page.line(1, `Allowing ${word} traffic:`)
      policyRules(page, (spec[word] ?? []) as Fields[], word, peers, direction)
    } else page.line(1, `Not affecting ${word} traffic`)
  }
  page.line(1, `Policy Types: ${types.join(', ') || '<none>'}`)
  return page.toString()
}

function policyRules(page: Page, rules: readonly Fields[], word: string, peers: 'from' | 'to', direction: 'From' | 'To'): void {
  if (rules.length === 0) page.line(2, `<none> (Selected pods are isolated for ${word} connectivity)`)
  for (const [i, rule] of rules.entries()) {
    const ports = (rule.ports ?? []) as Fields[]
    if (ports.length === 0) page.line(2, 'To Port: <any> (traffic allowed to all ports)')
    for (const port of ports) page.line(2, port.endPort === undefined ? `To Port: ${port.port ?? '<nil>'}/${port.protocol ?? 'TCP'}` : `To Port Range: ${port.port}-${port.endPort}/${port.protocol ?? 'TCP'}`)
    const list = (rule[peers] ?? []) as Fields[]
    if (list.length === 0) page.line(2, `${direction}: <any> (traffic not restricted by ${peers === 'from' ? 'source' : 'destination'})`)
    for (const peer of list) {
      page.line(2, `${direction}:`)
      if (peer.namespaceSelector) page.line(3, `NamespaceSelector: ${formatSelector(peer.namespaceSelector)}`)
      if (peer.podSelector) page.line(3, `PodSelector: ${formatSelector(peer.podSelector)}`)
      if (peer.ipBlock && !peer.podSelector && !peer.namespaceSelector) {
        page.line(3, 'IPBlock:')
        page.line(4, `CIDR: ${peer.ipBlock.cidr}`)
        page.line(4, `Except: ${(peer.ipBlock.except ?? []).join(', ')}`)
      }
    }
    if (i < rules.length - 1) page.line(2, '----------')
  }
}
