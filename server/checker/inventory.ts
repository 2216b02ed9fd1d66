/** All objects of one check, so that rules can look across them. Lists keep the order of the input. */
import type { Fields, K8sObject } from '../k8s/object.ts'
import { podOf, type PodPart } from '../k8s/podspec.ts'
import { selects, type LabelSelector } from '../k8s/selector.ts'
import type { Text } from './rule.ts'

export type Workload = { object: K8sObject; pod: PodPart; namespace: string }

/** What is asked for, and why it counts as missing: one clause in both languages. `near` is the object that was probably meant. */
export type Missing = { clause: Text; near?: K8sObject }

export class Inventory {
  readonly objects: readonly K8sObject[]
  /** The inputs are everything there is: what they do not hold does not exist. Otherwise a missing object may live in the cluster already. */
  readonly closed: boolean
  /** Objects of kinds that only an extension knows; whoever serves them may create anything. */
  readonly extensions: readonly K8sObject[]
  private readonly byKind = new Map<string, Shelf>()
  private readonly notes = new Map<string, unknown>()
  private comparisonsLeft = 200_000
  private pods: { all: Workload[]; byNamespace: Map<string, Workload[]>; byLabel: Map<string, Workload[]> } | undefined

  constructor(objects: readonly K8sObject[], closed = false, extensions: readonly K8sObject[] = []) {
    this.objects = objects
    this.closed = closed
    this.extensions = extensions
    for (const object of objects) {
      let shelf = this.byKind.get(object.kind)
      if (!shelf) this.byKind.set(object.kind, (shelf = { all: [], byNamespace: new Map(), byName: new Map() }))
      const { name, namespace } = object.metadata
      shelf.all.push(object)
      addTo(shelf.byNamespace, spaceOf(namespace), object)
      if (name) addTo(shelf.byName, name, object)
    }
  }

  /** All of a kind, or those in one namespace. No namespace is the namespace "default". */
  list(kind: string, namespace?: string): readonly K8sObject[] {
    const shelf = this.byKind.get(kind)
    return shelf ? (namespace === undefined ? shelf.all : (shelf.byNamespace.get(spaceOf(namespace)) ?? [])) : []
  }

  find(kind: string, namespace: string, name: string): K8sObject | undefined {
    return this.named(kind, name).find((object) => spaceOf(object.metadata.namespace) === spaceOf(namespace))
  }

  /** All of a kind with this name, in any namespace. */
  named(kind: string, name: string): readonly K8sObject[] {
    return this.byKind.get(kind)?.byName.get(name) ?? []
  }

  /**
   * Why an object counts as missing, or undefined when it is here or may live in the cluster already. It is missing when the inputs are everything
   * there is, when the same name is in another namespace only, or when a name almost like it is here. `also` are names that are taken care of.
   */
  missing(kind: string, namespace: string | undefined, name: string, also: (name: string) => boolean = () => false): Missing | undefined {
    const found = this.named(kind, name)
    if (found.some((object) => namespace === undefined || spaceOf(object.metadata.namespace) === spaceOf(namespace)) || also(name)) return undefined
    const elsewhere = found.find((object) => this.closed || !(isOpen(object.metadata.namespace) || isOpen(namespace)))
    if (elsewhere) {
      const other = spaceOf(elsewhere.metadata.namespace)
      return { clause: { en: `${kind} "${name}" is only in namespace "${other}", not in "${spaceOf(namespace)}".`, 'zh-CN': `${kind} "${name}" 只存在于 namespace "${other}"，不在 "${spaceOf(namespace)}" 中。` } }
    }
    // Found, but one of the two leaves its namespace open: where it lands depends on how it is applied.
    if (found.length > 0) return undefined
    const near = this.similar(kind, namespace, name)
    if (near) return { near, clause: { en: `There is no ${kind} "${name}" in these manifests, but there is "${near.metadata.name}".`, 'zh-CN': `这些清单里没有 ${kind} "${name}"，但有 "${near.metadata.name}"。` } }
    return this.closed ? { clause: { en: `There is no ${kind} "${name}" in these manifests.`, 'zh-CN': `这些清单里没有 ${kind} "${name}"。` } } : undefined
  }

  /** The object of a kind whose name was probably meant by `name`. Names that differ in digits only are meant to differ. */
  similar(kind: string, namespace: string | undefined, name: string): K8sObject | undefined {
    const most = Math.min(2, Math.floor(name.length / 3))
    let best: { object: K8sObject; distance: number } | undefined
    for (const object of this.list(kind, namespace)) {
      const other = object.metadata.name ?? ''
      if (Math.abs(other.length - name.length) > most) continue
      // So that a thousand missing names among a thousand others cost no more than a fraction of a second.
      if (this.comparisonsLeft-- <= 0) break
      const distance = editDistance(name, other, best ? best.distance - 1 : most)
      if (distance > 0 && distance <= most && (!best || distance < best.distance) && other.replace(/\d+/g, '#') !== name.replace(/\d+/g, '#')) best = { object, distance }
      if (best?.distance === 1) break
    }
    return best?.object
  }

  /** Everything that runs pods, with its template; bare Pods too. */
  workloads(namespace?: string): readonly Workload[] {
    const { all, byNamespace } = this.shelved()
    return namespace === undefined ? all : (byNamespace.get(spaceOf(namespace)) ?? [])
  }

  /** Workloads whose pods a Service's selector takes. An empty or missing selector takes none. */
  selectedBy(selector: Readonly<Record<string, string>> | undefined, namespace: string): readonly Workload[] {
    const wanted = Object.entries(selector ?? {})
    return wanted.length === 0 ? [] : this.candidates(wanted, namespace).filter((workload) => wanted.every(([key, value]) => carries(workload, key, value)))
  }

  /** Workloads whose pods a label selector takes; an empty one takes all of the namespace, an absent one none. */
  matching(selector: LabelSelector | undefined | null, namespace: string): readonly Workload[] {
    if (!selector) return []
    const wanted = Object.entries(selector.matchLabels ?? {})
    return this.candidates(wanted, namespace).filter((workload) => wanted.every(([key, value]) => carries(workload, key, value)) && selects({ matchExpressions: selector.matchExpressions }, workload.pod.metadata.labels))
  }

  /** Services whose selector takes the pods of a workload, in the order of the input. */
  servicesOf(workload: K8sObject): readonly K8sObject[] {
    return this.once('services by workload', () => {
      const found = new Map<K8sObject, K8sObject[]>()
      for (const service of this.list('Service')) {
        for (const { object } of this.selectedBy(service.spec?.selector as Record<string, string> | undefined, namespaceOf(service))) {
          const own = found.get(object)
          if (own) own.push(service)
          else found.set(object, [service])
        }
      }
      return found
    }).get(workload) ?? []
  }

  /** Labels of a namespace among the inputs; its name is always one of them. */
  namespaceLabels(name: string): Record<string, string> {
    return { 'kubernetes.io/metadata.name': spaceOf(name), ...this.named('Namespace', spaceOf(name))[0]?.metadata.labels }
  }

  /** The inputs talk about this namespace: they put something that runs into it. */
  populates(namespace: string): boolean {
    return this.workloads(namespace).length > 0
  }

  /** The inputs bring kinds of their own or objects of such kinds, so controllers that nobody sees here may create Pods, Secrets and Services. */
  isExtended(): boolean {
    return this.extensions.length > 0 || this.list('CustomResourceDefinition').length > 0
  }

  /** Computes something about all objects once, the first time it is asked for under this name. */
  once<T>(name: string, compute: () => T): T {
    if (!this.notes.has(name)) this.notes.set(name, compute())
    return this.notes.get(name) as T
  }

  private shelved(): NonNullable<Inventory['pods']> {
    if (this.pods) return this.pods
    const pods: NonNullable<Inventory['pods']> = { all: [], byNamespace: new Map(), byLabel: new Map() }
    for (const object of this.objects) {
      const pod = podOf(object)
      if (!pod) continue
      const workload = { object, pod, namespace: namespaceOf(object) }
      const space = spaceOf(workload.namespace)
      pods.all.push(workload)
      addTo(pods.byNamespace, space, workload)
      for (const [key, value] of Object.entries(pod.metadata.labels ?? {})) addTo(pods.byLabel, labelKey(space, key, value), workload)
    }
    return (this.pods = pods)
  }

  /** The shortest list that holds every workload with all these labels. */
  private candidates(wanted: readonly (readonly [string, string])[], namespace: string): readonly Workload[] {
    let best = this.workloads(namespace)
    for (const [key, value] of wanted) {
      if (addedByControllers(key)) continue
      const list = this.shelved().byLabel.get(labelKey(spaceOf(namespace), key, value)) ?? []
      if (list.length < best.length) best = list
    }
    return best
  }
}

type Shelf = { all: K8sObject[]; byNamespace: Map<string, K8sObject[]>; byName: Map<string, K8sObject[]> }

function addTo<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key)
  if (list) list.push(item)
  else lists.set(key, [item])
}

const labelKey = (space: string, key: string, value: string): string => `${space}\n${key}\n${value}`

/** Labels that controllers put on the pods they create, so that no template shows them. */
function addedByControllers(key: string): boolean {
  return /^(statefulset\.kubernetes\.io\/pod-name|apps\.kubernetes\.io\/pod-index|(batch\.kubernetes\.io\/)?(job-name|controller-uid|job-completion-index)|pod-template-hash|controller-revision-hash|pod-template-generation|topology\.kubernetes\.io\/.*)$/.test(key)
}

/** Has the workload's pod this label, written in its template or put there by the controller? A label of which only the key is known counts. */
function carries({ object, pod }: Workload, key: string, value: string): boolean {
  const labels = pod.metadata.labels
  if (labels && Object.hasOwn(labels, key)) return labels[key] === value
  if (!addedByControllers(key)) return false
  const name = object.metadata.name ?? ''
  if (key === 'statefulset.kubernetes.io/pod-name') return object.kind === 'StatefulSet' && value.startsWith(`${name}-`) && /^\d+$/.test(value.slice(name.length + 1))
  if (key.endsWith('job-name')) return (object.kind === 'Job' && value === name) || (object.kind === 'CronJob' && value.startsWith(`${name}-`))
  return object.kind !== 'Pod'
}

/** The namespace an object is in; '' for cluster-wide kinds. */
export function namespaceOf(object: K8sObject): string {
  return object.metadata.namespace ?? ''
}

/** May the object land in any namespace? The server stores "default" where none is written, but `kubectl apply -n` may have said another. */
export function isOpen(namespace: string | undefined): boolean {
  return spaceOf(namespace) === 'default'
}

/** Where something without a namespace lands. */
export function spaceOf(namespace: string | undefined): string {
  return namespace || 'default'
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
  // What both begin and end with costs nothing.
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  let end = 0
  while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  a = a.slice(start, a.length - end)
  b = b.slice(start, b.length - end)
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
