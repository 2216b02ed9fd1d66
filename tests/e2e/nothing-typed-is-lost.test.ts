/** Lost networks, reloads and second tabs: what was typed survives. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { expectSaveState, visit, type Visitor } from './support/browser.ts'
import { openSite, start } from './support/site.ts'

const site = openSite({ bank: {} })

/** Starts the quiz and goes to its short-answer question. */
async function atTheTextQuestion(): Promise<Visitor> {
  const visitor = await visit(site.browser, `${site.url}/exams/everything`)
  await start(visitor.page)
  await visitor.page.waitForURL(/\/1$/)
  await visitor.page.goto(visitor.page.url().replace(/1$/, '6'))
  expect(await visitor.page.getAttribute('#answer-form', 'data-type')).toBe('short-answer')
  return visitor
}
const answer = (page: Page): Promise<string> => page.inputValue('[name="answer"]')

describe('what was typed', () => {
  it('waits on the device while the network is away, and is saved when it is back', async () => {
    const { page, context } = await atTheTextQuestion()
    await context.setOffline(true)
    await page.fill('[name="answer"]', 'typed on the train')
    await expectSaveState(page, /^On this device only, 1 change waiting$/)
    await context.setOffline(false)
    await expectSaveState(page, /^Saved \d\d:\d\d:\d\d$/, 40_000)
    await page.reload()
    expect(await answer(page)).toBe('typed on the train')
    await context.close()
  })

  it('comes back after a reload that came before the save', async () => {
    const { page, context } = await atTheTextQuestion()
    await context.setOffline(true)
    await page.fill('[name="answer"]', 'half a sentence')
    await expectSaveState(page, /^On this device only/)
    await context.setOffline(false)
    await page.reload()
    expect(await answer(page)).toBe('half a sentence')
    await expectSaveState(page, /^Saved/)
    await context.close()
  })

  it('survives a crash of the server, and is saved when it is up again', async () => {
    const { page, context } = await atTheTextQuestion()
    await site.server.kill()
    await page.fill('[name="answer"]', 'while it was down')
    await expectSaveState(page, /^On this device only/)
    await site.server.restart()
    await expectSaveState(page, /^Saved/, 60_000)
    await context.close()
  })

  it('is not overwritten by a second tab: the person chooses', async () => {
    const { page, context } = await atTheTextQuestion()
    const other = await context.newPage()
    await other.goto(page.url())
    await other.context().setOffline(false)
    await page.waitForFunction(() => document.getElementById('notices')?.textContent?.includes('another tab'))
    // Both change before either hears of the other's save.
    await page.evaluate(() => { (window as unknown as { BroadcastChannel: unknown }).BroadcastChannel = undefined })
    await Promise.all([page.fill('[name="answer"]', 'from the first tab'), other.fill('[name="answer"]', 'from the second tab')])
    await Promise.race([page, other].map((tab) => tab.waitForSelector('.conflict', { timeout: 20_000 })))
    const asked = (await page.locator('.conflict').count()) > 0 ? page : other
    expect(await asked.locator('.conflict').textContent()).toContain('from the first tab')
    expect(await asked.locator('.conflict').textContent()).toContain('from the second tab')
    const mine = await answer(asked)
    await asked.getByRole('button', { name: 'Keep this one' }).click()
    await expectSaveState(asked, /^Saved/)
    await asked.reload()
    expect(await answer(asked)).toBe(mine)
    await context.close()
  })
})
