/** What all processes of a container have in common, and what a container offers them. */
import type { Millis } from '../../k8s/duration.ts'
import type { AppRequest, AppResponse, Cluster, ContainerSpec, RunningContainer, Timer } from '../types.ts'
import type { FileSystem } from './files.ts'
import type { AppInput } from './app.ts'
import type { Seen } from './provided.ts'
import type { LeaseBook } from './writer.ts'

/** How a process ended: its exit code, 128 + n after signal n. */
export type Ended = { code: number; signal?: number }

export const signalNumbers: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGABRT: 6, SIGKILL: 9, SIGUSR1: 10, SIGSEGV: 11, SIGUSR2: 12, SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15 }

/** `TERM`, `sigterm` and `15` are SIGTERM. */
export function signalName(text: string): string {
  const upper = text.toUpperCase()
  const byNumber = Object.entries(signalNumbers).find(([, number]) => String(number) === text)?.[0]
  return byNumber ?? (upper.startsWith('SIG') ? upper : `SIG${upper}`)
}

export type Bound = { port: number; protocol: 'TCP' | 'UDP'; address: string; kind: string; /** The server sends clients elsewhere whose connection is so old. */ maxAgeMs?: Millis; /** … and closes it so long after. */ maxAgeGraceMs?: Millis }

export type Process = {
  readonly pid: number
  /** File name of the program. */
  readonly name: string
  readonly argv: readonly string[]
  readonly ended: Ended | undefined
  signal(name: string): void
  /** Ends now with this result, without any clean-up. */
  end(ended: Ended): void
  listening(): readonly Bound[]
  /** Sockets bound but perhaps not answering yet: another process cannot have them. */
  bound(): readonly Bound[]
  answer(request: AppRequest, on: Bound): AppResponse
  memoryBytesAt(at: Millis): number
  /** An upper bound of its memory until then. */
  memoryMostBy(at: Millis): number
  /** Instants in (from, to] at which memory may fall or bend. */
  memoryTurns(from: Millis, to: Millis): Millis[]
  wantedCores(): number
  slowdown(): number
  behave(mode: 'hang' | 'slow' | 'stop' | 'crash' | 'normal', latencyMs?: Millis): void
  load(factor: number): void
}

/** What a container is to the processes in it. */
export type Host = {
  readonly cluster: Cluster
  readonly spec: ContainerSpec
  readonly files: FileSystem
  readonly startedAt: Millis
  /** Orders simultaneous work and names it. */
  readonly key: string
  readonly processes: ReadonlySet<Process>
  freshPid(): number
  print(line: string): void
  /** Prints a line every `everyMs` from now on, until stopped; written down only when somebody reads the log. */
  printEvery(line: string, everyMs: Millis): () => void
  /** A file that grows at a steady rate, up to a cap; stops growing when stopped. */
  grow(path: string, bytesPerMs: number, capBytes: number): () => void
  /** How the data of a program was left by the last one that worked on it, by what holds the data. */
  readonly marks: Map<unknown, 'clean' | 'unclean'>
  readonly leases: LeaseBook
  /** Something that callers notice changed: a socket opened or closed, the program hangs or is well again. */
  changed(): void
  /** Cores for the requests and messages that clients outside the processes send to this container. */
  offeredCores(): number
  schedule(at: Millis, run: () => void): Timer
  /** Memory changed its course: the moment of an out-of-memory kill is computed again. */
  memoryChanged(): void
  /** All running containers of the pod, this one among them: they share one network namespace. */
  siblings(): readonly RunningContainer[]
  /** Sockets taken in the network namespace, by whichever process. */
  taken(): readonly Bound[]
  /** Starts the described program beside what runs already. */
  start(input: AppInput): Process
  /** Puts a process under the container's care. */
  adopt(task: Process): void
  /** The stream of process 1. */
  readonly out: (text: string) => void
  /** The processes it sees, by number: its own, or those of the whole pod. */
  visible(): readonly Seen[]
  /** Sends a signal to a process that it sees; false when there is none. */
  signalTo(pid: number, name: string): boolean
}
