/** The bank's rows in and out of the database. */
import type { Bank, BankQuestion, QuestionBodyJson } from './format.ts'

type Row = Record<string, unknown>
type Table = {
  findMany(query: { where?: Row; select?: Row }): Promise<Row[]>
  upsert(query: { where: { id: string }; create: Row; update: Row }): Promise<unknown>
  create(query: { data: Row }): Promise<unknown>
  updateMany(query: { where: Row; data: Row }): Promise<unknown>
}
type BankTables = { chapter: Table; section: Table; question: Table; questionVersion: Table }

/** The part of the Prisma client that this room uses. */
export type BankDb = { $transaction<T>(run: (tx: BankTables) => Promise<T>, options?: { timeout?: number }): Promise<T> }

export type SeedCounts = { questions: number; added: number; unchanged: number; retired: number }

/** Everything in one transaction: a failure leaves the database as it was. Versions are inserted, never updated. */
export async function insertBank(db: BankDb, bank: Bank, bodyOf: (question: BankQuestion) => QuestionBodyJson, now: Date): Promise<SeedCounts> {
  return db.$transaction(async (tx) => {
    for (const { id, order, title, aim, body } of bank.chapters) {
      const data = { order, body: { title, aim, body } }
      await tx.chapter.upsert({ where: { id }, create: { id, ...data }, update: data })
    }
    for (const { id, chapter, order, folder: _folder, ...body } of bank.sections) {
      const data = { chapterId: chapter, order, body }
      await tx.section.upsert({ where: { id }, create: { id, ...data }, update: data })
    }
    const known = new Set((await tx.questionVersion.findMany({ select: { id: true } })).map((row) => row.id as string))
    let added = 0
    for (const question of bank.questions) {
      const { id, version, type, difficulty, section, points, minutes, files } = question
      const current = { sectionId: section, currentVersionId: version, retiredAt: null }
      await tx.question.upsert({ where: { id }, create: { id, ...current }, update: current })
      if (known.has(version)) continue
      await tx.questionVersion.create({ data: { id: version, questionId: id, type, difficulty, section, points, minutes, body: bodyOf(question), files, createdAt: now } })
      added++
    }
    const here = new Set(bank.questions.map(({ id }) => id))
    const gone = (await tx.question.findMany({ where: { retiredAt: null }, select: { id: true } })).map((row) => row.id as string).filter((id) => !here.has(id))
    if (gone.length > 0) await tx.question.updateMany({ where: { id: { in: gone } }, data: { retiredAt: now } })
    return { questions: bank.questions.length, added, unchanged: bank.questions.length - added, retired: gone.length }
  }, { timeout: 30_000 })
}
