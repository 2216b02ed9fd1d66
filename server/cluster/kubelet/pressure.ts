/**
 * The kubelet's eviction manager: hard thresholds of a node's memory and disk, its conditions, and which pod goes (pkg/kubelet/eviction/{eviction_manager,helpers}.go).
 * How much there is and who holds it is said by the signals.
 */
import type { K8sObject } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import { compareText } from '../../k8s/object.ts'
import { printAmount } from '../amounts.ts'
import { markDisrupted } from '../eviction.ts'
import { podTotals } from '../pod-resources.ts'
import { conditionOf } from '../pods.ts'
import type { Cluster } from '../types.ts'
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

/** The kernel counts in pages. */
const pageBytes = 4096
const bytes = (amount: number): string => printAmount({ milli: Math.floor(amount / pageBytes) * pageBytes * 1000, format: 'binary' })
const exactly = (amount: number): string => printAmount({ milli: Math.floor(amount) * 1000, format: 'binary' })

/** One resource of a node that can run short. Amounts are bytes. */
export type Signal = {
  readonly resource: 'memory' | 'ephemeral-storage'
  readonly condition: 'MemoryPressure' | 'DiskPressure'
  /** Reason and message of the condition while the node is short, and while it is not. */
  readonly words: Readonly<Record<'True' | 'False', { reason: string; message: string }>>
  threshold(): number
  available(): number
  /** Could less than the threshold be available before the run ends? */
  isPossible(): boolean
  usedBy(worker: PodWorker): number
  /** What each running container holds and asked for. */
  containers(worker: PodWorker): readonly { name: string; used: number; requested: number }[]
  /** Called at every check. */
  looked?(): void
}

export class NodePressure {
  private readonly cluster: Cluster
  private readonly name: string
  private readonly workers: () => PodWorker[]
  /** In the order in which the manager reclaims: memory first (helpers.go:byEvictionPriority). */
  private readonly signals: readonly Signal[]
  private readonly seenAt = new Map<Signal, Millis>()
  private ticking = false

  constructor(cluster: Cluster, name: string, workers: () => PodWorker[], signals: readonly Signal[]) {
    this.cluster = cluster
    this.name = name
    this.workers = workers
    this.signals = signals
  }

  private get node(): K8sObject | undefined {
    return this.cluster.view.get('Node', '', this.name)
  }

  /** The use of a resource took another course, so that the node may run short: the checks begin, if they are not under way. */
  watch(): void {
    if (this.ticking) return
    this.ticking = true
    this.cluster.schedule(Math.ceil(this.cluster.now / evictionCheckMs) * evictionCheckMs, 'kubelet', `pressure ${this.name}`, () => this.check())
  }

  /** eviction_manager.go:synchronize. One pod goes per check, and the next check waits until it is gone. */
  private check(): void {
    this.ticking = false
    if (!this.node || !this.signals.some((signal) => this.seenAt.has(signal) || signal.isPossible())) return
    for (const signal of this.signals) signal.looked?.()
    const met = this.signals.filter((signal) => signal.available() < signal.threshold())
    for (const signal of this.signals) this.judge(signal, met.includes(signal))
    const victim = met[0] && this.evictOne(met[0])
    this.next(victim)
  }

  private next(victim: PodWorker | undefined): void {
    this.ticking = true
    const at = victim ? this.cluster.now + cleanupPollMs : (Math.floor(this.cluster.now / evictionCheckMs) + 1) * evictionCheckMs
    this.cluster.schedule(at, 'kubelet', `pressure ${this.name}`, () => (victim?.isHere ? this.next(victim) : this.check()))
  }

  private judge(signal: Signal, isMet: boolean): void {
    const seen = this.seenAt.get(signal)
    if (isMet) {
      this.seenAt.set(signal, this.cluster.now)
      this.condition(signal, 'True')
    } else if (seen !== undefined && this.cluster.now - seen >= transitionMs) {
      this.seenAt.delete(signal)
      this.condition(signal, 'False')
    }
  }

  private condition(signal: Signal, status: 'True' | 'False'): void {
    const { node } = this
    if (!node || conditionOf(node, signal.condition)?.status === status) return
    const { reason, message } = signal.words[status]
    setNodeConditions(this.cluster, this.name, [{ type: signal.condition, status, reason, message }], true)
  }

  private evictOne(signal: Signal): PodWorker | undefined {
    this.cluster.event(this.node!, { type: 'Warning', reason: 'EvictionThresholdMet', message: `Attempting to reclaim ${signal.resource}`, component: 'kubelet', node: this.name })
    const victim = this.ranked(signal).find((worker) => !isCritical(worker.pod))
    if (!victim) return undefined
    const consumption = signal.containers(victim).filter((one) => one.used > one.requested).map((one) => `Container ${one.name} was using ${bytes(one.used)}, request is ${exactly(one.requested)}, has larger consumption of ${signal.resource}. `)
    const message = `The node was low on resource: ${signal.resource}. Threshold quantity: ${exactly(signal.threshold())}, available: ${bytes(signal.available())}. ${consumption.join('')}`
    victim.event('Warning', 'Evicted', message)
    markDisrupted(this.cluster, victim.ref, 'TerminationByKubelet', message)
    victim.fail('Evicted', message, evictionGraceMs)
    return victim
  }

  /** Above their request first, then by priority, then by how far they are above it (helpers.go:rankMemoryPressure,rankDiskPressureFunc). */
  private ranked(signal: Signal): PodWorker[] {
    const excess = new Map(this.workers().filter((worker) => worker.isActive).map((worker) => [worker, signal.usedBy(worker) - (podTotals(worker.pod, 'requests').get(signal.resource)?.milli ?? 0) / 1000]))
    const priority = (worker: PodWorker): number => worker.pod.spec?.priority ?? 0
    return [...excess.keys()].sort((a, b) => Number(excess.get(b)! > 0) - Number(excess.get(a)! > 0) || priority(a) - priority(b) || excess.get(b)! - excess.get(a)! || compareText(a.key, b.key))
  }
}
