/** What a running script consists of: its waits, its environment, its streams. */
import type { Millis } from '../../../k8s/duration.ts'
import type { Host, Process } from '../host.ts'
import type { Node } from './parse.ts'

/** A script stops here and goes on when the time is over or the event happens. `interruptible`: a signal with a trap also ends the wait. */
export type Wait = { ms: Millis; on?: undefined; interruptible?: boolean } | { ms?: Millis; on: (wake: () => void) => () => void; interruptible?: boolean }
export type Step<Result> = Generator<Wait, Result, void>

export type Output = (text: string) => void
/** `input` is consumed by whoever reads it. */
export type Streams = { input: { text: string }; out: Output; err: Output }

/** One shell environment; a subshell works on a copy. */
export type Frame = {
  variables: Map<string, string>
  exported: Set<string>
  functions: Map<string, Node>
  cwd: string
  args: string[]
  name: string
  status: number
  lastJob: number | undefined
  traps: Map<string, string>
  options: { errexit: boolean; nounset: boolean; xtrace: boolean; pipefail: boolean }
  depth: number
}

/** What all frames of one script share. */
export type Session = {
  readonly host: Host
  /** Now as the script sees it: an exec runs through its waits at one instant of the cluster. */
  now(): Millis
  /** Counts one command; how long the script must pause when too many ran at one instant, else 0. */
  spend(): Millis
  /** Pid of the shell itself. */
  readonly pid: number
  /** Signals that arrived and have a trap. */
  pending: string[]
  /** The foreground program, for signals to the shell's process when it was replaced by exec. */
  replacedBy: Process | undefined
  /** The script's outermost environment: its traps are those of the process. */
  top: Frame | undefined
  /** Starts a background job; its pid. */
  background(session: Session, steps: Step<number>): number
  /** Jobs by pid: their exit code once ended. */
  readonly jobs: Map<number, { code: number | undefined; watchers: Set<() => void> }>
  /** Printing into the container's log; undefined inside an exec. */
  readonly print: ((line: string) => void) | undefined
  /** Calls over the network made so far: an exec sees one instant only. */
  calls: number
}

/** A step that takes no time. */
export function* instantly<Result>(work: () => Result): Step<Result> {
  const waits: readonly Wait[] = []
  yield* waits
  return work()
}

export class ExitShell {
  readonly code: number
  constructor(code: number) {
    this.code = code
  }
}

export class Jump {
  readonly kind: 'break' | 'continue' | 'return'
  readonly amount: number
  constructor(kind: 'break' | 'continue' | 'return', amount: number) {
    this.kind = kind
    this.amount = amount
  }
}

/** The script uses something this simulator does not interpret; whatever it would do stays open. */
export class Undecided {
  readonly what: string
  constructor(what: string) {
    this.what = what
  }
}

/** A frame of variables; PATH and the working directory come from the container. */
export function freshFrame(env: ReadonlyMap<string, string>, cwd: string, name: string, args: readonly string[]): Frame {
  return { variables: new Map([['PATH', env.get('PATH') ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], ['PWD', cwd], ...env]), exported: new Set([...env.keys(), 'PATH', 'PWD']), functions: new Map(), cwd, args: [...args], name, status: 0, lastJob: undefined, traps: new Map(), options: { errexit: false, nounset: false, xtrace: false, pipefail: false }, depth: 0 }
}

/** A copy for a subshell: changes stay inside; traps are reset. */
export function subshellOf(frame: Frame): Frame {
  return { ...frame, variables: new Map(frame.variables), exported: new Set(frame.exported), functions: new Map(frame.functions), args: [...frame.args], traps: new Map(), options: { ...frame.options } }
}

/** The variables a program started from here gets. */
export function environmentOf(frame: Frame): Map<string, string> {
  const env = new Map<string, string>()
  for (const name of frame.exported) if (frame.variables.has(name)) env.set(name, frame.variables.get(name)!)
  return env
}

const cTexts: Record<string, string> = {
  ENOENT: 'No such file or directory', EACCES: 'Permission denied', EISDIR: 'Is a directory', ENOTDIR: 'Not a directory', EROFS: 'Read-only file system', ENOSPC: 'No space left on device', EEXIST: 'File exists', EPERM: 'Operation not permitted', ENOTEMPTY: 'Directory not empty',
}

/** strerror. */
export function cError(error: string): string {
  return cTexts[error] ?? error
}

/** `sh: ` with busybox, `sh: 1: ` with dash. */
export function shellPrefix(session: Session): string {
  return session.host.spec.image.image.userland === 'debian' ? 'sh: 1: ' : 'sh: '
}
