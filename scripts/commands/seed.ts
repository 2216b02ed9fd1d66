/** `readyz seed`: brings the database in step with the question bank, without serving. */
import { existsSync } from 'node:fs'
import { shortagesOf } from '../../server/attempts/selection.ts'
import { BrokenBank, readBank, seedBank } from '../../server/bank/index.ts'
import { WrongSettings, loadConfig } from '../../server/config.ts'
import { openDb } from '../../server/db/client.ts'
import { MigrationRefused, migrate } from '../../server/db/migrate.ts'

const usage = `Usage: readyz seed

Applies missing migrations and brings the database (DATABASE_URL) in step with the question bank (QUESTIONS_DIR).
Exit code 1 when the bank has problems; the database is then as it was. A running server goes on with the versions it has until it is restarted.
`

export async function seed(argv: readonly string[]): Promise<number> {
  if (argv.length > 0) {
    const isHelp = argv.includes('--help') || argv.includes('-h')
    ;(isHelp ? process.stdout : process.stderr).write(usage)
    return isHelp ? 0 : 2
  }
  if (existsSync('.env')) process.loadEnvFile('.env')
  try {
    const config = loadConfig(process.env)
    if (!existsSync(config.questionsDir)) {
      process.stderr.write(`QUESTIONS_DIR=${config.questionsDir}: there is no such folder.\n`)
      return 2
    }
    migrate(config.databaseUrl)
    const db = openDb(config.databaseUrl)
    try {
      const { questions, added, retired } = await seedBank(db, readBank(config.questionsDir), shortagesOf, () => new Date())
      process.stdout.write(`${questions} questions: ${added} new versions, ${retired} retired.\n`)
      return 0
    } finally {
      await db.$disconnect()
    }
  } catch (error) {
    if (!(error instanceof BrokenBank || error instanceof WrongSettings || error instanceof MigrationRefused)) throw error
    process.stderr.write(`${error.message}\n`)
    return error instanceof BrokenBank ? 1 : 2
  }
}
