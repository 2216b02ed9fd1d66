/** Reads a jq program into a filter of values. */
import type { Token } from './tokens.ts'
import { ProgramError, Tokens } from './tokens.ts'
import { functions } from './jq-functions.ts'
import type { Json, Scope, Stream } from './jq-values.ts'
import { add, asText, attempt, both, compared, descendants, formats, index, items, minus, plainText, times, truthy } from './jq-values.ts'

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

export class Parser {
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
    if (this.tokens.accept('as')) {
      this.tokens.need('$')
      const name = this.tokens.take().text
      this.tokens.need('|')
      const body = this.pipe()
      return (value, scope) => left(value, scope).flatMap((bound) => body(value, new Map([...scope, [name, bound]])))
    }
    if (!this.tokens.accept('|')) return left
    const right = this.pipe()
    return (value, scope) => left(value, scope).flatMap((one) => right(one, scope))
  }

  private comma(): Stream {
    const all = [this.either()]
    while (this.tokens.accept(',')) all.push(this.either())
    return all.length === 1 ? all[0]! : (value, scope) => all.flatMap((one) => one(value, scope))
  }

  /** `a // b`: b when a gives nothing but null and false. */
  private either(): Stream {
    const left = this.or()
    if (!this.tokens.accept('//')) return left
    const right = this.either()
    return (value, scope) => {
      const found = attempt(() => left(value, scope)).filter(truthy)
      return found.length > 0 ? found : right(value, scope)
    }
  }

  private or(): Stream {
    let left = this.and()
    while (this.tokens.accept('or')) left = both(left, this.and(), (a, b) => truthy(a) || truthy(b))
    return left
  }

  private and(): Stream {
    let left = this.comparison()
    while (this.tokens.accept('and')) left = both(left, this.comparison(), (a, b) => truthy(a) && truthy(b))
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
      if (this.tokens.accept('?')) left = (value, scope) => attempt(() => inner(value, scope))
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
    return this.tokens.accept('?') ? (one, value, scope) => attempt(() => each(one, value, scope)) : each
  }

  /** `[]`, `[2]`, `["key"]`, `[1:3]`. */
  private bracket(of: Stream): Stream {
    const { tokens } = this
    tokens.need('[')
    if (tokens.accept(']')) {
      const each = this.optional(items)
      return (value, scope) => of(value, scope).flatMap((one) => each(one, value, scope))
    }
    const from = tokens.is(':') ? undefined : this.pipe()
    if (tokens.accept(':')) {
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
        if (tokens.accept(']')) return () => [[]]
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
    while (!tokens.accept('}')) {
      const token = tokens.take()
      const name = token.text === '$' ? tokens.take().text : token.text
      const key: Stream = token.text === '(' ? this.closed() : token.is === 'text' ? this.text(token.text) : () => [name]
      const given = tokens.accept(':') ? this.either() : undefined
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
      while (tokens.accept(';'))
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
    const otherwise: Stream = tokens.accept('elif') ? this.choice() : tokens.accept('else') ? this.ended() : this.closedIf()
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
