/**
 * The shape every question type implements (docs/architecture.md, "A question type").
 *
 * A type is pure: no clock, no I/O. Shared code never asks "which type is this?"; what it must know is a property here.
 */
import type * as z from 'zod'
import type { Documentation } from '../k8s/schemas/documentation.ts'
import type { ConsoleReply } from './fix-manifest/console.ts'

export type Language = 'en' | 'zh-CN'
export const languages: readonly Language[] = ['en', 'zh-CN']
/** A sentence in every language. */
export type Text = Record<Language, string>

/** Files that belong to a question, by path relative to its folder (`broken/deployment.yaml`, `scenario.yaml`), as text. */
export type Files = Readonly<Record<string, string>>

/** One scored part of an answer. `earned` may be fractional between 0 and `possible`; the sums become the question's score. */
export type Part = { id: string; label: Text; earned: number; possible: number; note: Text; /** Nobody could tell: neither earned nor lost. */ undecided?: boolean }

/**
 * The verdict on one answer: `score` is 0 to 1, of the question's points.
 * `evidence` is type-specific, JSON-serialisable, shown only where the key may be shown (practice, after the end).
 */
export type Grade = { score: number; parts: Part[]; evidence?: unknown; /** A part is undecided: `score` counts only what was decided, and a person must look; never to be shown or summed as a result. */ undecided?: boolean }

/** An answer with the score it must get; the bank plays all of them (`readyz bank prove`). */
export type Sample = {
  name: string
  answer: unknown
  /** Exact score expected. */
  score: number
  /** For a near-miss: exactly these parts must miss something, no others. */
  missed?: readonly string[]
}

export type LintProblem = { at: string; message: string; file?: string }

/** Puts things into the order of this attempt; deterministic per attempt and question. */
export type Shuffle = <T>(items: readonly T[]) => T[]

/** Everything of a question version that a type may read. Chosen-language texts are resolved by the type with `language`. */
export type QuestionBody<Spec> = { spec: Spec; files: Files; language: Language }

export type QuestionType<Spec = any, Answer = any> = {
  /** = folder = `type:` in question.md = views/questions/<name>.hbs and views/reviews/<name>.hbs */
  name: string
  label: Text
  /** One line for the page that says how it is answered and scored. */
  about: Text
  /** The parsed question: built by the bank from front matter `key`, body and translations (bank/format.ts). */
  spec: z.ZodType<Spec>
  /** The JSON value the browser sends and the server stores. */
  answer: z.ZodType<Answer>
  /** Turns fields of a plain HTML form (no JavaScript) into an answer. Field names are `answer` or `answer[...]`. */
  fromForm: (fields: Readonly<Record<string, string | string[]>>, spec: Spec) => unknown
  /** True when nothing was answered: shown as unanswered, scores 0. */
  isEmpty: (answer: Answer, question: QuestionBody<Spec>) => boolean
  /** View model for answering. Contains neither key nor solution nor goals. */
  view: (question: QuestionBody<Spec>, answer: Answer | undefined, shuffle: Shuffle) => Record<string, unknown>
  grade: (question: QuestionBody<Spec>, answer: Answer) => Grade
  /** View model for looking back; may show the key. */
  review: (question: QuestionBody<Spec>, answer: Answer | undefined, grade: Grade | undefined) => Record<string, unknown>
  /** What an exam may say before the end without giving anything away; undefined: nothing. */
  precheck?: (question: QuestionBody<Spec>, answer: Answer) => { ok: boolean; problems: { message: string; file?: string; line?: number; column?: number }[] }
  lint: (spec: Spec, files: Files) => Iterable<LintProblem>
  /** Right, wrong and half-right answers, and hostile ones that must score 0. */
  samples: (spec: Spec, files: Files) => Iterable<Sample>
  /** A console on the question's cluster. `reply` is deterministic; `own` are the person's files, undefined for what the question gives. */
  console?: {
    /** Requests of someone who tries out files of their own; of someone who may not; and of someone who looks back. All parse to what `reply` takes. */
    ask: z.ZodType
    askOfGiven: z.ZodType
    look: z.ZodType
    /** Kinds whose field documentation (k8s/schemas/documentation.ts) the request needs, by `apiVersion/kind`, in `reply`'s `texts`. */
    needs: (ask: any) => { apiVersion: string; kind: string }[]
    reply: (question: QuestionBody<Spec>, own: Answer | undefined, ask: any, texts: ReadonlyMap<string, Documentation>) => ConsoleReply
  }
  /** True when grading runs a simulation and belongs in a grading process. */
  heavy: boolean
}

/** Keeps the author's exact types inside and widens for the registry. */
export function defineQuestionType<Spec, Answer>(type: QuestionType<Spec, Answer>): QuestionType<Spec, Answer> {
  return type
}
