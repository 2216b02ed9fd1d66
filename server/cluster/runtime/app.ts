/** The described program: a server, worker or one-shot task whose behaviour is its profile. Between events it costs nothing: no timer runs while nothing changes. */
import type { Millis } from '../../k8s/duration.ts'
import type { AppRequest, AppResponse, Timer } from '../types.ts'
import type { Profile } from '../profile.ts'
import { amountOf } from '../amounts.ts'
import { apiProblem } from './api-calls.ts'
import { Configuration } from './config.ts'
import { answerCall, answerEndpoint, endpointOf } from './endpoints.ts'
import { absolutePath, errorText } from './files.ts'
import { LineFollower } from './follow.ts'
import type { MemoryModel } from './memory.ts'
import { bytesAt, collectionSlowdown, memoryModel, mostBytesBy, throttleSlowdown, turningAges } from './memory.ts'
import type { Bound, Ended, Host, Process } from './host.ts'
import { signalNumbers } from './host.ts'
import type { Program } from './start-checks.ts'
import { checkStart, makeDirectories, writtenFile } from './start-checks.ts'
import { Upstreams } from './upstreams.ts'
import { goMemoryLimit, isStandardOutput, resolveDuration, resolveValue } from './values.ts'
import { Election } from './writer.ts'

/** A program that finds something wrong at start needs this long to say so and end. */
const failMs = 500
const rateWindowMs = 15_000

export type AppInput = { argv: readonly string[]; env: ReadonlyMap<string, string>; cwd: string; onEnd: (ended: Ended) => void; print?: (line: string) => void }

export class AppProcess implements Process {
  readonly pid: number
  readonly name: string
  readonly argv: readonly string[]
  ended: Ended | undefined
  private readonly host: Host
  private readonly profile: Profile
  private readonly program: Program
  private readonly input: AppInput
  private readonly upstreams: Upstreams
  private readonly memory: MemoryModel
  private readonly beganAt: Millis
  private configuration: Configuration | undefined
  private sockets: Bound[] = []
  private stage: 'starting' | 'ready' | 'stopping' = 'starting'
  private readyAt: Millis = 0
  private open = false
  private mode: 'hang' | 'slow' | 'stop' | 'normal' = 'normal'
  private extraMs: Millis = 0
  private factor = 1
  private election: Election | undefined
  private writing = false
  private clean = false
  private rate = 0
  private rateAt: Millis = 0
  private readonly timers = new Set<Timer>()
  private readonly stops: (() => void)[] = []

  constructor(host: Host, input: AppInput) {
    this.host = host
    this.input = input
    this.pid = host.freshPid()
    this.profile = host.spec.image.profile
    const [argv0 = '', ...args] = input.argv
    const lookup = { env: input.env, args }
    this.name = argv0.split('/').at(-1)!
    this.argv = input.argv
    this.program = { profile: this.profile, lookup, cwd: input.cwd, name: this.name }
    this.upstreams = new Upstreams(host, this.profile.upstreams, lookup)
    this.memory = memoryModel(this.profile.memory, goMemoryLimit(input.env.get('GOMEMLIMIT')) ?? Infinity)
    this.beganAt = host.cluster.now
  }

  /** Starts: checks, then dependencies, then the start-up time. */
  begin(): void {
    for (const line of this.profile.log.start) this.print(this.fill(line))
    const checked = checkStart(this.host, this.program)
    if ('lines' in checked) return this.fail(checked.lines, checked.code)
    this.sockets = checked.bound
    this.configuration = new Configuration(this.host, this.profile.config, this.program.lookup, this.program.cwd)
    for (const path of this.profile.tails) this.stops.push(new LineFollower(this.host, absolutePath(resolveValue(path, this.program.lookup), this.program.cwd), (line) => this.print(line), { fromEnd: false }).stop)
    for (const call of this.profile.api) {
      const problem = apiProblem(this.host, call, this.input.env)
      if (problem === undefined) continue
      const line = `level=ERROR msg="${problem.replaceAll('"', '\\"')}"`
      if (call.onFailure === 'exit') return this.fail([line], call.exitCode)
      this.print(line)
    }
    this.tryUpstreams(0)
  }

  // ---- start

  private tryUpstreams(from: number): void {
    const needed = this.profile.upstreams.filter((one) => one.mode !== 'runtime')
    for (let i = from; i < needed.length; i++) {
      const upstream = needed[i]!
      const result = this.upstreams.call(upstream)
      if (result.ok) {
        if (result.latencyMs > 0) return void this.after(result.latencyMs, () => this.tryUpstreams(i + 1))
        continue
      }
      if (result.endless) return
      const line = upstream.log ?? `level=ERROR msg="${upstream.name}: ${result.error.replaceAll('"', '\\"')}"`
      if (upstream.onFailure === 'exit') return void this.after(result.latencyMs, () => this.fail([line], upstream.exitCode))
      if (upstream.onFailure === 'retry') {
        return void this.after(result.latencyMs, () => {
          this.print(line)
          this.after(upstream.retryEvery, () => this.tryUpstreams(i))
        })
      }
      this.print(line)
    }
    this.work()
  }

  /** Everything outside is there: the start-up time begins, and with it changes to the data. */
  private work(): void {
    const { start, exit } = this.profile
    const key = this.dataKey()
    const { marks, spec } = this.host
    const mark = marks.get(key)
    const crashed = start.afterCrash !== undefined && (mark === 'unclean' || (mark === undefined && spec.afterCrash))
    if (start.afterCrash !== undefined) marks.set(key, 'unclean')
    if (crashed) this.print('level=WARN msg="unclean shutdown detected, recovering"')
    if (exit && (exit.times === undefined || spec.attempt < exit.times)) {
      this.after(exit.after, () => {
        if (exit.log !== undefined) this.print(exit.log)
        this.clean = exit.code === 0
        this.end({ code: exit.code })
      })
    }
    this.after(this.startMs(crashed), () => this.becomeReady())
  }

  /** Start-up time; core-seconds take longer under a CPU limit than the time says. */
  private startMs(crashed: boolean): Millis {
    const { start } = this.profile
    const time = crashed ? start.afterCrash! : start.time
    const limit = this.host.spec.limits.cpuCores
    return Math.round(limit === undefined || limit <= 0 ? time : Math.max(time, (start.cpu / limit) * 1000))
  }

  private becomeReady(): void {
    const { creates, start, deadlock, writer, log } = this.profile
    const made = [...creates, ...(start.writes === undefined ? [] : [{ path: start.writes, content: '', size: '0', onFailure: 'log' as const }])]
    for (const file of made) if (!this.create(file)) return
    for (const write of this.profile.writes) this.write(write)
    this.stage = 'ready'
    this.readyAt = this.host.cluster.now
    this.open = true
    this.host.changed()
    for (const listener of this.profile.listen) if (listener.after > 0) this.after(listener.after, () => this.host.changed())
    if (log.ready.length > 0) for (const line of log.ready) this.print(this.fill(line))
    else for (const socket of this.sockets) this.print(`level=INFO msg=listening network=${socket.protocol.toLowerCase()} addr=${socket.address === '0.0.0.0' ? '' : socket.address}:${socket.port}`)
    if (log.every) this.printEvery(this.fill(log.every.line), log.every.every)
    if (deadlock && (deadlock.times === undefined || this.host.spec.attempt < deadlock.times)) this.after(deadlock.after, () => this.behave('hang'))
    if (writer.single) this.becomeWriter()
  }

  private create(file: { path: string; content: string; size: string; onFailure: 'exit' | 'log' }): boolean {
    const { host, program } = this
    const path = absolutePath(resolveValue(file.path, program.lookup), program.cwd)
    const bytes = amountOf(file.size).milli / 1000
    const made = host.files.write(path, file.content, host.spec.user, bytes > 0 ? bytes : undefined)
    if (made.ok) return true
    const line = `level=ERROR msg="open ${path}: ${errorText(made.error)}"`
    if (file.onFailure === 'exit') this.fail([line], 1)
    else this.print(line)
    return file.onFailure === 'log'
  }

  private write(write: Profile['writes'][number]): void {
    const { host } = this
    // What goes to standard output is the kubelet's to rotate.
    if (isStandardOutput(resolveValue(write.path, this.program.lookup))) return
    const made = makeDirectories(host, this.program, write.path)
    if (!made.ok) return this.printEvery(made.line, write.every)
    const path = writtenFile(host, this.program, write.path)
    const done = host.files.write(path, `written by ${host.spec.pod.name}\n`, host.spec.user)
    if (!done.ok) return this.printEvery(`level=ERROR msg="open ${path}: ${errorText(done.error)}"`, write.every)
    const rate = amountOf(write.bytesPerSecond).milli / 1000 / 1000
    if (rate > 0) this.stops.push(host.grow(path, rate, amountOf(resolveValue(write.keepBytes ?? '', this.program.lookup)).milli / 1000 || Infinity))
  }

  private becomeWriter(): void {
    const { writer } = this.profile
    const wish = writer.leaseEnv === undefined ? '' : resolveValue(/[$]/.test(writer.leaseEnv) ? writer.leaseEnv : `$${writer.leaseEnv}`, this.program.lookup)
    if (writer.leaseEnv === undefined || !/^(1|true|on|yes)$/i.test(wish)) {
      this.writing = true
      return
    }
    this.election = new Election(this.host, writer.lease ?? this.program.name)
    this.election.campaign()
  }

  /** What holds the data: the volume that the first written path is on, or the container itself. */
  private dataKey(): unknown {
    const first = this.profile.writes[0]
    const volume = first && this.host.files.volumeAt(writtenFile(this.host, this.program, first.path))
    const { pod, name, nodeName } = this.host.spec
    if (volume?.root !== undefined) return `${nodeName}/${volume.root}`
    return volume?.files ?? `${pod.namespace}/${pod.name}/${name}`
  }

  private fail(lines: readonly string[], code: number): void {
    for (const line of lines) this.print(line)
    this.after(failMs, () => this.end({ code }))
  }

  // ---- end

  signal(name: string): void {
    if (this.ended) return
    const { stop } = this.profile
    if (name === 'SIGKILL') return this.end({ code: 137, signal: 9 })
    if (name === 'SIGHUP' && this.configuration?.hearsHangup) return this.configuration.reread()
    const stops = name === 'SIGTERM' || name === 'SIGINT' || name === this.host.spec.image.image.stopSignal
    const dies = (): void => this.end({ code: 128 + (signalNumbers[name] ?? 15), signal: signalNumbers[name] ?? 15 })
    if (!stops) return name === 'SIGUSR1' || name === 'SIGUSR2' || name === 'SIGPIPE' ? undefined : dies()
    if (stop.sigterm === 'ignored') return
    if (this.mode === 'hang' && stop.whenHung === 'ignores') return
    if (stop.sigterm === 'default' || this.stage === 'starting') return dies()
    if (this.stage === 'ready') this.shutDown()
  }

  /** Graceful stop: goes on as before for the shutdown delay, then closes its sockets and finishes what is under way. */
  private shutDown(): void {
    const { stop } = this.profile
    this.stage = 'stopping'
    const text = stop.shutdownDelayEnv === undefined ? '' : resolveValue(/[$]/.test(stop.shutdownDelayEnv) ? stop.shutdownDelayEnv : `$${stop.shutdownDelayEnv}`, this.program.lookup)
    const delayMs = text === '' ? 0 : (resolveDuration(text, this.program.lookup) ?? 0)
    this.print('level=INFO msg="shutting down"')
    const close = (): void => {
      if (!stop.keepsListeningWhileDraining) this.open = false
      this.host.changed()
      const finish = (): void => {
        this.print('level=INFO msg="shutdown complete"')
        this.clean = true
        this.end({ code: stop.exitCode })
      }
      if (stop.drain > 0) this.after(stop.drain, finish)
      else finish()
    }
    if (delayMs > 0) this.after(delayMs, close)
    else close()
  }

  end(ended: Ended): void {
    if (this.ended) return
    this.ended = ended
    for (const timer of this.timers) timer.cancel()
    for (const stop of this.stops.splice(0)) stop()
    this.configuration?.stop()
    this.election?.leave(this.clean)
    this.writing = false
    if (this.clean && this.profile.start.afterCrash !== undefined) this.host.marks.set(this.dataKey(), 'clean')
    this.input.onEnd(ended)
  }

  // ---- network

  bound(): readonly Bound[] {
    return this.sockets
  }

  listening(): readonly Bound[] {
    if (!this.open || this.ended || this.mode === 'stop') return []
    if (this.profile.listen.every((one) => one.after === 0)) return this.sockets
    return this.sockets.filter((_, i) => this.host.cluster.now >= this.readyAt + this.profile.listen[i]!.after)
  }

  answer(request: AppRequest, on: Bound): AppResponse {
    if (request.kind === 'connect') return { outcome: 'ok', status: 0, latencyMs: 0 }
    this.count()
    const kind = request.kind
    const web = kind === 'http' || kind === 'websocket'
    if (web ? on.kind === 'tcp' || on.kind === 'grpc' : kind === 'grpc' && on.kind !== 'grpc') return { outcome: 'reset' }
    const listener = this.profile.listen[this.sockets.indexOf(on)]
    if (web && listener && request.tls !== undefined && request.tls !== listener.tls) return request.tls ? { outcome: 'reset' } : { outcome: 'ok', status: 400, latencyMs: 1, body: 'Client sent an HTTP request to an HTTPS server.\n' }
    const endpoint = web ? endpointOf(this.profile.http, request.path ?? '/') : kind === 'grpc' ? this.profile.grpc[request.service ?? ''] : undefined
    if (this.mode === 'hang' && !endpoint?.answersWhenHung) return { outcome: 'silent' }
    const factor = this.slowdown()
    const latencyMs = Math.round(factor) + this.extraMs
    if (kind === 'grpc') return answerCall(this.profile.grpc, request.service ?? '', latencyMs, (one) => answerEndpoint(one, this.host.cluster.now - this.beganAt, factor, this.extraMs, this.upstreams))
    if (endpoint) return upgraded(answerEndpoint(endpoint, this.host.cluster.now - this.beganAt, factor, this.extraMs, this.upstreams), kind, on)
    if (kind === 'data') return { outcome: 'ok', status: 200, latencyMs }
    const described = Object.keys(this.profile.http).length > 0
    return upgraded({ outcome: 'ok', status: described ? 404 : 200, latencyMs, body: described ? '404 page not found\n' : 'ok' }, kind, on)
  }

  private count(): void {
    if (this.profile.cpu.perRequest === 0) return
    const { now } = this.host.cluster
    this.rate = this.rate * Math.exp((this.rateAt - now) / rateWindowMs) + 1000 / rateWindowMs
    this.rateAt = now
  }

  // ---- memory, processor, faults

  memoryBytesAt(at: Millis): number {
    return this.ended ? 0 : bytesAt(this.memory, at - this.beganAt, this.factor)
  }

  memoryMostBy(at: Millis): number {
    return this.ended ? 0 : mostBytesBy(this.memory, at - this.beganAt, this.factor)
  }

  memoryTurns(from: Millis, to: Millis): Millis[] {
    return turningAges(this.memory, from - this.beganAt, to - this.beganAt).map((age) => age + this.beganAt)
  }

  wantedCores(): number {
    if (this.ended || this.mode === 'hang') return 0
    const { cpu, start } = this.profile
    if (this.stage === 'starting') return start.time > 0 && start.cpu > 0 ? (start.cpu * 1000) / start.time : cpu.idle
    const rate = cpu.perRequest === 0 ? 0 : this.rate * Math.exp((this.rateAt - this.host.cluster.now) / rateWindowMs)
    return cpu.idle + cpu.load * this.factor + cpu.perRequest * rate + this.host.offeredCores()
  }

  slowdown(): number {
    const { cluster, spec } = this.host
    const collected = collectionSlowdown(this.memory, cluster.now - this.beganAt, this.factor)
    const limit = spec.limits.cpuCores
    if (limit === undefined) return collected
    const given = Number(this.input.env.get('GOMAXPROCS'))
    const nodeCores = (): number => amountOf(cluster.view.get('Node', '', spec.nodeName)?.status?.capacity?.cpu).milli / 1000 || 1
    const threads = given > 0 ? given : this.profile.cpu.followsLimit ? Math.ceil(limit) : nodeCores()
    return collected * throttleSlowdown(this.wantedCores(), limit, threads)
  }

  behave(mode: 'hang' | 'slow' | 'stop' | 'crash' | 'normal', latencyMs: Millis = 0): void {
    if (this.ended) return
    if (mode === 'crash') {
      this.print('panic: runtime error: invalid memory address or nil pointer dereference')
      return this.end({ code: 2 })
    }
    this.mode = mode
    this.extraMs = mode === 'slow' ? latencyMs : 0
    this.host.changed()
    if (mode === 'hang') this.election?.leave(false)
  }

  load(factor: number): void {
    this.factor = factor
    this.host.memoryChanged()
    this.host.changed()
  }

  config(name: string): string | undefined {
    return this.configuration?.get(name)
  }

  /** Ended, or ending, in the way the program intends: work under way was finished. */
  get endsCleanly(): boolean {
    return this.clean
  }

  get isHung(): boolean {
    return this.mode === 'hang'
  }

  /** Has finished starting and not begun to stop. */
  get isReady(): boolean {
    return this.stage === 'ready'
  }

  get isActiveWriter(): boolean {
    return !this.ended && (this.writing || this.election?.active === true)
  }

  // ---- small things

  private after(ms: Millis, run: () => void): void {
    const timer = this.host.schedule(this.host.cluster.now + ms, () => {
      this.timers.delete(timer)
      if (!this.ended) run()
    })
    this.timers.add(timer)
  }

  /** File the lines go to, or undefined for standard output. */
  private logFile(): string | undefined {
    const to = this.profile.log.to === undefined ? '' : resolveValue(this.profile.log.to, this.program.lookup)
    return isStandardOutput(to) ? undefined : absolutePath(to, this.program.cwd)
  }

  private print(line: string): void {
    const path = this.logFile()
    if (path === undefined) return this.input.print ? this.input.print(line) : this.host.print(line)
    const { files, spec } = this.host
    const old = files.node(path)
    const before = old && !old.directory ? old : undefined
    const done = files.write(path, `${before?.content ?? ''}${line}\n`, spec.user, (before?.bytes ?? 0) + line.length + 1)
    if (!done.ok) this.host.print(`level=ERROR msg="open ${path}: ${errorText(done.error)}"`)
  }

  private printEvery(line: string, everyMs: Millis): void {
    if (this.logFile() === undefined && !this.input.print) {
      this.stops.push(this.host.printEvery(line, everyMs))
      return
    }
    const again = (): void => {
      this.print(line)
      this.after(everyMs, again)
    }
    this.after(everyMs, again)
  }

  /** Log lines may name variables and flags. */
  private fill(line: string): string {
    return resolveValue(line, this.program.lookup)
  }
}

/** A WebSocket server that would have said 200 switches protocols; a plain one answers as to any request. */
function upgraded(answer: AppResponse, kind: AppRequest['kind'], on: Bound): AppResponse {
  return kind === 'websocket' && on.kind === 'ws' && answer.outcome === 'ok' && answer.status === 200 ? { outcome: 'ok', status: 101, latencyMs: answer.latencyMs } : answer
}
