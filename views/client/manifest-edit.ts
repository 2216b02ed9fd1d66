/** Turns the change that a rule proposes into an edit of the text that leaves the rest of it as it is. */
import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, stringify } from 'yaml'
import type { Document, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import type { Change } from '../../server/checker/index.ts'
import { parseManifest } from '../../server/k8s/manifest.ts'
import type { ManifestDocument } from '../../server/k8s/manifest.ts'

export type Edit = { from: number; to: number; insert: string }
type Steps = readonly (string | number)[]
type Found = { node: Node | null; pair?: Pair<Node, Node | null>; parent?: YAMLMap<Node, Node | null> | YAMLSeq<Node> }

/** The edit that carries out a change in the object of `document`, or undefined where it cannot be done without touching anything else. */
export function editOf(text: string, document: ManifestDocument, change: Change): Edit | undefined {
  const edit = proposed(text, document, change)
  return edit && keepsTheRest(text, document.index, change, edit) ? edit : undefined
}

function proposed(text: string, document: ManifestDocument, { path, value }: Change): Edit | undefined {
  const object = objectAt(text, document.rangeOf([]).start.offset)
  if (!object) return undefined
  let found: Found = { node: object }
  for (let depth = 0; depth < path.length; depth++) {
    const next = stepInto(found.node, path[depth]!)
    if (next === 'shared') return undefined
    if (!next) return value === undefined ? undefined : added(text, found, path.slice(depth), value)
    found = next
  }
  return value === undefined ? removed(text, found) : replaced(text, found, value)
}

/** The map that is the object: a whole document, or an item of a list. */
function objectAt(text: string, offset: number): YAMLMap<Node, Node | null> | undefined {
  const documents = parseAllDocuments(text, { logLevel: 'silent', uniqueKeys: false })
  if (!Array.isArray(documents)) return undefined
  const holder = (documents as Document.Parsed[]).find(({ range }) => offset >= range[0] && offset < range[2])
  let found: YAMLMap<Node, Node | null> | undefined
  const visit = (node: unknown): void => {
    if (found) return
    if (isMap(node)) {
      const start = node.range?.[0] ?? -1
      const first = (node.items[0] as Pair<Node> | undefined)?.key?.range?.[0]
      if (start === offset || first === offset) found = node as YAMLMap<Node, Node | null>
      else for (const { value } of node.items) visit(value)
    } else if (isSeq(node)) node.items.forEach(visit)
  }
  visit(holder?.contents)
  return found ?? (isMap(holder?.contents) ? (holder.contents as YAMLMap<Node, Node | null>) : undefined)
}

function stepInto(node: Node | null, step: string | number): Found | 'shared' | undefined {
  if (isAlias(node)) return 'shared'
  if (isSeq(node)) {
    const item = node.items[Number(step)] as Node | undefined
    return item && { node: item, parent: node as YAMLSeq<Node> }
  }
  if (!isMap(node)) return undefined
  const pairs = node.items as Pair<Node, Node | null>[]
  const pair = pairs.find(({ key }) => isScalar(key) && String(key.value) === String(step))
  if (pair) return { node: pair.value, pair, parent: node as YAMLMap<Node, Node | null> }
  return pairs.some(({ key }) => isScalar(key) && key.value === '<<') ? 'shared' : undefined
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1)
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset)
  return end < 0 ? text.length : end
}

/** Quotes what kubectl would not read as text, such as `on` and `010`. */
const yamlText = { lineWidth: 0, version: '1.1' } as const

const isJson = (text: string): boolean => /^\s*\{/.test(text)

/** In one line, as it stands inside braces. */
function flowText(value: unknown, json: boolean): string {
  if (json) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item) => flowText(item, json)).join(', ')}]`
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0 ? '{}' : `{ ${Object.entries(value).map(([key, one]) => `${flowText(key, json)}: ${flowText(one, json)}`).join(', ')} }`
  return stringify(value, { ...yamlText, collectionStyle: 'flow' }).trimEnd().replace(/^(.*[,[\]{}].*)$/, (plain) => (/^["']/.test(plain) ? plain : JSON.stringify(value)))
}

function blockLines(value: unknown): string[] {
  return stringify(value, yamlText).trimEnd().split('\n')
}

const isSmall = (value: unknown): boolean => typeof value !== 'object' || value === null || Object.keys(value).length === 0

function replaced(text: string, { node, pair, parent }: Found, value: unknown): Edit | undefined {
  if (isAlias(node)) return undefined
  const isFlow = isJson(text) || Boolean(parent?.flow) || Boolean((node as YAMLMap | null)?.flow)
  const range = node?.range
  if (isSmall(value) || isFlow) {
    const written = flowText(value, isJson(text))
    if (range && range[0] < range[1] && (isScalar(node) ? !/^BLOCK/.test(String((node as Scalar).type)) : Boolean((node as YAMLMap).flow))) return { from: range[0], to: range[1], insert: written }
    if (!pair) return undefined
    const colon = text.indexOf(':', pair.key.range![1])
    const end = range ? Math.max(range[1], colon + 1) : colon + 1
    const keepsLine = text[end - 1] === '\n' ? end - 1 : end
    return { from: colon + 1, to: keepsLine, insert: ` ${written}` }
  }
  if (!pair) return undefined
  const colon = text.indexOf(':', pair.key.range![1])
  const indent = ' '.repeat(columnOf(text, pair.key.range![0]) + 2)
  const end = range ? Math.max(range[1], colon + 1) : colon + 1
  return { from: colon + 1, to: text[end - 1] === '\n' ? end - 1 : end, insert: blockLines(value).map((line) => `\n${indent}${line}`).join('') }
}

/** Writes what is missing from `rest` on below the deepest node that exists. */
function added(text: string, { node, pair }: Found, rest: Steps, value: unknown): Edit | undefined {
  const [step, ...below] = rest as [string | number, ...(string | number)[]]
  const inner = below.reduceRight<unknown>((held, one) => (typeof one === 'number' ? [held] : { [one]: held }), value)
  if (isMap(node) && typeof step === 'string') return addedToMap(text, node as YAMLMap<Node, Node | null>, { [step]: inner })
  if (isSeq(node) && step === node.items.length) return addedToList(text, node as YAMLSeq<Node>, inner)
  const isNothing = node === null || (isScalar(node) && node.value === null && node.range?.[0] === node.range?.[1])
  if (!isNothing || !pair || isJson(text)) return undefined
  const colon = text.indexOf(':', pair.key.range![1])
  const indent = ' '.repeat(columnOf(text, pair.key.range![0]) + 2)
  const end = lineEnd(text, colon)
  return { from: end, to: end, insert: blockLines(typeof step === 'number' ? [inner] : { [step]: inner }).map((line) => `\n${indent}${line}`).join('') }
}

function endOfPair({ key, value }: Pair<Node, Node | null>): number {
  return Math.max(key.range![1], value?.range?.[1] ?? 0)
}

function addedToMap(text: string, map: YAMLMap<Node, Node | null>, addition: Record<string, unknown>): Edit | undefined {
  const json = isJson(text)
  const last = map.items.at(-1)
  if (map.flow) {
    const written = flowText(addition, json).replace(/^\{ ?| ?\}$/g, '')
    if (!last) return { from: map.range![0], to: map.range![1], insert: json ? `{${written}}` : `{ ${written} }` }
    const end = endOfPair(last)
    return { from: end, to: end, insert: `, ${written}` }
  }
  if (!last) return undefined
  const indent = ' '.repeat(columnOf(text, map.items[0]!.key.range![0]))
  const end = endOfPair(last)
  const isBlockEnd = text[end - 1] === '\n'
  const at = isBlockEnd ? end - 1 : lineEnd(text, end)
  return { from: at, to: at, insert: blockLines(addition).map((line) => `\n${indent}${line}`).join('') }
}

function addedToList(text: string, list: YAMLSeq<Node>, item: unknown): Edit | undefined {
  const last = list.items.at(-1)
  if (list.flow) {
    const written = flowText(item, isJson(text))
    if (!last) return { from: list.range![0], to: list.range![1], insert: `[${written}]` }
    return { from: last.range![1], to: last.range![1], insert: `, ${written}` }
  }
  if (!last) return undefined
  const indent = ' '.repeat(columnOf(text, list.range![0]))
  const end = last.range![1]
  const at = text[end - 1] === '\n' ? end - 1 : lineEnd(text, end)
  return { from: at, to: at, insert: blockLines([item]).map((line) => `\n${indent}${line}`).join('') }
}

function removed(text: string, { node, pair, parent }: Found): Edit | undefined {
  if (!parent) return undefined
  const index = pair ? (parent as YAMLMap).items.indexOf(pair) : (parent as YAMLSeq).items.indexOf(node)
  const spans = (parent.items as (Pair<Node, Node | null> | Node)[]).map((item): [number, number] => ('key' in item && (item as Pair).key ? [(item as Pair<Node>).key.range![0], endOfPair(item as Pair<Node, Node | null>)] : [(item as Node).range![0], (item as Node).range![1]]))
  const [start, end] = spans[index]!
  if (spans.length === 1) return emptied(text, parent, end)
  if (parent.flow) return index === 0 ? { from: start, to: spans[1]![0], insert: '' } : { from: spans[index - 1]![1], to: end, insert: '' }
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const before = text.slice(lineStart, start)
  const stop = text[end - 1] === '\n' ? end : Math.min(lineEnd(text, end) + 1, text.length)
  if (/^\s*$/.test(before) || (!pair && /^\s*- +$/.test(before))) return { from: lineStart, to: stop, insert: '' }
  return pair && index === 0 ? { from: start, to: spans[1]![0], insert: '' } : undefined
}

/** The only entry goes: what remains is an empty map or list. */
function emptied(text: string, parent: YAMLMap | YAMLSeq, end: number): Edit | undefined {
  const empty = isMap(parent) ? '{}' : '[]'
  if (parent.flow) return { from: parent.range![0], to: parent.range![1], insert: empty }
  const start = parent.range![0]
  const colon = text.slice(0, start).search(/:[ \t]*(#[^\n]*)?\s*$/)
  return colon < 0 ? undefined : { from: colon + 1, to: text[end - 1] === '\n' ? end - 1 : end, insert: ` ${empty}` }
}

/** Reads the text before and after the edit: all objects must be the same but for this one change. */
function keepsTheRest(text: string, index: number, { path, value }: Change, edit: Edit): boolean {
  const before = parseManifest(text)
  const after = parseManifest(text.slice(0, edit.from) + edit.insert + text.slice(edit.to))
  if (before.documents.length !== after.documents.length) return false
  const wanted = before.documents.map((document) => (document.index === index ? changed(document.value, path, value) : document.value))
  return JSON.stringify(wanted.map(canonical)) === JSON.stringify(after.documents.map((document) => canonical(document.value)))
}

/** Empty maps and lists count as absent, and the order of keys does not count. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value
  const entries = Object.entries(value).map(([key, one]): [string, unknown] => [key, canonical(one)]).filter(([, one]) => one !== null && !(typeof one === 'object' && Object.keys(one as object).length === 0))
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function changed(held: unknown, [step, ...rest]: Steps, value: unknown): unknown {
  if (step === undefined) return value
  if (Array.isArray(held)) {
    const copy: unknown[] = [...(held as unknown[])]
    if (rest.length === 0 && value === undefined) copy.splice(Number(step), 1)
    else copy[Number(step)] = changed(copy[Number(step)], rest, value)
    return copy
  }
  if (typeof step === 'number') return [changed(undefined, rest, value)]
  const copy = { ...(held as Record<string, unknown> | null | undefined) }
  if (rest.length === 0 && value === undefined) delete copy[step]
  else copy[step] = changed(copy[step], rest, value)
  return copy
}
