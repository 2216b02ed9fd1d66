/** A person asks the cluster beside the editor, lets time pass, applies a repair, and looks back at the run. */
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { replaceInEditor } from './support/answers.ts'
import { expectAccessible, expectNoSidewaysScroll, visit } from './support/browser.ts'
import { openSite, start } from './support/site.ts'

const repair = readFileSync(new URL('../../questions/03-networking/03-network-policy/players-locked-out/repairs/one-policy/policy.yaml', import.meta.url), 'utf8')

const site = openSite()

/** Waits until the log says so; when it does not, the error tells what it says instead. */
async function saw(page: Page, words: RegExp): Promise<void> {
  const log = page.locator('[data-log]')
  await page.waitForFunction(({ source }) => new RegExp(source).test(document.querySelector('[data-log]')?.textContent ?? ''), { source: words.source })
    .catch(async (error: Error) => { throw new Error(`The console does not say ${words.source}:\n${await log.innerText()}`, { cause: error }) })
}
const clock = async (page: Page) => Number(await page.locator('.console-now').getAttribute('data-now'))
/** Pixels between the console's line and the bar with the buttons. */
const gapBelow = async (page: Page) => (await page.locator('.actions').boundingBox())!.y - (await page.locator('.console-line').boundingBox().then((box) => box!.y + box!.height))

describe('the console', () => {
  it('answers, completes, remembers, and lets time pass; a repair is applied and looked back at', async () => {
    const { page, context, complaints } = await visit(site.browser, site.url)
    await page.goto(`${site.url}/practice/players-locked-out`)
    await start(page)
    const line = page.locator('#console-line')
    await line.fill('kubectl get netw')
    await line.press('Tab')
    await page.waitForFunction(() => (document.querySelector('#console-line') as HTMLInputElement).value === 'kubectl get networkpolicies ')
    // Several fit: they are listed once, however often one asks.
    await line.fill('kubectl get no')
    for (let i = 0; i < 2; i++) await line.press('Tab')
    await page.waitForFunction(() => [...document.querySelectorAll('.console-choices span')].map((one) => one.textContent).join() === 'no,nodes')
    // What was typed is shown while the cluster is asked, however long that takes.
    const asked = await page.locator('[data-url]').first().getAttribute('data-url')
    let answer = (): void => undefined
    const held = new Promise<void>((resolve) => { answer = resolve })
    await page.route(`**${new URL(asked!, site.url).pathname}`, async (route) => { await held; await route.continue() })
    await line.fill('kubectl get pods')
    await line.press('Enter')
    await page.locator('.waits', { hasText: 'kubectl get pods' }).waitFor()
    answer()
    await saw(page, /READY\s+STATUS/)
    await page.unroute(`**${new URL(asked!, site.url).pathname}`)
    expect(await page.locator('.waits').count()).toBe(0)
    expect(await clock(page)).toBe(0)
    // A request that does not get through is sent once more.
    let lost = 0
    await page.route(`**${new URL(asked!, site.url).pathname}`, async (route) => { lost++; await route.abort('connectionreset') }, { times: 1 })
    await line.fill('kubectl get services')
    await line.press('Enter')
    await saw(page, /CLUSTER-IP/)
    expect(lost).toBe(1)
    await page.locator('[data-clock="jump"]').click()
    await page.waitForFunction(() => document.querySelector<HTMLElement>('.console-now')?.dataset.now === '30000')
    for (let i = 0; i < 2; i++) await line.press('ArrowUp')
    expect(await line.inputValue()).toBe('kubectl get pods')
    await line.press('Enter')
    await saw(page, /0:30\.0kubectl get pods/)
    await page.locator('[data-clock="play"]').click()
    await page.waitForFunction(() => Number(document.querySelector<HTMLElement>('.console-now')?.dataset.now) > 32_000)
    await page.locator('[data-clock="play"]').click()
    await line.fill('clear')
    await line.press('Enter')
    expect(await page.locator('[data-log]').textContent()).toBe('')

    await replaceInEditor(page, repair)
    await line.fill('kubectl apply -f policy.yaml')
    await line.press('Enter')
    await saw(page, /configured/)
    await page.getByRole('radio', { name: 'my files' }).check()
    await saw(page, /kubectl apply -f \./)
    expect(await clock(page)).toBe(0)
    await expectAccessible(page, 'console')
    // The Tab key gets out of the line again.
    await line.fill('kubectl')
    await line.press('Escape')
    await line.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.id)).not.toBe('console-line')

    await page.locator('.actions button[value="check"]').click()
    await page.waitForSelector('#outcome [data-scrub]')
    await page.locator('#outcome [data-command]').fill('kubectl get networkpolicies')
    await page.locator('#outcome [data-at]').focus()
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight')
    await page.waitForFunction(() => document.querySelectorAll('#outcome [data-outputs] pre').length === 4)
    expect(await page.locator('#outcome svg .cursor').count()).toBe(2)
    await expectAccessible(page, 'looking back')
    // Replacing everything makes Chromium itself write a style into the text it edits, which the policy refuses.
    expect(complaints.filter((one) => !one.startsWith('console: Applying inline style') && !one.includes('ERR_CONNECTION_RESET'))).toEqual([])
    await page.setViewportSize({ width: 360, height: 740 })
    await expectNoSidewaysScroll(page, '360')
    // What is scrolled to does not end up behind the bar at the bottom.
    await page.locator('.console-line').evaluate((place) => place.scrollIntoView({ block: 'end' }))
    expect(await gapBelow(page)).toBeGreaterThanOrEqual(0)
    await context.close()
  })

  it('has the keys of a terminal, runs pasted lines one by one, and ends a watch with its own output', async () => {
    const { page, context } = await visit(site.browser, `${site.url}/practice/forty-five-second-start`)
    await start(page)
    const line = page.locator('#console-line')
    await line.fill('kubectl get po -w')
    await line.press('Enter')
    await saw(page, /# watched until/)
    expect(await page.locator('[data-log] .console-news').count()).toBe(0)
    expect(await page.locator('[data-log] pre').last().textContent()).toMatch(/^NAME[^]*# watched until \S+ \(60s of cluster time\)$/)
    await line.press('Control+l')
    expect(await page.locator('[data-log]').textContent()).toBe('')
    await line.fill('kubectl get pods')
    for (let i = 0; i < 5; i++) await line.press('ArrowLeft')
    await line.press('Control+u')
    expect(await line.inputValue()).toBe(' pods')
    await line.press('Control+c')
    expect(await line.inputValue()).toBe('')
    // What does not complete takes the earlier choices away.
    await line.fill('kubectl get no')
    await line.press('Tab')
    await page.locator('.console-choices').waitFor()
    await line.fill('kubectl get nowhere')
    await line.press('Tab')
    await page.locator('.console-choices').waitFor({ state: 'detached' })
    await line.fill('')
    await line.evaluate((field) => {
      const clipboardData = new DataTransfer()
      clipboardData.setData('text/plain', 'echo one\necho two\nkubectl get')
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    })
    await page.waitForFunction(() => [...document.querySelectorAll('[data-log] pre')].map((one) => one.textContent).join() === 'one,two')
    expect(await line.inputValue()).toBe('kubectl get')
    // One ring at a time: the line's for its field, the button's for the button.
    await page.locator('[data-run]').focus()
    expect(await page.locator('.console-line').evaluate((place) => getComputedStyle(place).outlineStyle)).toBe('none')
    await context.close()
  })

  it('keeps a command when the files cannot be read or are too big, and says it once', async () => {
    const { page, context } = await visit(site.browser, `${site.url}/practice/players-locked-out`)
    await start(page)
    const line = page.locator('#console-line')
    await replaceInEditor(page, 'kind: [Pod\nmetadata: a: b\n')
    await page.getByRole('radio', { name: 'my files' }).check()
    await page.locator('.console-unread').waitFor()
    await line.fill('kubectl get pods')
    await line.press('Enter')
    await saw(page, /kubectl get pods/)
    await page.waitForFunction(() => document.querySelectorAll('.waits').length === 0)
    expect(await page.locator('[data-log] > :last-child .console-note').count()).toBe(1)
    expect(await page.locator('[data-log] > :last-child li .who').allTextContents()).toContainEqual(expect.stringMatching(/^policy\.yaml:\d/))
    const parts = await page.locator('[data-log] > *').count()
    await page.locator('[data-clock="step"]').click()
    await page.waitForFunction(() => document.querySelector('.console-frame')!.getAttribute('aria-busy') === null)
    expect(await page.locator('[data-log] > *').count()).toBe(parts)
    await replaceInEditor(page, `# ${'x'.repeat(70_000)}\n${repair}`)
    await line.fill('kubectl get pods')
    await line.press('Enter')
    await saw(page, /policy\.yaml has 6\d KiB|policy\.yaml has 7\d KiB/)
    expect(await line.inputValue()).toBe('kubectl get pods')
    await context.close()
  })

  it('works as a plain form', async () => {
    const { page, context } = await visit(site.browser, `${site.url}/practice/players-locked-out`, { javaScriptEnabled: false })
    await start(page)
    await page.locator('textarea').first().fill(repair)
    await page.fill('#console-line', 'kubectl apply -f policy.yaml')
    await Promise.all([page.waitForEvent('load'), page.press('#console-line', 'Enter')])
    expect(await page.locator('[data-log]').textContent()).toContain('configured')
    expect(await page.locator('textarea').first().inputValue()).toBe(repair)
    // The page comes back to the line, ready for the next.
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('console-line')
    expect(await gapBelow(page)).toBeGreaterThanOrEqual(0)
    await page.locator('#console [value="jump"]').click()
    expect(await page.locator('.console-now').textContent()).toBe('0:30.0')
    await context.close()
  })
})
