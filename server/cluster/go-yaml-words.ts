/** The commonest faults of YAML in the words of the library that kubectl reads it with (go-yaml v2, scannerc.go and parserc.go). */
import type { ManifestProblem } from '../k8s/manifest.ts'

type Fallen = Pick<ManifestProblem, 'message' | 'range' | 'fault'>
/** What go-yaml says of a fault, and the line it finds it on: faults of its parser are counted one line too low (decode.go:fail). */
type Fault = { words: string; line: number; byParser?: true }

/** `line 4: found character that cannot start any token`; without a number on the first line. Lines count from the start of the document. */
export function goYamlError(text: string, problem: Fallen): string {
  const lines = text.split('\n')
  const before = lines.slice(0, problem.range.start.line - 1).findLastIndex((line) => /^---(\s|$)/.test(line)) + 1
  const { words, line, byParser } = faultOf(lines, problem)
  const counted = line - before
  const shown = byParser || counted === 1 ? counted - 1 : counted
  return `${shown > 0 ? `line ${shown}: ` : ''}${words}`
}

function faultOf(lines: readonly string[], { message, fault: said = message.en, range: { start } }: Fallen): Fault {
  if (said.startsWith('Tabs are not allowed')) return { words: followsText(lines, start.line) ? 'found a tab character that violates indentation' : 'found character that cannot start any token', line: start.line }
  // A word that stands where a key must is missed its colon when the scanner has come to the next line.
  if (said.startsWith('Implicit')) return { words: "could not find expected ':'", line: nextLine(lines, start.line) }
  // What is indented below a plain value belongs to it, and cannot have a colon.
  if (said.startsWith('Nested mappings')) return { words: 'mapping values are not allowed in this context', line: /:(\s|$)/.test(lines[start.line - 1]!.slice(start.column - 1)) ? start.line : nextLine(lines, start.line) }
  if (said.startsWith('All mapping items')) return { words: 'did not find expected key', line: start.line, byParser: true }
  if (said.startsWith('Sequence item without')) return { words: "did not find expected '-' indicator", line: start.line, byParser: true }
  if (/^Missing closing .quote/.test(said)) return { words: 'found unexpected end of stream', line: lines.length }
  const flow = /^Flow (map|sequence) .*end with/.exec(said)
  if (flow) return { words: /[{[,:]\s*$/.test(lines.join('\n')) ? 'did not find expected node content' : `did not find expected ',' or '${flow[1] === 'map' ? '}' : ']'}'`, line: lines.length, byParser: true }
  return { words: said.replace(/\.$/, ''), line: start.line }
}

/** The next line with something on it, or the one behind the last. */
function nextLine(lines: readonly string[], line: number): number {
  const found = lines.findIndex((text, i) => i >= line && text.trim() !== '')
  return found < 0 ? lines.length : found + 1
}

/** Whether the line above ends in a plain scalar, which the scanner then still reads. */
function followsText(lines: readonly string[], line: number): boolean {
  const above = lines.slice(0, line - 1).findLast((text) => text.trim() !== '')?.trim() ?? ''
  return above !== '' && !above.startsWith('#') && !/[:|>\]}"',[{]$/.test(above)
}
