/** A report as plain data in one language, for pages and for messages between threads. Pure. */
import { stringify } from 'yaml'
import { apiLifeOf } from '../../apiserver/index.ts'
import type { CheckReport, DocumentReport, Finding, Located, VerdictWord } from '../index.ts'
import { findRule, inOrder } from '../index.ts'
import type { Change, Rule, Severity, Text } from '../rule.ts'

/** A piece of a sentence; `code` pieces stood between backticks. */
export type Piece = { text: string; code: boolean }

/** A place and what is wrong there; `path` is '' where the message names it already. Lines and columns count from 1, offsets from 0. */
export type PageRow = { file: string; path: string; line: number; column: number; from: number; to: number; message: string }

/** Advice with the words of its rule. `change` mends it in an editor. */
export type PageFinding = Omit<PageRow, 'message'> & { severity: Severity; rule: string; title: string; message: Piece[]; why: Piece[]; fix: Piece[]; link: string; change?: Change }

export type PageDocument = {
  /** Unique in the report, and the same after another key is pressed. */
  key: string
  /** Which object of its file it is, from 0. */
  index: number
  file: string
  line: number
  apiVersion: string
  kind: string
  name: string
  namespace: string
  verdict: VerdictWord
  stage: DocumentReport['stage']
  /** Why a kind that was once built in is unknown: the version that removed it, and what to use. */
  gone?: { removed: string; replacement: string }
  errors: PageRow[]
  warnings: string[]
  findings: PageFinding[]
  /** YAML of the object as the API server stores it; absent where there is none, or when it was not asked for. */
  defaulted?: string
}

export type PageReport = {
  documents: PageDocument[]
  problems: (PageRow & { severity: 'error' | 'hint'; code: string })[]
  counts: { documents: number; accepted: number; rejected: number; unknown: number; errors: number; warnings: number; hints: number }
  /** Rows that were left out because there were too many. */
  left: number
}

/** What a page says about a rule beside its message. */
export type RuleWords = Pick<Rule, 'title' | 'why' | 'fix'> & { links: readonly string[] }

export type PageOptions = {
  language: keyof Text
  /** Objects that are printed as stored: the first so many. */
  defaultedMax?: number
  /** Rows in all; the rest is counted. */
  rowsMax?: number
  /** Where the words of a rule come from, when they are kept apart from the rules. */
  wordsOf?: (id: string) => RuleWords | undefined
}

/** Splits a sentence at its backticks. */
export function piecesOf(sentence: string): Piece[] {
  return sentence.split('`').flatMap((text, index) => (text === '' ? [] : [{ text, code: index % 2 === 1 }]))
}

/** What a page shows of a report. Rows stand in the order of the text. */
export function pageReport(report: CheckReport, { language, defaultedMax = 0, rowsMax = 400, wordsOf = findRule }: PageOptions): PageReport {
  let room = rowsMax
  let left = 0
  const take = <T>(rows: readonly T[]): T[] => {
    const taken = rows.slice(0, Math.max(0, room))
    room -= taken.length
    left += rows.length - taken.length
    return taken
  }
  const indexes = new Map<string, number>()
  const problems = take(inOrder(report.problems)).map((problem) => ({ ...rowOf(problem.file, { path: '', message: problem.message[language], range: problem.range }), severity: problem.severity, code: problem.code }))
  const documents = report.documents.map((document, position): PageDocument => {
    const index = indexes.get(document.file) ?? 0
    indexes.set(document.file, index + 1)
    const { file, line, apiVersion, kind, name, namespace, verdict, stage } = document
    return {
      key: `${file}#${index}`, index, file, line, apiVersion, kind, name, namespace, verdict, stage,
      errors: take([...document.unknownFields, ...document.errors]).map((error) => rowOf(file, { path: error.message.includes(`"${error.path}"`) ? '' : error.path, message: error.words?.[language] ?? error.message, range: error.range })),
      warnings: take(document.warnings.filter((warning) => !warning.startsWith('strict decoding error: '))),
      findings: take(inOrder(document.findings)).map((finding) => findingOf(finding, language, wordsOf)),
      ...goneOf(document),
      ...(document.defaulted && verdict !== 'unknown' && position < defaultedMax ? { defaulted: storedText(document) } : {}),
    }
  })
  const count = (severity: Severity): number => report.documents.reduce((sum, { findings }) => sum + findings.filter((finding) => finding.severity === severity).length, 0)
  const verdicts = (verdict: VerdictWord): number => report.documents.filter((document) => document.verdict === verdict).length
  return {
    documents, problems, left,
    counts: { documents: report.documents.length, accepted: verdicts('accepted'), rejected: verdicts('rejected'), unknown: verdicts('unknown'), errors: count('error'), warnings: count('warning'), hints: count('hint') },
  }
}

function goneOf({ verdict, apiVersion, kind }: DocumentReport): Pick<PageDocument, 'gone'> {
  const life = verdict === 'unknown' ? apiLifeOf(apiVersion, kind) : undefined
  return life?.removed ? { gone: { removed: life.removed, replacement: life.replacement ? `${life.replacement}${life.replacementKind ? ` ${life.replacementKind}` : ''}` : '' } } : {}
}

/** The object of a document as the API server stores it, as YAML that kubectl reads back the same: `on` and `010` are quoted where they are texts. */
export function storedText({ defaulted }: Pick<DocumentReport, 'defaulted'>): string {
  return defaulted ? stringify(defaulted, { lineWidth: 0, version: '1.1', aliasDuplicateObjects: false }) : ''
}

function rowOf(file: string, { path, message, range }: Located): PageRow {
  return { file, path, line: range.start.line, column: range.start.column, from: range.start.offset, to: range.end.offset, message }
}

function findingOf({ rule, severity, message, path, file, range, change }: Finding, language: keyof Text, wordsOf: (id: string) => RuleWords | undefined): PageFinding {
  const words = wordsOf(rule)
  return {
    ...rowOf(file, { path, message: '', range }), message: piecesOf(message[language]), severity, rule,
    title: words?.title[language] ?? rule, why: piecesOf(words?.why[language] ?? ''), fix: piecesOf(words?.fix[language] ?? ''), link: words?.links[0] ?? '',
    ...(change ? { change } : {}),
  }
}
