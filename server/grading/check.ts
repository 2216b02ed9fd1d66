/** Checks a manifest that somebody pasted. Runs in a grading process, because the text is a stranger's. */
import { check, jsonReport, pageReport, summaryOf } from '../checker/index.ts'
import type { CheckOptions, PageReport } from '../checker/index.ts'
import type { Language } from '../question-types/index.ts'

/** `output`: data for a page, or the JSON that the command line prints. */
export type CheckTask = { text: string; version: NonNullable<CheckOptions['version']>; closed: boolean; language: Language; output: 'page' | 'json' }
export type CheckedText = { page: PageReport } | { json: string }

/** The name a pasted text has in reports. */
export const pastedFile = 'manifest.yaml'

/** Longest text in UTF-16 units that is checked, as everywhere else. */
export const checkedLengthMax = 256 * 1024

export function checkText({ text, version, closed, language, output }: CheckTask): CheckedText {
  const report = check([{ file: pastedFile, text }], { version, closed, limits: { bytesMax: checkedLengthMax } })
  return output === 'json' ? { json: jsonReport(report, summaryOf(report, 1)) } : { page: pageReport(report, { language, defaultedMax: 20 }) }
}
