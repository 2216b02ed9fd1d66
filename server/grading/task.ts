/** The two things a grading thread can do. PURE. */
import { findQuestionType } from '../question-types/index.ts'
import type { Grade, QuestionType } from '../question-types/index.ts'
import type { Task } from './pool.ts'

export type Precheck = ReturnType<NonNullable<QuestionType['precheck']>>

function typeOf(task: Task): QuestionType {
  const type = findQuestionType(task.type)
  if (!type) throw new Error(`There is no question type "${task.type}".`)
  return type
}

/** An empty answer gets no points and no parts, whatever the type would say. Throws when the stored answer is not one of its type. */
export function gradeTask(task: Task): Grade {
  const type = typeOf(task)
  const question = { spec: task.spec, files: task.files, language: task.language }
  const answer = type.answer.parse(task.answer)
  const grade = type.isEmpty(answer, question) ? { score: 0, parts: [] } : type.grade(question, answer)
  if (!(grade.score >= 0 && grade.score <= 1)) throw new Error(`The type "${task.type}" gave the score ${grade.score}.`)
  return grade
}

export function precheckTask(task: Task): Precheck {
  const type = typeOf(task)
  return type.precheck?.({ spec: task.spec, files: task.files, language: task.language }, type.answer.parse(task.answer)) ?? { ok: true, problems: [] }
}
