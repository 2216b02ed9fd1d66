/** LimitRange: defaults for containers, and the bounds every new pod and claim must keep (plugin/pkg/admission/limitranger/admission.go). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText } from '../../k8s/object.ts'
import type { Cluster } from '../types.ts'
import { addResources, amountOf, milliOf, printAmount } from '../amounts.ts'
import type { Amount } from '../amounts.ts'
import { podTotals } from '../pod-resources.ts'

type Item = { type: string; max?: Amounts; min?: Amounts; default?: Amounts; defaultRequest?: Amounts; maxLimitRequestRatio?: Amounts }
type Amounts = Record<string, string>

function names(list: Amounts | undefined): string[] {
  return Object.keys(list ?? {}).sort(compareText)
}

/** Adds missing limits and requests to every container, and says so in an annotation (PodMutateLimitFunc, mergePodResourceRequirements). */
export function withLimitRangeDefaults(pod: K8sObject, cluster: Cluster): K8sObject {
  let result = pod
  for (const range of cluster.view.list('LimitRange', pod.metadata.namespace ?? '')) {
    const limits: Amounts = {}
    const requests: Amounts = {}
    for (const item of (range.spec?.limits ?? []) as Item[]) {
      if (item.type !== 'Container') continue
      Object.assign(limits, item.default)
      Object.assign(requests, item.defaultRequest)
    }
    if (names(limits).length + names(requests).length > 0) result = filled(result, limits, requests)
  }
  return result
}

function filled(pod: K8sObject, limits: Amounts, requests: Amounts): K8sObject {
  const said: string[] = []
  const fill = (container: Fields, what: string): Fields => {
    const resources = container.resources ?? {}
    const addedRequests = names(requests).filter((name) => resources.requests?.[name] === undefined)
    const addedLimits = names(limits).filter((name) => resources.limits?.[name] === undefined)
    if (addedRequests.length > 0) said.push(`${addedRequests.join(', ')} request for ${what} ${container.name}`)
    if (addedLimits.length > 0) said.push(`${addedLimits.join(', ')} limit for ${what} ${container.name}`)
    if (addedRequests.length + addedLimits.length === 0) return container
    const pick = (list: Amounts, keys: string[]): Amounts => Object.fromEntries(keys.map((key) => [key, list[key]!]))
    return {
      ...container,
      resources: {
        ...resources,
        ...(addedLimits.length > 0 || resources.limits ? { limits: { ...pick(limits, addedLimits), ...resources.limits } } : {}),
        ...(addedRequests.length > 0 || resources.requests ? { requests: { ...pick(requests, addedRequests), ...resources.requests } } : {}),
      },
    }
  }
  const containers = pod.spec.containers.map((container: Fields) => fill(container, 'container'))
  const initContainers = pod.spec.initContainers?.map((container: Fields) => fill(container, 'init container'))
  if (said.length === 0) return pod
  const annotations = { ...pod.metadata.annotations, 'kubernetes.io/limit-ranger': `LimitRanger plugin set: ${said.join('; ')}` }
  return { ...pod, metadata: { ...pod.metadata, annotations }, spec: { ...pod.spec, containers, ...(initContainers ? { initContainers } : {}) } }
}

/** Everything the object breaks, in the order of the LimitRanges; empty when it may pass. */
export function limitRangeErrors(object: K8sObject, cluster: Cluster): string[] {
  if (object.kind !== 'Pod' && object.kind !== 'PersistentVolumeClaim') return []
  const errors: string[] = []
  for (const range of cluster.view.list('LimitRange', object.metadata.namespace ?? '')) {
    for (const item of (range.spec?.limits ?? []) as Item[]) {
      if (object.kind === 'PersistentVolumeClaim' && item.type === 'PersistentVolumeClaim') errors.push(...claimErrors(item, object))
      if (object.kind === 'Pod' && item.type === 'Container') for (const container of [...object.spec.containers, ...(object.spec.initContainers ?? [])]) errors.push(...boundErrors(item, container.resources?.requests ?? {}, container.resources?.limits ?? {}))
      if (object.kind === 'Pod' && item.type === 'Pod') errors.push(...boundErrors(item, texts(podTotals(object, 'requests')), texts(podTotals(object, 'limits'))))
    }
  }
  return errors
}

function texts(amounts: Map<string, Amount>): Amounts {
  return Object.fromEntries([...amounts].map(([name, amount]) => [name, printAmount(amount)]))
}

/** minConstraint, maxConstraint and limitRequestRatioConstraint, resource by resource. */
function boundErrors(item: Item, requests: Amounts, limits: Amounts): string[] {
  const errors: string[] = []
  for (const name of names(item.min)) {
    const least = item.min![name]!
    if (requests[name] === undefined) errors.push(`minimum ${name} usage per ${item.type} is ${least}.  No request is specified`)
    else if (milliOf(requests[name]) < milliOf(least)) errors.push(`minimum ${name} usage per ${item.type} is ${least}, but request is ${requests[name]}`)
    if (limits[name] !== undefined && milliOf(limits[name]) < milliOf(least)) errors.push(`minimum ${name} usage per ${item.type} is ${least}, but limit is ${limits[name]}`)
  }
  for (const name of names(item.max)) {
    const most = item.max![name]!
    if (limits[name] === undefined) errors.push(`maximum ${name} usage per ${item.type} is ${most}.  No limit is specified`)
    else if (milliOf(limits[name]) > milliOf(most)) errors.push(`maximum ${name} usage per ${item.type} is ${most}, but limit is ${limits[name]}`)
    if (requests[name] !== undefined && milliOf(requests[name]) > milliOf(most)) errors.push(`maximum ${name} usage per ${item.type} is ${most}, but request is ${requests[name]}`)
  }
  for (const name of names(item.maxLimitRequestRatio)) {
    const most = item.maxLimitRequestRatio![name]!
    const request = milliOf(requests[name])
    if (request === 0) errors.push(`${name} max limit to request ratio per ${item.type} is ${most}, but no request is specified or request is 0`)
    else if (limits[name] === undefined || milliOf(limits[name]) === 0) errors.push(`${name} max limit to request ratio per ${item.type} is ${most}, but no limit is specified or limit is 0`)
    else if (milliOf(limits[name]) / request > amountOf(most).milli / 1000) errors.push(`${name} max limit to request ratio per ${item.type} is ${most}, but provided ratio is ${(milliOf(limits[name]) / request).toFixed(6)}`)
  }
  return errors
}

function claimErrors(item: Item, claim: K8sObject): string[] {
  const request = claim.spec?.resources?.requests ?? {}
  const total = new Map<string, Amount>()
  addResources(total, request)
  const errors: string[] = []
  for (const name of names(item.min)) if ((total.get(name)?.milli ?? 0) < milliOf(item.min![name])) errors.push(`minimum ${name} usage per PersistentVolumeClaim is ${item.min![name]}, but request is ${request[name] ?? 0}`)
  for (const name of names(item.max)) if ((total.get(name)?.milli ?? 0) > milliOf(item.max![name])) errors.push(`maximum ${name} usage per PersistentVolumeClaim is ${item.max![name]}, but request is ${request[name]}`)
  return errors
}
