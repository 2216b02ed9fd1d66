/** Defaults of resources set for a whole pod (pkg/apis/core/v1/defaults.go: defaultHugePagePodLimits, defaultPodRequests, defaultPodLimits). */
import type { Fields } from '../../k8s/object.ts'
import { aggregateResources } from '../pod-resources.ts'
import { isHugePages, mayOvercommit } from '../validation/resource-names.ts'
import { isPodLevelResource } from '../validation/resources.ts'

/** Writes the pod's missing requests and limits into `spec.resources`, which is there; containers have theirs already. */
export function defaultPodLevelResources(spec: Fields): void {
  const resources = spec.resources as Fields
  if (count(resources.limits) + count(resources.requests) === 0) return
  defaultHugePageLimits(spec, resources)
  if (count(resources.limits) > 0) defaultRequests(spec, resources)
  else defaultLimits(spec, resources)
}

function count(amounts: unknown): number {
  return Object.keys((amounts ?? {}) as Fields).length
}

function defaultHugePageLimits(spec: Fields, resources: Fields): void {
  for (const [name, amount] of aggregateResources(spec, 'limits')) {
    if (!isHugePages(name) || resources.requests?.[name] !== undefined) continue
    const limits: Fields = (resources.limits ??= {})
    limits[name] ??= amount
  }
}

/** Requests are what the containers ask for, or else the limit. */
function defaultRequests(spec: Fields, resources: Fields): void {
  const requests: Fields = { ...(resources.requests as Fields | undefined) }
  for (const [name, amount] of aggregateResources(spec, 'requests')) if (isPodLevelResource(name) && mayOvercommit(name)) requests[name] ??= amount
  for (const name of Object.keys(resources.limits as Fields)) if (isPodLevelResource(name)) requests[name] ??= resources.limits[name]
  if (count(requests) > 0) resources.requests = requests
}

/** Limits are the containers' sum, for each resource that all of them limit. */
function defaultLimits(spec: Fields, resources: Fields): void {
  const containers = [...((spec.containers ?? []) as Fields[]), ...((spec.initContainers ?? []) as Fields[])]
  const limits: Fields = {}
  for (const [name, amount] of aggregateResources(spec, 'limits')) {
    if (isPodLevelResource(name) && mayOvercommit(name) && containers.every((container) => container.resources?.limits?.[name] !== undefined)) limits[name] = amount
  }
  if (count(limits) > 0) resources.limits = limits
}
