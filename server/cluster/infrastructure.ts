/** What a cluster has before anybody applies a manifest: nodes, namespaces, classes, built-in roles, the kubernetes Service and cluster DNS. */
import type { Fields, K8sObject } from '../k8s/object.ts'
import { keyOf } from '../k8s/object.ts'
import type { Cluster } from './types.ts'
import { capacityObjects } from './storage-capacity.ts'
import type { Scenario } from './scenario.ts'
import { uidFor } from './allocation.ts'
import { furnish } from './controllers/namespace.ts'
import { addressIn } from './network/address.ts'
import { builtInRoles } from './rbac-roles.ts'
import { serviceLabel } from './service-labels.ts'

export const dnsAddress = '10.96.0.10'

/** The resolver that nodes use themselves: the second address of their subnet. */
export function nodeResolver(cluster: Cluster): string {
  return addressIn(cluster.scenario.cluster.nodeSubnet, 2)
}
export const apiAddress = '10.96.0.1'
export const dnsImage = 'registry.k8s.io/coredns/coredns:v1.13.1'

/** Puts everything in place at the cluster's first instant. */
export function createInfrastructure(cluster: Cluster): void {
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease', ...(cluster.scenario.cluster.ingressClass === undefined ? [] : ['ingress-nginx']), cluster.scenario.namespace, ...cluster.scenario.cluster.namespaces.map((item) => item.name)]) putNamespace(cluster, name)
  cluster.scenario.cluster.nodes.forEach((node, i) => put(cluster, nodeObject(cluster, node, i)))
  for (const object of [...classes(cluster), ...capacityObjects(cluster)]) put(cluster, object)
  for (const node of cluster.scenario.cluster.nodes) put(cluster, driversOf(cluster, node))
  for (const role of builtInRoles) put(cluster, role)
  putServices(cluster)
  putDns(cluster)
}

function put(cluster: Cluster, object: K8sObject): void {
  if (cluster.view.get(object.kind, object.metadata.namespace ?? '', object.metadata.name)) return
  cluster.put({ ...object, metadata: { ...object.metadata, uid: uidFor(cluster.scenario.seed, `${keyOf(object)}/0`), creationTimestamp: cluster.timestamp() } })
}

function putNamespace(cluster: Cluster, name: string): void {
  const labels = cluster.scenario.cluster.namespaces.find((item) => item.name === name)?.labels ?? {}
  put(cluster, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { ...labels, 'kubernetes.io/metadata.name': name } }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } })
  furnish(name, cluster)
}

type NodeSpec = Scenario['cluster']['nodes'][number]

function nodeObject(cluster: Cluster, node: NodeSpec, index: number): K8sObject {
  const now = cluster.timestamp()
  const condition = (type: string, status: string, reason: string, message: string): Fields => ({ type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime: now })
  const amounts = { cpu: node.cpu, memory: node.memory, 'ephemeral-storage': node.ephemeralStorage, pods: String(node.pods) }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: node.name, labels: { 'kubernetes.io/hostname': node.name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': node.arch, 'beta.kubernetes.io/os': 'linux', 'beta.kubernetes.io/arch': node.arch, ...node.labels } },
    spec: { podCIDR: `10.244.${index}.0/24`, podCIDRs: [`10.244.${index}.0/24`], ...(node.unschedulable ? { unschedulable: true } : {}), ...(node.taints.length > 0 ? { taints: node.taints.map(({ key, value, effect }) => ({ key, ...(value ? { value } : {}), effect })) } : {}) },
    status: {
      addresses: [{ type: 'InternalIP', address: node.address ?? addressIn(cluster.scenario.cluster.nodeSubnet, index + 10) }, { type: 'Hostname', address: node.name }],
      capacity: amounts,
      allocatable: amounts,
      conditions: [
        condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
        condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
        condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
        condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
      ],
      nodeInfo: { architecture: node.arch, operatingSystem: 'linux', kubeletVersion: `v${cluster.scenario.kubernetes}.0`, containerRuntimeVersion: 'containerd://2.1.5', osImage: 'Debian GNU/Linux 12 (bookworm)', kernelVersion: '6.12.0' },
      images: node.images.map((name) => ({ names: [name] })),
    },
  }
}

/** The drivers of the storage classes run on every node; a limit is what the driver reports there. */
function driversOf(cluster: Cluster, node: NodeSpec): K8sObject {
  const names = [...new Set([...cluster.scenario.cluster.storageClasses.map((item) => item.provisioner).filter((name) => name !== 'kubernetes.io/no-provisioner'), ...Object.keys(node.volumeLimits)])]
  const drivers = names.map((name) => ({ name, nodeID: node.name, topologyKeys: null, ...(node.volumeLimits[name] === undefined ? {} : { allocatable: { count: node.volumeLimits[name] } }) }))
  return { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name: node.name }, spec: { drivers } }
}

function classes(cluster: Cluster): K8sObject[] {
  const marked = (annotation: string, isDefault: boolean): Record<string, string> => (isDefault ? { [annotation]: 'true' } : {})
  const storage = cluster.scenario.cluster.storageClasses.map((item): K8sObject => ({
    apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: item.name, annotations: marked('storageclass.kubernetes.io/is-default-class', item.default) },
    provisioner: item.provisioner, reclaimPolicy: 'Delete', volumeBindingMode: item.binding, allowVolumeExpansion: true,
  }))
  const counts = new Set(cluster.scenario.cluster.storageClasses.filter((item) => item.capacity).map((item) => item.provisioner))
  const drivers = [...new Map(cluster.scenario.cluster.storageClasses.map((item) => [item.provisioner, item.fsGroup]))].map(([name, fsGroup]): K8sObject => ({ apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name }, spec: { attachRequired: true, ...(counts.has(name) ? { storageCapacity: true } : {}), fsGroupPolicy: fsGroup ? 'ReadWriteOnceWithFSType' : 'None' } }))
  const ingress = cluster.scenario.cluster.ingressClass
  const priorities = [['system-cluster-critical', 2000000000, 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.'], ['system-node-critical', 2000001000, 'Used for system critical pods that must not be moved from their current node.']] as const
  return [
    ...storage,
    ...drivers,
    ...(ingress ? [{ apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: ingress, annotations: marked('ingressclass.kubernetes.io/is-default-class', true) }, spec: { controller: `ingress.game.example/${ingress}` } }] : []),
    ...priorities.map(([name, value, description]): K8sObject => ({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, globalDefault: false, description, preemptionPolicy: 'PreemptLowerPriority' })),
  ]
}

function putServices(cluster: Cluster): void {
  const base = { type: 'ClusterIP', sessionAffinity: 'None', internalTrafficPolicy: 'Cluster', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' }
  put(cluster, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } }, spec: { ...base, clusterIP: apiAddress, clusterIPs: [apiAddress], ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }] }, status: { loadBalancer: {} } })
  const apiServer = addressIn(cluster.scenario.cluster.nodeSubnet, 2)
  put(cluster, { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'kubernetes', namespace: 'default', labels: { [serviceLabel]: 'kubernetes' } }, addressType: 'IPv4', ports: [{ name: 'https', port: 6443, protocol: 'TCP' }], endpoints: [{ addresses: [apiServer], conditions: { ready: true } }] })
  put(cluster, { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'kubernetes', namespace: 'default', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }, subsets: [{ addresses: [{ ip: apiServer }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }] })
  const ports = [{ name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 }, { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 }, { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 }]
  put(cluster, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' } }, spec: { ...base, clusterIP: dnsAddress, clusterIPs: [dnsAddress], selector: { 'k8s-app': 'kube-dns' }, ports }, status: { loadBalancer: {} } })
}

/** CoreDNS as a Deployment of two, so that policies that select k8s-app=kube-dns, drains and node failures meet real pods. */
function putDns(cluster: Cluster): void {
  cluster.api.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'coredns', namespace: 'kube-system' } })
  cluster.api.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'coredns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      template: {
        metadata: { labels: { 'k8s-app': 'kube-dns' } },
        spec: {
          serviceAccountName: 'coredns',
          automountServiceAccountToken: false,
          priorityClassName: 'system-cluster-critical',
          tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }, { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }],
          affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: { labelSelector: { matchLabels: { 'k8s-app': 'kube-dns' } }, topologyKey: 'kubernetes.io/hostname' } }] } },
          containers: [
            {
              name: 'coredns', image: dnsImage, imagePullPolicy: 'IfNotPresent', args: ['-conf', '/etc/coredns/Corefile'],
              ports: [{ name: 'dns', containerPort: 53, protocol: 'UDP' }, { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' }, { name: 'metrics', containerPort: 9153, protocol: 'TCP' }],
              resources: { requests: { cpu: '100m', memory: '70Mi' }, limits: { memory: '170Mi' } },
              readinessProbe: { httpGet: { path: '/ready', port: 8181 } },
            },
          ],
        },
      },
    },
  })
}
