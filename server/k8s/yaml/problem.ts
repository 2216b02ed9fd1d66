/** What can be wrong with, or surprising in, the text of a manifest. Offsets are UTF-16 positions in the whole text. */

export type ProblemCode =
  | 'yaml-syntax'
  | 'json-syntax'
  | 'duplicate-key'
  | 'bad-key'
  | 'bad-alias'
  | 'bad-value'
  | 'bad-separator'
  | 'bad-character'
  | 'bad-encoding'
  | 'too-large'
  | 'too-many-documents'
  | 'too-deep'
  | 'template-syntax'
  | 'yaml-boolean'
  | 'yaml-octal'
  | 'yaml-number'
  | 'odd-space'
  | 'lenient-indent'
  | 'smart-quote'
  | 'not-an-object'
  | 'missing-kind'
  | 'missing-api-version'

/** One sentence in both languages. */
export type Words = { en: string; 'zh-CN': string }

/** `error`: kubectl refuses the document, or silently loses something (a duplicate key). `hint`: kubectl accepts it, but it may not mean what it seems to. */
export type TextProblem = { code: ProblemCode; severity: 'error' | 'hint'; message: Words; start: number; end: number; /** The parser's own sentence, for what kubectl's parser would say of the same. */ fault?: string }
