/** `npm run bench -- grade [ID...] [--rounds N]`: how long grading each exercise's right answers and near-misses takes, warm, in one thread. */
import { readBank } from '../../server/bank/index.ts'
import { findQuestionType } from '../../server/question-types/index.ts'

const roundsDefault = 60

/** Prints p50, p99 and the fastest grade per exercise in milliseconds; other work on the machine lengthens them. */
export function run(argv: readonly string[]): void {
  const at = argv.indexOf('--rounds')
  const rounds = at < 0 ? roundsDefault : Number(argv[at + 1])
  const ids = argv.filter((word, i) => !word.startsWith('--') && (at < 0 || i !== at + 1))
  const questions = readBank('questions').questions.filter(({ id, type }) => findQuestionType(type)?.heavy && (ids.length === 0 || ids.includes(id)))
  console.log(`${'exercise'.padEnd(30)}      p50      p99      min  (ms)`)
  for (const question of questions) {
    const type = findQuestionType(question.type)!
    const answers = [...type.samples(question.spec, question.files)].filter(({ name, score }) => score === 1 || name.startsWith('near-misses/')).map(({ answer }) => answer)
    const body = { spec: question.spec, files: question.files, language: 'en' as const }
    for (const answer of answers) type.grade(body, answer)
    const times = Array.from({ length: rounds }, (_, i) => {
      const began = process.hrtime.bigint()
      type.grade(body, answers[i % answers.length])
      return Number(process.hrtime.bigint() - began) / 1e6
    }).sort((a, b) => a - b)
    const show = (part: number): string => times[Math.min(times.length - 1, Math.floor(times.length * part))]!.toFixed(1).padStart(8)
    console.log(`${question.id.padEnd(30)} ${show(0.5)} ${show(0.99)} ${show(0)}`)
  }
}
