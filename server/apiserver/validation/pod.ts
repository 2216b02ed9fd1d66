/** Pods and pod templates (core/validation.go: ValidatePodCreate, ValidatePodTemplateSpec, ValidatePodSpec). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { dns1123Label, dns1123Subdomain, inclusiveRange, qualifiedName } from '../../k8s/names.ts'
import { podContainers } from '../../k8s/podspec.ts'
import type { FieldError, Path } from '../field.ts'
import { fieldPath, forbidden, invalid, invalidEach, notFound, notSupported, required, root, tooLong } from '../field.ts'
import { annotationErrors, labelErrors } from '../metadata.ts'
import { validateAffinity } from './affinity.ts'
import type { ContainerContext } from './container.ts'
import { validateContainers, validateEphemeralContainers, validateImageSpaces, validateInitContainers } from './container.ts'
import { validateHostNetworkPorts } from './host-ports.ts'
import { mirrorAnnotation, validateAppArmorAgreement, validatePodAnnotations, validateSeccompAgreement } from './pod-annotations.ts'
import { validateDnsConfig, validateHostAliases } from './pod-dns.ts'
import { validateResourceClaims } from './pod-claims.ts'
import { validateOverhead, validatePodLevelResources } from './resources.ts'
import { validateSchedulingGates, validateTolerations, validateTopologySpread } from './scheduling.ts'
import { validateHostUsers, validatePodSecurity } from './security-context.ts'
import { validateVolumes, type VolumeContext } from './volume.ts'
import { validateHostProcess, validateOperatingSystem } from './windows.ts'

const largestInt32 = 2147483647
const metadataPath = fieldPath('metadata')
const specPath = fieldPath('spec')

/** Everything about a Pod but its ObjectMeta, as on create. */
export function validatePod(pod: K8sObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (pod.spec ?? {}) as Fields
  const annotations = pod.metadata.annotations ?? {}
  validatePodContent(pod, errors)
  if ((spec.ephemeralContainers ?? []).length > 0) errors.push(forbidden(specPath.child('ephemeralContainers'), 'cannot be set on create'))
  if (spec.nodeName && (spec.schedulingGates ?? []).length > 0) errors.push(forbidden(specPath.child('nodeName'), 'cannot be set until all schedulingGates have been cleared'))
  validateSeccompAgreement(annotations, spec, specPath, errors)
  validateAppArmorAgreement(annotations, spec, true, specPath, errors)
  return errors
}

/** validatePodMetadataAndSpec without ObjectMeta: what creates and updates have in common. */
export function validatePodContent(pod: K8sObject, errors: FieldError[]): void {
  const spec = (pod.spec ?? {}) as Fields
  if (pod.metadata.annotations) validatePodAnnotations(pod.metadata.annotations, spec, metadataPath.child('annotations'), errors)
  validatePodSpec(spec, { isPod: true, isStatic: pod.metadata.annotations?.[mirrorAnnotation] !== undefined, podName: pod.metadata.name ?? '' }, specPath, errors)
  if (!spec.serviceAccountName) {
    const volumes = (spec.volumes ?? []) as Fields[]
    volumes.forEach((volume, index) => {
      const sources = (volume.projected?.sources ?? []) as Fields[]
      sources.forEach((source, position) => {
        if (source.serviceAccountToken) errors.push(forbidden(specPath.child('volumes').index(index).child('projected', 'sources').index(position).child('serviceAccountToken'), 'must not be specified when serviceAccountName is not set'))
      })
    })
  }
  for (const list of ['containers', 'initContainers']) ((spec[list] ?? []) as Fields[]).forEach((container, index) => validateImageSpaces(container, specPath.child(list).index(index), errors))
}

/** ValidatePodTemplateSpec. Labels and annotations are reported beside the template's metadata, not in it. */
export function validatePodTemplate(template: Fields, at: Path, errors: FieldError[]): void {
  const labels = template.metadata?.labels as Record<string, string> | undefined
  const annotations = template.metadata?.annotations as Record<string, string> | undefined
  const spec = (template.spec ?? {}) as Fields
  if (labels) errors.push(...labelErrors(labels, at.shown('labels', 'metadata', 'labels')))
  if (annotations) {
    const path = at.shown('annotations', 'metadata', 'annotations')
    errors.push(...annotationErrors(annotations, path))
    validatePodAnnotations(annotations, spec, path, errors)
  }
  validatePodSpec(spec, { isPod: false, isStatic: false, podName: '' }, at.child('spec'), errors)
  if (annotations) {
    validateSeccompAgreement(annotations, spec, at.child('spec'), errors)
    validateAppArmorAgreement(annotations, spec, false, at.child('spec'), errors)
  }
  if ((spec.ephemeralContainers ?? []).length > 0) errors.push(forbidden(at.child('spec', 'ephemeralContainers'), 'ephemeral containers not allowed in pod template'))
}

/** A PodTemplate object. */
export function validatePodTemplateObject(object: K8sObject): FieldError[] {
  const errors: FieldError[] = []
  validatePodTemplate((object.template ?? {}) as Fields, fieldPath('template'), errors)
  return errors
}

const restartPolicies = ['Always', 'OnFailure', 'Never']
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

/** ValidatePodSpec. `isStatic`: the Pod mirrors one that a node runs on its own. */
function validatePodSpec(spec: Fields, context: VolumeContext & { isStatic: boolean }, at: Path, errors: FieldError[]): void {
  const claims = (spec.resourceClaims ?? []) as Fields[]
  const containers = (spec.containers ?? []) as Fields[]
  if (spec.terminationGracePeriodSeconds === undefined) errors.push(required(at.child('terminationGracePeriodSeconds')))
  const around: ContainerContext = {
    volumes: validateVolumes((spec.volumes ?? []) as Fields[], context, at.child('volumes'), errors),
    claimNames: new Set(claims.map((claim) => (claim.name ?? '') as string).filter((name) => name !== '')),
    gracePeriod: spec.terminationGracePeriodSeconds as number | undefined,
    restartPolicy: (spec.restartPolicy ?? '') as string,
    hostUsers: spec.hostUsers !== false,
  }
  // The server says this once for each claim, about no field at all.
  if (context.isStatic) errors.push(...claims.map((_, index) => forbidden(root.shown('[]', 'spec', 'resourceClaims', index), 'static pods do not support resource claims')))
  else validateResourceClaims(claims, at.child('resourceClaims'), errors)
  validateContainers(containers, around, at.child('containers'), errors)
  validateInitContainers((spec.initContainers ?? []) as Fields[], containers, around, at.child('initContainers'), errors)
  validateEphemeralContainers(spec, around, at.child('ephemeralContainers'), errors)
  if (spec.resources) validatePodLevelResources(spec, around.claimNames, at.child('resources'), errors)
  validateHostNetworkPorts(spec, context.isPod, at, errors)
  validateChoice(around.restartPolicy, restartPolicies, at.child('restartPolicy'), errors)
  validateChoice((spec.dnsPolicy ?? '') as string, dnsPolicies, at.child('dnsPolicy'), errors)
  if (spec.nodeSelector) errors.push(...labelErrors(spec.nodeSelector as Record<string, string>, at.child('nodeSelector')))
  validatePodSecurity(spec, at.child('securityContext'), errors)
  validateAffinity(spec.affinity as Fields | undefined, at.child('affinity'), errors)
  validateDnsConfig(spec, at.child('dnsConfig'), errors)
  validatePlacement(spec, at, errors)
  validateHostProcess(spec, at, errors)
  validateHostUsers(spec, at, errors)
  validateNames(spec, at, errors)
  if (spec.overhead) validateOverhead(spec.overhead as Record<string, string>, at.child('overhead'), errors)
  validateOperatingSystem(spec, at, errors)
  validateEnvironmentFiles(spec, at, errors)
}

function validateChoice(value: string, allowed: readonly string[], at: Path, errors: FieldError[]): void {
  if (value === '') errors.push(required(at))
  else if (!allowed.includes(value)) errors.push(notSupported(at, value, allowed))
}

function validatePlacement(spec: Fields, at: Path, errors: FieldError[]): void {
  const gates = (spec.readinessGates ?? []) as Fields[]
  gates.forEach((gate, index) => {
    const type = (gate.conditionType ?? '') as string
    errors.push(...invalidEach(at.child('readinessGates').index(index).child('conditionType'), type, qualifiedName(type)))
  })
  if (spec.schedulingGates) validateSchedulingGates(spec.schedulingGates as Fields[], at.child('schedulingGates'), errors)
  if (spec.topologySpreadConstraints) validateTopologySpread(spec.topologySpreadConstraints as Fields[], at.child('topologySpreadConstraints'), errors)
}

function validateNames(spec: Fields, at: Path, errors: FieldError[]): void {
  const named = (field: string, rule: (name: string) => string[]): void => {
    const value = spec[field] as string | undefined
    if (value) errors.push(...invalidEach(at.child(field), value, rule(value)))
  }
  named('serviceAccountName', dns1123Subdomain)
  named('nodeName', dns1123Subdomain)
  const deadline = spec.activeDeadlineSeconds as number | undefined
  if (deadline !== undefined && (deadline < 1 || deadline > largestInt32)) errors.push(invalid(at.child('activeDeadlineSeconds'), deadline, inclusiveRange(1, largestInt32)))
  named('hostname', dns1123Label)
  named('subdomain', dns1123Label)
  validateHostnameOverride(spec, at, errors)
  if (spec.tolerations) validateTolerations(spec.tolerations as Fields[], at.child('tolerations'), errors)
  if (spec.hostAliases) validateHostAliases(spec.hostAliases as Fields[], at.child('hostAliases'), errors)
  named('priorityClassName', dns1123Subdomain)
  if (spec.runtimeClassName !== undefined) errors.push(...invalidEach(at.child('runtimeClassName'), spec.runtimeClassName, dns1123Subdomain(spec.runtimeClassName as string)))
  if (spec.preemptionPolicy !== undefined) validateChoice(spec.preemptionPolicy as string, ['PreemptLowerPriority', 'Never'], at.child('preemptionPolicy'), errors)
}

const hostnameBytesMax = 64

/** A host name of its own excludes the node's, and a name made of the subdomain. */
function validateHostnameOverride(spec: Fields, at: Path, errors: FieldError[]): void {
  const name = spec.hostnameOverride as string | undefined
  if (name === undefined) return
  const path = at.child('hostnameOverride')
  errors.push(...invalidEach(path, name, dns1123Subdomain(name)))
  if (name.length > hostnameBytesMax) errors.push(tooLong(path, hostnameBytesMax))
  if (spec.setHostnameAsFQDN === true) errors.push(forbidden(path, 'may not be specified when setHostnameAsFQDN is true'))
  if (spec.hostNetwork) errors.push(forbidden(path, 'may not be specified when hostNetwork is true'))
}

/** validateFileKeyRefVolumes: the volume of an env file must be an emptyDir of the pod, be it valid or not. */
function validateEnvironmentFiles(spec: Fields, at: Path, errors: FieldError[]): void {
  const volumes = new Map(((spec.volumes ?? []) as Fields[]).map((volume) => [(volume.name ?? '') as string, volume]))
  for (const { container, list, index } of podContainers(spec)) {
    const variables = (container.env ?? []) as Fields[]
    variables.forEach((variable, position) => {
      const reference = variable.valueFrom?.fileKeyRef as Fields | undefined
      if (!reference) return
      const name = (reference.volumeName ?? '') as string
      const path = at.child(list).index(index).child('env').index(position).child('valueFrom', 'fileKeyRef', 'volumeName')
      const volume = volumes.get(name)
      if (!volume) errors.push(notFound(path, name))
      else if (!volume.emptyDir) errors.push(invalid(path, name, 'referenced volume must be of type emptyDir'))
    })
  }
}
