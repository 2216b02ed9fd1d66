/** Numbers that a JavaScript number cannot carry exactly, as they stand in the text: `3.0` in JSON (a float to the API server), integers beyond 2^53. */
export class NumberText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toJSON(): number {
    return Number(this.text)
  }

  valueOf(): number {
    return Number(this.text)
  }

  toString(): string {
    return this.text
  }
}

/** The value of a JSON number literal: a number when it prints as it was written, else its text. */
export function jsonNumber(text: string): number | NumberText {
  const value = Number(text)
  return String(value) === text && (!Number.isInteger(value) || Number.isSafeInteger(value)) ? value : new NumberText(text)
}
