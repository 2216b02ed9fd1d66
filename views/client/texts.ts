/** The sentences that scripts say, in the page's language; the page brings them along. */
const texts: Record<string, string> = JSON.parse(document.querySelector<HTMLMetaElement>('meta[name="texts"]')?.content ?? '{}')

export type TextKey =
  | 'savedWord' | 'saved' | 'savedGrace' | 'saving' | 'typing' | 'waitingOne' | 'waitingMany' | 'notStored' | 'conflict' | 'conflictLead' | 'conflictMine' | 'conflictTheirs'
  | 'keepMine' | 'keepTheirs' | 'tooLate' | 'closed' | 'signedOut' | 'refused' | 'minutesLeft' | 'minuteLeft' | 'timeLeft' | 'timeOver' | 'otherTab' | 'offlineStay' | 'restored'
  | 'flagOn' | 'flagOff' | 'moved' | 'checking' | 'checkFailed' | 'editorLabel' | 'tabIndents' | 'tabMoves' | 'lineColumn' | 'noProblems' | 'problemOne' | 'problemMany' | 'showChanges'
  | 'hideChanges' | 'reset' | 'resetDone' | 'changed' | 'readOnly' | 'revert' | 'fileTabs' | 'tabsYaml' | 'notObject' | 'ruleWhy'

export function t(key: TextKey, values: Record<string, string | number> = {}): string {
  return (texts[key] ?? key).replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name] ?? ''))
}

/** An element with text and children. */
export function element<Name extends keyof HTMLElementTagNameMap>(name: Name, attributes: Record<string, string> = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value)
  made.append(...children)
  return made
}

/** Says something once to those who listen to the page. */
export function announce(text: string): void {
  const place = document.getElementById('announce')
  if (!place) return
  place.textContent = ''
  requestAnimationFrame(() => { place.textContent = text })
}

/** HTML that our own server escaped already, as nodes. */
export function nodesOf(html: string): DocumentFragment {
  const types = (window as { trustedTypes?: { createPolicy(name: string, rules: { createHTML(text: string): string }): { createHTML(text: string): string } } }).trustedTypes
  policy ??= types?.createPolicy('readyz', { createHTML: (text) => text }) ?? { createHTML: (text: string) => text }
  const template = document.createElement('template')
  template.innerHTML = policy.createHTML(html)
  return document.importNode(template.content, true)
}
let policy: { createHTML(text: string): string } | undefined
