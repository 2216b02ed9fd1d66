/** Node and pod affinity (core/validation.go: validateAffinity, ValidateNodeSelector, validatePodAffinityTerm). */
import type { Fields } from '../../k8s/object.ts'
import { dns1123Label, qualifiedName } from '../../k8s/names.ts'
import type { LabelSelector } from '../../k8s/selector.ts'
import type { FieldError, Path } from '../field.ts'
import { invalid, invalidEach, required } from '../field.ts'
import { labelSelectorErrors } from './label-selector.ts'
import { nodeSelectorErrors, nodeSelectorTermErrors } from './node-selector.ts'
import { repeatedKeys, validateLabelKeys } from './scheduling.ts'

const requiredField = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferredField = 'preferredDuringSchedulingIgnoredDuringExecution'

export function validateAffinity(affinity: Fields | undefined, at: Path, errors: FieldError[]): void {
  if (!affinity) return
  if (affinity.nodeAffinity) validateNodeAffinity(affinity.nodeAffinity, at.child('nodeAffinity'), errors)
  for (const kind of ['podAffinity', 'podAntiAffinity']) if (affinity[kind]) validatePodAffinity(affinity[kind] as Fields, at.child(kind), errors)
}

function weightError(weight: number, at: Path, errors: FieldError[]): void {
  if (weight <= 0 || weight > 100) errors.push(invalid(at.child('weight'), weight, 'must be in the range 1-100'))
}

function validateNodeAffinity(affinity: Fields, at: Path, errors: FieldError[]): void {
  if (affinity[requiredField]) errors.push(...nodeSelectorErrors(affinity[requiredField] as Fields, at.child(requiredField)))
  const preferred = (affinity[preferredField] ?? []) as Fields[]
  preferred.forEach((term, index) => {
    const path = at.child(preferredField).index(index)
    weightError((term.weight ?? 0) as number, path, errors)
    errors.push(...nodeSelectorTermErrors((term.preference ?? {}) as Fields, path.child('preference'), true))
  })
}

function validatePodAffinity(affinity: Fields, at: Path, errors: FieldError[]): void {
  const terms = (affinity[requiredField] ?? []) as Fields[]
  terms.forEach((term, index) => validateTerm(term, at.child(requiredField).index(index), errors))
  const preferred = (affinity[preferredField] ?? []) as Fields[]
  preferred.forEach((weighted, index) => {
    const path = at.child(preferredField).index(index)
    weightError((weighted.weight ?? 0) as number, path, errors)
    validateTerm((weighted.podAffinityTerm ?? {}) as Fields, path.child('podAffinityTerm'), errors)
  })
}

function validateTerm(term: Fields, at: Path, errors: FieldError[]): void {
  const selector = term.labelSelector as LabelSelector | undefined
  errors.push(...labelSelectorErrors(selector, at.child('labelSelector')), ...labelSelectorErrors(term.namespaceSelector as Fields | undefined, at.child('namespaceSelector')))
  const namespaces = (term.namespaces ?? []) as string[]
  namespaces.forEach((namespace, index) => errors.push(...invalidEach(at.shown('namespace', 'namespaces', index), namespace, dns1123Label(namespace))))
  const keys = (term.matchLabelKeys ?? []) as string[]
  const mismatched = (term.mismatchLabelKeys ?? []) as string[]
  validateLabelKeys(keys, selector, at.child('matchLabelKeys'), errors)
  validateLabelKeys(mismatched, selector, at.child('mismatchLabelKeys'), errors)
  // The server gives the key's position on the term itself.
  for (const [position, key] of repeatedKeys(keys, selector)) errors.push(invalid(at.shown(`[${position}]`, 'matchLabelKeys', position), key, 'exists in both matchLabelKeys and labelSelector'))
  keys.forEach((key, index) => {
    if (mismatched.includes(key)) errors.push(invalid(at.child('matchLabelKeys').index(index), key, 'exists in both matchLabelKeys and mismatchLabelKeys'))
  })
  const topologyKey = (term.topologyKey ?? '') as string
  if (topologyKey === '') errors.push(required(at.child('topologyKey'), 'can not be empty'))
  errors.push(...invalidEach(at.child('topologyKey'), topologyKey, qualifiedName(topologyKey)))
}
