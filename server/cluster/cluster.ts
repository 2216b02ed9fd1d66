/** One simulated cluster, put together from its parts: the store, the clock and whatever acts on them. */
import type { K8sObject, Ref } from '../k8s/object.ts'
import { keyOf, refOf } from '../k8s/object.ts'
import type { Millis } from '../k8s/duration.ts'
import { hash } from '../seed.ts'
import type { Api, Change, Cluster, Controller, Network, Note, Runtime, TimelineEntry } from './types.ts'
import type { NodeFile, Run, Scenario } from './scenario.ts'
import type { Recorder } from './events.ts'
import { createRecorder } from './events.ts'
import type { Limits } from './loop.ts'
import { Loop } from './loop.ts'
import type { Store } from './store.ts'
import { createStore } from './store.ts'
import { factsOf } from './timeline.ts'

/** What a cluster is made of besides store and clock. Each maker gets the cluster; parts may use each other only once all are made. */
export type Parts = {
  api(cluster: Cluster): Api
  runtime(cluster: Cluster): Runtime
  network(cluster: Cluster): Network
  /** A fresh set; the scheduler is among them. */
  controllers(): readonly Controller[]
  kubelet(cluster: Cluster): Kubelet
  /** Nodes, namespaces and classes, before anything else exists. */
  infrastructure(cluster: Cluster): void
}

/** The node agents as the cluster and the steps of a scenario see them. */
export type Kubelet = {
  observe(change: Change): void
  failNode(name: string): void
  recoverNode(name: string): void
  /** The node has no power: nothing on it runs or answers. */
  isSilent?(name: string): boolean
  /** Another process on the node takes memory or disk until so much is left. */
  take(node: string, what: 'memory' | 'disk', availableBytes: number): void
  /** Somebody puts files on a node's own disk. */
  putFiles(node: string, files: Readonly<Record<string, NodeFile>>): void
}

export type LiveCluster = Cluster & { readonly kubelet: Kubelet; readonly store: Store; readonly loop: Loop; readonly timeline: readonly TimelineEntry[]; readonly notes: readonly Note[]; /** Does the work up to an instant; false when a limit ended the run. */ advance(until: Millis): boolean; /** Calls back after every change of an object. */ watch(changed: (change: Change) => void): void }

const epochMs = Date.UTC(2026, 0, 5, 10)
const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789'
const objectLimit = 5000

/** Parts that are given the cluster when they are made. */
type Late = 'api' | 'runtime' | 'network' | 'kubelet'

/**
 * The present of a cluster. A class, because an accessor in an object literal gives every cluster a hidden class of its own: code that was
 * compiled for one would be slow with the next, and what such a class refers to is not freed before a full collection.
 */
class Clock {
  readonly loop: Loop

  constructor(loop: Loop) {
    this.loop = loop
  }

  get now(): Millis {
    return this.loop.now
  }
}

/** Makes a cluster and its infrastructure. `limits` may be lowered by tests. */
export function createCluster(scenario: Scenario, run: Run, parts: Parts, limits?: Limits): LiveCluster {
  const store = createStore()
  const loop = new Loop(limits)
  const timeline: TimelineEntry[] = []
  const notes: Note[] = []
  const awaited = new Set<string>()
  const noted = new Set<string>()
  const queues = new Map<string, Set<string>>()
  const watchers: ((change: Change) => void)[] = []
  let controllers: readonly Controller[] = []

  function enqueue(controller: Controller, key: string): void {
    const waiting = queues.get(controller.name)
    if (waiting) {
      waiting.add(key)
      return
    }
    queues.set(controller.name, new Set([key]))
    loop.schedule(loop.now, 'controller', controller.name, () => drain(controller))
  }

  function drain(controller: Controller): void {
    const keys = [...(queues.get(controller.name) ?? [])].sort()
    queues.delete(controller.name)
    for (const key of keys) controller.reconcile(key, cluster)
  }

  function changed(change: Change): void {
    if (change.object.kind === 'Event') return
    for (const fact of factsOf(change)) cluster.record(fact)
    for (const controller of controllers) for (const key of controller.keys(change, cluster)) enqueue(controller, key)
    cluster.kubelet.observe(change)
    for (const watcher of watchers) watcher(change)
    if (store.size() > objectLimit) loop.stop(`more than ${objectLimit} objects`)
  }

  const made: Omit<LiveCluster, 'now' | 'loop' | Late> = {
    appliedAt: run.warmup,
    scenario,
    run,
    view: store.view,
    store,
    timeline,
    notes,
    put: (object: K8sObject) => changed(store.put(object, loop.now)),
    erase(ref: Ref) {
      const change = store.erase(ref, loop.now)
      if (change) changed(change)
    },
    schedule: (at, priority, key, work) => loop.schedule(at, priority, key, work),
    wake(name, key, at) {
      const controller = controllers.find((one) => one.name === name)
      if (!controller) throw new Error(`no controller is called ${name}`)
      if (at <= loop.now) enqueue(controller, key)
      else {
        // However often it was asked for, a key is looked at once at that time.
        const request = `${name} ${key} ${at}`
        if (awaited.has(request)) return
        awaited.add(request)
        loop.schedule(at, 'controller', `${name} ${key}`, () => {
          awaited.delete(request)
          enqueue(controller, key)
        })
      }
    },
    event(target, event) {
      const object = 'metadata' in target ? (target as K8sObject) : store.view.get(target.kind, target.namespace, target.name)
      const ref = 'metadata' in target ? refOf(target as K8sObject) : target
      // Events are content too, and a namespace that is being deleted takes no new content.
      if (ref.namespace && store.view.get('Namespace', '', ref.namespace)?.metadata.deletionTimestamp) return
      const recorded = recorder.record({ kind: ref.kind, namespace: ref.namespace, name: ref.name, uid: object?.metadata.uid, apiVersion: object?.apiVersion }, event)
      if (recorded) cluster.record({ kind: 'event', ref, text: `${event.type} ${event.reason} ${event.message}`, data: { ...event, count: recorded.count } })
    },
    note(note: Note) {
      const key = `${note.ref ? keyOf(note.ref) : ''} ${note.path ?? ''} ${note.text}`
      if (noted.has(key)) return
      noted.add(key)
      notes.push(note)
    },
    record: (entry) => void timeline.push({ at: loop.now, ...entry }),
    random: (key) => hash(`${scenario.seed}\0random\0${key}`) / 4294967296,
    suffix: (key, length = 5) => Array.from({ length }, (_, i) => safeAlphabet[hash(`${scenario.seed}\0suffix\0${i}\0${key}`) % safeAlphabet.length]).join(''),
    timestamp: (at = loop.now) => timestampOf(at),
    advance: (until: Millis) => loop.runUntil(until),
    watch: (watcher) => void watchers.push(watcher),
  }
  const cluster = Object.assign(new Clock(loop), made) as Omit<LiveCluster, Late> as LiveCluster
  const recorder: Recorder = createRecorder(cluster, { get: (name, namespace) => store.view.get('Event', namespace, name), put: (event) => void store.put(event, loop.now) })
  Object.assign(cluster, { api: parts.api(cluster), runtime: parts.runtime(cluster), network: parts.network(cluster), kubelet: parts.kubelet(cluster) })
  controllers = parts.controllers()
  parts.infrastructure(cluster)
  return cluster
}

const timestamps = new Map<number, string>()

/** RFC 3339 with whole seconds, as metav1.Time prints. */
function timestampOf(at: Millis): string {
  const second = Math.floor(at / 1000)
  let text = timestamps.get(second)
  if (text === undefined) {
    if (timestamps.size > 20_000) timestamps.clear()
    timestamps.set(second, (text = `${new Date(epochMs + second * 1000).toISOString().slice(0, 19)}Z`))
  }
  return text
}
