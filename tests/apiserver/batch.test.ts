import { describe, expect, it } from 'vitest'
import { admit } from '../../server/apiserver/index.ts'
import { scheduleFault } from '../../server/apiserver/validation/cron-schedule.ts'
import { unassignedUid } from '../../server/apiserver/validation/job-labels.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'

const podSpec: Fields = { restartPolicy: 'Never', containers: [{ name: 'c', image: 'nginx:1.27' }] }
const job = (rest: Fields = {}, name = 'a'): K8sObject => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace: 'game' }, spec: { template: { spec: podSpec }, ...rest } })
const cron = (rest: Fields = {}, name = 'a'): K8sObject => ({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name, namespace: 'game' }, spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: { spec: podSpec } } }, ...rest } })
const at = (value: unknown, path: string): unknown => path.split('.').reduce((inner: any, key) => inner?.[key], value)
const said = (next: K8sObject, old?: K8sObject): string[] => admit(next, old ? { old } : {}).errors.map((error) => `${error.path}: ${error.message}`)

describe('schedules', () => {
  it.each(['* * * * *', '*/5 * * * *', '0 0 1 jan *', '0 0 * * MON-fri', '5/10 * * * *', '1,2,3-9/2 * ? * *', '@hourly', '@every 1h30m', '@every 1.5s', '  0  0 * * * ', '0 0 , * *', 'TZ=Europe/Berlin 0 0 * * *', 'CRON_TZ=UTC @daily'])('takes %s', (schedule) => expect(scheduleFault(schedule)).toBeUndefined())

  it.each([
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['0 0 0 0 0 0', 'expected exactly 5 fields, found 6: [0 0 0 0 0 0]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['* * * * 7', 'end of range (7) above maximum (6): 7'],
    ['9-5 * * * *', 'beginning of range (9) beyond end of range (5): 9-5'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['*/2/3 * * * *', 'too many slashes: */2/3'],
    ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['*/-1 * * * *', 'negative number (-1) not allowed: -1'],
    ['-1 * * * *', 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
    ['* * * foo *', 'failed to parse int from foo: strconv.Atoi: parsing "foo": invalid syntax'],
    ['99999999999999999999 * * * *', 'failed to parse int from 99999999999999999999: strconv.Atoi: parsing "99999999999999999999": value out of range'],
    ['@often', 'unrecognized descriptor: @often'],
    ['@every 5', 'failed to parse duration @every 5: time: missing unit in duration "5"'],
    ['@every 5d', 'failed to parse duration @every 5d: time: unknown unit "d" in duration "5d"'],
    ['@every soon', 'failed to parse duration @every soon: time: invalid duration "soon"'],
    ['@every ', 'failed to parse duration @every : time: invalid duration ""'],
    ['TZ=Mars/Base 0 0 * * *', 'provided bad location Mars/Base: unknown time zone Mars/Base'],
  ])('refuses %s', (schedule, fault) => expect(scheduleFault(schedule)).toBe(fault))

  it('takes its time for no text', () => {
    const start = performance.now()
    scheduleFault(`${'*/'.repeat(50_000)} * * * *`)
    scheduleFault(`@every ${'1h'.repeat(50_000)}x`)
    expect(performance.now() - start).toBeLessThan(1000)
  })
})

describe('defaults of Jobs and CronJobs', () => {
  it.each<[string, K8sObject, string, unknown]>([
    ['a Job runs once', job(), 'spec.completions', 1],
    ['one Pod at a time', job({ completions: 5 }), 'spec.parallelism', 1],
    ['a work queue has no count', job({ parallelism: 5 }), 'spec.completions', undefined],
    ['six tries more', job(), 'spec.backoffLimit', 6],
    ['no limit but that of each index', job({ completions: 2, completionMode: 'Indexed', backoffLimitPerIndex: 1 }), 'spec.backoffLimit', 2147483647],
    ['Pods are replaced when they end', job(), 'spec.podReplacementPolicy', 'TerminatingOrFailed'],
    ['and only then with a failure policy', job({ podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] } }), 'spec.podReplacementPolicy', 'Failed'],
    ['that waits for True', job({ podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] } }), 'spec.podFailurePolicy.rules.0.onPodConditions.0.status', 'True'],
    ['a CronJob allows overlap', cron(), 'spec.concurrencyPolicy', 'Allow'],
    ['it keeps three', cron(), 'spec.successfulJobsHistoryLimit', 3],
    ['and one failed', cron(), 'spec.failedJobsHistoryLimit', 1],
    ['it leaves the Job inside alone', cron(), 'spec.jobTemplate.spec.backoffLimit', undefined],
    ['but not its Pods', cron(), 'spec.jobTemplate.spec.template.spec.dnsPolicy', 'ClusterFirst'],
  ])('%s', (_name, given, path, expected) => {
    const { object, errors } = admit(given)
    expect(errors).toEqual([])
    expect(at(object, path)).toEqual(expected)
  })

  it('selects the Pods of a Job by what is written on them', () => {
    const { spec } = admit(job()).object as any
    expect(spec.template.metadata.labels).toMatchObject({ 'batch.kubernetes.io/job-name': 'a', 'job-name': 'a' })
    expect(spec.selector.matchLabels['batch.kubernetes.io/controller-uid']).toBe(spec.template.metadata.labels['batch.kubernetes.io/controller-uid'])
  })
})

describe('creation of Jobs and CronJobs', () => {
  it.each<[string, K8sObject, string[]]>([
    ['needs Pods that end', job({ template: { spec: { ...podSpec, restartPolicy: 'Always' } } }), ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"']],
    ['takes no selector', job({ selector: { matchLabels: { a: 'b' } } }), [`spec.selector: Invalid value: {"matchLabels":{"a":"b","batch.kubernetes.io/controller-uid":"${unassignedUid}"}}: \`selector\` not auto-generated`, `spec.template.metadata.labels: Invalid value: {${['batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name', 'controller-uid', 'job-name'].map((key) => `"${key}":"${key.endsWith('uid') ? unassignedUid : 'a'}"`).join(',')}}: \`selector\` does not match template \`labels\``]],
    ['counts its indexes', job({ completionMode: 'Indexed', completions: undefined, parallelism: 2 }), ['spec.completions: Required value: when completion mode is Indexed']],
    ['gives no negative numbers', job({ backoffLimit: -1 }), ['spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0']],
    ['limits indexes only of indexed Jobs', job({ backoffLimitPerIndex: 1 }), ['spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode']],
    ['needs a schedule', cron({ schedule: '' }), ['spec.schedule: Required value']],
    ['keeps time zones out of schedules', cron({ schedule: 'TZ=UTC 0 0 * * *' }), ['spec.schedule: Invalid value: "TZ=UTC 0 0 * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead']],
    ['knows time zones', cron({ timeZone: 'Europe/Berlin' }), []],
    ['knows which are none', cron({ timeZone: 'Europe/Atlantis' }), ['spec.timeZone: Invalid value: "Europe/Atlantis": unknown time zone Europe/Atlantis']],
    ['takes no way up for a time zone', cron({ timeZone: 'Europe/a..b' }), ['spec.timeZone: Invalid value: "Europe/a..b": time: invalid location name']],
    ['wants a place for a time zone', cron({ timeZone: 'Local' }), ['spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones']],
    ['leaves room for the Jobs\' names', cron({}, 'a'.repeat(53)), [`metadata.name: Invalid value: "${'a'.repeat(53)}": must be no more than 52 characters`]],
    ['knows three policies', cron({ concurrencyPolicy: 'Queue' }), ['spec.concurrencyPolicy: Unsupported value: "Queue": supported values: "Allow", "Forbid", "Replace"']],
  ])('%s', (_name, given, expected) => expect(said(given)).toEqual(expected))
})

describe('update of Jobs and CronJobs', () => {
  const stored = (rest: Fields = {}, status?: Fields): K8sObject => ({ ...admit(job(rest)).object, ...(status && { status }) })
  const changed = (old: K8sObject, spec: Fields, pod: Fields = {}): K8sObject => {
    const before = old.spec as any
    return { ...old, spec: { ...before, ...spec, template: { ...before.template, spec: { ...before.template.spec, ...pod } } } }
  }
  const suspended = stored({ suspend: true })
  const started = stored({ suspend: true }, { startTime: '2026-01-01T00:00:00Z' })
  const stopped = stored({ suspend: true }, { startTime: '2026-01-01T00:00:00Z', conditions: [{ type: 'Suspended', status: 'True' }] })
  const indexed = stored({ completionMode: 'Indexed', completions: 3, parallelism: 3 })
  const otherResources = { containers: [{ ...(suspended.spec as any).template.spec.containers[0], resources: { requests: { cpu: '1' } } }] }
  const places: [string, K8sObject, K8sObject, string[]][] = [
    ['may change how many run', changed(stored(), { parallelism: 3 }), stored(), []],
    ['may suspend', changed(stored(), { suspend: true }), stored(), []],
    ['keeps completions', changed(stored(), { completions: 3 }), stored(), ['spec.completions: Invalid value: 3: field is immutable']],
    ['may resize an indexed Job', changed(indexed, { completions: 5, parallelism: 5 }), indexed, []],
    ['as a whole', changed(indexed, { completions: 5 }), indexed, ['spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism']],
    ['may place a suspended Job', changed(suspended, {}, { nodeSelector: { a: 'b' } }), suspended, []],
    ['may give a suspended Job other resources', changed(suspended, {}, otherResources), suspended, []],
    ['may place a stopped Job', changed(stopped, {}, { nodeSelector: { a: 'b' } }), stopped, []],
  ]
  it.each(places)('%s', (_name, next, old, expected) => expect(said(next, old)).toEqual(expected))

  it.each<[string, K8sObject, Fields, string]>([
    ['keeps the template', stored(), { nodeSelector: { a: 'b' } }, 'spec.template'],
    ['keeps that of a Job which ran and never stopped', started, { nodeSelector: { a: 'b' } }, 'spec.template'],
    ['keeps what a suspended Job runs', suspended, { hostname: 'x' }, 'spec.template.spec'],
  ])('%s', (_name, old, pod, path) => {
    const { errors } = admit(changed(old, {}, pod), { old })
    expect(errors.map((error) => error.path)).toEqual([path])
    expect(errors[0]!.message).toMatch(/: field is immutable$/)
  })

  it('lets an old CronJob keep the time zone in its schedule', () => {
    const old = { ...admit(cron()).object, spec: { ...(admit(cron()).object.spec as Fields), schedule: 'TZ=UTC 0 0 * * *' } } as K8sObject
    expect(said(cron({ schedule: 'TZ=UTC 1 0 * * *' }), old)).toEqual([])
    expect(said(cron({ schedule: 'TZ=UTC 1 0 * * *', timeZone: 'UTC' }), old)).toEqual(['spec.schedule: Invalid value: "TZ=UTC 1 0 * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule'])
  })
})
