/** A person repairs a manifest in the editor, checks it, and sees what the cluster did. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { go, replaceInEditor, typeIntoEditor } from './support/answers.ts'
import { expectAccessible, expectSaveState, visit } from './support/browser.ts'
import { openSite, start } from './support/site.ts'

const folder = new URL('../../questions/03-networking/03-network-policy/players-locked-out/', import.meta.url)
const repair = readFileSync(new URL('repairs/one-policy/policy.yaml', folder), 'utf8')
const nearMiss = readFileSync(new URL('near-misses/old-range-kept/policy.yaml', folder), 'utf8')

const site = openSite()

describe('a repair', () => {
  it('is practised: problems as one types, a near-miss that misses its goal, a repair that meets all', async () => {
    const { page, context, complaints } = await visit(site.browser, `${site.url}/practice/players-locked-out`)
    await start(page)
    expect(await page.locator('.evidence pre').first().textContent()).toContain('READY')
    await expectAccessible(page, 'editor')

    await typeIntoEditor(page, 'metadata: : x\n')
    await page.waitForSelector('.cm-lintRange-error')
    await replaceInEditor(page, nearMiss)
    await expectSaveState(page, /^Saved/)
    await page.locator('.actions button[value="check"]').click()
    await page.waitForFunction(() => document.getElementById('outcome')?.textContent?.includes('Missed'))
    expect(await page.locator('#outcome').textContent()).toMatch(/Partly right|Not yet/)

    await replaceInEditor(page, repair)
    await page.locator('.actions button[value="check"]').click()
    await page.waitForFunction(() => /16 of 16|Right/.test(document.getElementById('outcome')?.textContent ?? ''))
    expect(await page.locator('#outcome svg').count()).toBeGreaterThan(0)
    await expectAccessible(page, 'checked')

    await go(page, 'finish')
    if (/finish$/.test(page.url())) await Promise.all([page.waitForURL(/\/result$/), page.getByRole('button', { name: 'Finish now' }).click()])
    expect(await page.locator('.percent').textContent()).toBe('100 %')
    // Replacing everything makes Chromium itself write a style into the text it edits, which the policy refuses.
    expect(complaints.filter((one) => !one.startsWith('console: Applying inline style'))).toEqual([])
    await context.close()
  })

  it('lets the keyboard out of the editor, and resets with undo', async () => {
    const { page, context } = await visit(site.browser, `${site.url}/practice/players-locked-out`)
    await start(page)
    const text = () => page.locator('.cm-content').first().textContent()
    const original = await text()
    await page.locator('.cm-content').first().click()
    await page.keyboard.press('Control+Home')
    await page.keyboard.press('Tab')
    expect(await text()).not.toBe(original)
    await page.keyboard.press('Control+m')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.closest('.cm-content'))).toBeNull()
    await page.getByRole('button', { name: 'Original text' }).click()
    expect(await text()).toBe(original)
    await context.close()
  })
})
