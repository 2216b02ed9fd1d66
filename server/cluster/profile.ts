/**
 * Application profile: what the program inside a container image does. An author describes a Go game server here and the simulator runs it.
 * Ports, addresses, hosts and paths may refer to the container: `$NAME` and `${NAME:-default}` are environment variables,
 * `${--flag:-default}` is a flag of the command line (`--flag=x`, `--flag x` or `-flag x`).
 * Unknown fields are refused, so a typo never silently changes an exercise.
 */
import * as z from 'zod'
import { parseDuration } from '../k8s/duration.ts'

/** `90s`, `1h30m`, or seconds as a number; milliseconds after parsing. */
export const duration = z.union([z.string(), z.number()]).transform((value, context) => {
  const ms = parseDuration(value)
  if (ms === undefined) context.addIssue({ code: 'custom', message: `"${value}" is not a duration like 90s, 5m or 1h30m` })
  return ms ?? 0
})
/** `420Mi`, `1Gi`, bytes; parsed with k8s/quantity by whoever uses it. */
export const quantity = z.union([z.string(), z.number()]).transform(String)
export const protocol = z.enum(['TCP', 'UDP'])

/** A regular expression. */
export const pattern = z.string().refine(isExpression, 'is no regular expression')

function isExpression(text: string): boolean {
  try {
    void new RegExp(text)
    return true
  } catch {
    return false
  }
}

const file = z.union([
  z.string(),
  z.strictObject({ content: z.string().default(''), owner: z.number().int().default(0), group: z.number().int().default(0), mode: z.string().regex(/^0?[0-7]{3}$/).default('644'), directory: z.boolean().default(false) }),
])

/** The image's file system and defaults, as a Dockerfile would leave them. */
export const imageSchema = z.strictObject({
  /** Numeric USER, or a name (which runAsNonRoot cannot verify). */
  user: z.union([z.number().int(), z.string()]).default(0),
  group: z.number().int().default(0),
  workingDir: z.string().default('/'),
  entrypoint: z.array(z.string()).default([]),
  command: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
  /** Has /bin/sh and the usual busybox tools (sleep, cat, nc, wget, nslookup, ...). False for distroless. */
  shell: z.boolean().default(true),
  /** Which tools come with the shell: busybox (Alpine; wget, nc, nslookup, ps, no curl) or debian (coreutils and bash; none of those four). */
  userland: z.enum(['busybox', 'debian']).default('busybox'),
  /** The C library that looks names up. musl (Alpine) leaves the search list out for a name with `ndots` dots or more. */
  libc: z.enum(['glibc', 'musl']).default('glibc'),
  /** Further known tools in the image, e.g. curl or dig. */
  tools: z.array(z.string()).default([]),
  /** `sh -c "app"` replaces the shell by the app (bash, busybox, dash since 0.5.11); false: the shell stays process 1 and passes no signal on. */
  shellExecs: z.boolean().default(false),
  /** Path → content, or details. Missing parents are created root:root 0755. */
  files: z.record(z.string(), file).default({}),
  /** Signal sent at stop. */
  stopSignal: z.string().default('SIGTERM'),
})

/** What the server answers on one HTTP path, gRPC method (`game.Match/Find`) or health service (`''`, `game.Match`); a status of HTTP stands for the code of gRPC that goes with it. `depends` names upstreams; when one fails or is slow this path fails or is slow. */
const endpoint = z.strictObject({
  status: z.number().int().default(200),
  latency: duration.default(5),
  depends: z.array(z.string()).default([]),
  /** Status while a dependency is down. */
  failStatus: z.number().int().default(503),
  /** Still answers although the process is deadlocked (a static page, a metrics handler). */
  answersWhenHung: z.boolean().default(false),
  /** Extra latency for a while after start: [until, latency]. */
  slowUntil: z.strictObject({ until: duration, latency: duration }).optional(),
  /** Where the answer sends the client: a path or a whole URL. The status is 302 unless it says another one. */
  redirect: z.string().optional(),
  /** What a client reads; `ok` for a status below 400 when absent. */
  body: z.string().optional(),
  /** Repeating stall: every `every`, for `lasts`, the path takes `latency`. */
  stall: z.strictObject({ every: duration, lasts: duration, latency: duration }).optional(),
})

const listener = z.strictObject({
  /** A number, or `$NAME` / `${NAME}` of an environment variable holding a port or host:port. */
  port: z.union([z.number().int(), z.string()]),
  /** An address or host:port, written as it is or as `$NAME`, `${NAME:-default}` or `${--flag:-default}`: `0.0.0.0`, `127.0.0.1`, or a variable holding host:port or an address. */
  address: z.string().default('0.0.0.0'),
  protocol: protocol.default('TCP'),
  /** `ws` is an HTTP server that upgrades to WebSocket; `tcp` and `udp` understand neither HTTP nor gRPC. */
  kind: z.enum(['http', 'grpc', 'tcp', 'udp', 'ws']).default('http'),
  tls: z.boolean().default(false),
  /** Opens this long after the others. */
  after: duration.default(0),
  /** A gRPC server tells clients to connect anew after so long (MaxConnectionAge): a duration or a reference to one. Never when absent or empty. */
  maxConnectionAge: z.union([z.string(), z.number()]).transform(String).optional(),
  /** … and closes their old connections so long after that, with the streams that are left on them (MaxConnectionAgeGrace). Never when absent or empty. */
  maxConnectionAgeGrace: z.union([z.string(), z.number()]).transform(String).optional(),
})

export const profileSchema = z.strictObject({
  about: z.string().default(''),
  image: imageSchema.prefault({}),
  /** argv[0] values (absolute, or found on PATH or relative to workingDir) that start this program; other commands run as shell or tools. Default: image.entrypoint[0]. */
  binary: z.string().optional(),
  /** Further names of the same program, e.g. what the image's entry-point script starts. */
  alsoNamed: z.array(z.string()).default([]),
  /** Time from process start to listening, at full CPU speed; `cpu` core-seconds stretch under a CPU limit; `afterCrash` replaces `time` after an unclean end (volume or container state). */
  start: z.strictObject({ time: duration.default(1000), cpu: z.number().default(0), afterCrash: duration.optional(), writes: z.string().optional() }).prefault({}),
  listen: z.array(listener).default([]),
  http: z.record(z.string(), endpoint).default({}),
  grpc: z.record(z.string(), endpoint).default({}),
  /** Variables without which the process exits, and those that must look like something. `fileVariant`: NAME_FILE may hold a path instead. */
  env: z.array(z.strictObject({ name: z.string(), pattern: pattern.optional(), fileVariant: z.boolean().default(false), exitCode: z.number().int().default(2), log: z.string().optional() })).default([]),
  /** Files without which the process exits. `path` may contain $NAME with a default after `:-`. `contains`: text that must be in it. */
  files: z.array(z.strictObject({ path: z.string(), contains: z.string().optional(), exitCode: z.number().int().default(1), log: z.string().optional() })).default([]),
  /** Paths written while running; `onFailure: exit` at start, `log` keeps running with an error line each attempt. `keepBytes`: the program cuts the file off there; it may refer to a flag or variable, and empty means never. A path that comes out as `stdout`, `-` or empty is no file. */
  writes: z.array(z.strictObject({ path: z.string(), every: duration.default(10_000), bytesPerSecond: quantity.default('0'), keepBytes: quantity.optional(), onFailure: z.enum(['exit', 'log']).default('log') })).default([]),
  /** Other services this one talks to. `host` may be `$NAME`. mode startup: tried before listening; runtime: while serving. */
  upstreams: z.array(z.strictObject({
    name: z.string(), host: z.string(), port: z.union([z.number().int(), z.string()]).default(0), protocol: protocol.default('TCP'),
    mode: z.enum(['startup', 'runtime', 'both']).default('runtime'),
    onFailure: z.enum(['exit', 'retry', 'degrade']).default('degrade'), exitCode: z.number().int().default(1), log: z.string().optional(),
    /** How long a call may take: a duration or a reference to one; `0` waits for ever. */
    timeout: z.union([z.string(), z.number()]).transform(String).default('2s'),
    /** Pause between tries at start (`retry`). */
    retryEvery: duration.default(2000),
    /** The other side must answer, not only accept the connection. */
    answers: z.boolean().default(true),
  })).default([]),
  /** What the program asks the API server at start, with the rights of its ServiceAccount. `namespace` '' is all of them; absent: the pod's own. */
  api: z.array(z.strictObject({ verb: z.enum(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']), resource: z.string(), group: z.string().default(''), name: z.string().optional(), namespace: z.string().optional(), onFailure: z.enum(['exit', 'log']).default('log'), exitCode: z.number().int().default(1) })).default([]),
  /** Bytes. `live` cannot be collected; `garbage` shrinks to fit GOMEMLIMIT; `nonHeap` (default 30Mi) is not counted by GOMEMLIMIT. `growPerHour` leaks into live. `atLoad` scales garbage with the load factor. */
  memory: z.strictObject({ live: quantity.default('20Mi'), garbage: quantity.default('10Mi'), nonHeap: quantity.default('30Mi'), growPerHour: quantity.default('0'), /** Garbage rises from nothing to its full amount over each such period, as between two collections. */ peakEvery: duration.optional(), rampTime: duration.default(0) }).prefault({}),
  /** Cores used when idle and per unit of load factor. `perRequest`: core-seconds per request; `perMessage`: per message of a WebSocket connection or a stream. */
  cpu: z.strictObject({ idle: z.number().default(0.02), load: z.number().default(0), perRequest: z.number().default(0), perMessage: z.number().default(0), /** Go 1.25 and later: GOMAXPROCS follows the CPU limit. Before: one thread per core of the node, which a limit then throttles. */ followsLimit: z.boolean().default(true) }).prefault({}),
  /** After SIGTERM: `handled` closes listeners after SHUTDOWN_DELAY (env `shutdownDelayEnv`), drains `drain`, exits 0; `ignored` needs SIGKILL; `default` dies at once (143). */
  stop: z.strictObject({ sigterm: z.enum(['handled', 'ignored', 'default']).default('handled'), drain: duration.default(0), shutdownDelayEnv: z.string().optional(), keepsListeningWhileDraining: z.boolean().default(false), exitCode: z.number().int().default(0), /** What a deadlocked process does on SIGTERM. */ whenHung: z.enum(['ignores', 'drains']).default('ignores') }).prefault({}),
  /** Deadlocks by itself this long after it listens; `times`: only the first n starts do. */
  deadlock: z.strictObject({ after: duration, times: z.number().int().optional() }).optional(),
  /** Files made when the start is through: unpacked assets, a marker for a startup probe. `size` counts against memory on tmpfs and against disk elsewhere. */
  creates: z.array(z.strictObject({ path: z.string(), content: z.string().default(''), size: quantity.default('0'), onFailure: z.enum(['exit', 'log']).default('exit') })).default([]),
  /** Files whose new lines this program prints, as a log agent does. */
  tails: z.array(z.string()).default([]),
  /** Flags the program knows, without dashes; when given, another one ends it with exit code 2. */
  flags: z.array(z.string()).optional(),
  /** Ends by itself: after `after` with `code` (Jobs, migrations, crashes). `until`: only the first n starts do it. */
  exit: z.strictObject({ after: duration, code: z.number().int().default(0), log: z.string().optional(), times: z.number().int().optional() }).optional(),
  /** Config the process reads: from which file or variable, and whether it notices changes. The goal CONFIG asks for the value in effect. */
  config: z.array(z.strictObject({ name: z.string(), file: z.string().optional(), env: z.string().optional(), key: z.string().optional(), /** `signal`: read again on SIGHUP. */ reload: z.enum(['never', 'watch', 'interval', 'signal']).default('never'), every: duration.default(30_000) })).default([]),
  /** Log lines: at start, once listening, and repeated. */
  log: z.strictObject({ /** File the lines go to, instead of standard output; empty or `stdout`: standard output. */ to: z.string().optional(), start: z.array(z.string()).default([]), ready: z.array(z.string()).default([]), every: z.strictObject({ every: duration, line: z.string() }).optional() }).prefault({}),
  /** Extra programs in the image, for exec probes, hooks and the console: full command line (joined by spaces) → result. `depends` as for endpoints. */
  commands: z.record(z.string(), z.strictObject({ exitCode: z.number().int().default(0), output: z.string().default(''), latency: duration.default(20), depends: z.array(z.string()).default([]), failsWhenHung: z.boolean().default(true), readyOnly: z.boolean().default(false) })).default({}),
  /** Only one replica may be active at a time; `lease` names the Lease it takes when the flag/env is on. */
  writer: z.strictObject({ single: z.boolean().default(false), leaseEnv: z.string().optional(), lease: z.string().optional() }).prefault({}),
})

export type Profile = z.infer<typeof profileSchema>
export type ImageProfile = z.infer<typeof imageSchema>
