/** Defaulting of the kinds that run no Pods (SetDefaults_… of core, networking, storage, autoscaling and rbac; and what their strategies prepare). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { mergedSecret } from '../validation/config.ts'
import { isSame } from '../metadata.ts'
import { isExternallyAccessible, needsHealthCheck } from '../validation/service.ts'
import { withoutStatus, withStoredStatus } from './pod-prepare.ts'
import { defaultRemoteDisk } from './volumes.ts'

type Defaults = (object: K8sObject) => K8sObject

function withSpec(object: K8sObject, spec: Fields): K8sObject {
  return { ...object, spec }
}

/** core/v1:SetDefaults_Service; addresses and node ports are allocated elsewhere, so that clusterIPs only follows clusterIP. */
export const defaultService: Defaults = (service) => {
  const spec: Fields = { ...service.spec }
  spec.sessionAffinity ??= 'None'
  if (spec.sessionAffinity === '') spec.sessionAffinity = 'None'
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  else if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10_800 } }
  if (!spec.type) spec.type = 'ClusterIP'
  if (spec.ports) {
    spec.ports = (spec.ports as Fields[]).map((port) => {
      const next: Fields = { ...port, protocol: port.protocol || 'TCP' }
      if (next.targetPort === undefined || next.targetPort === 0 || next.targetPort === '') next.targetPort = next.port
      return next
    })
  }
  if (isExternallyAccessible(spec) && !spec.externalTrafficPolicy) spec.externalTrafficPolicy = 'Cluster'
  if (spec.internalTrafficPolicy === undefined && ['NodePort', 'LoadBalancer', 'ClusterIP'].includes(spec.type)) spec.internalTrafficPolicy = 'Cluster'
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true
  return withSpec(service, spec)
}

/** registry/core/service/storage/storage.go:normalizeClusterIPs: clusterIPs of a create that gives only clusterIP. */
export const prepareService: Defaults = (service) => {
  const spec: Fields = { ...service.spec }
  if (spec.clusterIP && (spec.clusterIPs ?? []).length === 0) spec.clusterIPs = [spec.clusterIP]
  return withSpec(withoutStatus(service), spec)
}

/**
 * What an update of a Service may leave out comes from the stored one, and what its new type has no use for goes, unless it was changed as well
 * (registry/core/service/storage/storage.go: patchAllocatedValues, normalizeClusterIPs; strategy.go: dropTypeDependentFields).
 */
export const prepareServiceUpdate = (service: K8sObject, old: K8sObject): K8sObject => {
  const before: Fields = old.spec ?? {}
  const spec: Fields = { ...service.spec }
  const isExternal = (fields: Fields): boolean => fields.type === 'ExternalName'
  if (!isExternal(before) && !isExternal(spec)) keepAddresses(spec, before)
  if (usesNodePorts(before) && usesNodePorts(spec)) spec.ports = portsWithKeptNodePorts(spec.ports ?? [], before.ports ?? [])
  if (needsHealthCheck(before) && needsHealthCheck(spec)) spec.healthCheckNodePort ||= before.healthCheckNodePort
  const dropUnchanged = (...names: string[]): void => { for (const name of names) if (isSame(spec[name], before[name])) delete spec[name] }
  if (!isExternal(before) && isExternal(spec)) {
    if (isSame([spec.clusterIP, spec.clusterIPs], [before.clusterIP, before.clusterIPs])) dropUnchanged('clusterIP', 'clusterIPs')
    dropUnchanged('ipFamilies', 'ipFamilyPolicy')
  }
  const stored = new Set(((before.ports ?? []) as Fields[]).map((port) => port.nodePort))
  if (usesNodePorts(before) && !usesNodePorts(spec) && ((spec.ports ?? []) as Fields[]).every((port) => !port.nodePort || stored.has(port.nodePort))) spec.ports = ((spec.ports ?? []) as Fields[]).map(({ nodePort: _freed, ...port }) => port)
  if (needsHealthCheck(before) && !needsHealthCheck(spec)) dropUnchanged('healthCheckNodePort')
  if (before.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') dropUnchanged('allocateLoadBalancerNodePorts', 'loadBalancerClass')
  if (isExternallyAccessible(before) && !isExternallyAccessible(spec)) dropUnchanged('externalTrafficPolicy')
  return withStoredStatus(withSpec(service, spec), old)
}

function keepAddresses(spec: Fields, before: Fields): void {
  spec.clusterIP ||= before.clusterIP
  if ((spec.clusterIPs ?? []).length === 0 || (spec.clusterIP !== before.clusterIP && isSame(spec.clusterIPs, before.clusterIPs))) spec.clusterIPs = spec.clusterIP === before.clusterIP ? before.clusterIPs : [spec.clusterIP]
  spec.ipFamilyPolicy ??= before.ipFamilyPolicy
  if ((spec.ipFamilies ?? []).length === 0) spec.ipFamilies = before.ipFamilies
  for (const name of ['clusterIP', 'clusterIPs', 'ipFamilyPolicy', 'ipFamilies']) if (spec[name] === undefined) delete spec[name]
}

function usesNodePorts(spec: Fields): boolean {
  return spec.type === 'NodePort' || spec.type === 'LoadBalancer'
}

/** Ports of the same name keep their node ports, as long as no other port has taken them. */
function portsWithKeptNodePorts(ports: readonly Fields[], before: readonly Fields[]): Fields[] {
  const byName = new Map(before.map((port) => [port.name ?? '', port.nodePort]))
  const used = new Set(ports.map((port) => port.nodePort))
  return ports.map((port) => {
    const nodePort = byName.get(port.name ?? '')
    if (port.nodePort || !nodePort || used.has(nodePort)) return port
    used.add(nodePort)
    return { ...port, nodePort }
  })
}

/** deprecatedTopology is not for v1 clients to write (registry/discovery/endpointslice/strategy.go:dropTopologyOnV1). */
export const withoutTopology: Defaults = (slice) => (slice.endpoints ? { ...slice, endpoints: (slice.endpoints as Fields[]).map(({ deprecatedTopology: _dropped, ...endpoint }) => endpoint) } : slice)

/** networking/v1:SetDefaults_NetworkPolicyPort and SetDefaults_NetworkPolicy. */
export const defaultNetworkPolicy: Defaults = (policy) => {
  const spec: Fields = { ...policy.spec }
  for (const list of ['ingress', 'egress']) if (spec[list]) spec[list] = (spec[list] as Fields[]).map((rule) => (rule.ports ? { ...rule, ports: (rule.ports as Fields[]).map((port) => ({ ...port, protocol: port.protocol ?? 'TCP' })) } : rule))
  if ((spec.policyTypes ?? []).length === 0) spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress']
  spec.podSelector ??= {}
  return withSpec(policy, spec)
}

export const defaultIngressClass: Defaults = (object) => (object.spec?.parameters && object.spec.parameters.scope === undefined ? withSpec(object, { ...object.spec, parameters: { ...object.spec.parameters, scope: 'Cluster' } }) : object)

export const defaultEndpoints: Defaults = (endpoints) => ({ ...endpoints, ...(endpoints.subsets ? { subsets: (endpoints.subsets as Fields[]).map((subset) => (subset.ports ? { ...subset, ports: (subset.ports as Fields[]).map((port) => ({ ...port, protocol: port.protocol || 'TCP' })) } : subset)) } : {}) })

export const defaultEndpointSlice: Defaults = (slice) => ({ ...slice, ...(slice.ports ? { ports: (slice.ports as Fields[]).map((port) => ({ ...port, name: port.name ?? '', protocol: port.protocol ?? 'TCP' })) } : {}) })

/** stringData is write-only: it joins data before anything else looks (core/v1 conversion). */
export const defaultSecret: Defaults = (secret) => {
  const merged = mergedSecret(secret)
  return { ...merged, type: merged.type || 'Opaque' }
}

/** The server labels a namespace with its own name and gives it a finalizer (registry/core/namespace/strategy.go). */
export const defaultNamespace: Defaults = (namespace) => {
  const { name } = namespace.metadata
  return name ? { ...namespace, metadata: { ...namespace.metadata, labels: { ...namespace.metadata.labels, 'kubernetes.io/metadata.name': name } } } : namespace
}

export const prepareNamespace: Defaults = (namespace) => {
  const finalizers: string[] = namespace.spec?.finalizers ?? []
  return { ...namespace, spec: { ...namespace.spec, finalizers: finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'] }, status: { phase: 'Active' } }
}

export const defaultClaim: Defaults = (claim) => withSpec(claim, defaultClaimSpec(claim.spec ?? {}))

/** core/v1:SetDefaults_PersistentVolumeClaimSpec, also for claim templates. */
export function defaultClaimSpec(spec: Fields): Fields {
  return { ...spec, volumeMode: spec.volumeMode ?? 'Filesystem' }
}

/** A data source and its reference follow each other (pkg/api/persistentvolumeclaim:NormalizeDataSources). */
function withDataSources(spec: Fields): Fields {
  const next: Fields = { ...spec }
  if (next.dataSource && !next.dataSourceRef) next.dataSourceRef = { ...next.dataSource }
  else if (!next.dataSource && next.dataSourceRef && !next.dataSourceRef.namespace) {
    const { namespace: _none, ...source } = next.dataSourceRef
    next.dataSource = source
  }
  return next
}

/** A claim's data sources follow each other; one from another namespace is switched off, and alone dataSource names claims and snapshots only (pkg/api/persistentvolumeclaim:DropDisabledFields, EnforceDataSourceBackwardsCompatibility). */
export const prepareClaim: Defaults = (claim) => ({ ...claim, spec: preparedClaimSpec(claim.spec ?? {}), status: { phase: 'Pending' } })

export const prepareClaimUpdate = (claim: K8sObject, old: K8sObject): K8sObject => withStoredStatus(withSpec(claim, preparedClaimSpec(claim.spec ?? {}, old.spec)), old)

function preparedClaimSpec(given: Fields, old: Fields = {}): Fields {
  const spec: Fields = { ...given }
  if (spec.dataSourceRef?.namespace && !old.dataSourceRef) delete spec.dataSourceRef
  if (spec.dataSource && !spec.dataSourceRef && !old.dataSource && !old.dataSourceRef && !isKnownSource(spec.dataSource)) delete spec.dataSource
  return withDataSources(spec)
}

function isKnownSource({ apiGroup = '', kind = '' }: Fields): boolean {
  return (apiGroup === '' && kind === 'PersistentVolumeClaim') || (apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot')
}

export const defaultVolume: Defaults = (volume) => {
  const spec: Fields = { ...volume.spec }
  if (!spec.persistentVolumeReclaimPolicy) spec.persistentVolumeReclaimPolicy = 'Retain'
  spec.volumeMode ??= 'Filesystem'
  for (const source of ['hostPath', 'iscsi', 'rbd', 'azureDisk', 'scaleIO']) if (spec[source]) spec[source] = { ...spec[source] }
  if (spec.hostPath) spec.hostPath.type ??= ''
  defaultRemoteDisk(spec)
  return withSpec(volume, spec)
}

export const defaultStorageClass: Defaults = (object) => ({ ...object, reclaimPolicy: object.reclaimPolicy ?? 'Delete', volumeBindingMode: object.volumeBindingMode ?? 'Immediate' })

const scaleUpRules = { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, { type: 'Percent', value: 100, periodSeconds: 15 }] }
const scaleDownRules = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] }

/** autoscaling/v2:SetDefaults_HorizontalPodAutoscaler. Behaviour is completed only where it is given. */
export const defaultAutoscaler: Defaults = (autoscaler) => {
  const spec: Fields = { ...autoscaler.spec }
  spec.minReplicas ??= 1
  if ((spec.metrics ?? []).length === 0) spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }]
  if (spec.behavior) spec.behavior = { ...spec.behavior, scaleUp: rulesWith(spec.behavior.scaleUp, scaleUpRules), scaleDown: rulesWith(spec.behavior.scaleDown, scaleDownRules) }
  return withSpec(autoscaler, spec)
}

/** autoscaling/v1:SetDefaults_HorizontalPodAutoscaler. */
export const defaultAutoscalerV1: Defaults = (autoscaler) => withSpec(autoscaler, { ...autoscaler.spec, minReplicas: autoscaler.spec?.minReplicas ?? 1 })

function rulesWith(given: Fields | undefined, defaults: Fields): Fields {
  const next: Fields = { ...defaults }
  for (const key of Object.keys(given ?? {})) if (given![key] !== undefined) next[key] = given![key]
  return next
}

/** A LimitRange without a name is named by its uid (registry/core/limitrange/strategy.go:PrepareForCreate); the uid is fixed here, because the server's is random. */
export const prepareLimitRange: Defaults = (range) => (range.metadata.name ? range : { ...range, metadata: { ...range.metadata, name: '00000000-0000-4000-8000-000000000000' } })

/** LimitRange: a maximum is the default limit, the default limit the default request, the minimum the last resort (core/v1:SetDefaults_LimitRangeItem). */
export const defaultLimitRange: Defaults = (range) => {
  const limits: Fields[] | undefined = range.spec?.limits
  if (!limits) return range
  return withSpec(range, { ...range.spec, limits: limits.map((limit) => {
    if (limit.type !== 'Container') return limit
    const defaults: Fields = { ...limit.default }
    const requests: Fields = { ...limit.defaultRequest }
    for (const key of Object.keys(limit.max ?? {})) defaults[key] ??= limit.max[key]
    for (const key of Object.keys(defaults)) requests[key] ??= defaults[key]
    for (const key of Object.keys(limit.min ?? {})) requests[key] ??= limit.min[key]
    return { ...limit, default: defaults, defaultRequest: requests }
  }) })
}

export const defaultPriorityClass: Defaults = (object) => ({ ...object, preemptionPolicy: object.preemptionPolicy ?? 'PreemptLowerPriority' })

/** Leases of elected holders are switched off (registry/coordination/lease/strategy.go; CoordinatedLeaderElection). */
export const prepareLease: Defaults = (lease) => {
  const { strategy: _strategy, preferredHolder: _holder, ...spec } = (lease.spec ?? {}) as Fields
  return withSpec(lease, spec)
}

export { withoutStatus } from './pod-prepare.ts'
