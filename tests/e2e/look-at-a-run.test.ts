/** A person looks at what the cluster did: any moment before and after the repair, and the line of the manifest behind an event. */
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { replaceInEditor } from './support/answers.ts'
import { expectAccessible, visit } from './support/browser.ts'
import { openSite, start } from './support/site.ts'

const nearMiss = readFileSync(new URL('../../questions/01-overview/02-startup/bind-loopback/near-misses/port-declared/login.yaml', import.meta.url), 'utf8')

const site = openSite()

async function checked(): Promise<Page> {
  const { page } = await visit(site.browser, `${site.url}/practice/bind-loopback`)
  await start(page)
  await replaceInEditor(page, nearMiss)
  await page.locator('.actions button[value="check"]').click()
  await page.waitForFunction(() => document.getElementById('outcome')?.textContent?.includes('Missed'))
  return page
}

describe('a run that was checked', () => {
  it('is looked at at any moment, goes from an event to its line, and tells what a verdict rests on', { timeout: 120_000 }, async () => {
    const page = await checked()
    const scrub = page.locator('[data-scrub]').first()
    const move = (at: number) => scrub.locator('[data-at]').evaluate((field: HTMLInputElement, value) => {
      field.value = String(value)
      field.dispatchEvent(new Event('input', { bubbles: true }))
    }, at)
    const outputs = scrub.locator('[data-outputs]')
    const said = async (text: RegExp) => { await page.waitForFunction(([source]) => new RegExp(source!).test(document.querySelector('[data-scrub] [data-outputs]')?.textContent ?? ''), [text.source]) }

    await move(20_000)
    await said(/0\/1 +Running/)
    expect(await outputs.locator('section').count()).toBe(2)
    expect(await outputs.locator('h5').allTextContents()).toEqual(['Before', 'With your files'])
    await page.locator('svg .cursor').first().waitFor({ state: 'attached' })
    await scrub.locator('[data-command]').fill('kubectl get events -n game')
    await scrub.locator('[data-show]').click()
    await said(/Unhealthy/)

    const after = page.locator('[data-picture="after"]').first()
    await after.locator('> details > summary').click()
    const event = after.locator('tr', { hasText: 'Readiness probe failed' }).first()
    await event.locator('summary').click()
    const link = event.locator('a[data-file]')
    expect(await link.textContent()).toMatch(/^login\.yaml:\d+$/)
    const line = Number(await link.getAttribute('data-line'))
    expect(nearMiss.split('\n')[line - 1]).toContain('readinessProbe')
    await link.click()
    // The editor lives in a shadow tree.
    await page.waitForFunction(() => document.activeElement?.shadowRoot?.activeElement?.classList.contains('cm-content') === true)
    await page.locator('.cm-activeLine:visible', { hasText: 'readinessProbe' }).waitFor()

    const rests = page.locator('.goals > li', { hasText: 'Missed' }).first().locator('.rests-on')
    await rests.locator('summary').click()
    await rests.locator('li', { hasText: 'pod/login' }).first().waitFor()
    await expectAccessible(page, 'looked at')
    await page.context().close()
  })
})
