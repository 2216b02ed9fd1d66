/** A typed line as commands joined by pipes, split into words as a POSIX shell splits them: quotes and backslashes, no expansion. `2>&1` and `2>/dev/null` are let pass. */

export type Line = { commands: string[][]; /** A quote that never closes, or an operator the console does not run. */ problem?: string }

const operators = ['&&', '||', '>>', '|', '>', '<', ';', '&']

/** Splits the line; `problem` is set when it cannot be run here. Newlines after a backslash join lines. */
export function readLine(line: string): Line {
  const commands: string[][] = [[]]
  let word: string | undefined
  let quote: '"' | "'" | undefined
  const end = (): void => {
    if (word !== undefined) commands.at(-1)!.push(word)
    word = undefined
  }
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!
    if (quote) {
      if (character === quote) quote = undefined
      else if (quote === '"' && character === '\\' && /["\\$`\n]/.test(line[i + 1] ?? '')) word += line[++i] === '\n' ? '' : line[i]!
      else word += character
      continue
    }
    const joined = word === undefined ? /^2>(?:&1|\s*\/dev\/null)/.exec(line.slice(i))?.[0] : undefined
    if (joined) {
      i += joined.length - 1
      continue
    }
    const operator = operators.find((text) => line.startsWith(text, i))
    if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (character === '\\') {
      const next = line[++i]
      if (next !== '\n' && next !== undefined) word = (word ?? '') + next
    } else if (/\s/.test(character)) end()
    else if (operator === '|') {
      end()
      commands.push([])
    } else if (operator) return { commands, problem: `this console does not run ${operator}; only pipes ( | ) between commands` }
    else if (character === '#' && word === undefined) break
    else word = (word ?? '') + character
  }
  if (quote) return { commands, problem: `unexpected EOF while looking for matching \`${quote}'` }
  end()
  if (commands.length > 1 && commands.some((command) => command.length === 0)) return { commands, problem: "syntax error near unexpected token `|'" }
  return { commands }
}
