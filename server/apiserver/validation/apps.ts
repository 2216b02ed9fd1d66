/** Deployment, ReplicaSet, DaemonSet, ControllerRevision and their updates (pkg/apis/apps/validation/validation.go). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { percent } from '../../k8s/names.ts'
import type { IntOrString } from '../../k8s/port.ts'
import { intValue, percentOf } from '../../k8s/port.ts'
import type { LabelSelector, Labels } from '../../k8s/selector.ts'
import { isEmptySelector } from '../../k8s/selector.ts'
import type { FieldError, Path } from '../field.ts'
import { fieldPath, forbidden, invalid, invalidEach, notSupported, required } from '../field.ts'
import { immutable } from '../metadata.ts'
import { labelSelectorErrors } from './label-selector.ts'
import { validatePodTemplate } from './pod.ts'
import { nonNegative } from './probe.ts'
import { printedSelector, validateSelected, validateWorkloadSelector } from './workload-selector.ts'

const specPath = fieldPath('spec')
const templatePath = specPath.child('template')

function partsOf(object: K8sObject): { spec: Fields; template: Fields; labels: Labels | undefined; selector: LabelSelector | undefined } {
  const spec = (object.spec ?? {}) as Fields
  const template = (spec.template ?? {}) as Fields
  return { spec, template, labels: template.metadata?.labels as Labels | undefined, selector: spec.selector as LabelSelector | undefined }
}

/** The template of a workload whose pods always restart and never have a deadline. `kind` is the name the server prints. */
export function validateRestartingTemplate(template: Fields, kind: string, at: Path, errors: FieldError[]): void {
  validatePodTemplate(template, at, errors)
  validateAlwaysRestarts(template, kind, at, errors)
}

export function validateAlwaysRestarts(template: Fields, kind: string, at: Path, errors: FieldError[]): void {
  const policy = (template.spec?.restartPolicy ?? '') as string
  if (policy !== 'Always') errors.push(notSupported(at.child('spec', 'restartPolicy'), policy, ['Always']))
  if (template.spec?.activeDeadlineSeconds !== undefined) errors.push(forbidden(at.child('spec', 'activeDeadlineSeconds'), `activeDeadlineSeconds in ${kind} is not Supported`))
}

/** The selector and template of a Deployment or ReplicaSet, for both of which the server says "deployment". */
function validateSelectorAndTemplate(object: K8sObject, errors: FieldError[]): void {
  const { template, labels, selector } = partsOf(object)
  if (!validateWorkloadSelector(selector, 'deployment', specPath.child('selector'), errors)) {
    errors.push(invalid(specPath.child('selector'), printedSelector(selector!), 'invalid label selector'))
    return
  }
  validateSelected(selector, labels, templatePath, errors)
  validateRestartingTemplate(template, 'ReplicaSet', templatePath, errors)
}

export function validateDeployment(object: K8sObject): FieldError[] {
  const errors: FieldError[] = []
  const { spec } = partsOf(object)
  nonNegative(spec.replicas as number, specPath.child('replicas'), errors)
  validateSelectorAndTemplate(object, errors)
  validateDeploymentStrategy((spec.strategy ?? {}) as Fields, specPath.child('strategy'), errors)
  const minReady = (spec.minReadySeconds ?? 0) as number
  nonNegative(minReady, specPath.child('minReadySeconds'), errors)
  nonNegative(spec.revisionHistoryLimit as number | undefined, specPath.child('revisionHistoryLimit'), errors)
  const deadline = spec.progressDeadlineSeconds as number | undefined
  if (deadline !== undefined) {
    nonNegative(deadline, specPath.child('progressDeadlineSeconds'), errors)
    if (deadline <= minReady) errors.push(invalid(specPath.child('progressDeadlineSeconds'), deadline, 'must be greater than minReadySeconds'))
  }
  return errors
}

/** A Deployment's selector can't change. */
export function validateDeploymentUpdate(object: K8sObject, old: K8sObject): FieldError[] {
  return [...validateDeployment(object), ...immutableSelector(object, old)]
}

/** The error of a changed selector. */
export function immutableSelector(object: K8sObject, old: K8sObject): FieldError[] {
  const fresh = partsOf(object).selector
  const [error] = immutable(fresh, partsOf(old).selector, specPath.child('selector'))
  return error ? [invalid(specPath.child('selector'), fresh ? printedSelector(fresh) : null, 'field is immutable')] : []
}

function validateDeploymentStrategy(strategy: Fields, at: Path, errors: FieldError[]): void {
  const rolling = strategy.rollingUpdate as Fields | undefined
  if (strategy.type === 'Recreate') {
    if (rolling) errors.push(forbidden(at.child('rollingUpdate'), "may not be specified when strategy `type` is 'Recreate'"))
  } else if (strategy.type !== 'RollingUpdate') {
    errors.push(notSupported(at, { Type: strategy.type ?? '', RollingUpdate: rolling ? { MaxUnavailable: rolling.maxUnavailable ?? 0, MaxSurge: rolling.maxSurge ?? 0 } : null }, ['Recreate', 'RollingUpdate']))
  } else if (!rolling) errors.push(required(at.child('rollingUpdate'), 'this should be defaulted and never be nil'))
  else {
    const { maxUnavailable = 0, maxSurge = 0 } = rolling as { maxUnavailable?: IntOrString; maxSurge?: IntOrString }
    const path = at.child('rollingUpdate')
    positiveIntOrPercent(maxUnavailable, path.child('maxUnavailable'), errors)
    positiveIntOrPercent(maxSurge, path.child('maxSurge'), errors)
    if (amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0) errors.push(invalid(path.child('maxUnavailable'), maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
    atMostAll(maxUnavailable, path.child('maxUnavailable'), errors)
  }
}

/** ValidatePositiveIntOrPercent. */
export function positiveIntOrPercent(value: IntOrString, at: Path, errors: FieldError[]): void {
  if (typeof value === 'string') errors.push(...invalidEach(at, value, percent(value)))
  else nonNegative(value, at, errors)
}

/** getIntOrPercentValue: the number, or the number before the percent sign. */
export function amountOf(value: IntOrString): number {
  return percentOf(value) ?? intValue(value)
}

/** IsNotMoreThan100Percent. */
export function atMostAll(value: IntOrString, at: Path, errors: FieldError[]): void {
  if ((percentOf(value) ?? 0) > 100) errors.push(invalid(at, value, 'must not be greater than 100%'))
}

export function validateReplicaSet(object: K8sObject): FieldError[] {
  const errors: FieldError[] = []
  const { spec } = partsOf(object)
  nonNegative(spec.replicas as number, specPath.child('replicas'), errors)
  nonNegative(spec.minReadySeconds as number | undefined, specPath.child('minReadySeconds'), errors)
  validateSelectorAndTemplate(object, errors)
  return errors
}

export function validateReplicaSetUpdate(object: K8sObject, old: K8sObject): FieldError[] {
  return [...validateReplicaSet(object), ...immutableSelector(object, old)]
}

export function validateDaemonSet(object: K8sObject): FieldError[] {
  const errors: FieldError[] = []
  const { spec, template, labels, selector } = partsOf(object)
  const wrong = labelSelectorErrors(selector, specPath.child('selector'))
  errors.push(...wrong)
  if (wrong.length === 0) validateSelected(selector, labels, templatePath, errors)
  if (selector && isEmptySelector(selector)) errors.push(invalid(specPath.child('selector'), {}, 'empty selector is invalid for daemonset'))
  validateRestartingTemplate(template, 'DaemonSet', templatePath, errors)
  nonNegative(spec.minReadySeconds as number | undefined, specPath.child('minReadySeconds'), errors)
  validateDaemonSetStrategy((spec.updateStrategy ?? {}) as Fields, specPath.child('updateStrategy'), errors)
  nonNegative(spec.revisionHistoryLimit as number | undefined, specPath.child('revisionHistoryLimit'), errors)
  return errors
}

export function validateDaemonSetUpdate(object: K8sObject, old: K8sObject): FieldError[] {
  return [...validateDaemonSet(object), ...immutableSelector(object, old)]
}

function validateDaemonSetStrategy(strategy: Fields, at: Path, errors: FieldError[]): void {
  const rolling = strategy.rollingUpdate as Fields | undefined
  if (strategy.type === 'OnDelete') return
  if (strategy.type !== 'RollingUpdate') {
    return void errors.push(notSupported(at, { Type: strategy.type ?? '', RollingUpdate: rolling ? { MaxUnavailable: rolling.maxUnavailable ?? 0, MaxSurge: rolling.maxSurge ?? 0 } : null }, ['RollingUpdate', 'OnDelete']))
  }
  if (!rolling) return void errors.push(required(at.child('rollingUpdate')))
  const { maxUnavailable = 0, maxSurge = 0 } = rolling as { maxUnavailable?: IntOrString; maxSurge?: IntOrString }
  const path = at.child('rollingUpdate')
  positiveIntOrPercent(maxUnavailable, path.child('maxUnavailable'), errors)
  positiveIntOrPercent(maxSurge, path.child('maxSurge'), errors)
  atMostAll(maxUnavailable, path.child('maxUnavailable'), errors)
  atMostAll(maxSurge, path.child('maxSurge'), errors)
  const hasUnavailable = amountOf(maxUnavailable) !== 0
  const hasSurge = amountOf(maxSurge) !== 0
  if (hasUnavailable && hasSurge) errors.push(invalid(path.child('maxSurge'), maxSurge, 'may not be set when maxUnavailable is non-zero'))
  else if (!hasUnavailable && !hasSurge) errors.push(required(path.child('maxUnavailable'), 'cannot be 0 when maxSurge is 0'))
}

/** A revision is what a workload was once: it never changes. */
export function validateControllerRevision(object: K8sObject, old?: K8sObject): FieldError[] {
  const data: unknown = object.data
  const errors: FieldError[] = data === undefined || data === null ? [required(fieldPath('data'), 'data is mandatory')] : []
  nonNegative((object.revision ?? 0) as number, fieldPath('revision'), errors)
  return old ? [...errors, ...immutable(data, old.data, fieldPath('data'))] : errors
}
