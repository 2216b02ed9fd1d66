/** Who a container is and what it leaves behind: groups, host names, termination messages; what a kubelet refuses; volumes of lost nodes. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { LiveCluster, Simulation } from '../../server/cluster/index.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'
import { fileOf } from '../support/exercise.ts'

const image = 'registry.game.example/app:1'
const files = { '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nplayer:x:1000:50000::/home/player:/bin/sh\n', '/etc/group': 'root:x:0:\nstaff:x:60000:player,other\n' }

function play(objects: unknown[], { nodes = 1, run = {}, prepare = () => undefined }: { nodes?: number; run?: Fields; prepare?: (cluster: LiveCluster) => void } = {}): Simulation {
  const scenario = scenarioSchema.parse({
    cluster: { nodes: Array.from({ length: nodes }, (_, i) => ({ name: `node-${i + 1}`, images: [image, 'busybox:1.37'] })) }, registries: { 'registry.game.example': {} }, images: [{ name: image, profile: 'app' }],
    profiles: { app: { image: { command: ['sh'], shellExecs: true, files } } }, runs: [{ name: 'main', warmup: '30s', length: '2m', ...run }], goals: [{ id: 'any', admitted: {} }],
  })
  return simulate({ scenario, given: {}, prepare, files: { 'a.yaml': fileOf(...objects) } })
}
const pod = (name: string, script: string, spec: Fields = {}, container: Fields = {}): Fields => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game' }, spec: { ...spec, containers: [{ name: 'app', image, command: ['sh', '-c', script], ...container }] } })
const status = ({ cluster }: Simulation, name = 'web'): Fields => cluster.view.get('Pod', 'game', name)!.status as Fields
const seen = ({ result }: Simulation, reason: string): [number, string][] => result.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === reason && entry.ref?.namespace === 'game').map((entry) => [(entry.at - 30_000) / 1000, entry.data!.message as string])
const log = ({ cluster }: Simulation, name = 'web'): string => runKubectl(cluster, `kubectl logs ${name} -n game -c app`).stdout

describe('the groups of a process', () => {
  const groups = (securityContext: Fields): string => log(play([pod('web', 'id -u; id -g; id -G', { securityContext, restartPolicy: 'Never' })])).trim().split('\n').join('|')
  it('are those of the image and the pod together', () => expect(groups({ runAsUser: 1000, fsGroup: 2000, supplementalGroups: [3000] })).toBe('1000|50000|50000 2000 3000 60000'))
  it('are the pod\'s alone with Strict', () => expect(groups({ runAsUser: 1000, fsGroup: 2000, supplementalGroupsPolicy: 'Strict' })).toBe('1000|50000|50000 2000'))
  it('are root for a user that the image does not know', () => expect(groups({ runAsUser: 4242 })).toBe('4242|0|0'))
  it('begin with runAsGroup', () => expect(groups({ runAsUser: 1000, runAsGroup: 7, supplementalGroupsPolicy: 'Strict' })).toBe('1000|7|7'))
})

describe('the host name', () => {
  const name = (spec: Fields): string => log(play([pod('web', 'hostname; echo $HOSTNAME', { restartPolicy: 'Never', ...spec })]))
  it('is the name of the pod, or its own', () => {
    expect(name({})).toBe('web\nweb\n')
    expect(name({ hostname: 'battle', subdomain: 'arena' })).toBe('battle\nbattle\n')
  })
  it('is the whole name with setHostnameAsFQDN', () => expect(name({ hostname: 'battle', subdomain: 'arena', setHostnameAsFQDN: true })).toBe('battle.arena.game.svc.cluster.local\n'.repeat(2)))
  it('keeps the sandbox from being made when it is too long', () => {
    const hostname = 'a'.repeat(40)
    const played = play([pod('web', 'sleep 600', { hostname, subdomain: 'arena', setHostnameAsFQDN: true })])
    expect(seen(played, 'FailedCreatePodSandBox').slice(0, 2)).toEqual([0, 12].map((at) => [at, `Failed to create pod sandbox: failed to construct FQDN from pod hostname and cluster domain, FQDN ${hostname}.arena.game.svc.cluster.local is too long (64 characters is the max, 69 characters requested)`]))
    expect(status(played)).toMatchObject({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }] })
  })
})

describe('the termination message', () => {
  const message = (script: string, container: Fields = {}, spec: Fields = {}): unknown => status(play([pod('web', script, { restartPolicy: 'Never', ...spec }, container)])).containerStatuses[0].state.terminated.message
  it('is what the program wrote to the file', () => expect(message('echo "no level" > /dev/termination-log; exit 3')).toBe('no level\n'))
  it('is kept for a success, too', () => expect(message('echo done > /dev/termination-log')).toBe('done\n'))
  it('may be written by any user and under a read-only root, at any path', () => expect(message('echo full > /tmp/why; exit 1', { terminationMessagePath: '/tmp/why', securityContext: { runAsUser: 1000, readOnlyRootFilesystem: true } })).toBe('full\n'))
  it('is empty when nothing was written', () => expect(message('echo lost; exit 1')).toBeUndefined())
  it('comes from the log of a failure where the policy says so', () => {
    const policy = { terminationMessagePolicy: 'FallbackToLogsOnError' }
    expect(message('echo one; echo two; exit 1', policy)).toBe('one\ntwo\n')
    expect(message('echo one; exit 0', policy)).toBeUndefined()
    expect(message('echo lost; echo found > /dev/termination-log; exit 1', policy)).toBe('found\n')
    expect((message('for i in $(seq 1 100); do echo line $i; done; exit 1', policy) as string).split('\n').slice(0, -1)).toEqual(Array.from({ length: 80 }, (_, i) => `line ${i + 21}`))
    expect(message(`echo ${'x'.repeat(3000)}; exit 1`, policy)).toHaveLength(2048)
  })
  it('is shown by describe', () => expect(runKubectl(play([pod('web', 'echo "no level" > /dev/termination-log; exit 3', { restartPolicy: 'Never' })]).cluster, 'kubectl describe pod web -n game').stdout).toMatch(/Message: +no level\n/))
})

describe('a pod bound by hand', () => {
  const port = { ports: [{ containerPort: 8080, hostPort: 8080 }] }
  it('is refused where another has its host port', () => {
    const played = play([pod('first', 'sleep 600', { nodeName: 'node-1' }, port), pod('web', 'sleep 600', { nodeName: 'node-1' }, port)])
    expect(status(played)).toMatchObject({ phase: 'Failed', reason: 'NodePorts', message: "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports" })
    expect(status(played, 'first')).toMatchObject({ phase: 'Running' })
    expect(runKubectl(played.cluster, 'kubectl get pod web -n game --no-headers').stdout).toMatch(/^web +0\/1 +NodePorts +0 /)
  })
  it('is taken with the same port of another address or protocol', () => expect(status(play([pod('first', 'sleep 600', { nodeName: 'node-1' }, { ports: [{ containerPort: 1, hostPort: 8080, hostIP: '10.0.0.1' }] }), pod('web', 'sleep 600', { nodeName: 'node-1' }, { ports: [{ containerPort: 1, hostPort: 8080, hostIP: '10.0.0.2' }, { containerPort: 2, hostPort: 8080, protocol: 'UDP' }] })]))).toMatchObject({ phase: 'Running' }))
  it('is refused where it does not tolerate a NoExecute taint', () => {
    const tainted = (cluster: LiveCluster): void => void cluster.api.patch({ kind: 'Node', namespace: '', name: 'node-1' }, { spec: { taints: [{ key: 'fire', effect: 'NoExecute' }] } })
    expect(status(play([pod('web', 'sleep 600', { nodeName: 'node-1' })], { prepare: tainted }))).toMatchObject({ phase: 'Failed', reason: 'TaintToleration', message: 'Pod was rejected: Predicate TaintToleration failed: node(s) had untolerated taint(s)' })
  })
})

it('keeps a volume on a lost node for six minutes after its pod was taken away by force', () => {
  const set = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', namespace: 'game' }, spec: { serviceName: 'db', replicas: 1, selector: { matchLabels: { app: 'db' } }, template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'app', image, command: ['sh', '-c', 'sleep 6000'], volumeMounts: [{ name: 'data', mountPath: '/data' }] }] } }, volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }] } }
  const ref = { kind: 'Pod', namespace: 'game', name: 'db-0' }
  const force = (cluster: LiveCluster): void => void cluster.schedule(30_000 + 120_000, 'step', 'force', () => void cluster.api.delete(ref, { graceSeconds: 0 }))
  const played = play([set], { nodes: 2, run: { length: '15m', steps: [{ at: '30s', failNode: 'node-1' }] }, prepare: force })
  const first = played.result.timeline.find((entry) => entry.kind === 'pod-placed' && entry.ref?.name === 'db-0')!
  expect(first.text).toBe('node-1')
  expect(seen(played, 'FailedAttachVolume')).toEqual([[120, expect.stringMatching(/^Multi-Attach error for volume "pvc-[0-9a-f-]+" Volume is already exclusively attached to one node and can't be attached to another$/)]])
  const attached = seen(played, 'SuccessfulAttachVolume').map(([at]) => at)
  expect(attached[1]).toBeGreaterThanOrEqual(480)
  expect(attached[1]).toBeLessThanOrEqual(480 + 122)
  expect(status(played, 'db-0')).toMatchObject({ phase: 'Running' })
})

describe('a node that lost its power', () => {
  const outage = { length: '3m', steps: [{ at: '60s', failNode: 'node-1' }, { at: '90s', recoverNode: 'node-1' }] }
  const init = { initContainers: [{ name: 'setup', image, command: ['sh', '-c', 'sleep 2'] }] }
  it('finds its containers dead and begins anew with a sandbox, an address and the init containers', () => {
    const played = play([pod('web', 'sleep 600', init)], { run: outage })
    expect(seen(played, 'SandboxChanged')).toEqual([[90, 'Pod sandbox changed, it will be killed and re-created.']])
    expect(status(played)).toMatchObject({ phase: 'Running', initContainerStatuses: [{ restartCount: 1 }], containerStatuses: [{ restartCount: 1, lastState: { terminated: { exitCode: 255, reason: 'Unknown' } } }] })
    const addresses = played.cluster.store.history({ kind: 'Pod', namespace: 'game', name: 'web' }).map(({ object }) => object?.status?.podIP as string | undefined).filter((ip) => ip !== undefined)
    expect(new Set(addresses).size).toBe(2)
    expect(played.result.timeline.filter((entry) => entry.kind === 'container-start' && entry.ref?.name === 'web').map((entry) => [entry.container, Math.floor((entry.at - 30_000) / 1000)])).toEqual([['setup', 0], ['app', 3], ['setup', 90], ['app', 93]])
  })
  it('fails the pods that may not run twice', () => expect(status(play([pod('web', 'sleep 600', { restartPolicy: 'Never' })], { run: outage }))).toMatchObject({ phase: 'Failed', containerStatuses: [{ restartCount: 0, state: { terminated: { exitCode: 255, reason: 'Unknown' } } }] }))
})

it('lets a pod deleted by force end on its node as gracefully as it may', () => {
  const force = (cluster: LiveCluster): void => void cluster.schedule(50_000, 'step', 'force', () => void cluster.api.delete({ kind: 'Pod', namespace: 'game', name: 'web' }, { graceSeconds: 0 }))
  const played = play([pod('web', 'sleep 600', { terminationGracePeriodSeconds: 20 })], { prepare: force })
  expect(played.result.timeline.filter((entry) => entry.ref?.name === 'web' && ['container-exit', 'pod-deleted'].includes(entry.kind)).map((entry) => [(entry.at - 30_000) / 1000, entry.text])).toEqual([[20, 'deleted'], [40, 'Error 137']])
})

it('takes every condition of a silent node for unknown, and hears of them again', () => {
  const played = play([], { run: { length: '3m', steps: [{ at: '10s', failNode: 'node-1' }, { at: '90s', recoverNode: 'node-1' }] } })
  const at = (seconds: number): Fields[] => played.cluster.store.at(30_000 + seconds * 1000).get('Node', '', 'node-1')!.status!.conditions as Fields[]
  expect(at(59).map((one) => one.status)).toEqual(['False', 'False', 'False', 'True'])
  expect(at(61).map((one) => [one.type, one.status, one.reason, one.lastHeartbeatTime])).toEqual(['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => [type, 'Unknown', 'NodeStatusUnknown', '2026-01-05T10:00:00Z']))
  expect(at(91).map((one) => [one.status, one.lastHeartbeatTime])).toEqual(['False', 'False', 'False', 'True'].map((status) => [status, '2026-01-05T10:02:00Z']))
})

it('reports addresses, generation, image, resources, user and mounts in the status, as the kubelet does', () => {
  const played = play([pod('web', 'sleep 600', { securityContext: { runAsUser: 1000, runAsGroup: 3000, supplementalGroups: [4000] }, volumes: [{ name: 'conf', emptyDir: {} }], automountServiceAccountToken: false }, { resources: { requests: { cpu: '100m' } }, volumeMounts: [{ name: 'conf', mountPath: '/conf', readOnly: true }] })])
  const { metadata, status: seen } = played.cluster.view.get('Pod', 'game', 'web')! as K8sObject & { status: Fields }
  const container = seen.containerStatuses[0]
  expect(seen).toMatchObject({ hostIPs: [{ ip: seen.hostIP }], observedGeneration: metadata.generation })
  for (const condition of seen.conditions) expect(condition).toMatchObject({ lastProbeTime: null, observedGeneration: metadata.generation })
  expect(container.image).toMatch(/^[^/]+\.[^/]+\/.*:/)
  expect(container.imageID).toMatch(/^[^/]+\.[^/]+\/[^:@]+@sha256:[0-9a-f]{64}$/)
  expect(container).toMatchObject({ resources: { requests: { cpu: '100m' } }, allocatedResources: { cpu: '100m' }, user: { linux: { uid: 1000, gid: 3000, supplementalGroups: [3000, 4000, 60000] } }, volumeMounts: [{ name: 'conf', mountPath: '/conf', readOnly: true, recursiveReadOnly: 'Disabled' }] })
})

it('lists containers by name in the status, so that the first by name gives the column', () => {
  const made = pod('web', 'exit 1', {}, { name: 'zeta' })
  ;(made.spec as Fields).containers.push({ name: 'alpha', image: 'registry.game.example/nope:1' })
  const played = play([made])
  expect((status(played).containerStatuses as Fields[]).map(({ name }) => name)).toEqual(['alpha', 'zeta'])
  expect(runKubectl(played.cluster, 'kubectl get pod web -n game --no-headers').stdout).toMatch(/^web +0\/2 +(ImagePullBackOff|ErrImagePull) /)
})
