/** What people do to a cluster with kubectl beyond apply and delete: drain, cordon, scale, rollout. Each gives the lines kubectl prints. */
import type { Fields, K8sObject, Ref } from '../k8s/object.ts'
import { refOf } from '../k8s/object.ts'
import type { Millis } from '../k8s/duration.ts'
import { goDuration } from '../k8s/duration.ts'
import type { Cluster } from './types.ts'
import { notFound } from './admission/refusal.ts'
import { revisionOf } from './controllers/deployment/index.ts'
import { templateOf } from './controllers/revisions.ts'
import { equal, controllerOf, isPodTerminal } from './pods.ts'
import { groupResource } from './resources.ts'

/** Lines for standard output and standard error, in the order printed. */
export type Printed = { output: string[]; errors: string[]; exitCode: number }

function said(...output: string[]): Printed {
  return { output, errors: [], exitCode: 0 }
}

function refused(...errors: string[]): Printed {
  return { output: [], errors, exitCode: 1 }
}

/** `deployment.apps/web`. */
export function printedName(ref: { kind: string; name: string }): string {
  const group = groupResource(ref.kind).split('.').slice(1).join('.')
  return `${ref.kind.toLowerCase()}${group ? `.${group}` : ''}/${ref.name}`
}

function missing(ref: Ref): Printed {
  return refused(`Error from server (NotFound): ${notFound(ref.kind, ref.name).message}`)
}

function patched(cluster: Cluster, ref: Ref, merge: Fields, done: string): Printed {
  const result = cluster.api.patch(ref, merge)
  if (!('error' in result)) return said(`${printedName(ref)} ${done}`)
  return refused(result.error.reason === 'Invalid' ? `The ${result.error.message.replace(/^(\w+)\S* /, '$1 ')}` : `Error from server (${result.error.reason}): ${result.error.message}`)
}

export function scale(cluster: Cluster, ref: Ref, replicas: number): Printed {
  return patched(cluster, ref, { spec: { replicas } }, 'scaled')
}

/** Sets or clears spec.unschedulable; a second time says that nothing changed. */
export function cordon(cluster: Cluster, name: string, on: boolean): Printed {
  const node = cluster.view.get('Node', '', name)
  if (!node) return missing({ kind: 'Node', namespace: '', name })
  const word = on ? 'cordoned' : 'uncordoned'
  if (Boolean(node.spec?.unschedulable) === on) return said(`node/${name} already ${word}`)
  const { unschedulable: _old, ...spec } = node.spec ?? {}
  cluster.put({ ...node, spec: on ? { ...spec, unschedulable: true } : spec })
  return said(`node/${name} ${word}`)
}

/** `kubectl set image`; without a container, all of them. */
export function setImage(cluster: Cluster, ref: Ref, image: string, container?: string): Printed {
  const live = cluster.view.get(ref.kind, ref.namespace, ref.name)
  if (!live) return missing(ref)
  const containers = (live.spec.template.spec.containers as Fields[]).map((item) => (container === undefined || item.name === container ? { ...item, image } : item))
  if (container !== undefined && !containers.some((item) => item.name === container)) return refused(`error: unable to find container named "${container}"`)
  return patched(cluster, ref, { spec: { template: { spec: { containers } } } }, 'image updated')
}

/** `kubectl rollout restart`: an annotation on the template makes a new version of it. */
export function restart(cluster: Cluster, ref: Ref): Printed {
  const live = cluster.view.get(ref.kind, ref.namespace, ref.name)
  if (!live) return missing(ref)
  if (live.spec?.paused) return refused(`error: ${ref.kind.toLowerCase()}s.${groupResource(ref.kind).split('.').slice(1).join('.')} "${ref.name}" can't restart paused deployment (run rollout resume first)`)
  const stamp = cluster.timestamp()
  const again = live.spec.template?.metadata?.annotations?.['kubectl.kubernetes.io/restartedAt'] === stamp
  if (again) return refused(`error: failed to create patch for ${ref.name}: if restart has already been triggered within the past second, please wait before attempting to trigger another`)
  return patched(cluster, ref, { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': stamp } } } } }, 'restarted')
}

type Revision = { number: number; template: K8sObject; cause: string }

/** Revisions that can be gone back to, oldest first. */
export function history(cluster: Cluster, ref: Ref): Revision[] {
  const live = cluster.view.get(ref.kind, ref.namespace, ref.name)
  const uid = live?.metadata.uid ?? ''
  const cause = (object: K8sObject): string => object.metadata.annotations?.['kubernetes.io/change-cause'] ?? '<none>'
  const revisions: Revision[] = ref.kind === 'Deployment'
    ? cluster.view.owned(uid, 'ReplicaSet').map((set) => ({ number: revisionOf(set), template: withoutHash(set.spec.template), cause: cause(set) }))
    : cluster.view.owned(uid, 'ControllerRevision').map((item) => ({ number: item.revision as number, template: templateOf(item), cause: cause(item) }))
  return revisions.sort((a, b) => a.number - b.number)
}

function withoutHash(template: K8sObject): K8sObject {
  const { 'pod-template-hash': _hash, ...labels } = template.metadata?.labels ?? {}
  return { ...template, metadata: { ...template.metadata, labels } }
}

/** `kubectl rollout undo`: the template of the revision before the last, or of the one named. */
export function undo(cluster: Cluster, ref: Ref, toRevision = 0): Printed {
  const live = cluster.view.get(ref.kind, ref.namespace, ref.name)
  if (!live) return missing(ref)
  const revisions = history(cluster, ref)
  if (ref.kind !== 'Deployment' && toRevision === 0 && revisions.length <= 1) return refused('error: no last revision to roll back to')
  const chosen = toRevision === 0 ? revisions.at(-2) : revisions.find((revision) => revision.number === toRevision)
  if (!chosen) return refused(toRevision === 0 ? `error: no rollout history found for ${ref.kind.toLowerCase()} "${ref.name}"` : `error: unable to find specified revision ${toRevision} in history`)
  if (live.spec.paused) return refused(`error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again`)
  if (equal(withoutHash(live.spec.template), chosen.template)) return said(`${printedName(ref)} skipped rollback (current template already matches revision ${chosen.number})`)
  const result = cluster.api.update({ ...live, spec: { ...live.spec, template: chosen.template } })
  return 'error' in result ? refused(`Error from server (${result.error.reason}): ${result.error.message}`) : said(`${printedName(ref)} rolled back`)
}

/** One line of `kubectl rollout status`: what it waits for, or that it is done or has failed (polymorphichelpers/rollout_status.go). */
export function rolloutStatus(cluster: Cluster, ref: Ref): { line: string; done: boolean; failed: boolean } {
  const live = cluster.view.get(ref.kind, ref.namespace, ref.name)
  const waits = (line: string): { line: string; done: boolean; failed: boolean } => ({ line, done: false, failed: false })
  const fails = (line: string): { line: string; done: boolean; failed: boolean } => ({ line, done: true, failed: true })
  const ends = (line: string): { line: string; done: boolean; failed: boolean } => ({ line, done: true, failed: false })
  if (!live) return fails(`Error from server (NotFound): ${notFound(ref.kind, ref.name).message}`)
  const status = live.status ?? {}
  const replicas = (live.spec?.replicas ?? 1) as number
  const stale = (live.metadata.generation ?? 0) > (status.observedGeneration ?? 0)
  if (live.kind === 'Deployment') {
    if (stale) return waits('Waiting for deployment spec update to be observed...')
    if (status.conditions?.some((condition: Fields) => condition.type === 'Progressing' && condition.reason === 'ProgressDeadlineExceeded')) return fails(`error: deployment "${ref.name}" exceeded its progress deadline`)
    const updated = (status.updatedReplicas ?? 0) as number
    const wait = (what: string): { line: string; done: boolean; failed: boolean } => waits(`Waiting for deployment "${ref.name}" rollout to finish: ${what}...`)
    if (updated < replicas) return wait(`${updated} out of ${replicas} new replicas have been updated`)
    if ((status.replicas ?? 0) > updated) return wait(`${status.replicas - updated} old replicas are pending termination`)
    if ((status.availableReplicas ?? 0) < updated) return wait(`${status.availableReplicas ?? 0} of ${updated} updated replicas are available`)
    return ends(`deployment "${ref.name}" successfully rolled out`)
  }
  if (live.kind === 'DaemonSet') {
    if (live.spec.updateStrategy?.type === 'OnDelete') return fails('error: rollout status is only available for RollingUpdate strategy type')
    if (stale) return waits('Waiting for daemon set spec update to be observed...')
    if (status.updatedNumberScheduled < status.desiredNumberScheduled) return waits(`Waiting for daemon set "${ref.name}" rollout to finish: ${status.updatedNumberScheduled} out of ${status.desiredNumberScheduled} new pods have been updated...`)
    if (status.numberAvailable < status.desiredNumberScheduled) return waits(`Waiting for daemon set "${ref.name}" rollout to finish: ${status.numberAvailable} of ${status.desiredNumberScheduled} updated pods are available...`)
    return ends(`daemon set "${ref.name}" successfully rolled out`)
  }
  if (live.spec.updateStrategy?.type === 'OnDelete') return fails('error: rollout status is only available for RollingUpdate strategy type')
  if (stale) return waits('Waiting for statefulset spec update to be observed...')
  if ((status.readyReplicas ?? 0) < replicas) return waits(`Waiting for ${replicas - (status.readyReplicas ?? 0)} pods to be ready...`)
  // The server fills in partition 0, so that kubectl speaks of a partitioned roll out even where nobody asked for one.
  const partition = live.spec.updateStrategy?.rollingUpdate?.partition as number | undefined
  if (partition !== undefined) return status.updatedReplicas < replicas - partition ? waits(`Waiting for partitioned roll out to finish: ${status.updatedReplicas} out of ${replicas - partition} new pods have been updated...`) : ends(`partitioned roll out complete: ${status.updatedReplicas} new pods have been updated...`)
  if (status.updateRevision !== status.currentRevision) return waits(`waiting for statefulset rolling update to complete ${status.updatedReplicas} pods at revision ${status.updateRevision}...`)
  return ends(`statefulset rolling update complete ${status.currentReplicas} pods at revision ${status.currentRevision}...`)
}

export type DrainOptions = { timeoutMs?: Millis; ignoreDaemonSets?: boolean; deleteEmptyDirData?: boolean; force?: boolean; disableEviction?: boolean; /** Instead of the pods' own. */ graceSeconds?: number; /** Only these pods. */ only?: (pod: K8sObject) => boolean }
/** A drain in progress; `lines` grows as time passes. `outcome` is set once it ended. */
export type Drain = { lines: string[]; outcome?: 'drained' | 'refused' | 'timeout'; endedAt?: Millis }

type Sorted = { evict: K8sObject[]; warnings: string[]; refusals: string[] }

/** Which pods go, which are left with a warning, and what forbids the drain (kubectl/pkg/drain/filters.go). */
export function podsToDrain(cluster: Cluster, node: string, options: DrainOptions): Sorted {
  const evict: K8sObject[] = []
  const groups = { daemon: [] as string[], storage: [] as string[], bare: [] as string[], forced: [] as string[], ignored: [] as string[] }
  for (const pod of cluster.view.list('Pod').filter((item) => item.spec?.nodeName === node && (options.only?.(item) ?? true))) {
    const name = `${pod.metadata.namespace}/${pod.metadata.name}`
    const owner = controllerOf(pod)
    if (pod.metadata.annotations?.['kubernetes.io/config.mirror']) continue
    if (owner?.kind === 'DaemonSet' && !isPodTerminal(pod)) {
      if (cluster.view.get('DaemonSet', pod.metadata.namespace ?? '', owner.name)) {
        groups[options.ignoreDaemonSets ? 'ignored' : 'daemon'].push(name)
        continue
      }
    }
    const hasLocal = (pod.spec?.volumes ?? []).some((volume: Fields) => volume.emptyDir)
    if (hasLocal && !isPodTerminal(pod) && !options.deleteEmptyDirData) groups.storage.push(name)
    else if (!owner && !isPodTerminal(pod) && !options.force) groups.bare.push(name)
    else {
      if (!owner && !isPodTerminal(pod)) groups.forced.push(name)
      evict.push(pod)
    }
  }
  const refusals = [
    ...(groups.daemon.length > 0 ? [`cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): ${groups.daemon.join(', ')}`] : []),
    ...(groups.storage.length > 0 ? [`cannot delete Pods with local storage (use --delete-emptydir-data to override): ${groups.storage.join(', ')}`] : []),
    ...(groups.bare.length > 0 ? [`cannot delete Pods that declare no controller (use --force to override): ${groups.bare.join(', ')}`] : []),
  ]
  const notes = [...(groups.ignored.length > 0 ? [`ignoring DaemonSet-managed Pods: ${groups.ignored.join(', ')}`] : []), ...(groups.forced.length > 0 ? [`deleting Pods that declare no controller: ${groups.forced.join(', ')}`] : [])]
  return { evict, warnings: notes.length > 0 ? [`Warning: ${notes.join('; ')}`] : [], refusals }
}

const retryMs = 5000
const pollMs = 1000

/** `kubectl drain`: cordons, then evicts every pod, retrying refused evictions every 5 s until done or timed out. */
export function drain(cluster: Cluster, node: string, options: DrainOptions = {}): Drain {
  const result: Drain = { lines: [...cordon(cluster, node, true).output] }
  if (!cluster.view.get('Node', '', node)) return { lines: [`Error from server (NotFound): nodes "${node}" not found`], outcome: 'refused', endedAt: cluster.now }
  const { evict, warnings, refusals } = podsToDrain(cluster, node, options)
  if (refusals.length > 0) {
    result.lines.push(...refusedDrain(node, refusals))
    return Object.assign(result, { outcome: 'refused', endedAt: cluster.now })
  }
  result.lines.push(...warnings)
  const deadline = options.timeoutMs ? cluster.now + options.timeoutMs : undefined
  const left = new Set(evict.map((pod) => pod.metadata.uid))
  const evicted = new Set<string | undefined>()
  const errors = new Map<string | undefined, string>()
  const giveUp = (outcome: 'refused' | 'timeout'): void => {
    const pending = evict.filter((pod) => left.has(pod.metadata.uid))
    const texts = [...new Set(pending.map((pod) => errors.get(pod.metadata.uid)!))]
    result.lines.push(`There are pending pods in node "${node}" when an error occurred: ${aggregated(texts)}`, ...pending.map((pod) => `pod/${pod.metadata.name}`), ...refusedDrain(node, texts))
    Object.assign(result, { outcome, endedAt: cluster.now })
  }
  const timeOut = (): void => {
    if (result.outcome) return
    const reached = `global timeout reached: ${goDuration(options.timeoutMs ?? 0)}`
    for (const { metadata: { uid, name, namespace } } of evict) if (left.has(uid) && !errors.has(uid)) errors.set(uid, options.disableEviction ? reached : evicted.has(uid) ? `error when waiting for pod "${name}" in namespace "${namespace}" to terminate: ${reached}` : `error when evicting pods/"${name}" -n "${namespace}": ${reached}`)
    giveUp('timeout')
  }
  /** The drain waits for every pod, whatever became of the others, and tells of errors at the end (drain.go:evictPods). */
  const settle = (): void => {
    if (left.size === 0) end(cluster, result, node)
    else if (left.size === errors.size) giveUp('refused')
  }
  const finish = (pod: K8sObject): void => {
    result.lines.push(`pod/${pod.metadata.name} ${options.disableEviction ? 'deleted' : 'evicted'}`)
    left.delete(pod.metadata.uid)
    settle()
  }
  const fail = (pod: K8sObject, text: string): void => {
    errors.set(pod.metadata.uid, text)
    settle()
  }
  if (evict.length === 0) end(cluster, result, node)
  for (const pod of evict) attempt(cluster, pod, result, deadline, options, { finish, fail, timeOut, evicted: () => void evicted.add(pod.metadata.uid) })
  return result
}

/** What kubectl says about a node it could not drain: one error has its prefix, several stand as they are (cmd/drain/drain.go:RunDrain, util/helpers.go:MultipleErrors). */
export function refusedDrain(node: string, errors: readonly string[]): string[] {
  return [`error: unable to drain node "${node}" due to error: ${aggregated(errors)}, continuing command...`, 'There are pending nodes to be drained:', ` ${node}`, ...errors.map((text) => (errors.length === 1 ? `error: ${text}` : text))]
}

/** How Go prints an aggregate of errors. */
function aggregated(errors: readonly string[]): string {
  return errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`
}

function end(cluster: Cluster, result: Drain, node: string): void {
  if (result.outcome) return
  result.lines.push(`node/${node} drained`)
  result.outcome = 'drained'
  result.endedAt = cluster.now
}

/** What one pod's eviction tells the drain. */
type Progress = { finish(pod: K8sObject): void; fail(pod: K8sObject, text: string): void; evicted(): void; timeOut(): void }

function attempt(cluster: Cluster, pod: K8sObject, result: Drain, deadline: Millis | undefined, options: DrainOptions, progress: Progress): void {
  const { finish, timeOut } = progress
  if (result.outcome) return
  const ref = refOf(pod)
  const isSame = (): boolean => cluster.view.get('Pod', ref.namespace, ref.name)?.metadata.uid === pod.metadata.uid
  if (!options.disableEviction) result.lines.push(`evicting pod ${ref.namespace}/${ref.name}`)
  if (!isSame()) return finish(pod)
  const grace = options.graceSeconds === undefined ? {} : { graceSeconds: options.graceSeconds }
  const { error } = options.disableEviction ? cluster.api.delete(ref, grace) : cluster.api.evict(ref, grace)
  const later = (ms: Millis, work: () => void): void => {
    const at = cluster.now + ms
    if (deadline !== undefined && at >= deadline) cluster.schedule(deadline, 'step', `drain ${ref.name}`, timeOut)
    else cluster.schedule(at, 'step', `drain ${ref.name}`, work)
  }
  if (error?.code === 404) return finish(pod)
  if (error?.code === 429) {
    result.lines.push(`error when evicting pods/"${ref.name}" -n "${ref.namespace}" (will retry after 5s): ${error.message}`)
    return later(retryMs, () => attempt(cluster, pod, result, deadline, options, progress))
  }
  if (error) return progress.fail(pod, `error when evicting pods/"${ref.name}" -n "${ref.namespace}": ${error.message}`)
  progress.evicted()
  const watch = (): void => {
    if (result.outcome) return
    if (!isSame()) finish(pod)
    else later(pollMs, watch)
  }
  later(pollMs, watch)
}

