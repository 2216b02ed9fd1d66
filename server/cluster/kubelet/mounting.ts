/** A pod's volumes: set up before anything starts, tried again until they are there, and refreshed when what they show changes (pkg/kubelet/volumemanager). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import { mountRetryMs, mountVolume, showsObject } from './volumes.ts'
import type { Pause, PodWorker } from './worker.ts'

/** Canonical value of what Kubernetes spreads at random: the pod's resync, 60 s times 1 to 1.5. */
export const refreshMs = 72_000

/** Sets every volume up; waits between tries by the back-off of the volume that is next. */
export function* mountVolumes(worker: PodWorker): Pause {
  const failures = new Map<string, number>()
  const told = new Set<string>()
  for (;;) {
    const missing = ((worker.pod.spec?.volumes ?? []) as Fields[]).filter((volume) => !worker.volumes.has(volume.name))
    if (missing.length === 0) return
    let wait = Infinity
    for (const volume of missing) {
      const made = mountVolume(worker.pod, worker.key, volume, worker.podIP, worker.cluster, worker.node.attachments)
      if ('volume' in made) {
        worker.volumes.set(volume.name, made.volume)
        if (made.attached !== undefined) attachEvent(worker, 'Normal', 'SuccessfulAttachVolume', `AttachVolume.Attach succeeded for volume "${made.attached}" `)
        continue
      }
      const count = (failures.get(volume.name) ?? 0) + 1
      failures.set(volume.name, count)
      if ('error' in made) worker.event('Warning', 'FailedMount', `MountVolume.SetUp failed for volume "${made.of ?? volume.name}" : ${made.error}`)
      else if (made.attach !== undefined) {
        if (!told.has(volume.name)) attachEvent(worker, 'Warning', 'FailedAttachVolume', made.attach)
        told.add(volume.name)
      } else if (made.event) worker.event('Warning', 'FailedMount', made.event)
      wait = Math.min(wait, mountRetryMs(count))
    }
    if (wait !== Infinity) yield wait
  }
}

/** The attach/detach controller speaks of volumes that are attached to nodes, and of a refused one only once (attachdetach/reconciler.go:attachDesiredVolumes). */
function attachEvent(worker: PodWorker, type: 'Normal' | 'Warning', reason: string, message: string): void {
  worker.cluster.event(worker.pod, { type, reason, message, component: 'attachdetach-controller' })
}

/** A ConfigMap or Secret changed: the files that show it follow at the next resync of the pod, counted from `bornAt`; an immutable object is never read again. */
export function refreshVolumes(worker: PodWorker, object: K8sObject, bornAt: Millis): void {
  if (object.immutable === true) return
  const { cluster } = worker
  const shown = ((worker.pod.spec?.volumes ?? []) as Fields[]).filter((volume) => worker.volumes.has(volume.name) && showsObject(volume, object.kind, object.metadata.name))
  if (shown.length === 0) return
  const at = bornAt + Math.max(1, Math.ceil((cluster.now - bornAt) / refreshMs)) * refreshMs
  cluster.schedule(at, 'kubelet', `${worker.key} refresh`, () => {
    for (const volume of shown) {
      const made = mountVolume(worker.pod, worker.key, volume, worker.podIP, cluster, worker.node.attachments)
      const old = worker.volumes.get(volume.name)
      if (!('volume' in made) || !old) continue
      old.files.clear()
      for (const [path, node] of made.volume.files) old.files.set(path, node)
    }
    cluster.record({ kind: 'volume-refreshed', ref: worker.ref, text: `${object.kind}/${object.metadata.name}` })
  })
}
