/** Draws a `flow` fence (`A -> B: label`, one arrow a line) as SVG that screen readers can read: a title, and the arrows as text. Pure. */

type Arrow = { from: string; to: string; label: string }

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** Han characters are about as wide as two Latin ones. */
function widthOf(text: string): number {
  return [...text].reduce((width, character) => width + (character.codePointAt(0)! > 0x2e80 ? 14 : 7.5), 0)
}

function parseArrows(source: string): Arrow[] | undefined {
  const arrows: Arrow[] = []
  for (const line of source.split('\n')) {
    if (line.trim() === '') continue
    const match = /^\s*(.+?)\s*(?:->|→)\s*(.+?)\s*(?:[:：]\s+(.+?)\s*)?$/.exec(line)
    if (!match || arrows.length >= 40) return undefined
    arrows.push({ from: match[1]!, to: match[2]!, label: match[3] ?? '' })
  }
  return arrows.length > 0 ? arrows : undefined
}

/** The row of each box: one below the lowest box that points at it. Arrows back up do not push anything down. */
function rowsOf(arrows: readonly Arrow[]): Map<string, number> {
  const rows = new Map<string, number>()
  for (const { from, to } of arrows) {
    const row = rows.get(from) ?? 0
    rows.set(from, row)
    if (!rows.has(to)) rows.set(to, row + 1)
  }
  return rows
}

/** Returns the figure as HTML, or undefined when a line is not an arrow: then the text is shown as it is. */
export function flowDiagram(source: string): string | undefined {
  const arrows = parseArrows(source)
  if (!arrows) return undefined
  const rows = rowsOf(arrows)
  const boxes = new Map<string, { x: number; y: number; width: number }>()
  const rowCount = Math.max(...rows.values()) + 1
  let total = 0
  for (let row = 0; row < rowCount; row++) {
    let x = 10
    for (const [name, at] of rows) {
      if (at !== row) continue
      const width = Math.round(widthOf(name) + 28)
      boxes.set(name, { x, y: 10 + row * 84, width })
      x += width + 32
    }
    total = Math.max(total, x)
  }
  const longest = Math.max(...arrows.map(({ label }) => widthOf(label)))
  const width = Math.round(Math.max(total, 200) + longest)
  const height = rowCount * 84 - 24
  const sentence = arrows.map(({ from, to, label }) => `${from} → ${to}${label === '' ? '' : ` (${label})`}`).join('; ')
  const lines = arrows.map(({ from, to, label }) => {
    const a = boxes.get(from)!
    const b = boxes.get(to)!
    const down = b.y > a.y
    const [x1, y1, x2, y2] = [a.x + a.width / 2, down ? a.y + 36 : a.y, b.x + b.width / 2, down ? b.y : b.y + 36].map(Math.round) as [number, number, number, number]
    const side = x2 + (y2 > y1 ? -5 : 5)
    return `<path class="flow-line" d="M${x1} ${y1}L${x2} ${y2}" fill="none" stroke="currentColor"/><path class="flow-head" d="M${x2} ${y2}L${side} ${y2 + (down ? -9 : 9)}L${x2 + (y2 > y1 ? 5 : -5)} ${y2 + (down ? -9 : 9)}Z" fill="currentColor"/>` +
      (label === '' ? '' : `<text x="${Math.round((x1 + x2) / 2) + 8}" y="${Math.round((y1 + y2) / 2) + 4}" font-size="12" fill="currentColor">${escapeXml(label)}</text>`)
  })
  const shapes = [...boxes].map(([name, box]) => `<rect class="flow-box" x="${box.x}" y="${box.y}" width="${box.width}" height="36" rx="6" fill="none" stroke="currentColor"/><text x="${box.x + 14}" y="${box.y + 23}" font-size="14" fill="currentColor">${escapeXml(name)}</text>`)
  return `<figure class="flow"><svg role="img" aria-label="${escapeXml(sentence)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" xmlns="http://www.w3.org/2000/svg">${lines.join('')}${shapes.join('')}</svg></figure>\n`
}
