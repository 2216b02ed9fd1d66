/** The numbers of a rolling update (pkg/controller/deployment/util/deployment_util.go). Pure: sets are plain counts. */

/** What the arithmetic needs of a ReplicaSet: wanted (spec.replicas), available, and the size the annotation says the Deployment could have had when it was last scaled. */
export type SetSize = { wanted: number; available: number; maxReplicas?: number }

/** `25%` of a total rounded up or down, or the number itself (intstr.GetScaledValueFromIntOrPercent). */
export function scaledValue(value: number | string | undefined, total: number, roundUp: boolean): number {
  if (value === undefined) return 0
  if (typeof value === 'number') return value
  const percent = Number(value.replace('%', ''))
  return roundUp ? Math.ceil((percent * total) / 100) : Math.floor((percent * total) / 100)
}

/** Surge rounds up, unavailable rounds down, and both 0 means unavailable 1 (ResolveFenceposts). Example: 25 %/25 % of 10 → surge 3, unavailable 2. */
export function fenceposts(maxSurge: number | string | undefined, maxUnavailable: number | string | undefined, replicas: number): { surge: number; unavailable: number } {
  const surge = scaledValue(maxSurge, replicas, true)
  const unavailable = scaledValue(maxUnavailable, replicas, false)
  return surge === 0 && unavailable === 0 ? { surge: 0, unavailable: 1 } : { surge, unavailable }
}

/** Unavailable pods a Deployment tolerates: never more than its replicas; 0 for Recreate or no replicas (MaxUnavailable). */
export function maxUnavailable(strategy: { type?: string; rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string } } | undefined, replicas: number): number {
  if (strategy?.type === 'Recreate' || replicas === 0) return 0
  return Math.min(fenceposts(strategy?.rollingUpdate?.maxSurge, strategy?.rollingUpdate?.maxUnavailable, replicas).unavailable, replicas)
}

/** Next size of the new set: fill up to replicas + surge over all sets (NewRSNewReplicas). Example: 4 replicas, surge 1, all sets 4, new 0 → 1. */
export function newSetSize(replicas: number, surge: number, allWanted: number, newWanted: number): number {
  const room = replicas + surge - allWanted
  return room <= 0 ? newWanted : newWanted + Math.min(room, replicas - newWanted)
}

/**
 * Next sizes of the old sets, oldest first: sick pods go first, then available ones down to the minimum (reconcileOldReplicaSets).
 * Example: 4 replicas, unavailable 1; old {4 wanted, 4 available}, new {1, 0} → maxDown = 5 − 3 − 1 = 1 → old 3.
 */
export function oldSetSizes(replicas: number, unavailable: number, old: readonly SetSize[], next: SetSize): number[] {
  const sizes = old.map((set) => set.wanted)
  const all = sizes.reduce((sum, size) => sum + size, next.wanted)
  const least = replicas - unavailable
  const most = all - least - (next.wanted - next.available)
  if (most <= 0) return sizes
  let removed = 0
  for (const [i, set] of old.entries()) {
    if (removed >= most) break
    if (set.wanted === 0 || set.wanted === set.available) continue
    // A status that still counts pods above the set's size is waited for (cleanupUnhealthyReplicas: an invalid request).
    if (set.available > set.wanted) return sizes
    const count = Math.min(most - removed, set.wanted - set.available)
    sizes[i]! -= count
    removed += count
  }
  const spare = old.reduce((sum, set) => sum + set.available, next.available) - least
  let taken = 0
  sizes.forEach((size, i) => {
    if (spare <= 0 || taken >= spare || size === 0) return
    const count = Math.min(size, spare - taken)
    sizes[i] = size - count
    taken += count
  })
  return sizes
}

/** Go's rounding, halves away from zero. */
function round(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value)
}

/**
 * Sizes after `kubectl scale` in the middle of a rollout: every active set in proportion, what is left to the first (largest) set.
 * `sets` must be sorted largest first, ties newest first when growing, oldest first when shrinking (sync.go:scale).
 * Example: 10 → 20 replicas, surge 3; sets 8 and 5 of a possible 13 → room 23 − 13 = 10 → 14 and 9.
 */
export function proportionalSizes(replicas: number, surge: number, sets: readonly SetSize[]): number[] {
  const toAdd = (replicas > 0 ? replicas + surge : 0) - sets.reduce((sum, set) => sum + set.wanted, 0)
  if (toAdd === 0) return sets.map((set) => set.wanted)
  let added = 0
  const sizes = sets.map((set) => {
    const share = replicas === 0 ? -set.wanted : round((set.wanted * (replicas + surge)) / (set.maxReplicas ?? replicas + surge)) - set.wanted
    const allowed = toAdd - added
    const part = set.wanted === 0 || allowed === 0 ? 0 : toAdd > 0 ? Math.min(share, allowed) : Math.max(share, allowed)
    added += part
    return set.wanted + part
  })
  if (sizes.length > 0) sizes[0] = Math.max(0, sizes[0]! + toAdd - added)
  return sizes
}
