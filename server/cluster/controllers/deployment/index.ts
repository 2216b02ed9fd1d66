/** Deployment: turns template changes into ReplicaSets and moves replicas between them (pkg/controller/deployment). */
import type { Millis } from '../../../k8s/duration.ts'
import type { K8sObject } from '../../../k8s/object.ts'
import { compareText, keyOf, refOf } from '../../../k8s/object.ts'
import type { Cluster, Controller } from '../../types.ts'
import { equal, isPodTerminal, ownedBy } from '../../pods.ts'
import { templateHash } from '../template-hash.ts'
import { claim, claimants } from '../claim.ts'
import { parseKey } from '../keys.ts'
import { retryDelay } from '../replicaset.ts'
import { fenceposts, newSetSize, oldSetSizes, proportionalSizes } from './arithmetic.ts'
import { isComplete, progressDeadline, setCondition, writeCounters, writeStatus } from './status.ts'

const revisionKey = 'deployment.kubernetes.io/revision'
const desiredKey = 'deployment.kubernetes.io/desired-replicas'
const maxKey = 'deployment.kubernetes.io/max-replicas'
const hashLabel = 'pod-template-hash'
const historyKey = 'deployment.kubernetes.io/revision-history'
const notCopied = new Set(['kubectl.kubernetes.io/last-applied-configuration', revisionKey, historyKey, desiredKey, maxKey])

type Failing = { count: number; next: Millis }

/** A sync that fails this often in a row is given up until something changes (deployment_controller.go:handleErr). */
const mostRetries = 15

/** Makes the controller; it remembers which Deployments are failing, so one instance serves one cluster. */
export function createDeploymentController(): Controller {
  const failing = new Map<string, Failing>()
  return {
    name: 'deployment',
    source: 'pkg/controller/deployment/deployment_controller.go:syncDeployment, handleErr, sync.go:scale, rolling.go:rolloutRolling, recreate.go:rolloutRecreate, progress.go:syncRolloutStatus; util/deployment_util.go',
    about:
      'Creates a ReplicaSet per pod template, rolls between them by maxSurge and maxUnavailable (one action per sync), Recreate, pause, proportional scaling, progress deadline, revision history, and the Available, Progressing and ReplicaFailure conditions. Adopts ReplicaSets without an owner that its selector matches, releases its own when it matches them no more. The hash in names is not the one a real cluster would compute.',
    keys: (change, cluster) => (change.object.kind === 'Deployment' ? [keyOf(change.object)] : change.object.kind === 'ReplicaSet' ? claimants(change, 'Deployment', cluster) : change.object.kind === 'Pod' && change.type === 'deleted' ? podOwnerKeys(change.object) : []),
    reconcile(key, cluster) {
      const { namespace, name } = parseKey(key)
      const owner = namespace === '*' ? undefined : cluster.view.get('Deployment', namespace, name)
      if (!owner || sync(key, owner, cluster)) failing.delete(key)
      else retry(key, cluster, failing)
    },
  }
}

/** Recreate waits for the last old pod to be gone; the pod knows its ReplicaSet, whose name is the Deployment's plus a hash. */
function podOwnerKeys(pod: K8sObject): string[] {
  const set = pod.metadata.ownerReferences?.find((owner) => owner.controller && owner.kind === 'ReplicaSet')
  const template = pod.metadata.labels?.[hashLabel]
  if (!set || !template || !set.name.endsWith(`-${template}`)) return []
  return [`Deployment/${pod.metadata.namespace ?? ''}/${set.name.slice(0, -template.length - 1)}`]
}

/** Tries again after 5 ms, 10 ms, 20 ms …; of two times asked for, the earlier holds (workqueue's AddRateLimited). */
function retry(key: string, cluster: Cluster, failing: Map<string, Failing>): void {
  const { count, next } = failing.get(key) ?? { count: 0, next: 0 }
  if (count === mostRetries) {
    failing.delete(key)
    return
  }
  const at = next > cluster.now ? next : cluster.now + retryDelay(count)
  failing.set(key, { count: count + 1, next: at })
  cluster.wake('deployment', key, at)
}

/** Gives false when the new set could not be made. */
function sync(key: string, deployment: K8sObject, cluster: Cluster): boolean {
  const sets = [...claim(deployment, 'ReplicaSet', cluster)].sort(byAge)
  if (deployment.metadata.deletionTimestamp) {
    writeCounters(cluster, deployment, sets, findNewSet(deployment, sets))
    return true
  }
  const rollout: Rollout = { key, cluster, deployment, sets, newSet: findNewSet(deployment, sets) }
  markPausedOrResumed(rollout)
  if (deployment.spec.paused || isScalingEvent(deployment, sets)) {
    // A new size or a pause moves no rollout on, and nothing is said about progress (sync.go:sync).
    if (rollout.newSet) useNewSet(rollout)
    scale(rollout)
    if (deployment.spec.paused) cleanUp(rollout)
    const now = reread(rollout)
    writeCounters(cluster, now.deployment, now.sets, now.newSet)
    return true
  }
  // Without its set a Deployment says no more than why there is none (rolloutRolling, rolloutRecreate).
  if (!(deployment.spec.strategy?.type === 'Recreate' ? recreate(rollout) : roll(rollout))) return false
  const current = reread(rollout)
  const status = writeStatus(cluster, key, current.deployment, current.sets, current.newSet)
  if (isComplete(current.deployment, status)) cleanUp(current)
  return true
}

type Rollout = { key: string; cluster: Cluster; deployment: K8sObject; sets: K8sObject[]; newSet: K8sObject | undefined }

function reread(rollout: Rollout): Rollout {
  const { cluster } = rollout
  const deployment = cluster.view.get('Deployment', rollout.deployment.metadata.namespace ?? '', rollout.deployment.metadata.name) ?? rollout.deployment
  const sets = [...cluster.view.owned(deployment.metadata.uid ?? '', 'ReplicaSet')].sort(byAge)
  return { ...rollout, deployment, sets, newSet: findNewSet(deployment, sets) }
}

function byAge(a: K8sObject, b: K8sObject): number {
  return compareText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') || compareText(a.metadata.name, b.metadata.name)
}

function templateWithoutHash(template: K8sObject): unknown {
  const { [hashLabel]: _hash, ...labels } = template.metadata?.labels ?? {}
  return { ...template, metadata: { ...template.metadata, labels } }
}

/** The oldest set whose template equals the Deployment's, the hash label aside (FindNewReplicaSet). */
export function findNewSet(deployment: K8sObject, sets: readonly K8sObject[]): K8sObject | undefined {
  return sets.find((set) => isSameTemplate(set.spec.template, deployment.spec.template))
}

/** The template that a set's was found equal to; templates in the store never change, and a Deployment asks often. */
const sameAs = new WeakMap<K8sObject, K8sObject>()

function isSameTemplate(own: K8sObject, wanted: K8sObject): boolean {
  if (sameAs.get(own) === wanted) return true
  const same = equal(templateWithoutHash(own), templateWithoutHash(wanted))
  if (same) sameAs.set(own, wanted)
  return same
}

export function revisionOf(set: K8sObject): number {
  return Number(set.metadata.annotations?.[revisionKey] ?? 0)
}

function oldSets(rollout: Rollout): K8sObject[] {
  return rollout.sets.filter((set) => set.metadata.uid !== rollout.newSet?.metadata.uid)
}

function wanted(sets: readonly K8sObject[]): number {
  return sets.reduce((sum, set) => sum + (set.spec.replicas as number), 0)
}

function surgeOf(deployment: K8sObject): number {
  if (deployment.spec.strategy?.type === 'Recreate') return 0
  return fenceposts(deployment.spec.strategy?.rollingUpdate?.maxSurge, deployment.spec.strategy?.rollingUpdate?.maxUnavailable, deployment.spec.replicas).surge
}

function isScalingEvent(deployment: K8sObject, sets: readonly K8sObject[]): boolean {
  return sets.some((set) => set.spec.replicas > 0 && set.metadata.annotations?.[desiredKey] !== undefined && Number(set.metadata.annotations[desiredKey]) !== deployment.spec.replicas)
}

function sizeAnnotations(deployment: K8sObject): Record<string, string> {
  return { [desiredKey]: String(deployment.spec.replicas), [maxKey]: String(deployment.spec.replicas + surgeOf(deployment)) }
}

function copiedAnnotations(deployment: K8sObject): Record<string, string> {
  return Object.fromEntries(Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !notCopied.has(name)))
}

/** Sets a ReplicaSet's size and says so; gives whether the size changed. */
function resize(rollout: Rollout, set: K8sObject, size: number): boolean {
  const { cluster, deployment } = rollout
  const annotations = sizeAnnotations(deployment)
  const before = set.spec.replicas as number
  const stale = Object.entries(annotations).some(([name, value]) => set.metadata.annotations?.[name] !== value)
  if (before === size && !stale) return false
  cluster.api.patch(refOf(set), { metadata: { annotations }, spec: { replicas: size } }, 'deployment-controller')
  if (before === size) return false
  cluster.event(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', component: 'deployment-controller', message: `Scaled ${before < size ? 'up' : 'down'} replica set ${set.metadata.name} from ${before} to ${size}` })
  return true
}

const longestHistory = 2000

/** A ReplicaSet that is rolled back to keeps the numbers it had, the oldest dropped when they grow too long (deployment_util.go:SetNewReplicaSetAnnotations). */
function formerRevisions(set: K8sObject): Record<string, string> {
  const number = revisionOf(set)
  if (number === 0) return {}
  const known = (set.metadata.annotations?.[historyKey] ?? '').split(',').filter((one) => one !== '')
  while (known.length > 0 && [...known, number].join().length > longestHistory) known.shift()
  return { [historyKey]: [...known, number].join() }
}

/** Finds or makes the ReplicaSet of the present template, with the next revision number (getNewReplicaSet). False: creating it failed. */
function useNewSet(rollout: Rollout): boolean {
  const { cluster, deployment } = rollout
  const old = oldSets(rollout)
  const revision = String(Math.max(0, ...old.map(revisionOf)) + 1)
  if (rollout.newSet) {
    const set = rollout.newSet
    const keepRevision = revisionOf(set) >= Number(revision)
    const annotations = { ...copiedAnnotations(deployment), [revisionKey]: keepRevision ? String(revisionOf(set)) : revision, ...(keepRevision ? {} : formerRevisions(set)) }
    const minReady = deployment.spec.minReadySeconds
    if (Object.entries(annotations).some(([name, value]) => set.metadata.annotations?.[name] !== value) || (set.spec.minReadySeconds ?? 0) !== (minReady ?? 0))
      cluster.api.patch(refOf(set), { metadata: { annotations }, spec: { minReadySeconds: minReady } }, 'deployment-controller')
    markRevision(rollout, annotations[revisionKey]!)
    if (!deployment.status?.conditions?.some((condition: { type: string }) => condition.type === 'Progressing')) markProgress(rollout, 'FoundNewReplicaSet', `Found new replica set "${set.metadata.name}"`)
    rollout.newSet = cluster.view.get('ReplicaSet', set.metadata.namespace ?? '', set.metadata.name)
    return true
  }
  const collisions = (deployment.status?.collisionCount ?? 0) as number
  const bare = templateWithoutHash(deployment.spec.template)
  const hash = templateHash(collisions > 0 ? [bare, collisions] : bare)
  const template = { ...deployment.spec.template, metadata: { ...deployment.spec.template.metadata, labels: { ...deployment.spec.template.metadata?.labels, [hashLabel]: hash } } }
  const name = `${deployment.metadata.name}-${hash}`
  const size = deployment.spec.strategy?.type === 'Recreate' ? deployment.spec.replicas : newSetSize(deployment.spec.replicas, surgeOf(deployment), wanted(old), 0)
  const set: K8sObject = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      namespace: deployment.metadata.namespace,
      labels: template.metadata.labels,
      annotations: { ...copiedAnnotations(deployment), ...sizeAnnotations(deployment), [revisionKey]: revision },
      ownerReferences: [ownedBy(deployment)],
    },
    spec: {
      replicas: size,
      ...(deployment.spec.minReadySeconds ? { minReadySeconds: deployment.spec.minReadySeconds } : {}),
      selector: { ...deployment.spec.selector, matchLabels: { ...deployment.spec.selector?.matchLabels, [hashLabel]: hash } },
      template,
    },
  }
  const result = cluster.api.create(set, 'deployment-controller')
  if ('error' in result && result.error.reason === 'AlreadyExists') {
    // Somebody else's set has the name: the next hash is another one.
    cluster.api.setStatus(refOf(deployment), { ...deployment.status, collisionCount: collisions + 1 })
    return false
  }
  if ('error' in result) {
    const message = `Failed to create new replica set "${name}": ${result.error.message}`
    cluster.event(deployment, { type: 'Warning', reason: 'ReplicaSetCreateError', component: 'deployment-controller', message })
    markProgress(rollout, 'ReplicaSetCreateError', message, 'False')
    return false
  }
  if (size > 0) cluster.event(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', component: 'deployment-controller', message: `Scaled up replica set ${name} from 0 to ${size}` })
  markRevision(rollout, revision)
  markProgress(rollout, 'NewReplicaSetCreated', `Created new replica set "${name}"`)
  rollout.newSet = result.object
  rollout.sets = [...rollout.sets, result.object]
  return true
}

function markRevision(rollout: Rollout, revision: string): void {
  if (rollout.deployment.metadata.annotations?.[revisionKey] === revision) return
  rollout.cluster.api.patch(refOf(rollout.deployment), { metadata: { annotations: { [revisionKey]: revision } } }, 'deployment-controller')
  rollout.deployment = reread(rollout).deployment
}

function markProgress(rollout: Rollout, reason: string, message: string, status: 'True' | 'False' | 'Unknown' = 'True'): void {
  const { cluster, deployment } = rollout
  const deadline = progressDeadline(deployment)
  if (deadline === undefined) return
  const now = cluster.timestamp()
  const conditions = setCondition(deployment.status?.conditions, { type: 'Progressing', status, reason, message, lastUpdateTime: now }, now)
  cluster.api.setStatus(refOf(deployment), { ...deployment.status, conditions })
  rollout.deployment = reread(rollout).deployment
  if (status !== 'False') cluster.wake('deployment', rollout.key, cluster.now + deadline * 1000 + 1000)
}

/** A pause and its end are told in Progressing, the end so that the deadline counts from it; a deadline that was exceeded stays told during a pause (checkPausedConditions). */
function markPausedOrResumed(rollout: Rollout): void {
  const reason = rollout.deployment.status?.conditions?.find((condition: { type: string }) => condition.type === 'Progressing')?.reason as string | undefined
  if (reason === 'ProgressDeadlineExceeded') return
  if (rollout.deployment.spec.paused && reason !== 'DeploymentPaused') markProgress(rollout, 'DeploymentPaused', 'Deployment is paused', 'Unknown')
  if (!rollout.deployment.spec.paused && reason === 'DeploymentPaused') markProgress(rollout, 'DeploymentResumed', 'Deployment is resumed', 'Unknown')
}

/** Brings the sets to the Deployment's new size without rolling (sync.go:scale). */
function scale(rollout: Rollout): void {
  const { deployment, newSet } = rollout
  const replicas = deployment.spec.replicas as number
  const active = rollout.sets.filter((set) => set.spec.replicas > 0)
  const only = active.length === 1 ? active[0] : active.length === 0 ? (newSet ?? rollout.sets.at(-1)) : undefined
  if (only) {
    resize(rollout, only, replicas)
    return
  }
  if (active.length === 0) return
  const isSaturated = newSet && newSet.spec.replicas === replicas && Number(newSet.metadata.annotations?.[desiredKey]) === replicas && newSet.status?.availableReplicas === replicas
  if (isSaturated) {
    for (const set of oldSets(rollout)) if (set.spec.replicas > 0) resize(rollout, set, 0)
    return
  }
  if (deployment.spec.strategy?.type === 'Recreate') return
  const surge = surgeOf(deployment)
  const grows = (replicas > 0 ? replicas + surge : 0) > wanted(active)
  const sorted = active.sort((a, b) => b.spec.replicas - a.spec.replicas || (grows ? byAge(b, a) : byAge(a, b)))
  const sizes = proportionalSizes(replicas, surge, sorted.map((set) => ({ wanted: set.spec.replicas, available: set.status?.availableReplicas ?? 0, maxReplicas: Number(set.metadata.annotations?.[maxKey] ?? deployment.status?.replicas ?? replicas) })))
  sorted.forEach((set, i) => resize(rollout, set, sizes[i]!))
}

/** One step of a rolling update; false when the new set could not be made. */
function roll(rollout: Rollout): boolean {
  if (!useNewSet(rollout) || !rollout.newSet) return false
  const { deployment } = rollout
  const replicas = deployment.spec.replicas as number
  const newSet = rollout.newSet
  const old = oldSets(rollout)
  const size = newSet.spec.replicas > replicas ? replicas : newSet.spec.replicas === replicas ? replicas : newSetSize(replicas, surgeOf(deployment), wanted(old) + newSet.spec.replicas, newSet.spec.replicas)
  if (resize(rollout, newSet, size)) return true
  const { unavailable } = fenceposts(deployment.spec.strategy?.rollingUpdate?.maxSurge, deployment.spec.strategy?.rollingUpdate?.maxUnavailable, replicas)
  const measure = (set: K8sObject): { wanted: number; available: number } => ({ wanted: set.spec.replicas, available: set.status?.availableReplicas ?? 0 })
  const sizes = oldSetSizes(replicas, Math.min(unavailable, replicas), old.map(measure), measure(newSet))
  old.forEach((set, i) => {
    if (set.spec.replicas !== sizes[i]) resize(rollout, set, sizes[i]!)
  })
  return true
}

/** One step of Recreate; false when the new set could not be made. */
function recreate(rollout: Rollout): boolean {
  const { cluster } = rollout
  const old = oldSets(rollout)
  const shrunk = old.filter((set) => set.spec.replicas > 0).map((set) => resize(rollout, set, 0))
  if (shrunk.some(Boolean)) return true
  const stillThere = old.some((set) => cluster.view.owned(set.metadata.uid ?? '', 'Pod').some((pod) => !isPodTerminal(pod)))
  if (stillThere) return true
  if (!useNewSet(rollout) || !rollout.newSet) return false
  if (rollout.newSet.spec.replicas !== rollout.deployment.spec.replicas) resize(rollout, rollout.newSet, rollout.deployment.spec.replicas)
  return true
}

/** Deletes empty old sets beyond revisionHistoryLimit, oldest revision first (cleanupDeployment). */
function cleanUp(rollout: Rollout): void {
  const limit = (rollout.deployment.spec.revisionHistoryLimit ?? 10) as number
  const idle = oldSets(rollout).filter((set) => !set.metadata.deletionTimestamp)
  const excess = idle.length - limit
  if (excess <= 0) return
  for (const set of idle.sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, excess)) {
    if ((set.status?.replicas ?? 0) === 0 && set.spec.replicas === 0) rollout.cluster.api.delete(refOf(set), { propagation: 'Background' })
  }
}
