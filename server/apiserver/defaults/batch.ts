/** Defaults of the batch group (pkg/apis/batch/v1/defaults.go). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { defaultTemplate, isEmpty } from './core-pod.ts'
import { deepCopy } from './deep-copy.ts'

const largestInt32 = 2147483647

/** SetDefaults_Job: the Job takes its template's labels when it has none. */
export function defaultJob(object: K8sObject): K8sObject {
  const spec: Fields = deepCopy((object.spec ?? {}) as Fields)
  defaultJobSpecParts(spec)
  if (spec.completions === undefined && spec.parallelism === undefined) {
    spec.completions = 1
    spec.parallelism = 1
  }
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : largestInt32
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
  spec.manualSelector ??= false
  const labels = spec.template.metadata?.labels as Record<string, string> | undefined
  return { ...object, ...(labels && isEmpty(object.metadata?.labels) ? { metadata: { ...object.metadata, labels: { ...labels } } } : {}), spec }
}

/** SetDefaults_CronJob. The Job inside keeps its own fields unset until a Job is made of it. */
export function defaultCronJob(object: K8sObject): K8sObject {
  const spec: Fields = deepCopy((object.spec ?? {}) as Fields)
  if (!spec.concurrencyPolicy) spec.concurrencyPolicy = 'Allow'
  spec.suspend ??= false
  spec.successfulJobsHistoryLimit ??= 3
  spec.failedJobsHistoryLimit ??= 1
  spec.jobTemplate ??= {}
  spec.jobTemplate.spec ??= {}
  defaultJobSpecParts(spec.jobTemplate.spec)
  return { ...object, spec }
}

/** What every job spec gets, in a Job or in a CronJob: its pod template, and the status a failure policy waits for. */
function defaultJobSpecParts(spec: Fields): void {
  spec.template ??= {}
  defaultTemplate(spec.template)
  for (const rule of spec.podFailurePolicy?.rules ?? []) for (const pattern of rule.onPodConditions ?? []) if (!pattern.status) pattern.status = 'True'
}
