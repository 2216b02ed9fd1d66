/** What a review of files needs besides the type's own view: the accepted repairs as differences to the person's files. PURE. */
import type { Language, Part } from '../../question-types/index.ts'
import { lineDiff } from '../line-diff.ts'
import { repairView, runView } from './repair.ts'

type Named = { path: string; text: string }
const isNamed = (value: unknown): value is Named => typeof value === 'object' && value !== null && typeof (value as Named).path === 'string' && typeof (value as Named).text === 'string'

/** Adds `repairDiffs` where the view has `files` and `repairs`, `repair` where it has evidence that is to be `shown`, and `run` where it has a run to look at. */
export function reviewView(review: Record<string, unknown>, language: Language, shown?: { parts: readonly Part[]; points: number; lookUrl?: string }): Record<string, unknown> {
  const files = Array.isArray(review.files) ? review.files.filter(isNamed) : []
  const own = new Map(files.map(({ path, text }) => [path, text]))
  const repairs = (Array.isArray(review.repairs) ? review.repairs : []) as { files: Named[] }[]
  return {
    review,
    repairDiffs: repairs.map((repair, index) => ({ number: index + 1, files: repair.files.map(({ path, text }) => ({ path, lines: lineDiff(own.get(path) ?? '', text) })) })),
    repair: shown ? repairView(review.evidence, shown, language, shown.lookUrl) : undefined,
    run: runView(review.run, language),
  }
}
