import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { afterEach, expect, it } from 'vitest'
import { missingSql } from '../../scripts/migration.ts'
import { MigrationRefused, migrate } from '../../server/db/migrate.ts'
import { temporaryFolder } from '../support/database.ts'

const shipped = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))
let cleanUp: (() => void)[] = []
afterEach(() => {
  for (const run of cleanUp) run()
  cleanUp = []
})
function setUp() {
  const folder = temporaryFolder()
  cleanUp.push(folder.remove)
  const dir = join(folder.path, 'migrations')
  cpSync(shipped, dir, { recursive: true })
  const url = `file:${join(folder.path, 'deep/er/test.db')}`
  const add = (name: string, sql: string) => {
    mkdirSync(join(dir, name))
    writeFileSync(join(dir, name, 'migration.sql'), sql)
  }
  const query = (sql: string) => {
    const db = new Database(url.slice('file:'.length))
    try {
      return db.prepare(sql).all()
    } finally {
      db.close()
    }
  }
  return { dir, url, add, query }
}

it('the migrations lead to the schema', async () => {
  expect(await missingSql()).toBe('')
})
it('applies everything once, making the folder', () => {
  const { url } = setUp()
  const names = readdirSync(shipped, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort()
  expect(migrate(url)).toEqual(names)
  expect(migrate(url)).toEqual([])
})
it('a failing migration leaves the database as it was, and works when mended', () => {
  const { dir, url, add, query } = setUp()
  migrate(url, dir)
  add('29990101000000_two_steps', 'CREATE TABLE "New" ("id" TEXT);\nINSERT INTO "Nowhere" VALUES (1);\n')
  expect(() => migrate(url, dir)).toThrow('no such table: Nowhere')
  expect(query(`SELECT name FROM sqlite_master WHERE name = 'New'`)).toEqual([])
  writeFileSync(join(dir, '29990101000000_two_steps/migration.sql'), 'CREATE TABLE "New" ("id" TEXT);\n')
  expect(migrate(url, dir)).toEqual(['29990101000000_two_steps'])
})
it('rebuilding a parent table keeps its children; leaving orphans is refused', () => {
  const { dir, url, add, query } = setUp()
  migrate(url, dir)
  query(`INSERT INTO "Person" VALUES ('p', 'P', 'en', '2026-01-01') RETURNING id`)
  query(`INSERT INTO "Session" VALUES ('s', 'p', '2026-01-01', '2027-01-01') RETURNING id`)
  add('29990101000000_rebuild', 'PRAGMA foreign_keys=OFF;\nCREATE TABLE "n" AS SELECT * FROM "Person";\nDROP TABLE "Person";\nCREATE TABLE "Person" ("id" TEXT NOT NULL PRIMARY KEY, "name" TEXT, "language" TEXT, "createdAt" DATETIME);\nINSERT INTO "Person" SELECT * FROM "n";\nDROP TABLE "n";\nPRAGMA foreign_keys=ON;\n')
  migrate(url, dir)
  expect(query('SELECT id FROM "Session"')).toEqual([{ id: 's' }])
  add('29990102000000_orphans', 'DELETE FROM "Person";\n')
  expect(() => migrate(url, dir)).toThrow(MigrationRefused)
  expect(query('SELECT id FROM "Person"')).toEqual([{ id: 'p' }])
})
it('refuses an edited migration and a database from a newer version', () => {
  const { dir, url, add } = setUp()
  add('29990101000000_later', 'CREATE TABLE "Later" ("id" TEXT);\n')
  migrate(url, dir)
  expect(() => migrate(url)).toThrow('made by a newer version')
  writeFileSync(join(dir, '29990101000000_later/migration.sql'), 'CREATE TABLE "Other" ("id" TEXT);\n')
  expect(() => migrate(url, dir)).toThrow('has been changed after it was applied')
})
