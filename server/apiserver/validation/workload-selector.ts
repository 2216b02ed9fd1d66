/** The selector of a workload and the labels of its template (pkg/apis/apps/validation). */
import type { LabelSelector, Labels } from '../../k8s/selector.ts'
import { isEmptySelector, selects } from '../../k8s/selector.ts'
import { sortedKeys } from '../../k8s/go-text.ts'
import type { FieldError, Path } from '../field.ts'
import { invalid, required } from '../field.ts'
import { labelSelectorErrors } from './label-selector.ts'

/** A selector as messages print it: metav1.LabelSelector's JSON, its maps in order. */
export function printedSelector(selector: LabelSelector): Record<string, unknown> {
  const printed: Record<string, unknown> = {}
  if (selector.matchLabels && Object.keys(selector.matchLabels).length > 0) printed.matchLabels = sortedKeys(selector.matchLabels)
  if (selector.matchExpressions && selector.matchExpressions.length > 0) {
    printed.matchExpressions = selector.matchExpressions.map(({ key = '', operator = '', values }) => (values && values.length > 0 ? { key, operator, values } : { key, operator }))
  }
  return printed
}

/**
 * What a workload says of its selector: it must be there, be well formed and not be empty. `kind` is the name the server prints.
 * Returns whether the selector can be used for matching; an absent one can: it selects nothing.
 */
export function validateWorkloadSelector(selector: LabelSelector | undefined, kind: string, at: Path, errors: FieldError[]): boolean {
  if (!selector) {
    errors.push(required(at))
    return true
  }
  const wrong = labelSelectorErrors(selector, at)
  errors.push(...wrong)
  if (isEmptySelector(selector)) errors.push(invalid(at, printedSelector(selector), `empty selector is invalid for ${kind}`))
  return wrong.length === 0
}

/** The template's labels must be selected. An empty selector is not compared. */
export function validateSelected(selector: LabelSelector | undefined, labels: Labels | undefined, template: Path, errors: FieldError[]): void {
  if (selector && isEmptySelector(selector)) return
  if (!selects(selector, labels)) errors.push(selectorMismatch(labels, template))
}

/** The error about labels that are not selected, on the template's metadata. */
export function selectorMismatch(labels: Labels | undefined, template: Path): FieldError {
  return invalid(template.child('metadata', 'labels'), sortedKeys(labels), '`selector` does not match template `labels`')
}
