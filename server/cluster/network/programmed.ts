/** What kube-proxy works with: EndpointSlices as they were a little ago; and answers that stay true while no object changes. */
import type { K8sObject } from '../../k8s/object.ts'
import { compareText, keyOf } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { Change, Cluster, View } from '../types.ts'

/** A cluster that tells of its changes. */
export type Watchable = Cluster & { watch?(changed: (change: Change) => void): void }

/** Follows the slices with a delay. Only `list('EndpointSlice', namespace)` is delayed; everything else is read as of now. */
export class ProgrammedSlices implements View {
  private readonly cluster: Cluster
  private readonly lagMs: Millis
  private readonly changed: () => void
  private readonly slices = new Map<string, K8sObject>()
  private readonly lists = new Map<string, readonly K8sObject[]>()
  private waiting: { due: Millis; key: string; object: K8sObject | undefined }[] = []

  /** `changed` is called whenever the delayed slices change. */
  constructor(cluster: Cluster, lagMs: Millis, changed: () => void) {
    this.cluster = cluster
    this.lagMs = lagMs
    this.changed = changed
    for (const slice of cluster.view.list('EndpointSlice')) this.slices.set(keyOf(slice), slice)
  }

  take({ type, object }: Change): void {
    this.waiting.push({ due: this.cluster.now + this.lagMs, key: keyOf(object), object: type === 'deleted' ? undefined : object })
  }

  /** Takes over what has become due. */
  catchUp(): void {
    const { now } = this.cluster
    if (this.waiting.length === 0 || this.waiting[0]!.due > now) return
    let count = 0
    while (count < this.waiting.length && this.waiting[count]!.due <= now) {
      const { key, object } = this.waiting[count++]!
      if (object) this.slices.set(key, object)
      else this.slices.delete(key)
    }
    this.waiting = this.waiting.slice(count)
    this.lists.clear()
    this.changed()
  }

  get(kind: string, namespace: string, name: string): K8sObject | undefined {
    return this.cluster.view.get(kind, namespace, name)
  }

  list(kind: string, namespace?: string): readonly K8sObject[] {
    if (kind !== 'EndpointSlice') return this.cluster.view.list(kind, namespace)
    const key = namespace ?? '*'
    let list = this.lists.get(key)
    if (!list) {
      list = [...this.slices.values()].filter((slice) => namespace === undefined || slice.metadata.namespace === namespace).sort((a, b) => compareText(keyOf(a), keyOf(b)))
      this.lists.set(key, list)
    }
    return list
  }

  owned(uid: string, kind: string): readonly K8sObject[] {
    return this.cluster.view.owned(uid, kind)
  }

  dependents(uid: string): readonly K8sObject[] {
    return this.cluster.view.dependents(uid)
  }
}

/** Kinds whose changes may change a route or a name. */
const routing: ReadonlySet<string> = new Set(['Service', 'EndpointSlice', 'Pod', 'Node', 'Namespace', 'NetworkPolicy', 'Ingress'])

/** Does a change touch what routes and names are made of? Of a pod's status only its address and phase do. */
export function touchesRouting({ type, object, old }: Change): boolean {
  if (!routing.has(object.kind)) return false
  if (type !== 'modified' || !old) return true
  if (object.kind === 'Pod') return object.metadata.labels !== old.metadata.labels || object.spec !== old.spec || object.status?.podIP !== old.status?.podIP || object.status?.phase !== old.status?.phase
  if (object.kind === 'Node') return object.metadata.labels !== old.metadata.labels || object.status?.addresses !== old.status?.addresses
  return true
}

/** Remembers what was worked out until something it depends on may have changed. */
export class Memory {
  private readonly kept = new Map<string, unknown>()
  private readonly on: boolean

  constructor(on: boolean) {
    this.on = on
  }

  readonly recall = <Result>(key: string, work: () => Result): Result => {
    if (!this.on) return work()
    if (this.kept.has(key)) return this.kept.get(key) as Result
    const result = work()
    this.kept.set(key, result)
    return result
  }

  forget(): void {
    if (this.kept.size > 0) this.kept.clear()
  }
}
