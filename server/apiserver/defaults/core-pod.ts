/** Defaults of pods and pod templates (pkg/apis/core/v1/defaults.go). The functions on specs write to what they are given: hand them a copy. */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { deepCopy } from './deep-copy.ts'
import { isLatestTag } from './image-tag.ts'
import { defaultPodLevelResources } from './pod-level-resources.ts'
import { defaultFieldReferences, defaultVolume } from './volumes.ts'

/** SetDefaults_Pod and below: a Pod is its own object, so requests follow limits and host ports follow container ports. */
export function defaultPod(pod: K8sObject): K8sObject {
  const spec: Fields = deepCopy((pod.spec ?? {}) as Fields)
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) requestsFromLimits(container)
  if (spec.resources) defaultPodLevelResources(spec)
  spec.enableServiceLinks ??= true
  defaultPodSpec(spec)
  if (spec.hostNetwork) for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) hostPortsFromContainerPorts(container)
  return { ...pod, spec }
}

/** A PodTemplate object: its template at the root. */
export function defaultPodTemplate(object: K8sObject): K8sObject {
  const template: Fields = deepCopy((object.template ?? {}) as Fields)
  defaultTemplate(template)
  return { ...object, template }
}

/** SetDefaults_ReplicationController: selector and labels come from the template when absent. */
export function defaultReplicationController(object: K8sObject): K8sObject {
  const spec: Fields = deepCopy((object.spec ?? {}) as Fields)
  spec.replicas ??= 1
  if (spec.template) defaultTemplate(spec.template)
  const labels = spec.template?.metadata?.labels as Record<string, string> | undefined
  if (!labels) return { ...object, spec }
  if (isEmpty(spec.selector)) spec.selector = { ...labels }
  return { ...object, ...(isEmpty(object.metadata?.labels) ? { metadata: { ...object.metadata, labels: { ...labels } } } : {}), spec }
}

/** The defaults of a pod template inside another object. */
export function defaultTemplate(template: Fields): void {
  template.spec ??= {}
  defaultPodSpec(template.spec)
}

/** True for an absent or empty map. */
export function isEmpty(map: Readonly<Record<string, unknown>> | undefined): boolean {
  return !map || Object.keys(map).length === 0
}

/** SetDefaults_PodSpec, and the defaults of everything in it. */
function defaultPodSpec(spec: Fields): void {
  if (!spec.dnsPolicy) spec.dnsPolicy = 'ClusterFirst'
  if (!spec.restartPolicy) spec.restartPolicy = 'Always'
  spec.securityContext ??= {}
  spec.terminationGracePeriodSeconds ??= 30
  if (!spec.schedulerName) spec.schedulerName = 'default-scheduler'
  // The deprecated alias is read when the new field is absent, and always written (core/v1/conversion.go).
  if (!spec.serviceAccountName && spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName
  for (const volume of spec.volumes ?? []) defaultVolume(volume)
  for (const list of [spec.initContainers, spec.containers, spec.ephemeralContainers]) for (const container of list ?? []) defaultContainer(container)
}

/** SetDefaults_Container. */
function defaultContainer(container: Fields): void {
  if (!container.imagePullPolicy) container.imagePullPolicy = isLatestTag(container.image ?? '') ? 'Always' : 'IfNotPresent'
  if (!container.terminationMessagePath) container.terminationMessagePath = '/dev/termination-log'
  if (!container.terminationMessagePolicy) container.terminationMessagePolicy = 'File'
  container.resources ??= {}
  for (const port of container.ports ?? []) if (!port.protocol) port.protocol = 'TCP'
  for (const variable of container.env ?? []) if (variable.valueFrom) defaultEnvironmentSource(variable.valueFrom)
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) if (probe) defaultProbe(probe)
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop]) if (handler?.httpGet) defaultHttpGet(handler.httpGet)
}

function defaultEnvironmentSource(source: Fields): void {
  defaultFieldReferences(source)
  if (source.fileKeyRef) source.fileKeyRef.optional ??= false
}

/** SetDefaults_Probe: a zero is an unset value. */
function defaultProbe(probe: Fields): void {
  if (!probe.timeoutSeconds) probe.timeoutSeconds = 1
  if (!probe.periodSeconds) probe.periodSeconds = 10
  if (!probe.successThreshold) probe.successThreshold = 1
  if (!probe.failureThreshold) probe.failureThreshold = 3
  if (probe.httpGet) defaultHttpGet(probe.httpGet)
  if (probe.grpc) probe.grpc.service ??= ''
}

function defaultHttpGet(action: Fields): void {
  if (!action.path) action.path = '/'
  if (!action.scheme) action.scheme = 'HTTP'
}

function requestsFromLimits(container: Fields): void {
  const limits = container.resources?.limits as Record<string, string> | undefined
  if (!limits) return
  const requests: Record<string, string> = (container.resources.requests ??= {})
  for (const name of Object.keys(limits)) if (!Object.hasOwn(requests, name)) requests[name] = limits[name]!
}

function hostPortsFromContainerPorts(container: Fields): void {
  for (const port of container.ports ?? []) if (!port.hostPort && port.containerPort) port.hostPort = port.containerPort
}
