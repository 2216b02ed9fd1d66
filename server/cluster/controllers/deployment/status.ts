/** The status a Deployment reports and the progress it claims (pkg/controller/deployment/{sync,progress}.go). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import type { Cluster } from '../../types.ts'
import { equal, withCondition, withoutCondition } from '../../pods.ts'
import type { Condition } from '../../pods.ts'
import { maxUnavailable } from './arithmetic.ts'

const defaultDeadlineSeconds = 600

function sum(sets: readonly K8sObject[], field: string): number {
  return sets.reduce((total, set) => total + (set.status?.[field] ?? 0), 0)
}

/** Counters and the Available condition; other conditions are kept (calculateStatus). */
export function deploymentStatus(deployment: K8sObject, sets: readonly K8sObject[], newSet: K8sObject | undefined, now: string): Fields {
  const replicas = deployment.spec.replicas as number
  const available = sum(sets, 'availableReplicas')
  const total = sum(sets, 'replicas')
  const enough = available >= replicas - maxUnavailable(deployment.spec.strategy, replicas)
  const condition: Condition = enough
    ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.', lastUpdateTime: now }
    : { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: 'Deployment does not have minimum availability.', lastUpdateTime: now }
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: total,
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: sum(sets, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(total - available, 0),
    terminatingReplicas: sum(sets, 'terminatingReplicas'),
    ...(deployment.status?.collisionCount ? { collisionCount: deployment.status.collisionCount } : {}),
    conditions: withCondition(deployment.status?.conditions, condition, now),
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
  const current = (status.conditions as Condition[]).find((condition) => condition.type === 'Progressing')
  const deadline = (deployment.spec.progressDeadlineSeconds ?? defaultDeadlineSeconds) as number
  const named = newSet ? `ReplicaSet "${newSet.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
  const settled = status.replicas === status.updatedReplicas && current?.reason === 'NewReplicaSetAvailable'
  if (!settled) {
    const dueAt = current?.lastUpdateTime ? Date.parse(current.lastUpdateTime) + deadline * 1000 : undefined
    if (isComplete(deployment, status)) {
      status.conditions = withCondition(status.conditions, { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: `${named} has successfully progressed.`, lastUpdateTime: now }, now)
    } else if (isProgressing(old, status)) {
      const kept = withoutCondition(status.conditions, 'Progressing')
      status.conditions = [...kept, { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: `${named} is progressing.`, lastUpdateTime: now, lastTransitionTime: current?.status === 'True' ? current.lastTransitionTime : now }]
      cluster.wake('deployment', key, cluster.now + deadline * 1000 + 1000)
    } else if (current && current.reason !== 'NewReplicaSetAvailable' && current.reason !== 'DeploymentPaused' && dueAt !== undefined && dueAt < Date.parse(now)) {
      status.conditions = withCondition(status.conditions, { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: `${named} has timed out progressing.`, lastUpdateTime: now }, now)
    }
  }
  const failing = [newSet, ...sets].find((set) => set?.status?.conditions?.some((condition: Condition) => condition.type === 'ReplicaFailure' && condition.status === 'True'))
  if (failing) {
    const failure = failing.status.conditions.find((condition: Condition) => condition.type === 'ReplicaFailure')
    status.conditions = withCondition(status.conditions, { type: 'ReplicaFailure', status: 'True', reason: failure.reason, message: failure.message, lastUpdateTime: now }, now)
  } else status.conditions = withoutCondition(status.conditions, 'ReplicaFailure')
  if (!equal(old, status)) cluster.api.setStatus({ kind: 'Deployment', namespace: deployment.metadata.namespace ?? '', name: deployment.metadata.name }, status)
  return status
}
