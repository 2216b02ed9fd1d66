/** Text tools of the console: what people put behind a pipe, and a few that read the files beside it. */
import { awk } from './awk.ts'
import type { Filter, Filtered } from './filter.ts'
import { jq } from './jq.ts'
import { textTools } from './text.ts'

const tools: Record<string, Filter> = { ...textTools, awk, gawk: awk, jq }

/** For help, in the order people reach for them. */
export const toolNames: readonly string[] = ['grep', 'head', 'tail', 'wc', 'sort', 'uniq', 'cut', 'awk', 'sed', 'tr', 'jq', 'base64', 'column']

/** Tools that are of use without a pipe, `watch` before kubectl among them. */
export const standingTools: readonly string[] = ['cat', 'ls', 'echo', 'watch']

export function isTool(word: string): boolean {
  return Object.hasOwn(tools, word)
}

/** Runs one tool over what is piped in (undefined: nothing is) or the files it names. */
export function runTool(words: readonly string[], text: string | undefined, files: Readonly<Record<string, string>>): Filtered {
  return tools[words[0]!]!(words.slice(1), { text, files })
}

/** The command lines that `xargs` makes of its input: `-n 1`, `-I {}`, `-r`. */
export function readXargs(words: readonly string[], input: string): string[][] | { stderr: string } {
  let each = Infinity
  let mark: string | undefined
  let at = 0
  for (; at < words.length && words[at]!.startsWith('-'); at++) {
    const word = words[at]!
    if (/^-(r|t|0|-no-run-if-empty)$/.test(word)) continue
    const [letter, tail] = [word.slice(0, 2), word.slice(2)]
    const value = tail !== '' ? tail : words[++at]
    if (letter === '-n' || letter === '-L') each = Number(value)
    else if (letter === '-I') mark = value ?? '{}'
    else if (letter !== '-P') return { stderr: `xargs: invalid option -- '${word.slice(1, 2)}'\n` }
  }
  const command = words.slice(at)
  if (mark !== undefined) return input.split('\n').map((line) => line.trim()).filter((line) => line !== '').map((line) => command.map((word) => word.replaceAll(mark!, line)))
  const items = input.split(/\s+/).filter((item) => item !== '')
  const size = Number.isInteger(each) && each > 0 ? each : Math.max(1, items.length)
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => [...command, ...items.slice(i * size, (i + 1) * size)])
}
