/** What every describer writes with: lines of tab-separated cells, labels and annotations one per line, and the events of the object (kubectl/pkg/describe/describe.go). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { compareText } from '../../../k8s/object.ts'
import { controllerOf } from '../../pods.ts'
import type { Console } from '../console.ts'
import { describeSettings, tabulated } from '../print/tabwriter.ts'
import { ageOf } from '../print/time.ts'
import { eventsWhere, lastSeen } from '../served.ts'

const maxAnnotation = 140
const skippedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

export class Page {
  private text = ''
  private done = ''

  /** One line; two spaces per level. */
  line(level: number, text: string): void {
    this.text += `${'  '.repeat(level)}${text}\n`
  }

  /** Text that does not end a line, or already does. */
  raw(text: string): void {
    this.text += text
  }

  /** Aligns what has been written so far, apart from what follows. */
  flush(): void {
    this.done += tabulated(this.text, describeSettings)
    this.text = ''
  }

  toString(): string {
    this.flush()
    return this.done
  }

  /** `Labels:` with one `k=v` per line, sorted. */
  labels(title: string, labels: Readonly<Record<string, string>> | undefined): void {
    const keys = Object.keys(labels ?? {}).sort()
    this.raw(`${title}:\t${keys.length === 0 ? '<none>\n' : keys.map((key) => `${key}=${labels![key]}\n`).join('\t')}`)
  }

  /** `Annotations:` with one `k: v` per line, sorted; long ones on lines of their own and cut. */
  annotations(title: string, annotations: Readonly<Record<string, string>> | undefined): void {
    const keys = Object.keys(annotations ?? {}).filter((key) => key !== skippedAnnotation).sort()
    const texts = keys.map((key) => {
      const value = annotations![key]!.replace(/\n$/, '')
      if (value.length + key.length + 2 <= maxAnnotation && !value.includes('\n')) return `${key}: ${value}\n`
      return `${key}:\n${value.split('\n').map((part) => `\t  ${part.length > maxAnnotation - 2 ? `${part.slice(0, maxAnnotation - 2)}...` : part}\n`).join('')}`
    })
    this.raw(`${title}:\t${keys.length === 0 ? '<none>\n' : texts.join('\t')}`)
  }

  /** `Controlled By:  ReplicaSet/web-1`, when there is a controller. */
  controller(object: K8sObject): void {
    const owner = controllerOf(object)
    if (owner) this.line(0, `Controlled By:\t${owner.kind}/${owner.name}`)
  }

  /** The table of events, oldest last-seen first; those of the scheduler have no last time and come first. */
  events(console: Console, events: readonly K8sObject[]): void {
    if (events.length === 0) {
      this.line(0, 'Events:\t<none>')
      return
    }
    this.flush()
    this.raw('Events:\n  Type\tReason\tAge\tFrom\tMessage\n')
    this.line(1, '----\t------\t----\t----\t-------')
    for (const event of [...events].sort((a, b) => compareText(a.lastTimestamp ?? '', b.lastTimestamp ?? ''))) this.line(1, [event.type, event.reason, eventAge(event, console.nowMs), event.source?.component || event.reportingComponent || '', eventMessage(event)].join('\t'))
  }
}

/** `12s`, or `4s (x5 over 60s)`. */
export function eventAge(event: K8sObject, nowMs: number): string {
  const first = ageOf(event.eventTime ?? event.firstTimestamp, nowMs)
  const count = event.series?.count ?? event.count ?? 1
  return count > 1 ? `${ageOf(lastSeen(event), nowMs)} (x${count} over ${first})` : first
}

/** The message, with the container it is about in front. */
export function eventMessage(event: K8sObject): string {
  const text = String(event.message ?? '').trim()
  return event.involvedObject?.fieldPath ? `${event.involvedObject.fieldPath}: ${text}` : text
}

/** Events about an object (searchEvents): by name, kind and uid; those of nodes may carry the name as uid. */
export function eventsOf(console: Console, object: K8sObject): K8sObject[] {
  const uid = object.metadata.uid
  return eventsWhere(console, object.metadata.namespace || '', ({ involvedObject }) => {
    const about = (involvedObject ?? {}) as Fields
    return about.name === object.metadata.name && (about.namespace ?? '') === (object.metadata.namespace ?? '') && about.kind === object.kind && (about.uid === undefined || uid === undefined || about.uid === uid || about.uid === object.metadata.name)
  })
}
