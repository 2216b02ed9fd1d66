/** StatefulSet and its update (pkg/apis/apps/validation/validation.go). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { dns1123Label } from '../../k8s/names.ts'
import type { LabelSelector, Labels } from '../../k8s/selector.ts'
import type { FieldError, Path } from '../field.ts'
import { fieldPath, forbidden, invalid, invalidEach, notSupported, required } from '../field.ts'
import { isSame } from '../metadata.ts'
import { amountOf, atMostAll, positiveIntOrPercent, validateAlwaysRestarts } from './apps.ts'
import { validatePodTemplate } from './pod.ts'
import { nonNegative } from './probe.ts'
import { claimSpecErrors } from './storage.ts'
import { printedSelector, validateSelected, validateWorkloadSelector } from './workload-selector.ts'

const specPath = fieldPath('spec')
const templatePath = specPath.child('template')

export function validateStatefulSet(object: K8sObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Fields
  const selector = spec.selector as LabelSelector | undefined
  const policy = (spec.podManagementPolicy ?? '') as string
  if (policy === '') errors.push(required(specPath.child('podManagementPolicy')))
  else if (policy !== 'OrderedReady' && policy !== 'Parallel') errors.push(invalid(specPath.child('podManagementPolicy'), policy, "must be 'OrderedReady' or 'Parallel'"))
  validateUpdateStrategy((spec.updateStrategy ?? {}) as Fields, specPath.child('updateStrategy'), errors)
  validateRetention(spec.persistentVolumeClaimRetentionPolicy as Fields | undefined, specPath.child('persistentVolumeClaimRetentionPolicy'), errors)
  nonNegative(spec.replicas as number | undefined, specPath.child('replicas'), errors)
  nonNegative(spec.minReadySeconds as number | undefined, specPath.child('minReadySeconds'), errors)
  if (spec.ordinals) nonNegative(spec.ordinals.start as number | undefined, specPath.child('ordinals', 'start'), errors)
  if (spec.serviceName) errors.push(...invalidEach(specPath.child('serviceName'), spec.serviceName, dns1123Label(spec.serviceName as string)))
  const claims = (spec.volumeClaimTemplates ?? []) as Fields[]
  claims.forEach((claim, index) => errors.push(...claimSpecErrors((claim.spec ?? {}) as Fields, specPath.child('volumeClaimTemplates').index(index).child('spec'))))
  if (validateWorkloadSelector(selector, 'statefulset', specPath.child('selector'), errors)) {
    const template = podTemplateOf((spec.template ?? {}) as Fields, claims)
    validateSelected(selector, template.metadata?.labels as Labels | undefined, templatePath, errors)
    validatePodTemplate(template, templatePath, errors)
  } else errors.push(invalid(specPath.child('selector'), printedSelector(selector!), ''))
  validateAlwaysRestarts((spec.template ?? {}) as Fields, 'StatefulSet', templatePath, errors)
  return errors
}

/** The template as its pods will have it: each claim is a volume of its name, instead of one of the pod's own; host names come from the controller. */
function podTemplateOf(template: Fields, claims: readonly Fields[]): Fields {
  const names = claims.map((claim) => (claim.metadata?.name ?? '') as string)
  const { hostname: _hostname, subdomain: _subdomain, ...spec } = (template.spec ?? {}) as Fields
  const own = ((spec.volumes ?? []) as Fields[]).filter((volume) => !names.includes((volume.name ?? '') as string))
  const claimed = [...new Set(names)].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }))
  return { ...template, spec: { ...spec, volumes: [...own, ...claimed] } }
}

function validateUpdateStrategy(strategy: Fields, at: Path, errors: FieldError[]): void {
  const rolling = strategy.rollingUpdate as Fields | undefined
  const printed = rolling ? { Partition: rolling.partition ?? 0, MaxUnavailable: rolling.maxUnavailable ?? null } : null
  if (!strategy.type) errors.push(required(at))
  else if (strategy.type === 'OnDelete') {
    if (rolling) errors.push(invalid(at.child('rollingUpdate'), printed, "only allowed for updateStrategy 'RollingUpdate'"))
  } else if (strategy.type !== 'RollingUpdate') errors.push(invalid(at, { Type: strategy.type, RollingUpdate: printed }, "must be 'RollingUpdate' or 'OnDelete'"))
  else if (rolling) {
    const path = at.child('rollingUpdate')
    nonNegative(rolling.partition as number | undefined, path.child('partition'), errors)
    if (rolling.maxUnavailable === undefined) return
    positiveIntOrPercent(rolling.maxUnavailable as number | string, path.child('maxUnavailable'), errors)
    if (amountOf(rolling.maxUnavailable as number | string) === 0) errors.push(invalid(path.child('maxUnavailable'), rolling.maxUnavailable, 'cannot be 0'))
    atMostAll(rolling.maxUnavailable as number | string, path.child('maxUnavailable'), errors)
  }
}

function validateRetention(policy: Fields | undefined, at: Path, errors: FieldError[]): void {
  if (!policy) return
  for (const when of ['whenDeleted', 'whenScaled']) {
    const value = (policy[when] ?? '') as string
    if (value !== 'Retain' && value !== 'Delete') errors.push(notSupported(at.child(when), value, ['Retain', 'Delete']))
  }
}

/** What may change after creation. */
const changeable = ['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds']

export function validateStatefulSetUpdate(object: K8sObject, old: K8sObject): FieldError[] {
  const errors = validateStatefulSet(object)
  const fresh = { ...((object.spec ?? {}) as Fields) }
  const stored = { ...((old.spec ?? {}) as Fields) }
  for (const field of changeable) {
    delete fresh[field]
    delete stored[field]
  }
  if (!isSame(fresh, stored)) {
    errors.push(forbidden(specPath, "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"))
  }
  return errors
}
