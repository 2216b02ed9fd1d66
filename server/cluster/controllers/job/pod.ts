/** The pods a Job makes (job_controller.go:manageJob, indexed_job_utils.go), and which of them go first. */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { compareText } from '../../../k8s/object.ts'
import { byRestarts, conditionOf, isPodReady } from '../../pods.ts'
import { podFromTemplate } from '../pod-from-template.ts'
import { indexAnnotation, indexOf } from './indexes.ts'

/** A pod of the Job; of an Indexed Job it carries its index, and, when indexes have limits of their own, how often that index has failed. */
export function jobPod(job: K8sObject, index: number | undefined, failures: { counted: number; ignored: number }): K8sObject {
  const pod = podFromTemplate(job, job.spec.template, `${job.metadata.name}-${index === undefined ? '' : `${index}-`}`)
  const labels = { 'batch.kubernetes.io/controller-uid': job.metadata.uid!, 'batch.kubernetes.io/job-name': job.metadata.name, 'controller-uid': job.metadata.uid!, 'job-name': job.metadata.name }
  pod.metadata.labels = { ...pod.metadata.labels, ...(job.spec.manualSelector ? {} : labels) }
  if (index === undefined) return pod
  pod.metadata.labels[indexAnnotation] = String(index)
  pod.metadata.annotations = { ...pod.metadata.annotations, [indexAnnotation]: String(index) }
  if (job.spec.backoffLimitPerIndex !== undefined) {
    pod.metadata.annotations['batch.kubernetes.io/job-index-failure-count'] = String(failures.counted)
    if (failures.ignored > 0) pod.metadata.annotations['batch.kubernetes.io/job-index-ignored-failure-count'] = String(failures.ignored)
  }
  pod.spec.hostname = `${job.metadata.name}-${index}`
  const variable = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${indexAnnotation}']` } } }
  for (const list of ['containers', 'initContainers']) if (pod.spec[list]) pod.spec[list] = pod.spec[list].map((container: Fields) => ((container.env ?? []).some((item: Fields) => item.name === variable.name) ? container : { ...container, env: [...(container.env ?? []), variable] }))
  return pod
}

/** The active pods to take away when `surplus` are too many: those whose index is out of range or taken twice, then the least advanced (activePodsForRemoval). */
export function podsToRemove(job: K8sObject, active: readonly K8sObject[], surplus: number): K8sObject[] {
  const order = inDeletionOrder(active)
  const useless = job.spec.completionMode === 'Indexed' ? order.filter((pod, i) => indexOf(pod) < 0 || indexOf(pod) >= (job.spec.completions ?? 0) || order.slice(i + 1).some((other) => indexOf(other) === indexOf(pod))) : []
  return [...useless, ...order.filter((pod) => !useless.includes(pod))].slice(0, Math.max(useless.length, surplus))
}

/** Not scheduled, pending, not ready, ready for a shorter time, more restarts, younger (controller_utils.go:ActivePods.Less). */
function inDeletionOrder(pods: readonly K8sObject[]): K8sObject[] {
  const phase = (pod: K8sObject): number => (pod.status?.phase === 'Running' ? 2 : pod.status?.phase === 'Unknown' ? 1 : 0)
  const since = (pod: K8sObject): string => (isPodReady(pod) ? (conditionOf(pod, 'Ready')!.lastTransitionTime ?? '') : '')
  return [...pods].sort((a, b) => Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)) || phase(a) - phase(b) || Number(isPodReady(a)) - Number(isPodReady(b)) || compareText(since(b), since(a)) || byRestarts(a, b) || compareText(b.metadata.creationTimestamp ?? '', a.metadata.creationTimestamp ?? '') || compareText(b.metadata.name, a.metadata.name))
}
