import type { Logger } from 'pino'
import type { AnswerWriter } from './attempts/index.ts'
import type { BankReader } from './bank/index.ts'
import type { Config } from './config.ts'
import type { Db } from './db/client.ts'
import type { Grader } from './grading/index.ts'

/** Everything a verb may need from outside, built once: in main.ts for the server, in tests/support/app.ts for tests. */
export type Deps = {
  readonly config: Config
  readonly db: Db
  readonly bank: BankReader
  readonly grade: Grader['grade']
  /** Checks text without grading it, with the same limits. */
  readonly precheck: Grader['precheck']
  /** Asks the console of a question, with the same limits. */
  readonly console: Grader['console']
  /** Checks a pasted manifest, with the same limits. */
  readonly check: Grader['check']
  /** Collects answers that arrive together into one commit. */
  readonly answers: AnswerWriter
  readonly now: () => Date
  readonly log: Logger
}
