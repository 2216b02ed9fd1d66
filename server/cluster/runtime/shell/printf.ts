/** Backslash escapes and the formats of printf(1). */

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v', '\\': '\\', '"': '"', "'": "'" }

/** Replaces `\n`, `\t`, `\0nnn`, `\xhh`; `\c` drops the rest. */
export function escaped(text: string): string {
  const cut = text.indexOf('\\c')
  return (cut < 0 ? text : text.slice(0, cut)).replaceAll(/\\(x[0-9a-fA-F]{1,2}|0[0-7]{0,3}|[0-7]{1,3}|.)/g, (all, code: string) => {
    if (code.startsWith('x') && code.length > 1) return String.fromCharCode(parseInt(code.slice(1), 16))
    if (/^[0-7]+$/.test(code)) return String.fromCharCode(parseInt(code, 8))
    return escapes[code] ?? all
  })
}

/** Wider fields are cut to this: a width is no reason to fill the memory. */
export const widthMax = 65_536
/** More digits after the point are not written. */
export const digitsMax = 100

function padded(text: string, flags: string, width: string): string {
  const size = Math.min(Number(width || 0), widthMax)
  if (flags.includes('-')) return text.padEnd(size)
  return flags.includes('0') && /^-?[\d.]+$/.test(text) ? text.padStart(size, '0') : text.padStart(size)
}

/** The format is used again while arguments are left. */
export function formatted(format: string, args: readonly string[]): string {
  let text = ''
  let at = 0
  do {
    const before = at
    text += escaped(format).replaceAll(/%([-0+ #]*)(\d*)(?:\.(\d+))?([sdiucxXobf%])/g, (_all, flags: string, width: string, precision: string | undefined, kind: string) => {
      if (kind === '%') return '%'
      const value = args[at++] ?? ''
      return padded(converted(kind, value, precision), flags, width)
    })
    if (at === before) break
  } while (at < args.length)
  return text
}

function converted(kind: string, value: string, precision: string | undefined): string {
  const number = Number(value) || 0
  switch (kind) {
    case 's': return precision === undefined ? value : value.slice(0, Number(precision))
    case 'b': return escaped(value)
    case 'c': return value.slice(0, 1)
    case 'x': return Math.trunc(number).toString(16)
    case 'X': return Math.trunc(number).toString(16).toUpperCase()
    case 'o': return Math.trunc(number).toString(8)
    case 'f': return number.toFixed(Math.min(Number(precision ?? 6), digitsMax))
    default: return String(Math.trunc(number))
  }
}
