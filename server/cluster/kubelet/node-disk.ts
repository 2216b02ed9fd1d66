/**
 * Disk of a node as a whole for the kubelet's eviction (pkg/kubelet/eviction/helpers.go:makeSignalObservations,podDiskUsage). Images and pods share one file system, so
 * imagefs.available with its 15 % is met before nodefs.available with 10 %. What fills it: layers, logs and emptyDir volumes of pods, files below hostPath volumes, and what a step of the
 * scenario takes; images and the system take no room.
 */
import type { Millis } from '../../k8s/duration.ts'
import { milliOf } from '../amounts.ts'
import { treeBytes } from '../runtime/files.ts'
import type { NodeRuntime } from '../runtime/index.ts'
import type { Cluster } from '../types.ts'
import { hostFiles } from './host-files.ts'
import type { Signal } from './pressure.ts'
import type { PodWorker } from './worker.ts'

const thresholdShare = 0.15

export class NodeDisk implements Signal {
  readonly resource = 'ephemeral-storage'
  readonly condition = 'DiskPressure'
  readonly words = { True: { reason: 'KubeletHasDiskPressure', message: 'kubelet has disk pressure' }, False: { reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' } }
  private readonly cluster: Cluster
  private readonly name: string
  private readonly workers: () => PodWorker[]
  private readonly isShort: () => void
  /** What a process outside the cluster wrote, as a step of the scenario says. */
  private takenBytes = 0
  /** Somebody put files on the node by hand. */
  private hasFiles: boolean
  private asked = false

  constructor(cluster: Cluster, name: string, workers: () => PodWorker[], isShort: () => void) {
    this.cluster = cluster
    this.name = name
    this.workers = workers
    this.isShort = isShort
    this.hasFiles = Object.keys(cluster.scenario.cluster.nodes.find((node) => node.name === name)?.files ?? {}).length > 0
    if (this.hasFiles) this.changed()
  }

  private get runtime(): NodeRuntime {
    return this.cluster.runtime as NodeRuntime
  }

  private get capacity(): number {
    return milliOf(this.cluster.view.get('Node', '', this.name)?.status?.capacity?.['ephemeral-storage']) / 1000
  }

  threshold(): number {
    return Math.floor(this.capacity * thresholdShare)
  }

  private usedAt(at: Millis): number {
    let sum = this.takenBytes + treeBytes(hostFiles(this.name, this.cluster))
    for (const worker of this.workers()) {
      if (!worker.isHere) continue
      const use = this.runtime.diskUse(worker.ref, at)
      sum += use.hostGrowth
      for (const bytes of [...use.containers.values(), ...use.emptyDirs.values()]) sum += bytes
    }
    return sum
  }

  available(): number {
    return Math.max(0, this.capacity - this.usedAt(this.cluster.now))
  }

  /** Files only grow until the use takes another course. Nothing is added up as long as all that was ever written would fit. */
  isPossible(): boolean {
    const room = this.capacity - this.threshold()
    if (!this.hasFiles && this.takenBytes + this.runtime.mostWrittenOn(this.name) <= room) return false
    return this.usedAt(this.cluster.appliedAt + this.cluster.run.length) > room
  }

  usedBy(worker: PodWorker): number {
    const use = this.runtime.diskUse(worker.ref, this.cluster.now)
    return [...use.containers.values(), ...use.emptyDirs.values()].reduce((sum, bytes) => sum + bytes, 0)
  }

  containers(worker: PodWorker): ReturnType<Signal['containers']> {
    const { containers } = this.runtime.diskUse(worker.ref, this.cluster.now)
    return worker.records.map(({ spec }) => ({ name: spec.name as string, used: containers.get(spec.name as string) ?? 0, requested: milliOf(spec.resources?.requests?.['ephemeral-storage']) / 1000 }))
  }

  /** Another process writes until so much is left, or gives it back. */
  take(availableBytes: number): void {
    this.takenBytes = 0
    this.takenBytes = Math.max(0, this.capacity - this.usedAt(this.cluster.now) - availableBytes)
    this.changed()
  }

  /** Files were put on the node. */
  filled(): void {
    this.hasFiles = true
    this.changed()
  }

  /** The use of disk took another course: looked at once per instant. */
  changed(): void {
    if (this.asked) return
    this.asked = true
    this.cluster.schedule(this.cluster.now, 'kubelet', `disk ${this.name}`, () => {
      this.asked = false
      if (this.isPossible()) this.isShort()
    })
  }
}
