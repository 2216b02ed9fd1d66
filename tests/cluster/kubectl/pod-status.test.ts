import { describe, expect, it } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import { at, stillCluster, told } from './still-cluster.ts'

type Made = { status?: Fields; containers?: number; init?: Fields[]; statuses?: Fields[]; initStatuses?: Fields[]; deleting?: boolean }

const nowSeconds = 600

function pod({ status = {}, containers = 1, init = [], statuses, initStatuses, deleting }: Made): K8sObject {
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'game', ...(deleting ? { deletionTimestamp: at(610) } : {}) },
    spec: { containers: Array.from({ length: containers }, (_, i) => ({ name: `c${i}` })), ...(init.length > 0 ? { initContainers: init } : {}) },
    status: { phase: 'Running', ...status, ...(statuses ? { containerStatuses: statuses } : {}), ...(initStatuses ? { initContainerStatuses: initStatuses } : {}) },
  }
}

const running = (ready = true, more: Fields = {}): Fields => ({ name: 'c0', ready, restartCount: 0, started: true, state: { running: { startedAt: at(0) } }, ...more })
const waiting = (reason?: string, more: Fields = {}): Fields => ({ name: 'c0', ready: false, restartCount: 0, state: { waiting: { ...(reason ? { reason } : {}) } }, ...more })
const ended = (exitCode: number, reason?: string, more: Fields = {}): Fields => ({ name: 'c0', ready: false, restartCount: 0, state: { terminated: { exitCode, ...(reason ? { reason } : {}), finishedAt: at(590) } }, ...more })
const signalled = (signal: number): Fields => ({ name: 'c0', ready: false, restartCount: 0, state: { terminated: { exitCode: 137, signal } } })
const ready = { conditions: [{ type: 'Ready', status: 'True' }] }
const once: Fields = { name: 'i0' }
const sidecar: Fields = { name: 'i0', restartPolicy: 'Always' }
const before = (seconds: number, restartCount: number): Fields => ({ restartCount, lastState: { terminated: { exitCode: 1, finishedAt: at(seconds) } } })

/** name, pod, READY, STATUS, RESTARTS */
const cases: [string, Made, string, string, string][] = [
  ['no status yet', { status: { phase: 'Pending' } }, '0/1', 'Pending', '0'],
  ['status.reason comes before the phase', { status: { phase: 'Failed', reason: 'Evicted' } }, '0/1', 'Evicted', '0'],
  ['held back by scheduling gates', { status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] } }, '0/1', 'SchedulingGated', '0'],
  ['running and ready', { statuses: [running()] }, '1/1', 'Running', '0'],
  ['running, not ready', { statuses: [running(false)] }, '0/1', 'Running', '0'],
  ['waiting with a reason', { statuses: [waiting('ContainerCreating')] }, '0/1', 'ContainerCreating', '0'],
  ['waiting without a reason keeps the phase', { status: { phase: 'Pending' }, statuses: [waiting()] }, '0/1', 'Pending', '0'],
  ['back-off', { statuses: [waiting('CrashLoopBackOff', before(540, 4))] }, '0/1', 'CrashLoopBackOff', '4 (60s ago)'],
  ['ended with a reason', { statuses: [ended(137, 'OOMKilled')] }, '0/1', 'OOMKilled', '0'],
  ['ended by a signal without a reason', { statuses: [signalled(9)] }, '0/1', 'Signal:9', '0'],
  ['ended without a reason', { statuses: [ended(3)] }, '0/1', 'ExitCode:3', '0'],
  ['restarted, but never seen to end', { statuses: [running(true, { restartCount: 2 })] }, '1/1', 'Running', '2'],
  ['restarted long ago', { statuses: [running(true, before(0, 2))] }, '1/1', 'Running', '2 (10m ago)'],
  ['the latest of several restarts counts', { containers: 2, statuses: [running(true, before(0, 2)), running(true, before(480, 1))] }, '2/2', 'Running', '3 (2m ago)'],
  ['two in trouble: the first listed gives the word', { containers: 2, statuses: [waiting('CrashLoopBackOff'), ended(1, 'Error')] }, '0/2', 'CrashLoopBackOff', '0'],
  ['the first runs, the second is in trouble', { containers: 2, statuses: [running(), ended(1, 'Error')] }, '1/2', 'Error', '0'],
  ['all completed', { status: { phase: 'Succeeded' }, statuses: [ended(0, 'Completed')] }, '0/1', 'Completed', '0'],
  ['one completed, one runs, pod ready', { containers: 2, status: ready, statuses: [ended(0, 'Completed'), running()] }, '1/2', 'Running', '0'],
  ['one completed, one runs, pod not ready', { containers: 2, statuses: [ended(0, 'Completed'), running()] }, '1/2', 'NotReady', '0'],
  ['one completed, one failed: the failure shows', { containers: 2, status: { phase: 'Failed' }, statuses: [ended(0, 'Completed'), ended(2, 'Error')] }, '0/2', 'Error', '0'],
  ['completed, failed and running', { containers: 3, statuses: [ended(0, 'Completed'), ended(2, 'Error'), running()] }, '1/3', 'Error', '0'],
  ['init container runs', { status: { phase: 'Pending' }, init: [once, { name: 'i1' }], initStatuses: [running(false, { name: 'i0' })], statuses: [waiting('PodInitializing')] }, '0/1', 'Init:0/2', '0'],
  ['first init container is through', { status: { phase: 'Pending' }, init: [once, { name: 'i1' }], initStatuses: [ended(0, 'Completed', { name: 'i0' }), waiting('PodInitializing', { name: 'i1' })], statuses: [waiting('PodInitializing')] }, '0/1', 'Init:1/2', '0'],
  ['init container waits for a reason', { status: { phase: 'Pending' }, init: [once], initStatuses: [waiting('ImagePullBackOff', { name: 'i0' })] }, '0/1', 'Init:ImagePullBackOff', '0'],
  ['init container failed', { status: { phase: 'Pending' }, init: [once], initStatuses: [ended(1, 'Error', { name: 'i0', ...before(595, 1) })] }, '0/1', 'Init:Error', '1 (5s ago)'],
  ['init container failed without a reason', { status: { phase: 'Pending' }, init: [once], initStatuses: [ended(7, undefined, { name: 'i0' })] }, '0/1', 'Init:ExitCode:7', '0'],
  ['init container was signalled', { status: { phase: 'Pending' }, init: [once], initStatuses: [{ ...signalled(15), name: 'i0' }] }, '0/1', 'Init:Signal:15', '0'],
  ['after init, its restarts no longer count', { init: [once], initStatuses: [ended(0, 'Completed', { name: 'i0', ...before(500, 3) })], statuses: [running()] }, '1/1', 'Running', '0'],
  ['a sidecar counts in both numbers', { init: [sidecar], initStatuses: [running(true, { name: 'i0' })], statuses: [running()] }, '2/2', 'Running', '0'],
  ['a started sidecar that is not ready', { init: [sidecar], initStatuses: [running(false, { name: 'i0' })], statuses: [running()] }, '1/2', 'Running', '0'],
  ['a sidecar that has not started', { status: { phase: 'Pending' }, init: [sidecar], initStatuses: [running(false, { name: 'i0', started: false })], statuses: [waiting('PodInitializing')] }, '0/2', 'Init:0/1', '0'],
  ['restarts of a sidecar keep counting', { init: [sidecar], initStatuses: [running(true, { name: 'i0', ...before(570, 2) })], statuses: [running(true, before(500, 1))] }, '2/2', 'Running', '3 (30s ago)'],
  ['a sidecar down after initialization: the Init word gives way', { init: [sidecar], status: { conditions: [{ type: 'Initialized', status: 'True' }] }, initStatuses: [waiting('CrashLoopBackOff', { name: 'i0', ...before(540, 1) })], statuses: [waiting('CrashLoopBackOff')] }, '0/2', 'CrashLoopBackOff', '1 (60s ago)'],
  ['a sidecar down after initialization, the app runs', { init: [sidecar], status: { conditions: [{ type: 'Initialized', status: 'True' }] }, initStatuses: [waiting('CrashLoopBackOff', { name: 'i0' })], statuses: [running()] }, '1/2', 'Init:CrashLoopBackOff', '0'],
  ['an init container waits for its turn: PodInitializing is no reason', { status: { phase: 'Pending' }, init: [once, { name: 'i1' }], initStatuses: [waiting('PodInitializing', { name: 'i0' })] }, '0/1', 'Init:0/2', '0'],
  ['an init container waits without a reason', { status: { phase: 'Pending' }, init: [once, { name: 'i1' }], initStatuses: [ended(0, 'Completed', { name: 'i0' }), waiting('', { name: 'i1' })] }, '0/1', 'Init:1/2', '0'],
  ['an init container is backing off', { status: { phase: 'Pending' }, init: [once], initStatuses: [waiting('CrashLoopBackOff', { name: 'i0', ...before(590, 3) })], statuses: [waiting('PodInitializing')] }, '0/1', 'Init:CrashLoopBackOff', '3 (10s ago)'],
  ['all init containers are through, the app begins', { status: { phase: 'Pending' }, init: [once], initStatuses: [ended(0, 'Completed', { name: 'i0' })], statuses: [waiting('PodInitializing')] }, '0/1', 'PodInitializing', '0'],
  ['an init container runs and the pod is being deleted', { deleting: true, status: { phase: 'Pending' }, init: [once], initStatuses: [running(false, { name: 'i0' })], statuses: [waiting('PodInitializing')] }, '0/1', 'Terminating', '0'],
  ['a sidecar ended with 0 and the next init container runs', { status: { phase: 'Pending' }, init: [sidecar, { name: 'i1' }], initStatuses: [ended(0, 'Completed', { name: 'i0' }), running(false, { name: 'i1' })] }, '0/2', 'Init:1/2', '0'],
  ['restarts of the init containers before the one that runs count too', { status: { phase: 'Pending' }, init: [once, { name: 'i1' }], initStatuses: [ended(0, 'Completed', { name: 'i0', ...before(500, 2) }), running(false, { name: 'i1', ...before(590, 1) })] }, '0/1', 'Init:1/2', '3 (10s ago)'],
  ['ended with a reason of its own', { statuses: [ended(1, 'ContainerStatusUnknown')] }, '0/1', 'ContainerStatusUnknown', '0'],
  ['the words of an evicted pod come from its containers', { status: { phase: 'Failed', reason: 'Evicted' }, statuses: [ended(137, 'Error')] }, '0/1', 'Error', '0'],
  ['running but not ready beside one that completed', { containers: 2, statuses: [ended(0, 'Completed'), running(false)] }, '0/2', 'Completed', '0'],
  ['being deleted, failed already', { deleting: true, status: { phase: 'Failed' }, statuses: [ended(1, 'Error')] }, '0/1', 'Error', '0'],
  ['being deleted, gated', { deleting: true, status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] } }, '0/1', 'Terminating', '0'],
  ['being deleted', { deleting: true, statuses: [running()] }, '1/1', 'Terminating', '0'],
  ['being deleted, already finished', { deleting: true, status: { phase: 'Succeeded' }, statuses: [ended(0, 'Completed')] }, '0/1', 'Completed', '0'],
  ['being deleted on a lost node', { deleting: true, status: { reason: 'NodeLost' }, statuses: [running()] }, '1/1', 'Unknown', '0'],
]

describe('the STATUS of a pod', () => {
  it.each(cases)('%s', (_name, made, readyText, status, restarts) => {
    const [, READY, STATUS, ...rest] = told(stillCluster([pod(made)], nowSeconds), 'kubectl get pods --no-headers').trim().split(/ {2,}/)
    expect([READY, STATUS, rest[0]]).toEqual([readyText, status, restarts])
  })
})
