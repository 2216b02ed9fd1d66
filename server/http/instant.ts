/** Moments of a run as an axis and a table show them. PURE. */
import { moment, span, stretch } from '../k8s/duration.ts'
import type { Language } from '../question-types/index.ts'

/** `0 s`, `90 s`, `10 min`: short enough for an axis. */
export function instantText(ms: number, language: Language): string {
  return span(ms)[language]
}

/** `0 s – 10 min`, `120 s – 122.5 s`. */
export function stretchText(from: number, to: number, language: Language): string {
  return to > from ? stretch(from, to)[language] : instantText(from, language)
}

/** The same within a sentence. */
export function momentText(ms: number, language: Language): string {
  return moment(ms)[language]
}
