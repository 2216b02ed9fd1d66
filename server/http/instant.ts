/** `0 s`, `90 s`, `10 min`: a moment of a run, short enough for an axis. */
export function instantText(ms: number): string {
  if (ms >= 120_000 && ms % 60_000 === 0) return `${ms / 60_000} min`
  return `${Math.round(ms / 100) / 10} s`
}
