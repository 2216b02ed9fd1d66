/** Jobs and CronJobs: what a pod counts for, when the next one comes, and how a Job ends. */
import { describe, expect, it } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import type { LiveCluster } from '../../../server/cluster/cluster.ts'
import { eventsOf, startCluster } from '../control-plane.ts'
import type { PodPlan } from '../control-plane.ts'

const fine: PodPlan = { startMs: 500, readyMs: 1000, stopMs: 1000 }
const ends = (exitCode: number, endsMs = 1000): PodPlan => ({ ...fine, endsMs, exitCode })

function job(spec: Fields = {}, pod: Fields = {}, container: Fields = {}): K8sObject {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'seed', namespace: 'game' }, spec: { ...spec, template: { metadata: { labels: {} }, spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'app:1', ...container }], ...pod } } } } as K8sObject
}
const started = (spec: Fields, plan: (pod: K8sObject) => PodPlan = () => fine, pod: Fields = {}, container: Fields = {}, scenario: Fields = {}): LiveCluster => {
  const cluster = startCluster(scenario, (pod) => (pod.metadata.namespace === 'game' ? plan(pod) : fine))
  cluster.api.apply(job(spec, pod, container))
  return cluster
}
const podsOf = (cluster: LiveCluster): readonly K8sObject[] => cluster.view.list('Pod', 'game')
const statusOf = (cluster: LiveCluster, name = 'seed'): Fields => cluster.view.get('Job', 'game', name)!.status as Fields
const refOf = (pod: K8sObject): { kind: string; namespace: string; name: string } => ({ kind: 'Pod', namespace: 'game', name: pod.metadata.name })
/** Seconds at which the pods of the Job were made. */
const births = (cluster: LiveCluster): number[] => cluster.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === 'SuccessfulCreate' && entry.ref?.kind === 'Job').map((entry) => entry.at / 1000)

describe('A Job', () => {
  it.each<[string, Fields, number]>([
    ['parallelism below completions', { parallelism: 2, completions: 5 }, 2], ['parallelism above completions', { parallelism: 5, completions: 3 }, 3], ['a work queue', { parallelism: 4 }, 4],
  ])('with %s makes as many pods as are of use', (_name, spec, count) => {
    const cluster = started(spec)
    cluster.advance(2000)
    expect(statusOf(cluster).active).toBe(count)
  })
  it('names and labels its pods', () => {
    const cluster = started({ completionMode: 'Indexed', completions: 1 })
    cluster.advance(2000)
    const [pod] = podsOf(cluster)
    expect(pod!.metadata.name).toMatch(/^seed-0-[a-z0-9]{5}$/)
    expect(pod!.metadata.labels).toMatchObject({ 'batch.kubernetes.io/job-name': 'seed', 'job-name': 'seed', 'controller-uid': cluster.view.get('Job', 'game', 'seed')!.metadata.uid, 'batch.kubernetes.io/job-completion-index': '0' })
    expect(pod!.spec.hostname).toBe('seed-0')
  })
  it('waits 10 s doubling from the end of the last failure', () => {
    const cluster = started({ backoffLimit: 6 }, () => ends(1))
    cluster.advance(1_200_000)
    const waits = births(cluster).map((at, i, all) => (i === 0 ? 0 : at - all[i - 1]! - 1.5))
    expect(waits.map(Math.round)).toEqual([0, 10, 20, 40, 80, 160, 320])
    expect(statusOf(cluster)).toMatchObject({ failed: 7, active: 0, conditions: [{ type: 'FailureTarget', reason: 'BackoffLimitExceeded' }, { type: 'Failed', reason: 'BackoffLimitExceeded' }] })
  })
  it('whose pods stay pending is not failed', () => {
    const cluster = started({ backoffLimit: 0 }, () => ({ startMs: 10_000_000, stopMs: 1000 }))
    cluster.advance(3_000_000)
    expect(statusOf(cluster)).toMatchObject({ active: 1, failed: 0 })
    expect(statusOf(cluster).conditions).toBeUndefined()
  })
  it('counts a pod that somebody deletes as a failure, for good, and waits before the next', () => {
    const cluster = started({})
    cluster.advance(5000)
    cluster.api.delete(refOf(podsOf(cluster)[0]!))
    cluster.advance(14_000)
    expect([podsOf(cluster).length, statusOf(cluster).failed]).toEqual([0, 1])
    cluster.advance(16_000)
    expect([podsOf(cluster).length, statusOf(cluster).failed]).toEqual([1, 1])
  })
  it('remembers what has succeeded though the pod is deleted', () => {
    const cluster = started({ completions: 2 }, (pod) => (pod.metadata.name === names(cluster)[0] ? ends(0) : fine))
    cluster.advance(3000)
    cluster.api.delete(refOf(podsOf(cluster).find((pod) => pod.status.phase === 'Succeeded')!))
    cluster.advance(10_000)
    expect(statusOf(cluster)).toMatchObject({ succeeded: 1, active: 1 })
    expect(births(cluster)).toHaveLength(2)
  })
  it('does not hold its own suspension against the limit', () => {
    const cluster = started({ backoffLimit: 0 })
    cluster.advance(5000)
    cluster.api.patch({ kind: 'Job', namespace: 'game', name: 'seed' }, { spec: { suspend: true } })
    cluster.advance(10_000)
    expect([podsOf(cluster).length, statusOf(cluster).failed, statusOf(cluster).conditions]).toEqual([0, 0, [expect.objectContaining({ type: 'Suspended', status: 'True' })]])
    cluster.api.patch({ kind: 'Job', namespace: 'game', name: 'seed' }, { spec: { suspend: false } })
    cluster.advance(12_000)
    expect([podsOf(cluster).length, eventsOf(cluster, 'Job', 'Resumed')]).toEqual([1, ['Job resumed']])
  })
  it('gives up pods of a smaller parallelism without counting them', () => {
    const cluster = started({ parallelism: 3, completions: 9, backoffLimit: 0 })
    cluster.advance(5000)
    cluster.api.patch({ kind: 'Job', namespace: 'game', name: 'seed' }, { spec: { parallelism: 1 } })
    cluster.advance(10_000)
    expect(statusOf(cluster)).toMatchObject({ active: 1, failed: 0 })
  })
  it.each([[2, 1, false], [2, 2, true], [0, 0, false], [0, 1, true]])('with restarts in place and limit %i: after %i restarts given up is %s', (backoffLimit, restartCount, over) => {
    const cluster = started({ backoffLimit }, () => fine, { restartPolicy: 'OnFailure' })
    cluster.advance(5000)
    const [pod] = podsOf(cluster)
    cluster.put({ ...pod!, status: { ...pod!.status, containerStatuses: [{ name: 'app', restartCount, state: { running: {} } }] } })
    cluster.advance(60_000)
    expect(podsOf(cluster)).toHaveLength(over ? 0 : 1)
    expect(statusOf(cluster).conditions?.at(-1)).toEqual(over ? expect.objectContaining({ type: 'Failed', reason: 'BackoffLimitExceeded' }) : undefined)
    expect(statusOf(cluster)).toMatchObject({ failed: over ? 1 : 0, succeeded: 0 })
  })
  it('stays failed though its last pod ends well when told to stop', () => {
    const cluster = started({ backoffLimit: 1 }, () => fine, { restartPolicy: 'OnFailure' })
    cluster.advance(5000)
    const [pod] = podsOf(cluster)
    cluster.put({ ...pod!, status: { ...pod!.status, containerStatuses: [{ name: 'app', restartCount: 1, state: { running: {} } }] } })
    cluster.advance(5500)
    const leaving = podsOf(cluster)[0]!
    expect(leaving.metadata.deletionTimestamp).toBeDefined()
    cluster.put({ ...leaving, status: { ...leaving.status, phase: 'Succeeded' } })
    cluster.advance(20_000)
    expect(statusOf(cluster)).toMatchObject({ failed: 1, succeeded: 0, conditions: [{ type: 'FailureTarget' }, { type: 'Failed', reason: 'BackoffLimitExceeded' }] })
  })
  it('counts pods that its deadline ends, also those that never had a node', () => {
    const cluster = started({ parallelism: 2, completions: 2, activeDeadlineSeconds: 20 }, () => fine, { nodeSelector: { no: 'where' } })
    cluster.advance(40_000)
    expect(statusOf(cluster)).toMatchObject({ failed: 2, active: 0, conditions: [{ type: 'FailureTarget' }, { type: 'Failed', reason: 'DeadlineExceeded' }] })
    expect(eventsOf(cluster, 'Job', 'SuccessfulDelete')).toHaveLength(2)
  })
  it('is deleted with its pods some time after its end', () => {
    const cluster = started({ ttlSecondsAfterFinished: 60 }, () => ends(0))
    cluster.advance(60_900)
    expect(cluster.view.get('Job', 'game', 'seed')).toBeDefined()
    cluster.advance(65_000)
    expect([cluster.view.get('Job', 'game', 'seed'), podsOf(cluster)]).toEqual([undefined, []])
  })
  it('speaks of what it does', () => {
    const cluster = started({ completions: 1 }, () => ends(0))
    cluster.advance(10_000)
    const [pod] = podsOf(cluster)
    expect(eventsOf(cluster, 'Job')).toEqual([`Created pod: ${pod!.metadata.name}`, 'Job completed'])
    expect(statusOf(cluster).conditions).toMatchObject([{ type: 'SuccessCriteriaMet', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }, { type: 'Complete', reason: 'CompletionsReached' }])
  })
})

function names(cluster: LiveCluster): string[] {
  return eventsOf(cluster, 'Job', 'SuccessfulCreate').map((text) => text.replace('Created pod: ', ''))
}

describe('podFailurePolicy', () => {
  const rules = [
    { action: 'FailJob', onExitCodes: { containerName: 'app', operator: 'In', values: [42] } },
    { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    { action: 'Count', onExitCodes: { operator: 'NotIn', values: [7] } },
  ]
  it('fails the Job at once on an exit code, in its own words', () => {
    const cluster = started({ backoffLimit: 6, podFailurePolicy: { rules } }, () => ends(42))
    cluster.advance(10_000)
    const [pod] = podsOf(cluster)
    expect(statusOf(cluster).conditions).toMatchObject([{ type: 'FailureTarget', reason: 'PodFailurePolicy' }, { type: 'Failed', reason: 'PodFailurePolicy', message: `Container app for pod game/${pod!.metadata.name} failed with exit code 42 matching FailJob rule at index 0` }])
  })
  it('ignores disruptions, and counts what no rule or a Count rule matches', () => {
    const evicted = started({ backoffLimit: 0, podFailurePolicy: { rules } })
    evicted.advance(5000)
    const [pod] = podsOf(evicted)
    evicted.put({ ...pod!, status: { ...pod!.status, phase: 'Failed', conditions: [...pod!.status.conditions, { type: 'DisruptionTarget', status: 'True' }] } })
    evicted.advance(30_000)
    expect(statusOf(evicted)).toMatchObject({ failed: 0, active: 1 })
    const counted = started({ backoffLimit: 0, podFailurePolicy: { rules } }, () => ends(3))
    counted.advance(10_000)
    expect(statusOf(counted)).toMatchObject({ failed: 1, conditions: [{ type: 'FailureTarget' }, { reason: 'BackoffLimitExceeded' }] })
  })
  it('replaces pods only once they have ended', () => {
    const cluster = started({ podFailurePolicy: { rules } }, () => ({ ...fine, stopMs: 20_000 }))
    cluster.advance(5000)
    cluster.api.delete(refOf(podsOf(cluster)[0]!))
    cluster.advance(20_000)
    expect([podsOf(cluster).length, statusOf(cluster).terminating, statusOf(cluster).failed]).toEqual([1, 1, 0])
  })
})

describe('backoffLimitPerIndex', () => {
  const spec = { completionMode: 'Indexed', completions: 3, parallelism: 3, backoffLimitPerIndex: 1, backoffLimit: 1000 }
  const plan = (pod: K8sObject): PodPlan => (pod.metadata.name.startsWith('seed-1-') ? ends(1) : ends(0, 3000))
  it('fails one index, lets the others finish, and says which', () => {
    const cluster = started(spec, plan)
    cluster.advance(60_000)
    expect(statusOf(cluster)).toMatchObject({ completedIndexes: '0,2', failedIndexes: '1', succeeded: 2, failed: 2, conditions: [{ type: 'FailureTarget', reason: 'FailedIndexes' }, { type: 'Failed', message: 'Job has failed indexes' }] })
  })
  it('waits for each index by itself', () => {
    const cluster = started({ ...spec, backoffLimitPerIndex: 3, completions: 6 }, plan)
    cluster.advance(6000)
    expect(names(cluster).map((name) => name.split('-')[1])).toEqual(['0', '1', '2', '3', '4'])
    cluster.advance(12_000)
    expect(names(cluster).map((name) => name.split('-')[1]).filter((index) => index === '1')).toHaveLength(2)
    expect(podsOf(cluster).find((pod) => pod.metadata.name === names(cluster).filter((name) => name.startsWith('seed-1-'))[1])!.metadata.annotations).toMatchObject({ 'batch.kubernetes.io/job-index-failure-count': '1' })
  })
  it('ends the Job when too many indexes have failed', () => {
    const cluster = started({ ...spec, maxFailedIndexes: 0, backoffLimitPerIndex: 0 }, plan)
    cluster.advance(20_000)
    expect(statusOf(cluster).conditions.at(-1)).toMatchObject({ type: 'Failed', reason: 'MaxFailedIndexesExceeded', message: 'Job has exceeded the specified maximal number of failed indexes' })
  })
})

describe('A CronJob', () => {
  const every = (spec: Fields = {}, jobSpec: Fields = {}): K8sObject => ({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'tick', namespace: 'game' }, spec: { schedule: '* * * * *', ...spec, jobTemplate: { metadata: { labels: { team: 'blue' } }, spec: job(jobSpec).spec } } })
  const playing = (cronJob: K8sObject, plan: PodPlan): LiveCluster => {
    const cluster = startCluster({}, (pod) => (pod.metadata.namespace === 'game' ? plan : fine))
    cluster.api.apply(cronJob)
    return cluster
  }
  const jobs = (cluster: LiveCluster): string[] => cluster.view.list('Job', 'game').map((item) => item.metadata.name)
  const minuteOf = (cluster: LiveCluster, at: number): number => Date.parse(cluster.timestamp(at)) / 60_000

  it('names its Jobs after the minute they were due, and says what it does', () => {
    const cluster = playing(every(), ends(0))
    cluster.advance(65_000)
    const name = `tick-${minuteOf(cluster, 60_000)}`
    expect(jobs(cluster)).toEqual([name])
    expect(cluster.view.get('Job', 'game', name)!.metadata).toMatchObject({ labels: { team: 'blue' }, annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': cluster.timestamp(60_000) } })
    expect(eventsOf(cluster, 'CronJob')).toEqual([`Created job ${name}`, `Saw completed job: ${name}, condition: Complete`])
    expect(cluster.view.get('CronJob', 'game', 'tick')!.status).toMatchObject({ active: [], lastScheduleTime: cluster.timestamp(60_000) })
  })
  it('writes the time in its own zone', () => {
    const cluster = playing(every({ timeZone: 'Asia/Kolkata' }), ends(0))
    cluster.advance(65_000)
    expect(cluster.view.list('Job', 'game')[0]!.metadata.annotations!['batch.kubernetes.io/cronjob-scheduled-timestamp']).toMatch(/T\d\d:\d\d:00\+05:30$/)
  })
  it('follows the clock of its zone, and stays away from one that nobody knows', () => {
    const cluster = playing(every({ schedule: '35 15 * * *', timeZone: 'Asia/Kolkata' }), ends(0))
    cluster.advance(86_400_000)
    const births = cluster.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === 'SuccessfulCreate' && entry.ref?.kind === 'CronJob').map((entry) => cluster.timestamp(entry.at))
    expect(births).toEqual([expect.stringMatching(/T10:05:00Z$/)])
    const lost = playing(every({ timeZone: 'Mars/Base' }), ends(0))
    lost.advance(125_000)
    expect(jobs(lost)).toEqual([])
    expect(eventsOf(lost, 'CronJob', 'UnknownTimeZone')[0]).toBe('invalid timeZone: "Mars/Base": unknown time zone Mars/Base')
  })
  it('replaces a running Job', () => {
    const cluster = playing(every({ concurrencyPolicy: 'Replace' }), fine)
    cluster.advance(125_000)
    const [first, second] = [minuteOf(cluster, 60_000), minuteOf(cluster, 120_000)].map((minute) => `tick-${minute}`)
    expect(jobs(cluster)).toEqual([second])
    expect(eventsOf(cluster, 'CronJob')).toEqual([`Created job ${first}`, `Deleted job ${first}`, `Created job ${second}`])
  })
  it('lets Jobs run side by side when that is allowed', () => {
    const cluster = playing(every({ concurrencyPolicy: 'Allow' }), fine)
    cluster.advance(125_000)
    expect(cluster.view.get('CronJob', 'game', 'tick')!.status!.active).toHaveLength(2)
  })
  it('is not held up by a Job that somebody made of it, nor counts it as active', () => {
    const cluster = playing(every({ concurrencyPolicy: 'Forbid' }), fine)
    cluster.advance(5000)
    const owner = cluster.view.get('CronJob', 'game', 'tick')!
    cluster.api.create({ ...job({}), metadata: { name: 'by-hand', namespace: 'game', ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'tick', uid: owner.metadata.uid!, controller: true }] } } as K8sObject)
    cluster.advance(65_000)
    expect(jobs(cluster)).toEqual(['by-hand', `tick-${minuteOf(cluster, 60_000)}`])
    expect(eventsOf(cluster, 'CronJob', 'UnexpectedJob')[0]).toBe('Saw a job that the controller did not create or forgot: by-hand')
    expect(cluster.view.get('CronJob', 'game', 'tick')!.status!.active).toHaveLength(1)
  })
  it('notes a running Job that is gone', () => {
    const cluster = playing(every(), fine)
    cluster.advance(65_000)
    const [name] = jobs(cluster)
    cluster.api.delete({ kind: 'Job', namespace: 'game', name: name! })
    cluster.advance(70_000)
    expect(eventsOf(cluster, 'CronJob', 'MissingJob')).toEqual([`Active job went missing: ${name}`])
    expect(jobs(cluster)).toEqual([])
  })
  it('keeps three Jobs that did well and one that did not', () => {
    const well = playing(every(), ends(0))
    well.advance(365_000)
    expect(jobs(well)).toHaveLength(3)
    expect(eventsOf(well, 'CronJob', 'SuccessfulDelete')).toHaveLength(3)
    const badly = playing(every({}, { backoffLimit: 0 }), ends(1))
    badly.advance(365_000)
    expect(jobs(badly)).toHaveLength(1)
    expect(eventsOf(badly, 'CronJob', 'SawCompletedJob')[0]).toMatch(/^Saw completed job: tick-\d+, condition: Failed$/)
  })
  it('starts the last missed run when it is resumed, unless the deadline is over, and complains of more than a hundred', () => {
    const resumed = (spec: Fields, after: number): LiveCluster => {
      const cluster = playing(every({ ...spec, suspend: true }), fine)
      cluster.advance(after)
      expect(jobs(cluster)).toEqual([])
      cluster.api.patch({ kind: 'CronJob', namespace: 'game', name: 'tick' }, { spec: { suspend: false } })
      cluster.advance(after + 1000)
      return cluster
    }
    const late = resumed({}, 210_000)
    expect(jobs(late)).toEqual([`tick-${minuteOf(late, 180_000)}`])
    const tooLate = resumed({ startingDeadlineSeconds: 20 }, 210_000)
    expect(jobs(tooLate)).toEqual([])
    // What lies behind the deadline is not even looked at, so nobody speaks of it (mostRecentScheduleTime).
    expect(eventsOf(tooLate, 'CronJob')).toEqual([])
    expect(jobs(resumed({ startingDeadlineSeconds: 40 }, 210_000))).toHaveLength(1)
    expect(eventsOf(resumed({ startingDeadlineSeconds: 200 }, 102 * 60_000), 'CronJob', 'TooManyMissedTimes')).toEqual([])
    expect(eventsOf(late, 'CronJob', 'TooManyMissedTimes')).toEqual([])
    expect(eventsOf(resumed({}, 102 * 60_000), 'CronJob', 'TooManyMissedTimes')).toEqual(['too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew'])
  })
})
