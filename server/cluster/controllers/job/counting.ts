/** What the pods of a Job amount to. A pod counts once, when it ends, and still counts when it is gone: a real controller holds it with a finalizer until it is counted (job_controller.go:trackJobStatusAndRemoveFinalizers). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { compareText } from '../../../k8s/object.ts'
import type { Millis } from '../../../k8s/duration.ts'
import { conditionOf, isPodTerminal } from '../../pods.ts'
import { action } from './failure-policy.ts'
import { indexOf } from './indexes.ts'

const firstBackoffMs = 10_000
const maxBackoffMs = 600_000

/** One pod that ended: `ignored` by the failure policy, it still delays the next one. */
type Ended = { outcome: 'succeeded' | 'failed' | 'ignored'; index: number; /** RFC 3339. */ at: string; /** Fails its index at once, by a FailIndex rule. */ failsIndex: boolean }
/** What the controller knows of one Job besides the pods that are there. */
export type Ledger = { ended: Map<string, Ended>; /** Pods it took away itself, for a suspension or a smaller size: they are no failures. */ released: Set<string> }
export type Counts = { active: number; activePods: K8sObject[]; terminating: number; succeeded: number; failed: number; done: Set<number>; failedIndexes: Set<number> }

export function newLedger(): Ledger {
  return { ended: new Map(), released: new Set() }
}

/** Wait after the nth consecutive failure: 10 s, 20 s, 40 s … up to 10 min (getRemainingTimeForFailuresCount). */
export function jobBackoff(failures: number): Millis {
  return failures <= 0 ? 0 : Math.min(maxBackoffMs, firstBackoffMs * 2 ** (failures - 1))
}

/** Only pods that have really failed are replaced, not those still ending (onlyReplaceFailedPods). */
export function replacesFailedOnly(job: K8sObject): boolean {
  return job.spec.podReplacementPolicy === 'Failed' || job.spec.podFailurePolicy !== undefined
}

/** A pod being deleted counts as failed, as it may never get to that phase (isPodFailed). */
export function isPodFailed(job: K8sObject, pod: K8sObject): boolean {
  if (pod.status?.phase === 'Failed') return true
  return !replacesFailedOnly(job) && pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded'
}

/** Writes a pod down that has ended, or that `over` says is to count as failed whatever its phase. */
export function account(ledger: Ledger, job: K8sObject, pod: K8sObject, over = false): void {
  const uid = pod.metadata.uid ?? ''
  if (ledger.ended.has(uid) || ledger.released.has(uid)) return
  const succeeded = pod.status?.phase === 'Succeeded'
  if (!succeeded && !over && !isPodFailed(job, pod)) return
  const rule = succeeded ? undefined : action(job, pod)?.action
  ledger.ended.set(uid, { outcome: succeeded ? 'succeeded' : rule === 'Ignore' ? 'ignored' : 'failed', index: indexOf(pod), at: finishedAt(pod), failsIndex: rule === 'FailIndex' })
}

/** When a pod ended (backoff_utils.go:getFinishedTime): its last container, else when it stopped being ready, else when it was deleted, else its creation. */
export function finishedAt(pod: K8sObject): string {
  const sidecars = new Set(((pod.spec?.initContainers ?? []) as Fields[]).filter((one) => one.restartPolicy === 'Always').map((one) => one.name))
  const statuses = [...(pod.status?.containerStatuses ?? []), ...((pod.status?.initContainerStatuses ?? []) as Fields[]).filter((one) => sidecars.has(one.name))] as Fields[]
  const ends = statuses.map((status) => status.state?.terminated?.finishedAt as string | undefined)
  if (ends.length > 0 && ends.every((end) => end !== undefined)) return ends.sort(compareText).at(-1)!
  const ready = conditionOf(pod, 'Ready')
  if (ready?.status === 'False' && ready.lastTransitionTime) return ready.lastTransitionTime
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp = '' } = pod.metadata
  return deletionTimestamp ? new Date(Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000).toISOString().replace('.000Z', 'Z') : creationTimestamp
}

/** Counts of a Job from the pods that are there and those that were. */
export function countPods(job: K8sObject, pods: readonly K8sObject[], { ended }: Ledger): Counts {
  const isIndexed = job.spec.completionMode === 'Indexed'
  const inRange = [...ended.values()].filter(({ index }) => !isIndexed || (index >= 0 && index < (job.spec.completions ?? 0)))
  const done = new Set(inRange.filter(({ outcome }) => outcome === 'succeeded').map(({ index }) => index))
  const failed = inRange.filter(({ outcome }) => outcome === 'failed')
  const activePods = pods.filter((pod) => !isPodTerminal(pod) && !pod.metadata.deletionTimestamp)
  const failedIndexes = new Set<number>()
  const perIndex = job.spec.backoffLimitPerIndex as number | undefined
  if (isIndexed && perIndex !== undefined) for (const { index, failsIndex } of failed) if (failsIndex || failed.filter((other) => other.index === index).length > perIndex) failedIndexes.add(index)
  const terminating = pods.filter((pod) => pod.metadata.deletionTimestamp && !isPodTerminal(pod)).length
  return { active: activePods.length, activePods, terminating, succeeded: isIndexed ? done.size : inRange.length - inRange.filter(({ outcome }) => outcome !== 'succeeded').length, failed: failed.length, done: isIndexed ? done : new Set(), failedIndexes }
}

/** Failures since the last success and when the last of them ended, of the whole Job or of one index (newBackoffRecord, getRemainingTimePerIndex). */
export function failuresInARow({ ended }: Ledger, index?: number): { count: number; lastAt: string | undefined } {
  const mine = [...ended.values()].filter((one) => index === undefined || one.index === index)
  const lastSuccess = mine.filter(({ outcome }) => outcome === 'succeeded').map(({ at }) => at).sort(compareText).at(-1) ?? ''
  const failures = mine.filter(({ outcome, at }) => outcome !== 'succeeded' && compareText(at, lastSuccess) > 0).map(({ at }) => at).sort(compareText)
  return { count: failures.length, lastAt: failures.at(-1) }
}

/** Failures of an index so far, those that count and those the policy ignores: annotations of the pod that takes over (getNewIndexFailureCounts). */
export function indexFailures({ ended }: Ledger, index: number): { counted: number; ignored: number } {
  const mine = [...ended.values()].filter((one) => one.index === index)
  return { counted: mine.filter(({ outcome }) => outcome === 'failed').length, ignored: mine.filter(({ outcome }) => outcome === 'ignored').length }
}
