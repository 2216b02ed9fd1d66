/**
 * What an Ingress controller does with a request: the rule by host and path, the backend, and the codes that nginx answers with when there is none
 * (k8s.io/api/networking/v1/types.go; ingress-controller-conformance: host and path rules). Names of served rules resolve to the controller's address, as where external-dns runs.
 */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText, keyOf } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { Cluster, View } from '../types.ts'
import type { Party } from './party.ts'
import { expressionMatches, isPlainOrAllowed, rewritten } from './rewriting.ts'

/** The controller's load balancer: in the block of load balancers (198.18.0.0/24, where no exercise has clients), and never given to a Service. */
export const ingressAddress = '198.18.0.254'
export const ingressPorts: readonly number[] = [80, 443]
export const ingressNamespace = 'ingress-nginx'

/** The controller as NetworkPolicies see it: a pod of its own namespace. */
export const ingressController: Party = { address: '10.244.253.10', namespace: ingressNamespace, labels: { 'app.kubernetes.io/name': 'ingress-nginx', 'app.kubernetes.io/component': 'controller' }, isNode: false }

type Backend = { ingress: K8sObject; service: Fields; /** Of the rule; a default backend has none. */ path?: string }
type Rule = { host: string; path: string; type: string; backend: Backend }

/** Ingresses of the class that the scenario's controller serves, by name. */
export function servedIngresses(cluster: Cluster, view: View): readonly K8sObject[] {
  const { ingressClass } = cluster.scenario.cluster
  if (ingressClass === undefined) return []
  return view.list('Ingress').filter((ingress) => (ingress.spec?.ingressClassName ?? ingress.metadata.annotations?.['kubernetes.io/ingress.class']) === ingressClass)
}

/** Does some served rule carry this name? */
export function isIngressHost(cluster: Cluster, view: View, name: string): boolean {
  return servedIngresses(cluster, view).some((ingress) => ((ingress.spec?.rules ?? []) as Fields[]).some((rule) => rule.host && hostMatch(rule.host, name) > 0))
}

/** 2: the very host; 1: a wildcard, for exactly one label; 0: a rule for all hosts; -1: another host. */
export function hostMatch(rule: string, host: string): number {
  if (rule === '') return 0
  const [want, have] = [rule.toLowerCase(), host.toLowerCase()]
  if (want === have) return 2
  return want.startsWith('*.') && have.includes('.') && have.slice(have.indexOf('.')) === want.slice(1) && have.indexOf('.') > 0 ? 1 : -1
}

/** Prefix goes by whole elements of the path, ImplementationSpecific by letters, as nginx does. */
export function pathMatches(type: string, rule: string, path: string): boolean {
  if (type === 'Exact') return rule === path
  if (type === 'ImplementationSpecific') return path.startsWith(rule || '/')
  const bare = rule.replace(/\/+$/, '')
  return bare === '' || path === bare || path.startsWith(`${bare}/`)
}

function rulesOf(ingress: K8sObject): Rule[] {
  return ((ingress.spec?.rules ?? []) as Fields[]).flatMap((rule) => ((rule.http?.paths ?? []) as Fields[]).flatMap((path): Rule[] => (path.backend?.service ? [{ host: rule.host ?? '', path: path.path ?? '', type: path.pathType, backend: { ingress, service: path.backend.service, path: path.path ?? '' } }] : [])))
}

/** The backend of a request: the most special host first, then the longest path, Exact before Prefix; else the default backend of an Ingress with rules for the host, else of one without rules. Undefined: 404. */
export function backendFor(cluster: Cluster, view: View, host: string, url: string): Backend | undefined {
  const ingresses = servedIngresses(cluster, view)
  const path = url.split('?')[0]!
  const rules = ingresses.flatMap(rulesOf)
  const best = Math.max(-1, ...rules.map((rule) => hostMatch(rule.host, host)))
  const own = rules.filter((rule) => hostMatch(rule.host, host) === best && best >= 0)
  const byExpression = own.some(({ backend }) => needsRewrite(backend) || valueOf(backend, 'use-regex') === 'true')
  const found = own.filter((rule) => (byExpression ? expressionMatches(rule.path, path) : pathMatches(rule.type, rule.path, path)))
  found.sort((a, b) => b.path.length - a.path.length || Number(b.type === 'Exact') - Number(a.type === 'Exact') || compareText(keyOf(a.backend.ingress), keyOf(b.backend.ingress)))
  if (found[0]) return found[0].backend
  // A default backend beside rules is for the paths of their hosts; without rules it is for everybody (controller.go: createServers).
  const withDefault = ingresses.filter((ingress) => ingress.spec?.defaultBackend?.service)
  const rulesFor = (ingress: K8sObject): boolean => best >= 0 && ((ingress.spec?.rules ?? []) as Fields[]).some((rule) => hostMatch(rule.host ?? '', host) === best)
  const fallback = withDefault.find(rulesFor) ?? withDefault.find((ingress) => (ingress.spec?.rules ?? []).length === 0)
  return fallback && { ingress: fallback, service: fallback.spec!.defaultBackend.service as Fields }
}

/** The Service and its port behind a backend, in the Ingress' own namespace; undefined when either is missing: 503. */
export function serviceOf(view: View, { ingress, service }: Backend): { service: K8sObject; port: Fields } | undefined {
  const found = view.get('Service', ingress.metadata.namespace ?? '', service.name)
  const port = ((found?.spec?.ports ?? []) as Fields[]).find((one) => (service.port?.number === undefined ? one.name === service.port?.name : one.port === service.port.number))
  return found && port && { service: found, port }
}

/** What the controller is told by annotations that are modelled (kubernetes/ingress-nginx: internal/ingress/annotations/{backendprotocol,proxy,rewrite}). */
const annotation = (name: string): string => `nginx.ingress.kubernetes.io/${name}`
const seconds = /^[1-9]\d*$/
const boolean = /^(true|false)$/
const hasSafePaths = (ingress: K8sObject): boolean => rulesOf(ingress).every(({ type, path }) => isPlainOrAllowed(type, path))
const modelled: Readonly<Record<string, (value: string, ingress: K8sObject) => boolean>> = {
  [annotation('backend-protocol')]: (value) => /^(HTTP|GRPC)$/.test(value),
  [annotation('proxy-read-timeout')]: (value) => seconds.test(value),
  [annotation('proxy-send-timeout')]: (value) => seconds.test(value),
  [annotation('ssl-redirect')]: (value) => boolean.test(value),
  [annotation('force-ssl-redirect')]: (value) => boolean.test(value),
  [annotation('use-regex')]: (value, ingress) => boolean.test(value) && hasSafePaths(ingress),
  [annotation('rewrite-target')]: (value, ingress) => /^\/[\w/.$-]*$/.test(value) && hasSafePaths(ingress),
}

/** Does the controller do what this annotation asks for? */
export function isModelledAnnotation(key: string, value: string, ingress: K8sObject): boolean {
  return modelled[key]?.(value, ingress) === true
}

function valueOf({ ingress }: Backend, name: string): string | undefined {
  return ingress.metadata.annotations?.[annotation(name)]
}

function needsRewrite(backend: Backend): boolean {
  const target = valueOf(backend, 'rewrite-target') ?? ''
  return target !== '' && target !== backend.path
}

/** The path that a pod is asked for. */
export function passedPath(backend: Backend, url: string): string {
  return needsRewrite(backend) && backend.path !== undefined ? rewritten(backend.path, valueOf(backend, 'rewrite-target')!, url) : url
}

const acmeChallenge = '/.well-known/acme-challenge'

/**
 * Is a request without TLS sent to https? Where its host has a certificate, be it the controller's own fake one for want of a Secret, unless the rule's Ingress says no;
 * or wherever the rule's Ingress insists (rootfs/etc/nginx/lua/lua_ingress.lua: redirect_to_https; controller.go: createServers).
 */
export function isSentToTls(cluster: Cluster, view: View, backend: Backend, host: string): boolean {
  if (backend.path === undefined || backend.path.startsWith(acmeChallenge)) return false
  if (valueOf(backend, 'force-ssl-redirect') === 'true') return true
  return valueOf(backend, 'ssl-redirect') !== 'false' && servedIngresses(cluster, view).some(({ spec }) => (spec?.tls ?? []).length > 0 && ((spec?.rules ?? []) as Fields[]).some((rule) => rule.host && hostMatch(rule.host, host) > 0))
}

const reasons: Readonly<Record<number, string>> = { 308: 'Permanent Redirect', 400: 'Bad Request', 404: 'Not Found', 415: 'Unsupported Media Type', 502: 'Bad Gateway', 503: 'Service Temporarily Unavailable', 504: 'Gateway Time-out' }

/** The page nginx answers with where no pod does. */
export function ownPage(status: number): string {
  const title = `${status} ${reasons[status] ?? ''}`.trimEnd()
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`
}

/** How the controller speaks to pods: HTTP/1.1, or gRPC when it is told so. */
export function backendProtocol({ ingress }: Backend): 'HTTP' | 'GRPC' {
  return valueOf({ ingress, service: {} }, 'backend-protocol') === 'GRPC' ? 'GRPC' : 'HTTP'
}

const proxyTimeoutSeconds = 60

/** A connection on which neither side says anything for so long is closed: the shorter of nginx' two time-outs. */
export function readTimeoutMs({ ingress }: Backend): Millis {
  const given = ['proxy-read-timeout', 'proxy-send-timeout'].map((name) => ingress.metadata.annotations?.[annotation(name)] ?? '')
  return Math.min(...given.map((text) => (seconds.test(text) ? Number(text) : proxyTimeoutSeconds))) * 1000
}

/** The path of a call of gRPC; a bare service is asked for its health. */
export function pathOfCall(asked: string): string {
  return asked.includes('/') ? `/${asked}` : '/grpc.health.v1.Health/Check'
}
