/** Brings the database in step with the bank. */
import type { Bank, QuestionBodyJson } from './format.ts'
import { lintBank, problemLine } from './lint.ts'
import type { Shortages } from './lint.ts'
import { insertBank } from './store.ts'
import type { BankDb, SeedCounts } from './store.ts'

/** The bank has problems; the database was not touched. The message holds every `file:line:column: message`. */
export class BrokenBank extends Error {
  readonly problems: string[]
  constructor(problems: string[]) {
    super(`The question bank has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${problems.join('\n')}`)
    this.name = 'BrokenBank'
    this.problems = problems
  }
}

/** The stored form of a question: everything but its files and what only reading needs. */
export function bodyOf(question: Bank['questions'][number]): QuestionBodyJson {
  const { chapter: _chapter, folder: _folder, files: _files, version: _version, locate: _locate, ...body } = question
  return body
}

/**
 * Idempotent: adds versions whose content is new, points each question at its version, retires questions that are gone, revives those
 * that are back. All in one transaction. Throws BrokenBank before touching the database when lint finds anything.
 */
export async function seedBank(db: BankDb, bank: Bank, shortages: Shortages, now: () => Date): Promise<SeedCounts> {
  const problems = lintBank(bank, shortages)
  if (problems.length > 0) throw new BrokenBank(problems.map((problem) => problemLine(problem, 'questions')))
  return insertBank(db, bank, bodyOf, now())
}
