/** kubectl beside a repair: what a browser may ask for, with and without scripts, and what it may not. */
import { fileURLToPath } from 'node:url'
import type { Express } from 'express'
import request from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { finishAttempt, getAttempt, startExam, startPractice } from '../../server/attempts/index.ts'
import { readBank } from '../../server/bank/index.ts'
import type { Bank } from '../../server/bank/index.ts'
import { variantsIn } from '../../server/question-types/fix-manifest/files.ts'
import { openTestApp } from '../support/app.ts'
import type { TestApp } from '../support/app.ts'
import { browserHeaders, newPerson } from '../support/people.ts'
import type { Person } from '../support/people.ts'

const shipped = readBank(fileURLToPath(new URL('../../questions', import.meta.url)))
const question = shipped.questions.find(({ id }) => id === 'players-locked-out')!
const text = { en: 'R', 'zh-CN': 'R' }
const bank: Bank = { ...shipped, problems: [], questions: [question], exams: [{ file: 'exams/r.yaml', blueprint: { id: 'r', title: text, about: text, use: 'study', minutes: 30, passMark: null, feedback: 'after-end', weights: { by: 'chapter', shares: { [question.chapter]: 1 } }, types: { 'fix-manifest': { count: 1, points: 5 } }, difficulty: { 1: 1 } } }] }
const repair = variantsIn(question.files, 'repairs').find(({ name }) => name === 'one-policy')!.answer

let test: TestApp
let app: Express
let ada: Person
let eve: Person
let practice: string
let exam: string
beforeAll(async () => {
  test = await openTestApp({ bank })
  app = test.app
  ada = await newPerson(test.deps)
  eve = await newPerson(test.deps, 'Eve')
  practice = `/attempts/${(await startPractice(test.deps, ada.actor, { questionId: question.id, language: 'en' })).attemptId}/1`
  exam = `/attempts/${(await startExam(test.deps, ada.actor, { examId: 'r', language: 'en' })).attemptId}/1`
}, 60_000)
afterAll(() => test.close())

const json = (url: string, body: unknown, person: Person = ada) => request(app).post(`${url}/console`).set(browserHeaders(person)).set('Accept', 'application/json').send(body as object)
const form = (url: string, fields: Record<string, string>) => request(app).post(`${url}/console`).set(browserHeaders(ada)).set('Accept', 'text/html').type('form').send(fields)
const run = (line: string) => ({ do: 'run', line })
const words = (html: string) => html.replaceAll('&quot;', '"').replaceAll('&#x3D;', '=').replaceAll('&gt;', '>').replaceAll('&lt;', '<')

describe('by script', () => {
  it('prints what kubectl prints at the moment of the clock, and says what must be played again', { timeout: 60_000 }, async () => {
    const { status, body } = await json(practice, { now: 30_000, ask: run('kubectl get networkpolicies') })
    expect(status).toBe(200)
    expect(body.printed).toMatchObject([{ at: 30_000, exitCode: 0, keeps: false, text: expect.stringContaining('POD-SELECTOR') as string }])
    const deleted = await json(practice, { now: 30_000, ask: run('kubectl delete networkpolicy --all') })
    expect(deleted.body.printed[0].keeps).toBe(true)
  })
  it('lets an exam see nothing but the files as they were given', { timeout: 60_000 }, async () => {
    expect((await json(exam, { files: repair, ask: { do: 'begin' } })).status).toBe(403)
    expect((await json(exam, { ask: { ...run('kubectl apply -f policy.yaml'), files: repair } })).status).toBe(400)
    expect((await json(exam, { done: [{ at: 0, line: 'kubectl apply -f policy.yaml', files: repair }], ask: run('kubectl get netpol') })).status).toBe(400)
    const { body } = await json(exam, { ask: run('kubectl apply -f policy.yaml') })
    expect(body.printed[0].text).toMatch(/unchanged/)
    expect(body.printed[0].text).not.toMatch(/configured/)
    expect((await json(practice, { ask: { ...run('kubectl apply -f policy.yaml'), files: repair } })).body.printed[0].text).toMatch(/configured/)
  })
  it('is nobody else\'s, needs the own page, and takes no more than it says', { timeout: 60_000 }, async () => {
    const ask = { do: 'begin' }
    expect((await json(practice, { ask }, eve)).status).toBe(404)
    expect((await request(app).post(`${practice}/console`).set({ ...browserHeaders(ada), 'Sec-Fetch-Site': 'cross-site' }).send({ ask })).status).toBe(403)
    expect((await json(practice, { files: { 'policy.yaml': 'x'.repeat(65_537) }, ask })).status).toBe(413)
    expect((await json(practice, { done: Array.from({ length: 201 }, () => ({ at: 0, line: 'x' })), ask })).status).toBe(400)
    expect((await json(practice, { ask: run('x'.repeat(501)) })).status).toBe(400)
    expect((await json(practice, { now: -1, ask })).status).toBe(400)
    expect((await json(practice, { ask: { do: 'look', at: 0, lines: ['kubectl get pods'], run: 'main' } })).status).toBe(400)
    expect((await json(`${practice.slice(0, -1)}2`, { ask })).status).toBe(404)
  })
  it('says why files cannot be read, instead of playing them', { timeout: 60_000 }, async () => {
    const { body } = await json(practice, { files: { 'policy.yaml': 'kind: [}{' }, ask: run('kubectl get pods') })
    expect(body.unreadable[0]).toMatchObject({ file: 'policy.yaml' })
    expect(body.printed).toEqual([])
  })
  it('stops a browser that asks without end', { timeout: 60_000 }, async () => {
    const limited = await openTestApp({ bank, config: { savesPerMinute: 2 } })
    const person = await newPerson(limited.deps)
    const ask = () => request(limited.app).post('/attempts/x/1/console').set(browserHeaders(person)).set('Accept', 'application/json').send({ ask: { do: 'begin' } })
    expect([(await ask()).status, (await ask()).status, (await ask()).status]).toEqual([404, 404, 429])
    await limited.close()
  })
})

describe('by plain form', () => {
  it('carries commands and clock from page to page, and saves what stands in the editor', { timeout: 60_000 }, async () => {
    const edited = `# looked at\n${repair['policy.yaml']!}`
    const first = words((await form(practice, { revision: '0', 'answer[policy.yaml]': edited, 'console[line]': 'kubectl apply -f policy.yaml', 'console[do]': 'run' })).text)
    expect(first).toContain('# looked at')
    expect(first).toMatch(/networkpolicy.networking.k8s.io\/\S+ configured/)
    const field = (html: string, name: string) => new RegExp(`name="console\\[${name}\\]" value="([^"]*)"`).exec(html)![1]!
    const raw = (await form(practice, { 'console[do]': 'jump', 'console[now]': '0', 'console[done]': JSON.stringify([{ at: 0, line: 'kubectl get pods' }]) })).text
    expect(field(raw, 'now')).toBe('30000')
    expect(words(raw)).toMatch(/0:30\.0[\s\S]*kubectl get pods[\s\S]*READY/)
    const attempt = await getAttempt(test.deps, ada.actor, { attemptId: practice.split('/')[2]!, language: 'en' })
    expect(attempt.question(1).answer).toEqual({ 'policy.yaml': edited })
  })
  it('keeps the command when a file is too big or cannot be read, and names the file', { timeout: 60_000 }, async () => {
    const sent = async (text: string): Promise<string> => {
      const { question: of } = await getAttempt(test.deps, ada.actor, { attemptId: practice.split('/')[2]!, language: 'en' })
      return words((await form(practice, { revision: String(of(1).revision), 'answer[policy.yaml]': text, 'console[start]': 'own', 'console[was]': 'own', 'console[line]': 'kubectl get pods', 'console[do]': 'run' })).text)
    }
    const big = await sent(`# ${'x'.repeat(70_000)}\n`)
    expect(big).toContain('policy.yaml has 69 KiB')
    expect(big).toContain('value="kubectl get pods"')
    const broken = await sent('kind: [Pod\n')
    expect(broken).toContain('The files cannot be read')
    expect(broken).toContain('value="kubectl get pods"')
  })
  it('keeps the page when the state that came along is nonsense', { timeout: 60_000 }, async () => {
    const { status, text: html } = await form(practice, { 'console[do]': 'run', 'console[done]': '{{{', 'console[now]': '3600001', 'console[line]': 'kubectl get pods' })
    expect([status, words(html).includes('200 commands')]).toEqual([200, true])
  })
})

describe('looking back', () => {
  it('is closed while an exam runs, and afterwards shows both runs at a moment', { timeout: 60_000 }, async () => {
    const get = (url: string, accept: string) => request(app).get(url).set(browserHeaders(ada)).set('Accept', accept)
    expect((await get(`${exam}/timeline?at=30000`, 'application/json')).status).toBe(410)
    await request(app).post(`${exam}/answer`).set(browserHeaders(ada)).set('Accept', 'application/json').send({ revision: 0, answer: repair })
    await finishAttempt(test.deps, ada.actor, { attemptId: exam.split('/')[2]! })
    const { body } = await get(`${exam}/timeline?at=30000&command=${encodeURIComponent('kubectl get netpol -o yaml')}`, 'application/json')
    expect([body.before.printed.length, body.after.printed.length]).toEqual([2, 2])
    expect(body.before.printed[0].text).toContain('READY')
    expect(body.after.printed[1].text).not.toBe(body.before.printed[1].text)
    const page = words((await get(`${exam}/timeline?seconds=30`, 'text/html')).text)
    expect(page).toMatch(/30 s[\s\S]*READY[\s\S]*READY/)
    expect((await request(app).get(`${exam}/timeline`).set(browserHeaders(eve))).status).toBe(404)
    // What is not there is said with what to do, on the page and to scripts, in the language of the reader.
    const noRun = await get(`${exam}/timeline?run=nope&seconds=30`, 'application/json')
    expect([noRun.status, noRun.body]).toMatchObject([404, { code: 'not-found', detail: 'There is no run of this name. The runs of this question: main.', runs: ['main'] }])
    const listed = await get(`${exam}/timeline?run=nope&seconds=30`, 'text/html')
    expect(listed.status).toBe(404)
    expect(words(listed.text)).toMatch(/role="alert"[^]*The runs of this question: main\.[^]*href="\/attempts\/[^"]+\/timeline\?run=main&amp;seconds=30"/)
    for (const wrong of ['abc', '-1', '3601', '1e9']) {
      const unread = await get(`${exam}/timeline?seconds=${wrong}&command=kubectl+get+svc`, 'text/html')
      expect([wrong, unread.status]).toEqual([wrong, 400])
      expect(words(unread.text)).toMatch(new RegExp(`from 0 to 3600[^]*name="seconds" value="${wrong}"[^]*value="kubectl get svc"`))
    }
    const inChinese = await request(app).get(`${exam}/timeline?seconds=abc`).set({ ...browserHeaders(ada), 'Accept-Language': 'zh-CN' }).set('Accept', 'application/json')
    expect([inChinese.status, inChinese.body.detail]).toEqual([400, '这不是有效的时刻。请填写应用之后的秒数，0 到 3600 之间的数字，例如 30 或 7.5。'])
    expect((await json(exam, { ask: { do: 'begin' } })).status).toBe(410)
  })
})
