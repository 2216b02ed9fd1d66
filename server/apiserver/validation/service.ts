/** Service, Endpoints and EndpointSlice (core:ValidateService, validateEndpointSubsets; discovery:ValidateEndpointSlice). */
import { cidrWarnings, ipWarnings, parseIp, type Ip } from '../../k8s/ip.ts'
import { dns1123Label, dns1123Subdomain, labelValue, portName, portNumber, qualifiedName } from '../../k8s/names.ts'
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { duplicate, fieldPath, forbidden, invalid, invalidEach, notSupported, required, tooMany, type FieldError, type Path } from '../field.ts'
import { immutable, isSame, labelErrors } from '../metadata.ts'
import { cidrErrors, ipErrors } from './ip-address.ts'

const spec = fieldPath('spec')
const protocols = ['SCTP', 'TCP', 'UDP']
const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const sourceRangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges'

export function isHeadless(service: K8sObject): boolean {
  return service.spec?.clusterIPs?.length === 1 && service.spec.clusterIPs[0] === 'None'
}

/** LoadBalancer, NodePort, or a ClusterIP with external addresses: service.ExternallyAccessible. */
export function isExternallyAccessible(body: Fields): boolean {
  return body.type === 'LoadBalancer' || body.type === 'NodePort' || (body.type === 'ClusterIP' && (body.externalIPs ?? []).length > 0)
}

/** service.NeedsHealthCheck. */
export function needsHealthCheck(body: Fields): boolean {
  return body.type === 'LoadBalancer' && body.externalTrafficPolicy === 'Local'
}

export function serviceErrors(service: K8sObject, old?: K8sObject): FieldError[] {
  const body: Fields = service.spec ?? {}
  const errors: FieldError[] = old ? updateErrors(service, old) : []
  errors.push(...topologyErrors(service))
  const ports: Fields[] = body.ports ?? []
  if (ports.length === 0 && !isHeadless(service) && body.type !== 'ExternalName') errors.push(required(spec.child('ports')))
  errors.push(...typeErrors(service, body))
  errors.push(...portsErrors(ports))
  if (body.selector) errors.push(...labelErrors(body.selector, spec.child('selector')))
  errors.push(...affinityErrors(body))
  errors.push(...familyErrors(body, old?.spec?.clusterIPs))
  const externals: string[] = body.externalIPs ?? []
  externals.forEach((address, index) => errors.push(...ordinaryAddressErrors(address, spec.child('externalIPs').index(index), old?.spec?.externalIPs)))
  if (!body.type) errors.push(required(spec.child('type')))
  else if (!types.includes(body.type)) errors.push(notSupported(spec.child('type'), body.type, types))
  errors.push(...duplicatePortErrors(body, ports))
  errors.push(...balancerErrors(service, body, old))
  errors.push(...trafficErrors(body))
  return errors
}

function topologyErrors(service: K8sObject): FieldError[] {
  const annotations = service.metadata.annotations ?? {}
  const mode = annotations['service.kubernetes.io/topology-mode']
  const hints = annotations['service.kubernetes.io/topology-aware-hints']
  return mode !== undefined && hints !== undefined && mode !== hints ? [invalid(fieldPath('metadata', 'annotations').key('service.kubernetes.io/topology-mode'), mode, 'must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified')] : []
}

function typeErrors(service: K8sObject, body: Fields): FieldError[] {
  const errors: FieldError[] = []
  if ((body.type === 'LoadBalancer' || body.type === 'NodePort') && isHeadless(service)) errors.push(invalid(spec.shown('clusterIPs[0]', 'clusterIP'), 'None', `may not be set to 'None' for ${body.type} services`))
  if (body.type !== 'ExternalName') return errors
  if ((body.clusterIPs ?? []).length > 0) errors.push(forbidden(spec.child('clusterIPs'), 'may not be set for ExternalName services'))
  if ((body.ipFamilies ?? []).length > 0) errors.push(forbidden(spec.child('ipFamilies'), 'may not be set for ExternalName services'))
  if (body.ipFamilyPolicy !== undefined) errors.push(forbidden(spec.child('ipFamilyPolicy'), 'may not be set for ExternalName services'))
  const name = (body.externalName ?? '').replace(/\.$/, '')
  if (name === '') errors.push(required(spec.child('externalName')))
  else errors.push(...invalidEach(spec.child('externalName'), name, dns1123Subdomain(name)))
  return errors
}

function portsErrors(ports: readonly Fields[]): FieldError[] {
  const names = new Set<string>()
  return ports.flatMap((port, index) => {
    const path = spec.child('ports').index(index)
    const errors: FieldError[] = []
    const name: string = port.name ?? ''
    if (name === '') {
      if (ports.length > 1) errors.push(required(path.child('name')))
    } else {
      errors.push(...invalidEach(path.child('name'), name, dns1123Label(name)))
      if (names.has(name)) errors.push(duplicate(path.child('name'), name))
      names.add(name)
    }
    errors.push(...invalidEach(path.child('port'), port.port ?? 0, portNumber(port.port ?? 0)))
    errors.push(...protocolErrors(port.protocol, path.child('protocol')))
    const target = port.targetPort ?? 0
    errors.push(...invalidEach(path.child('targetPort'), target, typeof target === 'number' ? portNumber(target) : portName(target)))
    if (port.appProtocol !== undefined) errors.push(...invalidEach(path.child('appProtocol'), port.appProtocol, qualifiedName(port.appProtocol)))
    return errors
  })
}

function protocolErrors(protocol: string | undefined, path: Path): FieldError[] {
  if (!protocol) return [required(path)]
  return protocols.includes(protocol) ? [] : [notSupported(path, protocol, protocols)]
}

function affinityErrors(body: Fields): FieldError[] {
  const affinity: string = body.sessionAffinity ?? ''
  const errors: FieldError[] = []
  if (affinity === '') errors.push(required(spec.child('sessionAffinity')))
  else if (affinity !== 'ClientIP' && affinity !== 'None') errors.push(notSupported(spec.child('sessionAffinity'), affinity, ['ClientIP', 'None']))
  const config: Fields | undefined = body.sessionAffinityConfig
  const path = spec.child('sessionAffinityConfig')
  if (affinity === 'ClientIP') {
    if (!config) errors.push(required(path, 'when session affinity type is ClientIP'))
    else if (!config.clientIP) errors.push(required(path.child('clientIP'), 'when session affinity type is ClientIP'))
    else if (config.clientIP.timeoutSeconds === undefined) errors.push(required(path.child('clientIP', 'timeoutSeconds'), 'when session affinity type is ClientIP'))
    else if (config.clientIP.timeoutSeconds <= 0 || config.clientIP.timeoutSeconds > 86400) errors.push(invalid(path.child('clientIP', 'timeoutSeconds'), config.clientIP.timeoutSeconds, 'must be greater than 0 and less than 86400'))
  } else if (affinity === 'None' && config) errors.push(forbidden(path, 'must not be set when session affinity is None'))
  return errors
}

/** ValidateServiceClusterIPsRelatedFields: clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy agree. */
function familyErrors(body: Fields, kept: readonly string[] = []): FieldError[] {
  if (body.type === 'ExternalName') return []
  const ips: string[] = body.clusterIPs ?? []
  const families: string[] = body.ipFamilies ?? []
  const at = spec.child('clusterIPs')
  const errors: FieldError[] = []
  if (body.clusterIP) {
    if (ips.length === 0) errors.push(required(at))
    else if (body.clusterIP !== ips[0]) errors.push(invalid(at, ips, 'first value must match `clusterIP`'))
  } else if (ips.length > 0) errors.push(invalid(at, ips, 'must be empty when `clusterIP` is not specified'))
  families.forEach((family, index) => {
    const path = spec.child('ipFamilies').index(index)
    if (family !== 'IPv4' && family !== 'IPv6') errors.push(notSupported(path, family, ['IPv4', 'IPv6']))
    if (families.indexOf(family) < index) errors.push(duplicate(path, family))
  })
  if (body.ipFamilyPolicy !== undefined && !['SingleStack', 'PreferDualStack', 'RequireDualStack'].includes(body.ipFamilyPolicy)) errors.push(notSupported(spec.child('ipFamilyPolicy'), body.ipFamilyPolicy, ['PreferDualStack', 'RequireDualStack', 'SingleStack']))
  const bad: FieldError[] = []
  ips.forEach((ip, index) => {
    if (index > 0 || ip !== 'None') bad.push(...ipErrors(ip, at.index(index), kept))
    else if (ips.length > 1) bad.push(invalid(at, ips, "'None' must be the first and only value"))
  })
  errors.push(...bad)
  if (ips.length > 2) errors.push(invalid(at, ips, 'may only hold up to 2 values'))
  if (bad.length > 0 || ips[0] === 'None') return errors
  const ownFamilies = ips.map((ip) => `IPv${parseIp(ip)?.family ?? 4}`)
  if (ips.length > 1 && new Set(ownFamilies).size < 2) errors.push(invalid(at, ips, 'may specify no more than one IP for each IP family'))
  ips.forEach((ip, index) => {
    const family = families[index]
    if ((family === 'IPv4' || family === 'IPv6') && family !== ownFamilies[index]) errors.push(invalid(at.index(index), ip, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``))
  })
  return errors
}

/** An address of its strict form that is no unspecified, loopback or link-local one (ValidateNonSpecialIP). */
function ordinaryAddressErrors(address: string, path: Path, kept?: readonly string[]): FieldError[] {
  const errors = ipErrors(address, path, kept)
  return errors.length > 0 ? errors : nonSpecialErrors(address, path)
}

/** ValidateNonSpecialIP. */
function nonSpecialErrors(address: string, path: Path): FieldError[] {
  const ip = parseIp(address)
  return ip ? specialErrors(address, ip, path) : [invalid(path, address, 'must be a valid IP address')]
}

function specialErrors(address: string, { family, bytes }: Ip, path: Path): FieldError[] {
  const errors: FieldError[] = []
  const rest = (from: number, value: number): boolean => bytes.slice(from).every((byte) => byte === value)
  if (rest(0, 0)) errors.push(invalid(path, address, `may not be unspecified (${address})`))
  if (family === 4 ? bytes[0] === 127 : rest(0, 0) === false && bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1) errors.push(invalid(path, address, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'))
  if (family === 4 ? bytes[0] === 169 && bytes[1] === 254 : bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80) errors.push(invalid(path, address, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'))
  if (family === 4 ? bytes[0] === 224 && bytes[1] === 0 && bytes[2] === 0 : bytes[0] === 0xff && (bytes[1]! & 0x0f) === 0x02) errors.push(invalid(path, address, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'))
  return errors
}

function duplicatePortErrors(body: Fields, ports: readonly Fields[]): FieldError[] {
  const errors: FieldError[] = []
  const at = spec.child('ports')
  if (body.type === 'ClusterIP') ports.forEach((port, index) => { if (port.nodePort) errors.push(forbidden(at.index(index).child('nodePort'), "may not be used when `type` is 'ClusterIP'")) })
  const nodePorts = new Set<string>()
  ports.forEach(({ protocol, nodePort }, index) => {
    if (!nodePort) return
    if (nodePorts.has(`${protocol}/${nodePort}`)) errors.push(duplicate(at.index(index).child('nodePort'), nodePort))
    nodePorts.add(`${protocol}/${nodePort}`)
  })
  const numbers = new Set<string>()
  ports.forEach(({ protocol = '', port = 0 }, index) => {
    if (numbers.has(`${protocol}/${port}`)) errors.push(duplicate(at.index(index), { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }))
    numbers.add(`${protocol}/${port}`)
  })
  return errors
}

function balancerErrors(service: K8sObject, body: Fields, old: K8sObject | undefined): FieldError[] {
  const errors: FieldError[] = []
  const isBalancer = body.type === 'LoadBalancer'
  const only = "may only be used when `type` is 'LoadBalancer'"
  const ranges: string[] = body.loadBalancerSourceRanges ?? []
  const annotation = service.metadata.annotations?.[sourceRangesAnnotation]
  if (ranges.length > 0) {
    const path = spec.shown('LoadBalancerSourceRanges', 'loadBalancerSourceRanges')
    if (!isBalancer) errors.push(forbidden(path, only))
    ranges.forEach((range, index) => errors.push(...cidrErrors(range.trim(), path.index(index), old?.spec?.loadBalancerSourceRanges)))
  } else if (annotation !== undefined) {
    const path = fieldPath('metadata', 'annotations').key(sourceRangesAnnotation)
    if (!isBalancer) errors.push(forbidden(path, only))
    const kept = sourceRangesOf(old?.metadata.annotations?.[sourceRangesAnnotation])
    for (const range of sourceRangesOf(annotation)) errors.push(...cidrErrors(range, path, kept))
  }
  if (body.allocateLoadBalancerNodePorts === undefined && isBalancer) errors.push(required(fieldPath('allocateLoadBalancerNodePorts')))
  if (body.allocateLoadBalancerNodePorts !== undefined && !isBalancer) errors.push(forbidden(spec.child('allocateLoadBalancerNodePorts'), only))
  if (body.loadBalancerClass !== undefined) {
    if (!isBalancer) errors.push(forbidden(spec.child('loadBalancerClass'), only))
    else errors.push(...invalidEach(spec.child('loadBalancerClass'), body.loadBalancerClass, qualifiedName(body.loadBalancerClass)))
  }
  return errors
}

/** The blocks of the annotation that came before the field. */
function sourceRangesOf(annotation = ''): string[] {
  return annotation.trim() === '' ? [] : annotation.trim().split(',').map((range) => range.trim())
}

function trafficErrors(body: Fields): FieldError[] {
  const errors: FieldError[] = []
  const external: string = body.externalTrafficPolicy ?? ''
  const at = spec.child('externalTrafficPolicy')
  if (!isExternallyAccessible(body)) {
    if (external !== '') errors.push(invalid(at, external, 'may only be set for externally-accessible services'))
  } else if (external === '') errors.push(required(at))
  else if (external !== 'Cluster' && external !== 'Local') errors.push(notSupported(at, external, ['Cluster', 'Local']))
  const check: number = body.healthCheckNodePort ?? 0
  if (!needsHealthCheck(body)) {
    if (check !== 0) errors.push(invalid(spec.child('healthCheckNodePort'), check, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"))
  } else if (check !== 0) errors.push(...invalidEach(spec.child('healthCheckNodePort'), check, portNumber(check)))
  const internal = body.internalTrafficPolicy
  if (internal === undefined) {
    if (['NodePort', 'LoadBalancer', 'ClusterIP'].includes(body.type)) errors.push(required(spec.child('internalTrafficPolicy')))
  } else if (internal !== 'Cluster' && internal !== 'Local') errors.push(notSupported(spec.child('internalTrafficPolicy'), internal, ['Cluster', 'Local']))
  const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
  if (body.trafficDistribution !== undefined && !distributions.includes(body.trafficDistribution)) errors.push(notSupported(spec.child('trafficDistribution'), body.trafficDistribution, distributions))
  return errors
}

/** What ValidateServiceUpdate adds: addresses, families, the balancer's class and the health check port stay. */
function updateErrors(service: K8sObject, old: K8sObject): FieldError[] {
  const body: Fields = service.spec ?? {}
  const before: Fields = old.spec ?? {}
  const errors: FieldError[] = []
  if (before.type !== 'ExternalName' && body.type !== 'ExternalName') {
    if (!isHeadless(old) || !isHeadless(service)) errors.push(...keptListErrors('clusterIPs', 'clusterIP', body, before))
    if (!isHeadless(old) && !isHeadless(service)) errors.push(...keptListErrors('ipFamilies', 'ipFamily', body, before))
  }
  if (before.type === 'LoadBalancer' && body.type === 'LoadBalancer' && !isSame(before.loadBalancerClass, body.loadBalancerClass)) errors.push(invalid(spec.child('loadBalancerClass'), body.loadBalancerClass ?? null, 'may not change once set'))
  if (needsHealthCheck(before) && needsHealthCheck(body) && (before.healthCheckNodePort ?? 0) !== (body.healthCheckNodePort ?? 0)) errors.push(forbidden(spec.child('healthCheckNodePort'), 'field is immutable'))
  return errors
}

/** validateUpgradeDowngradeClusterIPs and validateUpgradeDowngradeIPFamilies: a second value may come, and go when SingleStack is asked for; the others stay. */
function keptListErrors(list: 'clusterIPs' | 'ipFamilies', item: string, body: Fields, before: Fields): FieldError[] {
  const [was, is]: [string[], string[]] = [before[list] ?? [], body[list] ?? []]
  const path = spec.child(list)
  const errors: FieldError[] = []
  if (was.length === is.length) {
    was.forEach((value, index) => { if (value !== is[index]) errors.push(invalid(path.index(list === 'clusterIPs' ? index : 0), is, 'may not change once set')) })
    return errors
  }
  // The server asks for the addresses here in both lists, and prints them.
  const addresses: string[] = body.clusterIPs ?? []
  if (was.length > is.length && addresses.length === 0) errors.push(invalid(path.index(0), is, `primary ${item} can not be unset`))
  if (was.length > 0 && is.length > 0 && was[0] !== is[0]) errors.push(invalid(path.index(0), addresses, 'may not change once set'))
  if (was.length > is.length && is.length === 1 && body.ipFamilyPolicy !== 'SingleStack') errors.push(invalid(spec.child('ipFamilyPolicy'), body.ipFamilyPolicy ?? null, `must be set to 'SingleStack' when releasing the secondary ${item}`))
  return errors
}

/** What the server warns about a Service (pkg/api/service/warnings.go). */
export function serviceWarnings(service: K8sObject): string[] {
  const body: Fields = service.spec ?? {}
  const found: string[] = []
  const externals: string[] = body.externalIPs ?? []
  const headless = body.type === 'ClusterIP' && body.clusterIP === 'None'
  if (service.metadata.annotations?.['service.kubernetes.io/topology-aware-hints'] !== undefined) found.push('annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead')
  if (body.clusterIP !== 'None') ((body.clusterIPs ?? []) as string[]).forEach((address, index) => found.push(...ipWarnings(`spec.clusterIPs[${index}]`, address)))
  if (headless) {
    if (body.loadBalancerIP) found.push('spec.loadBalancerIP is ignored for headless services')
    if (externals.length > 0) found.push('spec.externalIPs is ignored for headless services')
    if (body.sessionAffinity !== 'None') found.push('spec.SessionAffinity is ignored for headless services')
  }
  externals.forEach((address, index) => found.push(...ipWarnings(`spec.externalIPs[${index}]`, address)))
  if (externals.length > 0 && !headless && body.type !== 'ExternalName') found.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters')
  if (body.loadBalancerIP) found.push(...ipWarnings('spec.loadBalancerIP', body.loadBalancerIP))
  for (const [index, range] of ((body.loadBalancerSourceRanges ?? []) as string[]).entries()) found.push(...cidrWarnings(`spec.loadBalancerSourceRanges[${index}]`, range))
  if (body.type === 'ExternalName' && externals.length > 0) found.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  if (body.type !== 'ExternalName' && body.externalName) found.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  if (body.trafficDistribution === 'PreferClose') found.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  return found
}

export function endpointsErrors(endpoints: K8sObject, old?: K8sObject): FieldError[] {
  const errors: FieldError[] = []
  const kept = old ? endpointAddresses(old).map(({ ip }) => ip) : []
  const subsets: Fields[] = endpoints.subsets ?? []
  subsets.forEach((subset, index) => {
    const path = fieldPath('subsets').index(index)
    const lists: [string, Fields[]][] = [['addresses', subset.addresses ?? []], ['notReadyAddresses', subset.notReadyAddresses ?? []]]
    if (lists.every(([, addresses]) => addresses.length === 0)) errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'))
    for (const [name, addresses] of lists) addresses.forEach((address, at) => errors.push(...endpointAddressErrors(address, path.child(name).index(at), kept)))
    const ports: Fields[] = subset.ports ?? []
    ports.forEach((port, at) => errors.push(...endpointPortErrors(port, ports.length > 1, path.child('ports').index(at))))
  })
  return errors
}

function endpointAddresses(endpoints: K8sObject): { ip: string; path: string }[] {
  return ((endpoints.subsets ?? []) as Fields[]).flatMap((subset, index) => ['addresses', 'notReadyAddresses'].flatMap((list) => ((subset[list] ?? []) as Fields[]).map((address, at) => ({ ip: (address.ip ?? '') as string, path: `subsets[${index}].${list}[${at}].ip` }))))
}

/** What the server warns about Endpoints (registry/core/endpoint/strategy.go: endpointsWarnings): addresses written in an unusual form, and the kind itself. */
export function endpointsWarnings(endpoints: K8sObject): string[] {
  return endpointAddresses(endpoints).flatMap(({ ip, path }) => ipWarnings(path, ip))
}

function endpointAddressErrors(address: Fields, path: Path, kept: readonly string[]): FieldError[] {
  const text: string = address.ip ?? ''
  const errors = ipErrors(text, path.child('ip'), kept)
  if (address.hostname) errors.push(...invalidEach(path.child('hostname'), address.hostname, dns1123Label(address.hostname)))
  if (address.nodeName !== undefined) errors.push(...invalidEach(path.child('nodeName'), address.nodeName, dns1123Subdomain(address.nodeName)))
  return [...errors, ...nonSpecialErrors(text, path.child('ip'))]
}

function endpointPortErrors(port: Fields, needsName: boolean, path: Path): FieldError[] {
  const errors: FieldError[] = []
  if (port.name) errors.push(...invalidEach(path.child('name'), port.name, dns1123Label(port.name)))
  else if (needsName) errors.push(required(path.child('name')))
  errors.push(...invalidEach(path.child('port'), port.port ?? 0, portNumber(port.port ?? 0)), ...protocolErrors(port.protocol, path.child('protocol')))
  if (port.appProtocol !== undefined) errors.push(...invalidEach(path.child('appProtocol'), port.appProtocol, qualifiedName(port.appProtocol)))
  return errors
}

const addressTypes = ['FQDN', 'IPv4', 'IPv6']

export function endpointSliceErrors(slice: K8sObject, old?: K8sObject): FieldError[] {
  const errors: FieldError[] = old ? immutable(slice.addressType, old.addressType, fieldPath('addressType')) : []
  const type: string = slice.addressType ?? ''
  if (type === '') errors.push(required(fieldPath('addressType')))
  else if (!addressTypes.includes(type)) errors.push(notSupported(fieldPath('addressType'), type, addressTypes))
  const endpoints: Fields[] = slice.endpoints ?? []
  if (endpoints.length > 1000) errors.push(tooMany(fieldPath('endpoints'), endpoints.length, 1000))
  else endpoints.forEach((endpoint, index) => errors.push(...sliceEndpointErrors(endpoint, type, fieldPath('endpoints').index(index))))
  errors.push(...slicePortErrors(slice.ports ?? []))
  return errors
}

function sliceEndpointErrors(endpoint: Fields, type: string, path: Path): FieldError[] {
  const errors: FieldError[] = []
  const addresses: string[] = endpoint.addresses ?? []
  const at = path.child('addresses')
  if (addresses.length === 0) errors.push(required(at, 'must contain at least 1 address'))
  if (addresses.length > 100) errors.push(tooMany(at, addresses.length, 100))
  addresses.forEach((address, index) => {
    if (type === 'FQDN') errors.push(...domainNameErrors(address, at.index(index)))
    if (type !== 'IPv4' && type !== 'IPv6') return
    const ip = parseIp(address)
    errors.push(...ipErrors(address, at.index(index)))
    if (ip && `IPv${ip.family}` !== type) errors.push(invalid(at, address, `must be an ${type} address`))
    if (ip) errors.push(...specialErrors(address, ip, at.index(index)))
  })
  if (endpoint.nodeName !== undefined) errors.push(...invalidEach(path.child('nodeName'), endpoint.nodeName, dns1123Subdomain(endpoint.nodeName)))
  if (endpoint.hostname !== undefined) errors.push(...invalidEach(path.child('hostname'), endpoint.hostname, dns1123Label(endpoint.hostname)))
  if (endpoint.hints) errors.push(...hintErrors(endpoint.hints, path.child('hints')))
  return errors
}

/** validation.IsFullyQualifiedDomainName: two labels at least; a dot may follow the last. */
function domainNameErrors(text: string, path: Path): FieldError[] {
  if (text === '') return [required(path)]
  const name = text.replace(/\.$/, '')
  const problems = dns1123Subdomain(name)
  if (problems.length > 0) return [invalid(path, name, problems.join(','))]
  const labels = name.split('.')
  if (labels.length < 2) return [invalid(path, name, 'should be a domain with at least two segments separated by dots')]
  const bad = labels.find((label) => dns1123Label(label).length > 0)
  return bad === undefined ? [] : [invalid(path, bad, dns1123Label(bad).join(','))]
}

/** What the server warns about an EndpointSlice (registry/discovery/endpointslice/strategy.go: warnOnDeprecatedAddressType, warnOnBadIPs). */
export function endpointSliceWarnings(slice: K8sObject): string[] {
  const found: string[] = slice.addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []
  if (['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'].includes(slice.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] ?? '')) return found
  const endpoints: Fields[] = slice.endpoints ?? []
  endpoints.forEach((endpoint, index) => ((endpoint.addresses ?? []) as string[]).forEach((address, at) => found.push(...ipWarnings(`endpoints[${index}].addresses[${at}]`, address))))
  return found
}

/** validateHints: too many of one kind end it. */
function hintErrors(hints: Fields, path: Path): FieldError[] {
  const errors: FieldError[] = []
  for (const [list, rule] of [['forZones', labelValue], ['forNodes', dns1123Subdomain]] as const) {
    const names = ((hints[list] ?? []) as Fields[]).map((item): string => item.name ?? '')
    if (names.length > 8) return [...errors, tooMany(path.child(list), names.length, 8)]
    names.forEach((name, index) => {
      const at = path.child(list).index(index).child('name')
      if (names.indexOf(name) < index) errors.push(duplicate(at, name))
      errors.push(...invalidEach(at, name, rule(name)))
    })
  }
  return errors
}

function slicePortErrors(ports: readonly Fields[]): FieldError[] {
  if (ports.length > 20_000) return [tooMany(fieldPath('ports'), ports.length, 20_000)]
  const names = new Set<string>()
  return ports.flatMap((port, index) => {
    const path = fieldPath('ports').index(index)
    const errors: FieldError[] = []
    const name: string = port.name ?? ''
    if (name !== '') errors.push(...invalidEach(path.child('name'), name, dns1123Label(name)))
    if (names.has(name)) errors.push(duplicate(path.child('name'), name))
    names.add(name)
    if (port.protocol === undefined) errors.push(required(path.child('protocol')))
    else if (!protocols.includes(port.protocol)) errors.push(notSupported(path.child('protocol'), port.protocol, protocols))
    if (port.appProtocol !== undefined) errors.push(...invalidEach(path.child('appProtocol'), port.appProtocol, qualifiedName(port.appProtocol)))
    return errors
  })
}
