/** No JavaScript, keyboard alone, a phone, Chinese, the dark theme: the quiz works for everybody. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { expectAccessible, expectNoSidewaysScroll, expectSaveState, visit } from './support/browser.ts'
import { openSite, start } from './support/site.ts'

const site = openSite()
const small = openSite({ bank: {} })

describe('without JavaScript', () => {
  it('a whole quiz works as plain forms', async () => {
    const { page, context } = await visit(site.browser, `${small.url}/exams/everything`, { javaScriptEnabled: false })
    await start(page)
    for (let slot = 1; slot <= 7; slot++) {
      expect(page.url()).toMatch(new RegExp(`/${slot}$`))
      const type = await page.getAttribute('#answer-form', 'data-type')
      if (type === 'single-choice') await page.locator('input[type="radio"]').first().check()
      else if (type === 'multiple-choice') await page.locator('input[type="checkbox"]').first().check()
      else if (type === 'ordering') for (const [index, select] of (await page.locator('select').all()).entries()) await select.selectOption(String(index + 1))
      else if (type === 'matching') for (const select of await page.locator('.pair select').all()) await select.selectOption({ index: 1 })
      else if (type === 'scenario-diagnosis') for (const name of ['cause', 'next']) await page.locator(`input[name="answer[${name}]"]`).first().check()
      else await page.fill('[name="answer"]', '48271')
      await page.locator(`.actions button[value="${slot < 7 ? 'next' : 'finish'}"]`).click()
    }
    expect(await page.locator('main').textContent()).toContain('Every question is answered')
    await page.getByRole('button', { name: 'Finish now' }).click()
    expect(await page.locator('.percent').textContent()).toMatch(/\d+ %/)
    await context.close()
  })

  it('a manifest is repaired in a plain text field', async () => {
    const { page, context } = await visit(site.browser, `${site.url}/practice/players-locked-out`, { javaScriptEnabled: false })
    await start(page)
    const field = page.locator('textarea').first()
    await field.fill((await field.inputValue()).replace('10.0.0.0/8', '203.0.113.0/24'))
    await page.locator('.actions button[value="check"]').click()
    expect(await page.locator('#outcome').textContent()).toContain('What the cluster had to do')
    await context.close()
  })
})

/** Presses Tab until the focused element matches; fails when it never does. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 120; presses++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return
  }
  throw new Error(`Tab never reached ${selector} on ${page.url()}`)
}

describe('with the keyboard alone', () => {
  it('a whole quiz is answered and handed in', async () => {
    const { page, context } = await visit(site.browser, `${small.url}/exams/everything`)
    await tabTo(page, '[name="name"]')
    await page.keyboard.type('Ada')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/1$/)
    for (let slot = 1; slot <= 7; slot++) {
      const type = await page.getAttribute('#answer-form', 'data-type')
      if (type === 'single-choice' || type === 'multiple-choice') {
        await tabTo(page, '.choices input')
        await page.keyboard.press('Space')
      } else if (type === 'ordering') {
        await tabTo(page, '[data-move="down"]')
        await page.keyboard.press('Enter')
      } else if (type === 'matching') {
        await tabTo(page, '.pair select')
        await page.keyboard.press('ArrowDown')
      } else if (type === 'scenario-diagnosis') {
        for (const name of ['cause', 'next']) {
          await tabTo(page, `input[name="answer[${name}]"]`)
          await page.keyboard.press('Space')
        }
      } else {
        await tabTo(page, '[name="answer"]')
        await page.keyboard.type('48271')
      }
      await expectSaveState(page, /^Saved/).catch((error: Error) => { throw new Error(`${type}: ${error.message}`) })
      await tabTo(page, `.actions button[value="${slot < 7 ? 'next' : 'finish'}"]`)
      await Promise.all([page.waitForURL(slot < 7 ? new RegExp(`/${slot + 1}$`) : /\/finish$/), page.keyboard.press('Enter')])
    }
    await tabTo(page, 'form[data-finish] button[type="submit"]')
    await Promise.all([page.waitForURL(/\/result$/), page.keyboard.press('Enter')])
    expect(await page.locator('.percent').textContent()).toMatch(/\d+ %/)
    await context.close()
  })
})

describe('in Chinese on a phone', () => {
  it('every page fits 360 pixels, says what language it speaks, and reads as Chinese', async () => {
    const { page, context, complaints } = await visit(site.browser, site.url, { locale: 'zh-CN', viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true })
    expect(await page.getAttribute('html', 'lang')).toBe('zh-CN')
    const paths = ['/', '/practice', '/practice/players-locked-out', '/exams/screening-interview', '/sections/s31-service', '/help', '/about']
    for (const path of paths) {
      await page.goto(site.url + path)
      await expectNoSidewaysScroll(page, path)
      await expectAccessible(page, path)
      expect(await page.locator('h1').first().textContent(), path).toMatch(/[一-鿿]/)
    }
    await page.goto(`${site.url}/practice/players-locked-out`)
    await page.fill('[name="name"]', '小明').catch(() => undefined)
    await page.locator('main form button[type="submit"]').last().click()
    await page.waitForURL(/\/attempts\//)
    await expectNoSidewaysScroll(page, 'question')
    await expectAccessible(page, 'question')
    expect(complaints).toEqual([])
    await context.close()
  })

  it('the language is switched on any page and stays', async () => {
    const { page, context } = await visit(site.browser, `${site.url}/practice`)
    expect(await page.getAttribute('html', 'lang')).toBe('en')
    await page.locator('form[action="/language"] button[value="zh-CN"]').first().click()
    await page.waitForFunction(() => document.documentElement.lang === 'zh-CN')
    expect(new URL(page.url()).pathname).toBe('/practice')
    await page.goto(site.url)
    expect(await page.getAttribute('html', 'lang')).toBe('zh-CN')
    await context.close()
  })
})

describe('in the dark and at 320 pixels', () => {
  it.each(['/', '/practice', '/sections/s23-probes', '/help', '/no-such-page'])('%s is accessible', async (path) => {
    const { page, context } = await visit(site.browser, site.url + path, { colorScheme: 'dark', viewport: { width: 320, height: 700 } })
    await expectAccessible(page, path)
    await expectNoSidewaysScroll(page, path)
    await context.close()
  })
})
