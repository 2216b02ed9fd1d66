/** kubectl's flags as pflag and cobra read them: short and long forms, `--flag=v` and `--flag v`, bundles such as -it, and their refusals word for word. */

export type FlagKind = 'switch' | 'text' | 'number' | 'list' | 'duration' | 'optional'
export type Flag = { name: string; short?: string; kind: FlagKind; /** Value of an `optional` flag given without one. */ bare?: string; initial?: string }

/**
 * Reads a compact table: `name[:short][=kind[,initial]]` separated by spaces; kind is b (switch, the default), s (text), i (number), l (list, repeatable and comma separated),
 * a (list, repeatable only), d (duration) or o (text that may be left out; the initial after the comma is then what a bare flag means).
 */
export function flagTable(text: string): Flag[] {
  const kinds: Record<string, FlagKind> = { b: 'switch', s: 'text', i: 'number', l: 'list', a: 'list', d: 'duration', o: 'optional' }
  return text.split(/\s+/).filter((item) => item !== '').map((item) => {
    const [head = '', value = 'b'] = item.split('=') as [string, string?]
    const [name = '', short] = head.split(':')
    const [kind = 'b', initial] = value.split(',')
    return { name, ...(short ? { short } : {}), kind: kinds[kind]!, ...(kind === 'o' ? { bare: initial ?? '' } : initial !== undefined ? { initial } : {}) }
  })
}

export const globalFlags: readonly Flag[] = flagTable('namespace:n=s as=s as-group=a as-uid=s context=s cluster=s user=s kubeconfig=s server:s=s token=s request-timeout=s,0 v:v=i cache-dir=s warnings-as-errors insecure-skip-tls-verify certificate-authority=s client-certificate=s client-key=s tls-server-name=s match-server-version disable-compression profile=s profile-output=s log-flush-frequency=d kuberc=s help:h')

/** A flag could not be read; the message is what stands after `error: `. */
export class FlagError extends Error {}

/** The flags of one command line. */
export class Flags {
  private readonly values = new Map<string, string[]>()
  private readonly known: ReadonlyMap<string, Flag>

  constructor(table: readonly Flag[]) {
    this.known = new Map(table.map((flag) => [flag.name, flag]))
  }

  set(flag: Flag, value: string): void {
    if (flag.kind === 'list') this.values.set(flag.name, [...(this.values.get(flag.name) ?? []), value])
    else this.values.set(flag.name, [value])
  }

  given(name: string): boolean {
    return this.values.has(name)
  }

  text(name: string): string {
    return this.values.get(name)?.at(-1) ?? this.known.get(name)?.initial ?? ''
  }

  on(name: string): boolean {
    return this.text(name) === 'true'
  }

  number(name: string): number {
    return Number(this.text(name))
  }

  /** All values of a repeated flag, split at commas. */
  list(name: string): string[] {
    return (this.values.get(name) ?? []).flatMap((value) => value.split(',')).filter((value) => value !== '')
  }

  /** All values of a repeated flag, as given. */
  all(name: string): string[] {
    return this.values.get(name) ?? []
  }

  /** Milliseconds; 0 when not given. */
  duration(name: string): number {
    return goDurationMs(this.text(name)) ?? 0
  }
}

/** Go's time.ParseDuration in milliseconds; undefined when it is none. Example: `1m30s` → 90000. */
export function goDurationMs(text: string): number | undefined {
  if (text === '0') return 0
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, us: 0.001, µs: 0.001, ns: 0.000001 }
  const sign = text.startsWith('-') ? -1 : 1
  const body = text.replace(/^[+-]/, '')
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ms|us|µs|ns|s|m|h))+$/.test(body)) return undefined
  let total = 0
  for (const [, amount, unit] of body.matchAll(/(\d+\.?\d*|\.\d+)(ms|us|µs|ns|s|m|h)/g)) total += Number(amount) * units[unit!]!
  return sign * Math.round(total)
}

function checked(flag: Flag, value: string, shown: string): string {
  const refuse = (why: string): never => {
    throw new FlagError(`invalid argument ${JSON.stringify(value)} for ${JSON.stringify(shown)} flag: ${why}`)
  }
  if (flag.kind === 'switch') {
    if (/^(1|t|T|TRUE|true|True)$/.test(value)) return 'true'
    if (/^(0|f|F|FALSE|false|False)$/.test(value)) return 'false'
    refuse(`strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`)
  }
  if (flag.kind === 'number' && !/^[+-]?\d+$/.test(value)) refuse(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`)
  if (flag.kind === 'duration' && goDurationMs(value) === undefined) refuse(/^[+-]?[\d.]+$/.test(value) ? `time: missing unit in duration ${JSON.stringify(value)}` : `time: invalid duration ${JSON.stringify(value)}`)
  return value
}

export type ParsedLine = { flags: Flags; args: string[]; /** Words after `--`; undefined when there was none. */ rest: string[] | undefined }

/** Separates flags from arguments. Throws FlagError, worded as pflag words it. */
export function parseFlags(words: readonly string[], table: readonly Flag[]): ParsedLine {
  const all = [...table, ...globalFlags.filter((flag) => !table.some((own) => own.name === flag.name))].map((flag) => (flag.short && !table.includes(flag) && table.some((own) => own.short === flag.short) ? { ...flag, short: undefined } : flag)) as Flag[]
  const parsed: ParsedLine = { flags: new Flags(all), args: [], rest: undefined }
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (word === '--') {
      parsed.rest = words.slice(i + 1)
      break
    }
    if (!word.startsWith('-') || word === '-') parsed.args.push(word)
    else if (word.startsWith('--')) i += long(word, words[i + 1], all, parsed.flags)
    else i += bundle(word, words[i + 1], all, parsed.flags)
  }
  return parsed
}

/** One `--flag`; gives how many further words it took. */
function long(word: string, next: string | undefined, table: readonly Flag[], flags: Flags): number {
  const equals = word.indexOf('=')
  const name = equals < 0 ? word.slice(2) : word.slice(2, equals)
  if (name === '' || name.startsWith('-') || name.startsWith('=')) throw new FlagError(`bad flag syntax: ${word}`)
  const flag = table.find((item) => item.name === name)
  if (!flag) throw new FlagError(`unknown flag: --${name}`)
  const shown = `${flag.short ? `-${flag.short}, ` : ''}--${name}`
  if (equals >= 0) flags.set(flag, checked(flag, word.slice(equals + 1), shown))
  else if (flag.kind === 'switch') flags.set(flag, 'true')
  else if (flag.kind === 'optional') flags.set(flag, flag.bare!)
  else if (next === undefined) throw new FlagError(`flag needs an argument: --${name}`)
  else {
    flags.set(flag, checked(flag, next, shown))
    return 1
  }
  return 0
}

/** Short flags in one word: all but the last are switches. */
function bundle(word: string, next: string | undefined, table: readonly Flag[], flags: Flags): number {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at]!
    const flag = table.find((item) => item.short === letter)
    if (!flag) throw new FlagError(`unknown shorthand flag: '${letter}' in ${word}`)
    const shown = `-${letter}, --${flag.name}`
    const tail = word.slice(at + 1)
    if (tail.startsWith('=')) {
      flags.set(flag, checked(flag, tail.slice(1), shown))
      return 0
    }
    if (flag.kind === 'switch') flags.set(flag, 'true')
    else if (flag.kind === 'optional') flags.set(flag, flag.bare!)
    else if (tail !== '') {
      flags.set(flag, checked(flag, tail, shown))
      return 0
    } else if (next === undefined) throw new FlagError(`flag needs an argument: '${letter}' in ${word}`)
    else {
      flags.set(flag, checked(flag, next, shown))
      return 1
    }
  }
  return 0
}
