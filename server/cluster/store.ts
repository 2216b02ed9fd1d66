/** The objects of a simulated cluster: immutable versions, sorted lists and the whole history, so that any past moment can be looked at. */
import type { K8sObject, Ref } from '../k8s/object.ts'
import { compareText, keyOf } from '../k8s/object.ts'
import type { Millis } from '../k8s/duration.ts'
import type { Change, View } from './types.ts'

type Version = { at: Millis; object: K8sObject | undefined }

export type Store = {
  readonly view: View
  /** How many objects there are. */
  size(): number
  /** Stores a new version and gives the change; the object gets the next resourceVersion. */
  put(object: K8sObject, at: Millis): Change
  /** Takes an object out; undefined when it is not there. */
  erase(ref: Ref, at: Millis): Change | undefined
  /** The objects as they were at the end of instant `at`. */
  at(at: Millis): View
  /** One object as it was at the end of each instant at which it changed, oldest first; an undefined object means it was deleted. */
  history(ref: Ref): readonly Version[]
  /** Every version of one object, as a watch sees them. */
  everyVersion(ref: Ref): readonly Version[]
  /** Every object of a kind that ever was, sorted. */
  known(kind: string): readonly Ref[]
}

/** Lists have the order of namespace, then name, whatever was changed when. */
function inOrder(a: K8sObject, b: K8sObject): number {
  return compareText(a.metadata.namespace ?? '', b.metadata.namespace ?? '') || compareText(a.metadata.name, b.metadata.name)
}

function ownerUid(object: K8sObject): string | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true)?.uid
}

const nobody: readonly string[] = []

/** Owners that are not its controller; most objects have none. */
function otherOwners(object: K8sObject | undefined): readonly string[] {
  const references = object?.metadata.ownerReferences
  return references === undefined || references.every((owner) => owner.controller === true) ? nobody : references.filter((owner) => owner.controller !== true).map(({ uid }) => uid)
}

/** Objects under a key each, and their list in order, which is made when it is asked for; lists that were given out stay as they were. */
class Shelf {
  readonly objects = new Map<string, K8sObject>()
  private sorted: readonly K8sObject[] | undefined

  set(key: string, object: K8sObject): void {
    this.sorted = this.sorted && this.objects.has(key) ? replaced(this.sorted, object) : undefined
    this.objects.set(key, object)
  }

  drop(key: string): void {
    if (this.objects.delete(key)) this.sorted = undefined
  }

  list(): readonly K8sObject[] {
    return (this.sorted ??= [...this.objects.values()].sort(inOrder))
  }
}

/** The list with another version of one of its objects. */
function replaced(sorted: readonly K8sObject[], object: K8sObject): readonly K8sObject[] {
  let low = 0
  let high = sorted.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (inOrder(sorted[middle]!, object) < 0) low = middle + 1
    else high = middle
  }
  return sorted.with(low, object)
}

/** The objects of one kind: by namespace and name, and by the uids of their controller and of their other owners. */
class Kind {
  readonly namespaces = new Map<string, Shelf>()
  readonly owners = new Map<string, Shelf>()
  readonly others = new Map<string, Shelf>()
  private all: readonly K8sObject[] | undefined

  get(namespace: string, name: string): K8sObject | undefined {
    return this.namespaces.get(namespace)?.objects.get(name)
  }

  set(object: K8sObject, old: K8sObject | undefined): void {
    const { namespace = '', name } = object.metadata
    this.all = this.all && old ? replaced(this.all, object) : undefined
    shelfIn(this.namespaces, namespace).set(name, object)
    const [owner, before] = [ownerUid(object), old && ownerUid(old)]
    if (before && before !== owner) this.owners.get(before)?.drop(`${namespace}/${name}`)
    if (owner) shelfIn(this.owners, owner).set(`${namespace}/${name}`, object)
    for (const uid of otherOwners(old)) this.others.get(uid)?.drop(`${namespace}/${name}`)
    for (const uid of otherOwners(object)) shelfIn(this.others, uid).set(`${namespace}/${name}`, object)
  }

  drop(object: K8sObject): void {
    const { namespace = '', name } = object.metadata
    this.all = undefined
    this.namespaces.get(namespace)?.drop(name)
    const owner = ownerUid(object)
    if (owner) this.owners.get(owner)?.drop(`${namespace}/${name}`)
    for (const uid of otherOwners(object)) this.others.get(uid)?.drop(`${namespace}/${name}`)
  }

  list(): readonly K8sObject[] {
    return (this.all ??= [...this.namespaces.keys()].sort().flatMap((namespace) => this.namespaces.get(namespace)!.list()))
  }
}

function shelfIn(shelves: Map<string, Shelf>, key: string): Shelf {
  let shelf = shelves.get(key)
  if (!shelf) shelves.set(key, (shelf = new Shelf()))
  return shelf
}

const none: readonly K8sObject[] = []

function viewOf(kinds: ReadonlyMap<string, Kind>): View {
  return {
    get: (kind, namespace, name) => kinds.get(kind)?.get(namespace, name),
    list: (kind, namespace) => (namespace === undefined ? kinds.get(kind)?.list() : kinds.get(kind)?.namespaces.get(namespace)?.list()) ?? none,
    owned: (uid, kind) => kinds.get(kind)?.owners.get(uid)?.list() ?? none,
    dependents: (uid) => [...kinds.values()].flatMap(({ owners, others }) => [...(owners.get(uid)?.list() ?? none), ...(others.get(uid)?.list() ?? none)]),
  }
}

function kindIn(kinds: Map<string, Kind>, name: string): Kind {
  let kind = kinds.get(name)
  if (!kind) kinds.set(name, (kind = new Kind()))
  return kind
}

/** An empty store. */
export function createStore(): Store {
  const kinds = new Map<string, Kind>()
  const versions = new Map<string, Version[]>()
  const view = viewOf(kinds)
  let resourceVersion = 1000
  let size = 0

  function remember(key: string, at: Millis, object: K8sObject | undefined): void {
    const list = versions.get(key)
    if (list) list.push({ at, object })
    else versions.set(key, [{ at, object }])
  }

  return {
    view,
    size: () => size,
    put(object, at) {
      const kind = kindIn(kinds, object.kind)
      const old = kind.get(object.metadata.namespace ?? '', object.metadata.name)
      const next: K8sObject = { ...object, metadata: { ...object.metadata, resourceVersion: String(++resourceVersion) } }
      kind.set(next, old)
      if (!old) size++
      remember(keyOf(next), at, next)
      return old ? { type: 'modified', object: next, old } : { type: 'added', object: next }
    },
    erase(ref, at) {
      const kind = kinds.get(ref.kind)
      const old = kind?.get(ref.namespace, ref.name)
      if (!kind || !old) return undefined
      kind.drop(old)
      size--
      remember(keyOf(ref), at, undefined)
      return { type: 'deleted', object: old, old }
    },
    at(at) {
      const past = new Map<string, Kind>()
      for (const list of versions.values()) {
        const object = versionAt(list, at)
        if (object) kindIn(past, object.kind).set(object, undefined)
      }
      return viewOf(past)
    },
    history: (ref) => (versions.get(keyOf(ref)) ?? []).filter((version, i, list) => list[i + 1]?.at !== version.at),
    everyVersion: (ref) => versions.get(keyOf(ref)) ?? [],
    known: (kind) => [...versions.keys()].filter((key) => key.startsWith(`${kind}/`)).sort().map((key) => {
      const [, namespace = '', name = ''] = key.split('/')
      return { kind, namespace, name }
    }),
  }
}

function versionAt(list: readonly Version[], at: Millis): K8sObject | undefined {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (list[middle]!.at <= at) low = middle + 1
    else high = middle
  }
  return low === 0 ? undefined : list[low - 1]!.object
}
