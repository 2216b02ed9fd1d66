/** Word expansion: parameters, command substitution, arithmetic, field splitting, file name patterns, quote removal. */
import { absolutePath } from '../files.ts'
import { evaluateArithmetic } from './arithmetic.ts'
import type { Node, Word, WordPart } from './parse.ts'
import type { Frame, Session, Step, Streams } from './session.ts'
import { ExitShell, shellPrefix } from './session.ts'

export type Substitute = (list: Node, frame: Frame, streams: Streams) => Step<string>
/** Text with its quoting: only unquoted parts act as patterns. */
type Piece = { text: string; quoted: boolean }

/** A pattern of `*`, `?` and `[...]` as a regular expression over the whole text; quoted pieces match themselves. */
export function patternOf(pieces: readonly Piece[], part: 'whole' | 'prefix-short' | 'prefix-long' | 'suffix-short' | 'suffix-long' = 'whole'): RegExp {
  let source = ''
  for (const { text, quoted } of pieces) {
    const escaped = text.replaceAll(/[.+^${}()|\\/]/g, '\\$&')
    source += quoted ? escaped.replaceAll(/[*?[\]]/g, '\\$&') : escaped.replaceAll('*', part.endsWith('short') ? '[\\s\\S]*?' : '[\\s\\S]*').replaceAll('?', '[\\s\\S]').replaceAll('[!', '[^')
  }
  try {
    return new RegExp(part === 'whole' ? `^${source}$` : part.startsWith('prefix') ? `^${source}` : `${source}$`)
  } catch {
    return new RegExp(`^${pieces.map((piece) => piece.text.replaceAll(/[^\w\s]/g, '\\$&')).join('')}$`)
  }
}

export class Expander {
  private readonly session: Session
  private readonly substitute: Substitute

  constructor(session: Session, substitute: Substitute) {
    this.session = session
    this.substitute = substitute
  }

  /** The fields of words: split, matched against file names, quotes removed. */
  *fields(words: readonly Word[], frame: Frame, streams: Streams): Step<string[]> {
    const fields: string[] = []
    for (const word of words) for (const field of yield* this.split(word, frame, streams)) fields.push(...this.names(field, frame))
    return fields
  }

  /** One text, not split: assignments, redirections, case words. */
  *text(word: Word, frame: Frame, streams: Streams): Step<string> {
    return (yield* this.pieces(word, frame, streams)).map((piece) => piece.text).join('')
  }

  /** A pattern for case branches. */
  *pattern(word: Word, frame: Frame, streams: Streams): Step<RegExp> {
    return patternOf(yield* this.pieces(word, frame, streams))
  }

  private *pieces(word: Word, frame: Frame, streams: Streams): Step<Piece[]> {
    const pieces: Piece[] = []
    for (const [i, part] of word.entries()) {
      if (part.kind === 'text') pieces.push({ text: i === 0 && !part.quoted ? tilde(part.text, frame) : part.text, quoted: part.quoted })
      else pieces.push({ text: (yield* this.value(part, frame, streams)) ?? '', quoted: part.quoted })
    }
    return pieces
  }

  private *split(word: Word, frame: Frame, streams: Streams): Step<Piece[][]> {
    const fields: Piece[][] = []
    let current: Piece[] | undefined
    for (const [i, part] of word.entries()) {
      if (part.kind === 'text') {
        current ??= []
        current.push({ text: i === 0 && !part.quoted ? tilde(part.text, frame) : part.text, quoted: part.quoted })
        continue
      }
      if (part.kind === 'parameter' && part.name === '@' && part.operator === undefined) {
        for (const [n, argument] of frame.args.entries()) {
          if (n > 0 && current) {
            fields.push(current)
            current = undefined
          }
          current ??= []
          current.push({ text: argument, quoted: part.quoted })
        }
        continue
      }
      const value = (yield* this.value(part, frame, streams)) ?? ''
      if (part.quoted) {
        current ??= []
        current.push({ text: value, quoted: true })
        continue
      }
      const separators = frame.variables.get('IFS') ?? ' \t\n'
      const chunks = separators === '' ? [value] : value.split(new RegExp(`[${separators.replaceAll(/[\]\\^-]/g, '\\$&')}]+`))
      for (const [n, chunk] of chunks.entries()) {
        if (n > 0 && current) {
          fields.push(current)
          current = undefined
        }
        if (chunk === '') continue
        current ??= []
        current.push({ text: chunk, quoted: false })
      }
    }
    if (current) fields.push(current)
    return fields
  }

  private *value(part: Exclude<WordPart, { kind: 'text' }>, frame: Frame, streams: Streams): Step<string | undefined> {
    if (part.kind === 'command') return (yield* this.substitute(part.list, frame, streams)).replace(/\n+$/, '')
    if (part.kind === 'arithmetic') {
      const inner = part.text.replaceAll(/\$\{?(\w+)\}?/g, (_all, name: string) => this.parameter(name, frame) ?? '0')
      try {
        return String(evaluateArithmetic(inner, (name) => this.parameter(name, frame) ?? ''))
      } catch (error) {
        streams.err(`${shellPrefix(this.session)}${(error as Error).message}\n`)
        throw new ExitShell(2)
      }
    }
    const value = this.parameter(part.name, frame)
    if (part.length) return String((value ?? '').length)
    if (part.operator !== undefined) return yield* this.operate(part, value, frame, streams)
    if (value === undefined && frame.options.nounset && /^\w+$/.test(part.name)) {
      streams.err(`${shellPrefix(this.session)}${part.name}: parameter not set\n`)
      throw new ExitShell(2)
    }
    return value
  }

  private *operate(part: Extract<WordPart, { kind: 'parameter' }>, value: string | undefined, frame: Frame, streams: Streams): Step<string | undefined> {
    const operator = part.operator!
    const kind = operator.at(-1)!
    if (operator.startsWith('%') || operator.startsWith('#')) return trim(value ?? '', operator, yield* this.pieces(part.word!, frame, streams))
    const unset = operator.startsWith(':') ? value === undefined || value === '' : value === undefined
    if (kind === '+') return unset ? '' : yield* this.text(part.word!, frame, streams)
    if (!unset) return value
    const other = yield* this.text(part.word!, frame, streams)
    if (kind === '=') frame.variables.set(part.name, other)
    if (kind === '?') {
      streams.err(`${shellPrefix(this.session)}${part.name}: ${other === '' ? 'parameter not set' : other}\n`)
      throw new ExitShell(2)
    }
    return other
  }

  private parameter(name: string, frame: Frame): string | undefined {
    switch (name) {
      case '?': return String(frame.status)
      case '#': return String(frame.args.length)
      case '@':
      case '*': return frame.args.join(' ')
      case '$': return String(this.session.pid)
      case '!': return frame.lastJob === undefined ? '' : String(frame.lastJob)
      case '0': return frame.name
      case '-': return frame.options.errexit ? 'e' : ''
      default: return /^[1-9]\d*$/.test(name) ? frame.args[Number(name) - 1] : frame.variables.get(name)
    }
  }

  /** Matching file names of a field with pattern characters, or the field itself. */
  private names(field: readonly Piece[], frame: Frame): string[] {
    const text = field.map((piece) => piece.text).join('')
    if (!field.some((piece) => !piece.quoted && /[*?[]/.test(piece.text))) return [text]
    const { files, spec } = this.session.host
    let found = [text.startsWith('/') ? '/' : '']
    for (const [i, segment] of segmentsOf(field).entries()) {
      if (segment.length === 0) continue
      const plain = segment.every((piece) => piece.quoted || !/[*?[]/.test(piece.text))
      const literal = segment.map((piece) => piece.text).join('')
      found = found.flatMap((base) => {
        const join = (name: string): string => (base === '' || base.endsWith('/') ? `${base}${name}` : `${base}/${name}`)
        if (plain) return i === 0 || files.node(absolutePath(join(literal), frame.cwd)) ? [join(literal)] : []
        const listed = files.list(absolutePath(base === '' ? '.' : base, frame.cwd), spec.user)
        const pattern = patternOf(segment)
        return 'names' in listed ? listed.names.filter((name) => pattern.test(name) && (!name.startsWith('.') || literal.startsWith('.'))).map(join) : []
      })
    }
    return found.length > 0 ? found : [text]
  }
}

function tilde(text: string, frame: Frame): string {
  return /^~(\/|$)/.test(text) ? `${frame.variables.get('HOME') ?? '/root'}${text.slice(1)}` : text
}

/** The pieces of a field, cut at slashes. */
function segmentsOf(field: readonly Piece[]): Piece[][] {
  const segments: Piece[][] = [[]]
  for (const piece of field) {
    for (const [i, text] of piece.text.split('/').entries()) {
      if (i > 0) segments.push([])
      if (text !== '') segments.at(-1)!.push({ text, quoted: piece.quoted })
    }
  }
  return segments
}

/** `%`, `%%`, `#`, `##`. */
function trim(value: string, operator: string, pattern: readonly Piece[]): string {
  const long = operator.length === 2
  if (operator.startsWith('#')) return value.replace(patternOf(pattern, long ? 'prefix-long' : 'prefix-short'), '')
  const whole = patternOf(pattern, 'whole')
  const ends = Array.from({ length: value.length + 1 }, (_, i) => (long ? i : value.length - i))
  const cut = ends.find((i) => whole.test(value.slice(i)))
  return cut === undefined ? value : value.slice(0, cut)
}
