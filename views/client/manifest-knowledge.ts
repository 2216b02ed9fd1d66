/** What the schemas know about a place in a manifest that is being written: the fields that may stand there, the values a field takes, and what a field is. */
import { isAlias, isMap, isPair, isScalar, isSeq, parseDocument, visit } from 'yaml'
import type { Document, Node, Pair } from 'yaml'
import { admit } from '../../server/apiserver/index.ts'
import type { Minor } from '../../server/apiserver/index.ts'
import type { K8sObject } from '../../server/k8s/object.ts'
import { declarationAt, schemasOf } from '../../server/k8s/schemas/schema.ts'
import type { ObjectType, Shape } from '../../server/k8s/schemas/schema.ts'

/** Names a field for the documentation. */
export type FieldName = { apiVersion: string; kind: string; model: string; field: string }

/** `insert` replaces the text from `from` to `to`. `shape` says what the field holds: `[]Container` is a list, `map[string]string` a map. */
export type Suggestion = { label: string; insert: string; shape: string; is: 'field' | 'value'; name?: FieldName }
export type Suggestions = { from: number; to: number; options: Suggestion[] }
export type Described = { from: number; to: number; path: string; shape: string; name: FieldName }

type Steps = readonly (string | number)[]
const placeholder = 'readyzPlaceholder'
const lengthMax = 64 * 1024

/** What a value is, as Go writes types. */
export function shapeText(shape: Shape): string {
  switch (shape.is) {
    case 'list': return `[]${shapeText(shape.of)}`
    case 'map': return `map[string]${shapeText(shape.of)}`
    case 'object': return shape.type.name
    case 'int32': case 'int64': return 'integer'
    case 'double': return 'number'
    case 'intOrString': return 'integer | string'
    default: return shape.is
  }
}

/** The document of a text around an offset. */
function documentAround(text: string, at: number): { text: string; start: number } {
  let start = 0
  let end = text.length
  for (const { index, 0: line } of text.matchAll(/^---.*$/gm)) {
    if (index + line.length < at) start = index + line.length
    else if (index >= at) {
      end = index
      break
    }
  }
  return { text: text.slice(start, end), start }
}

type Asked = { is: 'field' | 'item' | 'value'; from: number; to: number; hasColon: boolean; isFlow: boolean; indent: string }

/** What is being written at `at`: the name of a field, an item of a list, or a value. Undefined inside comments, quotes and other text. */
function askedAt(text: string, at: number): Asked | undefined {
  const lineStart = text.lastIndexOf('\n', at - 1) + 1
  const before = text.slice(lineStart, at)
  if (/(^|\s)#/.test(before)) return undefined
  const word = /[\w./-]*$/.exec(before)![0]
  const after = /^[\w./-]*/.exec(text.slice(at))![0]
  const lead = before.slice(0, before.length - word.length)
  const from = at - word.length
  const to = at + after.length
  const place = { from, to, hasColon: /^\s*:/.test(text.slice(to)), indent: ' '.repeat(lead.length), isFlow: /[{[]/.test(lead) }
  if (/^\s*(?:- +)*$/.test(lead)) return { ...place, is: lead.includes('-') ? 'item' : 'field' }
  if (/[{,]\s*$/.test(lead)) return { ...place, is: /\[[^\]{}]*$/.test(lead) ? 'value' : 'field' }
  if (/(?:^|[\s{,-])["']?[\w./-]+["']?:\s+$/.test(lead) || /\[\s*$/.test(lead)) return { ...place, is: 'value' }
  return undefined
}

/** Fields that may stand at `at` and are not there yet, or the values that the API server knows for the field there. Undefined where nothing is known. */
export function suggestionsAt(text: string, at: number, version: Minor): Suggestions | undefined {
  const around = documentAround(text, at)
  if (around.text.length > lengthMax) return undefined
  const asked = askedAt(around.text, at - around.start)
  if (!asked) return undefined
  const found = asked.is === 'item' ? (fieldsFor(around.text, asked, version) ?? valuesFor(around.text, asked, version)) : asked.is === 'field' ? fieldsFor(around.text, asked, version) : valuesFor(around.text, asked, version)
  return found && found.length > 0 ? { from: asked.from + around.start, to: asked.to + around.start, options: found } : undefined
}

type Rooted = { object: K8sObject | undefined; map: unknown; path: Steps; isList: boolean }

/** Reads the document with the placeholder in it and says where the placeholder is, from the object on. */
function readWith(text: string, { from, to }: Asked, written: string): { document: Document.Parsed; path: Steps; siblings: string[]; rooted: Rooted } | undefined {
  const document = parseDocument(text.slice(0, from) + written + text.slice(to), { logLevel: 'silent', uniqueKeys: false })
  let found: { path: Steps; siblings: string[] } | undefined
  visit(document, {
    Scalar(key, node, ancestors) {
      if (node.value !== placeholder) return undefined
      const path = pathOf([...(ancestors as Node[]), node])
      const parent = ancestors.at(key === 'key' ? -2 : -1)
      const names = isMap(parent) ? parent.items.flatMap((item) => (isScalar(item.key) ? [String(item.key.value)] : [])) : []
      found = { path, siblings: names.filter((name) => name !== placeholder) }
      return visit.BREAK
    },
  })
  return found && { document, ...found, rooted: rootOf(document, found.path) }
}

/** Keys and positions on the way to the last node; a key counts as below its map. */
function pathOf(nodes: readonly Node[]): (string | number)[] {
  return nodes.flatMap((node, index): (string | number)[] => {
    const parent = nodes[index - 1]
    if (isPair(node)) return [String(isScalar((node as Pair).key) ? ((node as Pair<{ value: unknown }>).key as { value: unknown }).value : '')]
    return isSeq(parent) ? [parent.items.indexOf(node)] : []
  })
}

/** The object that a path is in: the document, or the item of a List. */
function rootOf(document: Document.Parsed, path: Steps): Rooted {
  let map: unknown = document.contents
  let rest = path
  const word = (name: string): string | undefined => {
    const value = isMap(map) ? map.get(name) : undefined
    return typeof value === 'string' ? value : undefined
  }
  while (/List$/.test(word('kind') ?? '') && rest[0] === 'items' && typeof rest[1] === 'number' && isMap(map)) {
    const items: unknown = map.get('items')
    map = isSeq(items) ? items.items[rest[1]] : undefined
    rest = rest.slice(2)
  }
  const [apiVersion, kind] = [word('apiVersion'), word('kind')]
  return { object: apiVersion && kind ? ({ apiVersion, kind, metadata: {} } as K8sObject) : undefined, map, path: rest, isList: rest.length < path.length }
}

function typeFor({ object }: Rooted, version: Minor): ObjectType | undefined {
  const schema = object && schemasOf(version).kind(object.apiVersion, object.kind)
  return schema && schemasOf(version).typeOf(schema.model)
}

function fieldsFor(text: string, asked: Asked, version: Minor): Suggestion[] | undefined {
  const read = readWith(text, asked, asked.hasColon ? placeholder : `${placeholder}: `)
  if (!read || read.path.at(-1) !== placeholder) return undefined
  const above = read.rooted.path.slice(0, -1)
  const type = typeFor(read.rooted, version)
  if (!type) return above.length > 0 ? undefined : [...['apiVersion', 'kind', 'metadata']].filter((name) => !read.siblings.includes(name)).map((label) => ({ label, insert: asked.hasColon ? label : label === 'metadata' ? `${label}:\n${asked.indent}  ` : `${label}: `, shape: label === 'metadata' ? 'ObjectMeta' : 'string', is: 'field' }))
  const shape = declarationAt(type, above)?.shape
  if (shape?.is !== 'object') return undefined
  const { apiVersion, kind } = read.rooted.object!
  return [...shape.type.fields].filter(([name]) => !read.siblings.includes(name) && !(above.length === 0 && name === 'status')).map(([label, held]) => ({ label, insert: asked.hasColon ? label : `${label}:${openingOf(held, asked)}`, shape: shapeText(held), is: 'field', name: { apiVersion, kind, model: shape.type.model, field: label } }))
}

/** What follows the colon of a new field. */
function openingOf(shape: Shape, { isFlow, indent }: Asked): string {
  if (isFlow) return ' '
  if (shape.is === 'list') return `\n${indent}  - `
  return shape.is === 'map' || (shape.is === 'object' && shape.type.fields.size > 0) ? `\n${indent}  ` : ' '
}

function valuesFor(text: string, asked: Asked, version: Minor): Suggestion[] | undefined {
  const read = readWith(text, asked, placeholder)
  if (!read) return undefined
  const { rooted } = read
  const make = (label: string, shape = 'string'): Suggestion => ({ label, insert: label, shape, is: 'value' })
  const word = (name: string): string => (isMap(rooted.map) && typeof rooted.map.get(name) === 'string' ? (rooted.map.get(name) as string) : '')
  if (rooted.path.length === 1 && rooted.path[0] === 'kind') return distinct(schemasOf(version).all().filter(({ apiVersion }) => word('apiVersion') === '' || apiVersion === word('apiVersion')).map(({ kind }) => kind)).map((kind) => make(kind))
  if (rooted.path.length === 1 && rooted.path[0] === 'apiVersion') return distinct(schemasOf(version).all().filter(({ kind }) => word('kind') === '' || kind === word('kind')).map(({ apiVersion }) => apiVersion)).map((apiVersion) => make(apiVersion))
  const type = typeFor(rooted, version)
  const shape = type && declarationAt(type, rooted.path)?.shape
  if (shape?.is === 'boolean') return [make('true', 'boolean'), make('false', 'boolean')]
  if (shape?.is !== 'string') return undefined
  return knownValues(read.document, rooted, version).map((value) => make(value))
}

const distinct = (words: readonly string[]): string[] => [...new Set(words)].sort((a, b) => (a < b ? -1 : 1))

/** The values that the API server names when it is given one that it does not know. */
function knownValues(document: Document.Parsed, { path, isList, map }: Rooted, version: Minor): string[] {
  let object: unknown
  try {
    object = isList && isMap(map) ? map.toJS(document, { maxAliasCount: 100 }) : document.toJS({ maxAliasCount: 100 })
  } catch {
    return []
  }
  // The server names a list as a whole where an item is wrong.
  const wanted = [path, typeof path.at(-1) === 'number' ? path.slice(0, -1) : path].map((steps) => steps.join('\0'))
  const lists = admit(object as K8sObject, { version }).errors.filter(({ type, segments }) => type === 'notSupported' && wanted.includes(segments.join('\0'))).map(({ message }) => [...(message.split('supported values: ')[1] ?? '').matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, value]) => value!))
  // Several rules may speak about one field; what all of them allow is right.
  return (lists[0] ?? []).filter((value) => value !== '' && lists.every((list) => list.includes(value)))
}

/** The field at an offset: its key, or its value where that is plain. Undefined where there is none that the schemas know. */
export function describedAt(text: string, at: number, version: Minor): Described | undefined {
  const around = documentAround(text, at)
  if (around.text.length > lengthMax) return undefined
  const document = parseDocument(around.text, { logLevel: 'silent', uniqueKeys: false })
  const offset = at - around.start
  let path: (string | number)[] | undefined
  let span: readonly [number, number] | undefined
  const descend = (node: unknown, steps: (string | number)[]): void => {
    if (isAlias(node)) return
    if (isSeq(node)) node.items.forEach((item, index) => descend(item, [...steps, index]))
    if (!isMap(node)) return
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      if (!isScalar(pair.key) || !pair.key.range) continue
      const below = [...steps, String(pair.key.value)]
      const [start, end] = pair.key.range
      const isValue = isScalar(pair.value) && pair.value.range && offset >= pair.value.range[0] && offset < pair.value.range[1]
      if ((offset >= start && offset < end) || isValue) [path, span] = [below, [start, end]]
      else descend(pair.value, below)
    }
  }
  descend(document.contents, [])
  if (!path || !span) return undefined
  const rooted = rootOf(document, path)
  const type = typeFor(rooted, version)
  const declared = type && declarationAt(type, rooted.path)
  if (!declared?.owner || declared.field !== rooted.path.at(-1)) return undefined
  const { apiVersion, kind } = rooted.object!
  return { from: span[0] + around.start, to: span[1] + around.start, path: rooted.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('').replace(/^\./, ''), shape: shapeText(declared.shape), name: { apiVersion, kind, model: declared.owner.model, field: declared.field! } }
}
