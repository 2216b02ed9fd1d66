/** What the strategies of workloads do before validation (pkg/registry/apps/…/strategy.go, pkg/registry/batch/…/strategy.go). Nothing given is written to. */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { jobLabels, unassignedUid } from '../validation/job-labels.ts'
import { withoutDisabledFields, withoutStatus, withPreparedTemplate } from './pod-prepare.ts'

/** MaxUnavailableStatefulSet is off by default. */
export function prepareStatefulSet(object: K8sObject): K8sObject {
  const prepared = withPreparedTemplate(object)
  const strategy = prepared.spec?.updateStrategy as Fields | undefined
  if (strategy?.rollingUpdate?.maxUnavailable === undefined) return prepared
  const { maxUnavailable: _dropped, ...rollingUpdate } = strategy.rollingUpdate as Fields
  return { ...prepared, spec: { ...(prepared.spec as Fields), updateStrategy: { ...strategy, rollingUpdate } } }
}

/** A Job without manualSelector selects its pods by its own uid (batch/job/strategy.go:generateSelector). A uid sent by the client counts for nothing: a new object gets another. */
export function prepareJob(object: K8sObject): K8sObject {
  const job = withPreparedTemplate(object)
  const spec = (job.spec ?? {}) as Fields
  if (spec.manualSelector === true) return job
  const template = (spec.template ?? {}) as Fields
  const labels: Record<string, string> = { ...(template.metadata?.labels as Record<string, string> | undefined) }
  for (const key of jobLabels.name) labels[key] ??= job.metadata.name ?? ''
  for (const key of jobLabels.uid) labels[key] ??= unassignedUid
  const selector = (spec.selector ?? {}) as Fields
  const matchLabels: Record<string, string> = { ...(selector.matchLabels as Record<string, string> | undefined) }
  matchLabels['batch.kubernetes.io/controller-uid'] ??= unassignedUid
  return { ...job, spec: { ...spec, selector: { ...selector, matchLabels }, template: { ...template, metadata: { ...(template.metadata as Fields | undefined), labels } } } }
}

export function prepareCronJob(object: K8sObject): K8sObject {
  const spec = object.spec as Fields | undefined
  const job = spec?.jobTemplate?.spec as Fields | undefined
  const pod = job?.template?.spec as Fields | undefined
  const prepared = pod && withoutDisabledFields(pod)
  if (!prepared || prepared === pod) return withoutStatus(object)
  return { ...withoutStatus(object), spec: { ...spec, jobTemplate: { ...(spec!.jobTemplate as Fields), spec: { ...job, template: { ...(job!.template as Fields), spec: prepared } } } } }
}
