import { expect, it } from 'vitest'
import { shortagesOf } from '../../server/attempts/selection.ts'
import { lintBank } from '../../server/bank/index.ts'
import { questionTypes } from '../../server/question-types/index.ts'
import { testBank } from './bank.ts'

it('the bank for tests has no problems and every light type', () => {
  const bank = testBank()
  expect(lintBank(bank, shortagesOf)).toEqual([])
  expect(bank.questions.map(({ type }) => type).sort()).toEqual(questionTypes.filter(({ heavy }) => !heavy).map(({ name }) => name).sort())
})
