/** HorizontalPodAutoscaler and PodDisruptionBudget (autoscaling:validateHorizontalPodAutoscalerSpec, policy:ValidatePodDisruptionBudgetSpec). */
import { dns1123Label, pathSegment } from '../../k8s/names.ts'
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { quantityOf } from '../../k8s/quantity.ts'
import type { LabelSelector } from '../../k8s/selector.ts'
import { fieldPath, forbidden, invalid, invalidEach, notSupported, required, type FieldError, type Path } from '../field.ts'
import { atMostAll, positiveIntOrPercent } from './apps.ts'
import { labelSelectorErrors } from './label-selector.ts'
import { containerResourceNameErrors } from './resource-names.ts'
import { printedSelector } from './workload-selector.ts'

const spec = fieldPath('spec')
const sourceTypes = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']
/** Metric type → the field that holds it, in the order in which the server looks. */
const sources = [['Object', 'object', objectErrors], ['External', 'external', externalErrors], ['Pods', 'pods', podsErrors], ['Resource', 'resource', resourceErrors], ['ContainerResource', 'containerResource', containerResourceErrors]] as const

/** An old autoscaler may keep its zero replicas, and a group that it names wrongly (autoscaling strategy: validationOptionsForHorizontalPodAutoscaler). */
export function autoscalerErrors(autoscaler: K8sObject, old?: K8sObject): FieldError[] {
  const body: Fields = autoscaler.spec ?? {}
  const before: Fields = old?.spec ?? {}
  const errors: FieldError[] = []
  const metrics: Fields[] = body.metrics ?? []
  const { minReplicas, maxReplicas = 0 } = body as { minReplicas?: number; maxReplicas?: number }
  const least = before.minReplicas === 0 ? 0 : 1
  if (minReplicas !== undefined && minReplicas < least) errors.push(invalid(spec.child('minReplicas'), minReplicas, `must be greater than or equal to ${least}`))
  if (maxReplicas === 0) errors.push(required(spec.child('maxReplicas'), 'must be set and greater than 0'))
  else if (maxReplicas < 1) errors.push(invalid(spec.child('maxReplicas'), maxReplicas, 'must be greater than or equal to 1'))
  if (minReplicas !== undefined && maxReplicas < minReplicas) errors.push(invalid(spec.child('maxReplicas'), maxReplicas, 'must be greater than or equal to `minReplicas`'))
  const reference: Fields = body.scaleTargetRef ?? {}
  errors.push(...nameErrors(reference, spec.child('scaleTargetRef')))
  if (!old || !groupFault(before.scaleTargetRef ?? {}, false)) errors.push(...groupErrors(reference, spec.child('scaleTargetRef'), false))
  metrics.forEach((metric, index) => errors.push(...metricErrors(metric, spec.child('metrics').index(index))))
  if (minReplicas === 0 && !metrics.some((metric) => metric.type === 'Object' || metric.type === 'External')) errors.push(forbidden(spec.child('metrics'), 'must specify at least one Object or External metric to support scaling to zero replicas'))
  if (body.behavior) for (const name of ['scaleUp', 'scaleDown']) if (body.behavior[name]) errors.push(...rulesErrors(body.behavior[name], spec.child('behavior', name)))
  return errors
}

/** autoscaling/v1 knows one metric, the use of CPU, and the server judges it as one of v2: 80 % where none is given. */
export function autoscalerV1Errors(autoscaler: K8sObject, old?: K8sObject): FieldError[] {
  return autoscalerErrors(asV2(autoscaler), old && asV2(old)).map((error) => (error.segments[1] === 'metrics' ? { ...error, segments: ['spec', 'targetCPUUtilizationPercentage'] } : error))
}

function asV2(autoscaler: K8sObject): K8sObject {
  const { targetCPUUtilizationPercentage: averageUtilization = 80, ...rest } = (autoscaler.spec ?? {}) as Fields
  return { ...autoscaler, spec: { ...rest, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } }] } }
}

function nameErrors(reference: Fields, path: Path): FieldError[] {
  return ['kind', 'name'].flatMap((name) => (reference[name] ? invalidEach(path.child(name), reference[name], pathSegment(reference[name])) : [required(path.child(name))]))
}

function groupErrors(reference: Fields, path: Path, mayLackGroup: boolean): FieldError[] {
  const fault = groupFault(reference, mayLackGroup)
  return fault ? [invalid(path.child('apiVersion'), reference.apiVersion ?? '', fault)] : []
}

/** ValidateAPIVersion, after schema.ParseGroupVersion. */
function groupFault(reference: Fields, mayLackGroup: boolean): string | undefined {
  const version: string = reference.apiVersion ?? ''
  const parts = version.split('/')
  if (parts.length > 2) return `unexpected GroupVersion string: ${version}`
  const hasGroup = parts.length === 2 && parts[0] !== ''
  return hasGroup || mayLackGroup || reference.kind === 'ReplicationController' ? undefined : 'apiVersion must specify API group'
}

function metricErrors(metric: Fields, path: Path): FieldError[] {
  const errors: FieldError[] = []
  const type: string = metric.type ?? ''
  if (type === '') errors.push(required(path.child('type'), 'must specify a metric source type'))
  if (!sourceTypes.includes(type)) errors.push(notSupported(path.child('type'), type, sourceTypes))
  const present: string[] = []
  for (const [, name, check] of sources) {
    if (!metric[name]) continue
    present.push(name)
    if (present.length === 1) errors.push(...check(metric[name], path.child(name)))
  }
  const expected = sources.find(([name]) => name === type)?.[1]
  if (expected === undefined) {
    if (!sourceTypes.includes(type)) errors.push(notSupported(path.child('type'), type, sourceTypes))
  } else if (!present.includes(expected)) errors.push(required(path.child(expected), 'must populate information for the given metric source'))
  if (present.length !== 1) for (const name of present) if (name !== expected) errors.push(forbidden(path.child(name), 'must populate the given metric source only'))
  return errors
}

function identifierErrors(metric: Fields | undefined, path: Path): FieldError[] {
  const name: string = metric?.name ?? ''
  return name === '' ? [required(path.child('name'), 'must specify a metric name')] : invalidEach(path.child('name'), name, pathSegment(name))
}

function objectErrors(source: Fields, path: Path): FieldError[] {
  const described: Fields = source.describedObject ?? {}
  const errors = [...nameErrors(described, path.child('describedObject')), ...groupErrors(described, path.child('describedObject'), true), ...identifierErrors(source.metric, path.child('metric')), ...targetErrors(source.target, path.child('target'))]
  if (source.target?.value === undefined && source.target?.averageValue === undefined) errors.push(required(path.child('target', 'averageValue'), 'must set either a target value or averageValue'))
  return errors
}

function externalErrors(source: Fields, path: Path): FieldError[] {
  const errors = [...identifierErrors(source.metric, path.child('metric')), ...targetErrors(source.target, path.child('target'))]
  const { value, averageValue } = (source.target ?? {}) as Fields
  if (value === undefined && averageValue === undefined) errors.push(required(path.child('target', 'averageValue'), 'must set either a target value for metric or a per-pod target'))
  if (value !== undefined && averageValue !== undefined) errors.push(forbidden(path.child('target', 'value'), 'may not set both a target value for metric and a per-pod target'))
  return errors
}

function podsErrors(source: Fields, path: Path): FieldError[] {
  const errors = [...identifierErrors(source.metric, path.child('metric')), ...targetErrors(source.target, path.child('target'))]
  if (source.target?.averageValue === undefined) errors.push(required(path.child('target', 'averageValue'), 'must specify a positive target averageValue'))
  return errors
}

function utilizationErrors(source: Fields, path: Path): FieldError[] {
  const errors = targetErrors(source.target, path.child('target'))
  const { averageUtilization, averageValue } = (source.target ?? {}) as Fields
  if (averageUtilization === undefined && averageValue === undefined) errors.push(required(path.child('target', 'averageUtilization'), 'must set either a target raw value or a target utilization'))
  if (averageUtilization !== undefined && averageValue !== undefined) errors.push(forbidden(path.child('target', 'averageValue'), 'may not set both a target raw value and a target utilization'))
  return errors
}

function resourceErrors(source: Fields, path: Path): FieldError[] {
  return [...(source.name ? [] : [required(path.child('name'), 'must specify a resource name')]), ...utilizationErrors(source, path)]
}

function containerResourceErrors(source: Fields, path: Path): FieldError[] {
  const errors: FieldError[] = source.name ? containerResourceNameErrors(source.name, path.child('name')) : [required(path.child('name'), 'must specify a resource name')]
  if (!source.container) errors.push(required(path.child('container'), 'must specify a container'))
  else errors.push(...invalidEach(path.child('container'), source.container, dns1123Label(source.container)))
  return [...errors, ...utilizationErrors(source, path)]
}

function targetErrors(target: Fields | undefined, path: Path): FieldError[] {
  const errors: FieldError[] = []
  const type: string = target?.type ?? ''
  if (type === '') errors.push(required(path.child('type'), 'must specify a metric target type'))
  if (!['Utilization', 'Value', 'AverageValue'].includes(type)) errors.push(invalid(path.child('type'), type, 'must be either Utilization, Value, or AverageValue'))
  for (const name of ['value', 'averageValue']) if (target?.[name] !== undefined && quantityOf(target[name]).nano <= 0n) errors.push(invalid(path.child(name), target[name], 'must be positive'))
  if (target?.averageUtilization !== undefined && target.averageUtilization < 1) errors.push(invalid(path.child('averageUtilization'), target.averageUtilization, 'must be greater than 0'))
  return errors
}

function rulesErrors(rules: Fields, path: Path): FieldError[] {
  const errors: FieldError[] = []
  const seconds: number | undefined = rules.stabilizationWindowSeconds
  if (seconds !== undefined && seconds < 0) errors.push(invalid(path.child('stabilizationWindowSeconds'), seconds, 'must be greater than or equal to zero'))
  if (seconds !== undefined && seconds > 3600) errors.push(invalid(path.child('stabilizationWindowSeconds'), seconds, 'must be less than or equal to 3600'))
  if (rules.selectPolicy !== undefined && !['Disabled', 'Max', 'Min'].includes(rules.selectPolicy)) errors.push(notSupported(path.child('selectPolicy'), rules.selectPolicy, ['Disabled', 'Max', 'Min']))
  const policies: Fields[] = rules.policies ?? []
  if (policies.length === 0) errors.push(required(path.child('policies'), 'must specify at least one Policy'))
  policies.forEach((policy, index) => {
    const at = path.child('policies').index(index)
    if (policy.type !== 'Pods' && policy.type !== 'Percent') errors.push(notSupported(at.child('type'), policy.type ?? '', ['Percent', 'Pods']))
    if ((policy.value ?? 0) <= 0) errors.push(invalid(at.child('value'), policy.value ?? 0, 'must be greater than zero'))
    if ((policy.periodSeconds ?? 0) <= 0) errors.push(invalid(at.child('periodSeconds'), policy.periodSeconds ?? 0, 'must be greater than zero'))
    if ((policy.periodSeconds ?? 0) > 1800) errors.push(invalid(at.child('periodSeconds'), policy.periodSeconds, 'must be less than or equal to 1800'))
  })
  if (rules.tolerance !== undefined && quantityOf(rules.tolerance).nano < 0n) errors.push(invalid(path.child('tolerance'), rules.tolerance, 'must be greater than or equal to 0'))
  return errors
}

export function disruptionBudgetErrors(budget: K8sObject): FieldError[] {
  const body: Fields = budget.spec ?? {}
  const errors: FieldError[] = []
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: policy } = body
  if (minAvailable !== undefined && maxUnavailable !== undefined) errors.push(invalid(spec, { MinAvailable: minAvailable, Selector: body.selector ? printedSelector(body.selector as LabelSelector) : null, MaxUnavailable: maxUnavailable, UnhealthyPodEvictionPolicy: policy ?? null }, 'minAvailable and maxUnavailable cannot be both set'))
  for (const [name, value] of [['minAvailable', minAvailable], ['maxUnavailable', maxUnavailable]] as const) {
    if (value === undefined) continue
    positiveIntOrPercent(value as number | string, spec.child(name), errors)
    atMostAll(value as number | string, spec.child(name), errors)
  }
  if (policy !== undefined && !['AlwaysAllow', 'IfHealthyBudget'].includes(policy)) errors.push(notSupported(spec.child('unhealthyPodEvictionPolicy'), policy, ['AlwaysAllow', 'IfHealthyBudget']))
  errors.push(...labelSelectorErrors(body.selector, spec.child('selector')))
  return errors
}
