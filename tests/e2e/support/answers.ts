/** Gives some answer to the question on the page, whatever its type, the way a person would. */
import type { Page } from 'playwright-core'

export async function answerSomehow(page: Page): Promise<string> {
  const type = (await page.getAttribute('#answer-form', 'data-type'))!
  if (type === 'single-choice') await page.locator('input[name="answer"]').first().check()
  else if (type === 'multiple-choice') for (const index of [0, 1]) await page.locator('input[type="checkbox"]').nth(index).check()
  else if (type === 'ordering') await page.locator('[data-move="down"]').first().click()
  else if (type === 'matching') for (const select of await page.locator('.pair select').all()) await select.selectOption({ index: 1 })
  else if (type === 'numeric') await page.fill('#answer', '120')
  else if (type === 'short-answer') await page.fill('[name="answer"]', 'kubectl get pods -n game')
  else if (type === 'scenario-diagnosis') for (const name of ['cause', 'next']) await page.locator(`input[name="answer[${name}]"]`).first().check()
  else if (type === 'fix-manifest') await typeIntoEditor(page, '# looked at it\n')
  else throw new Error(`No way to answer ${type}.`)
  return type
}

/** Puts text before what is in the editor. */
export async function typeIntoEditor(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content').first().click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.insertText(text)
}

/** Replaces everything in the editor that is shown. */
export async function replaceInEditor(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content:visible').first().click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(text)
}

/** Follows a button of the form to the next page. */
export async function go(page: Page, value: string): Promise<void> {
  await Promise.all([page.waitForEvent('load'), page.locator(`.actions button[name="go"][value="${value}"]`).click()])
}
