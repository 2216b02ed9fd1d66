/** Describers of what creates pods (describe.go). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { compareText } from '../../../k8s/object.ts'
import { equal } from '../../pods.ts'
import { selects } from '../../selection.ts'
import type { Console } from '../console.ts'
import { formatLabels, formatSelector, selectorText } from '../print/labels.ts'
import { humanDuration, rfc1123 } from '../print/time.ts'
import { describeTemplate } from './pod.ts'
import { describeClaimTemplates } from './volumes.ts'
import { eventsOf, Page } from './writer.ts'

/** Name, namespace, and what stands between; most describers begin alike. */
export function begin(object: K8sObject, namespaced = true): Page {
  const page = new Page()
  page.line(0, `Name:\t${object.metadata.name}`)
  if (namespaced) page.line(0, `Namespace:\t${object.metadata.namespace ?? ''}`)
  return page
}

export function end(page: Page, console: Console, object: K8sObject, showEvents: boolean): string {
  if (showEvents) page.events(console, eventsOf(console, object))
  return page.toString()
}

function metadata(page: Page, object: K8sObject): void {
  page.labels('Labels', object.metadata.labels)
  page.annotations('Annotations', object.metadata.annotations)
}

/** `3 Running / 1 Waiting / 0 Succeeded / 0 Failed` of the pods a controller owns. */
function podCounts(console: Console, owner: K8sObject): string {
  const pods = console.view.list('Pod', owner.metadata.namespace ?? '').filter((pod) => selects(owner.spec?.selector?.matchLabels || owner.spec?.selector?.matchExpressions ? owner.spec.selector : { matchLabels: owner.spec?.selector }, pod.metadata.labels) && pod.metadata.ownerReferences?.some((reference) => reference.controller && reference.uid === owner.metadata.uid))
  const count = (phase: string): number => pods.filter((pod) => pod.status?.phase === phase).length
  return `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`
}

function shortConditions(page: Page, object: K8sObject): void {
  const conditions = (object.status?.conditions ?? []) as Fields[]
  if (conditions.length === 0) return
  page.raw('Conditions:\n  Type\tStatus\tReason\n')
  page.line(1, '----\t------\t------')
  for (const { type, status, reason = '' } of conditions) page.line(1, `${type} \t${status}\t${reason}`)
}

/** The ReplicaSet with the Deployment's template, and the others that still have pods (deploymentutil.GetAllReplicaSets). */
function replicaSets(console: Console, deployment: K8sObject): { old: K8sObject[]; current: K8sObject[] } {
  const sets = [...console.view.owned(deployment.metadata.uid ?? '', 'ReplicaSet')].sort((a, b) => compareText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') || compareText(a.metadata.name, b.metadata.name))
  const bare = (template: Fields): Fields => {
    const { 'pod-template-hash': _hash, ...labels } = template?.metadata?.labels ?? {}
    return { ...template, metadata: { ...template?.metadata, labels } }
  }
  const current = sets.find((set) => equal(bare(set.spec?.template), bare(deployment.spec?.template)))
  return { current: current ? [current] : [], old: sets.filter((set) => set !== current) }
}

function setNames(sets: readonly K8sObject[]): string {
  return sets.map((set) => `${set.metadata.name} (${set.status?.replicas ?? 0}/${set.spec?.replicas ?? 0} replicas created)`).join(', ') || '<none>'
}

export function describeDeployment(console: Console, object: K8sObject, showEvents: boolean): string {
  const { spec = {}, status = {} } = object as K8sObject & { spec: Fields; status: Fields }
  const page = begin(object)
  page.line(0, `CreationTimestamp:\t${rfc1123(object.metadata.creationTimestamp)}`)
  metadata(page, object)
  page.line(0, `Selector:\t${selectorText(spec.selector)}`)
  page.line(0, `Replicas:\t${spec.replicas ?? 0} desired | ${status.updatedReplicas ?? 0} updated | ${status.replicas ?? 0} total | ${status.availableReplicas ?? 0} available | ${status.unavailableReplicas ?? 0} unavailable`)
  page.line(0, `StrategyType:\t${spec.strategy?.type ?? 'RollingUpdate'}`)
  page.line(0, `MinReadySeconds:\t${spec.minReadySeconds ?? 0}`)
  const rolling = spec.strategy?.rollingUpdate
  if (rolling) page.line(0, `RollingUpdateStrategy:\t${rolling.maxUnavailable ?? '25%'} max unavailable, ${rolling.maxSurge ?? '25%'} max surge`)
  describeTemplate(page, spec.template)
  shortConditions(page, object)
  const { old, current } = replicaSets(console, object)
  if (old.length + current.length > 0) {
    page.line(0, `OldReplicaSets:\t${setNames(old)}`)
    page.line(0, `NewReplicaSet:\t${setNames(current)}`)
  }
  return end(page, console, object, showEvents)
}

export function describeReplicaSet(console: Console, object: K8sObject, showEvents: boolean): string {
  const page = begin(object)
  page.line(0, `Selector:\t${object.kind === 'ReplicaSet' ? formatSelector(object.spec?.selector) : formatLabels(object.spec?.selector)}`)
  metadata(page, object)
  page.controller(object)
  page.line(0, `Replicas:\t${object.status?.replicas ?? 0} current / ${object.spec?.replicas ?? 0} desired`)
  page.line(0, `Pods Status:\t${podCounts(console, object)}`)
  describeTemplate(page, object.spec?.template)
  shortConditions(page, object)
  return end(page, console, object, showEvents)
}

export function describeStatefulSet(console: Console, object: K8sObject, showEvents: boolean): string {
  const { spec = {}, status = {} } = object as K8sObject & { spec: Fields; status: Fields }
  const page = begin(object)
  page.line(0, `CreationTimestamp:\t${rfc1123(object.metadata.creationTimestamp)}`)
  page.line(0, `Selector:\t${selectorText(spec.selector)}`)
  metadata(page, object)
  page.line(0, `Replicas:\t${spec.replicas ?? 0} desired | ${status.replicas ?? 0} total`)
  page.line(0, `Update Strategy:\t${spec.updateStrategy?.type ?? 'RollingUpdate'}`)
  const rolling = spec.updateStrategy?.rollingUpdate
  if (rolling?.partition !== undefined) {
    page.line(1, `Partition:\t${rolling.partition}`)
    if (rolling.maxUnavailable !== undefined) page.line(1, `MaxUnavailable:\t${rolling.maxUnavailable}`)
  }
  page.line(0, `Pods Status:\t${podCounts(console, object)}`)
  describeTemplate(page, spec.template)
  describeClaimTemplates(page, spec.volumeClaimTemplates ?? [])
  return end(page, console, object, showEvents)
}

export function describeDaemonSet(console: Console, object: K8sObject, showEvents: boolean): string {
  const { spec = {}, status = {} } = object as K8sObject & { spec: Fields; status: Fields }
  const page = begin(object)
  page.line(0, `Selector:\t${selectorText(spec.selector)}`)
  page.line(0, `Node-Selector:\t${formatLabels(spec.template?.spec?.nodeSelector)}`)
  metadata(page, object)
  page.line(0, `Desired Number of Nodes Scheduled: ${status.desiredNumberScheduled ?? 0}`)
  page.line(0, `Current Number of Nodes Scheduled: ${status.currentNumberScheduled ?? 0}`)
  page.line(0, `Number of Nodes Scheduled with Up-to-date Pods: ${status.updatedNumberScheduled ?? 0}`)
  page.line(0, `Number of Nodes Scheduled with Available Pods: ${status.numberAvailable ?? 0}`)
  page.line(0, `Number of Nodes Misscheduled: ${status.numberMisscheduled ?? 0}`)
  page.line(0, `Pods Status:\t${podCounts(console, object)}`)
  describeTemplate(page, spec.template)
  return end(page, console, object, showEvents)
}

/** The list of indexes up to the first comma past fifty letters (capIndexesListOrNone). */
function shortIndexes(indexes: string): string {
  const comma = indexes.indexOf(',', 50)
  return indexes === '' ? '<none>' : comma < 0 ? indexes : `${indexes.slice(0, comma + 1)}...`
}

export function describeJob(console: Console, object: K8sObject, showEvents: boolean): string {
  const { spec = {}, status = {} } = object as K8sObject & { spec: Fields; status: Fields }
  const page = begin(object)
  page.line(0, `Selector:\t${selectorText(spec.selector)}`)
  metadata(page, object)
  page.controller(object)
  if (spec.parallelism !== undefined) page.line(0, `Parallelism:\t${spec.parallelism}`)
  page.line(0, `Completions:\t${spec.completions ?? '<unset>'}`)
  if (spec.completionMode) page.line(0, `Completion Mode:\t${spec.completionMode}`)
  if (spec.suspend !== undefined) page.line(0, `Suspend:\t${spec.suspend}`)
  if (spec.backoffLimit !== undefined) page.line(0, `Backoff Limit:\t${spec.backoffLimit}`)
  if (spec.ttlSecondsAfterFinished !== undefined) page.line(0, `TTL Seconds After Finished:\t${spec.ttlSecondsAfterFinished}`)
  if (status.startTime) page.line(0, `Start Time:\t${rfc1123(status.startTime)}`)
  if (status.completionTime) page.line(0, `Completed At:\t${rfc1123(status.completionTime)}`)
  if (status.startTime && status.completionTime) page.line(0, `Duration:\t${humanDuration(Date.parse(status.completionTime) - Date.parse(status.startTime))}`)
  if (spec.activeDeadlineSeconds !== undefined) page.line(0, `Active Deadline Seconds:\t${spec.activeDeadlineSeconds}s`)
  const ready = status.ready === undefined ? '' : ` (${status.ready} Ready)`
  page.line(0, `Pods Statuses:\t${status.active ?? 0} Active${ready} / ${status.succeeded ?? 0} Succeeded / ${status.failed ?? 0} Failed`)
  if (spec.completionMode === 'Indexed') page.line(0, `Completed Indexes:\t${shortIndexes(status.completedIndexes ?? '')}`)
  describeTemplate(page, spec.template)
  return end(page, console, object, showEvents)
}

export function describeCronJob(console: Console, object: K8sObject, showEvents: boolean): string {
  const { spec = {}, status = {} } = object as K8sObject & { spec: Fields; status: Fields }
  const page = begin(object)
  metadata(page, object)
  page.line(0, `Schedule:\t${spec.schedule}`)
  page.line(0, `Concurrency Policy:\t${spec.concurrencyPolicy ?? 'Allow'}`)
  page.line(0, `Suspend:\t${spec.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False'}`)
  page.line(0, `Time Zone:\t${spec.timeZone ?? '<unset>'}`)
  page.line(0, `Successful Job History Limit:\t${spec.successfulJobsHistoryLimit ?? '<unset>'}`)
  page.line(0, `Failed Job History Limit:\t${spec.failedJobsHistoryLimit ?? '<unset>'}`)
  page.line(0, `Starting Deadline Seconds:\t${spec.startingDeadlineSeconds === undefined || spec.startingDeadlineSeconds === null ? '<unset>' : `${spec.startingDeadlineSeconds}s`}`)
  const job = spec.jobTemplate?.spec ?? {}
  page.line(0, `Selector:\t${job.selector ? selectorText(job.selector) : '<unset>'}`)
  page.line(0, `Parallelism:\t${job.parallelism ?? '<unset>'}`)
  page.line(0, `Completions:\t${job.completions ?? '<unset>'}`)
  if (job.activeDeadlineSeconds !== undefined) page.line(0, `Active Deadline Seconds:\t${job.activeDeadlineSeconds}s`)
  describeTemplate(page, job.template)
  page.line(0, `Last Schedule Time:\t${status.lastScheduleTime ? rfc1123(status.lastScheduleTime) : '<unset>'}`)
  page.line(0, `Active Jobs:\t${((status.active ?? []) as Fields[]).map((reference) => reference.name).join(', ') || '<none>'}`)
  return end(page, console, object, showEvents)
}
