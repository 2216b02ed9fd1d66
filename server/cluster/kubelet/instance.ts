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
  pull: Backoff | undefined
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

  /** Does the policy start it again after this exit: container rules, container policy, then the pod's. */
  restarts(exitCode: number, pod: K8sObject): boolean {
    for (const rule of (this.spec.restartPolicyRules ?? []) as Fields[]) {
      const within = ((rule.exitCodes?.values ?? []) as number[]).includes(exitCode)
      if (within === (rule.exitCodes?.operator === 'In')) return true
    }
    if (this.kind === 'sidecar') return true
    const policy = this.spec.restartPolicy ?? pod.spec?.restartPolicy ?? 'Always'
    if (this.kind === 'init') return exitCode !== 0 && policy !== 'Never'
    return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
  }

  /** The container status; `initializing` and `pod` decide what an unstarted container shows. */
  status(pod: K8sObject, initializing: boolean, cluster: Cluster): Fields {
    const shown = this.instances.filter((one) => one.startedAt <= cluster.now)
    const newest = shown.at(-1)
    const before = shown.at(-2)
    let state: Fields
    let lastState: Fields = before?.exit ? { terminated: terminated(before, cluster) } : {}
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
      name: this.spec.name, state, lastState, ready: isInit ? newest?.exit?.code === 0 : state.running !== undefined && this.isReady, restartCount: Math.max(0, this.starts - 1),
      image: this.spec.image, imageID: newest?.image.digest ?? '', ...(newest ? { containerID: newest.id } : {}), started: state.running !== undefined && (isInit || this.isStarted),
    }
  }
}

function terminated(instance: Instance, cluster: Cluster): Fields {
  const exit = instance.exit!
  return {
    exitCode: exit.code, reason: exit.startFailure ? 'StartError' : exit.reason, ...(exit.message ? { message: exit.message } : {}),
    startedAt: exit.startFailure ? '1970-01-01T00:00:00Z' : cluster.timestamp(instance.startedAt), finishedAt: cluster.timestamp(exit.at), containerID: instance.id,
  }
}
