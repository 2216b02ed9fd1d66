/** Moments of a run as an axis and a table show them. PURE. */
import { moment, span } from '../k8s/duration.ts'
import type { Language } from '../question-types/index.ts'

/** `0 s`, `90 s`, `10 min`: short enough for an axis. */
export function instantText(ms: number, language: Language): string {
  return span(ms)[language]
}

/** The same within a sentence. */
export function momentText(ms: number, language: Language): string {
  return moment(ms)[language]
}
