/** The editor in the colours of the page. Custom properties reach into the shadow root; style sheets do not. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const look = EditorView.theme({
  '&': { color: 'var(--ink)', backgroundColor: 'var(--surface)', fontSize: '0.875rem', height: 'clamp(18rem, calc(100vh - 21rem), 48rem)' },
  '&.cm-focused': { outline: '3px solid var(--focus)', outlineOffset: '-3px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5' },
  '.cm-content': { caretColor: 'var(--ink)', paddingBlock: '0.5rem' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--ink-soft)', border: 'none', borderRight: '1px solid var(--line)' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--ready) 5%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--ready) 10%, transparent)', color: 'var(--ink)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, .cm-content ::selection': { backgroundColor: 'color-mix(in srgb, var(--focus) 30%, transparent) !important' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--ready-soft)', outline: '1px solid var(--ready)' },
  '.cm-tooltip': { backgroundColor: 'var(--surface)', color: 'var(--ink)', border: '1px solid var(--line-strong)', borderRadius: '4px', fontFamily: 'var(--text)' },
  '.cm-diagnostic': { padding: '0.35rem 0.7rem', borderLeft: '4px solid var(--fail)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--fail) 1.5px', textUnderlineOffset: '3px' },
  '.cm-lint-marker-error': { content: 'none', width: '0.7rem', height: '0.7rem', backgroundColor: 'var(--fail)', borderRadius: '1px', transform: 'rotate(45deg) scale(0.8)' },
  '.cm-changedLine': { backgroundColor: 'var(--ready-soft) !important' },
  '.cm-changedText': { background: 'none !important', textDecoration: 'underline var(--ready) 2px', textUnderlineOffset: '3px' },
  '.cm-deletedChunk': { backgroundColor: 'var(--fail-soft) !important', paddingLeft: '6px' },
  '.cm-deletedText': { background: 'none !important', textDecoration: 'line-through var(--fail)' },
  '.cm-changeGutter': { width: '4px' },
  '.cm-changedLineGutter': { background: 'var(--ready) !important' },
  '.cm-deletedLineGutter': { background: 'var(--fail) !important' },
  '.cm-chunkButtons': { insetInlineEnd: '8px' },
  '.take-back': { font: '600 0.75rem var(--text)', color: 'var(--ink)', background: 'var(--surface)', border: '1px solid var(--line-strong)', borderRadius: '4px', padding: '0.1rem 0.5rem', cursor: 'pointer' },
})

const colours = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName, tags.keyword], color: 'var(--code-key)' },
  { tag: [tags.string, tags.content], color: 'var(--code-text)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--code-number)' },
  { tag: [tags.comment, tags.meta], color: 'var(--code-comment)', fontStyle: 'italic' },
  { tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: 'var(--ink-soft)' },
])

export const editorLook: Extension = [look, syntaxHighlighting(colours)]
