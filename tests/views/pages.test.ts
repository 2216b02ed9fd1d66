import type { Express } from 'express'
import request from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestApp } from '../support/app.ts'
import type { TestApp } from '../support/app.ts'
import { examId } from '../support/bank.ts'

let test: TestApp
let app: Express
beforeAll(async () => {
  test = await openTestApp()
  app = test.app
})
afterAll(() => test.close())

/** A browser without scripts: keeps cookies, follows redirects, fills in forms. */
function browser(language = 'en') {
  const cookies = new Map<string, string>()
  const headers = () => ({ Accept: 'text/html', 'Accept-Language': language, 'Sec-Fetch-Site': 'same-origin', Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') })
  const take = (response: request.Response) => {
    for (const line of (response.headers['set-cookie'] as unknown as string[] | undefined) ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      cookies.set(name!, value!)
    }
    return response
  }
  async function open(path: string): Promise<request.Response & { path: string }> {
    const response = take(await request(app).get(path).set(headers()))
    return response.status === 303 ? open(response.headers.location as string) : Object.assign(response, { path })
  }
  async function send(path: string, fields: Record<string, string | string[]>): Promise<request.Response & { path: string }> {
    const body = new URLSearchParams(Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]))).toString()
    const response = take(await request(app).post(path).set(headers()).type('form').send(body))
    return response.status === 303 ? open(response.headers.location as string) : Object.assign(response, { path })
  }
  return { open, send }
}

/** The fields of the answer form as a browser would send them, with the first choice of everything. */
function filled(html: string): Record<string, string | string[]> {
  const form = /<form id="answer-form"[\s\S]*?<\/form>/.exec(html)![0]
  const fields: Record<string, string | string[]> = { revision: /name="revision" value="(\d+)"/.exec(form)![1]! }
  for (const [, name] of form.matchAll(/<input type="text" id="answer" name="([^"]+)"/g)) fields[name!] = 'wrong'
  for (const [, name, value] of form.matchAll(/<input type="(?:radio|checkbox)" name="([^"]+)" value="([^"]+)"/g)) fields[name!] ??= value!
  for (const [index, [, name, options]] of [...form.matchAll(/<select name="([^"]+)"[^>]*>([\s\S]*?)<\/select>/g)].entries()) {
    const values = [...options!.matchAll(/value="([^"]*)"/g)].map(([, value]) => value!).filter((value) => value !== '')
    fields[name!] = values[index % values.length]!
  }
  return fields
}
const textOf = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')

describe('without scripts', () => {
  it('a quiz can be sat from the start page to the result, and gives nothing away before the end', async () => {
    const { open, send } = browser()
    expect(textOf((await open('/')).text)).toContain('Everything')
    const nameless = await send(`/exams/${examId}/attempts`, { name: '  ' })
    expect(nameless.status).toBe(400)
    expect(nameless.text).toMatch(/role="alert"[\s\S]*href="#name"/)
    let page = await send(`/exams/${examId}/attempts`, { name: 'Ada' })
    const attempt = page.path.split('/')[2]!
    const count = page.text.match(/<button type="submit" form="answer-form"/g)!.length
    expect(count).toBe(7)
    for (let slot = 1; slot <= count; slot++) {
      expect([page.status, page.path]).toEqual([200, `/attempts/${attempt}/${slot}`])
      expect(page.text).not.toContain('SECRET')
      page = await send(`${page.path}/answer`, { ...filled(page.text), go: slot < count ? 'next' : 'finish' })
    }
    expect(page.path).toBe(`/attempts/${attempt}/finish`)
    expect(textOf(page.text)).toContain('Every question is answered')
    const result = await send(`/attempts/${attempt}/finish`, {})
    expect(result.path).toBe(`/attempts/${attempt}/result`)
    expect(result.text).toContain('SECRET explanation')
    expect(result.text.match(/<details class="looked"/g)).toHaveLength(7)
    expect((await open(`/attempts/${attempt}/1`)).path).toBe(`/attempts/${attempt}/result`)
  })
  it('an answer survives going back, flags stay, and unanswered questions are listed', async () => {
    const { send, open } = browser()
    const first = await send(`/exams/${examId}/attempts`, { name: 'Ada' })
    const fields = filled(first.text)
    const flagged = await send(`${first.path}/answer`, { ...fields, go: 'flag' })
    expect(flagged.text).toMatch(/aria-pressed="true" data-flag/)
    const again = await open(first.path)
    expect(filled(again.text).revision).not.toBe('0')
    const finish = await open(first.path.replace(/\/1$/, '/finish'))
    expect(textOf(finish.text)).toContain('6 questions are not answered')
    expect(textOf(finish.text)).toContain('1 question is flagged')
  })
  it('practice checks, hints and explains in place', async () => {
    const { send } = browser()
    const page = await send('/practice/say-it', { name: 'Ada' })
    expect(textOf((await send(`${page.path}/answer`, { answer: '', revision: '0', go: 'check' })).text)).toContain('Nothing was answered yet')
    const fields = { ...filled(page.text), revision: '1' }
    const hinted = await send(`${page.path}/answer`, { ...fields, go: 'hint-1' })
    expect(hinted.text).toContain('SECRET nudge')
    expect(hinted.text).not.toContain('strong hint')
    const checked = await send(`${page.path}/answer`, { ...filled(hinted.text), go: 'check' })
    expect(textOf(checked.text)).toContain('Not yet')
    expect(checked.text).not.toContain('SECRET explanation')
    expect((await send(`${page.path}/answer`, { ...filled(checked.text), go: 'explain' })).text).toContain('SECRET explanation')
  })
  it('what lost against a newer answer is shown to be copied', async () => {
    const { send } = browser()
    const page = await send('/practice/say-it', { name: 'Ada' })
    await send(`${page.path}/answer`, { answer: 'newer', revision: '0', go: 'stay' })
    const lost = await send(`${page.path}/answer`, { answer: 'typed <here>', revision: '0', go: 'stay' })
    expect(lost.status).toBe(409)
    expect(lost.text).toContain('typed &lt;here&gt;')
  })
})

describe('language and colours', () => {
  it('are negotiated, switched and remembered', async () => {
    const { open, send } = browser('zh-CN,zh;q=0.9,en;q=0.5')
    expect((await open('/practice')).text).toContain('<html lang="zh-CN">')
    const switched = await send('/language', { language: 'en', back: '/practice?type=ordering' })
    expect(switched.path).toBe('/practice?type=ordering')
    expect((await open('/about')).text).toContain('<html lang="en">')
    expect((await send('/theme', { theme: 'dark', back: '/about' })).text).toContain('<html lang="en" data-theme="dark">')
  })
  it.each(['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/a\r\nSet-Cookie: x=1'])('never lead to %s', async (back) => {
    expect((await browser().send('/language', { language: 'en', back })).path).toBe('/')
  })
  it('a language that does not exist is refused', async () => {
    expect((await browser().send('/language', { language: 'xx', back: '/' })).status).toBe(400)
  })
})

describe('pages that are not there', () => {
  it.each(['/nowhere', '/sections/none', '/practice/none', '/exams/none', '/dev/gallery', '/attempts/x/y/z'])('%s is a plain 404 page', async (path) => {
    const page = await browser().open(path)
    expect(page.status).toBe(404)
    expect(page.text).toContain('Nothing here')
  })
  it('other people’s attempts look the same as none', async () => {
    const page = await browser().send(`/exams/${examId}/attempts`, { name: 'Ada' })
    const eve = browser()
    await eve.send('/practice/say-it', { name: 'Eve' })
    const [foreign, unknown] = await Promise.all([eve.open(page.path), eve.open('/attempts/AAAAAAAAAAAAAAAAAAAAAA/1')])
    expect([foreign.status, unknown.status]).toEqual([404, 404])
    expect(foreign.text.replaceAll(page.path, '')).toBe(unknown.text.replaceAll('/attempts/AAAAAAAAAAAAAAAAAAAAAA/1', ''))
  })
})

it('the practice list filters by chapter, type, level and words', async () => {
  const { open } = browser()
  expect(textOf((await open('/practice')).text)).toContain('7 questions')
  expect(textOf((await open('/practice?type=ordering')).text)).toContain('1 question')
  expect(textOf((await open('/practice?q=SHORT-answer%20this')).text)).toContain('1 question')
  expect(textOf((await open('/practice?difficulty=5')).text)).toContain('No question fits')
  expect((await open('/practice?type=a&type=b')).status).toBe(200)
})
