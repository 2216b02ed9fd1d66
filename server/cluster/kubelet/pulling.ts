/** Getting an image onto the node for a container or an image volume of a pod (pkg/kubelet/images/image_manager.go:EnsureImageExists; kuberuntime_manager.go:getImageVolumes). */
import { goDuration } from '../../k8s/duration.ts'
import type { Fields } from '../../k8s/object.ts'
import type { ResolvedImage } from '../types.ts'
import type { Backoff } from './backoff.ts'
import { firstBackoffMs, maxBackoffMs } from './backoff.ts'
import type { Credential, HeldImage } from './images.ts'
import { credentialsFor, normalizedImage, pull, pullPolicy } from './images.ts'
import type { ContainerRecord } from './instance.ts'
import { reportImage } from './node-status.ts'
import type { PodWorker } from './worker.ts'

export type Problem = { reason: string; message: string }
/** Failed pulls of one image for one pod, whoever in it wants the image. */
export type FailedPull = { backoff: Backoff; error: string }

/** May this pod use an image that is there? Since 1.35 one that was pulled with credentials wants the same secret, or the same credentials (pullmanager/image_pull_manager.go:MustAttemptImagePull). */
function mayUse(held: HeldImage | undefined, credentials: readonly Credential[], version: string): boolean {
  return held !== undefined && (version === '1.34' || held.free || credentials.some((one) => held.credentials.has(one.id) || held.credentials.has(one.secret)))
}

/** The image, or why it is not there, after the events that say so. Those of a container name it; an image volume's are about the pod. */
export function* ensureImageExists(worker: PodWorker, reference: string, policy: string, record?: ContainerRecord): Generator<number, ResolvedImage | Problem, void> {
  const { cluster, node, pod } = worker
  const version = cluster.scenario.kubernetes
  const parsed = normalizedImage(reference)
  if ('error' in parsed) {
    worker.event('Warning', 'InspectFailed', parsed.error, record)
    return { reason: 'InvalidImageName', message: parsed.error }
  }
  const { credentials } = credentialsFor(pod, parsed, cluster)
  const local = mayUse(node.images.get(parsed.name), credentials, version) ? cluster.runtime.image(reference) : undefined
  if (local && policy !== 'Always') {
    worker.event('Normal', 'Pulled', `Container image "${reference}" already present on machine${version === '1.34' ? '' : ' and can be accessed by the pod'}`, record)
    return local
  }
  if (policy === 'Never') {
    const message = `Container image "${reference}" is not present with pull policy of Never`
    worker.event('Warning', 'ErrImageNeverPull', message, record)
    return { reason: 'ErrImageNeverPull', message }
  }
  const failed = worker.failedPulls.get(reference)
  if (failed && cluster.now - failed.backoff.last < failed.backoff.ms) {
    const message = `Back-off pulling image "${reference}"`
    worker.event('Normal', 'BackOff', message, record)
    return { reason: 'ImagePullBackOff', message: `${message}: ErrImagePull: ${failed.error}` }
  }
  worker.event('Normal', 'Pulling', `Pulling image "${reference}"`, record)
  const arch = cluster.view.get('Node', '', node.name)?.status?.nodeInfo?.architecture ?? 'amd64'
  const result = pull(reference, arch, credentials, cluster)
  cluster.record({ kind: 'image-pull', ref: worker.ref, ...(record ? { container: record.spec.name } : {}), text: 'error' in result ? 'failed' : 'pulled', data: { image: reference } })
  if ('error' in result) {
    worker.failedPulls.set(reference, { backoff: { ms: failed ? Math.min(failed.backoff.ms * 2, maxBackoffMs) : firstBackoffMs, last: cluster.now }, error: result.error })
    worker.event('Warning', 'Failed', `Failed to pull image "${reference}": ${result.error}`, record)
    return { reason: 'ErrImagePull', message: result.error }
  }
  const asked = cluster.now
  const pullMs = local ? 100 : result.image.pullMs
  node.pullFreeAt = Math.max(asked, node.pullFreeAt) + pullMs
  yield node.pullFreeAt - asked
  const entry = node.images.get(parsed.name) ?? { free: false, credentials: new Set<string>() }
  if (result.credential === undefined) entry.free = true
  else entry.credentials.add(result.credential.id).add(result.credential.secret)
  if (!node.images.has(parsed.name)) reportImage(cluster, node.name, result.image)
  node.images.set(parsed.name, entry)
  worker.failedPulls.delete(reference)
  worker.event('Normal', 'Pulled', `Successfully pulled image "${reference}" in ${goDuration(pullMs)} (${goDuration(cluster.now - asked)} including waiting). Image size: ${result.image.sizeBytes} bytes.`, record)
  return result.image
}

/** Every sync tells of pull secrets that are missing (kubelet_pods.go:getPullSecretsForPod). */
export function warnOfSecrets(worker: PodWorker): void {
  const { missing } = credentialsFor(worker.pod, { host: '', path: '' }, worker.cluster)
  if (missing.length > 0) worker.event('Warning', 'FailedToRetrieveImagePullSecret', `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`)
}

/** Image volumes of the pod, pulled before a sync starts its first container: those that cannot be had, by volume. The others get their files. Before 1.35 they are off. */
export function* ensureImageVolumes(worker: PodWorker): Generator<number, ReadonlyMap<string, Problem>, void> {
  const problems = new Map<string, Problem>()
  const volumes = ((worker.pod.spec?.volumes ?? []) as Fields[]).filter((volume) => worker.volumes.get(volume.name)?.kind === 'image')
  for (const { name, image } of volumes) {
    const reference = (image.reference ?? '') as string
    const found = yield* ensureImageExists(worker, reference, pullPolicy({ image: reference, imagePullPolicy: image.pullPolicy }))
    const volume = worker.volumes.get(name)
    if ('reason' in found) problems.set(name, found)
    else if (volume) worker.volumes.set(name, { ...volume, files: worker.cluster.runtime.imageFiles(found), image: found.digest })
  }
  return problems
}

/** The image of a container, and those of the image volumes it mounts; undefined after a failure, which is told by events and the waiting reason. */
export function* ensureImage(worker: PodWorker, record: ContainerRecord, volumes: ReadonlyMap<string, Problem>): Generator<number, ResolvedImage | undefined, void> {
  const fail = ({ reason, message }: Problem): void => {
    worker.event('Warning', 'Failed', `Error: ${reason}`, record)
    record.waiting = { reason, message }
  }
  const mounted = ((record.spec.volumeMounts ?? []) as Fields[]).flatMap((mount) => volumes.get(mount.name) ?? [])
  if (mounted.length > 0) return void mounted.forEach(fail)
  const found = yield* ensureImageExists(worker, record.spec.image as string, pullPolicy(record.spec), record)
  if ('reason' in found) return fail(found) as undefined
  return found
}
