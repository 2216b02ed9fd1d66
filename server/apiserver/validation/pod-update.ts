/** What an update of a Pod may change (core/validation.go: ValidatePodUpdate). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { inclusiveRange } from '../../k8s/names.ts'
import type { FieldError, Path } from '../field.ts'
import { fieldPath, forbidden, invalid, required } from '../field.ts'
import { isSame } from '../metadata.ts'
import { appArmorPrefix, mirrorAnnotation, validatePodAnnotations } from './pod-annotations.ts'
import { validatePodContent } from './pod.ts'
import { validateTolerations } from './scheduling.ts'
import { specDifference } from './spec-difference.ts'

const specPath = fieldPath('spec')
const largestInt32 = 2147483647

const changeable =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

/** Everything but the rules of ObjectMeta. */
export function validatePodUpdate(object: K8sObject, old: K8sObject): FieldError[] {
  const errors: FieldError[] = []
  const fresh = (object.spec ?? {}) as Fields
  const stored = (old.spec ?? {}) as Fields
  validatePodContent(object, errors)
  validateAnnotationChanges(object, old, errors)
  for (const list of ['containers', 'initContainers']) if (!validateImages((fresh[list] ?? []) as Fields[], (stored[list] ?? []) as Fields[], specPath.child(list), errors)) return errors
  if (!validateDeadline(fresh.activeDeadlineSeconds as number | undefined, stored.activeDeadlineSeconds as number | undefined, errors)) return errors
  validateAddedTolerations((fresh.tolerations ?? []) as Fields[], (stored.tolerations ?? []) as Fields[], specPath.child('tolerations'), errors)
  validateDeletedGates((fresh.schedulingGates ?? []) as Fields[], (stored.schedulingGates ?? []) as Fields[], specPath.child('schedulingGates'), errors)
  if (isSame(fresh, stored)) return errors
  const rest = withStoredFields(fresh, stored)
  if (((stored.schedulingGates ?? []) as Fields[]).length > 0) withGatedPlacement(rest, stored, errors)
  if (!isSame(rest, stored)) errors.push(forbidden(specPath, `pod updates may not change fields other than ${changeable}\n${specDifference(stored, rest)}`))
  return errors
}

/** AppArmor and mirror annotations stay as they were made. */
function validateAnnotationChanges(object: K8sObject, old: K8sObject, errors: FieldError[]): void {
  const fresh = object.metadata.annotations ?? {}
  const stored = old.metadata.annotations ?? {}
  const at = fieldPath('metadata', 'annotations')
  const isFixed = (key: string): boolean => key.startsWith(appArmorPrefix) || key === mirrorAnnotation
  const nameOf = (key: string): string => (key === mirrorAnnotation ? 'mirror pod annotation' : 'AppArmor annotations')
  for (const key of Object.keys(stored)) if (isFixed(key) && fresh[key] !== stored[key]) errors.push(forbidden(at.key(key), `may not remove or update ${nameOf(key)}`))
  for (const key of Object.keys(fresh)) if (isFixed(key) && !Object.hasOwn(stored, key)) errors.push(forbidden(at.key(key), `may not add ${nameOf(key)}`))
  validatePodAnnotations(fresh, (object.spec ?? {}) as Fields, at, errors)
}

/** Returns false when the lists can't be compared. */
function validateImages(fresh: readonly Fields[], stored: readonly Fields[], list: Path, errors: FieldError[]): boolean {
  if (fresh.length !== stored.length) {
    errors.push(forbidden(list, 'pod updates may not add or remove containers'))
    return false
  }
  fresh.forEach((container, index) => {
    const image = (container.image ?? '') as string
    if (image === '') errors.push(required(list.index(index).child('image')))
    if (image.trim() !== image) errors.push(invalid(list.index(index).child('image'), image, 'must not have leading or trailing whitespace'))
  })
  return true
}

/** It can be set, and then only be lowered. Returns false when the server stops there. */
function validateDeadline(fresh: number | undefined, stored: number | undefined, errors: FieldError[]): boolean {
  const at = specPath.child('activeDeadlineSeconds')
  if (fresh === undefined) {
    if (stored !== undefined) errors.push(invalid(at, null, 'must not update from a positive integer to nil value'))
    return true
  }
  if (fresh < 0 || fresh > largestInt32) errors.push(invalid(at, fresh, inclusiveRange(0, largestInt32)))
  else if (stored !== undefined && stored < fresh) errors.push(invalid(at, fresh, 'must be less than or equal to previous value'))
  else return true
  return false
}

function validateAddedTolerations(fresh: readonly Fields[], stored: readonly Fields[], at: Path, errors: FieldError[]): void {
  const kept = stored.every((toleration) => fresh.some((other) => isSame({ ...toleration, tolerationSeconds: other.tolerationSeconds }, other)))
  if (!kept) errors.push(forbidden(at, 'existing toleration can not be modified except its tolerationSeconds'))
  else validateTolerations(fresh, at, errors)
}

function validateDeletedGates(fresh: readonly Fields[], stored: readonly Fields[], list: Path, errors: FieldError[]): void {
  fresh.forEach((gate, index) => {
    if (!stored.some((other) => other.name === gate.name)) errors.push(forbidden(list.index(index).child('name'), `only deletion is allowed, but found new scheduling gate '${gate.name ?? ''}'`))
  })
}

/** The new spec with what may change put back as it was. */
function withStoredFields(fresh: Fields, stored: Fields): Fields {
  const rest: Fields = { ...fresh, activeDeadlineSeconds: stored.activeDeadlineSeconds, schedulingGates: stored.schedulingGates, tolerations: stored.tolerations }
  for (const list of ['containers', 'initContainers']) {
    if (fresh[list]) rest[list] = (fresh[list] as Fields[]).map((container, index) => ({ ...container, image: stored[list]?.[index]?.image as string }))
  }
  if (((stored.terminationGracePeriodSeconds ?? 0) as number) < 0 && rest.terminationGracePeriodSeconds === 1) rest.terminationGracePeriodSeconds = stored.terminationGracePeriodSeconds
  return rest
}

/** A gated pod may still be narrowed: more node selectors, more node affinity. Accepted changes are put back as they were. */
function withGatedPlacement(rest: Fields, stored: Fields, errors: FieldError[]): void {
  const selector = (stored.nodeSelector ?? {}) as Record<string, string>
  const narrowed = (rest.nodeSelector ?? {}) as Record<string, string>
  if (!isSame(narrowed, selector)) {
    if (Object.keys(selector).some((key) => narrowed[key] !== selector[key])) errors.push(invalid(specPath.child('nodeSelector'), rest.nodeSelector ?? null, 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'))
    rest.nodeSelector = stored.nodeSelector
  }
  const before = stored.affinity?.nodeAffinity as Fields | undefined
  const after = rest.affinity?.nodeAffinity as Fields | undefined
  if (isSame(before, after)) return
  validateNarrowedAffinity(after, before, specPath.child('affinity', 'nodeAffinity'), errors)
  rest.affinity = { ...(rest.affinity as Fields | undefined), nodeAffinity: before }
  if (!stored.affinity && !rest.affinity.podAffinity && !rest.affinity.podAntiAffinity) delete rest.affinity
}

function validateNarrowedAffinity(after: Fields | undefined, before: Fields | undefined, at: Path, errors: FieldError[]): void {
  const field = 'requiredDuringSchedulingIgnoredDuringExecution'
  if (!before?.[field]) return
  const old = (before[field].nodeSelectorTerms ?? []) as Fields[]
  const fresh = (after?.[field]?.nodeSelectorTerms ?? []) as Fields[]
  const list = at.child(field, 'nodeSelectorTerms')
  if (old.length > 0 && old.length !== fresh.length) return void errors.push(invalid(list, fresh.length > 0 ? fresh.map(printedTerm) : null, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed'))
  old.forEach((term, index) => {
    if (!hasOnlyAdditions(fresh[index]!, term)) errors.push(invalid(list.index(index), printedTerm(fresh[index]!), 'only additions are allowed (no mutations or deletions)'))
  })
}

/** A term as messages print it: the internal type's field names, all of them. */
function printedTerm(term: Fields): Fields {
  const printed = (list: unknown): Fields[] | null => (list as Fields[] | undefined)?.map(({ key, operator, values }) => ({ Key: key ?? '', Operator: operator ?? '', Values: values ?? null })) ?? null
  return { MatchExpressions: printed(term.matchExpressions), MatchFields: printed(term.matchFields) }
}

function hasOnlyAdditions(fresh: Fields, old: Fields): boolean {
  const lists = ['matchExpressions', 'matchFields']
  const count = (term: Fields, list: string): number => ((term[list] ?? []) as Fields[]).length
  if (lists.every((list) => count(old, list) === 0)) return lists.every((list) => count(fresh, list) === 0)
  return lists.every((list) => isSame(((fresh[list] ?? []) as Fields[]).slice(0, count(old, list)), old[list] ?? []))
}
