/** The standing constraints: each with changes it forbids and changes it must leave alone. */
import { describe, expect, it } from 'vitest'
import { checkConstraints, constraints, scenarioSchema } from '../../server/cluster/index.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'
import { deploymentOf, fileOf, login, serviceOf } from '../support/exercise.ts'

const probes = { livenessProbe: { httpGet: { path: '/livez', port: 8080 } } }
const limits = { resources: { limits: { memory: '512Mi', cpu: '1' }, requests: { memory: '256Mi' } } }
const base = deploymentOf({ ...probes, ...limits }, { replicas: 3 })
const policy = (spec: Fields) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'p', namespace: 'game' }, spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ...spec } })
const cidr = (block: string) => ({ ingress: [{ from: [{ ipBlock: { cidr: block } }] }] })
const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b', namespace: 'game' }, spec: { minAvailable: 1, selector: {} } }
const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', namespace: 'game' }, data: { password: 'aHVudGVyMi1sb25n' } }
const configMap = (data: Fields) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'game' }, data })
const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q', namespace: 'game' }, spec: { hard: { pods: '5' } } }
const context = (securityContext: Fields) => deploymentOf({ ...probes, ...limits, securityContext }, { replicas: 3 })
const other = (container: Fields, spec: Fields = {}, pod: Fields = {}) => deploymentOf({ ...probes, ...limits, ...container }, { replicas: 3, ...spec }, pod)
const sets = (name: string, replicas: number, container: Fields = {}): K8sObject => { const made = other(container, { replicas }); return { ...made, kind: 'StatefulSet', metadata: { name, namespace: 'game' } } }
const hardened = context({ runAsNonRoot: true, capabilities: { drop: ['ALL'] } })
const env = (value: object) => other({ env: [value] })
const agent = { name: 'agent', image: login, livenessProbe: { exec: { command: ['/app/login', 'health'] } }, resources: { limits: { memory: '64Mi' } } }
/** The container of `base`, and one more. */
const withAgent = deploymentOf({}, { replicas: 3 }, { containers: [...base.spec!.template.spec.containers, agent] })
const alive = (command: string[], container: Fields = {}) => other({ livenessProbe: { exec: { command } }, ...container })
const autoscaler = (spec: Fields) => ({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'h', namespace: 'game' }, spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'login' }, maxReplicas: 9, ...spec } })
const jobOf = (spec: Fields) => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j', namespace: 'game' }, spec: { template: { spec: { containers: [{ name: 'j', image: login }] } }, ...spec } })
const cronJobOf = (spec: Fields, job: Fields = {}) => ({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'j', namespace: 'game' }, spec: { schedule: '* * * * *', jobTemplate: { spec: jobOf(job).spec }, ...spec } })
const partition = (number: number) => { const made = sets('login', 3); return { ...made, spec: { ...made.spec, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: number } } } } }
const sidecar = (resources: Fields) => ({ initContainers: [{ name: 's', image: login, restartPolicy: 'Always', resources }] })
const volume = (source: Fields) => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'v' }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...source } })
const priority = (value: number) => ({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'p' }, value })
const role = (rule: Fields) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'r', namespace: 'game' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'], ...rule }] })
const binding = (name: string, account = 'a') => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'b', namespace: 'game' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name }, subjects: [{ kind: 'ServiceAccount', name: account, namespace: 'game' }] })
const limitRange = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'l', namespace: 'game' }, spec: { limits: [{ type: 'Container', default: { memory: '128Mi' } }] } }

function brokenIn(before: readonly unknown[], after: readonly unknown[], settings: Fields = {}, given: readonly unknown[] = []): string[] {
  const scenario = scenarioSchema.parse({ images: [{ name: login, profile: 'login' }], profiles: { login: { image: { entrypoint: ['/app/login'] }, alsoNamed: ['login.sh'], creates: [{ path: '/data/index-complete' }] } }, runs: [{ name: 'main' }], goals: [{ id: 'g', admitted: {} }], constraints: settings })
  const results = checkConstraints({ scenario, broken: { 'a.yaml': fileOf(...before) }, answer: { 'a.yaml': fileOf(...after) }, given: { 'g.yaml': fileOf(...given) } })
  for (const result of results) for (const text of [result.because.en, result.because['zh-CN']]) expect(text).not.toMatch(/undefined|NaN|\[object/)
  return [...new Set(results.filter(({ broken }) => broken).map(({ id }) => id))]
}

type Case = [name: string, expected: string[], before: unknown[], after: unknown[], settings?: Fields, given?: unknown[]]
const cases: Case[] = [
  ['nothing changed', [], [base], [base]],
  ['K1 an object renamed', ['K1'], [base, serviceOf()], [base, { ...serviceOf(), metadata: { name: 'login2', namespace: 'game' } }]],
  ['K1 another kind', ['K1'], [base], [{ ...base, kind: 'StatefulSet' }]],
  ['K1 an object that may go', [], [base, serviceOf()], [base], { mayRemove: ['service/login'] }],
  ['K1 another kind that it may become', [], [base], [sets('login', 3)], { mayBecome: { 'deployment/login': ['statefulset/login'] } }],
  ['K1 several that it may become', [], [base], [sets('a', 2), sets('b', 1)], { mayBecome: { 'deployment/login': ['statefulset/a', 'statefulset/b'] } }],
  ['K1 it may become another, and is gone', ['K1'], [base], [serviceOf()], { mayBecome: { 'deployment/login': ['statefulset/login'] } }],
  ['K1 it may become another, and both are there', [], [base], [base, sets('login', 3)], { mayBecome: { 'deployment/login': ['statefulset/login'] } }],
  ['K1 the namespace left out is the same one', [], [base], [{ ...base, metadata: { name: 'login' } }]],
  ['K1 objects may be added', [], [base], [base, configMap({ a: 'b' })]],

  ['K2 another tag', ['K2'], [base], [other({ image: 'registry.game.example/login:1.9.0' })]],
  ['K2 the latest', ['K2'], [base], [other({ image: 'registry.game.example/login' })]],
  ['K2 an image that is allowed too', [], [base], [other({ image: 'registry.game.example/login:1.9.0' })], { images: ['registry.game.example/login:1.9.0'] }],
  ['K2 a container with a known image', [], [base], [other({}, {}, { initContainers: [{ name: 'wait', image: login }] })]],
  ['K2 a container with an unknown image', ['K2'], [base], [other({}, {}, { initContainers: [{ name: 'wait', image: 'busybox' }] })]],
  ['K2 another program in place of its own', ['K2'], [base], [other({ command: ['sleep', 'infinity'] })]],
  ['K2 another program in place of the one it named', ['K2'], [other({ command: ['/app/login', '--port=1'] })], [other({ command: ['sh', '-c', 'while true; do nc -l -p 8080; done'] })]],
  ['K2 its program with other arguments', [], [other({ command: ['/app/login', '--port=1'] })], [other({ args: ['--port=8080'] })]],
  ['K2 its program in a shell', [], [base], [other({ command: ['sh', '-c'], args: ['sleep 3; exec /app/login'] })]],
  ['K2 its program by another name', [], [base], [other({ command: ['/opt/login.sh'] })]],
  ['K2 a program it never ran', [], [other({ command: ['/app/lgoin'] })], [other({ command: ['/app/lgoin', '-v'] })]],
  ['K2 a program that only a comment names', ['K2'], [base], [other({ command: ['sh', '-c', 'sleep 9999 # /app/login'] })]],
  ['K2 another program in a container with another name', ['K2'], [base], [other({ name: 'two', command: ['sleep', '9999'] })]],
  ['K2 another image in a container with another name', ['K2'], [base], [other({ name: 'two', image: 'registry.game.example/login:1.9.0' })]],
  ['K2 another name', [], [base], [other({ name: 'two' })]],
  ['K2 a container that is gone', ['K2'], [withAgent], [base]],
  ['K2 a container that is gone on the way to another kind', ['K2'], [withAgent], [sets('login', 3)], { mayBecome: { 'deployment/login': ['statefulset/login'] } }],
  ['K2 a container that has become a sidecar', [], [withAgent], [other({}, {}, { initContainers: [{ ...agent, restartPolicy: 'Always' }] })]],
  ['K2 a container that has become an init container that ends', ['K2'], [withAgent], [other({}, {}, { initContainers: [{ name: 'agent', image: login }] })]],
  ['K2 an init container that is gone', [], [other({}, {}, { initContainers: [{ name: 'wait', image: login }] })], [base]],
  ['K2 short and long names are one image', [], [other({ image: 'busybox:1.36' })], [other({ image: 'docker.io/library/busybox:1.36' })]],

  ['K3 fewer replicas', ['K3'], [base], [other({}, { replicas: 2 })]],
  ['K3 fewer replicas in another kind', ['K3'], [base], [sets('login', 2)], { mayBecome: { 'deployment/login': ['statefulset/login'] } }],
  ['K3 fewer replicas in several objects', ['K3'], [base], [sets('a', 1), sets('b', 1)], { mayBecome: { 'deployment/login': ['statefulset/a', 'statefulset/b'] } }],
  ['K4 a probe lost on the way to another kind', ['K4'], [base], [sets('login', 3, { livenessProbe: undefined })], { mayBecome: { 'deployment/login': ['statefulset/login'] } }],
  ['K7 a limit lost on the way to another kind', ['K7'], [base], [sets('login', 3, { resources: {} })], { mayBecome: { 'deployment/login': ['statefulset/login'] } }],
  ['K3 replicas left out', ['K3'], [base], [other({}, { replicas: undefined })]],
  ['K3 more replicas', [], [base], [other({}, { replicas: 5 })]],
  ['K3 replicas left to an autoscaler', [], [base], [other({}, { replicas: undefined }), { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'h', namespace: 'game' }, spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'login' }, minReplicas: 3, maxReplicas: 5 } }]],
  ['K3 a new autoscaler that goes below', ['K3'], [base], [base, autoscaler({ minReplicas: 1 })]],
  ['K3 a new autoscaler with the minimum left out', ['K3'], [base], [other({}, { replicas: undefined }), autoscaler({})]],
  ['K3 a new autoscaler that keeps to what ran', [], [base], [base, autoscaler({ minReplicas: 3 })]],
  ['K3 a lower minimum', ['K3'], [base, autoscaler({ minReplicas: 3 })], [base, autoscaler({ minReplicas: 1 })]],
  ['K3 a minimum that was lower already', [], [base, autoscaler({ minReplicas: 2 })], [base, autoscaler({ minReplicas: 2, maxReplicas: 5 })]],
  ['K3 an autoscaler of another workload', [], [base], [base, autoscaler({ minReplicas: 1, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'other' } })]],
  ['K3 a Job with nobody at work', ['K3'], [jobOf({ completions: 3, parallelism: 3 })], [jobOf({ completions: 3, parallelism: 0 })]],
  ['K3 a Job with fewer completions', ['K3'], [jobOf({ completions: 3, parallelism: 3 })], [jobOf({ completions: 1, parallelism: 1 })]],
  ['K3 a Job with no more at work than it ever had', [], [jobOf({ completions: 3, parallelism: 9 })], [jobOf({ completions: 3, parallelism: 3 })]],
  ['K3 a Job suspended', ['K3'], [jobOf({})], [jobOf({ suspend: true })]],
  ['K3 a CronJob suspended', ['K3'], [cronJobOf({})], [cronJobOf({ suspend: true })]],
  ['K3 a CronJob whose Jobs are suspended', ['K3'], [cronJobOf({})], [cronJobOf({}, { suspend: true })]],
  ['K3 a CronJob with fewer at work', ['K3'], [cronJobOf({}, { completions: 2, parallelism: 2 })], [cronJobOf({}, { completions: 2, parallelism: 1 })]],
  ['K3 a CronJob that runs again', [], [cronJobOf({ suspend: true })], [cronJobOf({ suspend: false, concurrencyPolicy: 'Forbid' })]],
  ['K3 pods that stay behind', ['K3'], [partition(0)], [partition(3)]],
  ['K3 pods that stay behind no more', [], [partition(3)], [partition(0)]],
  ['K3 Recreate', ['K3'], [base], [other({}, { strategy: { type: 'Recreate' } })]],
  ['K3 another surge', [], [base], [other({}, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } } })]],
  ['K3 paused', ['K3'], [base], [other({}, { paused: true })]],

  ['K4 no liveness probe', ['K4'], [base], [other({ livenessProbe: undefined })]],
  ['K4 one that is always true', ['K4'], [base], [other({ livenessProbe: { exec: { command: ['true'] } } })]],
  ['K4 a shell that is always true', ['K4'], [base], [other({ livenessProbe: { exec: { command: ['sh', '-c', 'check || true'] } } })]],
  ['K4 an hour of patience', ['K4'], [base], [other({ livenessProbe: { httpGet: { path: '/livez', port: 8080 }, periodSeconds: 60, failureThreshold: 60 } })]],
  ['K4 another path and a startup probe', [], [base], [other({ livenessProbe: { httpGet: { path: '/healthz', port: 8080 } }, startupProbe: { httpGet: { path: '/livez', port: 8080 }, failureThreshold: 300 } })]],
  ['K4 a real command', [], [base], [alive(['/app/login', 'health'])]],
  ['K4 no liveness probe in a container with another name', ['K4'], [base], [other({ name: 'two', livenessProbe: undefined })]],
  ['K4 a folder of the image', ['K4'], [base], [alive(['ls', '/'])]],
  ['K4 a file of the image', ['K4'], [base], [alive(['/bin/cat', '/etc/passwd'])]],
  ['K4 a test of the image', ['K4'], [base], [alive(['test', '-d', '/'])]],
  ['K4 a test of the image in a shell', ['K4'], [base], [alive(['sh', '-c', '[ -d /app ] && echo ok'])]],
  ['K4 an end that is always the same', ['K4'], [base], [alive(['sh', '-c', 'exit 0'])]],
  ['K4 an end after a question', ['K4'], [base], [alive(['sh', '-c', 'wget -qO- localhost:8080/livez; exit 0'])]],
  ['K4 a question in a shell', [], [base], [alive(['sh', '-c', 'wget -qO- localhost:8080/livez || exit 1'])]],
  ['K4 a file the program makes', [], [base], [alive(['test', '-f', '/data/index-complete'])]],
  ['K4 a file in a volume', [], [base], [alive(['test', '-f', '/live/ok'], { volumeMounts: [{ name: 'v', mountPath: '/live' }] })]],
  ['K4 a file that nobody knows', [], [base], [alive(['test', '-f', '/app/ready'])]],
  ['K4 a file in the working directory', [], [base], [alive(['test', '-f', 'ready'])]],
  ['K4 a failure before the end', [], [base], [alive(['sh', '-c', 'wget -qO- localhost:8080/livez || exit 1; echo ok'])]],
  ['K4 what looked at the image before', [], [alive(['ls', '/'])], [alive(['ls', '/app'])]],
  ['K4 a readiness probe that looks at the image', ['K4'], [other({ readinessProbe: { httpGet: { path: '/readyz', port: 8080 } } })], [other({ readinessProbe: { exec: { command: ['ls', '/'] } } })]],
  ['K4 a port that has no such name', ['K4'], [base], [other({ livenessProbe: { httpGet: { path: '/livez', port: 'nope' } } })]],
  ['K4 a port by its name', [], [base], [other({ livenessProbe: { httpGet: { path: '/livez', port: 'web' } }, ports: [{ name: 'web', containerPort: 8080 }] })]],
  ['K4 a program that is not there', ['K4'], [base], [alive(['/no/such'])]],
  ['K4 a program by name that is not there', ['K4'], [base], [alive(['game', 'health'])]],
  ['K4 a program from a volume', [], [base], [alive(['/tools/health'], { volumeMounts: [{ name: 'v', mountPath: '/tools' }] })]],
  ['K4 a program that was not there before', [], [alive(['/no/such'])], [alive(['/no/such', '-v'])]],
  ['K4 a time-out of half an hour', ['K4'], [base], [other({ livenessProbe: { httpGet: { path: '/livez', port: 8080 }, timeoutSeconds: 1800 } })]],

  ['K5 privileged', ['K5'], [base], [context({ privileged: true })]],
  ['K5 root', ['K5'], [base], [context({ runAsUser: 0 })]],
  ['K5 a capability', ['K5'], [base], [context({ capabilities: { add: ['NET_ADMIN'] } })]],
  ['K5 host network', ['K5'], [base], [other({}, {}, { hostNetwork: true })]],
  ['K5 host path', ['K5'], [base], [other({}, {}, { volumes: [{ name: 'v', hostPath: { path: '/' } }] })]],
  ['K5 a port of the node', ['K5'], [base], [other({ ports: [{ containerPort: 8080, hostPort: 8080 }] })]],
  ['K5 another port of the node', [], [other({ ports: [{ containerPort: 8080, hostPort: 8080 }] })], [other({ name: 'two', ports: [{ containerPort: 8080, hostPort: 8081 }] })]],
  ['K5 the group of root', ['K5'], [base], [context({ runAsGroup: 0 })]],
  ['K5 volumes of the group of root', ['K5'], [base], [other({}, {}, { securityContext: { fsGroup: 0 } })]],
  ['K5 the group of root beside another', ['K5'], [base], [other({}, {}, { securityContext: { supplementalGroups: [5000, 0] } })]],
  ['K5 another group', [], [base], [other({}, {}, { securityContext: { fsGroup: 2000, runAsGroup: 3000, supplementalGroups: [5000] } })]],
  ['K5 host path by way of a volume', ['K5'], [base], [base, volume({ hostPath: { path: '/' } })]],
  ['K5 a disk of a node by way of a volume', ['K5'], [base], [base, volume({ local: { path: '/mnt' } })]],
  ['K5 a volume that becomes a host path', ['K5'], [volume({ nfs: { server: 's', path: '/' } })], [volume({ hostPath: { path: '/' } })]],
  ['K5 a volume elsewhere', [], [base, volume({ hostPath: { path: '/a' } })], [base, volume({ hostPath: { path: '/a' } }), { ...volume({ nfs: { server: 's', path: '/' } }), metadata: { name: 'w' } }]],
  ['K5 in an object that is new', ['K5'], [base], [base, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', namespace: 'game' }, spec: { hostPID: true, containers: [{ name: 'a', image: login }] } }]],
  ['K5 what was there before', [], [context({ privileged: true })], [context({ privileged: true, readOnlyRootFilesystem: true })]],
  ['K5 what was there before, by another name', [], [context({ privileged: true, runAsUser: 0 })], [other({ name: 'two', securityContext: { privileged: true, runAsUser: 0 } })]],
  ['K5 less hardening in a container with another name', ['K5'], [hardened], [other({ name: 'two' })]],
  ['K5 hardening', [], [base], [hardened]],
  ['K5 less hardening', ['K5'], [hardened], [context({ runAsNonRoot: true })]],
  ['K5 no seccomp profile any more', ['K5'], [context({ seccompProfile: { type: 'RuntimeDefault' } })], [base]],
  ['K5 escalation refused no more', ['K5'], [context({ allowPrivilegeEscalation: false })], [base]],
  ['K5 the same hardening in another place', [], [hardened], [deploymentOf({ ...probes, ...limits, securityContext: { capabilities: { drop: ['ALL'] } } }, { replicas: 3 }, { securityContext: { runAsNonRoot: true } })]],

  ['K6 a policy removed', ['K6'], [policy(cidr('10.0.0.0/8'))], [configMap({})]],
  ['K6 a budget removed', ['K6'], [budget], [configMap({})]],
  ['K6 one direction open', ['K6'], [policy(cidr('10.0.0.0/8'))], [policy({ ...cidr('10.0.0.0/8'), policyTypes: ['Ingress'] })]],
  ['K6 a policy that selects nobody any more', ['K6'], [base, policy(cidr('10.0.0.0/8'))], [base, policy({ ...cidr('10.0.0.0/8'), podSelector: { matchLabels: { app: 'nobody' } } })]],
  ['K6 a policy for everybody that selects nobody any more', ['K6'], [policy({})], [policy({ podSelector: { matchLabels: { app: 'nobody' } } })]],
  ['K6 pods that a policy selects no more', ['K6'], [base, policy({ podSelector: { matchLabels: { app: 'login' } } })], [{ ...base, spec: { ...base.spec, template: { ...base.spec.template, metadata: { labels: { app: 'gateway' } } } } }, policy({ podSelector: { matchLabels: { app: 'login' } } })]],
  ['K6 a policy for the right pods', [], [base, policy({ podSelector: { matchLabels: { app: 'logn' } } })], [base, policy({ podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['login'] }] } })]],
  ['K6 the whole internet', ['K6'], [policy({})], [policy(cidr('0.0.0.0/0'))]],
  ['K6 half of it', ['K6'], [policy({})], [policy(cidr('128.0.0.0/1'))]],
  ['K6 IPv6', ['K6'], [policy({})], [policy(cidr('::/0'))]],
  ['K6 inside what was asked', [], [policy({})], [policy(cidr('203.0.113.64/26'))], { cidrs: ['203.0.113.0/24'] }],
  ['K6 around what was asked', ['K6'], [policy({})], [policy(cidr('203.0.112.0/23'))], { cidrs: ['203.0.113.0/24'] }],
  ['K6 a rule without peers', ['K6'], [policy({})], [policy({ ingress: [{ ports: [{ port: 8080 }] }] })]],
  ['K6 name lookups may go anywhere', [], [policy({})], [policy({ egress: [{ ports: [{ port: 53, protocol: 'UDP' }, { port: 53, protocol: 'TCP' }] }] })]],
  ['K6 a load balancer for everybody', ['K6'], [serviceOf({ loadBalancerSourceRanges: ['203.0.113.0/24'] })], [serviceOf({ loadBalancerSourceRanges: ['0.0.0.0/0'] })]],

  ['K7 a limit removed', ['K7'], [base], [other({ resources: { limits: { cpu: '1' } } })]],
  ['K7 a limit changed', [], [base], [other({ resources: { limits: { memory: '1Gi', cpu: '1' } } })]],
  ['K7 a limit removed in a container with another name', ['K7'], [base], [other({ name: 'two', resources: {} })]],
  ['K7 a limit of the pod removed', ['K7'], [deploymentOf(probes, {}, { resources: { limits: { memory: '1Gi' } } })], [deploymentOf(probes)]],
  ['K7 a limit of the pod in place of that of its container', [], [base], [other({ resources: {} }, {}, { resources: { limits: { memory: '512Mi', cpu: '1' } } })]],
  ['K7 limits of all containers in place of that of the pod', [], [deploymentOf(probes, {}, { resources: { limits: { memory: '1Gi' } } })], [deploymentOf({ ...probes, ...limits })]],
  ['K7 a new sidecar without a limit', ['K7'], [base], [other({}, {}, sidecar({}))], { budget: { memory: '1Gi' } }],
  ['K7 a new sidecar with a limit', [], [base], [other({}, {}, sidecar({ limits: { memory: '64Mi' } }))], { budget: { memory: '1Gi' } }],
  ['K7 a new sidecar without a limit and a budget', [], [base], [other({}, {}, sidecar({}))]],
  ['K7 a new sidecar whose limit the platform gives', [], [base], [other({}, {}, sidecar({}))], { budget: { memory: '1Gi' } }, [limitRange]],
  ['K7 beyond the budget', ['K7'], [base], [other({ resources: { limits: { memory: '2Gi', cpu: '1' } } })], { budget: { memory: '1Gi' } }],
  ['K7 together beyond the budget', ['K7'], [base], [other({ resources: { limits: { memory: '800Mi', cpu: '1' } } }, {}, { initContainers: [{ name: 's', image: login, restartPolicy: 'Always', resources: { limits: { memory: '800Mi' } } }] })], { budget: { memory: '1Gi' } }],
  ['K7 init containers that end do not add up', [], [base], [other({}, {}, { initContainers: [{ name: 'i', image: login, resources: { limits: { memory: '800Mi' } } }] })], { budget: { memory: '1Gi' } }],

  ['K8 in a ConfigMap', ['K8'], [secret, configMap({})], [secret, configMap({ dsn: 'root:hunter2-long@db' })]],
  ['K8 in a ConfigMap, in base64', ['K8'], [secret, configMap({})], [secret, configMap({ dsn: 'aHVudGVyMi1sb25n' })]],
  ['K8 in a longer text, in base64', ['K8'], [secret, configMap({})], [secret, configMap({ dsn: `auth: ${btoa('root:hunter2-long')}` })]],
  ['K8 in binary data', ['K8'], [secret, configMap({})], [secret, { ...configMap({}), binaryData: { dsn: 'aHVudGVyMi1sb25n' } }]],
  ['K8 something else in base64', [], [secret, configMap({})], [secret, { ...configMap({ dsn: btoa('hunter1-long') }), binaryData: { dsn: btoa('nothing to hide') } }]],
  ['K8 in a hook', ['K8'], [secret, base], [secret, other({ lifecycle: { postStart: { exec: { command: ['login', 'hunter2-long'] } } } })]],
  ['K8 in a header of a probe', ['K8'], [secret, base], [secret, other({ livenessProbe: { httpGet: { path: '/livez', port: 8080, httpHeaders: [{ name: 'Authorization', value: `Basic ${btoa('root:hunter2-long')}` }] } } })]],
  ['K8 in an argument', ['K8'], [secret, base], [secret, other({ args: ['--password=hunter2-long'] })]],
  ['K8 in an annotation', ['K8'], [secret, configMap({})], [secret, { ...configMap({}), metadata: { name: 'c', namespace: 'game', annotations: { note: 'hunter2-long' } } }]],
  ['K8 by its name', ['K8'], [base], [env({ name: 'DB_PASSWORD', value: 'swordfish' })]],
  ['K8 a reference', [], [secret, base], [secret, env({ name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } })]],
  ['K8 a path', [], [base], [env({ name: 'DB_PASSWORD_FILE', value: '/etc/db/password' })]],
  ['K8 what was there before', [], [secret, configMap({ dsn: 'hunter2-long' })], [secret, configMap({ dsn: 'hunter2-long' })]],
  ['K8 of a registry', ['K8'], [{ ...secret, data: undefined, stringData: { '.dockerconfigjson': '{"auths":{"r":{"username":"bot","password":"pull-me-please"}}}' } }, base], [{ ...secret, data: undefined, stringData: { '.dockerconfigjson': '{"auths":{"r":{"username":"bot","password":"pull-me-please"}}}' } }, other({ env: [{ name: 'REG', value: 'pull-me-please' }] })]],

  ['K9 a quota', ['K9'], [base], [base, quota]],
  ['K9 an object of the platform', ['K9'], [base], [base, serviceOf()], {}, [serviceOf()]],
  ['K9 kube-system', ['K9'], [base], [base, { ...configMap({}), metadata: { name: 'coredns', namespace: 'kube-system' } }]],
  ['K9 a priority class', ['K9'], [base], [base, priority(1000)]],
  ['K9 a priority raised', ['K9'], [priority(1000)], [priority(1001)]],
  ['K9 a priority for everybody', ['K9'], [priority(1000)], [{ ...priority(1000), globalDefault: true }]],
  ['K9 a priority lowered', [], [priority(1000)], [priority(10)]],
  ['K9 a priority of the system', ['K9'], [base], [other({}, {}, { priorityClassName: 'system-node-critical' })]],
  ['K9 a priority that is given', [], [base], [other({}, {}, { priorityClassName: 'chat' })]],
  ['K9 all verbs', ['K9'], [role({ verbs: ['get'] })], [role({ verbs: ['*'] })]],
  ['K9 all resources in a second role', ['K9'], [role({})], [role({}), { ...role({ resources: ['*'] }), metadata: { name: 'two', namespace: 'game' } }]],
  ['K9 the same in the whole cluster', ['K9'], [role({ verbs: ['*'] })], [role({ verbs: ['*'] }), { ...role({ verbs: ['*'] }), kind: 'ClusterRole', metadata: { name: 'r' } }]],
  ['K9 all that it gave before', [], [role({ verbs: ['*'] })], [role({}), { ...role({ verbs: ['*'] }), metadata: { name: 'two', namespace: 'game' } }]],
  ['K9 all Secrets', ['K9'], [role({})], [role({ resources: ['pods', 'secrets'] })]],
  ['K9 one Secret', [], [role({})], [role({ resources: ['secrets'], resourceNames: ['db'] })]],
  ['K9 the right to hand rights on', ['K9'], [role({})], [role({ verbs: ['get', 'escalate'] })]],
  ['K9 more of the rest', [], [role({})], [role({ resources: ['pods', 'services'], verbs: ['get', 'list', 'watch'] })]],
  ['K9 everything by a role that is there', ['K9'], [base], [base, binding('cluster-admin')]],
  ['K9 Secrets by a role that is there', ['K9'], [base], [base, binding('edit')]],
  ['K9 the same for somebody else', ['K9'], [binding('edit')], [binding('edit', 'b')]],
  ['K9 what was bound before', [], [binding('edit')], [{ ...binding('edit'), metadata: { name: 'b', namespace: 'game', labels: { a: 'b' } } }]],
  ['K9 to read, without Secrets', [], [base], [base, binding('view')]],
  ['K9 what the person was given', [], [quota], [{ ...quota, spec: { hard: { pods: '6' } } }]],

  ['K10 a slice by hand', ['K10'], [base], [base, { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'x', namespace: 'game' }, addressType: 'IPv4', endpoints: [] }]],
  ['K10 unready pods published', ['K10'], [serviceOf()], [serviceOf({ publishNotReadyAddresses: true })]],
  ['K10 a Service without its selector', ['K10'], [serviceOf()], [serviceOf({ selector: undefined })]],
  ['K10 a Service that never had one', [], [serviceOf({ selector: undefined })], [serviceOf({ selector: undefined, type: 'LoadBalancer' })]],
  ['K10 a Service that gets a selector', [], [serviceOf({ selector: undefined })], [serviceOf()]],
  ['K10 a Service with another selector', [], [serviceOf()], [serviceOf({ selector: { app: 'other' } })]],
  ['K10 an optional key', ['K10'], [env({ name: 'A', valueFrom: { configMapKeyRef: { name: 'c', key: 'a' } } })], [env({ name: 'A', valueFrom: { configMapKeyRef: { name: 'c', key: 'a', optional: true } } })]],
  ['K10 what was optional before, by another name', [], [other({ envFrom: [{ configMapRef: { name: 'c', optional: true } }] })], [other({ name: 'two', envFrom: [{ configMapRef: { name: 'c', optional: true } }] })]],
  ['K10 an optional volume', ['K10'], [base], [other({}, {}, { volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 'db', optional: true } }] } }] })]],
]

describe('standing constraints', () => {
  it.each(cases)('%s', (_name, expected, before, after, settings, given) => expect(brokenIn(before, after, settings, given)).toEqual(expected))

  it('are ten, each with a title', () => expect(constraints.map(({ id }) => id)).toEqual(['K1', 'K2', 'K3', 'K4', 'K5', 'K6', 'K7', 'K8', 'K9', 'K10']))
  it('can be lifted one by one', () => {
    expect(brokenIn([base], [other({ image: 'x:1' }, { replicas: 1 })], { lift: ['K2'] })).toEqual(['K3'])
    const scenario = scenarioSchema.parse({ runs: [{ name: 'main' }], goals: [{ id: 'g', admitted: {} }], constraints: { lift: ['K2'] } })
    expect(checkConstraints({ scenario, broken: {}, answer: {}, given: {} }).map(({ id }) => id)).not.toContain('K2')
  })
  it('name file, object and field', () => {
    const scenario = scenarioSchema.parse({ runs: [{ name: 'main' }], goals: [{ id: 'g', admitted: {} }] })
    const [breach] = checkConstraints({ scenario, broken: { 'a.yaml': fileOf(base) }, answer: { 'a.yaml': fileOf(other({ image: 'x:1' })) }, given: {} }).filter(({ broken }) => broken)
    expect(breach).toMatchObject({ id: 'K2', file: 'a.yaml', path: 'spec.template.spec.containers[0].image', ref: { kind: 'Deployment', namespace: 'game', name: 'login' } })
  })
  it('never throw on odd shapes', () => {
    for (const odd of [{ spec: null }, { spec: { template: 3 } }, { spec: { template: { spec: { containers: 'x', volumes: [null, 1] } } } }, { spec: { template: { spec: { containers: [null, { name: 4, env: [null], securityContext: [] }] } } } }, { metadata: null }]) {
      expect(() => brokenIn([base, policy({})], [{ ...base, ...odd }, policy({ ingress: [null, { from: 'x' }], policyTypes: 'Ingress' }), { ...secret, data: { a: 1, b: '%%%' } }])).not.toThrow()
    }
  })
})
