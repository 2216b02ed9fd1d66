/** Resource requirements of containers and pods (core/validation.go: validateResourceRequirements, validatePodResourceConsistency). */
import type { Fields } from '../../k8s/object.ts'
import { dns1123Label } from '../../k8s/names.ts'
import { compareQuantities, parseQuantity, quantityOf, unitsOf } from '../../k8s/quantity.ts'
import type { FieldError, Path } from '../field.ts'
import { duplicate, forbidden, invalid, invalidEach, notFound, notSupported, required } from '../field.ts'
import { aggregateResources } from '../pod-resources.ts'
import { containerResourceNameErrors, isHugePages, mayOvercommit, quantityErrors, resourceNameErrors } from './resource-names.ts'

type Amounts = Readonly<Record<string, string>>
type NameCheck = (name: string, at: Path) => FieldError[]

/** cpu, memory and huge pages: what can be set for a whole pod. */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || isHugePages(name)
}

const podResourceNameErrors: NameCheck = (name, at) => {
  const wrong = resourceNameErrors(name, at)
  return wrong.length > 0 || isPodLevelResource(name) ? wrong : [notSupported(at, name, ['cpu', 'hugepages-', 'memory'])]
}

/** `claimNames` are the names in the pod's resourceClaims. */
export function validateContainerResources(resources: Fields | undefined, claimNames: ReadonlySet<string>, at: Path, errors: FieldError[]): void {
  if (resources) validateRequirements(resources, containerResourceNameErrors, claimNames, at, errors)
}

function validateRequirements(resources: Fields, checkName: NameCheck, claimNames: ReadonlySet<string>, at: Path, errors: FieldError[]): void {
  const limits = (resources.limits ?? {}) as Amounts
  const requests = (resources.requests ?? {}) as Amounts
  let hasCompute = false
  let hasHugePages = false
  const validateEntry = (name: string, amount: string, list: Path): void => {
    if (name === 'cpu' || name === 'memory') {
      hasCompute = true
      if (amount.startsWith('-')) errors.push(...quantityErrors(name, amount, list.key(name)))
      return
    }
    errors.push(...checkName(name, list.key(name)), ...quantityErrors(name, amount, list.key(name)))
    if (!isHugePages(name)) return
    hasHugePages = true
    if (!isHugePagesMultiple(name, amount)) errors.push(invalid(list.key(name), amount, `${amount} is not positive integer multiple of ${name}`))
  }
  for (const name of Object.keys(limits)) validateEntry(name, limits[name]!, at.child('limits'))
  for (const name of Object.keys(requests)) {
    validateEntry(name, requests[name]!, at.child('requests'))
    validateAgainstLimit(name, requests[name]!, limits, at, errors)
  }
  if (hasHugePages && !hasCompute) errors.push(forbidden(at, 'HugePages require cpu or memory'))
  if (resources.claims) validateClaimNames(resources.claims as Fields[], claimNames, at.child('claims'), errors)
}

/** The request's value is printed, on the list of requests without its key. */
function validateAgainstLimit(name: string, request: string, limits: Amounts, at: Path, errors: FieldError[]): void {
  const requests = at.shown('requests', 'requests', name)
  if (!Object.hasOwn(limits, name)) {
    if (!mayOvercommit(name)) errors.push(required(at.child('limits'), 'Limit must be set for non overcommitable resources'))
    return
  }
  const limit = limits[name]!
  if (request === limit) return
  const order = compareQuantities(request, limit)
  if (order !== 0 && !mayOvercommit(name)) errors.push(invalid(requests, request, `must be equal to ${name} limit of ${limit}`))
  else if (order > 0) errors.push(invalid(requests, request, `must be less than or equal to ${name} limit of ${limit}`))
}

function isHugePagesMultiple(name: string, amount: string): boolean {
  const size = parseQuantity(name.slice('hugepages-'.length))
  if ('error' in size || size.nano <= 0n || size.nano % 1_000_000_000n !== 0n) return false
  return unitsOf(amount) % (size.nano / 1_000_000_000n) === 0n
}

/** validateResourceClaimNames. */
function validateClaimNames(claims: readonly Fields[], claimNames: ReadonlySet<string>, list: Path, errors: FieldError[]): void {
  const seen = new Set<string>()
  let known: string | undefined
  claims.forEach((claim, index) => {
    const at = list.index(index)
    const { name = '', request = '' } = claim as Record<string, string>
    if (name === '') return void errors.push(required(at))
    if (seen.has(name)) errors.push(duplicate(at, name))
    else {
      const key = request === '' ? name : `${name}/${request}`
      if (request !== '') errors.push(...invalidEach(at.child('request'), request, dns1123Label(request)))
      if (seen.has(key)) errors.push(duplicate(at, key))
      else if (request === '') for (const other of seen) if (other.startsWith(`${name}/`)) errors.push(duplicate(at, name))
      seen.add(key)
    }
    if (!claimNames.has(name)) {
      known ??= claimNames.size === 0 ? ' which is empty' : `: ${[...claimNames].sort().join(', ')}`
      errors.push(notFound(at, name, `must be one of the names in pod.spec.resourceClaims${known}`))
    }
  })
}

/** validateOverhead: judged as limits of a container. */
export function validateOverhead(overhead: Amounts, at: Path, errors: FieldError[]): void {
  for (const name of Object.keys(overhead)) {
    const entry = at.shown('limits', name).shown(`[${name}]`)
    errors.push(...containerResourceNameErrors(name, entry), ...quantityErrors(name, overhead[name]!, entry))
    if (isHugePages(name) && !isHugePagesMultiple(name, overhead[name]!)) errors.push(invalid(entry, overhead[name], `${overhead[name]} is not positive integer multiple of ${name}`))
  }
  const names = Object.keys(overhead)
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) errors.push(forbidden(at, 'HugePages require cpu or memory'))
}

/** validatePodResources: the resources of the whole pod, and how its containers fit into them. */
export function validatePodLevelResources(spec: Fields, claimNames: ReadonlySet<string>, at: Path, errors: FieldError[]): void {
  const resources = spec.resources as Fields
  if (spec.os?.name === 'windows') return void errors.push(forbidden(at, 'may not be set for a windows pod'))
  if (resources.claims) errors.push(forbidden(at.child('claims'), 'claims may not be set for Resources at pod-level'))
  validateRequirements(resources, podResourceNameErrors, claimNames, at, errors)
  const requests = (resources.requests ?? {}) as Amounts
  const limits = (resources.limits ?? {}) as Amounts
  validateSums(aggregateResources(spec, 'requests'), requests, 'requests', at, errors)
  validateSums(new Map([...aggregateResources(spec, 'limits')].filter(([name]) => isHugePages(name))), limits, 'limits', at, errors)
  const containers = (spec.containers ?? []) as Fields[]
  containers.forEach((container, index) => {
    const own = (container.resources?.limits ?? {}) as Amounts
    for (const name of Object.keys(own)) {
      if (!Object.hasOwn(limits, name) || quantityOf(own[name]).nano <= quantityOf(limits[name]).nano) continue
      errors.push(invalid(at.child('containers').index(index).key(name).child('limits'), own[name], `must be less than or equal to pod limits of ${limits[name]}`))
    }
  })
}

/** What the containers ask for together must fit into what the pod has. */
function validateSums(sums: ReadonlyMap<string, string>, amounts: Amounts, list: 'requests' | 'limits', at: Path, errors: FieldError[]): void {
  for (const name of [...sums.keys()].sort()) {
    if (!Object.hasOwn(amounts, name) || !isPodLevelResource(name) || compareQuantities(sums.get(name), amounts[name]) <= 0) continue
    errors.push(invalid(at.child(list).key(name), amounts[name], `must be greater than or equal to aggregate container ${list} of ${sums.get(name)}`))
  }
}
