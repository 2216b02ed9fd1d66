/** A person sits a whole quiz with every type of question, flags, moves about, finishes and reads the result. */
import { describe, expect, it } from 'vitest'
import { answerSomehow, go } from './support/answers.ts'
import { expectAccessible, expectSaveState, visit } from './support/browser.ts'
import { openSite, start } from './support/site.ts'

const site = openSite()

describe('a quiz', () => {
  it('is sat from the home page to the result, with all eight types', async () => {
    const { page, context, complaints } = await visit(site.browser, site.url)
    await expectAccessible(page, 'home')
    await page.getByRole('link', { name: /Rules and start/ }).nth(1).click()
    await page.waitForURL(/\/exams\//)
    await page.goto(`${site.url}/exams/self-study`)
    await expectAccessible(page, 'rules')
    await start(page)
    await page.waitForURL(/\/attempts\/[^/]+\/1$/)

    const types = new Set<string>()
    const count = await page.locator('.slots button').count()
    expect(count).toBeGreaterThanOrEqual(14)
    for (let slot = 1; slot <= count; slot++) {
      types.add(await answerSomehow(page))
      await expectSaveState(page, /^Saved \d\d:\d\d:\d\d$/)
      if (slot === 2) {
        await page.locator('[data-flag]').click()
        await page.waitForFunction(() => document.querySelector('[data-flag]')?.getAttribute('aria-pressed') === 'true')
      }
      if (slot % 5 === 1) await expectAccessible(page, `question ${slot}`)
      if (slot < count) await go(page, 'next')
    }
    expect([...types].sort()).toEqual(['fix-manifest', 'matching', 'multiple-choice', 'numeric', 'ordering', 'scenario-diagnosis', 'short-answer', 'single-choice'])

    await go(page, 'finish')
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Finish?')
    expect(await page.locator('main').textContent()).toContain('1 question is flagged')
    await expectAccessible(page, 'finish')
    await Promise.all([page.waitForURL(/\/result$/), page.getByRole('button', { name: 'Finish now' }).click()])
    expect(await page.locator('.percent').textContent()).toMatch(/^\d+ %$/)
    expect(await page.locator('.by-chapter li').count()).toBeGreaterThan(2)
    expect(await page.locator('details.looked').count()).toBe(count)
    expect(await page.locator('main').textContent()).toContain('Explanation')
    await expectAccessible(page, 'result')
    expect(complaints).toEqual([])
    await context.close()
  })

  it('comes back after the server was killed, with the clock and the answers as they were', async () => {
    const { page, context } = await visit(site.browser, `${site.url}/exams/self-study`)
    await start(page, 'Grace')
    await page.waitForURL(/\/1$/)
    await answerSomehow(page)
    await expectSaveState(page, /^Saved/)
    const left = Number(await page.getAttribute('#timer', 'data-seconds-left'))
    await site.server.kill()
    await site.server.restart()
    await page.reload()
    expect(await page.locator('.slots button.answered').count()).toBe(1)
    expect(Number(await page.getAttribute('#timer', 'data-seconds-left'))).toBeLessThanOrEqual(left)
    await context.close()
  })
})
