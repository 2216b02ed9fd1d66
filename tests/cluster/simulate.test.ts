/** Playing runs: what is applied when, what steps do to pods that come later, what a record holds, and what is said about fields outside the model. */
import { describe, expect, it } from 'vitest'
import { recordOf } from '../../server/cluster/index.ts'
import { tableOf } from '../../server/cluster/record.ts'
import { resources } from '../../server/cluster/resources.ts'
import { unmodelledIn } from '../../server/cluster/unmodelled.ts'
import { keyOf } from '../../server/k8s/object.ts'
import { deploymentOf, judge, login, serviceOf } from '../support/exercise.ts'

const ready = { ready: { workload: 'deployment/login', within: '60s' } }

describe('a run', () => {
  it('applies the answer over what is there already', () => {
    const { simulation } = judge({ before: [deploymentOf(), serviceOf()], objects: [deploymentOf({}, { replicas: 4 }), serviceOf(), deploymentOf({}, { selector: { matchLabels: { app: 'x' } } })], goal: ready })
    const own = simulation.result.applied.slice(2).map(({ result, message }) => [result, message])
    expect(own.slice(0, 2)).toEqual([['configured', ''], ['unchanged', '']])
    expect(own[2]![0]).toBe('rejected')
    expect(own[2]![1]).toContain('field is immutable')
  })
  it('words refusals as kubectl prints them, with the fields', () => {
    const { simulation } = judge({ objects: [serviceOf({ ports: [{ port: 0 }] }), serviceOf({ prots: [] }), { apiVersion: 'x/v1', kind: 'Wish', metadata: { name: 'w' } }], goal: ready })
    const [invalid, strict, unknown] = simulation.result.applied
    expect(invalid!.message).toMatch(/^The Service "login" is invalid: /)
    expect(invalid!.causes).toContainEqual({ field: 'spec.ports[0].port', message: expect.stringContaining('must be between 1 and 65535') as string })
    expect(strict!.message).toBe('Error from server (BadRequest): Service in version "v1" cannot be handled as a Service: strict decoding error: unknown field "spec.prots"')
    expect(unknown!.message).toContain('no matches for kind "Wish" in version "x/v1"\nensure CRDs are installed first')
  })
  it('remembers what was applied as kubectl writes it: keys in order, and a line break at the end', () => {
    const { simulation } = judge({ objects: [{ kind: 'ConfigMap', apiVersion: 'v1', metadata: { namespace: 'game', name: 'app' }, data: { b: '<2>', a: '1' } }], goal: ready })
    expect(simulation.at(0).get('ConfigMap', 'game', 'app')!.metadata.annotations!['kubectl.kubernetes.io/last-applied-configuration']).toBe('{"apiVersion":"v1","data":{"a":"1","b":"\\u003c2\\u003e"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"app","namespace":"game"}}\n')
  })
  it('ends early when asked, and looks back at any moment', () => {
    const { simulation } = judge({ goal: ready })
    expect(simulation.at(-1).list('Deployment', 'game')).toEqual([])
    expect(simulation.at(0).list('Pod', 'game')).toHaveLength(2)
    expect(simulation.result.endedAt).toBe(120_000)
  })
  it('keeps load and behaviour on pods that come later', () => {
    const load = { steps: [{ at: '20s', load: { workload: 'deployment/login', factor: 2, over: 2 } }, { at: '40s', scale: { workload: 'deployment/login', replicas: 4 } }] }
    const { simulation } = judge({ profile: { cpu: { idle: 0, load: 1 } }, run: load, goal: ready })
    const { cluster } = simulation
    const cores = cluster.view.list('Pod', 'game').map((pod) => cluster.runtime.containers({ kind: 'Pod', namespace: 'game', name: pod.metadata.name })[0]!.cpuCores().wanted)
    expect(cores).toEqual([1, 1, 1, 1])
    const hang = { steps: [{ at: '20s', behave: { workload: 'deployment/login', mode: 'hang', newPodsToo: true } }, { at: '40s', scale: { workload: 'deployment/login', replicas: 3 } }] }
    expect(judge({ run: hang, goal: { scale: { workload: 'deployment/login', min: 1, after: '50s', within: '60s' } } }).goal.verdict).toBe('missed')
  })
})

describe('a record', () => {
  const { simulation } = judge({ run: { traffic: [{ name: 'clients', from: { namespace: 'game' }, to: { service: 'service/login', port: 80, path: '/' }, starts: '30s' }] }, goal: { reach: { from: { namespace: 'game' }, to: { service: 'service/login', port: 80 } } } })
  const record = recordOf(simulation)

  it('holds every object, event and verdict', () => {
    expect(record.objects.filter(({ kind }) => kind === 'Pod').length).toBeGreaterThanOrEqual(2)
    expect(record.events).toContainEqual(expect.objectContaining({ kind: 'Pod', type: 'Normal', reason: 'Scheduled' }))
    expect(record.reach).toMatchObject([{ at: 120_000, data: { ok: true } }])
    expect(record.traffic).toMatchObject([{ name: 'clients', sent: 450, lost: [], answered: { 'Deployment/game/login': 450 } }])
    expect(JSON.parse(JSON.stringify(record))).toEqual(record)
  })
  it('holds the printed columns of each object as they changed', () => {
    const name = simulation.cluster.view.list('Pod', 'game')[0]!.metadata.name
    const rows = record.columns.filter((row) => row.kind === 'Pod' && row.name === name)
    expect(rows.map(({ columns }) => [columns.READY, columns.STATUS])).toEqual([['0/1', 'ContainerCreating'], ['0/1', 'Running'], ['1/1', 'Running']])
    expect(rows[2]!.columns).toMatchObject({ RESTARTS: '0', NODE: expect.stringMatching(/^node-/) as string })
    expect(rows[2]!.columns).not.toHaveProperty('AGE')
    expect(rows.map(({ at }) => at)).toEqual([...rows.map(({ at }) => at)].sort((a, b) => a - b))
  })
  it('has rows of every object that is stored, whatever its kind', () => {
    const named = (apiVersion: string, kind: string, rest: object, namespaced = true): object => ({ apiVersion, kind, metadata: { name: 'one', ...(namespaced ? { namespace: 'game' } : {}) }, ...rest })
    const pod = { containers: [{ name: 'app', image: login }] }
    const template = { metadata: { labels: { app: 'one' } }, spec: pod }
    const selector = { matchLabels: { app: 'one' } }
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]
    const bound = (kind: string): object => ({ subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'game' }], roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: 'one' } })
    const job = { template: { spec: { ...pod, restartPolicy: 'Never' } } }
    const objects = [
      deploymentOf(), serviceOf(), named('v1', 'ConfigMap', { data: { A: '1' } }), named('v1', 'Secret', {}), named('v1', 'ResourceQuota', { spec: { hard: { pods: '50' } } }), named('v1', 'LimitRange', { spec: { limits: [{ type: 'Container', default: { memory: '64Mi' } }] } }),
      named('v1', 'Namespace', {}, false), named('v1', 'PersistentVolumeClaim', { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }), named('v1', 'Pod', { spec: { ...pod, volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'one' } }] } }),
      named('v1', 'PodTemplate', { template }), named('v1', 'ReplicationController', { spec: { replicas: 0, selector: { app: 'rc' }, template: { metadata: { labels: { app: 'rc' } }, spec: pod } } }), named('apps/v1', 'DaemonSet', { spec: { selector: { matchLabels: { app: 'ds' } }, template: { metadata: { labels: { app: 'ds' } }, spec: pod } } }), named('apps/v1', 'StatefulSet', { spec: { serviceName: 'one', replicas: 1, selector, template } }),
      named('autoscaling/v2', 'HorizontalPodAutoscaler', { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'login' }, maxReplicas: 3 } }), named('batch/v1', 'Job', { spec: job }), named('batch/v1', 'CronJob', { spec: { schedule: '* * * * *', jobTemplate: { spec: job } } }), named('coordination.k8s.io/v1', 'Lease', { spec: { holderIdentity: 'me' } }),
      named('networking.k8s.io/v1', 'IngressClass', { spec: { controller: 'example.com/ingress' } }, false), named('networking.k8s.io/v1', 'Ingress', { spec: { defaultBackend: { service: { name: 'login', port: { number: 80 } } } } }), named('networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: { matchLabels: { app: 'none' } } } }), named('policy/v1', 'PodDisruptionBudget', { spec: { minAvailable: 1, selector } }),
      named('rbac.authorization.k8s.io/v1', 'Role', { rules }), named('rbac.authorization.k8s.io/v1', 'ClusterRole', { rules }, false), named('rbac.authorization.k8s.io/v1', 'RoleBinding', bound('Role')), named('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', bound('ClusterRole'), false),
      named('scheduling.k8s.io/v1', 'PriorityClass', { value: 5 }, false), named('storage.k8s.io/v1', 'StorageClass', { provisioner: 'csi.game.example' }, false), named('storage.k8s.io/v1', 'CSIDriver', { spec: {} }, false), named('storage.k8s.io/v1', 'CSIStorageCapacity', { storageClassName: 'one', capacity: '1Gi' }),
    ]
    const { simulation: whole } = judge({ objects, run: { length: '90s' }, goal: { ready: { workload: 'deployment/login', within: '60s' } } })
    expect(whole.result.applied.filter(({ result }) => result === 'rejected')).toEqual([])
    const { objects: last, columns } = recordOf(whole)
    const rows = new Set(columns.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`))
    expect(last.map(keyOf).filter((key) => !rows.has(key))).toEqual([])
    // Attachments are a matter between the kubelet and the volume; nothing stores them.
    expect(resources.map(({ kind }) => kind).filter((kind) => !columns.some((row) => row.kind === kind))).toEqual(['Event', 'VolumeAttachment'])
    expect(columns.find(({ name }) => name === 'standard-rwo')!.columns).toMatchObject({ NAME: 'standard-rwo (default)', PROVISIONER: 'csi.game.example' })
    expect(columns.find(({ kind }) => kind === 'ResourceQuota')!.columns.REQUEST).toMatch(/^pods: \d+\/50$/)
  })
  it('reads tables by the place of their titles', () => {
    expect(tableOf('NAME   PORT(S)   NOMINATED NODE   AGE\na      80/TCP    <none>           5s\nb                <none>           1m\n')).toEqual([{ NAME: 'a', 'PORT(S)': '80/TCP', 'NOMINATED NODE': '<none>', AGE: '5s' }, { NAME: 'b', 'PORT(S)': '', 'NOMINATED NODE': '<none>', AGE: '1m' }])
  })
})

describe('fields outside the model', () => {
  it('are noted with their path', () => {
    expect(unmodelledIn(deploymentOf({ volumeMounts: [{ name: 'v', mountPath: '/v' }, { name: 'w', mountPath: '/w', mountPropagation: 'Bidirectional' }] }, {}, { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }], hostUsers: false, volumes: [{ name: 'v', nfs: { server: 'x', path: '/' } }] })).map(({ path, decisive }) => [path, decisive])).toEqual([
      ['spec.template.spec.resourceClaims', true], ['spec.template.spec.hostUsers', false], ['spec.template.spec.volumes[0].nfs', true], ['spec.template.spec.containers[0].volumeMounts[1].mountPropagation', true],
    ])
    expect(unmodelledIn(serviceOf({ trafficDistribution: 'PreferClose', ipFamilies: ['IPv6'] })).map(({ path, decisive }) => [path, decisive])).toEqual([['spec.trafficDistribution', false], ['spec.ipFamilies', true]])
  })
  it('are not noted where they change nothing', () => {
    expect(unmodelledIn(deploymentOf({ volumeMounts: [{ name: 'v', mountPath: '/v', mountPropagation: 'None' }] }, {}, { hostUsers: true, securityContext: {} }))).toEqual([])
    expect(unmodelledIn(serviceOf({ ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' }))).toEqual([])
  })
})
