/** The READY, STATUS and RESTARTS of a pod, which the API server computes for its table (pkg/printers/internalversion/printers.go:printPod, 1.36). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { ageOf } from './time.ts'

export type PodCells = { ready: string; status: string; restarts: string }

type Count = { restarts: number; last: string }

function add(count: Count, status: Fields): void {
  count.restarts += status.restartCount ?? 0
  const finished = (status.lastState?.terminated?.finishedAt ?? '') as string
  if (finished > count.last) count.last = finished
}

/** `Error`, or `Signal:9` or `ExitCode:1` when the runtime gave no reason. */
function endWord(terminated: Fields): string {
  if (terminated.reason) return terminated.reason
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode ?? 0}`
}

type Init = { reason: string | undefined; all: Count; sidecars: Count; ready: number }

/** The first init container that is not through gives the column its `Init:` word. */
function initPart(pod: K8sObject, sidecar: (name: string) => boolean): Init {
  const init: Init = { reason: undefined, all: { restarts: 0, last: '' }, sidecars: { restarts: 0, last: '' }, ready: 0 }
  const statuses = (pod.status?.initContainerStatuses ?? []) as Fields[]
  for (const [i, status] of statuses.entries()) {
    add(init.all, status)
    if (sidecar(status.name)) add(init.sidecars, status)
    const { terminated, waiting } = (status.state ?? {}) as Fields
    if (terminated && (terminated.exitCode ?? 0) === 0) continue
    if (sidecar(status.name) && status.started) {
      if (status.ready) init.ready++
      continue
    }
    if (terminated) init.reason = `Init:${endWord(terminated)}`
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') init.reason = `Init:${waiting.reason}`
    else init.reason = `Init:${i}/${(pod.spec?.initContainers ?? []).length}`
    break
  }
  return init
}

/** Application containers, last to first, so that the first of several unhappy ones is shown. */
function appPart(pod: K8sObject, before: string, count: Count): { reason: string; ready: number } {
  let reason = before
  let errorReason = ''
  let ready = 0
  for (const status of [...((pod.status?.containerStatuses ?? []) as Fields[])].reverse()) {
    add(count, status)
    const { running, waiting, terminated } = (status.state ?? {}) as Fields
    if (waiting?.reason) reason = waiting.reason
    else if (terminated) {
      reason = endWord(terminated)
      if ((terminated.exitCode ?? 0) !== 0) errorReason = reason
    } else if (status.ready && running) ready++
  }
  if (reason === 'Completed') {
    const isReady = hasCondition(pod, 'Ready')
    if (ready > 0 && isReady) reason = 'Running'
    else if (errorReason !== '') reason = errorReason
    else if (ready > 0) reason = 'NotReady'
  }
  return { reason, ready }
}

function hasCondition(pod: K8sObject, type: string): boolean {
  return ((pod.status?.conditions ?? []) as Fields[]).some((condition) => condition.type === type && condition.status === 'True')
}

/** The three columns of a pod at `nowMs` (epoch milliseconds). */
export function podCells(pod: K8sObject, nowMs: number): PodCells {
  const phase = (pod.status?.phase ?? '') as string
  let reason: string = pod.status?.reason || phase
  if (((pod.status?.conditions ?? []) as Fields[]).some((condition) => condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated')) reason = 'SchedulingGated'
  const sidecars = new Set(((pod.spec?.initContainers ?? []) as Fields[]).filter((container) => container.restartPolicy === 'Always').map((container) => container.name))
  const total = (pod.spec?.containers ?? []).length + sidecars.size
  const init = initPart(pod, (name) => sidecars.has(name))
  if (init.reason !== undefined) reason = init.reason
  let count = init.all
  let ready = init.ready
  if (init.reason === undefined || hasCondition(pod, 'Initialized')) {
    count = init.sidecars
    const app = appPart(pod, reason, count)
    reason = app.reason
    ready += app.ready
  }
  if (pod.metadata.deletionTimestamp && pod.status?.reason === 'NodeLost') reason = 'Unknown'
  else if (pod.metadata.deletionTimestamp && phase !== 'Succeeded' && phase !== 'Failed') reason = 'Terminating'
  const restarts = count.restarts === 0 || count.last === '' ? String(count.restarts) : `${count.restarts} (${ageOf(count.last, nowMs)} ago)`
  return { ready: `${ready}/${total}`, status: reason, restarts }
}
