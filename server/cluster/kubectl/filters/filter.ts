/** What a text tool behind a pipe is: words and the text that comes in, and what it prints. */

export type Filtered = { stdout: string; stderr: string; exitCode: number }
/** `text` is undefined when nothing is piped in; `files` are those of the session. */
export type Input = { text: string | undefined; files: Readonly<Record<string, string>> }
export type Filter = (words: readonly string[], input: Input) => Filtered

export function said(lines: readonly string[], exitCode = 0): Filtered {
  return { stdout: lines.map((line) => `${line}\n`).join(''), stderr: '', exitCode }
}

export function refused(stderr: string, exitCode = 1): Filtered {
  return { stdout: '', stderr: `${stderr}\n`, exitCode }
}

export type Options = { on: Set<string>; values: Map<string, string>; rest: string[] }

/** Letters of the switches and of options that take a value, as getopt reads them; a Filtered that refuses what the tool does not know. `-5` counts as `-n 5`. */
export function readOptions(tool: string, words: readonly string[], switches: string, valued: string, long: Readonly<Record<string, string>> = {}): Options | Filtered {
  const read: Options = { on: new Set(), values: new Map(), rest: [] }
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (word === '--') {
      read.rest.push(...words.slice(i + 1))
      break
    }
    if (word.startsWith('--')) {
      const [name = '', value] = word.slice(2).split(/=(.*)/s)
      const letter = long[name]
      if (letter === undefined) return refused(`${tool}: unrecognized option '${word}'`, 2)
      if (valued.includes(letter)) read.values.set(letter, value ?? words[++i] ?? '')
      else read.on.add(letter)
    } else if (/^-\d+$/.test(word) && valued.includes('n')) read.values.set('n', word.slice(1))
    else if (!word.startsWith('-') || word === '-') read.rest.push(word)
    else {
      for (let at = 1; at < word.length; at++) {
        const letter = word[at]!
        if (switches.includes(letter)) read.on.add(letter)
        else if (valued.includes(letter)) {
          const tail = word.slice(at + 1)
          read.values.set(letter, tail !== '' ? tail : (words[++i] ?? ''))
          break
        } else return refused(`${tool}: invalid option -- '${letter}'`, 2)
      }
    }
  }
  return read
}

/** The text of the files named, or what was piped in; a Filtered when a file is not there or nothing is piped. */
export function textOf(tool: string, names: readonly string[], { text, files }: Input): string | Filtered {
  if (names.length === 0) return text ?? refused(`${tool}: nothing is piped in, and no file is named`)
  let all = ''
  for (const name of names) {
    const own = name === '-' ? text : files[name.replace(/^\.\//, '')]
    if (own === undefined) return refused(`${tool}: ${name}: No such file or directory`)
    all += own
  }
  return all
}

export function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

export function isFiltered(value: unknown): value is Filtered {
  return typeof value === 'object' && value !== null && 'exitCode' in value
}

/** POSIX regular expressions as JavaScript's: in basic ones + ? | ( ) { } are plain unless escaped. Throws for one that cannot be read. */
export function expression(source: string, extended: boolean, flags = ''): RegExp {
  const classes: Record<string, string> = { alnum: 'A-Za-z0-9', alpha: 'A-Za-z', digit: '0-9', lower: 'a-z', upper: 'A-Z', space: '\\s', blank: ' \\t', punct: '!-\\/:-@\\[-`{-~', xdigit: '0-9A-Fa-f' }
  const named = source.replaceAll(/\[:(\w+):\]/g, (all, name: string) => classes[name] ?? all)
  return new RegExp(extended ? named : named.replaceAll(/\\?([|+?(){}])/g, (found, letter: string) => (found.length === 2 ? letter : `\\${letter}`)), flags)
}
