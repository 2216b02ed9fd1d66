/** Tools that work on lines of text. */
import { LineFollower } from '../../follow.ts'
import { absolutePath } from '../../files.ts'
import type { Command } from '../builtins.ts'
import { quick } from '../builtins.ts'
import type { Interpreter } from '../run.ts'
import type { Frame, Step, Streams } from '../session.ts'
import { Undecided } from '../session.ts'
import { contentOf } from './files.ts'
import { splitFlags } from './flags.ts'

/** Everything the operands hold, or the input without any; undefined for what could not be read. */
function inputs(shell: Interpreter, tool: string, words: readonly string[], frame: Frame, streams: Streams): { name: string; text: string | undefined }[] {
  return (words.length > 0 ? words : ['-']).map((name) => ({ name, text: contentOf(shell, tool, name, frame, streams) }))
}

function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** A tool from the lines of its input to the lines it prints. */
function filter(tool: string, valued: string, run: (lines: string[], flags: Map<string, string>, words: string[]) => string[], operands = 0): Command {
  return quick((shell, args, frame, streams) => {
    const { flags, words } = splitFlags(args, valued)
    const texts = inputs(shell, tool, words.slice(operands), frame, streams)
    const result = run(texts.flatMap((one) => linesOf(one.text ?? '')), flags, words)
    if (result.length > 0) streams.out(`${result.join('\n')}\n`)
    return texts.some((one) => one.text === undefined) ? 1 : 0
  })
}

/** Basic expressions as a regular expression of JavaScript: there, `+?|(){}` are plain unless escaped. */
export function expressionOf(text: string, extended: boolean, flags = ''): RegExp {
  const source = extended ? text : text.replaceAll(/\\([+?|(){}])|([+?|(){}])/g, (_all, special: string | undefined, plain: string | undefined) => special ?? `\\${plain}`)
  try {
    return new RegExp(source.replaceAll('[[:space:]]', '\\s').replaceAll('[[:digit:]]', '\\d').replaceAll('[:space:]', '\\s').replaceAll('[:digit:]', '\\d'), flags)
  } catch {
    throw new Undecided(`the expression ${text}`)
  }
}

const grep: Command = quick((shell, args, frame, streams) => {
  const { flags, words } = splitFlags(args, 'emABC')
  const pattern = flags.get('e') ?? words.shift() ?? ''
  const literal = flags.has('F') ? pattern.replaceAll(/[^\w\s]/g, '\\$&') : pattern
  const whole = flags.has('w') ? `\\b${literal}\\b` : flags.has('x') ? `^${literal}$` : literal
  const expression = expressionOf(whole, flags.has('E') || flags.has('F'), flags.has('i') ? 'i' : '')
  const texts = inputs(shell, 'grep', words, frame, flags.has('s') ? { ...streams, err: () => undefined } : streams)
  let count = 0
  for (const { name, text } of texts) {
    const found = linesOf(text ?? '').filter((line) => expression.test(line) !== flags.has('v'))
    count += found.length
    if (flags.has('q') || flags.has('c')) continue
    if (flags.has('l')) {
      if (found.length > 0) streams.out(`${name}\n`)
      continue
    }
    const prefix = texts.length > 1 && !flags.has('h') ? `${name}:` : ''
    for (const line of found) streams.out(flags.has('o') ? `${prefix}${expression.exec(line)?.[0] ?? ''}\n` : `${prefix}${line}\n`)
  }
  if (flags.has('c')) streams.out(`${count}\n`)
  return count > 0 ? 0 : texts.some((one) => one.text === undefined) ? 2 : 1
})

function countOf(flags: Map<string, string>, args: readonly string[]): string {
  return flags.get('n') ?? args.map((arg) => /^-(\d+)$/.exec(arg)?.[1]).find((text) => text !== undefined) ?? '10'
}

const head: Command = (shell, args, frame, streams) => filter('head', 'nc', (lines, flags) => {
  const count = countOf(flags, args)
  return count.startsWith('-') ? lines.slice(0, Number(count)) : lines.slice(0, Number(count))
})(shell, args.filter((arg) => !/^-\d+$/.test(arg)), frame, streams)

/** tail; with -f or -F it goes on until it is ended. */
function* tail(shell: Interpreter, args: readonly string[], frame: Frame, streams: Streams): Step<number> {
  const { flags, words } = splitFlags(args.filter((arg) => !/^-\d+$/.test(arg)), 'ncs')
  const count = countOf(flags, args)
  const follow = flags.has('f') || flags.has('F')
  const quiet = follow ? { ...streams, err: flags.has('F') ? () => undefined : streams.err } : streams
  const texts = inputs(shell, 'tail', words, frame, quiet)
  for (const { text } of texts) {
    const lines = linesOf(text ?? '')
    const shown = count.startsWith('+') ? lines.slice(Number(count) - 1) : Number(count) === 0 ? [] : lines.slice(-Number(count))
    if (shown.length > 0) streams.out(`${shown.join('\n')}\n`)
  }
  if (!follow) return texts.some((one) => one.text === undefined) ? 1 : 0
  if (!flags.has('F') && texts.every((one) => one.text === undefined)) return 1
  const followers = words.filter((word) => word !== '/dev/null').map((word) => new LineFollower(shell.session.host, absolutePath(word, frame.cwd), (line) => streams.out(`${line}\n`), { fromEnd: true }))
  try {
    yield { on: () => () => undefined }
    return 0
  } finally {
    for (const follower of followers) follower.stop()
  }
}

/** `s/a/b/flags` commands, -n with `p`, `/x/d`; anything else stays open. */
const sed: Command = quick((shell, args, frame, streams) => {
  const { flags, words } = splitFlags(args, 'e')
  const script = flags.get('e') ?? words.shift() ?? ''
  const edits = script.split(/;\s*|\n/).filter((part) => part.trim() !== '').map((part) => editOf(part.trim(), flags.has('E') || flags.has('r')))
  const run = (text: string): string => linesOf(text).flatMap((line) => {
    let now: string | undefined = line
    let printed = !flags.has('n')
    for (const edit of edits) {
      if (now === undefined) break
      const result: { line: string | undefined; print?: boolean } = edit(now)
      now = result.line
      printed ||= result.print === true
    }
    return now === undefined || !printed ? [] : [`${now}\n`]
  }).join('')
  const { files, spec } = shell.session.host
  let status = 0
  for (const { name, text } of inputs(shell, 'sed', words, frame, streams)) {
    if (text === undefined) status = 1
    else if (!flags.has('i')) streams.out(run(text))
    else if (!files.write(absolutePath(name, frame.cwd), run(text), spec.user).ok) {
      streams.err(`sed: can't create temp file '${name}': Read-only file system or permission denied\n`)
      status = 4
    }
  }
  return status
})

function editOf(part: string, extended: boolean): (line: string) => { line: string | undefined; print?: boolean } {
  const substitute = /^s(.)((?:\\.|(?!\1).)*)\1((?:\\.|(?!\1).)*)\1([gip]*)$/.exec(part)
  if (substitute) {
    const [, mark = '/', pattern = '', replacement = '', options = ''] = substitute
    const expression = expressionOf(pattern.replaceAll(`\\${mark}`, mark), extended, `${options.includes('g') ? 'g' : ''}${options.includes('i') ? 'i' : ''}`)
    const by = replacement.replaceAll('$', '$$$$').replaceAll(`\\${mark}`, mark).replaceAll(/\\(\d)/g, '$$$1').replaceAll('&', '$$&')
    return (line) => ({ line: line.replace(expression, by), print: options.includes('p') && new RegExp(expression.source).test(line) })
  }
  const address = /^\/((?:\\.|[^/])*)\/([dp])$/.exec(part)
  if (!address) throw new Undecided(`sed ${part}`)
  const expression = expressionOf(address[1]!, extended)
  return address[2] === 'd' ? (line) => ({ line: expression.test(line) ? undefined : line }) : (line) => ({ line, print: expression.test(line) })
}

const awk: Command = quick((shell, args, frame, streams) => {
  const { flags, words } = splitFlags(args, 'F')
  const program = words.shift() ?? ''
  const columns = /^\{\s*print\s+(\$(?:\d+|NF)(?:\s*,\s*\$(?:\d+|NF))*)\s*;?\s*\}$/.exec(program)?.[1]?.split(/\s*,\s*/)
  if (!columns) throw new Undecided(`the awk program ${program}`)
  for (const { text } of inputs(shell, 'awk', words, frame, streams)) {
    for (const line of linesOf(text ?? '')) {
      const fields = flags.has('F') ? line.split(flags.get('F')!) : line.trim().split(/\s+/)
      streams.out(`${columns.map((column) => (column === '$0' ? line : column === '$NF' ? (fields.at(-1) ?? '') : (fields[Number(column.slice(1)) - 1] ?? ''))).join(' ')}\n`)
    }
  }
  return 0
})

const letterClasses: Readonly<Record<string, string>> = { lower: 'a-z', upper: 'A-Z', digit: '0-9', alpha: 'A-Za-z', alnum: 'A-Za-z0-9', space: ' \t\n\v\f\r', blank: ' \t', punct: '!-/:-@[-`{-~' }
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f', '\\': '\\' }

/** The letters of a set of tr(1): classes, escapes and ranges. */
function lettersOf(set: string): string {
  const letter = (word: string): string => {
    const code = word.startsWith('\\') ? word.slice(1) : ''
    return code === '' ? word : /^[0-7]/.test(code) ? String.fromCharCode(parseInt(code, 8)) : (escapes[code] ?? code)
  }
  // An escaped dash stands for itself and makes no range.
  const one = '\\\\[0-7]{1,3}|\\\\.|[^\\\\]'
  return set.replaceAll(/\[:(\w+):\]/g, (all, name: string) => letterClasses[name] ?? all)
    .replaceAll(new RegExp(`(${one})-(${one})|(${one})`, 'gs'), (_all, from: string | undefined, to: string | undefined, single: string | undefined) => {
      if (single !== undefined) return letter(single)
      const [a, b] = [letter(from!).charCodeAt(0), letter(to!).charCodeAt(0)]
      return Array.from({ length: Math.max(0, b - a + 1) }, (_, i) => String.fromCharCode(a + i)).join('')
    })
}

const tr: Command = quick((_shell, args, _frame, streams) => {
  const { flags, words } = splitFlags(args, '')
  const from = lettersOf(words[0] ?? '')
  const to = lettersOf(words[1] ?? '')
  const { text } = streams.input
  streams.input.text = ''
  const isMeant = (letter: string): boolean => from.includes(letter) !== (flags.has('c') || flags.has('C'))
  let out = ''
  for (const letter of text) {
    const meant = isMeant(letter)
    if (meant && flags.has('d')) continue
    const at = from.indexOf(letter)
    const next = meant && to !== '' && !flags.has('d') ? to[at < 0 ? to.length - 1 : Math.min(at, to.length - 1)]! : letter
    const isRepeat = flags.has('s') && out.endsWith(next) && (to === '' && !flags.has('d') ? meant : to.includes(next))
    if (!isRepeat) out += next
  }
  streams.out(out)
  return 0
})

const tee: Command = quick((shell, args, frame, streams) => {
  const { flags, words } = splitFlags(args, '')
  const { files, spec } = shell.session.host
  const { text } = streams.input
  streams.input.text = ''
  streams.out(text)
  let status = 0
  for (const word of words) {
    const path = absolutePath(word, frame.cwd)
    const old = files.node(path)
    if (!files.write(path, `${flags.has('a') && old && !old.directory ? old.content : ''}${text}`, spec.user).ok) status = 1
  }
  return status
})

const cut: Command = filter('cut', 'dfc', (lines, flags) => {
  const list = flags.get('f') ?? flags.get('c') ?? '1'
  const mark = flags.has('f') ? (flags.get('d') ?? '\t') : ''
  return lines.map((line) => {
    const parts = line.split(mark)
    const chosen = list.split(',').flatMap((range) => {
      const [from = '', to] = range.split('-')
      const start = from === '' ? 1 : Number(from)
      return parts.slice(start - 1, to === undefined ? start : to === '' ? undefined : Number(to))
    })
    return chosen.join(mark)
  })
})

/** wc of busybox: lines, words and bytes, or what is asked for in this order; a file may be larger than the content that is kept of it. */
const wc: Command = quick((shell, args, frame, streams) => {
  const { flags, words } = splitFlags(args, '')
  const { files } = shell.session.host
  const keys = (['l', 'w', 'm', 'c'] as const).filter((key) => (flags.size === 0 ? key !== 'm' : flags.has(key)))
  const bytesOf = (name: string, text: string): number => {
    const node = name === '-' ? undefined : files.node(absolutePath(name, frame.cwd))
    return node && !node.directory ? node.bytes : new TextEncoder().encode(text).length
  }
  const total = { l: 0, w: 0, m: 0, c: 0 }
  const shown = (counts: typeof total, name: string): void => streams.out(`${keys.map((key) => String(counts[key]).padStart(keys.length > 1 ? 9 : 0)).join(' ')}${name === '-' ? '' : ` ${name}`}\n`)
  let status = 0
  for (const { name, text } of inputs(shell, 'wc', words, frame, streams)) {
    if (text === undefined) {
      status = 1
      continue
    }
    const counts = { l: (text.match(/\n/g) ?? []).length, w: text.split(/\s+/).filter((word) => word !== '').length, m: [...text].length, c: bytesOf(name, text) }
    for (const key of ['l', 'w', 'm', 'c'] as const) total[key] += counts[key]
    shown(counts, name)
  }
  if (words.length > 1) shown(total, 'total')
  return status
})

const base64: Command = quick((shell, args, frame, streams) => {
  const { flags, words } = splitFlags(args, 'w')
  const text = inputs(shell, 'base64', words, frame, streams).map((one) => one.text ?? '').join('')
  if (flags.has('d')) {
    try {
      streams.out(new TextDecoder().decode(Uint8Array.from(atob(text.replaceAll(/\s/g, '')), (letter) => letter.charCodeAt(0))))
      return 0
    } catch {
      streams.err('base64: invalid input\n')
      return 1
    }
  }
  streams.out(`${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}\n`)
  return 0
})

export const textTools: [string, Command][] = [
  ['grep', grep], ['head', head], ['tail', tail], ['sed', sed], ['awk', awk], ['tr', tr], ['tee', tee], ['cut', cut], ['wc', wc], ['base64', base64],
  ['sort', filter('sort', 'kt', (lines, flags) => {
    const sorted = [...lines].sort((a, b) => (flags.has('n') ? Number.parseFloat(a) - Number.parseFloat(b) : a < b ? -1 : a > b ? 1 : 0))
    const unique = flags.has('u') ? sorted.filter((line, i) => line !== sorted[i - 1]) : sorted
    return flags.has('r') ? unique.reverse() : unique
  })],
  ['uniq', filter('uniq', '', (lines) => lines.filter((line, i) => line !== lines[i - 1]))],
]
