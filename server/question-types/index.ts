/** The registry: the name of a question type → what it does. Shared code asks here and never compares names. */
import { fixManifest } from './fix-manifest/index.ts'
import { matching } from './matching/index.ts'
import { multipleChoice } from './multiple-choice/index.ts'
import { numeric } from './numeric/index.ts'
import { ordering } from './ordering/index.ts'
import { predictOutcome } from './predict-outcome/index.ts'
import type { QuestionType } from './question-type.ts'
import { scenarioDiagnosis } from './scenario-diagnosis/index.ts'
import { shortAnswer } from './short-answer/index.ts'
import { singleChoice } from './single-choice/index.ts'

export type { ConsoleReply } from './fix-manifest/console.ts'
export { languages } from './question-type.ts'
export type { Files, Grade, Language, LintProblem, Part, QuestionBody, QuestionType, Sample, Shuffle, Text } from './question-type.ts'

/** In the order in which lists show them. */
export const questionTypes: readonly QuestionType[] = [singleChoice, multipleChoice, ordering, matching, numeric, shortAnswer, scenarioDiagnosis, predictOutcome, fixManifest]

export function findQuestionType(name: string): QuestionType | undefined {
  return questionTypes.find((type) => type.name === name)
}
