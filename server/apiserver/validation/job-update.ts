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
  errors.push(...templateErrors((fresh.template ?? {}) as Fields, (stored.template ?? {}) as Fields, isHeld(stored, old.status as Fields | undefined)))
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

/** A suspended Job without Pods that never started, or that has stopped. */
function isHeld(spec: Fields, status: Fields | undefined): boolean {
  if (spec.suspend !== true || ((status?.active ?? 0) as number) > 0) return false
  const conditions = (status?.conditions ?? []) as Fields[]
  return !status?.startTime || conditions.some(({ type, status: state }) => type === 'Suspended' && state === 'True')
}

/** The Pods of a held Job may still be placed elsewhere and get other resources; nothing else of a template changes. */
function templateErrors(fresh: Fields, stored: Fields, held: boolean): FieldError[] {
  const at = specPath.child('template')
  if (!held) return immutable(fresh, stored, at)
  const spec = (fresh.spec ?? {}) as Fields
  const errors = immutable(spec, withPlacement((stored.spec ?? {}) as Fields, spec), at.child('spec'))
  const named = (template: Fields): Fields => ({ ...(template.metadata as Fields | undefined), labels: undefined, annotations: undefined })
  if (errors.length === 0 && !isSame(named(fresh), named(stored))) errors.push(invalid(at, fresh, 'field is immutable'))
  return errors
}

/** The old spec with the new one's scheduling and resources. */
function withPlacement(stored: Fields, fresh: Fields): Fields {
  const spec: Fields = { ...stored, affinity: withNodeAffinity(stored.affinity as Fields | undefined, fresh.affinity as Fields | undefined) }
  for (const field of ['nodeSelector', 'tolerations', 'schedulingGates']) spec[field] = fresh[field]
  for (const list of ['containers', 'initContainers']) {
    const next = (fresh[list] ?? []) as Fields[]
    if (stored[list]) spec[list] = (stored[list] as Fields[]).map((container, index) => ({ ...container, resources: (next[index] ?? container).resources as Fields | undefined }))
  }
  return spec
}

function withNodeAffinity(stored: Fields | undefined, fresh: Fields | undefined): Fields | undefined {
  const affinity = { ...stored, nodeAffinity: fresh?.nodeAffinity as Fields | undefined }
  return fresh || stored?.podAffinity || stored?.podAntiAffinity ? affinity : undefined
}
