/** Tools that work on lines: grep, head, tail, wc, sort, uniq, cut, tr, sed, base64 and the small ones beside them. */
import type { Filter, Filtered, Input, Options } from './filter.ts'
import { expression, isFiltered, linesOf, readOptions, refused, said, textOf } from './filter.ts'

/** A tool that reads its options, then all lines of its files or of the pipe. */
function lined(tool: string, switches: string, valued: string, act: (lines: string[], read: Options) => Filtered, long?: Readonly<Record<string, string>>): Filter {
  return (words, input) => {
    const read = readOptions(tool, words, switches, valued, long)
    if (isFiltered(read)) return read
    const text = textOf(tool, read.rest, input)
    return isFiltered(text) ? text : act(linesOf(text), read)
  }
}

const grep: Filter = (words, input) => {
  const read = readOptions('grep', words, 'ivncEFPwoqhHxsr', 'ABCem', { 'ignore-case': 'i', 'invert-match': 'v', count: 'c', color: 's', 'only-matching': 'o', 'line-number': 'n', quiet: 'q', regexp: 'e', 'max-count': 'm', context: 'C', 'after-context': 'A', 'before-context': 'B', 'word-regexp': 'w', 'extended-regexp': 'E', 'fixed-strings': 'F' })
  if (isFiltered(read)) return read
  const { on, values, rest } = read
  const source = values.get('e') ?? rest.shift()
  if (source === undefined) return refused("Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.", 2)
  const text = textOf('grep', rest, input)
  if (isFiltered(text)) return { ...text, exitCode: 2 }
  let pattern: RegExp
  try {
    const plain = on.has('F') ? source.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&') : expression(source, on.has('E') || on.has('P')).source
    pattern = new RegExp(on.has('x') ? `^(?:${plain})$` : on.has('w') ? `\\b(?:${plain})\\b` : plain, on.has('i') ? 'i' : '')
  } catch {
    return refused('grep: Invalid regular expression', 2)
  }
  return matching(linesOf(text), pattern, read)
}

function matching(lines: readonly string[], pattern: RegExp, { on, values }: Options): Filtered {
  const around = (letter: string): number => Number(values.get(letter) ?? values.get('C') ?? 0)
  const hits = lines.flatMap((line, i) => (pattern.test(line) !== on.has('v') ? [i] : [])).slice(0, values.has('m') ? Number(values.get('m')) : undefined)
  const exitCode = hits.length > 0 ? 0 : 1
  if (on.has('q')) return said([], exitCode)
  if (on.has('c')) return said([String(hits.length)], exitCode)
  if (on.has('o')) return said(hits.flatMap((i) => lines[i]!.match(new RegExp(pattern.source, `${pattern.flags}g`)) ?? []), exitCode)
  const isHit = new Set(hits)
  const shown = [...new Set(hits.flatMap((hit) => Array.from({ length: around('B') + around('A') + 1 }, (_, k) => hit - around('B') + k)))].filter((i) => i >= 0 && i < lines.length).sort((a, b) => a - b)
  return said(shown.flatMap((i, k) => [...(k > 0 && (around('A') > 0 || around('B') > 0) && shown[k - 1] !== i - 1 ? ['--'] : []), on.has('n') ? `${i + 1}${isHit.has(i) ? ':' : '-'}${lines[i]}` : lines[i]!]), exitCode)
}

const ends = (tool: 'head' | 'tail'): Filter => lined(tool, 'qvf', 'nc', (lines, { values }) => {
  const text = values.get('n') ?? values.get('c') ?? '10'
  const count = Number(text.replace('+', ''))
  if (!Number.isInteger(count)) return refused(`${tool}: invalid number of lines: '${text}'`)
  if (values.has('c')) {
    const whole = said(lines).stdout
    return { stdout: tool === 'head' ? whole.slice(0, count) : whole.slice(-count), stderr: '', exitCode: 0 }
  }
  if (tool === 'head') return said(lines.slice(0, count < 0 ? Math.max(0, lines.length + count) : count))
  return said(text.startsWith('+') ? lines.slice(Math.max(0, count - 1)) : count === 0 ? [] : lines.slice(-Math.abs(count)))
}, { lines: 'n', bytes: 'c', follow: 'f' })

const wc = lined('wc', 'lwcm', '', (lines, { on }) => {
  const counts = { l: lines.length, w: lines.join(' ').split(/\s+/).filter((word) => word !== '').length, c: lines.reduce((sum, line) => sum + line.length + 1, 0) }
  const asked = (['l', 'w', 'c'] as const).filter((letter) => on.size === 0 || on.has(letter) || (letter === 'c' && on.has('m')))
  return said([asked.length === 1 ? String(counts[asked[0]!]) : asked.map((letter) => String(counts[letter]).padStart(7)).join(' ')])
}, { lines: 'l', words: 'w', bytes: 'c', chars: 'm' })

type Key = { from: number; to: number; numeric: boolean; reverse: boolean }

/** `2`, `2,3`, `4nr`. */
function keyOf(text: string): Key {
  const [, from = '1', first = '', to, second = ''] = /^(\d+)(?:\.\d+)?([a-zA-Z]*)(?:,(\d+)(?:\.\d+)?([a-zA-Z]*))?$/.exec(text) ?? []
  return { from: Number(from), to: to === undefined ? Infinity : Number(to), numeric: /[nhg]/.test(first + second), reverse: /r/.test(first + second) }
}

const units: Record<string, number> = { K: 1e3, M: 1e6, G: 1e9, T: 1e12 }

function numberIn(text: string): number {
  const match = /^\s*(-?\d*\.?\d+)([KMGT]?)/.exec(text)
  return match ? Number(match[1]) * (units[match[2]!] ?? 1) : 0
}

const sort = lined('sort', 'rnuVfbhgs', 'kt', (lines, { on, values }) => {
  const key = values.has('k') ? keyOf(values.get('k')!) : undefined
  const numeric = key?.numeric || on.has('n') || on.has('h') || on.has('g')
  const part = (line: string): string => {
    if (!key) return line
    const fields = values.has('t') ? line.split(values.get('t')!) : line.trim().split(/\s+/)
    return fields.slice(key.from - 1, key.to).join(values.get('t') ?? ' ')
  }
  const folded = (line: string): string => (on.has('f') ? part(line).toLowerCase() : part(line))
  const natural = (text: string): string => text.replaceAll(/\d+/g, (digits) => digits.padStart(12, '0'))
  const compare = (a: string, b: string): number => {
    const [x, y] = on.has('V') ? [natural(folded(a)), natural(folded(b))] : [folded(a), folded(b)]
    return (numeric ? numberIn(x) - numberIn(y) : 0) || (numeric ? 0 : x < y ? -1 : x > y ? 1 : 0)
  }
  const sign = on.has('r') || key?.reverse ? -1 : 1
  const order = [...lines].sort((a, b) => sign * (compare(a, b) || (on.has('s') ? 0 : a < b ? -1 : a > b ? 1 : 0)))
  return said(on.has('u') ? order.filter((line, i) => i === 0 || compare(order[i - 1]!, line) !== 0) : order)
}, { reverse: 'r', 'numeric-sort': 'n', unique: 'u', key: 'k', 'human-numeric-sort': 'h' })

const uniq = lined('uniq', 'cdui', '', (lines, { on }) => {
  const runs: { line: string; count: number }[] = []
  for (const line of lines) {
    if (runs.at(-1)?.line === line) runs.at(-1)!.count++
    else runs.push({ line, count: 1 })
  }
  return said(runs.filter(({ count }) => (on.has('d') ? count > 1 : on.has('u') ? count === 1 : true)).map(({ line, count }) => (on.has('c') ? `${String(count).padStart(7)} ${line}` : line)))
})

const cut = lined('cut', 's', 'dfc', (lines, { values }) => {
  const list = values.get('f') ?? values.get('c')
  if (list === undefined) return refused('cut: you must specify a list of bytes, characters, or fields')
  const ranges = list.split(',').map((part) => part.split('-').map(Number) as [number, number?])
  const picked = (i: number): boolean => ranges.some(([from, to]) => i + 1 >= (from || 1) && i + 1 <= (to === undefined ? from : to || Infinity))
  const delimiter = values.has('c') ? '' : (values.get('d') ?? '\t')
  return said(lines.map((line) => (delimiter !== '' && !line.includes(delimiter) ? line : line.split(delimiter).filter((_, i) => picked(i)).join(delimiter))))
}, { delimiter: 'd', fields: 'f' })

/** The letters of a set: ranges, classes and escapes. */
function letters(set: string): string {
  const plain = set.replaceAll('[:lower:]', 'a-z').replaceAll('[:upper:]', 'A-Z').replaceAll('[:digit:]', '0-9').replaceAll('[:space:]', ' \t\n').replaceAll('\\n', '\n').replaceAll('\\t', '\t')
  return plain.replaceAll(/(\w)-(\w)/g, (_all, a: string, b: string) => Array.from({ length: Math.max(0, b.charCodeAt(0) - a.charCodeAt(0) + 1) }, (_, i) => String.fromCharCode(a.charCodeAt(0) + i)).join(''))
}

const tr: Filter = (words, { text }) => {
  const read = readOptions('tr', words, 'dsc', '')
  if (isFiltered(read)) return read
  if (text === undefined || read.rest.length === 0) return refused('tr: missing operand')
  const [from, to] = [letters(read.rest[0]!), letters(read.rest[1] ?? '')]
  const isIn = (letter: string): boolean => from.includes(letter) !== read.on.has('c')
  let changed = [...text].map((letter) => (!isIn(letter) ? letter : read.on.has('d') ? '' : to === '' ? letter : (to[Math.min(Math.max(0, from.indexOf(letter)), to.length - 1)] ?? letter))).join('')
  const squeezed = read.rest.length > 1 ? to : from
  if (read.on.has('s')) changed = [...changed].filter((letter, i, all) => !(squeezed.includes(letter) && all[i - 1] === letter)).join('')
  return { stdout: changed, stderr: '', exitCode: 0 }
}

type Edit = { from?: number | RegExp; to?: number | RegExp; act(line: string): { line?: string; print?: boolean; quit?: boolean } }

/** `s/a/b/g`, `/x/d`, `2,5p`, `1d`, `$d` is left out; undefined for what this console's sed does not know. */
function editOf(part: string, extended: boolean): Edit | undefined {
  const head = /^(?:(\d+)|\/((?:\\.|[^/])*)\/)?(?:,(?:(\d+)|(\$)|\/((?:\\.|[^/])*)\/))?\s*(.*)$/s.exec(part)!
  const [, line, pattern, toLine, toEnd, toPattern, command = ''] = head
  const from = line !== undefined ? Number(line) : pattern !== undefined ? expression(pattern, extended) : undefined
  const to = toLine !== undefined ? Number(toLine) : toEnd !== undefined ? Infinity : toPattern !== undefined ? expression(toPattern, extended) : undefined
  const where = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
  if (command === 'd') return { ...where, act: () => ({}) }
  if (command === 'p') return { ...where, act: (text) => ({ line: text, print: true }) }
  if (command === 'q') return { ...where, act: (text) => ({ line: text, quit: true }) }
  const substitute = /^s(.)((?:\\.|(?!\1).)*)\1((?:\\.|(?!\1).)*)\1([gipI]*)$/s.exec(command)
  if (!substitute) return undefined
  const [, mark = '/', source = '', replacement = '', flags = ''] = substitute
  const search = expression(source.replaceAll(`\\${mark}`, mark), extended, `${flags.includes('g') ? 'g' : ''}${/i/i.test(flags) ? 'i' : ''}`)
  const by = replacement.replaceAll('$', '$$$$').replaceAll(`\\${mark}`, mark).replaceAll('\\n', '\n').replaceAll('\\t', '\t').replaceAll(/(?<!\\)&/g, '$$&').replaceAll('\\&', '&').replaceAll(/\\(\d)/g, '$$$1')
  return { ...where, act: (text) => {
    const changed = text.replace(search, by)
    return { line: changed, print: flags.includes('p') && changed !== text }
  } }
}

const sed: Filter = (words, input) => {
  const read = readOptions('sed', words, 'nEri', 'e')
  if (isFiltered(read)) return read
  const script = read.values.get('e') ?? read.rest.shift()
  if (script === undefined) return refused('Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...')
  const parts = script.split(/;\s*|\n/).map((part) => part.trim()).filter((part) => part !== '')
  const edits = parts.map((part) => editOf(part, read.on.has('E') || read.on.has('r')))
  if (edits.includes(undefined)) return refused(`sed: -e expression #1: this console's sed knows s/…/…/, d, p and q, with a line number or /…/ in front`)
  const text = textOf('sed', read.rest, input)
  if (isFiltered(text)) return text
  const inside = new Array<boolean>(edits.length).fill(false)
  const out: string[] = []
  for (const [i, original] of linesOf(text).entries()) {
    let now: string | undefined = original
    let quits = false
    for (const [k, edit] of (edits as Edit[]).entries()) {
      if (now === undefined) break
      const meets = (at: number | RegExp | undefined): boolean => (at instanceof RegExp ? at.test(now!) : at === i + 1)
      const applies: boolean = edit.from === undefined || (edit.to === undefined ? meets(edit.from) : inside[k]! || meets(edit.from))
      if (edit.to !== undefined) inside[k] = applies && !(inside[k] ? meets(edit.to) || (typeof edit.to === 'number' && i + 1 >= edit.to) : typeof edit.to === 'number' && i + 1 >= edit.to)
      if (!applies) continue
      const { line, print, quit } = edit.act(now)
      if (print && line !== undefined) out.push(line)
      now = line
      quits ||= quit === true
    }
    if (now !== undefined && !read.on.has('n')) out.push(now)
    if (quits) break
  }
  return said(out)
}

const base64: Filter = (words, input) => {
  const read = readOptions('base64', words, 'dDi', 'w', { decode: 'd', wrap: 'w' })
  if (isFiltered(read)) return read
  const text = textOf('base64', read.rest, input)
  if (isFiltered(text)) return text
  if (!read.on.has('d') && !read.on.has('D')) {
    const whole = btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    return said(read.values.get('w') === '0' ? [whole] : (whole.match(/.{1,76}/g) ?? []))
  }
  try {
    return { stdout: new TextDecoder().decode(Uint8Array.from(atob(text.replaceAll(/\s/g, '')), (letter) => letter.charCodeAt(0))), stderr: '', exitCode: 0 }
  } catch {
    return refused('base64: invalid input')
  }
}

const column = lined('column', 't', 's', (lines) => {
  const rows = lines.map((line) => line.trim().split(/\s+/))
  const widths = rows.reduce<number[]>((found, row) => row.map((cell, i) => Math.max(cell.length, found[i] ?? 0)).concat(found.slice(row.length)), [])
  return said(rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join('  ')))
})

const ls: Filter = (_words, { files }) => said([...new Set(Object.keys(files).map((name) => name.split('/')[0]!))].sort())
const echo: Filter = (words) => ({ stdout: `${(words[0] === '-n' || words[0] === '-e' ? words.slice(1) : words).join(' ')}${words[0] === '-n' ? '' : '\n'}`, stderr: '', exitCode: 0 })
const tee: Filter = (_words, { text = '' }: Input) => ({ stdout: text, stderr: '', exitCode: 0 })

export const textTools: Record<string, Filter> = {
  grep, egrep: (words, input) => grep(['-E', ...words], input), fgrep: (words, input) => grep(['-F', ...words], input), head: ends('head'), tail: ends('tail'), wc, sort, uniq, cut, tr, sed, base64, column,
  cat: lined('cat', 'A', '', (lines) => said(lines)), less: lined('less', 'SRFXN', '', (lines) => said(lines)), more: lined('more', '', '', (lines) => said(lines)),
  nl: lined('nl', '', 'b', (lines) => said(lines.map((line, i) => `${String(i + 1).padStart(6)}\t${line}`))), tac: lined('tac', '', '', (lines) => said(lines.reverse())), rev: lined('rev', '', '', (lines) => said(lines.map((line) => [...line].reverse().join('')))),
  echo, ls, tee,
}
