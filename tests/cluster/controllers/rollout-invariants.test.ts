import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fenceposts, newSetSize, oldSetSizes, proportionalSizes } from '../../../server/cluster/controllers/deployment/arithmetic.ts'

const amount = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`))

test('a rollout never exceeds the surge nor falls below the minimum, whatever gets available when, and ends', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), amount, amount, fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 10, maxLength: 30 }), (replicas, maxSurge, maxUnavailable, arrivals) => {
      const { surge, unavailable } = fenceposts(maxSurge, maxUnavailable, replicas)
      const limit = Math.min(unavailable, replicas)
      const old = { wanted: replicas, available: replicas }
      const next = { wanted: 0, available: 0 }
      const step = (): void => {
        const size = newSetSize(replicas, surge, old.wanted + next.wanted, next.wanted)
        if (size !== next.wanted) next.wanted = size
        else {
          const [shrunk] = oldSetSizes(replicas, limit, [old], next)
          old.wanted = shrunk!
          old.available = Math.min(old.available, shrunk!)
        }
        expect(old.wanted + next.wanted).toBeLessThanOrEqual(replicas + surge)
        expect(old.available + next.available).toBeGreaterThanOrEqual(replicas - limit)
      }
      for (const arrival of arrivals) {
        step()
        next.available = Math.min(next.wanted, next.available + arrival)
      }
      for (let i = 0; i < 100; i++) {
        next.available = next.wanted
        step()
      }
      expect([old.wanted, next.wanted]).toEqual([0, replicas])
    }),
  )
})

test('scaling in mid-rollout gives out exactly replicas plus surge', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 5 }), fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 4 }), (replicas, surge, sizes) => {
      const total = sizes.reduce((sum, size) => sum + size, 0)
      const result = proportionalSizes(replicas, surge, sizes.sort((a, b) => b - a).map((wanted) => ({ wanted, available: wanted, maxReplicas: total })))
      expect(result.every((size) => size >= 0)).toBe(true)
      expect(result.reduce((sum, size) => sum + size, 0)).toBeGreaterThanOrEqual(replicas + surge)
      if (replicas + surge >= total) expect(result.reduce((sum, size) => sum + size, 0)).toBe(replicas + surge)
    }),
  )
})
