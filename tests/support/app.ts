/** The whole application on a database of its own, with a clock that tests move. */
import type { Express } from 'express'
import pino from 'pino'
import { createApp } from '../../server/app.ts'
import { createAnswerWriter } from '../../server/attempts/index.ts'
import { shortagesOf } from '../../server/attempts/selection.ts'
import { openBank, seedBank } from '../../server/bank/index.ts'
import type { Bank } from '../../server/bank/index.ts'
import { loadConfig } from '../../server/config.ts'
import type { Config } from '../../server/config.ts'
import type { Deps } from '../../server/deps.ts'
import { createGrader } from '../../server/grading/index.ts'
import { testBank } from './bank.ts'
import { createClock } from './clock.ts'
import type { TestClock } from './clock.ts'
import { openTestDb } from './database.ts'

export type TestApp = { deps: Deps; app: Express; clock: TestClock; url: string; close: () => Promise<void> }
export type TestAppOptions = { bank?: Bank; config?: Partial<Config>; deps?: Partial<Deps>; clock?: TestClock }

export async function openTestApp({ bank = testBank(), config = {}, deps: changed = {}, clock = createClock() }: TestAppOptions = {}): Promise<TestApp> {
  const { db, url, close } = openTestDb()
  await seedBank(db, bank, shortagesOf, clock.now)
  const grader = createGrader({ limitMs: 60_000, memoryMb: 256, workers: 1 })
  const deps: Deps = {
    config: { ...loadConfig({ NODE_ENV: 'test', SAVES_PER_MINUTE: '1000000', VISITS_PER_MINUTE: '1000000' }), databaseUrl: url, ...config },
    db,
    bank: await openBank(db),
    grade: grader.grade,
    precheck: grader.precheck,
    console: grader.console,
    check: grader.check,
    answers: createAnswerWriter(db, clock.now),
    now: clock.now,
    log: pino({ level: 'silent' }),
    ...changed,
  }
  return {
    deps,
    app: createApp(deps),
    clock,
    url,
    async close() {
      await grader.close()
      await close()
    },
  }
}
