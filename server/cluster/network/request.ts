/** One request, from the name the client uses to the process that answers: name, Service, policy, listener, application. Error texts are those of Go's net package. */
import type { Fields, K8sObject, Ref } from '../../k8s/object.ts'
import { refOf } from '../../k8s/object.ts'
import type { Cluster, NetworkRequest, NetworkVerdict, Resolution, View } from '../types.ts'
import { lastingSteps } from '../steps.ts'
import { inBlock } from './address.ts'
import type { Party } from './party.ts'
import { apiAddress } from '../infrastructure.ts'
import type { Kubelet } from '../cluster.ts'
import { certificateFor, objection } from './certificate.ts'
import { backendFor, backendProtocol, ingressAddress, ingressController, ingressPorts, isSentToTls, passedPath, pathOfCall, readTimeoutMs, serviceOf } from './ingress.ts'
import { nodeAddress, partyOf, partyOfPod } from './party.ts'
import { permits } from './policy.ts'
import type { Balancer, Endpoint, Policy } from './services.ts'
import { endpointsOf } from './services.ts'

export type Context = { cluster: Cluster; balancer: Balancer; /** The endpoints kube-proxy works with by now. */ readonly programmed: View; resolve(party: Party, host: string): Resolution; /** Works something out once while no object it depends on changes. */ recall<Result>(key: string, work: () => Result): Result }

type Failure = Extract<NetworkVerdict, { ok: false }>
/** Where packets end up. */
export type Route = { ok: true; to: Party; port: number; sourceIP: string; external?: string; /** kube-proxy chose the pod. */ balanced?: true } | { ok: false; stage: 'no-endpoints' | 'no-such-port' | 'policy' | 'refused' | 'timeout'; pod?: Ref; policies?: Ref[]; /** The sender is told. */ rejects?: true }

const tlsPort = 443
const defaultTimeoutMs = 5000
const dnsTimeoutMs = 10_000
/** A call to a host outside the cluster, both ways. */
const externalMs = 20
const unsupportedType = 415
const permanentRedirect = 308

/** Sends one request now and says what the client sees. */
export function request(context: Context, input: NetworkRequest): NetworkVerdict {
  const from = partyOf(context.cluster, input.from)
  const limitMs = input.timeoutMs ?? defaultTimeoutMs
  const names = context.resolve(from, input.host)
  if (!names.ok) return dnsFailure(input.host, names, from, limitMs)
  const address = names.addresses[0]!
  const verdict = arrived(context, from, input, address, limitMs)
  const idleMs = context.cluster.scenario.cluster.loadBalancerIdle
  if (idleMs === undefined || !verdict.ok || !isOutside(from) || !isFrontDoor(context, address)) return verdict
  return { ...verdict, idleMs: Math.min(idleMs, verdict.idleMs ?? Infinity) }
}

/** Is the address one of a load balancer, that of the Ingress controller among them? */
function isFrontDoor(context: Context, address: string): boolean {
  const { service } = context.recall(`address ${address}`, () => ownerOf(context.cluster, address))
  return address === ingressAddress || (service !== undefined && balancerAddresses(service).includes(address))
}

function arrived(context: Context, from: Party, input: NetworkRequest, address: string, limitMs: number): NetworkVerdict {
  if (address === ingressAddress && context.cluster.scenario.cluster.ingressClass !== undefined) return throughIngress(context, from, input, limitMs)
  const route = connect(context, from, address, input.port, input.protocol)
  if (!route.ok) return failure(route.stage, address, input, limitMs, route)
  if (route.external !== undefined) return external(context.cluster, route, input, address, limitMs)
  return answer(context.cluster, route, input, address, limitMs)
}

function dnsFailure(host: string, { error, server }: Resolution & { ok: false }, from: Party, limitMs: number): Failure {
  if (error === 'NXDOMAIN') return { ok: false, stage: 'dns', symptom: 'no-such-host', latencyMs: 2, error: `dial tcp: lookup ${host} on ${server}:53: no such host` }
  return { ok: false, stage: 'dns', symptom: 'timeout', latencyMs: Math.min(limitMs, dnsTimeoutMs), error: `dial tcp: lookup ${host} on ${server}:53: read udp ${from.address}:40000->${server}:53: i/o timeout` }
}

/** Routing, address translation and policy for one connection; says nothing about whether a process listens. */
export function connect(context: Context, from: Party, address: string, port: number, protocol: 'TCP' | 'UDP'): Route {
  const { cluster } = context
  const { service, node, pod } = context.recall(`address ${address}`, () => ownerOf(cluster, address))
  if (service) return toService(context, from, service, address, port, protocol)
  if (node) return toNode(context, from, node, port, protocol)
  if (pod) return isOutside(from) ? { ok: false, stage: 'timeout' } : filtered(cluster, from, partyOfPod(pod), port, protocol, from.address)
  const outside = cluster.scenario.externals.find((one) => one.address === address)
  return outside ? filtered(cluster, from, { address, isNode: false }, port, protocol, from.address, outside.name) : { ok: false, stage: 'timeout' }
}

/** What has the address: a Service, else a node, else a pod that has not ended. */
function ownerOf(cluster: Cluster, address: string): { service?: K8sObject; node?: K8sObject; pod?: K8sObject } {
  const service = cluster.view.list('Service').find((one) => one.spec?.clusterIP === address || vips(one).includes(address))
  if (service) return { service }
  const node = cluster.view.list('Node').find((one) => nodeAddress(one) === address)
  if (node) return { node }
  const pod = cluster.view.list('Pod').find((one) => one.status?.podIP === address && one.spec?.hostNetwork !== true && one.status?.phase !== 'Succeeded' && one.status?.phase !== 'Failed')
  return pod ? { pod } : {}
}

function isOutside(party: Party): boolean {
  return !party.isNode && party.namespace === undefined
}

function vips(service: K8sObject): string[] {
  return [...(service.spec?.externalIPs ?? []), ...balancerAddresses(service)]
}

function balancerAddresses(service: K8sObject): string[] {
  return ((service.status?.loadBalancer?.ingress ?? []) as { ip?: string }[]).flatMap(({ ip }) => (ip ? [ip] : []))
}

function filtered(cluster: Cluster, from: Party, to: Party, port: number, protocol: 'TCP' | 'UDP', sourceIP: string, name?: string): Route {
  const permission = permits(cluster, from, to, port, protocol, sourceIP)
  if (permission.allowed) return { ok: true, to, port, sourceIP, ...(name === undefined ? {} : { external: name }) }
  return { ok: false, stage: 'policy', policies: permission.policies, ...(cluster.scenario.cluster.denied === 'reject' ? { rejects: true } : {}), ...(to.pod ? { pod: refOf(to.pod) } : {}) }
}

/** A cluster IP or load balancer address. A port the Service does not have meets no rule, so the packet is lost; the load balancer steers to nodes that have endpoints. */
function toService(context: Context, from: Party, service: K8sObject, address: string, port: number, protocol: 'TCP' | 'UDP'): Route {
  const isVip = service.spec?.clusterIP !== address
  if (!isVip && isOutside(from)) return { ok: false, stage: 'timeout' }
  const own = ((service.spec?.ports ?? []) as Fields[]).find((item) => item.port === port && (item.protocol ?? 'TCP') === protocol)
  if (!own) return { ok: false, stage: 'no-such-port' }
  if (!isVip) return throughProxy(context, from, service, own, service.spec?.internalTrafficPolicy ?? 'Cluster', from.node, protocol, false)
  const ranges: string[] = balancerAddresses(service).includes(address) ? (service.spec?.loadBalancerSourceRanges ?? []) : []
  if (ranges.length > 0 && !ranges.some((range) => inBlock(from.address, range))) return { ok: false, stage: 'timeout' }
  const local = service.spec?.externalTrafficPolicy === 'Local'
  // The sender's own node takes the packet, as if it had gone out and come back: any endpoint will do (iptables/proxier.go: externalTrafficChain).
  if (!isOutside(from)) return throughProxy(context, from, service, own, 'Cluster', from.node, protocol, !local || from.isNode)
  const steered = local ? backendsOf(context, service, own).find((one) => one.ready)?.node : undefined
  return throughProxy(context, from, service, own, local ? 'Local' : 'Cluster', steered, protocol, !local)
}

/** A node's own address: a node port, a host port, or a pod on the host network. */
function toNode(context: Context, from: Party, node: K8sObject, port: number, protocol: 'TCP' | 'UDP'): Route {
  const { cluster } = context
  for (const service of cluster.view.list('Service')) {
    const own = ((service.spec?.ports ?? []) as Fields[]).find((item) => item.nodePort === port && (item.protocol ?? 'TCP') === protocol)
    if (!own) continue
    const keepsSource = service.spec?.externalTrafficPolicy === 'Local'
    // Who asks the node it is on itself may be led to any endpoint; asking another node is asking from outside.
    const local = keepsSource && from.node !== node.metadata.name
    return throughProxy(context, from, service, own, local ? 'Local' : 'Cluster', node.metadata.name, protocol, !keepsSource || (from.isNode && !local))
  }
  return onNode(cluster, from, node, port, protocol, from.address)
}

/** What listens on a node itself: a pod with a host port, or one on the host network. */
function onNode(cluster: Cluster, from: Party, node: K8sObject, port: number, protocol: 'TCP' | 'UDP', sourceIP: string): Route {
  const pods = cluster.view.list('Pod').filter((pod) => pod.spec?.nodeName === node.metadata.name && pod.status?.phase === 'Running')
  for (const pod of pods) {
    const mapped = ((pod.spec?.containers ?? []) as Fields[]).flatMap((container) => (container.ports ?? []) as Fields[]).find((item) => item.hostPort === port && (item.protocol ?? 'TCP') === protocol && [undefined, '', '0.0.0.0', nodeAddress(node)].includes(item.hostIP))
    if (mapped && pod.spec?.hostNetwork !== true) return filtered(cluster, from, partyOfPod(pod), mapped.containerPort, protocol, sourceIP)
  }
  const host = pods.find((pod) => pod.spec?.hostNetwork === true && cluster.runtime.containers(refOf(pod)).some((container) => container.listening().some((item) => item.port === port && item.protocol === protocol)))
  return host ? filtered(cluster, from, partyOfPod(host), port, protocol, sourceIP) : { ok: false, stage: 'refused' }
}

function backendsOf(context: Context, service: K8sObject, port: Fields): readonly Endpoint[] {
  return context.recall(`backends ${service.metadata.namespace}/${service.metadata.name} ${port.protocol ?? 'TCP'}/${port.port}`, () => endpointsOf(context.programmed, service, port))
}

/** `translated`: the node that takes the packet puts its own address on it, so that answers come back the same way. */
function throughProxy(context: Context, from: Party, service: K8sObject, port: Fields, policy: Policy, node: string | undefined, protocol: 'TCP' | 'UDP', translated: boolean): Route {
  const { cluster } = context
  const choice = context.balancer.choose(service, port, backendsOf(context, service, port), policy, node, from.address, cluster.now)
  if (choice === 'refuse') return { ok: false, stage: 'no-endpoints' }
  if (choice === 'drop') return { ok: false, stage: 'timeout' }
  const { endpoint } = choice
  const entry = cluster.view.get('Node', '', node ?? '') ?? cluster.view.list('Node').find((one) => one.metadata.name !== endpoint.node) ?? cluster.view.list('Node')[0]
  // So does one that comes back to the pod it left.
  const isHairpin = from.pod !== undefined && endpoint.address === from.address
  const sourceIP = translated || isHairpin ? (nodeAddress(isHairpin ? (cluster.view.get('Node', '', from.node ?? '') ?? entry) : entry) ?? from.address) : from.address
  const route = toEndpoint(context, from, endpoint, protocol, sourceIP)
  return route.ok && endpoint.pod ? { ...route, balanced: true } : route
}

/** To the pod that has the endpoint's address now, or whatever else has it where somebody wrote the endpoint by hand; a pod that is gone leaves an address nobody answers. */
function toEndpoint(context: Context, from: Party, { address, port, pod: ref }: Endpoint, protocol: 'TCP' | 'UDP', sourceIP: string): Route {
  const { cluster } = context
  const named = ref && cluster.view.get('Pod', ref.namespace, ref.name)
  if (named?.status?.podIP === address) return filtered(cluster, from, partyOfPod(named!), port, protocol, sourceIP)
  const { node, pod } = ref ? {} : context.recall(`address ${address}`, () => ownerOf(cluster, address))
  if (node) return onNode(cluster, from, node, port, protocol, sourceIP)
  const outside = ref ? undefined : cluster.scenario.externals.find((one) => one.address === address)
  return filtered(cluster, from, pod ? partyOfPod(pod) : { address, isNode: false }, port, protocol, sourceIP, outside?.name)
}

/** To the Ingress controller and from it, with its own address, to a pod; what goes wrong behind it is a code and no error. */
function throughIngress(context: Context, from: Party, input: NetworkRequest, limitMs: number): NetworkVerdict {
  const { cluster } = context
  const front = filtered(cluster, from, { address: ingressAddress, isNode: false }, input.port, input.protocol, from.address)
  if (!front.ok || input.protocol !== 'TCP' || !ingressPorts.includes(input.port)) return failure(front.ok ? 'timeout' : front.stage, ingressAddress, input, limitMs, front.ok || !front.rejects ? {} : { rejects: true })
  const answered = (status: number, latencyMs = 1): Extract<NetworkVerdict, { ok: true }> => ({ ok: true, address: ingressAddress, port: input.port, sourceIP: from.address, status, latencyMs })
  const speaksTls = input.tls === 'any' || input.tls === 'verified'
  if (speaksTls && input.port !== tlsPort) return failure('reset', ingressAddress, input, limitMs)
  if (input.kind === 'grpc' && !speaksTls) return failure('reset', ingressAddress, input, limitMs)
  if (input.tls === 'none' && input.port === tlsPort && input.path !== undefined) return answered(400)
  const certificate = certificateFor(cluster, cluster.view, input.host)
  const complaint = input.tls === 'verified' ? objection(certificate, input.host) : undefined
  if (complaint !== undefined) return { ok: false, stage: 'certificate', symptom: 'certificate', latencyMs: 1, error: `tls: failed to verify certificate: ${complaint}` }
  const path = input.kind === 'grpc' ? pathOfCall(input.service ?? '') : input.path
  if (path === undefined) return answered(0)
  const backend = backendFor(cluster, cluster.view, input.host, path)
  if (!backend) return answered(404)
  if (!speaksTls && input.port !== tlsPort && isSentToTls(cluster, cluster.view, backend, input.host)) return { ...answered(permanentRedirect), location: `https://${input.host}${path}` }
  const target = serviceOf(cluster.view, backend)
  const choice = target && context.balancer.choose(target.service, target.port, endpointsOf(cluster.view, target.service, target.port), 'Cluster', undefined, ingressController.address, cluster.now)
  if (!choice || choice === 'refuse' || choice === 'drop') return answered(503)
  const { endpoint } = choice
  const route = toEndpoint(context, ingressController, endpoint, 'TCP', ingressController.address)
  if (!route.ok) return route.stage === 'refused' ? answered(502) : answered(504, limitMs)
  const { tls: _front, ...behind } = input
  const speaksGrpc = backendProtocol(backend) === 'GRPC'
  const kind = speaksGrpc ? 'grpc' : input.kind === 'grpc' ? 'http' : input.kind
  const passed: NetworkRequest = { ...behind, path: passedPath(backend, path), ...(kind === undefined ? {} : { kind }), port: endpoint.port }
  const verdict = route.external === undefined ? answer(cluster, endpoint.pod ? { ...route, balanced: true } : route, passed, endpoint.address, limitMs) : external(cluster, route, passed, endpoint.address, limitMs)
  // A page asked of a gRPC server, and a call answered by a web server: the content is not what either expects.
  if (verdict.ok && speaksGrpc !== (input.kind === 'grpc')) return answered(unsupportedType, verdict.latencyMs)
  if (verdict.ok) return { ...verdict, ...(passed.path === path ? {} : { path: passed.path! }), ...(input.kind === 'websocket' || speaksGrpc ? { idleMs: readTimeoutMs(backend) } : {}) }
  return answered(verdict.symptom === 'timeout' ? 504 : 502, verdict.latencyMs)
}

function external(cluster: Cluster, route: Extract<Route, { ok: true }>, input: NetworkRequest, address: string, limitMs: number): NetworkVerdict {
  const host = cluster.scenario.externals.find((one) => one.name === route.external)!
  const changed = lastingSteps(cluster).filter((step) => step.external?.name === host.name).at(-1)?.external
  const state = changed?.state ?? host.state
  const latencyMs = changed?.latency ?? externalMs
  if (state === 'timeout') return failure('timeout', address, input, limitMs)
  if (state === 'refused' || !host.ports.includes(route.port) || host.protocol !== input.protocol) return failure('refused', address, input, limitMs)
  if (input.kind !== 'connect' && (state === 'stall' || latencyMs > limitMs)) return failure('silent', address, input, limitMs)
  return { ok: true, external: host.name, address: route.to.address, port: route.port, sourceIP: route.sourceIP, status: 200, latencyMs }
}

/**
 * Asks the containers of the pod that was reached; one of them may listen. Behind a Service a pod that has just gone refuses, as its network namespace goes after its
 * processes and kube-proxy follows within a second; asked for by its own address it does not answer any more. A node without power answers nothing.
 */
function answer(cluster: Cluster, route: Extract<Route, { ok: true }>, input: NetworkRequest, address: string, limitMs: number): NetworkVerdict {
  const { pod } = route.to
  if (!pod && address === apiAddress) return { ok: true, address: route.to.address, port: route.port, sourceIP: route.sourceIP, status: input.kind === 'http' ? 403 : 0, latencyMs: 2 }
  if (!pod) return failure(route.balanced ? 'refused' : 'timeout', address, input, limitMs)
  const ref = refOf(pod)
  const { kubelet } = cluster as { kubelet?: Kubelet }
  if (route.to.node !== undefined && kubelet?.isSilent?.(route.to.node)) return failure('timeout', address, input, limitMs, { pod: ref })
  const containers = cluster.runtime.containers(ref).filter((container) => !container.exited)
  for (const container of containers) {
    const response = container.respond({ port: route.port, protocol: input.protocol, kind: input.kind ?? (input.protocol === 'UDP' ? 'data' : input.path === undefined ? 'connect' : 'http'), ...(input.path === undefined ? {} : { path: input.path }), ...(input.service === undefined ? {} : { service: input.service }), on: route.to.address, sourceIP: route.sourceIP, ...(input.tls === undefined ? {} : { tls: input.tls !== 'none' }) })
    if (response.outcome === 'refused') continue
    if (response.outcome !== 'ok') return failure(response.outcome === 'silent' ? 'silent' : 'reset', address, input, limitMs, { pod: ref })
    if (response.latencyMs > limitMs) return failure('silent', address, input, limitMs, { pod: ref })
    return { ok: true, pod: ref, container: container.spec.name, address: route.to.address, port: route.port, sourceIP: route.sourceIP, status: response.status, latencyMs: response.latencyMs, ...(response.location === undefined ? {} : { location: response.location }) }
  }
  return failure('refused', address, input, limitMs, { pod: ref })
}

function failure(stage: Exclude<Failure['stage'], 'dns' | 'certificate'>, address: string, input: NetworkRequest, limitMs: number, facts: { pod?: Ref; policies?: Ref[]; rejects?: true } = {}): Failure {
  const where = `${address}:${input.port}`
  const shared = { ok: false as const, stage, ...(facts.pod ? { pod: facts.pod } : {}), ...(facts.policies ? { policies: facts.policies } : {}) }
  const dial = `dial ${input.protocol.toLowerCase()} ${where}:`
  if (stage === 'refused' || stage === 'no-endpoints' || facts.rejects) return { ...shared, symptom: 'refused', latencyMs: 1, error: `${dial} connect: connection refused` }
  if (stage === 'reset') return { ...shared, symptom: 'reset', latencyMs: 1, error: `read ${input.protocol.toLowerCase()} ${where}: read: connection reset by peer` }
  if (stage === 'silent') return { ...shared, symptom: 'timeout', latencyMs: limitMs, error: 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)' }
  return { ...shared, symptom: 'timeout', latencyMs: limitMs, error: `${dial} i/o timeout` }
}
