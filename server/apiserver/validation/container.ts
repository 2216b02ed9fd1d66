/** Normal, init and ephemeral containers (core/validation.go: validateContainers, validateInitContainers, validateEphemeralContainers, validateContainerCommon). */
import type { Fields } from '../../k8s/object.ts'
import { dns1123Label } from '../../k8s/names.ts'
import type { FieldError, Path } from '../field.ts'
import { duplicate, forbidden, invalid, invalidEach, notFound, notSupported, required, tooMany } from '../field.ts'
import { validateEnvironment } from './environment.ts'
import { hostPortConflicts, validateContainerPorts } from './host-ports.ts'
import { validateLifecycle, validateProbes } from './probe.ts'
import { validateContainerResources } from './resources.ts'
import { validateContainerSecurity } from './security-context.ts'
import type { Volumes } from './volume-mount.ts'
import { validateVolumeDevices, validateVolumeMounts } from './volume-mount.ts'
import { validatePullPolicy } from './volume-sources.ts'

/** What a container is judged against: its pod's volumes, claims and settings. */
export type ContainerContext = {
  volumes: Volumes
  claimNames: ReadonlySet<string>
  gracePeriod: number | undefined
  restartPolicy: string
  hostUsers: boolean
}

export function validateContainers(containers: readonly Fields[], context: ContainerContext, list: Path, errors: FieldError[]): void {
  if (containers.length === 0) return void errors.push(required(list))
  const names = new Set<string>()
  containers.forEach((container, index) => {
    const at = list.index(index)
    const name = (container.name ?? '') as string
    validateCommon(container, context, at, errors)
    if (names.has(name)) errors.push(duplicate(at.child('name'), name))
    names.add(name)
    if (container.lifecycle) validateLifecycle(container.lifecycle, context.gracePeriod, at.child('lifecycle'), errors)
    validateProbes(container, context.gracePeriod, at, errors)
    validateRestart(container, at, errors)
  })
  hostPortConflicts(containers, (index) => list.index(index), errors)
}

/** Init containers; those with restartPolicy Always are sidecars and may have probes and hooks. */
export function validateInitContainers(init: readonly Fields[], containers: readonly Fields[], context: ContainerContext, list: Path, errors: FieldError[]): void {
  const names = new Set(containers.map((container) => (container.name ?? '') as string))
  init.forEach((container, index) => {
    const at = list.index(index)
    const name = (container.name ?? '') as string
    validateCommon(container, context, at, errors)
    validateRestart(container, at, errors)
    if (names.has(name)) errors.push(duplicate(at.child('name'), name))
    else if (name !== '') names.add(name)
    // They run one by one, so each is compared with itself only; the server then counts from zero.
    hostPortConflicts([container], () => list.shown('[0]', index), errors)
    if (container.restartPolicy !== 'Always') refuseRestartOnResize(container, at.child('resizePolicy'), errors)
    if (container.restartPolicy === 'Always') {
      if (container.lifecycle) validateLifecycle(container.lifecycle, context.gracePeriod, at.child('lifecycle'), errors)
      validateProbes(container, context.gracePeriod, at, errors)
      return
    }
    for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']) {
      if (container[field]) errors.push(forbidden(at.child(field), 'may not be set for init containers without restartPolicy=Always'))
    }
  })
}

/** Fields an ephemeral container may not have, in the order of the type's fields. */
const nonEphemeralFields = ['ports', 'resources', 'resizePolicy', 'restartPolicy', 'restartPolicyRules', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle']

export function validateEphemeralContainers(spec: Fields, context: ContainerContext, list: Path, errors: FieldError[]): void {
  const ephemeral = (spec.ephemeralContainers ?? []) as Fields[]
  if (ephemeral.length === 0) return
  const others = new Set([...((spec.containers ?? []) as Fields[]), ...((spec.initContainers ?? []) as Fields[])].map((container) => (container.name ?? '') as string))
  const names = new Set(others)
  ephemeral.forEach((container, index) => {
    const at = list.index(index)
    const name = (container.name ?? '') as string
    validateCommon(container, context, at, errors)
    validateImageSpaces(container, at, errors)
    if (names.has(name)) errors.push(duplicate(at.child('name'), name))
    names.add(name)
    const target = (container.targetContainerName ?? '') as string
    if (target !== '' && !others.has(target)) errors.push(notFound(at.child('targetContainerName'), target))
    for (const field of nonEphemeralFields) if (isSet(container[field])) errors.push(forbidden(at.child(field), 'cannot be set for an Ephemeral Container'))
    const mounts = (container.volumeMounts ?? []) as Fields[]
    mounts.forEach((mount, position) => {
      for (const field of ['subPath', 'subPathExpr']) if (mount[field]) errors.push(forbidden(at.child('volumeMounts').index(position).child(field), 'cannot be set for an Ephemeral Container'))
    })
  })
}

/** Is it other than Go's zero value? An empty list is no missing one. */
function isSet(value: unknown): boolean {
  return Array.isArray(value) || (value !== undefined && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0))
}

/** validateContainerOnlyForPod: templates may keep such an image name. */
export function validateImageSpaces(container: Fields, at: Path, errors: FieldError[]): void {
  const image = (container.image ?? '') as string
  if (image.trim() !== image) errors.push(invalid(at.child('image'), image, 'must not have leading or trailing whitespace'))
}

/** validateContainerCommon. */
function validateCommon(container: Fields, context: ContainerContext, at: Path, errors: FieldError[]): void {
  const name = (container.name ?? '') as string
  if (name === '') errors.push(required(at.child('name')))
  else errors.push(...invalidEach(at.child('name'), name, dns1123Label(name)))
  if (!container.image) errors.push(required(at.child('image')))
  const messages = container.terminationMessagePolicy as string | undefined
  if (!messages) errors.push(required(at.child('terminationMessagePolicy')))
  else if (messages !== 'File' && messages !== 'FallbackToLogsOnError') errors.push(notSupported(at.child('terminationMessagePolicy'), messages, ['File', 'FallbackToLogsOnError']))
  if (container.ports) validateContainerPorts(container.ports as Fields[], at.child('ports'), errors)
  if (container.env || container.envFrom) validateEnvironment(container, at, errors)
  validateVolumeMounts(container, context.volumes, at.child('volumeMounts'), errors)
  validateVolumeDevices(container, context.volumes, at.child('volumeDevices'), errors)
  validatePullPolicy(container.imagePullPolicy as string | undefined, at.child('imagePullPolicy'), errors)
  validateContainerResources(container.resources as Fields | undefined, context.claimNames, at.child('resources'), errors)
  if (container.resizePolicy) validateResizePolicy(container.resizePolicy as Fields[], context.restartPolicy, at.child('resizePolicy'), errors)
  validateContainerSecurity(container.securityContext as Fields | undefined, context.hostUsers, at.child('securityContext'), errors)
}

/** validateResizePolicy: all but the duplicates sit on the list. */
function validateResizePolicy(policies: readonly Fields[], podRestartPolicy: string, list: Path, errors: FieldError[]): void {
  const seen = new Set<string>()
  policies.forEach((policy, index) => {
    const { resourceName = '', restartPolicy = '' } = policy as Record<string, string>
    const at = (field: string): Path => list.shown('', index, field)
    if (seen.has(resourceName)) errors.push(duplicate(list.index(index), resourceName))
    seen.add(resourceName)
    if (resourceName === '') errors.push(required(at('resourceName')))
    else if (resourceName !== 'cpu' && resourceName !== 'memory') errors.push(notSupported(at('resourceName'), resourceName, ['cpu', 'memory']))
    if (restartPolicy === '') errors.push(required(at('restartPolicy')))
    else if (restartPolicy !== 'NotRequired' && restartPolicy !== 'RestartContainer') errors.push(notSupported(at('restartPolicy'), restartPolicy, ['NotRequired', 'RestartContainer']))
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired') errors.push(invalid(at('restartPolicy'), restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"))
  })
}

/** An init container that runs to its end has nothing to restart when its resources change. */
function refuseRestartOnResize(container: Fields, list: Path, errors: FieldError[]): void {
  const policies = (container.resizePolicy ?? []) as Fields[]
  policies.forEach((policy, index) => {
    if (policy.restartPolicy === 'RestartContainer') errors.push(invalid(list.index(index).child('restartPolicy'), 'RestartContainer', "must not be set to 'RestartContainer' for non-sidecar initContainers"))
  })
}

const restartPolicies = ['Always', 'Never', 'OnFailure']
const restartRulesMax = 20
const exitCodesMax = 255

/** validateContainerRestartPolicy: a container's own policy, and rules by exit code, which need one. */
function validateRestart(container: Fields, at: Path, errors: FieldError[]): void {
  const policy = container.restartPolicy as string | undefined
  const rules = (container.restartPolicyRules ?? []) as Fields[]
  if (policy !== undefined) {
    if (!restartPolicies.includes(policy)) errors.push(notSupported(at.child('restartPolicy'), policy, restartPolicies))
  } else if (rules.length > 0) errors.push(required(at.child('restartPolicy'), 'must specify restartPolicy when restart rules are used'))
  if (rules.length > restartRulesMax) errors.push(tooMany(at.child('restartPolicyRules'), rules.length, restartRulesMax))
  rules.forEach((rule, index) => {
    const path = at.child('restartPolicyRules').index(index)
    if (rule.action !== 'Restart' && rule.action !== 'RestartAllContainers') errors.push(notSupported(path.child('action'), rule.action ?? '', ['Restart', 'RestartAllContainers']))
    if (!rule.exitCodes) return void errors.push(required(path.child('exitCodes'), 'must be specified'))
    const { operator = '', values = [] } = rule.exitCodes as { operator?: string; values?: number[] }
    if (operator !== 'In' && operator !== 'NotIn') errors.push(notSupported(path.child('exitCodes', 'operator'), operator, ['In', 'NotIn']))
    if (values.length > exitCodesMax) errors.push(tooMany(path.child('exitCodes', 'values'), values.length, exitCodesMax))
  })
}
