import request from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rules } from '../../server/checker/index.ts'
import { rulePage } from '../../server/http/pages/rule-pages.ts'
import { languages } from '../../server/question-types/index.ts'
import { openTestApp } from '../support/app.ts'
import type { TestApp } from '../support/app.ts'

let test: TestApp
beforeAll(async () => {
  test = await openTestApp()
})
afterAll(() => test.close())

const headers = (language = 'en') => ({ Accept: 'text/html', 'Accept-Language': language, 'Sec-Fetch-Site': 'same-origin' })
const open = (path: string, language?: string) => request(test.app).get(path).set(headers(language))
const send = (fields: Record<string, string>, language?: string) => request(test.app).post('/check').set(headers(language)).type('form').send(new URLSearchParams(fields).toString())
const words = (html: string) => html.replace(/<[^>]+>/g, ' ').replaceAll('&#x3D;', '=').replace(/\s+/g, ' ')
const pod = 'apiVersion: v1\nkind: Pod\nmetadata: { name: login }\nspec:\n  containers:\n  - { name: app, image: "login:1.2" }\n'

describe('the checker without scripts', () => {
  it('says what it does before there is a text', async () => {
    const page = await open('/check')
    expect(page.status).toBe(200)
    expect(page.text).toMatch(/<form id="check-form"[^>]*method="post"[^>]*action="\/check"/)
    expect(words(page.text)).toContain('object by object')
    expect(words((await open('/check', 'zh-CN')).text)).toContain('检查清单')
  })
  it('says what the API server says, with line and column, and keeps the text and the settings', async () => {
    const page = await send({ text: pod.replace('image:', 'imag:'), version: '1.34', closed: '1' })
    expect(page.status).toBe(200)
    expect(page.text).toMatch(/<a class="place" href="#manifest" data-line="6" data-column="18">6:18<\/a><div><p>unknown field &quot;spec\.containers\[0\]\.imag&quot;/)
    expect(words(page.text)).toMatch(/Pod default\/login Rejected/)
    expect(page.text).toContain('imag: &quot;login:1.2&quot;')
    expect(page.text).toContain('<option value="1.34" selected>')
    expect(page.text).toMatch(/id="closed"[^>]* checked/)
  })
  it('advises, links to the rule, and prints the object with its defaults', async () => {
    const page = await open('/check?example=1')
    expect(page.status).toBe(200)
    expect(page.text).toContain('href="/rules/service-selects-a-pod"')
    expect(page.text).toMatch(/<pre[^>]*>apiVersion: v1\nkind: Service[\s\S]*sessionAffinity: None/)
    expect(words(page.text)).toMatch(/Unknown kind .*removed in Kubernetes 1\.25\. Use policy\/v1 instead/)
    expect(words((await open('/check?example=1', 'zh-CN')).text)).toMatch(/app=loby 的 Pod/)
  })
  it('reads the line ends of a form as those of a file', async () => {
    expect((await send({ text: pod.replace('"login:1.2"', '""').replaceAll('\n', '\r\n') })).text).toContain('data-line="6" data-column="25"')
  })
  it('looks for what is missing only where the text is everything', async () => {
    const text = pod.replace('spec:\n', 'spec:\n  serviceAccountName: nobody\n')
    expect((await send({ text })).text).not.toContain('service-account-exists')
    expect((await send({ text, closed: '1' })).text).toContain('service-account-exists')
  })
  it('shows the first bad example of a rule, as the page of the rule offers', async () => {
    const page = await open('/check?example=service-selects-a-pod')
    expect(page.text).toContain('href="/rules/service-selects-a-pod"')
    expect((await open('/check?example=no-such-rule')).text).not.toContain('class="checked"')
  })
})

describe('hostile text', () => {
  it.each([
    ['markup', `${pod.replace('login }', '"<img src=x onerror=alert(1)>" }')}</textarea><script>alert(1)</script>`],
    ['an alias bomb', `a: &a [x, x, x, x, x, x, x, x, x]\n${[...'bcdefghi'].map((name, index) => `${name}: &${name} [${`*${'abcdefghi'[index]}, `.repeat(9)}]`).join('\n')}\n`],
    ['control characters', 'kind: \u0007Pod\n'],
    ['deep nesting', `a: ${'['.repeat(20_000)}`],
    ['a cycle', 'apiVersion: v1\nkind: Pod\nmetadata: &a { name: x, labels: *a }\n'],
    ['thousands of objects', `${pod}---\n`.repeat(1500)],
    ['no text', ''],
  ])('%s is answered with a page', async (_, text) => {
    const page = await send({ text })
    expect(page.status).toBe(200)
    expect(page.text).not.toMatch(/<img src=x|<script>alert/)
    expect(page.text).toContain('</html>')
  })
  it('that is too long is refused, and stays on the page as long as it may', async () => {
    const long = await send({ text: `${pod}#${'x'.repeat(300 * 1024)}` })
    expect(long.status).toBe(413)
    expect(words(long.text)).toContain('longer than 256 KiB')
    expect(long.text).toContain('login:1.2')
    expect((await send({ text: 'x'.repeat(1200 * 1024) })).status).toBe(413)
  })
  it('is told about broken YAML in the language of the page', async () => {
    expect(words((await send({ text: 'a:\n\tb: 1' }, 'zh-CN')).text)).toContain('不能用制表符缩进')
  })
  it('from another site is not read', async () => {
    expect((await request(test.app).post('/check').set({ 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }).type('form').send('text=a')).status).toBe(403)
  })
  it('with settings that do not exist is refused', async () => {
    expect((await send({ text: pod, version: '9.99' })).status).toBe(400)
  })
})

describe('programs', () => {
  const ask = (body: object) => request(test.app).post('/check').set({ Accept: 'application/json', 'Sec-Fetch-Site': 'same-origin' }).send(body)
  it('get the JSON of the command line', async () => {
    const reply = await ask({ text: pod.replace('image:', 'imag:'), version: '1.35', closed: false })
    expect(reply.status).toBe(200)
    expect(reply.body).toMatchObject({ summary: { documents: 1, rejected: 1 }, documents: [{ kind: 'Pod', verdict: 'rejected', line: 1, errors: expect.arrayContaining([expect.objectContaining({ path: 'spec.containers[0].image', line: 6 })]) }] })
  })
  it('get problem documents', async () => {
    const reply = await ask({ text: 'x'.repeat(257 * 1024) })
    expect([reply.status, reply.type, reply.body.code]).toEqual([413, 'application/problem+json', 'too-large'])
  })
})

describe('the rules', () => {
  it('are listed by what they are about, and found by words without scripts', async () => {
    const all = await open('/rules')
    for (const { id } of rules) expect(all.text).toContain(`href="/rules/${id}"`)
    const found = await open('/rules?q=Selector+labels')
    expect(found.text).toContain('/rules/service-selects-a-pod')
    expect(found.text).not.toContain('/rules/claim-exists')
    const hostile = await open(`/rules?q=${encodeURIComponent('"><script>alert(1)</script>')}`)
    expect([hostile.status, hostile.text.includes('<script>alert')]).toEqual([200, false])
    expect(words(hostile.text)).toContain('No rule has these words')
  })
  it.each(languages)('each has a page in %s', async (language) => {
    const page = await open('/rules/service-selects-a-pod', language)
    const rule = rules.find(({ id }) => id === 'service-selects-a-pod')!
    expect(page.status).toBe(200)
    for (const text of [rule.title, rule.why]) expect(words(page.text)).toContain(text[language].split('`')[0]!.trim())
    for (const url of rule.links) expect(page.text).toContain(`href="${url}"`)
    expect(page.text).toContain('hljs-attr')
    expect(page.text).toContain('/check?example=service-selects-a-pod')
  })
  it('that do not exist have none', async () => {
    for (const path of ['/rules/none', '/rules/__proto__', '/rules/%3Cscript%3E']) expect((await open(path)).status).toBe(404)
  })
  it('say something about each of their bad examples, in both languages', () => {
    for (const { id } of rules) for (const language of languages) {
      const page = rulePage(id, language)!
      for (const { says } of page.bad as { says: { message: unknown[] }[] }[]) expect(says.length, id).toBeGreaterThan(0)
    }
  })
})
