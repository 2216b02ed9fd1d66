/** Plays every sample of a question against its own grader. Pure: the same bank always gives the same proof. */
import { findQuestionType, languages } from '../question-types/index.ts'
import type { Grade, QuestionBody, Sample, Shuffle } from '../question-types/index.ts'
import type { BankQuestion } from './format.ts'
import { canonicalJson } from './version.ts'

export type ProofRow = { sample: string; expected: string; got: string; ok: boolean }
export type Proof = { id: string; type: string; rows: ProofRow[]; ok: boolean }

const asWritten: Shuffle = (items) => [...items]

/** Goals not fully met and constraints broken, by id, sorted. */
function missedIn(grade: Grade): string[] {
  const goals = (grade.evidence as { goals?: { id: string; verdict: string }[] } | undefined)?.goals
  const parts = goals ? goals.filter((goal) => goal.verdict !== 'met').map((goal) => goal.id) : grade.parts.filter((part) => part.earned < part.possible).map((part) => part.id)
  const constraints = ((grade.evidence as { constraints?: { id: string; ok?: boolean; met?: boolean; broken?: boolean }[] } | undefined)?.constraints ?? [])
    .filter((constraint) => constraint.ok === false || constraint.met === false || constraint.broken === true)
    .map(({ id }) => id)
  return [...new Set([...parts, ...constraints])].sort()
}

/** With a broken constraint every goal earns nothing, so only the constraint is what the person missed. */
function missedNames(grade: Grade): string[] {
  const missed = missedIn(grade)
  const constraints = missed.filter((id) => /^K\d+$/.test(id))
  return constraints.length > 0 ? constraints : missed
}

function playSample(question: BankQuestion, sample: Sample): ProofRow {
  const type = findQuestionType(question.type)!
  const near = sample.missed !== undefined
  const expected = near ? `misses ${[...sample.missed!].sort().join(', ')}` : sample.score.toFixed(4)
  const row = (got: string, ok: boolean): ProofRow => ({ sample: sample.name, expected, got, ok })
  const parsed = type.answer.safeParse(sample.answer)
  if (!parsed.success) return row('refused', !near && sample.score === 0)
  try {
    const grades = languages.map((language) => type.grade({ spec: question.spec, files: question.files, language }, parsed.data))
    const again = type.grade({ spec: question.spec, files: question.files, language: 'en' }, parsed.data)
    const grade = grades[0]!
    if (canonicalJson(again) !== canonicalJson(grade)) return row('another grade the second time', false)
    if (grades.some((each) => each.score !== grade.score)) return row('scores differ by language', false)
    if (grade.undecided) return row(`undecided: ${grade.parts.filter((part) => part.undecided).map((part) => `${part.id}: ${part.note.en}`).join('; ')}`, false)
    if (!(grade.score >= 0 && grade.score <= 1)) return row(`score ${grade.score}`, false)
    if (near) {
      const missed = missedNames(grade)
      return row(missed.length === 0 ? 'misses nothing' : `misses ${missed.join(', ')}`, grade.score < 1 && missed.join(', ') === [...sample.missed!].sort().join(', '))
    }
    return row(grade.score.toFixed(4), Math.abs(grade.score - sample.score) < 1e-9)
  } catch (error) {
    return row(`threw ${(error as Error).message}`, false)
  }
}

/** The page for answering must be the same whatever the key says; here: it holds no reason, no mark and no accepted answer. */
function checkView(question: BankQuestion): ProofRow {
  const type = findQuestionType(question.type)!
  const row = (got: string, ok: boolean): ProofRow => ({ sample: 'view gives nothing away', expected: 'nothing', got, ok })
  try {
    for (const language of languages) {
      const body: QuestionBody<unknown> = { spec: question.spec, files: question.files, language }
      const text = JSON.stringify(type.view(body, undefined, asWritten))
      const leak = /"(correct|why|accept|reject|tolerance|nearMisses|goals|repairs|key)":/.exec(text)
      if (leak) return row(`"${leak[1]}"`, false)
      for (const [path, content] of Object.entries(question.files)) if (/^(repairs|near-misses)\//.test(path) && content.length > 20 && !Object.entries(question.files).some(([other, same]) => other.startsWith('broken/') && same === content) && text.includes(JSON.stringify(content).slice(1, -1))) return row(path, false)
    }
    return row('nothing', true)
  } catch (error) {
    return row(`threw ${(error as Error).message}`, false)
  }
}

export function proveQuestion(question: BankQuestion): Proof {
  const type = findQuestionType(question.type)!
  const rows: ProofRow[] = [checkView(question)]
  try {
    for (const sample of type.samples(question.spec, question.files)) rows.push(playSample(question, sample))
  } catch (error) {
    rows.push({ sample: 'samples', expected: 'a list', got: `threw ${(error as Error).message}`, ok: false })
  }
  const hasRightAnswer = rows.some(({ expected, ok }) => expected === '1.0000' && ok)
  if (!hasRightAnswer) rows.push({ sample: 'a right answer', expected: 'scores full', got: 'none does', ok: false })
  return { id: question.id, type: question.type, rows, ok: rows.every(({ ok }) => ok) }
}
