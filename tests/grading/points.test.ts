import { describe, expect, it } from 'vitest'
import { earnedOf, totalOf } from '../../server/grading/index.ts'
import type { Scored } from '../../server/grading/index.ts'

const row = (points: number, score: number, status: Scored['status'] = 'graded'): Scored => ({ points, score, status })

describe('points', () => {
  it('are kept to the hundredth', () => {
    expect(earnedOf(1 / 3, 4)).toBe(1.33)
    expect(earnedOf(2 / 3, 10)).toBe(6.67)
    expect(earnedOf(1, 7)).toBe(7)
  })
  it.each([
    ['exactly at the mark', [row(10, 0.6)], 60, { earned: 6, possible: 10, percent: 60, passed: true }],
    ['a hundredth below', [row(10, 0.599)], 60, { earned: 5.99, percent: 59, passed: false }],
    ['three thirds make a whole', [row(3, 1 / 3), row(3, 1 / 3), row(3, 1 / 3)], 33.3, { earned: 3, possible: 9, percent: 33, passed: true }],
    ['sums that floating point gets wrong', [row(1, 0.1), row(1, 0.2), row(1, 0.7)], 33, { earned: 1, possible: 3, percent: 33, passed: true }],
    ['unanswered counts as nothing', [row(10, 1), row(10, 0, 'unanswered')], 50, { earned: 10, possible: 20, percent: 50, passed: true }],
    ['pending leaves it open', [row(10, 1), row(10, 0, 'pending')], 50, { earned: 10, possible: 20, pending: 1, passed: null }],
    ['what cannot be graded counts for nobody', [row(10, 0.5), row(30, 0, 'ungradable')], 50, { earned: 5, possible: 10, percent: 50, passed: true }],
    ['no mark, no verdict', [row(10, 1)], null, { percent: 100, passed: null }],
    ['nothing at all', [], 50, { earned: 0, possible: 0, percent: 0, passed: null }],
  ] as const)('%s', (_, rows, passMark, expected) => {
    expect(totalOf(rows, passMark)).toMatchObject(expected)
  })
})
