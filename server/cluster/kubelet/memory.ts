/**
 * Memory of a node as a whole: memory.available for the kubelet's eviction and, between two of its checks, the kernel's own killer
 * (pkg/kubelet/eviction/helpers.go, pkg/kubelet/qos/policy.go). A node's `memory` is what its pods may have: the system lives on what is kept
 * back for it, so less than the threshold is available exactly when the pods hold more than is allocatable.
 */
import type { K8sObject } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import { compareText } from '../../k8s/object.ts'
import { milliOf } from '../amounts.ts'
import { qosClass } from '../pod-resources.ts'
import { firstAbove } from '../runtime/memory.ts'
import type { MemoryCourse, NodeRuntime } from '../runtime/index.ts'
import type { Cluster, Timer } from '../types.ts'
import type { Signal } from './pressure.ts'
import { evictionCheckMs } from './pressure.ts'
import type { PodWorker } from './worker.ts'

const thresholdBytes = 100 * 1024 ** 2
/** Allocating takes a moment even for a program that wants far more than there is. */
const soonestKillMs = 500

export class NodeMemory implements Signal {
  private readonly cluster: Cluster
  private readonly name: string
  private readonly isShort: () => void
  /** What a process outside the cluster took, as a step of the scenario says. */
  private takenBytes = 0
  private asked = false
  private kill: Timer | undefined

  constructor(cluster: Cluster, name: string, isShort: () => void) {
    this.cluster = cluster
    this.name = name
    this.isShort = isShort
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
      this.isShort()
    })
  }

  // ---- the kubelet

  readonly resource = 'memory'
  readonly condition = 'MemoryPressure'
  readonly words = { True: { reason: 'KubeletHasInsufficientMemory', message: 'kubelet has insufficient memory available' }, False: { reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' } }

  threshold(): number {
    return thresholdBytes
  }

  available(): number {
    return this.totalBytes - this.usedAt(this.courses, this.cluster.now)
  }

  isPossible(): boolean {
    const until = this.cluster.appliedAt + this.cluster.run.length
    return this.courses.reduce((sum, course) => sum + course.mostBytesBy(until), this.takenBytes) > this.totalBytes - thresholdBytes
  }

  containers(worker: PodWorker): ReturnType<Signal['containers']> {
    return this.cluster.runtime.containers(worker.ref).filter((container) => !container.exited).map((container) => ({ name: container.spec.name, used: container.memoryBytes(), requested: container.spec.requests.memoryBytes ?? 0 }))
  }

  usedBy(worker: PodWorker): number {
    return this.containers(worker).reduce((sum, one) => sum + one.used, 0)
  }

  looked(): void {
    this.watchKernel(this.cluster.now)
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
