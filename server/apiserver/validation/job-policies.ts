/** When a Job counts a pod's failure, and when it succeeds early (pkg/apis/batch/validation: validatePodFailurePolicy, validateSuccessPolicy). */
import type { Fields } from '../../k8s/object.ts'
import { quote } from '../../k8s/go-text.ts'
import { qualifiedName } from '../../k8s/names.ts'
import type { FieldError, Path } from '../field.ts'
import { duplicate, invalid, invalidEach, notSupported, required, tooLong, tooMany } from '../field.ts'
import { nonNegative } from './probe.ts'

const rulesMax = 20
const patternsMax = 20
const exitCodesMax = 255
const indexesBytesMax = 64 * 1024
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const statuses = ['False', 'True', 'Unknown']

/** `valid values: ["A" "B"]`, as Go prints a list. */
function validValues(values: readonly string[]): string {
  return `valid values: [${values.map(quote).join(' ')}]`
}

/** An error that prints no value (field.OmitValueType). */
function invalidWhole(at: Path, detail: string): FieldError {
  return { type: 'invalid', path: at.toString(), message: `Invalid value: ${detail}`, segments: at.segments() }
}

export function validatePodFailurePolicy(spec: Fields, at: Path, errors: FieldError[]): void {
  const rules = (spec.podFailurePolicy.rules ?? []) as Fields[]
  const list = at.child('rules')
  if (rules.length > rulesMax) errors.push(tooMany(list, rules.length, rulesMax))
  const template = (spec.template?.spec ?? {}) as Fields
  const names = new Set([...((template.containers ?? []) as Fields[]), ...((template.initContainers ?? []) as Fields[])].map((container) => (container.name ?? '') as string))
  rules.forEach((rule, index) => {
    const path = list.index(index)
    const action = (rule.action ?? '') as string
    const patterns = (rule.onPodConditions ?? []) as Fields[]
    if (action === '') errors.push(required(path.child('action'), validValues(actions)))
    else if (action === 'FailIndex') {
      if (spec.backoffLimitPerIndex === undefined) errors.push(invalid(path.child('action'), action, 'requires the backoffLimitPerIndex to be set'))
    } else if (!actions.includes(action)) errors.push(notSupported(path.child('action'), action, actions))
    if (rule.onExitCodes) validateExitCodes(rule.onExitCodes, names, path.child('onExitCodes'), errors)
    if (patterns.length > 0) validatePatterns(patterns, path.child('onPodConditions'), errors)
    if (rule.onExitCodes && patterns.length > 0) errors.push(invalidWhole(path, 'specifying both OnExitCodes and OnPodConditions is not supported'))
    if (!rule.onExitCodes && patterns.length === 0) errors.push(invalidWhole(path, 'specifying one of OnExitCodes and OnPodConditions is required'))
  })
}

function validatePatterns(patterns: readonly Fields[], list: Path, errors: FieldError[]): void {
  if (patterns.length > patternsMax) errors.push(tooMany(list, patterns.length, patternsMax))
  patterns.forEach((pattern, index) => {
    const at = list.index(index)
    const { type = '', status = '' } = pattern as Record<string, string>
    errors.push(...invalidEach(at.child('type'), type, qualifiedName(type)))
    if (status === '') errors.push(required(at.child('status'), validValues(statuses)))
    else if (!statuses.includes(status)) errors.push(notSupported(at.child('status'), status, statuses))
  })
}

function validateExitCodes(codes: Fields, names: ReadonlySet<string>, at: Path, errors: FieldError[]): void {
  const operator = (codes.operator ?? '') as string
  const values = (codes.values ?? []) as number[]
  const list = at.child('values')
  if (operator === '') errors.push(required(at.child('operator'), validValues(['In', 'NotIn'])))
  else if (operator !== 'In' && operator !== 'NotIn') errors.push(notSupported(at.child('operator'), operator, ['In', 'NotIn']))
  if (codes.containerName !== undefined && !names.has(codes.containerName as string)) errors.push(invalid(at.child('containerName'), codes.containerName, 'must be one of the container or initContainer names in the pod template'))
  if (values.length === 0) errors.push(invalid(list, codes.values ?? null, 'at least one value is required'))
  else if (values.length > exitCodesMax) errors.push(tooMany(list, values.length, exitCodesMax))
  const seen = new Set<number>()
  values.forEach((value, index) => {
    if (operator === 'In' && value === 0) errors.push(invalid(list.index(index), value, 'must not be 0 for the In operator'))
    if (seen.has(value)) errors.push(duplicate(list.index(index), value))
    seen.add(value)
  })
  if (values.some((value, index) => index > 0 && values[index - 1]! > value)) errors.push(invalid(list, values, 'must be ordered'))
}

export function validateSuccessPolicy(spec: Fields, at: Path, errors: FieldError[]): void {
  const rules = (spec.successPolicy.rules ?? []) as Fields[]
  if (spec.completionMode !== 'Indexed') {
    const printed = spec.successPolicy.rules === undefined ? null : rules.map((rule) => ({ SucceededIndexes: rule.succeededIndexes ?? null, SucceededCount: rule.succeededCount ?? null }))
    return void errors.push(invalid(at, { Rules: printed }, 'requires indexed completion mode'))
  }
  const list = at.child('rules')
  if (rules.length === 0) errors.push(required(list, 'at least one rules must be specified when the successPolicy is specified'))
  if (rules.length > rulesMax) errors.push(tooMany(list, rules.length, rulesMax))
  rules.forEach((rule, index) => validateSuccessRule(rule, (spec.completions ?? 0) as number, list.index(index), errors))
}

function validateSuccessRule(rule: Fields, completions: number, at: Path, errors: FieldError[]): void {
  const { succeededCount, succeededIndexes } = rule as { succeededCount?: number; succeededIndexes?: string }
  if (succeededCount === undefined && succeededIndexes === undefined) errors.push(required(at, 'at least one of succeededCount or succeededIndexes must be specified'))
  let total = 0
  if (succeededIndexes !== undefined) {
    const path = at.child('succeededIndexes')
    if (succeededIndexes.length > indexesBytesMax) errors.push(tooLong(path, indexesBytesMax))
    const counted = countIndexes(succeededIndexes, completions)
    if (typeof counted === 'string') errors.push(invalid(path, succeededIndexes, `error parsing succeededIndexes: ${counted}`))
    else total = counted
  }
  if (succeededCount === undefined) return
  const path = at.child('succeededCount')
  nonNegative(succeededCount, path, errors)
  if (succeededCount > completions) errors.push(invalid(path, succeededCount, `must be less than or equal to ${completions} (the number of specified completions)`))
  if (succeededIndexes !== undefined && succeededCount > total) errors.push(invalid(path, succeededCount, `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`))
}

/** validateIndexesFormat: how many indexes `1,3-5` has, or what is wrong with it. */
function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0
  let last: number | undefined
  let total = 0
  for (const interval of text.split(',')) {
    const limits = interval.split('-')
    if (limits.length > 2) return `the fragment ${quote(interval)} violates the requirement that an index interval can have at most two parts separated by '-'`
    const first = indexOf(limits[0]!, completions)
    if (typeof first === 'string') return first
    if (last !== undefined && last >= first) return `non-increasing order, previous: ${last}, current: ${first}`
    let end = first
    if (limits.length === 2) {
      const second = indexOf(limits[1]!, completions)
      if (typeof second === 'string') return second
      if (first >= second) return `non-increasing order, previous: ${first}, current: ${second}`
      end = second
    }
    total += end - first + 1
    last = end
  }
  return total
}

function indexOf(text: string, completions: number): number | string {
  if (!/^[-+]?[0-9]{1,18}$/.test(text)) return `cannot convert string to integer for index: ${quote(text)}`
  const index = Number(text)
  return index >= completions ? `too large index: ${quote(text)}` : index
}
