/** The status a Deployment reports and the progress it claims (pkg/controller/deployment/{sync,progress}.go). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import type { Cluster } from '../../types.ts'
import { equal, withCondition, withoutCondition } from '../../pods.ts'
import type { Condition } from '../../pods.ts'
import { maxUnavailable } from './arithmetic.ts'

const defaultDeadlineSeconds = 600
/** The value that means "no deadline": nothing is then said about progress (deployment_util.go:HasProgressDeadline). */
const noDeadlineSeconds = 2 ** 31 - 1

/** Seconds without progress after which a rollout has failed, or undefined when there is no limit. */
export function progressDeadline(deployment: K8sObject): number | undefined {
  const seconds = (deployment.spec.progressDeadlineSeconds ?? defaultDeadlineSeconds) as number
  return seconds === noDeadlineSeconds ? undefined : seconds
}

/**
 * The conditions with one set as this controller does it: one with the same status and reason stays as it is, whatever its message; any other goes to the end
 * (deployment_util.go:SetDeploymentCondition). Example: [Available, Progressing] whose Available turns False become [Progressing, Available].
 */
export function setCondition(conditions: readonly Condition[] | undefined, next: Condition, now: string): Condition[] {
  const old = conditions?.find((condition) => condition.type === next.type)
  if (old && old.status === next.status && old.reason === next.reason) return [...conditions!]
  return [...withoutCondition(conditions, next.type), ...withCondition(old ? [old] : [], next, now)]
}

function sum(sets: readonly K8sObject[], field: string): number {
  return sets.reduce((total, set) => total + (set.status?.[field] ?? 0), 0)
}

/** Counters and the Available condition; other conditions are kept (calculateStatus). Unavailable is what the sets should have, not what they managed to create. */
export function deploymentStatus(deployment: K8sObject, sets: readonly K8sObject[], newSet: K8sObject | undefined, now: string): Fields {
  const replicas = deployment.spec.replicas as number
  const available = sum(sets, 'availableReplicas')
  const wanted = sets.reduce((total, set) => total + (set.spec.replicas as number), 0)
  const enough = available >= replicas - maxUnavailable(deployment.spec.strategy, replicas)
  const condition: Condition = enough
    ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.', lastUpdateTime: now }
    : { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: 'Deployment does not have minimum availability.', lastUpdateTime: now }
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: sum(sets, 'replicas'),
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: sum(sets, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(wanted - available, 0),
    terminatingReplicas: sum(sets, 'terminatingReplicas'),
    ...(deployment.status?.collisionCount ? { collisionCount: deployment.status.collisionCount } : {}),
    conditions: setCondition(deployment.status?.conditions, condition, now),
  }
}

/** All replicas are of the new template, none is old, all are available (DeploymentComplete). */
export function isComplete(deployment: K8sObject, status: Fields): boolean {
  const replicas = deployment.spec.replicas as number
  return status.updatedReplicas === replicas && status.replicas === replicas && status.availableReplicas === replicas
}

function isProgressing(old: Fields, next: Fields): boolean {
  const count = (status: Fields, field: string): number => status[field] ?? 0
  return (
    count(next, 'updatedReplicas') > count(old, 'updatedReplicas') ||
    count(next, 'replicas') - count(next, 'updatedReplicas') < count(old, 'replicas') - count(old, 'updatedReplicas') ||
    count(next, 'readyReplicas') > count(old, 'readyReplicas') ||
    count(next, 'availableReplicas') > count(old, 'availableReplicas')
  )
}

/** Writes the counters and says nothing about progress, as for a Deployment that is paused or only changes its size (sync.go:syncDeploymentStatus). */
export function writeCounters(cluster: Cluster, deployment: K8sObject, sets: readonly K8sObject[], newSet: K8sObject | undefined): void {
  const status = deploymentStatus(deployment, sets, newSet, cluster.timestamp())
  if (!equal(deployment.status ?? {}, status)) cluster.api.setStatus({ kind: 'Deployment', namespace: deployment.metadata.namespace ?? '', name: deployment.metadata.name }, status)
}

/** Writes the status with the Progressing and ReplicaFailure conditions, and asks to be woken at the progress deadline (syncRolloutStatus). */
export function writeStatus(cluster: Cluster, key: string, deployment: K8sObject, sets: readonly K8sObject[], newSet: K8sObject | undefined): Fields {
  const now = cluster.timestamp()
  const old = deployment.status ?? {}
  const status = deploymentStatus(deployment, sets, newSet, now)
  const deadline = progressDeadline(deployment)
  if (deadline === undefined) status.conditions = withoutCondition(status.conditions, 'Progressing')
  else status.conditions = progressed(cluster, key, deployment, old, status, newSet, deadline)
  const failing = [newSet, ...sets].find((set) => set?.status?.conditions?.some((condition: Condition) => condition.type === 'ReplicaFailure' && condition.status === 'True'))
  if (failing) {
    const failure = failing.status.conditions.find((condition: Condition) => condition.type === 'ReplicaFailure')
    status.conditions = setCondition(status.conditions, { type: 'ReplicaFailure', status: 'True', reason: failure.reason, message: failure.message, lastUpdateTime: now }, now)
  } else status.conditions = withoutCondition(status.conditions, 'ReplicaFailure')
  if (!equal(old, status)) cluster.api.setStatus({ kind: 'Deployment', namespace: deployment.metadata.namespace ?? '', name: deployment.metadata.name }, status)
  return status
}

/** The conditions with what can be said about the rollout now: it is done, it moves, or it has not moved for too long. */
function progressed(cluster: Cluster, key: string, deployment: K8sObject, old: Fields, status: Fields, newSet: K8sObject | undefined, deadline: number): Condition[] {
  const now = cluster.timestamp()
  const conditions = status.conditions as Condition[]
  const current = conditions.find((condition) => condition.type === 'Progressing')
  const named = newSet ? `ReplicaSet "${newSet.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
  const progressing = (value: 'True' | 'False', reason: string, message: string): Condition => ({ type: 'Progressing', status: value, reason, message: `${named} ${message}`, lastUpdateTime: now })
  if (status.replicas === status.updatedReplicas && current?.reason === 'NewReplicaSetAvailable') return conditions
  if (isComplete(deployment, status)) return setCondition(conditions, progressing('True', 'NewReplicaSetAvailable', 'has successfully progressed.'), now)
  if (isProgressing(old, status)) {
    cluster.wake('deployment', key, cluster.now + deadline * 1000 + 1000)
    return [...withoutCondition(conditions, 'Progressing'), { ...progressing('True', 'ReplicaSetUpdated', 'is progressing.'), lastTransitionTime: current?.status === 'True' ? current.lastTransitionTime! : now }]
  }
  if (current?.lastUpdateTime === undefined || current.reason === 'NewReplicaSetAvailable' || current.reason === 'ProgressDeadlineExceeded') return conditions
  const dueAt = Date.parse(current.lastUpdateTime) + deadline * 1000
  if (dueAt < Date.parse(now)) return setCondition(conditions, progressing('False', 'ProgressDeadlineExceeded', 'has timed out progressing.'), now)
  // A deadline that was shortened meanwhile counts as well (requeueStuckDeployment).
  cluster.wake('deployment', key, dueAt - Date.parse(cluster.timestamp(0)) + 2000)
  return conditions
}
