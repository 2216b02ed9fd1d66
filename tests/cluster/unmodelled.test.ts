/** The cluster says what it does not model: each row of the table is tried through the API server's door, gives its note, and where it is decisive no goal that rests on the object is ever met. */
import { noteInChinese } from '../../server/cluster/index.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unmodelledFields } from '../../server/cluster/unmodelled.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'
import { deploymentOf, judge, login, serviceOf } from '../support/exercise.ts'

/** What a person might write there: a value for the last step of the path, and what the API server wants beside it. */
type Example = { value: unknown; /** The fields themselves, where the path alone does not make a valid object. */ whole?: Fields; beside?: Fields; /** Laid over the container. */ container?: Fields; /** Laid over the object. */ object?: Fields }

const claimSpec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const snapshot = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' }
const mount: Example['container'] = { volumeMounts: [{ name: 'v', mountPath: '/v' }] }
const volume = (value: unknown): Example => ({ value, beside: { name: 'v' }, container: mount })
const ephemeral = (more: Fields): Example => ({ value: '', whole: { volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec: { ...claimSpec, ...more } } } }] }, container: mount })
const claimTemplate = (more: Fields): Example => ({ value: '', whole: { spec: { volumeClaimTemplates: [{ metadata: { name: 'v' }, spec: { ...claimSpec, ...more } }] } } })
const backend: Example = { value: { apiGroup: 'k8s.example.com', kind: 'Bucket', name: 'assets' } }
const webhook = { clientConfig: { service: { name: 's', namespace: 'game' } }, name: 'a.example.com', sideEffects: 'None', admissionReviewVersions: ['v1'], rules: [] }

const examples: Record<string, Example> = {
  'pod spec runtimeClassName': { value: 'gvisor' },
  'pod spec resourceClaims': { value: [{ name: 'gpu', resourceClaimName: 'gpu' }] },
  'pod spec hostUsers': { value: false },
  'pod spec hostnameOverride': { value: 'battle' },
  'pod spec os.name': { value: 'windows' },
  'pod spec overhead': { value: { cpu: '100m' } },
  'pod spec securityContext.seLinuxOptions': { value: { level: 's0:c1,c2' } },
  'pod spec securityContext.windowsOptions': { value: { runAsUserName: 'x' } },
  'pod spec volumes[].awsElasticBlockStore': volume({ volumeID: 'vol-1' }),
  'pod spec volumes[].azureDisk': volume({ diskName: 'd', diskURI: 'https://x.blob.core.windows.net/d' }),
  'pod spec volumes[].azureFile': volume({ secretName: 's', shareName: 'x' }),
  'pod spec volumes[].cephfs': volume({ monitors: ['10.1.1.1:6789'] }),
  'pod spec volumes[].cinder': volume({ volumeID: 'x' }),
  'pod spec volumes[].csi': volume({ driver: 'secrets-store.csi.k8s.io', readOnly: true }),
  'pod spec volumes[].ephemeral.volumeClaimTemplate.spec.volumeMode': ephemeral({ volumeMode: 'Block' }),
  'pod spec volumes[].ephemeral.volumeClaimTemplate.spec.dataSource': ephemeral({ dataSource: snapshot }),
  'pod spec volumes[].ephemeral.volumeClaimTemplate.spec.dataSourceRef': ephemeral({ dataSourceRef: snapshot }),
  'pod spec volumes[].fc': volume({ targetWWNs: ['500a0982991b8dc5'], lun: 2 }),
  'pod spec volumes[].flexVolume': volume({ driver: 'example.com/lvm' }),
  'pod spec volumes[].flocker': volume({ datasetName: 'x' }),
  'pod spec volumes[].gcePersistentDisk': volume({ pdName: 'd' }),
  'pod spec volumes[].gitRepo': volume({ repository: 'https://git.example.com/maps.git' }),
  'pod spec volumes[].glusterfs': volume({ endpoints: 'gluster', path: 'maps' }),
  'pod spec volumes[].iscsi': volume({ targetPortal: '10.1.1.1', iqn: 'iqn.2001-04.com.example:storage', lun: 0 }),
  'pod spec volumes[].nfs': volume({ server: 'nfs.game.example', path: '/' }),
  'pod spec volumes[].photonPersistentDisk': volume({ pdID: 'x' }),
  'pod spec volumes[].portworxVolume': volume({ volumeID: 'x' }),
  'pod spec volumes[].quobyte': volume({ registry: '10.1.1.1:7861', volume: 'x' }),
  'pod spec volumes[].rbd': volume({ monitors: ['10.1.1.1:6789'], image: 'x' }),
  'pod spec volumes[].scaleIO': volume({ gateway: 'https://x', system: 's', secretRef: { name: 's' }, volumeName: 'v' }),
  'pod spec volumes[].storageos': volume({ volumeName: 'v' }),
  'pod spec volumes[].vsphereVolume': volume({ volumePath: '[d] v' }),
  'pod spec volumes[].emptyDir.medium': { value: '', whole: { volumes: [{ name: 'v', emptyDir: { medium: 'HugePages-2Mi' } }] }, container: mount },
  'pod spec volumes[].hostPath.path': { value: '', whole: { volumes: [{ name: 'v', hostPath: { path: '/var/log' } }] }, container: mount },
  'container volumeDevices': { value: [{ name: 'v', devicePath: '/dev/xvda' }] },
  'container volumeMounts[].mountPropagation': { value: 'HostToContainer', beside: { name: 'v', mountPath: '/v' } },
  'container resources.claims': { value: [{ name: 'gpu' }] },
  'container resizePolicy': { value: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] },
  'container securityContext.seLinuxOptions': { value: { level: 's0:c1,c2' } },
  'container securityContext.windowsOptions': { value: { runAsUserName: 'x' } },
  'container securityContext.seccompProfile.localhostProfile': { value: 'profiles/game.json', beside: { type: 'Localhost' } },
  'container securityContext.appArmorProfile.localhostProfile': { value: 'game', beside: { type: 'Localhost' } },
  'container securityContext.procMount': { value: 'Unmasked' },
  'container stdin': { value: true },
  'container tty': { value: true },
  'Service spec.trafficDistribution': { value: 'PreferClose' },
  'Service spec.loadBalancerClass': { value: 'game.example/anycast', object: { spec: { type: 'LoadBalancer' } } },
  'Service spec.loadBalancerIP': { value: '203.0.113.99', object: { spec: { type: 'LoadBalancer' } } },
  'Service spec.healthCheckNodePort': { value: 30500, object: { spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local' } } },
  'Service spec.ipFamilies': { value: ['IPv6'] },
  'Service spec.ipFamilyPolicy': { value: 'RequireDualStack' },
  'Ingress spec.defaultBackend.resource': backend,
  'Ingress spec.rules[].http.paths[].backend.resource': backend,
  'Job spec.managedBy': { value: 'game.example/batch' },
  'StatefulSet spec.volumeClaimTemplates[].spec.volumeMode': claimTemplate({ volumeMode: 'Block' }),
  'StatefulSet spec.volumeClaimTemplates[].spec.dataSource': claimTemplate({ dataSource: snapshot }),
  'StatefulSet spec.volumeClaimTemplates[].spec.dataSourceRef': claimTemplate({ dataSourceRef: snapshot }),
  'PersistentVolumeClaim spec.volumeMode': { value: 'Block' },
  'PersistentVolumeClaim spec.dataSource': { value: snapshot },
  'PersistentVolumeClaim spec.dataSourceRef': { value: snapshot },
  'PersistentVolumeClaim spec.volumeAttributesClassName': { value: 'gold' },
  'PersistentVolume spec.mountOptions[]': { value: '', whole: { spec: { mountOptions: ['uid=1000'] } } },
  'StorageClass mountOptions[]': { value: '', whole: { mountOptions: ['noatime', 'noexec'] } },
  'ReplicationController ': { value: { apiVersion: 'v1', kind: 'ReplicationController', metadata: { name: 'x', namespace: 'game' }, spec: { selector: { app: 'login' }, template: { metadata: { labels: { app: 'login' } }, spec: { containers: [{ name: 'a', image: login }] } } } } },
  'CustomResourceDefinition ': { value: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'games.example.com' }, spec: { group: 'example.com', names: { kind: 'Game', plural: 'games' }, scope: 'Namespaced', versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] } } },
  'ValidatingAdmissionPolicyBinding ': { value: { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: 'x' }, spec: { policyName: 'x', validationActions: ['Deny'] } } },
  'MutatingAdmissionPolicyBinding ': { value: { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingAdmissionPolicyBinding', metadata: { name: 'x' }, spec: { policyName: 'x' } } },
  'ValidatingWebhookConfiguration ': { value: { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata: { name: 'x' }, webhooks: [webhook] } },
  'MutatingWebhookConfiguration ': { value: { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', metadata: { name: 'x' }, webhooks: [webhook] } },
}

const isObject = (value: unknown): value is Fields => value !== null && typeof value === 'object' && !Array.isArray(value)

/** Lays one value over another, field by field; lists are replaced. */
function laid(base: unknown, over: unknown): unknown {
  if (!isObject(base) || !isObject(over)) return over
  return Object.fromEntries([...new Set([...Object.keys(base), ...Object.keys(over)])].map((key) => [key, key in over ? laid(base[key], over[key]) : base[key]]))
}

/** The value at a path, in lists of one. `beside` stands next to the innermost step. */
function at(path: string, value: unknown, beside: Fields = {}): Fields {
  const [step = '', ...rest] = path.split('.')
  const name = step.replace(/\[\]$/, '')
  const isList = step.endsWith('[]')
  const isLast = rest.length === 0 || (isList && rest.length === 1)
  const inner = rest.length === 0 ? value : isLast ? { ...beside, ...at(rest[0]!, value) } : at(rest.join('.'), value, beside)
  const isParent = rest.length === 1 && !rest[0]!.includes('[')
  const whole = isParent && !isList && isObject(inner) ? { ...beside, ...inner } : inner
  return { [name]: isList ? [isObject(whole) ? { ...named(name), ...whole } : whole] : whole }
}

/** What an item of a list must have to be itself. */
const named = (list: string): Fields => (({ volumes: { name: 'v' }, env: { name: 'A' } }) as Record<string, Fields>)[list] ?? {}

const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'login', namespace: 'game' }, spec: { rules: [{ host: 'game.example', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'login', port: { number: 80 } } } }] } }] } }
const jobTemplate = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: login }] } } }
const bases: Record<string, () => K8sObject> = {
  Service: () => serviceOf(), Ingress: () => ingress,
  Job: () => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'login', namespace: 'game' }, spec: jobTemplate }),
  CronJob: () => ({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'login', namespace: 'game' }, spec: { schedule: '* * * * *', jobTemplate: { spec: jobTemplate } } }),
  StatefulSet: () => ({ ...deploymentOf(), kind: 'StatefulSet' }),
  PersistentVolumeClaim: () => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'login', namespace: 'game' }, spec: claimSpec }),
  PersistentVolume: () => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'login' }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], csi: { driver: 'disk.game.example', volumeHandle: 'd' } } }),
  StorageClass: () => ({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'login' }, provisioner: 'disk.game.example' }),
}
/** What the claim says of the object that it is to be given from. */
const claimed: Record<string, Fields> = { PersistentVolumeClaim: {}, PersistentVolume: { storageClassName: '', volumeName: 'login' }, StorageClass: { storageClassName: 'login' } }

/** An object that uses the row, the reference of a workload or object that a goal may name, and what stands beside it. */
function using(where: string, path: string): { object: K8sObject; name: string; others: K8sObject[] } {
  const example = examples[`${where} ${path}`]!
  if (path === '') return { object: example.value as K8sObject, name: '', others: [deploymentOf(), serviceOf()] }
  const field = example.whole ?? at(path, example.value, example.beside)
  if (where === 'container') return { object: deploymentOf({ ...(laid({}, field) as Fields), ...example.container }, {}, path.startsWith('volume') || path.startsWith('env') ? { volumes: [{ name: 'v', ...(path === 'volumeDevices' ? { persistentVolumeClaim: { claimName: 'login' } } : { emptyDir: {} }) }] } : path.includes('procMount') ? { hostUsers: false } : path === 'resources.claims' ? { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] } : {}), name: 'deployment/login', others: [] }
  if (where === 'pod spec') return { object: deploymentOf(example.container, {}, field), name: 'deployment/login', others: [] }
  const object = laid(laid(bases[where]!(), example.object ?? {}), ingressField(where, path, field)) as K8sObject
  const mounting = deploymentOf(mount, {}, { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'login' } }] })
  const claim = where === 'PersistentVolumeClaim' ? [mounting] : claimed[where] ? [{ ...bases['PersistentVolumeClaim']!(), spec: { ...claimSpec, ...claimed[where] } }, mounting] : where === 'Service' || where === 'Ingress' ? [deploymentOf()] : []
  return { object, name: `${claimed[where] ? 'deployment' : where.toLowerCase()}/login`, others: claim }
}

/** A path of an Ingress needs its siblings, which replacing the list would lose. */
function ingressField(where: string, path: string, field: Fields): Fields {
  return where === 'Ingress' && path.includes('paths[]') ? { spec: { rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend: { resource: backend.value } }] } }] } } : field
}

const rows = unmodelledFields()
const goalsAbout = (name: string): Fields[] => [
  ...(name === '' ? [{ ready: { workload: 'deployment/login', within: '60s' } }, { admitted: {} }] : []),
  ...(/^(deployment|statefulset)/.test(name) ? [{ ready: { workload: name, within: '60s' } }, { noRestart: { workload: name } }, { logs: { workload: name, line: 'panic', expect: 'no' } }, { evicted: { workload: name } }, { slowdown: { workload: name, atMost: 9 } }] : []),
  ...(/^service/.test(name) ? [{ reach: { from: { namespace: 'game' }, to: { service: name, port: 80, path: '/' } } }, { serves: { service: name, atLeast: 1, from: '60s' } }, { endpointChanges: { service: name, atMost: 9 } }] : []),
  ...(/^(job|cronjob)/.test(name) ? [{ completes: { job: name, within: '110s' } }] : []),
  ...(/^ingress/.test(name) ? [{ reach: { from: { address: '203.0.113.7' }, to: { host: 'game.example', port: 80, path: '/' } } }] : []),
  { admitted: {} }, { policy: { expression: 'objects.size() > 0' } }, { can: { serviceAccount: 'default', verb: 'get', resource: 'pods', expect: 'no' } },
]

describe('every row of the unmodelled table', () => {
  it('has an example, and every example a row', () => {
    expect(Object.keys(examples).sort()).toEqual(rows.map(({ where, path }) => `${where} ${path}`).sort())
  })

  it.each(rows)('$where $path: is admitted and noted, and decides nothing', ({ where, path, decisive, effect }) => {
    const { object, name, others } = using(where, path)
    for (const goal of goalsAbout(name)) {
      const { simulation, goal: judged } = judge({ objects: [...others, object], goal })
      expect(simulation.result.applied.map(({ result, message }) => `${result} ${message}`)).toEqual(simulation.result.applied.map(() => 'created '))
      const notes = simulation.result.notes.filter((note) => note.text.includes(`is not modelled: ${effect}`))
      expect(notes.length, 'noted').toBeGreaterThan(0)
      for (const note of notes) expect(noteInChinese(note)).toMatch(/^[^“”]+尚未建模：([^“”]*[\u4e00-\u9fff]|IPv6$)/)
      expect(notes).toContainEqual(expect.objectContaining({ decisive, ...(path === '' ? {} : { path: expect.stringMatching(path.replaceAll('[]', '\\[\\d+\\]').replaceAll('.', '\\.')) as string }) }))
      // A definition of new kinds, and pods or addresses beside it, change nothing for a Deployment.
      if (decisive && !(['CustomResourceDefinition', 'ReplicationController'].includes(where) && 'ready' in goal)) expect([judged.verdict, Object.keys(goal)[0]]).not.toEqual(['met', Object.keys(goal)[0]])
      if (decisive && judged.verdict === 'undecided') expect(judged.because.en).toMatch(/not modelled/)
    }
  })

  it('also when a step brings it in', () => {
    const { goal } = judge({ run: { steps: [{ at: '30s', patch: { object: 'deployment/login', merge: { spec: { template: { spec: { runtimeClassName: 'gvisor' } } } } } }] }, goal: { ready: { workload: 'deployment/login', within: '60s' } } })
    expect([goal.verdict, goal.because.en]).toEqual(['undecided', 'Could not be decided: spec.template.spec.runtimeClassName is not modelled: another container runtime'])
  })
})

describe('what rests on it', () => {
  const nfs = deploymentOf({}, {}, { volumes: [{ name: 'v', nfs: { server: 'nfs.game.example', path: '/' } }] })
  const about = (goal: Fields, ...objects: K8sObject[]) => judge({ objects, goal }).goal.verdict
  const reach = { reach: { from: { namespace: 'game' }, to: { service: 'service/login', port: 80, path: '/' } } }

  it('is a Service before the pods, and a workload that mounts the claim', () => {
    expect(about(reach, nfs, serviceOf())).toBe('undecided')
    expect(about(reach, deploymentOf(), serviceOf(), examples['ReplicationController ']!.value as K8sObject)).toBe('undecided')
  })
  it('is a StatefulSet before the class of the volumes it asks for', () => {
    const disks = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'disk' }, provisioner: 'csi.game.example', mountOptions: ['noexec'] }
    const claims = (storageClassName: string): Fields => ({ volumeClaimTemplates: [{ metadata: { name: 'v' }, spec: { ...claimSpec, storageClassName } }] })
    const set = (storageClassName: string): K8sObject => ({ ...deploymentOf(mount, claims(storageClassName)), kind: 'StatefulSet' })
    expect(about({ ready: { workload: 'statefulset/login', within: '60s' } }, disks, set('disk'))).toBe('undecided')
    expect(about({ ready: { workload: 'statefulset/login', within: '60s' } }, disks, set('standard-rwo'))).toBe('met')
  })
  it('is no Service for a port that the server chose', () => {
    expect(about(reach, deploymentOf(), serviceOf({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' }))).toBe('met')
  })
  it('is no other Service and no other workload', () => {
    const other = { ...nfs, metadata: { name: 'other', namespace: 'game' }, spec: { ...nfs.spec, selector: { matchLabels: { app: 'other' } }, template: { ...(nfs.spec!.template as Fields), metadata: { labels: { app: 'other' } } } } }
    expect(about(reach, deploymentOf(), serviceOf(), other)).toBe('met')
    expect(about({ ready: { workload: 'deployment/login', within: '60s' } }, deploymentOf(), other)).toBe('met')
  })
})

describe('any mixture of them', () => {
  const decisive = rows.filter((row) => row.decisive && row.where === 'pod spec' && !row.path.startsWith('volumes'))
  it('never lets a goal pass', { timeout: 60_000 }, () => {
    fc.assert(fc.property(fc.subarray(decisive.map(({ path }) => path), { minLength: 1 }), fc.constantFrom('Deployment', 'StatefulSet', 'DaemonSet'), fc.boolean(), (paths, kind, behindService) => {
      const pod = paths.map((path) => at(path, examples[`pod spec ${path}`]!.value)).reduce<Fields>((all, one) => laid(all, one) as Fields, {})
      const made = deploymentOf({}, {}, pod)
      const { replicas: _replicas, ...spec } = made.spec!
      const object = { ...made, kind, spec: kind === 'DaemonSet' ? spec : made.spec }
      const goal = behindService ? { reach: { from: { namespace: 'game' }, to: { service: 'service/login', port: 80, path: '/' } } } : { ready: { workload: `${kind.toLowerCase()}/login`, within: '60s' } }
      expect(judge({ objects: [object, serviceOf()], goal }).goal.verdict).not.toBe('met')
    }), { numRuns: 25 })
  })
})
