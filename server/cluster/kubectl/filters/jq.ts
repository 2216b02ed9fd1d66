/** The jq that people type behind -o json: paths, select, map, strings, objects, sorting and grouping. A filter turns one value into any number of values. */
import type { Filter } from './filter.ts'
import { isFiltered, readOptions, refused, textOf } from './filter.ts'
import { Parser } from './jq-parser.ts'
import type { Json } from './jq-values.ts'
import { JqError, truthy } from './jq-values.ts'
import { ProgramError } from './tokens.ts'

export const jq: Filter = (words, input) => {
  const spread = words.flatMap((word, i) => (word === '--arg' || word === '--argjson' ? [] : words[i - 1] === '--arg' || words[i - 2] === '--arg' || words[i - 1] === '--argjson' || words[i - 2] === '--argjson' ? [] : [word]))
  const scope = new Map<string, Json>(words.flatMap((word, i) => (word === '--arg' ? [[words[i + 1] ?? '', words[i + 2] ?? ''] as const] : [])))
  const read = readOptions('jq', spread, 'rcjeMSCsn', '', { 'raw-output': 'r', 'compact-output': 'c', 'exit-status': 'e', 'sort-keys': 'S', slurp: 's', 'null-input': 'n' })
  if (isFiltered(read)) return read
  const program = read.rest.shift() ?? '.'
  const text = textOf('jq', read.rest, input)
  if (isFiltered(text)) return text
  let out = ''
  try {
    const stream = new Parser(program).program()
    if (text.trim() === '') return { stdout: '', stderr: '', exitCode: 0 }
    const results = stream(JSON.parse(text) as Json, scope)
    for (const result of results) {
      const printed = read.on.has('r') || read.on.has('j') ? (typeof result === 'string' ? result : undefined) : undefined
      out += (printed ?? JSON.stringify(result, null, read.on.has('c') ? 0 : 2)) + (read.on.has('j') ? '' : '\n')
    }
    return { stdout: out, stderr: '', exitCode: read.on.has('e') && !results.some(truthy) ? 1 : 0 }
  } catch (error) {
    if (error instanceof ProgramError) return refused(`jq: error: ${error.message}\njq: 1 compile error`, 3)
    if (error instanceof JqError) return { stdout: out, stderr: `jq: error (at <stdin>:0): ${error.message}\n`, exitCode: 5 }
    if (error instanceof SyntaxError) return refused(`jq: parse error: Invalid numeric literal at line 1, column ${Math.max(1, text.search(/[\s:]/))}`, 2)
    throw error
  }
}
