/** ReplicationController (core/validation.go: ValidateReplicationControllerSpec). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { selectsAll } from '../../k8s/selector.ts'
import type { FieldError } from '../field.ts'
import { fieldPath, required } from '../field.ts'
import { validateRestartingTemplate } from './apps.ts'
import { nonNegative } from './probe.ts'
import { selectorMismatch } from './workload-selector.ts'

const specPath = fieldPath('spec')

/** For create and update alike. */
export function validateReplicationController(object: K8sObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Fields
  const selector = (spec.selector ?? {}) as Record<string, string>
  const template = spec.template as Fields | undefined
  nonNegative(spec.minReadySeconds as number | undefined, specPath.child('minReadySeconds'), errors)
  if (Object.keys(selector).length === 0) errors.push(required(specPath.child('selector')))
  nonNegative(spec.replicas as number | undefined, specPath.child('replicas'), errors)
  if (!template) errors.push(required(specPath.child('template')))
  else {
    const labels = template.metadata?.labels as Record<string, string> | undefined
    if (Object.keys(selector).length > 0 && !selectsAll(selector, labels)) errors.push(selectorMismatch(labels, specPath.child('template')))
    validateRestartingTemplate(template, 'ReplicationController', specPath.child('template'), errors)
  }
  return errors
}
