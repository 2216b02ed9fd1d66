/** The kubelets of all nodes: a worker per placed pod, node failure and return, pressure of memory and disk (pkg/kubelet, pkg/kubelet/eviction). */
import type { K8sObject } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { Kubelet } from '../cluster.ts'
import type { Change, Cluster } from '../types.ts'
import type { NodeRuntime } from '../runtime/index.ts'
import { Attachments } from './attachments.ts'
import { maxBackoffMs } from './backoff.ts'
import { markDisrupted } from '../eviction.ts'
import { DiskWatch, limitsDisk } from './disk.ts'
import { normalizedImage } from './images.ts'
import { putFiles } from './host-files.ts'
import { NodeMemory } from './memory.ts'
import { NodeDisk } from './node-disk.ts'
import { judge, refusalMs } from './node-admission.ts'
import { evictionGraceMs, NodePressure } from './pressure.ts'
import { healthy, nextReport, reportSchedulable, setNodeConditions, setNodeUnknown } from './node-status.ts'
import { qosClass } from '../pod-resources.ts'
import type { NodeState } from './worker.ts'
import { PodWorker } from './worker.ts'

const graceOfSilenceMs = 50_000
/** How often a pod for which others make room looks whether they are gone. */
const preemptionPollMs = 100

/** The kubelets of one cluster. */
export function createKubelet(cluster: Cluster): Kubelet {
  const nodes = new Map<string, NodeState>()
  const workers = new Map<string, PodWorker>()
  const limits = new Map<string, DiskWatch>()
  const supplies = new Map<string, { memory: NodeMemory; disk: NodeDisk }>()
  const refused = new Set<string>()
  /** Critical pods for which others make room. */
  const awaited = new Set<string>()
  /** Nodes whose kubelets know that they are cordoned. */
  const cordoned = new Set(cluster.scenario.cluster.nodes.filter((node) => node.unschedulable).map((node) => node.name))
  const attachments = new Attachments(cluster)
  let listening = false
  const keyOfPod = (pod: K8sObject): string => pod.metadata.uid ?? `${pod.metadata.namespace}/${pod.metadata.name}`

  function nodeState(name: string): NodeState {
    let state = nodes.get(name)
    if (!state) nodes.set(name, (state = freshNode(name, nodes.size, cluster, attachments)))
    return state
  }

  /** What a node has of what its pods share. */
  function suppliesOf(name: string): { memory: NodeMemory; disk: NodeDisk } {
    let made = supplies.get(name)
    if (!made) {
      const isShort = (): void => pressure.watch()
      const workersOn = (): PodWorker[] => on(name)
      made = { memory: new NodeMemory(cluster, name, isShort), disk: new NodeDisk(cluster, name, workersOn, isShort) }
      const pressure = new NodePressure(cluster, name, workersOn, [made.memory, made.disk])
      supplies.set(name, made)
    }
    return made
  }

  function listen(): void {
    if (listening) return
    listening = true
    const runtime = cluster.runtime as Partial<NodeRuntime>
    runtime.watchMemory?.((name) => suppliesOf(name).memory.changed())
    runtime.watchDisk?.((pod, name) => {
      suppliesOf(name).disk.changed()
      if (limits.size === 0) return
      const live = cluster.view.get('Pod', pod.namespace, pod.name)
      if (live) limits.get(keyOfPod(live))?.changed()
    })
  }

  function watchLimits(worker: PodWorker, key: string): void {
    if (!(cluster.runtime as Partial<NodeRuntime>).diskUse || !limitsDisk(worker.pod)) return
    limits.set(key, new DiskWatch(cluster, worker.pod, (message) => {
      worker.event('Warning', 'Evicted', message)
      worker.fail('Evicted', message, evictionGraceMs)
    }))
  }

  function observePod({ type, object }: Change): void {
    const key = keyOfPod(object)
    const worker = workers.get(key)
    if (type === 'deleted') {
      if (worker?.node.silent) attachments.strand(worker.key)
      worker?.removed()
      workers.delete(key)
      limits.get(key)?.stop()
      limits.delete(key)
    } else if (worker) worker.update(object)
    else if (object.spec?.nodeName && object.status?.phase !== 'Succeeded' && object.status?.phase !== 'Failed') {
      if (!refused.has(key) && !awaited.has(key)) admit(object, key)
    }
  }

  function admit(pod: K8sObject, key: string): void {
    const node = cluster.view.get('Node', '', pod.spec!.nodeName as string)
    if (!node) return
    const here = on(node.metadata.name).filter((one) => one.isHere)
    const verdict = judge(pod, node, here.map((one) => one.pod))
    if ('refused' in verdict) return refuse(pod, key, verdict.refused)
    const leaving = here.filter((one) => verdict.preempts.includes(one.pod))
    if (leaving.length === 0) return startWorker(pod, key)
    awaited.add(key)
    for (const victim of leaving) {
      victim.event('Warning', 'Preempting', 'Preempted in order to admit critical pod')
      markDisrupted(cluster, victim.ref, 'TerminationByKubelet', 'Pod was preempted by Kubelet to accommodate a critical pod.')
      victim.fail('Preempting', 'Preempted in order to admit critical pod')
    }
    const whenGone = (): void => {
      if (leaving.some((victim) => victim.isHere)) return void cluster.schedule(cluster.now + preemptionPollMs, 'kubelet', `preempt ${key}`, whenGone)
      awaited.delete(key)
      const live = cluster.view.get('Pod', pod.metadata.namespace ?? '', pod.metadata.name)
      if (live?.metadata.uid !== pod.metadata.uid) return
      startWorker(live!, key)
      if (live!.metadata.deletionTimestamp) workers.get(key)!.update(live!)
    }
    whenGone()
  }

  function startWorker(pod: K8sObject, key: string): void {
    const worker = new PodWorker(pod, cluster, nodeState(pod.spec!.nodeName as string))
    workers.set(key, worker)
    listen()
    watchLimits(worker, key)
  }

  /** A pod that is not taken ends as Failed and stays as an object; its controller makes another one. */
  function refuse(pod: K8sObject, key: string, why: { reason: string; message: string }): void {
    refused.add(key)
    cluster.schedule(cluster.now + refusalMs, 'kubelet', `refuse ${key}`, () => {
      const live = cluster.view.get('Pod', pod.metadata.namespace ?? '', pod.metadata.name)
      if (!live || live.metadata.uid !== pod.metadata.uid) return
      cluster.event(live, { type: 'Warning', reason: why.reason, message: why.message, component: 'kubelet', node: pod.spec!.nodeName as string })
      cluster.api.setStatus({ kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }, { ...live.status, phase: 'Failed', reason: why.reason, message: `Pod was rejected: ${why.message}`, qosClass: qosClass(pod) })
    })
  }

  const on = (name: string): PodWorker[] => [...workers.values()].filter((worker) => worker.node.name === name)

  /** The next report tells; a kubelet that is silent tells when it is back. */
  function noticeCordon({ metadata: { name } }: K8sObject): void {
    cluster.schedule(nextReport(cluster), 'kubelet', `${name} schedulable`, () => tellSchedulable(name))
  }

  function tellSchedulable(name: string): void {
    if (nodes.get(name)?.silent) return
    if (reportSchedulable(cluster, name, cordoned.has(name))) cordoned.add(name)
    else cordoned.delete(name)
  }

  return {
    observe(change) {
      if (change.object.kind === 'Pod') observePod(change)
      else if (change.object.kind === 'Node' && change.type === 'modified' && change.old?.spec?.unschedulable !== change.object.spec?.unschedulable) noticeCordon(change.object)
      else if (change.type === 'modified' && (change.object.kind === 'ConfigMap' || change.object.kind === 'Secret')) for (const worker of workers.values()) if (worker.ref.namespace === change.object.metadata.namespace) worker.contentChanged(change.object)
    },
    failNode(name) {
      const state = nodeState(name)
      state.silent = true
      for (const worker of on(name)) worker.powerLoss()
      cluster.record({ kind: 'node-failed', ref: { kind: 'Node', namespace: '', name }, text: name })
      cluster.schedule(cluster.now + graceOfSilenceMs, 'kubelet', `node ${name}`, () => { if (state.silent) setNodeUnknown(cluster, name) })
    },
    recoverNode(name) {
      if (!nodeState(name).silent) return
      nodeState(name).silent = false
      attachments.returned(name)
      setNodeConditions(cluster, name, healthy, true)
      tellSchedulable(name)
      for (const worker of on(name)) worker.powerBack()
    },
    isSilent: (name) => nodes.get(name)?.silent === true,
    take: (name, what, availableBytes) => suppliesOf(name)[what].take(availableBytes),
    putFiles(name, files) {
      putFiles(name, files, cluster)
      suppliesOf(name).disk.filled()
    },
  }
}

function freshNode(name: string, index: number, cluster: Cluster, attachments: Attachments): NodeState {
  let addresses = 1
  const listed = cluster.scenario.cluster.nodes.findIndex((node) => node.name === name)
  const number = listed < 0 ? 100 + index : listed
  const images: NodeState['images'] = new Map()
  for (const image of cluster.scenario.cluster.nodes[listed]?.images ?? []) {
    const parsed = normalizedImage(image)
    if ('name' in parsed) images.set(parsed.name, { free: true, credentials: new Set() })
  }
  const maxRestartMs = cluster.scenario.cluster.nodes[listed]?.maxContainerRestartPeriod ?? maxBackoffMs
  return { name, silent: false, images, attachments, maxRestartMs, pullFreeAt: 0 as Millis, freshAddress: () => `10.244.${number}.${1 + addresses++}` }
}
