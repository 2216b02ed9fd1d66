/** DaemonSet: one pod on every node that wants one (pkg/controller/daemon). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText, keyOf, refOf } from '../../k8s/object.ts'
import type { Change, Cluster, Controller } from '../types.ts'
import { equal, isPodAvailable, isPodReady, isPodTerminal } from '../pods.ts'
import { nodeMatches, tolerates } from '../scheduler/affinity.ts'
import { scaledValue } from './deployment/arithmetic.ts'
import { claim, claimants } from './claim.ts'
import { instantOf, parseKey } from './keys.ts'
import { podFromTemplate } from './pod-from-template.ts'
import { currentRevision, revisionLabel, trimRevisions } from './revisions.ts'

const component = 'daemonset-controller'

type Failing = { count: number; until: number }

export function createDaemonSetController(): Controller {
  const failing = new Map<string, Failing>()
  return {
    name: 'daemonset',
    source: 'pkg/controller/daemon/daemon_controller.go:manage, NodeShouldRunDaemonPod; update.go:rollingUpdate, constructHistory',
    about: 'Keeps one pod on every node whose taints and affinity allow it, with the tolerations a daemon gets, placed through node affinity by the scheduler; RollingUpdate with maxUnavailable or maxSurge, OnDelete, minReadySeconds; failed daemon pods are replaced with back-off, finished ones at once. Templates are kept as ControllerRevisions, revisionHistoryLimit of them. Pods are adopted and released by label; of two on a node the older stays.',
    keys: (change, cluster) => keys(change, cluster),
    reconcile(key, cluster) {
      const { namespace, name } = parseKey(key)
      const set = cluster.view.get('DaemonSet', namespace, name)
      if (set && !set.metadata.deletionTimestamp) sync(key, set, cluster, failing)
    },
  }
}

function keys(change: Change, cluster: Cluster): string[] {
  const { object, old, type } = change
  if (object.kind === 'DaemonSet') return [keyOf(object)]
  if (object.kind === 'Pod') return claimants(change, 'DaemonSet', cluster)
  const moved = object.kind === 'Node' && (type !== 'modified' || !equal(old?.spec, object.spec) || !equal(old?.metadata.labels, object.metadata.labels))
  return moved ? cluster.view.list('DaemonSet').map(keyOf) : []
}

/** Tolerations every daemon pod gets (AddOrUpdateDaemonPodTolerations). */
export function daemonTolerations(hostNetwork: boolean): Fields[] {
  const rows: [string, string][] = [['not-ready', 'NoExecute'], ['unreachable', 'NoExecute'], ['disk-pressure', 'NoSchedule'], ['memory-pressure', 'NoSchedule'], ['pid-pressure', 'NoSchedule'], ['unschedulable', 'NoSchedule'], ...(hostNetwork ? [['network-unavailable', 'NoSchedule'] as [string, string]] : [])]
  return rows.map(([name, effect]) => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists', effect }))
}

/** Should a daemon pod run here, and may one that is already here stay (NodeShouldRunDaemonPod)? */
export function nodeWants(set: K8sObject, node: K8sObject): { run: boolean; keep: boolean } {
  const spec = set.spec.template.spec
  if (spec.nodeName && spec.nodeName !== node.metadata.name) return { run: false, keep: false }
  if (!nodeMatches({ ...set, spec }, node)) return { run: false, keep: false }
  const tolerations = [...(spec.tolerations ?? []), ...daemonTolerations(spec.hostNetwork === true)]
  const taints = ((node.spec?.taints ?? []) as Fields[]).filter((taint) => !tolerates(tolerations, taint))
  return { run: !taints.some((taint) => taint.effect !== 'PreferNoSchedule'), keep: !taints.some((taint) => taint.effect === 'NoExecute') }
}

/** The node a daemon pod is for: where it runs, or where its affinity sends it. */
function targetOf(pod: K8sObject): string {
  const term = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.[0]
  return pod.spec?.nodeName ?? term?.matchFields?.find((item: Fields) => item.key === 'metadata.name')?.values?.[0] ?? ''
}

function sync(key: string, set: K8sObject, cluster: Cluster, failing: Map<string, Failing>): void {
  const current = currentRevision(set, cluster)
  const hash = current.metadata.labels![revisionLabel]!
  const nodes = cluster.view.list('Node')
  const byNode = new Map<string, K8sObject[]>()
  const pods = claim(set, 'Pod', cluster).filter((pod) => targetOf(pod) !== '')
  for (const pod of pods) byNode.set(targetOf(pod), [...(byNode.get(targetOf(pod)) ?? []), pod])
  const names = new Set(nodes.map((node) => node.metadata.name))
  for (const [node, pods] of byNode) if (!names.has(node)) for (const pod of pods) if (!pod.metadata.deletionTimestamp) remove(set, pod, cluster)
  for (const node of nodes) manage(key, set, node, byNode.get(node.metadata.name) ?? [], hash, cluster, failing)
  if (set.spec.updateStrategy?.type !== 'OnDelete') rollOut(set, hash, cluster)
  const used = new Set(pods.map((pod) => pod.metadata.labels?.[revisionLabel]))
  trimRevisions(set, current, (revision) => used.has(revision.metadata.labels?.[revisionLabel]), cluster)
  writeStatus(key, cluster.view.get('DaemonSet', set.metadata.namespace ?? '', set.metadata.name) ?? set, hash, cluster)
}

function remove(set: K8sObject, pod: K8sObject, cluster: Cluster): void {
  const { error } = cluster.api.delete(refOf(pod))
  if (!error) cluster.event(set, { type: 'Normal', reason: 'SuccessfulDelete', component, message: `Deleted pod: ${pod.metadata.name}` })
}

function manage(key: string, set: K8sObject, node: K8sObject, pods: readonly K8sObject[], hash: string, cluster: Cluster, failing: Map<string, Failing>): void {
  const { run, keep } = nodeWants(set, node)
  const backoffKey = `${key}/${node.metadata.name}`
  const surges = surgeOf(set, 1) > 0
  let running: K8sObject | undefined
  let present = 0
  for (const pod of [...pods].sort(olderFirst)) {
    if (pod.metadata.deletionTimestamp) {
      present++
      continue
    }
    if (pod.status?.phase === 'Failed') {
      const before = failing.get(backoffKey)
      if (before && before.until > cluster.now) {
        present++
        cluster.wake('daemonset', key, before.until)
        continue
      }
      const count = (before?.count ?? 0) + 1
      failing.set(backoffKey, { count, until: cluster.now + Math.min(900_000, 1000 * 2 ** (count - 1)) })
      cluster.event(set, { type: 'Warning', reason: 'FailedDaemonPod', component, message: `Found failed daemon pod ${pod.metadata.namespace}/${pod.metadata.name} on node ${node.metadata.name}, will try to kill it` })
      remove(set, pod, cluster)
    } else if (!keep) remove(set, pod, cluster)
    else if (pod.status?.phase === 'Succeeded') {
      cluster.event(set, { type: 'Normal', reason: 'SucceededDaemonPod', component, message: `Found succeeded daemon pod ${pod.metadata.namespace}/${pod.metadata.name} on node ${node.metadata.name}, will try to delete it` })
      remove(set, pod, cluster)
    } else if (running && !surges) remove(set, pod, cluster)
    else {
      running = pod
      present++
    }
  }
  if (!run || present > 0) return
  const before = failing.get(`${backoffKey}/create`)
  if (before && before.until > cluster.now) return
  const result = cluster.api.create(daemonPod(set, node, hash), component)
  if ('error' in result) {
    cluster.event(set, { type: 'Warning', reason: 'FailedCreate', component, message: `Error creating: ${result.error.message}` })
    const count = (before?.count ?? 0) + 1
    const until = cluster.now + Math.min(1_000_000, 1000 * 2 ** (count - 1))
    failing.set(`${backoffKey}/create`, { count, until })
    cluster.wake('daemonset', key, until)
  } else {
    failing.delete(`${backoffKey}/create`)
    cluster.event(set, { type: 'Normal', reason: 'SuccessfulCreate', component, message: `Created pod: ${result.object.metadata.name}` })
  }
}

function daemonPod(set: K8sObject, node: K8sObject, hash: string): K8sObject {
  const pod = podFromTemplate(set, set.spec.template, `${set.metadata.name}-`)
  pod.metadata.labels = { ...pod.metadata.labels, [revisionLabel]: hash }
  pod.spec.tolerations = [...(pod.spec.tolerations ?? []), ...daemonTolerations(pod.spec.hostNetwork === true)]
  const pin = { key: 'metadata.name', operator: 'In', values: [node.metadata.name] }
  const nodeAffinity = { ...pod.spec.affinity?.nodeAffinity }
  const terms = nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms as Fields[] | undefined
  nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution = { nodeSelectorTerms: (terms ?? [{}]).map((term) => ({ ...term, matchFields: [pin] })) }
  pod.spec.affinity = { ...pod.spec.affinity, nodeAffinity }
  return pod
}

/** Bound pods before unbound ones, then by age, then by name (podByCreationTimestampAndPhase). */
function olderFirst(a: K8sObject, b: K8sObject): number {
  return Number(Boolean(b.spec?.nodeName)) - Number(Boolean(a.spec?.nodeName)) || compareText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') || compareText(a.metadata.name, b.metadata.name)
}

function surgeOf(set: K8sObject, nodes: number): number {
  return scaledValue(set.spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0, nodes, true)
}

/** Replaces old pods: with maxSurge 0 delete up to maxUnavailable at a time, else add the new one first and delete the old once it is available (rollingUpdate). */
function rollOut(set: K8sObject, hash: string, cluster: Cluster): void {
  const minReady = (set.spec.minReadySeconds ?? 0) as number
  const wanted = cluster.view.list('Node').filter((node) => nodeWants(set, node).run)
  const pods = cluster.view.owned(set.metadata.uid ?? '', 'Pod')
  const surge = surgeOf(set, wanted.length)
  const available = (pod: K8sObject): boolean => !pod.metadata.deletionTimestamp && isPodAvailable(pod, minReady, cluster.timestamp())
  const onNode = (node: K8sObject): K8sObject[] => pods.filter((pod) => targetOf(pod) === node.metadata.name)
  const isOld = (pod: K8sObject): boolean => pod.metadata.labels?.[revisionLabel] !== hash && !pod.metadata.deletionTimestamp
  if (surge === 0) {
    const unavailableLimit = Math.max(1, scaledValue(set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, wanted.length, true))
    let unavailable = wanted.filter((node) => !onNode(node).some(available)).length
    for (const node of wanted) {
      const old = onNode(node).find(isOld)
      if (!old) continue
      if (!available(old)) remove(set, old, cluster)
      else if (unavailable < unavailableLimit) {
        remove(set, old, cluster)
        unavailable++
      }
    }
    return
  }
  let surging = wanted.filter((node) => onNode(node).filter((pod) => !pod.metadata.deletionTimestamp).length > 1).length
  for (const node of wanted) {
    const old = onNode(node).find(isOld)
    if (!old) continue
    const next = onNode(node).find((pod) => pod.metadata.labels?.[revisionLabel] === hash && !pod.metadata.deletionTimestamp)
    if (next ? available(next) : false) remove(set, old, cluster)
    else if (!next && (surging < surge || !available(old))) {
      surging++
      const result = cluster.api.create(daemonPod(set, node, hash), component)
      if (!('error' in result)) cluster.event(set, { type: 'Normal', reason: 'SuccessfulCreate', component, message: `Created pod: ${result.object.metadata.name}` })
    }
  }
}

function writeStatus(key: string, set: K8sObject, hash: string, cluster: Cluster): void {
  const minReady = (set.spec.minReadySeconds ?? 0) as number
  const pods = cluster.view.owned(set.metadata.uid ?? '', 'Pod').filter((pod) => !isPodTerminal(pod))
  const counts = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0, updatedNumberScheduled: 0, numberAvailable: 0 }
  for (const node of cluster.view.list('Node')) {
    const here = pods.filter((pod) => targetOf(pod) === node.metadata.name)
    if (!nodeWants(set, node).run) {
      if (here.length > 0) counts.numberMisscheduled++
      continue
    }
    counts.desiredNumberScheduled++
    const pod = here.find((item) => !item.metadata.deletionTimestamp) ?? here[0]
    if (!pod) continue
    counts.currentNumberScheduled++
    if (isPodReady(pod)) counts.numberReady++
    if (isPodAvailable(pod, minReady, cluster.timestamp())) counts.numberAvailable++
    else if (isPodReady(pod)) cluster.wake('daemonset', key, Math.max(cluster.now + 1, instantOf(cluster, pod.status.conditions.find((condition: { type: string }) => condition.type === 'Ready').lastTransitionTime) + minReady * 1000))
    if (here.some((item) => item.metadata.labels?.[revisionLabel] === hash && !item.metadata.deletionTimestamp)) counts.updatedNumberScheduled++
  }
  const status: Fields = { ...counts, numberUnavailable: counts.desiredNumberScheduled - counts.numberAvailable, observedGeneration: set.metadata.generation }
  if (!equal(set.status ?? {}, status)) cluster.api.setStatus(refOf(set), status)
}
