/**
 * Memory of a node as a whole: the kubelet's eviction by memory.available and, between two of its checks, the kernel's own killer
 * (pkg/kubelet/eviction/{eviction_manager,helpers}.go, pkg/kubelet/qos/policy.go). A node's `memory` is what its pods may have: the system lives on what is kept
 * back for it, so less than the threshold is available exactly when the pods hold more than is allocatable.
 */
import type { K8sObject } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import { compareText } from '../../k8s/object.ts'
import { milliOf, printAmount } from '../amounts.ts'
import { markDisrupted } from '../eviction.ts'
import { podTotals, qosClass } from '../pod-resources.ts'
import { firstAbove } from '../runtime/memory.ts'
import type { MemoryCourse, NodeRuntime } from '../runtime/index.ts'
import type { Cluster, Timer } from '../types.ts'
import { isCritical } from './node-admission.ts'
import { setNodeConditions } from './node-status.ts'
import type { PodWorker } from './worker.ts'

export const evictionCheckMs = 10_000
/** What a hard eviction leaves a container (immediateEvictionGracePeriodSeconds). */
export const evictionGraceMs = 1000
/** How long a condition outlives the pressure (evictionPressureTransitionPeriod). */
const transitionMs = 300_000
/** The eviction manager looks every second whether a pod it evicted is gone (podCleanupPollFreq). */
const cleanupPollMs = 1000
const thresholdBytes = 100 * 1024 ** 2
/** Allocating takes a moment even for a program that wants far more than there is. */
const soonestKillMs = 500

/** The kernel counts in pages. */
const pageBytes = 4096
const bytes = (amount: number): string => printAmount({ milli: Math.floor(amount / pageBytes) * pageBytes * 1000, format: 'binary' })

export class NodeMemory {
  private readonly cluster: Cluster
  private readonly name: string
  private readonly workers: () => PodWorker[]
  /** What a process outside the cluster took, as a step of the scenario says. */
  private takenBytes = 0
  private seenAt: Millis | undefined
  private asked = false
  private ticking = false
  private kill: Timer | undefined

  constructor(cluster: Cluster, name: string, workers: () => PodWorker[]) {
    this.cluster = cluster
    this.name = name
    this.workers = workers
  }

  private get node(): K8sObject | undefined {
    return this.cluster.view.get('Node', '', this.name)
  }

  private get courses(): readonly MemoryCourse[] {
    return (this.cluster.runtime as Partial<NodeRuntime>).memoryOn?.(this.name) ?? []
  }

  /** Memory that the pods and the threshold share. */
  private get totalBytes(): number {
    return milliOf(this.node?.status?.allocatable?.memory) / 1000 + thresholdBytes
  }

  private usedAt(courses: readonly MemoryCourse[], at: Millis): number {
    return courses.reduce((sum, course) => sum + course.bytesAt(at), this.takenBytes)
  }

  /** Another process takes memory until so much is left, or gives it back. */
  take(availableBytes: number): void {
    this.takenBytes = 0
    this.takenBytes = Math.max(0, this.totalBytes - this.usedAt(this.courses, this.cluster.now) - availableBytes)
    this.changed()
  }

  /** The use of memory took another course: looked at once per instant. */
  changed(): void {
    if (this.asked) return
    this.asked = true
    this.cluster.schedule(this.cluster.now, 'kubelet', `memory ${this.name}`, () => {
      this.asked = false
      if (!this.isPossible()) return
      this.watchKernel(this.cluster.now + soonestKillMs)
      if (this.ticking) return
      this.ticking = true
      this.cluster.schedule(Math.ceil(this.cluster.now / evictionCheckMs) * evictionCheckMs, 'kubelet', `memory ${this.name}`, () => this.check())
    })
  }

  /** Could the node run short before the run ends, or is its condition still to be lifted? */
  private isPossible(): boolean {
    const until = this.cluster.appliedAt + this.cluster.run.length
    return this.seenAt !== undefined || this.courses.reduce((sum, course) => sum + course.mostBytesBy(until), this.takenBytes) > this.totalBytes - thresholdBytes
  }

  // ---- the kubelet

  /** eviction_manager.go:synchronize. One pod goes per check, and the next check waits until it is gone. */
  private check(): void {
    this.ticking = false
    if (!this.node || !this.isPossible()) return
    this.watchKernel(this.cluster.now)
    const available = this.totalBytes - this.usedAt(this.courses, this.cluster.now)
    if (available < thresholdBytes) {
      this.seenAt = this.cluster.now
      this.condition('True')
    } else if (this.seenAt !== undefined && this.cluster.now - this.seenAt >= transitionMs) {
      this.seenAt = undefined
      this.condition('False')
    }
    const victim = available < thresholdBytes ? this.evictOne(available) : undefined
    this.next(victim)
  }

  private next(victim: PodWorker | undefined): void {
    this.ticking = true
    const at = victim ? this.cluster.now + cleanupPollMs : (Math.floor(this.cluster.now / evictionCheckMs) + 1) * evictionCheckMs
    this.cluster.schedule(at, 'kubelet', `memory ${this.name}`, () => (victim?.isHere ? this.next(victim) : this.check()))
  }

  private evictOne(available: number): PodWorker | undefined {
    this.cluster.event(this.node!, { type: 'Warning', reason: 'EvictionThresholdMet', message: 'Attempting to reclaim memory', component: 'kubelet', node: this.name })
    const victim = this.ranked().find((worker) => !isCritical(worker.pod))
    if (!victim) return undefined
    const message = `The node was low on resource: memory. Threshold quantity: 100Mi, available: ${bytes(available)}. ${this.consumption(victim)}`
    victim.event('Warning', 'Evicted', message)
    markDisrupted(this.cluster, victim.ref, 'TerminationByKubelet', message)
    victim.fail('Evicted', message, evictionGraceMs)
    return victim
  }

  /** The containers of a pod that hold more than they asked for (helpers.go:evictionMessage). */
  private consumption(worker: PodWorker): string {
    return this.cluster.runtime.containers(worker.ref).filter((container) => !container.exited && container.memoryBytes() > (container.spec.requests.memoryBytes ?? 0)).map((container) => `Container ${container.spec.name} was using ${bytes(container.memoryBytes())}, request is ${printAmount({ milli: (container.spec.requests.memoryBytes ?? 0) * 1000, format: 'binary' })}, has larger consumption of memory. `).join('')
  }

  /** Above their request first, then by priority, then by how far they are above it (helpers.go:rankMemoryPressure). */
  private ranked(): PodWorker[] {
    const excess = new Map(this.workers().filter((worker) => worker.isActive).map((worker) => [worker, this.usedBy(worker) - (podTotals(worker.pod, 'requests').get('memory')?.milli ?? 0) / 1000]))
    const priority = (worker: PodWorker): number => worker.pod.spec?.priority ?? 0
    return [...excess.keys()].sort((a, b) => Number(excess.get(b)! > 0) - Number(excess.get(a)! > 0) || priority(a) - priority(b) || excess.get(b)! - excess.get(a)! || compareText(a.key, b.key))
  }

  private usedBy(worker: PodWorker): number {
    return this.cluster.runtime.containers(worker.ref).reduce((sum, container) => sum + (container.exited ? 0 : container.memoryBytes()), 0)
  }

  private condition(status: 'True' | 'False'): void {
    const { node } = this
    if (!node || node.status?.conditions?.find((one: { type: string }) => one.type === 'MemoryPressure')?.status === status) return
    const reason = status === 'True' ? 'KubeletHasInsufficientMemory' : 'KubeletHasSufficientMemory'
    const message = status === 'True' ? 'kubelet has insufficient memory available' : 'kubelet has sufficient memory available'
    setNodeConditions(this.cluster, this.name, [{ type: 'MemoryPressure', status, reason, message }], true)
    const event = reason.replace('Kubelet', 'Node')
    this.cluster.event(node, { type: 'Normal', reason: event, message: `Node ${this.name} status is now: ${event}`, component: 'kubelet', node: this.name })
  }

  // ---- the kernel

  /** Finds the instant before the next check at which nothing is left. */
  private watchKernel(soonest: Millis): void {
    this.kill?.cancel()
    const { now } = this.cluster
    const until = (Math.floor(now / evictionCheckMs) + 1) * evictionCheckMs
    const { courses, totalBytes } = this
    const above = this.usedAt(courses, now) > totalBytes
    if (!above && courses.reduce((sum, course) => sum + course.mostBytesBy(until), this.takenBytes) <= totalBytes) return
    const at = above ? now : firstAbove((time) => this.usedAt(courses, time), totalBytes, now, until, courses.flatMap((course) => course.memoryTurns(now, until)))
    if (at !== undefined) this.kill = this.cluster.schedule(Math.max(at, above ? soonest : at), 'process', `memory ${this.name}`, () => this.killOne())
  }

  /** The container with the highest score dies: its share of the memory and the adjustment of its class (mm/oom_kill.c:oom_badness). */
  private killOne(): void {
    const { courses, totalBytes } = this
    if (this.usedAt(courses, this.cluster.now) <= totalBytes) return this.watchKernel(this.cluster.now)
    const score = (course: MemoryCourse): number => (course.bytesAt(this.cluster.now) / totalBytes) * 1000 + this.adjustment(course)
    const victim = [...courses].sort((a, b) => score(b) - score(a) || compareText(`${a.spec.pod.namespace}/${a.spec.pod.name}/${a.spec.name}`, `${b.spec.pod.namespace}/${b.spec.pod.name}/${b.spec.name}`))[0]
    if (!victim) return
    victim.killForMemory()
    this.watchKernel(this.cluster.now)
  }

  /** oom_score_adj (qos/policy.go:GetContainerOOMScoreAdjust). */
  private adjustment({ spec }: MemoryCourse): number {
    const pod = this.cluster.view.get('Pod', spec.pod.namespace, spec.pod.name)
    if (!pod || (pod.spec?.priority ?? 0) >= nodeCriticalPriority) return -997
    const quality = qosClass(pod)
    if (quality !== 'Burstable') return quality === 'Guaranteed' ? -997 : 1000
    const capacity = milliOf(this.node?.status?.capacity?.memory) / 1000
    const adjusted = 1000 - Math.floor((1000 * (spec.requests.memoryBytes ?? 0)) / capacity)
    return Math.max(3, Math.min(999, adjusted))
  }
}

const nodeCriticalPriority = 2_000_001_000
