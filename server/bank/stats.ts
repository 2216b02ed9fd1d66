/** How many questions the bank has, by section, type and difficulty. Pure. */
import { questionTypes } from '../question-types/index.ts'
import type { Bank } from './format.ts'

/** Aligned text: one line per section with its counts. */
export function statsText(bank: Bank): string {
  const types = questionTypes.map(({ name }) => name)
  const head = ['section', 'all', ...types, ...[1, 2, 3, 4, 5].map((level) => `d${level}`)]
  const count = (of: Bank['questions']) => [String(of.length), ...types.map((type) => String(of.filter((question) => question.type === type).length)), ...[1, 2, 3, 4, 5].map((level) => String(of.filter((question) => question.difficulty === level).length))]
  const rows = [head, ...bank.sections.map((section) => [section.id, ...count(bank.questions.filter((question) => question.section === section.id))]), ['all', ...count(bank.questions)]]
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ').trimEnd()).join('\n')
}
