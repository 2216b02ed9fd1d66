/** Text of several lines that is pasted into a command line: what a terminal would run of it, and what it would leave standing. PURE. */

/**
 * `lines` are the commands that a line break ends, in order, without empty ones and comments; `rest` is what stands after the last break.
 * A break within quotes belongs to its command, and one behind a backslash joins two lines. A here-document (`<<`) stops it: what follows is its text and no command.
 */
export function pastedLines(text: string): { lines: string[]; rest: string } {
  const lines: string[] = []
  let line = ''
  let quote = ''
  const given = text.replace(/\r\n?/g, '\n')
  for (let at = 0; at < given.length; at++) {
    const letter = given[at]!
    if (letter === '\\' && quote !== "'" && at + 1 < given.length) {
      const next = given[++at]!
      if (next !== '\n') line += letter + next
    } else if (letter === '\n' && quote === '') {
      if (line.trim() !== '') lines.push(line.trim())
      if (/<<-?\s*\S/.test(line)) return { lines, rest: '' }
      line = ''
    } else if (letter === '#' && quote === '' && /(^|\s)$/.test(line)) {
      while (at + 1 < given.length && given[at + 1] !== '\n') at++
    } else {
      if (letter === quote) quote = ''
      else if (quote === '' && (letter === '"' || letter === "'")) quote = letter
      line += letter
    }
  }
  // A quote that never closes would hold back all that follows it.
  if (quote !== '' && line.includes('\n')) return { lines: [...lines, line.trim()], rest: '' }
  return { lines, rest: line.trimStart() }
}
