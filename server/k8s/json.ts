/** A JSON reader that keeps what JSON.parse loses: number texts (`3.0`), duplicate keys, and where every value is. */
import { jsonNumber } from './number-text.ts'

/** Called for every value with its path and the offsets of its key (if it has one) and of the value; duplicates too. */
export type JsonListener = (path: readonly (string | number)[], key: readonly [number, number] | undefined, value: readonly [number, number]) => void

export type JsonRead = { value: unknown; end: number; duplicates: { path: (string | number)[]; at: readonly [number, number] }[] } | { error: string; at: number }

const depthMax = 10_000
const space = /[ \t\n\r]*/y
const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const stringPattern = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y

class JsonError extends Error {
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

/** Reads one value at `start`; `end` is the offset after it and the white space that follows. Of duplicate keys the last one stands. Never throws. */
export function readJson(text: string, start = 0, listener?: JsonListener): JsonRead {
  const reader = new Reader(text, start, listener)
  try {
    const value = reader.value(undefined, 0)
    reader.skipSpace()
    return { value, end: reader.position, duplicates: reader.duplicates }
  } catch (error) {
    if (error instanceof JsonError) return { error: error.message, at: error.at }
    if (error instanceof RangeError) return { error: 'exceeded max depth', at: reader.position }
    throw error
  }
}

class Reader {
  position: number
  readonly duplicates: { path: (string | number)[]; at: readonly [number, number] }[] = []
  private readonly text: string
  private readonly listener: JsonListener | undefined
  private readonly path: (string | number)[] = []

  constructor(text: string, start: number, listener: JsonListener | undefined) {
    this.text = text
    this.position = start
    this.listener = listener
  }

  skipSpace(): void {
    space.lastIndex = this.position
    space.test(this.text)
    this.position = space.lastIndex
  }

  value(key: readonly [number, number] | undefined, depth: number): unknown {
    if (depth > depthMax) throw new JsonError('exceeded max depth', this.position)
    this.skipSpace()
    const start = this.position
    const first = this.text[start]
    const value = first === '{' ? this.object(depth) : first === '[' ? this.list(depth) : first === '"' ? this.string() : this.scalar()
    this.listener?.(this.path, key, [start, this.position])
    return value
  }

  private object(depth: number): Record<string, unknown> {
    const out: Record<string, unknown> = {}
    const seen = new Set<string>()
    this.position++
    this.skipSpace()
    if (this.taken('}')) return out
    for (;;) {
      this.skipSpace()
      const start = this.position
      if (this.text[start] !== '"') this.fail('looking for beginning of object key string')
      const key = this.string()
      const at = [start, this.position] as const
      this.path.push(key)
      if (seen.has(key)) this.duplicates.push({ path: [...this.path], at })
      seen.add(key)
      this.skipSpace()
      if (!this.taken(':')) this.fail('after object key')
      const value = this.value(at, depth + 1)
      this.path.pop()
      if (key === '__proto__') Object.defineProperty(out, key, { value, enumerable: true, configurable: true, writable: true })
      else out[key] = value
      this.skipSpace()
      if (this.taken('}')) return out
      if (!this.taken(',')) this.fail('after object key:value pair')
    }
  }

  private list(depth: number): unknown[] {
    const out: unknown[] = []
    this.position++
    this.skipSpace()
    if (this.taken(']')) return out
    for (;;) {
      this.path.push(out.length)
      out.push(this.value(undefined, depth + 1))
      this.path.pop()
      this.skipSpace()
      if (this.taken(']')) return out
      if (!this.taken(',')) this.fail('after array element')
    }
  }

  private string(): string {
    stringPattern.lastIndex = this.position
    const match = stringPattern.exec(this.text)
    if (!match) this.fail('in string literal')
    this.position = stringPattern.lastIndex
    const literal = match![0]
    return literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1)
  }

  private scalar(): unknown {
    for (const [word, value] of [['true', true], ['false', false], ['null', null]] as const) {
      if (!this.text.startsWith(word, this.position)) continue
      this.position += word.length
      return value
    }
    numberPattern.lastIndex = this.position
    const match = numberPattern.exec(this.text)
    if (!match) this.fail('looking for beginning of value')
    this.position = numberPattern.lastIndex
    return jsonNumber(match![0])
  }

  private taken(character: string): boolean {
    if (this.text[this.position] !== character) return false
    this.position++
    return true
  }

  private fail(where: string): never {
    const character = this.text[this.position]
    throw new JsonError(character === undefined ? 'unexpected end of JSON input' : `invalid character '${character}' ${where}`, this.position)
  }
}
