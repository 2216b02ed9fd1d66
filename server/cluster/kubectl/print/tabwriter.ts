/** Elastic tab stops as Go's text/tabwriter sets them: a column is a run of consecutive lines that have a tab-terminated cell there, and is as wide as its widest cell. */

type Cell = { text: string; width: number }
type Settings = { minWidth: number; padding: number }

/** kubectl get and its kin (cli-runtime/printers/tabwriter.go: minwidth 6, padding 3). */
export const tableSettings: Settings = { minWidth: 6, padding: 3 }
/** kubectl describe (describe.go:tabbedString: minwidth 0, padding 2). */
export const describeSettings: Settings = { minWidth: 0, padding: 2 }

/** Lays out text whose cells end in tabs; the last cell of a line belongs to no column. */
export function tabulated(text: string, settings: Settings = tableSettings): string {
  const lines = text.split('\n').map((line) => line.split('\t').map((cell): Cell => ({ text: cell, width: [...cell].length })))
  const out: string[] = []
  format(lines, 0, lines.length, [], settings, out)
  return out.join('\n')
}

/** Go's Writer.format: finds the blocks of the next column and lays out each with that column's width known. */
function format(lines: readonly Cell[][], from: number, to: number, widths: number[], settings: Settings, out: string[]): void {
  const column = widths.length
  let start = from
  for (let at = from; at < to; at++) {
    if (column >= lines[at]!.length - 1) continue
    write(lines, start, at, widths, out)
    start = at
    let width = settings.minWidth
    for (; at < to && column < lines[at]!.length - 1; at++) width = Math.max(width, lines[at]![column]!.width + settings.padding)
    format(lines, start, at, [...widths, width], settings, out)
    start = at
  }
  write(lines, start, to, widths, out)
}

function write(lines: readonly Cell[][], from: number, to: number, widths: readonly number[], out: string[]): void {
  for (let at = from; at < to; at++) out.push(lines[at]!.map((cell, i) => (i < widths.length ? cell.text + ' '.repeat(Math.max(0, widths[i]! - cell.width)) : cell.text)).join(''))
}
