/** The bank as the running server sees it: read from the database once, after seeding. Versions never change, so nothing goes stale but what is current. */
import type { Blueprint } from './format.ts'
import { listBank } from './store.ts'
import type { BankDb, StoredChapter, StoredQuestion, StoredSection } from './store.ts'

export type BankReader = {
  /** In the order of the bank; so are sections, exams and questions. */
  chapters(): readonly StoredChapter[]
  sections(): readonly StoredSection[]
  exams(): readonly Blueprint[]
  /** The current version of every question that is not retired. */
  questions(): readonly StoredQuestion[]
  /** The current version, or undefined when there is no such question or it is retired. */
  question(questionId: string): StoredQuestion | undefined
  /** Any version there ever was. */
  version(versionId: string): StoredQuestion | undefined
}

export async function openBank(db: BankDb): Promise<BankReader> {
  const { chapters, sections, exams, versions } = await listBank(db)
  const byVersion = new Map(versions.map((stored) => [stored.version, stored]))
  const current = versions.filter(({ isCurrent }) => isCurrent)
  const byId = new Map(current.map((stored) => [stored.id, stored]))
  return {
    chapters: () => chapters,
    sections: () => sections,
    exams: () => exams,
    questions: () => current,
    question: (questionId) => byId.get(questionId),
    version: (versionId) => byVersion.get(versionId),
  }
}
