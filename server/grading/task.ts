/** What a grading process can do. */
import { loadDocumentation } from '../k8s/schemas/documentation.ts'
import type { Documentation } from '../k8s/schemas/documentation.ts'
import { findQuestionType } from '../question-types/index.ts'
import type { ConsoleReply, Grade, QuestionType } from '../question-types/index.ts'
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

/** `task.ask` was parsed already. Throws when the type has no console. */
export async function consoleTask(task: Task): Promise<ConsoleReply> {
  const { console } = typeOf(task)
  if (!console) throw new Error(`The type "${task.type}" has no console.`)
  const texts = new Map<string, Documentation>()
  for (const { apiVersion, kind } of console.needs(task.ask)) {
    const loaded = await loadDocumentation(apiVersion, kind)
    if (loaded) texts.set(`${apiVersion}/${kind}`, loaded)
  }
  const own: unknown = task.answer === undefined ? undefined : typeOf(task).answer.parse(task.answer)
  return console.reply({ spec: task.spec, files: task.files, language: task.language }, own, task.ask, texts)
}

export function precheckTask(task: Task): Precheck {
  const type = typeOf(task)
  return type.precheck?.({ spec: task.spec, files: task.files, language: task.language }, type.answer.parse(task.answer)) ?? { ok: true, problems: [] }
}
