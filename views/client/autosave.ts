/**
 * Saves the answer by itself: 1.5 s after the last change, at most 5 s after the first one that waits, on blur and when the page goes.
 * What is not acknowledged stays in the journal and is sent again with growing pauses. The server's revision decides between two tabs.
 */
import { applyAnswer, describeAnswer, readAnswer } from './answer-form.ts'
import { forget, keep, waiting } from './journal.ts'
import { localTime } from './local-times.ts'
import { talk } from './server-talk.ts'
import { element, t } from './texts.ts'

const quietMs = 1500
const longestMs = 5000
const pausesMs = [1000, 2000, 4000, 8000, 16_000, 30_000]

type Saved = { revision: number; savedAt: string; secondsLeft: number | null; late?: 'grace' | 'too-late' }
type State = 'none' | 'typing' | 'saving' | 'saved' | 'waiting' | 'conflict' | 'late' | 'closed'

export type Autosave = {
  /** Sends what waits; true when the server has everything. */
  flush(): Promise<boolean>
  readonly isDirty: boolean
  /** No more saving: the attempt is over. */
  stop(): void
}

export function startAutosave(form: HTMLFormElement, onSaved: (saved: Saved) => void): Autosave {
  const attempt = form.dataset.attempt!
  const slot = Number(form.dataset.slot)
  const url = (of: number) => `/attempts/${attempt}/${of}/answer`
  const place = document.getElementById('save-state')!
  const notices = document.getElementById('notices')!
  const channel = 'BroadcastChannel' in window ? new BroadcastChannel(`readyz:${attempt}`) : undefined

  let revision = Number(form.dataset.revision)
  let acknowledged = JSON.stringify(readAnswer(form))
  let changedFields = new Set<string>()
  let firstChangeAt = 0
  let timer = 0
  let failures = 0
  let state: State = 'none'
  let sending: Promise<boolean> | undefined
  let isKept = true
  let isStopped = false
  /** What the save line says when nothing waits. */
  let settled: { state: State; words: string } = { state: place.dataset.state as State, words: place.textContent ?? '' }

  const current = () => JSON.stringify(readAnswer(form))
  const isDirty = () => current() !== acknowledged

  function show(next: State, words: string): void {
    state = next
    place.dataset.state = next
    if (place.textContent !== words) place.textContent = words
  }

  function showWaiting(): void {
    const others = waiting(attempt).filter((entry) => entry.slot !== slot).length
    const count = Math.max(1, changedFields.size) + others
    show('waiting', isKept ? (count === 1 ? t('waitingOne') : t('waitingMany', { count })) : t('notStored'))
  }

  function remember(): void {
    if (isDirty()) isKept = keep(attempt, slot, { answer: readAnswer(form), revision, at: Date.now() })
    else forget(attempt, slot)
  }

  function schedule(inMs: number): void {
    clearTimeout(timer)
    timer = window.setTimeout(() => void flush(), inMs)
  }

  function onChange(event?: Event): void {
    if (isStopped || state === 'conflict') return remember()
    const name = (event?.target as HTMLInputElement | null)?.name
    if (name) changedFields.add(name)
    remember()
    if (!isDirty()) {
      // Taken back before it was sent: the server has this text already.
      clearTimeout(timer)
      firstChangeAt = 0
      changedFields = new Set()
      return sending ? undefined : show(settled.state, settled.words)
    }
    if (firstChangeAt === 0) firstChangeAt = performance.now()
    if (state === 'waiting') return showWaiting()
    show('typing', t('typing'))
    schedule(Math.max(0, Math.min(quietMs, firstChangeAt + longestMs - performance.now())))
  }

  function acknowledge(saved: Saved, sent: string): void {
    revision = saved.revision
    form.dataset.revision = String(revision)
    form.querySelector<HTMLInputElement>('input[name="revision"]')!.value = String(revision)
    acknowledged = sent
    failures = 0
    firstChangeAt = 0
    changedFields = new Set()
    const time = localTime(saved.savedAt)
    if (saved.late === 'too-late') show('late', t('tooLate'))
    else show('saved', saved.late === 'grace' ? t('savedGrace', { time }) : t('saved', { time }))
    settled = { state, words: place.textContent ?? '' }
    channel?.postMessage({ kind: 'saved', slot, revision, answer: JSON.parse(sent) })
    remember()
    onSaved(saved)
    if (isDirty()) onChange()
  }

  async function send(keepalive: boolean): Promise<boolean> {
    const sent = current()
    show('saving', t('saving'))
    const result = await talk<Saved>(url(slot), { revision, answer: JSON.parse(sent) }, { keepalive })
    if (result.kind === 'ok') {
      acknowledge(result.reply, sent)
      return true
    }
    if (result.kind === 'unreachable') {
      showWaiting()
      const pause = pausesMs[Math.min(failures++, pausesMs.length - 1)]!
      schedule(pause * (0.75 + Math.random() / 2))
      return false
    }
    if (result.status === 409 && result.stored) showConflict(result.stored)
    else if (result.status === 410) stop(t('closed'), 'closed')
    else if (result.status === 401) stop(t('signedOut'), 'late')
    else show('late', t('refused', { reason: result.detail }))
    return false
  }

  async function flush(keepalive = false): Promise<boolean> {
    clearTimeout(timer)
    if (sending) await sending
    if (isStopped || state === 'conflict') return !isDirty()
    if (!isDirty()) return true
    sending = send(keepalive).finally(() => { sending = undefined })
    return sending
  }

  function stop(words?: string, next: State = 'closed'): void {
    isStopped = true
    clearTimeout(timer)
    if (words !== undefined) show(next, words)
  }

  function showConflict(stored: { answer: unknown; revision: number; savedAt: string | null }): void {
    const theirs = JSON.stringify(stored.answer ?? null)
    if (theirs === current()) return acknowledge({ revision: stored.revision, savedAt: stored.savedAt ?? new Date().toISOString(), secondsLeft: null }, theirs)
    show('conflict', t('conflict'))
    remember()
    const version = (heading: string, answer: unknown, button: string, choose: () => void) => {
      const take = element('button', { type: 'button', class: 'button' }, button)
      take.addEventListener('click', () => {
        box.remove()
        choose()
      })
      return element('div', {}, element('h3', {}, heading), element('pre', { tabindex: '0' }, describeAnswer(form, answer)), take)
    }
    const keepMine = () => {
      revision = stored.revision
      show('typing', t('typing'))
      void flush()
    }
    const takeTheirs = () => {
      applyAnswer(form, stored.answer ?? '')
      acknowledge({ revision: stored.revision, savedAt: stored.savedAt ?? new Date().toISOString(), secondsLeft: null }, current())
    }
    const box = element('section', { class: 'conflict', tabindex: '-1' }, element('h2', {}, t('conflict')), element('p', {}, t('conflictLead')),
      element('div', { class: 'versions' }, version(t('conflictMine'), readAnswer(form), t('keepMine'), keepMine), version(t('conflictTheirs', { time: stored.savedAt ? localTime(stored.savedAt) : '' }), stored.answer, t('keepTheirs'), takeTheirs)))
    notices.replaceChildren(box)
    box.focus()
  }

  function replay(): void {
    for (const entry of waiting(attempt)) {
      if (entry.slot !== slot) void sendOther(entry.slot, entry)
      else if (JSON.stringify(entry.answer) === acknowledged) forget(attempt, slot)
      else if (entry.revision === revision) {
        applyAnswer(form, entry.answer)
        notices.replaceChildren(element('p', { class: 'note info' }, t('restored')))
        firstChangeAt = performance.now()
        void flush()
      } else {
        const stored = { answer: readAnswer(form), revision, savedAt: null }
        applyAnswer(form, entry.answer)
        showConflict(stored)
      }
    }
  }

  /** A question left while the server was away; a conflict there waits until it is opened. */
  async function sendOther(other: number, entry: { answer: unknown; revision: number }): Promise<void> {
    const result = await talk<Saved>(url(other), { revision: entry.revision, answer: entry.answer })
    if (result.kind === 'ok' || (result.kind === 'problem' && result.status !== 409)) forget(attempt, other)
  }

  channel?.addEventListener('message', ({ data }: MessageEvent<{ kind: 'hello' | 'here' | 'saved'; slot: number; revision?: number; answer?: unknown }>) => {
    if (data.slot !== slot) return
    if (data.kind === 'hello') channel.postMessage({ kind: 'here', slot })
    if (data.kind !== 'saved') notices.replaceChildren(element('p', { class: 'note wait' }, t('otherTab')))
    else if (!isDirty() && data.revision! > revision) {
      applyAnswer(form, data.answer)
      revision = data.revision!
      acknowledged = current()
      show('saved', t('saved', { time: localTime(new Date()) }))
    }
  })
  channel?.postMessage({ kind: 'hello', slot })

  form.addEventListener('input', onChange)
  form.addEventListener('change', onChange)
  form.addEventListener('focusout', () => { if (state === 'typing') void flush() })
  addEventListener('online', () => { if (isDirty()) void flush() })
  addEventListener('pagehide', () => { remember(); void flush(true) })
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') { remember(); void flush(true) } })
  addEventListener('beforeunload', (event) => {
    if (isDirty() && !isStopped && (state === 'waiting' || state === 'conflict' || !isKept)) event.preventDefault()
  })
  replay()
  return { flush: () => flush(), get isDirty() { return isDirty() }, stop: () => stop() }
}

