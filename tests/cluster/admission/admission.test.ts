import { describe, expect, test } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import { milliOf, amountOf, printAmount } from '../../../server/cluster/amounts.ts'
import { podSecurityViolation } from '../../../server/cluster/admission/pod-security.ts'
import { strategicPatch, threeWayMerge } from '../../../server/cluster/merge.ts'
import { podTotals } from '../../../server/cluster/pod-resources.ts'
import { deployment, eventsOf, pods, startCluster } from '../control-plane.ts'

function pod(name: string, resources: Fields = {}, extra: Fields = {}): K8sObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game' }, spec: { containers: [{ name: 'app', image: 'app:1', resources }], ...extra } }
}
function refusal(cluster: ReturnType<typeof startCluster>, object: K8sObject): string {
  const result = cluster.api.create(object)
  return 'error' in result ? result.error.message : 'created'
}
const quota = (hard: Fields): K8sObject => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'compute', namespace: 'game' }, spec: { hard } })
const range = (...limits: Fields[]): K8sObject => ({ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'bounds', namespace: 'game' }, spec: { limits } })

test.each([['2000m', '2'], ['1536Mi', '1536Mi'], ['1024Mi', '1Gi'], ['1000', '1k'], ['500m', '500m'], ['0.5', '500m'], ['1e3', '1k'], ['0', '0']])('%s prints as %s', (text, expected) => expect(printAmount(amountOf(text))).toBe(expected))
test('a tenth of a core and a hundred thousandths are the same', () => expect(milliOf('0.1')).toBe(milliOf('100m')))

test('a sidecar counts beside the app and below later init containers', () => {
  const resources = (cpu: string): Fields => ({ requests: { cpu } })
  const object = pod('p', resources('500m'), { initContainers: [{ name: 's', restartPolicy: 'Always', resources: resources('100m') }, { name: 'i', resources: resources('800m') }] })
  expect(podTotals(object, 'requests').get('cpu')!.milli).toBe(900)
})

describe('mutation', () => {
  test('a pod gets account, token, tolerations and priority', () => {
    const cluster = startCluster()
    cluster.api.create(pod('p'))
    const made = cluster.view.get('Pod', 'game', 'p')!
    expect(made.spec).toMatchObject({ serviceAccountName: 'default', priority: 0, preemptionPolicy: 'PreemptLowerPriority', tolerations: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute', tolerationSeconds: 300 }, { key: 'node.kubernetes.io/unreachable' }] })
    expect(made.spec.volumes).toEqual([expect.objectContaining({ name: expect.stringMatching(/^kube-api-access-[a-z0-9]{5}$/) })])
    expect(made.spec.containers[0].volumeMounts).toEqual([{ name: made.spec.volumes[0].name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }])
  })
  test.each<[string, K8sObject, string]>([
    ['no such account', pod('p', {}, { serviceAccountName: 'app' }), 'pods "p" is forbidden: error looking up service account game/app: serviceaccount "app" not found'],
    ['no such class', pod('p', {}, { priorityClassName: 'high' }), 'pods "p" is forbidden: no PriorityClass with name high was found'],
    ['no such namespace', { ...pod('p'), metadata: { name: 'p', namespace: 'shop' } }, 'namespaces "shop" not found'],
  ])('%s', (_name, object, expected) => expect(refusal(startCluster(), object)).toBe(expected))
  test('twice the same name', () => {
    const cluster = startCluster()
    cluster.api.create(deployment('web', 1))
    expect(refusal(cluster, deployment('web', 1))).toBe('deployments.apps "web" already exists')
  })
})

describe('LimitRange', () => {
  test('fills in and says so', () => {
    const cluster = startCluster()
    cluster.api.create(range({ type: 'Container', default: { cpu: '500m', memory: '512Mi' }, defaultRequest: { cpu: '100m', memory: '128Mi' } }))
    cluster.api.create(pod('p'))
    const made = cluster.view.get('Pod', 'game', 'p')!
    expect(made.spec.containers[0].resources).toEqual({ limits: { cpu: '500m', memory: '512Mi' }, requests: { cpu: '100m', memory: '128Mi' } })
    expect(made.metadata.annotations).toEqual({ 'kubernetes.io/limit-ranger': 'LimitRanger plugin set: cpu, memory request for container app; cpu, memory limit for container app' })
  })
  test.each<[Fields, Fields, string]>([
    [{ min: { memory: '64Mi' } }, { requests: { memory: '32Mi' } }, 'minimum memory usage per Container is 64Mi, but request is 32Mi'],
    [{ max: { cpu: '500m' } }, { limits: { cpu: '1' } }, 'maximum cpu usage per Container is 500m, but limit is 1'],
    [{ max: { cpu: '500m' } }, {}, 'maximum cpu usage per Container is 500m.  No limit is specified'],
    [{ maxLimitRequestRatio: { cpu: '2' } }, { requests: { cpu: '250m' }, limits: { cpu: '1' } }, 'cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000'],
    [{ min: { cpu: '100m' }, max: { memory: '1Gi' } }, { requests: { cpu: '50m' }, limits: { memory: '2Gi' } }, '[minimum cpu usage per Container is 100m, but request is 50m, maximum memory usage per Container is 1Gi, but limit is 2Gi]'],
  ])('%j refuses %j', (bounds, resources, expected) => {
    const cluster = startCluster()
    cluster.api.create(range({ type: 'Container', ...bounds }))
    expect(refusal(cluster, pod('p', resources))).toBe(`pods "p" is forbidden: ${expected}`)
  })
})

describe('ResourceQuota', () => {
  test('names what is exceeded', () => {
    const cluster = startCluster()
    cluster.api.create(quota({ pods: '2', 'limits.memory': '2Gi', 'limits.cpu': '10' }))
    const resources = { limits: { memory: '1Gi', cpu: '1' } }
    cluster.api.create(pod('a', resources))
    cluster.api.create(pod('b', resources))
    expect(refusal(cluster, pod('x', resources))).toBe('pods "x" is forbidden: exceeded quota: compute, requested: limits.memory=1Gi,pods=1, used: limits.memory=2Gi,pods=2, limited: limits.memory=2Gi,pods=2')
  })
  test('forces containers to set what it limits', () => {
    const cluster = startCluster()
    cluster.api.create(quota({ 'limits.cpu': '2', 'requests.memory': '2Gi' }))
    expect(refusal(cluster, pod('x', { requests: { memory: '1Gi' } }, { initContainers: [{ name: 'init', image: 'i:1' }] }))).toBe('pods "x" is forbidden: failed quota: compute: must specify limits.cpu for: app,init; requests.memory for: init')
  })
  const across = (term: Fields): Fields => ({ affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: 'zone', labelSelector: {}, ...term } }] } } })
  const small = { requests: { cpu: '1m' } }
  test.each<[string, K8sObject, K8sObject]>([
    ['Terminating', pod('in', {}, { activeDeadlineSeconds: 60 }), pod('out')],
    ['NotTerminating', pod('in'), pod('out', {}, { activeDeadlineSeconds: 60 })],
    ['BestEffort', pod('in'), pod('out', small)],
    ['NotBestEffort', pod('in', small), pod('out')],
    ['PriorityClass', pod('in', {}, { priorityClassName: 'system-node-critical' }), pod('out')],
    ['CrossNamespacePodAffinity', pod('in', {}, across({ namespaceSelector: {} })), pod('out', {}, across({}))],
    ['CrossNamespacePodAffinity', pod('in', {}, across({ namespaces: ['shop'] })), pod('out')],
  ])('of scope %s counts those pods alone', (scope, inside, outside) => {
    const cluster = startCluster()
    cluster.api.create({ ...quota({ pods: '0' }), spec: { hard: { pods: '0' }, scopes: [scope] } })
    expect(refusal(cluster, inside)).toBe('pods "in" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=0, limited: pods=0')
    expect(refusal(cluster, outside)).toBe('created')
  })
  test('a rollout without headroom is stuck, and raising the quota heals it (G16)', () => {
    const cluster = startCluster()
    cluster.api.create(quota({ pods: '3' }))
    cluster.api.apply(deployment('web', 3))
    cluster.advance(10_000)
    cluster.api.apply(deployment('web', 3, {}, {}, '2'))
    cluster.advance(30_000)
    expect(pods(cluster, 'web').map((item) => item.metadata.labels?.version)).toEqual(['1', '1', '1'])
    expect(eventsOf(cluster, 'ReplicaSet', 'FailedCreate')[0]).toMatch(/^Error creating: pods "web-\w+-\w{5}" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=3, limited: pods=3$/)
    expect(cluster.view.get('Deployment', 'game', 'web')!.status.conditions.find((c: Fields) => c.type === 'ReplicaFailure')).toMatchObject({ status: 'True', reason: 'FailedCreate' })
    cluster.api.patch({ kind: 'ResourceQuota', namespace: 'game', name: 'compute' }, { spec: { hard: { pods: '4' } } })
    cluster.advance(120_000)
    expect(pods(cluster, 'web').map((item) => item.metadata.labels?.version)).toEqual(['2', '2', '2'])
  })
})

describe('Pod Security', () => {
  const restricted = { cluster: { namespaces: [{ name: 'game', labels: { 'pod-security.kubernetes.io/enforce': 'restricted', 'pod-security.kubernetes.io/warn': 'restricted' } }] } }
  const details = 'allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "app" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "app" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "app" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
  test('warns about the Deployment, refuses the pods (G17)', () => {
    const cluster = startCluster(restricted)
    const result = cluster.api.apply(deployment('web', 1))
    expect(result).toMatchObject({ verb: 'created', warnings: [`would violate PodSecurity "restricted:latest": ${details}`] })
    cluster.advance(1000)
    expect(pods(cluster, 'web')).toEqual([])
    expect(eventsOf(cluster, 'ReplicaSet', 'FailedCreate')[0]).toContain(`is forbidden: violates PodSecurity "restricted:latest": ${details}`)
  })
  test.each<[string, Fields, string]>([
    ['hostNetwork', { hostNetwork: true, hostPID: true, containers: [] }, 'host namespaces (hostNetwork=true, hostPID=true)'],
    ['two privileged', { containers: [{ name: 'a', securityContext: { privileged: true } }, { name: 'b', securityContext: { privileged: true } }] }, 'privileged (containers "a", "b" must not set securityContext.privileged=true)'],
    ['capability', { containers: [{ name: 'c', securityContext: { capabilities: { add: ['NET_ADMIN'] } } }] }, 'non-default capabilities (container "c" must not include "NET_ADMIN" in securityContext.capabilities.add)'],
    ['hostPath and hostPort', { volumes: [{ name: 'h', hostPath: { path: '/' } }], containers: [{ name: 'c', ports: [{ hostPort: 80 }] }] }, 'hostPath volumes (volume "h"), hostPort (container "c" uses hostPort 80)'],
  ])('baseline: %s', (_name, spec, expected) => expect(podSecurityViolation(spec, 'baseline')?.details).toBe(expected))
  test('refuses a pod in the words of the API server, check by check', () => {
    const careful = { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }
    const made = (container: Fields, spec: Fields = {}): K8sObject => ({ ...pod('p'), spec: { ...spec, securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' }, ...spec.securityContext }, containers: [{ name: 'app', image: 'app:1', ...careful, ...container }] } })
    const refused = (object: K8sObject): string => refusal(startCluster(restricted), object).replace('pods "p" is forbidden: violates PodSecurity "restricted:latest": ', '')
    expect(refused(made({}))).toBe('created')
    expect(refused(made({}, { volumes: [{ name: 'n', nfs: { server: 's', path: '/' } }] }))).toBe('restricted volume types (volume "n" uses restricted volume type "nfs")')
    expect(refused(made({}, { securityContext: { runAsUser: 0 } }))).toBe('runAsUser=0 (pod must not set runAsUser=0)')
    expect(refused(made({ livenessProbe: { httpGet: { host: '127.0.0.1', port: 80 } } }))).toBe('probe or lifecycle host (container "app" uses probe or lifecycle host "127.0.0.1")')
    expect(refused(made({}, { securityContext: { seccompProfile: undefined } }))).toBe('seccompProfile (pod or container "app" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")')
    expect(refused(made({ securityContext: { ...careful.securityContext, capabilities: { drop: ['NET_RAW'] } } }))).toBe('unrestricted capabilities (container "app" must set securityContext.capabilities.drop=["ALL"])')
  })
  test('a careful pod passes restricted', () => {
    expect(podSecurityViolation({ securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }, containers: [{ name: 'a', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } } }] }, 'restricted')).toBeUndefined()
  })
})

describe('apply', () => {
  test('removes what is no longer applied and keeps what others set', () => {
    expect(threeWayMerge({ a: 1, b: 2 }, { a: 3 }, { a: 1, b: 2, c: 4 })).toEqual({ c: 4, a: 3 })
  })
  test('containers merge by name, ports by number and protocol', () => {
    const list = (ports: Fields[]): Fields => ({ containers: [{ name: 'app', ports }] })
    expect(threeWayMerge(list([{ containerPort: 80 }]), list([{ containerPort: 80, protocol: 'UDP' }]), { containers: [{ name: 'app', image: 'x', ports: [{ containerPort: 80, protocol: 'TCP' }] }] })).toEqual({ containers: [{ name: 'app', image: 'x', ports: [{ containerPort: 80, protocol: 'UDP' }] }] })
  })
  test('a changed strategy leaves no rest of the old one', () => {
    expect(threeWayMerge({ strategy: {} }, { strategy: { type: 'Recreate' } }, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } })).toEqual({ strategy: { type: 'Recreate' } })
  })
  test.each<[what: string, last: Fields, next: Fields, live: Fields, patch: Fields]>([
    ['a changed field, one that is gone, one of others', { a: 1, b: 2 }, { a: 3 }, { a: 1, b: 2, c: 4 }, { a: 3, b: null }],
    ['a field of one container', {}, { containers: [{ name: 'app', image: 'x:2' }, { name: 'b' }] }, { containers: [{ name: 'app', image: 'x:1', imagePullPolicy: 'Always' }, { name: 'b' }] }, { $setOrder: 'containers', containers: [{ image: 'x:2', name: 'app' }] }],
    ['a container that is gone', { containers: [{ name: 'app' }, { name: 'b' }] }, { containers: [{ name: 'app' }] }, { containers: [{ name: 'app' }, { name: 'b' }] }, { $setOrder: 'containers', containers: [{ $patch: 'delete', name: 'b' }] }],
    ['another order alone', {}, { containers: [{ name: 'b' }, { name: 'app' }] }, { containers: [{ name: 'app' }, { name: 'b' }] }, { $setOrder: 'containers' }],
    ['a list without a merge key', {}, { args: ['-v'] }, { args: ['-q'] }, { args: ['-v'] }],
    ['a set', { finalizers: ['a', 'b'] }, { finalizers: ['a', 'c'] }, { finalizers: ['a', 'b'] }, { $setOrder: 'finalizers', finalizers: ['c'], '$deleteFromPrimitiveList/finalizers': ['b'] }],
    ['a union that keeps nothing of the old member', {}, { strategy: { type: 'Recreate' } }, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } }, { strategy: { $retainKeys: ['type'], type: 'Recreate' } }],
    ['nothing', { a: 1 }, { a: 1 }, { a: 1, b: 2 }, {}],
  ])('the patch that is sent names %s', (_what, last, next, live, { $setOrder: ordered, ...patch }) => {
    const order = ordered === undefined ? {} : { [`$setElementOrder/${ordered}`]: (next[ordered] as (Fields | string)[]).map((item) => (typeof item === 'string' ? item : { name: item.name })) }
    expect(strategicPatch(last, next, live)).toEqual({ ...order, ...patch })
  })
  test('created, unchanged, configured', () => {
    const cluster = startCluster()
    expect(cluster.api.apply(deployment('web', 1))).toMatchObject({ verb: 'created' })
    expect(cluster.api.apply(deployment('web', 1))).toMatchObject({ verb: 'unchanged' })
    expect(cluster.api.apply(deployment('web', 2))).toMatchObject({ verb: 'configured' })
    expect(cluster.view.get('Deployment', 'game', 'web')!.metadata.generation).toBe(2)
  })
})

test('a namespace being deleted takes its content along and refuses more', () => {
  const cluster = startCluster()
  cluster.api.apply(deployment('web', 1))
  cluster.advance(10_000)
  cluster.api.delete({ kind: 'Namespace', namespace: '', name: 'game' })
  expect(refusal(cluster, pod('x'))).toBe('pods "x" is forbidden: unable to create new content in namespace game because it is being terminated')
  cluster.advance(20_000)
  expect(cluster.view.get('Namespace', '', 'game')).toBeUndefined()
})
