/**
 * Schema of scenario.yaml: the cluster an exercise plays on, what happens to it, and the goals it is graded by.
 * Object references are written `kind/name` or `kind/namespace/name` (kind lower-case singular: deployment/login, statefulset/data/mysql);
 * the scenario's `namespace` fills in. Times are relative to the moment the person's manifests are applied.
 */
import * as z from 'zod'
import { inBlock } from './network/address.ts'
import { duration, pattern, profileSchema, protocol, quantity } from './profile.ts'

const labels = z.record(z.string(), z.string())
const text = z.strictObject({ en: z.string(), 'zh-CN': z.string() })
const ref = z.string().regex(/^[a-z]+\/[^/]+(\/[^/]+)?$/, 'write kind/name or kind/namespace/name')
const byRun = { run: z.string().optional() }

/** Something on a node's own disk: the content of a file, or details. A path that ends with a slash is a directory. */
const nodeFile = z.union([
  z.string(),
  z.strictObject({ content: z.string().default(''), owner: z.number().int().default(0), group: z.number().int().default(0), mode: z.string().regex(/^[0-7]{3,4}$/).optional(), type: z.enum(['file', 'directory', 'socket', 'charDevice', 'blockDevice']).optional(), /** More bytes than the content has. */ size: quantity.optional() }),
])
const nodeFiles = z.record(z.string().regex(/^\//, 'an absolute path'), nodeFile)

const node = z.strictObject({
  name: z.string(),
  labels: labels.default({}),
  taints: z.array(z.strictObject({ key: z.string(), value: z.string().default(''), effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']) })).default([]),
  arch: z.string().default('amd64'),
  cpu: quantity.default('4'),
  memory: quantity.default('8Gi'),
  ephemeralStorage: quantity.default('50Gi'),
  pods: z.number().int().default(110),
  address: z.string().optional(),
  /** Images already on the node before the kubelet kept records: free for every pod. */
  images: z.array(z.string()).default([]),
  /** What a hostPath volume finds besides the folders, devices and files that every node has. */
  files: nodeFiles.default({}),
  unschedulable: z.boolean().default(false),
  /** How many volumes a CSI driver attaches to this node, by driver; no limit when absent. */
  volumeLimits: z.record(z.string(), z.number().int().nonnegative()).default({}),
  /** The longest pause between restarts of a crashing container, 1s to 5m (crashLoopBackOff.maxContainerRestartPeriod of the kubelet's configuration; 5m when absent). */
  maxContainerRestartPeriod: duration.refine((ms) => ms >= 1000 && ms <= 300_000, 'from 1s to 5m').optional(),
})

const registry = z.strictObject({
  reachable: z.enum(['yes', 'timeout', 'refused', 'no-such-host']).default('yes'),
  tls: z.enum(['ok', 'unknown-authority', 'plain-http']).default('ok'),
  /** Set: pulls need these credentials. */
  auth: z.strictObject({ username: z.string(), password: z.string() }).optional(),
})

const image = z.strictObject({
  /** Full reference with tag: registry.game.example/login:1.8.2 */
  name: z.string(),
  profile: z.string(),
  arch: z.array(z.string()).default(['amd64', 'arm64']),
  pull: duration.default(1500),
  size: quantity.default('42Mi'),
  digest: z.string().optional(),
})

/** Who sends: an address outside the cluster, a node, an existing workload's pod, or a test pod that exists only for the question. */
const source = z.union([
  z.strictObject({ address: z.string() }),
  z.strictObject({ node: z.string() }),
  z.strictObject({ workload: ref }),
  z.strictObject({ namespace: z.string(), labels: labels.default({}) }),
])
/** Where to: host name or address as the client would write it, or `service/...` (its load balancer or node port, from outside) or `pod/...`. */
const target = z.strictObject({
  host: z.string().optional(), service: ref.optional(), workload: ref.optional(), port: z.number().int(), protocol: protocol.default('TCP'),
  /** HTTP: the path asked for. */
  path: z.string().optional(),
  /** gRPC: a method (`game.Match/Find`), or the service whose health is asked for (`game.Match`, or nothing for the whole server). */
  grpc: z.string().regex(/^([\w.]+\/\w+|[\w.]*)$/, 'write package.Service/Method, or a service to ask for its health').optional(),
  /** WebSocket: the path on which the connection is upgraded. */
  websocket: z.string().regex(/^\//, 'a path').optional(),
  /** Speaks TLS and accepts only a certificate that is trusted and for the host. */
  tls: z.boolean().optional(),
  /** HTTP: goes where a redirect sends it, as browsers do. Without it a redirect of an Ingress controller to https is no answer. */
  follow: z.boolean().optional(),
}).superRefine((value, context) => {
  const asked = (['path', 'grpc', 'websocket'] as const).filter((name) => value[name] !== undefined)
  if (asked.length > 1) context.addIssue({ code: 'custom', path: [asked[1]!], message: `${asked.join(' and ')} exclude each other` })
  if (value.follow !== undefined && value.path === undefined) context.addIssue({ code: 'custom', path: ['follow'], message: 'only for HTTP (path)' })
  if (asked.length > 0 && value.protocol === 'UDP') context.addIssue({ code: 'custom', path: ['protocol'], message: `${asked[0]} needs TCP` })
})

const traffic = z.strictObject({
  name: z.string(),
  from: source,
  to: target,
  perSecond: z.number().positive().default(5),
  /** `short`: every request makes a connection. `kept` (HTTP): clients keep their connections and use them again, as Go's http.Transport does. `long`: connections that stay open, or for gRPC calls that stream. */
  connection: z.enum(['short', 'kept', 'long']).default('short'),
  /** Planned length of a long connection or stream; those of WebSocket are always long. */
  lasts: duration.default(60_000),
  /** How long a client waits for an answer. */
  timeout: duration.default(5000),
  /** gRPC, and HTTP with `connection: kept`: so many clients take turns, each with connections that it keeps (default 1). */
  connections: z.number().int().positive().optional(),
  /** gRPC: to one address of the name (default), or to all of them in turn. */
  balancing: z.enum(['pick-first', 'round-robin']).optional(),
  /** gRPC: the client pings a quiet connection this often, and gives it up 20 s after a ping that nobody answers. Without it a silent peer is noticed after 15 minutes. */
  keepalive: duration.optional(),
  /** `connection: kept`: a connection that is idle for so long is closed by the client (default 90 s). */
  idle: duration.optional(),
  /** `connection: kept`: a GET (default) is sent again when the connection it was to be answered on breaks off; a POST is lost. */
  method: z.enum(['GET', 'POST']).optional(),
  /** WebSocket and streams of gRPC: pause between two messages of a connection (default 10 s). */
  messages: duration.optional(),
  /** WebSocket and streams of gRPC: pauses before a player who was cut off tries again; each is twice the one before (default 1s, up to 30s). */
  reconnect: z.strictObject({ first: duration.default(1000), max: duration.default(30_000) }).optional(),
  starts: duration.default(0),
  ends: duration.optional(),
}).superRefine((value, context) => {
  const isKept = value.connection === 'kept'
  const isStream = value.to.grpc !== undefined && value.connection === 'long'
  const only = (names: readonly (keyof typeof value)[], holds: boolean, where: string): void => { for (const name of names) if (value[name] !== undefined && !holds) context.addIssue({ code: 'custom', path: [name], message: `only for ${where}` }) }
  only(['balancing', 'keepalive'], value.to.grpc !== undefined, 'gRPC (to.grpc)')
  only(['connections'], value.to.grpc !== undefined || isKept, 'gRPC (to.grpc) and connection: kept')
  only(['idle', 'method'], isKept, 'connection: kept')
  only(['messages', 'reconnect'], value.to.websocket !== undefined || isStream, 'WebSocket (to.websocket) and streams of gRPC')
  if (isKept && value.to.path === undefined) context.addIssue({ code: 'custom', path: ['connection'], message: 'kept is for HTTP (to.path); clients of gRPC keep theirs anyway' })
})

/** Values of a metric over time. `at` counts from the moment the manifests are applied; the first value holds before it too. */
const seriesFields = {
  metric: z.string().min(1),
  labels: labels.default({}),
  values: z.array(z.strictObject({ at: duration.default(0), value: z.number().nonnegative() })).min(1).refine((points) => points.every(({ at }, i) => i === 0 || at > points[i - 1]!.at), 'values stand in the order of their times'),
  /** Goes evenly from one value to the next instead of in steps. */
  linear: z.boolean().default(false),
  /** The series ends then, as when its exporter dies. */
  until: duration.optional(),
}
const customSeries = z.strictObject({
  ...seriesFields,
  /** Every running pod of this workload has the value (metrics of type Pods). */
  workload: ref.optional(),
  /** With `workload`: the value is a total that its ready pods share evenly, so that more pods have less each. */
  shared: z.boolean().default(false),
  /** This object has the value, e.g. ingress/main (metrics of type Object). */
  object: ref.optional(),
}).superRefine((value, context) => {
  if ((value.workload === undefined) === (value.object === undefined)) context.addIssue({ code: 'custom', message: 'a series is of a workload or of an object' })
  if (value.shared && value.workload === undefined) context.addIssue({ code: 'custom', path: ['shared'], message: 'only with workload' })
})
/** Without `namespace` the series is in all of them. */
const externalSeries = z.strictObject({ ...seriesFields, namespace: z.string().optional() })

const step = z.strictObject({
  at: duration,
  /** Who does it, as kubectl's --as names a user; the administrator when absent. What they may not do stays undone and is on the timeline. */
  as: z.string().optional(),
  /** Exactly one of the following. */
  apply: z.array(z.string()).optional(),                    // more files of the question folder, e.g. [later/config-v2.yaml]
  delete: ref.optional(),
  patch: z.strictObject({ object: ref, merge: z.record(z.string(), z.unknown()) }).optional(), // JSON merge patch through admission
  scale: z.strictObject({ workload: ref, replicas: z.number().int() }).optional(),
  restart: ref.optional(),                                  // kubectl rollout restart
  setImage: z.strictObject({ workload: ref, container: z.string().optional(), image: z.string() }).optional(),
  undo: ref.optional(),
  deletePods: z.strictObject({ workload: ref, count: z.number().int().optional() }).optional(),
  drain: z.strictObject({ node: z.string(), timeout: duration.optional() }).optional(),
  cordon: z.string().optional(),
  uncordon: z.string().optional(),
  failNode: z.string().optional(),
  recoverNode: z.string().optional(),
  /** Deadlock, slow down, stop or heal the processes of a workload (or of `count` of its pods). `stop` refuses connections, `hang` accepts TCP but answers nothing. `crash` kills the process without cleaning up. */
  behave: z.strictObject({ workload: ref, count: z.number().int().optional(), mode: z.enum(['hang', 'slow', 'stop', 'crash', 'normal']), latency: duration.optional(), newPodsToo: z.boolean().default(false) }).optional(),
  /** Outside dependency. */
  external: z.strictObject({ name: z.string(), state: z.enum(['up', 'refused', 'timeout', 'stall']), latency: duration.optional() }).optional(),
  /** Load factor on the pods of a workload, also on those that come later: cpu and garbage follow it. With `over` the factor is what so many pods would have each, and it spreads over the pods that are ready: adding pods helps. */
  load: z.strictObject({ workload: ref, factor: z.number(), over: z.number().int().positive().optional() }).optional(),
  /** Another process on the node takes memory until `available` is left. */
  memoryPressure: z.strictObject({ node: z.string(), available: quantity }).optional(),
  /** Another process on the node fills its disk until `available` is left. */
  diskPressure: z.strictObject({ node: z.string(), available: quantity }).optional(),
  registry: z.strictObject({ host: z.string(), reachable: z.enum(['yes', 'timeout', 'refused', 'no-such-host']) }).optional(),
  /** Somebody puts files on a node's own disk. */
  nodeFiles: z.strictObject({ node: z.string(), files: nodeFiles }).optional(),
})

const run = z.strictObject({
  name: z.string(),
  about: text.optional(),
  /** Virtual time simulated after the manifests are applied. */
  length: duration.default(600_000),
  /** Time the `given` objects run before. */
  warmup: duration.default(30_000),
  steps: z.array(step).default([]),
  traffic: z.array(traffic).default([]),
})

const goal = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  points: z.number().int().min(0).default(1),
  ...byRun,
  /** The goal as a sentence; a sentence is made from the predicate when absent. */
  says: text.optional(),
  // Exactly one predicate:
  admitted: z.strictObject({ objects: z.array(ref).optional() }).optional(),
  ready: z.strictObject({ workload: ref, within: duration, replicas: z.number().int().optional(), after: duration.default(0) }).optional(),
  noRestart: z.strictObject({ workload: ref, container: z.string().optional(), from: duration.default(0), until: duration.optional() }).optional(),
  restarted: z.strictObject({ workload: ref, container: z.string().optional(), after: duration, within: duration, serving: z.boolean().default(false) }).optional(),
  neverStarted: z.strictObject({ workload: ref, container: z.string(), until: duration.optional() }).optional(),
  reach: z.strictObject({ from: source, to: target, expect: z.enum(['yes', 'no']).default('yes'), at: duration.optional() }).optional(),
  noLoss: z.strictObject({ traffic: z.string(), from: duration.default(0), until: duration.optional(), atMost: z.number().int().default(0) }).optional(),
  /** The Service keeps at least this many ready backends that answer. */
  serves: z.strictObject({ service: ref, atLeast: z.number().int(), from: duration.default(0), until: duration.optional() }).optional(),
  /** A pod whose process hangs leaves the Service's ready endpoints in time. */
  leaves: z.strictObject({ service: ref, after: duration, within: duration }).optional(),
  endpointChanges: z.strictObject({ service: ref, atMost: z.number().int(), from: duration.default(0), until: duration.optional() }).optional(),
  share: z.strictObject({ traffic: z.string(), workload: ref, min: z.number(), max: z.number(), from: duration.default(0) }).optional(),
  write: z.strictObject({ workload: ref, container: z.string().optional(), path: z.string(), survivesPodDeletion: z.boolean().default(false) }).optional(),
  file: z.strictObject({ workload: ref, container: z.string().optional(), path: z.string(), contains: z.string().optional(), absent: z.boolean().default(false), maxMode: z.string().optional(), fromImage: z.boolean().default(false), at: duration.optional() }).optional(),
  envClean: z.strictObject({ workload: ref, secret: ref }).optional(),
  config: z.strictObject({ workload: ref, name: z.string(), equals: z.string(), after: duration.default(0), within: duration }).optional(),
  /** A line that a container of the workload prints, or never prints, as a regular expression. Without `container` all of them count, those of pods that are gone too. */
  logs: z.strictObject({ workload: ref, container: z.string().optional(), line: pattern, expect: z.enum(['yes', 'no']).default('yes'), from: duration.default(0), until: duration.optional() }).optional(),
  /** `differing`: at least so many different nodes. */
  scheduled: z.strictObject({ workload: ref, nodes: z.array(z.string()).optional(), atLeast: z.number().int().optional(), differing: z.number().int().optional() }).optional(),
  scale: z.strictObject({ workload: ref, min: z.number().int(), max: z.number().int().optional(), after: duration.default(0), within: duration }).optional(),
  drain: z.strictObject({ node: z.string(), within: duration }).optional(),
  can: z.strictObject({ serviceAccount: z.string(), verb: z.string(), resource: z.string(), group: z.string().default(''), name: z.string().optional(), namespace: z.string().optional(), expect: z.enum(['yes', 'no']).default('yes') }).optional(),
  singleWriter: z.strictObject({ workload: ref, from: duration.default(0) }).optional(),
  completes: z.strictObject({ job: ref, within: duration, failures: z.number().int().optional() }).optional(),
  neverTwoActive: z.strictObject({ cronjob: ref }).optional(),
  evicted: z.strictObject({ workload: ref, expect: z.enum(['yes', 'no']).default('no') }).optional(),
  /** Slow-down by garbage collection or CPU throttling stays within this factor of the unconstrained process. */
  slowdown: z.strictObject({ workload: ref, atMost: z.number() }).optional(),
  /** A CEL assertion over the admitted objects: `object` is the named one, `objects` all. Use when behaviour cannot show it. */
  policy: z.strictObject({ object: ref.optional(), expression: z.string(), message: text.optional() }).optional(),
})

export const scenarioSchema = z.strictObject({
  about: z.string().default(''),
  namespace: z.string().default('game'),
  kubernetes: z.enum(['1.34', '1.35', '1.36']).default('1.36'),
  seed: z.string().default('readyz'),
  cluster: z.strictObject({
    nodes: z.array(node).min(1).default([{ name: 'node-1' }, { name: 'node-2' }, { name: 'node-3' }].map((n) => ({ ...n, labels: {}, taints: [], arch: 'amd64', cpu: '4', memory: '8Gi', ephemeralStorage: '50Gi', pods: 110, images: [], files: {}, unschedulable: false, volumeLimits: {} }))),
    namespaces: z.array(z.strictObject({ name: z.string(), labels: labels.default({}) })).default([]),
    /** The network plugin enforces NetworkPolicy; without it policies are accepted and change nothing. */
    networkPolicy: z.boolean().default(true),
    /** What the network plugin does with what a policy denies: `drop` loses it (the client times out), `reject` answers that it is refused. Questions to DNS are lost either way. */
    denied: z.enum(['drop', 'reject']).default('drop'),
    /** Programs may listen below 1024 in the pod's own network without being root (enable_unprivileged_ports of containerd, on since 2.0). */
    unprivilegedPorts: z.boolean().default(true),
    loadBalancer: z.boolean().default(true),
    metricsServer: z.boolean().default(true),
    /** What serves custom.metrics.k8s.io and external.metrics.k8s.io to autoscalers, and the series each has. An absent one is not installed; an empty list is one that knows nothing. */
    metricsAdapters: z.strictObject({ custom: z.array(customSeries).optional(), external: z.array(externalSeries).optional() }).prefault({}),
    /** Time until kube-proxy follows an endpoint change. */
    proxyLag: duration.default(1000),
    /** Where the nodes have their addresses, unless a node has one of its own: the tenth and those after it. The second is that of their resolver. */
    nodeSubnet: z.string().refine((block) => inBlock(block.split('/')[0]!, block) && Number(block.split('/')[1]) <= 24, 'a block of addresses of at least 256, such as 10.0.0.0/16').default('10.0.0.0/16'),
    ingressClass: z.string().optional(),
    /** Load balancers close a connection on which nothing was said for so long. */
    loadBalancerIdle: duration.optional(),
    /** Storage classes to create; the first with `default: true` is the default. `root`: owner and mode of a fresh volume's root directory. */
    storageClasses: z.array(z.strictObject({ name: z.string(), provisioner: z.string().default('csi.game.example'), binding: z.enum(['Immediate', 'WaitForFirstConsumer']).default('WaitForFirstConsumer'), default: z.boolean().default(false), fsGroup: z.boolean().default(true), accessModes: z.array(z.string()).default(['ReadWriteOnce', 'ReadWriteOncePod']), root: z.strictObject({ owner: z.number().int().default(0), group: z.number().int().default(0), mode: z.string().default('755') }).prefault({}), /** What the driver can still provision, by the labels of the nodes it is for; without it there is always room. */ capacity: z.array(z.strictObject({ labels: labels.default({}), free: quantity })).optional() })).default([{ name: 'standard-rwo', provisioner: 'csi.game.example', binding: 'WaitForFirstConsumer', default: true, fsGroup: true, accessModes: ['ReadWriteOnce', 'ReadWriteOncePod'], root: { owner: 0, group: 0, mode: '755' } }]),
  }).prefault({}),
  registries: z.record(z.string(), registry).default({}),
  images: z.array(image).default([]),
  /** Hosts outside the cluster that pods may call. */
  externals: z.array(z.strictObject({ name: z.string(), host: z.string(), address: z.string(), ports: z.array(z.number().int()).default([443]), protocol: protocol.default('TCP'), state: z.enum(['up', 'refused', 'timeout', 'stall']).default('up') })).default([]),
  profiles: z.record(z.string(), profileSchema).default({}),
  /** Files (below the question folder) of objects that the platform owns: applied first, shown read-only. */
  given: z.array(z.string()).default([]),
  /** The broken objects run already when the answer is applied, so that immutable fields and rolling updates count. Without it the answer meets a cluster with only the platform's objects. */
  startsBroken: z.boolean().default(false),
  runs: z.array(run).min(1),
  goals: z.array(goal).min(1),
  /** Standing constraints, all on unless lifted (curriculum: K1 identity, K2 image, K3 replicas, K4 probes, K5 privilege, K6 policy width, K7 limits, K8 secrets, K9 platform, K10 masks). */
  constraints: z.strictObject({
    lift: z.array(z.enum(['K1', 'K2', 'K3', 'K4', 'K5', 'K6', 'K7', 'K8', 'K9', 'K10'])).default([]),
    /** K1: objects that may be removed, `kind/name`; objects that may be added are always allowed unless they are of a platform kind. */
    mayRemove: z.array(ref).default([]),
    /** K1: objects that may become others, as a Deployment a StatefulSet: any of those named takes its place, and the other constraints compare with the old one. */
    mayBecome: z.record(ref, z.array(ref)).default({}),
    /** K7: ceilings per pod (sum of containers), e.g. memory: 1Gi. */
    budget: z.strictObject({ cpu: quantity.optional(), memory: quantity.optional() }).prefault({}),
    /** K6: widest CIDRs that may appear in policies. */
    cidrs: z.array(z.string()).default([]),
    /** K2: image references that may also be used. */
    images: z.array(z.string()).default([]),
  }).prefault({}),
  /** The commands whose output tells the incident (against the broken manifests, run 1, at the time given). */
  evidence: z.array(z.strictObject({ at: duration, command: z.string() })).default([]),
})

/** A scenario that is only to be played, as that of a prediction: it needs no goals. */
export const playableSchema = scenarioSchema.extend({ goals: z.array(goal).default([]) })

export type Scenario = z.infer<typeof scenarioSchema>
export type MetricSeries = z.infer<typeof externalSeries> & Partial<Pick<z.infer<typeof customSeries>, 'workload' | 'object' | 'shared'>>
export type Run = Scenario['runs'][number]
export type Step = Run['steps'][number]
export type NodeFile = z.infer<typeof nodeFile>
export type Goal = Scenario['goals'][number]
export type TrafficSpec = Run['traffic'][number]
export type SourceSpec = z.infer<typeof source>
export type TargetSpec = z.infer<typeof target>
