/** Job and CronJob (pkg/apis/batch/validation/validation.go). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { sortedKeys } from '../../k8s/go-text.ts'
import { dns1123Label } from '../../k8s/names.ts'
import type { LabelSelector } from '../../k8s/selector.ts'
import { selects } from '../../k8s/selector.ts'
import type { FieldError, Path } from '../field.ts'
import { fieldPath, invalid, notSupported, required, tooLong } from '../field.ts'
import { jobLabels, unassignedUid } from './job-labels.ts'
import { validatePodFailurePolicy, validateSuccessPolicy } from './job-policies.ts'
import { labelSelectorErrors } from './label-selector.ts'
import { domainPrefixedPathErrors } from './network.ts'
import { validatePodTemplate } from './pod.ts'
import { nonNegative } from './probe.ts'
import { scheduleFault } from './cron-schedule.ts'
import { isTimeZone } from './time-zones.ts'
import { printedSelector, selectorMismatch } from './workload-selector.ts'

const specPath = fieldPath('spec')
const parallelismMax = 100_000
const failedIndexesMax = 100_000
const manyCompletions = 100_000
const maxWithManyCompletions = 10_000
const managedByBytesMax = 63

/** `uid` is the stored Job's; a new one gets its own only after this. */
export function validateJob(job: K8sObject, uid = unassignedUid): FieldError[] {
  const errors: FieldError[] = []
  const spec = (job.spec ?? {}) as Fields
  validateGeneratedSelector(job, uid, spec, errors)
  validateJobSpec(spec, specPath, errors)
  const selector = spec.selector as LabelSelector | undefined
  const labels = spec.template?.metadata?.labels as Record<string, string> | undefined
  const wrong = labelSelectorErrors(selector, specPath.child('selector'))
  if (!selector) errors.push(required(specPath.child('selector')))
  errors.push(...wrong)
  if (wrong.length === 0 && !selects(selector, labels)) errors.push(selectorMismatch(labels, specPath.child('template')))
  const completions = (spec.completions ?? 0) as number
  if (spec.completionMode === 'Indexed' && completions > 0) {
    // The last pod's host name must be a label.
    const name = job.metadata.name ?? ''
    const hostname = `${name}-${completions - 1}`
    if (dns1123Label(hostname).length > 0) errors.push(invalid(fieldPath('metadata', 'name'), name, `will not able to create pod with invalid DNS label: ${hostname}`))
  }
  return errors
}

/** A selector that was not asked to be manual must be the generated one, and its labels must be on the template. */
function validateGeneratedSelector(job: K8sObject, uid: string, spec: Fields, errors: FieldError[]): void {
  const selector = spec.selector as LabelSelector | undefined
  if (spec.manualSelector === true || !selector) return
  const name = job.metadata.name ?? ''
  const labels = (spec.template?.metadata?.labels ?? {}) as Record<string, string>
  const expected: Record<string, string> = {}
  for (const index of [0, 1]) {
    expected[jobLabels.uid[index]!] = uid
    expected[jobLabels.name[index]!] = name
  }
  for (const index of [0, 1]) for (const key of [jobLabels.uid[index]!, jobLabels.name[index]!]) validateHasLabel(labels, key, expected[key]!, errors)
  if (labelSelectorErrors(selector, specPath).length === 0 && !selects(selector, expected)) errors.push(invalid(specPath.child('selector'), printedSelector(selector), '`selector` not auto-generated'))
}

function validateHasLabel(labels: Record<string, string>, key: string, value: string, errors: FieldError[]): void {
  const at = specPath.child('template', 'metadata', 'labels').key(key)
  if (!Object.hasOwn(labels, key)) errors.push(required(at, `must be '${value}'`))
  else if (labels[key] !== value) errors.push(invalid(at, sortedKeys(labels), `must be '${value}'`))
}

/** validateJobSpec: what the spec of a Job and of a CronJob's template have in common. */
function validateJobSpec(spec: Fields, at: Path, errors: FieldError[]): void {
  for (const field of ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes']) nonNegative(spec[field] as number | undefined, at.child(field), errors)
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) errors.push(required(at.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified'))
  const managedBy = spec.managedBy as string | undefined
  if (managedBy !== undefined) {
    errors.push(...domainPrefixedPathErrors(managedBy, at.child('managedBy')))
    if (managedBy.length > managedByBytesMax) errors.push(tooLong(at.child('managedBy'), managedByBytesMax))
  }
  const mode = spec.completionMode as string | undefined
  if (mode !== undefined && mode !== 'NonIndexed' && mode !== 'Indexed') errors.push(notSupported(at.child('completionMode'), mode, ['NonIndexed', 'Indexed']))
  if (mode === 'Indexed') validateIndexed(spec, at, errors)
  if (mode === undefined || mode === 'NonIndexed') {
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes']) if (spec[field] !== undefined) errors.push(invalid(at.child(field), spec[field], 'requires indexed completion mode'))
  }
  if (spec.podFailurePolicy) validatePodFailurePolicy(spec, at.child('podFailurePolicy'), errors)
  if (spec.successPolicy) validateSuccessPolicy(spec, at.child('successPolicy'), errors)
  validateReplacement(spec, at.child('podReplacementPolicy'), errors)
  const template = (spec.template ?? {}) as Fields
  validatePodTemplate(template, at.child('template'), errors)
  validateJobRestart((template.spec?.restartPolicy ?? '') as string, spec, at.child('template', 'spec', 'restartPolicy'), errors)
}

function validateIndexed(spec: Fields, at: Path, errors: FieldError[]): void {
  const { completions, parallelism, maxFailedIndexes, backoffLimitPerIndex } = spec as Record<string, number | undefined>
  if (completions === undefined) errors.push(required(at.child('completions'), 'when completion mode is Indexed'))
  if (parallelism !== undefined && parallelism > parallelismMax) errors.push(invalid(at.child('parallelism'), parallelism, `must be less than or equal to ${parallelismMax} when completion mode is Indexed`))
  if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions) errors.push(invalid(at.child('maxFailedIndexes'), maxFailedIndexes, 'must be less than or equal to completions'))
  if (maxFailedIndexes !== undefined && maxFailedIndexes > failedIndexesMax) errors.push(invalid(at.child('maxFailedIndexes'), maxFailedIndexes, `must be less than or equal to ${failedIndexesMax}`))
  if (completions === undefined || completions <= manyCompletions || backoffLimitPerIndex === undefined) return
  const message = `must be less than or equal to ${maxWithManyCompletions} when completions are above ${manyCompletions} and used with backoff limit per index`
  if (maxFailedIndexes === undefined) errors.push(required(at.child('maxFailedIndexes'), `must be specified when completions is above ${manyCompletions}`))
  if (parallelism !== undefined && parallelism > maxWithManyCompletions) errors.push(invalid(at.child('parallelism'), parallelism, message))
  if (maxFailedIndexes !== undefined && maxFailedIndexes > maxWithManyCompletions) errors.push(invalid(at.child('maxFailedIndexes'), maxFailedIndexes, message))
}

function validateReplacement(spec: Fields, at: Path, errors: FieldError[]): void {
  const policy = spec.podReplacementPolicy as string | undefined
  if (policy === undefined || policy === 'Failed') return
  if (spec.podFailurePolicy) errors.push(notSupported(at, policy, ['Failed']))
  else if (policy !== 'TerminatingOrFailed') errors.push(notSupported(at, policy, ['Failed', 'TerminatingOrFailed']))
}

function validateJobRestart(policy: string, spec: Fields, at: Path, errors: FieldError[]): void {
  if (policy === 'Always' || policy === '') errors.push(required(at, 'valid values: "OnFailure", "Never"'))
  else if (policy !== 'OnFailure' && policy !== 'Never') errors.push(notSupported(at, policy, ['OnFailure', 'Never']))
  else if (spec.podFailurePolicy && policy !== 'Never') errors.push(invalid(at, policy, 'only "Never" is supported when podFailurePolicy is specified'))
}

const cronNameMax = 52

/** ValidateCronJobCreate. Its Jobs' names have eleven characters more, so its own may have 52. */
export function validateCronJob(object: K8sObject): FieldError[] {
  const errors: FieldError[] = []
  validateCronJobSpec((object.spec ?? {}) as Fields, undefined, errors)
  const name = object.metadata.name ?? ''
  if (name.length > cronNameMax) errors.push(invalid(fieldPath('metadata', 'name'), name, `must be no more than ${cronNameMax} characters`))
  return errors
}

/** An old schedule with a time zone inside may keep it, and an old name may be long. */
export function validateCronJobUpdate(object: K8sObject, old: K8sObject): FieldError[] {
  const errors: FieldError[] = []
  validateCronJobSpec((object.spec ?? {}) as Fields, (old.spec ?? {}) as Fields, errors)
  return errors
}

function validateCronJobSpec(spec: Fields, old: Fields | undefined, errors: FieldError[]): void {
  const schedule = (spec.schedule ?? '') as string
  const timeZone = spec.timeZone as string | undefined
  const at = specPath.child('schedule')
  if (schedule === '') errors.push(required(at))
  else {
    const fault = scheduleFault(schedule)
    const mayName = ((old?.schedule ?? '') as string).includes('TZ')
    if (fault) errors.push(invalid(at, schedule, fault))
    if (schedule.includes('TZ')) {
      if (!mayName) errors.push(invalid(at, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'))
      else if (timeZone !== undefined) errors.push(invalid(at, schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'))
    }
  }
  nonNegative(spec.startingDeadlineSeconds as number | undefined, specPath.child('startingDeadlineSeconds'), errors)
  if (timeZone !== undefined && (!old || old.timeZone !== timeZone)) validateTimeZone(timeZone, specPath.child('timeZone'), errors)
  const policy = (spec.concurrencyPolicy ?? '') as string
  if (policy === '') errors.push(required(specPath.child('concurrencyPolicy')))
  else if (!['Allow', 'Forbid', 'Replace'].includes(policy)) errors.push(notSupported(specPath.child('concurrencyPolicy'), policy, ['Allow', 'Forbid', 'Replace']))
  validateJobTemplate((spec.jobTemplate?.spec ?? {}) as Fields, errors)
  for (const field of ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit']) nonNegative(spec[field] as number | undefined, specPath.child(field), errors)
}

/** ValidateJobTemplateSpec: the selector of each Job will be generated. */
function validateJobTemplate(job: Fields, errors: FieldError[]): void {
  const at = specPath.child('jobTemplate', 'spec')
  validateJobSpec(job, at, errors)
  if (job.selector) errors.push(invalid(at.child('selector'), printedSelector(job.selector as LabelSelector), '`selector` will be auto-generated'))
  if (job.manualSelector === true) errors.push(notSupported(at.child('manualSelector'), true, ['nil', 'false']))
}

const zonePart = /^[A-Za-z._0-9+-]{1,14}$/

function validateTimeZone(zone: string, at: Path, errors: FieldError[]): void {
  if (zone === '') return void errors.push(invalid(at, zone, 'timeZone must be nil or non-empty string'))
  const unknown = invalid(at, zone, `unknown time zone ${zone}`)
  for (const part of zone.split('/')) if (part === '.' || part === '..' || part.startsWith('-') || !zonePart.test(part)) return void errors.push(unknown)
  if (zone.toLowerCase() === 'local') errors.push(invalid(at, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'))
  if (zone.includes('..')) errors.push(invalid(at, zone, 'time: invalid location name'))
  else if (zone !== 'Local' && !isTimeZone(zone)) errors.push(unknown)
}
