/** Event objects as client-go's recorder leaves them: counted when they repeat, combined when many differ, dropped when one source floods (what is dropped counts, and shows in the next that is let through) (client-go/tools/record/events_cache.go). */
import type { K8sObject, Ref } from '../k8s/object.ts'
import { hash } from '../seed.ts'
import type { Millis } from '../k8s/duration.ts'
import type { EventInput } from './types.ts'

const aggregateAfter = 10
const aggregateWindowMs = 600_000
const burst = 25
const refillMs = 300_000

type Bucket = { tokens: number; at: Millis }
/** `others`: messages besides the first; most groups have none. */
type Group = { first: string; others: Set<string> | undefined; last: Millis }

export type Recorder = { record(involved: Ref & { uid?: string; apiVersion?: string }, event: EventInput): K8sObject | undefined }

/** A recorder that stores through `put` and reads what is stored through `get`. Times are virtual. */
export function createRecorder(clock: { readonly now: Millis; timestamp(at?: Millis): string }, store: { get(name: string, namespace: string): K8sObject | undefined; put(event: K8sObject): void }): Recorder {
  const buckets = new Map<string, Bucket>()
  const groups = new Map<string, Group>()
  const seen = new Map<string, { count: number; readonly first: string; readonly suffix: string }>()

  /** EventSourceObjectSpamFilter: 25 at once, then one per five minutes, per source and object. */
  function allowed(key: string): boolean {
    const bucket = buckets.get(key) ?? { tokens: burst, at: clock.now }
    bucket.tokens = Math.min(burst, bucket.tokens + (clock.now - bucket.at) / refillMs)
    bucket.at = clock.now
    buckets.set(key, bucket)
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }

  /** EventAggregator: more than ten different messages of one reason within ten minutes become one. */
  function combined(key: string, message: string): boolean {
    let group = groups.get(key)
    if (!group || clock.now - group.last > aggregateWindowMs) groups.set(key, (group = { first: message, others: undefined, last: clock.now }))
    group.last = clock.now
    if (message !== group.first) (group.others ??= new Set()).add(message)
    return 1 + (group.others?.size ?? 0) >= aggregateAfter
  }

  return {
    record(involved, event) {
      const object = `${involved.kind}/${involved.namespace}/${involved.name}/${involved.uid ?? ''}`
      const source = `${event.component}/${event.node ?? ''}/${object}`
      const many = !event.series && combined(`${source}/${event.type}/${event.reason}`, event.message)
      const message = many ? `(combined from similar events): ${event.message}` : event.message
      const identity = `${source}/${event.type}/${event.reason}/${event.fieldPath ?? ''}/${many ? '' : message}`
      const now = clock.timestamp()
      let known = seen.get(identity)
      if (!known) seen.set(identity, (known = { count: 0, first: now, suffix: `${hash(identity).toString(16).padStart(8, '0')}${hash(`2${identity}`).toString(16).padStart(8, '0')}` }))
      const count = ++known.count
      if (!event.series && !allowed(source)) return undefined
      const name = `${involved.name}.${known.suffix}`
      const namespace = involved.namespace || 'default'
      const old = store.get(name, namespace)
      const next: K8sObject = old
        ? { ...old, message, count, lastTimestamp: now, ...(event.series ? { series: { count, lastObservedTime: now } } : {}) }
        : {
            apiVersion: 'v1',
            kind: 'Event',
            metadata: { name, namespace, creationTimestamp: now },
            involvedObject: { kind: involved.kind, namespace: involved.namespace || undefined, name: involved.name, uid: involved.uid, apiVersion: involved.apiVersion ?? 'v1', fieldPath: event.fieldPath },
            reason: event.reason, message, type: event.type, count, firstTimestamp: known.first, lastTimestamp: now,
            source: { component: event.component, host: event.node }, reportingComponent: event.component, reportingInstance: event.node ?? '',
          }
      store.put(next)
      return next
    },
  }
}
