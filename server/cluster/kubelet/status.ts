/** Pod status from what runs (kubelet_pods.go:getPhase,convertToAPIContainerStatuses; status/generate.go). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import type { Condition } from '../pods.ts'
import { podCondition, withCondition } from '../pods.ts'

export type ContainerKind = 'init' | 'sidecar' | 'app'
export type ContainerState = { name: string; kind: ContainerKind; /** Would the policy start it again after this exit code? */ restarts(exitCode: number): boolean; status: Fields }
export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

export function isOver(phase: string): boolean {
  return phase === 'Succeeded' || phase === 'Failed'
}

/** The phase by the kubelet's counting. `finished`: the worker has ended every container and will start none. */
export function getPhase(states: readonly ContainerState[], finished: boolean): Phase {
  let pendingInit = 0
  let failedInit = 0
  let pendingSidecar = 0
  const apps = states.filter((state) => state.kind === 'app')
  // A container that was removed to restart the pod waits like one that never ran.
  const before = (state: ContainerState): Fields | undefined => (state.status.lastState?.terminated?.reason === 'RestartingAllContainers' ? undefined : state.status.lastState?.terminated)
  const exitOf = (state: ContainerState): number | undefined => (state.status.state?.terminated ?? (state.status.state?.waiting ? before(state) : undefined))?.exitCode
  for (const state of states) {
    if (state.kind === 'sidecar' && !(state.status.state?.running && state.status.started) && !state.status.state?.terminated) pendingSidecar++
    if (state.kind !== 'init') continue
    const exit = exitOf(state)
    if (exit === undefined) pendingInit++
    else if (exit !== 0 && !state.restarts(exit)) failedInit++
    else if (exit !== 0) pendingInit++
  }
  const running = apps.filter((state) => state.status.state?.running).length
  const stopped = apps.filter((state) => !state.status.state?.running && exitOf(state) !== undefined)
  const waiting = apps.length - running - stopped.length
  if (failedInit > 0) return 'Failed'
  if (finished && waiting > 0 && running === 0) return 'Failed'
  if (pendingInit > 0 || (pendingSidecar > 0 && running === 0 && stopped.length === 0)) return 'Pending'
  if (waiting > 0) return 'Pending'
  if (running > 0) return 'Running'
  if (!finished && stopped.some((state) => state.restarts(exitOf(state)!))) return 'Running'
  return stopped.every((state) => exitOf(state) === 0) ? 'Succeeded' : 'Failed'
}

/** What others say of the pod's readiness gates; a change asks for a sync (status_manager.go:NeedToReconcilePodReadiness). */
export function gatesOf(pod: K8sObject): string {
  const gates = (pod.spec?.readinessGates ?? []) as Fields[]
  return gates.length === 0 ? '' : gates.map(({ conditionType }) => ((pod.status?.conditions ?? []) as Fields[]).find(({ type }) => type === conditionType)?.status).join()
}

/** `restartingAll`: left out for a pod without a rule that restarts all containers. */
export type PodFacts = { sandbox: boolean; restartingAll: boolean | undefined }

/** The kubelet's conditions in its order, then those of others. */
export function conditionsOf(pod: K8sObject, states: readonly ContainerState[], phase: Phase, { sandbox, restartingAll }: PodFacts, now: string): Condition[] {
  const old = (pod.status?.conditions ?? []) as Condition[]
  const incomplete = states.filter((state) => (state.kind === 'init' ? !(state.status.state?.terminated?.exitCode === 0 || state.status.lastState?.terminated?.exitCode === 0) : state.kind === 'sidecar' ? !state.status.started : false)).map((state) => state.name)
  const unready = states.filter((state) => state.kind !== 'init' && !state.status.ready).map((state) => state.name)
  const ended = phase === 'Succeeded' ? 'PodCompleted' : phase === 'Failed' ? 'PodFailed' : undefined
  // Once an app container has started the pod stays initialized, whatever its sidecars do (container/helpers.go:HasAnyRegularContainerStarted).
  const begun = states.some((state) => state.kind === 'app' && (state.status.state?.running ?? state.status.state?.terminated) !== undefined)
  const initialized: Condition = phase === 'Succeeded' || begun || incomplete.length === 0 ? { type: 'Initialized', status: 'True', ...(phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}) } : { type: 'Initialized', status: 'False', reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${incomplete.join(' ')}]` }
  const ready: Omit<Condition, 'type'> = ended ? { status: 'False', reason: ended } : unready.length > 0 ? { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` } : { status: 'True' }
  const gates = ((pod.spec?.readinessGates ?? []) as { conditionType: string }[]).flatMap(({ conditionType }) => {
    const found = old.find((condition) => condition.type === conditionType)
    return found?.status === 'True' ? [] : [found ? `the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}` : `corresponding condition of pod readiness gate "${conditionType}" does not exist.`]
  })
  const podReady: Omit<Condition, 'type'> = ready.status === 'True' && gates.length > 0 ? { status: 'False', reason: 'ReadinessGatesNotReady', message: gates.join(', ') } : ready
  const next: Condition[] = [{ type: 'PodReadyToStartContainers', status: sandbox ? 'True' : 'False' }, initialized, { type: 'Ready', ...podReady }, { type: 'ContainersReady', ...ready }, { type: 'PodScheduled', status: 'True' }]
  if (restartingAll !== undefined) next.push({ type: 'AllContainersRestarting', ...(ended ? { status: 'False', reason: ended } : restartingAll ? { status: 'True', reason: 'RestartAllContainersStarted', message: 'container exited with restart policy rule' } : { status: 'False' }) })
  let merged: Condition[] = old
  const generation = pod.metadata.generation ?? 1
  const isSame = (a: Condition, b: Condition | undefined): boolean => b !== undefined && a.status === b.status && a.reason === b.reason && a.message === b.message && b.observedGeneration === generation
  for (const condition of next) if (!isSame(condition, old.find(({ type }) => type === condition.type))) merged = withCondition(merged, podCondition(pod, condition), now)
  const find = (type: string): Condition => merged.find((condition) => condition.type === type)!
  return [...next.map((condition) => find(condition.type)), ...old.filter((condition) => !next.some((other) => other.type === condition.type))]
}
