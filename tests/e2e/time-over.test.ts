/** The clock runs out: the server closes, the page follows, and a reload does not help. */
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testBankFiles, writeTestBank } from '../support/bank.ts'
import { temporaryFolder } from '../support/database.ts'
import { openBrowser, visit } from './support/browser.ts'
import { startServer, type Server } from './support/server.ts'

const folder = temporaryFolder()
let server: Server
let browser: Browser
beforeAll(async () => {
  const exam = testBankFiles()['exams/everything.yaml']!.replace(/^minutes: \d+$/m, 'minutes: 1')
  writeTestBank(join(folder.path, 'bank'), { 'exams/everything.yaml': exam })
  server = await startServer({ questions: join(folder.path, 'bank') })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  folder.remove()
})

it('closes the attempt at the deadline, counts what was typed last, and shows the result', { timeout: 180_000 }, async () => {
  const { page, context } = await visit(browser, `${server.url}/exams/everything`)
  await page.fill('[name="name"]', 'Ada')
  await page.getByRole('button', { name: 'Start' }).click()
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
