/** The checker in an editor: squiggles with quick fixes, completion and documentation. Loaded only where a page allows it, never in an exam. */
import { autocompletion } from '@codemirror/autocomplete'
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { lintGutter, setDiagnostics } from '@codemirror/lint'
import type { Diagnostic } from '@codemirror/lint'
import type { Extension } from '@codemirror/state'
import { EditorView, hoverTooltip } from '@codemirror/view'
import type { Text } from '../../server/checker/index.ts'
import type { Minor } from '../../server/apiserver/index.ts'
import type { MendableFinding, MendableReport } from './checker-asks.ts'
import type { Checker } from './checker-talk.ts'
import type { FieldName } from './manifest-knowledge.ts'
import { element, t } from './texts.ts'

export { createChecker } from './checker-talk.ts'

export type AssistOptions = {
  checker: Checker
  /** Every text that is checked together. */
  files: () => { file: string; text: string }[]
  options: () => { version: Minor; closed: boolean }
  /** How many objects are printed as stored. */
  defaultedMax?: number
  /** The report of the texts as they are now; undefined when there is none. */
  onReport: (report: MendableReport | undefined) => void
}
export type Assist = {
  /** Makes the editor of a file show what is found in it. */
  join(file: string, view: EditorView): void
  /** What the editor of a file needs beside its basics. */
  extension(file: string): Extension
  /** A text or an option has changed: checks after a short pause. */
  changed(): void
}

const pauseMs = 300
const language = (): keyof Text => (document.documentElement.lang === 'zh-CN' ? 'zh-CN' : 'en')

export function startAssist({ checker, files, options, defaultedMax = 0, onReport }: AssistOptions): Assist {
  const views = new Map<string, EditorView>()
  let timer: number | undefined
  let isRunning = false
  let isStale = false

  async function run(): Promise<void> {
    if (isRunning) {
      isStale = true
      return
    }
    isRunning = true
    const sent = files()
    const report = await checker.ask('check', { files: sent, ...options(), language: language(), defaultedMax })
    isRunning = false
    if (isStale) {
      isStale = false
      return changed()
    }
    if (report) for (const { file, text } of sent) show(file, text, report)
    onReport(report)
  }
  function changed(): void {
    clearTimeout(timer)
    timer = window.setTimeout(() => void run(), pauseMs)
  }
  function show(file: string, text: string, report: MendableReport): void {
    const view = views.get(file)
    if (view && view.state.doc.toString() === text) view.dispatch(setDiagnostics(view.state, diagnosticsOf(report, file, view)))
  }
  return {
    join: (file, view) => void views.set(file, view),
    extension: () => [lintGutter(), autocompletion({ override: [completionSource(checker, options)], icons: false }), hoverTooltip((view, at) => describe(checker, options, view, at)), assistLook],
    changed,
  }
}

/** What CodeMirror underlines in a file. */
export function diagnosticsOf({ problems, documents }: MendableReport, file: string, view: EditorView): Diagnostic[] {
  const length = view.state.doc.length
  /** What goes over several lines is underlined in its first one. */
  const place = ({ from, to }: { from: number; to: number }) => {
    const start = Math.min(from, length)
    return { from: start, to: Math.max(start, Math.min(to, view.state.doc.lineAt(start).to)) }
  }
  const found: Diagnostic[] = problems.filter((problem) => problem.file === file).map((problem) => ({ ...place(problem), severity: problem.severity, message: problem.message }))
  for (const one of documents.filter((document) => document.file === file)) {
    const first = view.state.doc.line(Math.min(Math.max(one.line, 1), view.state.doc.lines))
    for (const error of one.errors) found.push({ ...place(error), severity: 'error', message: error.path === '' ? error.message : `${error.path}: ${error.message}` })
    for (const warning of one.warnings) found.push({ from: first.from, to: first.to, severity: 'warning', message: warning })
    for (const finding of one.findings) found.push({ ...place(finding), severity: finding.severity, source: finding.rule, message: plain(finding.message), renderMessage: () => findingNode(finding), ...actionsOf(finding, view.state.doc.toString()) })
  }
  return found
}

const plain = (pieces: MendableFinding['message']): string => pieces.map(({ text }) => text).join('')
const nodesIn = (pieces: MendableFinding['message']): (Node | string)[] => pieces.map(({ text, code }) => (code ? element('code', {}, text) : text))

function findingNode({ rule, message, fix }: MendableFinding): Node {
  return element('div', { class: 'finding' }, element('div', {}, ...nodesIn(message)), element('div', { class: 'finding-fix' }, ...nodesIn(fix), ' ', element('a', { href: `/rules/${rule}`, target: '_blank', rel: 'noopener' }, t('ruleWhy'))))
}

/** The quick fix of a finding, as long as the text is the one that was checked. */
function actionsOf({ edit }: MendableFinding, text: string): Pick<Diagnostic, 'actions'> {
  if (!edit) return {}
  const { from, to, insert, title } = edit
  return { actions: [{ name: title, apply(view) {
    if (view.state.doc.toString() === text) view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, userEvent: 'input.fix', scrollIntoView: true })
  } }] }
}

function completionSource(checker: Checker, options: AssistOptions['options']) {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const word = context.matchBefore(/[\w./-]+/)
    if (!word && !context.explicit) return null
    const found = await checker.ask('suggest', { text: context.state.doc.toString(), at: context.pos, version: options().version })
    if (!found || context.aborted) return null
    const made = found.options.map(({ label, insert, shape, name }): Completion => ({ label, apply: insert, detail: shape, ...(name ? { info: () => aboutNode(checker, name) } : {}) }))
    return { from: found.from, to: found.to, options: made, validFor: /^[\w./-]*$/ }
  }
}

async function aboutNode(checker: Checker, name: FieldName): Promise<Node | null> {
  const about = await checker.ask('about', name)
  return about === undefined ? null : aboutText(about)
}

/** The Kubernetes documentation is in English. */
function aboutText(about: string): HTMLElement {
  return element('div', { class: 'about', lang: 'en' }, ...about.trim().split(/\n\n+/).map((paragraph) => element('p', {}, paragraph)))
}

async function describe(checker: Checker, options: AssistOptions['options'], view: EditorView, at: number) {
  const found = await checker.ask('describe', { text: view.state.doc.toString(), at, version: options().version })
  if (!found) return null
  const about = await checker.ask('about', found.name)
  return { pos: found.from, end: found.to, above: true, create: () => ({ dom: element('div', { class: 'described' }, element('div', { class: 'described-head' }, element('code', {}, found.path), ' ', element('span', {}, found.shape)), ...(about ? [aboutText(about)] : [])) }) }
}

const underline = (style: string, colour: string) => ({ backgroundImage: 'none', textDecoration: `underline ${style} var(--${colour}) 1.5px`, textUnderlineOffset: '3px' })
const marker = (colour: string, radius: string) => ({ content: 'none', width: '0.65rem', height: '0.65rem', backgroundColor: `var(--${colour})`, borderRadius: radius, margin: '0.2rem auto' })

const assistLook = EditorView.theme({
  '.cm-lintRange-warning': underline('wavy', 'wait'),
  '.cm-lintRange-hint': underline('dotted', 'info'),
  '.cm-lint-marker-warning': marker('wait', '1px'),
  '.cm-lint-marker-hint': marker('info', '50%'),
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--wait)' },
  '.cm-diagnostic-hint': { borderLeftColor: 'var(--info)' },
  '.cm-tooltip': { maxWidth: 'min(34rem, 92vw)', boxShadow: 'var(--shadow)', zIndex: '30' },
  '.cm-tooltip-lint': { maxHeight: '60vh', overflowY: 'auto' },
  '.cm-diagnostic': { fontSize: '0.875rem', lineHeight: '1.45' },
  '.cm-diagnosticSource': { display: 'none' },
  '.cm-diagnosticAction': { font: '600 0.8125rem var(--text)', color: 'var(--on-ready)', backgroundColor: 'var(--ready)', borderRadius: '4px', padding: '0.2rem 0.6rem', margin: '0.4rem 0 0.1rem', cursor: 'pointer' },
  '.finding-fix': { color: 'var(--ink-soft)', marginTop: '0.2rem' },
  '.finding a': { color: 'var(--ready)' },
  'code': { fontFamily: 'var(--mono)', fontSize: '0.92em' },
  '.described, .cm-completionInfo .about': { padding: '0.5rem 0.75rem', fontSize: '0.875rem', lineHeight: '1.5', maxHeight: '18rem', overflowY: 'auto' },
  '.described .about': { marginTop: '0.3rem' },
  '.described-head': { color: 'var(--ink-soft)', fontSize: '0.8125rem', overflowWrap: 'anywhere' },
  '.described-head code': { color: 'var(--ink)', fontWeight: '600' },
  '.about p': { margin: '0 0 0.4rem' },
  '.cm-completionInfo': { padding: '0', width: 'max-content', maxWidth: 'min(26rem, 80vw)' },
  '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '0.8125rem', maxHeight: '16rem' },
  '.cm-tooltip-autocomplete > ul > li': { padding: '0.15rem 0.6rem', lineHeight: '1.5' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--ready)', color: 'var(--on-ready)' },
  '.cm-completionDetail': { color: 'var(--ink-soft)', fontStyle: 'normal', marginLeft: '1rem' },
  'li[aria-selected] .cm-completionDetail': { color: 'inherit' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
})
