/** Reads an awk program into rules that can be run. */
import { expression } from './filter.ts'
import type { Token } from './tokens.ts'
import { ProgramError, Tokens } from './tokens.ts'
import { functions } from './awk-functions.ts'
import type { Expression, Rule, Statement, Value, World } from './awk-world.ts'
import { Leave, compared, numeric, printfText, textual, truthy } from './awk-world.ts'

const marks = ['&&', '||', '==', '!=', '<=', '>=', '!~', '++', '--', '+=', '-=', '*=', '/=', '{', '}', '(', ')', '[', ']', ',', ';', '\n', '$', '~', '<', '>', '=', '+', '-', '*', '/', '%', '!', '?', ':']

function tokensOf(program: string): Token[] {
  const found: Token[] = []
  let spaced = false
  for (let at = 0; at < program.length;) {
    const rest = program.slice(at)
    const blank = /^(?:[ \t]|\\\n)+/.exec(rest)?.[0]
    if (blank) {
      spaced = true
      at += blank.length
      continue
    }
    const last = found.at(-1)
    const valueBefore = last !== undefined && (last.is !== 'mark' || [')', ']'].includes(last.text))
    const regex = valueBefore ? null : /^\/((?:\\.|[^/\\\n])*)\//.exec(rest)
    const text = /^"((?:\\.|[^"\\])*)"/.exec(rest)
    const number = /^(?:\d+\.?\d*|\.\d+)/.exec(rest)
    const name = /^[A-Za-z_]\w*/.exec(rest)
    const mark = marks.find((item) => rest.startsWith(item))
    const token: Omit<Token, 'spaced'> | undefined = regex ? { is: 'regex', text: regex[1]!.replaceAll('\\/', '/') } : text ? { is: 'text', text: unescaped(text[1]!) } : number ? { is: 'number', text: number[0] } : name ? { is: 'name', text: name[0] } : mark !== undefined ? { is: 'mark', text: mark } : undefined
    if (!token) throw new ProgramError(`syntax error near ${rest.slice(0, 10)}`)
    found.push({ ...token, spaced })
    spaced = false
    at += (regex ?? text ?? number ?? name)?.[0].length ?? mark!.length
  }
  return found
}

export function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_all, letter: string) => ({ n: '\n', t: '\t', r: '\r' })[letter] ?? letter)
}

export class Parser {
  private readonly tokens: Tokens
  constructor(program: string) {
    this.tokens = new Tokens(tokensOf(program))
  }

  rules(): Rule[] {
    const rules: Rule[] = []
    for (this.gap(); this.tokens.next; this.gap()) {
      const when = this.tokens.accept('BEGIN') ? 'BEGIN' : this.tokens.accept('END') ? 'END' : 'line'
      const meets = when === 'line' && !this.tokens.is('{') ? this.expression() : undefined
      const act = this.tokens.is('{') ? this.block() : undefined
      rules.push({ when, ...(meets ? { meets } : {}), ...(act ? { act } : {}) })
    }
    return rules
  }

  private gap(): void {
    while (this.tokens.accept(';') || this.tokens.accept('\n'));
  }

  private block(): Statement {
    this.tokens.need('{')
    const all: Statement[] = []
    for (this.gap(); !this.tokens.accept('}'); this.gap()) all.push(this.statement())
    return (world) => {
      for (const one of all) one(world)
    }
  }

  private statement(): Statement {
    const { tokens } = this
    if (tokens.is('{')) return this.block()
    if (tokens.accept('print')) {
      const list = this.list()
      return (world) => void (world.out += (list.length === 0 ? world.line : list.map((one) => textual(one(world))).join(String(world.variables.get('OFS')))) + String(world.variables.get('ORS')))
    }
    if (tokens.accept('printf')) {
      const [format, ...list] = this.list()
      if (!format) throw new ProgramError('printf: no format')
      return (world) => void (world.out += printfText(textual(format(world)), list.map((one) => textual(one(world)))))
    }
    if (tokens.accept('next')) return () => {
      throw new Leave('next')
    }
    if (tokens.accept('exit')) {
      if (!tokens.is(';', '}', '\n')) this.expression()
      return () => {
        throw new Leave('exit')
      }
    }
    if (tokens.accept('delete')) {
      const name = tokens.take().text
      tokens.need('[')
      const key = this.expression()
      tokens.need(']')
      return (world) => void world.array(name).delete(textual(key(world)))
    }
    if (tokens.accept('if')) return this.choice()
    if (tokens.accept('for')) return this.loop()
    const value = this.expression()
    return (world) => void value(world)
  }

  private choice(): Statement {
    this.tokens.need('(')
    const meets = this.expression()
    this.tokens.need(')')
    this.gap()
    const then = this.statement()
    const mark = this.tokens.next?.text === ';' && this.tokens.look(1)?.text === 'else'
    if (mark) this.tokens.take()
    const otherwise = this.tokens.accept('else') ? this.statement() : undefined
    return (world) => (truthy(meets(world)) ? then(world) : otherwise?.(world))
  }

  /** `for (k in a)` and `for (i = 1; i <= n; i++)`. */
  private loop(): Statement {
    const { tokens } = this
    tokens.need('(')
    if (tokens.look(1)?.text === 'in') {
      const name = tokens.take().text
      tokens.take()
      const array = tokens.take().text
      tokens.need(')')
      this.gap()
      const body = this.statement()
      return (world) => {
        for (const key of [...world.array(array).keys()].sort((a, b) => compared(a, b))) {
          world.count()
          world.variables.set(name, key)
          body(world)
        }
      }
    }
    const start = tokens.is(';') ? undefined : this.expression()
    tokens.need(';')
    const meets = tokens.is(';') ? undefined : this.expression()
    tokens.need(';')
    const step = tokens.is(')') ? undefined : this.expression()
    tokens.need(')')
    this.gap()
    const body = this.statement()
    return (world) => {
      for (start?.(world); !meets || truthy(meets(world)); step?.(world)) {
        world.count()
        body(world)
      }
    }
  }

  /** What print is given: a list, maybe in parentheses. */
  private list(): Expression[] {
    if (this.tokens.is(';', '}', '\n') || !this.tokens.next) return []
    const all = [this.expression()]
    while (this.tokens.accept(',')) all.push(this.expression())
    return all
  }

  private expression(): Expression {
    const meets = this.or()
    if (!this.tokens.accept('?')) return meets
    const then = this.expression()
    this.tokens.need(':')
    const otherwise = this.expression()
    return (world) => (truthy(meets(world)) ? then(world) : otherwise(world))
  }

  private or(): Expression {
    let left = this.and()
    while (this.tokens.accept('||')) {
      const [a, b] = [left, this.and()]
      left = (world) => Number(truthy(a(world)) || truthy(b(world)))
    }
    return left
  }

  private and(): Expression {
    let left = this.member()
    while (this.tokens.accept('&&')) {
      const [a, b] = [left, this.member()]
      left = (world) => Number(truthy(a(world)) && truthy(b(world)))
    }
    return left
  }

  private member(): Expression {
    const left = this.comparison()
    if (!this.tokens.accept('in')) return left
    const array = this.tokens.take().text
    return (world) => Number(world.array(array).has(textual(left(world))))
  }

  private comparison(): Expression {
    const left = this.joined()
    for (const mark of ['==', '!=', '<=', '>=', '<', '>']) {
      if (!this.tokens.accept(mark)) continue
      const right = this.joined()
      const holds: Record<string, (order: number) => boolean> = { '==': (order) => order === 0, '!=': (order) => order !== 0, '<=': (order) => order <= 0, '>=': (order) => order >= 0, '<': (order) => order < 0, '>': (order) => order > 0 }
      return (world) => Number(holds[mark]!(compared(left(world), right(world))))
    }
    for (const mark of ['~', '!~']) {
      if (!this.tokens.accept(mark)) continue
      const literal = this.tokens.next?.is === 'regex' ? this.tokens.take().text : undefined
      const right = literal === undefined ? this.joined() : () => literal
      return (world) => Number(expression(textual(right(world)), true).test(textual(left(world))) === (mark === '~'))
    }
    return left
  }

  /** Values side by side are one text. */
  private joined(): Expression {
    let left = this.sum()
    while (this.startsValue()) {
      const [a, b] = [left, this.sum()]
      left = (world) => textual(a(world)) + textual(b(world))
    }
    return left
  }

  private startsValue(): boolean {
    const token = this.tokens.next
    if (!token) return false
    return token.is === 'text' || token.is === 'number' || (token.is === 'name' && token.text !== 'in') || (token.is === 'mark' && ['$', '(', '!'].includes(token.text))
  }

  private sum(): Expression {
    let left = this.product()
    for (;;) {
      const mark = this.tokens.is('+', '-') ? this.tokens.take().text : undefined
      if (!mark) return left
      const [a, b] = [left, this.product()]
      left = (world) => numeric(a(world)) + (mark === '+' ? 1 : -1) * numeric(b(world))
    }
  }

  private product(): Expression {
    let left = this.unary()
    for (;;) {
      const mark = this.tokens.is('*', '/', '%') ? this.tokens.take().text : undefined
      if (!mark) return left
      const [a, b] = [left, this.unary()]
      left = (world) => {
        const [x, y] = [numeric(a(world)), numeric(b(world))]
        if (mark !== '*' && y === 0) throw new ProgramError('division by zero')
        return mark === '*' ? x * y : mark === '/' ? x / y : x % y
      }
    }
  }

  private unary(): Expression {
    if (this.tokens.accept('!')) {
      const value = this.unary()
      return (world) => Number(!truthy(value(world)))
    }
    if (this.tokens.accept('-')) {
      const value = this.unary()
      return (world) => -numeric(value(world))
    }
    return this.primary()
  }

  private primary(): Expression {
    const { tokens } = this
    const token = tokens.take()
    if (token.is === 'number') return () => Number(token.text)
    if (token.is === 'text') return () => token.text
    if (token.is === 'regex') return (world) => Number(expression(token.text, true).test(world.line))
    if (token.text === '(') {
      const value = this.expression()
      tokens.need(')')
      return value
    }
    if (token.text === '$') {
      const index = this.primary()
      return this.assigned((world) => world.field(numeric(index(world))), (world, value) => world.setField(numeric(index(world)), value))
    }
    if (token.is !== 'name') throw new ProgramError(`syntax error near ${token.text.trim() || 'newline'}`)
    if (Object.hasOwn(functions, token.text)) return this.call(token.text)
    if (tokens.is('[')) {
      tokens.take()
      const key = this.expression()
      tokens.need(']')
      return this.assigned((world) => world.array(token.text).get(textual(key(world))) ?? '', (world, value) => void world.array(token.text).set(textual(key(world)), value))
    }
    return this.assigned((world) => world.variables.get(token.text) ?? '', (world, value) => void world.variables.set(token.text, value))
  }

  /** A place that can be assigned to, with what may stand behind it. */
  private assigned(read: Expression, write: (world: World, value: Value) => void): Expression {
    const { tokens } = this
    if (tokens.accept('=')) {
      const value = this.expression()
      return (world) => {
        const result = value(world)
        write(world, result)
        return result
      }
    }
    for (const mark of ['+=', '-=', '*=', '/=']) {
      if (!tokens.accept(mark)) continue
      const value = this.expression()
      return (world) => {
        const [a, b] = [numeric(read(world)), numeric(value(world))]
        const result = mark === '+=' ? a + b : mark === '-=' ? a - b : mark === '*=' ? a * b : a / b
        write(world, result)
        return result
      }
    }
    for (const [mark, by] of [['++', 1], ['--', -1]] as const) {
      if (!tokens.accept(mark)) continue
      return (world) => {
        const old = numeric(read(world))
        write(world, old + by)
        return old
      }
    }
    return read
  }

  private call(name: string): Expression {
    const { tokens } = this
    const args: Expression[] = []
    const names: string[] = []
    if (tokens.accept('(')) {
      while (!tokens.accept(')')) {
        const token = tokens.next
        names.push(token?.is === 'name' ? token.text : '')
        const literal = token?.is === 'regex' ? tokens.take().text : undefined
        args.push(literal === undefined ? this.expression() : () => literal)
        if (!tokens.is(')')) tokens.need(',')
      }
    }
    return (world) => functions[name]!(world, args, names)
  }
}
