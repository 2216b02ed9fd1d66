/** Every goal predicate, met and missed, on a whole simulated cluster. */
import { describe, expect, it } from 'vitest'
import { predicates } from '../../server/cluster/index.ts'
import { englishIn } from '../support/chinese.ts'
import { deploymentOf, judge, login, serviceOf, verdictOf } from '../support/exercise.ts'
import type { Exercise } from '../support/exercise.ts'
import type { Fields } from '../../server/k8s/object.ts'

const liveness = { livenessProbe: { httpGet: { path: '/livez', port: 8080 }, periodSeconds: 5, failureThreshold: 2 } }
const hang = { steps: [{ at: '60s', behave: { workload: 'deployment/login', count: 1, mode: 'hang' } }] }
const clients = { traffic: [{ name: 'clients', from: { namespace: 'game', labels: { app: 'lobby' } }, to: { service: 'service/login', port: 80, path: '/' }, perSecond: 2, starts: '40s' }] }
const from = { namespace: 'game', labels: { app: 'lobby' } }
const at80 = { service: 'service/login', port: 80, path: '/' }

const pause = { lifecycle: { preStop: { sleep: { seconds: 5 } } } }
const elsewhere = deploymentOf({}, {}, { nodeSelector: { 'kubernetes.io/hostname': 'node-2' } })
const pressed = { steps: [{ at: '30s', memoryPressure: { node: 'node-2', available: '50Mi' } }] }

const stateful = { ...deploymentOf(), kind: 'StatefulSet' }

type Case = [name: string, expected: 'met' | 'missed' | 'undecided', exercise: Exercise]

const cases: Case[] = [
  ['admitted', 'met', { goal: { admitted: {} } }],
  ['admitted, a field that does not exist', 'missed', { objects: [serviceOf({ selectors: {} })], goal: { admitted: {} } }],
  ['admitted, an object that is not there', 'missed', { goal: { admitted: { objects: ['service/other'] } } }],

  ['ready', 'met', { goal: { ready: { workload: 'deployment/login', within: '30s' } } }],
  ['ready, too late', 'missed', { goal: { ready: { workload: 'deployment/login', within: '2s' } } }],
  ['ready, no such workload', 'missed', { goal: { ready: { workload: 'deployment/other', within: '30s' } } }],
  ['ready, but only between crashes', 'missed', { objects: [deploymentOf({ readinessProbe: undefined })], profile: { exit: { after: '4s', code: 1 } }, goal: { ready: { workload: 'deployment/login', within: '60s' } } }],
  ['ready, of the newest template', 'missed', { before: [deploymentOf(), serviceOf()], objects: [deploymentOf({ image: 'registry.game.example/login:0.0.0' })], goal: { ready: { workload: 'deployment/login', within: '100s' } } }],

  ['noRestart', 'met', { goal: { noRestart: { workload: 'deployment/login' } } }],
  ['noRestart, a crash', 'missed', { profile: { exit: { after: '20s', code: 1, times: 1 } }, goal: { noRestart: { workload: 'deployment/login' } } }],
  ['noRestart, a crash before the window', 'met', { profile: { exit: { after: '20s', code: 1, times: 1 } }, goal: { noRestart: { workload: 'deployment/login', from: '60s' } } }],
  ['noRestart, nothing ever ran', 'missed', { objects: [deploymentOf({ image: 'registry.game.example/none:1' })], goal: { noRestart: { workload: 'deployment/login' } } }],
  ['noRestart, pods replaced in a rollout', 'met', { run: { steps: [{ at: '40s', restart: 'deployment/login' }] }, goal: { noRestart: { workload: 'deployment/login' } } }],

  ['restarted', 'met', { objects: [deploymentOf(liveness), serviceOf()], run: hang, goal: { restarted: { workload: 'deployment/login', after: '60s', within: '20s' } } }],
  ['restarted, of a pod that has no events left', 'met', { objects: [deploymentOf({ ...liveness, readinessProbe: { httpGet: { path: '/none', port: 8080 }, periodSeconds: 1 } }), serviceOf()], run: hang, goal: { restarted: { workload: 'deployment/login', after: '60s', within: '20s' } } }],
  ['restarted, no liveness probe', 'missed', { run: hang, goal: { restarted: { workload: 'deployment/login', after: '60s', within: '60s' } } }],
  ['restarted, serving again takes the grace period too', 'missed', { objects: [deploymentOf(liveness), serviceOf()], run: hang, goal: { restarted: { workload: 'deployment/login', after: '60s', within: '20s', serving: true } } }],
  ['restarted, serving again with a short grace period', 'met', { objects: [deploymentOf({ livenessProbe: { ...liveness.livenessProbe, terminationGracePeriodSeconds: 2 } }), serviceOf()], run: hang, goal: { restarted: { workload: 'deployment/login', after: '60s', within: '40s', serving: true } } }],

  ['neverStarted', 'met', { objects: [deploymentOf({}, {}, { initContainers: [{ name: 'wait', image: login, command: ['sh', '-c', 'sleep 600'] }] })], goal: { neverStarted: { workload: 'deployment/login', container: 'gateway' } } }],
  ['neverStarted, it did', 'missed', { goal: { neverStarted: { workload: 'deployment/login', container: 'gateway' } } }],
  ['neverStarted, no such container', 'missed', { goal: { neverStarted: { workload: 'deployment/login', container: 'other' } } }],

  ['reach', 'met', { goal: { reach: { from, to: at80 } } }],
  ['reach, by a name', 'met', { goal: { reach: { from: { workload: 'deployment/login' }, to: { host: 'login', port: 80, path: '/' } } } }],
  ['reach, wrong selector', 'missed', { objects: [deploymentOf(), serviceOf({ selector: { app: 'other' } })], goal: { reach: { from, to: at80 } } }],
  ['reach, a path that is not there', 'missed', { goal: { reach: { from, to: { ...at80, path: '/admin' } } } }],
  ['reach, expected not to', 'missed', { goal: { reach: { from, to: at80, expect: 'no' } } }],
  ['reach, nobody to send', 'missed', { goal: { reach: { from: { workload: 'deployment/other' }, to: at80, expect: 'no' } } }],
  ['reach, one of two hangs', 'missed', { run: hang, objects: [deploymentOf({ readinessProbe: undefined }), serviceOf()], goal: { reach: { from, to: at80 } } }],

  ['noLoss', 'met', { run: clients, goal: { noLoss: { traffic: 'clients' } } }],
  ['noLoss, a rollout that closes listeners at once', 'missed', { run: { ...clients, steps: [{ at: '60s', restart: 'deployment/login' }] }, goal: { noLoss: { traffic: 'clients' } } }],
  ['noLoss, with a pause before stopping', 'met', { objects: [deploymentOf(pause), serviceOf()], run: { ...clients, steps: [{ at: '60s', restart: 'deployment/login' }] }, goal: { noLoss: { traffic: 'clients' } } }],
  ['noLoss, a drain', 'missed', { run: { ...clients, steps: [{ at: '60s', drain: { node: 'node-1' } }] }, goal: { noLoss: { traffic: 'clients' } } }],
  ['noLoss, a drain with a pause before stopping', 'met', { objects: [deploymentOf(pause), serviceOf()], run: { ...clients, steps: [{ at: '60s', drain: { node: 'node-1' } }] }, goal: { noLoss: { traffic: 'clients' } } }],
  ['noLoss, a drain of the only node they may run on, pause or not', 'missed', { objects: [deploymentOf(pause, {}, { nodeSelector: { 'kubernetes.io/hostname': 'node-2' } }), serviceOf()], run: { ...clients, steps: [{ at: '60s', drain: { node: 'node-2' } }] }, goal: { noLoss: { traffic: 'clients' } } }],
  ['noLoss, a drain of another node', 'met', { objects: [elsewhere, serviceOf()], run: { ...clients, steps: [{ at: '60s', drain: { node: 'node-1' } }] }, goal: { noLoss: { traffic: 'clients' } } }],
  ['noLoss, fewer replicas', 'missed', { run: { ...clients, steps: [{ at: '60s', scale: { workload: 'deployment/login', replicas: 1 } }] }, goal: { noLoss: { traffic: 'clients' } } }],
  ['noLoss, fewer replicas with a pause before stopping', 'met', { objects: [deploymentOf(pause), serviceOf()], run: { ...clients, steps: [{ at: '60s', scale: { workload: 'deployment/login', replicas: 1 } }] }, goal: { noLoss: { traffic: 'clients' } } }],
  ['noLoss, none left', 'missed', { objects: [deploymentOf(pause), serviceOf()], run: { ...clients, steps: [{ at: '60s', scale: { workload: 'deployment/login', replicas: 0 } }] }, goal: { noLoss: { traffic: 'clients' } } }],
  ['noLoss, nothing was sent', 'missed', { run: { traffic: [{ ...clients.traffic[0]!, starts: '10m' }] }, goal: { noLoss: { traffic: 'clients' } } }],

  ['serves', 'met', { goal: { serves: { service: 'service/login', atLeast: 2, from: '20s' } } }],
  ['serves, while one hangs', 'missed', { run: hang, goal: { serves: { service: 'service/login', atLeast: 2, from: '20s' } } }],
  ['leaves', 'met', { run: hang, goal: { leaves: { service: 'service/login', after: '60s', within: '30s' } } }],
  ['leaves, without readiness probe', 'missed', { run: hang, objects: [deploymentOf({ readinessProbe: undefined }), serviceOf()], goal: { leaves: { service: 'service/login', after: '60s', within: '60s' } } }],
  ['endpointChanges', 'met', { goal: { endpointChanges: { service: 'service/login', atMost: 0, from: '30s' } } }],
  ['endpointChanges, a pod leaves', 'missed', { run: hang, goal: { endpointChanges: { service: 'service/login', atMost: 0, from: '30s' } } }],
  ['share', 'met', { run: clients, goal: { share: { traffic: 'clients', workload: 'deployment/login', min: 1, max: 1 } } }],
  ['share, none', 'missed', { run: clients, goal: { share: { traffic: 'clients', workload: 'deployment/login', min: 0, max: 0.5 } } }],

  ['scheduled', 'met', { goal: { scheduled: { workload: 'deployment/login', nodes: ['node-1', 'node-2', 'node-3'], atLeast: 2 } } }],
  ['scheduled, elsewhere', 'missed', { objects: [deploymentOf({}, {}, { nodeSelector: { 'kubernetes.io/hostname': 'node-2' } })], goal: { scheduled: { workload: 'deployment/login', nodes: ['node-1'] } } }],
  ['scheduled, apart', 'met', { goal: { scheduled: { workload: 'service/login', differing: 2 } } }],
  ['scheduled, together', 'missed', { objects: [deploymentOf({}, {}, { nodeSelector: { 'kubernetes.io/hostname': 'node-2' } })], goal: { scheduled: { workload: 'deployment/login', differing: 2 } } }],
  ['scheduled, fewer than wanted', 'missed', { goal: { scheduled: { workload: 'deployment/login', atLeast: 3 } } }],

  ['ready, whatever the kind', 'met', { objects: [stateful, serviceOf()], goal: { ready: { workload: 'service/login', within: '60s', replicas: 2 } } }],
  ['ready, whatever the kind, fewer', 'missed', { objects: [stateful, serviceOf()], goal: { ready: { workload: 'service/login', within: '60s', replicas: 3 } } }],
  ['ready, a Service without pods', 'missed', { objects: [serviceOf()], goal: { ready: { workload: 'service/login', within: '60s' } } }],
  ['ready, whatever the kind, but only between crashes', 'missed', { objects: [deploymentOf({ readinessProbe: undefined }), serviceOf()], profile: { exit: { after: '4s', code: 1 } }, goal: { ready: { workload: 'service/login', within: '60s', replicas: 2 } } }],

  ['logs', 'met', { profile: { log: { ready: ['listening on :8080'] } }, goal: { logs: { workload: 'deployment/login', line: '^listening on :\\d+$' } } }],
  ['logs, too late', 'missed', { profile: { log: { ready: ['listening on :8080'] } }, goal: { logs: { workload: 'deployment/login', line: 'listening', until: '2s' } } }],
  ['logs, of a process and a pod that are gone', 'met', { profile: { exit: { after: '5s', code: 1, times: 1, log: 'panic: no table' } }, run: { steps: [{ at: '60s', deletePods: { workload: 'deployment/login' } }] }, goal: { logs: { workload: 'deployment/login', line: 'no table' } } }],
  ['logs, of another container', 'missed', { profile: { log: { ready: ['listening on :8080'] } }, goal: { logs: { workload: 'deployment/login', container: 'other', line: 'listening' } } }],
  ['logs, never', 'met', { goal: { logs: { workload: 'deployment/login', line: 'panic', expect: 'no' } } }],
  ['logs, never, and yet', 'missed', { profile: { exit: { after: '5s', code: 1, times: 1, log: 'panic: no table' } }, goal: { logs: { workload: 'deployment/login', line: 'panic', expect: 'no' } } }],
  ['logs, never after a moment', 'met', { profile: { exit: { after: '5s', code: 1, times: 1, log: 'panic: no table' } }, goal: { logs: { workload: 'deployment/login', line: 'panic', expect: 'no', from: '60s' } } }],
  ['logs, never, of nothing that ran', 'missed', { objects: [deploymentOf({ image: 'registry.game.example/none:1' })], goal: { logs: { workload: 'deployment/login', line: 'panic', expect: 'no' } } }],

  ['scale', 'met', { run: { steps: [{ at: '30s', scale: { workload: 'deployment/login', replicas: 4 } }] }, goal: { scale: { workload: 'deployment/login', min: 4, max: 4, after: '30s', within: '30s' } } }],
  ['scale, not enough', 'missed', { goal: { scale: { workload: 'deployment/login', min: 3, within: '60s' } } }],
  ['drain', 'met', { run: { steps: [{ at: '30s', drain: { node: 'node-1' } }] }, goal: { drain: { node: 'node-1', within: '60s' } } }],
  ['drain, against a budget', 'missed', { objects: [deploymentOf(), { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'login', namespace: 'game' }, spec: { minAvailable: 2, selector: { matchLabels: { app: 'login' } } } }], run: { steps: [{ at: '30s', drain: { node: 'node-1' } }, { at: '30s', drain: { node: 'node-2' } }, { at: '30s', drain: { node: 'node-3' } }] }, goal: { drain: { node: 'node-1', within: '60s' } } }],
  ['evicted', 'met', { goal: { evicted: { workload: 'deployment/login' } } }],
  ['evicted, its node is short of memory', 'missed', { objects: [elsewhere], run: pressed, goal: { evicted: { workload: 'deployment/login' } } }],
  ['evicted, as expected', 'met', { objects: [elsewhere], run: pressed, goal: { evicted: { workload: 'deployment/login', expect: 'yes' } } }],
  ['evicted, another node is short of memory', 'met', { objects: [elsewhere], run: { steps: [{ at: '30s', memoryPressure: { node: 'node-1', available: '50Mi' } }] }, goal: { evicted: { workload: 'deployment/login' } } }],
  ['evicted, drained is not evicted by the kubelet', 'met', { objects: [elsewhere], run: { steps: [{ at: '30s', drain: { node: 'node-2' } }] }, goal: { evicted: { workload: 'deployment/login' } } }],
  ['evicted, expected', 'missed', { goal: { evicted: { workload: 'deployment/login', expect: 'yes' } } }],
  ['slowdown', 'met', { goal: { slowdown: { workload: 'deployment/login', atMost: 1.1 } } }],
  ['slowdown, throttled', 'missed', { profile: { cpu: { idle: 1 } }, objects: [deploymentOf({ resources: { limits: { cpu: '250m' } } })], goal: { slowdown: { workload: 'deployment/login', atMost: 1.3 } } }],
]

describe('goal predicates', () => {
  it.each(cases)('%s: %s', (_name, expected, exercise) => {
    const { goal } = judge(exercise)
    expect(`${goal.verdict}: ${goal.because.en}`).toMatch(new RegExp(`^${expected}: `))
    for (const sentence of [goal.says, goal.because]) {
      expect(sentence.en).not.toMatch(/undefined|NaN|\[object/)
      expect(sentence['zh-CN']).not.toMatch(/undefined|NaN|\[object/)
      expect(englishIn(sentence['zh-CN'])).toEqual([])
    }
    expect(goal.at).toBeGreaterThanOrEqual(0)
    expect(goal.at).toBeLessThanOrEqual(120_000)
    expect(goal.evidence.length).toBeGreaterThan(0)
  })

  it('name the line of a log and its moment', () => {
    const { goal, simulation } = judge({ profile: { log: { ready: ['listening on :8080'] } }, goal: { logs: { workload: 'deployment/login', line: 'listening' } } })
    expect(goal).toMatchObject({ at: 5000, evidence: [{ at: simulation.cluster.appliedAt + 5000, kind: 'log', container: 'gateway', text: 'listening on :8080' }] })
    expect(goal.because.en).toMatch(/^login-\w+-\w{5} printed it at 5 s: listening on :8080$/)
  })

  // [name, exercise, English, Chinese]
  const spoken: [string, Exercise, RegExp, RegExp][] = [
    ['an answer', { goal: { reach: { from, to: at80 } } }, /^Tried: answered by login-\S+\.$/, /^尝试结果：由 login-\S+ 应答。$/],
    ['a status', { goal: { reach: { from, to: { ...at80, path: '/admin' } } } }, /^Tried: HTTP status 404\.$/, /^尝试结果：HTTP 状态码 404。$/],
    ["a client's own words", { objects: [deploymentOf(), serviceOf({ selector: { app: 'other' } })], goal: { reach: { from, to: at80 } } }, /^Tried: dial tcp .*connection refused\.$/, /^尝试结果：客户端报错“dial tcp .*connection refused”。$/],
    ['one try of several', { run: hang, objects: [deploymentOf({ readinessProbe: undefined }), serviceOf()], goal: { reach: { from, to: at80, expect: 'no' } } }, /^3 of 6 tries got through; one of them: answered by login-\S+\.$/, /^6 次尝试中有 3 次成功；成功的其中一次：由 login-\S+ 应答。$/],
    ['a loss', { run: { ...clients, steps: [{ at: '60s', restart: 'deployment/login' }] }, goal: { noLoss: { traffic: 'clients' } } }, /the first of them after 6\S* s: dial tcp .*connection refused\.$/, /第一个在第 6\S* 秒：客户端报错“dial tcp .*connection refused”。$/],
    ['an exit', { profile: { exit: { after: '20s', code: 1, times: 1 } }, goal: { noRestart: { workload: 'deployment/login' } } }, /\(Error, exit code 1\)\.$/, /（Error，退出码 1）。$/],
  ]
  it.each(spoken)('say %s in both languages', (_name, exercise, en, zh) => {
    const { because } = judge(exercise).goal
    expect([because.en, because['zh-CN']]).toEqual([expect.stringMatching(en), expect.stringMatching(zh)])
  })

  it('are all there, each under one name', () => expect(Object.keys(predicates)).toHaveLength(26))
})

/** A goal of each predicate. */
const ofEach: { readonly [Name in keyof typeof predicates]: Fields } = {
  admitted: {}, ready: { workload: 'deployment/login', within: '60s' }, noRestart: { workload: 'deployment/login' }, restarted: { workload: 'deployment/login', after: '60s', within: '20s' }, neverStarted: { workload: 'deployment/login', container: 'other' },
  reach: { from, to: at80 }, noLoss: { traffic: 'clients' }, serves: { service: 'service/login', atLeast: 1 }, leaves: { service: 'service/login', after: '60s', within: '30s' }, endpointChanges: { service: 'service/login', atMost: 0 },
  share: { traffic: 'clients', workload: 'deployment/login', min: 0, max: 1 }, write: { workload: 'deployment/login', path: '/tmp/x' }, file: { workload: 'deployment/login', path: '/etc/passwd' }, envClean: { workload: 'deployment/login', secret: 'secret/db' },
  config: { workload: 'deployment/login', name: 'rate', equals: '1', within: '60s' }, logs: { workload: 'deployment/login', line: 'x' }, scheduled: { workload: 'deployment/login', nodes: ['node-1'] }, scale: { workload: 'deployment/login', min: 2, within: '60s' }, drain: { node: 'node-1', within: '60s' },
  can: { serviceAccount: 'default', verb: 'get', resource: 'pods' }, singleWriter: { workload: 'deployment/login' }, completes: { job: 'job/migrate', within: '60s' }, neverTwoActive: { cronjob: 'cronjob/x' }, evicted: { workload: 'deployment/login' },
  slowdown: { workload: 'deployment/login', atMost: 2 }, policy: { object: 'deployment/login', expression: 'object.spec.replicas == 2' },
}

describe('what cannot be decided', () => {
  it.each(Object.keys(ofEach) as (keyof typeof ofEach)[])('%s: cut short by a limit, it says so and when', (name) => {
    const { goal, simulation } = judge({ limits: { events: 140, perInstant: 20_000 }, run: clients, goal: { [name]: ofEach[name] } })
    expect(simulation.result.limit).toBe('more than 140 actions')
    expect(goal).toMatchObject({ verdict: 'undecided', because: { en: 'The simulation was cut short: more than 140 actions.', 'zh-CN': '模拟被中断：超过 140 个动作。' } })
    expect(goal.at).toBeLessThanOrEqual(Math.max(0, simulation.result.endedAt))
    expect(goal.evidence.length).toBeGreaterThan(0)
  })
  it.each((Object.keys(ofEach) as (keyof typeof ofEach)[]).filter((name) => !['completes', 'neverTwoActive'].includes(name)))('%s: with a field outside the model below its object', (name) => {
    const { goal } = judge({ objects: [deploymentOf({}, {}, { volumes: [{ name: 'v', nfs: { server: 'nfs.game.example', path: '/' } }] }), serviceOf()], run: clients, goal: { [name]: ofEach[name] } })
    expect([goal.verdict, goal.because.en, goal.because['zh-CN']]).toEqual(['undecided', 'Could not be decided: spec.template.spec.volumes[0].nfs is not modelled: this kind of volume', '无法判定：spec.template.spec.volumes[0].nfs 尚未建模：这种类型的卷。'])
  })
  it('a moment after the end of the run', () => {
    expect(judge({ goal: { ready: { workload: 'deployment/login', within: '10m', replicas: 3 } } }).goal).toMatchObject({ verdict: 'undecided', at: 120_000, because: { en: 'The run ended at 2 min, before this was decided.' } })
  })
  it('is undecided when the answer uses a field outside the model', () => {
    expect(verdictOf({ objects: [deploymentOf({}, {}, { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] })], goal: { ready: { workload: 'deployment/login', within: '30s' } } })).toBe('undecided')
    expect(verdictOf({ objects: [deploymentOf({}, {}, { hostUsers: true })], goal: { ready: { workload: 'deployment/login', within: '30s' } } })).toBe('met')
  })
  it('does not touch goals about other objects', () => {
    const other = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'other', namespace: 'game' }, spec: { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }], containers: [{ name: 'a', image: login }] } }
    expect(verdictOf({ objects: [deploymentOf(), other], goal: { ready: { workload: 'deployment/login', within: '30s' } } })).toBe('met')
  })
  it('is undecided after a limit', () => {
    const { simulation } = judge({ limits: { events: 120, perInstant: 400 }, goal: { noRestart: { workload: 'deployment/login' } } })
    expect(simulation.result.completed).toBe(false)
    expect(simulation.goals[0]!.verdict).toBe('undecided')
    expect(simulation.goals[0]!.because.en).toContain('more than 120 actions')
  })
})
