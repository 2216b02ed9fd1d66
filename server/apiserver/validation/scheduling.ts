/** Where a pod may run: tolerations, topology spread, gates (core/validation.go: ValidateTolerations, validateTopologySpreadConstraints, validateSchedulingGates). */
import type { Fields } from '../../k8s/object.ts'
import { labelValue, qualifiedName } from '../../k8s/names.ts'
import type { LabelSelector } from '../../k8s/selector.ts'
import type { FieldError, Path } from '../field.ts'
import { duplicate, forbidden, invalid, invalidEach, notSupported, required } from '../field.ts'
import { labelSelectorErrors } from './label-selector.ts'

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** ValidateTolerations. */
export function validateTolerations(tolerations: readonly Fields[], list: Path, errors: FieldError[]): void {
  tolerations.forEach((toleration, index) => {
    const at = list.index(index)
    const { key = '', operator = '', value = '', effect = '' } = toleration as Record<string, string>
    if (key !== '') errors.push(...invalidEach(at.child('key'), key, qualifiedName(key)))
    else if (operator !== 'Exists') errors.push(invalid(at.child('operator'), operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"'))
    if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') errors.push(invalid(at.child('effect'), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    validateTolerationOperator(operator, value, at, errors)
    if (effect !== '' && !effects.includes(effect)) errors.push(notSupported(at.child('effect'), effect, effects))
  })
}

/** A bad value is reported on the operator. Numeric comparison is behind a feature that is off. */
function validateTolerationOperator(operator: string, value: string, at: Path, errors: FieldError[]): void {
  if (operator === '' || operator === 'Equal') {
    const wrong = labelValue(value)
    if (wrong.length > 0) errors.push(invalid(at.shown('operator', 'value'), value, wrong.join(';')))
  } else if (operator === 'Exists') {
    if (value !== '') errors.push(invalid(at.shown('operator', 'value'), value, "value must be empty when `operator` is 'Exists'"))
  } else errors.push(notSupported(at.child('operator'), operator, operator === 'Lt' || operator === 'Gt' ? ['Equal', 'Exists', 'Lt', 'Gt'] : ['Equal', 'Exists']))
}

/** validateTopologySpreadConstraints. */
export function validateTopologySpread(constraints: readonly Fields[], list: Path, errors: FieldError[]): void {
  constraints.forEach((constraint, index) => {
    const at = list.index(index)
    const maxSkew = (constraint.maxSkew ?? 0) as number
    const topologyKey = (constraint.topologyKey ?? '') as string
    const action = (constraint.whenUnsatisfiable ?? '') as string
    if (maxSkew <= 0) errors.push(invalid(at.child('maxSkew'), maxSkew, 'must be greater than zero'))
    if (topologyKey === '') errors.push(required(at.child('topologyKey'), 'can not be empty'))
    if (action !== 'DoNotSchedule' && action !== 'ScheduleAnyway') errors.push(notSupported(at.child('whenUnsatisfiable'), action, ['DoNotSchedule', 'ScheduleAnyway']))
    if (constraints.slice(index + 1).some((other) => (other.topologyKey ?? '') === topologyKey && (other.whenUnsatisfiable ?? '') === action)) errors.push(duplicate(at.shown('{topologyKey, whenUnsatisfiable}'), `{${topologyKey}, ${action}}`))
    const minDomains = constraint.minDomains as number | undefined
    if (minDomains !== undefined) {
      if (minDomains <= 0) errors.push(invalid(at.child('minDomains'), minDomains, 'must be greater than zero'))
      if (action !== 'DoNotSchedule') errors.push(invalid(at.child('minDomains'), minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`))
    }
    for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy']) {
      const policy = constraint[name] as string | undefined
      if (policy !== undefined && policy !== 'Honor' && policy !== 'Ignore') errors.push(notSupported(at.child(name), policy, ['Honor', 'Ignore']))
    }
    const selector = constraint.labelSelector as LabelSelector | undefined
    const keys = (constraint.matchLabelKeys ?? []) as string[]
    validateLabelKeys(keys, selector, at.child('matchLabelKeys'), errors)
    // The server gives the key's position on the constraint itself.
    for (const [position, key] of repeatedKeys(keys, selector)) errors.push(invalid(at.shown(`[${position}]`, 'matchLabelKeys', position), key, 'exists in both matchLabelKeys and labelSelector'))
    errors.push(...labelSelectorErrors(selector, at.child('labelSelector')))
  })
}

/** validateLabelKeys: keys need a selector to be merged into. */
export function validateLabelKeys(keys: readonly string[], selector: LabelSelector | undefined, list: Path, errors: FieldError[]): void {
  if (keys.length === 0) return
  if (!selector) return void errors.push(forbidden(list, 'must not be specified when labelSelector is not set'))
  keys.forEach((key, index) => errors.push(...invalidEach(list.index(index), key, qualifiedName(key))))
}

/**
 * The matchLabelKeys that the selector names once more, as positions and keys. The server has by then merged each key whose
 * label the pod has into the selector's expressions, so an expression repeats a key when the key stood before it.
 */
export function repeatedKeys(keys: readonly string[], selector: LabelSelector | undefined): [number, string][] {
  if (keys.length === 0 || !selector) return []
  const positions = new Map(keys.map((key, index) => [key, index]))
  const seen = new Set(Object.keys(selector.matchLabels ?? {}))
  const found: [number, string][] = []
  for (const { key = '' } of selector.matchExpressions ?? []) {
    const position = positions.get(key)
    if (position !== undefined && seen.has(key)) found.push([position, key])
    seen.add(key)
  }
  return found
}

/** validateSchedulingGates. */
export function validateSchedulingGates(gates: readonly Fields[], list: Path, errors: FieldError[]): void {
  const seen = new Set<string>()
  gates.forEach((gate, index) => {
    const name = (gate.name ?? '') as string
    errors.push(...invalidEach(list.shown(`[${index}]`, index, 'name'), name, qualifiedName(name)))
    if (seen.has(name)) errors.push(duplicate(list.shown(`[${index}]`, index, 'name'), name))
    seen.add(name)
  })
}
