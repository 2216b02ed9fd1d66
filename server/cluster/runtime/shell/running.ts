/** Scripts and tools as processes: driven through virtual time, one wait after the other; and the same at a single instant for an exec. */
import type { Millis } from '../../../k8s/duration.ts'
import type { AppResponse, Timer } from '../../types.ts'
import type { Bound, Ended, Host, Process } from '../host.ts'
import { signalNumbers } from '../host.ts'
import { Interpreter } from './run.ts'
import type { Session, Step, Streams, Wait } from './session.ts'
import { ExitShell, freshFrame, Jump, Undecided } from './session.ts'

const shellBytes = 1024 ** 2
const commandsAtOnce = 200
const longestPauseMs = 60_000
const commandsInExec = 5000

/** Counts commands at one instant; a loop without a wait is slowed down more and more, so that it cannot hold up the clock. */
class Pace {
  private at: Millis = -1
  private count = 0
  private pause: Millis = 1000
  private readonly now: () => Millis

  constructor(now: () => Millis) {
    this.now = now
  }

  spend(): Millis {
    if (this.now() !== this.at) {
      this.at = this.now()
      this.count = 0
    }
    if (++this.count < commandsAtOnce) return 0
    this.count = 0
    const pause = this.pause
    this.pause = Math.min(this.pause * 2, longestPauseMs)
    return pause
  }
}

abstract class Steps implements Process {
  readonly pid: number
  readonly name: string
  readonly argv: readonly string[]
  ended: Ended | undefined
  protected readonly host: Host
  private readonly onEnd: (ended: Ended) => void
  private steps: Step<number> | undefined
  private running = false
  private timer: Timer | undefined
  private unhook: (() => void) | undefined
  private interruptible = false

  constructor(host: Host, argv: readonly string[], onEnd: (ended: Ended) => void) {
    this.host = host
    this.argv = argv
    this.name = argv[0]!.split('/').at(-1)!
    this.onEnd = onEnd
    this.pid = host.freshPid()
  }

  protected play(steps: Step<number>): void {
    this.steps = steps
    this.timer = this.host.schedule(this.host.cluster.now, () => this.go())
  }

  private go(): void {
    if (this.ended) return
    this.release()
    this.running = true
    let result: IteratorResult<Wait, number>
    try {
      result = this.steps!.next()
    } catch (thrown) {
      return this.thrown(thrown)
    } finally {
      this.running = false
    }
    if (this.ended) return
    if (result.done) return this.end({ code: result.value })
    const { ms, on, interruptible } = result.value
    this.interruptible = interruptible === true
    if (ms !== undefined) this.timer = this.host.schedule(this.host.cluster.now + ms, () => this.go())
    if (on) this.unhook = on(() => this.wake())
  }

  private thrown(thrown: unknown): void {
    if (thrown instanceof ExitShell) return this.end({ code: thrown.code })
    if (thrown instanceof Jump) return this.end({ code: thrown.amount })
    if (!(thrown instanceof Undecided)) throw thrown
    this.host.cluster.note({ text: `What ${this.host.spec.name} does from here on is not modelled: ${thrown.what}.`, ref: this.host.spec.pod, decisive: true })
  }

  /** Goes on at this instant, after the work that woke it. */
  private wake(): void {
    this.release()
    this.timer = this.host.schedule(this.host.cluster.now, () => this.go())
  }

  private release(): void {
    this.timer?.cancel()
    this.unhook?.()
    this.unhook = undefined
    this.interruptible = false
  }

  protected interrupt(): void {
    if (this.interruptible) this.wake()
  }

  abstract signal(name: string): void

  end(ended: Ended): void {
    if (this.ended) return
    this.ended = ended
    this.release()
    if (!this.running) this.steps?.return(0)
    this.onEnd(ended)
  }

  listening(): readonly Bound[] { return [] }
  bound(): readonly Bound[] { return [] }
  answer(): AppResponse { return { outcome: 'refused' } }
  memoryBytesAt(): number { return this.ended ? 0 : shellBytes }
  memoryMostBy(): number { return this.memoryBytesAt() }
  memoryTurns(_from: Millis, to: Millis): Millis[] { return [to] }
  wantedCores(): number { return 0 }
  slowdown(): number { return 1 }
  load(): void {}

  behave(mode: 'hang' | 'slow' | 'stop' | 'crash' | 'normal'): void {
    if (mode === 'crash') this.end({ code: 1 })
  }
}

/** `command &`: the program when it is one, else a shell that dies of signals, as it is not process 1. */
class Job extends Steps {
  private readonly session: Session

  constructor(host: Host, session: Session, steps: Step<number>, onEnd: (ended: Ended) => void) {
    super(host, ['sh'], onEnd)
    this.session = session
    this.play(steps)
  }

  signal(name: string): void {
    if (this.session.replacedBy && name !== 'SIGKILL') return this.session.replacedBy.signal(name)
    const number = signalNumbers[name] ?? 15
    this.end({ code: 128 + number, signal: number })
  }
}

/** What a container's command line starts when it is not the described program: a shell, a script, a tool. */
export class ShellProcess extends Steps {
  private readonly session: Session

  constructor(host: Host, argv: readonly string[], env: ReadonlyMap<string, string>, cwd: string, onEnd: (ended: Ended) => void) {
    super(host, argv, onEnd)
    const pace = new Pace(() => host.cluster.now)
    this.session = { host, now: () => host.cluster.now, spend: () => pace.spend(), pid: this.pid, pending: [], replacedBy: undefined, top: undefined, jobs: new Map(), print: host.print, calls: 0, background: (session, steps) => this.background(session, steps) }
    const frame = freshFrame(env, cwd, argv[0]!, [])
    const streams: Streams = { input: { text: '' }, out: host.out, err: host.out }
    this.play(new Interpreter(this.session).external(argv, frame, streams))
  }

  private background(session: Session, steps: Step<number>): number {
    const entry: { code: number | undefined; watchers: Set<() => void> } = { code: undefined, watchers: new Set() }
    const job = new Job(this.host, session, steps, ({ code }) => {
      entry.code = code
      for (const wake of [...entry.watchers]) wake()
    })
    this.host.adopt(job)
    this.session.jobs.set(job.pid, entry)
    return job.pid
  }

  /** The kernel delivers to process 1 only what it has a handler for, and a shell passes nothing on to its children. */
  signal(name: string): void {
    if (this.ended) return
    if (name === 'SIGKILL') return this.end({ code: 137, signal: 9 })
    if (this.session.replacedBy) return this.session.replacedBy.signal(name)
    if (this.session.top?.traps.has(name)) {
      this.session.pending.push(name)
      return this.interrupt()
    }
    const number = signalNumbers[name]
    if (this.pid !== 1 && number !== undefined) this.end({ code: 128 + number, signal: number })
  }
}

export type ExecResult = { exitCode: number; stdout: string; stderr: string; durationMs: Millis; missing?: string; timedOut?: boolean }

/** Runs a command line inside a container as of now and says how long it takes. Waits add up; what it sees of the world stays that of this instant. */
export function runExec(host: Host, argv: readonly string[], timeoutMs: Millis): ExecResult {
  let elapsed = 0
  let commands = 0
  let stdout = ''
  let stderr = ''
  const session: Session = {
    host, now: () => host.cluster.now + elapsed, spend: () => (++commands > commandsInExec ? longestPauseMs : 0), pid: host.freshPid(), pending: [], replacedBy: undefined, top: undefined, jobs: new Map(), print: undefined, calls: 0,
    background: () => { throw new Undecided('a background job of a command run from outside') },
  }
  const frame = freshFrame(host.spec.env, host.spec.workingDir, argv[0] ?? '', [])
  const steps = new Interpreter(session).external(argv, frame, { input: { text: '' }, out: (text) => void (stdout += text), err: (text) => void (stderr += text) })
  const result = (exitCode: number, more: { timedOut?: boolean } = {}): ExecResult => ({ exitCode, stdout, stderr, durationMs: Math.min(elapsed, timeoutMs), ...more })
  try {
    for (;;) {
      const step = steps.next()
      if (step.done) return result(step.value)
      if (step.value.ms === undefined || elapsed + step.value.ms > timeoutMs) {
        elapsed = timeoutMs
        return result(137, { timedOut: true })
      }
      elapsed += step.value.ms
      if (commands > commandsInExec) {
        host.cluster.note({ text: `The command \`${argv.join(' ')}\` runs too many steps to follow.`, ref: host.spec.pod, decisive: true })
        elapsed = timeoutMs
        return result(137, { timedOut: true })
      }
    }
  } catch (thrown) {
    if (thrown instanceof ExitShell) return result(thrown.code)
    if (thrown instanceof Jump) return result(thrown.amount)
    if (!(thrown instanceof Undecided)) throw thrown
    host.cluster.note({ text: `What \`${argv.join(' ')}\` does is not modelled: ${thrown.what}.`, ref: host.spec.pod, decisive: true })
    return result(0)
  } finally {
    steps.return(0)
  }
}
