/** What Go's encoding/json says of a text that is no JSON (scanner.go). */
import { quote } from './go-text.ts'

const endMessage = 'unexpected end of JSON input'
const depthMessage = 'exceeded max depth'
const depthMax = 10_000

class Fault extends Error {}

/** The error, or undefined when the text is JSON. Go reads bytes: give each as one character. */
export function jsonFault(text: string): string | undefined {
  let at = 0
  const fail = (where: string): never => {
    throw new Fault(at < text.length ? `invalid character ${printed(text[at]!)} ${where}` : endMessage)
  }
  const isNext = (expected: RegExp): boolean => at < text.length && expected.test(text[at]!)
  const take = (expected: RegExp, where: string): string => (isNext(expected) ? text[at++]! : fail(where))
  const skip = (expected: RegExp): void => { while (isNext(expected)) at++ }
  const skipSpace = (): void => skip(/[ \t\r\n]/)

  const word = (letters: string): void => {
    for (const letter of letters) take(new RegExp(letter), `in literal ${letters} (expecting '${letter}')`)
  }
  const number = (): void => {
    if (isNext(/-/)) at++
    if (take(/[0-9]/, 'in numeric literal') !== '0') skip(/[0-9]/)
    if (isNext(/\./)) {
      at++
      take(/[0-9]/, 'after decimal point in numeric literal')
      skip(/[0-9]/)
    }
    if (!isNext(/[eE]/)) return
    at++
    if (isNext(/[+-]/)) at++
    take(/[0-9]/, 'in exponent of numeric literal')
    skip(/[0-9]/)
  }
  const string = (): void => {
    at++
    while (!isNext(/"/)) {
      if (take(/[^\x00-\x1f]/, 'in string literal') !== '\\') continue
      if (take(/[bfnrtu\\/"]/, 'in string escape code') === 'u') for (let digit = 0; digit < 4; digit++) take(/[0-9a-fA-F]/, 'in \\u hexadecimal character escape')
    }
    at++
  }
  const items = (close: RegExp, item: () => void, where: string): void => {
    at++
    skipSpace()
    if (isNext(close)) return void at++
    for (;;) {
      item()
      skipSpace()
      if (isNext(close)) return void at++
      take(/,/, where)
    }
  }
  const value = (depth: number): void => {
    if (depth > depthMax) throw new Fault(depthMessage)
    skipSpace()
    const member = (): void => {
      skipSpace()
      if (!isNext(/"/)) fail('looking for beginning of object key string')
      string()
      skipSpace()
      take(/:/, 'after object key')
      value(depth + 1)
    }
    if (isNext(/\{/)) items(/\}/, member, 'after object key:value pair')
    else if (isNext(/\[/)) items(/\]/, () => value(depth + 1), 'after array element')
    else if (isNext(/"/)) string()
    else if (isNext(/[-0-9]/)) number()
    else if (isNext(/[tfn]/)) word(text[at] === 't' ? 'true' : text[at] === 'f' ? 'false' : 'null')
    else fail('looking for beginning of value')
  }

  try {
    value(0)
    skipSpace()
    if (at < text.length) fail('after top-level value')
    return undefined
  } catch (error) {
    if (error instanceof Fault) return error.message
    if (error instanceof RangeError) return depthMessage
    throw error
  }
}

/** A character between single quotes. */
function printed(character: string): string {
  if (character === "'") return "'\\''"
  return character === '"' ? `'"'` : `'${quote(character).slice(1, -1)}'`
}
