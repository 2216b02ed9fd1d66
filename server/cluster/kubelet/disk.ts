/** Limits of local ephemeral storage: checked every ten seconds, computed ahead, so that nothing is checked in vain (pkg/kubelet/eviction/eviction_manager.go:localStorageEviction). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { refOf } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import { amountOf, printAmount } from '../amounts.ts'
import type { DiskUse, NodeRuntime } from '../runtime/index.ts'
import type { Cluster, Timer } from '../types.ts'

const checkMs = 10_000

function bytesOf(text: string | number | undefined): number {
  return amountOf(text).milli / 1000
}

/** Does anything in the pod limit its use of disk? */
export function limitsDisk(pod: K8sObject): boolean {
  return ((pod.spec?.containers ?? []) as Fields[]).some((one) => one.resources?.limits?.['ephemeral-storage'] !== undefined) || ((pod.spec?.volumes ?? []) as Fields[]).some((one) => one.emptyDir?.sizeLimit !== undefined)
}

/** What is over its limit, in the words of the eviction; volumes first, then the pod's total, then single containers. */
export function excess(pod: K8sObject, use: DiskUse): string | undefined {
  for (const volume of (pod.spec?.volumes ?? []) as Fields[]) {
    const limit = volume.emptyDir?.sizeLimit
    if (limit !== undefined && (use.emptyDirs.get(volume.name) ?? 0) > bytesOf(limit)) return `Usage of EmptyDir volume "${volume.name}" exceeds the limit "${limit}". `
  }
  const limits = ((pod.spec?.containers ?? []) as Fields[]).flatMap((one) => (one.resources?.limits?.['ephemeral-storage'] === undefined ? [] : [{ name: one.name as string, text: one.resources.limits['ephemeral-storage'] as string }]))
  if (limits.length === 0) return undefined
  const sum = limits.reduce((total, one) => total + amountOf(one.text).milli, 0)
  const used = [...use.containers.values(), ...use.emptyDirs.values()].reduce((total, bytes) => total + bytes, 0)
  if (used > sum / 1000) return `Pod ephemeral local storage usage exceeds the total limit of containers ${printAmount({ milli: sum, format: amountOf(limits[0]!.text).format })}. `
  const over = limits.find((one) => (use.containers.get(one.name) ?? 0) > bytesOf(one.text))
  return over && `Container ${over.name} exceeded its local ephemeral storage limit "${over.text}". `
}

/** Watches one pod; `evict` is called once, at the first check after a limit is passed. */
export class DiskWatch {
  private readonly cluster: Cluster
  private readonly pod: K8sObject
  private readonly evict: (message: string) => void
  private timer: Timer | undefined
  private asked = false
  private done = false

  constructor(cluster: Cluster, pod: K8sObject, evict: (message: string) => void) {
    this.cluster = cluster
    this.pod = pod
    this.evict = evict
  }

  /** The use of disk took another course: the moment is computed again, once per instant. */
  changed(): void {
    if (this.asked || this.done) return
    this.asked = true
    this.cluster.schedule(this.cluster.now, 'kubelet', `disk ${this.pod.metadata.uid}`, () => {
      this.asked = false
      this.plan()
    })
  }

  stop(): void {
    this.done = true
    this.timer?.cancel()
  }

  private over(at: Millis): string | undefined {
    return excess(this.pod, (this.cluster.runtime as NodeRuntime).diskUse(refOf(this.pod), at))
  }

  /** Files only grow until the next change, so the first check that finds too much is found by halving. */
  private plan(): void {
    this.timer?.cancel()
    if (this.done) return
    let low = Math.ceil(this.cluster.now / checkMs)
    let high = Math.floor((this.cluster.appliedAt + this.cluster.run.length) / checkMs)
    if (low > high || this.over(high * checkMs) === undefined) return
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.over(middle * checkMs) === undefined) low = middle + 1
      else high = middle
    }
    this.timer = this.cluster.schedule(low * checkMs, 'kubelet', `disk ${this.pod.metadata.uid}`, () => {
      const message = this.over(this.cluster.now)
      if (message === undefined || this.done) return
      this.stop()
      this.evict(message)
    })
  }
}
