/** The panel below an answer: what the check found. PURE. */
import type { CheckResult, ExamCheck, PracticeCheck } from '../../attempts/index.ts'
import type { Language } from '../../question-types/index.ts'
import { partsView } from './parts.ts'
import { repairView } from './repair.ts'
import { reviewView } from './review.ts'
import { standingOf } from './standing.ts'

function examOutcome(check: ExamCheck): Record<string, unknown> {
  return { status: check.status, ok: check.ok, problems: check.problems }
}

function practiceOutcome(check: PracticeCheck, type: string, points: number, language: Language, lookUrl: string | undefined): Record<string, unknown> {
  const score = check.grade?.score ?? 0
  const earned = score * points
  return {
    status: check.status,
    isOld: !check.isCurrent,
    standing: standingOf(check.status, check.grade ? earned : null, points),
    earned,
    possible: points,
    parts: partsView(check.grade?.parts ?? [], points),
    repair: repairView(check.grade?.evidence, { parts: check.grade?.parts ?? [], points }, language, lookUrl),
    // The evidence stands above already; the review repeats it only where it stands alone.
    explained: check.explained ? { ...check.explained, ...reviewView(check.explained.review, language), type, repair: undefined } : undefined,
    canExplain: check.explained === undefined,
  }
}

/** View model of partials/outcome.hbs, or undefined when nothing was checked. */
export function outcomeView(check: CheckResult | undefined, { type, points, language, lookUrl }: { type: string; points: number; language: Language; lookUrl?: string }): Record<string, unknown> | undefined {
  if (!check) return undefined
  return check.status === 'precheck' ? examOutcome(check) : practiceOutcome(check, type, points, language, lookUrl)
}
