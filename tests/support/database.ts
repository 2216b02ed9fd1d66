/** A database of its own for each test file: a copy of one that has been migrated once. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDb } from '../../server/db/client.ts'
import type { Db } from '../../server/db/client.ts'
import { migrate } from '../../server/db/migrate.ts'

let template: string | undefined

/** A new folder for this test; removed by the returned `remove`. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'readyz-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** The URL of a migrated, empty database. */
export function migratedDatabase(folder: string): string {
  if (template === undefined || !existsSync(template)) {
    template = join(mkdtempSync(join(tmpdir(), 'readyz-template-')), 'template.db')
    migrate(`file:${template}`)
  }
  const file = join(folder, 'test.db')
  copyFileSync(template, file)
  return `file:${file}`
}

export function openTestDb(): { db: Db; url: string; close: () => Promise<void> } {
  const folder = temporaryFolder()
  const url = migratedDatabase(folder.path)
  const db = openDb(url)
  return {
    db,
    url,
    async close() {
      await db.$disconnect()
      folder.remove()
    },
  }
}
