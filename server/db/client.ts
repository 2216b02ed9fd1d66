/** Opens the database. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { PrismaClient } from './generated/client.ts'
import { createSerialAdapter } from './serial-adapter.ts'

export type Db = PrismaClient
/** The client inside a transaction. */
export type Tx = Omit<PrismaClient, '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends'>

/** `file:./data/readyz.db` → `./data/readyz.db`. */
export function fileOf(databaseUrl: string): string {
  return databaseUrl.replace(/^file:/, '')
}

/** One connection, serialised; the folder is made when it is missing. Close it with `$disconnect()`. */
export function openDb(databaseUrl: string): Db {
  mkdirSync(dirname(fileOf(databaseUrl)), { recursive: true })
  return new PrismaClient({ adapter: createSerialAdapter(databaseUrl), transactionOptions: { maxWait: 10_000, timeout: 10_000 } })
}
