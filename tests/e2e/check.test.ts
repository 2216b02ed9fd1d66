/** A person checks a manifest in the browser, mends it with what the editor offers, reads about a rule; practice helps in the same way, an exam does not. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { expectAccessible, expectNoSidewaysScroll, visit } from './support/browser.ts'
import { openSite, start } from './support/site.ts'

const site = openSite()

const editorText = async (page: Page): Promise<string> => (await page.locator('.cm-line').allTextContents()).join('\n')
/** Chromium copies colours into what is typed over a selection, and complains that the content policy refuses it; so the old text goes first. */
async function rewrite(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content:visible').first().click()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(text)
}
const reportSays = (page: Page, words: RegExp) => page.waitForFunction(({ source }) => new RegExp(source).test(document.querySelector('.check-side')?.textContent?.replace(/\s+/g, ' ') ?? ''), { source: words.source })

describe('the checker page', () => {
  it('checks while one writes, in the browser alone, and mends what it can', async () => {
    const { page, context, complaints } = await visit(site.browser, site.url)
    await page.goto(`${site.url}/check`)
    const posts: string[] = []
    page.on('request', (one) => { if (one.method() === 'POST') posts.push(one.url()) })
    await page.getByRole('link', { name: 'Example', exact: true }).click()
    await reportSays(page, /4 objects: 1 accepted 2 rejected 1 of an unknown kind/)
    await expectAccessible(page, 'report')

    // A place in the report leads into the text.
    await page.locator('#report a.place', { hasText: /^\d+:\d+$/ }).first().click()
    expect(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.classList.contains('cm-content'))).toBe(true)
    await page.locator('.cm-lintRange-error').first().waitFor()

    // The selector of the Service is mended by the offered change alone.
    await page.locator('#report .row', { hasText: 'app=loby' }).locator('a.place').click()
    const before = await editorText(page)
    expect(before).toContain('app: loby')
    await page.locator('.cm-lintRange-error', { hasText: 'loby' }).first().hover()
    await page.locator('.cm-diagnosticAction', { hasText: 'lobby' }).click()
    expect(await editorText(page)).toBe(before.replace('app: loby', 'app: lobby'))
    await page.waitForFunction(() => !document.querySelector('#report')!.textContent!.includes('service-selects-a-pod'))

    // Another version of Kubernetes, another answer.
    await rewrite(page, 'apiVersion: v1\nkind: Secret\nmetadata: { name: a }\ntype: Opaque\n')
    await reportSays(page, /1 object: 1 accepted/)
    await page.selectOption('#version', '1.34')
    await reportSays(page, /1 object: 1 accepted/)
    await page.locator('.stored summary').click()
    expect(await page.locator('.stored pre').textContent()).toContain('namespace: default')
    expect(posts).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  it('completes fields and says what they are', async () => {
    const { page, context, complaints } = await visit(site.browser, site.url)
    await page.goto(`${site.url}/check`)
    await page.locator('.cm-content').click()
    await rewrite(page, 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec:\n  containers:\n    - name: app\n      image: app:1\n      imagePullPolicy: Always\n      ')
    await page.keyboard.type('term')
    const option = page.locator('.cm-tooltip-autocomplete li', { hasText: 'terminationMessagePath' })
    await option.waitFor()
    expect(await page.locator('.cm-tooltip-autocomplete').textContent()).toContain('string')
    await page.locator('.cm-completionInfo').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.cm-line span', { hasText: 'imagePullPolicy' }).first().hover()
    await page.locator('.described', { hasText: 'spec.containers[0].imagePullPolicy' }).waitFor()
    expect(await page.locator('.described').textContent()).toContain('IfNotPresent')
    expect(complaints).toEqual([])
    await context.close()
  })

  it.each(['en-GB', 'zh-CN'])('and the pages of the rules are accessible and fit a phone, in %s', async (locale) => {
    const { page, context, complaints } = await visit(site.browser, site.url, { locale, viewport: { width: 360, height: 740 } })
    for (const path of ['/check?example=1', '/rules?q=pod', '/rules/service-selects-a-pod']) {
      await page.goto(`${site.url}${path}`)
      await page.waitForLoadState('networkidle')
      await expectNoSidewaysScroll(page, path)
      await expectAccessible(page, path)
    }
    expect(complaints).toEqual([])
    await context.close()
  })

  it('answers a plain form where there are no scripts', async () => {
    const { page, context } = await visit(site.browser, site.url, { javaScriptEnabled: false })
    await page.goto(`${site.url}/check`)
    await page.fill('#manifest', 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { containers: [] }\n')
    await page.getByRole('button', { name: 'Check it' }).click()
    expect(await page.locator('#report').textContent()).toContain('spec.containers')
    await context.close()
  })
})

describe('the editor of a repair', () => {
  it('has the checker in practice', async () => {
    const { page, context, complaints } = await visit(site.browser, site.url)
    await page.goto(`${site.url}/practice/players-locked-out`)
    const worker = page.waitForEvent('worker')
    await start(page)
    expect((await worker).url()).toContain('checker-worker')
    await rewrite(page, 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: a, namespace: game }\nspec: { podSelector: {}, polcyTypes: [Ingress] }\n')
    await page.locator('.cm-lintRange-error', { hasText: 'polcyTypes' }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it('has nothing but the syntax in an exam: neither checker nor documentation is loaded', async () => {
    const { page, context } = await visit(site.browser, site.url)
    const loaded: string[] = []
    page.on('response', async (one) => { if (one.url().includes('/static/') && one.url().endsWith('.js')) loaded.push(await one.text().catch(() => '')) })
    page.on('worker', (one) => loaded.push(one.url()))
    const exam = (await page.locator('a[href^="/exams/"]').evaluateAll((links) => links.map((link) => link.getAttribute('href')!)))
    for (const path of new Set(exam)) {
      await page.goto(`${site.url}${path}`)
      if (!(await page.getByText('Explained at the end').count()) && !(await page.getByText(/shown after you finish/).count())) continue
      await page.fill('[name="name"]', 'Ada').catch(() => undefined)
      await page.getByRole('button', { name: 'Start the quiz' }).click()
      await page.waitForURL(/\/attempts\//)
      const count = await page.locator('.slots button, .slots a').count()
      const attempt = page.url().replace(/\/\d+$/, '')
      for (let slot = 1; slot <= count; slot++) {
        await page.goto(`${attempt}/${slot}`)
        if (await page.locator('[data-workbench]').count()) break
      }
      if (await page.locator('[data-workbench]').count()) break
    }
    await rewrite(page, 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { polcyTypes: : }\n')
    await page.locator('.cm-lintRange-error').first().waitFor()
    await rewrite(page, 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { polcyTypes: [a] }\n')
    await page.waitForFunction(() => document.querySelector('.editor-status .clean') !== null)
    expect(await page.locator('meta[name="checker"]').count()).toBe(0)
    expect(loaded.length).toBeGreaterThan(0)
    expect(loaded.filter((text) => /checker-worker|service-selects-a-pod|V1PodSpec/.test(text))).toEqual([])
    await context.close()
  })
})
