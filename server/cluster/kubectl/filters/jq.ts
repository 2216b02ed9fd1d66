/** The jq that people type behind -o json: paths, select, map, strings, objects, sorting and grouping. A filter turns one value into any number of values. */
import type { Filter } from './filter.ts'
import { isFiltered, readOptions, refused, textOf } from './filter.ts'
import type { Token } from './tokens.ts'
import { ProgramError, Tokens } from './tokens.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Scope = ReadonlyMap<string, Json>
type Stream = (value: Json, scope: Scope) => Json[]

/** What a program complains about while it runs; `?` and `//` let it pass. */
class JqError extends Error {}

function kindOf(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

/** As error messages show a value: its kind and the text in short. */
function shown(value: Json): string {
  const text = JSON.stringify(value)
  return `${kindOf(value)} (${text.length > 11 ? `${text.slice(0, 10)}...` : text})`
}

const ranks = ['null', 'false', 'true', 'number', 'string', 'array', 'object']

/** jq's order over all values. */
function compared(a: Json, b: Json): number {
  const rank = (value: Json): number => ranks.indexOf(typeof value === 'boolean' ? String(value) : kindOf(value))
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const order = compared(a[i]!, b[i]!)
      if (order !== 0) return order
    }
    return a.length - b.length
  }
  if (isObject(a) && isObject(b)) return compared(Object.keys(a).sort(), Object.keys(b).sort()) || compared(Object.keys(a).sort().map((key) => a[key]!), Object.keys(b).sort().map((key) => b[key]!))
  return 0
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const truthy = (value: Json): boolean => value !== null && value !== false

function index(value: Json, key: Json): Json {
  if (value === null) return null
  if (isObject(value) && typeof key === 'string') return Object.hasOwn(value, key) ? value[key]! : null
  if (Array.isArray(value) && typeof key === 'number') return value.at(Math.trunc(key)) ?? null
  if (isObject(value) || typeof key === 'string') throw new JqError(`Cannot index ${kindOf(value)} with ${typeof key === 'string' ? JSON.stringify(key) : kindOf(key)}`)
  throw new JqError(`Cannot index ${kindOf(value)} with ${kindOf(key)}`)
}

function items(value: Json): Json[] {
  if (Array.isArray(value)) return value
  if (isObject(value)) return Object.values(value)
  throw new JqError(`Cannot iterate over ${value === null ? 'null' : shown(value)}`)
}

const marks = ['?//', '//', '==', '!=', '<=', '>=', '..', '|', ',', '.', '[', ']', '(', ')', '{', '}', ':', ';', '<', '>', '=', '+', '-', '*', '/', '%', '?', '@', '$']

function tokensOf(program: string): Token[] {
  const found: Token[] = []
  let spaced = false
  for (let at = 0; at < program.length;) {
    const rest = program.slice(at)
    const blank = /^(?:\s+|#[^\n]*)/.exec(rest)?.[0]
    if (blank) {
      spaced = true
      at += blank.length
      continue
    }
    const number = /^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(rest)?.[0]
    const name = /^[A-Za-z_]\w*/.exec(rest)?.[0]
    const text = rest[0] === '"' ? rest.slice(0, closing(rest)) : undefined
    const mark = marks.find((item) => rest.startsWith(item))
    const token: Omit<Token, 'spaced'> | undefined = number ? { is: 'number', text: number } : name ? { is: 'name', text: name } : text ? { is: 'text', text: text.slice(1, -1) } : mark ? { is: 'mark', text: mark } : undefined
    if (!token) throw new ProgramError(`syntax error, unexpected ${JSON.stringify(rest[0])}`)
    found.push({ ...token, spaced })
    spaced = false
    at += (number ?? name ?? text ?? mark)!.length
  }
  return found
}

/** The length of the text that starts here, with what \( … ) holds. */
function closing(rest: string): number {
  let depth = 0
  for (let at = 1; at < rest.length; at++) {
    if (rest[at] === '\\' && depth === 0) {
      if (rest[at + 1] === '(') depth++
      at++
    } else if (depth > 0) depth += rest[at] === '(' ? 1 : rest[at] === ')' ? -1 : 0
    else if (rest[at] === '"') return at + 1
  }
  throw new ProgramError('syntax error, unexpected end of text')
}

class Parser {
  private readonly tokens: Tokens
  constructor(program: string) {
    this.tokens = new Tokens(tokensOf(program))
  }

  program(): Stream {
    if (!this.tokens.next) return (value) => [value]
    const stream = this.pipe()
    if (this.tokens.next) throw new ProgramError(`syntax error, unexpected "${this.tokens.next.text}"`)
    return stream
  }

  private pipe(): Stream {
    const left = this.comma()
    if (this.tokens.skip('as')) {
      this.tokens.need('$')
      const name = this.tokens.take().text
      this.tokens.need('|')
      const body = this.pipe()
      return (value, scope) => left(value, scope).flatMap((bound) => body(value, new Map([...scope, [name, bound]])))
    }
    if (!this.tokens.skip('|')) return left
    const right = this.pipe()
    return (value, scope) => left(value, scope).flatMap((one) => right(one, scope))
  }

  private comma(): Stream {
    const all = [this.either()]
    while (this.tokens.skip(',')) all.push(this.either())
    return all.length === 1 ? all[0]! : (value, scope) => all.flatMap((one) => one(value, scope))
  }

  /** `a // b`: b when a gives nothing but null and false. */
  private either(): Stream {
    const left = this.or()
    if (!this.tokens.skip('//')) return left
    const right = this.either()
    return (value, scope) => {
      const found = attempt(() => left(value, scope)).filter(truthy)
      return found.length > 0 ? found : right(value, scope)
    }
  }

  private or(): Stream {
    let left = this.and()
    while (this.tokens.skip('or')) left = both(left, this.and(), (a, b) => truthy(a) || truthy(b))
    return left
  }

  private and(): Stream {
    let left = this.comparison()
    while (this.tokens.skip('and')) left = both(left, this.comparison(), (a, b) => truthy(a) && truthy(b))
    return left
  }

  private comparison(): Stream {
    const left = this.sum()
    const holds: Record<string, (order: number) => boolean> = { '==': (order) => order === 0, '!=': (order) => order !== 0, '<=': (order) => order <= 0, '>=': (order) => order >= 0, '<': (order) => order < 0, '>': (order) => order > 0 }
    const mark = Object.keys(holds).find((item) => this.tokens.is(item))
    if (!mark) return left
    this.tokens.take()
    return both(left, this.sum(), (a, b) => holds[mark]!(compared(a, b)))
  }

  private sum(): Stream {
    let left = this.product()
    while (this.tokens.is('+', '-')) {
      const join = this.tokens.take().text === '+' ? add : minus
      left = both(left, this.product(), join)
    }
    return left
  }

  private product(): Stream {
    let left = this.postfix()
    while (this.tokens.is('*', '/', '%')) {
      const mark = this.tokens.take().text
      left = both(left, this.postfix(), (a, b) => times(mark, a, b))
    }
    return left
  }

  private postfix(): Stream {
    let left = this.primary()
    for (;;) {
      const inner = left
      if (this.tokens.skip('?')) left = (value, scope) => attempt(() => inner(value, scope))
      else if (this.tokens.is('[') && !this.tokens.next!.spaced) left = this.bracket(inner)
      else if (this.tokens.is('.') && !this.tokens.next!.spaced && (this.tokens.look(1)?.is === 'name' || this.tokens.look(1)?.is === 'text' || this.tokens.look(1)?.text === '[')) {
        this.tokens.take()
        left = this.tokens.is('[') ? this.bracket(inner) : this.field(inner)
      } else return left
    }
  }

  private field(of: Stream): Stream {
    const token = this.tokens.take()
    const key = token.is === 'text' ? this.text(token.text) : (): Json[] => [token.text]
    const each = this.optional((one, value, scope) => key(value, scope).map((name) => index(one, name)))
    return (value, scope) => of(value, scope).flatMap((one) => each(one, value, scope))
  }

  /** A `?` right behind an index lets each value that cannot be indexed pass, and no other. */
  private optional(each: (one: Json, value: Json, scope: Scope) => Json[]): (one: Json, value: Json, scope: Scope) => Json[] {
    return this.tokens.skip('?') ? (one, value, scope) => attempt(() => each(one, value, scope)) : each
  }

  /** `[]`, `[2]`, `["key"]`, `[1:3]`. */
  private bracket(of: Stream): Stream {
    const { tokens } = this
    tokens.need('[')
    if (tokens.skip(']')) {
      const each = this.optional(items)
      return (value, scope) => of(value, scope).flatMap((one) => each(one, value, scope))
    }
    const from = tokens.is(':') ? undefined : this.pipe()
    if (tokens.skip(':')) {
      const to = tokens.is(']') ? undefined : this.pipe()
      tokens.need(']')
      const bound = (stream: Stream | undefined, value: Json, scope: Scope): number | undefined => (stream ? Number(stream(value, scope)[0]) : undefined)
      return (value, scope) => of(value, scope).map((one) => (one === null ? null : (one as Json[] | string).slice(bound(from, value, scope), bound(to, value, scope)) as Json))
    }
    tokens.need(']')
    const each = this.optional((one, value, scope) => from!(value, scope).map((key) => index(one, key)))
    return (value, scope) => of(value, scope).flatMap((one) => each(one, value, scope))
  }

  private primary(): Stream {
    const { tokens } = this
    const token = tokens.take()
    if (token.is === 'number') return () => [Number(token.text)]
    if (token.is === 'text') return this.text(token.text)
    if (token.is === 'name') return this.named(token.text)
    switch (token.text) {
      case '.':
        if ((tokens.next?.is === 'name' || tokens.next?.is === 'text') && !tokens.next.spaced) return this.field((value) => [value])
        return (value) => [value]
      case '..':
        return (value) => descendants(value)
      case '(': {
        const inner = this.pipe()
        tokens.need(')')
        return inner
      }
      case '[': {
        if (tokens.skip(']')) return () => [[]]
        const inner = this.pipe()
        tokens.need(']')
        return (value, scope) => [inner(value, scope)]
      }
      case '{':
        return this.object()
      case '-': {
        const inner = this.postfix()
        return (value, scope) => inner(value, scope).map((one) => -Number(one))
      }
      case '$': {
        const name = tokens.take().text
        return (_value, scope) => {
          if (!scope.has(name)) throw new ProgramError(`$${name} is not defined`)
          return [scope.get(name)!]
        }
      }
      case '@': {
        const name = `@${tokens.take().text}`
        const format = formats[name]
        if (!format) throw new ProgramError(`${name} is not a valid format`)
        return (value) => [format(value)]
      }
    }
    throw new ProgramError(`syntax error, unexpected "${token.text}"`)
  }

  /** A text with \( … ) inside. */
  private text(source: string): Stream {
    const parts: (string | Stream)[] = []
    for (let at = 0; at < source.length;) {
      const start = source.indexOf('\\(', at)
      if (start < 0) {
        parts.push(plainText(source.slice(at)))
        break
      }
      parts.push(plainText(source.slice(at, start)))
      let end = start + 2
      for (let depth = 1; end < source.length && depth > 0; end++) depth += source[end] === '(' ? 1 : source[end] === ')' ? -1 : 0
      parts.push(new Parser(source.slice(start + 2, end - 1)).program())
      at = end
    }
    return (value, scope) => parts.reduce<string[]>((made, part) => (typeof part === 'string' ? made.map((head) => head + part) : made.flatMap((head) => part(value, scope).map((one) => head + asText(one)))), [''])
  }

  /** `{a, b: .c, "d": 1, (.e): 2, $x}`. */
  private object(): Stream {
    const { tokens } = this
    const fields: { key: Stream; value: Stream }[] = []
    while (!tokens.skip('}')) {
      const token = tokens.take()
      const name = token.text === '$' ? tokens.take().text : token.text
      const key: Stream = token.text === '(' ? this.closed() : token.is === 'text' ? this.text(token.text) : () => [name]
      const given = tokens.skip(':') ? this.either() : undefined
      const value: Stream = given ?? (token.text === '$' ? (_value, scope) => [scope.get(name) ?? null] : (input, scope) => key(input, scope).map((one) => index(input, one)))
      fields.push({ key, value })
      if (!tokens.is('}')) tokens.need(',')
    }
    return (input, scope) => fields.reduce<{ [key: string]: Json }[]>((made, { key, value }) => made.flatMap((head) => key(input, scope).flatMap((name) => value(input, scope).map((one) => ({ ...head, [asText(name)]: one })))), [{}])
  }

  private closed(): Stream {
    const inner = this.pipe()
    this.tokens.need(')')
    return inner
  }

  private named(name: string): Stream {
    const { tokens } = this
    if (name === 'true' || name === 'false' || name === 'null') return () => [JSON.parse(name) as Json]
    if (name === 'if') return this.choice()
    if (name === 'not') return (value) => [!truthy(value)]
    if (name === 'empty') return () => []
    const args: Stream[] = []
    if (tokens.is('(') && !tokens.next!.spaced) {
      tokens.take()
      do args.push(this.pipe())
      while (tokens.skip(';'))
      tokens.need(')')
    }
    const called = functions[`${name}/${args.length}`]
    if (!called) throw new ProgramError(`${name}/${args.length} is not defined`)
    return (value, scope) => called(value, args.map((arg) => (input: Json) => arg(input, scope)))
  }

  private choice(): Stream {
    const { tokens } = this
    const meets = this.pipe()
    tokens.need('then')
    const then = this.pipe()
    const otherwise: Stream = tokens.skip('elif') ? this.choice() : tokens.skip('else') ? this.ended() : this.closedIf()
    return (value, scope) => meets(value, scope).flatMap((one) => (truthy(one) ? then : otherwise)(value, scope))
  }

  private ended(): Stream {
    const inner = this.pipe()
    this.tokens.need('end')
    return inner
  }

  private closedIf(): Stream {
    this.tokens.need('end')
    return (value) => [value]
  }
}

function attempt(work: () => Json[]): Json[] {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof JqError)) throw error
    return []
  }
}

function both(left: Stream, right: Stream, join: (a: Json, b: Json) => Json): Stream {
  return (value, scope) => right(value, scope).flatMap((b) => left(value, scope).map((a) => join(a, b)))
}

function add(a: Json, b: Json): Json {
  if (a === null) return b
  if (b === null) return a
  if (typeof a === 'number' && typeof b === 'number') return a + b
  if (typeof a === 'string' && typeof b === 'string') return a + b
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b]
  if (isObject(a) && isObject(b)) return { ...a, ...b }
  throw new JqError(`${shown(a)} and ${shown(b)} cannot be added`)
}

function minus(a: Json, b: Json): Json {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (Array.isArray(a) && Array.isArray(b)) return a.filter((one) => !b.some((other) => compared(one, other) === 0))
  throw new JqError(`${shown(a)} and ${shown(b)} cannot be subtracted`)
}

function times(mark: string, a: Json, b: Json): Json {
  if (mark === '/' && typeof a === 'string' && typeof b === 'string') return a.split(b)
  if (typeof a !== 'number' || typeof b !== 'number') throw new JqError(`${shown(a)} and ${shown(b)} cannot be ${mark === '*' ? 'multiplied' : 'divided'}`)
  if (mark !== '*' && b === 0) throw new JqError(`${shown(a)} and ${shown(b)} cannot be divided because the divisor is zero`)
  return mark === '*' ? a * b : mark === '/' ? a / b : Math.trunc(a) % Math.trunc(b)
}

function descendants(value: Json): Json[] {
  return [value, ...(typeof value === 'object' && value !== null ? items(value).flatMap(descendants) : [])]
}

function plainText(source: string): string {
  try {
    return JSON.parse(`"${source}"`) as string
  } catch {
    throw new ProgramError('syntax error in a text')
  }
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const utf8 = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text))

const formats: Record<string, (value: Json) => string> = {
  '@text': asText,
  '@json': (value) => JSON.stringify(value),
  '@base64': (value) => btoa(utf8(asText(value))),
  '@base64d': (value) => {
    try {
      return new TextDecoder().decode(Uint8Array.from(atob(asText(value)), (letter) => letter.charCodeAt(0)))
    } catch {
      throw new JqError(`${shown(value)} is not valid base64 data`)
    }
  },
  '@tsv': (value) => items(value).map((one) => (one === null ? '' : asText(one).replaceAll('\t', '\\t').replaceAll('\n', '\\n'))).join('\t'),
  '@csv': (value) => items(value).map((one) => (one === null ? '' : typeof one === 'string' ? `"${one.replaceAll('"', '""')}"` : asText(one))).join(','),
  '@uri': (value) => encodeURIComponent(asText(value)),
}

type Function = (value: Json, args: ((input: Json) => Json[])[]) => Json[]

function list(value: Json, what: string): Json[] {
  if (!Array.isArray(value)) throw new JqError(`${shown(value)} cannot be ${what}, as it is not an array`)
  return value
}

function string(value: Json, what: string): string {
  if (typeof value !== 'string') throw new JqError(`${what} input must be a string`)
  return value
}

const byKey = (value: Json, key: (input: Json) => Json[], what: string): { one: Json; key: Json }[] => list(value, what).map((one) => ({ one, key: key(one) })).sort((a, b) => compared(a.key, b.key))

function grouped(value: Json, key: (input: Json) => Json[]): Json[][] {
  const groups: { key: Json; all: Json[] }[] = []
  for (const { one, key: own } of byKey(value, key, 'grouped')) {
    if (groups.length > 0 && compared(groups.at(-1)!.key, own) === 0) groups.at(-1)!.all.push(one)
    else groups.push({ key: own, all: [one] })
  }
  return groups.map(({ all }) => all)
}

function flattened(value: readonly Json[]): Json[] {
  return value.flatMap((one) => (Array.isArray(one) ? flattened(one) : [one]))
}

const entries = (value: Json): Json[] => Object.entries(isObject(value) ? value : {}).map(([key, one]) => ({ key, value: one }))
const fromEntries = (value: Json): Json => Object.fromEntries(items(value).map((entry) => [asText(index(entry, 'key') ?? index(entry, 'name')), index(entry, 'value')]))

function length(value: Json): number {
  if (value === null) return 0
  if (typeof value === 'boolean') throw new JqError(`${shown(value)} has no length`)
  return typeof value === 'number' ? Math.abs(value) : typeof value === 'string' ? [...value].length : items(value).length
}

function contains(a: Json, b: Json): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a.includes(b)
  if (Array.isArray(a) && Array.isArray(b)) return b.every((one) => a.some((own) => contains(own, one)))
  if (isObject(a) && isObject(b)) return Object.keys(b).every((key) => Object.hasOwn(a, key) && contains(a[key]!, b[key]!))
  return compared(a, b) === 0
}

const functions: Record<string, Function> = {
  'select/1': (value, [meets]) => meets!(value).filter(truthy).map(() => value),
  'map/1': (value, [each]) => [items(value).flatMap((one) => each!(one))],
  'map_values/1': (value, [each]) => [Array.isArray(value) ? value.flatMap((one) => each!(one).slice(0, 1)) : Object.fromEntries(Object.entries(isObject(value) ? value : {}).flatMap(([key, one]) => each!(one).slice(0, 1).map((made) => [key, made] as const)))],
  'length/0': (value) => [length(value)],
  'keys/0': (value) => [Array.isArray(value) ? value.map((_, i) => i) : Object.keys(isObject(value) ? value : {}).sort()],
  'keys_unsorted/0': (value) => [Object.keys(isObject(value) ? value : {})],
  'values/0': (value) => (value === null ? [] : [value]),
  'has/1': (value, [key]) => key!(value).map((name) => (Array.isArray(value) ? Number(name) < value.length : isObject(value) && Object.hasOwn(value, String(name)))),
  'in/1': (value, [of]) => of!(value).map((one) => isObject(one) && Object.hasOwn(one, String(value))),
  'contains/1': (value, [part]) => part!(value).map((one) => contains(value, one)),
  'inside/1': (value, [whole]) => whole!(value).map((one) => contains(one, value)),
  'test/1': (value, [pattern]) => pattern!(value).map((one) => new RegExp(String(one)).test(string(value, 'test'))),
  'test/2': (value, [pattern, flags]) => pattern!(value).map((one) => new RegExp(String(one), String(flags!(value)[0]).replaceAll(/[^i]/g, '')).test(string(value, 'test'))),
  'startswith/1': (value, [part]) => part!(value).map((one) => string(value, 'startswith()').startsWith(String(one))),
  'endswith/1': (value, [part]) => part!(value).map((one) => string(value, 'endswith()').endsWith(String(one))),
  'ltrimstr/1': (value, [part]) => part!(value).map((one) => (typeof value === 'string' && value.startsWith(String(one)) ? value.slice(String(one).length) : value)),
  'rtrimstr/1': (value, [part]) => part!(value).map((one) => (typeof value === 'string' && value.endsWith(String(one)) ? value.slice(0, value.length - String(one).length) : value)),
  'split/1': (value, [by]) => by!(value).map((one) => string(value, 'split').split(String(one))),
  'join/1': (value, [by]) => by!(value).map((one) => items(value).map((item) => (item === null ? '' : asText(item))).join(String(one))),
  'sub/2': (value, [pattern, by]) => [string(value, 'sub').replace(new RegExp(String(pattern!(value)[0])), String(by!(value)[0]))],
  'gsub/2': (value, [pattern, by]) => [string(value, 'gsub').replace(new RegExp(String(pattern!(value)[0]), 'g'), String(by!(value)[0]))],
  'ascii_downcase/0': (value) => [string(value, 'ascii_downcase').toLowerCase()],
  'ascii_upcase/0': (value) => [string(value, 'ascii_upcase').toUpperCase()],
  'tostring/0': (value) => [asText(value)],
  'tojson/0': (value) => [JSON.stringify(value)],
  'fromjson/0': (value) => [JSON.parse(string(value, 'fromjson')) as Json],
  'tonumber/0': (value) => {
    if (Number.isNaN(Number(value))) throw new JqError(`${shown(value)} cannot be parsed as a number`)
    return [Number(value)]
  },
  'type/0': (value) => [kindOf(value)],
  'add/0': (value) => [items(value).reduce(add, null)],
  'any/0': (value) => [items(value).some(truthy)],
  'all/0': (value) => [items(value).every(truthy)],
  'any/1': (value, [meets]) => [items(value).some((one) => meets!(one).some(truthy))],
  'all/1': (value, [meets]) => [items(value).every((one) => meets!(one).every(truthy))],
  'first/0': (value) => [index(value, 0)],
  'last/0': (value) => [index(value, -1)],
  'first/1': (value, [of]) => of!(value).slice(0, 1),
  'reverse/0': (value) => [typeof value === 'string' ? [...value].reverse().join('') : [...list(value, 'reversed')].reverse()],
  'sort/0': (value) => [[...list(value, 'sorted')].sort(compared)],
  'sort_by/1': (value, [key]) => [byKey(value, key!, 'sorted').map(({ one }) => one)],
  'group_by/1': (value, [key]) => [grouped(value, key!)],
  'unique/0': (value) => [grouped(value, (one) => [one]).map(([one]) => one!)],
  'unique_by/1': (value, [key]) => [grouped(value, key!).map(([one]) => one!)],
  'min_by/1': (value, [key]) => [byKey(value, key!, 'compared')[0]?.one ?? null],
  'max_by/1': (value, [key]) => [byKey(value, key!, 'compared').at(-1)?.one ?? null],
  'min/0': (value) => [[...list(value, 'compared')].sort(compared)[0] ?? null],
  'max/0': (value) => [[...list(value, 'compared')].sort(compared).at(-1) ?? null],
  'flatten/0': (value) => [flattened(list(value, 'flattened'))],
  'to_entries/0': (value) => [entries(value)],
  'from_entries/0': (value) => [fromEntries(value)],
  'with_entries/1': (value, [each]) => [fromEntries(entries(value).flatMap((entry) => each!(entry)))],
  'recurse/0': (value) => descendants(value),
}

export const jq: Filter = (words, input) => {
  const spread = words.flatMap((word, i) => (word === '--arg' || word === '--argjson' ? [] : words[i - 1] === '--arg' || words[i - 2] === '--arg' || words[i - 1] === '--argjson' || words[i - 2] === '--argjson' ? [] : [word]))
  const scope = new Map<string, Json>(words.flatMap((word, i) => (word === '--arg' ? [[words[i + 1] ?? '', words[i + 2] ?? ''] as const] : [])))
  const read = readOptions('jq', spread, 'rcjeMSCsn', '', { 'raw-output': 'r', 'compact-output': 'c', 'exit-status': 'e', 'sort-keys': 'S', slurp: 's', 'null-input': 'n' })
  if (isFiltered(read)) return read
  const program = read.rest.shift() ?? '.'
  const text = textOf('jq', read.rest, input)
  if (isFiltered(text)) return text
  let out = ''
  try {
    const stream = new Parser(program).program()
    if (text.trim() === '') return { stdout: '', stderr: '', exitCode: 0 }
    const results = stream(JSON.parse(text) as Json, scope)
    for (const result of results) {
      const printed = read.on.has('r') || read.on.has('j') ? (typeof result === 'string' ? result : undefined) : undefined
      out += (printed ?? JSON.stringify(result, null, read.on.has('c') ? 0 : 2)) + (read.on.has('j') ? '' : '\n')
    }
    return { stdout: out, stderr: '', exitCode: read.on.has('e') && !results.some(truthy) ? 1 : 0 }
  } catch (error) {
    if (error instanceof ProgramError) return refused(`jq: error: ${error.message}\njq: 1 compile error`, 3)
    if (error instanceof JqError) return { stdout: out, stderr: `jq: error (at <stdin>:0): ${error.message}\n`, exitCode: 5 }
    if (error instanceof SyntaxError) return refused(`jq: parse error: Invalid numeric literal at line 1, column ${Math.max(1, text.search(/[\s:]/))}`, 2)
    throw error
  }
}
