/** What an update of a Job may change (pkg/apis/batch/validation: ValidateJobSpecUpdate). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import type { FieldError } from '../field.ts'
import { fieldPath, invalid } from '../field.ts'
import { immutable, isSame } from '../metadata.ts'
import { validateJob } from './batch.ts'

const specPath = fieldPath('spec')
const fixed = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy']

export function validateJobUpdate(object: K8sObject, old: K8sObject): FieldError[] {
  const fresh = (object.spec ?? {}) as Fields
  const stored = (old.spec ?? {}) as Fields
  const errors = validateJob(object, old.metadata.uid)
  errors.push(...completionsErrors(fresh, stored), ...immutable(fresh.selector, stored.selector, specPath.child('selector')))
  const isWaiting = stored.suspend === true && !old.status?.startTime
  const template = isWaiting ? withPlacement((stored.template ?? {}) as Fields, (fresh.template ?? {}) as Fields) : stored.template
  errors.push(...immutable(fresh.template, template, specPath.child('template')))
  for (const field of fixed) errors.push(...immutable(fresh[field], stored[field], specPath.child(field)))
  return errors
}

/** An Indexed Job is elastic: completions follow parallelism. */
function completionsErrors(fresh: Fields, stored: Fields): FieldError[] {
  const at = specPath.child('completions')
  if (fresh.completionMode !== 'Indexed') return immutable(fresh.completions, stored.completions, at)
  if (fresh.completions === stored.completions || fresh.completions === undefined || fresh.completions === fresh.parallelism) return []
  return [invalid(at, fresh.completions, 'can only be modified in tandem with spec.parallelism')]
}

/** A suspended Job that never started may still be placed elsewhere: the old template with the new one's scheduling. */
function withPlacement(stored: Fields, fresh: Fields): Fields {
  const affinity: Fields = { ...(stored.spec?.affinity as Fields | undefined), nodeAffinity: fresh.spec?.affinity?.nodeAffinity as Fields | undefined }
  const spec: Fields = { ...(stored.spec as Fields), affinity: isSame(affinity, {}) ? undefined : affinity }
  for (const field of ['nodeSelector', 'tolerations', 'schedulingGates']) spec[field] = fresh.spec?.[field]
  return { ...stored, metadata: { ...(stored.metadata as Fields | undefined), labels: fresh.metadata?.labels as Fields | undefined, annotations: fresh.metadata?.annotations as Fields | undefined }, spec }
}
