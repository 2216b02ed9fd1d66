/**
 * Applies the SQL in prisma/migrations, in the order of the folder names. Keeps the same table as Prisma's own command line
 * (_prisma_migrations, checksum = SHA-256 of the file), so that either can follow the other; needs neither it nor its engine.
 */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { fileOf } from './client.ts'

const shippedMigrations = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))

const table = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    TEXT PRIMARY KEY NOT NULL,
    "checksum"              TEXT NOT NULL,
    "finished_at"           DATETIME,
    "migration_name"        TEXT NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        DATETIME,
    "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
)`

type Applied = { migration_name: string; checksum: string; finished_at: number | null }
type Migration = { name: string; sql: string; checksum: string }

/** The database cannot be brought to the shape this version needs; the message says what a person can do. */
export class MigrationRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'MigrationRefused'
  }
}

function migrationsIn(dir: string): Migration[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(dir, entry.name, 'migration.sql')))
    .map(({ name }) => name)
    .sort()
    .map((name) => {
      const sql = readFileSync(join(dir, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    })
}

function refusalOf(all: readonly Migration[], applied: readonly Applied[]): string | undefined {
  const byName = new Map(all.map((migration) => [migration.name, migration]))
  for (const row of applied) {
    const migration = byName.get(row.migration_name)
    if (!migration) return `The database was made by a newer version: it has the migration ${row.migration_name}, which this version does not know. Start the newer version.`
    if (row.finished_at === null) return `The migration ${row.migration_name} was started by another tool and failed. Restore a backup.`
    if (row.checksum !== migration.checksum) return `The migration ${row.migration_name} has been changed after it was applied. Restore prisma/migrations/${row.migration_name}/migration.sql.`
  }
  return undefined
}

/**
 * Brings the database at `databaseUrl` up to date and gives the names of what was applied. All or nothing: one transaction with a
 * check of all foreign keys before the commit. Two processes may call it at once. Throws MigrationRefused.
 */
export function migrate(databaseUrl: string, dir = shippedMigrations): string[] {
  const all = migrationsIn(dir)
  mkdirSync(dirname(fileOf(databaseUrl)), { recursive: true })
  const db = new Database(fileOf(databaseUrl), { timeout: 10_000 })
  try {
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    // Table rebuilds would delete children by cascade otherwise; the check below stands in.
    db.pragma('foreign_keys = OFF')
    return db.transaction(() => applyMissing(db, all)).immediate()
  } finally {
    db.close()
  }
}

function applyMissing(db: Database.Database, all: readonly Migration[]): string[] {
  db.exec(table)
  const applied = db.prepare('SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL').all() as Applied[]
  const refusal = refusalOf(all, applied)
  if (refusal) throw new MigrationRefused(refusal)
  const done = new Set(applied.map((row) => row.migration_name))
  const missing = all.filter(({ name }) => !done.has(name))
  const record = db.prepare('INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count) VALUES (?, ?, ?, ?, ?, 1)')
  for (const { name, sql, checksum } of missing) {
    const startedAt = Date.now()
    db.exec(sql.replaceAll(/^PRAGMA (foreign_keys|defer_foreign_keys)\s*=.*$/gm, ''))
    record.run(randomUUID(), checksum, name, startedAt, Date.now())
  }
  const orphans = missing.length > 0 ? (db.pragma('foreign_key_check') as { table: string }[]) : []
  if (orphans.length > 0) throw new MigrationRefused(`The migrations would leave ${orphans.length} rows without their parent, in ${[...new Set(orphans.map((row) => row.table))].join(', ')}. Nothing was changed.`)
  return missing.map(({ name }) => name)
}
