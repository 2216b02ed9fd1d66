/**
 * The official better-sqlite3 adapter has one connection and lets queries of other requests run inside an open interactive transaction;
 * when that transaction rolls back, their acknowledged writes vanish. This wrapper makes them wait until it has ended.
 */
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import type { IsolationLevel, SqlDriverAdapter, SqlDriverAdapterFactory, SqlQuery, Transaction } from '@prisma/driver-adapter-utils'

/** Durable after every commit, also through a power cut; readers never block the writer. */
const pragmas = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;'

/** A lock, first come, first served. */
class Turnstile {
  #held = false
  readonly #waiting: (() => void)[] = []

  get isHeld(): boolean {
    return this.#held
  }
  async enter(): Promise<void> {
    if (this.#held) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#held = true
  }
  leave(): void {
    const next = this.#waiting.shift()
    // The lock is handed over without a gap, so nobody slips in between.
    if (next) next()
    else this.#held = false
  }
}

class SerialAdapter implements SqlDriverAdapter {
  readonly provider = 'sqlite'
  readonly adapterName: string
  readonly #inner: SqlDriverAdapter
  readonly #turnstile = new Turnstile()

  constructor(inner: SqlDriverAdapter) {
    this.#inner = inner
    this.adapterName = inner.adapterName
  }
  /** Without a transaction in the way the query starts at once; better-sqlite3 then runs it to its end in this tick. */
  async #alone<T>(run: () => Promise<T>): Promise<T> {
    if (!this.#turnstile.isHeld) return run()
    await this.#turnstile.enter()
    try {
      return await run()
    } finally {
      this.#turnstile.leave()
    }
  }
  queryRaw(query: SqlQuery) {
    return this.#alone(() => this.#inner.queryRaw(query))
  }
  executeRaw(query: SqlQuery) {
    return this.#alone(() => this.#inner.executeRaw(query))
  }
  executeScript(script: string) {
    return this.#alone(() => this.#inner.executeScript(script))
  }
  /** IMMEDIATE takes the write lock at once, so another process that writes makes this wait and not fail half-way. */
  async startTransaction(isolationLevel?: IsolationLevel): Promise<Transaction> {
    if (isolationLevel && isolationLevel !== 'SERIALIZABLE') throw new Error(`SQLite transactions are SERIALIZABLE, not ${isolationLevel}.`)
    await this.#turnstile.enter()
    try {
      await this.#inner.executeScript('BEGIN IMMEDIATE')
      return new SerialTransaction(this.#inner, () => this.#turnstile.leave())
    } catch (error) {
      this.#turnstile.leave()
      throw error
    }
  }
  getConnectionInfo() {
    return this.#inner.getConnectionInfo?.() ?? { supportsRelationJoins: false }
  }
  dispose() {
    return this.#inner.dispose()
  }
}

/** Runs on the one connection; whoever else wants it waits at the turnstile. */
class SerialTransaction implements Transaction {
  readonly provider = 'sqlite'
  readonly adapterName: string
  /** Prisma calls commit() and rollback() and leaves the SQL to us. */
  readonly options = { usePhantomQuery: true }
  readonly #connection: SqlDriverAdapter
  readonly #release: () => void
  #ended = false

  constructor(connection: SqlDriverAdapter, release: () => void) {
    this.#connection = connection
    this.#release = release
    this.adapterName = connection.adapterName
  }
  async queryRaw(query: SqlQuery) {
    this.#mustBeOpen()
    return this.#connection.queryRaw(query)
  }
  async executeRaw(query: SqlQuery) {
    this.#mustBeOpen()
    return this.#connection.executeRaw(query)
  }
  async commit(): Promise<void> {
    this.#mustBeOpen()
    try {
      await this.#connection.executeScript('COMMIT')
    } catch (error) {
      // A COMMIT that failed leaves the transaction open, and everything after it would run inside.
      await this.#connection.executeScript('ROLLBACK').catch(() => {})
      throw error
    } finally {
      this.#end()
    }
  }
  async rollback(): Promise<void> {
    if (this.#ended) return
    try {
      await this.#connection.executeScript('ROLLBACK')
    } finally {
      this.#end()
    }
  }
  async createSavepoint(name: string): Promise<void> {
    this.#mustBeOpen()
    await this.#connection.executeScript(`SAVEPOINT ${name}`)
  }
  async rollbackToSavepoint(name: string): Promise<void> {
    this.#mustBeOpen()
    await this.#connection.executeScript(`ROLLBACK TO ${name}`)
  }
  async releaseSavepoint(name: string): Promise<void> {
    this.#mustBeOpen()
    await this.#connection.executeScript(`RELEASE SAVEPOINT ${name}`)
  }
  #mustBeOpen(): void {
    if (this.#ended) throw new Error('The transaction has ended.')
  }
  #end(): void {
    this.#ended = true
    this.#release()
  }
}

/** A factory for Prisma; the file is created when it is missing. */
export function createSerialAdapter(url: string): SqlDriverAdapterFactory {
  const official = new PrismaBetterSqlite3({ url })
  return {
    provider: 'sqlite',
    adapterName: official.adapterName,
    async connect() {
      const connection = await official.connect()
      await connection.executeScript(pragmas)
      return new SerialAdapter(connection)
    },
  }
}
