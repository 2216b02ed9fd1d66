/** Manifests out of text, as kubectl 1.36 reads them: YAML or JSON, documents in order, Lists unpacked. Positions are worked out only when asked for. */
import { readJson } from './json.ts'
import type { K8sObject } from './object.ts'
import { duplicateWords, fullRead, parseTree, surpriseMessage } from './yaml/full.ts'
import { JsonPlaces, LineMap, spanInTree, type Range, type Span, type Target } from './yaml/places.ts'
import type { ProblemCode, TextProblem, Words } from './yaml/problem.ts'
import { quickRead } from './yaml/quick.ts'
import { characterProblem, looksLikeJson, lookalikeHints, splitYaml } from './yaml/split.ts'

export type { Position, Range } from './yaml/places.ts'
export type { ProblemCode } from './yaml/problem.ts'

/** Something about the text. `document` is the index in `documents`, or -1 when it belongs to none of them. */
export type ManifestProblem = { code: ProblemCode; severity: 'error' | 'hint'; message: Words; range: Range; document: number; /** The parser's own sentence. */ fault?: string }

/**
 * One object of the text: a document, or an item of a List. `value` is what kubectl would send, whatever it is; `object` is there when it has a kind and an apiVersion.
 * Numbers that JavaScript cannot hold exactly are NumberText values. `line` is where it starts.
 */
export type ManifestDocument = {
  index: number
  value: unknown
  object?: K8sObject
  line: number
  /** The place of a field; of its nearest existing ancestor when it is missing. `key` asks for the key rather than the value. */
  rangeOf(path: readonly (string | number)[], target?: Target): Range
}

export type Manifest = { documents: ManifestDocument[]; problems: ManifestProblem[] }

/** `bytesMax` is compared with the length in UTF-16 units. */
export type ManifestLimits = { bytesMax?: number; documentsMax?: number }

const defaultLimits = { bytesMax: 256 * 1024, documentsMax: 200 }

/** Reads a text. Never throws, and its work is bounded by the length of the text. A document with a syntax error gives a problem and no document; the others are still read. */
export function parseManifest(text: string, limits: ManifestLimits = {}): Manifest {
  const { bytesMax, documentsMax } = { ...defaultLimits, ...limits }
  const reader = new ManifestReader(text, documentsMax)
  if (text.length > bytesMax) reader.problem({ code: 'too-large', severity: 'error', message: { en: `The text is longer than ${Math.round(bytesMax / 1024)} KiB.`, 'zh-CN': `文本超过 ${Math.round(bytesMax / 1024)} KiB。` }, start: 0, end: 0 })
  else reader.read()
  return { documents: reader.documents, problems: reader.problems }
}

/** Decodes a file's bytes: UTF-8, with or without a byte order mark. Everything else is refused with a reason. */
export function decodeText(bytes: Uint8Array): { text: string } | { problem: Words } {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return { problem: { en: 'The file is UTF-16: kubectl reads UTF-8 only.', 'zh-CN': '文件是 UTF-16 编码：kubectl 只读 UTF-8。' } }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return { problem: { en: 'The file is not valid UTF-8, or no text at all.', 'zh-CN': '文件不是有效的 UTF-8，或者根本不是文本。' } }
  }
}

class ManifestReader {
  readonly documents: ManifestDocument[] = []
  readonly problems: ManifestProblem[] = []
  private readonly text: string
  private readonly lines: LineMap
  private readonly documentsMax: number

  constructor(text: string, documentsMax: number) {
    this.text = text
    this.lines = new LineMap(text)
    this.documentsMax = documentsMax
  }

  problem({ code, severity, message, start, end, fault }: TextProblem, document = -1): void {
    this.problems.push({ code, severity, message, range: this.lines.range(start, end), document, ...(fault === undefined ? {} : { fault }) })
  }

  read(): void {
    const forbidden = characterProblem(this.text)
    if (forbidden) {
      this.problem(forbidden)
      return
    }
    if (!looksLikeJson(this.text) || !this.readJsonStream()) this.readYamlStream()
    for (const hint of lookalikeHints(this.text)) this.problem(hint)
  }

  /** `{…}{…}`: JSON values one after the other. False when the text is no JSON, so that it is read as YAML. */
  private readJsonStream(): boolean {
    const found: { value: unknown; start: number; duplicates: { path: (string | number)[]; at: Span }[] }[] = []
    for (let at = this.text.startsWith('\ufeff') ? 1 : 0; at < this.text.length; ) {
      const read = readJson(this.text, at)
      if ('error' in read) return false
      found.push({ value: read.value, start: this.text.indexOf('{', at), duplicates: read.duplicates })
      at = read.end
    }
    for (const { value, start, duplicates } of found) {
      if (this.isFull(start)) return true
      let places: JsonPlaces | undefined
      const spanOf = (path: readonly (string | number)[], target: Target): Span => (places ??= new JsonPlaces(this.text, start)).span(path, target)
      for (const { path, at } of duplicates) this.problem({ code: 'duplicate-key', severity: 'error', message: duplicateWords(String(path[path.length - 1])), start: at[0], end: at[1] }, this.documents.length)
      this.add(value, start, spanOf)
    }
    return true
  }

  private readYamlStream(): void {
    const { parts, problems } = splitYaml(this.text)
    for (const problem of problems) this.problem(problem)
    if (problems.length > 0) return
    for (const part of parts) {
      const start = part.start === 0 && this.text.startsWith('\ufeff') ? 1 : part.start
      if (this.isFull(start)) return
      this.readYaml(this.text.slice(start, part.end), start)
    }
  }

  private isFull(start: number): boolean {
    if (this.documents.length < this.documentsMax) return false
    this.problem({ code: 'too-many-documents', severity: 'error', message: { en: `More than ${this.documentsMax} documents: the rest is not read.`, 'zh-CN': `文档超过 ${this.documentsMax} 个：其余的没有读取。` }, start, end: start })
    return true
  }

  private readYaml(text: string, base: number): void {
    const quick = quickRead(text, base)
    const index = this.documents.length
    if (quick) {
      for (const { kind, start, end, text: raw, value } of quick.surprises) this.problem({ code: `yaml-${kind}`, severity: 'hint', message: surpriseMessage(kind, raw, value), start, end }, index)
      if (quick.value !== null) this.add(quick.value, contentStart(text, base), this.yamlSpans(text, base))
      return
    }
    const { value, problems } = fullRead(text, base)
    const failed = value === undefined
    for (const problem of problems) this.problem(problem, failed ? -1 : index)
    if (!failed && value !== null) this.add(value, contentStart(text, base), this.yamlSpans(text, base))
  }

  private yamlSpans(text: string, base: number): (path: readonly (string | number)[], target: Target) => Span {
    let tree: ReturnType<typeof parseTree> | undefined
    return (path, target) => {
      tree ??= parseTree(text, base)
      if (!('document' in tree)) return [contentStart(text, base), contentStart(text, base)]
      const [start, end] = spanInTree(tree.document, path, target)
      return [tree.original(start), tree.original(end)]
    }
  }

  private add(value: unknown, start: number, spanOf: (path: readonly (string | number)[], target: Target) => Span, prefix: readonly (string | number)[] = []): void {
    const envelope = envelopeOf(value)
    if (envelope.list) {
      envelope.list.forEach((item, index) => {
        const path = [...prefix, 'items', index]
        if (!this.isFull(spanOf(path, 'value')[0])) this.add(inherited(item, value as Record<string, unknown>), spanOf(path, 'value')[0], spanOf, path)
      })
      return
    }
    const index = this.documents.length
    const rangeOf = (path: readonly (string | number)[], target: Target = 'value'): Range => this.lines.range(...spanOf([...prefix, ...path], target))
    const lines = this.lines
    this.documents.push({ index, value, ...(envelope.object ? { object: envelope.object } : {}), get line() { return lines.position(start).line }, rangeOf })
    if (envelope.problem) this.problem({ code: envelope.problem, severity: 'error', message: envelopeMessages[envelope.problem], start, end: spanOf(prefix, 'key')[1] }, index)
  }
}

const envelopeMessages = {
  'not-an-object': { en: 'A manifest is a map with apiVersion and kind: this is something else.', 'zh-CN': '清单应是带有 apiVersion 和 kind 的映射，这里却是别的内容。' },
  'missing-kind': { en: "Object 'Kind' is missing.", 'zh-CN': '缺少 kind。' },
  'missing-api-version': { en: "Object 'apiVersion' is missing.", 'zh-CN': '缺少 apiVersion。' },
} as const

function envelopeOf(value: unknown): { object?: K8sObject; list?: unknown[]; problem?: keyof typeof envelopeMessages } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: 'not-an-object' }
  const { kind, apiVersion, items } = value as Partial<Record<'kind' | 'apiVersion' | 'items', unknown>>
  if (kind === undefined || kind === null || kind === '') return { problem: 'missing-kind' }
  if (apiVersion === undefined || apiVersion === null || apiVersion === '') return { problem: 'missing-api-version' }
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) return { list: items }
  return typeof kind === 'string' && typeof apiVersion === 'string' ? { object: value as K8sObject } : { problem: typeof kind === 'string' ? 'missing-api-version' : 'missing-kind' }
}

/** An item of a list of one kind may leave out its own kind and apiVersion (unstructured.decodeToList). */
function inherited(item: unknown, list: Record<string, unknown>): unknown {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
  const { kind, apiVersion } = item as Record<string, unknown>
  const itemKind = String(list['kind']).replace(/List$/, '')
  return kind || apiVersion || itemKind === '' ? item : { apiVersion: list['apiVersion'], kind: itemKind, ...item }
}

function contentStart(text: string, base: number): number {
  const match = /^(?:[ \t]*(?:#.*)?\r?\n)*/.exec(text)!
  return base + Math.min(match[0].length, Math.max(0, text.length - 1))
}
