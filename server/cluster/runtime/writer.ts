/** Single writers: active by themselves, or by holding a Lease (client-go/tools/leaderelection: 15 s lease, release on a clean end). */
import { keyOf } from '../../k8s/object.ts'
import type { K8sObject } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { Cluster } from '../types.ts'
import { evaluate, forbiddenError, serviceAccountSubject } from '../rbac.ts'
import type { Host } from './host.ts'

const leaseMs = 15_000
const retryMs = 2000
const group = 'coordination.k8s.io'

type Held = { by: Election | undefined; /** A holder that died still holds until then. */ until: Millis; waiting: Set<Election> }

/** Who holds which Lease, in one cluster. A living holder renews without any event; only its end is one. */
export class LeaseBook {
  private readonly held = new Map<string, Held>()

  of(key: string): Held {
    let entry = this.held.get(key)
    if (!entry) this.held.set(key, (entry = { by: undefined, until: 0, waiting: new Set() }))
    return entry
  }
}

/** One candidate. `active` is true while it may write. */
export class Election {
  active = false
  private readonly host: Host
  private readonly name: string
  private readonly key: string

  constructor(host: Host, name: string) {
    this.host = host
    this.name = name
    this.key = keyOf({ kind: 'Lease', namespace: host.spec.pod.namespace, name })
  }

  /** Takes the lease when it is free, else waits for it. Without the right to use Leases the program goes on without election, as many do. */
  campaign(): void {
    const refused = this.refusal()
    if (refused) {
      this.host.print(`level=ERROR msg="error retrieving resource lock ${this.host.spec.pod.namespace}/${this.name}: ${refused.replaceAll('"', '\\"')}"`)
      this.host.print('level=WARN msg="leader election unavailable, continuing as active"')
      this.active = true
      return
    }
    const entry = this.host.leases.of(this.key)
    const { now } = this.host.cluster
    if (entry.by === undefined && entry.until <= now) {
      entry.waiting.delete(this)
      entry.by = this
      this.active = true
      this.write(this.host.spec.pod.name)
      this.host.print(`level=INFO msg="successfully acquired lease ${this.host.spec.pod.namespace}/${this.name}"`)
      return
    }
    entry.waiting.add(this)
    if (entry.by === undefined) this.host.schedule(entry.until + retryMs, () => { if (entry.waiting.has(this)) this.campaign() })
  }

  /** The candidate ends. A clean holder gives the lease back at once; a killed or hung one keeps it until it expires. */
  leave(clean: boolean): void {
    const entry = this.host.leases.of(this.key)
    this.active = false
    entry.waiting.delete(this)
    if (entry.by !== this) return
    entry.by = undefined
    entry.until = this.host.cluster.now + (clean ? 0 : leaseMs)
    if (clean) this.write('')
    const { cluster } = this.host
    cluster.schedule(entry.until + retryMs, 'process', this.key, () => { for (const candidate of [...entry.waiting]) candidate.campaign() })
  }

  private refusal(): string | undefined {
    const { cluster, spec } = this.host
    const { namespace } = spec.pod
    const account = cluster.view.get('Pod', namespace, spec.pod.name)?.spec?.serviceAccountName ?? 'default'
    const subject = serviceAccountSubject(namespace, account)
    const exists = cluster.view.get('Lease', namespace, this.name) !== undefined
    for (const verb of ['get', exists ? 'update' : 'create']) {
      const request = { verb, group, resource: 'leases', namespace, ...(verb === 'create' ? {} : { name: this.name }) }
      if (!evaluate(subject, request, cluster.view).allowed) return forbiddenError(subject, request).message
    }
    return undefined
  }

  private write(holder: string): void {
    const { cluster, spec } = this.host
    const live = cluster.view.get('Lease', spec.pod.namespace, this.name)
    cluster.put(leaseObject(cluster, live, spec.pod.namespace, this.name, holder))
  }
}

function leaseObject(cluster: Cluster, live: K8sObject | undefined, namespace: string, name: string, holder: string): K8sObject {
  const transitions = Number(live?.spec?.leaseTransitions ?? 0) + (live && holder !== '' && live.spec?.holderIdentity !== holder ? 1 : 0)
  const metadata = live?.metadata ?? { name, namespace, uid: `lease-${cluster.suffix(`${namespace}/${name}`, 10)}`, creationTimestamp: cluster.timestamp() }
  return { apiVersion: `${group}/v1`, kind: 'Lease', metadata, spec: { holderIdentity: holder, leaseDurationSeconds: leaseMs / 1000, acquireTime: cluster.timestamp(), renewTime: cluster.timestamp(), leaseTransitions: transitions } }
}
