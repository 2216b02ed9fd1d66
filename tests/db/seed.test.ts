import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { shortagesOf } from '../../server/attempts/selection.ts'
import { openBank, seedBank } from '../../server/bank/index.ts'
import { testBank, testBankFiles } from '../support/bank.ts'
import { createClock } from '../support/clock.ts'
import { openTestDb } from '../support/database.ts'

let test: ReturnType<typeof openTestDb>
const { now } = createClock()
beforeEach(() => {
  test = openTestDb()
})
afterEach(() => test.close())

const question = '01-first/01-only/pick-one/question.md'
const changed = (from: string, to: string) => ({ [question]: testBankFiles()[question]!.replace(from, to) })
const seed = (files: Record<string, string | undefined> = {}) => seedBank(test.db, testBank(files), shortagesOf, now)
const everything = async () => JSON.stringify([await test.db.chapter.findMany(), await test.db.section.findMany(), await test.db.question.findMany(), await test.db.questionVersion.findMany(), await test.db.exam.findMany()])
const withoutExams = { 'exams/everything.yaml': undefined, 'exams/study.yaml': undefined }

describe('seeding', () => {
  it('twice changes nothing the second time', async () => {
    expect(await seed()).toEqual({ questions: 7, added: 7, unchanged: 0, retired: 0 })
    const before = await everything()
    expect(await seed()).toEqual({ questions: 7, added: 0, unchanged: 7, retired: 0 })
    expect(await everything()).toBe(before)
  })
  it('a changed question gets a new version; the old one stays as it was', async () => {
    await seed()
    const old = (await openBank(test.db)).question('pick-one')!
    expect(await seed(changed('Answer `this`.', 'Answer that.'))).toMatchObject({ added: 1, unchanged: 6 })
    const bank = await openBank(test.db)
    expect(bank.question('pick-one')!.prompt.en).toBe('Answer that.')
    expect(bank.version(old.version)).toMatchObject({ prompt: old.prompt, isCurrent: false, retired: false })
    // Taking the change back points at the first version again.
    expect(await seed()).toMatchObject({ added: 0 })
    expect((await openBank(test.db)).question('pick-one')!.version).toBe(old.version)
  })
  it('what is gone is retired, what comes back is revived', async () => {
    await seed()
    expect(await seed({ ...withoutExams, [question]: undefined, [question.replace('.md', '.zh-CN.md')]: undefined })).toMatchObject({ questions: 6, retired: 1 })
    const without = await openBank(test.db)
    expect([without.question('pick-one'), without.exams()]).toEqual([undefined, []])
    await seed()
    const bank = await openBank(test.db)
    expect(bank.question('pick-one')).toBeDefined()
    expect(bank.exams().map(({ id }) => id)).toEqual(['everything', 'study'])
    expect(bank.chapters().map(({ id }) => id)).toEqual(['first'])
    expect(bank.sections().map(({ id, corrects }) => [id, corrects.length])).toEqual([['only', 1]])
  })
  it.each([
    ['a wrong key', changed('difficulty: 1', 'difficulty: 9'), 'questions/01-first/01-only/pick-one/question.md:4:13: difficulty'],
    ['no right choice', changed('[x]', '[ ]'), 'Exactly one choice must be ticked'],
    ['an exam that cannot be filled', { [question]: undefined, [question.replace('.md', '.zh-CN.md')]: undefined }, 'questions/exams/everything.yaml:1:1: Cannot be filled'],
  ])('%s stops it with file and line, and leaves the database as it was', async (_, files, message) => {
    await seed()
    const before = await everything()
    await expect(seed(files)).rejects.toThrow(message)
    expect(await everything()).toBe(before)
  })
  it('a failure half-way leaves the database as it was', async () => {
    await seed()
    const before = await everything()
    const bank = testBank(changed('Answer `this`.', 'Answer that.'))
    // A section without its chapter breaks a constraint after the first rows are in.
    const broken = { ...bank, sections: [...bank.sections, { ...bank.sections[0]!, id: 'orphan', chapter: 'nowhere' }] }
    await expect(seedBank(test.db, broken, shortagesOf, now)).rejects.toThrow()
    expect(await everything()).toBe(before)
  })
})
