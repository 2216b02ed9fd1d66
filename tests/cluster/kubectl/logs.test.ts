import { describe, expect, it } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import { at, stillCluster, told } from './still-cluster.ts'

const lines = (...texts: string[]): { at: number; line: string }[] => texts.map((line, i) => ({ at: 10_000 + i * 10_000, line }))

function pod(status: Fields | undefined, extra: Fields = {}): K8sObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'game', uid: 'u1', ...extra.metadata }, spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'x' }], ...extra.spec }, status: { phase: 'Running', ...(status ? { containerStatuses: [{ name: 'app', restartCount: 0, ...status }] } : {}) } }
}

const end = { exitCode: 1, finishedAt: at(20), containerID: 'containerd://old' }
const newest = lines('new one', 'new two', 'new three')
const older = lines('old one')
const logs = { app: [newest, older], side: [lines('side one')] }
const all = 'new one\nnew two\nnew three\n'
const refused = (why: string): string => `Error from server (BadRequest): ${why}\nexit 1\n`

/** name, status of the container, flags, what is printed */
const states: [string, Fields | undefined, string, string][] = [
  ['running', { state: { running: {} } }, '', all],
  ['running, the one before', { restartCount: 1, state: { running: {} }, lastState: { terminated: end } }, '--previous', 'old one\n'],
  ['running for the first time, the one before', { state: { running: {} } }, '-p', refused('previous terminated container "app" in pod "web" not found')],
  ['ended and not started again', { restartCount: 1, state: { terminated: { exitCode: 1 } }, lastState: { terminated: end } }, '', all],
  ['ended, the one before is already removed', { restartCount: 1, state: { terminated: { exitCode: 1 } }, lastState: { terminated: end } }, '--previous', 'unable to retrieve container logs for containerd://old\n'],
  ['in back-off: the instance that ended last', { restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: end } }, '', all],
  ['in back-off, --previous is the same instance', { restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: end } }, '--previous', all],
  ['creating', { state: { waiting: { reason: 'ContainerCreating' } } }, '', refused('container "app" in pod "web" is waiting to start: ContainerCreating')],
  ['initializing', { state: { waiting: { reason: 'PodInitializing' } } }, '', refused('container "app" in pod "web" is waiting to start: PodInitializing')],
  ['a missing ConfigMap', { state: { waiting: { reason: 'CreateContainerConfigError' } } }, '', refused('container "app" in pod "web" is waiting to start: CreateContainerConfigError')],
  ['pull back-off', { state: { waiting: { reason: 'ImagePullBackOff' } } }, '', refused('container "app" in pod "web" is waiting to start: trying and failing to pull image')],
  ['pull failure', { state: { waiting: { reason: 'ErrImagePull' } } }, '', refused('container "app" in pod "web" is waiting to start: image can\'t be pulled')],
  ['no status yet', undefined, '', refused('container "app" in pod "web" is not available')],
]

describe('logs', () => {
  it.each(states)('%s', (_name, status, flags, text) => expect(told(stillCluster([pod(status)], 60, logs), `kubectl logs web ${flags}`)).toBe(text))

  const running = stillCluster([pod({ state: { running: {} } })], 60, logs)
  it.each([
    ['--tail=1', 'new three\n'], ['--tail=0', ''], ['--since=35s', 'new three\n'], ['--since-time=2026-01-05T10:00:20Z', 'new two\nnew three\n'], ['--limit-bytes=10', 'new one\nne'], ['--prefix --tail=1', '[pod/web/app] new three\n'],
    ['--timestamps --tail=1', '2026-01-05T10:00:30.000000000Z new three\n'], ['-c nope', 'error: container nope is not valid for pod web out of: app\nexit 1\n'],
  ])('with %s', (flags, text) => expect(told(running, `kubectl logs web ${flags}`)).toBe(text))

  it('shows nothing of a pod without a node', () => expect(told(stillCluster([pod(undefined, { spec: { nodeName: undefined } })]), 'kubectl logs web')).toBe(''))

  it('shows a past moment only what was written by then', () => expect(told(stillCluster([pod({ state: { running: {} } })], 60, logs), 'kubectl logs web', { at: 25_000 })).toBe('new one\nnew two\n'))

  const two = pod({ state: { running: {} } }, { spec: { containers: [{ name: 'app', image: 'x' }, { name: 'side', image: 'y' }], initContainers: [{ name: 'first', image: 'z' }] } })
  two.status.containerStatuses.push({ name: 'side', restartCount: 0, state: { running: {} } })
  two.status.initContainerStatuses = [{ name: 'first', restartCount: 0, state: { terminated: { exitCode: 0 } } }]
  it('names the container it chose, and prints all of them on request', () => {
    const cluster = stillCluster([two], 60, { ...logs, first: [lines('init one')] })
    expect(told(cluster, 'kubectl logs web --tail=1')).toBe('new three\nDefaulted container "app" out of: app, side, first (init)\n')
    expect(told(cluster, 'kubectl logs web --all-containers --prefix')).toBe('[pod/web/first] init one\n[pod/web/app] new one\n[pod/web/app] new two\n[pod/web/app] new three\n[pod/web/side] side one\n')
    expect(told(cluster, 'kubectl logs web -c side')).toBe('side one\n')
  })

  it('follows the default-container annotation', () => expect(told(stillCluster([{ ...two, metadata: { ...two.metadata, annotations: { 'kubectl.kubernetes.io/default-container': 'side' } } }], 60, logs), 'kubectl logs web')).toBe('side one\n'))

  it('cannot reach a node that is down', () => {
    const node: K8sObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, status: { addresses: [{ type: 'InternalIP', address: '10.0.0.11' }], conditions: [{ type: 'Ready', status: 'Unknown' }] } }
    expect(told(stillCluster([pod({ state: { running: {} } }), node], 60, logs), 'kubectl logs web')).toBe('Error from server: Get "https://10.0.0.11:10250/containerLogs/game/web/app": dial tcp 10.0.0.11:10250: i/o timeout\nexit 1\n')
  })

  it('takes ten lines of each pod when it selects by label', () => {
    const labelled = pod({ state: { running: {} } }, { metadata: { labels: { app: 'web' } } })
    const many = { app: [lines(...Array.from({ length: 15 }, (_, i) => `line ${i}`))] }
    expect(told(stillCluster([labelled], 600, many), 'kubectl logs -l app=web').split('\n')).toHaveLength(11)
    expect(told(stillCluster([labelled], 600, many), 'kubectl logs -l app=none')).toBe('No resources found in game namespace.\n')
  })
})
