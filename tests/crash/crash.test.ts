/**
 * Kills the server with SIGKILL at random moments, while it starts and while browsers save, and looks after each time whether the database
 * still holds everything that was acknowledged. The server is main.ts itself; so that it starts quickly it is bundled, without the simulator.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { build } from 'esbuild'
import type { Plugin } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stream } from '../../server/seed.ts'
import { writeTestBank } from '../support/bank.ts'
import { temporaryFolder } from '../support/database.ts'
import { Browser } from './browser.ts'

const kills = 54
const browsersEach = 12
const root = fileURLToPath(new URL('../..', import.meta.url))
/** Two folders below the root, as the files in the bundle expect. */
const bundle = join(root, 'build/crash/main.mjs')
const folder = temporaryFolder()
const database = join(folder.path, 'crash.db')
let child: ChildProcess | undefined
const withoutSimulator: Plugin = {
  name: 'without-simulator',
  setup: ({ onLoad }) => onLoad({ filter: /question-types\/fix-manifest\/index\.ts$/ }, () => ({ contents: "export { singleChoice as fixManifest } from '../single-choice/index.ts'", loader: 'ts' })),
}

beforeAll(async () => {
  writeTestBank(join(folder.path, 'bank'))
  await build({ entryPoints: [join(root, 'server/main.ts')], outfile: bundle, bundle: true, format: 'esm', platform: 'node', target: 'node20', packages: 'external', plugins: [withoutSimulator], logLevel: 'silent' })
})
afterAll(() => {
  child?.kill('SIGKILL')
  folder.remove()
})

/** vitest has a BASE_URL of its own. The port, or undefined when it was killed before it listened. */
function start(): { child: ChildProcess; listening: Promise<number | undefined> } {
  const started = spawn(process.execPath, [bundle], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, BASE_URL: '', PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'error', NODE_ENV: 'test', DATABASE_URL: `file:${database}`, QUESTIONS_DIR: join(folder.path, 'bank'), SAVES_PER_MINUTE: '1000000', VISITS_PER_MINUTE: '1000000' } })
  child = started
  const listening = new Promise<number | undefined>((resolve) => {
    let text = ''
    started.stdout!.on('data', (chunk: Buffer) => {
      text += String(chunk)
      const port = /running at http:\/\/localhost:(\d+)/.exec(text)?.[1]
      if (port) resolve(Number(port))
    })
    started.once('exit', () => resolve(undefined))
  })
  return { child: started, listening }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Waits for so many more acknowledgements, on a slow machine as on a fast one. */
async function someSaved(browsers: readonly Browser[], more: number): Promise<void> {
  const sum = () => browsers.reduce((total, { acknowledged }) => total + acknowledged, 0)
  const target = sum() + more
  for (let waits = 0; sum() < target && waits < 6000; waits++) await sleep(5)
}

async function kill(started: ChildProcess): Promise<void> {
  if (started.exitCode !== null || started.signalCode !== null) return
  const gone = new Promise((resolve) => started.once('exit', resolve))
  started.kill('SIGKILL')
  await gone
}

/** Everything promised that the database does not hold. */
function lost(browsers: readonly Browser[]): string[] {
  const db = new Database(database)
  try {
    const slotOf = db.prepare('SELECT "answer", "revision" FROM "AttemptSlot" WHERE "attemptId" = ? AND "slot" = ?')
    const endOf = db.prepare('SELECT "finishedAt" FROM "Attempt" WHERE "id" = ?')
    const problems = browsers.flatMap(({ promises }) => promises.flatMap(({ attemptId, slot, revision, answer, pending, finished }) => {
      const row = slotOf.get(attemptId, slot) as { answer: string | null; revision: number } | undefined
      const end = endOf.get(attemptId) as { finishedAt: string | null } | undefined
      if (!row || !end) return [`attempt ${attemptId} is gone`]
      const stored = row.answer === null ? null : (JSON.parse(row.answer) as string)
      // What was under way may have arrived or not; what was acknowledged must be there.
      const isKept = (row.revision === revision && stored === answer) || (row.revision === revision + 1 && stored === pending)
      return [...(isKept ? [] : [`${attemptId}: promised ${revision} "${answer}", stored ${row.revision} "${stored}"`]), ...(finished && end.finishedAt === null ? [`${attemptId}: finished, stored open`] : [])]
    }))
    return [...problems, ...(db.pragma('integrity_check', { simple: true }) === 'ok' ? [] : ['the file is damaged'])]
  } finally {
    db.close()
  }
}

it(`loses nothing that was acknowledged in ${kills} kills`, { timeout: 900_000 }, async () => {
  const random = stream('crash', 'moments')
  const browsers = Array.from({ length: browsersEach }, (_, i) => new Browser(`browser-${i}`, stream('crash', `browser ${i}`)))
  const killedWhile = { starting: 0, saving: 0 }
  while (killedWhile.starting + killedWhile.saving < kills) {
    const { child: started, listening } = start()
    // One in six dies while it migrates, seeds or recovers.
    if (random() < 1 / 6) {
      await Promise.race([listening, sleep(random() * 800)])
      await kill(started)
      killedWhile.starting++
    } else {
      const port = await listening
      expect(port).toBeDefined()
      const running = browsers.map((browser) => browser.run(port!))
      await someSaved(browsers, Math.floor(random() * 40))
      await sleep(random() * 30)
      await kill(started)
      await Promise.all(running)
      killedWhile.saving++
    }
    if (browsers.some(({ promises }) => promises.length > 0)) expect(lost(browsers)).toEqual([])
    expect(browsers.flatMap(({ broken }) => broken)).toEqual([])
  }
  const acknowledged = browsers.reduce((sum, browser) => sum + browser.acknowledged, 0)
  const finished = browsers.flatMap(({ promises }) => promises).filter((one) => one.finished).length
  expect(killedWhile.saving).toBeGreaterThan(kills / 2)
  expect(acknowledged).toBeGreaterThan(kills * 5)
  expect(finished).toBeGreaterThan(5)
  process.stderr.write(`crash test: ${killedWhile.starting} kills while starting, ${killedWhile.saving} while saving, ${acknowledged} acknowledgements, ${finished} attempts finished, nothing lost\n`)
})
