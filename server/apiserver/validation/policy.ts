/** LimitRange, ResourceQuota, PriorityClass and Lease (core:ValidateLimitRange, ValidateResourceQuotaSpec; scheduling:ValidatePriorityClass; coordination:ValidateLeaseSpec). */
import { qualifiedName } from '../../k8s/names.ts'
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareQuantities, quantityOf } from '../../k8s/quantity.ts'
import { duplicate, fieldPath, forbidden, invalid, invalidEach, notSupported, required, type FieldError, type Path } from '../field.ts'
import { immutable, isSame } from '../metadata.ts'
import { containerResourceNameErrors, isQuotaResource, mayOvercommit, quantityErrors, quotaResourceNameErrors, resourceNameErrors, scopeFits } from './resource-names.ts'

type Amounts = Record<string, string>
const limitTypes = ['Pod', 'Container', 'PersistentVolumeClaim']

export function limitRangeErrors(range: K8sObject): FieldError[] {
  const seen = new Set<string>()
  const limits: Fields[] = range.spec?.limits ?? []
  return limits.flatMap((limit, index) => {
    const path = fieldPath('spec', 'limits').index(index)
    const type: string = limit.type ?? ''
    const errors: FieldError[] = limitTypeErrors(type, path.child('type'))
    if (seen.has(type)) errors.push(duplicate(path.child('type'), type))
    seen.add(type)
    return [...errors, ...limitErrors(limit, type, path)]
  })
}

function limitTypeErrors(type: string, path: Path): FieldError[] {
  const errors = invalidEach(path, type, qualifiedName(type))
  if (errors.length > 0) return errors
  return !type.includes('/') && !limitTypes.includes(type) ? [invalid(path, type, 'must be a standard limit type or fully qualified')] : []
}

/** validateLimitRangeResourceName: container types know container resources; others any resource. */
function limitNameErrors(type: string, name: string, path: Path): FieldError[] {
  return type === 'Pod' || type === 'Container' ? containerResourceNameErrors(name, path) : resourceNameErrors(name, path)
}

function limitErrors(limit: Fields, type: string, path: Path): FieldError[] {
  const errors: FieldError[] = []
  const part = (name: string): Amounts => limit[name] ?? {}
  const [max, min, ratios] = [part('max'), part('min'), part('maxLimitRequestRatio')]
  const check = (name: string): void => { for (const key of Object.keys(part(name))) errors.push(...limitNameErrors(type, key, path.child(name).key(key))) }
  check('max')
  check('min')
  let [defaults, requests]: [Amounts, Amounts] = [{}, {}]
  if (type === 'Pod') {
    if (Object.keys(part('default')).length > 0) errors.push(forbidden(path.child('default'), "may not be specified when `type` is 'Pod'"))
    if (Object.keys(part('defaultRequest')).length > 0) errors.push(forbidden(path.child('defaultRequest'), "may not be specified when `type` is 'Pod'"))
  } else {
    check('default')
    check('defaultRequest')
    defaults = part('default')
    requests = part('defaultRequest')
  }
  if (type === 'PersistentVolumeClaim' && max.storage === undefined && min.storage === undefined) errors.push(required(path.child('limits'), 'either minimum or maximum storage value is required, but neither was provided'))
  check('maxLimitRequestRatio')
  const keys = new Set([...Object.keys(max), ...Object.keys(min), ...Object.keys(defaults), ...Object.keys(requests), ...Object.keys(ratios)])
  for (const key of keys) errors.push(...boundErrors(key, { max: max[key], min: min[key], default: defaults[key], request: requests[key], ratio: ratios[key] }, path))
  return errors
}

function isMore(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && compareQuantities(a, b) > 0
}

function boundErrors(key: string, { max, min, default: limit, request, ratio }: { max?: string; min?: string; default?: string; request?: string; ratio?: string }, path: Path): FieldError[] {
  const errors: FieldError[] = []
  if (isMore(min, max)) errors.push(invalid(path.child('min').key(key), min, `min value ${min} is greater than max value ${max}`))
  if (isMore(min, request)) errors.push(invalid(path.child('defaultRequest').key(key), request, `min value ${min} is greater than default request value ${request}`))
  if (isMore(request, max)) errors.push(invalid(path.child('defaultRequest').key(key), request, `default request value ${request} is greater than max value ${max}`))
  if (isMore(request, limit)) errors.push(invalid(path.child('defaultRequest').key(key), request, `default request value ${request} is greater than default limit value ${limit}`))
  if (isMore(min, limit)) errors.push(invalid(path.child('default').key(key), min, `min value ${min} is greater than default value ${limit}`))
  if (isMore(limit, max)) errors.push(invalid(path.child('default').key(key), max, `default value ${limit} is greater than max value ${max}`))
  if (ratio !== undefined) errors.push(...ratioErrors(key, ratio, max, min, path.child('maxLimitRequestRatio').key(key)))
  if (!mayOvercommit(key) && limit !== undefined && request !== undefined && compareQuantities(limit, request) !== 0) errors.push(invalid(path.child('defaultRequest').key(key), request, `default value ${limit} must equal to defaultRequest value ${request} in ${key}`))
  return errors
}

function ratioErrors(key: string, ratio: string, max: string | undefined, min: string | undefined, path: Path): FieldError[] {
  const errors: FieldError[] = []
  if (compareQuantities(ratio, '1') < 0) errors.push(invalid(path, ratio, `ratio ${ratio} is less than 1`))
  if (max === undefined || min === undefined || quantityOf(min).nano === 0n) return errors
  const limit = Number(quantityOf(max).nano) / Number(quantityOf(min).nano)
  if (Number(quantityOf(ratio).nano) / 1e9 > limit) errors.push(invalid(path, ratio, `ratio ${ratio} is greater than max/min = ${limit.toFixed(6)}`))
  return errors
}

const scopes = ['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort', 'PriorityClass', 'CrossNamespacePodAffinity', 'VolumeAttributesClass']
const oppositeScopes = [['BestEffort', 'NotBestEffort'], ['Terminating', 'NotTerminating']] as const

export function quotaErrors(quota: K8sObject, old?: K8sObject): FieldError[] {
  const body: Fields = quota.spec ?? {}
  const spec = fieldPath('spec')
  const hard: Amounts = body.hard ?? {}
  const errors: FieldError[] = []
  for (const key of Object.keys(hard)) errors.push(...quotaResourceNameErrors(key, spec.child('hard').key(key)), ...quantityErrors(key, hard[key]!, spec.child('hard').key(key)))
  const resources = Object.keys(hard).sort()
  const wanted: string[] = body.scopes ?? []
  for (const scope of wanted) {
    if (!scopes.includes(scope)) errors.push(invalid(spec.child('scopes'), wanted, 'unsupported scope'))
    for (const key of resources) if (isQuotaResource(key) && !(scopes.includes(scope) ? scopeFits(scope, key) : true)) errors.push(invalid(spec.child('scopes'), wanted, 'unsupported scope applied to resource'))
  }
  for (const [a, b] of oppositeScopes) if (wanted.includes(a) && wanted.includes(b)) errors.push(invalid(spec.child('scopes'), wanted, 'conflicting scopes'))
  if (body.scopeSelector) errors.push(...scopeSelectorErrors(body, resources, spec.child('scopeSelector', 'matchExpressions')))
  if (old && !isSame([...wanted].sort(), [...(old.spec?.scopes ?? [])].sort())) errors.push(invalid(spec.child('scopes'), wanted, 'field is immutable'))
  return errors
}

function scopeSelectorErrors(body: Fields, resources: readonly string[], path: Path): FieldError[] {
  const errors: FieldError[] = []
  const expressions: Fields[] = body.scopeSelector.matchExpressions ?? []
  for (const { scopeName = '', operator = '', values = [] } of expressions) {
    if (!scopes.includes(scopeName)) errors.push(invalid(path.child('scopeName'), scopeName, 'unsupported scope'))
    for (const key of resources) if (isQuotaResource(key) && scopes.includes(scopeName) && !scopeFits(scopeName, key)) errors.push(invalid(path, printedSelector(expressions), 'unsupported scope applied to resource'))
    if (scopes.includes(scopeName) && scopeName !== 'PriorityClass' && scopeName !== 'VolumeAttributesClass' && operator !== 'Exists') errors.push(invalid(path.child('operator'), operator, "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"))
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) errors.push(required(path.child('values'), "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"))
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) errors.push(invalid(path.child('values'), values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"))
    } else errors.push(invalid(path.child('operator'), operator, 'not a valid selector operator'))
  }
  const named = expressions.map((expression) => expression.scopeName)
  for (const [a, b] of oppositeScopes) if (named.includes(a) && named.includes(b)) errors.push(invalid(fieldPath('spec', 'scopes'), body.scopes ?? null, 'conflicting scopes'))
  return errors
}

/** A scope selector as Go's type prints it. */
function printedSelector(expressions: readonly Fields[]): Fields {
  return { MatchExpressions: expressions.map(({ scopeName = '', operator = '', values = null }) => ({ ScopeName: scopeName, Operator: operator, Values: values })) }
}

const userValueMax = 1_000_000_000
const systemClasses: Record<string, number> = { 'system-node-critical': 2_000_001_000, 'system-cluster-critical': 2_000_000_000 }

export function priorityClassErrors(object: K8sObject, old?: K8sObject): FieldError[] {
  const { name } = object.metadata
  const value: number = object.value ?? 0
  const errors: FieldError[] = []
  if (old) return [...immutable(value, old.value ?? 0, fieldPath('value')).map(() => forbidden(fieldPath('value'), 'may not be changed in an update.')), ...immutable(object.preemptionPolicy, old.preemptionPolicy, fieldPath('preemptionPolicy'))]
  if ((name ?? '').startsWith('system-')) {
    const wrong = systemClassFault(name, value, object.globalDefault === true)
    if (wrong) errors.push(forbidden(fieldPath('metadata', 'name'), `priority class names with 'system-' prefix are reserved for system use only. error: ${wrong}`))
  } else if (value > userValueMax) errors.push(forbidden(fieldPath('value'), `maximum allowed value of a user defined priority is ${userValueMax}`))
  if (object.preemptionPolicy === '') errors.push(required(fieldPath('preemptionPolicy')))
  else if (object.preemptionPolicy !== undefined && !['PreemptLowerPriority', 'Never'].includes(object.preemptionPolicy)) errors.push(notSupported(fieldPath('preemptionPolicy'), object.preemptionPolicy, ['PreemptLowerPriority', 'Never']))
  return errors
}

/** IsKnownSystemPriorityClass: the two classes of the system have one value each and are never the default. */
function systemClassFault(name: string, value: number, isDefault: boolean): string | undefined {
  const known = systemClasses[name]
  if (known === undefined) return `${name} is not a known system priority class`
  if (known !== value) return `value of ${name} PriorityClass must be ${known}`
  return isDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}

export function leaseErrors(lease: K8sObject): FieldError[] {
  const body: Fields = lease.spec ?? {}
  const spec = fieldPath('spec')
  const errors: FieldError[] = []
  if (body.leaseDurationSeconds !== undefined && body.leaseDurationSeconds <= 0) errors.push(invalid(spec.child('leaseDurationSeconds'), body.leaseDurationSeconds, 'must be greater than 0'))
  if (body.leaseTransitions !== undefined && body.leaseTransitions < 0) errors.push(invalid(spec.child('leaseTransitions'), body.leaseTransitions, 'must be greater than or equal to 0'))
  return errors
}
