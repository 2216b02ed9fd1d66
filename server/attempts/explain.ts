/** What is shown where the key may be shown. */
import type { Deps } from '../deps.ts'
import { renderMarkdown } from '../markdown.ts'
import type { Grade, Language } from '../question-types/index.ts'
import { answerOf } from './load.ts'
import type { Asked } from './load.ts'
import type { SubmissionRow } from './store.ts'
import type { CheckStatus, Explained, PracticeCheck } from './types.ts'

export function explain(deps: Pick<Deps, 'bank'>, asked: Asked, language: Language, grade: Grade | undefined): Explained {
  const { stored, type } = asked
  const corrections = new Map(deps.bank.sections().flatMap((section) => section.corrects.map(({ id, says }) => [id, says[language]] as const)))
  return {
    review: type.review({ spec: stored.spec, files: stored.files, language }, answerOf(asked), grade),
    explanationHtml: renderMarkdown(stored.explanation[language]),
    sources: stored.sources,
    corrects: stored.corrects.flatMap((id) => (corrections.has(id) ? [{ id, says: corrections.get(id)! }] : [])),
  }
}

export function statusOf(submission: SubmissionRow | undefined): CheckStatus {
  return submission?.status ?? 'unanswered'
}

/** The explanation comes with the full score, or when the person asked for it. */
export function practiceCheckOf(deps: Pick<Deps, 'bank'>, asked: Asked, submission: SubmissionRow | undefined, language: Language): PracticeCheck | undefined {
  const { row } = asked
  if (!submission && !row.explained) return undefined
  const grade = submission?.grade
  const isExplained = row.explained || grade?.score === 1
  return {
    status: statusOf(submission),
    revision: submission?.revision ?? row.revision,
    savedAt: row.savedAt,
    isCurrent: submission === undefined || submission.revision === row.revision,
    ...(grade ? { grade } : {}),
    ...(isExplained ? { explained: explain(deps, asked, language, grade) } : {}),
  }
}
