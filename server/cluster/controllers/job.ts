/** Job: runs pods to completion (pkg/controller/job/job_controller.go, backoff_utils.go, pod_failure_policy.go), and deletes finished Jobs after their TTL. */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText, keyOf, refOf } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { Cluster, Controller } from '../types.ts'
import { equal, isPodReady, isPodTerminal } from '../pods.ts'
import type { Condition } from '../pods.ts'
import { claim, claimants } from './claim.ts'
import { instantOf, parseKey } from './keys.ts'
import { podFromTemplate } from './pod-from-template.ts'

const component = 'job-controller'
const firstBackoffMs = 10_000
const maxBackoffMs = 600_000
const indexAnnotation = 'batch.kubernetes.io/job-completion-index'

/** Wait after the nth consecutive failure: 10 s, 20 s, 40 s … up to 10 min (getRemainingTime). */
export function jobBackoff(failures: number): Millis {
  return failures <= 0 ? 0 : Math.min(maxBackoffMs, firstBackoffMs * 2 ** (failures - 1))
}

export const jobController: Controller = {
  name: 'job',
  source: 'pkg/controller/job/job_controller.go:syncJob, manageJob; backoff_utils.go, pod_failure_policy.go:matchPodFailurePolicy; pkg/controller/ttlafterfinished/ttlafterfinished_controller.go:processJob',
  about: 'Runs pods up to parallelism until completions, indexed or not; failure count with back-off 10 s doubling to 10 min, backoffLimit for Never and OnFailure, backoffLimitPerIndex, activeDeadlineSeconds, podFailurePolicy, podReplacementPolicy, successPolicy, suspend, ttlSecondsAfterFinished. Pods are adopted and released by label. Not modelled: managedBy, tracking finalizers (finished pods deleted by hand are not counted later).',
  keys: (change, cluster) => (change.object.kind === 'Job' ? [keyOf(change.object)] : change.object.kind === 'Pod' ? claimants(change, 'Job', cluster) : []),
  reconcile(key, cluster) {
    const { namespace, name } = parseKey(key)
    const job = cluster.view.get('Job', namespace, name)
    if (job && !job.metadata.deletionTimestamp) sync(key, job, cluster)
  },
}

type Verdict = { reason: string; message: string }

export function jobCondition(job: K8sObject, type: string): Condition | undefined {
  return job.status?.conditions?.find((condition: Condition) => condition.type === type && condition.status === 'True')
}

function sync(key: string, job: K8sObject, cluster: Cluster): void {
  if (jobCondition(job, 'Complete') || jobCondition(job, 'Failed')) return expire(key, job, cluster)
  const pods = [...claim(job, 'Pod', cluster)].sort((a, b) => compareText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') || compareText(a.metadata.name, b.metadata.name))
  const now = cluster.timestamp()
  const status: Fields = { ...job.status, conditions: [...(job.status?.conditions ?? [])] }
  const suspended = job.spec.suspend === true
  if (suspended && !jobCondition(job, 'Suspended')) {
    status.conditions = setTrue(status.conditions, 'Suspended', 'JobSuspended', 'Job suspended', now)
    delete status.startTime
    cluster.event(job, { type: 'Normal', reason: 'Suspended', component, message: 'Job suspended' })
  } else if (!suspended && jobCondition(job, 'Suspended')) {
    status.conditions = status.conditions.map((condition: Condition) => (condition.type === 'Suspended' ? { ...condition, status: 'False', reason: 'JobResumed', message: 'Job resumed', lastTransitionTime: now } : condition))
    status.startTime = now
    cluster.event(job, { type: 'Normal', reason: 'Resumed', component, message: 'Job resumed' })
  }
  if (!status.startTime && !suspended) status.startTime = now
  const counts = countPods(job, pods)
  const decided = jobCondition(job, 'SuccessCriteriaMet')
  const verdict = decided ? undefined : failure(key, job, pods, counts, status, cluster)
  const success = decided ? { reason: decided.reason!, message: decided.message! } : successOf(job, counts)
  if (verdict) finishFailed(job, pods, verdict, status, cluster)
  else if (success) finishComplete(job, success, status, cluster)
  else if (suspended) for (const pod of counts.activePods) remove(job, pod, cluster)
  else manage(key, job, pods, counts, cluster)
  writeStatus(job, status, cluster)
  if (verdict || success) {
    const finished = cluster.view.get('Job', job.metadata.namespace ?? '', job.metadata.name)
    if (finished) expire(key, finished, cluster)
  }
}

/** Why the Job has succeeded, or undefined: a rule of its success policy, or all completions. */
function successOf(job: K8sObject, counts: Counts): Verdict | undefined {
  const rule = matchedRule((job.spec.successPolicy?.rules ?? []) as Fields[], counts.done)
  if (rule >= 0) return { reason: 'SuccessPolicy', message: `Matched rules at index ${rule}` }
  const wanted = completionsOf(job)
  const isComplete = wanted === undefined ? counts.succeeded > 0 && counts.active === 0 : counts.succeeded >= wanted
  return isComplete ? { reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' } : undefined
}

/**
 * The first rule that the succeeded indexes meet, or -1 (success_policy.go:matchSuccessPolicy). A rule with indexes wants all of them, or succeededCount of them.
 * Example: succeeded 0 and 2 meet `succeededIndexes: 0-3, succeededCount: 2`, not `succeededIndexes: "0,1"`.
 */
export function matchedRule(rules: readonly Fields[], succeeded: ReadonlySet<number>): number {
  if (succeeded.size === 0) return -1
  return rules.findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined || succeededIndexes === null) return succeededCount !== undefined && succeeded.size >= succeededCount
    const wanted = indexesOf(String(succeededIndexes))
    const there = wanted.filter((index) => succeeded.has(index)).length
    return wanted.length > 0 && (there === wanted.length || (succeededCount !== undefined && there >= succeededCount))
  })
}

/** `0,2-4` as numbers. */
function indexesOf(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number)
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i)
  })
}

/** Completions wanted; undefined for a work queue (parallelism without completions). */
function completionsOf(job: K8sObject): number | undefined {
  return job.spec.completions ?? undefined
}

type Counts = { active: number; activePods: K8sObject[]; terminating: number; succeeded: number; failed: number; done: Set<number>; failedIndexes: Set<number>; failedPods: K8sObject[] }

function indexOf(pod: K8sObject): number {
  return Number(pod.metadata.annotations?.[indexAnnotation] ?? -1)
}

function countPods(job: K8sObject, pods: readonly K8sObject[]): Counts {
  const isIndexed = job.spec.completionMode === 'Indexed'
  const succeeded = pods.filter((pod) => pod.status?.phase === 'Succeeded')
  const done = new Set(succeeded.map(indexOf).filter((index) => index >= 0))
  const failedPods = pods.filter((pod) => (pod.status?.phase === 'Failed' || (pod.metadata.deletionTimestamp && !isPodTerminal(pod) && job.spec.podReplacementPolicy !== 'Failed')) && action(job, pod)?.action !== 'Ignore')
  const active = pods.filter((pod) => !isPodTerminal(pod) && !pod.metadata.deletionTimestamp)
  const failedIndexes = new Set<number>()
  const perIndex = job.spec.backoffLimitPerIndex as number | undefined
  if (isIndexed && perIndex !== undefined) {
    const byIndex = new Map<number, number>()
    for (const pod of failedPods) byIndex.set(indexOf(pod), (byIndex.get(indexOf(pod)) ?? 0) + 1)
    for (const [index, count] of byIndex) if (count > perIndex) failedIndexes.add(index)
    for (const pod of failedPods) if (action(job, pod)?.action === 'FailIndex') failedIndexes.add(indexOf(pod))
  }
  return { active: active.length, activePods: active, terminating: pods.filter((pod) => pod.metadata.deletionTimestamp && !isPodTerminal(pod)).length, succeeded: isIndexed ? done.size : succeeded.length, failed: failedPods.length, done, failedIndexes, failedPods }
}

/** The podFailurePolicy rule a failed pod falls under, with the text a FailJob rule gives. */
export function action(job: K8sObject, pod: K8sObject): { action: string; message: string } | undefined {
  const rules = (job.spec.podFailurePolicy?.rules ?? []) as Fields[]
  const name = `${pod.metadata.namespace}/${pod.metadata.name}`
  for (const [index, rule] of rules.entries()) {
    if (rule.onExitCodes) {
      const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])] as Fields[]
      const hit = statuses.find((status) => {
        const code = status.state?.terminated?.exitCode as number | undefined
        if (code === undefined || code === 0 || (rule.onExitCodes.containerName && rule.onExitCodes.containerName !== status.name)) return false
        return rule.onExitCodes.values.includes(code) === (rule.onExitCodes.operator === 'In')
      })
      if (hit) return { action: rule.action, message: `Container ${hit.name} for pod ${name} failed with exit code ${hit.state.terminated.exitCode} matching ${rule.action} rule at index ${index}` }
    }
    for (const pattern of (rule.onPodConditions ?? []) as Fields[]) {
      if ((pod.status?.conditions ?? []).some((condition: Condition) => condition.type === pattern.type && condition.status === (pattern.status ?? 'True'))) return { action: rule.action, message: `Pod ${name} has condition ${pattern.type} matching ${rule.action} rule at index ${index}` }
    }
  }
  return undefined
}

function failure(key: string, job: K8sObject, pods: readonly K8sObject[], counts: Counts, status: Fields, cluster: Cluster): Verdict | undefined {
  const byPolicy = counts.failedPods.map((pod) => action(job, pod)).find((found) => found?.action === 'FailJob')
  if (byPolicy) return { reason: 'PodFailurePolicy', message: byPolicy.message }
  const limit = (job.spec.backoffLimit ?? 6) as number
  const restarts = job.spec.template.spec.restartPolicy === 'OnFailure' ? pods.filter((pod) => !isPodTerminal(pod)).reduce((sum, pod) => sum + restartsOf(pod), 0) : 0
  const overRestarts = job.spec.template.spec.restartPolicy === 'OnFailure' && (limit === 0 ? restarts > 0 : restarts >= limit)
  if (counts.failed > limit || overRestarts) return { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
  const seconds = job.spec.activeDeadlineSeconds as number | undefined
  if (seconds !== undefined && status.startTime && job.spec.suspend !== true) {
    const due = instantOf(cluster, status.startTime) + seconds * 1000
    if (due <= cluster.now) return { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }
    cluster.wake('job', key, due)
  }
  const maxFailed = job.spec.maxFailedIndexes as number | undefined
  if (maxFailed !== undefined && counts.failedIndexes.size > maxFailed) return { reason: 'MaxFailedIndexesExceeded', message: 'Job has exceeded the specified maximal number of failed indexes' }
  if (counts.failedIndexes.size > 0 && counts.done.size + counts.failedIndexes.size >= (job.spec.completions ?? 0) && counts.active === 0) return { reason: 'FailedIndexes', message: 'Job has failed indexes' }
  return undefined
}

function restartsOf(pod: K8sObject): number {
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].reduce((sum: number, status: Fields) => sum + (status.restartCount ?? 0), 0)
}

function setTrue(conditions: Condition[], type: string, reason: string, message: string, now: string): Condition[] {
  // What was decided once stands (job_controller.go:ensureJobConditionStatus).
  if (conditions.some((condition) => condition.type === type && condition.status === 'True')) return conditions
  return [...conditions.filter((condition) => condition.type !== type), { type, status: 'True', reason, message, lastProbeTime: null, lastTransitionTime: now }]
}

function finishFailed(job: K8sObject, pods: readonly K8sObject[], verdict: Verdict, status: Fields, cluster: Cluster): void {
  const now = cluster.timestamp()
  for (const pod of pods) if (!isPodTerminal(pod) && !pod.metadata.deletionTimestamp) remove(job, pod, cluster)
  status.conditions = setTrue(status.conditions, 'FailureTarget', verdict.reason, verdict.message, now)
  const left = cluster.view.owned(job.metadata.uid ?? '', 'Pod').some((pod) => !isPodTerminal(pod))
  if (left) return
  status.conditions = setTrue(status.conditions, 'Failed', verdict.reason, verdict.message, now)
  cluster.event(job, { type: 'Warning', reason: verdict.reason, component, message: verdict.message })
}

function finishComplete(job: K8sObject, { reason, message }: Verdict, status: Fields, cluster: Cluster): void {
  const now = cluster.timestamp()
  const living = cluster.view.owned(job.metadata.uid ?? '', 'Pod').filter((pod) => !isPodTerminal(pod))
  for (const pod of living) if (!pod.metadata.deletionTimestamp) remove(job, pod, cluster)
  status.conditions = setTrue(status.conditions, 'SuccessCriteriaMet', reason, message, now)
  if (living.some((pod) => cluster.view.get('Pod', pod.metadata.namespace ?? '', pod.metadata.name))) return
  status.conditions = setTrue(status.conditions, 'Complete', reason, message, now)
  status.completionTime = now
  cluster.event(job, { type: 'Normal', reason: 'Completed', component, message: 'Job completed' })
}

function remove(job: K8sObject, pod: K8sObject, cluster: Cluster): void {
  const { error } = cluster.api.delete(refOf(pod))
  if (!error) cluster.event(job, { type: 'Normal', reason: 'SuccessfulDelete', component, message: `Deleted pod: ${pod.metadata.name}` })
}

/** Failures since the last success, and when the last of them ended. */
export function consecutiveFailures(pods: readonly K8sObject[]): { count: number; lastAt: string | undefined } {
  const endOf = (pod: K8sObject): string => [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].map((status: Fields) => status.state?.terminated?.finishedAt as string | undefined).filter((time) => time !== undefined).sort(compareText).at(-1) ?? pod.metadata.deletionTimestamp ?? pod.metadata.creationTimestamp ?? ''
  const lastSuccess = pods.filter((pod) => pod.status?.phase === 'Succeeded').map(endOf).sort(compareText).at(-1) ?? ''
  const failed = pods.filter((pod) => pod.status?.phase === 'Failed').map(endOf).filter((time) => compareText(time, lastSuccess) > 0).sort(compareText)
  return { count: failed.length, lastAt: failed.at(-1) }
}

function manage(key: string, job: K8sObject, pods: readonly K8sObject[], counts: Counts, cluster: Cluster): void {
  const parallelism = (job.spec.parallelism ?? 1) as number
  const completions = completionsOf(job)
  const isIndexed = job.spec.completionMode === 'Indexed'
  const wanted = completions === undefined ? (counts.succeeded > 0 ? counts.active : parallelism) : Math.min(parallelism, completions - counts.succeeded - counts.failedIndexes.size)
  if (counts.active > wanted) {
    for (const pod of [...counts.activePods].sort((a, b) => Number(isPodReady(a)) - Number(isPodReady(b)) || compareText(b.metadata.name, a.metadata.name)).slice(0, counts.active - wanted)) remove(job, pod, cluster)
    return
  }
  let missing = wanted - counts.active - (job.spec.podReplacementPolicy === 'Failed' ? counts.terminating : 0)
  if (missing <= 0) return
  const { count, lastAt } = consecutiveFailures(pods)
  if (count > 0 && lastAt) {
    const due = instantOf(cluster, lastAt) + jobBackoff(count)
    if (due > cluster.now) {
      cluster.wake('job', key, due)
      return
    }
  }
  const busy = new Set(counts.activePods.map(indexOf))
  for (let index = 0; missing > 0; index++) {
    if (isIndexed && index >= (completions ?? 0)) return
    if (isIndexed && (counts.done.has(index) || busy.has(index) || counts.failedIndexes.has(index))) continue
    const result = cluster.api.create(jobPod(job, isIndexed ? index : undefined), component)
    if ('error' in result) {
      cluster.event(job, { type: 'Warning', reason: 'FailedCreate', component, message: `Error creating: ${result.error.message}` })
      cluster.wake('job', key, cluster.now + 10_000)
      return
    }
    cluster.event(job, { type: 'Normal', reason: 'SuccessfulCreate', component, message: `Created pod: ${result.object.metadata.name}` })
    missing--
  }
}

function jobPod(job: K8sObject, index: number | undefined): K8sObject {
  const pod = podFromTemplate(job, job.spec.template, `${job.metadata.name}-${index === undefined ? '' : `${index}-`}`)
  const labels = { 'batch.kubernetes.io/controller-uid': job.metadata.uid!, 'batch.kubernetes.io/job-name': job.metadata.name, 'controller-uid': job.metadata.uid!, 'job-name': job.metadata.name }
  pod.metadata.labels = { ...pod.metadata.labels, ...(job.spec.manualSelector ? {} : labels) }
  if (index === undefined) return pod
  pod.metadata.labels[indexAnnotation] = String(index)
  pod.metadata.annotations = { ...pod.metadata.annotations, [indexAnnotation]: String(index) }
  pod.spec.hostname ??= `${job.metadata.name}-${index}`
  const variable = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${indexAnnotation}']` } } }
  for (const list of ['containers', 'initContainers']) if (pod.spec[list]) pod.spec[list] = pod.spec[list].map((container: Fields) => ((container.env ?? []).some((item: Fields) => item.name === variable.name) ? container : { ...container, env: [...(container.env ?? []), variable] }))
  return pod
}

function writeStatus(job: K8sObject, status: Fields, cluster: Cluster): void {
  const pods = cluster.view.owned(job.metadata.uid ?? '', 'Pod')
  const counts = countPods(job, pods)
  const next: Fields = { ...status, uncountedTerminatedPods: {}, active: counts.active, ready: counts.activePods.filter(isPodReady).length, succeeded: counts.succeeded, failed: counts.failed, terminating: counts.terminating }
  if (job.spec.completionMode === 'Indexed') next.completedIndexes = compactIndexes([...counts.done].sort((a, b) => a - b))
  if (next.conditions.length === 0) delete next.conditions
  if (!equal(job.status ?? {}, next)) cluster.api.setStatus(refOf(job), next)
}

/** `0-2,5`: runs of three and more are written with a dash, as the controller does. */
export function compactIndexes(indexes: readonly number[]): string {
  const parts: string[] = []
  for (let i = 0; i < indexes.length; i++) {
    let end = i
    while (end + 1 < indexes.length && indexes[end + 1] === indexes[end]! + 1) end++
    parts.push(end === i ? `${indexes[i]}` : end === i + 1 ? `${indexes[i]},${indexes[end]}` : `${indexes[i]}-${indexes[end]}`)
    i = end
  }
  return parts.join(',')
}

/** ttlSecondsAfterFinished (ttlafterfinished controller). */
function expire(key: string, job: K8sObject, cluster: Cluster): void {
  const ttl = job.spec.ttlSecondsAfterFinished as number | undefined
  const end = jobCondition(job, 'Complete') ?? jobCondition(job, 'Failed')
  if (ttl === undefined || !end?.lastTransitionTime) return
  const due = instantOf(cluster, end.lastTransitionTime) + ttl * 1000
  if (due > cluster.now) cluster.wake('job', key, due)
  else cluster.api.delete(refOf(job), { propagation: 'Background' })
}
