/** Names and amounts of resources: containers, quotas and limit ranges (core:validateResourceName, validateContainerResourceName, ValidateResourceQuotaResourceName, ValidateResourceQuantityValue). */
import { qualifiedName } from '../../k8s/names.ts'
import { isWhole, quantityOf } from '../../k8s/quantity.ts'
import { invalid, invalidEach, type FieldError, type Path } from '../field.ts'

const containerResources = ['cpu', 'memory', 'ephemeral-storage']
const objectCounts = ['pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers']
const quotaResources = new Set([...containerResources, 'requests.cpu', 'requests.memory', 'requests.storage', 'requests.ephemeral-storage', 'limits.cpu', 'limits.memory', 'limits.ephemeral-storage', ...objectCounts])
const standardResources = new Set([...quotaResources, 'storage', 'requests.hugepages-', 'hugepages-'])
const integerResources = new Set(objectCounts)

/** hugepages-2Mi and the like. */
export function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-')
}

/** No slash, or the kubernetes.io domain: helper.IsNativeResource. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/')
}

/** helper.IsExtendedResourceName: fully qualified, outside kubernetes.io, not prefixed with `requests.`. */
export function isExtendedResource(name: string): boolean {
  return !isNativeResource(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0
}

/** helper.IsOvercommitAllowed: requests may differ from limits. */
export function mayOvercommit(name: string): boolean {
  return isNativeResource(name) && !isHugePages(name)
}

function isStandardQuotaResource(name: string): boolean {
  return quotaResources.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')
}

/** validateResourceName: a qualified name; without a slash also one of the standard ones. */
export function resourceNameErrors(name: string, path: Path): FieldError[] {
  const errors = invalidEach(path, name, qualifiedName(name))
  if (errors.length > 0) return errors
  if (!name.includes('/') && !standardResources.has(name) && !isHugePages(name) && !name.startsWith('requests.hugepages-')) errors.push(invalid(path, name, 'must be a standard resource type or fully qualified'))
  return errors
}

/** validateContainerResourceName. */
export function containerResourceNameErrors(name: string, path: Path): FieldError[] {
  const errors = resourceNameErrors(name, path)
  if (!name.includes('/')) {
    if (!containerResources.includes(name) && !isHugePages(name)) errors.push(invalid(path, name, 'must be a standard resource for containers'))
  } else if (!isNativeResource(name) && !isExtendedResource(name)) errors.push(invalid(path, name, "doesn't follow extended resource name standard"))
  return errors
}

/** ValidateResourceQuotaResourceName. */
export function quotaResourceNameErrors(name: string, path: Path): FieldError[] {
  const errors = resourceNameErrors(name, path)
  if (!name.includes('/') && !isStandardQuotaResource(name)) errors.push(invalid(path, name, 'must be a standard resource for quota'))
  return errors
}

/** ValidateResourceQuantityValue: not negative, and whole where the resource is counted. */
export function quantityErrors(name: string, amount: string, path: Path): FieldError[] {
  const errors: FieldError[] = []
  if (quantityOf(amount).nano < 0n) errors.push(invalid(path, amount, 'must be greater than or equal to 0'))
  if ((integerResources.has(name) || isExtendedResource(name)) && !isWhole(amount)) errors.push(invalid(path, amount, 'must be an integer'))
  return errors
}

const computeScoped = new Set(['pods', 'cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'])

/** helper.IsResourceQuotaScopeValidForResource. */
export function scopeFits(scope: string, resource: string): boolean {
  if (['Terminating', 'NotTerminating', 'NotBestEffort', 'PriorityClass', 'CrossNamespacePodAffinity'].includes(scope)) return computeScoped.has(resource)
  if (scope === 'BestEffort') return resource === 'pods'
  if (scope === 'VolumeAttributesClass') return resource === 'persistentvolumeclaims' || resource === 'requests.storage'
  return true
}

/** helper.IsStandardQuotaResourceName, for scopes. */
export function isQuotaResource(name: string): boolean {
  return isStandardQuotaResource(name)
}
