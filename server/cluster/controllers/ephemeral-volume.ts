/** Gives the generic ephemeral volumes of a pod their claims, which the pod owns (pkg/controller/volume/ephemeral/controller.go). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { keyOf } from '../../k8s/object.ts'
import type { Change, Cluster, Controller } from '../types.ts'
import { claimName, foreignClaim } from '../claims.ts'
import { ownedBy } from '../pods.ts'
import { parseKey } from './keys.ts'

const firstRetryMs = 5
const maxRetryMs = 1_000_000

export function createEphemeralVolumeController(): Controller {
  const failures = new Map<string, number>()
  return {
    name: 'ephemeral-volume',
    source: 'pkg/controller/volume/ephemeral/controller.go:syncHandler, handleVolume',
    about: 'Makes the claim `pod-volume` for every generic ephemeral volume and makes it again when it is deleted; a claim of that name which the pod does not own is left alone, and the pod waits (FailedBinding). The claim goes with its pod.',
    keys: (change, cluster) => keys(change, cluster),
    reconcile(key, cluster) {
      const { namespace, name } = parseKey(key)
      const pod = cluster.view.get('Pod', namespace, name)
      if (!pod || pod.metadata.deletionTimestamp) return void failures.delete(key)
      for (const volume of (pod.spec?.volumes ?? []) as Fields[]) {
        const problem = volume.ephemeral ? provide(pod, volume, cluster) : undefined
        if (problem === undefined) continue
        cluster.event(pod, { type: 'Warning', reason: 'FailedBinding', message: `ephemeral volume ${volume.name}: ${problem}`, component: 'ephemeral_volume' })
        const count = failures.get(key) ?? 0
        failures.set(key, count + 1)
        return cluster.wake('ephemeral-volume', key, cluster.now + Math.min(firstRetryMs * 2 ** count, maxRetryMs))
      }
      failures.delete(key)
    },
  }
}

function hasEphemeral(pod: K8sObject): boolean {
  return ((pod.spec?.volumes ?? []) as Fields[]).some((volume) => volume.ephemeral)
}

function keys({ object, type }: Change, cluster: Cluster): string[] {
  if (object.kind === 'Pod') return type === 'added' && hasEphemeral(object) ? [keyOf(object)] : []
  if (object.kind !== 'PersistentVolumeClaim' || type !== 'deleted') return []
  return cluster.view.list('Pod', object.metadata.namespace ?? '').filter((pod) => ((pod.spec?.volumes ?? []) as Fields[]).some((volume) => volume.ephemeral && claimName(pod, volume) === object.metadata.name)).map(keyOf)
}

/** Why the claim is not there, or undefined. */
function provide(pod: K8sObject, volume: Fields, cluster: Cluster): string | undefined {
  const name = claimName(pod, volume)!
  const namespace = pod.metadata.namespace ?? ''
  const there = cluster.view.get('PersistentVolumeClaim', namespace, name)
  if (there) return foreignClaim(pod, there)
  const { metadata = {}, spec } = volume.ephemeral.volumeClaimTemplate as Fields
  const { labels, annotations } = metadata as Fields
  const result = cluster.api.create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}), ownerReferences: [ownedBy(pod)] }, spec })
  return 'error' in result ? `create PVC ${name}: ${result.error.message}` : undefined
}
