/** Two texts as the lines of a unified diff, for pages. PURE. */
import { diffLines } from 'diff'

export type DiffLine = { kind: 'added' | 'removed' | 'same'; sign: '+' | '−' | ' '; before?: number; after?: number; text: string } | { kind: 'gap'; count: number }

const context = 3

/** Lines of both texts in order; runs of equal lines longer than twice the context become one gap. Empty when the texts are equal. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const lines: Exclude<DiffLine, { kind: 'gap' }>[] = []
  let [left, right] = [1, 1]
  for (const { value, added, removed } of diffLines(before, after)) {
    for (const text of value.replace(/\n$/, '').split('\n')) {
      if (added) lines.push({ kind: 'added', sign: '+', after: right++, text })
      else if (removed) lines.push({ kind: 'removed', sign: '−', before: left++, text })
      else lines.push({ kind: 'same', sign: ' ', before: left++, after: right++, text })
    }
  }
  if (lines.every(({ kind }) => kind === 'same')) return []
  const near = lines.map((_, index) => lines.slice(Math.max(0, index - context), index + context + 1).some(({ kind }) => kind !== 'same'))
  const shown: DiffLine[] = []
  for (const [index, line] of lines.entries()) {
    if (near[index]) shown.push(line)
    else if (shown.at(-1)?.kind === 'gap') (shown.at(-1) as { count: number }).count++
    else shown.push({ kind: 'gap', count: 1 })
  }
  return shown
}
