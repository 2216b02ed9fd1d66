/** EndpointSlices for Endpoints that somebody wrote for a Service without a selector (pkg/controller/endpointslicemirroring/{endpointslicemirroring_controller,reconciler,utils}.go). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { refOf } from '../../k8s/object.ts'
import type { Cluster, Controller } from '../types.ts'
import { equal, ownedBy } from '../pods.ts'
import { parseKey } from './keys.ts'
import { managedByLabel, serviceLabel, serviceOf } from '../service-labels.ts'

const component = 'endpointslicemirroring-controller.k8s.io'
const maxPerSubset = 1000
/** What a slice does not take over from the annotations of its Endpoints. */
const notCopied: readonly string[] = ['endpoints.kubernetes.io/last-change-trigger-time', 'kubectl.kubernetes.io/last-applied-configuration']

export const endpointSliceMirroringController: Controller = {
  name: 'endpointslice-mirroring',
  source: 'pkg/controller/endpointslicemirroring/endpointslicemirroring_controller.go:syncEndpoints, reconciler.go:reconcile, utils.go',
  about: 'Mirrors Endpoints of Services without a selector into EndpointSlices, one per set of ports, so that kube-proxy and DNS see them; not where the label endpointslice.kubernetes.io/skip-mirror or an annotation of leader election says so. Endpoints without a Service of their name go nowhere.',
  keys({ object, type, old }, cluster) {
    if (object.kind === 'Endpoints') {
      const service = cluster.view.get('Service', object.metadata.namespace ?? '', object.metadata.name)
      return service && isSelective(service) ? [] : [`Endpoints/${object.metadata.namespace}/${object.metadata.name}`]
    }
    const changes = object.kind === 'Service' && (type !== 'modified' || isSelective(object) !== (old !== undefined && isSelective(old)))
    return changes ? [`Endpoints/${object.metadata.namespace}/${object.metadata.name}`] : []
  },
  reconcile(key, cluster) {
    const { namespace, name } = parseKey(key)
    const endpoints = cluster.view.get('Endpoints', namespace, name)
    const service = cluster.view.get('Service', namespace, name)
    const wanted = endpoints && service && !isSelective(service) && isMirrored(endpoints) ? groupsOf(endpoints, cluster) : []
    const existing = cluster.view.list('EndpointSlice', namespace).filter((slice) => serviceOf(slice) === name && slice.metadata.labels?.[managedByLabel] === component)
    write(cluster, endpoints, wanted, existing)
  },
}

function isSelective(service: K8sObject): boolean {
  return Object.keys(service.spec?.selector ?? {}).length > 0
}

function isMirrored({ metadata }: K8sObject): boolean {
  return metadata.labels?.['endpointslice.kubernetes.io/skip-mirror'] !== 'true' && metadata.annotations?.['control-plane.alpha.kubernetes.io/leader'] === undefined
}

type Group = { ports: Fields[]; endpoints: Fields[] }

/** IPv4 addresses by the ports of their subset. */
function groupsOf(object: K8sObject, cluster: Cluster): Group[] {
  const groups = new Map<string, Group>()
  let skipped = 0
  for (const subset of (object.subsets ?? []) as Fields[]) {
    const ports = ((subset.ports ?? []) as Fields[]).map(({ name, port, protocol, appProtocol }) => ({ name: name ?? '', port, protocol: protocol ?? 'TCP', ...(appProtocol ? { appProtocol } : {}) }))
    const key = JSON.stringify(ports)
    const group: Group = groups.get(key) ?? { ports, endpoints: [] }
    groups.set(key, group)
    const all = (['addresses', 'notReadyAddresses'] as const).flatMap((list) => ((subset[list] ?? []) as Fields[]).filter(({ ip }) => !ip.includes(':')).map((address) => endpointOf(address, list === 'addresses')))
    group.endpoints.push(...all.slice(0, maxPerSubset))
    skipped += Math.max(0, all.length - maxPerSubset)
  }
  if (skipped > 0) cluster.event(object, { type: 'Warning', reason: 'TooManyAddressesToMirror', component: 'endpoint-slice-mirroring-controller', message: `A max of ${maxPerSubset} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped` })
  return [...groups.values()].filter(({ endpoints }) => endpoints.length > 0)
}

function endpointOf({ ip, hostname, nodeName, targetRef }: Fields, ready: boolean): Fields {
  return { addresses: [ip], conditions: { ready }, ...(hostname ? { hostname } : {}), ...(nodeName ? { nodeName } : {}), ...(targetRef ? { targetRef } : {}) }
}

/** Slices with the same ports are kept, others are used for what is new, the rest goes. */
function write(cluster: Cluster, owner: K8sObject | undefined, wanted: readonly Group[], existing: readonly K8sObject[]): void {
  const free = [...existing]
  const fresh = wanted.filter((group) => {
    const at = free.findIndex((slice) => equal(slice.ports ?? [], group.ports))
    if (at < 0) return true
    update(cluster, owner!, free.splice(at, 1)[0]!, group)
    return false
  })
  for (const group of fresh) {
    const slice = free.shift()
    if (slice) update(cluster, owner!, slice, group)
    else cluster.api.create({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: '', generateName: `${owner!.metadata.name}-`, namespace: owner!.metadata.namespace ?? '', ownerReferences: [ownedBy(owner!)], ...marksOf(owner!) }, addressType: 'IPv4', ...group }, 'endpointslicemirroring-controller')
  }
  for (const slice of free) cluster.api.remove(refOf(slice))
}

function marksOf({ metadata }: K8sObject): { labels: Record<string, string>; annotations?: Record<string, string> } {
  const annotations = Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => !notCopied.includes(key)))
  return { labels: { ...metadata.labels, [serviceLabel]: metadata.name, [managedByLabel]: component }, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) }
}

function update(cluster: Cluster, owner: K8sObject, slice: K8sObject, group: Group): void {
  if (!equal(slice.endpoints, group.endpoints) || !equal(slice.ports ?? [], group.ports)) cluster.put({ ...slice, metadata: { ...slice.metadata, ...marksOf(owner) }, ...group })
}
