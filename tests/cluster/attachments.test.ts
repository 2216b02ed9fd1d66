/** Volumes that one node at a time may have: who has them, who waits, and who gets them next. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { Simulation } from '../../server/cluster/index.ts'
import type { Fields } from '../../server/k8s/object.ts'
import { fileOf } from '../support/exercise.ts'

function play(objects: unknown[], { steps = [], length = '3m' }: { steps?: Fields[]; length?: string } = {}): Simulation {
  const nodes = ['node-1', 'node-2', 'node-3'].map((name) => ({ name, images: ['busybox:1.37'] }))
  const scenario = scenarioSchema.parse({ cluster: { nodes, storageClasses: [{ name: 'disk', binding: 'Immediate' }] }, runs: [{ name: 'main', warmup: '5s', length, steps }], goals: [{ id: 'any', admitted: {} }] })
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf(...objects) } })
}
const claim = (spec: Fields = {}): Fields => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'game' }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'disk', resources: { requests: { storage: '1Gi' } }, ...spec } })
const podSpec = (script: string): Fields => ({ containers: [{ name: 'app', image: 'busybox:1.37', command: ['sh', '-c', script], volumeMounts: [{ name: 'data', mountPath: '/data' }] }], volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] })
const pod = (name: string, node: string, script = 'sleep 3600', more: Fields = {}): Fields => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game' }, spec: { nodeName: node, terminationGracePeriodSeconds: 1, ...podSpec(script), ...more } })
const phase = ({ cluster }: Simulation, name: string): string | undefined => cluster.view.get('Pod', 'game', name)?.status?.phase
const attached = ({ result, cluster }: Simulation, reason = 'SuccessfulAttachVolume'): [number, string, string][] => result.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === reason).map((entry) => [(entry.at - cluster.appliedAt) / 1000, entry.ref!.name, String(entry.data!.message)])
const run = ({ cluster }: Simulation, line: string): string => runKubectl(cluster, line, { namespace: 'game' }).stdout

describe('a volume for one node', () => {
  const web = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'game' }, spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { terminationGracePeriodSeconds: 1, affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } }] } }, ...podSpec('sleep 3600') } } } }

  it('goes to another replica when the pod that has it is deleted', () => {
    const played = play([claim(), web], { length: '1m' })
    const { cluster } = played
    const running = (): string[] => cluster.view.list('Pod', 'game').filter((one) => one.status?.phase === 'Running').map((one) => one.metadata.name)
    const [first, ...none] = running()
    expect(none).toEqual([])
    run(played, `kubectl delete pod ${first}`)
    cluster.advance(cluster.now + 130_000)
    expect(running()).toHaveLength(1)
    expect(running()).not.toContain(first)
  })

  it('is not held up by a pod that waits for it', () => {
    const played = play([claim(), pod('early', 'node-1'), pod('late', 'node-2', 'sleep 3600', { initContainers: [] })], { length: '2m', steps: [{ at: '30s', delete: 'pod/early' }] })
    const times = attached(played)
    expect(times.map(([, name]) => name)).toEqual(['early', 'late'])
    expect(times[1]![0]).toBeGreaterThan(30)
    expect(phase(played, 'late')).toBe('Running')
    expect(attached(played, 'FailedAttachVolume').map(([, name, message]) => [name, message.replace(/pvc-[-0-9a-f]+/, 'V')])).toEqual([['late', 'Multi-Attach error for volume "V" Volume is already used by pod(s) early']])
  })

  it('goes to the one that tries first, and at the same instant to the first by name', () => {
    const waiting = (name: string): Fields => pod(name, name === 'b' ? 'node-2' : 'node-3')
    for (const order of [['b', 'c'], ['c', 'b']]) {
      const played = play([claim(), pod('a', 'node-1', 'sleep 20', { restartPolicy: 'Never' }), ...order.map(waiting)], { length: '4m' })
      expect(attached(played).map(([, name]) => name)).toEqual(['a', 'b'])
      expect(phase(played, 'c')).toBe('Pending')
    }
  })

  it('is free when the pod has ended, although its object stays', () => {
    const played = play([claim(), pod('job', 'node-1', 'sleep 10', { restartPolicy: 'Never' }), pod('next', 'node-2')])
    expect(phase(played, 'job')).toBe('Succeeded')
    expect(phase(played, 'next')).toBe('Running')
  })

  it('stays where a pod still ends, also when its object was deleted by force', () => {
    const stubborn = pod('ends', 'node-1', "trap '' TERM; while true; do sleep 1; done", { terminationGracePeriodSeconds: 60 })
    const ending = play([claim(), stubborn, pod('new', 'node-2')], { length: '4m', steps: [{ at: '20s', delete: 'pod/ends' }] })
    expect(attached(ending)[1]![0]).toBeGreaterThanOrEqual(80)
    const forced = play([claim(), stubborn], { length: '20s' })
    run(forced, 'kubectl delete pod ends --force --grace-period=0')
    forced.cluster.api.create(pod('new', 'node-2') as never)
    forced.cluster.advance(forced.cluster.now + 20_000)
    expect(phase(forced, 'new')).toBe('Pending')
    expect(run(forced, 'kubectl get events')).toContain("Volume is already exclusively attached to one node and can't be attached to another")
    forced.cluster.advance(forced.cluster.now + 180_000)
    expect(phase(forced, 'new')).toBe('Running')
  })

  it('may be shared by pods of the node, and the last of them frees it', () => {
    const played = play([claim(), pod('one', 'node-1', 'sleep 20', { restartPolicy: 'Never' }), pod('two', 'node-1', 'sleep 70', { restartPolicy: 'Never' }), pod('other', 'node-2')], { length: '5m' })
    const [first, second] = attached(played)
    expect([first![1], second![1]]).toEqual(['one', 'other'])
    expect(second![0]).toBeGreaterThan(70)
  })

  it('stays with a lost node for six minutes after its pod is gone, or until the node is out of service', () => {
    const lost = (taint: boolean): number => {
      const played = play([claim(), pod('old', 'node-1')], { length: '70s', steps: [{ at: '10s', failNode: 'node-1' }] })
      const { cluster } = played
      run(played, 'kubectl delete pod old --force --grace-period=0')
      const gone = cluster.now
      cluster.api.create(pod('new', 'node-2') as never)
      if (taint) run(played, 'kubectl taint node node-1 node.kubernetes.io/out-of-service=nodeshutdown:NoExecute')
      while (phase(played, 'new') !== 'Running' && cluster.now < gone + 900_000) cluster.advance(cluster.now + 1000)
      return (cluster.now - gone) / 1000
    }
    expect(lost(false)).toBeGreaterThanOrEqual(360)
    expect(lost(false)).toBeLessThan(485)
    expect(lost(true)).toBeLessThan(10)
  })
})

describe('whether a volume is attached at all', () => {
  const volume = (source: Fields, modes = ['ReadWriteOnce']): Fields => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'hand' }, spec: { capacity: { storage: '1Gi' }, accessModes: modes, storageClassName: '', ...source } })
  const bound = claim({ storageClassName: '', volumeName: 'hand' })
  const two = (...objects: Fields[]): Simulation => play([...objects, pod('one', 'node-1'), pod('two', 'node-2')])
  const phases = (played: Simulation): (string | undefined)[] => ['one', 'two'].map((name) => phase(played, name))

  it.each([['nfs', { nfs: { server: 'files.example', path: '/maps' } }], ['hostPath', { hostPath: { path: '/tmp' } }]])('%s is only mounted, whatever its access modes say', (_name, source) => {
    const played = two(volume(source), bound)
    expect(phases(played)).toEqual(['Running', 'Running'])
    expect([...attached(played), ...attached(played, 'FailedAttachVolume')]).toEqual([])
  })
  it('neither is what a CSI driver does not attach', () => {
    const csi = volume({ csi: { driver: 'files.example', volumeHandle: 'x' } })
    const driver = (attachRequired: boolean): Fields => ({ apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: 'files.example' }, spec: { attachRequired } })
    expect(phases(two(csi, bound, driver(false)))).toEqual(['Running', 'Running'])
    expect(phases(two(csi, bound, driver(true)))).toEqual(['Running', 'Pending'])
  })
  it('the modes of the volume decide, not those of the claim', () => {
    const played = two(volume({ csi: { driver: 'files.example', volumeHandle: 'x' } }, ['ReadWriteOnce', 'ReadWriteMany']), bound)
    expect(phases(played)).toEqual(['Running', 'Running'])
    expect(attached(played).map(([, name]) => name)).toEqual(['one', 'two'])
  })
  it('a disk of a cloud is attached by its driver', () => expect(phases(two(volume({ gcePersistentDisk: { pdName: 'x' } }), bound))).toEqual(['Running', 'Pending']))
})

describe('who may write to a volume', () => {
  const volume = (spec: Fields): Fields => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'hand' }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: '', ...spec } })
  const bound = claim({ storageClassName: '', volumeName: 'hand' })
  const writer = pod('web', 'node-1', 'touch /data/x && echo written; sleep 3600', { securityContext: { runAsUser: 1000, fsGroup: 2000 } })
  const said = (...objects: Fields[]): string => run(play([...objects, writer]), 'kubectl logs web')
  const csi = { driver: 'files.example', volumeHandle: 'x' }

  it('is the group of the pod on a disk, not on an NFS export', () => {
    expect(said(volume({ csi }), bound)).toBe('written\n')
    expect(said(volume({ nfs: { server: 'files.example', path: '/maps' } }), bound)).toBe('touch: /data/x: Permission denied\n')
  })
  it.each([['csi.readOnly', { csi: { ...csi, readOnly: true } }], ['the mount option ro', { csi, mountOptions: ['noatime,ro'] }]])('is nobody with %s', (_name, spec) => {
    expect(said(volume(spec), bound)).toBe('touch: /data/x: Read-only file system\n')
  })
  it('is nobody when the class mounts read-only', () => {
    const disks = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'archive' }, provisioner: 'csi.game.example', mountOptions: ['ro'] }
    expect(said(disks, claim({ storageClassName: 'archive' }))).toBe('touch: /data/x: Read-only file system\n')
  })

  it('is settled anew at every mount, unless only the root is looked at and has the group already', () => {
    const secret = pod('first', 'node-1', 'echo a > /data/new; chmod 600 /data/new; echo done', { restartPolicy: 'Never', securityContext: { fsGroup: 2000 } })
    const read = (second: Fields): string => {
      const played = play([claim(), secret], { length: '30s' })
      played.cluster.api.create(pod('web', 'node-1', 'cat /data/new; ls -ld /data; sleep 3600', { securityContext: { runAsUser: 1000, ...second } }) as never)
      played.cluster.advance(played.cluster.now + 10_000)
      return run(played, 'kubectl logs web').replace(/(\d) .*/, '$1')
    }
    const always = read({ fsGroup: 2000 })
    expect(always).toMatch(/^a\ndrwxrwsr-x/)
    expect(read({ fsGroup: 2000, fsGroupChangePolicy: 'Always' })).toBe(always)
    expect(read({ fsGroup: 2000, fsGroupChangePolicy: 'OnRootMismatch' })).toMatch(/^cat: .*Permission denied\ndrwxrwsr-x/)
    expect(read({ fsGroup: 3000, fsGroupChangePolicy: 'OnRootMismatch' })).toMatch(/^a\ndrwxrwsr-x/)
  })
})
