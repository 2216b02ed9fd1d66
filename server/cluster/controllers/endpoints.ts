/** Endpoints: the deprecated list of the addresses behind every Service with a selector (pkg/controller/endpoint/endpoints_controller.go, pkg/api/v1/endpoints/util.go:RepackSubsets). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText, keyOf, refOf } from '../../k8s/object.ts'
import { uidFor } from '../allocation.ts'
import type { Cluster, Controller } from '../types.ts'
import { equal, isPodReady } from '../pods.ts'
import { backendPods, endpointHostname, hasSelector, resolvedPort, servicesTouched } from './endpointslice.ts'
import { parseKey } from './keys.ts'
import { headlessLabel } from '../service-labels.ts'

const ownLabel = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' }

export const endpointsController: Controller = {
  name: 'endpoints',
  source: 'pkg/controller/endpoint/endpoints_controller.go:syncService, pkg/api/v1/endpoints/util.go:RepackSubsets',
  about: 'Writes the deprecated Endpoints of Services with a selector: ready addresses and those that are not, without pods on their way out (unless the Service publishes them all), ports with the same addresses together. Puts them back when they are deleted; they go with their Service. Not modelled: the cut at 1000 addresses.',
  keys: (change, cluster) => (change.object.kind !== 'Endpoints' ? servicesTouched(change, cluster) : change.type === 'deleted' ? [`Service/${change.object.metadata.namespace}/${change.object.metadata.name}`] : []),
  reconcile(key, cluster) {
    const { namespace, name } = parseKey(key)
    const service = cluster.view.get('Service', namespace, name)
    const current = cluster.view.get('Endpoints', namespace, name)
    if (!service && current) cluster.api.remove(refOf(current))
    else if (service && hasSelector(service)) sync(service, current, cluster)
  },
}

function sync(service: K8sObject, current: K8sObject | undefined, cluster: Cluster): void {
  const subsets = subsetsOf(service, cluster)
  const labels = { ...service.metadata.labels, ...(service.spec?.clusterIP === 'None' ? { [headlessLabel]: '' } : {}), ...ownLabel }
  if (current && equal(current.subsets ?? [], subsets) && equal(current.metadata.labels, labels)) return
  const annotations = { ...current?.metadata.annotations, 'endpoints.kubernetes.io/last-change-trigger-time': cluster.timestamp() }
  const { name, namespace } = service.metadata
  const { subsets: _old, ...kept } = current ?? { apiVersion: 'v1', kind: 'Endpoints', metadata: { name, ...(namespace === undefined ? {} : { namespace }) } }
  const wanted: K8sObject = { ...kept, metadata: { ...kept.metadata, labels, annotations }, ...(subsets.length > 0 ? { subsets } : {}) }
  if (current) return cluster.put(wanted)
  if (cluster.view.get('Namespace', '', namespace ?? '')?.metadata.deletionTimestamp) return
  // The control plane's own object of every Service: there is nothing in it to judge.
  cluster.put({ ...wanted, metadata: { ...wanted.metadata, uid: uidFor(cluster.scenario.seed, `${keyOf(wanted)}/${cluster.now}`), creationTimestamp: cluster.timestamp() } })
}

/** Ports that have the same addresses share a subset; without ports only a headless Service has any. */
function subsetsOf(service: K8sObject, cluster: Cluster): Fields[] {
  const publishAll = service.spec?.publishNotReadyAddresses === true
  const pods = backendPods(service, cluster).filter((pod) => publishAll || !pod.metadata.deletionTimestamp)
  const servicePorts = (service.spec?.ports ?? []) as Fields[]
  const isReady = (pod: K8sObject): boolean => publishAll || isPodReady(pod)
  if (servicePorts.length === 0) return service.spec?.clusterIP === 'None' && pods.length > 0 ? [subset(service, pods, isReady, [])] : []
  const byPort = new Map<string, { port: Fields; pods: K8sObject[] }>()
  for (const pod of pods) {
    for (const [i, item] of servicePorts.entries()) {
      const number = resolvedPort(pod, item)
      if (number === undefined) continue
      const key = `${i} ${number}`
      const found = byPort.get(key)
      if (!found) byPort.set(key, { port: { ...(item.name ? { name: item.name } : {}), port: number, protocol: item.protocol ?? 'TCP', ...(item.appProtocol ? { appProtocol: item.appProtocol } : {}) }, pods: [pod] })
      else if (found.pods.at(-1) !== pod) found.pods.push(pod)
    }
  }
  const together = new Map<string, { ports: Fields[]; pods: K8sObject[] }>()
  for (const { port, pods: having } of byPort.values()) {
    const key = having.map(({ metadata }) => metadata.name).join(' ')
    const found = together.get(key)
    if (found) found.ports.push(port)
    else together.set(key, { ports: [port], pods: having })
  }
  return [...together.values()].map(({ ports, pods: having }) => subset(service, having, isReady, ports))
}

function subset(service: K8sObject, pods: readonly K8sObject[], isReady: (pod: K8sObject) => boolean, ports: Fields[]): Fields {
  const address = (pod: K8sObject): Fields => {
    const hostname = endpointHostname(pod, service)
    return { ...(hostname === undefined ? {} : { hostname }), ip: pod.status!.podIP, nodeName: pod.spec!.nodeName, targetRef: { kind: 'Pod', name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid } }
  }
  const sorted = (ready: boolean): Fields[] => pods.filter((pod) => isReady(pod) === ready).map(address).sort((a, b) => compareText(a.ip, b.ip))
  const [addresses, notReadyAddresses] = [sorted(true), sorted(false)]
  return { ...(addresses.length > 0 ? { addresses } : {}), ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}), ...(ports.length > 0 ? { ports } : {}) }
}
