/** The objects of a simulated cluster: immutable versions, sorted lists and the whole history, so that any past moment can be looked at. */
import type { K8sObject, Ref } from '../k8s/object.ts'
import { compareText, keyOf } from '../k8s/object.ts'
import type { Millis } from '../k8s/duration.ts'
import type { Change, View } from './types.ts'

type Version = { at: Millis; object: K8sObject | undefined }
type Shelf = { byKey: Map<string, K8sObject>; sorted: readonly K8sObject[] | undefined }

export type Store = {
  readonly view: View
  readonly size: number
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

class Shelves {
  private readonly shelves = new Map<string, Shelf>()
  private static readonly none: readonly K8sObject[] = []

  get(shelf: string, key: string): K8sObject | undefined {
    return this.shelves.get(shelf)?.byKey.get(key)
  }

  set(shelf: string, key: string, object: K8sObject): void {
    let found = this.shelves.get(shelf)
    if (!found) this.shelves.set(shelf, (found = { byKey: new Map(), sorted: undefined }))
    found.byKey.set(key, object)
    found.sorted = undefined
  }

  drop(shelf: string, key: string): void {
    const found = this.shelves.get(shelf)
    if (found?.byKey.delete(key)) found.sorted = undefined
  }

  list(shelf: string): readonly K8sObject[] {
    const found = this.shelves.get(shelf)
    if (!found) return Shelves.none
    return (found.sorted ??= [...found.byKey.values()].sort(inOrder))
  }
}

/** The shelves an object stands on: its kind, its kind within its namespace, and its kind under its controller's uid. */
function shelvesOf(object: K8sObject): string[] {
  const owner = ownerUid(object)
  const all = [object.kind, `${object.kind}/${object.metadata.namespace ?? ''}`]
  if (owner) all.push(`${object.kind}@${owner}`)
  return all
}

function viewOf(shelves: Shelves): View {
  return {
    get: (kind, namespace, name) => shelves.get(kind, `${kind}/${namespace}/${name}`),
    list: (kind, namespace) => shelves.list(namespace === undefined ? kind : `${kind}/${namespace}`),
    owned: (uid, kind) => shelves.list(`${kind}@${uid}`),
  }
}

/** An empty store. */
export function createStore(): Store {
  const shelves = new Shelves()
  const versions = new Map<string, Version[]>()
  const view = viewOf(shelves)
  let resourceVersion = 1000
  let size = 0

  function remember(key: string, at: Millis, object: K8sObject | undefined): void {
    const list = versions.get(key)
    if (list) list.push({ at, object })
    else versions.set(key, [{ at, object }])
  }

  return {
    view,
    get size() {
      return size
    },
    put(object, at) {
      const key = keyOf(object)
      const old = shelves.get(object.kind, key)
      const next: K8sObject = { ...object, metadata: { ...object.metadata, resourceVersion: String(++resourceVersion) } }
      if (old) for (const shelf of shelvesOf(old)) if (shelf.includes('@') && ownerUid(old) !== ownerUid(next)) shelves.drop(shelf, key)
      for (const shelf of shelvesOf(next)) shelves.set(shelf, key, next)
      if (!old) size++
      remember(key, at, next)
      return old ? { type: 'modified', object: next, old } : { type: 'added', object: next }
    },
    erase(ref, at) {
      const key = keyOf(ref)
      const old = shelves.get(ref.kind, key)
      if (!old) return undefined
      for (const shelf of shelvesOf(old)) shelves.drop(shelf, key)
      size--
      remember(key, at, undefined)
      return { type: 'deleted', object: old, old }
    },
    at(at) {
      const past = new Shelves()
      for (const [key, list] of versions) {
        const object = versionAt(list, at)
        if (object) for (const shelf of shelvesOf(object)) past.set(shelf, key, object)
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
