/** The question page with scripts: saves by itself, counts down, checks and flags in place, and goes on without losing anything. */
import { orderingIn } from './answer-form.ts'
import { startAutosave } from './autosave.ts'
import { startConsole } from './console.ts'
import { enhanceOrdering } from './ordering.ts'
import { talk } from './server-talk.ts'
import { startShortcuts } from './shortcuts.ts'
import { announce, element, nodesOf, t } from './texts.ts'
import { startTimer } from './timer.ts'
import type { Timer } from './timer.ts'

const form = document.querySelector<HTMLFormElement>('#answer-form')
if (form) enhance(form)
else followClock()

/** A page of the attempt without an answer, such as the last confirmation. */
function followClock(): void {
  const place = document.getElementById('timer')
  if (!place) return
  const attempt = place.dataset.attempt!
  const toResult = () => location.assign(`/attempts/${attempt}/result`)
  startTimer(place, attempt, { onFinished: toResult, onEnd: () => void talk(`/attempts/${attempt}/finish`, {}).then(toResult) })
}

function enhance(form: HTMLFormElement): void {
  const attempt = form.dataset.attempt!
  const page = `/attempts/${attempt}/${form.dataset.slot}`
  const notices = document.getElementById('notices')!
  let timer: Timer | undefined
  const autosave = startAutosave(form, ({ secondsLeft }) => timer?.sync(secondsLeft))

  async function goTo(path: string): Promise<void> {
    const isSaved = await autosave.flush()
    if (isSaved || !autosave.isDirty) location.assign(path)
    else notices.replaceChildren(element('p', { class: 'note wait' }, t('offlineStay')))
  }

  async function check(explain: boolean): Promise<void> {
    announce(t('checking'))
    const place = document.getElementById('outcome')!
    place.setAttribute('aria-busy', 'true')
    const isSaved = await autosave.flush()
    const result = isSaved ? await talk(`${page}/check`, { explain }) : undefined
    const response = result?.kind === 'ok' ? await fetch(`${page}/outcome?checked`, { credentials: 'same-origin', cache: 'no-store' }).catch(() => undefined) : undefined
    place.removeAttribute('aria-busy')
    if (!response?.ok) {
      const reason = result?.kind === 'problem' ? result.detail : t('checkFailed')
      return place.replaceChildren(element('p', { class: 'note fail', role: 'alert' }, reason))
    }
    place.replaceChildren(nodesOf(await response.text()))
    place.focus({ preventScroll: true })
    place.scrollIntoView({ block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' })
  }

  async function flag(button: HTMLButtonElement): Promise<void> {
    const flagged = button.getAttribute('aria-pressed') !== 'true'
    const result = await talk(`${page}/flag`, { flagged })
    if (result.kind !== 'ok') return announce(t('checkFailed'))
    button.setAttribute('aria-pressed', String(flagged))
    button.value = flagged ? 'unflag' : 'flag'
    document.getElementById('flag-fact')?.toggleAttribute('hidden', !flagged)
    const slot = document.querySelector('.slots [aria-current]')
    slot?.querySelector('.icon')?.remove()
    if (flagged) slot?.append(button.querySelector('.icon')!.cloneNode(true))
    announce(flagged ? t('flagOn') : t('flagOff'))
  }

  async function hint(tier: string): Promise<void> {
    await autosave.flush()
    const result = await talk(`${page}/hint`, { tier: Number(tier), language: document.documentElement.lang })
    if (result.kind === 'ok' && !autosave.isDirty) location.reload()
    else announce(t('checkFailed'))
  }

  form.addEventListener('submit', (event) => {
    const button = event.submitter as HTMLButtonElement | null
    const go = button?.value ?? 'stay'
    event.preventDefault()
    // What leads elsewhere without scripts has a script of its own.
    if (button?.hasAttribute('formaction')) return
    if (go === 'check' || go === 'explain') void check(go === 'explain')
    else if (go === 'flag' || go === 'unflag') void flag(button!)
    else if (go.startsWith('hint-')) void hint(go.slice(5))
    else if (go === 'stay') void autosave.flush()
    else {
      const slot = Number(form.dataset.slot)
      const target = go === 'next' ? slot + 1 : go === 'prev' ? slot - 1 : go
      void goTo(`/attempts/${attempt}/${target}`)
    }
  })
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[data-go], .brand')) {
    link.addEventListener('click', (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return
      event.preventDefault()
      void goTo(link.getAttribute('href')!)
    })
  }
  // Another language is another page: first the work goes to the server.
  for (const other of document.querySelectorAll<HTMLFormElement>('form[data-keeps-work]')) {
    other.addEventListener('submit', (event) => {
      event.preventDefault()
      void autosave.flush().then(() => {
        const { name, value } = event.submitter as HTMLButtonElement
        other.append(element('input', { type: 'hidden', name, value }))
        other.submit()
      })
    })
  }

  const ordering = orderingIn(form)
  if (ordering) enhanceOrdering(ordering, () => ordering.dispatchEvent(new Event('change', { bubbles: true })))
  const place = document.getElementById('timer')
  if (place) {
    const toResult = () => location.assign(`/attempts/${attempt}/result`)
    timer = startTimer(place, attempt, {
      onFinished: toResult,
      onEnd: () => void (async () => {
        for (const field of form.querySelectorAll<HTMLInputElement>('input, select, textarea')) field.setAttribute('readonly', '')
        form.classList.add('over')
        notices.replaceChildren(element('p', { class: 'note wait', role: 'alert' }, t('timeOver')))
        const deadline = performance.now() + Number(form.dataset.grace) * 1000
        while (autosave.isDirty && !(await autosave.flush()) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 1000))
        // The server tells whole seconds, rounded down, so the deadline may still be a second away; it is the clock that ends the attempt.
        await new Promise((resolve) => setTimeout(resolve, 1500))
        await talk(`/attempts/${attempt}/finish`, {})
        toResult()
      })(),
    })
  }
  for (const one of form.querySelectorAll<HTMLElement>('[data-console]')) startConsole(one)
  startShortcuts(form, () => timer?.say())
  document.querySelector('.slots [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
}
