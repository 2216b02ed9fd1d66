/** A short difference of two specs for the message about a forbidden change. The server prints go-cmp's, whose form is not fixed; this one has its signs. */
import { goJson } from '../../k8s/go-text.ts'
import type { Fields } from '../../k8s/object.ts'
import { isSame } from '../metadata.ts'

/** One line starting with `-` or `+` for each smallest field that was removed, added or changed. */
export function specDifference(before: unknown, after: unknown): string {
  const lines: string[] = []
  collect(before, after, '', lines)
  return lines.join('\n')
}

function collect(before: unknown, after: unknown, at: string, lines: string[]): void {
  if (isSame(before, after)) return
  const areLists = Array.isArray(before) && Array.isArray(after) && before.length === after.length
  if (areLists) return before.forEach((item, index) => collect(item, after[index], `${at}[${index}]`, lines))
  if (isMap(before) && isMap(after)) {
    for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) collect(before[key], after[key], at === '' ? key : `${at}.${key}`, lines)
    return
  }
  if (before !== undefined) lines.push(`- \t${at}: ${goJson(before)},`)
  if (after !== undefined) lines.push(`+ \t${at}: ${goJson(after)},`)
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
