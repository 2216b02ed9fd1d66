/**
 * YAML as kubectl writes it: keys sorted, sequences at the indent of their key, and scalars styled as go-yaml v2 styles them (encode.go:stringv, emitterc.go),
 * folding plain and quoted text at the first space past column 80.
 */
import type { Fields } from '../../../k8s/object.ts'

const bestWidth = 80

/** The document, with its final line break. Undefined fields are left out. */
export function yamlText(value: unknown): string {
  const writer = new Writer()
  writer.node(value, 0, false)
  return writer.text()
}

/** Words and shapes that a plain scalar would turn into something other than a string (resolve.go). */
const reserved = new Set(['', '~', 'null', 'Null', 'NULL', 'y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON', 'n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF', '.nan', '.NaN', '.NAN', '.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF', '-.inf', '-.Inf', '-.INF', '<<'])
const shapes = [
  /^[-+]?(0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]+|0[bB][01_]+|[0-9][0-9_]*)$/,
  /^[-+]?(\.[0-9_]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?$/,
  /^\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?)?$/,
  /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/,
]

function isPlainString(text: string): boolean {
  return !reserved.has(text) && !shapes.some((shape) => shape.test(text))
}

type Analysis = { plain: boolean; single: boolean; block: boolean }

/** yaml_emitter_analyze_scalar, for block context. */
function analyse(text: string): Analysis {
  if (text === '') return { plain: false, single: true, block: false }
  const lines = text.includes('\n')
  const special = /[^\n\x20-\x7e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|\ufeff/u.test(text)
  const leading = /^[ \n]/.test(text)
  const trailing = /[ \n]$/.test(text)
  const spaceBreak = / \n/.test(text)
  const breakSpace = /\n /.test(text)
  const indicators = /^(---|\.\.\.)/.test(text) || /^[#,[\]{}&*!|>'"%@`]/.test(text) || /^[?:-](\s|$)/.test(text) || /:(\s|$)/.test(text) || /\s#/.test(text)
  const allowed = !spaceBreak && !special
  return { plain: allowed && !leading && !trailing && !breakSpace && !lines && !indicators, single: allowed && !breakSpace, block: allowed && !text.endsWith(' ') }
}

class Writer {
  private out: string[] = []
  private column = 0

  text(): string {
    return this.out.join('')
  }

  private put(text: string): void {
    this.out.push(text)
    const at = text.lastIndexOf('\n')
    this.column = at < 0 ? this.column + lettersIn(text) : lettersIn(text.slice(at + 1))
  }

  /** Writes a value at the current place; `inKey`: right after `key:`. */
  node(value: unknown, indent: number, afterKey: boolean): void {
    if (Array.isArray(value) && value.length > 0) this.sequence(value, indent, afterKey)
    else if (typeof value === 'object' && value !== null && !Array.isArray(value) && keysOf(value as Fields).length > 0) this.mapping(value as Fields, indent, afterKey)
    else this.leaf(value, indent, afterKey)
  }

  private leaf(value: unknown, indent: number, spaced: boolean): void {
    if (spaced) this.put(' ')
    if (Array.isArray(value)) this.put('[]')
    else if (value === null || value === undefined) this.put('null')
    else if (typeof value === 'object') this.put('{}')
    else if (typeof value === 'string') this.scalar(value, indent, true)
    else this.put(String(value))
    if (!this.out.at(-1)!.endsWith('\n')) this.put('\n')
  }

  private mapping(value: Fields, indent: number, afterKey: boolean): void {
    if (afterKey) this.put('\n')
    for (const [i, key] of keysOf(value).entries()) {
      if (i > 0 || afterKey) this.put(' '.repeat(indent))
      this.scalar(key, indent, false)
      this.put(':')
      const child = value[key]
      const isList = Array.isArray(child) && child.length > 0
      this.node(child, isList ? indent : indent + 2, true)
    }
  }

  private sequence(value: readonly unknown[], indent: number, afterKey: boolean): void {
    if (afterKey) this.put('\n')
    for (const [i, item] of value.entries()) {
      if (i > 0 || afterKey) this.put(' '.repeat(indent))
      this.put('- ')
      this.node(item, indent + 2, false)
    }
  }

  /** One scalar; `breaks`: long text may be folded (never in keys). Lines that follow stand at `indent`. */
  private scalar(text: string, indent: number, breaks: boolean): void {
    const { plain, single, block } = analyse(text)
    if (text.includes('\n')) {
      if (block && breaks) this.literal(text, indent)
      else this.double(text, indent, breaks)
    } else if (!isPlainString(text)) this.double(text, indent, breaks)
    else if (plain) this.folded(text, indent, breaks, true)
    else if (single) {
      this.put("'")
      this.folded(text.replaceAll("'", "''"), indent, breaks, false)
      this.put("'")
    } else this.double(text, indent, breaks)
  }

  /** Breaks the line at a lone space once the column has passed the width. */
  private folded(text: string, indent: number, breaks: boolean, plain: boolean): void {
    if (!breaks || this.column + text.length <= bestWidth) return this.put(text)
    let spaces = false
    for (let i = 0; i < text.length; i++) {
      const space = text[i] === ' '
      if (space && breaks && !spaces && this.column > bestWidth && text[i + 1] !== ' ' && (plain || (i > 0 && i < text.length - 1))) this.put(`\n${' '.repeat(indent)}`)
      else this.put(text[i]!)
      spaces = space
    }
  }

  private double(text: string, indent: number, breaks: boolean): void {
    this.put('"')
    let spaces = false
    const letters = [...text]
    for (const [i, letter] of letters.entries()) {
      if (letter !== ' ') {
        this.put(escaped(letter))
        spaces = false
        continue
      }
      if (breaks && !spaces && this.column > bestWidth && i > 0 && i < letters.length - 1) {
        this.put(`\n${' '.repeat(indent)}`)
        if (letters[i + 1] === ' ') this.put('\\')
      } else this.put(' ')
      spaces = true
    }
    this.put('"')
  }

  private literal(text: string, indent: number): void {
    const hint = /^[ \n]/.test(text) ? '2' : ''
    const chomp = !text.endsWith('\n') ? '-' : text === '\n' || text.endsWith('\n\n') ? '+' : ''
    this.put(`|${hint}${chomp}\n`)
    const lines = text.split('\n')
    if (text.endsWith('\n')) lines.pop()
    for (const line of lines) this.put(line === '' ? '\n' : `${' '.repeat(indent)}${line}\n`)
  }
}

function lettersIn(text: string): number {
  return /[\ud800-\udfff]/.test(text) ? [...text].length : text.length
}

function keysOf(value: Fields): string[] {
  return Object.keys(value).filter((key) => value[key] !== undefined).sort()
}

const named: Record<string, string> = { '\0': '\\0', '\x07': '\\a', '\b': '\\b', '\t': '\\t', '\n': '\\n', '\v': '\\v', '\f': '\\f', '\r': '\\r', '\x1b': '\\e', '"': '\\"', '\\': '\\\\', '\u0085': '\\N', '\u00a0': '\\_', '\u2028': '\\L', '\u2029': '\\P' }

function escaped(letter: string): string {
  if (Object.hasOwn(named, letter) && letter !== '\u00a0') return named[letter]!
  const code = letter.codePointAt(0)!
  if ((code >= 0x20 && code <= 0x7e) || (code >= 0xa0 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff) || code >= 0x10000) return letter
  return code <= 0xff ? `\\x${code.toString(16).toUpperCase().padStart(2, '0')}` : `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`
}
