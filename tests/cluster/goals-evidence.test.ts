/** What a verdict shows as its grounds when it rests on a look rather than on one fact, and of which moment it is. */
import { describe, expect, it } from 'vitest'
import { deploymentOf, judge, login } from '../support/exercise.ts'
import type { Exercise } from '../support/exercise.ts'

const evidenceOf = (container: Record<string, unknown>): string[] => judge({ objects: [deploymentOf(container)], goal: { ready: { workload: 'deployment/login', within: '60s' } } }).goal.evidence.map(({ kind, text }) => `${kind} ${text}`)

it('a workload that did not become ready: the last warning of each reason about its pods, and how they stood', () => {
  const evidence = evidenceOf({ readinessProbe: { httpGet: { path: '/nowhere', port: 8080 } } })
  expect(evidence).toContain('event Warning Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 404')
  expect(evidence).toContain('container-state running')
  expect(evidence).toHaveLength(6)
})

it('one that is ready: how its pods stood, without the chatter of their events', () => {
  expect(evidenceOf({}).filter((line) => line.startsWith('event Normal Pull'))).toEqual([])
})

const configMap = (data: Record<string, string>) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'app', namespace: 'game' }, data })
const mounting = (mountPath: string, source: object) => deploymentOf({ volumeMounts: [{ name: 'v', mountPath }] }, {}, { volumes: [{ name: 'v', ...source }], securityContext: { fsGroup: 2000 } })
const rights = [
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'r', namespace: 'game' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'r', namespace: 'game' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' }, subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'game' }] },
]
const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate', namespace: 'game' }, spec: { backoffLimit: 1, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: login }] } } } }
const rate = { objects: [configMap({ RATE: '1' }), deploymentOf({ envFrom: [{ configMapRef: { name: 'app' } }] })], profile: { config: [{ name: 'rate', env: 'RATE' }] } }
const changed = { at: '30s', patch: { object: 'configmap/app', merge: { data: { RATE: '2' } } } }
const writer = { objects: [deploymentOf({}, { replicas: 1 })], profile: { writer: { single: true } } }

const write = (path: string) => ({ write: { workload: 'deployment/login', path } })
const file = { file: { workload: 'deployment/login', path: '/etc/game/app.yaml', contains: '8080', at: '40s' } }
const config = { config: { workload: 'deployment/login', name: 'rate', equals: '2', after: '30s', within: '60s' } }
const can = (verb: string) => ({ can: { serviceAccount: 'default', verb, resource: 'pods' } })
const completes = (within: string) => ({ completes: { job: 'job/migrate', within } })
const singleWriter = { singleWriter: { workload: 'deployment/login' } }

describe('the moment and the last of the grounds of', () => {
  it.each<[string, string, number, string, Exercise]>([
    ['write', 'met', 120, 'ready Pod ready', { objects: [mounting('/data', { emptyDir: {} })], goal: write('/data/save') }],
    ['write', 'missed', 120, 'ready Pod ready', { goal: write('/etc/save') }],
    ['file', 'met', 40, 'ready Pod ready', { objects: [configMap({ 'app.yaml': '8080' }), mounting('/etc/game', { configMap: { name: 'app' } })], goal: file }],
    ['file', 'missed', 40, 'ready Pod ready', { objects: [configMap({ 'app.yaml': '80' }), mounting('/etc/game', { configMap: { name: 'app' } })], goal: file }],
    ['config', 'met', 90, 'ready Pod not ready', { ...rate, run: { steps: [changed, { at: '31s', restart: 'deployment/login' }] }, goal: config }],
    ['config', 'missed', 90, 'ready Pod ready', { ...rate, run: { steps: [changed] }, goal: config }],
    ['can', 'met', 120, 'applied RoleBinding created', { objects: rights, goal: can('get') }],
    ['can', 'missed', 120, 'applied RoleBinding created', { objects: rights, goal: can('list') }],
    ['completes', 'met', 12, 'event Job Normal Completed Job completed', { objects: [job], profile: { exit: { after: '10s', code: 0 } }, goal: completes('60s') }],
    ['completes', 'missed', 90, 'event Job Warning BackoffLimitExceeded Job has reached the specified backoff limit', { objects: [job], profile: { exit: { after: '1s', code: 1 } }, goal: completes('90s') }],
    ['singleWriter', 'met', 120, 'ready Pod ready', { ...writer, goal: singleWriter }],
    ['singleWriter', 'missed', 45, 'event Pod Warning Unhealthy', { ...writer, run: { steps: [{ at: '40s', restart: 'deployment/login' }] }, goal: singleWriter }],
  ])('%s %s: at %i s, %s', (_name, verdict, seconds, last, exercise) => {
    const { goal, simulation } = judge(exercise)
    expect([goal.verdict, goal.at / 1000]).toEqual([verdict, seconds])
    for (const one of goal.evidence) {
      expect(simulation.cluster.timeline).toContainEqual(one)
      expect(one.at - simulation.cluster.appliedAt).toBeLessThanOrEqual(goal.at)
    }
    const { kind, ref, text } = goal.evidence.at(-1)!
    expect(`${kind} ${ref!.kind} ${text}`).toContain(last)
  })
})
