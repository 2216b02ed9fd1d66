/** Every file of questions/, by path, to the bank. Pure: tests hand in texts. */
import { LineCounter, parseDocument } from 'yaml'
import type * as z from 'zod'
import { compareText } from '../k8s/object.ts'
import type { Files, Text } from '../question-types/index.ts'
import { blueprintSchema, chapterFields, chapterTranslation, sectionFields, sectionTranslation } from './format.ts'
import type { Bank, Chapter, Exam, Problem, Section } from './format.ts'
import { readFrontMatter } from './markdown-file.ts'
import { addIssues, readQuestion } from './read-question.ts'

/** The names directly below a folder that contain files themselves. */
function foldersIn(paths: readonly string[], folder: string): string[] {
  const prefix = folder === '' ? '' : `${folder}/`
  return [...new Set(paths.filter((path) => path.startsWith(prefix) && path.slice(prefix.length).includes('/')).map((path) => path.slice(prefix.length).split('/')[0]!))].sort(compareText)
}

type Page<Fields> = { fields: Fields; body: string; file: string; locate: ReturnType<typeof readFrontMatter>['locate'] }

function readPage<Schema extends z.ZodType>(files: Files, path: string, schema: Schema, problems: Problem[]): Page<z.infer<Schema>> | undefined {
  const text = files[path]
  if (text === undefined) {
    problems.push({ file: path, line: 1, column: 1, message: 'The file is missing.' })
    return undefined
  }
  const { fields, body, locate } = readFrontMatter(path, text, problems)
  const parsed = schema.safeParse(fields)
  if (!parsed.success) {
    addIssues(parsed.error, { file: path, locate }, problems)
    return undefined
  }
  return { fields: parsed.data, body: body.trim(), file: path, locate }
}

function orderOf(folder: string, path: string, problems: Problem[]): number {
  const match = /^(\d{2})-[a-z0-9-]+$/.exec(folder)
  if (!match) problems.push({ file: path, line: 1, column: 1, message: `The folder "${folder}" must be named NN-name.` })
  return match ? Number(match[1]) : 99
}

function readChapter(files: Files, folder: string, problems: Problem[]): Chapter | undefined {
  const order = orderOf(folder, `${folder}/chapter.md`, problems)
  const en = readPage(files, `${folder}/chapter.md`, chapterFields, problems)
  const zh = readPage(files, `${folder}/chapter.zh-CN.md`, chapterTranslation, problems)
  if (!en || !zh) return undefined
  const both = (pick: 'title' | 'aim'): Text => ({ en: en.fields[pick], 'zh-CN': zh.fields[pick] })
  return { id: en.fields.id, order, folder, title: both('title'), aim: both('aim'), body: { en: en.body, 'zh-CN': zh.body } }
}

function readSection(files: Files, folder: string, chapter: string, problems: Problem[]): Section | undefined {
  const order = orderOf(folder.slice(folder.indexOf('/') + 1), `${folder}/section.md`, problems)
  const en = readPage(files, `${folder}/section.md`, sectionFields, problems)
  const zh = readPage(files, `${folder}/section.zh-CN.md`, sectionTranslation, problems)
  if (!en || !zh) return undefined
  if (en.fields.objectives.length !== zh.fields.objectives.length) problems.push({ file: zh.file, ...zh.locate(['objectives']), message: `Languages are out of step: ${en.fields.objectives.length} objectives in English, ${zh.fields.objectives.length} in Chinese.` })
  const ids = (entries: { id: string }[]) => entries.map(({ id }) => id).join(' ')
  if (ids(en.fields.corrects) !== ids(zh.fields.corrects)) problems.push({ file: zh.file, ...zh.locate(['corrects']), message: `Languages are out of step: corrects are "${ids(en.fields.corrects)}" in English and "${ids(zh.fields.corrects)}" in Chinese.` })
  return {
    id: en.fields.id,
    chapter,
    order,
    folder,
    title: { en: en.fields.title, 'zh-CN': zh.fields.title },
    objectives: en.fields.objectives.map((objective, index) => ({ en: objective, 'zh-CN': zh.fields.objectives[index] ?? objective })),
    domains: en.fields.domains,
    source: en.fields.source,
    corrects: en.fields.corrects.map(({ id, says }, index) => ({ id, says: { en: says, 'zh-CN': zh.fields.corrects[index]?.says ?? says } })),
    body: { en: en.body, 'zh-CN': zh.body },
  }
}

function readExam(file: string, text: string, problems: Problem[]): Exam | undefined {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent' })
  if (document.errors.length > 0) {
    const at = document.errors[0]!.linePos?.[0]
    problems.push({ file, line: at?.line ?? 1, column: at?.col ?? 1, message: document.errors[0]!.message.split('\n')[0]! })
    return undefined
  }
  const parsed = blueprintSchema.safeParse(document.toJS({ maxAliasCount: 100 }))
  if (parsed.success) {
    const name = file.slice(file.lastIndexOf('/') + 1).replace(/\.yaml$/, '')
    if (parsed.data.id !== name) problems.push({ file, line: 1, column: 1, message: `The id "${parsed.data.id}" differs from the file name.` })
    return { blueprint: parsed.data, file }
  }
  for (const issue of parsed.error.issues) {
    const node = document.getIn(issue.path as (string | number)[], true) as { range?: [number, number, number] } | undefined
    const at = node?.range ? lines.linePos(node.range[0]) : { line: 1, col: 1 }
    problems.push({ file, line: at.line, column: at.col, message: `${issue.path.join('.')}: ${issue.message}` })
  }
  return undefined
}

/** Paths are relative to the bank's folder, with slashes. */
export function parseBank(files: Files): Bank {
  const problems: Problem[] = []
  const bank: Bank = { chapters: [], sections: [], questions: [], exams: [], problems }
  const paths = Object.keys(files).sort(compareText)
  for (const chapterFolder of foldersIn(paths, '').filter((folder) => folder !== 'exams')) {
    const chapter = readChapter(files, chapterFolder, problems)
    if (chapter) bank.chapters.push(chapter)
    for (const sectionFolder of foldersIn(paths, chapterFolder).map((name) => `${chapterFolder}/${name}`)) {
      const section = readSection(files, sectionFolder, chapter?.id ?? chapterFolder, problems)
      if (section) bank.sections.push(section)
      for (const folder of foldersIn(paths, sectionFolder).map((name) => `${sectionFolder}/${name}`)) {
        const own = Object.fromEntries(paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => [path.slice(folder.length + 1), files[path]!]))
        const question = readQuestion(folder, own, section?.id ?? '', chapter?.id ?? chapterFolder, problems)
        if (question) bank.questions.push(question)
      }
    }
  }
  for (const path of paths.filter((each) => /^exams\/[^/]+\.ya?ml$/.test(each))) {
    const exam = readExam(path, files[path]!, problems)
    if (exam) bank.exams.push(exam)
  }
  bank.chapters.sort((a, b) => a.order - b.order)
  return bank
}
