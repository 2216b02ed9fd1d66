/** The bank's rows in and out of the database. */
import type { Db, Tx } from '../db/client.ts'
import type { Files } from '../question-types/index.ts'
import type { Bank, BankQuestion, Blueprint, Chapter, QuestionBodyJson, Section } from './format.ts'

/** The part of the database that this room uses. */
export type BankDb = Pick<Db, '$transaction' | 'chapter' | 'section' | 'question' | 'questionVersion' | 'exam'>

export type SeedCounts = { questions: number; added: number; unchanged: number; retired: number }

/** A question version as it was stored. `retired` says that its question has left the bank. */
export type StoredQuestion = QuestionBodyJson & { version: string; chapter: string; files: Files; retired: boolean; isCurrent: boolean }
export type StoredChapter = Omit<Chapter, 'folder'>
export type StoredSection = Omit<Section, 'folder'>
export type StoredBank = { chapters: StoredChapter[]; sections: StoredSection[]; exams: Blueprint[]; versions: StoredQuestion[] }

/** Everything in one transaction: a failure leaves the database as it was. Versions are inserted, never updated. */
export async function insertBank(db: BankDb, bank: Bank, bodyOf: (question: BankQuestion) => QuestionBodyJson, now: Date): Promise<SeedCounts> {
  return db.$transaction(async (tx) => {
    await insertOutline(tx, bank, now)
    const known = new Set((await tx.questionVersion.findMany({ select: { id: true } })).map(({ id }) => id))
    let added = 0
    for (const [order, question] of bank.questions.entries()) {
      const { id, version, type, difficulty, section, points, minutes, files } = question
      const current = { sectionId: section, currentVersionId: version, order, retiredAt: null }
      await tx.question.upsert({ where: { id }, create: { id, ...current }, update: current })
      if (known.has(version)) continue
      await tx.questionVersion.create({ data: { id: version, questionId: id, type, difficulty, section, points, minutes, body: bodyOf(question) as never, files, createdAt: now } })
      added++
    }
    const { count } = await tx.question.updateMany({ where: { retiredAt: null, id: { notIn: bank.questions.map(({ id }) => id) } }, data: { retiredAt: now } })
    return { questions: bank.questions.length, added, unchanged: bank.questions.length - added, retired: count }
  }, { timeout: 30_000 })
}

/** Chapters, sections and exams; those that are gone are retired, those that are back revived. */
async function insertOutline(tx: Tx | BankDb, bank: Bank, now: Date): Promise<void> {
  for (const { id, order, title, aim, body } of bank.chapters) {
    const data = { order, body: { title, aim, body }, retiredAt: null }
    await tx.chapter.upsert({ where: { id }, create: { id, ...data }, update: data })
  }
  for (const { id, chapter, order, folder: _folder, ...body } of bank.sections) {
    const data = { chapterId: chapter, order, body, retiredAt: null }
    await tx.section.upsert({ where: { id }, create: { id, ...data }, update: data })
  }
  for (const [order, { blueprint }] of bank.exams.entries()) {
    const data = { order, body: blueprint, retiredAt: null }
    await tx.exam.upsert({ where: { id: blueprint.id }, create: { id: blueprint.id, ...data }, update: data })
  }
  await tx.chapter.updateMany({ where: { retiredAt: null, id: { notIn: bank.chapters.map(({ id }) => id) } }, data: { retiredAt: now } })
  await tx.section.updateMany({ where: { retiredAt: null, id: { notIn: bank.sections.map(({ id }) => id) } }, data: { retiredAt: now } })
  await tx.exam.updateMany({ where: { retiredAt: null, id: { notIn: bank.exams.map(({ blueprint }) => blueprint.id) } }, data: { retiredAt: now } })
}

/** Everything that is in the bank now, and every version there ever was, in the order of the bank. */
export async function listBank(db: BankDb): Promise<StoredBank> {
  const chapters = await db.chapter.findMany({ where: { retiredAt: null }, orderBy: { order: 'asc' } })
  const sections = await db.section.findMany({ orderBy: [{ chapter: { order: 'asc' } }, { order: 'asc' }] })
  const exams = await db.exam.findMany({ where: { retiredAt: null }, orderBy: { order: 'asc' } })
  const versions = await db.questionVersion.findMany({ include: { question: true }, orderBy: [{ question: { order: 'asc' } }, { createdAt: 'asc' }] })
  const chapterOf = new Map(sections.map((section) => [section.id, section.chapterId]))
  return {
    chapters: chapters.map(({ id, order, body }) => ({ id, order, ...(body as Omit<StoredChapter, 'id' | 'order'>) })),
    sections: sections.filter(({ retiredAt }) => retiredAt === null).map(({ id, chapterId, order, body }) => ({ id, chapter: chapterId, order, ...(body as unknown as Omit<StoredSection, 'id' | 'chapter' | 'order'>) })),
    exams: exams.map(({ body }) => body as Blueprint),
    versions: versions.map(({ id, body, files, question }) => {
      const stored = body as unknown as QuestionBodyJson
      return { ...stored, version: id, chapter: chapterOf.get(stored.section) ?? '', files: files as Files, retired: question.retiredAt !== null, isCurrent: question.retiredAt === null && question.currentVersionId === id }
    }),
  }
}
