/** The full YAML reader: the `yaml` package's syntax tree, given kubectl's meaning, with the place of every value. */
import { isAlias, isMap, isPair, isScalar, isSeq, parseDocument, type Alias, type Document, type Node, type Pair, type ParsedNode, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import { decodeBase64 } from '../base64.ts'
import { keyText, resolvePlain, surpriseOf, type Plain } from './scalars.ts'
import type { ProblemCode, TextProblem, Words } from './problem.ts'
import { syntaxFault, syntaxWords } from './syntax-words.ts'

export type FullRead = { value: unknown; problems: TextProblem[] }

const depthMax = 200
const expandedMax = 400_000
const openersMax = 500

const tooDeepWords: Words = { en: `Nested more than ${depthMax} levels deep.`, 'zh-CN': `嵌套超过 ${depthMax} 层。` }
const mapAsKeyWords: Words = { en: 'A map cannot be a key. A value that starts with {{ needs quotes, and templates must be rendered first.', 'zh-CN': '映射不能作为键。以 {{ 开头的值需要加引号，模板要先渲染。' }

/** `text` is what was parsed: the document, perhaps with some lines indented further; `original` turns its offsets into those of the whole text. */
type Tree = { document: Document.Parsed; text: string; original: (offset: number) => number; problems: TextProblem[] } | { problems: TextProblem[] }

/** Parses one document to a syntax tree; there is none after a syntax error. `base` is its offset in the whole text. Never throws; the time is bounded by the length. */
export function parseTree(text: string, base: number): Tree {
  const tooDeep = deepPlace(text)
  if (tooDeep !== undefined) return { problems: [{ code: 'too-deep', severity: 'error', message: tooDeepWords, start: base + tooDeep, end: base + tooDeep + 1 }] }
  const directive = /^%YAML +(\S+)/m.exec(text)
  if (directive && directive[1] !== '1.1') return { problems: [syntax(base + directive.index, base + directive.index + directive[0].length, { en: 'kubectl reads YAML 1.1 only: found an incompatible YAML document.', 'zh-CN': 'kubectl 只读 YAML 1.1：这个文档声明的版本不兼容。' })] }
  try {
    const document = parseDocument(text, options)
    if (document.errors.length === 0) return { document, text, original: (offset) => base + offset, problems: [] }
    return indented(text, base, document) ?? { problems: document.errors.map((error) => syntaxProblem(error, text, base)) }
  } catch (error) {
    return { problems: [{ code: error instanceof RangeError ? 'too-deep' : 'yaml-syntax', severity: 'error', message: error instanceof RangeError ? tooDeepWords : syntaxWords({ message: String((error as Error).message) }), start: base, end: base + text.length }] }
  }
}

const options = { schema: 'failsafe', version: '1.1', uniqueKeys: false, logLevel: 'silent', prettyErrors: false, strict: true } as const
const lenientTriesMax = 20
const lenientLengthMax = 64 * 1024
const padding = ' '.repeat(80)

/** kubectl does not mind how far the later lines of a quoted text or a flow collection are indented. Where that is the only mistake, the lines are indented and the document parsed again. */
function indented(given: string, base: number, failed: Document.Parsed): Tree | undefined {
  if (given.length > lenientLengthMax) return undefined
  let text = given
  let document = failed
  const inserted: number[] = []
  for (let tries = 0; tries < lenientTriesMax && document.errors.length > 0; tries++) {
    const [error] = document.errors
    const isFlow = error!.code === 'BAD_INDENT' && error!.message.startsWith('Flow')
    if (!isFlow && !(error!.code === 'MISSING_CHAR' && error!.message.startsWith('Missing closing'))) return undefined
    const at = isFlow ? text.lastIndexOf('\n', error!.pos[0] - 1) + 1 : text.indexOf('\n', error!.pos[0]) + 1
    if (at === 0 || at >= text.length || inserted.includes(at)) return undefined
    text = text.slice(0, at) + padding + text.slice(at)
    for (let index = 0; index < inserted.length; index++) if (inserted[index]! > at) inserted[index]! += padding.length
    inserted.push(at)
    document = parseDocument(text, options)
  }
  if (document.errors.length > 0) return undefined
  inserted.sort((a, b) => a - b)
  const original = (offset: number): number => base + offset - inserted.reduce((sum, at) => sum + Math.min(Math.max(0, offset - at), padding.length), 0)
  const first = original(inserted[0]!)
  const message = { en: 'This line is indented less than what it belongs to. kubectl accepts that; other readers of YAML refuse it.', 'zh-CN': '这一行的缩进比它所属的内容少。kubectl 能接受，其他 YAML 解析器会拒绝。' }
  return { document, text, original, problems: [{ code: 'lenient-indent', severity: 'hint', message, start: first, end: first + 1 }] }
}

function syntax(start: number, end: number, message: Words): TextProblem {
  return { code: 'yaml-syntax', severity: 'error', message, start, end }
}

function syntaxProblem(error: { code: string; message: string; pos: readonly [number, number] }, text: string, base: number): TextProblem {
  const [start, end] = error.pos
  const from = Math.min(start, text.length)
  return { ...syntax(base + from, base + Math.min(Math.max(end, from), text.length), syntaxWords(error)), fault: syntaxFault(error.message), code: /\{\{/.test(lineAt(text, from)) ? 'template-syntax' : 'yaml-syntax' }
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const end = text.indexOf('\n', offset)
  return text.slice(start, end < 0 ? text.length : end)
}

/** Where nesting becomes too deep to parse safely, judged without parsing: bracket depth, and runs of `- - -`. */
function deepPlace(text: string): number | undefined {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 91 || code === 123) depth++
    else if ((code === 93 || code === 125) && depth > 0) depth--
    if (depth > openersMax) return at
  }
  const run = /(?:[-?:][ \t]+){200}/.exec(text)
  return run?.index
}

/** Reads one document. After a syntax error there is no value. */
export function fullRead(text: string, base: number): FullRead {
  const tree = parseTree(text, base)
  if (!('document' in tree)) return { value: undefined, problems: tree.problems }
  const composer = new Composer(tree.text, tree.original)
  composer.problems.push(...tree.problems)
  const { contents } = tree.document
  const value = contents === null ? null : composer.value(contents as ParsedNode, 0)
  const failed = composer.problems.some((problem) => problem.severity === 'error' && problem.code !== 'duplicate-key')
  return { value: failed ? undefined : value, problems: composer.problems }
}

class Composer {
  readonly problems: TextProblem[] = []
  private readonly anchors = new Map<string, Node>()
  private readonly values = new Map<Node, { value: unknown; size: number }>()
  private readonly open = new Set<Node>()
  private readonly original: (offset: number) => number
  private expanded = 0
  private aliased = 0
  private stopped = false
  private readonly text: string

  constructor(text: string, original: (offset: number) => number) {
    this.text = text
    this.original = original
  }

  private problem(code: ProblemCode, node: { range?: readonly [number, number, number] | null }, message: Words, severity: TextProblem['severity'] = 'error'): undefined {
    const [start, end] = node.range ?? [0, 0]
    this.problems.push({ code, severity, message, start: this.original(start), end: this.original(Math.max(end, start)) })
    return undefined
  }

  value(node: Node | null | undefined, depth: number): unknown {
    if (!node || this.stopped) return null
    if (depth > depthMax) {
      this.stopped = true
      return this.problem('too-deep', node, tooDeepWords)
    }
    if (isAlias(node)) return this.alias(node, depth)
    this.expanded++
    const before = this.expanded
    if ((node as Scalar).anchor) this.anchors.set((node as Scalar).anchor!, node)
    this.open.add(node)
    const value = isMap(node) ? this.map(node, depth) : isSeq(node) ? this.list(node, depth) : this.scalar(node as Scalar)
    this.open.delete(node)
    if ((node as Scalar).anchor) this.values.set(node, { value, size: this.expanded - before + 1 })
    return value
  }

  private list(node: YAMLSeq, depth: number): unknown[] {
    return (node.items as Node[]).map((item) => {
      const pair = isMap(item) && item.items.length === 1 ? (item.items[0] as Pair<Node, Node | null>) : undefined
      if (pair && isScalar(pair.key) && this.endsInColon(pair.key)) return `${String(pair.key.value)}:`
      return this.value(isPair(item) ? null : item, depth + 1)
    })
  }

  /** In a flow collection, `a:` before a bracket or comma is a text that ends in a colon to kubectl, and a key to others. */
  private endsInColon(key: Scalar): boolean {
    const end = key.range?.[1]
    return key.type === 'PLAIN' && end !== undefined && this.text[end] === ':' && /^[,[\]{}]$/.test(this.text[end + 1] ?? '')
  }

  private alias(node: Alias, depth: number): unknown {
    const target = this.anchors.get(node.source)
    if (!target) return this.problem('bad-alias', node, { en: `The alias *${node.source} refers to no anchor. A value that starts with * needs quotes.`, 'zh-CN': `别名 *${node.source} 没有对应的锚点。以 * 开头的值需要加引号。` })
    if (this.open.has(target)) return this.problem('bad-alias', node, { en: `The anchor ${node.source} contains itself.`, 'zh-CN': `锚点 ${node.source} 包含了它自己。` })
    const known = this.values.get(target)
    const size = known?.size ?? 1
    this.expanded += size + 1
    this.aliased += size
    if (this.expanded > expandedMax || (this.aliased > 100 && this.expanded > 1000 && this.aliased / this.expanded > 0.99)) {
      this.stopped = true
      return this.problem('bad-alias', node, { en: 'The document contains excessive aliasing.', 'zh-CN': '文档中的别名展开过多。' })
    }
    return known ? known.value : this.value(target, depth + 1)
  }

  private map(node: YAMLMap, depth: number): unknown {
    const out: Record<string, unknown> = {}
    const seen = new Map<string, Pair>()
    const merges: { pair: Pair; value: unknown }[] = []
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      if (isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN' && !pair.key.tag) {
        merges.push({ pair, value: this.value(pair.value, depth + 1) })
        continue
      }
      const key = isScalar(pair.key) && this.endsInColon(pair.key) ? `${String(pair.key.value)}:` : this.key(pair.key)
      const value = node.tag === 'tag:yaml.org,2002:set' ? null : this.value(pair.value, depth + 1)
      if (key === undefined) continue
      if (seen.has(key)) this.problem('duplicate-key', pair.key, duplicateWords(key))
      seen.set(key, pair)
      setOwn(out, key, value)
    }
    for (const { pair, value } of merges.reverse()) this.merge(out, pair, value)
    return out
  }

  private merge(out: Record<string, unknown>, pair: Pair, value: unknown): void {
    const sources = Array.isArray(value) ? value : [value]
    for (const source of sources) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        if (!this.stopped) this.problem('bad-value', pair.key as Node, { en: 'The merge key << needs a map, or a list of maps, as its value.', 'zh-CN': '合并键 << 的值必须是映射，或由映射组成的列表。' })
        return
      }
      for (const [key, item] of Object.entries(source as object)) if (!Object.hasOwn(out, key)) setOwn(out, key, item)
    }
  }

  private key(node: Node): string | undefined {
    const target = isAlias(node) ? this.anchors.get(node.source) : node
    if (!target || !isScalar(target)) return this.problem('bad-key', node, isMap(node) ? mapAsKeyWords : { en: 'A key must be a text.', 'zh-CN': '键必须是文本。' })
    if (target.anchor) this.anchors.set(target.anchor, target)
    const value = this.scalar(target)
    const key = typeof value === 'string' ? value : keyText(value)
    return key === undefined ? this.problem('bad-key', node, { en: 'A key cannot be null: give it a name.', 'zh-CN': '键不能是 null：请写上名称。' }) : key
  }

  private scalar(node: Scalar): Plain {
    const text = typeof node.value === 'string' ? node.value : String(node.value ?? '')
    const tag = node.tag?.startsWith('tag:yaml.org,2002:') ? node.tag.slice(18) : node.tag ? 'other' : ''
    if (tag === 'binary') return this.binary(node, text)
    if (tag === 'str' || tag === 'other') return text
    if (tag === '' && node.type !== 'PLAIN') return text
    const value = resolvePlain(text)
    if (typeof value === 'number' && !Number.isFinite(value)) {
      this.problem('bad-value', node, { en: `JSON, and so the API server, has no number ${text}.`, 'zh-CN': `JSON 里没有 ${text} 这个数，API server 也就没有。` })
      return 0
    }
    if (tag !== '' && !hasTag(value, tag)) {
      this.problem('bad-value', node, { en: `cannot decode !!${tag} \`${text}\` as a !!${tag}.`, 'zh-CN': `无法把 \`${text}\` 解码为 !!${tag}。` })
      return text
    }
    const surprise = tag === '' ? surpriseOf(text, value) : undefined
    if (surprise) this.problem(`yaml-${surprise}`, node, surpriseMessage(surprise, text, value), 'hint')
    return value
  }

  private binary(node: Scalar, text: string): string {
    const decoded = decodeBase64(text.replace(/\s/g, ''))
    if ('bytes' in decoded) return new TextDecoder().decode(decoded.bytes)
    this.problem('bad-value', node, { en: '!!binary value contains invalid base64 data.', 'zh-CN': '!!binary 的值不是有效的 base64 数据。' })
    return ''
  }
}

function hasTag(value: Plain, tag: string): boolean {
  if (tag === 'null') return value === null
  if (tag === 'bool') return typeof value === 'boolean'
  if (tag === 'int') return typeof value === 'object' ? value !== null : typeof value === 'number' && Number.isInteger(value)
  if (tag === 'float') return typeof value === 'number' || (typeof value === 'object' && value !== null)
  return true
}

/** The text of a hint about a plain scalar. */
export function surpriseMessage(kind: 'boolean' | 'octal' | 'number', text: string, value: Plain): Words {
  if (kind === 'boolean') return { en: `${text} without quotes is the boolean ${String(value)} here, not a text.`, 'zh-CN': `不加引号的 ${text} 在这里是布尔值 ${String(value)}，不是文本。` }
  if (kind === 'octal') return { en: `${text} is read as octal, so it is the number ${String(value)}.`, 'zh-CN': `${text} 按八进制读取，也就是数字 ${String(value)}。` }
  return { en: `${text} is read as the number ${String(value)}.`, 'zh-CN': `${text} 会被读作数字 ${String(value)}。` }
}

/** The text about a key that stands twice in one object. */
export function duplicateWords(key: string): Words {
  return { en: `The key "${key}" is used twice in this object. kubectl would silently keep only the last one.`, 'zh-CN': `键 "${key}" 在这个对象里出现了两次，kubectl 只会悄悄保留最后一个。` }
}

function setOwn(out: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(out, key, { value, enumerable: true, configurable: true, writable: true })
  else out[key] = value
}
