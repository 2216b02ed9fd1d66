/** The kubelets of all nodes: a worker per placed pod, node failure and return, memory pressure (pkg/kubelet, pkg/kubelet/eviction). */
import type { K8sObject } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import { milliOf } from '../amounts.ts'
import type { Kubelet } from '../cluster.ts'
import { withCondition } from '../pods.ts'
import type { Change, Cluster } from '../types.ts'
import type { NodeRuntime } from '../runtime/index.ts'
import { DiskWatch, limitsDisk } from './disk.ts'
import { normalizedImage } from './images.ts'
import { refusalMs, rejection } from './node-admission.ts'
import { qosClass } from '../pod-resources.ts'
import type { NodeState } from './worker.ts'
import { PodWorker } from './worker.ts'

const graceOfSilenceMs = 50_000
const evictionCheckMs = 10_000
/** What a hard eviction leaves a container (eviction_manager.go:immediateEvictionGracePeriodSeconds). */
const evictionGraceMs = 1000
const memoryThresholdBytes = 100 * 1024 ** 2

/** The kubelets of one cluster. */
export function createKubelet(cluster: Cluster): Kubelet {
  const nodes = new Map<string, NodeState>()
  const workers = new Map<string, PodWorker>()
  const disks = new Map<string, DiskWatch>()
  const refused = new Set<string>()
  let watching = false
  const keyOfPod = (pod: K8sObject): string => pod.metadata.uid ?? `${pod.metadata.namespace}/${pod.metadata.name}`

  function nodeState(name: string): NodeState {
    let state = nodes.get(name)
    if (!state) nodes.set(name, (state = freshNode(name, nodes.size, cluster)))
    return state
  }

  function watchDisk(worker: PodWorker, key: string): void {
    const runtime = cluster.runtime as Partial<NodeRuntime>
    if (!runtime.watchDisk || !limitsDisk(worker.pod)) return
    disks.set(key, new DiskWatch(cluster, worker.pod, (message) => {
      worker.event('Warning', 'Evicted', message)
      worker.fail('Evicted', message, evictionGraceMs)
    }))
    if (watching) return
    watching = true
    runtime.watchDisk((pod) => {
      if (disks.size === 0) return
      const live = cluster.view.get('Pod', pod.namespace, pod.name)
      if (live) disks.get(keyOfPod(live))?.changed()
    })
  }

  function observePod({ type, object }: Change): void {
    const key = keyOfPod(object)
    const worker = workers.get(key)
    if (type === 'deleted') {
      worker?.removed()
      workers.delete(key)
      disks.get(key)?.stop()
      disks.delete(key)
    } else if (worker) worker.update(object)
    else if (object.spec?.nodeName && object.status?.phase !== 'Succeeded' && object.status?.phase !== 'Failed') {
      const node = cluster.view.get('Node', '', object.spec.nodeName)
      if (!node || refused.has(key)) return
      const why = rejection(object, node, on(node.metadata.name).filter((one) => one.isHere).map((one) => one.pod))
      if (why) return refuse(object, key, why)
      const fresh = new PodWorker(object, cluster, nodeState(object.spec.nodeName))
      workers.set(key, fresh)
      watchDisk(fresh, key)
    }
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

  function condition(name: string, type: string, status: 'True' | 'False' | 'Unknown', reason: string, message: string): void {
    const node = cluster.view.get('Node', '', name)
    if (node) cluster.api.setStatus({ kind: 'Node', namespace: '', name }, { ...node.status, conditions: withCondition(node.status?.conditions, { type, status, reason, message }, cluster.timestamp()) })
  }

  const on = (name: string): PodWorker[] => [...workers.values()].filter((worker) => worker.node.name === name)

  return {
    observe(change) {
      if (change.object.kind === 'Pod') observePod(change)
      else if (change.type === 'modified' && (change.object.kind === 'ConfigMap' || change.object.kind === 'Secret')) for (const worker of workers.values()) if (worker.ref.namespace === change.object.metadata.namespace) worker.contentChanged(change.object)
    },
    failNode(name) {
      const state = nodeState(name)
      state.silent = true
      for (const worker of on(name)) worker.powerLoss()
      cluster.record({ kind: 'node-failed', ref: { kind: 'Node', namespace: '', name }, text: name })
      cluster.schedule(cluster.now + graceOfSilenceMs, 'kubelet', `node ${name}`, () => { if (state.silent) condition(name, 'Ready', 'Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.') })
    },
    recoverNode(name) {
      nodeState(name).silent = false
      condition(name, 'Ready', 'True', 'KubeletReady', 'kubelet is posting ready status')
      for (const worker of on(name)) worker.powerBack()
    },
    isSilent: (name) => nodes.get(name)?.silent === true,
    memoryPressure(name, availableBytes) {
      let check = 0
      const look = (): void => {
        const used = (worker: PodWorker): number => cluster.runtime.containers(worker.ref).reduce((sum, container) => sum + (container.exited ? 0 : container.memoryBytes()), 0)
        if (availableBytes >= memoryThresholdBytes) return condition(name, 'MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available')
        condition(name, 'MemoryPressure', 'True', 'KubeletHasInsufficientMemory', 'kubelet has insufficient memory available')
        const victim = on(name).filter((worker) => worker.isActive).sort((a, b) => evictionRank(a, used(a)) - evictionRank(b, used(b)) || (a.pod.spec?.priority ?? 0) - (b.pod.spec?.priority ?? 0) || used(b) - requested(b) - (used(a) - requested(a)))[0]
        if (!victim || ++check > 100) return
        const freed = used(victim)
        evict(victim, availableBytes, cluster)
        availableBytes += freed
        cluster.schedule(cluster.now + evictionCheckMs, 'kubelet', `pressure ${name}`, look)
      }
      cluster.schedule(Math.ceil(cluster.now / evictionCheckMs) * evictionCheckMs, 'kubelet', `pressure ${name}`, look)
    },
  }
}

function freshNode(name: string, index: number, cluster: Cluster): NodeState {
  let addresses = 1
  const listed = cluster.scenario.cluster.nodes.findIndex((node) => node.name === name)
  const number = listed < 0 ? 100 + index : listed
  const images: NodeState['images'] = new Map()
  for (const image of cluster.scenario.cluster.nodes[listed]?.images ?? []) {
    const parsed = normalizedImage(image)
    if ('name' in parsed) images.set(parsed.name, { free: true, credentials: new Set() })
  }
  return { name, silent: false, images, pullFreeAt: 0 as Millis, freshAddress: () => `10.244.${number}.${1 + addresses++}` }
}

function requested(worker: PodWorker): number {
  return ((worker.pod.spec?.containers ?? []) as { resources?: { requests?: { memory?: string } } }[]).reduce((sum, container) => sum + milliOf(container.resources?.requests?.memory) / 1000, 0)
}

/** Pods above their request go first. */
function evictionRank(worker: PodWorker, usedBytes: number): number {
  return usedBytes > requested(worker) ? 0 : 1
}

function evict(worker: PodWorker, availableBytes: number, cluster: Cluster): void {
  const ki = (bytes: number): string => `${Math.floor(bytes / 1024)}Ki`
  const parts = cluster.runtime.containers(worker.ref).filter((container) => !container.exited).map((container) => `Container ${container.spec.name} was using ${ki(container.memoryBytes())}, request is ${ki(container.spec.requests.memoryBytes ?? 0)}, has larger consumption of memory. `)
  const message = `The node was low on resource: memory. Threshold quantity: 100Mi, available: ${ki(availableBytes)}. ${parts.join('')}`
  worker.event('Warning', 'Evicted', message)
  worker.fail('Evicted', message, evictionGraceMs)
}

