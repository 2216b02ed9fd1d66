/** Volumes decide where a pod may run: limits of CSI drivers, zones, volumes of one node, claims for one pod; and images that are there already. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../../server/cluster/index.ts'
import type { Simulation } from '../../../server/cluster/index.ts'
import type { Fields } from '../../../server/k8s/object.ts'
import { imageLocality } from '../../../server/cluster/scheduler/scores.ts'
import { fileOf } from '../../support/exercise.ts'

const driver = 'csi.game.example'

function play(objects: unknown[], cluster: Fields = {}, more: Fields = {}, steps: Fields[] = []): Simulation {
  const scenario = scenarioSchema.parse({ cluster, runs: [{ name: 'main', warmup: '0s', length: '2m', steps }], goals: [{ id: 'any', admitted: {} }], ...more })
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf(...objects) } })
}
const claim = (name: string, spec: Fields = {}): Fields => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace: 'game' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec } })
const volume = (name: string, spec: Fields = {}, labels: Fields = {}): Fields => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name, labels }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 'local', hostPath: { path: '/srv' }, ...spec } })
const pod = (name: string, claims: string[], spec: Fields = {}): Fields => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game' }, spec: { ...spec, containers: [{ name: 'app', image: 'busybox:1.37', command: ['sleep', '600'] }], volumes: claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) } })
const on = (node: string): Fields => ({ nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }] } } })
const local = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'local' }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' }
const messagesOf = ({ result }: Simulation, name: string): string[] => result.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === 'FailedScheduling' && entry.ref?.name === name).map((entry) => String(entry.data!.message))
const failed = (played: Simulation, name: string): string | undefined => messagesOf(played, name)[0]
const nodeOf = ({ cluster }: Simulation, name: string): string | undefined => cluster.view.get('Pod', 'game', name)!.spec.nodeName as string | undefined
const told = ({ cluster }: Simulation, kind: string, name: string): string => runKubectl(cluster, `kubectl describe ${kind} ${name} -n game`).stdout

describe('how many volumes a driver attaches to a node', () => {
  const nodes = [{ name: 'node-1', volumeLimits: { [driver]: 1 } }]
  it('keeps further pods waiting, until one is gone', () => {
    const objects = [claim('a'), claim('b'), pod('first', ['a'], { terminationGracePeriodSeconds: 0 }), pod('second', ['b'])]
    const played = play(objects, { nodes })
    expect(failed(played, 'second')).toBe('0/1 nodes are available: 1 node(s) exceed max volume count. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.')
    expect(nodeOf(play(objects, { nodes }, {}, [{ at: '30s', delete: 'pod/first' }]), 'second')).toBe('node-1')
  })
  it('counts a shared volume once, and none that the driver does not serve', () => {
    expect(nodeOf(play([claim('a'), pod('first', ['a']), pod('second', ['a'])], { nodes }), 'second')).toBe('node-1')
    expect(nodeOf(play([local, volume('disk'), claim('a'), claim('b', { storageClassName: 'local' }), pod('first', ['a']), pod('second', ['b'])], { nodes }), 'second')).toBe('node-1')
  })
  it('is in the CSINode', () => {
    const { cluster } = play([pod('first', [])], { nodes })
    expect(cluster.view.get('CSINode', '', 'node-1')!.spec).toEqual({ drivers: [{ name: driver, nodeID: 'node-1', topologyKeys: null, allocatable: { count: 1 } }] })
    expect(runKubectl(cluster, 'kubectl get csinodes').stdout).toMatch(/^NAME +DRIVERS +AGE\nnode-1 +1 +2m\n$/)
  })
})

describe('volumes that are on one node', () => {
  it('are bound for the node that was chosen, though smaller ones are elsewhere', () => {
    const played = play([local, volume('here', { ...on('node-1'), capacity: { storage: '5Gi' } }), volume('there', on('node-2')), claim('a', { storageClassName: 'local' }), pod('web', ['a'], { nodeSelector: { 'kubernetes.io/hostname': 'node-1' } })])
    expect(nodeOf(played, 'web')).toBe('node-1')
    expect(played.cluster.view.get('PersistentVolumeClaim', 'game', 'a')!.spec.volumeName).toBe('here')
  })
  it('serve one claim each', () => {
    const played = play([local, volume('only', on('node-1')), claim('a', { storageClassName: 'local' }), claim('b', { storageClassName: 'local' }), pod('web', ['a', 'b'])])
    expect(failed(played, 'web')).toContain("0/3 nodes are available: 3 node(s) didn't find available persistent volumes to bind.")
  })
  it('cannot be provided by a class without a provisioner', () => {
    const played = play([{ ...local, volumeBindingMode: 'Immediate' }, claim('a', { storageClassName: 'local' })])
    expect(told(played, 'pvc', 'a')).toMatch(/Warning +ProvisioningFailed .*persistentvolume-controller +no volume plugin matched name: kubernetes\.io\/no-provisioner/)
  })
})

describe('zones of volumes', () => {
  const nodes = [{ name: 'node-1', labels: { 'topology.kubernetes.io/zone': 'a' } }, { name: 'node-2', labels: { 'topology.kubernetes.io/region': 'r' } }, { name: 'node-3', labels: { 'topology.kubernetes.io/zone': 'b' } }]
  const zoned = (zone: string): unknown[] => [volume('disk', { storageClassName: 'std' }, { 'topology.kubernetes.io/zone': zone }), claim('a', { storageClassName: 'std' }), pod('web', ['a'])]
  it('hold the pod in theirs', () => expect(nodeOf(play(zoned('b'), { nodes }), 'web')).toBe('node-3'))
  it('also where a node names a region only', () => expect(failed(play(zoned('c'), { nodes }), 'web')).toContain('0/3 nodes are available: 3 node(s) had no available volume zone.'))
})

describe('a claim for one pod', () => {
  const single = claim('a', { accessModes: ['ReadWriteOncePod'] })
  it('is refused to a second one', () => expect(failed(play([single, pod('first', ['a']), pod('second', ['a'])]), 'second')).toContain('3 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod.'))
  it('is taken from a pod of lower priority', () => {
    const high = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 1000 }
    const second = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'second', namespace: 'game' }, spec: { replicas: 0, selector: { matchLabels: { app: 'second' } }, template: { metadata: { labels: { app: 'second' } }, spec: pod('x', ['a'], { priorityClassName: 'high' }).spec } } }
    const played = play([high, single, second, pod('first', ['a'], { terminationGracePeriodSeconds: 1 })], {}, {}, [{ at: '30s', scale: { workload: 'deployment/second', replicas: 1 } }])
    expect(played.cluster.view.list('Pod', 'game').map((one) => [one.metadata.labels?.app, one.status.phase])).toEqual([['second', 'Running']])
    expect(played.result.timeline.some((entry) => entry.kind === 'event' && entry.data?.reason === 'Preempted' && entry.ref?.name === 'first')).toBe(true)
  })
})

describe('a claim that is deleted', () => {
  it('takes no further pods while one still has it', () => {
    const played = play([claim('a'), pod('first', ['a'])], {}, {}, [{ at: '30s', delete: 'persistentvolumeclaim/a' }])
    expect(told(played, 'pvc', 'a')).toMatch(/^Status: +Terminating/m)
    played.cluster.api.create(pod('second', ['a']) as never)
    played.cluster.advance(played.cluster.now + 5000)
    expect(runKubectl(played.cluster, 'kubectl get pod second -n game --no-headers').stdout).toMatch(/^second +0\/1 +Pending /)
    expect(runKubectl(played.cluster, 'kubectl describe pod second -n game').stdout).toContain('0/3 nodes are available: persistentvolumeclaim "a" is being deleted.')
    played.cluster.api.delete({ kind: 'Pod', namespace: 'game', name: 'first' }, { graceSeconds: 1 })
    played.cluster.advance(played.cluster.now + 30_000)
    expect(played.cluster.view.get('PersistentVolumeClaim', 'game', 'a')).toBeUndefined()
  })
  it('stays while a pod that has ended is there, and goes though a pod without a node names it', () => {
    const done = { ...pod('done', ['a'], { restartPolicy: 'Never' }) }
    ;(done.spec as Fields).containers[0].command = ['true']
    const held = play([claim('a'), done], {}, {}, [{ at: '30s', delete: 'persistentvolumeclaim/a' }])
    expect(told(held, 'pvc', 'a')).toMatch(/^Status: +Terminating/m)
    const waiting = play([claim('b', { storageClassName: 'none' }), pod('web', ['b'])], {}, {}, [{ at: '30s', delete: 'persistentvolumeclaim/b' }])
    expect(waiting.cluster.view.get('PersistentVolumeClaim', 'game', 'b')).toBeUndefined()
  })
})

describe('images that are there already', () => {
  it.each([[[], 1, 0], [[{ bytes: 600 * 1024 ** 2, share: 1 / 2 }], 1, 28], [[{ bytes: 20 * 1024 ** 2, share: 1 }], 1, 0], [[{ bytes: 5000 * 1024 ** 2, share: 1 }], 2, 100]])('%j of %i images: %i', (sizes, count, score) => expect(imageLocality(sizes, count)).toBe(score))

  it('draw a pod to a fuller node', () => {
    const image = 'registry.game.example/world:1'
    const world = (name: string, spec: Fields = {}): Fields => ({ ...pod(name, []), spec: { ...spec, containers: [{ name: 'app', image, resources: { requests: { cpu: '100m', memory: '200Mi' } } }] } })
    const more = { profiles: { world: { image: { entrypoint: ['/world'] } } }, images: [{ name: image, profile: 'world', size: '900Mi' }] }
    const nodes = [{ name: 'node-1' }, { name: 'node-2' }]
    const played = play([world('first', { nodeName: 'node-2' })], { nodes }, more)
    expect(played.cluster.view.get('Node', '', 'node-2')!.status.images[0]).toEqual({ names: [expect.stringMatching(/^registry\.game\.example\/world@sha256:[0-9a-f]{64}$/), image], sizeBytes: 900 * 1024 ** 2 })
    expect(played.cluster.view.get('Node', '', 'node-1')!.status.images.some((one: Fields) => one.names.includes(image))).toBe(false)
    const scaled = play([{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'world', namespace: 'game' }, spec: { replicas: 0, selector: { matchLabels: { app: 'world' } }, template: { metadata: { labels: { app: 'world' } }, spec: world('x').spec } } }, world('first', { nodeName: 'node-2' })], { nodes }, more, [{ at: '40s', scale: { workload: 'deployment/world', replicas: 1 } }])
    expect(scaled.cluster.view.list('Pod', 'game').map((one) => one.spec.nodeName)).toEqual(['node-2', 'node-2'])
  })
})

describe('how much a driver can still provision', () => {
  const zone = (name: string): Fields => ({ 'topology.kubernetes.io/zone': name })
  const cluster = (a: string, b: string, more: Fields = {}): Fields => ({ nodes: [{ name: 'node-1', labels: zone('a') }, { name: 'node-2', labels: zone('b') }], storageClasses: [{ name: 'fast', default: true, capacity: [{ labels: zone('a'), free: a }, { labels: zone('b'), free: b }], ...more }] })
  const capacities = (played: Simulation): string[] => played.cluster.view.list('CSIStorageCapacity').map((object) => `${object.nodeTopology.matchLabels['topology.kubernetes.io/zone']} ${object.capacity}`).sort()

  it('sends the pod where there is room, and keeps the volume there', () => {
    const played = play([claim('a'), pod('first', ['a'])], cluster('512Mi', '5Gi'))
    expect(nodeOf(played, 'first')).toBe('node-2')
    expect(played.cluster.view.list('PersistentVolume')[0]!.spec.nodeAffinity).toEqual({ required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['b'] }] }] } })
    expect(capacities(played)).toEqual(['a 512Mi', 'b 4Gi'])
    expect(runKubectl(played.cluster, 'kubectl get csistoragecapacities -n kube-system').stdout).toMatch(/^NAME +STORAGECLASSNAME +CAPACITY\ncsisc-\w+ +fast +(512Mi|4Gi)\ncsisc-\w+ +fast +(512Mi|4Gi)\n$/)
  })
  it('keeps the pod waiting where there is none, until a claim goes', () => {
    const objects = [claim('a'), claim('b'), pod('first', ['a'], { terminationGracePeriodSeconds: 0, nodeSelector: zone('a') }), pod('second', ['b'], { nodeSelector: zone('a') })]
    const played = play(objects, cluster('1536Mi', '5Gi'), {}, [{ at: '30s', delete: 'pod/first' }])
    expect(messagesOf(played, 'second').at(-1)).toBe("0/2 nodes are available: 1 node(s) did not have enough free storage, 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.")
    expect(nodeOf(played, 'second')).toBeUndefined()
    expect(nodeOf(play(objects, cluster('1536Mi', '5Gi'), {}, [{ at: '30s', delete: 'pod/first' }, { at: '31s', delete: 'persistentvolumeclaim/a' }]), 'second')).toBe('node-1')
  })
  it('gives the node back when two claims that fit one by one do not fit together', () => {
    const played = play([claim('a'), claim('b'), pod('first', ['a', 'b'], { nodeSelector: zone('a') })], cluster('1536Mi', '5Gi'))
    const messages = messagesOf(played, 'first')
    expect(messages[0]).toMatch(/^running PreBind plugin "VolumeBinding": binding volumes: provisioning failed for PVC "[ab]"$/)
    expect(messages[1]).toContain('1 node(s) did not have enough free storage')
    expect(played.result.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === 'ProvisioningFailed').map((entry) => entry.data!.message)).toEqual(['failed to provision volume with StorageClass "fast": rpc error: code = ResourceExhausted desc = not enough free storage'])
  })
  it('fails a claim that is bound at once, and is no matter where the driver does not tell', () => {
    const played = play([claim('a', { resources: { requests: { storage: '9Gi' } } })], cluster('1Gi', '5Gi', { binding: 'Immediate' }))
    expect(played.cluster.view.get('PersistentVolumeClaim', 'game', 'a')!.status!.phase).toBe('Pending')
    expect(told(played, 'pvc', 'a')).toContain('code = ResourceExhausted')
    expect(nodeOf(play([claim('a', { resources: { requests: { storage: '9Ti' } } }), pod('first', ['a'])]), 'first')).toBeDefined()
  })
})

describe('a node that a pod has preempted on', () => {
  const important = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 1000 }
  const guest = (name: string, spec: Fields, container: Fields = {}): Fields => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game', labels: { app: name } }, spec: { terminationGracePeriodSeconds: 0, ...spec, containers: [{ name: 'app', image: 'busybox:1.37', command: ['sleep', '600'], ...container }] } })
  const hostPort = { ports: [{ containerPort: 80, hostPort: 8080 }] }
  /** The first pod has to go for the important one, which waits a second; another comes in between. */
  const between = (container: Fields, spec: Fields = {}): [string | undefined, string | undefined] => {
    const scenario = scenarioSchema.parse({ cluster: { nodes: [{ name: 'node-1' }] }, runs: [{ name: 'main', warmup: '0s', length: '1m', steps: [{ at: '10s', apply: ['high.yaml'] }, { at: '10600ms', apply: ['between.yaml'] }] }], goals: [{ id: 'any', admitted: {} }] })
    const played = simulate({ scenario, given: { 'high.yaml': fileOf(guest('wanted', { priorityClassName: 'high', ...spec }, container)), 'between.yaml': fileOf(guest('between', {}, container)) }, files: { 'a.yaml': fileOf(important, guest('first', {}, container)) } })
    return [nodeOf(played, 'wanted'), nodeOf(played, 'between')]
  }
  it('keeps its host port', () => expect(between(hostPort)).toEqual(['node-1', undefined]))
  it('keeps its cores', () => expect(between({ resources: { requests: { cpu: '3' } } })).toEqual(['node-1', undefined]))
  it('is open to pods that do not disturb it', () => expect(between({ resources: { requests: { cpu: '1' } } })).toEqual(['node-1', 'node-1']))
  it('is closed to those that it will not have beside it', () => {
    const scenario = scenarioSchema.parse({ cluster: { nodes: [{ name: 'node-1' }] }, runs: [{ name: 'main', warmup: '0s', length: '1m', steps: [{ at: '10s', apply: ['high.yaml'] }, { at: '10600ms', apply: ['between.yaml'] }] }], goals: [{ id: 'any', admitted: {} }] })
    const alone = { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'between' } } }] } } }
    const played = simulate({ scenario, given: { 'high.yaml': fileOf(guest('wanted', { priorityClassName: 'high', ...alone }, hostPort)), 'between.yaml': fileOf(guest('between', {})) }, files: { 'a.yaml': fileOf(important, guest('first', {}, hostPort)) } })
    expect([nodeOf(played, 'wanted'), nodeOf(played, 'between')]).toEqual(['node-1', undefined])
    expect(messagesOf(played, 'between')[0]).toContain("1 node(s) didn't satisfy existing pods anti-affinity rules")
  })
})
