/** Lines and columns, and where the value at a path is in the text. */
import { isAlias, isMap, isScalar, isSeq, type Document, type Node, type Pair } from 'yaml'
import { readJson } from '../json.ts'
import { keyText, resolvePlain } from './scalars.ts'

/** `line` and `column` count from 1, `offset` from 0; columns are UTF-16 units. */
export type Position = { line: number; column: number; offset: number }
export type Range = { start: Position; end: Position }

/** Turns offsets into lines and columns. Line starts are found when first asked for. */
export class LineMap {
  private readonly text: string
  private starts: number[] | undefined

  constructor(text: string) {
    this.text = text
  }

  position(offset: number): Position {
    const starts = (this.starts ??= this.lineStarts())
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - starts[low]! + 1, offset }
  }

  range(start: number, end: number): Range {
    return { start: this.position(start), end: this.position(Math.max(start, end)) }
  }

  private lineStarts(): number[] {
    const starts = [0]
    for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) starts.push(at + 1)
    return starts
  }
}

/** What a place is needed for: a bad value, a key that should not be there, or the object that misses a field. */
export type Target = 'value' | 'key'

export type Span = readonly [start: number, end: number]

/** The place of `path` in a syntax tree, in offsets of its text; when it is not there, that of its nearest ancestor's key. */
export function spanInTree(document: Document.Parsed, path: readonly (string | number)[], target: Target): Span {
  const anchors = new Map<string, Node>()
  let node: Node | null | undefined = document.contents
  let key: Span | undefined
  for (let index = 0; index < path.length; index++) {
    const found = childOf(resolved(node, document, anchors), path[index]!, document, anchors)
    if (!found) return key ?? firstKey(node, document) ?? [0, 0]
    key = found.key ?? firstKey(found.value, document) ?? key
    node = found.value
  }
  const value = spanOf(node)
  return target === 'key' || !value || value[0] === value[1] ? (key ?? value ?? firstKey(node, document) ?? [0, 0]) : value
}

function resolved(node: Node | null | undefined, document: Document.Parsed, anchors: Map<string, Node>): Node | null | undefined {
  if (!isAlias(node)) return node
  if (!anchors.has(node.source)) {
    const target = node.resolve(document) as Node | undefined
    if (target) anchors.set(node.source, target)
  }
  return anchors.get(node.source)
}

function childOf(node: Node | null | undefined, segment: string | number, document: Document.Parsed, anchors: Map<string, Node>): { key?: Span; value: Node | null } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(segment)] as Node | undefined
    return item === undefined ? undefined : { value: item }
  }
  if (!isMap(node)) return undefined
  let found: { key?: Span; value: Node | null } | undefined
  for (const pair of node.items as Pair<Node, Node | null>[]) {
    if (!isScalar(pair.key)) continue
    const text = String(pair.key.value)
    if (text === '<<' && !found) found = mergedChild(pair.value, segment, document, anchors)
    const name = pair.key.type === 'PLAIN' && !pair.key.tag ? keyText(resolvePlain(text)) : text
    if (name === String(segment)) found = { ...(spanOf(pair.key) ? { key: spanOf(pair.key)! } : {}), value: pair.value }
  }
  return found
}

function mergedChild(value: Node | null, segment: string | number, document: Document.Parsed, anchors: Map<string, Node>): { key?: Span; value: Node | null } | undefined {
  const source = resolved(value, document, anchors)
  for (const item of isSeq(source) ? (source.items as Node[]) : [source]) {
    const target = resolved(item, document, anchors)
    const found = target === value ? undefined : childOf(target, segment, document, anchors)
    if (found) return found
  }
  return undefined
}

function spanOf(node: Node | null | undefined): Span | undefined {
  return node?.range ? [node.range[0], node.range[1]] : undefined
}

function firstKey(node: Node | null | undefined, document: Document.Parsed): Span | undefined {
  const target = node ?? document.contents
  if (isMap(target) && target.items.length > 0) return spanOf((target.items[0] as Pair<Node>).key)
  return spanOf(target)
}

/** The places of all values of a JSON document, by path. */
export class JsonPlaces {
  private readonly spans = new Map<string, { key?: Span; value: Span }>()

  constructor(text: string, start: number) {
    readJson(text, start, (path, key, value) => this.spans.set(JSON.stringify(path), { ...(key ? { key } : {}), value }))
  }

  span(path: readonly (string | number)[], target: Target): Span {
    const exact = this.spans.get(JSON.stringify(path))
    if (exact) return target === 'key' ? (exact.key ?? exact.value) : exact.value
    for (let length = path.length - 1; length > 0; length--) {
      const found = this.spans.get(JSON.stringify(path.slice(0, length)))
      if (found) return found.key ?? found.value
    }
    const whole = this.spans.get('[]')?.value ?? [0, 0]
    return [whole[0], whole[0] + 1]
  }
}
