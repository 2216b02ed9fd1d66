/** A slider over a run that was looked at: what kubectl said at that moment, before and after the repair, and a line through both pictures. */
import { span } from '../../server/k8s/duration.ts'
import { talk } from './server-talk.ts'
import { element } from './texts.ts'

type Side = { printed: { line: string; text: string }[]; unreadable?: { message: string }[] }
type Looked = { before: Side; after?: Side }

const waitMs = 180

/** As the axis of the pictures writes it. */
function instantWords(ms: number): string {
  return span(ms)[document.documentElement.lang.startsWith('zh') ? 'zh-CN' : 'en']
}

/** Brings the moment into view where the picture is wider than its place. */
function showMoment(svg: SVGSVGElement, x: number): void {
  const place = svg.closest('.scroll')
  if (!place || place.scrollWidth <= place.clientWidth) return
  const at = (x / svg.viewBox.baseVal.width) * svg.clientWidth
  const margin = place.clientWidth / 8
  if (at < place.scrollLeft + margin || at > place.scrollLeft + place.clientWidth - margin) place.scrollLeft = at - place.clientWidth / 2
}

function moveCursors(scrub: HTMLElement, at: number): void {
  for (const svg of scrub.previousElementSibling?.querySelectorAll<SVGSVGElement>('svg[data-until]') ?? []) {
    let cursor = svg.querySelector('.cursor')
    if (!cursor) {
      cursor = document.createElementNS('http://www.w3.org/2000/svg', 'line')
      cursor.setAttribute('class', 'cursor')
      svg.append(cursor)
    }
    const { until, left, right } = svg.dataset as Record<string, string>
    const x = Number(left) + (Math.min(at, Number(until)) / Number(until)) * (Number(right) - Number(left))
    for (const [name, value] of [['x1', x], ['x2', x], ['y1', 4], ['y2', svg.viewBox.baseVal.height - 18]] as const) cursor.setAttribute(name, String(value))
    showMoment(svg, x)
  }
}

function side(title: string, { printed, unreadable = [] }: Side): HTMLElement {
  return element('section', {}, element('h5', {}, title), ...unreadable.map(({ message }) => element('p', { class: 'note fail' }, message)), ...printed.map(({ line, text }) => element('pre', { tabindex: '0', 'aria-label': line }, element('code', {}, line), text)))
}

const states = new WeakMap<HTMLElement, { timer?: number; asked: number }>()

async function look(scrub: HTMLElement): Promise<void> {
  const state = states.get(scrub) ?? { asked: 0 }
  states.set(scrub, state)
  const asked = ++state.asked
  const outputs = scrub.querySelector('[data-outputs]')!
  const command = scrub.querySelector<HTMLInputElement>('[data-command]')!.value.trim()
  const query = new URLSearchParams({ run: scrub.dataset.run!, at: scrub.querySelector<HTMLInputElement>('[data-at]')!.value, ...(command === '' ? {} : { command }) })
  outputs.setAttribute('aria-busy', 'true')
  const result = await talk<Looked>(`${scrub.dataset.url}?${query.toString()}`)
  // A newer question makes this answer worthless.
  if (asked !== state.asked) return
  outputs.removeAttribute('aria-busy')
  if (result.kind !== 'ok') return outputs.replaceChildren(element('p', { class: 'note wait' }, scrub.dataset.failed!))
  const { before, after } = result.reply
  outputs.replaceChildren(side(scrub.dataset.before!, before), ...(after ? [side(scrub.dataset.after!, after)] : []))
}

function soon(scrub: HTMLElement): void {
  const state = states.get(scrub) ?? { asked: 0 }
  states.set(scrub, state)
  clearTimeout(state.timer)
  state.timer = window.setTimeout(() => void look(scrub), waitMs)
}

/** For all sliders of the page, also those that come later with an outcome. */
export function startTimelines(): void {
  const scrubOf = (event: Event) => (event.target instanceof Element ? event.target.closest<HTMLElement>('[data-scrub]') : null)
  for (const type of ['input', 'change']) {
    document.addEventListener(type, (event) => {
      const scrub = scrubOf(event)
      if (!scrub) return
      // A moment is no part of the answer around it.
      event.stopPropagation()
      const field = event.target as HTMLInputElement
      if (!field.hasAttribute('data-at') || type === 'change') return
      const words = instantWords(Number(field.value))
      field.setAttribute('aria-valuetext', words)
      scrub.querySelector('[data-moment]')!.textContent = words
      moveCursors(scrub, Number(field.value))
      soon(scrub)
    }, true)
  }
  document.addEventListener('click', (event) => {
    const scrub = scrubOf(event)
    if (scrub && (event.target as Element).closest('[data-show]')) void look(scrub)
  })
  document.addEventListener('keydown', (event) => {
    const scrub = scrubOf(event)
    if (!scrub || event.key !== 'Enter' || event.isComposing || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    void look(scrub)
  })
}
