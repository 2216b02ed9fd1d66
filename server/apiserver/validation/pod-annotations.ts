/** Annotations that mean something for a pod (core/validation.go: ValidatePodSpecificAnnotations and the comparisons with fields). */
import type { Fields } from '../../k8s/object.ts'
import { quote } from '../../k8s/go-text.ts'
import { podContainers } from '../../k8s/podspec.ts'
import type { FieldError, Path } from '../field.ts'
import { forbidden, invalid, root } from '../field.ts'
import { localDescendingPath } from './path-text.ts'
import { validateTolerations } from './scheduling.ts'
import { validateAppArmor } from './security-context.ts'

type Annotations = Readonly<Record<string, string>>

export const mirrorAnnotation = 'kubernetes.io/config.mirror'
export const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/'
export const seccompPodAnnotation = 'seccomp.security.alpha.kubernetes.io/pod'
export const seccompContainerPrefix = 'container.seccomp.security.alpha.kubernetes.io/'
const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost'
const tolerationsAnnotation = 'scheduler.alpha.kubernetes.io/tolerations'

/** ValidatePodSpecificAnnotations. `at` is the annotations' path. */
export function validatePodAnnotations(annotations: Annotations, spec: Fields, at: Path, errors: FieldError[]): void {
  const mirror = annotations[mirrorAnnotation]
  if (mirror !== undefined && !spec.nodeName) errors.push(invalid(at.key(mirrorAnnotation), mirror, 'must set spec.nodeName if mirror pod annotation is set'))
  if (annotations[tolerationsAnnotation]) validateTolerationsText(annotations[tolerationsAnnotation], at, errors)
  const cost = annotations[deletionCostAnnotation]
  if (cost !== undefined && !isDeletionCost(cost)) errors.push(invalid(at.key(deletionCostAnnotation), cost, 'must be a 32bit integer'))
  const keys = Object.keys(annotations)
  if (annotations[seccompPodAnnotation] !== undefined) validateSeccompText(annotations[seccompPodAnnotation], at.child(seccompPodAnnotation), errors)
  for (const key of keys) if (key.startsWith(seccompContainerPrefix)) validateSeccompText(annotations[key]!, at.child(key), errors)
  for (const key of keys) {
    if (!key.startsWith(appArmorPrefix)) continue
    const name = key.slice(appArmorPrefix.length)
    if (!podContainers(spec).some(({ container }) => (container.name ?? '') === name)) errors.push(invalid(at.key(key), name, 'container not found'))
    const profile = annotations[key]!
    if (profile !== '' && profile !== 'runtime/default' && profile !== 'unconfined' && !profile.startsWith('localhost/')) errors.push(invalid(at.key(key), profile, `invalid AppArmor profile name: ${quote(profile)}`))
  }
}

/** A 32-bit integer without a plus sign or leading zeros (GetDeletionCostFromPodAnnotations). */
function isDeletionCost(text: string): boolean {
  return /^(0|-?[1-9][0-9]{0,9}|-0)$/.test(text) && Number(text) >= -2147483648 && Number(text) <= 2147483647
}

function validateTolerationsText(text: string, at: Path, errors: FieldError[]): void {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return void errors.push(invalid(at, tolerationsAnnotation, `invalid character ${jsonFault(text)}`))
  }
  if (Array.isArray(parsed)) return validateTolerations(parsed as Fields[], at.child(tolerationsAnnotation), errors)
  if (parsed === null) return
  const type = typeof parsed === 'boolean' ? 'bool' : typeof parsed
  errors.push(invalid(at, tolerationsAnnotation, `json: cannot unmarshal ${type} into Go value of type []core.Toleration`))
}

/** What encoding/json says of a text that does not start as JSON. */
function jsonFault(text: string): string {
  return `'${text.trim().slice(0, 1)}' looking for beginning of value`
}

/** ValidateSeccompProfile. */
function validateSeccompText(profile: string, at: Path, errors: FieldError[]): void {
  if (profile === 'runtime/default' || profile === 'docker/default' || profile === 'unconfined') return
  if (profile.startsWith('localhost/')) localDescendingPath(profile.slice('localhost/'.length), at, errors)
  else errors.push(invalid(at, profile, 'must be a valid seccomp profile'))
}

/** validateSeccompAnnotationsAndFields: where both are there they must agree. `at` is the pod spec's path. */
export function validateSeccompAgreement(annotations: Annotations, spec: Fields, at: Path, errors: FieldError[]): void {
  const ofPod = spec.securityContext?.seccompProfile as Fields | undefined
  const podAnnotation = annotations[seccompPodAnnotation]
  if (ofPod && podAnnotation !== undefined) seccompAgreement(podAnnotation, ofPod, at.child('securityContext', 'seccompProfile'), errors)
  for (const { container, list, index } of podContainers(spec)) {
    const profile = container.securityContext?.seccompProfile as Fields | undefined
    const annotation = annotations[seccompContainerPrefix + ((container.name ?? '') as string)]
    if (profile && annotation !== undefined) seccompAgreement(annotation, profile, at.child(list).index(index).child('securityContext', 'seccompProfile'), errors)
  }
}

function seccompAgreement(annotation: string, profile: Fields, at: Path, errors: FieldError[]): void {
  const differs = (): unknown => errors.push(forbidden(at.child('type'), 'seccomp type in annotation and field must match'))
  if (profile.type === 'Unconfined') {
    if (annotation !== 'unconfined') differs()
  } else if (profile.type === 'RuntimeDefault') {
    if (annotation !== 'runtime/default' && annotation !== 'docker/default') differs()
  } else if (profile.type === 'Localhost') {
    if (!annotation.startsWith('localhost/')) differs()
    else if (annotation.slice('localhost/'.length) !== profile.localhostProfile) errors.push(forbidden(at.child('localhostProfile'), 'seccomp profile in annotation and field must match'))
  }
}

/** The profile an AppArmor annotation stands for, or undefined when it can't be a field. */
export function appArmorField(annotation: string): Fields | undefined {
  const field: Fields | undefined =
    annotation === 'unconfined' ? { type: 'Unconfined' } : annotation === 'runtime/default' ? { type: 'RuntimeDefault' } : annotation.startsWith('localhost/') ? { type: 'Localhost', localhostProfile: annotation.slice('localhost/'.length) } : undefined
  if (!field) return undefined
  const errors: FieldError[] = []
  validateAppArmor(field, root, errors)
  return errors.length === 0 ? field : undefined
}

/**
 * validateAppArmorAnnotationsAndFieldsMatchOnCreate. In a Pod the server first gives a container without a profile the one of
 * its annotation (applyAppArmorVersionSkew), so only a container's own profile can disagree there.
 */
export function validateAppArmorAgreement(annotations: Annotations, spec: Fields, isPod: boolean, at: Path, errors: FieldError[]): void {
  if (spec.os?.name === 'windows') return
  const ofPod = spec.securityContext?.appArmorProfile as Fields | undefined
  for (const { container, list, index } of podContainers(spec)) {
    const own = container.securityContext?.appArmorProfile as Fields | undefined
    const annotation = annotations[appArmorPrefix + ((container.name ?? '') as string)]
    if (annotation === undefined || (!own && !ofPod) || (isPod && !own && appArmorField(annotation))) continue
    const profile = (own ?? ofPod)!
    const path = at.child(list).index(index).child('securityContext', 'appArmorProfile')
    const expected = profile.type === 'Unconfined' ? 'unconfined' : profile.type === 'RuntimeDefault' ? 'runtime/default' : undefined
    if (expected !== undefined) {
      if (annotation !== expected) errors.push(forbidden(path.child('type'), 'apparmor type in annotation and field must match'))
    } else if (profile.type === 'Localhost') {
      if (!annotation.startsWith('localhost/')) errors.push(forbidden(path.child('type'), 'apparmor type in annotation and field must match'))
      else if (annotation.slice('localhost/'.length) !== profile.localhostProfile) errors.push(forbidden(path.child('localhostProfile'), 'apparmor profile in annotation and field must match'))
    }
  }
}
