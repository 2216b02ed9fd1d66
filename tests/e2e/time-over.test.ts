/** The clock runs out: the server closes, the page follows, and a reload does not help. */
import { expect, it } from 'vitest'
import { testBankFiles } from '../support/bank.ts'
import { visit } from './support/browser.ts'
import { openSite, start } from './support/site.ts'

const exam = testBankFiles()['exams/everything.yaml']!.replace(/^minutes: \d+$/m, 'minutes: 1')
const site = openSite({ bank: { 'exams/everything.yaml': exam } })

it('closes the attempt at the deadline, counts what was typed last, and shows the result', { timeout: 180_000 }, async () => {
  const { page, context } = await visit(site.browser, `${site.url}/exams/everything`)
  await start(page)
  await page.waitForURL(/\/1$/)
  const attempt = page.url().replace(/\/1$/, '')
  await page.goto(`${attempt}/6`)
  const left = Number(await page.getAttribute('#timer', 'data-seconds-left'))
  expect(left).toBeGreaterThan(30)
  expect(left).toBeLessThanOrEqual(60)
  // Typed in the last second: the page sends it when the time is over.
  await page.waitForFunction(() => /^0?0:0[0-2]$/.test(document.getElementById('clock')?.textContent ?? ''), undefined, { timeout: 90_000 })
  await page.fill('[name="answer"]', 'SECRET password')
  await page.waitForURL(/\/result$/, { timeout: 60_000 })
  expect(await page.locator('main').textContent()).toContain('Closed when the time was over')
  expect(await page.locator('#q6').textContent()).toContain('SECRET password')
  await page.goto(`${attempt}/6`)
  expect(page.url()).toMatch(/\/result$/)
  await context.close()
})
