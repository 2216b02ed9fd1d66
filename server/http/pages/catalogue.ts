/** The pages before an attempt: home, sections, the practice list, quizzes. PURE. */
import type { AttemptLine } from '../../attempts/index.ts'
import type { BankReader } from '../../bank/index.ts'
import { translatorOf } from '../../i18n/index.ts'
import { renderMarkdown } from '../../markdown.ts'
import { findQuestionType, questionTypes } from '../../question-types/index.ts'
import type { Language } from '../../question-types/index.ts'
import type { PageModel } from '../views.ts'

type Catalogue = Pick<BankReader, 'chapters' | 'sections' | 'exams' | 'questions'>
type Question = ReturnType<Catalogue['questions']>[number]

function questionLine(question: Question, bank: Catalogue, language: Language): Record<string, unknown> {
  const type = findQuestionType(question.type)
  return {
    id: question.id,
    title: question.title[language],
    typeLabel: type?.label[language] ?? question.type,
    about: type?.about[language] ?? '',
    difficulty: question.difficulty,
    steps: [1, 2, 3, 4, 5].map((step) => step <= question.difficulty),
    minutes: question.minutes,
    points: question.points,
    kubernetes: question.kubernetes,
    domains: question.domains,
    sectionId: question.section,
    sectionTitle: bank.sections().find(({ id }) => id === question.section)?.title[language] ?? '',
  }
}

/** Chapters with their sections and how many questions each has. */
export function chapterLines(bank: Catalogue, language: Language): Record<string, unknown>[] {
  return bank.chapters().map((chapter, index) => {
    const sections = bank.sections().filter((section) => section.chapter === chapter.id)
      .map((section) => ({ id: section.id, title: section.title[language], count: bank.questions().filter((question) => question.section === section.id).length }))
    return { id: chapter.id, number: index + 1, title: chapter.title[language], aim: chapter.aim[language], sections, count: sections.reduce((sum, { count }) => sum + count, 0) }
  })
}

function examLine(exam: ReturnType<Catalogue['exams']>[number], language: Language): Record<string, unknown> {
  const t = translatorOf(language)
  const types = Object.entries(exam.types)
  return {
    id: exam.id,
    use: exam.use,
    title: exam.title[language],
    about: exam.about[language],
    minutes: exam.minutes,
    passMark: exam.passMark,
    feedback: exam.feedback,
    count: types.reduce((sum, [, { count }]) => sum + count, 0),
    typeList: types.map(([name, { count }]) => `${findQuestionType(name)?.label[language] ?? t(name)} × ${count}`).join(language === 'en' ? ', ' : '、'),
  }
}

const usesInOrder = ['interview', 'study', 'certification']

/** Model of pages/home/index.hbs. `attempts` are those of the visitor, newest first. */
export function homePage(bank: Catalogue, attempts: readonly AttemptLine[], now: Date, language: Language): PageModel {
  const lines = attempts.map((attempt) => ({ ...attempt, title: attempt.title[language], secondsLeft: attempt.deadlineAt ? Math.max(0, Math.floor((attempt.deadlineAt.getTime() - now.getTime()) / 1000)) : null }))
  return {
    title: translatorOf(language)('home.title'),
    area: 'home',
    open: lines.filter(({ state }) => state === 'running'),
    past: lines.filter(({ state }) => state === 'finished').slice(0, 10),
    exams: [...bank.exams()].sort((a, b) => usesInOrder.indexOf(a.use) - usesInOrder.indexOf(b.use)).map((exam) => examLine(exam, language)),
    chapters: chapterLines(bank, language),
  }
}

/** Model of pages/sections/section.hbs, or undefined when there is no such section. */
export function sectionPage(bank: Catalogue, sectionId: string, language: Language): PageModel | undefined {
  const section = bank.sections().find(({ id }) => id === sectionId)
  if (!section) return undefined
  const chapter = bank.chapters().find(({ id }) => id === section.chapter)
  const inLanguage = { id: section.id, title: section.title[language], source: section.source, domains: section.domains, objectives: section.objectives.map((objective) => objective[language]), corrects: section.corrects.map(({ id, says }) => ({ id, says: says[language] })) }
  return {
    title: inLanguage.title,
    area: 'practice',
    crumbs: [...(chapter ? [{ label: chapter.title[language], href: `/practice?chapter=${chapter.id}` }] : []), { label: inLanguage.title }],
    section: { ...inLanguage, bodyHtml: renderMarkdown(section.body[language]) },
    questions: bank.questions().filter((question) => question.section === sectionId).map((question) => ({ ...questionLine(question, bank, language), sectionTitle: '' })),
  }
}

export type PracticeFilter = { chapter: string; type: string; difficulty: string; q: string }

/** Every word must occur in the title, the prompt, the tags or the id; case and width do not matter. */
function hasWords(question: Question, words: readonly string[]): boolean {
  const text = [question.id, question.title.en, question.title['zh-CN'], question.prompt.en, question.prompt['zh-CN'], ...question.tags].join('\n').normalize('NFKC').toLowerCase()
  return words.every((word) => text.includes(word))
}

/** Model of pages/practice/index.hbs. */
export function practicePage(bank: Catalogue, filter: PracticeFilter, language: Language): PageModel {
  const words = filter.q.normalize('NFKC').toLowerCase().split(/\s+/).filter((word) => word !== '')
  const chapterOf = new Map(bank.sections().map((section) => [section.id, section.chapter]))
  const questions = bank.questions().filter((question) =>
    (filter.chapter === '' || chapterOf.get(question.section) === filter.chapter) &&
    (filter.type === '' || question.type === filter.type) &&
    (filter.difficulty === '' || String(question.difficulty) === filter.difficulty) &&
    hasWords(question, words))
  return {
    title: translatorOf(language)('practice.title'),
    area: 'practice',
    text: filter.q,
    filtered: Object.values(filter).some((value) => value !== ''),
    chapters: bank.chapters().map(({ id, title }) => ({ id, title: title[language], chosen: id === filter.chapter })),
    types: questionTypes.map(({ name, label }) => ({ name, label: label[language], chosen: name === filter.type })),
    levels: [1, 2, 3, 4, 5].map((level) => ({ level, chosen: String(level) === filter.difficulty })),
    questions: questions.map((question) => questionLine(question, bank, language)),
  }
}

/** What was wrong with the name, and what was written. */
export type NameProblem = { problem?: string; name?: string }

/** Model of pages/practice/question.hbs, or undefined when there is no such question. */
export function practiceQuestionPage(bank: Catalogue, questionId: string, language: Language, { problem, name }: NameProblem = {}): PageModel | undefined {
  const question = bank.questions().find(({ id }) => id === questionId)
  if (!question) return undefined
  const line = questionLine(question, bank, language)
  return { title: question.title[language], area: 'practice', problem, name, crumbs: [{ label: translatorOf(language)('practice.title'), href: '/practice' }, { label: question.title[language] }], question: line }
}

/** Model of pages/exams/exam.hbs, or undefined when there is no such quiz. */
export function examPage(bank: Catalogue, examId: string, attempts: readonly AttemptLine[], language: Language, { problem, name }: NameProblem = {}): PageModel | undefined {
  const exam = bank.exams().find(({ id }) => id === examId)
  if (!exam) return undefined
  return {
    title: exam.title[language],
    area: 'home',
    problem,
    name,
    crumbs: [{ label: translatorOf(language)('home.quizzes'), href: '/#quizzes' }, { label: exam.title[language] }],
    exam: examLine(exam, language),
    running: attempts.find((attempt) => attempt.examId === examId && attempt.state === 'running'),
  }
}
