/**
 * Nothing that an attempt's owner can fetch before the end may hold the key, a reason, a hint, an explanation or what a repair is graded by.
 * Every address that a page names is fetched as well, so pages that are added later are looked at too.
 */
import type { Server } from 'node:http'
import request from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { finishAttempt, getAttempt, startExam, startPractice } from '../../server/attempts/index.ts'
import { createServer } from '../../server/http/server.ts'
import { openTestApp } from '../support/app.ts'
import type { TestApp } from '../support/app.ts'
import { drafts, examId } from '../support/bank.ts'
import { browserHeaders, newPerson } from '../support/people.ts'
import type { Person } from '../support/people.ts'

let test: TestApp
let ada: Person
let server: Server
beforeAll(async () => {
  test = await openTestApp()
  ada = await newPerson(test.deps)
  server = createServer(test.app).listen(0)
})
afterAll(async () => {
  server.close()
  await test.close()
})

/** 48271 is the numeric key of the bank for tests. */
const secrets = /SECRET|48271/

/** Every byte of every response that can be reached from `from` by following addresses in the text, headers included. */
async function crawl(from: readonly string[], person: Person, follow: RegExp = /./): Promise<Map<string, string>> {
  const seen = new Map<string, string>()
  const waiting = [...from]
  const found = (path: string) => {
    if (follow.test(path) && !seen.has(path)) waiting.push(path)
  }
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (seen.has(path) || seen.size > 200) continue
    for (const accept of ['text/html', 'application/json']) {
      const response = await request(server).get(path).set(browserHeaders(person)).set('Accept', accept).buffer(true)
      const text = `${JSON.stringify(response.headers)}\n${response.text ?? JSON.stringify(response.body)}`
      seen.set(path, `${seen.get(path) ?? ''}${text}`)
      for (const [, path] of text.matchAll(/(?:href|src|action|data-[a-z-]+)="(\/[^"#]*)/g)) found(path!.replaceAll('&amp;', '&'))
      if (response.headers.location?.startsWith('/')) found(response.headers.location)
    }
  }
  return seen
}

async function posts(attemptId: string, slots: number): Promise<string[]> {
  const texts: string[] = []
  const post = async (path: string, body: object) => {
    const response = await request(server).post(path).set(browserHeaders(ada)).set('Accept', 'application/json').send(body)
    texts.push(`${path}: ${JSON.stringify(response.headers)} ${JSON.stringify(response.body)}`)
  }
  for (let slot = 1; slot <= slots; slot++) {
    for (const body of [{ revision: 0, answer: 'x' }, { revision: 0, answer: {} }, { revision: 0, answer: [] }, { revision: 7, answer: 'x' }]) {
      await post(`/attempts/${attemptId}/${slot}/answer`, body)
      await post(`/attempts/${attemptId}/${slot}/check`, body)
    }
    await post(`/attempts/${attemptId}/${slot}/check`, { explain: true })
    await post(`/attempts/${attemptId}/${slot}/console`, { ask: { do: 'run', line: 'kubectl get pods' } })
    await post(`/attempts/${attemptId}/${slot}/hint`, { tier: 2 })
    await post(`/attempts/${attemptId}/${slot}/flag`, { flagged: true })
  }
  return texts
}

describe('before the end', () => {
  it('an exam gives nothing away, on any page, in any reply', { timeout: 300_000 }, async () => {
    const { attemptId } = await startExam(test.deps, ada.actor, { examId, language: 'en' })
    const { slots } = await getAttempt(test.deps, ada.actor, { attemptId, language: 'en' })
    expect(slots).toHaveLength(Object.keys(drafts).length)
    const own = [`/attempts/${attemptId}`, `/attempts/${attemptId}/state`, `/attempts/${attemptId}/finish`, `/attempts/${attemptId}/result`, ...slots.flatMap(({ slot }) => [`/attempts/${attemptId}/${slot}`, `/attempts/${attemptId}/${slot}?checked`, `/attempts/${attemptId}/${slot}/outcome?checked`])]
    const replies = await posts(attemptId, slots.length)
    // The pages of the checker's rules are the same for every bank.
    const pages = await crawl(['/', ...own], ada, /^\/(?!rules\b)/)
    expect([...pages.keys()].filter((path) => path.startsWith(`/attempts/${attemptId}/`)).length).toBeGreaterThan(slots.length)
    expect([...pages].filter(([, text]) => secrets.test(text)).map(([path]) => path)).toEqual([])
    expect(replies.filter((text) => secrets.test(text))).toEqual([])
    // The scan must be able to find something: after the end it is all there.
    await finishAttempt(test.deps, ada.actor, { attemptId })
    const result = await request(server).get(`/attempts/${attemptId}/result`).set(browserHeaders(ada)).set('Accept', 'text/html')
    expect(result.text).toMatch(/SECRET explanation/)
    expect(result.text).toMatch(/SECRET reason/)
  })
  it('the order of an ordering question is not the right one for everybody', async () => {
    const orders = new Set<string>()
    for (let i = 0; i < 8; i++) {
      const person = await newPerson(test.deps, `Person ${i}`)
      const { attemptId } = await startPractice(test.deps, person.actor, { questionId: 'put-in-order', language: 'en' })
      orders.add(JSON.stringify((await getAttempt(test.deps, person.actor, { attemptId, language: 'en' })).question(1).view))
    }
    expect(orders.size).toBeGreaterThan(2)
  })
  it.each(Object.keys(drafts))('practice of %s gives nothing away until it is asked', async (questionId) => {
    const { attemptId } = await startPractice(test.deps, ada.actor, { questionId, language: 'en' })
    const own = [`/attempts/${attemptId}/1`, `/attempts/${attemptId}/1/outcome`, `/attempts/${attemptId}/state`, `/attempts/${attemptId}/result`, `/practice/${questionId}`]
    const pages = await crawl(own, ada, new RegExp(`^/(attempts/${attemptId}|practice/${questionId})`))
    expect(pages.size).toBeGreaterThanOrEqual(own.length)
    expect([...pages].filter(([, text]) => secrets.test(text)).map(([path]) => path)).toEqual([])
  })
})
