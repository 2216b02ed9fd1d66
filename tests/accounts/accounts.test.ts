import { afterAll, beforeAll, expect, it } from 'vitest'
import { deleteExpiredSessions, findActor, hashToken, startVisit, visitDays } from '../../server/accounts/index.ts'
import { createClock } from '../support/clock.ts'
import { openTestDb } from '../support/database.ts'

const clock = createClock()
let test: ReturnType<typeof openTestDb>
beforeAll(() => {
  test = openTestDb()
})
afterAll(() => test.close())
const deps = () => ({ db: test.db, now: clock.now })

it('a token opens its own visit, for thirty days, and is stored nowhere', async () => {
  const { token, actor } = await startVisit(deps(), { name: '小明', language: 'zh-CN' })
  expect(await findActor(deps(), token)).toEqual(actor)
  expect(actor).toEqual({ personId: actor.personId, name: '小明', sessionHash: hashToken(token) })
  const stored = JSON.stringify([await test.db.session.findMany(), await test.db.person.findMany()])
  expect(stored).not.toContain(token)
  clock.advance(visitDays * 86_400 - 1)
  expect(await findActor(deps(), token)).toEqual(actor)
  clock.advance(1)
  expect(await findActor(deps(), token)).toBeUndefined()
  expect(await deleteExpiredSessions(deps())).toBe(1)
  expect(await test.db.person.count()).toBe(1)
})
it.each(['', 'x', '0'.repeat(64), "' OR 1=1 --"])('the token %j opens nothing', async (token) => {
  expect(await findActor(deps(), token)).toBeUndefined()
})
