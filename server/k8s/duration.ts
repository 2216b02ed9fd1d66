/** Durations as files write them: `90s`, `1h30m`, `500ms`, `2d`; a bare number is seconds. All results are integer milliseconds. */

export type Millis = number

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Returns milliseconds, or undefined when the text is not a duration. */
export function parseDuration(text: string | number): Millis | undefined {
  if (typeof text === 'number') return Number.isFinite(text) ? Math.round(text * 1000) : undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000)
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) total += Number(amount) * unitMs[unit!]!
  return Math.round(total)
}

/** Go's Duration.String for whole milliseconds: `1m30s`, `500ms`, `0s`, `1h0m0s`. */
export function goDuration(ms: Millis): string {
  if (ms === 0) return '0s'
  const sign = ms < 0 ? '-' : ''
  const whole = Math.abs(ms)
  if (whole < 1000) return `${sign}${whole}ms`
  const hours = Math.floor(whole / 3_600_000)
  const minutes = Math.floor(whole / 60_000) % 60
  const seconds = `${(whole % 60_000) / 1000}s`
  return sign + (hours > 0 ? `${hours}h${minutes}m${seconds}` : minutes > 0 ? `${minutes}m${seconds}` : seconds)
}

type Words = { en: string; 'zh-CN': string }

/** A duration in words: `1.5 s`, `90 s`, `10 min`. */
export function span(ms: Millis): Words {
  return isInMinutes(ms) ? { en: `${ms / 60_000} min`, 'zh-CN': `${ms / 60_000} 分钟` } : inSeconds(ms)
}

function isInMinutes(ms: Millis): boolean {
  return ms >= 120_000 && ms % 60_000 === 0
}

function inSeconds(ms: Millis): Words {
  const seconds = Math.round(ms / 100) / 10
  return { en: `${seconds} s`, 'zh-CN': `${seconds} 秒` }
}

/** From one moment to another, both in the same unit. */
export function stretch(from: Millis, to: Millis): Words {
  const words = isInMinutes(to) && (from === 0 || isInMinutes(from)) ? span : inSeconds
  const [begin, end] = [words(from), words(to)]
  return { en: `${begin.en} – ${end.en}`, 'zh-CN': `${begin['zh-CN']} – ${end['zh-CN']}` }
}

/** A moment of a run in words, for the middle of a sentence. */
export function moment(ms: Millis): Words {
  const words = span(ms)
  return { en: words.en, 'zh-CN': `第 ${words['zh-CN']}` }
}
