/** What kube-proxy does with a packet for a Service (pkg/proxy/topology.go:CategorizeEndpoints, iptables/proxier.go). */
import type { Fields, K8sObject, Ref } from '../../k8s/object.ts'
import { compareText, keyOf } from '../../k8s/object.ts'
import type { View } from '../types.ts'
import { serviceOf } from '../service-labels.ts'

export type Endpoint = { address: string; port: number; pod?: Ref; node?: string; hostname?: string; ready: boolean; serving: boolean; terminating: boolean }
export type Policy = 'Cluster' | 'Local'
/** `refuse`: rejected at once, no endpoint anywhere; `drop`: endpoints exist, but none this path may use. */
export type Choice = { endpoint: Endpoint } | 'refuse' | 'drop'

/** Every endpoint of a Service's port in the slices of a view, by address; slices written by hand count too. */
export function endpointsOf(view: View, service: K8sObject, port: Fields): Endpoint[] {
  const namespace = service.metadata.namespace ?? ''
  const found = new Map<string, Endpoint>()
  for (const slice of view.list('EndpointSlice', namespace)) {
    if (serviceOf(slice) !== service.metadata.name) continue
    const own = ((slice.ports ?? []) as Fields[]).find((item) => (item.name ?? '') === (port.name ?? '') && (item.protocol ?? 'TCP') === (port.protocol ?? 'TCP'))
    if (own?.port !== undefined) for (const item of (slice.endpoints ?? []) as Fields[]) add(found, item, own.port, namespace)
  }
  return [...found.values()].sort((a, b) => compareText(a.pod?.name ?? a.address, b.pod?.name ?? b.address))
}

function add(found: Map<string, Endpoint>, item: Fields, port: number, namespace: string): void {
  const { ready = true, serving = ready, terminating = false } = item.conditions ?? {}
  const endpoint: Endpoint = { address: item.addresses[0], port, ready, serving, terminating }
  if (item.nodeName) endpoint.node = item.nodeName
  if (item.hostname) endpoint.hostname = item.hostname
  if (item.targetRef?.kind === 'Pod') endpoint.pod = { kind: 'Pod', namespace: item.targetRef.namespace ?? namespace, name: item.targetRef.name }
  found.set(`${endpoint.address}:${port}`, endpoint)
}

/** Ready endpoints; where there are none, those that still serve while they end. */
export function usable(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const ready = endpoints.filter((one) => one.ready)
  return ready.length > 0 ? ready : endpoints.filter((one) => one.serving && one.terminating)
}

/** Endpoints in turn, so that the same questions in the same order always meet the same pods; with ClientIP affinity a client stays for its timeout. */
export class Balancer {
  private readonly turns = new Map<string, number>()
  private readonly sticky = new Map<string, { address: string; until: number }>()

  /** `node` is where the packet is handled; needed for policy Local. */
  choose(service: K8sObject, port: Fields, endpoints: readonly Endpoint[], policy: Policy, node: string | undefined, client: string, now: number): Choice {
    const anywhere = usable(endpoints)
    const candidates = policy === 'Local' ? usable(endpoints.filter((one) => one.node !== undefined && one.node === node)) : anywhere
    if (candidates.length === 0) return anywhere.length === 0 ? 'refuse' : 'drop'
    const key = `${keyOf(service)} ${port.protocol ?? 'TCP'}/${port.port}`
    if (service.spec?.sessionAffinity === 'ClientIP') {
      const seconds: number = service.spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800
      const kept = this.sticky.get(`${key} ${client}`)
      const endpoint = (kept && kept.until > now ? candidates.find((one) => one.address === kept.address) : undefined) ?? this.next(key, candidates)
      this.sticky.set(`${key} ${client}`, { address: endpoint.address, until: now + seconds * 1000 })
      return { endpoint }
    }
    return { endpoint: this.next(key, candidates) }
  }

  private next(key: string, candidates: readonly Endpoint[]): Endpoint {
    const turn = this.turns.get(key) ?? 0
    this.turns.set(key, turn + 1)
    return candidates[turn % candidates.length]!
  }
}
