/** Standard base64 as Go's encoding/base64 reads it: line breaks are skipped, padding is required. */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const digits = new Map([...alphabet].map((character, index) => [character, index]))

/** The decoded bytes, or the position (in bytes of the text) of the first thing that is wrong (CorruptInputError). */
export function decodeBase64(text: string): { bytes: Uint8Array } | { badAt: number } {
  const out: number[] = []
  let position = 0
  const next = (): string | undefined => {
    while (text[position] === '\n' || text[position] === '\r') position++
    return text[position++]
  }
  for (;;) {
    const quantum: number[] = []
    let character = next()
    if (character === undefined) return { bytes: Uint8Array.from(out) }
    while (quantum.length < 4) {
      if (character === undefined) return { badAt: position - 1 - quantum.length }
      const digit = digits.get(character)
      if (digit !== undefined) quantum.push(digit)
      else if (character === '=' && quantum.length >= 2) {
        if (quantum.length === 2 && next() !== '=') return { badAt: Math.min(position - 1, text.length) }
        if (next() !== undefined) return { badAt: position - 1 }
        pushBytes(out, quantum)
        return { bytes: Uint8Array.from(out) }
      } else return { badAt: position - 1 }
      if (quantum.length < 4) character = next()
    }
    pushBytes(out, quantum)
  }
}

function pushBytes(out: number[], quantum: readonly number[]): void {
  const [a = 0, b = 0, c = 0, d = 0] = quantum
  out.push((a << 2) | (b >> 4))
  if (quantum.length > 2) out.push(((b & 15) << 4) | (c >> 2))
  if (quantum.length > 3) out.push(((c & 3) << 6) | d)
}

/** Is the text valid base64 without line breaks? The quick answer for the usual case. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}

/** Encodes bytes. */
export function encodeBase64(bytes: ArrayLike<number>): string {
  let out = ''
  for (let index = 0; index < bytes.length; index += 3) {
    const [a, b, c] = [bytes[index]!, bytes[index + 1], bytes[index + 2]]
    out += alphabet[a >> 2]! + alphabet[((a & 3) << 4) | ((b ?? 0) >> 4)]! + (b === undefined ? '=' : alphabet[((b & 15) << 2) | ((c ?? 0) >> 6)]!) + (c === undefined ? '=' : alphabet[c & 63]!)
  }
  return out
}
