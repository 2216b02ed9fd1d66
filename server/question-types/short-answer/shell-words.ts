/** Splits a command line into words as a POSIX shell does: quotes, backslashes, nothing else. Returns undefined for an unclosed quote. */
export function shellWords(line: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote: '"' | "'" | undefined
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!
    if (quote) {
      if (character === quote) quote = undefined
      else if (quote === '"' && character === '\\' && /["\\$`]/.test(line[i + 1] ?? '')) word += line[++i]!
      else word += character
    } else if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (character === '\\') {
      if (line[i + 1] === '\n') i++
      else word = (word ?? '') + (line[++i] ?? '')
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      word = (word ?? '') + character
    }
  }
  if (quote) return undefined
  if (word !== undefined) words.push(word)
  return words
}
