/** How containers are ended: hook, stop signal, SIGKILL, and the order within a pod (kuberuntime_container.go:killContainer, kuberuntime_termination_order.go). */
import type { Fields } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import { runHook } from './hooks.ts'
import type { ContainerRecord } from './instance.ts'
import type { PodWorker } from './worker.ts'

/** The least time between the stop signal and SIGKILL (kuberuntime_manager.go:minimumGracePeriodInSeconds). */
export const leastGraceMs = 2000

/**
 * preStop, then the stop signal, then SIGKILL when the grace is over, but not within two seconds (kuberuntime_container.go:killContainer). Without any grace no hook runs.
 * `turn`: after the hook the container waits until it is called, at most for the rest of the grace. `done` runs at the exit.
 */
export function kill(worker: PodWorker, record: ContainerRecord, graceMs: Millis, done: () => void, turn?: (go: () => void) => void): void {
  const instance = record.alive
  if (!instance?.running) return done()
  const running = instance.running
  record.onExit.push(done)
  let spent = 0
  let hasFailed = false
  const hook = record.spec.lifecycle?.preStop
  if (hook && graceMs > 0) {
    const { tookMs, failed } = runHook(worker, hook, running, record)
    spent = Math.min(tookMs, graceMs)
    hasFailed = failed !== undefined && tookMs <= graceMs
  }
  const later = (delay: Millis, act: () => void): void => {
    if (delay === 0) act()
    else worker.cluster.schedule(worker.cluster.now + delay, 'kubelet', `${worker.key} ${record.spec.name}`, () => { if (!instance.exit) act() })
  }
  const stop = (left: Millis): void => {
    running.signal(instance.image.image.stopSignal)
    if (!instance.exit) later(Math.max(leastGraceMs, left), () => running.signal('SIGKILL'))
  }
  later(spent, () => {
    if (hasFailed) worker.event('Warning', 'FailedPreStopHook', 'PreStopHook failed', record)
    const left = graceMs - spent
    if (!turn || left <= 0) return stop(left)
    const from = worker.cluster.now
    let called = false
    const go = (): void => {
      if (called || instance.exit) return
      called = true
      stop(left - Math.floor((worker.cluster.now - from) / 1000) * 1000)
    }
    turn(go)
    later(left, go)
  })
}

/** Ends app containers together and sidecars in reverse order after them, all within one grace period; hooks run at once (kuberuntime_termination_order.go). */
export function stopAll(worker: PodWorker, graceMs: Millis, done: () => void): void {
  const living = worker.records.filter((record) => record.alive)
  const order = [...living.filter((record) => record.kind !== 'sidecar'), ...living.filter((record) => record.kind === 'sidecar').reverse()]
  if (order.length === 0) return done()
  const ended = new Set<ContainerRecord>()
  const queue: { before: readonly ContainerRecord[]; go: () => void }[] = []
  const call = (): void => { for (const { before, go } of [...queue]) if (before.every((other) => ended.has(other))) go() }
  for (const record of living) worker.event('Normal', 'Killing', `Stopping container ${record.spec.name}`, record)
  order.forEach((record, i) => {
    const turn = record.kind !== 'sidecar' ? undefined : (go: () => void): void => {
      queue.push({ before: order.slice(0, i), go })
      call()
    }
    kill(worker, record, graceMs, () => {
      ended.add(record)
      call()
      if (ended.size === order.length) done()
    }, turn)
  })
}

/** Ends a container whose probe failed or whose definition changed; says whether the same sync starts it anew (kuberuntime_manager.go:computePodActions). */
export function* killCondemned(worker: PodWorker, record: ContainerRecord): Generator<Millis, boolean, void> {
  const kind = record.condemned!
  record.condemned = undefined
  if (kind === 'definition') {
    worker.event('Normal', 'Killing', `Container ${record.spec.name} definition changed, will be restarted`, record)
    yield* worker.stopNow(record, worker.graceMs())
    return true
  }
  const probe = record.spec[`${kind}Probe`] as Fields
  const again = record.policy(worker.pod) !== 'Never'
  worker.cluster.record({ kind: 'probe-kill', ref: worker.ref, container: record.spec.name, text: kind, data: { uid: worker.pod.metadata.uid } })
  worker.event('Normal', 'Killing', `${record.kind === 'app' ? 'Container' : 'Init container'} ${record.spec.name} failed ${kind} probe${again && record.kind === 'app' ? ', will be restarted' : ''}`, record)
  yield* worker.stopNow(record, probe.terminationGracePeriodSeconds !== undefined ? probe.terminationGracePeriodSeconds * 1000 : worker.graceMs())
  return again
}
