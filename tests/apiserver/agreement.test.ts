/** How well admit() agrees with a real API server, held at the level reached. `npm run bench -- agreement` lists every disagreement. */
import { describe, expect, it } from 'vitest'
import { compareCase, summarise, type Case } from '../../scripts/bench/agreement.ts'
import { largerCases, ownCases } from '../support/oracle.ts'

function shares(cases: readonly Case[]): { caught: number; falseAlarms: number; paths: number; messages: number } {
  const sum = summarise(cases.map(compareCase))
  return { caught: sum.caught / sum.rejected, falseAlarms: sum.falseAlarms / sum.accepted, paths: sum.samePaths / sum.rejected, messages: sum.sameMessages / sum.rejected }
}

describe('agreement with kube-apiserver 1.36', () => {
  it('judges every one-rule manifest as the server does, to the message', () => {
    const different = ownCases().map(compareCase).filter((result) => result.rejected !== result.rejectedByUs || (result.rejected && !(result.samePaths && result.sameMessages))).map((result) => result.subject.id)
    expect(different).toEqual([])
  })

  for (const file of ['upstream-open.ndjson', 'mutants-open.ndjson']) {
    const cases = largerCases(file)
    it.skipIf(!cases)(`${cases ? '' : '(not here) '}agrees on everything in ${file}`, () => {
      const { caught, falseAlarms, paths, messages } = shares(cases!)
      expect({ caught, falseAlarms, paths, messages }).toEqual({ caught: 1, falseAlarms: 0, paths: 1, messages: 1 })
    })
  }

  it('never changes the object it judges', () => {
    for (const subject of ownCases().slice(0, 200)) {
      const before = JSON.stringify(subject.manifest)
      compareCase(deepFrozen(subject))
      expect(JSON.stringify(subject.manifest)).toBe(before)
    }
  })

  it('says the same about its own defaulted object', () => {
    for (const subject of ownCases().filter((item) => item.stage === 'ok')) {
      const { object } = compareCase(subject).verdict
      expect(compareCase({ ...subject, manifest: object }).verdict.object, subject.id).toEqual(object)
    }
  })
})

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value)
    for (const item of Object.values(value)) deepFrozen(item)
  }
  return value
}
