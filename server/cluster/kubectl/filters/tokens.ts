/** Tokens of small languages: numbers, strings, names and the longest operator that fits. */

export type Token = { is: 'number' | 'text' | 'name' | 'mark' | 'regex'; text: string; /** Nothing but blanks stands before it. */ spaced: boolean }

/** A program this console's tool cannot read. */
export class ProgramError extends Error {}

/** A place in a list of tokens, with the few questions a parser by hand asks. */
export class Tokens {
  private at = 0
  private readonly list: readonly Token[]

  constructor(list: readonly Token[]) {
    this.list = list
  }

  get next(): Token | undefined {
    return this.list[this.at]
  }

  look(ahead: number): Token | undefined {
    return this.list[this.at + ahead]
  }

  is(...texts: string[]): boolean {
    const token = this.next
    return token !== undefined && (token.is === 'mark' || token.is === 'name') && texts.includes(token.text)
  }

  take(): Token {
    const token = this.list[this.at++]
    if (!token) throw new ProgramError('unexpected end')
    return token
  }

  /** Takes the mark or word when it stands here. */
  accept(text: string): boolean {
    if (!this.is(text)) return false
    this.at++
    return true
  }

  need(text: string): void {
    if (!this.accept(text)) throw new ProgramError(`unexpected ${this.next ? `"${this.next.text}"` : 'end'}, expected "${text}"`)
  }
}
