/** From a container in a spec to a running process: image, environment, identity, mounts, start (kuberuntime_container.go:startContainer). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import type { ContainerSpec, Exit, Mount, ResolvedImage, User, Volume } from '../types.ts'
import { uidFor } from '../allocation.ts'
import { amountOf } from '../amounts.ts'
import { buildEnv, expand } from './env.ts'
import { hostnameOf, userOf } from './identity.ts'
import type { ContainerRecord } from './instance.ts'
import type { Problem } from './pulling.ts'
import type { PodWorker } from './worker.ts'

/** Creates and starts one instance; returns why not, as the waiting reason to show. */
export function startInstance(worker: PodWorker, record: ContainerRecord, image: ResolvedImage, onExit: (exit: Exit) => void): Problem | undefined {
  const { cluster } = worker
  const refuse = (reason: string, message: string): Problem => {
    worker.event('Warning', 'Failed', `Error: ${message}`, record)
    return { reason, message }
  }
  const root = rootProblem(worker, record, image)
  if (root) return refuse('CreateContainerConfigError', root)
  const built = buildEnv(worker.pod, record.spec, worker.podIP, cluster, worker.volumes)
  if ('error' in built) return refuse('CreateContainerConfigError', built.error)
  const mounted = mountsOf(worker, record.spec, built.env)
  if ('error' in mounted) return refuse('CreateContainerConfigError', mounted.error)
  const missing = imageSubPathProblem(worker, mounted)
  if (missing !== undefined) return refuse('CreateContainerError', missing)
  const lookup = (name: string): string | undefined => built.env.get(name)
  const command = ((record.spec.command ?? []) as string[]).map((word) => expand(word, lookup))
  const args = ((record.spec.args ?? []) as string[]).map((word) => expand(word, lookup))
  const argv = command.length > 0 ? [...command, ...args] : [...image.image.entrypoint, ...(args.length > 0 ? args : image.image.command)]
  if (argv.length === 0) return refuse('CreateContainerError', `failed to generate container "${worker.instanceId(record).slice(13)}" spec: failed to generate spec: no command specified`)
  worker.event('Normal', 'Created', 'Container created', record)
  const spec = { ...specOf(worker, record, image), argv, env: new Map([...Object.entries(image.image.env), ['HOSTNAME', hostnameOf(worker.pod).name], ...built.env]), mounts: mounted.mounts, volumes: mounted.volumes } as ContainerSpec
  const id = worker.instanceId(record)
  const instance: ContainerRecord['instances'][number] = { attempt: record.starts, id, startedAt: cluster.now, seen: false, image }
  const started = cluster.runtime.start(spec, onExit)
  if ('failed' in started) {
    if (started.reason === 'RunContainerError') {
      instance.exit = { code: 128, reason: 'Error', at: cluster.now, message: started.failed, startFailure: true }
      instance.seen = true
      record.instances = [...record.instances, instance].slice(-2)
      record.starts++
    }
    return refuse(started.reason, started.failed)
  }
  record.starts++
  instance.running = started
  record.instances = [...record.instances, instance].slice(-2)
  // Results belong to a container ID: a new one has none, so it is not ready and not started (prober_manager.go:UpdatePodStatus).
  for (const probe of record.probes) probe.reset()
  worker.event('Normal', 'Started', 'Container started', record)
  cluster.record({ kind: 'container-start', ref: worker.ref, container: record.spec.name, text: `start ${instance.attempt}`, data: { attempt: instance.attempt, uid: worker.pod.metadata.uid } })
  return undefined
}

/** security_context.go:verifyRunAsNonRoot. */
function rootProblem(worker: PodWorker, record: ContainerRecord, image: ResolvedImage): string | undefined {
  const own = record.spec.securityContext ?? {}
  const shared = worker.pod.spec?.securityContext ?? {}
  if (!(own.runAsNonRoot ?? shared.runAsNonRoot)) return undefined
  const where = `(pod: "${worker.ref.name}_${worker.ref.namespace}(${worker.pod.metadata.uid})", container: ${record.spec.name})`
  const user = own.runAsUser ?? shared.runAsUser
  if (user !== undefined) return user === 0 ? `container's runAsUser breaks non-root policy ${where}` : undefined
  const imageUser = image.image.user
  if (typeof imageUser === 'string' && !/^\d+$/.test(imageUser)) return `container has runAsNonRoot and image has non-numeric user (${imageUser}), cannot verify user is non-root ${where}`
  return Number(imageUser) === 0 ? `container has runAsNonRoot and image will run as root ${where}` : undefined
}

function specOf(worker: PodWorker, record: ContainerRecord, image: ResolvedImage): Omit<ContainerSpec, 'argv' | 'env' | 'mounts' | 'volumes'> {
  const { pod } = worker
  const own = record.spec.securityContext ?? {}
  const last = record.newest?.exit
  const user = userOf(pod, record.spec, image.image)
  const list = (field: 'limits' | 'requests'): { cpuCores?: number; memoryBytes?: number } => {
    const { cpu, memory } = record.spec.resources?.[field] ?? {}
    return { ...(cpu === undefined ? {} : { cpuCores: amountOf(cpu).milli / 1000 }), ...(memory === undefined ? {} : { memoryBytes: amountOf(memory).milli / 1000 }) }
  }
  return {
    pod: worker.ref, podIP: worker.podIP, nodeName: worker.node.name, name: record.spec.name, attempt: record.starts, image, workingDir: record.spec.workingDir ?? image.image.workingDir,
    user, hostname: hostnameOf(pod).name,
    readOnlyRoot: own.readOnlyRootFilesystem === true, hostNetwork: pod.spec?.hostNetwork === true, lowestPort: lowestPort(pod, own, user, worker.cluster.scenario.cluster.unprivilegedPorts ? 0 : 1024), sharesProcesses: pod.spec?.shareProcessNamespace === true, limits: list('limits'), requests: list('requests'),
    terminationMessagePath: record.spec.terminationMessagePath ?? '/dev/termination-log',
    afterCrash: last !== undefined && last.reason !== 'Completed' && last.code !== 143,
  }
}

/** From which port on a process may listen: any with CAP_NET_BIND_SERVICE, which root has unless it is taken away; others where the pod's own network begins, which containerd sets to 0 if it is told to. */
function lowestPort(pod: K8sObject, { capabilities = {} }: Fields, user: User, first: number): number {
  const has = (list: string[] | undefined): boolean => (list ?? []).some((name) => name === 'NET_BIND_SERVICE')
  if (user.uid === 0 && (has(capabilities.add) || (capabilities.add ?? []).includes('ALL') || !(user.dropAll || has(capabilities.drop)))) return 0
  if (pod.spec?.hostNetwork === true) return 1024
  const set = ((pod.spec?.securityContext?.sysctls ?? []) as Fields[]).find((sysctl) => String(sysctl.name).replaceAll('/', '.') === 'net.ipv4.ip_unprivileged_port_start')
  return Number(set?.value ?? first)
}

/** The mounts; subPath mounts of config volumes see the content of now, for ever. */
function mountsOf(worker: PodWorker, spec: Fields, env: ReadonlyMap<string, string>): { mounts: Mount[]; volumes: Map<string, Volume> } | { error: string } {
  const mounts: Mount[] = []
  const volumes = new Map(worker.volumes)
  for (const mount of (spec.volumeMounts ?? []) as Fields[]) {
    const volume = volumes.get(mount.name)
    if (!volume) return { error: `cannot find volume "${mount.name}" to mount into container "${spec.name}"` }
    let subPath = mount.subPath as string | undefined
    if (mount.subPathExpr) {
      const unset = new Set<string>()
      subPath = expand(mount.subPathExpr, (name) => {
        if (!env.get(name)) unset.add(name)
        return env.get(name) ?? ''
      })
      if (unset.size > 0) return { error: `missing value for ${[...unset].sort().join(', ')}` }
    }
    if (subPath?.startsWith('/')) return { error: `error SubPath \`${subPath}\` must not be an absolute path` }
    if (subPath?.split('/').includes('..')) return { error: `unable to provision SubPath \`${subPath}\`: must not contain '..'` }
    const known = subPath && volume.kind !== 'image' ? subPathProblem(volume, subPath, mount.name, spec.name) : undefined
    if (known !== undefined) return { error: known }
    let name = volume.name
    if (subPath && ['configMap', 'secret', 'projected', 'downwardAPI'].includes(volume.kind)) {
      name = `${volume.name} as of start`
      volumes.set(name, { ...volume, name, files: new Map(volume.files) })
    }
    const inside = [volume.root ?? '', subPath ?? ''].filter((part) => part !== '').join('/')
    mounts.push({ path: mount.mountPath, volume: name, readOnly: mount.readOnly === true || volume.readOnly, ...(inside === '' ? {} : { subPath: inside }) })
  }
  return { mounts, volumes }
}

/** A sub-path that leads through a file is not missing, as far as stat can say, and cannot be bound (subpath_linux.go:PrepareSafeSubpath). */
function subPathProblem(volume: Volume, subPath: string, mount: string, container: string): string | undefined {
  const parts = [volume.root ?? '', ...subPath.split('/')].join('/').split('/').filter((part) => part !== '' && part !== '.')
  const isFile = (path: string): boolean => volume.files.has(path) && volume.files.get(path)!.directory !== true
  const blocked = parts.some((_, i) => i > 0 && isFile(parts.slice(0, i).join('/')))
  return blocked ? `failed to prepare subPath for volumeMount "${mount}" of container "${container}"` : undefined
}

/** A folder of an image volume must be there, and a folder it must be (containerd internal/cri/server/container_image_mount.go:ensureImageSubPath). */
function imageSubPathProblem(worker: PodWorker, { mounts, volumes }: { mounts: readonly Mount[]; volumes: ReadonlyMap<string, Volume> }): string | undefined {
  for (const { volume: name, subPath } of mounts) {
    const volume = volumes.get(name)
    if (volume?.kind !== 'image' || !subPath) continue
    const sandbox = uidFor(worker.cluster.scenario.seed, `${worker.key}/sandbox`).replaceAll('-', '')
    const target = `/run/containerd/io.containerd.grpc.v1.cri/image-volumes/${sandbox}/${(volume.image ?? '').replace('sha256:', '')}`
    const node = volume.files.get(subPath.split('/').filter((part) => part !== '' && part !== '.').join('/'))
    if (node?.directory) continue
    const why = node ? `only directory subpath is supported, subpath: "${subPath}", mountpoint: "${target}" ` : `openat ${subPath}: no such file or directory`
    return `failed to mount image volume: ImageVolumeMountFailed: failed to ensure image subpath "${subPath}" in "${target}": ${why}`
  }
  return undefined
}
