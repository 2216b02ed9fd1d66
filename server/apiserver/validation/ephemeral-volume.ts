/** Volumes that bring their own claim (core/validation.go: validateEphemeralVolumeSource, ValidateTemplateObjectMeta). */
import type { Fields } from '../../k8s/object.ts'
import type { FieldError, Path } from '../field.ts'
import { forbidden, required } from '../field.ts'
import { annotationErrors, labelErrors } from '../metadata.ts'
import { claimSpecErrors } from './storage.ts'

/** Every field of ObjectMeta but labels and annotations, in the order of the type. */
const otherMetadata = ['name', 'generateName', 'namespace', 'selfLink', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'ownerReferences', 'finalizers', 'managedFields']

/** `at` is the path of the volume's `ephemeral` field. */
export function validateEphemeralSource(source: Fields, at: Path, errors: FieldError[]): void {
  const template = source.volumeClaimTemplate as Fields | undefined
  const path = at.child('volumeClaimTemplate')
  if (!template) return void errors.push(required(path))
  const metadata = (template.metadata ?? {}) as Fields
  if (metadata.annotations) errors.push(...annotationErrors(metadata.annotations as Record<string, string>, path.child('metadata', 'annotations')))
  if (metadata.labels) errors.push(...labelErrors(metadata.labels as Record<string, string>, path.child('metadata', 'labels')))
  for (const field of otherMetadata) if (isSet(field, metadata[field])) errors.push(forbidden(path.child('metadata', field), 'cannot be set'))
  errors.push(...claimSpecErrors((template.spec ?? {}) as Fields, path.child('spec')))
}

/** Is it other than Go's zero value? Only pointers and lists can be there and empty. */
function isSet(field: string, value: unknown): boolean {
  return value !== undefined && value !== '' && (value !== 0 || field === 'deletionGracePeriodSeconds')
}
