/** A piece of a text with carets under a range, as compilers print it. */
import type { Range } from '../../k8s/manifest.ts'

/** Two lines before the range and the range's first line, with line numbers and carets. Long lines are cut around the range. */
export function codeFrame(text: string, range: Range, widthMax = 110): string {
  const lines = text.split('\n')
  const { line, column } = range.start
  const from = Math.max(1, line - 2)
  const gutter = String(line).length
  const shown: string[] = []
  const cut = column > widthMax - 20 ? column - 20 : 0
  for (let number = from; number <= Math.min(line, lines.length); number++) {
    const content = (lines[number - 1] ?? '').replace(/\r$/, '').slice(cut, cut + widthMax)
    shown.push(`${number === line ? '>' : ' '} ${String(number).padStart(gutter)} | ${content}`)
  }
  const lineLength = (lines[line - 1] ?? '').replace(/\r$/, '').length
  const end = range.end.line === line ? range.end.column : lineLength + 1
  const carets = Math.max(1, Math.min(end, cut + widthMax + 1) - column)
  shown.push(`  ${' '.repeat(gutter)} | ${' '.repeat(Math.max(0, column - 1 - cut))}${'^'.repeat(carets)}`)
  return shown.join('\n')
}
