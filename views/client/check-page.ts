/** The checker page with scripts: an editor that is checked while one writes, in the browser. The text goes nowhere. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language'
import { lintKeymap } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view'
import type { Minor } from '../../server/apiserver/index.ts'
import type { MendableReport } from './checker-asks.ts'
import { editorLook } from './editor-look.ts'
import { reportView } from './report-view.ts'
import type { Kit } from './report-view.ts'
import { element, nodesOf, t } from './texts.ts'
import { createChecker, startAssist } from './yaml-assist.ts'

const file = 'manifest.yaml'
const keptAs = 'readyz-check'
const printedMax = 20

const page = document.querySelector<HTMLElement>('[data-checker]')
if (page) enhance(page)

/** What was typed before another language was chosen, or the page was loaded again. */
function kept(): string {
  try {
    return sessionStorage.getItem(keptAs) ?? ''
  } catch {
    return ''
  }
}

function keep(text: string): void {
  try {
    sessionStorage.setItem(keptAs, text)
  } catch {
    // Then it is not kept; the server was never going to keep it either.
  }
}

function enhance(page: HTMLElement): void {
  const kit = JSON.parse(page.dataset.kit!) as Kit
  const textarea = page.querySelector<HTMLTextAreaElement>('#manifest')!
  const version = page.querySelector<HTMLSelectElement>('#version')!
  const closed = page.querySelector<HTMLInputElement>('#closed')!
  const place = page.querySelector<HTMLElement>('#report')!
  const summary = page.querySelector<HTMLElement>('#check-summary')!
  const empty = [...place.childNodes].map((node) => node.cloneNode(true))
  const draw = reportView(kit)
  const position = element('span', {}, '')
  const host = element('div', { class: 'editor-host' })
  const editor = element('div', { class: 'editor' }, host, element('div', { class: 'editor-status' }, element('span', {}, t('tabIndents')), position))

  const assist = startAssist({
    checker: createChecker(page.dataset.worker!),
    files: () => [{ file, text: view.state.doc.toString() }],
    options: () => ({ version: version.value as Minor, closed: closed.checked }),
    defaultedMax: printedMax,
    onReport: show,
  })
  const view = new EditorView({
    root: host.attachShadow({ mode: 'open' }),
    parent: host.shadowRoot!,
    state: EditorState.create({ doc: textarea.value || kept(), extensions: [
      lineNumbers(), highlightActiveLineGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine(), yaml(), indentUnit.of('  '), editorLook,
      EditorView.contentAttributes.of({ 'aria-label': t('editorLabel', { file: document.querySelector('label[for="manifest"]')!.textContent! }), tabindex: '0', spellcheck: 'false', autocapitalize: 'off', autocorrect: 'off' }),
      assist.extension(file),
      keymap.of([indentWithTab, ...lintKeymap, ...historyKeymap, ...defaultKeymap]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) {
          textarea.value = update.state.doc.toString()
          keep(textarea.value)
          assist.changed()
        }
        if (update.docChanged || update.selectionSet) showPosition()
      }),
    ] }),
  })

  function showPosition(): void {
    const { head } = view.state.selection.main
    const line = view.state.doc.lineAt(head)
    position.textContent = t('lineColumn', { line: line.number, column: head - line.from + 1 })
  }

  function show(report: MendableReport | undefined): void {
    const isEmpty = view.state.doc.toString().trim() === ''
    if (isEmpty || !report) {
      summary.replaceChildren()
      return place.replaceChildren(...(isEmpty ? empty.map((node) => node.cloneNode(true)) : [element('p', { class: 'note fail' }, t('checkFailed'))]))
    }
    const open = new Set([...place.querySelectorAll<HTMLDetailsElement>('details[open][data-key]')].map(({ dataset }) => dataset.key))
    const focused = place.contains(document.activeElement) ? (document.activeElement!.closest('details') as HTMLElement | null)?.dataset.key : undefined
    const words = draw.summary(report)
    if (summary.dataset.shown !== words) summary.replaceChildren(nodesOf(words))
    summary.dataset.shown = words
    place.replaceChildren(nodesOf(draw.report(report)))
    for (const details of place.querySelectorAll<HTMLDetailsElement>('details[data-key]')) {
      details.open = open.has(details.dataset.key)
      if (focused !== undefined && details.dataset.key === focused) details.querySelector('summary')?.focus()
    }
  }

  function goTo(lineNumber: number, column: number): void {
    const line = view.state.doc.line(Math.min(Math.max(lineNumber, 1), view.state.doc.lines))
    const at = Math.min(line.from + Math.max(0, column - 1), line.to)
    view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) })
    view.focus()
    editor.scrollIntoView({ block: 'nearest' })
  }

  textarea.hidden = true
  textarea.before(editor)
  document.querySelector<HTMLElement>('label[for="manifest"]')!.hidden = true
  assist.join(file, view)
  page.addEventListener('click', (event) => {
    const link = (event.target as HTMLElement).closest<HTMLElement>('a[data-line]')
    if (link) {
      event.preventDefault()
      goTo(Number(link.dataset.line), Number(link.dataset.column))
    }
    if ((event.target as HTMLElement).closest('a[data-example]')) {
      event.preventDefault()
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: kit.example }, selection: { anchor: 0 }, userEvent: 'input' })
    }
  })
  for (const control of [version, closed]) control.addEventListener('change', () => assist.changed())
  page.querySelector('form')!.addEventListener('submit', (event) => event.preventDefault())
  showPosition()
  if (view.state.doc.length > 0) assist.changed()
}
