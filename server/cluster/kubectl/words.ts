/** A typed line as a POSIX shell reads it: commands joined by pipes, pipelines joined by ;, && and ||, quotes, backslashes and $(…). `2>&1` and `2>/dev/null` are let pass. */

export type Pipeline = { /** What stands before it. */ after: '' | ';' | '&&' | '||'; commands: string[][] }
export type Line = { pipelines: Pipeline[]; /** A quote that never closes, or an operator the console does not run. */ problem?: string }

const operators = ['&&', '||', '>>', '|', '>', '<', ';', '&'] as const

/** Runs what stands in $(…) and gives what it printed. */
export type Substitute = (line: string) => string

/** Splits the line; `problem` is set when it cannot be run here. Without `substitute`, $(…) stays as it is written. Newlines after a backslash join lines. */
export function readLine(line: string, substitute?: Substitute): Line {
  return new Reader(line, substitute).read()
}

class Reader {
  private readonly pipelines: Pipeline[] = [{ after: '', commands: [[]] }]
  private word: string | undefined
  private quote: '"' | "'" | undefined
  private at = 0
  private readonly line: string
  private readonly substitute: Substitute | undefined

  constructor(line: string, substitute: Substitute | undefined) {
    this.line = line
    this.substitute = substitute
  }

  read(): Line {
    while (this.at < this.line.length) {
      const problem = this.quote ? this.quoted() : this.plain()
      if (problem === 'comment') break
      if (problem !== undefined) return { pipelines: this.pipelines, problem }
    }
    if (this.quote) return { pipelines: this.pipelines, problem: `unexpected EOF while looking for matching \`${this.quote}'` }
    this.end()
    const last = this.pipelines.at(-1)!
    if (last.after === ';' && last.commands.length === 1 && last.commands[0]!.length === 0) this.pipelines.pop()
    const empty = this.pipelines.find(({ after, commands }) => (commands.length > 1 || after !== '') && commands.some((command) => command.length === 0))
    return empty ? { pipelines: this.pipelines, problem: `syntax error near unexpected token \`${empty.commands.length > 1 ? '|' : empty.after}'` } : { pipelines: this.pipelines }
  }

  private add(text: string): void {
    this.word = (this.word ?? '') + text
  }

  private end(): void {
    if (this.word !== undefined) this.pipelines.at(-1)!.commands.at(-1)!.push(this.word)
    this.word = undefined
  }

  private quoted(): string | undefined {
    const letter = this.line[this.at]!
    if (letter === this.quote) this.quote = undefined
    else if (this.quote === '"' && this.substitute && this.line.startsWith('$(', this.at)) return this.inner((text) => this.add(text))
    else if (this.quote === '"' && letter === '\\' && /["\\$`\n]/.test(this.line[this.at + 1] ?? '')) {
      const next = this.line[++this.at]!
      this.add(next === '\n' ? '' : next)
    } else this.add(letter)
    this.at++
    return undefined
  }

  private plain(): string | undefined {
    const { line } = this
    const letter = line[this.at]!
    const joined = this.word === undefined ? /^2>(?:&1|\s*\/dev\/null)/.exec(line.slice(this.at))?.[0] : undefined
    if (joined) {
      this.at += joined.length
      return undefined
    }
    if (this.substitute && line.startsWith('$(', this.at)) return this.inner((text) => this.fields(text))
    const operator = operators.find((text) => line.startsWith(text, this.at))
    if (letter === '"' || letter === "'") {
      this.quote = letter
      this.add('')
    } else if (letter === '\\') {
      const next = line[++this.at]
      if (next !== '\n' && next !== undefined) this.add(next)
    } else if (/\s/.test(letter)) this.end()
    else if (operator === '|') {
      this.end()
      this.pipelines.at(-1)!.commands.push([])
    } else if (operator === ';' || operator === '&&' || operator === '||') {
      this.end()
      this.pipelines.push({ after: operator, commands: [[]] })
      this.at += operator.length - 1
    } else if (operator) return `this console does not run ${operator}; commands can be joined with |, ;, && and ||`
    else if (letter === '#' && this.word === undefined) return 'comment'
    else this.add(letter)
    this.at++
    return undefined
  }

  /** What $(…) prints, without the line breaks at its end. */
  private inner(take: (text: string) => void): string | undefined {
    const close = closing(this.line, this.at + 2)
    if (close < 0) return "unexpected EOF while looking for matching `)'"
    take(this.substitute!(this.line.slice(this.at + 2, close)).replace(/\n+$/, ''))
    this.at = close + 1
    return undefined
  }

  /** Outside quotes the text falls apart at white space. */
  private fields(text: string): void {
    for (const [i, field] of text.split(/\s+/).entries()) {
      if (i > 0) this.end()
      if (field !== '') this.add(field)
    }
  }
}

/** Where the parenthesis opened before `from` closes; -1 when it does not. */
function closing(line: string, from: number): number {
  let depth = 1
  let quote: string | undefined
  for (let at = from; at < line.length; at++) {
    const letter = line[at]!
    if (letter === '\\') at++
    else if (quote) quote = letter === quote ? undefined : quote
    else if (letter === '"' || letter === "'") quote = letter
    else if (letter === '(') depth++
    else if (letter === ')' && --depth === 0) return at
  }
  return -1
}
