import { afterAll, describe, expect, it } from 'vitest'
import { openTestDb } from '../support/database.ts'

const { db, close } = openTestDb()
afterAll(close)
const person = (id: string) => ({ data: { id, name: id, language: 'en', createdAt: new Date('2026-01-01T00:00:00Z') } })
const exists = async (id: string) => (await db.person.findUnique({ where: { id } })) !== null
const gate = () => {
  let open!: () => void
  const passed = new Promise<void>((resolve) => { open = resolve })
  return { open, passed }
}

describe('transactions of different requests', () => {
  it('a write of another request survives the rollback of an open transaction', async () => {
    const begun = gate()
    const mayEnd = gate()
    const failing = db.$transaction(async (tx) => {
      await tx.person.create(person('inside'))
      begun.open()
      await mayEnd.passed
      throw new Error('changed my mind')
    })
    await begun.passed
    const outside = db.person.create(person('outside'))
    const raw = db.$executeRaw`INSERT INTO "Person" ("id", "name", "language", "createdAt") VALUES ('raw', 'raw', 'en', '2026-01-01T00:00:00.000+00:00')`
    mayEnd.open()
    await expect(failing).rejects.toThrow('changed my mind')
    await outside
    await raw
    expect([await exists('inside'), await exists('outside'), await exists('raw')]).toEqual([false, true, true])
  })
  it('a reader never sees what has not been committed', async () => {
    const begun = gate()
    const writing = db.$transaction(async (tx) => {
      await tx.person.create(person('draft'))
      begun.open()
      await new Promise((resolve) => setTimeout(resolve, 50))
      await tx.person.update({ where: { id: 'draft' }, data: { name: 'done' } })
    })
    await begun.passed
    expect((await db.person.findUnique({ where: { id: 'draft' } }))?.name).toBe('done')
    await writing
  })
  it('many transactions and single writes at once all keep their own', async () => {
    const results = await Promise.all(Array.from({ length: 200 }, async (_, i) => {
      const id = `many-${i}`
      if (i % 3 === 0) return db.person.create(person(id)).then(() => true)
      return db.$transaction(async (tx) => {
        await tx.person.create(person(id))
        if (i % 3 === 1) throw new Error('no')
        return true
      }).catch(() => false)
    }))
    expect(results).toEqual(Array.from({ length: 200 }, (_, i) => i % 3 !== 1))
    expect(await db.person.count({ where: { id: { startsWith: 'many-' } } })).toBe(results.filter(Boolean).length)
  })
  it('a transaction that takes too long is undone, and the next one works', async () => {
    const slow = db.$transaction(async (tx) => {
      await tx.person.create(person('slow'))
      await new Promise((resolve) => setTimeout(resolve, 300))
      await tx.person.create(person('slow-2'))
    }, { timeout: 100 })
    await expect(slow).rejects.toThrow()
    await db.person.create(person('after'))
    expect([await exists('slow'), await exists('slow-2'), await exists('after')]).toEqual([false, false, true])
  })
  it('an error inside one statement does not poison the connection', async () => {
    await db.person.create(person('twice'))
    await expect(db.$transaction(async (tx) => {
      await tx.person.create(person('with-twice'))
      await tx.person.create(person('twice'))
    })).rejects.toThrow()
    await db.person.create(person('fine'))
    expect([await exists('with-twice'), await exists('fine')]).toEqual([false, true])
  })
})

it('every commit is durable, keys are enforced, and the journal is a write-ahead log', async () => {
  const pragma = async (name: string) => Object.values((await db.$queryRawUnsafe<Record<string, unknown>[]>(`PRAGMA ${name}`))[0]!)[0]
  expect(await pragma('journal_mode')).toBe('wal')
  expect(Number(await pragma('synchronous'))).toBe(2)
  expect(Number(await pragma('foreign_keys'))).toBe(1)
  expect(Number(await pragma('busy_timeout'))).toBe(5000)
})
