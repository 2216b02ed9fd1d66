/** What every file of journeys needs: a server and a browser, there before the first and gone after the last. */
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { writeTestBank } from '../../support/bank.ts'
import { temporaryFolder } from '../../support/database.ts'
import { openBrowser } from './browser.ts'
import { startServer, type Server } from './server.ts'

export type Site = { readonly url: string; readonly server: Server; readonly browser: Browser }

/** Call it at the top of a file. `bank`: the small bank of the tests with these files changed, instead of the questions that ship. */
export function openSite({ bank }: { bank?: Record<string, string> } = {}): Site {
  const folder = bank && temporaryFolder()
  let server: Server
  let browser: Browser
  beforeAll(async () => {
    const questions = folder && join(folder.path, 'bank')
    if (questions) writeTestBank(questions, bank)
    server = await startServer(questions === undefined ? {} : { questions })
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
    folder?.remove()
  })
  return {
    get url() { return server.url },
    get server() { return server },
    get browser() { return browser },
  }
}

/** Starts what the page offers; a person who has given a name before is not asked again. */
export async function start(page: Page, name = 'Ada'): Promise<void> {
  const field = page.locator('[name="name"]')
  if (await field.count() > 0) await field.fill(name)
  await page.getByRole('button', { name: 'Start' }).click()
  await page.waitForURL(/\/attempts\//)
}
