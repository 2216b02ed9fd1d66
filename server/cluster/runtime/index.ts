/** The node runtime: images, containers and the processes in them (what containerd, runc and the programs do). */
import type { Ref } from '../../k8s/object.ts'
import type { Cluster, ContainerSpec, Directory, Millis, RunningContainer, Runtime } from '../types.ts'
import type { Shared } from './container.ts'
import { Container } from './container.ts'
import { directoryNode, Tree, treeBytes, treeOf } from './files.ts'
import { createImageSource } from './images.ts'
import { mostLogBytes } from './journal.ts'
import { mountedImage, startFailure } from './program.ts'
import { pauseProcess } from './provided.ts'
import { LeaseBook } from './writer.ts'

/** Bytes of a pod on its node's disk: layer and log by container, content by emptyDir volume that is not in memory, and what its programs are about to add below hostPath volumes. */
export type DiskUse = { containers: Map<string, number>; emptyDirs: Map<string, number>; hostGrowth: number }

/** The memory of one container as a function of time. */
export type MemoryCourse = {
  readonly spec: ContainerSpec
  bytesAt(at: Millis): number
  mostBytesBy(at: Millis): number
  memoryTurns(from: Millis, to: Millis): Millis[]
  killForMemory(): void
}

/** The runtime, and what load generators and the kubelet's disk checks need beyond it. */
export type NodeRuntime = Runtime & {
  /** What a pod uses on disk at an instant, now or later as things go now. */
  diskUse(pod: Ref, at: Millis): DiskUse
  /** Calls back when the use of disk by a pod took another course. */
  watchDisk(changed: (pod: Ref, node: string) => void): void
  /** No more than this was ever written on a node, or will be until the run ends as things go now. */
  mostWrittenOn(node: string): number
  /** The running containers of a node. */
  memoryOn(node: string): readonly MemoryCourse[]
  /** Calls back when the memory of a container of a node took another course. */
  watchMemory(changed: (node: string) => void): void
  /** Calls back whenever callers may see something else of a container: a socket opened or closed, a hang, an end. */
  watch(changed: (container: Container) => void): void
  /** Says how many requests or messages per second a named client sends to a container from now on. */
  offer(client: string, container: RunningContainer, what: 'request' | 'message', perSecond: number): void
}

type Slot = { uid: string; newest: Container; previous: Container | undefined }

/** Makes the runtime of one cluster. */
export function createRuntime(cluster: Cluster): NodeRuntime {
  const image = createImageSource(cluster)
  const pods = new Map<string, Map<string, Slot>>()
  const volumes = new Map<string, Tree>()
  const pids = new Map<string, number>()
  const watchers: ((container: Container) => void)[] = []
  const diskWatchers: ((pod: Ref, node: string) => void)[] = []
  const written = new Map<string, number>()
  const memoryWatchers: ((node: string) => void)[] = []
  const offers = new Map<Container, Map<string, number>>()
  const keyOfPod = (pod: Ref): string => `${pod.namespace}/${pod.name}`
  const newestOf = (pod: Ref): Container[] => [...(pods.get(keyOfPod(pod))?.values() ?? [])].map((slot) => slot.newest)

  const shared: Shared = {
    leases: new LeaseBook(),
    marks: new Map(),
    freshPid(spec) {
      const key = `${keyOfPod(spec.pod)} ${cluster.view.get('Pod', spec.pod.namespace, spec.pod.name)?.metadata.uid} ${spec.podIP}`
      const pid = (pids.get(key) ?? pauseProcess.pid) + 1
      pids.set(key, pid)
      return pid
    },
    siblings: (spec) => newestOf(spec.pod),
    neighbours: (spec) => (spec.hostNetwork ? [...pods.values()].flatMap((slots) => [...slots.values()].map((slot) => slot.newest)).filter((one) => one.spec.hostNetwork && one.spec.nodeName === spec.nodeName) : newestOf(spec.pod)),
    changed: (container) => { for (const changed of watchers) changed(container) },
    diskChanged: (container, mostBytes) => {
      const { pod, nodeName } = container.spec
      written.set(nodeName, (written.get(nodeName) ?? 0) + mostBytes)
      for (const changed of diskWatchers) changed(pod, nodeName)
    },
    memoryChanged: (container) => { for (const changed of memoryWatchers) changed(container.spec.nodeName) },
    offeredCores: (container) => {
      let sum = 0
      for (const cores of offers.get(container)?.values() ?? []) sum += cores
      return sum
    },
  }

  function keep(container: Container): void {
    const { pod, name, nodeName } = container.spec
    written.set(nodeName, (written.get(nodeName) ?? 0) + mostLogBytes)
    const uid = cluster.view.get('Pod', pod.namespace, pod.name)?.metadata.uid ?? ''
    let slots = pods.get(keyOfPod(pod))
    // A pod of the same name is another pod: nothing of the old one is seen through it.
    if (!slots || [...slots.values()].some((slot) => slot.uid !== uid)) pods.set(keyOfPod(pod), (slots = new Map()))
    slots.set(name, { uid, newest: container, previous: slots.get(name)?.newest })
  }

  return {
    image,
    start(spec, onExit) {
      const container = new Container(cluster, spec, shared, onExit)
      const failure = wrongUser(spec) ?? startFailure(spec, container.files, archOf(cluster, spec.nodeName))
      if (failure) return failure
      keep(container)
      container.begin()
      return container
    },
    container: (pod, name) => pods.get(keyOfPod(pod))?.get(name)?.newest,
    containers: (pod) => newestOf(pod),
    logs(pod, name, previous) {
      const slot = pods.get(keyOfPod(pod))?.get(name)
      return (previous ? slot?.previous : slot?.newest)?.log
    },
    persistent(volumeName, root) {
      let tree = volumes.get(volumeName)
      if (!tree) {
        tree = new Tree()
        tree.set('', directoryNode(root.owner, root.group, root.mode))
        volumes.set(volumeName, tree)
      }
      return tree
    },
    imageFiles: (image) => mountedImage(image.profile),
    directory: (files, mode): Directory => treeOf(files, mode),
    diskUse(pod, at) {
      const use: DiskUse = { containers: new Map(), emptyDirs: new Map(), hostGrowth: 0 }
      for (const container of newestOf(pod)) {
        const { own, growth } = container.diskAt(at)
        use.containers.set(container.spec.name, own)
        for (const volume of container.spec.volumes.values()) if (volume.kind === 'emptyDir' && !volume.tmpfs) use.emptyDirs.set(volume.name, treeBytes(volume.files))
        for (const [volume, more] of growth) {
          if (volume.kind === 'hostPath') use.hostGrowth += more
          else if (use.emptyDirs.has(volume.name)) use.emptyDirs.set(volume.name, use.emptyDirs.get(volume.name)! + more)
        }
      }
      return use
    },
    watchDisk: (changed) => void diskWatchers.push(changed),
    mostWrittenOn: (node) => written.get(node) ?? 0,
    memoryOn: (node) => [...pods.values()].flatMap((slots) => [...slots.values()].map((slot) => slot.newest)).filter((container) => container.spec.nodeName === node && !container.exited),
    watchMemory: (changed) => void memoryWatchers.push(changed),
    watch: (changed) => void watchers.push(changed),
    offer(client, container, what, perSecond) {
      if (!(container instanceof Container)) return
      const { perRequest, perMessage } = container.spec.image.profile.cpu
      const cores = perSecond * (what === 'message' ? perMessage : perRequest)
      const wanted = offers.get(container)
      if (cores <= 0) wanted?.delete(client)
      else if (wanted) wanted.set(client, cores)
      else offers.set(container, new Map([[client, cores]]))
    },
  }
}

function archOf(cluster: Cluster, node: string): string {
  return cluster.view.get('Node', '', node)?.status?.nodeInfo?.architecture ?? 'amd64'
}

/** A USER name that the image's passwd file does not know (containerd oci/spec_opts.go:WithUser). */
function wrongUser(spec: ContainerSpec): { failed: string; reason: 'CreateContainerError' } | undefined {
  const { user, files } = spec.image.image
  if (typeof user === 'number' || /^\d+$/.test(user)) return undefined
  const passwd = files['/etc/passwd']
  if (passwd === undefined) return undefined
  const text = typeof passwd === 'string' ? passwd : passwd.content
  if (text.split('\n').some((line) => line.startsWith(`${user}:`))) return undefined
  return { failed: `failed to generate container spec: unable to find user ${user}: no matching entries in passwd file`, reason: 'CreateContainerError' }
}
