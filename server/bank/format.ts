/** The schemas of the files under questions/: front matter, chapters, sections, blueprints; and what the bank is once read. Pure. */
import * as z from 'zod'
import type { Files, Text } from '../question-types/index.ts'

export const idSchema = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'use lower-case words joined by hyphens').max(60)
const correctionId = z.string().regex(/^FC\d{2}$/, 'write FC and two digits, as FC07')
const version = z.string().regex(/^1\.\d{2}$/, 'write a Kubernetes version in quotes, as "1.36"')
const text = z.strictObject({ en: z.string().min(1), 'zh-CN': z.string().min(1) })

export const questionFields = z.strictObject({
  id: idSchema,
  type: z.string(),
  difficulty: z.number().int().min(1).max(5),
  section: z.string(),
  minutes: z.number().positive().max(60),
  points: z.number().int().min(1).max(100),
  tags: z.array(z.string().min(1)).default([]),
  domains: z.array(z.string().min(1)).default([]),
  kubernetes: z.strictObject({ from: version, to: version }),
  sources: z.array(z.strictObject({ title: z.string().min(1), url: z.url({ protocol: /^https?$/ }) })).min(1),
  corrects: z.array(correctionId).default([]),
  key: z.unknown().optional(),
})

export const chapterFields = z.strictObject({ id: idSchema, title: z.string().min(1), aim: z.string().min(1) })
export const chapterTranslation = z.strictObject({ title: z.string().min(1), aim: z.string().min(1) })
export const sectionFields = z.strictObject({
  id: idSchema,
  title: z.string().min(1),
  objectives: z.array(z.string().min(1)).min(1),
  domains: z.array(z.string().min(1)).min(1),
  source: z.union([z.string(), z.number().transform(String)]),
  corrects: z.array(z.strictObject({ id: correctionId, says: z.string().min(1) })).default([]),
})
export const sectionTranslation = z.strictObject({
  title: z.string().min(1),
  objectives: z.array(z.string().min(1)).min(1),
  corrects: z.array(z.strictObject({ id: correctionId, says: z.string().min(1) })).default([]),
})

const shares = z.record(z.string(), z.number().min(0))
export const blueprintSchema = z.strictObject({
  id: idSchema,
  title: text,
  about: text,
  use: z.enum(['interview', 'study', 'certification']),
  minutes: z.number().int().positive(),
  /** Percent, or null where nobody passes or fails. */
  passMark: z.number().min(0).max(100).nullable().default(null),
  feedback: z.enum(['after-end', 'practice']),
  weights: z.strictObject({ by: z.enum(['chapter', 'domain']), shares }),
  types: z.record(z.string(), z.strictObject({ count: z.number().int().min(1), points: z.number().int().min(1) })),
  difficulty: shares,
})
export type Blueprint = z.infer<typeof blueprintSchema>

/** Where something is wrong; line and column count from 1. */
export type Problem = { file: string; line: number; column: number; message: string }

export type Chapter = { id: string; order: number; folder: string; title: Text; aim: Text; body: Text }
export type Correction = { id: string; says: Text }
export type Section = {
  id: string
  chapter: string
  order: number
  folder: string
  title: Text
  objectives: Text[]
  domains: string[]
  source: string
  corrects: Correction[]
  body: Text
}

/** What is stored as a version: everything needed to show, grade and review, in both languages. */
export type QuestionBodyJson = {
  id: string
  type: string
  difficulty: number
  section: string
  minutes: number
  points: number
  tags: string[]
  domains: string[]
  kubernetes: { from: string; to: string }
  sources: { title: string; url: string }[]
  corrects: string[]
  title: Text
  prompt: Text
  hints: [Text, Text]
  explanation: Text
  /** Parsed by the type's `spec` schema. */
  spec: unknown
}
export type BankQuestion = QuestionBodyJson & {
  chapter: string
  folder: string
  files: Files
  /** Content hash of body and files: the id of the version. */
  version: string
  /** Position of a heading or a key path in question.md, for problems that types find. */
  locate: (at: string) => { line: number; column: number }
}
export type Exam = { blueprint: Blueprint; file: string }

export type Bank = {
  chapters: Chapter[]
  sections: Section[]
  questions: BankQuestion[]
  exams: Exam[]
  /** What reading found wrong; lintBank adds the rest. */
  problems: Problem[]
}

/** The fixed headings, by the name the code uses. */
export const headings: Record<string, Text> = {
  prompt: { en: 'Prompt', 'zh-CN': '题目' },
  choices: { en: 'Choices', 'zh-CN': '选项' },
  items: { en: 'Items', 'zh-CN': '条目' },
  pairs: { en: 'Pairs', 'zh-CN': '配对' },
  causes: { en: 'Causes', 'zh-CN': '原因' },
  nextSteps: { en: 'Next steps', 'zh-CN': '下一步' },
  hints: { en: 'Hints', 'zh-CN': '提示' },
  explanation: { en: 'Explanation', 'zh-CN': '解析' },
}
export const listHeadings = ['choices', 'items', 'pairs', 'causes', 'nextSteps'] as const
