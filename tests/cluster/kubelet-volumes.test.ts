/** What pods find on their node: hostPath volumes by type, files that pods of one node share, and variables from files. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { Simulation } from '../../server/cluster/index.ts'
import type { Fields } from '../../server/k8s/object.ts'
import { variableIn } from '../../server/cluster/kubelet/env-file.ts'
import { fileOf } from '../support/exercise.ts'

type World = { files?: Fields; steps?: Fields[]; length?: string; nodes?: number }

function play(objects: unknown[], { files = {}, steps = [], length = '3m', nodes = 1 }: World = {}): Simulation {
  const scenario = scenarioSchema.parse({ cluster: { nodes: Array.from({ length: nodes }, (_, i) => ({ name: `node-${i + 1}`, images: ['busybox:1.37'], ...(i === 0 ? { files } : {}) })) }, runs: [{ name: 'main', warmup: '30s', length, steps }], goals: [{ id: 'any', admitted: {} }] })
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf(...objects) } })
}
const pod = (name: string, script: string, spec: Fields = {}, container: Fields = {}): Fields => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game' }, spec: { ...spec, containers: [{ name: 'app', image: 'busybox:1.37', command: ['sh', '-c', script], ...container }] } })
const host = (path: string, type?: string): Fields => ({ volumes: [{ name: 'h', hostPath: { path, ...(type === undefined ? {} : { type }) } }] })
const at = (mountPath: string): Fields => ({ volumeMounts: [{ name: 'h', mountPath }] })
const seen = ({ result }: Simulation, reason: string): [number, string][] => result.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === reason && entry.ref?.namespace === 'game').map((entry) => [(entry.at - 30_000) / 1000, entry.data!.message as string])
const status = ({ cluster }: Simulation, name = 'web'): Fields => cluster.view.get('Pod', 'game', name)!.status as Fields
const log = ({ cluster }: Simulation, name = 'web'): string => runKubectl(cluster, `kubectl logs ${name} -n game -c app`).stdout

describe('the type of a hostPath', () => {
  it.each([
    ['/var/log', 'Directory'], ['/etc/hosts', 'File'], ['/var/run/containerd/containerd.sock', 'Socket'], ['/run/containerd/containerd.sock', 'Socket'], ['/dev/null', 'CharDevice'], ['/dev/sda', 'BlockDevice'], ['/srv/new/deep', 'DirectoryOrCreate'], ['/srv/new.txt', 'FileOrCreate'], ['/nowhere', ''], ['/', 'Directory'],
  ])('%s is a %s', (path, type) => expect(status(play([pod('web', 'sleep 600', host(path, type))])).phase).toBe('Running'))

  it.each([
    ['/nowhere', 'Directory', 'is not a directory'], ['/etc', 'File', 'is not a file'], ['/etc/hosts', 'Directory', 'is not a directory'], ['/etc/hosts', 'Socket', 'is not a socket file'], ['/etc/hosts', 'CharDevice', 'is not a character device'], ['/dev/null', 'BlockDevice', 'is not a block device'],
    ['/etc/hosts', 'DirectoryOrCreate', 'is not a directory'], ['/etc', 'FileOrCreate', 'is not a file'], ['/var/run/docker.sock', 'Socket', 'is not a socket file'],
  ])('%s is no %s, and the pod waits', (path, type, words) => {
    const played = play([pod('web', 'sleep 600', host(path, type))])
    const events = seen(played, 'FailedMount')
    expect(new Set(events.map(([, message]) => message))).toEqual(new Set([`MountVolume.SetUp failed for volume "h" : hostPath type check failed: ${path} ${words}`]))
    expect(events.map(([when]) => when).slice(0, 5)).toEqual([0, 0.5, 1.5, 3.5, 7.5])
    expect(status(played)).toMatchObject({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }] })
  })

  it('FileOrCreate makes no folder', () => expect(seen(play([pod('web', 'sleep 600', host('/srv/a/b.txt', 'FileOrCreate'))]), 'FailedMount')[0]![1]).toBe('MountVolume.SetUp failed for volume "h" : open /srv/a/b.txt: no such file or directory'))

  it('is looked at again, so a pod starts when the path is there', () => {
    const played = play([pod('web', 'cat /data/maps/level', host('/srv/maps', 'Directory'), at('/data/maps'))], { steps: [{ at: '20s', nodeFiles: { node: 'node-1', files: { '/srv/maps/level': 'castle\n' } } }] })
    expect(log(played)).toBe('castle\n')
    expect(seen(played, 'Started')[0]![0]).toBeGreaterThan(20)
  })

  it('counts on a PersistentVolume, whose name the event says', () => {
    const volume = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'maps' }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: '', hostPath: { path: '/srv/maps', type: 'Directory' } } }
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'maps', namespace: 'game' }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: '1Gi' } } } }
    const web = pod('web', 'cat /data/level', { volumes: [{ name: 'h', persistentVolumeClaim: { claimName: 'maps' } }] }, at('/data'))
    expect(seen(play([volume, claim, web]), 'FailedMount').at(-1)![1]).toBe('MountVolume.SetUp failed for volume "maps" : hostPath type check failed: /srv/maps is not a directory')
    expect(log(play([volume, claim, web], { files: { '/srv/maps/level': 'castle\n' } }))).toBe('castle\n')
  })
})

describe('the disk of a node', () => {
  it('shows what the scenario put there, with owner and mode', () => {
    const played = play([pod('web', 'cat /host/srv/secret; cat /host/srv/open; ls /host/srv', { ...host('/'), securityContext: { runAsUser: 1000 } }, at('/host'))], { files: { '/srv/secret': { content: 'x', mode: '600' }, '/srv/open': 'hello\n', '/srv/empty/': '' } })
    expect(log(played)).toBe("cat: can't open '/host/srv/secret': Permission denied\nhello\nempty\nopen\nsecret\n")
  })
  it('is shared by the pods of a node, also through another path, and by no other node', () => {
    const on = (node: string): Fields => ({ nodeName: node })
    const writer = pod('writer', 'echo castle > /out/level; sleep 600', { ...host('/srv/maps', 'DirectoryOrCreate'), ...on('node-1') }, at('/out'))
    const reader = (name: string, node: string): Fields => pod(name, 'sleep 10; cat /in/maps/level; sleep 600', { ...host('/srv'), ...on(node) }, at('/in'))
    const played = play([writer, reader('near', 'node-1'), reader('far', 'node-2')], { nodes: 2 })
    expect(log(played, 'near')).toBe('castle\n')
    expect(log(played, 'far')).toBe("cat: can't open '/in/maps/level': No such file or directory\n")
  })
  it('outlives the pods', () => {
    const again = pod('web', 'cat /data/count; echo x >> /data/count; sleep 5; exit 1', host('/srv/state', 'DirectoryOrCreate'), at('/data'))
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'count', namespace: 'game' }, spec: { backoffLimit: 1, template: { spec: { ...(again.spec as Fields), restartPolicy: 'Never' } } } }
    const played = play([job])
    const logs = played.cluster.view.list('Pod', 'game').map((one) => log(played, one.metadata.name)).sort()
    expect(logs).toEqual(["cat: can't open '/data/count': No such file or directory\n", 'x\n'])
  })
})

describe('variables from a file', () => {
  const web = (writes: string, ref: Fields = {}, spec: Fields = {}): Fields => ({
    apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'game' },
    spec: { volumes: [{ name: 'env', emptyDir: {} }], initContainers: [{ name: 'write', image: 'busybox:1.37', command: ['sh', '-c', writes], volumeMounts: [{ name: 'env', mountPath: '/env' }] }], containers: [{ name: 'app', image: 'busybox:1.37', command: ['sh', '-c', 'echo "region=$REGION"; sleep 600'], env: [{ name: 'REGION', valueFrom: { fileKeyRef: { volumeName: 'env', path: 'app.env', key: 'REGION', ...ref } } }] }], ...spec },
  })
  it('are there when the init container wrote them', () => expect(log(play([web(`echo "REGION='eu-1'" > /env/app.env`)]))).toBe('region=eu-1\n'))
  it('may be left out', () => expect(log(play([web(`echo "OTHER='x'" > /env/app.env`, { optional: true })]))).toBe('region=\n'))
  it.each([
    ['a key that the file lacks', `echo "OTHER='x'" > /env/app.env`, {}, /^environment variable key "REGION" not found in file "\/var\/lib\/kubelet\/pods\/[0-9a-f-]{36}\/volumes\/kubernetes\.io~empty-dir\/env\/app\.env"$/],
    ['a value without quotes', 'echo REGION=eu-1 > /env/app.env', {}, /^couldn't parse env file$/],
    ['no file, even when it is optional', 'true', { optional: true }, /^couldn't parse env file$/],
  ])('keep the container from being created: %s', (_name, writes, ref, text) => {
    const played = play([web(writes, ref)])
    expect(status(played)).toMatchObject({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'CreateContainerConfigError', message: expect.stringMatching(text) } } }] })
    expect(seen(played, 'Failed')[0]![1]).toMatch(/^Error: (environment variable key|couldn't parse env file)/)
  })
  it.each([
    ["A='x'", 'x'], ["  A='x' # note", 'x'], ["# A='y'\n\nB='1'\nA='two\nlines'\n", 'two\nlines'], ["A='a#b=c'", 'a#b=c'], ["A= 'x'", ''], ["B='1'", ''], ["A=''", ''], ["A='1'\nA='2'", '1'],
    ['A=x', undefined], ["A ='x'", undefined], ["='x'", undefined], ['A', undefined], ["A='x' y", undefined], ["A='x", undefined], ["export A='x'", ''], ["B=1\nA='x'", undefined], ["A='x'\nB=1", 'x'],
  ])('%j', (text, value) => expect(variableIn(text, 'A')).toEqual(value === undefined ? undefined : { value }))
})
