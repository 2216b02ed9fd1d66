/** `readyz bank lint|prove|stats`: exit code 0 fine, 1 something to mend, 2 could not run. */
import { existsSync } from 'node:fs'
import { shortagesOf } from '../../server/attempts/selection.ts'
import { lintBank, problemLine, proveQuestion, readBank, statsText } from '../../server/bank/index.ts'

const usage = `Usage: readyz bank <verb> [--questions DIR]

  lint            report every problem of form, as file:line:column: message
  prove [ID...]   play every sample answer of all questions, or of those named
  stats           count questions by section, type and difficulty

  --questions DIR   the bank's folder (default: questions)
  --verbose         prove: print every row, not only failures
`

/** The bank's verbs; prints to standard output, problems of use to standard error. */
export async function bank(argv: readonly string[]): Promise<number> {
  const words: string[] = []
  let dir = 'questions'
  let verbose = false
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!
    if (word === '--questions') dir = argv[++i] ?? ''
    else if (word.startsWith('--questions=')) dir = word.slice('--questions='.length)
    else if (word === '--verbose') verbose = true
    else if (word === '--help' || word === '-h') {
      process.stdout.write(usage)
      return 0
    } else if (word.startsWith('-')) return misuse(`Unknown option ${word}.`)
    else words.push(word)
  }
  const [verb, ...ids] = words
  if (verb === undefined) return misuse('Say what to do.')
  if (!existsSync(dir)) return misuse(`There is no folder ${dir}.`)
  if (verb === 'lint' && ids.length === 0) return lint(dir)
  if (verb === 'stats' && ids.length === 0) {
    process.stdout.write(`${statsText(readBank(dir))}\n`)
    return 0
  }
  if (verb === 'prove') return prove(dir, ids, verbose)
  return misuse(`Unknown: bank ${words.join(' ')}`)
}

function misuse(message: string): number {
  process.stderr.write(`${message}\n\n${usage}`)
  return 2
}

function lint(dir: string): number {
  const read = readBank(dir)
  const problems = lintBank(read, shortagesOf)
  for (const problem of problems) process.stdout.write(`${problemLine(problem, dir)}\n`)
  process.stdout.write(`${read.questions.length} questions in ${read.sections.length} sections, ${problems.length === 0 ? 'no problems' : problems.length === 1 ? '1 problem' : `${problems.length} problems`}.\n`)
  return problems.length === 0 ? 0 : 1
}

function prove(dir: string, ids: readonly string[], verbose: boolean): number {
  const read = readBank(dir)
  const unknown = ids.filter((id) => !read.questions.some((question) => question.id === id))
  if (unknown.length > 0) {
    const about = read.problems.filter((problem) => unknown.some((id) => problem.file.includes(`/${id}/`)))
    for (const problem of about) process.stdout.write(`${problemLine(problem, dir)}\n`)
    process.stderr.write(`Not a readable question: ${unknown.join(', ')}\n`)
    return about.length > 0 ? 1 : 2
  }
  const chosen = ids.length === 0 ? read.questions : read.questions.filter((question) => ids.includes(question.id))
  let failed = 0
  const width = Math.max(0, ...chosen.map(({ id }) => id.length))
  for (const question of chosen) {
    const proof = proveQuestion(question)
    const right = proof.rows.filter(({ ok }) => ok).length
    process.stdout.write(`${proof.ok ? 'ok  ' : 'FAIL'}  ${proof.id.padEnd(width)}  ${proof.type.padEnd(18)}  ${String(right).padStart(3)}/${proof.rows.length}\n`)
    for (const row of proof.rows) if (verbose || !row.ok) process.stdout.write(`      ${row.ok ? 'ok  ' : 'FAIL'}  ${row.sample}: expected ${row.expected}, got ${row.got}\n`)
    if (!proof.ok) failed++
  }
  process.stdout.write(`${chosen.length - failed} of ${chosen.length} questions proven.\n`)
  return failed === 0 ? 0 : 1
}
