/** Alt+Shift and a letter, so that neither the browser nor a screen reader loses a key; they rest while somebody types. Ctrl+Enter checks from anywhere. */
export function startShortcuts(form: HTMLFormElement, sayTime: () => void): void {
  const press = (selector: string) => form.querySelector<HTMLButtonElement>(`${selector}:not(:disabled)`)?.click()
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      return press('button[value="check"]')
    }
    if (!event.altKey || !event.shiftKey || event.ctrlKey || event.metaKey) return
    const target = event.composedPath()[0] as HTMLElement
    if (target.isContentEditable || target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && /^(text|search)$/.test(target.type))) return
    const act: Record<string, () => void> = {
      KeyN: () => press('button[value="next"]'),
      KeyP: () => press('button[value="prev"]'),
      KeyF: () => press('[data-flag]'),
      KeyT: sayTime,
    }
    const chosen = act[event.code]
    if (!chosen) return
    event.preventDefault()
    chosen()
  })
}
