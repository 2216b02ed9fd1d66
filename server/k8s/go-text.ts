/** Values printed as Go prints them, because the API server's messages are made of them. */

const escapes: Record<string, string> = { '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v', '\\': '\\\\', '"': '\\"' }

const printable = /^[\x20-\x7e]*$/

/** A Go string literal: strconv.Quote. Letters, marks, numbers, punctuation, symbols and the ASCII space stay as they are. */
export function quote(text: string): string {
  if (printable.test(text) && !text.includes('"') && !text.includes('\\')) return `"${text}"`
  let out = '"'
  for (const character of text) {
    const code = character.codePointAt(0)!
    if (escapes[character] !== undefined) out += escapes[character]
    else if (code >= 0x20 && code < 0x7f) out += character
    else if (code < 0x80) out += `\\x${code.toString(16).padStart(2, '0')}`
    else if (code >= 0xd800 && code <= 0xdfff) out += '\\ufffd'
    else if (/[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character)) out += character
    else out += code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
  }
  return `${out}"`
}

/** `"A", "B"`: each value quoted, joined by a comma and a space. */
export function quoteAll(values: readonly string[]): string {
  return values.map(quote).join(', ')
}

/** Compact JSON as encoding/json writes it: `<`, `>` and `&` are escaped. Keys keep the order they have: give Go maps through `sortedKeys`. */
export function goJson(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A copy with its keys in order, as encoding/json writes a Go map; null for an absent one. */
export function sortedKeys<T>(map: Readonly<Record<string, T>> | undefined | null): Record<string, T> | null {
  if (!map) return null
  const sorted: Record<string, T> = {}
  for (const key of Object.keys(map).sort()) Object.defineProperty(sorted, key, { value: map[key], enumerable: true, configurable: true, writable: true })
  return sorted
}

/** How many bytes a string has in UTF-8: Go's len. */
export function byteLength(text: string): number {
  let bytes = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x80) bytes++
    else if (code < 0x800) bytes += 2
    else if (code >= 0xd800 && code < 0xdc00 && index + 1 < text.length) {
      bytes += 4
      index++
    } else bytes += 3
  }
  return bytes
}
