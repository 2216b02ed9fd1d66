import type { Express } from 'express'
import request from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getAttempt, startExam, startPractice } from '../../server/attempts/index.ts'
import { openTestApp } from '../support/app.ts'
import type { TestApp } from '../support/app.ts'
import { examId } from '../support/bank.ts'
import { browserHeaders, newPerson } from '../support/people.ts'
import type { Person } from '../support/people.ts'

let test: TestApp
let app: Express
let ada: Person
let eve: Person
beforeAll(async () => {
  test = await openTestApp()
  app = test.app
  ada = await newPerson(test.deps)
  eve = await newPerson(test.deps, 'Eve')
})
afterAll(() => test.close())

async function begin(person = ada) {
  const { attemptId } = await startExam(test.deps, person.actor, { examId, language: 'en' })
  const view = await getAttempt(test.deps, person.actor, { attemptId, language: 'en' })
  const slotOf = (type: string) => view.slots.find((slot) => slot.type === type)!.slot
  return { attemptId, slotOf, url: `/attempts/${attemptId}/${slotOf('short-answer')}` }
}
const json = (url: string, body: unknown, person: Person | undefined = ada) => request(app).post(url).set(browserHeaders(person)).set('Accept', 'application/json').send(body as object)
const form = (url: string, body: Record<string, string>, person = ada) => request(app).post(url).set(browserHeaders(person)).set('Accept', 'text/html').type('form').send(body)

describe('saving by script', () => {
  it('answers 200, 409 with the stored answer, 410 after the end', async () => {
    const { url, attemptId } = await begin()
    const first = await json(`${url}/answer`, { revision: 0, answer: 'one' })
    expect([first.status, first.body]).toEqual([200, { revision: 1, savedAt: test.clock.now().toISOString(), secondsLeft: 1800 }])
    const stale = await json(`${url}/answer`, { revision: 0, answer: 'two' })
    expect(stale.status).toBe(409)
    expect(stale.headers['content-type']).toContain('application/problem+json')
    expect(stale.body).toMatchObject({ type: '/problems/conflict', status: 409, code: 'conflict', stored: { answer: 'one', revision: 1, savedAt: test.clock.now().toISOString() } })
    const finish = await json(`/attempts/${attemptId}/finish`, {})
    expect([finish.status, finish.body]).toEqual([200, { state: 'finished' }])
    expect((await json(`${url}/answer`, { revision: 1, answer: 'three' })).status).toBe(410)
  })
  it('gives the clock and the revisions', async () => {
    const { url, attemptId, slotOf } = await begin()
    await json(`${url}/answer`, { revision: 0, answer: 'one' })
    const state = await request(app).get(`/attempts/${attemptId}/state`).set(browserHeaders(ada)).set('Accept', 'application/json')
    expect(state.body).toMatchObject({ state: 'running', secondsLeft: 1800, revisions: { [slotOf('short-answer')]: 1, [slotOf('ordering')]: 0 } })
    expect(state.headers['cache-control']).toBe('no-store')
  })
  it('flags, and checks what an exam may say', async () => {
    const { url, attemptId, slotOf } = await begin()
    expect((await json(`${url}/flag`, { flagged: true })).body).toEqual({ flagged: true })
    expect((await getAttempt(test.deps, ada.actor, { attemptId, language: 'en' })).slots[slotOf('short-answer') - 1]!.flagged).toBe(true)
    expect((await json(`${url}/check`, {})).body).toMatchObject({ status: 'precheck', ok: true })
    expect((await json(`${url}/hint`, { tier: 1 })).status).toBe(403)
  })
  it('in practice shows hints and verdicts', async () => {
    const { attemptId } = await startPractice(test.deps, ada.actor, { questionId: 'say-it', language: 'en' })
    expect((await json(`/attempts/${attemptId}/1/hint`, { tier: 2 })).body.hints).toHaveLength(2)
    expect((await json(`/attempts/${attemptId}/1/check`, { revision: 0, answer: 'SECRET password' })).body).toMatchObject({ status: 'graded', revision: 1, grade: { score: 1 } })
  })
})

describe('saving by a plain form', () => {
  it.each([['next', 1], ['prev', -1], ['3', undefined], ['', 0], ['nonsense', 0]])('go=%s saves and leads on', async (go, step) => {
    const person = await newPerson(test.deps, 'Form')
    const { url, attemptId, slotOf } = await begin(person)
    const slot = slotOf('short-answer')
    const response = await form(`${url}/answer`, { revision: '0', answer: `go ${go}`, go }, person)
    expect([response.status, response.headers.location]).toEqual([303, `/attempts/${attemptId}/${step === undefined ? 3 : slot + step}`])
    expect((await getAttempt(test.deps, person.actor, { attemptId, language: 'en' })).question(slot).answer).toBe(`go ${go}`)
  })
  it('reads answers of several fields, and finishes', async () => {
    const person = await newPerson(test.deps, 'Form')
    const { attemptId, slotOf } = await begin(person)
    const slot = slotOf('matching')
    const { view } = (await getAttempt(test.deps, person.actor, { attemptId, language: 'en' })).question(slot)
    const [left] = view.lefts as { id: string; options: { id: string }[] }[]
    const response = await form(`/attempts/${attemptId}/${slot}/answer`, { revision: '0', [`answer[${left!.id}]`]: left!.options[0]!.id, go: 'finish' }, person)
    expect(response.headers.location).toBe(`/attempts/${attemptId}/finish`)
    expect((await getAttempt(test.deps, person.actor, { attemptId, language: 'en' })).question(slot).answer).toEqual({ [left!.id]: left!.options[0]!.id })
    const finish = await form(`/attempts/${attemptId}/finish`, {}, person)
    expect([finish.status, finish.headers.location]).toEqual([303, `/attempts/${attemptId}/result`])
  })
  it('a stale form gets a page, not JSON', async () => {
    const { url } = await begin()
    await form(`${url}/answer`, { revision: '0', answer: 'a' })
    const response = await form(`${url}/answer`, { revision: '0', answer: 'b' })
    expect(response.status).toBe(409)
    expect(response.headers['content-type']).toContain('text/html')
  })
})

describe('what is not yours', () => {
  it('looks exactly like what does not exist', async () => {
    const { url, attemptId } = await begin()
    const bodies = new Set<string>()
    const plain = (body: Record<string, unknown>) => JSON.stringify({ ...body, requestId: '' })
    for (const person of [eve, { ...eve, cookie: 'readyz_session=stale' }]) {
      for (const path of [`${url}/answer`, `${url}/check`, `${url}/flag`, `${url}/hint`, `/attempts/${attemptId}/finish`, '/attempts/unknown/1/answer', '/nowhere']) {
        const response = await json(path, { revision: 0, answer: 'x', tier: 1, flagged: true }, person)
        expect([path, response.status]).toEqual([path, 404])
        bodies.add(plain(response.body))
      }
      const state = await request(app).get(`/attempts/${attemptId}/state`).set(browserHeaders(person)).set('Accept', 'application/json')
      expect(state.status).toBe(404)
      bodies.add(plain(state.body))
    }
    expect(bodies.size).toBe(1)
  })
  it('without any cookie a save says so, before anything is looked up', async () => {
    const { url } = await begin()
    expect((await json(`${url}/answer`, { revision: 0, answer: 'x' }, { ...ada, cookie: '' })).status).toBe(401)
  })
})

describe('where a request may come from', () => {
  it.each([
    [{ 'Sec-Fetch-Site': 'same-origin' }, 200],
    [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
    [{ 'Sec-Fetch-Site': 'same-site' }, 403],
    [{ 'Sec-Fetch-Site': 'none' }, 403],
    [{ 'Sec-Fetch-Site': 'cross-site', Origin: 'http://localhost:3000' }, 403],
    [{ Origin: 'http://localhost:3000' }, 200],
    [{ Origin: 'http://quiz.lan:8080', Host: 'quiz.lan:8080' }, 200],
    [{ Origin: 'http://evil.example' }, 403],
    [{ Origin: 'null' }, 403],
    [{}, 403],
  ])('%j → %i', async (headers, status) => {
    const person = await newPerson(test.deps, 'Origin')
    const { url } = await begin(person)
    const response = await request(app).post(`${url}/answer`).set('Cookie', person.cookie).set('Accept', 'application/json').set(headers as unknown as Record<string, string>).send({ revision: 0, answer: 'x' })
    expect(response.status).toBe(status)
  })
})

describe('bad input', () => {
  const raw = (url: string, type: string, body: string | Buffer) => request(app).post(url).set(browserHeaders(ada)).set('Accept', 'application/json').set('Content-Type', type).send(body as string)
  it.each([
    ['broken JSON', 'application/json', '{"revision":', 400],
    ['no object', 'application/json', '[1,2]', 400],
    ['a wrong revision', 'application/json', '{"revision":-1,"answer":"x"}', 400],
    ['a wrong answer', 'application/json', '{"revision":0,"answer":{"a":1}}', 400],
    ['no answer', 'application/json', '{"revision":0}', 400],
    ['not UTF-8', 'application/json', Buffer.from('{"revision":0,"answer":"\xff\xfe"}', 'latin1'), 400],
    ['another charset', 'application/json; charset=utf-16', '{}', 400],
    ['too large', 'application/json', JSON.stringify({ revision: 0, answer: 'x'.repeat(600_000) }), 413],
    ['very deep', 'application/json', `{"revision":0,"answer":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 400],
    ['a prototype', 'application/json', '{"revision":0,"answer":{"__proto__":{"x":1}}}', 400],
    ['no body', 'application/json', '', 400],
    ['another type', 'text/plain', 'x', 400],
  ])('%s', async (_, type, body, status) => {
    const { url } = await begin()
    const response = await raw(`${url}/answer`, type, body)
    expect(response.status).toBe(status)
    expect(response.headers['content-type']).toContain('application/problem+json')
  })
  it.each(['/attempts/%00/1/answer', '/attempts/x/0/answer', '/attempts/x/abc/answer', '/attempts/%E0%A4%A/1/answer'])('a strange address %s', async (path) => {
    expect([400, 404]).toContain((await json(path, { revision: 0, answer: 'x' })).status)
  })
})

describe('every response', () => {
  it.each(['/healthz', '/readyz', '/nowhere'])('%s has the headers that keep pages safe', async (path) => {
    const { headers } = await request(app).get(path)
    expect(headers['content-security-policy']).toMatch(/^default-src 'none';script-src 'self';style-src 'self';/)
    expect(headers['content-security-policy']).not.toContain('unsafe')
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'same-origin' })
    expect(headers).toHaveProperty('x-request-id')
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('strict-transport-security')
  })
  it('a broken database makes /readyz say so, and an unexpected error tells nothing', async () => {
    const broken = await openTestApp()
    const person = await newPerson(broken.deps)
    await broken.deps.db.$executeRawUnsafe('DROP TABLE "AttemptSlot"')
    const response = await request(broken.app).get('/attempts/x/state').set(browserHeaders(person)).set('Accept', 'application/json')
    expect(response.status).toBe(500)
    expect(JSON.stringify(response.body)).not.toMatch(/AttemptSlot|prisma|sql/i)
    await broken.close()
  })
})

describe('limits', () => {
  it('stops a browser that saves without end, and says when to go on', async () => {
    const limited = await openTestApp({ config: { savesPerMinute: 3 } })
    const [one, two] = [await newPerson(limited.deps), await newPerson(limited.deps)]
    const ask = (person: Person) => request(limited.app).post('/attempts/x/1/answer').set(browserHeaders(person)).set('Accept', 'application/json').send({ revision: 0, answer: '' })
    for (let i = 0; i < 3; i++) expect((await ask(one)).status).toBe(404)
    const refused = await ask(one)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect((await ask(two)).status).toBe(404)
    await limited.close()
  })
})
