/** POSIX shell grammar, the part that start scripts, hooks and probes use, as a tree. What is not understood is said with its text, never guessed. */

export type WordPart =
  | { kind: 'text'; text: string; quoted: boolean }
  | { kind: 'parameter'; name: string; operator?: string; word?: Word; length?: boolean; quoted: boolean }
  | { kind: 'command'; list: Node; quoted: boolean }
  | { kind: 'arithmetic'; text: string; quoted: boolean }
export type Word = WordPart[]
export type Redirection = { fd: number; operator: '>' | '>>' | '<' | '>&' | '<<'; word: Word }
export type Node =
  | { kind: 'simple'; assignments: { name: string; value: Word }[]; words: Word[]; redirections: Redirection[] }
  | { kind: 'list'; items: { node: Node; background: boolean }[] }
  | { kind: 'and-or'; left: Node; operator: '&&' | '||'; right: Node }
  | { kind: 'pipeline'; commands: Node[]; negated: boolean }
  | { kind: 'group'; list: Node; subshell: boolean; redirections: Redirection[] }
  | { kind: 'if'; branches: { condition: Node; body: Node }[]; otherwise?: Node; redirections: Redirection[] }
  | { kind: 'loop'; until: boolean; condition: Node; body: Node; redirections: Redirection[] }
  | { kind: 'for'; name: string; words?: Word[]; body: Node; redirections: Redirection[] }
  | { kind: 'case'; word: Word; branches: { patterns: Word[]; body: Node }[]; redirections: Redirection[] }
  | { kind: 'function'; name: string; body: Node }

/** `construct`: the shell would run it and this simulator cannot; otherwise it is an error of the script. */
export class ShellSyntaxError extends Error {
  readonly construct: boolean
  constructor(message: string, construct = false) {
    super(message)
    this.construct = construct
  }
}

const reserved = new Set(['if', 'then', 'elif', 'else', 'fi', 'do', 'done', 'while', 'until', 'for', 'case', 'esac', '{', '}', '!', 'in'])
const deepest = 60

/** Parses a script. Throws ShellSyntaxError. */
export function parseScript(text: string): Node {
  return new Parser(text).script()
}

class Parser {
  private readonly text: string
  private at = 0
  private depth = 0
  private readonly heredocs: { redirection: Redirection; delimiter: string; quoted: boolean; tabs: boolean }[] = []

  constructor(text: string) {
    this.text = text
  }

  script(): Node {
    const list = this.list(() => false)
    this.blanks(true)
    if (this.at < this.text.length) throw this.unexpected()
    return list
  }

  // ---- characters

  private peek(token: string): boolean {
    return this.text.startsWith(token, this.at)
  }

  private take(token: string): boolean {
    if (!this.peek(token)) return false
    this.at += token.length
    return true
  }

  private unexpected(): ShellSyntaxError {
    const token = this.at >= this.text.length ? 'end of file' : /^\S+|^\n/.exec(this.text.slice(this.at))?.[0] === '\n' ? 'newline' : `"${/^[;&|()]+|^[^\s;&|()]+/.exec(this.text.slice(this.at))?.[0] ?? this.text[this.at]}"`
    return new ShellSyntaxError(`syntax error: unexpected ${token}`)
  }

  /** Skips blanks, comments and continued lines; with `lines` also line ends. */
  private blanks(lines = false): void {
    for (;;) {
      const character = this.text[this.at]
      if (character === ' ' || character === '\t' || character === '\r') this.at++
      else if (character === '\\' && this.text[this.at + 1] === '\n') this.at += 2
      else if (character === '#' && (this.at === 0 || /[\s;&|()]/.test(this.text[this.at - 1]!))) while (this.at < this.text.length && this.text[this.at] !== '\n') this.at++
      else if (lines && character === '\n') {
        this.at++
        this.readHeredocs()
      } else return
    }
  }

  private keyword(): string | undefined {
    this.blanks()
    const match = /^(?:[a-z]+|[{}!])(?=$|[\s;&|()<>])/.exec(this.text.slice(this.at, this.at + 12))
    return match && reserved.has(match[0]) ? match[0] : undefined
  }

  private isWord(word: string): boolean {
    return this.keyword() === word
  }

  private expect(word: string): void {
    this.blanks(true)
    if (!this.isWord(word)) throw this.unexpected()
    this.at += word.length
  }

  // ---- lists

  private list(ends: () => boolean): Node {
    if (++this.depth > deepest) throw new ShellSyntaxError('nesting too deep', true)
    const items: { node: Node; background: boolean }[] = []
    for (;;) {
      this.blanks(true)
      if (this.at >= this.text.length || ends() || this.peek(')') || this.peek(';;')) break
      const node = this.andOr()
      this.blanks()
      const background = this.peek('&') && !this.peek('&&')
      items.push({ node, background })
      if (background) this.at++
      else if (this.peek(';') && !this.peek(';;')) this.at++
      else if (this.text[this.at] !== '\n') {
        if (this.at < this.text.length && !ends() && !this.peek(')') && !this.peek(';;')) throw this.unexpected()
        break
      }
    }
    this.depth--
    return items.length === 1 && !items[0]!.background ? items[0]!.node : { kind: 'list', items }
  }

  private andOr(): Node {
    let left = this.pipeline()
    for (;;) {
      this.blanks()
      const operator = this.peek('&&') ? '&&' : this.peek('||') ? '||' : undefined
      if (!operator) return left
      this.at += 2
      this.blanks(true)
      left = { kind: 'and-or', left, operator, right: this.pipeline() }
    }
  }

  private pipeline(): Node {
    let negated = false
    while (this.isWord('!')) {
      this.at++
      negated = !negated
    }
    const commands = [this.command()]
    for (;;) {
      this.blanks()
      if (!this.peek('|') || this.peek('||')) break
      this.at++
      this.blanks(true)
      commands.push(this.command())
    }
    return commands.length === 1 && !negated ? commands[0]! : { kind: 'pipeline', commands, negated }
  }

  private listUntil(...words: string[]): Node {
    const list = this.list(() => words.some((word) => this.isWord(word)))
    if (list.kind === 'list' && list.items.length === 0) throw this.unexpected()
    return list
  }

  // ---- commands

  private command(): Node {
    const word = this.keyword()
    if (this.take('(')) {
      if (this.take('(')) throw new ShellSyntaxError('(( )) is a construct of bash', true)
      const list = this.list(() => false)
      this.blanks(true)
      if (!this.take(')')) throw this.unexpected()
      return { kind: 'group', list, subshell: true, redirections: this.redirections() }
    }
    if (word === '{') {
      this.at++
      const list = this.listUntil('}')
      this.expect('}')
      return { kind: 'group', list, subshell: false, redirections: this.redirections() }
    }
    if (word === 'if') return this.conditional()
    if (word === 'while' || word === 'until') {
      this.at += word.length
      const condition = this.listUntil('do')
      this.expect('do')
      const body = this.listUntil('done')
      this.expect('done')
      return { kind: 'loop', until: word === 'until', condition, body, redirections: this.redirections() }
    }
    if (word === 'for') return this.forLoop()
    if (word === 'case') return this.caseOf()
    if (word !== undefined && word !== 'in') throw this.unexpected()
    return this.simple()
  }

  private conditional(): Node {
    const branches: { condition: Node; body: Node }[] = []
    let otherwise: Node | undefined
    this.expect('if')
    for (;;) {
      const condition = this.listUntil('then')
      this.expect('then')
      branches.push({ condition, body: this.listUntil('elif', 'else', 'fi') })
      this.blanks(true)
      if (this.isWord('elif')) {
        this.at += 4
        continue
      }
      if (this.isWord('else')) {
        this.at += 4
        otherwise = this.listUntil('fi')
      }
      this.expect('fi')
      return { kind: 'if', branches, ...(otherwise ? { otherwise } : {}), redirections: this.redirections() }
    }
  }

  private forLoop(): Node {
    this.at += 3
    this.blanks()
    if (this.peek('((')) throw new ShellSyntaxError('for (( )) is a construct of bash', true)
    const name = /^[A-Za-z_]\w*/.exec(this.text.slice(this.at))?.[0]
    if (!name) throw this.unexpected()
    this.at += name.length
    this.blanks(true)
    let words: Word[] | undefined
    if (this.isWord('in')) {
      this.at += 2
      words = []
      for (;;) {
        this.blanks()
        if (this.at >= this.text.length || /[;\n]/.test(this.text[this.at]!)) break
        words.push(this.word())
      }
    }
    this.blanks()
    if (this.peek(';')) this.at++
    this.expect('do')
    const body = this.listUntil('done')
    this.expect('done')
    return { kind: 'for', name, ...(words ? { words } : {}), body, redirections: this.redirections() }
  }

  private caseOf(): Node {
    this.at += 4
    this.blanks()
    const word = this.word()
    this.expect('in')
    const branches: { patterns: Word[]; body: Node }[] = []
    for (;;) {
      this.blanks(true)
      if (this.isWord('esac')) break
      this.take('(')
      const patterns = [this.patternWord()]
      while ((this.blanks(), this.take('|'))) patterns.push(this.patternWord())
      if (!this.take(')')) throw this.unexpected()
      const body = this.list(() => this.isWord('esac'))
      branches.push({ patterns, body })
      this.blanks(true)
      if (!this.take(';;') && !this.isWord('esac')) throw this.unexpected()
    }
    this.expect('esac')
    return { kind: 'case', word, branches, redirections: this.redirections() }
  }

  private patternWord(): Word {
    this.blanks()
    return this.word()
  }

  private simple(): Node {
    const assignments: { name: string; value: Word }[] = []
    const words: Word[] = []
    const redirections: Redirection[] = []
    for (;;) {
      this.blanks()
      const redirection = this.redirection()
      if (redirection) {
        redirections.push(redirection)
        continue
      }
      const character = this.text[this.at]
      if (character === undefined || /[\n;&|)]/.test(character)) break
      if (character === '(') {
        const name = words.length === 1 && assignments.length === 0 && words[0]!.length === 1 && words[0]![0]!.kind === 'text' ? words[0]![0]!.text : undefined
        if (name === undefined || !/^\(\s*\)/.test(this.text.slice(this.at))) throw this.unexpected()
        this.at = this.text.indexOf(')', this.at) + 1
        this.blanks(true)
        return { kind: 'function', name, body: this.command() }
      }
      const assignment = words.length === 0 ? /^([A-Za-z_]\w*)=/.exec(this.text.slice(this.at, this.at + 200)) : null
      if (assignment) {
        this.at += assignment[0].length
        const next = this.text[this.at]
        assignments.push({ name: assignment[1]!, value: next === undefined || /[\s;&|)]/.test(next) ? [] : this.word() })
      } else words.push(this.word())
    }
    if (words.length === 0 && assignments.length === 0 && redirections.length === 0) throw this.unexpected()
    return { kind: 'simple', assignments, words, redirections }
  }

  private redirections(): Redirection[] {
    const all: Redirection[] = []
    for (;;) {
      this.blanks()
      const one = this.redirection()
      if (!one) return all
      all.push(one)
    }
  }

  private redirection(): Redirection | undefined {
    const match = /^(\d*)(<<-?|>>|>&|>\||<&|<>|>|<)/.exec(this.text.slice(this.at, this.at + 6)) ?? (this.peek('&>') ? ['&>', '', '&>'] : null)
    if (!match) return undefined
    const operator = match[2]!
    if (operator === '<&' || operator === '<>' || operator === '&>' || (operator.startsWith('<<') && this.text[this.at + match[0]!.length] === '<') || this.text[this.at + match[0]!.length] === '(') throw new ShellSyntaxError(`the redirection ${match[0]} is not modelled`, true)
    this.at += match[0]!.length
    this.blanks()
    const fd = match[1] ? Number(match[1]) : operator.startsWith('<') ? 0 : 1
    if (operator.startsWith('<<')) return this.heredoc(fd, operator === '<<-')
    return { fd, operator: operator === '>|' ? '>' : (operator as Redirection['operator']), word: this.word() }
  }

  private heredoc(fd: number, tabs: boolean): Redirection {
    const start = this.at
    const word = this.word()
    const delimiter = word.map((part) => (part.kind === 'text' ? part.text : '')).join('')
    const redirection: Redirection = { fd, operator: '<<', word: [] }
    this.heredocs.push({ redirection, delimiter, quoted: /["'\\]/.test(this.text.slice(start, this.at)), tabs })
    return redirection
  }

  private readHeredocs(): void {
    for (const { redirection, delimiter, quoted, tabs } of this.heredocs.splice(0)) {
      let body = ''
      for (;;) {
        if (this.at >= this.text.length) break
        const end = this.text.indexOf('\n', this.at)
        let line = this.text.slice(this.at, end < 0 ? undefined : end)
        this.at = end < 0 ? this.text.length : end + 1
        if (tabs) line = line.replace(/^\t+/, '')
        if (line === delimiter) break
        body += `${line}\n`
      }
      redirection.word = quoted ? [{ kind: 'text', text: body, quoted: true }] : new Parser(body).document()
    }
  }

  /** A here-document: expansions as within double quotes, to the end. */
  private document(): Word {
    const word: Word = []
    while (this.at < this.text.length) this.quotedPart(word, '')
    return word
  }

  // ---- words

  private word(): Word {
    const word: Word = []
    for (;;) {
      const character = this.text[this.at]
      if (character === undefined || /[\s;&|()<>]/.test(character)) break
      if (character === "'") {
        const end = this.text.indexOf("'", this.at + 1)
        if (end < 0) throw new ShellSyntaxError('syntax error: unterminated quoted string')
        word.push({ kind: 'text', text: this.text.slice(this.at + 1, end), quoted: true })
        this.at = end + 1
      } else if (character === '"') {
        this.at++
        word.push({ kind: 'text', text: '', quoted: true })
        while (this.text[this.at] !== '"') {
          if (this.at >= this.text.length) throw new ShellSyntaxError('syntax error: unterminated quoted string')
          this.quotedPart(word, '"')
        }
        this.at++
      } else if (character === '\\') {
        if (this.text[this.at + 1] !== '\n') word.push({ kind: 'text', text: this.text[this.at + 1] ?? '', quoted: true })
        this.at += 2
      } else if (character === '$' || character === '`') this.dollar(word, false)
      else {
        const plain = /^[^\s;&|()<>'"\\$`]+/.exec(this.text.slice(this.at))![0]
        word.push({ kind: 'text', text: plain, quoted: false })
        this.at += plain.length
      }
    }
    if (word.length === 0) throw this.unexpected()
    return word
  }

  private quotedPart(word: Word, closing: string): void {
    const character = this.text[this.at]!
    if (character === '\\') {
      const next = this.text[this.at + 1] ?? ''
      if (next !== '\n') word.push({ kind: 'text', text: next !== '' && ('$`\\'.includes(next) || next === closing) ? next : `\\${next}`, quoted: true })
      this.at += 2
    } else if (character === '$' || character === '`') this.dollar(word, true)
    else {
      const plain = (closing === '"' ? /^[^\\$`"]+/ : /^[^\\$`]+/).exec(this.text.slice(this.at))![0]
      word.push({ kind: 'text', text: plain, quoted: true })
      this.at += plain.length
    }
  }

  private dollar(word: Word, quoted: boolean): void {
    if (this.take('`')) {
      const end = /^(?:[^`\\]|\\[\s\S])*/.exec(this.text.slice(this.at))![0].length + this.at
      if (this.text[end] !== '`') throw new ShellSyntaxError('syntax error: unterminated backquote substitution')
      word.push({ kind: 'command', list: parseScript(this.text.slice(this.at, end).replaceAll(/\\([`\\$])/g, '$1')), quoted })
      this.at = end + 1
      return
    }
    this.at++
    if (this.peek('((')) return this.arithmetic(word, quoted)
    if (this.take('(')) {
      const list = this.list(() => false)
      this.blanks(true)
      if (!this.take(')')) throw this.unexpected()
      word.push({ kind: 'command', list, quoted })
      return
    }
    if (this.take('{')) return this.braced(word, quoted)
    if (!quoted && (this.peek("'") || this.peek('"'))) throw new ShellSyntaxError("$'...' is a construct of bash", true)
    const name = /^([A-Za-z_]\w*|[0-9@*#?$!-])/.exec(this.text.slice(this.at, this.at + 200))?.[0]
    if (!name) return void word.push({ kind: 'text', text: '$', quoted: true })
    this.at += name.length
    word.push({ kind: 'parameter', name, quoted })
  }

  private arithmetic(word: Word, quoted: boolean): void {
    const end = this.text.indexOf('))', this.at)
    if (end < 0) throw new ShellSyntaxError('syntax error: missing "))"')
    let close = end
    let open = 0
    for (let i = this.at + 2; i < this.text.length; i++) {
      if (this.text[i] === '(') open++
      else if (this.text[i] === ')') {
        if (open === 0) {
          close = i
          break
        }
        open--
      }
    }
    word.push({ kind: 'arithmetic', text: this.text.slice(this.at + 2, close), quoted })
    this.at = close + 2
  }

  private braced(word: Word, quoted: boolean): void {
    if (/^#[A-Za-z_]\w*}/.test(this.text.slice(this.at, this.at + 200))) {
      const name = /^#(\w+)}/.exec(this.text.slice(this.at))![1]!
      this.at += name.length + 2
      return void word.push({ kind: 'parameter', name, length: true, quoted })
    }
    const name = /^([A-Za-z_]\w*|[0-9@*#?$!-])/.exec(this.text.slice(this.at, this.at + 200))?.[0]
    if (!name) throw new ShellSyntaxError('syntax error: bad substitution')
    this.at += name.length
    const operator = /^(:?[-=?+]|%%?|##?)/.exec(this.text.slice(this.at))?.[0]
    if (operator === undefined) {
      if (!this.take('}')) throw new ShellSyntaxError(`\${${name}${this.text[this.at] ?? ''}...} is a construct of bash`, true)
      return void word.push({ kind: 'parameter', name, quoted })
    }
    this.at += operator.length
    const inner: Word = []
    while (this.text[this.at] !== '}') {
      const character = this.text[this.at]
      if (character === undefined) throw new ShellSyntaxError('syntax error: missing "}"')
      if (character === '"') {
        this.at++
        while (this.text[this.at] !== '"' && this.at < this.text.length) this.quotedPart(inner, '"')
        this.at++
      } else if (character === "'" && !quoted) {
        const end = this.text.indexOf("'", this.at + 1)
        if (end < 0) throw new ShellSyntaxError('syntax error: unterminated quoted string')
        inner.push({ kind: 'text', text: this.text.slice(this.at + 1, end), quoted: true })
        this.at = end + 1
      } else if (character === '$' || character === '`' || character === '\\') this.quotedPart(inner, '"')
      else {
        const plain = /^[^}"'\\$`]+|^'/.exec(this.text.slice(this.at))![0]
        inner.push({ kind: 'text', text: plain, quoted: false })
        this.at += plain.length
      }
    }
    this.at++
    word.push({ kind: 'parameter', name, operator, word: inner, quoted })
  }
}
