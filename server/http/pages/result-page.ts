/** The page after the end. PURE. */
import type { ResultQuestion, ResultView } from '../../attempts/index.ts'
import { translatorOf } from '../../i18n/index.ts'
import type { Language } from '../../question-types/index.ts'
import type { PageModel } from '../views.ts'
import { partsView } from './parts.ts'
import { reviewView } from './review.ts'
import { standingOf } from './standing.ts'

function questionView(question: ResultQuestion, isAlone: boolean, attemptId: string, language: Language): Record<string, unknown> {
  const standing = standingOf(question.status, question.earned, question.points)
  const reviewed = reviewView(question.review, language, { parts: question.parts, points: question.points, lookUrl: `/attempts/${attemptId}/${question.slot}/timeline` })
  return {
    ...question,
    ...reviewed,
    standing,
    title: question.title,
    open: isAlone,
    showEarned: question.earned !== null,
    statusNote: question.status === 'pending' || question.status === 'ungradable',
    lateWord: question.late,
    parts: partsView(question.parts, question.points),
    showParts: question.parts.length > 1 && reviewed.repair === undefined,
  }
}

/** Model of pages/attempts/result.hbs. */
export function resultPage(result: ResultView, language: Language): PageModel {
  const t = translatorOf(language)
  const percentOf = (earned: number, possible: number) => (possible > 0 ? Math.floor((earned / possible) * 100) : 0)
  return {
    title: result.title,
    layout: 'main',
    result,
    passedWord: result.passed === null ? '' : result.passed ? 'passed' : 'failed',
    manyChapters: result.byChapter.length > 1,
    byChapter: result.byChapter.map((chapter) => ({ ...chapter, percent: percentOf(chapter.earned, chapter.possible), label: t('result.chapterScore', { title: chapter.title, percent: percentOf(chapter.earned, chapter.possible) }) })),
    questions: result.questions.map((question) => questionView(question, result.questions.length === 1, result.id, language)),
    againHref: result.kind === 'practice' ? `/practice/${result.questions[0]?.questionId}` : result.examId ? `/exams/${result.examId}` : '',
  }
}
