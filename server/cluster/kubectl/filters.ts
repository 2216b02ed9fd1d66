/** The few text filters that may follow a pipe: grep, head, tail, wc, sort, uniq, cut, cat, less. Each reads all of its input. */

type Filtered = { stdout: string; stderr: string; exitCode: number }
type Filter = (words: readonly string[], lines: string[]) => Filtered

const names = ['grep', 'egrep', 'head', 'tail', 'wc', 'sort', 'uniq', 'cut', 'cat', 'less', 'more']

export function isFilter(word: string): boolean {
  return names.includes(word)
}

/** Runs one filter over text; refuses options it does not know, as those tools do. */
export function filterText(words: readonly string[], text: string): Filtered {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return filters[words[0]!]!(words.slice(1), lines)
}

function done(lines: readonly string[], exitCode = 0): Filtered {
  return { stdout: lines.map((line) => `${line}\n`).join(''), stderr: '', exitCode }
}

function wrong(tool: string, option: string): Filtered {
  return { stdout: '', stderr: `${tool}: unrecognized option '${option}'\n`, exitCode: 2 }
}

/** Letters of the switches and the values of options that take one; undefined for an unknown option. */
function options(words: readonly string[], switches: string, valued: string): { on: Set<string>; values: Map<string, string>; rest: string[] } | { unknown: string } {
  const on = new Set<string>()
  const values = new Map<string, string>()
  const rest: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (!word.startsWith('-') || word === '-') {
      rest.push(word)
      continue
    }
    if (/^-\d+$/.test(word)) {
      values.set('n', word.slice(1))
      continue
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at]!
      if (switches.includes(letter)) on.add(letter)
      else if (valued.includes(letter)) {
        const tail = word.slice(at + 1)
        values.set(letter, tail !== '' ? tail : (words[++i] ?? ''))
        break
      } else return { unknown: word }
    }
  }
  return { on, values, rest }
}

const grep: Filter = (words, lines) => {
  const read = options(words, 'ivncEFwoqh', 'ABCem')
  if ('unknown' in read) return wrong('grep', read.unknown)
  const { on, values, rest } = read
  const text = values.get('e') ?? rest[0]
  if (text === undefined) return { stdout: '', stderr: 'Usage: grep [OPTION]... PATTERNS [FILE]...\n', exitCode: 2 }
  let pattern: RegExp
  try {
    const source = on.has('F') ? text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&') : on.has('E') ? text : text.replaceAll(/\\?([|+?(){}])/g, (found, letter: string) => (found.length === 2 ? letter : `\\${letter}`))
    pattern = new RegExp(on.has('w') ? `\\b(?:${source})\\b` : source, on.has('i') ? 'i' : '')
  } catch {
    return { stdout: '', stderr: 'grep: Invalid regular expression\n', exitCode: 2 }
  }
  const around = (letter: string): number => Number(values.get(letter) ?? values.get('C') ?? 0)
  const hits = lines.flatMap((line, i) => (pattern.test(line) !== on.has('v') ? [i] : [])).slice(0, values.has('m') ? Number(values.get('m')) : undefined)
  if (on.has('c')) return done([String(hits.length)], hits.length > 0 ? 0 : 1)
  if (on.has('q')) return done([], hits.length > 0 ? 0 : 1)
  if (on.has('o')) return done(hits.flatMap((i) => lines[i]!.match(new RegExp(pattern.source, `${pattern.flags}g`)) ?? []), hits.length > 0 ? 0 : 1)
  const shown = [...new Set(hits.flatMap((hit) => Array.from({ length: around('B') + around('A') + 1 }, (_, k) => hit - around('B') + k)))].filter((i) => i >= 0 && i < lines.length).sort((a, b) => a - b)
  const separated = shown.flatMap((i, k) => [...(k > 0 && (around('A') > 0 || around('B') > 0) && shown[k - 1] !== i - 1 ? ['--'] : []), on.has('n') ? `${i + 1}${hits.includes(i) ? ':' : '-'}${lines[i]}` : lines[i]!])
  return done(separated, hits.length > 0 ? 0 : 1)
}

const ends = (tool: 'head' | 'tail'): Filter => (words, lines) => {
  const read = options(words, 'qf', 'n')
  if ('unknown' in read) return wrong(tool, read.unknown)
  const text = read.values.get('n') ?? '10'
  const count = Number(text.replace('+', ''))
  if (!Number.isInteger(count)) return { stdout: '', stderr: `${tool}: invalid number of lines: '${text}'\n`, exitCode: 1 }
  if (tool === 'head') return done(lines.slice(0, count < 0 ? lines.length + count : count))
  return done(text.startsWith('+') ? lines.slice(count - 1) : Math.abs(count) === 0 ? [] : lines.slice(-Math.abs(count)))
}

const wc: Filter = (words, lines) => {
  const read = options(words, 'lwc', '')
  if ('unknown' in read) return wrong('wc', read.unknown)
  const counts = { l: lines.length, w: lines.join(' ').split(/\s+/).filter((word) => word !== '').length, c: lines.reduce((sum, line) => sum + line.length + 1, 0) }
  const asked = (['l', 'w', 'c'] as const).filter((letter) => read.on.size === 0 || read.on.has(letter))
  return done([asked.length === 1 ? String(counts[asked[0]!]) : asked.map((letter) => String(counts[letter]).padStart(7)).join(' ')])
}

const sort: Filter = (words, lines) => {
  const read = options(words, 'rnuVfb', 'kt')
  if ('unknown' in read) return wrong('sort', read.unknown)
  const field = Number((read.values.get('k') ?? '0').split(/[,.]/)[0]!.replaceAll(/\D/g, ''))
  const numeric = read.on.has('n') || /n/.test(read.values.get('k') ?? '')
  const key = (line: string): string => (field > 0 ? (line.trim().split(read.values.get('t') ?? /\s+/).slice(field - 1).join(' ')) : line)
  const order = [...lines].sort((a, b) => (numeric ? (parseFloat(key(a)) || 0) - (parseFloat(key(b)) || 0) : 0) || (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
  if (read.on.has('r')) order.reverse()
  return done(read.on.has('u') ? [...new Set(order)] : order)
}

const uniq: Filter = (words, lines) => {
  const read = options(words, 'c', '')
  if ('unknown' in read) return wrong('uniq', read.unknown)
  const runs: { line: string; count: number }[] = []
  for (const line of lines) {
    if (runs.at(-1)?.line === line) runs.at(-1)!.count++
    else runs.push({ line, count: 1 })
  }
  return done(runs.map(({ line, count }) => (read.on.has('c') ? `${String(count).padStart(7)} ${line}` : line)))
}

const cut: Filter = (words, lines) => {
  const read = options(words, '', 'dfc')
  if ('unknown' in read) return wrong('cut', read.unknown)
  const ranges = (read.values.get('f') ?? read.values.get('c') ?? '').split(',').map((part) => part.split('-').map(Number) as [number, number?])
  const picked = (i: number): boolean => ranges.some(([from, to]) => i + 1 >= (from || 1) && i + 1 <= (to === undefined ? from : to || Infinity))
  const delimiter = read.values.has('c') ? '' : (read.values.get('d') ?? '\t')
  return done(lines.map((line) => line.split(delimiter).filter((_, i) => picked(i)).join(delimiter)))
}

const same: Filter = (_words, lines) => done(lines)

const filters: Record<string, Filter> = { grep, egrep: (words, lines) => grep(['-E', ...words], lines), head: ends('head'), tail: ends('tail'), wc, sort, uniq, cut, cat: same, less: same, more: same }
