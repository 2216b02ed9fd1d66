/** Takes a question's Markdown file apart: front matter with positions, title, headings, list entries. Pure; never throws. */
import { LineCounter, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import type { Language } from '../question-types/index.ts'
import { headings } from './format.ts'
import type { Problem } from './format.ts'

export type Entry = { id: string; text: string; why: string; ticked: boolean | undefined; line: number }
export type Part = { name: string; line: number; text: string; lines: string[] }
export type MarkdownFile = {
  file: string
  fields: unknown
  hasFields: boolean
  title: string
  titleLine: number
  parts: Map<string, Part>
  /** Everything after the front matter, for pages without fixed headings. */
  body: string
  /** Line and column of a front-matter path such as `key.accept.0`; its nearest existing ancestor otherwise. */
  locate: (path: readonly (string | number)[]) => { line: number; column: number }
}

function locator(document: Document | undefined, lines: LineCounter): MarkdownFile['locate'] {
  return (path) => {
    for (let depth = path.length; depth > 0 && document; depth--) {
      const node = document.getIn(path.slice(0, depth), true) as { range?: [number, number, number] } | undefined
      if (node && typeof node === 'object' && node.range) {
        const { line, col } = lines.linePos(node.range[0])
        return { line: line + 1, column: col }
      }
    }
    return { line: 1, column: 1 }
  }
}

/** Splits front matter (between two `---` lines at the very start) from the rest and reads it. */
export function readFrontMatter(file: string, text: string, problems: Problem[]): Pick<MarkdownFile, 'fields' | 'hasFields' | 'body' | 'locate'> & { bodyLine: number } {
  const source = text.replaceAll('\r\n', '\n')
  const match = /^---\n([\s\S]*?\n)?---[ \t]*(?:\n|$)/.exec(source)
  if (!match) return { fields: {}, hasFields: false, body: source, bodyLine: 1, locate: () => ({ line: 1, column: 1 }) }
  const lines = new LineCounter()
  const document = parseDocument(match[1] ?? '', { lineCounter: lines, logLevel: 'silent' })
  for (const error of document.errors) problems.push({ file, line: (error.linePos?.[0].line ?? 1) + 1, column: error.linePos?.[0].col ?? 1, message: error.message.split('\n')[0]! })
  let fields: unknown = {}
  try {
    fields = document.errors.length > 0 ? {} : document.toJS({ maxAliasCount: 100 }) ?? {}
  } catch {
    problems.push({ file, line: 2, column: 1, message: 'The front matter has too many aliases.' })
  }
  const bodyLine = match[0].split('\n').length
  return { fields, hasFields: Object.keys(fields as object).length > 0, body: source.slice(match[0].length), bodyLine, locate: locator(document, lines) }
}

/** Reads a question's file. Unknown, repeated and missing-title headings become problems. */
export function readMarkdownFile(file: string, text: string, language: Language, problems: Problem[]): MarkdownFile {
  const { fields, hasFields, body, bodyLine, locate } = readFrontMatter(file, text, problems)
  const names = new Map(Object.entries(headings).map(([name, title]) => [title[language], name]))
  const result: MarkdownFile = { file, fields, hasFields, title: '', titleLine: bodyLine, parts: new Map(), body, locate }
  let fence: string | undefined
  let part: Part | undefined
  for (const [index, line] of body.split('\n').entries()) {
    const at = bodyLine + index
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1]
    if (mark) fence = fence === undefined ? mark : mark[0] === fence[0] && mark.length >= fence.length ? undefined : fence
    const heading = fence === undefined && !mark ? /^(#{1,2})\s+(.*?)\s*$/.exec(line) : null
    if (!heading) {
      if (part) part.lines.push(line)
      else if (line.trim() !== '' && !line.trim().startsWith('<!--')) problems.push({ file, line: at, column: 1, message: 'Text before the first heading is not shown anywhere.' })
      continue
    }
    if (heading[1] === '#') {
      if (result.title !== '') problems.push({ file, line: at, column: 1, message: 'There is a second title.' })
      result.title = heading[2]!
      result.titleLine = at
      continue
    }
    const name = names.get(heading[2]!)
    if (name === undefined) problems.push({ file, line: at, column: 4, message: `Unknown heading "${heading[2]}". Known: ${[...names.keys()].join(', ')}.` })
    else if (result.parts.has(name)) problems.push({ file, line: at, column: 4, message: `The heading "${heading[2]}" is there twice.` })
    part = { name: name ?? `unknown-${at}`, line: at, text: '', lines: [] }
    if (name !== undefined) result.parts.set(name, part)
  }
  if (fence !== undefined) problems.push({ file, line: bodyLine, column: 1, message: 'A code fence is never closed.' })
  if (result.title === '') problems.push({ file, line: bodyLine, column: 1, message: 'The title is missing: start with "# Title".' })
  for (const each of result.parts.values()) each.text = each.lines.join('\n').trim()
  return result
}

/** The list items of a part with their nested reasons; `ids: false` for hints, which have none. */
export function readEntries(file: string, part: Part, ids: boolean, problems: Problem[]): Entry[] {
  const entries: Entry[] = []
  let inReason = false
  for (const [index, line] of part.lines.entries()) {
    const at = part.line + 1 + index
    const top = /^(?:[-*]|\d+\.)\s+(?:\[([ xX])\]\s+)?(.*)$/.exec(line)
    const current = entries.at(-1)
    if (top) {
      const withId = /^\(([a-z0-9]{1,3})\)\s*(.*)$/.exec(top[2]!)
      if (ids && !withId) problems.push({ file, line: at, column: 1, message: 'Write the id in parentheses: - (a) text' })
      entries.push({ id: ids ? (withId?.[1] ?? '') : String(entries.length + 1), text: ids ? (withId?.[2] ?? top[2]!) : top[2]!, why: '', ticked: top[1] === undefined ? undefined : top[1] !== ' ', line: at })
      inReason = false
    } else if (!current) {
      if (line.trim() !== '') problems.push({ file, line: at, column: 1, message: 'Only list items are read below this heading.' })
    } else if (ids && !inReason && /^\s+[-*]\s+/.test(line)) {
      current.why = line.replace(/^\s+[-*]\s+/, '')
      inReason = true
    } else if (inReason) current.why += `\n${line.replace(/^ {1,4}/, '')}`
    else current.text += `\n${line.replace(/^ {1,2}/, '')}`
  }
  for (const entry of entries) {
    entry.text = entry.text.trim()
    entry.why = entry.why.trim()
    if (entry.text === '') problems.push({ file, line: entry.line, column: 1, message: `Entry (${entry.id}) has no text.` })
  }
  return entries
}
