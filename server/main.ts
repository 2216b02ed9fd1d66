/** Starts the server: settings, database, migrations, bank, port, jobs; a signal undoes it in reverse. */
import { existsSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import pino from 'pino'
import { createApp } from './app.ts'
import { createAnswerWriter } from './attempts/index.ts'
import { shortagesOf } from './attempts/selection.ts'
import { BrokenBank, openBank, readBank, seedBank } from './bank/index.ts'
import { WrongSettings, loadConfig } from './config.ts'
import type { Config } from './config.ts'
import { openDb } from './db/client.ts'
import { MigrationRefused, migrate } from './db/migrate.ts'
import type { Deps } from './deps.ts'
import { createGrader } from './grading/index.ts'
import { createServer, listenErrorText } from './http/server.ts'
import { startJobs } from './jobs/index.ts'

const drainMs = 10_000
/** The grading thread as scripts/prepare.mjs bundles it. It starts in a quarter of the time and runs faster; whoever changes the source wants the source. */
const bundledThread = new URL('../build/threads/worker.mjs', import.meta.url)

/** Something a person can mend; printed without a stack. */
class CannotStart extends Error {}

export type Running = { url: string; stop: () => Promise<void> }

/** Brings everything up and resolves when the port is open. Rejects with a message a person can act on, and leaves nothing running. */
export async function startServer(config: Config): Promise<Running> {
  const undo: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const log = pino({ level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime })
    const now = () => new Date()
    if (!existsSync(config.questionsDir)) throw new CannotStart(`QUESTIONS_DIR=${config.questionsDir}: there is no such folder.`)
    const applied = migrate(config.databaseUrl)
    if (applied.length > 0) log.info({ migrations: applied }, 'database migrated')
    const db = openDb(config.databaseUrl)
    undo.push(() => db.$disconnect())
    const seeded = await seedBank(db, readBank(config.questionsDir), shortagesOf, now)
    log.info(seeded, 'question bank in step')
    const bank = await openBank(db)
    const moduleUrl = config.nodeEnv !== 'development' && existsSync(bundledThread) ? bundledThread.href : undefined
    const grader = createGrader({ limitMs: config.gradeLimitMs, memoryMb: config.gradeMemoryMb, workers: config.gradeWorkers, moduleUrl })
    undo.push(() => grader.close())
    const deps: Deps = { config, db, bank, grade: grader.grade, precheck: grader.precheck, console: grader.console, check: grader.check, answers: createAnswerWriter(db, now), now, log }
    const server = createServer(createApp(deps))
    await listen(server, config)
    undo.push(() => drain(server))
    const jobs = startJobs(deps)
    undo.push(() => jobs.stop())
    const { port } = server.address() as AddressInfo
    return { url: config.port === 0 ? `http://localhost:${port}` : config.baseUrl, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function listen(server: Server, { port, host }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new CannotStart(listenErrorText(error, port, host))))
    server.listen(port, host, resolve)
  })
}

/** Lets running requests end; those that take too long are cut off. */
function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), drainMs)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
  })
}

function isForPeople(error: unknown): error is Error {
  return error instanceof CannotStart || error instanceof WrongSettings || error instanceof BrokenBank || error instanceof MigrationRefused
}

/** Runs until a signal; gives the exit code: 0 stopped, 2 could not start. */
export async function serve(env: NodeJS.ProcessEnv): Promise<number> {
  let running: Running
  try {
    running = await startServer(loadConfig(env))
  } catch (error) {
    if (!isForPeople(error)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }
  process.stdout.write(`Readyz is running at ${running.url}\n`)
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  process.stdout.write('Stopping.\n')
  await running.stop()
  return 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (existsSync('.env')) process.loadEnvFile('.env')
  process.exitCode = await serve(process.argv.includes('--dev') ? { NODE_ENV: 'development', ...process.env } : process.env)
}
