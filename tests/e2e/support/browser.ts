/** Chromium, found by scripts/browser.mjs, and what every journey looks at. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { expect } from 'vitest'
import { findBrowser } from '../../../scripts/browser.mjs'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Throws with what to do when there is no Chromium. */
export async function openBrowser(): Promise<Browser> {
  const found = findBrowser()
  if (found.path === undefined) throw new Error(found.problem)
  return chromium.launch({ executablePath: found.path, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] })
}

export type Visitor = { page: Page; context: BrowserContext; /** Errors of scripts and of the content policy, and requests to other hosts. */ complaints: string[] }

/** A person with a browser of their own. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 }, ...options })
  const complaints: string[] = []
  const page = await context.newPage()
  watch(page, new URL(url).origin, complaints)
  await page.goto(url)
  return { page, context, complaints }
}

/** Collects what a page complains about; `origin` is the site. Lost connections are part of some journeys and not counted. */
export function watch(page: Page, origin: string, complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/net::ERR_|status of (409|410|404)/.test(message.text())) complaints.push(`console: ${message.text()}`)
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`) && !/^(data|blob|about):/.test(request.url())) complaints.push(`foreign: ${request.url()}`)
  })
}

/** axe finds nothing on the page as it stands. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  // Page scripts may not be evaluated under the content policy, so axe runs in an isolated world of the debugger.
  const session = await page.context().newCDPSession(page)
  const { frameTree } = await session.send('Page.getFrameTree')
  const { executionContextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'axe' })
  await session.send('Runtime.evaluate', { contextId: executionContextId, expression: axeSource })
  const { result } = await session.send('Runtime.evaluate', { contextId: executionContextId, awaitPromise: true, returnByValue: true, expression: `axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations.map((violation) => violation.id + ': ' + violation.nodes.map((node) => node.target.join(' ')).join(', ')))` })
  await session.detach()
  expect(result.value, where).toEqual([])
}

/** Nothing sticks out sideways. */
export async function expectNoSidewaysScroll(page: Page, where: string): Promise<void> {
  const { scroll, width } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, width: document.documentElement.clientWidth }))
  expect(scroll, where).toBeLessThanOrEqual(width)
}

/** The state of saving, in words, as it comes to be. */
export async function expectSaveState(page: Page, words: RegExp, timeoutMs = 15_000): Promise<void> {
  await page.waitForFunction(({ source }) => new RegExp(source).test(document.getElementById('save-state')?.textContent ?? ''), { source: words.source }, { timeout: timeoutMs })
}
