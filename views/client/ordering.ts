/** Entries of an ordering question move by dragging or by their buttons. */
import { announce, t } from './texts.ts'

export function enhanceOrdering(root: HTMLElement, changed: () => void): void {
  const list = root.querySelector('ol')!
  const items = () => [...list.querySelectorAll<HTMLElement>('li[data-id]')]
  const keepButton = root.querySelector<HTMLElement>('[data-keep-order]')

  function done(item: HTMLElement, says: boolean): void {
    root.dataset.answered = 'true'
    keepButton?.setAttribute('hidden', '')
    const all = items()
    for (const [index, one] of all.entries()) {
      one.querySelector<HTMLButtonElement>('[data-move="up"]')!.disabled = index === 0
      one.querySelector<HTMLButtonElement>('[data-move="down"]')!.disabled = index === all.length - 1
    }
    if (says) announce(t('moved', { item: item.querySelector('[id^="text-"]')!.textContent.trim(), place: all.indexOf(item) + 1, count: all.length }))
    changed()
  }

  list.addEventListener('click', (event) => {
    const button = (event.target as HTMLElement).closest<HTMLButtonElement>('[data-move]')
    if (!button) return
    const item = button.closest('li')!
    const other = button.dataset.move === 'up' ? item.previousElementSibling : item.nextElementSibling
    if (!other) return
    if (button.dataset.move === 'up') other.before(item)
    else other.after(item)
    done(item, true)
    // At the end of the list the button that was pressed is off; the focus goes to its neighbour.
    const next = button.disabled ? item.querySelector<HTMLButtonElement>('[data-move]:not(:disabled)') : button
    next?.focus()
  })

  let dragged: HTMLElement | undefined
  list.addEventListener('pointerdown', (event) => {
    const target = event.target as HTMLElement
    if (event.button !== 0 || target.closest('button, select, a')) return
    dragged = target.closest<HTMLElement>('li[data-id]') ?? undefined
    if (!dragged) return
    list.setPointerCapture(event.pointerId)
    dragged.classList.add('dragging')
    event.preventDefault()
  })
  list.addEventListener('pointermove', (event) => {
    if (!dragged) return
    for (const item of items()) {
      if (item === dragged) continue
      const box = item.getBoundingClientRect()
      const middle = box.top + box.height / 2
      const isBelow = (dragged.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0
      if (isBelow && event.clientY > middle) item.after(dragged)
      else if (!isBelow && event.clientY < middle) { item.before(dragged); break }
    }
  })
  const drop = () => {
    if (!dragged) return
    dragged.classList.remove('dragging')
    const item = dragged
    dragged = undefined
    done(item, true)
  }
  list.addEventListener('pointerup', drop)
  list.addEventListener('pointercancel', drop)
  keepButton?.querySelector('button')!.addEventListener('click', () => {
    done(items()[0]!, false)
    items()[0]!.querySelector<HTMLButtonElement>('[data-move="down"]')!.focus()
  })
}
