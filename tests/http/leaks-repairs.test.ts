/** The same promise as leaks.test.ts for the shipped repairs: no goal, no accepted repair, no near miss, no hint before the end. */
import type { Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import request from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { finishAttempt, getAttempt, startExam } from '../../server/attempts/index.ts'
import { readBank } from '../../server/bank/index.ts'
import type { Bank, BankQuestion } from '../../server/bank/index.ts'
import { createServer } from '../../server/http/server.ts'
import { openTestApp } from '../support/app.ts'
import type { TestApp } from '../support/app.ts'
import { browserHeaders, newPerson } from '../support/people.ts'
import type { Person } from '../support/people.ts'

const shipped = readBank(fileURLToPath(new URL('../../questions', import.meta.url)))
const isRepair = ({ type }: BankQuestion) => type === 'fix-manifest'
// A bank of repairs alone has no other questions to link to.
const repairs = shipped.questions.filter((question) => isRepair(question) && !/\]\(question:/.test(JSON.stringify(question))).slice(0, 6)
const shares = Object.fromEntries(shipped.chapters.map(({ id }) => [id, repairs.filter(({ chapter }) => chapter === id).length] as const).filter(([, count]) => count > 0))
const bank: Bank = { ...shipped, problems: [], questions: repairs, exams: [{ file: 'exams/repairs.yaml', blueprint: { id: 'repairs', title: { en: 'R', 'zh-CN': 'R' }, about: { en: 'R', 'zh-CN': 'R' }, use: 'study', minutes: 30, passMark: null, feedback: 'after-end', weights: { by: 'chapter', shares }, types: { 'fix-manifest': { count: repairs.length, points: 5 } }, difficulty: { 1: 1 } } }] }

let test: TestApp
let server: Server
let ada: Person
beforeAll(async () => {
  test = await openTestApp({ bank })
  server = createServer(test.app).listen(0)
  ada = await newPerson(test.deps)
})
afterAll(async () => {
  server.close()
  await test.close()
})

const words = (html: string) => html.replaceAll(/&(quot|#x27|lt|gt|#x3D|#x60|amp);/g, (_, name: string) => ({ quot: '"', '#x27': "'", lt: '<', gt: '>', '#x3D': '=', '#x60': '`', amp: '&' })[name]!)

/** Texts that only someone who knows the solution has. */
function secretsOf({ files, explanation, hints, prompt }: BankQuestion): string[] {
  const scenario = parse(files['scenario.yaml']!) as { goals?: { says?: Record<string, string> }[] }
  const inFolder = (folder: string) => Object.entries(files).filter(([path]) => path.startsWith(`${folder}/`))
  const given = [...inFolder('broken'), ...inFolder('given')].map(([, text]) => text).join('\n') + prompt.en
  const solutionLines = [...inFolder('repairs'), ...inFolder('near-misses')].flatMap(([, text]) => text.split('\n')).map((line) => line.trim()).filter((line) => line.length >= 16 && !given.includes(line))
  const goalTexts = (scenario.goals ?? []).flatMap(({ says }) => (says ? Object.values(says) : []))
  return [...new Set([...solutionLines, ...goalTexts, ...explanation.en.split('\n').filter((line) => line.length >= 30 && !given.includes(line)), ...hints.map(({ en }) => en)])]
}

describe.skipIf(repairs.length === 0)('the shipped repairs', () => {
  it('give nothing away before the end', { timeout: 600_000 }, async () => {
    const { attemptId } = await startExam(test.deps, ada.actor, { examId: 'repairs', language: 'en' })
    const view = await getAttempt(test.deps, ada.actor, { attemptId, language: 'en' })
    const ask = async (path: string) => words((await request(server).get(path).set(browserHeaders(ada)).set('Accept', 'text/html')).text)
    for (const { slot } of view.slots) {
      const question = repairs.find(({ id }) => id === view.question(slot).questionId)!
      const broken = Object.fromEntries(Object.entries(question.files).filter(([path]) => path.startsWith('broken/')).map(([path, text]) => [path.slice('broken/'.length), `${text}\n# changed\n`]))
      const check = await request(server).post(`/attempts/${attemptId}/${slot}/check`).set(browserHeaders(ada)).set('Accept', 'application/json').send({ revision: 0, answer: broken })
      expect(check.body).toMatchObject({ status: 'precheck', revision: 1 })
      const consoleSays = await Promise.all([...['kubectl get all,networkpolicies,configmaps,events -A -o wide', 'kubectl describe pods,services,networkpolicies', 'kubectl apply -f . --dry-run=client', 'kubectl get networkpolicies,deployments,statefulsets -A'].map((line) => ({ now: 60_000, ask: { do: 'run', line } })), { ask: { do: 'move', by: 300_000 } }, { ask: { do: 'complete', line: 'kubectl apply -f ', cursor: 17 } }].map(async (body) => {
        const reply = await request(server).post(`/attempts/${attemptId}/${slot}/console`).set(browserHeaders(ada)).set('Accept', 'application/json').send(body)
        expect([question.id, body, reply.status]).toEqual([question.id, body, 200])
        return JSON.stringify(reply.body, null, 1)
      }))
      expect(consoleSays.join('\n')).toContain('NAME')
      const seen = [...consoleSays, await ask(`/attempts/${attemptId}/${slot}`), await ask(`/attempts/${attemptId}/${slot}?checked`), JSON.stringify(check.body)].join('\n')
      expect(seen).toContain(question.title.en.replaceAll('`', ''))
      const secrets = secretsOf(question)
      expect(secrets.length).toBeGreaterThan(3)
      expect([question.id, secrets.filter((secret) => seen.includes(secret))]).toEqual([question.id, []])
    }
    await finishAttempt(test.deps, ada.actor, { attemptId })
    // The scan must be able to find something.
    const result = await ask(`/attempts/${attemptId}/result`)
    expect(repairs.flatMap(secretsOf).filter((secret) => result.includes(secret)).length).toBeGreaterThan(3)
  })
})
