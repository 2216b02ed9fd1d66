import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawQuestions, familiesOf, largestRemainder, shuffleFor } from '../../server/attempts/selection.ts'
import type { DrawCandidate } from '../../server/attempts/selection.ts'

const pool: DrawCandidate[] = Array.from({ length: 60 }, (_, i) => ({ id: `q${i}`, type: i % 3 === 0 ? 'fix' : 'choice', chapter: ['a', 'b', 'c'][i % 5 % 3]!, domains: [], difficulty: (i % 4) + 1, tags: i < 10 ? ['family:x'] : [], corrects: [] }))
const blueprint = { id: 'e', weights: { by: 'chapter' as const, shares: { a: 50, b: 30, c: 20 } }, types: { choice: { count: 7, points: 2 }, fix: { count: 3, points: 10 } }, difficulty: { 1: 25, 2: 25, 3: 25, 4: 25 } }

describe('drawQuestions', () => {
  it('splits by largest remainder', () => {
    expect(largestRemainder({ a: 50, b: 30, c: 20 }, 10)).toEqual({ a: 5, b: 3, c: 2 })
    expect(largestRemainder({ a: 1, b: 1, c: 1 }, 10)).toEqual({ a: 4, b: 3, c: 3 })
    fc.assert(fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 100 }), { minKeys: 1 }), fc.nat(60), (shares, total) => {
      expect(Object.values(largestRemainder(shares, total)).reduce((a, b) => a + b, 0)).toBe(total)
    }))
  })
  it('fills types exactly and chapters by quota, never twice the same, and replays', () => {
    fc.assert(fc.property(fc.string(), (seed) => {
      const { questions, shortages } = drawQuestions(blueprint, pool, seed)
      expect(shortages).toEqual([])
      const drawn = questions.map(({ questionId }) => pool.find(({ id }) => id === questionId)!)
      expect(new Set(drawn).size).toBe(10)
      expect(drawn.filter(({ type }) => type === 'fix')).toHaveLength(3)
      expect(['a', 'b', 'c'].map((chapter) => drawn.filter((each) => each.chapter === chapter).length)).toEqual([5, 3, 2])
      expect(drawn.flatMap(familiesOf).length).toBeLessThanOrEqual(1)
      expect(drawQuestions(blueprint, [...pool].reverse(), seed).questions).toEqual(questions)
    }), { numRuns: 50 })
  })
  it('draws different quizzes from different seeds', () => {
    expect(new Set(Array.from({ length: 50 }, (_, i) => JSON.stringify(drawQuestions(blueprint, pool, `s${i}`)))).size).toBeGreaterThan(45)
  })
  it('says what is missing', () => {
    expect(drawQuestions(blueprint, pool.slice(0, 3), 's').shortages).toContainEqual({ what: 'type', name: 'fix', wanted: 3, available: 1, missing: 2 })
  })
  it('shuffles choices alike on every load', () => {
    expect(shuffleFor('s', 'q')([1, 2, 3, 4, 5, 6])).toEqual(shuffleFor('s', 'q')([1, 2, 3, 4, 5, 6]))
  })
})
