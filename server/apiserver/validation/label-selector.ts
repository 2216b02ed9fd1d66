/** Label selectors and the map of a Service's selector (apimachinery/pkg/apis/meta/v1/validation:ValidateLabelSelector). */
import { labelValue, qualifiedName } from '../../k8s/names.ts'
import type { Fields } from '../../k8s/object.ts'
import { forbidden, invalid, invalidEach, required, root, type FieldError, type Path } from '../field.ts'
import { labelErrors } from '../metadata.ts'

/** Everything wrong with a label selector; nothing for an absent one. `isLax`: the values of expressions may be no label values. */
export function labelSelectorErrors(selector: Fields | undefined, path: Path, isLax = false): FieldError[] {
  if (!selector) return []
  const errors = selector.matchLabels ? labelErrors(selector.matchLabels, path.child('matchLabels')) : []
  const expressions: Fields[] = selector.matchExpressions ?? []
  expressions.forEach((expression, index) => errors.push(...requirementErrors(expression, path.child('matchExpressions').index(index), isLax)))
  return errors
}

/** Does the stored object have such a selector already? Then an update may be lax. */
export function hasBadSelector(selector: Fields | undefined): boolean {
  return labelSelectorErrors(selector, root).length > 0
}

function requirementErrors(requirement: Fields, path: Path, isLax: boolean): FieldError[] {
  const errors: FieldError[] = []
  const values: string[] = requirement.values ?? []
  const operator: string = requirement.operator ?? ''
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.push(required(path.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"))
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) errors.push(forbidden(path.child('values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
  } else errors.push(invalid(path.child('operator'), operator, 'not a valid selector operator'))
  errors.push(...invalidEach(path.child('key'), requirement.key ?? '', qualifiedName(requirement.key ?? '')))
  if (!isLax) values.forEach((value, index) => errors.push(...invalidEach(path.child('values').index(index), value, labelValue(value))))
  return errors
}
