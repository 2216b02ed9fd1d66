import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { questionTypes } from '../../server/question-types/index.ts'
import { parseAmount } from '../../server/question-types/numeric/parse-amount.ts'
import { inversionsOf, scoreOfOrder } from '../../server/question-types/ordering/index.ts'
import { scoreOfTicks } from '../../server/question-types/multiple-choice/index.ts'

describe('the registry', () => {
  it('has unique names that are folders', () => {
    const folders = readdirSync(new URL('../../server/question-types', import.meta.url), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name)
    const names = questionTypes.map((type) => type.name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(folders).toContain(name)
  })
})

describe('parseAmount', () => {
  it.each([
    ['120', 's', 120], ['120 s', 's', 120], ['2m', 's', 120], ['2 min', 's', 120], ['1m30s', 's', 90], ['2 分钟', 's', 120], ['１２０', 's', 120],
    ['800Mi', 'Mi', 800], ['0.5 Gi', 'Mi', 512], ['1024', 'Mi', 1024], ['1500m', 'm', 1500], ['1.5 cores', 'm', 1500], ['60 %', '%', 60], ['60', '%', 60],
    ['6 pods', 'pods', 6], ['6', 'pods', 6], ['1 pod', 'pods', 1], ['6 个', 'pods', 6],
  ])('%j in %s is %d', (text, unit, value) => expect(parseAmount(text, unit)).toBeCloseTo(value, 9))
  it.each([['', 's'], ['many', 's'], ['12 apples', 's'], ['0x10', 's'], ['1e3', 's'], ['NaN', 's'], ['5 s', 'Mi'], ['__proto__', 's'], ['1 constructor', 's'], ['s', 's']])('%j in %s is none', (text, unit) => expect(parseAmount(text, unit)).toBeUndefined())
})

describe('partial credit', () => {
  it('counts inversions', () => {
    expect(inversionsOf([0, 1, 2, 3])).toBe(0)
    expect(inversionsOf([3, 2, 1, 0])).toBe(6)
    expect(scoreOfOrder(['a', 'b', 'c'], ['b', 'a', 'c'])).toBeCloseTo(2 / 3)
    expect(scoreOfOrder(['a', 'b', 'c'], ['a', 'a', 'a'])).toBe(0)
  })
  it('takes wrong ticks off', () => {
    const rights = new Set(['a', 'b'])
    const wrongs = new Set(['c', 'd'])
    expect(scoreOfTicks(rights, wrongs, ['a', 'b'])).toBe(1)
    expect(scoreOfTicks(rights, wrongs, ['a', 'b', 'c'])).toBe(0.5)
    expect(scoreOfTicks(rights, wrongs, ['a', 'b', 'c', 'd'])).toBe(0)
    expect(scoreOfTicks(rights, wrongs, ['c', 'd'])).toBe(0)
    expect(scoreOfTicks(rights, wrongs, ['a', 'a'])).toBe(0.5)
  })
})
