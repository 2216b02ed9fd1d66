/** Event objects as client-go's recorder leaves them: counted when they repeat, combined when many differ, dropped when one source floods (what is dropped counts, and shows in the next that is let through) (client-go/tools/record/events_cache.go). */
import type { K8sObject, Ref } from '../k8s/object.ts'
import { hash } from '../seed.ts'
import type { Millis } from '../k8s/duration.ts'
import type { EventInput } from './types.ts'

const aggregateAfter = 10
const aggregateWindowMs = 600_000
const burst = 25
const refillMs = 300_000

/** `others`: messages besides the first; most groups have none. */
type Group = { first: string; others: Set<string> | undefined; last: Millis }
type Known = { count: number; readonly first: string; readonly suffix: string }
/** What one component on one node says of one object. */
type Source = { tokens: number; at: Millis; readonly groups: Map<string, Group>; readonly known: Map<string, Known> }

export type Recorder = { record(involved: Ref & { uid?: string; apiVersion?: string }, event: EventInput): K8sObject | undefined }

/** A recorder that stores through `put` and reads what is stored through `get`. Times are virtual. */
export function createRecorder(clock: { readonly now: Millis; timestamp(at?: Millis): string }, store: { get(name: string, namespace: string): K8sObject | undefined; put(event: K8sObject): void }): Recorder {
  const sources = new Map<string, Source>()

  /** EventSourceObjectSpamFilter: 25 at once, then one per five minutes, per source and object. */
  function allowed(source: Source): boolean {
    source.tokens = Math.min(burst, source.tokens + (clock.now - source.at) / refillMs)
    source.at = clock.now
    if (source.tokens < 1) return false
    source.tokens -= 1
    return true
  }

  /** EventAggregator: more than ten different messages of one reason within ten minutes become one. */
  function combined({ groups }: Source, key: string, message: string): boolean {
    let group = groups.get(key)
    if (!group || clock.now - group.last > aggregateWindowMs) groups.set(key, (group = { first: message, others: undefined, last: clock.now }))
    group.last = clock.now
    if (message !== group.first) (group.others ??= new Set()).add(message)
    return 1 + (group.others?.size ?? 0) >= aggregateAfter
  }

  return {
    record(involved, event) {
      const origin = `${event.component}/${event.node ?? ''}/${involved.kind}/${involved.namespace}/${involved.name}/${involved.uid ?? ''}`
      let source = sources.get(origin)
      if (!source) sources.set(origin, (source = { tokens: burst, at: clock.now, groups: new Map(), known: new Map() }))
      const subject = `${event.type}/${event.reason}`
      const many = !event.series && combined(source, subject, event.message)
      const message = many ? `(combined from similar events): ${event.message}` : event.message
      const what = `${subject}/${event.fieldPath ?? ''}/${many ? '' : message}`
      const now = clock.timestamp()
      let known = source.known.get(what)
      if (!known) source.known.set(what, (known = { count: 0, first: now, suffix: suffixOf(`${origin}/${what}`) }))
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

/** 16 hexadecimal digits, the same for the same event. */
function suffixOf(identity: string): string {
  return `${hash(identity).toString(16).padStart(8, '0')}${hash(`2${identity}`).toString(16).padStart(8, '0')}`
}
