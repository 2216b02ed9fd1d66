/** Goals about what is inside containers, about rights, about work that ends, and assertions in CEL. */
import { describe, expect, it } from 'vitest'
import { englishIn } from '../support/chinese.ts'
import { deploymentOf, judge, login, serviceOf } from '../support/exercise.ts'
import type { Exercise } from '../support/exercise.ts'

const configMap = (data: Record<string, string>) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'app', namespace: 'game' }, data })
const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', namespace: 'game' }, stringData: { password: 'hunter2-long' } }
const volume = (source: object) => ({ volumes: [{ name: 'v', ...source }] })
const mount = (mountPath: string) => ({ volumeMounts: [{ name: 'v', mountPath }] })
const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'game' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }
const one = { replicas: 1 }
const replaced = { steps: [{ at: '60s', deletePods: { workload: 'deployment/login' } }] }
const role = (rules: object[]) => [
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'r', namespace: 'game' }, rules },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'r', namespace: 'game' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' }, subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'game' }] },
]
const jobTemplate = { spec: { backoffLimit: 3, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: login }] } } } }
const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate', namespace: 'game' }, ...jobTemplate }
const cron = (spec: object) => ({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'reconcile', namespace: 'game' }, spec: { schedule: '* * * * *', jobTemplate, ...spec } })

const cases: [name: string, expected: string, exercise: Exercise][] = [
  ['write', 'met', { objects: [deploymentOf(mount('/data'), {}, { ...volume({ emptyDir: {} }), securityContext: { fsGroup: 2000 } })], goal: { write: { workload: 'deployment/login', path: '/data/save.bin' } } }],
  ['write, as nobody special below /', 'missed', { goal: { write: { workload: 'deployment/login', path: '/etc/save.bin' } } }],
  ['write, survives in a claim', 'met', { objects: [claim, deploymentOf(mount('/data'), one, { ...volume({ persistentVolumeClaim: { claimName: 'data' } }), securityContext: { fsGroup: 2000 } })], run: replaced, goal: { write: { workload: 'deployment/login', path: '/data/save.bin', survivesPodDeletion: true } } }],
  ['write, does not survive in an emptyDir', 'missed', { objects: [deploymentOf(mount('/data'), one, { ...volume({ emptyDir: {} }), securityContext: { fsGroup: 2000 } })], run: replaced, goal: { write: { workload: 'deployment/login', path: '/data/save.bin', survivesPodDeletion: true } } }],
  ['write, nobody took over', 'undecided', { objects: [deploymentOf(mount('/data'), one, { ...volume({ emptyDir: {} }), securityContext: { fsGroup: 2000 } })], goal: { write: { workload: 'deployment/login', path: '/data/save.bin', survivesPodDeletion: true } } }],

  ['file', 'met', { objects: [configMap({ 'app.yaml': 'port: 8080' }), deploymentOf(mount('/etc/game'), {}, volume({ configMap: { name: 'app' } }))], goal: { file: { workload: 'deployment/login', path: '/etc/game/app.yaml', contains: '8080' } } }],
  ['file, other content', 'missed', { objects: [configMap({ 'app.yaml': 'port: 80' }), deploymentOf(mount('/etc/game'), {}, volume({ configMap: { name: 'app' } }))], goal: { file: { workload: 'deployment/login', path: '/etc/game/app.yaml', contains: '8080' } } }],
  ['file, hidden by a mount', 'missed', { profile: { image: { user: 10001, entrypoint: ['/app/login'], files: { '/etc/game/defaults.yaml': 'a: 1' } } }, objects: [configMap({ x: 'y' }), deploymentOf(mount('/etc/game'), {}, volume({ configMap: { name: 'app' } }))], goal: { file: { workload: 'deployment/login', path: '/etc/game/defaults.yaml', fromImage: true } } }],
  ['file, of the image', 'met', { profile: { image: { user: 10001, entrypoint: ['/app/login'], files: { '/etc/game/defaults.yaml': 'a: 1' } } }, goal: { file: { workload: 'deployment/login', path: '/etc/game/defaults.yaml', fromImage: true } } }],
  ['file, absent', 'met', { objects: [deploymentOf({}, {}, { automountServiceAccountToken: false })], goal: { file: { workload: 'deployment/login', path: '/var/run/secrets/kubernetes.io/serviceaccount/token', absent: true } } }],
  ['file, there after all', 'missed', { goal: { file: { workload: 'deployment/login', path: '/var/run/secrets/kubernetes.io/serviceaccount/token', absent: true } } }],
  ['file, mode', 'missed', { objects: [secret, deploymentOf(mount('/s'), {}, volume({ secret: { secretName: 'db', defaultMode: 0o444 } }))], goal: { file: { workload: 'deployment/login', path: '/s/password', maxMode: '440' } } }],

  ['envClean', 'met', { objects: [secret, deploymentOf(mount('/s'), {}, volume({ secret: { secretName: 'db' } }))], goal: { envClean: { workload: 'deployment/login', secret: 'secret/db' } } }],
  ['envClean, by reference', 'missed', { objects: [secret, deploymentOf({ env: [{ name: 'PW', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }] })], goal: { envClean: { workload: 'deployment/login', secret: 'secret/db' } } }],
  ['envClean, the value of before a rotation', 'missed', { objects: [secret, deploymentOf({ env: [{ name: 'PW', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }] })], run: { steps: [{ at: '30s', patch: { object: 'secret/db', merge: { data: { password: 'cm90YXRlZC1sb25n' } } } }] }, goal: { envClean: { workload: 'deployment/login', secret: 'secret/db' } } }],
  ['envClean, as part of an address', 'missed', { objects: [secret, deploymentOf({ env: [{ name: 'DSN', value: 'mysql://root:hunter2-long@db' }] })], goal: { envClean: { workload: 'deployment/login', secret: 'secret/db' } } }],

  ['config, from a variable, after a change and a restart', 'met', { objects: [configMap({ RATE: '1' }), deploymentOf({ envFrom: [{ configMapRef: { name: 'app' } }] })], profile: { config: [{ name: 'rate', env: 'RATE' }] }, run: { steps: [{ at: '30s', patch: { object: 'configmap/app', merge: { data: { RATE: '2' } } } }, { at: '31s', restart: 'deployment/login' }] }, goal: { config: { workload: 'deployment/login', name: 'rate', equals: '2', after: '30s', within: '60s' } } }],
  ['config, from a variable, without restart', 'missed', { objects: [configMap({ RATE: '1' }), deploymentOf({ envFrom: [{ configMapRef: { name: 'app' } }] })], profile: { config: [{ name: 'rate', env: 'RATE' }] }, run: { steps: [{ at: '30s', patch: { object: 'configmap/app', merge: { data: { RATE: '2' } } } }] }, goal: { config: { workload: 'deployment/login', name: 'rate', equals: '2', after: '30s', within: '90s' } } }],

  ['can', 'met', { objects: role([{ apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] }]), goal: { can: { serviceAccount: 'default', verb: 'get', resource: 'pods/log' } } }],
  ['can, expected not to', 'met', { objects: role([{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]), goal: { can: { serviceAccount: 'game/default', verb: 'get', resource: 'secrets', expect: 'no' } } }],
  ['can, wrong group', 'missed', { objects: role([{ apiGroups: [''], resources: ['leases'], verbs: ['get'] }]), goal: { can: { serviceAccount: 'default', verb: 'get', resource: 'leases', group: 'coordination.k8s.io' } } }],
  ['can, only at home', 'missed', { objects: role([{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }]), goal: { can: { serviceAccount: 'default', verb: 'list', resource: 'pods', namespace: '*' } } }],

  ['completes', 'met', { objects: [job], profile: { exit: { after: '10s', code: 0 } }, goal: { completes: { job: 'job/migrate', within: '60s', failures: 0 } } }],
  ['completes, fails for good', 'missed', { objects: [job], profile: { exit: { after: '1s', code: 1 } }, goal: { completes: { job: 'job/migrate', within: '120s' } } }],
  ['neverTwoActive', 'met', { objects: [cron({ concurrencyPolicy: 'Replace' })], profile: { exit: { after: '90s', code: 0 } }, run: { length: '5m' }, goal: { neverTwoActive: { cronjob: 'cronjob/reconcile' } } }],
  ['neverTwoActive', 'met', { objects: [cron({ concurrencyPolicy: 'Forbid' })], profile: { exit: { after: '90s', code: 0 } }, run: { length: '5m' }, goal: { neverTwoActive: { cronjob: 'cronjob/reconcile' } } }],
  ['neverTwoActive, Allow', 'missed', { objects: [cron({})], profile: { exit: { after: '90s', code: 0 } }, run: { length: '5m' }, goal: { neverTwoActive: { cronjob: 'cronjob/reconcile' } } }],
  ['neverTwoActive, suspended', 'missed', { objects: [cron({ suspend: true })], run: { length: '3m' }, goal: { neverTwoActive: { cronjob: 'cronjob/reconcile' } } }],
  ['singleWriter', 'met', { objects: [deploymentOf({}, one)], profile: { writer: { single: true } }, goal: { singleWriter: { workload: 'deployment/login' } } }],
  ['singleWriter, of whatever a Service selects', 'missed', { objects: [{ ...deploymentOf(), kind: 'StatefulSet' }, serviceOf()], profile: { writer: { single: true } }, goal: { singleWriter: { workload: 'service/login' } } }],
  ['singleWriter, two replicas', 'missed', { profile: { writer: { single: true } }, goal: { singleWriter: { workload: 'deployment/login' } } }],
  ['singleWriter, an overlapping rollout', 'missed', { objects: [deploymentOf({}, one)], profile: { writer: { single: true } }, run: { steps: [{ at: '40s', restart: 'deployment/login' }] }, goal: { singleWriter: { workload: 'deployment/login' } } }],

  ['policy', 'met', { goal: { policy: { object: 'deployment/login', expression: 'object.spec.template.spec.containers.all(c, has(c.readinessProbe)) && object.spec.replicas == 2' } } }],
  ['policy, sees defaults', 'met', { goal: { policy: { object: 'deployment/login', expression: 'object.spec.strategy.type == "RollingUpdate"' } } }],
  ['policy, does not hold', 'missed', { goal: { policy: { object: 'deployment/login', expression: 'object.spec.replicas > 2' } } }],
  ['policy, a field that is not there', 'missed', { goal: { policy: { object: 'deployment/login', expression: 'object.spec.paused' } } }],
  ['policy, over all objects', 'met', { goal: { policy: { expression: 'objects.exists(o, o.kind == "Service") && objects.size() == 2' } } }],
  ['policy, no such object', 'missed', { goal: { policy: { object: 'deployment/other', expression: 'true' } } }],
  ['policy, no boolean', 'undecided', { goal: { policy: { object: 'deployment/login', expression: 'object.spec.replicas' } } }],
]

describe('goals about content, rights and work', () => {
  it.each(cases)('%s: %s', (_name, expected, exercise) => {
    const { goal, simulation } = judge(exercise)
    expect(`${goal.verdict}: ${goal.because.en}`).toMatch(new RegExp(`^${expected}: `))
    expect(goal.at).toBeGreaterThanOrEqual(0)
    expect(goal.at).toBeLessThanOrEqual(simulation.cluster.run.length)
    expect(goal.evidence.length).toBeGreaterThan(0)
    for (const one of goal.evidence) expect(simulation.cluster.timeline).toContainEqual(one)
    for (const sentence of [goal.says, goal.because]) for (const text of [sentence.en, sentence['zh-CN']]) expect(text).not.toMatch(/undefined|NaN|\[object/)
    for (const sentence of [goal.says, goal.because]) expect(englishIn(sentence['zh-CN'])).toEqual([])
  })
})
