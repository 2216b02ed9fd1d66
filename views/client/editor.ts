/**
 * Textareas of a repair become an editor with a tab per file. The textareas stay, hidden, and always hold the text: saving, checking and
 * plain forms know nothing of the editor. Each editor lives in a shadow root, so that its style sheets need no exception from the CSP.
 */
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language'
import { lintGutter, lintKeymap, linter } from '@codemirror/lint'
import { unifiedMergeView } from '@codemirror/merge'
import { Compartment, EditorState } from '@codemirror/state'
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view'
import type { Minor } from '../../server/apiserver/index.ts'
import { editorLook } from './editor-look.ts'
import { announce, element, t } from './texts.ts'
import type { Assist } from './yaml-assist.ts'
import { yamlProblems } from './yaml-problems.ts'

type File = { path: string; textarea?: HTMLTextAreaElement; original: string; given: boolean }
type Pane = { file: File; tab: HTMLButtonElement; panel: HTMLElement; view: EditorView; difference: Compartment; help: Compartment; showsChanges: boolean; problems: number }

function filesIn(root: HTMLElement): File[] {
  return [...root.querySelectorAll<HTMLElement>('.file')].map((file) => {
    const textarea = file.querySelector('textarea') ?? undefined
    return { path: file.dataset.path!, ...(textarea ? { textarea } : {}), original: textarea ? file.dataset.original! : (file.querySelector('pre')?.textContent ?? ''), given: 'given' in file.dataset }
  })
}

function takeBackButton(type: 'reject' | 'accept', action: (event: MouseEvent) => void): HTMLElement {
  const button = element('button', { type: 'button', class: 'take-back' }, t('revert'))
  // The original is what we compare with; there is nothing to accept.
  if (type === 'accept') button.hidden = true
  button.addEventListener('mousedown', action)
  return button
}

function enhance(root: HTMLElement): void {
  const list = root.querySelector<HTMLElement>('[data-files]')!
  const files = filesIn(list)
  const tablist = element('div', { role: 'tablist', 'aria-label': t('fileTabs') })
  const changesButton = element('button', { type: 'button', class: 'button quiet small', 'aria-pressed': 'false' }, t('showChanges'))
  const resetButton = element('button', { type: 'button', class: 'button quiet small' }, t('reset'))
  const tabHint = element('span', {}, t('tabIndents'))
  const problemCount = element('span', { role: 'status' })
  const position = element('span', {}, '')
  const panels = element('div', {})
  const editor = element('div', { class: 'editor' }, element('div', { class: 'editor-tabs' }, tablist, element('div', { class: 'editor-tools' }, changesButton, resetButton)), panels, element('div', { class: 'editor-status' }, tabHint, problemCount, position))
  let tabMoves = false
  let shown: Pane
  let assist: Assist | undefined
  const panes = files.map((file, index) => makePane(file, index))

  function makePane(file: File, index: number): Pane {
    const tab = element('button', { type: 'button', role: 'tab', id: `tab-${index}`, 'aria-controls': `panel-${index}`, 'aria-selected': 'false', tabindex: '-1' }, file.path)
    const host = element('div', { class: 'editor-host' })
    const panel = element('div', { role: 'tabpanel', id: `panel-${index}`, 'aria-labelledby': `tab-${index}`, hidden: '' }, host)
    tablist.append(tab)
    panels.append(panel)
    if (file.given) tab.append(element('small', {}, t('readOnly')))
    const shadow = host.attachShadow({ mode: 'open' })
    const difference = new Compartment()
    const help = new Compartment()
    const pane = { file, tab, panel, difference, help, showsChanges: false, problems: 0 } as unknown as Pane
    pane.view = new EditorView({ root: shadow, parent: shadow, state: EditorState.create({ doc: file.textarea?.value ?? file.original, extensions: [extensionsOf(pane), difference.of([])] }) })
    tab.addEventListener('click', () => show(pane))
    return pane
  }

  function extensionsOf(pane: Pane) {
    const { file } = pane
    return [
      lineNumbers(), highlightActiveLineGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine(), yaml(), indentUnit.of('  '), editorLook,
      EditorState.readOnly.of(file.given),
      EditorView.contentAttributes.of({ 'aria-label': t('editorLabel', { file: file.path }), tabindex: '0', spellcheck: 'false', autocapitalize: 'off', autocorrect: 'off' }),
      keymap.of([{ key: 'Ctrl-m', run: toggleTab }, { key: 'Shift-Alt-m', run: toggleTab }, indentWithTab, ...lintKeymap, ...historyKeymap, ...defaultKeymap]),
      pane.help.of(file.given ? [] : [lintGutter(), linter((view) => {
        const problems = yamlProblems(view.state.doc.toString())
        pane.problems = problems.length
        if (pane === shown) showStatus()
        return problems.map((problem) => ({ ...problem, severity: 'error' as const }))
      }, { delay: 400 })]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged && file.textarea) {
          const text = update.state.doc.toString()
          if (file.textarea.value !== text) {
            file.textarea.value = text
            file.textarea.dispatchEvent(new Event('input', { bubbles: true }))
          }
          markChanged(pane)
          assist?.changed()
        }
        if (update.docChanged || update.selectionSet) showStatus()
      }),
    ]
  }

  function markChanged(pane: Pane): void {
    const isChanged = pane.file.textarea !== undefined && pane.file.textarea.value !== pane.file.original
    const mark = pane.tab.querySelector('.changed')
    if (isChanged && !mark) pane.tab.append(element('span', { class: 'changed', title: t('changed'), role: 'img', 'aria-label': t('changed') }))
    if (!isChanged) mark?.remove()
  }

  function toggleTab(): boolean {
    tabMoves = !tabMoves
    for (const { view } of panes) view.setTabFocusMode(tabMoves)
    tabHint.textContent = tabMoves ? t('tabMoves') : t('tabIndents')
    announce(tabHint.textContent)
    return true
  }

  function showStatus(): void {
    if (!shown) return
    const { head } = shown.view.state.selection.main
    const line = shown.view.state.doc.lineAt(head)
    position.textContent = t('lineColumn', { line: line.number, column: head - line.from + 1 })
    const words = shown.file.given ? t('readOnly') : shown.problems === 0 ? t('noProblems') : shown.problems === 1 ? t('problemOne') : t('problemMany', { count: shown.problems })
    if (problemCount.textContent !== words) problemCount.textContent = words
    problemCount.className = shown.problems > 0 ? 'problems' : shown.file.given ? '' : 'clean'
  }

  function show(pane: Pane, focus = false): void {
    shown = pane
    for (const one of panes) {
      const isShown = one === pane
      one.tab.setAttribute('aria-selected', String(isShown))
      one.tab.tabIndex = isShown ? 0 : -1
      one.panel.hidden = !isShown
    }
    changesButton.setAttribute('aria-pressed', String(pane.showsChanges))
    changesButton.textContent = pane.showsChanges ? t('hideChanges') : t('showChanges')
    changesButton.hidden = resetButton.hidden = pane.file.given
    pane.view.requestMeasure()
    if (focus) pane.tab.focus()
    showStatus()
  }

  tablist.addEventListener('keydown', (event) => {
    const index = panes.indexOf(shown)
    const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: panes.length - 1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    show(panes[(next + panes.length) % panes.length]!, true)
  })
  changesButton.addEventListener('click', () => {
    shown.showsChanges = !shown.showsChanges
    shown.view.dispatch({ effects: shown.difference.reconfigure(shown.showsChanges ? unifiedMergeView({ original: shown.file.original, mergeControls: takeBackButton, allowInlineDiffs: true }) : []) })
    show(shown)
  })
  resetButton.addEventListener('click', () => {
    shown.view.dispatch({ changes: { from: 0, to: shown.view.state.doc.length, insert: shown.file.original }, userEvent: 'reset' })
    announce(t('resetDone'))
    shown.view.focus()
  })

  // Answers that come from the journal or from another tab.
  root.closest('form')?.addEventListener('readyz:applied', () => {
    for (const { view, file } of panes) {
      const text = file.textarea?.value
      if (text !== undefined && text !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
    }
  })
  document.addEventListener('click', (event) => {
    const link = (event.target as HTMLElement).closest<HTMLElement>('a[data-file]')
    const pane = panes.find(({ file }) => file.path === link?.dataset.file)
    if (!link || !pane) return
    event.preventDefault()
    show(pane)
    const line = Math.min(Number(link.dataset.line ?? 1), pane.view.state.doc.lines)
    const { from, to } = pane.view.state.doc.line(Math.max(1, line))
    const at = Math.min(from + Math.max(0, Number(link.dataset.column ?? 1) - 1), to)
    pane.view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) })
    pane.view.focus()
    root.scrollIntoView({ block: 'nearest' })
  })

  /** Only pages of practice name the checker: then it takes the place of the look at the syntax. */
  async function getHelp(workerUrl: string, version: Minor): Promise<void> {
    const { createChecker, startAssist } = await import('./yaml-assist.ts')
    const started = startAssist({
      checker: createChecker(workerUrl),
      files: () => panes.map(({ file, view }) => ({ file: file.path, text: view.state.doc.toString() })),
      options: () => ({ version, closed: false }),
      onReport: (report) => {
        for (const pane of panes) {
          const documents = report?.documents.filter(({ file }) => file === pane.file.path) ?? []
          const inText = report?.problems.filter(({ file }) => file === pane.file.path) ?? []
          pane.problems = inText.length + documents.reduce((sum, { errors, warnings, findings }) => sum + errors.length + warnings.length + findings.length, 0)
        }
        showStatus()
      },
    })
    for (const pane of panes.filter(({ file }) => !file.given)) {
      started.join(pane.file.path, pane.view)
      pane.view.dispatch({ effects: pane.help.reconfigure(started.extension(pane.file.path)) })
    }
    assist = started
    started.changed()
  }

  const checker = document.querySelector<HTMLMetaElement>('meta[name="checker"]')
  if (checker) void getHelp(checker.content, checker.dataset.kubernetes as Minor)
  for (const pane of panes) markChanged(pane)
  list.hidden = true
  list.before(editor)
  show(panes[0]!)
}

for (const root of document.querySelectorAll<HTMLElement>('[data-workbench]')) enhance(root)
