/** The parts of a question's body that several types share: texts in every language, choices, and ids that give nothing away. */
import * as z from 'zod'
import { hash } from '../seed.ts'
import type { Language, Text } from './question-type.ts'

export const textSchema = z.strictObject({ en: z.string().min(1), 'zh-CN': z.string().min(1) })

export const choiceSchema = z.strictObject({ id: z.string(), text: textSchema, why: textSchema.optional(), correct: z.boolean() })
export type Choice = z.infer<typeof choiceSchema>

/**
 * The id a page uses for an entry. The author's ids follow the right order or start with the right choice,
 * so the browser never sees them; this one depends on the wording only.
 */
export function tokenOf(entry: { text: Text }): string {
  return `t${hash(entry.text.en).toString(36)}`
}

export function textIn(text: Text | undefined, language: Language): string {
  return text?.[language] ?? ''
}

/** Choices as a page may show them before the end: no reason, no mark. */
export function choicesToAnswer(choices: readonly Choice[], language: Language, chosen: readonly string[]): { id: string; text: string; chosen: boolean }[] {
  return choices.map((choice) => ({ id: tokenOf(choice), text: textIn(choice.text, language), chosen: chosen.includes(tokenOf(choice)) }))
}

/** Choices as a page may show them after the end. */
export function choicesToReview(choices: readonly Choice[], language: Language, chosen: readonly string[]): { id: string; text: string; why: string; correct: boolean; chosen: boolean }[] {
  return choices.map((choice) => ({
    id: tokenOf(choice),
    text: textIn(choice.text, language),
    why: textIn(choice.why, language),
    correct: choice.correct,
    chosen: chosen.includes(tokenOf(choice)),
  }))
}

/** Two entries with the same words cannot be told apart by the person who answers. */
export function* sameWording(entries: readonly { id: string; text: Text }[], heading: string): Iterable<{ at: string; message: string }> {
  for (const [position, entry] of entries.entries()) {
    for (const earlier of entries.slice(0, position)) {
      if (earlier.id === entry.id) yield { at: heading, message: `Two entries have the id (${entry.id}).` }
      if (earlier.text.en === entry.text.en) yield { at: heading, message: `(${earlier.id}) and (${entry.id}) have the same words.` }
    }
  }
}

/** A choice without a reason teaches nothing. */
export function* missingReasons(choices: readonly Choice[], heading: string): Iterable<{ at: string; message: string }> {
  for (const { id, why } of choices) if (!why) yield { at: heading, message: `Choice (${id}) has no reason below it.` }
}

/** Strings that no type may give points for or fall over. */
export const hostileTexts: readonly string[] = ['', ' \n\t ', '__proto__', 'constructor', '\u0000', '<script>alert(1)</script>', '{{{key}}}', '\u202e' + 'x'.repeat(200)]
