/** What the kubelet remembers of one container: its instances, back-off and the error of its last start attempt. */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { Cluster, Exit, ResolvedImage, RunningContainer } from '../types.ts'
import type { Backoff } from './backoff.ts'
import type { ProbeWorker } from './probes.ts'
import type { ContainerKind } from './status.ts'

export type Instance = { attempt: number; id: string; startedAt: Millis; running?: RunningContainer; exit?: Exit & { at: Millis; message?: string; startFailure?: boolean }; /** The kubelet has noticed the exit. */ seen: boolean; image: ResolvedImage }

export class ContainerRecord {
  spec: Fields
  readonly kind: ContainerKind
  instances: Instance[] = []
  starts = 0
  /** Error of the last start attempt, shown by the next status (the reason cache). */
  waiting: { reason: string; message?: string } | undefined
  crash: Backoff | undefined
  /** Its instances were removed once to restart the whole pod. */
  removed = false
  probes: ProbeWorker[] = []
  /** Liveness or startup probe asked for a kill, or the container is another one now. */
  condemned: 'liveness' | 'startup' | 'definition' | undefined
  onExit: (() => void)[] = []

  constructor(spec: Fields, kind: ContainerKind) {
    this.spec = spec
    this.kind = kind
  }

  get newest(): Instance | undefined {
    return this.instances.at(-1)
  }

  /** The live instance, as far as the kubelet knows. */
  get alive(): Instance | undefined {
    const newest = this.newest
    return newest && !newest.exit ? newest : undefined
  }

  get isStarted(): boolean {
    const startup = this.probes.find((probe) => probe.kind === 'startup')
    return this.alive !== undefined && (!startup || startup.success === true)
  }

  get isReady(): boolean {
    const readiness = this.probes.find((probe) => probe.kind === 'readiness')
    return this.isStarted && (!readiness || readiness.success === true)
  }

  /** Does the policy start it again after this exit: container rules, container policy, then the pod's (container/helpers.go:ContainerShouldRestart). */
  restarts(exitCode: number, pod: K8sObject): boolean {
    if (matchingRule(this.spec, exitCode)) return true
    if (this.kind === 'sidecar') return true
    const policy = this.policy(pod)
    if (this.kind === 'init') return exitCode !== 0 && policy !== 'Never'
    return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
  }

  /** The restart policy in effect, without rules. */
  policy(pod: K8sObject): string {
    return this.spec.restartPolicy ?? pod.spec?.restartPolicy ?? 'Always'
  }

  /** Its newest exit asks for all containers of the pod to be restarted (container/helpers.go:ShouldAllContainersRestart). */
  get asksForAll(): boolean {
    const exit = this.newest?.seen ? this.newest.exit : undefined
    return exit !== undefined && matchingRule(this.spec, exit.code)?.action === 'RestartAllContainers'
  }

  /** Forgets the instances, as their removal from the node does; the count of restarts goes on. A container that waits keeps what it shows. */
  reset(): void {
    if (this.newest && !this.waiting) {
      this.removed = true
      this.waiting = { reason: restartingAll.reason, message: restartingAll.message }
    }
    this.instances = []
  }

  /** That the container was removed is shown once; then it waits like one that never ran (kubelet_pods.go:convertToAPIContainerStatuses). */
  showed(): void {
    if (this.waiting?.reason === restartingAll.reason) this.waiting = undefined
  }

  private shaped: { of: Instance | undefined; spec: Fields; fields: Fields } | undefined

  /** What a status says of the definition: mounts, and of a container that was started its resources and user. */
  private shape(newest: Instance | undefined): Fields {
    if (this.shaped && this.shaped.of === newest && this.shaped.spec === this.spec) return this.shaped.fields
    const { volumeMounts = [], resources = {} } = this.spec
    const user = newest?.running?.spec.user
    const fields = {
      ...(volumeMounts.length > 0 ? { volumeMounts: (volumeMounts as Fields[]).map(({ name, mountPath, readOnly, recursiveReadOnly }) => ({ name, mountPath, ...(readOnly ? { readOnly, recursiveReadOnly: recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled' ? 'Disabled' : 'Enabled' } : {}) })) } : {}),
      ...(newest ? { resources, ...(resources.requests ? { allocatedResources: resources.requests } : {}) } : {}),
      ...(user ? { user: { linux: { uid: user.uid, gid: user.gid, supplementalGroups: [...new Set([user.gid, ...user.groups])] } } } : {}),
    }
    this.shaped = { of: newest, spec: this.spec, fields }
    return fields
  }

  /** The container status; `initializing` and `pod` decide what an unstarted container shows. */
  status(pod: K8sObject, initializing: boolean, cluster: Cluster): Fields {
    const shown = this.instances.filter((one) => one.startedAt <= cluster.now)
    const newest = shown.at(-1)
    const before = shown.at(-2)
    let state: Fields
    let lastState: Fields = before?.exit ? { terminated: terminated(before, cluster) } : this.removed ? { terminated: { exitCode: 137, ...restartingAll } } : {}
    if (!newest) state = { waiting: this.waiting ?? { reason: initializing ? 'PodInitializing' : 'ContainerCreating' } }
    else if (newest.exit && newest.seen) {
      const ended = { terminated: terminated(newest, cluster) }
      if (this.waiting && this.restarts(newest.exit.code, pod)) {
        lastState = ended
        state = { waiting: this.waiting }
      } else state = ended
    } else state = { running: { startedAt: cluster.timestamp(newest.startedAt) } }
    const isInit = this.kind === 'init'
    return {
      name: this.spec.name, state, lastState, ready: isInit ? newest?.exit?.code === 0 : state.running !== undefined && this.isReady, restartCount: Math.max(0, newest ? this.starts - 1 : this.starts),
      image: newest?.image.name ?? this.spec.image, imageID: newest ? repoDigest(newest.image) : '', ...(newest ? { containerID: newest.id } : {}), ...this.shape(newest), started: state.running !== undefined && (isInit || this.isStarted),
    }
  }
}

/** The name by digest that the runtime gives an image. */
export function repoDigest({ name, digest }: ResolvedImage): string {
  return `${name.replace(/@.*$|:[^:/]*$/, '')}@${digest}`
}

const restartingAll = { reason: 'RestartingAllContainers', message: 'The container is removed because RestartAllContainers in place' }

/** The first rule that an exit code matches. */
function matchingRule(spec: Fields, exitCode: number): Fields | undefined {
  return ((spec.restartPolicyRules ?? []) as Fields[]).find((rule) => ((rule.exitCodes?.values ?? []) as number[]).includes(exitCode) === (rule.exitCodes?.operator === 'In'))
}

/** May an exit restart all containers of this pod (api/v1/pod/util.go:AllContainersCouldRestart)? */
export function couldRestartAll(pod: K8sObject): boolean {
  const containers = [...((pod.spec?.initContainers ?? []) as Fields[]), ...((pod.spec?.containers ?? []) as Fields[])]
  return containers.some((container) => ((container.restartPolicyRules ?? []) as Fields[]).some((rule) => rule.action === 'RestartAllContainers'))
}

const longestMessage = 4096
const longestLogMessage = 2048
const mostLogLines = 80

/** What an ended container leaves to be read: the end of its message file, or of its log where the policy says so, it failed and the file is empty (kuberuntime_container.go:getTerminationMessage). */
export function terminationMessage(record: ContainerRecord, exit: Exit, log: readonly { line: string }[]): string {
  const path = (record.spec.terminationMessagePath ?? '/dev/termination-log') as string
  const file = path === '' ? undefined : record.newest?.running?.readFile(path)
  const written = file?.ok ? file.content.slice(-longestMessage) : ''
  if (written !== '' || exit.code === 0 || record.spec.terminationMessagePolicy !== 'FallbackToLogsOnError') return written
  return log.slice(-mostLogLines).map(({ line }) => `${line}\n`).join('').slice(-longestLogMessage)
}

function terminated(instance: Instance, cluster: Cluster): Fields {
  const exit = instance.exit!
  return {
    exitCode: exit.code, reason: exit.startFailure ? 'StartError' : exit.reason, ...(exit.message ? { message: exit.message } : {}),
    startedAt: exit.startFailure ? '1970-01-01T00:00:00Z' : cluster.timestamp(instance.startedAt), finishedAt: cluster.timestamp(exit.at), containerID: instance.id,
  }
}
