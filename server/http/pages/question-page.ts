/** The page on which one question of an attempt is answered. PURE. */
import type { AttemptView, CheckResult } from '../../attempts/index.ts'
import { translatorOf } from '../../i18n/index.ts'
import { findQuestionType } from '../../question-types/index.ts'
import type { Language } from '../../question-types/index.ts'
import type { PageModel } from '../views.ts'
import { consoleView } from './console-view.ts'
import { outcomeView } from './outcome.ts'

/**
 * Model of pages/attempts/question.hbs. `check` is the check of just now; without one the last of practice is shown.
 * `conflict` says that what was sent lost against a newer answer. Throws `not-found` for a slot that is not there.
 */
export function questionPage(attempt: AttemptView, slot: number, language: Language, { check, conflict = false }: { check?: CheckResult | undefined; conflict?: boolean } = {}): PageModel {
  const t = translatorOf(language)
  const question = attempt.question(slot)
  const count = attempt.slots.length
  const isPractice = attempt.feedback === 'practice'
  const hintsShown = question.hintsShown.map((html, index, all) => ({ number: index + 1, html, newest: index === all.length - 1 }))
  return {
    layout: 'exam',
    title: `${count > 1 ? `${slot}. ` : ''}${attempt.slots[slot - 1]!.title}`,
    attempt: { ...attempt, title: attempt.kind === 'practice' ? t('shell.practice') : attempt.title, question: undefined },
    question: { ...question, hintsShown },
    view: question.view,
    flagged: question.flagged,
    count,
    many: count > 1,
    isSingle: count === 1,
    isPractice,
    answeredCount: attempt.slots.filter(({ answered }) => answered).length,
    slots: attempt.slots.map((one) => ({
      ...one,
      current: one.slot === slot,
      describe: [t('attempt.slot', { slot: one.slot, title: one.title }), t(one.answered ? 'attempt.slotAnswered' : 'attempt.slotOpen'), ...(one.flagged ? [t('attempt.slotFlagged')] : [])].join(', '),
    })),
    hasPrevious: slot > 1,
    hasNext: slot < count,
    deadline: attempt.deadlineAt !== null,
    hasClock: attempt.secondsLeft !== null,
    hintsLeft: hintsShown.length < question.hintsTotal,
    nextHint: hintsShown.length + 1,
    canCheck: isPractice || findQuestionType(question.type)?.precheck !== undefined,
    editor: findQuestionType(question.type)?.precheck !== undefined,
    conflict,
    console: findQuestionType(question.type)?.console && consoleView({ url: `/attempts/${attempt.id}/${slot}/console`, mayTry: isPractice, t }),
    outcome: outcomeView(check ?? question.lastCheck, { type: question.type, points: question.points, language, lookUrl: `/attempts/${attempt.id}/${slot}/timeline` }),
  }
}

/** Model of pages/attempts/finish.hbs. */
export function finishPage(attempt: AttemptView, language: Language): PageModel {
  const slots = attempt.slots
  return {
    title: translatorOf(language)('finish.title'),
    layout: 'exam',
    attempt: { ...attempt, question: undefined },
    hasClock: attempt.secondsLeft !== null,
    count: slots.length,
    answeredCount: slots.filter(({ answered }) => answered).length,
    unanswered: slots.filter(({ answered }) => !answered),
    flagged: slots.filter(({ flagged }) => flagged),
    firstSlot: slots.find(({ answered, flagged }) => !answered || flagged)?.slot ?? 1,
  }
}
