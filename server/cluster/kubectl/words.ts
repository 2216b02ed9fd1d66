/** A typed line as a POSIX shell reads it: commands joined by pipes, pipelines joined by ;, && and ||, quotes, backslashes and $(…). `2>&1` and `2>/dev/null` are let pass. */

/** Part of a word: text, or what stands in $(…), which runs when its command does. */
export type Piece = string | { run: string; quoted: boolean }
/** Text alone, or pieces when one of them is to run. */
export type Word = string | Piece[]
export type Pipeline = { /** What stands before it. */ after: '' | ';' | '&&' | '||'; commands: Word[][] }
export type Line = { pipelines: Pipeline[]; /** A quote that never closes, or an operator the console does not run. */ problem?: string }

const operators = ['&&', '||', '>>', '|', '>', '<', ';', '&'] as const

/** Runs what stands in $(…) and gives what it printed. */
export type Substitute = (line: string) => string

/** Splits the line; `problem` is set when it cannot be run here. Newlines after a backslash join lines. */
export function readLine(line: string): Line {
  return new Reader(line).read()
}

/** The words of a command with what $(…) prints in its place, without the line breaks at its end; outside quotes it falls apart at white space. Without `substitute` it stays as it is written. */
export function expand(words: readonly Word[], substitute?: Substitute): string[] {
  return words.flatMap((word) => {
    if (typeof word === 'string') return [word]
    const whole: (string | undefined)[] = [undefined]
    const add = (text: string): void => { whole[whole.length - 1] = (whole.at(-1) ?? '') + text }
    for (const piece of word) {
      if (typeof piece === 'string') {
        add(piece)
        continue
      }
      const text = substitute ? substitute(piece.run).replace(/\n+$/, '') : `$(${piece.run})`
      if (piece.quoted || !substitute) add(text)
      else {
        for (const [i, field] of text.split(/\s+/).entries()) {
          if (i > 0 && whole.at(-1) !== undefined) whole.push(undefined)
          if (field !== '') add(field)
        }
      }
    }
    return whole.filter((text) => text !== undefined)
  })
}

class Reader {
  private readonly pipelines: Pipeline[] = [{ after: '', commands: [[]] }]
  private word: Piece[] | undefined
  private quote: '"' | "'" | undefined
  private at = 0
  private readonly line: string

  constructor(line: string) {
    this.line = line
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
    const word = (this.word ??= [''])
    const last = word.at(-1)
    if (typeof last === 'string') word[word.length - 1] = last + text
    else word.push(text)
  }

  private end(): void {
    if (this.word !== undefined) this.pipelines.at(-1)!.commands.at(-1)!.push(this.word.length === 1 && typeof this.word[0] === 'string' ? this.word[0] : this.word)
    this.word = undefined
  }

  private quoted(): string | undefined {
    const letter = this.line[this.at]!
    if (letter === this.quote) this.quote = undefined
    else if (this.quote === '"' && this.line.startsWith('$(', this.at)) return this.inner(true)
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
    if (line.startsWith('$(', this.at)) return this.inner(false)
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

  private inner(quoted: boolean): string | undefined {
    const close = closing(this.line, this.at + 2)
    if (close < 0) return "unexpected EOF while looking for matching `)'"
    this.word = [...(this.word ?? []), { run: this.line.slice(this.at + 2, close), quoted }]
    this.at = close + 1
    return undefined
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
