/** Turns the files of one question folder into a question, or into problems. Pure. */
import type * as z from 'zod'
import { findQuestionType, languages, questionTypes } from '../question-types/index.ts'
import type { Files, Language, Text } from '../question-types/index.ts'
import { headings, listHeadings, questionFields } from './format.ts'
import type { BankQuestion, Problem } from './format.ts'
import { readEntries, readMarkdownFile } from './markdown-file.ts'
import type { Entry, MarkdownFile } from './markdown-file.ts'
import { versionOf } from './version.ts'

const fileOf: Record<Language, string> = { en: 'question.md', 'zh-CN': 'question.zh-CN.md' }

/** Adds zod's issues with their place in the front matter. */
export function addIssues(error: z.ZodError, file: MarkdownFile | { file: string; locate: MarkdownFile['locate'] }, problems: Problem[], prefix = ''): void {
  for (const issue of error.issues) {
    const path = issue.path.filter((part): part is string | number => typeof part !== 'symbol')
    problems.push({ file: file.file, ...file.locate(path), message: `${[prefix, ...path].filter((part) => part !== '').join('.') || 'front matter'}: ${issue.message}` })
  }
}

type Lists = Partial<Record<string, Record<Language, Entry[]>>>

/** Reads the lists of both languages and reports where they are out of step. */
function readLists(byLanguage: Record<Language, MarkdownFile>, problems: Problem[]): Lists {
  const lists: Lists = {}
  for (const name of [...listHeadings, 'hints']) {
    const en = byLanguage.en.parts.get(name)
    const zh = byLanguage['zh-CN'].parts.get(name)
    if (!en || !zh) continue
    const list = { en: readEntries(byLanguage.en.file, en, name !== 'hints', problems), 'zh-CN': readEntries(byLanguage['zh-CN'].file, zh, name !== 'hints', problems) }
    const ids = (entries: Entry[]) => entries.map(({ id }) => id).join(' ')
    if (ids(list.en) !== ids(list['zh-CN'])) problems.push({ file: byLanguage['zh-CN'].file, line: zh.line, column: 1, message: `Languages are out of step: ${headings[name]!.en} has the ids "${ids(list.en)}" in English and "${ids(list['zh-CN'])}" in Chinese.` })
    else {
      for (const [index, entry] of list['zh-CN'].entries()) {
        if (entry.ticked !== undefined) problems.push({ file: byLanguage['zh-CN'].file, line: entry.line, column: 3, message: 'The translation carries no marks: which choice is right stands in question.md.' })
        if ((entry.why === '') !== (list.en[index]!.why === '')) problems.push({ file: byLanguage['zh-CN'].file, line: entry.line, column: 1, message: `Languages are out of step: (${entry.id}) has a reason in one language only.` })
      }
      lists[name] = list
    }
  }
  return lists
}

function both(list: Record<Language, Entry[]>, index: number, pick: (entry: Entry) => string): Text {
  return { en: pick(list.en[index]!), 'zh-CN': pick(list['zh-CN'][index]!) }
}

/** The raw value that a type's spec schema reads: the key and the lists that the file has. */
function rawSpec(key: unknown, lists: Lists, problems: Problem[], file: string): Record<string, unknown> {
  const spec: Record<string, unknown> = {}
  if (key !== undefined) spec.key = key
  for (const [name, list] of Object.entries(lists)) {
    if (name === 'hints' || !list) continue
    spec[name] = list.en.map((entry, index) => {
      const why = entry.why === '' ? {} : { why: both(list, index, (each) => each.why) }
      const text = both(list, index, (each) => each.text)
      if (name === 'items') return { id: entry.id, text, ...why }
      if (name === 'pairs') {
        const halves = languages.map((language) => /^([\s\S]*?)\s*(?:→|->)\s*([\s\S]+)$/.exec(list[language][index]!.text))
        if (!halves[0] || !halves[1]) {
          problems.push({ file, line: entry.line, column: 1, message: `(${entry.id}) must be written "left → right" in both languages.` })
          return { id: entry.id, right: text }
        }
        const side = (half: number): Text => ({ en: halves[0]![half]!.trim(), 'zh-CN': halves[1]![half]!.trim() })
        return side(1).en === '' ? { id: entry.id, right: side(2) } : { id: entry.id, left: side(1), right: side(2) }
      }
      if (entry.ticked === undefined) problems.push({ file, line: entry.line, column: 3, message: `Choice (${entry.id}) needs [x] or [ ].` })
      return { id: entry.id, text, ...why, correct: entry.ticked === true }
    })
  }
  return spec
}

/**
 * `folder` is the path from the bank's root, `all` every file below it. Returns undefined when it cannot become a question;
 * then `problems` has gained at least one entry.
 */
export function readQuestion(folder: string, all: Files, sectionId: string, chapterId: string, problems: Problem[]): BankQuestion | undefined {
  const before = problems.length
  const path = (name: string) => `${folder}/${name}`
  const texts: Record<Language, string | undefined> = { en: all[fileOf.en], 'zh-CN': all[fileOf['zh-CN']] }
  for (const language of languages) if (texts[language] === undefined) problems.push({ file: path(fileOf[language]), line: 1, column: 1, message: language === 'en' ? 'The file is missing.' : 'The Chinese translation is missing.' })
  if (texts.en === undefined || texts['zh-CN'] === undefined) return undefined
  const file: Record<Language, MarkdownFile> = { en: readMarkdownFile(path(fileOf.en), texts.en, 'en', problems), 'zh-CN': readMarkdownFile(path(fileOf['zh-CN']), texts['zh-CN'], 'zh-CN', problems) }
  if (file['zh-CN'].hasFields) problems.push({ file: file['zh-CN'].file, line: 1, column: 1, message: 'The translation has no front matter: key and numbers stand in question.md.' })
  const fields = questionFields.safeParse(file.en.fields)
  if (!fields.success) addIssues(fields.error, file.en, problems)
  for (const name of Object.keys(headings)) {
    const has = { en: file.en.parts.get(name), 'zh-CN': file['zh-CN'].parts.get(name) }
    for (const language of languages) {
      const other = language === 'en' ? 'zh-CN' : 'en'
      if (!has[language] && has[other]) problems.push({ file: file[language].file, line: file[language].titleLine, column: 1, message: `Languages are out of step: the heading "${headings[name]![language]}" is missing.` })
      else if (!has[language] && !(listHeadings as readonly string[]).includes(name)) problems.push({ file: file[language].file, line: file[language].titleLine, column: 1, message: `The heading "${headings[name]![language]}" is missing.` })
      else if (has[language] && has[language].text === '') problems.push({ file: file[language].file, line: has[language].line, column: 1, message: `Nothing stands below "${headings[name]![language]}".` })
    }
  }
  const lists = readLists(file, problems)
  for (const language of languages) {
    const hints = lists.hints?.[language]
    if (hints && hints.length !== 2) problems.push({ file: file[language].file, line: file[language].parts.get('hints')!.line, column: 1, message: `There must be exactly two hints; there are ${hints.length}.` })
  }
  if (!fields.success) return undefined
  const { key, ...rest } = fields.data
  const name = folder.slice(folder.lastIndexOf('/') + 1)
  if (rest.id !== name) problems.push({ file: file.en.file, ...file.en.locate(['id']), message: `The id "${rest.id}" differs from the folder "${name}".` })
  if (rest.section !== sectionId) problems.push({ file: file.en.file, ...file.en.locate(['section']), message: `The question lies in the section "${sectionId}", not in "${rest.section}".` })
  if (Number(rest.kubernetes.from.slice(2)) > Number(rest.kubernetes.to.slice(2))) problems.push({ file: file.en.file, ...file.en.locate(['kubernetes']), message: 'from is newer than to.' })
  const type = findQuestionType(rest.type)
  if (!type) {
    problems.push({ file: file.en.file, ...file.en.locate(['type']), message: `Unknown type "${rest.type}". Known: ${questionTypes.map((each) => each.name).join(', ')}.` })
    return undefined
  }
  const locate = (at: string) => {
    const heading = [...file.en.parts.values()].find((part) => headings[part.name]?.en === at || part.name === at.split('.')[0])
    return heading ? { line: heading.line, column: 1 } : file.en.locate(at.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part)))
  }
  const spec = type.spec.safeParse(rawSpec(key, lists, problems, file.en.file))
  if (!spec.success) for (const issue of spec.error.issues) problems.push({ file: file.en.file, ...locate(issue.path.join('.')), message: `${issue.path.join('.') || rest.type}: ${issue.message}` })
  if (!spec.success || problems.length > before) return undefined
  const of = (part: string): Text => ({ en: file.en.parts.get(part)!.text, 'zh-CN': file['zh-CN'].parts.get(part)!.text })
  const hint = (index: number) => both(lists.hints!, index, (entry) => entry.text)
  const body = { ...rest, title: { en: file.en.title, 'zh-CN': file['zh-CN'].title }, prompt: of('prompt'), hints: [hint(0), hint(1)] as [Text, Text], explanation: of('explanation'), spec: spec.data }
  const files = Object.fromEntries(Object.entries(all).filter(([each]) => each !== fileOf.en && each !== fileOf['zh-CN']))
  return { ...body, chapter: chapterId, folder, files, version: versionOf(body, files), locate }
}
