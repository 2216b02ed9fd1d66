/** Goals about who reaches whom and who stands behind a Service: reach, serves, leaves, endpointChanges. */
import type { Fields, K8sObject, Ref } from '../../k8s/object.ts'
import { keyOf, refOf } from '../../k8s/object.ts'
import type { LiveCluster } from '../cluster.ts'
import { complaintOf, requestOf } from '../network/clients.ts'
import { followed } from '../network/redirects.ts'
import { refFrom } from '../references.ts'
import type { Goal, SourceSpec, TargetSpec } from '../scenario.ts'
import type { NetworkRequest, NetworkVerdict, Source, TimelineEntry } from '../types.ts'
import { complaintInChinese } from './chinese.ts'
import { activePods, existed, memberUids, readyAddressesOverTime, relative } from './members.ts'
import type { Finding, Predicate, Words } from './predicate.ts'
import { absent, endOf, lookAt, lookEvery, met, missed, span, words } from './predicate.ts'
import { touchedPods } from './lifecycle.ts'
import { serviceOf } from '../service-labels.ts'

type Spec<Name extends keyof Goal> = NonNullable<Goal[Name]>

/** A client in words. */
export function sourceName(source: SourceSpec): Words {
  if ('address' in source) return words(source.address, source.address)
  if ('node' in source) return words(`node ${source.node}`, `节点 ${source.node}`)
  if ('workload' in source) return words(source.workload, source.workload)
  const labels = Object.entries(source.labels).map(([key, value]) => `${key}=${value}`).join(',')
  return words(`a pod${labels ? ` ${labels}` : ''} in namespace ${source.namespace}`, `namespace ${source.namespace} 中的 Pod${labels ? `（${labels}）` : ''}`)
}

function schemeOf({ tls, grpc, websocket }: TargetSpec): string {
  const [name, secure] = grpc !== undefined ? ['grpc://', 'grpcs://'] : websocket !== undefined ? ['ws://', 'wss://'] : ['', 'https://']
  return tls ? secure! : name!
}

export function targetName(target: TargetSpec): string {
  return `${schemeOf(target)}${target.host ?? target.service ?? target.workload}:${target.port}${target.protocol === 'UDP' ? '/UDP' : ''}${target.path ?? target.websocket ?? (target.grpc === undefined ? '' : `/${target.grpc}`)}`
}

/** The senders a source stands for now: every active pod of a workload, or the one client. */
export function sourcesOf(cluster: LiveCluster, source: SourceSpec): Source[] {
  if ('address' in source) return [{ kind: 'external', address: source.address }]
  if ('node' in source) return [{ kind: 'node', node: source.node }]
  if ('workload' in source) return activePods(cluster, refFrom(source.workload, cluster.scenario.namespace)).map((pod) => ({ kind: 'pod', pod: refOf(pod) }))
  return [{ kind: 'virtual', namespace: source.namespace, labels: source.labels }]
}

type Destination = { host: string; port: number }

/** Where a client sends to now. From outside a Service means its load balancer address or, without one, its node port on every node; from inside its cluster name. */
export function destinationsOf(cluster: LiveCluster, target: TargetSpec, fromOutside: boolean): Destination[] {
  const { port } = target
  if (target.host !== undefined) return [{ host: target.host, port }]
  if (target.workload !== undefined) return activePods(cluster, refFrom(target.workload, cluster.scenario.namespace)).flatMap((pod) => (pod.status?.podIP ? [{ host: pod.status.podIP as string, port }] : []))
  const ref = refFrom(target.service ?? '', cluster.scenario.namespace)
  if (ref.kind === 'Pod') return [cluster.view.get('Pod', ref.namespace, ref.name)?.status?.podIP as string | undefined].flatMap((host) => (host ? [{ host, port }] : []))
  const service = cluster.view.get('Service', ref.namespace, ref.name)
  if (!service) return []
  if (!fromOutside) return [{ host: `${ref.name}.${ref.namespace}.svc.cluster.local`, port }]
  return outsideOf(cluster, service, target)
}

function outsideOf(cluster: LiveCluster, service: K8sObject, target: TargetSpec): Destination[] {
  const addresses = ((service.status?.loadBalancer?.ingress ?? []) as { ip?: string }[]).flatMap((item) => (item.ip ? [item.ip] : []))
  if (addresses.length > 0) return addresses.map((host) => ({ host, port: target.port }))
  const nodePort = ((service.spec?.ports ?? []) as { port: number; protocol?: string; nodePort?: number }[]).find((item) => item.port === target.port && (item.protocol ?? 'TCP') === target.protocol)?.nodePort
  if (nodePort === undefined) return []
  return cluster.view.list('Node').flatMap((node) => ((node.status?.addresses ?? []) as { type: string; address: string }[]).filter((item) => item.type === 'InternalIP').map((item) => ({ host: item.address, port: nodePort })))
}

/** Tries often enough to meet every backend of a balanced Service. */
const tries = 6

function isAnswer(to: TargetSpec, verdict: NetworkVerdict): boolean {
  return complaintOf(to, verdict) === undefined
}

function verdictWords(to: TargetSpec, verdict: NetworkVerdict): Words {
  const complaint = complaintOf(to, verdict) ?? (verdict.ok ? undefined : verdict.error)
  if (complaint !== undefined) return words(complaint, complaintInChinese(complaint))
  if (!verdict.ok) return words('', '')
  const who = verdict.pod?.name ?? verdict.external ?? verdict.address
  return verdict.status <= 200 ? words(`answered by ${who}`, `由 ${who} 应答`) : words(`HTTP status ${verdict.status}`, `HTTP 状态码 ${verdict.status}`)
}

type Try = { verdict: NetworkVerdict; request: NetworkRequest }

function tryAll(cluster: LiveCluster, from: SourceSpec, to: TargetSpec): Try[] | 'no-source' | 'no-target' {
  const sources = sourcesOf(cluster, from)
  if (sources.length === 0) return 'no-source'
  const destinations = destinationsOf(cluster, to, 'address' in from)
  if (destinations.length === 0) return 'no-target'
  return sources.flatMap((source) => destinations.flatMap(({ host, port }) => Array.from({ length: tries }, () => {
    const request: NetworkRequest = { from: source, host, port, protocol: to.protocol, ...(to.grpc === undefined && to.websocket === undefined ? (to.path === undefined ? {} : { path: to.path }) : requestOf(to, 'connect')), ...(to.tls ? { tls: 'verified' as const } : {}) }
    const verdict = cluster.network.request(request)
    return { verdict: to.follow ? followed(cluster.network, request, verdict) : verdict, request }
  })))
}

export const reach: Predicate<Spec<'reach'>> = {
  says: ({ from, to, expect }) => {
    const [who, where] = [sourceName(from), targetName(to)]
    return expect === 'yes' ? words(`${who.en} reaches ${where}.`, `${who['zh-CN']} 能访问 ${where}。`) : words(`${who.en} does not reach ${where}.`, `${who['zh-CN']} 不能访问 ${where}。`)
  },
  about: ({ from, to }, namespace) => [...('workload' in from ? [refFrom(from.workload, namespace)] : []), ...[to.service, to.workload].flatMap((text) => (text === undefined ? [] : [refFrom(text, namespace)]))],
  watch(cluster, spec) {
    const at = spec.at ?? endOf(cluster)
    let seen: ReturnType<typeof tryAll> | undefined
    let entry: TimelineEntry | undefined
    lookAt(cluster, at, `reach ${targetName(spec.to)}`, () => {
      seen = tryAll(cluster, spec.from, spec.to)
      if (typeof seen === 'string') return
      const verdict = (seen.find((one) => isAnswer(spec.to, one.verdict) !== (spec.expect === 'yes')) ?? seen[0])?.verdict
      entry = { at: cluster.now, kind: 'reach', text: `${sourceName(spec.from).en} → ${targetName(spec.to)}: ${verdict ? verdictWords(spec.to, verdict).en : ''}`, data: reachData(spec, seen, verdict) }
      cluster.record(entry)
    })
    return () => reachFinding(spec, at, seen, entry)
  },
}

/** What a program wants to know of a try: who asked whom, how many tries were answered, and what the one that tells the verdict met. */
function reachData({ from, to, expect }: Spec<'reach'>, seen: readonly Try[], verdict: NetworkVerdict | undefined): Fields {
  const met: Fields = !verdict ? {} : verdict.ok ? { status: verdict.status, address: verdict.address, port: verdict.port, sourceIP: verdict.sourceIP, latencyMs: verdict.latencyMs, ...(verdict.pod ? { pod: verdict.pod.name } : {}) } : { stage: verdict.stage, symptom: verdict.symptom, error: verdict.error, latencyMs: verdict.latencyMs, ...(verdict.policies ? { policies: verdict.policies.map(({ name }) => name) } : {}) }
  return { ok: verdict?.ok ?? false, from: sourceName(from).en, to: targetName(to), expect, tries: seen.length, answered: seen.filter((one) => isAnswer(to, one.verdict)).length, ...met }
}

function reachFinding(spec: Spec<'reach'>, at: number, seen: ReturnType<typeof tryAll> | undefined, entry: TimelineEntry | undefined): Finding {
  if (seen === undefined) return { verdict: 'undecided', at, because: words('The run ended before this could be tried.', '还没来得及尝试，运行就结束了。') }
  if (seen === 'no-source') return missed(at, words('No pod was there to send from.', '没有可以发起请求的 Pod。'))
  if (seen === 'no-target') return spec.expect === 'no' && spec.to.service !== undefined ? met(at, words('There is no address to send to.', '没有可以访问的地址。')) : missed(at, words('There is no address to send to.', '没有可以访问的地址。'))
  const evidence = entry ? [entry] : []
  const wrong = seen.find((one) => isAnswer(spec.to, one.verdict) !== (spec.expect === 'yes'))
  const count = seen.filter((one) => isAnswer(spec.to, one.verdict)).length
  const what = verdictWords(spec.to, (wrong ?? seen[0]!).verdict)
  const tried = words(`Tried: ${what.en}.`, `尝试结果：${what['zh-CN']}。`)
  if (!wrong) return met(at, tried, evidence)
  if (count === 0 || count === seen.length) return missed(at, tried, evidence)
  const which = spec.expect === 'yes' ? words('one of the others', '未成功的其中一次') : words('one of them', '成功的其中一次')
  return missed(at, words(`${count} of ${seen.length} tries got through; ${which.en}: ${what.en}.`, `${seen.length} 次尝试中有 ${count} 次成功；${which['zh-CN']}：${what['zh-CN']}。`), evidence)
}

/** Ready backends of a Service that answer now. */
function answering(cluster: LiveCluster, service: Ref): number {
  const pods = new Set<string>()
  for (const slice of cluster.view.list('EndpointSlice', service.namespace)) {
    if (serviceOf(slice) !== service.name) continue
    const port = (slice.ports ?? [])[0] as { port?: number; protocol?: 'TCP' | 'UDP' } | undefined
    if (port?.port === undefined) continue
    for (const endpoint of (slice.endpoints ?? []) as { addresses: string[]; conditions?: { ready?: boolean }; targetRef?: { namespace?: string; name: string } }[]) {
      if (endpoint.conditions?.ready === false || !endpoint.targetRef) continue
      const pod: Ref = { kind: 'Pod', namespace: endpoint.targetRef.namespace ?? service.namespace, name: endpoint.targetRef.name }
      const answers = cluster.runtime.containers(pod).some((container) => {
        if (container.exited) return false
        const response = container.respond({ port: port.port!, protocol: port.protocol ?? 'TCP', kind: 'data', on: endpoint.addresses[0]!, sourceIP: '10.0.0.10' })
        return response.outcome === 'ok' && response.status < 500
      })
      if (answers) pods.add(keyOf(pod))
    }
  }
  return pods.size
}

const serveLookMs = 1000

export const serves: Predicate<Spec<'serves'>> = {
  says: ({ service, atLeast, from, until }) => {
    const time = until === undefined ? words(`from ${span(from).en} on`, `从第 ${span(from)['zh-CN']}起`) : words(`from ${span(from).en} to ${span(until).en}`, `从第 ${span(from)['zh-CN']}到第 ${span(until)['zh-CN']}`)
    return words(`At least ${atLeast} backends of ${service} answer, ${time.en}.`, `${time['zh-CN']}，${service} 至少有 ${atLeast} 个能应答的后端。`)
  },
  about: ({ service }, namespace) => [refFrom(service, namespace)],
  watch(cluster, { service, atLeast, from, until = endOf(cluster) }) {
    const ref = refFrom(service, cluster.scenario.namespace)
    let low: { at: number; count: number } | undefined
    let looked = false
    lookEvery(cluster, from, Math.min(until, endOf(cluster)), serveLookMs, `serves ${keyOf(ref)}`, (at) => {
      looked = true
      if (low) return
      const count = answering(cluster, ref)
      if (count < atLeast) low = { at, count }
    })
    return () => {
      if (!existed(cluster, ref)) return absent(service)
      if (!looked) return { verdict: 'undecided', at: until, because: words('The run ended before this could be seen.', '还没来得及观察，运行就结束了。') }
      if (!low) return met(until, words(`Never fewer than ${atLeast}.`, `始终不少于 ${atLeast} 个。`))
      const facts = readyAddressesOverTime(cluster, ref).filter((change) => change.at <= low!.at).slice(-3).map((change) => change.entry)
      return missed(low.at, words(`After ${span(low.at).en} only ${low.count} answered.`, `第 ${span(low.at)['zh-CN']}时只有 ${low.count} 个能应答。`), facts)
    }
  },
}

export const leaves: Predicate<Spec<'leaves'>> = {
  says: ({ service, after, within }) => words(`A pod that hangs at ${span(after).en} leaves the ready endpoints of ${service} within ${span(within).en}.`, `在第 ${span(after)['zh-CN']}卡死的 Pod，${span(within)['zh-CN']}内从 ${service} 的就绪端点中摘除。`),
  about: ({ service }, namespace) => [refFrom(service, namespace)],
  watch: (cluster, { service, after, within }) => () => {
    const ref = refFrom(service, cluster.scenario.namespace)
    if (!existed(cluster, ref)) return absent(service)
    const changes = readyAddressesOverTime(cluster, ref)
    const before = [...changes].reverse().find((change) => change.at <= after)?.ready ?? []
    if (before.length === 0) return missed(after, words('The Service had no ready endpoint to begin with.', 'Service 一开始就没有就绪端点。'))
    const uids = memberUids(cluster, ref)
    const hung = [...touchedPods(cluster, after)].filter((uid) => uids.has(uid)).flatMap((uid) => addressOf(cluster, uid)).filter((address) => before.includes(address))
    const inTime = changes.filter((change) => change.at > after && change.at <= after + within)
    const left = hung.length > 0 ? hung.map((address) => inTime.find((change) => !change.ready.includes(address))) : [inTime.find((change) => before.some((address) => !change.ready.includes(address)))]
    const seen = left.filter((change) => change !== undefined)
    if (seen.length < left.length) return missed(after + within, words('The hung pod was still a ready endpoint.', '卡死的 Pod 仍是就绪端点。'), seen.map((change) => change.entry))
    const at = Math.max(...seen.map((change) => change.at))
    return met(at, words(`It had left at ${span(at).en}.`, `第 ${span(at)['zh-CN']}已摘除。`), seen.map((change) => change.entry))
  },
}

function addressOf(cluster: LiveCluster, uid: string): string[] {
  const entry = cluster.timeline.find((one) => one.kind === 'pod-created' && one.data?.uid === uid)
  const versions = entry?.ref ? cluster.store.history(entry.ref) : []
  const address = [...versions].reverse().find((version) => version.object?.metadata.uid === uid && version.object.status?.podIP)?.object?.status?.podIP as string | undefined
  return address === undefined ? [] : [address]
}

export const endpointChanges: Predicate<Spec<'endpointChanges'>> = {
  says: ({ service, atMost, from, until }) => {
    const time = until === undefined ? words(`from ${span(from).en} on`, `从第 ${span(from)['zh-CN']}起`) : words(`from ${span(from).en} to ${span(until).en}`, `从第 ${span(from)['zh-CN']}到第 ${span(until)['zh-CN']}`)
    return words(`The ready endpoints of ${service} change at most ${atMost} times ${time.en}.`, `${time['zh-CN']}，${service} 的就绪端点最多变化 ${atMost} 次。`)
  },
  about: ({ service }, namespace) => [refFrom(service, namespace)],
  watch: (cluster, { service, atMost, from, until = endOf(cluster) }) => () => {
    const ref = refFrom(service, cluster.scenario.namespace)
    if (!existed(cluster, ref)) return absent(service)
    const all = readyAddressesOverTime(cluster, ref)
    if (!all.some((change) => change.at <= until && change.ready.length > 0)) return missed(until, words('The Service never had a ready endpoint, so nothing was shown.', 'Service 从未有过就绪端点，什么也无法证明。'))
    const changes = all.filter((change) => change.at >= from && change.at <= until)
    if (changes.length <= atMost) return met(until, words(`${changes.length} changes.`, `变化 ${changes.length} 次。`), changes.map((change) => change.entry))
    const over = changes[atMost]!
    return missed(relative(cluster, over.entry), words(`${changes.length} changes.`, `变化 ${changes.length} 次。`), changes.slice(0, atMost + 1).map((change) => change.entry))
  },
}
