/**
 * A quick reader for the YAML that manifests are usually written in: block maps and lists, one-line scalars, literal blocks, one-line flow collections.
 * It gives up (undefined) at anything else, including everything that might be an error, so that the full reader decides; what it does read, it reads as the full reader does.
 */
import { keyText, resolvePlain, surpriseOf, type Plain } from './scalars.ts'

/** A plain scalar that means something unexpected, and where it is. */
export type Surprise = { kind: 'boolean' | 'octal' | 'number'; start: number; end: number; text: string; value: Plain }

export type QuickRead = { value: unknown; surprises: Surprise[] }

const unusual = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)/
const keyStart = /[A-Za-z0-9_./$-]/
const flowPlain = /[A-Za-z0-9_./*+-][A-Za-z0-9_./*+-]*(?::[A-Za-z0-9_./*+-]+)*/y
const depthMax = 100

class GiveUp extends Error {}

const giveUp = new GiveUp('not the usual YAML')

/** Reads one document: the text between two separators. `base` is added to the offsets of surprises. */
export function quickRead(text: string, base = 0): QuickRead | undefined {
  if (unusual.test(text)) return undefined
  const reader = new Quick(text, base)
  try {
    return { value: reader.document(), surprises: reader.surprises }
  } catch (error) {
    if (error === giveUp) return undefined
    throw error
  }
}

class Quick {
  readonly surprises: Surprise[] = []
  private readonly text: string
  private readonly base: number
  /** The current line: its indent, where its content starts, where it ends (without line break), where the next line starts. `indent` -1 means there is none. */
  private indent = -1
  private start = 0
  private end = 0
  private next = 0
  private depth = 0

  constructor(text: string, base: number) {
    this.text = text
    this.base = base
  }

  document(): unknown {
    this.advance()
    if (this.indent < 0) return null
    const value = this.block()
    if (this.indent >= 0) throw giveUp
    return value
  }

  /** Moves to the next line with content. */
  private advance(): void {
    const { text } = this
    for (let at = this.next; at < text.length; ) {
      let stop = text.indexOf('\n', at)
      const after = stop < 0 ? text.length : stop + 1
      if (stop < 0) stop = text.length
      else if (text.charCodeAt(stop - 1) === 13 && stop > at) stop--
      let start = at
      while (start < stop && text.charCodeAt(start) === 32) start++
      if (start < stop) {
        const code = text.charCodeAt(start)
        if (code === 9) throw giveUp
        if (code !== 35) {
          if (start === at && (code === 37 || code === 46 || code === 45) && (code === 37 || text.startsWith('...', at) || text.startsWith('---', at))) throw giveUp
          this.indent = start - at
          this.start = start
          while (stop > start && text.charCodeAt(stop - 1) === 32) stop--
          this.end = stop
          this.next = after
          return
        }
      }
      at = after
    }
    this.next = text.length
    this.indent = -1
  }

  private isDash(): boolean {
    return this.text.charCodeAt(this.start) === 45 && (this.start + 1 === this.end || this.text.charCodeAt(this.start + 1) === 32)
  }

  private block(): unknown {
    if (++this.depth > depthMax) throw giveUp
    const value = this.isDash() ? this.sequence(this.indent) : this.mapping(this.indent)
    this.depth--
    return value
  }

  private sequence(indent: number): unknown[] {
    const out: unknown[] = []
    while (this.indent === indent && this.isDash()) {
      let at = this.start + 1
      while (at < this.end && this.text.charCodeAt(at) === 32) at++
      if (at === this.end || this.text.charCodeAt(at) === 35) {
        this.advance()
        out.push(this.indent > indent ? this.block() : null)
      } else {
        const inner = indent + (at - this.start)
        this.start = at
        if (this.isDash() || this.hasKey()) {
          this.indent = inner
          out.push(this.block())
        } else out.push(this.inline(at, indent))
      }
    }
    if (this.indent > indent) throw giveUp
    return out
  }

  private mapping(indent: number): Record<string, unknown> {
    const out: Record<string, unknown> = {}
    while (this.indent === indent) {
      const key = this.key()
      if (Object.hasOwn(out, key) || key === '__proto__') throw giveUp
      let at = this.valueStart
      while (at < this.end && this.text.charCodeAt(at) === 32) at++
      if (at >= this.end || this.text.charCodeAt(at) === 35) {
        this.advance()
        out[key] = this.indent > indent || (this.indent === indent && this.isDash()) ? this.nested(indent) : null
      } else out[key] = this.inline(at, indent)
      if (this.indent === indent && this.isDash()) throw giveUp
    }
    if (this.indent > indent) throw giveUp
    return out
  }

  private nested(indent: number): unknown {
    if (this.indent > indent) return this.block()
    if (++this.depth > depthMax) throw giveUp
    const value = this.sequence(indent)
    this.depth--
    return value
  }

  private valueStart = 0

  /** Reads the key at the start of the line; `valueStart` is after its colon. */
  private key(): string {
    const colon = this.findColon()
    if (colon < 0) throw giveUp
    this.valueStart = colon + 1
    const first = this.text[this.start]!
    if (first === '"' || first === "'") return this.quotedKey
    const raw = this.text.slice(this.start, colon).trimEnd()
    if (raw.length > 1000) throw giveUp
    const value = resolvePlain(raw)
    if (typeof value === 'string') return value
    const key = keyText(value)
    if (key === undefined || typeof value === 'number' && !Number.isInteger(value)) throw giveUp
    this.note(raw, value, this.start)
    return key
  }

  private quotedKey = ''

  private hasKey(): boolean {
    return this.findColon() >= 0
  }

  /** The offset of the colon that ends the key of this line, or -1. */
  private findColon(): number {
    const { text, start, end } = this
    const first = text[start]!
    if (first === '"' || first === "'") {
      const close = this.closingQuote(start)
      if (close < 0) return -1
      let at = close + 1
      while (text.charCodeAt(at) === 32) at++
      if (text[at] !== ':' || (at + 1 < end && text.charCodeAt(at + 1) !== 32)) return -1
      this.quotedKey = this.unquoted(start, close)
      return at
    }
    if (!keyStart.test(first)) return -1
    for (let at = start; at < end; at++) {
      const code = text.charCodeAt(at)
      if (code === 58 && (at + 1 === end || text.charCodeAt(at + 1) === 32)) return at
      if (code === 9) throw giveUp
      if (code === 35 && text.charCodeAt(at - 1) === 32) return -1
    }
    return -1
  }

  private closingQuote(start: number): number {
    const quoteCode = this.text.charCodeAt(start)
    for (let at = start + 1; at < this.end; at++) {
      const code = this.text.charCodeAt(at)
      if (code === 92 && quoteCode === 34) at++
      else if (code === quoteCode) {
        if (quoteCode === 39 && this.text.charCodeAt(at + 1) === 39 && at + 1 < this.end) at++
        else return at
      }
    }
    return -1
  }

  private unquoted(start: number, close: number): string {
    const inner = this.text.slice(start + 1, close)
    if (inner.includes('\t')) throw giveUp
    if (this.text[start] === "'") return inner.includes("'") ? inner.replaceAll("''", "'") : inner
    if (!inner.includes('\\')) return inner
    if (!/^(?:[^\\]|\\["\\/bfnrt])*$/.test(inner)) throw giveUp
    return JSON.parse(`"${inner}"`) as string
  }

  /** A value that starts on this line at `at`, in a collection indented by `indent`. */
  private inline(at: number, indent: number): unknown {
    const first = this.text[at]!
    if (first === '"' || first === "'") return this.quoted(at, indent)
    if (first === '|') return this.literal(at, indent)
    if (first === '[' || first === '{') return this.flow(at, indent)
    return this.plain(at, indent)
  }

  private quoted(at: number, indent: number): string {
    const close = this.closingQuote(at)
    if (close < 0) throw giveUp
    const value = this.unquoted(at, close)
    this.finish(close + 1, indent)
    return value
  }

  /** Only a comment may follow on this line, and nothing deeper on the next. */
  private finish(at: number, indent: number): void {
    let rest = at
    while (rest < this.end && this.text.charCodeAt(rest) === 32) rest++
    if (rest < this.end && (this.text.charCodeAt(rest) !== 35 || rest === at)) throw giveUp
    this.advance()
    if (this.indent > indent) throw giveUp
  }

  private plain(at: number, indent: number): unknown {
    const { text } = this
    const first = text.charCodeAt(at)
    if (',[]{}#&*!|>\'"%@`'.includes(text[at]!)) throw giveUp
    if ((first === 45 || first === 63 || first === 58) && (at + 1 >= this.end || text.charCodeAt(at + 1) === 32)) throw giveUp
    let stop = this.end
    for (let index = at; index < stop; index++) {
      const code = text.charCodeAt(index)
      if (code === 9) throw giveUp
      if (code === 58 && (index + 1 === this.end || text.charCodeAt(index + 1) === 32)) throw giveUp
      if (code === 35 && text.charCodeAt(index - 1) === 32) stop = index
    }
    while (text.charCodeAt(stop - 1) === 32) stop--
    const raw = text.slice(at, stop)
    const value = this.resolved(raw, at)
    this.advance()
    if (this.indent > indent) throw giveUp
    return value
  }

  private resolved(raw: string, at: number): Plain {
    const value = resolvePlain(raw)
    if (typeof value === 'string') return value
    if (typeof value === 'number' && !Number.isFinite(value)) throw giveUp
    this.note(raw, value, at)
    return value
  }

  private note(raw: string, value: Plain, at: number): void {
    const kind = surpriseOf(raw, value)
    if (kind) this.surprises.push({ kind, start: this.base + at, end: this.base + at + raw.length, text: raw, value })
  }

  /** `|`, `|-` or `|+` and the lines under it. */
  private literal(at: number, indent: number): string {
    const { text } = this
    const header = text.slice(at, this.end)
    if (header !== '|' && header !== '|-' && header !== '|+') throw giveUp
    const lines: string[] = []
    let width = -1
    let position = this.next
    while (position < text.length) {
      let stop = text.indexOf('\n', position)
      if (stop < 0) throw giveUp
      const after = stop + 1
      if (stop > position && text.charCodeAt(stop - 1) === 13) stop--
      let start = position
      while (start < stop && text.charCodeAt(start) === 32) start++
      if (start === stop) {
        if (start - position > Math.max(width, 0)) throw giveUp
        lines.push('')
      } else {
        const lineIndent = start - position
        if (width < 0) {
          if (lineIndent <= indent) break
          width = lineIndent
        } else if (lineIndent < width) {
          if (lineIndent > indent) throw giveUp
          break
        }
        if (text.charCodeAt(start) === 9 && lineIndent <= width) throw giveUp
        lines.push(text.slice(position + width, stop))
      }
      position = after
    }
    if (width < 0) throw giveUp
    this.next = position
    this.advance()
    return chomped(lines, header)
  }

  private flow(at: number, indent: number): unknown {
    this.flowAt = at
    const value = this.flowValue()
    this.finish(this.flowAt, indent)
    return value
  }

  private flowAt = 0

  private flowSpace(): number {
    while (this.flowAt < this.end && this.text.charCodeAt(this.flowAt) === 32) this.flowAt++
    if (this.flowAt >= this.end) throw giveUp
    return this.text.charCodeAt(this.flowAt)
  }

  private flowValue(): unknown {
    if (++this.depth > depthMax) throw giveUp
    const code = this.flowSpace()
    const value = code === 91 ? this.flowList() : code === 123 ? this.flowMap() : this.flowScalar(code)
    this.depth--
    return value
  }

  private flowList(): unknown[] {
    const out: unknown[] = []
    this.flowAt++
    if (this.flowSpace() === 93) {
      this.flowAt++
      return out
    }
    for (;;) {
      out.push(this.flowValue())
      const code = this.flowSpace()
      this.flowAt++
      if (code === 93) return out
      if (code !== 44) throw giveUp
    }
  }

  private flowMap(): Record<string, unknown> {
    const out: Record<string, unknown> = {}
    this.flowAt++
    if (this.flowSpace() === 125) {
      this.flowAt++
      return out
    }
    for (;;) {
      const key = this.flowScalar(this.flowSpace())
      if (typeof key !== 'string' || Object.hasOwn(out, key) || key === '__proto__' || this.text.charCodeAt(this.flowAt) !== 58 || this.text.charCodeAt(this.flowAt + 1) !== 32) throw giveUp
      this.flowAt++
      out[key] = this.flowValue()
      const code = this.flowSpace()
      this.flowAt++
      if (code === 125) return out
      if (code !== 44) throw giveUp
    }
  }

  private flowScalar(code: number): unknown {
    const at = this.flowAt
    if (code === 34 || code === 39) {
      const close = this.closingQuote(at)
      if (close < 0) throw giveUp
      this.flowAt = close + 1
      if (this.text.charCodeAt(close + 1) === 58 && this.text.charCodeAt(close + 2) !== 32) throw giveUp
      return this.unquoted(at, close)
    }
    flowPlain.lastIndex = at
    const raw = flowPlain.exec(this.text)?.[0]
    if (raw === undefined || raw === '-' || raw.startsWith('*') || raw === '...' || raw === '---') throw giveUp
    this.flowAt = at + raw.length
    const after = this.text[this.flowAt]
    if (after !== ',' && after !== ']' && after !== '}' && after !== ' ' && after !== ':') throw giveUp
    if (after === ':' && this.text.charCodeAt(this.flowAt + 1) !== 32) throw giveUp
    if (after === ' ' && !/^ *[\],}]/.test(this.text.slice(this.flowAt, this.end))) throw giveUp
    return this.resolved(raw, at)
  }
}

function chomped(lines: string[], header: string): string {
  let last = lines.length
  while (last > 0 && lines[last - 1] === '') last--
  const body = lines.slice(0, last).join('\n')
  if (header === '|-') return body
  return header === '|+' ? `${lines.join('\n')}\n` : `${body}\n`
}
