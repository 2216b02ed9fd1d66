/** NetworkPolicy, Ingress and IngressClass (pkg/apis/networking/validation/validation.go). */
import { byteLength } from '../../k8s/go-text.ts'
import { cidrContains, cidrWarnings, parseCidr, parseIp } from '../../k8s/ip.ts'
import { dns1123Label, dns1123Subdomain, pathSegment, portName, portNumber, qualifiedName, wildcardDns1123Subdomain } from '../../k8s/names.ts'
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { fieldPath, forbidden, invalid, invalidEach, notSupported, required, tooLong, type FieldError, type Path } from '../field.ts'
import { immutable } from '../metadata.ts'
import { cidrErrors } from './ip-address.ts'
import { hasBadSelector, labelSelectorErrors } from './label-selector.ts'

const spec = fieldPath('spec')

export function networkPolicyErrors(policy: K8sObject, old?: K8sObject): FieldError[] {
  const body: Fields = policy.spec ?? {}
  const known = old ? cidrsOf(old) : []
  const lax = hasBadSelector(old?.spec?.podSelector)
  const errors = labelSelectorErrors(body.podSelector, spec.child('podSelector'), lax)
  for (const [list, peers] of [['ingress', 'from'], ['egress', 'to']] as const) {
    const rules: Fields[] = body[list] ?? []
    rules.forEach((rule, index) => {
      const path = spec.child(list).index(index)
      const ports: Fields[] = rule.ports ?? []
      ports.forEach((port, at) => errors.push(...policyPortErrors(port, path.child('ports').index(at))))
      const all: Fields[] = rule[peers] ?? []
      all.forEach((peer, at) => errors.push(...peerErrors(peer, path.child(peers).index(at), known, lax)))
    })
  }
  const types: string[] = body.policyTypes ?? []
  if (types.length > 2) return [...errors, invalid(spec.child('policyTypes'), types, 'may not specify more than two policyTypes')]
  types.forEach((type, index) => { if (type !== 'Ingress' && type !== 'Egress') errors.push(notSupported(spec.child('policyTypes').index(index), type, ['Ingress', 'Egress'])) })
  return errors
}

/** Blocks that an update may keep although they are not valid. */
function cidrsOf(policy: K8sObject): string[] {
  const peers: Fields[] = [...(policy.spec?.ingress ?? []).flatMap((rule: Fields) => rule.from ?? []), ...(policy.spec?.egress ?? []).flatMap((rule: Fields) => rule.to ?? [])]
  return peers.flatMap((peer) => (peer.ipBlock ? [peer.ipBlock.cidr, ...(peer.ipBlock.except ?? [])] : []))
}

function policyPortErrors(port: Fields, path: Path): FieldError[] {
  const errors: FieldError[] = []
  if (port.protocol !== undefined && !['TCP', 'UDP', 'SCTP'].includes(port.protocol)) errors.push(notSupported(path.child('protocol'), port.protocol, ['TCP', 'UDP', 'SCTP']))
  const { port: number, endPort } = port
  if (typeof number === 'number') {
    errors.push(...invalidEach(path.child('port'), number, portNumber(number)))
    if (endPort !== undefined) {
      // The server prints the port's number here, not the end's.
      if (endPort < number) errors.push(invalid(path.child('endPort'), number, 'must be greater than or equal to `port`'))
      errors.push(...invalidEach(path.child('endPort'), endPort, portNumber(endPort)))
    }
  } else if (typeof number === 'string') {
    if (endPort !== undefined) errors.push(invalid(path.child('endPort'), endPort, 'may not be specified when `port` is non-numeric'))
    errors.push(...invalidEach(path.child('port'), number, portName(number)))
  } else if (endPort !== undefined) errors.push(invalid(path.child('endPort'), endPort, 'may not be specified when `port` is not specified'))
  return errors
}

function peerErrors(peer: Fields, path: Path, known: readonly string[], lax: boolean): FieldError[] {
  const errors = [...labelSelectorErrors(peer.podSelector, path.child('podSelector'), lax), ...labelSelectorErrors(peer.namespaceSelector, path.child('namespaceSelector'), lax)]
  if (peer.ipBlock) errors.push(...ipBlockErrors(peer.ipBlock, path.child('ipBlock'), known))
  const count = [peer.podSelector, peer.namespaceSelector, peer.ipBlock].filter((part) => part !== undefined && part !== null).length
  if (count === 0) errors.push(required(path, 'must specify a peer'))
  else if (count > 1 && peer.ipBlock) errors.push(forbidden(path, 'may not specify both ipBlock and another peer'))
  return errors
}

function ipBlockErrors(block: Fields, path: Path, known: readonly string[]): FieldError[] {
  const text: string = block.cidr ?? ''
  if (text === '') return [required(path.child('cidr'))]
  const errors = cidrErrors(text, path.child('cidr'), known)
  const cidr = parseCidr(text)
  if (!cidr) return errors
  const except: string[] = block.except ?? []
  except.forEach((inner, index) => {
    const at = path.child('except').index(index)
    errors.push(...cidrErrors(inner, at, known))
    const parsed = parseCidr(inner)
    if (parsed && (!cidrContains(cidr, parsed.ip) || cidr.prefix >= parsed.prefix)) errors.push(invalid(at, inner, 'must be a strict subset of `cidr`'))
  })
  return errors
}

/** What the server warns about a NetworkPolicy (registry/networking/networkpolicy/strategy.go: networkPolicyWarnings): blocks written in an unusual form. */
export function networkPolicyWarnings(policy: K8sObject): string[] {
  return ([['ingress', 'from'], ['egress', 'to']] as const).flatMap(([list, peers]) => ((policy.spec?.[list] ?? []) as Fields[]).flatMap((rule, index) => ((rule[peers] ?? []) as Fields[]).flatMap((peer, at) => {
    if (!peer.ipBlock) return []
    const path = `spec.${list}[${index}].${peers}[${at}].ipBlock`
    const except: string[] = peer.ipBlock.except ?? []
    return [...cidrWarnings(`${path}.cidr`, peer.ipBlock.cidr ?? ''), ...except.flatMap((inner, position) => cidrWarnings(`${path}.except[${position}]`, inner))]
  })))
}

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']
const badSequences = ['//', '/./', '/../', '%2f', '%2F']
const badEndings = ['/..', '/.']
const classAnnotation = 'kubernetes.io/ingress.class'

export function ingressErrors(ingress: K8sObject, old?: K8sObject): FieldError[] {
  const body: Fields = ingress.spec ?? {}
  const errors: FieldError[] = []
  const rules: Fields[] = body.rules ?? []
  if (rules.length === 0 && !body.defaultBackend) errors.push(invalid(spec, body.rules ?? null, 'either `defaultBackend` or `rules` must be specified'))
  if (body.defaultBackend) errors.push(...backendErrors(body.defaultBackend, spec.child('defaultBackend')))
  const lax = old ? hadBrokenWildcard(old) : false
  rules.forEach((rule, index) => errors.push(...ruleErrors(rule, spec.child('rules').index(index), lax)))
  const tls: Fields[] = body.tls ?? []
  const laxTls = ((old?.spec?.tls ?? []) as Fields[]).some(hasBadSecretName)
  tls.forEach((entry, index) => errors.push(...tlsErrors(entry, spec.child('tls').index(index), laxTls)))
  if (body.ingressClassName !== undefined) errors.push(...invalidEach(spec.child('ingressClassName'), body.ingressClassName, dns1123Subdomain(body.ingressClassName)))
  const annotation = ingress.metadata.annotations?.[classAnnotation]
  if (!old && annotation !== undefined && body.ingressClassName !== undefined && annotation !== body.ingressClassName) errors.push(invalid(fieldPath('annotations').shown(classAnnotation, 'metadata', 'annotations', classAnnotation), annotation, 'must match `ingressClassName` when both are specified'))
  return errors
}

/** What an update may keep: a wildcard host whose rule was never valid. */
function hadBrokenWildcard(old: K8sObject): boolean {
  return ((old.spec?.rules ?? []) as Fields[]).some((rule) => (rule.host ?? '').includes('*') && rule.http && httpErrors(rule.http, spec).length > 0)
}

function hostErrors(host: string, path: Path): FieldError[] {
  return invalidEach(path, host, host.includes('*') ? wildcardDns1123Subdomain(host) : dns1123Subdomain(host))
}

function ruleErrors(rule: Fields, path: Path, lax: boolean): FieldError[] {
  const errors: FieldError[] = []
  const host: string = rule.host ?? ''
  if (host !== '') {
    if (parseIp(host)) errors.push(invalid(path.child('host'), host, 'must be a DNS name, not an IP address'))
    errors.push(...hostErrors(host, path.child('host')))
  }
  if (rule.http && !(lax && host.includes('*'))) errors.push(...httpErrors(rule.http, path.child('http')))
  return errors
}

function httpErrors(http: Fields, path: Path): FieldError[] {
  const paths: Fields[] = http.paths ?? []
  const errors: FieldError[] = paths.length === 0 ? [required(path.child('paths'))] : []
  paths.forEach((entry, index) => errors.push(...pathErrors(entry, path.child('paths').index(index))))
  return errors
}

function pathErrors(entry: Fields, path: Path): FieldError[] {
  if (entry.pathType === undefined || entry.pathType === null) return [required(path.child('pathType'), 'pathType must be specified')]
  const errors: FieldError[] = []
  const text: string = entry.path ?? ''
  const at = path.child('path')
  if (entry.pathType === 'Exact' || entry.pathType === 'Prefix') {
    if (!text.startsWith('/')) errors.push(invalid(at, text, 'must be an absolute path'))
    if (text !== '') {
      for (const bad of badSequences) if (text.includes(bad)) errors.push(invalid(at, text, `must not contain '${bad}'`))
      for (const bad of badEndings) if (text.endsWith(bad)) errors.push(invalid(at, text, `cannot end with '${bad}'`))
    }
  } else if (entry.pathType === 'ImplementationSpecific') {
    if (text !== '' && !text.startsWith('/')) errors.push(invalid(at, text, 'must be an absolute path'))
  } else errors.push(notSupported(path.child('pathType'), entry.pathType, pathTypes))
  errors.push(...backendErrors(entry.backend ?? {}, path.child('backend')))
  return errors
}

function backendErrors(backend: Fields, path: Path): FieldError[] {
  const { resource, service } = backend
  if (resource && service) return [invalid(path, '', 'cannot set both resource and service backends')]
  if (resource) return localReferenceErrors(resource, path.child('resource'))
  if (!service) return [invalid(path, '', 'resource or service backend is required')]
  const errors = !service.name ? [required(path.child('service', 'name'))] : invalidEach(path.child('service', 'name'), service.name, dns1123Label(service.name))
  const { name = '', number = 0 } = (service.port ?? {}) as { name?: string; number?: number }
  if (name !== '' && number !== 0) errors.push(invalid(path, '', 'cannot set both port name & port number'))
  else if (name !== '') errors.push(...invalidEach(path.child('service', 'port', 'name'), name, portName(name)))
  else if (number !== 0) errors.push(...invalidEach(path.child('service', 'port', 'number'), number, portNumber(number)))
  else errors.push(required(path, 'port name or number is required'))
  return errors
}

function hasBadSecretName(tls: Fields): boolean {
  return Boolean(tls.secretName) && dns1123Subdomain(tls.secretName).length > 0
}

/** `lax`: a secret name that was never valid may stay. */
function tlsErrors(tls: Fields, path: Path, lax: boolean): FieldError[] {
  const hosts: string[] = tls.hosts ?? []
  const errors = hosts.flatMap((host, index) => hostErrors(host, path.child('hosts').index(index)))
  if (tls.secretName && !lax) errors.push(...invalidEach(path.child('secretName'), tls.secretName, dns1123Subdomain(tls.secretName)))
  return errors
}

/** A reference to an object of the same namespace by group, kind and name. */
export function localReferenceErrors(reference: Fields, path: Path): FieldError[] {
  const errors: FieldError[] = []
  if (reference.apiGroup !== undefined) errors.push(...invalidEach(path.child('apiGroup'), reference.apiGroup, dns1123Subdomain(reference.apiGroup)))
  for (const name of ['kind', 'name']) {
    if (!reference[name]) errors.push(required(path.child(name)))
    else errors.push(...invalidEach(path.child(name), reference[name], pathSegment(reference[name])))
  }
  return errors
}

export function ingressClassErrors(object: K8sObject, old?: K8sObject): FieldError[] {
  const body: Fields = object.spec ?? {}
  const errors: FieldError[] = old ? immutable(body.controller ?? '', old.spec?.controller ?? '', spec.child('controller')) : []
  const controller: string = body.controller ?? ''
  if (controller === '') errors.push(required(spec.child('controller')))
  else {
    if (byteLength(controller) > 250) errors.push(tooLong(spec.child('controller'), 250))
    errors.push(...domainPrefixedPathErrors(controller, spec.child('controller')))
  }
  if (body.parameters) errors.push(...parametersErrors(body.parameters, spec.child('parameters')))
  return errors
}

/** validation.IsDomainPrefixedPath: `acme.io/foo`. */
export function domainPrefixedPathErrors(value: string, path: Path): FieldError[] {
  if (value === '') return [required(path)]
  const slash = value.indexOf('/')
  if (slash <= 0 || slash === value.length - 1) return [invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  const domain = value.slice(0, slash)
  const errors = invalidEach(path, domain, dns1123Subdomain(domain))
  if (!/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(value.slice(slash + 1))) errors.push(invalid(path, value.slice(slash + 1), "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')"))
  return errors
}

function parametersErrors(parameters: Fields, path: Path): FieldError[] {
  const errors = localReferenceErrors(parameters, path)
  const { scope, namespace } = parameters
  if (scope === undefined) return [...errors, required(path.child('scope'))]
  if (scope !== 'Cluster' && scope !== 'Namespace') errors.push(notSupported(path.child('scope'), scope, ['Cluster', 'Namespace']))
  else if (scope === 'Namespace') {
    if (namespace === undefined) errors.push(required(path.child('namespace'), "`parameters.scope` is set to 'Namespace'"))
    else errors.push(...invalidEach(path.child('namespace'), namespace, dns1123Label(namespace)))
  } else if (namespace !== undefined) errors.push(forbidden(path.child('namespace'), "`parameters.scope` is set to 'Cluster'"))
  return errors
}

/** A qualified name, as appProtocol wants it. */
export function qualifiedNameErrors(value: string, path: Path): FieldError[] {
  return invalidEach(path, value, qualifiedName(value))
}
