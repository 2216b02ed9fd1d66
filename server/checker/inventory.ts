/** All objects of one check, so that rules can look across them. Lists keep the order of the input. */
import type { Fields, K8sObject } from '../k8s/object.ts'
import { podOf, type PodPart } from '../k8s/podspec.ts'
import { selects, selectsAll, type LabelSelector } from '../k8s/selector.ts'

export type Workload = { object: K8sObject; pod: PodPart; namespace: string }

export class Inventory {
  readonly objects: readonly K8sObject[]
  /** The inputs are everything there is: what they do not hold does not exist. Otherwise a missing object may live in the cluster already. */
  readonly closed: boolean
  private readonly byKind = new Map<string, K8sObject[]>()
  private pods: Workload[] | undefined

  constructor(objects: readonly K8sObject[], closed = false) {
    this.objects = objects
    this.closed = closed
    for (const object of objects) {
      const list = this.byKind.get(object.kind)
      if (list) list.push(object)
      else this.byKind.set(object.kind, [object])
    }
  }

  /** All of a kind, or those in one namespace. */
  list(kind: string, namespace?: string): readonly K8sObject[] {
    const all = this.byKind.get(kind) ?? []
    return namespace === undefined ? all : all.filter((object) => namespaceOf(object) === namespace)
  }

  find(kind: string, namespace: string, name: string): K8sObject | undefined {
    return (this.byKind.get(kind) ?? []).find((object) => object.metadata.name === name && namespaceOf(object) === namespace)
  }

  /** Everything that runs pods, with its template; bare Pods too. */
  workloads(namespace?: string): readonly Workload[] {
    this.pods ??= this.objects.flatMap((object) => {
      const pod = podOf(object)
      return pod ? [{ object, pod, namespace: namespaceOf(object) }] : []
    })
    return namespace === undefined ? this.pods : this.pods.filter((workload) => workload.namespace === namespace)
  }

  /** Workloads whose pods a Service's selector takes. An empty or missing selector takes none. */
  selectedBy(selector: Readonly<Record<string, string>> | undefined, namespace: string): readonly Workload[] {
    if (!selector || Object.keys(selector).length === 0) return []
    return this.workloads(namespace).filter(({ pod }) => selectsAll(selector, pod.metadata.labels))
  }

  /** Workloads whose pods a label selector takes; an empty one takes all of the namespace. */
  matching(selector: LabelSelector | undefined, namespace: string): readonly Workload[] {
    return this.workloads(namespace).filter(({ pod }) => selects(selector, pod.metadata.labels))
  }

  /** Labels of a namespace among the inputs; its name is always one of them. */
  namespaceLabels(name: string): Record<string, string> {
    const found = (this.byKind.get('Namespace') ?? []).find((object) => object.metadata.name === name)
    return { 'kubernetes.io/metadata.name': name, ...found?.metadata.labels }
  }

  /** The inputs talk about this namespace: they put something that runs into it. */
  populates(namespace: string): boolean {
    return this.workloads(namespace).length > 0
  }
}

/** The namespace an object is in; '' for cluster-wide kinds. */
export function namespaceOf(object: K8sObject): string {
  return object.metadata.namespace ?? ''
}

/** A name that somebody could have meant instead: at most two letters away, and not the same. */
export function nearestName(wanted: string, names: Iterable<string>): string | undefined {
  let best: { name: string; distance: number } | undefined
  for (const name of names) {
    const distance = editDistance(wanted, name, 2)
    if (distance > 0 && distance <= Math.min(2, Math.floor(wanted.length / 3)) && (!best || distance < best.distance)) best = { name, distance }
  }
  return best?.name
}

/** How many letters to add, drop, change or swap with their neighbour; gives up above `max`. */
export function editDistance(a: string, b: string, max: number): number {
  if (Math.abs(a.length - b.length) > max) return max + 1
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let value = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) value = Math.min(value, beforeLast[j - 2]! + 1)
      row.push(value)
    }
    if (Math.min(...row) > max) return max + 1
    beforeLast = last
    last = row
  }
  return last[b.length]!
}

/** Reads a field by path; undefined where something on the way is missing. */
export function valueAt(object: unknown, path: readonly (string | number)[]): unknown {
  let value = object
  for (const step of path) {
    if (value === null || typeof value !== 'object') return undefined
    value = (value as Fields)[step as string]
  }
  return value
}
