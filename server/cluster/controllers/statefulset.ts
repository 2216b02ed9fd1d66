/** StatefulSet: pods with names and disks of their own, in order (pkg/controller/statefulset/stateful_set_control.go). */
import type { Millis } from '../../k8s/duration.ts'
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText, keyOf, refOf } from '../../k8s/object.ts'
import type { Cluster, Controller } from '../types.ts'
import { equal, isPodAvailable, isPodReady, isPodTerminal, ownedBy } from '../pods.ts'
import { claim, claimants } from './claim.ts'
import { instantOf, parseKey } from './keys.ts'
import { podFromTemplate } from './pod-from-template.ts'
import { retryDelay } from './replicaset.ts'
import { currentRevision as recordedRevision, revisionLabel, templateOf, trimRevisions } from './revisions.ts'
import { scaledValue } from './deployment/arithmetic.ts'

const component = 'statefulset-controller'

/** Per set: how often it failed in a row, and when it is looked at again. */
type Failures = Map<string, { count: number; next: Millis }>

/** Makes the controller; it counts the refusals of each set for its back-off, so one instance serves one cluster. */
export function createStatefulSetController(): Controller {
  const failures: Failures = new Map()
  return {
  name: 'statefulset',
  source: 'pkg/controller/statefulset/stateful_set_control.go:UpdateStatefulSet, updateStatefulSet; stateful_pod_control.go, stateful_set_utils.go',
  about: 'Creates pods and claims by ordinal, OrderedReady and Parallel, ordinals.start, RollingUpdate with partition from the highest ordinal, OnDelete, minReadySeconds, and the claim retention policy. A broken revision blocks under OrderedReady even after it is reverted, as in a real cluster. Templates are kept as ControllerRevisions, revisionHistoryLimit of them. Pods are adopted and released by label, and by their names. Not modelled: maxUnavailable (its gate is off).',
  keys: (change, cluster) => (change.object.kind === 'StatefulSet' ? [keyOf(change.object)] : change.object.kind === 'Pod' ? claimants(change, 'StatefulSet', cluster) : []),
  reconcile(key, cluster) {
    const { namespace, name } = parseKey(key)
    const set = cluster.view.get('StatefulSet', namespace, name)
    if (set && !set.metadata.deletionTimestamp) sync(key, set, cluster, failures)
  },
  }
}

/** The ordinal in `name-3`, or -1. */
export function ordinalOf(pod: K8sObject): number {
  const match = /-(\d+)$/.exec(pod.metadata.name)
  return match ? Number(match[1]) : -1
}

/** Only pods called after the set are its own (isMemberOf). */
function isMember(set: K8sObject, pod: K8sObject): boolean {
  return ordinalOf(pod) >= 0 && pod.metadata.name.replace(/-\d+$/, '') === set.metadata.name
}

type Sync = { key: string; set: K8sObject; cluster: Cluster; pods: K8sObject[]; updateRevision: string; currentRevision: string; failures: Failures }

function sync(key: string, set: K8sObject, cluster: Cluster, failures: Failures): void {
  const recorded = recordedRevision(set, cluster)
  const updateRevision = recorded.metadata.name
  const pods = [...claim(set, 'Pod', cluster, { fits: (pod) => isMember(set, pod) })].sort((a, b) => ordinalOf(a) - ordinalOf(b))
  const work: Sync = { key, set, cluster, pods, updateRevision, currentRevision: set.status?.currentRevision ?? updateRevision, failures }
  const refusals = failures.get(key)
  act(work)
  if (failures.get(key) === refusals) failures.delete(key)
  writeStatus(work)
  const used = new Set([work.currentRevision, ...pods.map((pod) => pod.metadata.labels?.[revisionLabel])])
  trimRevisions(set, recorded, (revision) => used.has(revision.metadata.name), cluster)
}

function isHealthy(pod: K8sObject | undefined): boolean {
  return pod !== undefined && pod.status?.phase === 'Running' && isPodReady(pod) && !pod.metadata.deletionTimestamp
}

/** Healthy, and ready for as long as minReadySeconds asks (the opposite of isUnavailable). */
function isSteady(pod: K8sObject, work: Sync): boolean {
  return isHealthy(pod) && availableBy(pod, (work.set.spec.minReadySeconds ?? 0) as number, work)
}

/** One pass over the ordinals (updateStatefulSet): create what is missing, remove what is too much, then update. */
function act(work: Sync): void {
  const { set, cluster } = work
  const start = (set.spec.ordinals?.start ?? 0) as number
  const end = start + (set.spec.replicas as number)
  const byOrdinal = new Map(work.pods.map((pod) => [ordinalOf(pod), pod]))
  const isOrdered = set.spec.podManagementPolicy !== 'Parallel'
  for (let i = start; i < end; i++) {
    const pod = byOrdinal.get(i)
    if (pod && isPodTerminal(pod)) {
      if (!pod.metadata.deletionTimestamp) remove(work, pod)
      if (cluster.view.get('Pod', pod.metadata.namespace ?? '', pod.metadata.name)) {
        if (isOrdered) return
        continue
      }
    } else if (pod) {
      // A claim that went away before the pod could use it is made again.
      if (pod.status?.phase === 'Pending' && createClaims(work, pod.metadata.name).length > 0) return retry(work)
      if (isOrdered && !isSteady(pod, work)) return
      continue
    }
    if (!createPod(work, i)) return
    if (isOrdered) return
  }
  const condemned = work.pods.filter((pod) => ordinalOf(pod) < start || ordinalOf(pod) >= end).sort((a, b) => ordinalOf(b) - ordinalOf(a))
  const firstUnavailable = condemned.findLast((pod) => !isSteady(pod, work))
  for (const pod of condemned) {
    if (pod.metadata.deletionTimestamp) {
      if (isOrdered) return
      continue
    }
    if (isOrdered && !isSteady(pod, work) && firstUnavailable !== pod) return
    remove(work, pod)
    if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled === 'Delete') for (const template of claimTemplates(set)) cluster.api.delete({ kind: 'PersistentVolumeClaim', namespace: set.metadata.namespace ?? '', name: `${template.metadata.name}-${pod.metadata.name}` })
    if (isOrdered) return
  }
  if (set.spec.updateStrategy?.type !== 'OnDelete') rollOut(work, start, end, byOrdinal)
}

function availableBy(pod: K8sObject, minReady: number, { cluster, key }: Sync): boolean {
  if (isPodAvailable(pod, minReady, cluster.timestamp())) return true
  const since = pod.status?.conditions?.find((condition: { type: string }) => condition.type === 'Ready' && isPodReady(pod))?.lastTransitionTime
  if (since !== undefined) cluster.wake('statefulset', key, Math.max(cluster.now + 1, instantOf(cluster, since) + minReady * 1000))
  return false
}

function remove({ set, cluster }: Sync, pod: K8sObject): void {
  const { error } = cluster.api.delete(refOf(pod))
  if (!error) cluster.event(set, { type: 'Normal', reason: 'SuccessfulDelete', component, message: `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful` })
}

/** Highest ordinal first: replace one pod of an old revision, wait until every newer one is healthy. */
function rollOut(work: Sync, start: number, end: number, byOrdinal: Map<number, K8sObject>): void {
  const { set } = work
  const partition = scaledValue(set.spec.updateStrategy?.rollingUpdate?.partition ?? 0, end - start, false)
  for (let i = end - 1; i >= start + partition; i--) {
    const pod = byOrdinal.get(i)
    if (!pod) return
    if (pod.metadata.labels?.[revisionLabel] !== work.updateRevision && !pod.metadata.deletionTimestamp) {
      remove(work, pod)
      return
    }
    if (!isSteady(pod, work)) return
  }
}

function claimTemplates(set: K8sObject): K8sObject[] {
  return (set.spec.volumeClaimTemplates ?? []) as K8sObject[]
}

/** A pod below the partition, or one recreated in mid-update, gets the old template while that revision is known (newVersionedStatefulSetPod). */
function revisionFor(work: Sync, ordinal: number): { name: string; template: K8sObject } {
  const { set, cluster } = work
  const start = (set.spec.ordinals?.start ?? 0) as number
  const partition = scaledValue(set.spec.updateStrategy?.rollingUpdate?.partition ?? 0, set.spec.replicas, false)
  const old = cluster.view.get('ControllerRevision', set.metadata.namespace ?? '', work.currentRevision)
  const keepsOld = set.spec.updateStrategy?.type !== 'OnDelete' && ordinal < start + partition && work.currentRevision !== work.updateRevision
  return keepsOld && old ? { name: work.currentRevision, template: templateOf(old) } : { name: work.updateRevision, template: set.spec.template }
}

function createPod(work: Sync, ordinal: number): boolean {
  const { set, cluster } = work
  const name = `${set.metadata.name}-${ordinal}`
  const revision = revisionFor(work, ordinal)
  const pod = podFromTemplate(set, revision.template, name)
  pod.metadata.generateName = `${set.metadata.name}-`
  pod.metadata.labels = { ...pod.metadata.labels, 'statefulset.kubernetes.io/pod-name': name, 'apps.kubernetes.io/pod-index': String(ordinal), [revisionLabel]: revision.name }
  pod.spec.hostname = name
  pod.spec.subdomain = set.spec.serviceName
  const fromTemplates = claimTemplates(set).map((template): Fields => ({ name: template.metadata.name, persistentVolumeClaim: { claimName: `${template.metadata.name}-${name}` } }))
  pod.spec.volumes = [...(pod.spec.volumes ?? []).filter((volume: Fields) => !fromTemplates.some((other) => other.name === volume.name)), ...fromTemplates]
  const problems = createClaims(work, name)
  if (problems.length > 0) {
    // A claim that goes with the pod it was for is waited for in silence (PodClaimIsStale).
    if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') cluster.event(set, { type: 'Warning', reason: 'FailedCreate', component, message: `create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`}` })
    retry(work)
    return false
  }
  const result = cluster.api.create(pod, component)
  if ('error' in result) {
    if (result.error.reason !== 'AlreadyExists') cluster.event(set, { type: 'Warning', reason: 'FailedCreate', component, message: `create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${result.error.message}` })
    retry(work)
    return false
  }
  cluster.event(set, { type: 'Normal', reason: 'SuccessfulCreate', component, message: `create Pod ${name} in StatefulSet ${set.metadata.name} successful` })
  return true
}

/** Makes the claims of a pod that are not there, and tells what stands in the way of it (createPersistentVolumeClaims). */
function createClaims({ set, cluster }: Sync, pod: string): string[] {
  const problems: string[] = []
  for (const template of claimTemplates(set)) {
    const claimName = `${template.metadata.name}-${pod}`
    const known = cluster.view.get('PersistentVolumeClaim', set.metadata.namespace ?? '', claimName)
    if (known?.metadata.deletionTimestamp) problems.push(`pvc ${claimName} is being deleted`)
    if (known) continue
    const deletedWithSet = set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete'
    const { status: _status, ...rest } = template
    const result = cluster.api.create({ ...rest, apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { ...template.metadata, name: claimName, namespace: set.metadata.namespace, labels: { ...template.metadata.labels, ...set.spec.selector?.matchLabels }, ...(deletedWithSet ? { ownerReferences: [ownedBy(set)] } : {}) } }, component)
    if ('error' in result) {
      cluster.event(set, { type: 'Warning', reason: 'FailedCreate', component, message: `create Claim ${claimName} for Pod ${pod} in StatefulSet ${set.metadata.name} failed error: ${result.error.message}` })
      problems.push(`failed to create PVC ${claimName}: ${result.error.message}`)
    } else cluster.event(set, { type: 'Normal', reason: 'SuccessfulCreate', component, message: `create Claim ${claimName} Pod ${pod} in StatefulSet ${set.metadata.name} success` })
  }
  return problems
}

/** Tries again after 5 ms, 10 ms, 20 ms … up to 1000 s, as all controllers do; of two times asked for, the earlier holds (workqueue's AddRateLimited). */
function retry({ key, cluster, failures }: Sync): void {
  const { count, next } = failures.get(key) ?? { count: 0, next: 0 }
  const at = next > cluster.now ? next : cluster.now + retryDelay(count)
  failures.set(key, { count: count + 1, next: at })
  cluster.wake('statefulset', key, at)
}

function writeStatus({ key, set, cluster, updateRevision, currentRevision, failures }: Sync): void {
  const pods = cluster.view.owned(set.metadata.uid ?? '', 'Pod')
  const minReady = (set.spec.minReadySeconds ?? 0) as number
  const living = pods.filter((pod) => !pod.metadata.deletionTimestamp && !isPodTerminal(pod))
  const of = (revision: string): number => living.filter((pod) => pod.metadata.labels?.[revisionLabel] === revision).length
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod))
  const updated = of(updateRevision)
  const replicas = set.spec.replicas as number
  const isDone = set.spec.updateStrategy?.type !== 'OnDelete' && updated === replicas && pods.length === replicas && ready.length === replicas
  const status: Fields = {
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter((pod) => isPodAvailable(pod, minReady, cluster.timestamp())).length,
    currentReplicas: isDone ? updated : of(currentRevision),
    updatedReplicas: updated,
    currentRevision: isDone ? updateRevision : currentRevision,
    updateRevision,
    collisionCount: 0,
  }
  if (minReady > 0) for (const pod of [...ready].sort((a, b) => compareText(a.metadata.name, b.metadata.name))) availableBy(pod, minReady, { key, set, cluster, pods: [], updateRevision, currentRevision, failures })
  if (!equal(set.status ?? {}, status)) cluster.api.setStatus(refOf(set), status)
}
