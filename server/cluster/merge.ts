/** Merges the API server and kubectl do: JSON merge patch, and kubectl apply's three-way strategic merge. Values are plain JSON and never changed in place. */
import type { Fields } from '../k8s/object.ts'
import { equal } from './pods.ts'

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What the map itself has of that name: names are a stranger's words, and `constructor` is one. */
function own(map: Fields, name: string): unknown {
  return Object.hasOwn(map, name) ? map[name] : undefined
}

function put(map: Fields, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(map, name, { value, enumerable: true, configurable: true, writable: true })
  else map[name] = value
}

/** RFC 7386: null removes, maps merge, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch
  const result: Fields = isMap(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name]
    else if (value !== undefined) put(result, name, mergePatch(own(result, name), value))
  }
  return result
}

/** Merge keys of lists by field name (patchMergeKey tags in the API types); `ports` depends on where it stands. Lists not named here are replaced whole. */
const mergeKeys = new Map(Object.entries({
  containers: 'name', initContainers: 'name', ephemeralContainers: 'name', volumes: 'name', env: 'name', imagePullSecrets: 'name', secrets: 'name',
  volumeMounts: 'mountPath', volumeDevices: 'devicePath', hostAliases: 'ip', topologySpreadConstraints: 'topologyKey', resourceClaims: 'name', ownerReferences: 'uid', conditions: 'type',
}))
/** Lists of plain values that merge as sets. */
const sets = new Set(['finalizers'])
/** Maps that keep only the fields the applied manifest names (patchStrategy retainKeys): a changed union must not keep its old member. */
const retained = new Set(['strategy'])

function mergeKeyOf(field: string, path: readonly string[]): string | undefined {
  if (field === 'ports') return path.includes('containers') || path.includes('initContainers') ? 'containerPort' : 'port'
  return mergeKeys.get(field)
}

/**
 * kubectl apply: fields of `next` win, fields of `last` (the previous manifest) that `next` no longer has go, all others of `live` stay (strategicpatch.CreateThreeWayMergePatch).
 * Example: last {a,b}, next {a}, live {a,b,c} → {a,c}.
 */
export function threeWayMerge(last: unknown, next: unknown, live: unknown, path: readonly string[] = []): unknown {
  if (!isMap(next) || !isMap(live)) return next
  const before = isMap(last) ? last : {}
  const field = path.at(-1) ?? ''
  const keepsOnlyNamed = retained.has(field) || (path.at(-2) === 'volumes' && field === '*')
  const result: Fields = {}
  for (const name of Object.keys(live)) {
    if (Object.hasOwn(next, name) || Object.hasOwn(before, name)) continue
    if (keepsOnlyNamed) continue
    put(result, name, live[name])
  }
  for (const [name, value] of Object.entries(next)) {
    if (value === null || value === undefined) continue
    put(result, name, mergeField(own(before, name), value, own(live, name), [...path, name]))
  }
  return result
}

function mergeField(last: unknown, next: unknown, live: unknown, path: readonly string[]): unknown {
  if (!Array.isArray(next) || !Array.isArray(live)) return threeWayMerge(last, next, live, path)
  const field = path.at(-1)!
  const before: unknown[] = Array.isArray(last) ? last : []
  if (sets.has(field)) return [...next, ...live.filter((item) => !next.includes(item) && !before.includes(item))]
  const key = mergeKeyOf(field, path)
  if (key === undefined || ![...next, ...live].every((item) => isMap(item) && item[key] !== undefined)) return next
  const same = (a: Fields, b: Fields): boolean => a[key] === b[key] && (field !== 'ports' || (a.protocol ?? 'TCP') === (b.protocol ?? 'TCP'))
  const find = (list: unknown[], item: Fields): Fields | undefined => list.filter(isMap).find((other) => same(item, other))
  const merged = (next as Fields[]).map((item) => threeWayMerge(find(before, item), item, find(live, item) ?? {}, [...path, '*']))
  return [...merged, ...(live as Fields[]).filter((item) => !find(next, item) && !find(before, item))]
}

/** Did the merge change anything a person would call a change? */
export function differs(a: unknown, b: unknown): boolean {
  return !equal(a, b)
}

/**
 * The patch that kubectl apply sends: what of `next` differs from `live`, and nulls for what of `last` (the previous manifest) is gone from `next`
 * (strategicpatch.CreateThreeWayMergePatch; diffLists for lists). Example: last {a,b}, next {a: 2}, live {a: 1, b, c} → {a: 2, b: null}.
 */
export function strategicPatch(last: Fields, next: Fields, live: Fields, path: readonly string[] = []): Fields {
  const patch: Fields = {}
  for (const [name, value] of Object.entries(next)) {
    const old = own(live, name)
    const before = own(last, name)
    if (value === null || value === undefined || equal(value, old)) continue
    if (isMap(value) && isMap(old)) {
      const inner = strategicPatch(isMap(before) ? before : {}, value, old, [...path, name])
      if (retained.has(name)) patch[name] = { $retainKeys: Object.keys(value).sort(), ...inner }
      else if (Object.keys(inner).length > 0) put(patch, name, inner)
    } else if (Array.isArray(value) && Array.isArray(old) && old.length > 0) patchList(patch, Array.isArray(before) ? before : [], value, old, [...path, name])
    else put(patch, name, value)
  }
  for (const name of Object.keys(last)) if (!Object.hasOwn(next, name)) put(patch, name, null)
  return patch
}

/** Puts into the patch what makes `next` of a list: by merge key where it has one, whole where it has none. */
function patchList(patch: Fields, last: readonly unknown[], next: readonly unknown[], live: readonly unknown[], path: readonly string[]): void {
  const field = path.at(-1)!
  const key = mergeKeyOf(field, path)
  const isKeyed = key !== undefined && [...next, ...live, ...last].every((item) => isMap(item) && item[key] !== undefined)
  if (!isKeyed && !sets.has(field)) {
    patch[field] = next
    return
  }
  const idOf = (item: unknown): unknown => (isKeyed ? (item as Fields)[key] : item)
  const among = (list: readonly unknown[], item: unknown): unknown => list.find((other) => idOf(other) === idOf(item))
  const changed = next.flatMap((item): unknown[] => {
    const old = among(live, item)
    if (old === undefined) return [item]
    const inner = isKeyed ? strategicPatch((among(last, item) ?? {}) as Fields, item as Fields, old as Fields, [...path, '*']) : {}
    return Object.keys(inner).length > 0 ? [{ ...inner, [key!]: idOf(item) }] : []
  })
  const gone = last.filter((item) => among(next, item) === undefined)
  const items = isKeyed ? [...changed, ...gone.map((item) => ({ $patch: 'delete', [key]: idOf(item) }))] : changed
  const isInOrder = next.length === live.length && next.every((item, i) => idOf(item) === idOf(live[i]))
  if (items.length > 0) patch[field] = items
  if (!isKeyed && gone.length > 0) patch[`$deleteFromPrimitiveList/${field}`] = gone
  if (items.length > 0 || gone.length > 0 || !isInOrder) patch[`$setElementOrder/${field}`] = isKeyed ? next.map((item) => ({ [key]: idOf(item) })) : next
}
