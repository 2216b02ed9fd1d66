/** Job: runs pods to completion (pkg/controller/job/job_controller.go, backoff_utils.go, pod_failure_policy.go), and deletes finished Jobs after their TTL. */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { compareText, keyOf, refOf } from '../../../k8s/object.ts'
import type { Change, Cluster, Controller } from '../../types.ts'
import type { Condition } from '../../pods.ts'
import { controllerOf, equal, isPodReady, isPodTerminal } from '../../pods.ts'
import { claim, claimants } from '../claim.ts'
import { instantOf, parseKey } from '../keys.ts'
import type { Counts, Ledger } from './counting.ts'
import { account, countPods, failuresInARow, indexFailures, isPodFailed, jobBackoff, newLedger, replacesFailedOnly } from './counting.ts'
import { action } from './failure-policy.ts'
import { compactIndexes, indexOf, matchedRule } from './indexes.ts'
import { jobPod, podsToRemove } from './pod.ts'

export { jobBackoff } from './counting.ts'
export { compactIndexes, matchedRule } from './indexes.ts'

const component = 'job-controller'

/** One Job in one look at it. */
type Sync = { key: string; job: K8sObject; ledger: Ledger; cluster: Cluster }

/** Makes the controller; it remembers which pods it has counted, so one instance serves one cluster. */
export function createJobController(): Controller {
  const ledgers = new Map<string, Ledger>()
  const ledgerOf = (uid: string): Ledger => {
    const known = ledgers.get(uid) ?? newLedger()
    ledgers.set(uid, known)
    return known
  }
  return {
    name: 'job',
    source: 'pkg/controller/job/job_controller.go:syncJob, manageJob; backoff_utils.go, pod_failure_policy.go:matchPodFailurePolicy; pkg/controller/ttlafterfinished/ttlafterfinished_controller.go:processJob',
  about: 'Runs pods up to parallelism until completions, indexed or not; failure count with back-off 10 s doubling to 10 min, of the Job or, with backoffLimitPerIndex, of each index; backoffLimit for Never and OnFailure, activeDeadlineSeconds, podFailurePolicy, podReplacementPolicy, successPolicy, suspend, ttlSecondsAfterFinished. Pods are adopted and released by label; a pod counts once, also when somebody deletes it. Not modelled: managedBy; pods show no tracking finalizer.',
    keys(change, cluster) {
      if (change.object.kind === 'Job') {
        if (change.type === 'deleted') ledgers.delete(change.object.metadata.uid ?? '')
        return [keyOf(change.object)]
      }
      if (change.object.kind !== 'Pod') return []
      if (change.type === 'deleted') remember(change, ledgerOf, cluster)
      return claimants(change, 'Job', cluster)
    },
    reconcile(key, cluster) {
      const { namespace, name } = parseKey(key)
      const job = cluster.view.get('Job', namespace, name)
      if (job && !job.metadata.deletionTimestamp) sync({ key, job, ledger: ledgerOf(job.metadata.uid ?? ''), cluster })
    },
  }
}

/** A pod that is taken away before it was counted counts all the same. */
function remember({ object: pod }: Change, ledgerOf: (uid: string) => Ledger, cluster: Cluster): void {
  const owner = controllerOf(pod)
  const job = owner?.kind === 'Job' ? cluster.view.get('Job', pod.metadata.namespace ?? '', owner.name) : undefined
  if (job && job.metadata.uid === owner!.uid) account(ledgerOf(owner!.uid), job, pod, true)
}

type Verdict = { reason: string; message: string }

export function jobCondition(job: K8sObject, type: string): Condition | undefined {
  return job.status?.conditions?.find((condition: Condition) => condition.type === type && condition.status === 'True')
}

function sync(at: Sync): void {
  const { key, job, ledger, cluster } = at
  if (jobCondition(job, 'Complete') || jobCondition(job, 'Failed')) return expire(key, job, cluster)
  const pods = [...claim(job, 'Pod', cluster)].sort((a, b) => compareText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') || compareText(a.metadata.name, b.metadata.name))
  for (const pod of pods) account(ledger, job, pod)
  const now = cluster.timestamp()
  const status: Fields = { ...job.status, conditions: [...(job.status?.conditions ?? [])] }
  const suspended = job.spec.suspend === true
  if (!status.startTime && !suspended) status.startTime = now
  const counts = countPods(job, pods, ledger)
  const decided = jobCondition(job, 'SuccessCriteriaMet')
  const verdict = decided ? undefined : failure(at, pods, counts, status)
  const success = verdict ? undefined : decided ? { reason: decided.reason!, message: decided.message! } : successOf(job, counts)
  if (verdict) finishFailed(at, pods, verdict, status)
  else if (success) finishComplete(at, success, status)
  else {
    if (suspended) for (const pod of podsToRemove(job, counts.activePods, counts.active)) release(at, pod)
    else manage(at, counts)
    noteSuspension(at, status, suspended, now)
  }
  writeStatus(at, status)
  if (verdict || success) {
    const finished = cluster.view.get('Job', job.metadata.namespace ?? '', job.metadata.name)
    if (finished) expire(key, finished, cluster)
  }
}

function noteSuspension({ job, cluster }: Sync, status: Fields, suspended: boolean, now: string): void {
  if (suspended && !jobCondition(job, 'Suspended')) {
    status.conditions = setTrue(status.conditions, 'Suspended', 'JobSuspended', 'Job suspended', now)
    delete status.startTime
    cluster.event(job, { type: 'Normal', reason: 'Suspended', component, message: 'Job suspended' })
  } else if (!suspended && jobCondition(job, 'Suspended')) {
    status.conditions = status.conditions.map((condition: Condition) => (condition.type === 'Suspended' ? { ...condition, status: 'False', reason: 'JobResumed', message: 'Job resumed', lastTransitionTime: now } : condition))
    status.startTime = now
    cluster.event(job, { type: 'Normal', reason: 'Resumed', component, message: 'Job resumed' })
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

/** Completions wanted; undefined for a work queue (parallelism without completions). */
function completionsOf(job: K8sObject): number | undefined {
  return job.spec.completions ?? undefined
}

/** Why the Job has failed. What was decided once stands, whatever its last pods still do (syncJob: FailureTarget). */
function failure({ key, job, cluster }: Sync, pods: readonly K8sObject[], counts: Counts, status: Fields): Verdict | undefined {
  const target = jobCondition(job, 'FailureTarget')
  if (target) return { reason: target.reason!, message: target.message! }
  const byPolicy = pods.filter((pod) => isPodFailed(job, pod)).map((pod) => action(job, pod)).find((found) => found?.action === 'FailJob')
  if (byPolicy) return { reason: 'PodFailurePolicy', message: byPolicy.message }
  if (counts.failed > ((job.spec.backoffLimit ?? 6) as number) || pastLimitOnFailure(job, pods)) return { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
  const seconds = job.spec.activeDeadlineSeconds as number | undefined
  if (seconds !== undefined && status.startTime && job.spec.suspend !== true) {
    const due = instantOf(cluster, status.startTime) + seconds * 1000
    if (due <= cluster.now) return { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }
    cluster.wake('job', key, due)
  }
  const maxFailed = job.spec.maxFailedIndexes as number | undefined
  if (maxFailed !== undefined && counts.failedIndexes.size > maxFailed) return { reason: 'MaxFailedIndexesExceeded', message: 'Job has exceeded the specified maximal number of failed indexes' }
  if (counts.failedIndexes.size > 0 && counts.done.size + counts.failedIndexes.size >= (job.spec.completions ?? 0)) return { reason: 'FailedIndexes', message: 'Job has failed indexes' }
  return undefined
}

/** With restartPolicy OnFailure the restarts of the pods that run or are to run are held against the limit (pastBackoffLimitOnFailure). */
function pastLimitOnFailure(job: K8sObject, pods: readonly K8sObject[]): boolean {
  if (job.spec.template.spec.restartPolicy !== 'OnFailure') return false
  const limit = (job.spec.backoffLimit ?? 6) as number
  const restarts = pods.filter((pod) => !isPodTerminal(pod)).reduce((sum, pod) => sum + restartsOf(pod), 0)
  return limit === 0 ? restarts > 0 : restarts >= limit
}

function restartsOf(pod: K8sObject): number {
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].reduce((sum: number, status: Fields) => sum + (status.restartCount ?? 0), 0)
}

function setTrue(conditions: Condition[], type: string, reason: string, message: string, now: string): Condition[] {
  // What was decided once stands (job_controller.go:ensureJobConditionStatus).
  if (conditions.some((condition) => condition.type === type && condition.status === 'True')) return conditions
  return [...conditions.filter((condition) => condition.type !== type), { type, status: 'True', reason, message, lastProbeTime: null, lastTransitionTime: now }]
}

/** The pods that are left are deleted and count as failed; the Job is over once they have ended. */
function finishFailed({ job, ledger, cluster }: Sync, pods: readonly K8sObject[], verdict: Verdict, status: Fields): void {
  const now = cluster.timestamp()
  for (const pod of pods) {
    account(ledger, job, pod, true)
    if (!isPodTerminal(pod) && !pod.metadata.deletionTimestamp) remove(job, pod, cluster)
  }
  status.conditions = setTrue(status.conditions, 'FailureTarget', verdict.reason, verdict.message, now)
  const left = cluster.view.owned(job.metadata.uid ?? '', 'Pod').some((pod) => !isPodTerminal(pod))
  if (left) return
  status.conditions = setTrue(status.conditions, 'Failed', verdict.reason, verdict.message, now)
  cluster.event(job, { type: 'Warning', reason: verdict.reason, component, message: verdict.message })
}

function finishComplete(at: Sync, { reason, message }: Verdict, status: Fields): void {
  const { job, cluster } = at
  const now = cluster.timestamp()
  const living = cluster.view.owned(job.metadata.uid ?? '', 'Pod').filter((pod) => !isPodTerminal(pod))
  for (const pod of living) if (!pod.metadata.deletionTimestamp) release(at, pod)
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

/** Takes a pod away that is not wanted any more: no failure (deleteJobPods drops its finalizer first). */
function release({ job, ledger, cluster }: Sync, pod: K8sObject): void {
  ledger.released.add(pod.metadata.uid ?? '')
  remove(job, pod, cluster)
}

function manage(at: Sync, counts: Counts): void {
  const { key, job, ledger, cluster } = at
  const parallelism = (job.spec.parallelism ?? 1) as number
  const completions = completionsOf(job)
  const isIndexed = job.spec.completionMode === 'Indexed'
  const wanted = completions === undefined ? (counts.succeeded > 0 ? counts.active : parallelism) : Math.max(0, Math.min(parallelism, completions - counts.succeeded))
  const surplus = podsToRemove(job, counts.activePods, Math.max(0, counts.active - wanted))
  if (surplus.length > 0) {
    for (const pod of surplus) release(at, pod)
    return
  }
  const missing = wanted - counts.active - (replacesFailedOnly(job) ? counts.terminating : 0)
  if (missing <= 0) return
  const perIndex = isIndexed && job.spec.backoffLimitPerIndex !== undefined
  const waits = (index?: number): number => {
    const { count, lastAt } = failuresInARow(ledger, index)
    return count > 0 && lastAt ? instantOf(cluster, lastAt) + jobBackoff(count) : 0
  }
  if (!perIndex && waits() > cluster.now) return cluster.wake('job', key, waits())
  const pending = isIndexed ? pendingIndexes(job, counts, missing, cluster) : Array.from({ length: missing }, () => undefined)
  const due = perIndex ? pending.map(waits) : []
  const ready = pending.filter((_, i) => (due[i] ?? 0) <= cluster.now)
  const later = due.filter((time) => time > cluster.now)
  if (later.length > 0) cluster.wake('job', key, Math.min(...later))
  for (const index of ready) {
    const result = cluster.api.create(jobPod(job, index, index === undefined ? { counted: 0, ignored: 0 } : indexFailures(ledger, index)), component)
    if ('error' in result) {
      cluster.event(job, { type: 'Warning', reason: 'FailedCreate', component, message: `Error creating: ${result.error.message}` })
      cluster.wake('job', key, cluster.now + 10_000)
      return
    }
    cluster.event(job, { type: 'Normal', reason: 'SuccessfulCreate', component, message: `Created pod: ${result.object.metadata.name}` })
  }
}

/** The lowest indexes nobody works on and that are neither done nor failed (firstPendingIndexes). */
function pendingIndexes(job: K8sObject, counts: Counts, most: number, cluster: Cluster): number[] {
  const ending = replacesFailedOnly(job) ? cluster.view.owned(job.metadata.uid ?? '', 'Pod').filter((pod) => pod.metadata.deletionTimestamp && !isPodTerminal(pod)) : []
  const busy = new Set([...counts.activePods, ...ending].map(indexOf))
  const found: number[] = []
  for (let index = 0; index < (job.spec.completions ?? 0) && found.length < most; index++) if (!counts.done.has(index) && !busy.has(index) && !counts.failedIndexes.has(index)) found.push(index)
  return found
}

function writeStatus({ job, ledger, cluster }: Sync, status: Fields): void {
  const pods = cluster.view.owned(job.metadata.uid ?? '', 'Pod')
  const counts = countPods(job, pods, ledger)
  const next: Fields = { ...status, uncountedTerminatedPods: {}, active: counts.active, ready: counts.activePods.filter(isPodReady).length, succeeded: counts.succeeded, failed: counts.failed, terminating: counts.terminating }
  const text = (indexes: ReadonlySet<number>): string => compactIndexes([...indexes].sort((a, b) => a - b))
  if (job.spec.completionMode === 'Indexed') {
    if (counts.done.size > 0) next.completedIndexes = text(counts.done)
    if (job.spec.backoffLimitPerIndex !== undefined) next.failedIndexes = text(counts.failedIndexes)
  }
  if (next.conditions.length === 0) delete next.conditions
  if (!equal(job.status ?? {}, next)) cluster.api.setStatus(refOf(job), next)
}

/** ttlSecondsAfterFinished (ttlafterfinished_controller.go:processJob): the pods go first. */
function expire(key: string, job: K8sObject, cluster: Cluster): void {
  const ttl = job.spec.ttlSecondsAfterFinished as number | undefined
  const end = jobCondition(job, 'Complete') ?? jobCondition(job, 'Failed')
  if (ttl === undefined || !end?.lastTransitionTime) return
  const due = instantOf(cluster, end.lastTransitionTime) + ttl * 1000
  if (due > cluster.now) cluster.wake('job', key, due)
  else cluster.api.delete(refOf(job), { propagation: 'Foreground' })
}
