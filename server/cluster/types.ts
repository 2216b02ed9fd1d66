/**
 * The interfaces between the parts of the simulated cluster. Everything is synchronous, deterministic and driven by one virtual clock:
 * no part may use the real clock, Math.random, or the iteration order of an unsorted map.
 *
 * Objects in the store are immutable: to change one, put a new value (copying what changed). The store keeps every version,
 * so the cluster can be looked at as of any moment.
 */
import type { Fields, K8sObject, Ref } from '../k8s/object.ts'
import type { Millis } from '../k8s/duration.ts'
import type { ImageProfile, Profile } from './profile.ts'
import type { Run, Scenario } from './scenario.ts'

export type { Millis }

// ---------------------------------------------------------------- store and API server

export type Change = { type: 'added' | 'modified' | 'deleted'; object: K8sObject; old?: K8sObject }

/** The objects as of now (or, from `Outcome.at`, as of then). Lists are sorted by namespace, then name. */
export type View = {
  get(kind: string, namespace: string, name: string): K8sObject | undefined
  /** All of a kind, or those of one namespace. */
  list(kind: string, namespace?: string): readonly K8sObject[]
  /** Objects of `kind` whose controller owner reference has this uid. */
  owned(uid: string, kind: string): readonly K8sObject[]
  /** Objects of any kind that name this uid as an owner, their controller or not. */
  dependents(uid: string): readonly K8sObject[]
}

/** An API refusal, worded as the server words it. `code` is the HTTP status, `reason` its metav1 reason (Forbidden, Invalid, NotFound, AlreadyExists, Conflict, BadRequest, TooManyRequests). `message` carries no "Error from server" prefix. */
/** A cause's `steps` lead to the value in the object that was sent, where that is known. */
export type ApiError = { code: number; reason: string; message: string; causes?: { field: string; message: string; steps?: readonly (string | number)[] }[] }
export type ApiResult = { object: K8sObject; warnings: string[] } | { error: ApiError }

/** The API server: admission, validation, quota and deletion rules. All writes by people and controllers go through it; status writes skip admission. */
export type Api = {
  create(object: K8sObject, by?: string): ApiResult
  /** Replaces spec, labels, annotations, data…; validates as an update. */
  update(object: K8sObject, by?: string): ApiResult
  /** kubectl apply: creates, or merges (3-way, lists by merge key) and updates. */
  apply(object: K8sObject): ApiResult & { verb?: 'created' | 'configured' | 'unchanged' }
  patch(ref: Ref, merge: Fields, by?: string): ApiResult
  setStatus(ref: Ref, status: Fields): void
  /** Graceful where the kind is; returns an error when absent. */
  delete(ref: Ref, options?: { graceSeconds?: number; propagation?: 'Background' | 'Foreground' | 'Orphan' }): { error?: ApiError }
  /** Removes now, without grace (kubelet's final delete, garbage collection). */
  remove(ref: Ref): void
  evict(ref: Ref, options?: { graceSeconds?: number }): { error?: ApiError }
  /** The same door for requests with dryRun=All: each is admitted and answered, and nothing is stored or taken away. */
  dryRun(): Api
}

// ---------------------------------------------------------------- the loop

/** Work that happens at the same instant runs in this order; within one, by schedule order. */
export type Priority = 'step' | 'api' | 'controller' | 'scheduler' | 'kubelet' | 'process' | 'network' | 'observer'

export type Timer = { cancel(): void }

/*
 * Doors of the control plane, for the loop: `createApi(cluster, admit)` in api.ts, with the `admit` of apiserver/; `createControllers()` in controllers/index.ts gives a fresh set
 * (some keep state, so one set serves one cluster; the scheduler is among them and does its work at priority 'scheduler' through `schedule`);
 * `createInfrastructure(cluster)` in infrastructure.ts puts nodes, namespaces, classes, built-in roles and CoreDNS before anything is applied.
 */

/**
 * A controller: woken with a key whenever an object it watches changes (or `wake` says so); reads the view, acts through the API.
 * `keys` maps a change to the keys (usually keyOf the owning workload) to reconcile; keys are reconciled once per instant, in sorted order.
 */
export type Controller = {
  name: string
  /** What it models and what not; printed in docs/reference/cluster.md. */
  about: string
  /** Where Kubernetes does it: files, and after a colon the functions that decide. */
  source: string
  keys(change: Change, cluster: Cluster): Iterable<string>
  reconcile(key: string, cluster: Cluster): void
}

export type EventInput = { type: 'Normal' | 'Warning'; reason: string; message: string; component: string; /** spec.containers{app} */ fieldPath?: string; node?: string; /** events.k8s.io series, as the scheduler writes */ series?: boolean }

/** Something the simulator does not model was used; a goal that depends on it is undecided. */
export type Note = { text: string; ref?: Ref; path?: string; /** Goals that touch this object cannot be decided. */ decisive: boolean }

export type TimelineEntry = {
  at: Millis
  /** What kind of fact, e.g. pod-phase, container-state, ready, event, endpoint, request-lost, step, goal. */
  kind: string
  ref?: Ref
  container?: string
  text: string
  /** Extra facts for programs. */
  data?: Fields
}

export type Cluster = {
  readonly now: Millis
  /** Milliseconds between the epoch of the simulation and the apply instant: times in goals are `now - appliedAt`. */
  readonly appliedAt: Millis
  readonly scenario: Scenario
  readonly run: Run
  readonly view: View
  readonly api: Api
  /** Low-level store write without admission: for kubelet status, controllers' status, infrastructure objects. Bumps resourceVersion, records history, wakes watchers. */
  put(object: K8sObject): void
  /** Low-level store removal without grace or finalizers, for api.ts alone: records history, wakes watchers with a `deleted` change. Nothing happens when the object is absent. */
  erase(ref: Ref): void
  /** Schedules at an absolute time (>= now). `key` orders simultaneous work of one priority. */
  schedule(at: Millis, priority: Priority, key: string, run: () => void): Timer
  /** Asks for a controller's reconcile of `key` at a time. */
  wake(controller: string, key: string, at: Millis): void
  event(ref: Ref | K8sObject, event: EventInput): void
  note(note: Note): void
  record(entry: Omit<TimelineEntry, 'at'>): void
  /** Deterministic number in [0,1) for a key. */
  random(key: string): number
  /** Deterministic name suffix of `length` characters of Kubernetes' safe alphabet. */
  suffix(key: string, length?: number): string
  /** RFC 3339 time of a virtual instant (the simulation starts at 2026-01-05T10:00:00Z). */
  timestamp(at?: Millis): string
  readonly runtime: Runtime
  readonly network: Network
}

// ---------------------------------------------------------------- node runtime (kubelet ↔ processes)

export type Mount = { path: string; volume: string; readOnly: boolean; subPath?: string }

/** A volume's content, shared by the containers that mount it. Implemented in runtime/files.ts. */
export type Volume = {
  name: string
  kind: 'configMap' | 'secret' | 'projected' | 'downwardAPI' | 'emptyDir' | 'hostPath' | 'persistentVolumeClaim' | 'image' | 'other'
  readOnly: boolean
  /** Backed by memory: counts against the writer's limit. */
  tmpfs: boolean
  files: Directory
  /** Where in `files` the volume begins, for a part of a node's own disk. */
  root?: string
  /** Digest of the image whose files an image volume shows. */
  image?: string
  sizeLimitBytes?: number
}

export type FileNode = { content: string; bytes: number; owner: number; group: number; mode: number; /** No regular file. */ special?: 'socket' | 'charDevice' | 'blockDevice' }
/** Path (relative, '' is the root) → node; directories have `directory: true`. */
export type Directory = Map<string, (FileNode & { directory?: false }) | { directory: true; owner: number; group: number; mode: number }>

export type User = { uid: number; gid: number; groups: number[]; dropAll: boolean }

export type ContainerSpec = {
  pod: Ref
  podIP: string
  nodeName: string
  name: string
  /** 0 for the first start. */
  attempt: number
  image: ResolvedImage
  argv: string[]
  workingDir: string
  env: ReadonlyMap<string, string>
  mounts: Mount[]
  volumes: ReadonlyMap<string, Volume>
  user: User
  readOnlyRoot: boolean
  hostNetwork: boolean
  /** Ports below belong to others (net.ipv4.ip_unprivileged_port_start). */
  lowestPort: number
  /** One process namespace for all containers of the pod. */
  sharesProcesses: boolean
  /** The name in the pod's UTS namespace. */
  hostname: string
  limits: { cpuCores?: number; memoryBytes?: number }
  requests: { cpuCores?: number; memoryBytes?: number }
  terminationMessagePath: string
  /** The previous instance ended uncleanly (SIGKILL, OOM, crash, node loss), or the volume says so. */
  afterCrash: boolean
}

export type ResolvedImage = { name: string; profile: Profile; image: ImageProfile; arch: string[]; digest: string; sizeBytes: number; pullMs: Millis }

export type Exit = { code: number; signal?: number; reason: 'Completed' | 'Error' | 'OOMKilled' | 'Unknown' }

/** A started container: one process tree. */
export type RunningContainer = {
  readonly spec: ContainerSpec
  readonly startedAt: Millis
  /** Its program answers nobody any more. */
  readonly isHung: boolean
  /** The program ended, or is ending, after finishing what was under way. */
  readonly endsCleanly: boolean
  readonly log: readonly { at: Millis; line: string }[]
  /** Sends a signal to PID 1. */
  signal(name: 'SIGTERM' | 'SIGKILL' | 'SIGINT' | string): void
  /** Runs a command inside (exec probe, hook, console). `missing`: binary not in the image (a probe error, not a failure). Result is available after durationMs. */
  exec(argv: string[], timeoutMs?: Millis): { exitCode: number; stdout: string; stderr: string; durationMs: Millis; missing?: string; timedOut?: boolean }
  /** Is something of this container listening; answers a connection or request to it. */
  respond(request: AppRequest): AppResponse
  listening(): readonly { port: number; protocol: 'TCP' | 'UDP'; address: string; kind: string; maxAgeMs?: Millis; maxAgeGraceMs?: Millis }[]
  memoryBytes(): number
  /** Cores wanted and cores given under the limit. */
  cpuCores(): { wanted: number; used: number }
  /** Slow-down factor from throttling and garbage collection, 1 = none. */
  slowdown(): number
  behave(mode: 'hang' | 'slow' | 'stop' | 'crash' | 'normal', latencyMs?: Millis): void
  load(factor: number): void
  /** Value of a config name in effect (profile.config). */
  config(name: string): string | undefined
  readFile(path: string): FileRead
  /** Would a write to this path by the container's user succeed? */
  canWrite(path: string): { ok: true } | { ok: false; error: 'EACCES' | 'EROFS' | 'ENOENT' | 'ENOTDIR' | 'EISDIR' }
  write(path: string, content: string): { ok: boolean; error?: string }
  /** This container is the active single writer now (profile.writer). */
  isActiveWriter(): boolean
  readonly exited?: Exit & { at: Millis }
}

export type FileRead = { ok: true; content: string; mode: number; owner: number; group: number; from: 'image' | 'volume' | 'written' } | { ok: false; error: 'ENOENT' | 'EACCES' | 'EISDIR' | 'ENOTDIR' }

export type AppRequest = { port: number; protocol: 'TCP' | 'UDP'; kind: 'connect' | 'http' | 'grpc' | 'websocket' | 'data'; path?: string; /** gRPC: a method as `package.Service/Method`, or the service whose health is asked for. */ service?: string; /** Address the packet arrives on: pod IP or 127.0.0.1. */ on: string; sourceIP: string; /** Speaks TLS; left out when the caller does not say. */ tls?: boolean }
export type AppResponse =
  | { outcome: 'ok'; status: number; latencyMs: Millis; body?: string; /** Where a 3xx sends the client. */ location?: string }
  | { outcome: 'refused' | 'reset' }
  /** Accepted, never answered. */
  | { outcome: 'silent' }

/** runtime/: starts containers. Implemented apart from the kubelet, which decides when. */
export type Runtime = {
  /** Finds the image in the scenario's registries and the built-in catalogue; undefined: no such image. */
  image(reference: string): ResolvedImage | undefined
  /** Start failure as containerd words it, with the exit code 128 conventions, or the running container. `onExit` is called once, at the exit instant. */
  start(spec: ContainerSpec, onExit: (exit: Exit) => void): RunningContainer | { failed: string; reason: 'RunContainerError' | 'CreateContainerError' }
  /** The live container of a pod, newest instance. */
  container(pod: Ref, name: string): RunningContainer | undefined
  containers(pod: Ref): readonly RunningContainer[]
  /** Logs of the newest (0) or the previous (1) instance, which outlive the process. */
  logs(pod: Ref, container: string, previous: boolean): readonly { at: Millis; line: string }[] | undefined
  /** Persistent volume content by PersistentVolume name; survives pods. */
  persistent(volumeName: string, root: { owner: number; group: number; mode: number }): Directory
  /** What an image volume of this image shows. */
  imageFiles(image: ResolvedImage): Directory
  /** A new volume tree of the given files. */
  directory(files: Record<string, string>, mode: number): Directory
}

// ---------------------------------------------------------------- network

export type Source =
  | { kind: 'pod'; pod: Ref }
  | { kind: 'virtual'; namespace: string; labels: Record<string, string> }
  | { kind: 'node'; node: string }
  | { kind: 'external'; address: string }

export type NetworkRequest = { from: Source; host: string; port: number; protocol: 'TCP' | 'UDP'; kind?: AppRequest['kind']; path?: string; service?: string; timeoutMs?: Millis; /** Speaks TLS or not, and looks at the certificate; left out when the client does not say. */ tls?: 'none' | 'any' | 'verified' }

/** What the client sees. `stage` says where it was decided; `error` is the text a Go client prints. */
export type NetworkVerdict =
  | { ok: true; pod?: Ref; container?: string; external?: string; address: string; port: number; sourceIP: string; /** Of HTTP; below 17 that of gRPC. */ status: number; latencyMs: Millis; location?: string; /** What the program was asked for, where a proxy changed it. */ path?: string; /** Something on the way closes a connection on which nothing was said for so long. */ idleMs?: Millis }
  | { ok: false; stage: 'dns' | 'no-endpoints' | 'no-such-port' | 'policy' | 'refused' | 'timeout' | 'reset' | 'silent' | 'certificate'; error: string; latencyMs: Millis; pod?: Ref; policies?: Ref[]; symptom: 'no-such-host' | 'refused' | 'timeout' | 'reset' | 'certificate' }

/** `server`: the nameserver that was asked. */
export type Resolution = { ok: true; addresses: string[]; name: string; queries: string[]; server: string } | { ok: false; error: 'NXDOMAIN' | 'timeout'; queries: string[]; server: string }

export type DnsType = 'A' | 'AAAA' | 'CNAME' | 'SRV' | 'PTR'
/** `data`: an address, a name without a trailing dot, or `priority weight port target`. */
export type DnsRecord = { name: string; type: DnsType; data: string }
/** The answer to one question: `name` is the one that was asked last, `records` start with the chain of aliases. */
export type DnsAnswer = { status: 'NOERROR' | 'NXDOMAIN' | 'timeout'; name: string; records: DnsRecord[]; server: string; queries: string[]; authoritative: boolean }

export type Network = {
  request(request: NetworkRequest): NetworkVerdict
  /** DNS as the pod's resolv.conf would; pods behind policies without DNS egress time out. */
  resolve(from: Source, host: string): Resolution
  /** One question to the DNS server, as nslookup and dig ask it; `search` goes through the search list. */
  query(from: Source, name: string, type: DnsType, search: boolean): DnsAnswer
  /** The text of the pod's /etc/resolv.conf. */
  resolvConf(from: Source): string
  /** What of the pod's dnsConfig does not fit into resolv.conf, in the kubelet's words. */
  resolverComplaints(pod: K8sObject): string[]
  /** All policy rules for one connection, pod to pod; external addresses allowed on either side. */
  allowed(from: Source, to: Source, port: number, protocol: 'TCP' | 'UDP', sourceIP?: string): { allowed: boolean; policies: Ref[] }
}

// ---------------------------------------------------------------- result

export type GoalResult = {
  id: string
  run: string
  points: number
  /** 'undecided' when the answer uses something not modelled that the goal depends on; never counts as met. */
  verdict: 'met' | 'missed' | 'undecided'
  /** When it was decided, relative to apply. */
  at: Millis
  says: { en: string; 'zh-CN': string }
  /** What was seen, one sentence per language. */
  because: { en: string; 'zh-CN': string }
  evidence: TimelineEntry[]
}

export type ConstraintResult = { id: string; broken: boolean; because: { en: string; 'zh-CN': string }; ref?: Ref; path?: string; file?: string }

export type RunResult = {
  run: string
  /** False when a limit (events, objects, virtual time) was hit. */
  completed: boolean
  limit?: string
  endedAt: Millis
  timeline: TimelineEntry[]
  notes: Note[]
  /** What kubectl apply printed for each object. */
  applied: { file: string; ref: Ref; result: 'created' | 'configured' | 'unchanged' | 'rejected'; message: string; warnings: string[]; /** Fields the server found wrong, with its words for each. */ causes?: { field: string; message: string }[] }[]
}
