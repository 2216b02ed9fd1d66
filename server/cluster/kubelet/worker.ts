/** The pod worker: one per pod, a sync at a time, in the steps of kubelet.go:SyncPod; waiting is virtual time, never polling. */
import type { Fields, K8sObject, Ref } from '../../k8s/object.ts'
import { compareText, refOf } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import { goDuration } from '../../k8s/duration.ts'
import type { AppRequest, Cluster, Exit, RunningContainer, Timer, Volume } from '../types.ts'
import { uidFor } from '../allocation.ts'
import { qosClass } from '../pod-resources.ts'
import { crashBackoff, crashWait, retryMs } from './backoff.ts'
import { answerOf } from './asking.ts'
import { nodeAddress } from './env.ts'
import type { Attachments } from './attachments.ts'
import type { NodeImages } from './images.ts'
import type { Instance } from './instance.ts'
import { ContainerRecord, couldRestartAll, terminationMessage } from './instance.ts'
import { runHook } from './hooks.ts'
import { kill, killCondemned, leastGraceMs, stopAll } from './killing.ts'
import { hostnameOf } from './identity.ts'
import type { FailedPull, Problem } from './pulling.ts'
import { ensureImage, ensureImageVolumes, warnOfSecrets } from './pulling.ts'
import { startInstance } from './start.ts'
import { ProbeWorker, saidOf } from './probes.ts'
import type { ProbeAnswer, ProbeKind, ProbeTarget } from './probes.ts'
import type { ContainerState } from './status.ts'
import { conditionsOf, gatesOf, getPhase, isOver } from './status.ts'
import { mountVolumes, refreshVolumes } from './mounting.ts'

export const sandboxMs = 500
export const nextContainerMs = 100
/** Yielded by a sync that waits for a call instead of a time. */
const parked = -1

export type NodeState = { name: string; silent: boolean; images: NodeImages; pullFreeAt: Millis; freshAddress(): string; /** Of all nodes. */ attachments: Attachments; /** Longest back-off of a crashing container. */ maxRestartMs: Millis }
export type Pause = Generator<Millis, void, void>
/** What a sync has done so far; `volumes`: image volumes that could not be had. */
type Outcome = { failed: boolean; sleep?: Millis; started: number; volumes?: ReadonlyMap<string, Problem> }

export class PodWorker {
  pod: K8sObject
  readonly ref: Ref
  readonly cluster: Cluster
  readonly node: NodeState
  readonly records: ContainerRecord[]
  readonly volumes = new Map<string, Volume>()
  /** Pulls that failed, by image: containers of the pod share the back-off. */
  readonly failedPulls = new Map<string, FailedPull>()
  podIP = ''
  private readonly bornAt: Millis
  private sandbox = false
  private sandboxAt: Millis = 0
  /** What ran when the node lost its power. */
  private lost: Instance[] = []
  private busy = false
  private again = false
  private probing = false
  private ending = false
  private gone = false
  /** Nothing will be started any more: the last containers are being stopped. */
  private closing = false
  private finished: { reason?: string; message?: string } | undefined
  private wakeUp: Timer | undefined
  private deadline: Timer | undefined
  /** Goes on with a sync that waits for an exit. */
  private resume: (() => void) | undefined
  private current: { cancelled: boolean } = { cancelled: false }

  constructor(pod: K8sObject, cluster: Cluster, node: NodeState) {
    this.pod = pod
    this.ref = refOf(pod)
    this.cluster = cluster
    this.node = node
    this.bornAt = cluster.now
    this.records = [
      ...((pod.spec?.initContainers ?? []) as Fields[]).map((spec) => new ContainerRecord(spec, spec.restartPolicy === 'Always' ? 'sidecar' : 'init')),
      ...((pod.spec?.containers ?? []) as Fields[]).map((spec) => new ContainerRecord(spec, 'app')),
    ]
    const limit = pod.spec?.activeDeadlineSeconds
    if (limit !== undefined) this.deadline = cluster.schedule(cluster.now + limit * 1000, 'kubelet', this.key, () => this.exceedDeadline())
    this.trigger()
  }

  get key(): string {
    return `${this.ref.namespace}/${this.ref.name}/${this.pod.metadata.uid ?? ''}`
  }

  private ownNodeIP = ''
  get nodeIP(): string {
    return (this.ownNodeIP ||= nodeAddress(this.cluster, this.node.name))
  }

  event(type: 'Normal' | 'Warning', reason: string, message: string, record?: ContainerRecord): void {
    this.cluster.event(this.pod, { type, reason, message, component: 'kubelet', node: this.node.name, ...(record ? { fieldPath: `spec.${record.kind === 'app' ? 'containers' : 'initContainers'}{${record.spec.name}}` } : {}) })
  }

  // ---- triggers

  /** The API object changed. */
  update(pod: K8sObject): void {
    const was = this.pod
    this.pod = pod
    const grace = pod.metadata.deletionGracePeriodSeconds ?? 30
    if (pod.metadata.deletionTimestamp && !this.ending) this.terminate(Math.max(1000, grace * 1000))
    else if (this.ending && grace < (was.metadata.deletionGracePeriodSeconds ?? 30)) this.cluster.schedule(this.cluster.now + Math.max(leastGraceMs, grace * 1000), 'kubelet', `${this.key} shortened`, () => this.killAll())
    else if (was.spec !== pod.spec && JSON.stringify(was.spec) !== JSON.stringify(pod.spec)) {
      this.redefine(pod)
      this.trigger()
    } else if (gatesOf(was) !== gatesOf(pod)) this.trigger()
  }

  /** A container whose image changed in the living pod is killed and started anew (kuberuntime_manager.go:containerChanged). */
  private redefine(pod: K8sObject): void {
    const specs = [...((pod.spec?.initContainers ?? []) as Fields[]), ...((pod.spec?.containers ?? []) as Fields[])]
    for (const record of this.records) {
      const next = specs.find((spec) => spec.name === record.spec.name)
      if (!next || next.image === record.spec.image) continue
      record.spec = next
      record.crash = record.waiting = undefined
      if (record.alive && record.kind !== 'init') record.condemned = 'definition'
    }
  }

  /** The object is gone from the API. What a deletion by force left running is ended as gracefully as the spec says, which nobody sees any more (pod_workers.go:calculateEffectiveGracePeriod). */
  removed(): void {
    this.halt()
    this.gone = true
    if (!this.ending && !this.node.silent) stopAll(this, this.graceMs(), () => this.node.attachments.release(this.key))
  }

  /** The node died with everything on it; the API hears nothing. */
  powerLoss(): void {
    this.halt()
    this.lost = this.records.flatMap((record) => record.alive ?? [])
    this.killAll()
  }

  private killAll(): void {
    for (const record of this.records) record.alive?.running?.signal('SIGKILL')
  }

  /** The node is back: containers are found dead, how is not known (containerd internal/cri/server/restart.go), and start again in a new sandbox, init containers first; a pod marked for deletion goes. */
  powerBack(): void {
    for (const instance of this.lost) instance.exit = { code: 255, reason: 'Unknown', at: this.cluster.now }
    this.lost = []
    this.failedPulls.clear()
    for (const record of this.records) {
      if (record.newest?.exit) record.newest.seen = true
      record.crash = record.waiting = undefined
      record.probes = []
    }
    this.probing = false
    this.sandbox = false
    this.busy = false
    if (this.pod.metadata.deletionTimestamp) this.terminate(0)
    else this.trigger()
  }

  private halt(): void {
    this.current.cancelled = true
    this.wakeUp?.cancel()
    this.deadline?.cancel()
    for (const record of this.records) for (const probe of record.probes) probe.stop()
  }

  /** Asks for a sync; one that is under way is followed by another. */
  trigger(): void {
    if (this.gone || this.ending || this.closing || this.finished || this.node.silent) return
    if (this.busy) {
      this.again = true
      return
    }
    this.busy = true
    this.wakeUp?.cancel()
    this.cluster.schedule(this.cluster.now, 'kubelet', this.key, () => this.play(this.sync(), () => {
      this.busy = false
      if (this.again) {
        this.again = false
        this.trigger()
      }
    }))
  }

  private sleep(ms: Millis): void {
    this.wakeUp?.cancel()
    this.wakeUp = this.cluster.schedule(this.cluster.now + ms, 'kubelet', this.key, () => this.trigger())
  }

  /** Runs a generator whose yields are waits in virtual milliseconds. */
  private play(steps: Pause, done: () => void): void {
    const token = (this.current = { cancelled: false })
    const next = (): void => {
      if (token.cancelled) return
      const { value, done: ended } = steps.next()
      if (ended) done()
      else if (value === parked) this.resume = next
      else this.cluster.schedule(this.cluster.now + (value as Millis), 'kubelet', this.key, next)
    }
    next()
  }

  // ---- one sync

  private *sync(): Pause {
    const snapshot = new Map(this.records.map((record) => [record, [...record.instances].reverse().find((one) => one.exit && one.seen)]))
    if (isOver(this.publish())) return this.endAll()
    for (const record of this.records) record.showed()
    yield* mountVolumes(this)
    warnOfSecrets(this)
    this.startProbes()
    if (this.restartsAll) return yield* this.resetAll()
    let fresh = false
    if (!this.sandbox) {
      const { problem } = hostnameOf(this.pod)
      if (problem !== undefined) {
        this.event('Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${problem}`)
        return this.sleep(retryMs)
      }
      if (this.podIP !== '') {
        this.event('Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
        for (const record of this.records) if (record.kind !== 'app') record.instances = []
      }
      if (this.pod.spec?.dnsConfig) for (const complaint of this.cluster.network.resolverComplaints(this.pod)) this.event('Warning', 'DNSConfigForming', complaint)
      yield sandboxMs
      this.sandbox = fresh = true
      this.sandboxAt = this.cluster.now
      this.podIP = this.pod.spec?.hostNetwork ? this.nodeIP : this.node.freshAddress()
    }
    const again = new Set<ContainerRecord>()
    for (const record of this.records) if (record.condemned && record.alive && (yield* killCondemned(this, record))) again.add(record)
    const outcome: Outcome = { failed: false, started: 0 }
    for (const record of this.startable(again)) yield* this.attempt(record, snapshot.get(record), outcome)
    if (this.done()) return void this.endAll()
    if (outcome.sleep !== undefined) this.sleep(outcome.sleep)
    else if (outcome.failed) this.sleep(fresh ? 1000 : retryMs)
    if (outcome.started > 0 && !outcome.failed && outcome.sleep === undefined) this.again = true
    else if (outcome.started > 0) this.publish()
  }

  /** Nothing is left to run although sidecars may be: every app container has ended for good. */
  private done(): boolean {
    const apps = this.records.filter((record) => record.kind === 'app')
    return apps.every((record) => record.newest?.exit && record.newest.seen && !record.restarts(record.newest.exit.code, this.pod))
  }

  /** Ends what still runs beside finished app containers, then the pod. */
  private endAll(): void {
    this.closing = true
    if (this.records.some((record) => record.alive)) stopAll(this, this.graceMs(), () => this.finish({}))
    else this.finish({})
  }

  /** How long the spec gives the containers to end. */
  graceMs(): Millis {
    return (this.pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000
  }

  private finish(how: { reason?: string; message?: string }): void {
    this.finished = how
    this.node.attachments.release(this.key)
    for (const record of this.records) if (record.newest?.exit) record.newest.seen = true
    this.halt()
    this.publish()
  }

  /** A ConfigMap or Secret changed: files follow at the pod's next resync, unless the object is immutable. */
  contentChanged(object: K8sObject): void {
    if (!this.gone) refreshVolumes(this, object, this.bornAt)
  }

  /** Which containers this sync may start: the next init container, or all others once init is through. `again`: just killed to be started anew, whatever they ended with. */
  private startable(again: ReadonlySet<ContainerRecord>): ContainerRecord[] {
    const result: ContainerRecord[] = []
    const begun = this.records.some((record) => record.kind === 'app' && record.newest && record.newest.startedAt >= this.sandboxAt)
    const needs = (record: ContainerRecord): boolean => !record.newest || again.has(record) || (record.newest.exit !== undefined && record.newest.seen && record.restarts(record.newest.exit.code, this.pod))
    for (const record of this.records) {
      if (record.kind === 'app') {
        if (needs(record)) result.push(record)
      } else if (record.kind === 'sidecar') {
        if (needs(record)) result.push(record)
        if (!begun && !record.isStarted) return result
      } else if (!begun && !(record.newest?.exit?.code === 0 && record.newest.seen)) {
        if (needs(record)) result.push(record)
        return result
      }
    }
    return result
  }

  private *attempt(record: ContainerRecord, exited: ContainerRecord['newest'], outcome: Outcome): Pause {
    if (exited?.exit) {
      const verdict = crashBackoff(record.crash, exited.exit.at, this.cluster.now, this.node.maxRestartMs)
      if (!verdict.start) {
        record.waiting = { reason: 'CrashLoopBackOff', message: `back-off ${goDuration(verdict.ms)} restarting failed container=${record.spec.name} pod=${this.ref.name}_${this.ref.namespace}(${this.pod.metadata.uid})` }
        this.event('Warning', 'BackOff', `Back-off restarting failed container ${record.spec.name} in pod ${this.ref.name}_${this.ref.namespace}(${this.pod.metadata.uid})`, record)
        outcome.sleep = Math.min(outcome.sleep ?? Infinity, crashWait(verdict.expires, this.cluster.now))
        return
      }
      record.crash = verdict.entry
    }
    if (outcome.started > 0) yield nextContainerMs
    outcome.volumes ??= yield* ensureImageVolumes(this)
    const image = yield* ensureImage(this, record, outcome.volumes)
    if (!image) return void (outcome.failed = true)
    const problem = startInstance(this, record, image, (exit) => this.exited(record, exit))
    record.waiting = problem
    if (problem) return void (outcome.failed = true)
    outcome.started++
    const hook = record.spec.lifecycle?.postStart
    if (hook && record.alive?.running) {
      const { tookMs, failed } = runHook(this, hook, record.alive.running, record)
      yield tookMs
      if (failed !== undefined) {
        this.event('Warning', 'FailedPostStartHook', 'PostStartHook failed', record)
        this.event('Normal', 'Killing', 'FailedPostStartHook', record)
        yield* this.stopNow(record, this.graceMs())
        record.waiting = { reason: 'PostStartHookError', message: failed }
        outcome.failed = true
      }
    }
  }

  // ---- exits, kills, termination

  private exited(record: ContainerRecord, exit: Exit): void {
    const instance = record.newest
    if (!instance || instance.exit) return
    instance.exit = { ...exit, at: this.cluster.now }
    const message = terminationMessage(record, exit, this.cluster.runtime.logs(this.ref, record.spec.name, false) ?? [])
    if (message !== '') instance.exit.message = message
    this.cluster.record({ kind: 'container-exit', ref: this.ref, container: record.spec.name, text: `${exit.reason} ${exit.code}`, data: { ...exit, attempt: instance.attempt, uid: this.pod.metadata.uid } })
    for (const tell of record.onExit.splice(0)) tell()
    if (this.node.silent) return
    // A process that ends in the instant of its start ends a moment after it.
    const relist = Math.ceil(Math.max(this.cluster.now, instance.startedAt + 1) / 1000) * 1000
    this.cluster.schedule(relist, 'kubelet', `${this.key} relist`, () => {
      instance.seen = true
      this.trigger()
    })
  }

  private readonly respond = (request: AppRequest): ProbeAnswer => answerOf({ cluster: this.cluster, node: this.node.name, podIP: this.podIP, containers: this.records.flatMap((record) => record.alive?.running ?? []) }, request)

  /** Where a probe or hook asks. */
  targetOf(running: RunningContainer, record: ContainerRecord): ProbeTarget {
    return { running, podIP: this.podIP, nodeIP: this.nodeIP, ports: record.spec.ports ?? [], respond: this.respond }
  }

  /** Kills within a sync: the worker waits for the exit. */
  *stopNow(record: ContainerRecord, graceMs: Millis): Pause {
    let ended = false
    kill(this, record, graceMs, () => {
      ended = true
      const resume = this.resume
      this.resume = undefined
      if (resume) this.cluster.schedule(this.cluster.now, 'kubelet', this.key, resume)
    })
    if (!ended) yield parked
  }

  /** A container ended with an exit code whose rule is RestartAllContainers. */
  private get restartsAll(): boolean {
    return this.records.some((record) => record.asksForAll)
  }

  /** Restarts the pod in place: what runs is ended quickly and without hooks, one container after the other, everything is removed, and the next sync begins with the first init container (kuberuntime_manager.go:getContainersToReset). */
  private *resetAll(): Pause {
    for (const record of this.records) if (record.alive) {
      this.event('Normal', 'Killing', 'killing', record)
      yield* this.stopNow(record, 0)
    }
    for (const record of this.records) record.reset()
    this.again = true
  }

  private terminate(graceMs: Millis): void {
    this.ending = true
    this.current.cancelled = true
    this.wakeUp?.cancel()
    this.deadline?.cancel()
    if (this.node.silent) {
      this.ending = false
      return
    }
    stopAll(this, graceMs, () => {
      this.node.attachments.release(this.key)
      if (this.gone) return
      for (const record of this.records) {
        for (const probe of record.probes) probe.stop()
        if (record.newest?.exit) record.newest.seen = true
      }
      this.finished ??= {}
      this.publish()
      this.cluster.schedule(this.cluster.now, 'kubelet', `${this.key} final`, () => { if (!this.gone) this.cluster.api.delete(this.ref, { graceSeconds: 0 }) })
    })
  }

  private exceedDeadline(): void {
    if (this.finished || this.ending) return
    this.event('Normal', 'DeadlineExceeded', 'Pod was active on the node longer than the specified deadline')
    this.fail('DeadlineExceeded', 'Pod was active on the node longer than the specified deadline')
  }

  /** Ends the pod as Failed with a reason: deadline, eviction, rejection. The object stays. */
  fail(reason: string, message: string, graceMs = this.graceMs()): void {
    this.closing = true
    this.current.cancelled = true
    this.wakeUp?.cancel()
    stopAll(this, graceMs, () => this.finish({ reason, message }))
  }

  /** It takes room on the node. */
  get isHere(): boolean {
    return !this.gone && !this.finished
  }

  get isActive(): boolean {
    return !this.gone && !this.finished && !this.ending
  }

  // ---- probes and status

  private startProbes(): void {
    if (this.probing) return
    this.probing = true
    for (const record of this.records.filter((one) => one.kind !== 'init')) {
      for (const kind of ['startup', 'liveness', 'readiness'] as ProbeKind[]) {
        const probe = record.spec[`${kind}Probe`]
        if (probe) record.probes.push(new ProbeWorker(kind, probe, this.cluster, `${this.key} ${record.spec.name}`, this.hostOf(record)))
      }
    }
  }

  private hostOf(record: ContainerRecord): ConstructorParameters<typeof ProbeWorker>[4] {
    let known: ReturnType<ConstructorParameters<typeof ProbeWorker>[4]['target']>
    return {
      target: () => {
        const { alive } = record
        if (!alive?.running) return undefined
        // The same as the last time, for nearly every tick.
        if (known?.id === alive.id && known.podIP === this.podIP) return known
        return (known = { ...this.targetOf(alive.running, record), startedAt: alive.startedAt, id: alive.id })
      },
      isStarted: () => record.isStarted,
      isTerminating: () => this.ending,
      onUnhealthy: (kind, outcome) => this.event('Warning', ...saidOf(kind, outcome), record),
      onResult: (kind, success) => {
        if (kind !== 'readiness' && !success) record.condemned = kind
        if (kind === 'readiness' || success) this.publish()
        if (kind !== 'readiness') this.trigger()
      },
    }
  }

  /**
   * Writes the status as the kubelet knows it now; nothing is written when nothing changed. Returns the phase the containers amount to; while one of them still runs
   * a final phase is not written yet (status_manager.go:mergePodStatus).
   */
  publish(): string {
    if (this.node.silent || this.gone) return 'Unknown'
    const live = this.cluster.view.get('Pod', this.ref.namespace, this.ref.name)
    if (!live || live.metadata.uid !== this.pod.metadata.uid) return 'Unknown'
    const initializing = this.records.some((record) => record.kind === 'init' && record.newest?.exit?.code !== 0) || this.records.some((record) => record.kind === 'sidecar' && !record.isStarted)
    const states: ContainerState[] = this.records.map((record) => ({ name: record.spec.name, kind: record.kind, restarts: (code) => record.restarts(code, this.pod), status: record.status(this.pod, initializing && record.kind === 'app', this.cluster) }))
    const settled = live.status?.phase === 'Succeeded' || live.status?.phase === 'Failed' ? live.status.phase : undefined
    const counted = settled ?? (this.finished?.reason ? 'Failed' : getPhase(states, this.finished !== undefined))
    const phase = settled === undefined && isOver(counted) && this.records.some((record) => record.alive) ? (live.status?.phase ?? 'Running') : counted
    const init = states.filter((state) => state.kind !== 'app').map((state) => state.status)
    this.cluster.api.setStatus(this.ref, {
      ...live.status, phase, ...this.finished,
      conditions: conditionsOf(live, states, phase, { sandbox: this.sandbox && this.finished === undefined, restartingAll: couldRestartAll(this.pod) ? this.restartsAll : undefined }, this.cluster.timestamp()),
      hostIP: this.nodeIP, hostIPs: [{ ip: this.nodeIP }], observedGeneration: this.pod.metadata.generation ?? 1, startTime: live.status?.startTime ?? this.cluster.timestamp(), qosClass: qosClass(this.pod),
      ...(this.podIP ? { podIP: this.podIP, podIPs: [{ ip: this.podIP }] } : {}),
      ...(init.length > 0 ? { initContainerStatuses: init } : {}), // By name, whatever the order in the spec (kubelet/types:SortedContainerStatuses).
      containerStatuses: states.filter((state) => state.kind === 'app').map((state) => state.status).sort((a, b) => compareText(a.name, b.name)),
    })
    for (const record of this.records) if (record.isStarted && !record.isReady) for (const probe of record.probes) if (probe.kind === 'readiness' && !this.justProbed(record)) probe.trigger()
    return counted
  }

  private readonly probedAt = new Map<ContainerRecord, string>()

  /** One immediate readiness run per instance and instant, so that a status written by the run itself does not ask for another. */
  private justProbed(record: ContainerRecord): boolean {
    const stamp = `${record.alive?.id ?? ''}@${this.cluster.now}`
    if (this.probedAt.get(record) === stamp) return true
    this.probedAt.set(record, stamp)
    return false
  }

  /** Identifier of a new instance, the same in every run. */
  instanceId(record: ContainerRecord): string {
    return `containerd://${uidFor(this.cluster.scenario.seed, `${this.key}/${record.spec.name}/${record.starts}`).replaceAll('-', '')}`
  }
}

