/** CronJob (pkg/controller/cronjob/cronjob_controllerv2.go). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { compareText, keyOf, refOf } from '../../../k8s/object.ts'
import type { Millis } from '../../../k8s/duration.ts'
import type { Cluster, Controller } from '../../types.ts'
import { equal, ownedBy } from '../../pods.ts'
import { jobCondition } from '../job/index.ts'
import { instantOf, ownerKey, parseKey } from '../keys.ts'
import type { Schedule } from './schedule.ts'
import { nextTime, parseSchedule, zoneOffset } from './schedule.ts'

const component = 'cronjob-controller'
const tooMany = 100

export const cronJobController: Controller = {
  name: 'cronjob',
  source: 'pkg/controller/cronjob/cronjob_controllerv2.go:syncCronJob, utils.go:mostRecentScheduleTime',
  about: 'Starts Jobs on schedule in UTC or the given time zone, with concurrency policy, startingDeadlineSeconds, missed runs, suspend and history limits. Not modelled: skew between the clocks of the control plane.',
  keys: (change) => (change.object.kind === 'CronJob' ? [keyOf(change.object)] : change.object.kind === 'Job' ? ownerKey(change.object, 'CronJob') : []),
  reconcile(key, cluster) {
    const { namespace, name } = parseKey(key)
    const cronJob = cluster.view.get('CronJob', namespace, name)
    if (cronJob && !cronJob.metadata.deletionTimestamp) sync(key, cronJob, cluster)
  },
}

/** Times between `after` and `now` at which it should have run: the last of them, and how many. */
export function missedTimes(schedule: Schedule, after: Millis, now: Millis, zone: string): { last: Millis | undefined; count: number } {
  let last: Millis | undefined
  let count = 0
  for (let at = nextTime(schedule, after, zone); at !== undefined && at <= now; at = nextTime(schedule, at, zone)) {
    last = at
    count++
  }
  return { last, count }
}

function sync(key: string, cronJob: K8sObject, cluster: Cluster): void {
  const current = tidy(cronJob, cluster)
  const zone = (current.spec.timeZone ?? 'UTC') as string
  const epoch = Date.parse(cluster.timestamp(0))
  const now = epoch + cluster.now
  if (zoneOffset(zone, now) === undefined) {
    cluster.event(current, { type: 'Warning', reason: 'UnknownTimeZone', component, message: `invalid timeZone: ${JSON.stringify(zone)}: unknown time zone ${zone}` })
    return
  }
  if (current.spec.suspend === true) return
  const schedule = parseSchedule(current.spec.schedule)
  if (!schedule) {
    cluster.event(current, { type: 'Warning', reason: 'UnparseableSchedule', component, message: `unparseable schedule: ${current.spec.schedule}` })
    return
  }
  const next = nextTime(schedule, now, zone)
  if (next !== undefined) cluster.wake('cronjob', key, next - epoch)
  const deadline = current.spec.startingDeadlineSeconds as number | undefined
  const since = Date.parse(current.status?.lastScheduleTime ?? current.metadata.creationTimestamp ?? cluster.timestamp())
  const after = deadline === undefined ? since : Math.max(since, now - deadline * 1000)
  const { last, count } = missedTimes(schedule, after, now, zone)
  if (count > tooMany) cluster.event(current, { type: 'Warning', reason: 'TooManyMissedTimes', component, message: 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew' })
  if (last === undefined) return
  if (deadline !== undefined && last + deadline * 1000 < now) {
    cluster.event(current, { type: 'Warning', reason: 'MissSchedule', component, message: `Missed scheduled time to start a job: ${new Date(last).toUTCString().replace('GMT', '+0000')}` })
    return
  }
  start(current, last, zone, cluster)
}

/** RFC 3339 as it reads in the zone: `2026-01-05T03:00:00+08:00`. */
function inZone(at: Millis, zone: string): string {
  const offset = zoneOffset(zone, at) ?? 0
  if (offset === 0) return new Date(at).toISOString().replace('.000Z', 'Z')
  const minutes = Math.abs(offset) / 60_000
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  return `${new Date(at + offset).toISOString().slice(0, 19)}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}

/** Only Jobs the CronJob started itself stand in the way of the next; one made by hand does not (syncCronJob reads status.active). */
function start(cronJob: K8sObject, scheduledAt: Millis, zone: string, cluster: Cluster): void {
  const namespace = cronJob.metadata.namespace ?? ''
  const name = `${cronJob.metadata.name}-${Math.floor(scheduledAt / 60_000)}`
  if (cluster.view.get('Job', namespace, name)) return
  const listed = new Set(((cronJob.status?.active ?? []) as Fields[]).map(({ uid }) => uid))
  const active = cluster.view.owned(cronJob.metadata.uid ?? '', 'Job').filter((job) => listed.has(job.metadata.uid))
  if (cronJob.spec.concurrencyPolicy === 'Forbid' && active.length > 0) {
    cluster.event(cronJob, { type: 'Normal', reason: 'JobAlreadyActive', component, message: 'Not starting job because prior execution is running and concurrency policy is Forbid' })
    return
  }
  const replaced = new Set(cronJob.spec.concurrencyPolicy === 'Replace' ? active.map((job) => job.metadata.uid) : [])
  if (replaced.size > 0)
    for (const job of active) {
      cluster.api.delete(refOf(job), { propagation: 'Background' })
      cluster.event(cronJob, { type: 'Normal', reason: 'SuccessfulDelete', component, message: `Deleted job ${job.metadata.name}` })
    }
  const scheduledText = new Date(scheduledAt).toISOString().replace('.000Z', 'Z')
  const template = cronJob.spec.jobTemplate
  const result = cluster.api.create({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace, labels: { ...template.metadata?.labels }, annotations: { ...template.metadata?.annotations, 'batch.kubernetes.io/cronjob-scheduled-timestamp': inZone(scheduledAt, zone) }, ownerReferences: [ownedBy(cronJob)] }, spec: { ...template.spec } }, component)
  if ('error' in result) {
    cluster.event(cronJob, { type: 'Warning', reason: 'FailedCreate', component, message: `Error creating job: ${result.error.message}` })
    return
  }
  cluster.event(cronJob, { type: 'Normal', reason: 'SuccessfulCreate', component, message: `Created job ${name}` })
  const fresh = cluster.view.get('CronJob', namespace, cronJob.metadata.name) ?? cronJob
  cluster.api.setStatus(refOf(fresh), { ...fresh.status, active: [...((fresh.status?.active ?? []) as Fields[]).filter(({ uid }) => !replaced.has(uid)), referenceTo(result.object)], lastScheduleTime: scheduledText })
}

function isFinished(job: K8sObject): boolean {
  return jobCondition(job, 'Complete') !== undefined || jobCondition(job, 'Failed') !== undefined
}

function referenceTo(job: K8sObject): Fields {
  return { apiVersion: 'batch/v1', kind: 'Job', name: job.metadata.name, namespace: job.metadata.namespace, uid: job.metadata.uid }
}

/** Notes finished and missing Jobs and deletes those beyond the history limits, oldest first. Gives the CronJob as stored afterwards. */
function tidy(cronJob: K8sObject, cluster: Cluster): K8sObject {
  const jobs = [...cluster.view.owned(cronJob.metadata.uid ?? '', 'Job')]
  const status: Fields = { ...cronJob.status }
  const listed = (status.active ?? []) as Fields[]
  const activeUids = new Set(jobs.filter((job) => !isFinished(job)).map((job) => job.metadata.uid))
  for (const job of jobs) if (!isFinished(job) && !listed.some(({ uid }) => uid === job.metadata.uid)) cluster.event(cronJob, { type: 'Warning', reason: 'UnexpectedJob', component, message: `Saw a job that the controller did not create or forgot: ${job.metadata.name}` })
  for (const reference of listed) {
    const job = jobs.find((item) => item.metadata.uid === reference.uid)
    if (!job) cluster.event(cronJob, { type: 'Normal', reason: 'MissingJob', component, message: `Active job went missing: ${reference.name}` })
    if (!job || !isFinished(job)) continue
    cluster.event(cronJob, { type: 'Normal', reason: 'SawCompletedJob', component, message: `Saw completed job: ${job.metadata.name}, condition: ${jobCondition(job, 'Complete') ? 'Complete' : 'Failed'}` })
    if (jobCondition(job, 'Complete') && compareText(job.status.completionTime ?? '', status.lastSuccessfulTime ?? '') > 0) status.lastSuccessfulTime = job.status.completionTime
  }
  const active = listed.filter((reference) => activeUids.has(reference.uid))
  if (active.length > 0 || cronJob.status?.active) status.active = active
  if (!equal(cronJob.status ?? {}, status)) cluster.api.setStatus(refOf(cronJob), status)
  const limits: [string, number][] = [['Complete', cronJob.spec.successfulJobsHistoryLimit ?? 3], ['Failed', cronJob.spec.failedJobsHistoryLimit ?? 1]]
  for (const [type, limit] of limits) {
    const finished = jobs.filter((job) => jobCondition(job, type)).sort((a, b) => compareText(a.status?.startTime ?? '', b.status?.startTime ?? '') || compareText(a.metadata.name, b.metadata.name))
    for (const job of finished.slice(0, Math.max(0, finished.length - limit))) {
      cluster.api.delete(refOf(job), { propagation: 'Background' })
      cluster.event(cronJob, { type: 'Normal', reason: 'SuccessfulDelete', component, message: `Deleted job ${job.metadata.name}` })
    }
  }
  return cluster.view.get('CronJob', cronJob.metadata.namespace ?? '', cronJob.metadata.name) ?? cronJob
}

/** When the CronJob runs next, for `kubectl describe` and tests. */
export function nextRun(cronJob: K8sObject, cluster: Cluster): Millis | undefined {
  const schedule = parseSchedule(cronJob.spec.schedule)
  const at = schedule && nextTime(schedule, Date.parse(cluster.timestamp()), cronJob.spec.timeZone ?? 'UTC')
  return at === undefined ? undefined : instantOf(cluster, new Date(at).toISOString())
}
