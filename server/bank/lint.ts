/** Everything that is wrong with the form of a bank, at once. Pure. `prove.ts` plays the answers. */
import { compareText } from '../k8s/object.ts'
import { findQuestionType } from '../question-types/index.ts'
import { drawPool } from './draw-pool.ts'
import type { Bank, Problem } from './format.ts'

/** Counts what a blueprint lacks; handed in because drawing belongs to the attempts. */
export type Shortages = (blueprint: Bank['exams'][number]['blueprint'], pool: ReturnType<typeof drawPool>) => { what: string; name: string; wanted: number; available: number; missing: number }[]

function* duplicates<T>(items: readonly T[], idOf: (item: T) => string, fileOf: (item: T) => string): Iterable<Problem> {
  const first = new Map<string, string>()
  for (const item of items) {
    const earlier = first.get(idOf(item))
    if (earlier !== undefined) yield { file: fileOf(item), line: 1, column: 1, message: `The id "${idOf(item)}" is already used by ${earlier}.` }
    else first.set(idOf(item), fileOf(item))
  }
}

/** Links such as [Services](section:s31-service) must lead somewhere. */
function* deadLinks(bank: Bank): Iterable<Problem> {
  const sections = new Set(bank.sections.map(({ id }) => id))
  const questions = new Set(bank.questions.map(({ id }) => id))
  for (const question of bank.questions) {
    for (const [heading, text] of [['Prompt', question.prompt], ['Explanation', question.explanation]] as const) {
      for (const language of ['en', 'zh-CN'] as const) {
        for (const [, kind, id] of text[language].matchAll(/\]\((section|question):([^)\s]+)\)/g)) {
          if (!(kind === 'section' ? sections : questions).has(id!)) yield { file: `${question.folder}/question${language === 'en' ? '' : '.zh-CN'}.md`, ...(language === 'en' ? question.locate(heading) : { line: 1, column: 1 }), message: `The link leads to the ${kind} "${id}", which does not exist.` }
        }
      }
    }
  }
}

function* typeProblems(bank: Bank): Iterable<Problem> {
  for (const question of bank.questions) {
    for (const { at, message, file } of findQuestionType(question.type)!.lint(question.spec, question.files)) {
      yield { file: `${question.folder}/${file ?? 'question.md'}`, ...(file ? { line: 1, column: 1 } : question.locate(at)), message: at === '' || at === 'files' ? message : `${at}: ${message}` }
    }
  }
}

function* examProblems(bank: Bank, shortages: Shortages): Iterable<Problem> {
  const chapters = new Set(bank.chapters.map(({ id }) => id))
  const domains = new Set(bank.sections.flatMap((section) => section.domains))
  for (const { blueprint, file } of bank.exams) {
    const problem = (message: string): Problem => ({ file, line: 1, column: 1, message })
    for (const name of Object.keys(blueprint.types)) if (!findQuestionType(name)) yield problem(`types: unknown type "${name}".`)
    for (const name of Object.keys(blueprint.weights.shares)) if (!(blueprint.weights.by === 'chapter' ? chapters : domains).has(name)) yield problem(`weights: no ${blueprint.weights.by} "${name}".`)
    for (const name of Object.keys(blueprint.difficulty)) if (!/^[1-5]$/.test(name)) yield problem(`difficulty: "${name}" is not 1 to 5.`)
    for (const { what, name, wanted, available, missing } of shortages(blueprint, drawPool(bank))) yield problem(`Cannot be filled: ${what} "${name}" needs ${wanted} questions, the bank has ${available}; ${missing} missing.`)
  }
}

/** All problems, by file and line. An empty list means the bank may be seeded. */
export function lintBank(bank: Bank, shortages: Shortages): Problem[] {
  const problems = [
    ...bank.problems,
    ...duplicates(bank.questions, ({ id }) => id, ({ folder }) => `${folder}/question.md`),
    ...duplicates(bank.sections, ({ id }) => id, ({ folder }) => `${folder}/section.md`),
    ...duplicates(bank.chapters, ({ id }) => id, ({ folder }) => `${folder}/chapter.md`),
    ...duplicates(bank.exams, ({ blueprint }) => blueprint.id, ({ file }) => file),
    ...deadLinks(bank),
    ...typeProblems(bank),
    ...examProblems(bank, shortages),
  ]
  return problems.sort((a, b) => compareText(a.file, b.file) || a.line - b.line || a.column - b.column || compareText(a.message, b.message))
}

export function problemLine({ file, line, column, message }: Problem, root = ''): string {
  return `${root === '' ? '' : `${root}/`}${file}:${line}:${column}: ${message}`
}
