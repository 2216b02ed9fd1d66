/** Where in a file's text a field of an object stands. Lines and columns count from 1. */
import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml'
import type { Document, ParsedNode } from 'yaml'

export type Place = { line: number; column: number }

/** One document of a file that holds an object. */
type Found = { kind: string; name: string; namespace: string | undefined; document: Document.Parsed }

/** `spec.ports[0].name`, `metadata.labels[app.kubernetes.io/name]`: the steps of a field path as the API server writes it. */
export function stepsOf(path: string): (string | number)[] {
  return [...path.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(([, inBrackets, plain]) => {
    const text = inBrackets ?? plain!
    return inBrackets !== undefined && /^\d+$/.test(text) ? Number(text) : text.replace(/^"|"$/g, '')
  })
}

/** Reads a file's text once and answers where its objects and fields are. */
export function readPositions(text: string): { place(ref: { kind: string; namespace: string; name: string }, path?: string): Place } {
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter: lines, logLevel: 'silent', uniqueKeys: false })
  const documents = Array.isArray(parsed) ? parsed : []
  const found = documents.flatMap((document): Found[] => {
    const scalar = (steps: string[]): string | undefined => {
      const node: unknown = document.getIn(steps, true)
      return isScalar(node) ? String(node.value) : undefined
    }
    const kind = isMap(document.contents) ? scalar(['kind']) : undefined
    return kind === undefined ? [] : [{ kind, name: scalar(['metadata', 'name']) ?? '', namespace: scalar(['metadata', 'namespace']), document }]
  })
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  return {
    place(ref, path = '') {
      const one = found.find((each) => each.kind === ref.kind && each.name === ref.name && (each.namespace === undefined || each.namespace === ref.namespace)) ?? found.find((each) => each.kind === ref.kind)
      if (!one) return { line: 1, column: 1 }
      return at(offsetOf(one.document, stepsOf(path)))
    },
  }
}

/** Start of the deepest thing on the path that is there: a missing field is shown on what should hold it. */
function offsetOf(document: Document.Parsed, steps: readonly (string | number)[]): number {
  let node: ParsedNode | null | undefined = document.contents
  let offset = node?.range[0] ?? 0
  for (const step of steps) {
    if (isMap(node)) {
      const pair: { key: ParsedNode; value: ParsedNode | null } | undefined = (node.items as { key: ParsedNode; value: ParsedNode | null }[]).find((item) => isScalar(item.key) && String(item.key.value) === String(step))
      if (!pair) return offset
      offset = pair.key.range[0]
      node = pair.value
    } else if (isSeq(node)) {
      const item: ParsedNode | undefined = typeof step === 'number' ? (node.items[step] as ParsedNode | undefined) : undefined
      if (!item) return offset
      offset = item.range[0]
      node = item
    } else return offset
  }
  return offset
}
