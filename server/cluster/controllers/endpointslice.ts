/** EndpointSlice: the addresses behind every Service with a selector (k8s.io/endpointslice/{utils,reconciler}.go). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { keyOf, refOf } from '../../k8s/object.ts'
import type { Change, Cluster, Controller } from '../types.ts'
import { equal, isPodReady, isPodTerminal, ownedBy } from '../pods.ts'
import { selectsAll } from '../selection.ts'
import { parseKey } from './keys.ts'
import { headlessLabel, managedByLabel, serviceLabel } from '../service-labels.ts'

const maxEndpoints = 100
const component = 'endpointslice-controller.k8s.io'
/** A slice that somebody else changed is looked at again after this long (endpointslice_controller.go: endpointSliceChangeMinSyncDelay). */
const changedByOthersMs = 1000

export function createEndpointSliceController(): Controller {
  let writing = false
  return {
    name: 'endpointslice',
    source: 'pkg/controller/endpointslice/endpointslice_controller.go:syncService; k8s.io/endpointslice/reconciler.go:Reconcile, utils.go:podToEndpoint, getEndpointPorts',
    about: 'Writes EndpointSlices for Services with a selector: ready, serving and terminating per pod, one slice per distinct set of resolved ports, named ports resolved per pod by name and protocol, one slice without endpoints when nothing is selected. Slices that are deleted or changed by hand are put right a second later; those of a Service whose selector is taken away stay as they are. Not modelled: the one-second batching of changes, topology hints, dual stack.',
    keys(change, cluster) {
      if (change.object.kind !== 'EndpointSlice') return servicesTouched(change, cluster)
      const { labels, namespace } = change.object.metadata
      if (!writing && change.type !== 'added' && labels?.[managedByLabel] === component) cluster.wake('endpointslice', `Service/${namespace}/${labels[serviceLabel]}`, cluster.now + changedByOthersMs)
      return []
    },
    reconcile(key, cluster) {
      const { namespace, name } = parseKey(key)
      const service = cluster.view.get('Service', namespace, name)
      if (!service || !hasSelector(service)) return
      writing = true
      sync(service, cluster)
      writing = false
    },
  }
}

const lastOf = new WeakMap<Cluster, { change: Change; found: string[] }>()

/** The Services whose addresses may have changed, as keys; looked for once per change, which several controllers hear of one after the other. */
export function servicesTouched(change: Change, cluster: Cluster): string[] {
  if (change.object.kind !== 'Pod' && change.object.kind !== 'Service') return []
  const last = lastOf.get(cluster)
  if (last?.change === change) return last.found
  const found = lookForServices(change, cluster)
  lastOf.set(cluster, { change, found })
  return found
}

function lookForServices(change: Change, cluster: Cluster): string[] {
  const { object, old } = change
  if (object.kind === 'Service') return [keyOf(object)]
  if (!matters(change)) return []
  return cluster.view
    .list('Service', object.metadata.namespace ?? '')
    .filter((service) => hasSelector(service) && (selectsAll(service.spec.selector, object.metadata.labels) || (old !== undefined && selectsAll(service.spec.selector, old.metadata.labels))))
    .map((service) => keyOf(service))
}

/** Did anything change that an endpoint shows? */
function matters({ object, old, type }: Change): boolean {
  if (type !== 'modified' || !old) return true
  return (
    isPodReady(object) !== isPodReady(old) || object.status?.podIP !== old.status?.podIP || object.status?.phase !== old.status?.phase || object.spec?.nodeName !== old.spec?.nodeName ||
    object.metadata.deletionTimestamp !== old.metadata.deletionTimestamp || !equal(object.metadata.labels, old.metadata.labels)
  )
}

/** Does the control plane write the endpoints of this Service? */
export function hasSelector(service: K8sObject): boolean {
  return service.spec?.type !== 'ExternalName' && Object.keys(service.spec?.selector ?? {}).length > 0
}

/**
 * The port a Service port means on one pod: a number as it is; a name looked up among the pod's container ports, sidecars included, by name and protocol (podutil.FindPort).
 * Undefined: this pod has no such port.
 */
export function resolvedPort(pod: K8sObject, servicePort: Fields): number | undefined {
  const target = servicePort.targetPort ?? servicePort.port
  if (typeof target === 'number') return target
  const sidecars = (pod.spec?.initContainers ?? []).filter((container: Fields) => container.restartPolicy === 'Always')
  for (const container of [...(pod.spec?.containers ?? []), ...sidecars]) {
    for (const port of container.ports ?? []) if (port.name === target && (port.protocol ?? 'TCP') === (servicePort.protocol ?? 'TCP')) return port.containerPort
  }
  return undefined
}

/** Pods a Service selects that have an address and have not ended. */
export function backendPods(service: K8sObject, cluster: Cluster): K8sObject[] {
  return cluster.view.list('Pod', service.metadata.namespace ?? '').filter((pod) => selectsAll(service.spec?.selector, pod.metadata.labels) && pod.status?.podIP && !isPodTerminal(pod))
}

/** The name an endpoint has below its headless Service (endpointslice/util: ShouldSetHostname). */
export function endpointHostname(pod: K8sObject, service: K8sObject): string | undefined {
  return pod.spec?.hostname && pod.spec?.subdomain === service.metadata.name ? (pod.spec.hostname as string) : undefined
}

/** One endpoint of a pod (podToEndpoint); `zone` is that of its node. */
function endpointOf(pod: K8sObject, service: K8sObject, zone: string | undefined): Fields {
  const hostname = endpointHostname(pod, service)
  const serving = isPodReady(pod)
  const terminating = pod.metadata.deletionTimestamp !== undefined
  return {
    addresses: [pod.status.podIP],
    conditions: { ready: service.spec?.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    ...(zone ? { zone } : {}),
    nodeName: pod.spec?.nodeName,
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
  }
}

/** Endpoints grouped by the ports they resolve to; the order is that of the pods. */
function endpointGroups(service: K8sObject, pods: readonly K8sObject[], cluster: Cluster): { ports: Fields[]; endpoints: Fields[] }[] {
  const groups = new Map<string, { ports: Fields[]; endpoints: Fields[] }>()
  const asked = (service.spec?.ports ?? []) as Fields[]
  for (const pod of pods) {
    const numbers = asked.map((port) => resolvedPort(pod, port))
    const key = numbers.join()
    let group = groups.get(key)
    if (!group) groups.set(key, (group = { ports: portsOf(asked, numbers), endpoints: [] }))
    group.endpoints.push(endpointOf(pod, service, nodeOf(cluster, pod)?.metadata.labels?.['topology.kubernetes.io/zone']))
  }
  return [...groups.values()]
}

function portsOf(asked: readonly Fields[], numbers: readonly (number | undefined)[]): Fields[] {
  return asked.flatMap((port, i) => (numbers[i] === undefined ? [] : [{ name: port.name ?? '', port: numbers[i], protocol: port.protocol ?? 'TCP', ...(port.appProtocol ? { appProtocol: port.appProtocol } : {}) }]))
}

function nodeOf(cluster: Cluster, pod: K8sObject): K8sObject | undefined {
  return cluster.view.get('Node', '', pod.spec?.nodeName ?? '')
}

function sync(service: K8sObject, cluster: Cluster): void {
  const existing = cluster.view.owned(service.metadata.uid ?? '', 'EndpointSlice').filter((slice) => slice.metadata.labels?.[managedByLabel] === component)
  // A pod whose node is gone is published only where everything is.
  const pods = backendPods(service, cluster).filter((pod) => service.spec?.publishNotReadyAddresses === true || nodeOf(cluster, pod))
  const groups: { ports: Fields[]; endpoints: Fields[] }[] = endpointGroups(service, pods, cluster).flatMap(({ ports, endpoints }) => chunks(endpoints).map((part) => ({ ports, endpoints: part })))
  if (groups.length === 0) groups.push({ ports: [], endpoints: [] })
  const free: K8sObject[] = [...existing]
  const pending: { ports: Fields[]; endpoints: Fields[] }[] = []
  for (const group of groups) {
    const at = free.findIndex((slice) => equal(slice.ports ?? [], group.ports))
    if (at >= 0) write(cluster, service, free.splice(at, 1)[0]!, group)
    else pending.push(group)
  }
  for (const group of pending) {
    const slice = free.shift()
    if (slice) write(cluster, service, slice, group)
    else create(cluster, service, group)
  }
  for (const slice of free) cluster.api.remove(refOf(slice))
}

function chunks(endpoints: Fields[]): Fields[][] {
  const parts: Fields[][] = []
  for (let i = 0; i < endpoints.length; i += maxEndpoints) parts.push(endpoints.slice(i, i + maxEndpoints))
  return parts
}

/** The labels of a Service, but for those that say what a slice is (setEndpointSliceLabels). */
function labelsOf(service: K8sObject): Record<string, string> {
  const { [serviceLabel]: _service, [managedByLabel]: _manager, [headlessLabel]: _headless, ...own } = service.metadata.labels ?? {}
  return { ...own, ...(service.spec?.clusterIP === 'None' ? { [headlessLabel]: '' } : {}), [serviceLabel]: service.metadata.name, [managedByLabel]: component }
}

function write(cluster: Cluster, service: K8sObject, slice: K8sObject, group: { ports: Fields[]; endpoints: Fields[] }): void {
  const labels = labelsOf(service)
  if (equal(slice.ports, group.ports) && equal(slice.endpoints, group.endpoints) && equal(slice.metadata.labels, labels)) return
  cluster.put({ ...slice, ports: group.ports, endpoints: group.endpoints, metadata: { ...slice.metadata, labels, annotations: { ...slice.metadata.annotations, 'endpoints.kubernetes.io/last-change-trigger-time': cluster.timestamp() } } })
}

function create(cluster: Cluster, service: K8sObject, group: { ports: Fields[]; endpoints: Fields[] }): void {
  cluster.api.create(
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: '',
        generateName: `${service.metadata.name}-`,
        namespace: service.metadata.namespace,
        labels: labelsOf(service),
        annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': cluster.timestamp() },
        ownerReferences: [ownedBy(service)],
      },
      addressType: 'IPv4',
      endpoints: group.endpoints,
      ports: group.ports,
    },
    'endpointslice-controller',
  )
}
