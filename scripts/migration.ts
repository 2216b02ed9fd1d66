/**
 * `npm run migration -- <name>`: writes the SQL from the model at the last migration to prisma/schema.prisma. Needs no database and no network:
 * Prisma's schema engine runs as WebAssembly. `--check` only says whether something is missing.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'

const root = fileURLToPath(new URL('..', import.meta.url))
const schemaFile = join(root, 'prisma/schema.prisma')
const snapshotFile = join(root, 'prisma/migrations/schema.snapshot.prisma')

type Side = { tag: 'empty' } | { tag: 'schemaDatamodel'; files: { path: string; content: string }[] }

/** The statements that lead from the snapshot to the schema; empty when there is nothing to do. */
export async function missingSql(): Promise<string> {
  const engine = await import('@prisma/schema-engine-wasm/schema_engine_bg')
  const wasmFile = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg').replace(/\.js$/, '.wasm')
  const { instance } = await WebAssembly.instantiate(readFileSync(wasmFile), { './schema_engine_bg.js': engine as never })
  engine.__wbg_set_wasm(instance.exports)
  ;(instance.exports as { __wbindgen_start: () => void }).__wbindgen_start()
  const side = (file: string): Side => (existsSync(file) ? { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: readFileSync(file, 'utf8') }] } : { tag: 'empty' })
  const adapters = bindMigrationAwareSqlAdapterFactory(new PrismaBetterSqlite3({ url: ':memory:' }))
  const run = await engine.SchemaEngine.new({ datamodels: [['schema.prisma', readFileSync(schemaFile, 'utf8')]] }, () => {}, adapters)
  const { exitCode, stdout } = await run.diff({ from: side(snapshotFile), to: side(schemaFile), script: true, exitCode: true, shadowDatabaseUrl: null, filters: { externalTables: [], externalEnums: [] } } as never)
  return exitCode === 2 ? (stdout ?? '') : ''
}

async function main(argv: readonly string[]): Promise<number> {
  const name = argv[0] ?? ''
  const sql = await missingSql()
  if (name === '--check') {
    process.stdout.write(sql === '' ? 'The migrations lead to prisma/schema.prisma.\n' : `Missing:\n${sql}`)
    return sql === '' ? 0 : 1
  }
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    process.stderr.write('Usage: npm run migration -- <name>, with lower-case words joined by hyphens, or --check\n')
    return 2
  }
  if (sql === '') {
    process.stdout.write('Nothing has changed since the last migration.\n')
    return 0
  }
  const stamp = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14)
  const folder = join(root, 'prisma/migrations', `${stamp}_${name.replaceAll('-', '_')}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'migration.sql'), sql)
  writeFileSync(join(root, 'prisma/migrations/migration_lock.toml'), '# Prisma reads the provider here.\nprovider = "sqlite"\n')
  writeFileSync(snapshotFile, readFileSync(schemaFile))
  process.stdout.write(`Wrote ${folder}/migration.sql. Read it before you commit it.\n`)
  return 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2))
