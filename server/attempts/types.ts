/** What pages and the command line get to see of attempts. */
import type { Precheck } from '../grading/index.ts'
import type { Grade, Language, Text } from '../question-types/index.ts'
import type { Feedback, FinishedBy } from './attempt.ts'

export type Late = 'grace' | 'too-late'

export type SlotSummary = {
  /** 1-based. */
  slot: number
  type: string
  title: string
  points: number
  minutes: number
  /** Something was answered; an empty answer or unchanged text is none. */
  answered: boolean
  flagged: boolean
  savedAt: Date | null
  late: Late | null
}

/** Shown where the key may be shown: after the end, or in practice once earned or asked for. */
export type Explained = {
  /** View model of views/reviews/<type>.hbs. */
  review: Record<string, unknown>
  explanationHtml: string
  sources: { title: string; url: string }[]
  corrects: { id: string; says: string }[]
}

export type CheckStatus = 'graded' | 'pending' | 'ungradable' | 'unanswered'
/** The verdict on an answer in practice. `isCurrent`: it is about the answer as it stands. */
export type PracticeCheck = { status: CheckStatus; revision: number; savedAt: Date | null; isCurrent: boolean; grade?: Grade; explained?: Explained }
export type ExamCheck = { status: 'precheck'; revision: number; ok: boolean; problems: Precheck['problems'] }
export type CheckResult = PracticeCheck | ExamCheck

export type QuestionView = {
  slot: number
  questionId: string
  type: string
  typeLabel: string
  about: string
  titleHtml: string
  promptHtml: string
  points: number
  minutes: number
  /** View model of views/questions/<type>.hbs. */
  view: Record<string, unknown>
  answer: unknown
  revision: number
  savedAt: Date | null
  flagged: boolean
  /** HTML of the hints shown so far; always empty in an exam. */
  hintsShown: string[]
  hintsTotal: number
  lastCheck?: PracticeCheck
}

export type AttemptView = {
  id: string
  kind: 'exam' | 'practice'
  examId: string | null
  title: string
  feedback: Feedback
  state: 'running' | 'finished'
  startedAt: Date
  deadlineAt: Date | null
  /** By the server's clock when the answer was made; 0 during the grace; null without a clock. */
  secondsLeft: number | null
  graceSeconds: number
  language: Language
  slots: SlotSummary[]
  /** Throws `not-found` for a slot that is not there. */
  question: (slot: number) => QuestionView
}

export type AttemptClock = { state: 'running' | 'finished'; secondsLeft: number | null; revisions: Record<string, number> }

export type SavedAnswer = { revision: number; savedAt: Date; secondsLeft: number | null; late?: Late }

export type ResultQuestion = Explained & {
  slot: number
  questionId: string
  type: string
  typeLabel: string
  title: string
  titleHtml: string
  promptHtml: string
  points: number
  earned: number | null
  status: CheckStatus
  late: Late | null
  parts: Grade['parts']
  evidence: unknown
  sectionId: string
  sectionTitle: string
  hints: string[]
}

export type ResultView = {
  id: string
  kind: 'exam' | 'practice'
  examId: string | null
  title: string
  score: number
  possible: number
  percent: number
  passMark: number | null
  passed: boolean | null
  startedAt: Date
  finishedAt: Date
  finishedBy: FinishedBy
  byChapter: { chapterId: string; title: string; earned: number; possible: number }[]
  pending: number
  questions: ResultQuestion[]
}

export type AttemptLine = {
  id: string
  kind: 'exam' | 'practice'
  examId: string | null
  questionId: string | null
  title: Text
  state: 'running' | 'finished'
  startedAt: Date
  deadlineAt: Date | null
  finishedAt: Date | null
  slots: number
  answered: number
  /** Only of finished attempts. */
  score: number | null
  possible: number | null
  percent: number | null
  passed: boolean | null
  pending: number
}
