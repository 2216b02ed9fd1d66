/** A started container: its processes, files, memory and log. It ends when process 1 ends, or as a whole when it runs out of memory. */
import type { Millis } from '../../k8s/duration.ts'
import { isLocal } from '../network/address.ts'
import type { AppRequest, AppResponse, Cluster, ContainerSpec, Exit, FileRead, RunningContainer, Timer, Volume } from '../types.ts'
import type { AppInput } from './app.ts'
import { AppProcess } from './app.ts'
import { absolutePath, FileSystem } from './files.ts'
import { Journal } from './journal.ts'
import { firstAbove } from './memory.ts'
import type { Bound, Ended, Host, Process } from './host.ts'
import { cannedCommand, installedImage, lookupProgram } from './program.ts'
import type { Seen } from './provided.ts'
import { providedFiles, visibleProcesses } from './provided.ts'
import type { ExecResult } from './shell/running.ts'
import { runExec, ShellProcess } from './shell/running.ts'
import type { LeaseBook } from './writer.ts'

/** What all containers of a cluster share. */
export type Shared = {
  leases: LeaseBook
  marks: Map<unknown, 'clean' | 'unclean'>
  siblings(spec: ContainerSpec): readonly Container[]
  /** The next number in a process namespace that the containers of a pod share. */
  freshPid(spec: ContainerSpec): number
  /** Containers that share the network namespace. */
  neighbours(spec: ContainerSpec): readonly Container[]
  changed(container: Container): void
  /** Files on disk grew, or began or ceased to; by at most so many bytes until the run ends. */
  diskChanged(container: Container, mostBytes: number): void
  /** Memory took another course. */
  memoryChanged(container: Container): void
  offeredCores(container: Container): number
}

/** Allocating takes a moment even for a program that is far above its limit. */
const soonestKillMs = 500
const defaultExecTimeoutMs = 3_600_000

type Growth = { path: string; volume: Volume | undefined; perMs: number; cap: number; base: number; since: Millis }

export class Container implements RunningContainer, Host {
  readonly cluster: Cluster
  readonly spec: ContainerSpec
  readonly startedAt: Millis
  readonly files: FileSystem
  readonly key: string
  readonly processes = new Set<Process>()
  readonly marks: Shared['marks']
  readonly leases: LeaseBook
  readonly out: (text: string) => void
  readonly print: (line: string) => void
  exited: (Exit & { at: Millis }) | undefined
  private readonly shared: Shared
  private readonly onExit: (exit: Exit) => void
  private readonly journal: Journal
  private readonly growths = new Set<Growth>()
  private readonly charged = new Map<Volume, Set<string>>()
  private main: Process | undefined
  private pids = 0
  private killTimer: Timer | undefined
  private outOfMemory = false

  constructor(cluster: Cluster, spec: ContainerSpec, shared: Shared, onExit: (exit: Exit) => void) {
    this.cluster = cluster
    this.spec = spec
    this.shared = shared
    this.onExit = onExit
    this.startedAt = cluster.now
    this.key = `${spec.pod.namespace}/${spec.pod.name} ${spec.name}`
    this.marks = shared.marks
    this.leases = shared.leases
    this.journal = new Journal(() => cluster.now)
    this.out = this.journal.write
    this.print = (line) => this.journal.print(line)
    this.files = new FileSystem(installedImage(spec.image.profile).tree, spec.mounts, spec.volumes, spec.readOnlyRoot, (volume, path) => this.charge(volume, path), (bytes) => this.shared.diskChanged(this, bytes), providedFiles(this))
    this.files.mountMessageFile(spec.terminationMessagePath)
  }

  /** Starts process 1. Nothing has ended when this returns. */
  begin(): void {
    const { argv, env, workingDir } = this.spec
    const found = lookupProgram(this.spec, this.files, argv[0]!, workingDir, env.get('PATH'))
    const isApp = 'program' in found && found.program.kind === 'app' && !cannedCommand(this.spec.image.profile, argv)
    if (isApp) {
      const app = new AppProcess(this, { argv, env, cwd: workingDir, onEnd: (ended) => this.finish(ended) })
      this.main = app
      this.processes.add(app)
      app.begin()
    } else {
      this.main = new ShellProcess(this, argv, env, workingDir, (ended) => this.finish(ended))
      this.processes.add(this.main)
    }
    this.memoryChanged()
  }

  // ---- the end

  private finish(ended: Ended): void {
    if (this.exited) return
    const reason = this.outOfMemory ? 'OOMKilled' : ended.code === 0 ? 'Completed' : 'Error'
    const exit: Exit = { code: ended.code, reason, ...(ended.signal === undefined ? {} : { signal: ended.signal }) }
    this.exited = { ...exit, at: this.cluster.now }
    this.killTimer?.cancel()
    for (const task of [...this.processes]) task.end({ code: 137, signal: 9 })
    this.settleGrowths()
    this.growths.clear()
    this.journal.close()
    this.shared.changed(this)
    this.shared.memoryChanged(this)
    this.onExit(exit)
  }

  signal(name: string): void {
    if (!this.exited) this.main?.signal(name)
  }

  signalTo(pid: number, name: string): boolean {
    const seen = this.visible().find((one) => one.pid === pid)
    seen?.task?.signal(name)
    return seen !== undefined
  }

  visible(): readonly Seen[] {
    return visibleProcesses(this)
  }

  // ---- processes

  freshPid(): number {
    return this.spec.sharesProcesses ? this.shared.freshPid(this.spec) : ++this.pids
  }

  start(input: AppInput): Process {
    const app: AppProcess = new AppProcess(this, { ...input, onEnd: (ended) => {
      this.processes.delete(app)
      this.memoryChanged()
      this.changed()
      input.onEnd(ended)
    } })
    this.processes.add(app)
    app.begin()
    this.memoryChanged()
    return app
  }

  adopt(task: Process): void {
    this.processes.add(task)
    this.memoryChanged()
  }

  exec(argv: string[], timeoutMs: Millis = defaultExecTimeoutMs): ExecResult {
    const failed = { exitCode: 126, stdout: '', stderr: '', durationMs: 0 }
    if (this.exited) return { ...failed, exitCode: 137, stderr: 'container not running' }
    this.settleGrowths()
    const found = lookupProgram(this.spec, this.files, argv[0] ?? '', this.spec.workingDir, this.spec.env.get('PATH'))
    if ('text' in found) return { ...failed, stderr: found.text, missing: argv[0] ?? '' }
    return runExec(this, argv, timeoutMs)
  }

  schedule(at: Millis, run: () => void): Timer {
    return this.cluster.schedule(at, 'process', this.key, () => { if (!this.exited) run() })
  }

  changed(): void {
    if (!this.exited) this.shared.changed(this)
  }

  offeredCores(): number {
    return this.shared.offeredCores(this)
  }

  siblings(): readonly Container[] {
    return this.shared.siblings(this.spec)
  }

  // ---- network

  taken(): readonly Bound[] {
    return this.shared.neighbours(this.spec).flatMap((container) => (container.exited ? [] : [...container.processes].flatMap((task) => task.bound())))
  }

  listening(): readonly Bound[] {
    return this.exited ? [] : [...this.processes].flatMap((task) => task.listening())
  }

  respond(request: AppRequest): AppResponse {
    if (this.exited) return { outcome: 'refused' }
    const inside = isLocal(request.on)
    if (inside && !isLocal(request.sourceIP) && !this.spec.hostNetwork) return { outcome: 'refused' }
    for (const task of this.processes) {
      const socket = task.listening().find((one) => one.port === request.port && one.protocol === request.protocol && (one.address === '0.0.0.0' || one.address === request.on || (inside && isLocal(one.address))))
      if (socket) return task.answer(request, socket)
    }
    return { outcome: 'refused' }
  }

  // ---- log

  get log(): readonly { at: Millis; line: string }[] {
    return this.journal.all()
  }

  printEvery(line: string, everyMs: Millis): () => void {
    this.shared.diskChanged(this, 0)
    return this.journal.repeat(line, everyMs)
  }

  // ---- memory and processor

  memoryBytes(): number {
    return this.exited ? 0 : Math.round(this.bytesAt(this.cluster.now))
  }

  /** Processes, and what this container wrote to memory-backed volumes. */
  bytesAt(at: Millis): number {
    if (this.exited) return 0
    let sum = 0
    for (const task of this.processes) sum += task.memoryBytesAt(at)
    for (const [volume, paths] of this.charged) for (const path of paths) sum += nodeBytes(volume, path)
    for (const growth of this.growths) if (growth.volume?.tmpfs) sum += grownAt(growth, at) - growth.base
    return sum
  }

  /** An upper bound of its memory until then: a limit ends the container before it takes more. */
  mostBytesBy(at: Millis): number {
    if (this.exited) return 0
    let sum = this.bytesAt(at)
    for (const task of this.processes) sum += task.memoryMostBy(at) - task.memoryBytesAt(at)
    return Math.min(sum, this.spec.limits.memoryBytes ?? Infinity)
  }

  /** Instants in (from, to] at which memory may fall or bend. */
  memoryTurns(from: Millis, to: Millis): Millis[] {
    return [...[...this.processes].flatMap((task) => task.memoryTurns(from, to)), ...[...this.growths].map((growth) => Math.ceil(growth.since + (growth.cap - growth.base) / growth.perMs)).filter((at) => Number.isFinite(at))]
  }

  memoryChanged(): void {
    this.killTimer?.cancel()
    this.shared.memoryChanged(this)
    const limit = this.spec.limits.memoryBytes
    if (limit === undefined || this.exited) return
    const from = this.cluster.now
    const until = this.cluster.appliedAt + this.cluster.run.length
    const at = this.bytesAt(from) > limit ? from : firstAbove((time) => this.bytesAt(time), limit, from, until, this.memoryTurns(from, until))
    if (at === undefined) return
    this.killTimer = this.schedule(Math.max(at, this.startedAt + soonestKillMs), () => this.killForMemory())
  }

  /** The kernel's killer ends the whole container. */
  killForMemory(): void {
    if (this.exited) return
    this.outOfMemory = true
    this.main?.end({ code: 137, signal: 9 })
  }

  private charge(volume: Volume, path: string): void {
    const paths = this.charged.get(volume)
    if (paths) paths.add(path)
    else this.charged.set(volume, new Set([path]))
    this.chargedAt ??= this.cluster.schedule(this.cluster.now, 'process', this.key, () => {
      this.chargedAt = undefined
      this.memoryChanged()
    })
  }

  private chargedAt: Timer | undefined

  grow(path: string, bytesPerMs: number, capBytes: number): () => void {
    const volume = this.files.volumeAt(path)
    const node = this.files.node(path)
    const base = node && !node.directory ? node.bytes : 0
    const growth: Growth = { path, volume, perMs: bytesPerMs, cap: Math.max(base, Math.min(capBytes, volume?.tmpfs ? (volume.sizeLimitBytes ?? Infinity) : Infinity)), base, since: this.cluster.now }
    this.growths.add(growth)
    this.memoryChanged()
    this.shared.diskChanged(this, grownAt(growth, this.cluster.appliedAt + this.cluster.run.length) - base)
    return () => {
      this.settle(growth)
      this.growths.delete(growth)
    }
  }

  private settleGrowths(): void {
    for (const growth of this.growths) this.settle(growth)
  }

  /** Writes down how far a file has grown. */
  private settle(growth: Growth): void {
    const node = this.files.node(growth.path)
    if (!node || node.directory) return
    const bytes = Math.round(grownAt(growth, this.cluster.now))
    this.files.put(growth.path, { ...node, bytes })
    growth.base = bytes
    growth.since = this.cluster.now
  }

  /** Bytes on disk at an instant, now or later: the container's own layer and log, and what its growing files add to each volume. */
  diskAt(at: Millis): { own: number; growth: Map<Volume, number> } {
    let own = this.files.writtenBytes + this.journal.bytesAt(at)
    const growth = new Map<Volume, number>()
    for (const one of this.growths) {
      const more = grownAt(one, at) - one.base
      if (one.volume === undefined) own += more
      else growth.set(one.volume, (growth.get(one.volume) ?? 0) + more)
    }
    return { own, growth }
  }

  cpuCores(): { wanted: number; used: number } {
    if (this.exited) return { wanted: 0, used: 0 }
    let wanted = 0
    for (const task of this.processes) wanted += task.wantedCores()
    return { wanted, used: Math.min(wanted, this.spec.limits.cpuCores ?? Infinity) }
  }

  slowdown(): number {
    let worst = 1
    for (const task of this.processes) worst = Math.max(worst, task.slowdown())
    return worst
  }

  // ---- faults and looks from outside

  behave(mode: 'hang' | 'slow' | 'stop' | 'crash' | 'normal', latencyMs?: Millis): void {
    for (const app of this.apps()) app.behave(mode, latencyMs)
    if (mode === 'crash' && !this.exited && this.apps().length === 0) this.main?.behave('crash')
  }

  load(factor: number): void {
    for (const task of this.processes) task.load(factor)
  }

  private apps(): AppProcess[] {
    return [...this.processes].filter((task): task is AppProcess => task instanceof AppProcess)
  }

  config(name: string): string | undefined {
    for (const app of this.apps()) {
      const value = app.config(name)
      if (value !== undefined) return value
    }
    return undefined
  }

  isActiveWriter(): boolean {
    return !this.exited && this.apps().some((app) => app.isActiveWriter)
  }

  /** The program ended, or is ending, after finishing what was under way. */
  get endsCleanly(): boolean {
    return this.main instanceof AppProcess ? this.main.endsCleanly : this.exited?.code === 0
  }

  get isHung(): boolean {
    return this.apps().some((app) => app.isHung)
  }

  readFile(path: string): FileRead {
    return this.files.read(absolutePath(path, this.spec.workingDir), this.spec.user)
  }

  canWrite(path: string): ReturnType<RunningContainer['canWrite']> {
    const place = absolutePath(path, this.spec.workingDir)
    const file = this.files.node(place)?.directory ? absolutePath('.write-test', place) : place
    return this.files.canWrite(file, this.spec.user) as ReturnType<RunningContainer['canWrite']>
  }

  write(path: string, content: string): { ok: boolean; error?: string } {
    const done = this.files.write(absolutePath(path, this.spec.workingDir), content, this.spec.user)
    return done.ok ? { ok: true } : { ok: false, error: done.error }
  }
}

function nodeBytes(volume: Volume, path: string): number {
  const node = volume.files.get(path)
  return node && !node.directory ? node.bytes : 0
}

function grownAt(growth: Growth, at: Millis): number {
  return Math.min(growth.cap, growth.base + Math.max(0, at - growth.since) * growth.perMs)
}
