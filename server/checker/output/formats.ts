/** Reports as text for people and as the formats other tools read. Pure: gives strings. */
import type { CheckReport, DocumentReport, Finding, Located, TextProblem } from '../index.ts'
import { findRule, inOrder } from '../index.ts'
import type { Severity } from '../rule.ts'
import { codeFrame } from './frame.ts'

export const formatNames = ['text', 'json', 'sarif', 'junit', 'github', 'tap'] as const
export type FormatName = (typeof formatNames)[number]

export type Summary = { files: number; documents: number; accepted: number; rejected: number; unknown: number; findings: Record<Severity, number>; textErrors: number }

export function summaryOf(report: CheckReport, files: number): Summary {
  const summary: Summary = { files, documents: report.documents.length, accepted: 0, rejected: 0, unknown: 0, findings: { error: 0, warning: 0, hint: 0 }, textErrors: report.problems.filter(({ severity }) => severity === 'error').length }
  for (const document of report.documents) {
    summary[document.verdict]++
    for (const { severity } of document.findings) summary.findings[severity]++
  }
  return summary
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

/** One line: what was looked at and what came of it. */
export function summaryText({ files, documents, accepted, rejected, unknown, findings, textErrors }: Summary): string {
  const advice = (['error', 'warning', 'hint'] as const).filter((severity) => findings[severity] > 0).map((severity) => plural(findings[severity], severity)).join(', ')
  return `${plural(documents, 'object')} in ${plural(files, 'file')}: ${accepted} accepted, ${rejected} rejected, ${unknown} of an unknown kind${textErrors > 0 ? `, ${plural(textErrors, 'syntax error')}` : ''}; advice: ${advice || 'none'}.`
}

/** A place and a sentence, whatever it came from. */
type Row = { file: string; line: number; column: number; level: Severity; id: string; message: string; range: Located['range']; object?: string }

function nameOf(document: DocumentReport): string {
  return `${document.kind}${document.name ? ` ${document.namespace ? `${document.namespace}/` : ''}${document.name}` : ''}`
}

function rowsOf(report: CheckReport): Row[] {
  const place = (file: string, range: Located['range']): Pick<Row, 'file' | 'line' | 'column' | 'range'> => ({ file, line: range.start.line, column: range.start.column, range })
  const text = (problem: TextProblem): Row => ({ ...place(problem.file, problem.range), level: problem.severity, id: `yaml/${problem.code}`, message: problem.message.en })
  const refused = (document: DocumentReport) => (error: Located): Row => ({ ...place(document.file, error.range), level: 'error', id: `api/${document.stage}`, message: error.path === '' ? error.message : `${error.path}: ${error.message}`, object: nameOf(document) })
  const advised = (document: DocumentReport) => (finding: Finding): Row => ({ ...place(document.file, finding.range), level: finding.severity, id: finding.rule, message: finding.message.en, object: nameOf(document) })
  const warned = (document: DocumentReport) => (warning: string): Row => ({ file: document.file, line: document.line, column: 1, range: { start: { line: document.line, column: 1, offset: 0 }, end: { line: document.line, column: 1, offset: 0 } }, level: 'warning', id: 'api/warning', message: warning, object: nameOf(document) })
  return [...report.problems.map(text), ...report.documents.flatMap((document) => [...[...document.unknownFields, ...document.errors].map(refused(document)), ...document.warnings.filter((warning) => !warning.startsWith('strict decoding error: ')).map(warned(document)), ...document.findings.map(advised(document))])]
}

const levelWords: Record<Severity, string> = { error: 'error', warning: 'warning', hint: 'hint' }

/** For people: every row with its place and the piece of text it is about. `texts` holds the inputs by file. */
export function textReport(report: CheckReport, texts: ReadonlyMap<string, string>, options: { frames?: boolean; verbose?: boolean } = {}): string {
  const out: string[] = []
  for (const row of inOrder(rowsOf(report))) {
    out.push(`${row.file}:${row.line}:${row.column}: ${levelWords[row.level]}: ${row.message} [${row.id}]${row.object ? ` (${row.object})` : ''}`)
    const text = texts.get(row.file)
    if (options.frames !== false && text !== undefined && row.id !== 'api/warning') out.push(codeFrame(text, row.range))
    const rule = findRule(row.id)
    if (options.frames !== false && rule) out.push(`    fix: ${rule.fix.en}`)
    if (options.frames !== false) out.push('')
  }
  for (const document of report.documents) if (document.verdict === 'unknown') out.push(`${document.file}:${document.line}:1: ${nameOf(document)}: unknown kind ${document.apiVersion}/${document.kind}, not judged`)
  if (options.verbose) for (const document of report.documents) if (document.verdict === 'accepted') out.push(`${document.file}:${document.line}:1: ${nameOf(document)}: accepted`)
  return out.join('\n')
}

/** One entry per object; the shape is documented in docs/reference/check.md. */
export function jsonReport(report: CheckReport, summary: Summary): string {
  const position = ({ range }: { range: Located['range'] }): { line: number; column: number; endLine: number; endColumn: number } => ({ line: range.start.line, column: range.start.column, endLine: range.end.line, endColumn: range.end.column })
  const documents = report.documents.map(({ file, line, apiVersion, kind, name, namespace, verdict, stage, errors, unknownFields, warnings, findings }) => ({
    file, line, apiVersion, kind, name, namespace, verdict, stage,
    errors: errors.map((error) => ({ path: error.path, message: error.message, ...position(error) })),
    unknownFields: unknownFields.map((error) => ({ path: error.path, message: error.message, ...position(error) })),
    warnings,
    findings: findings.map((finding) => ({ rule: finding.rule, severity: finding.severity, message: finding.message.en, path: finding.path, ...position(finding) })),
  }))
  const problems = report.problems.map((problem) => ({ file: problem.file, code: problem.code, severity: problem.severity, message: problem.message.en, ...position(problem) }))
  return JSON.stringify({ documents, problems, summary }, null, 2)
}

/** SARIF 2.1.0, for code scanning. */
export function sarifReport(report: CheckReport, version: string): string {
  const rows = inOrder(rowsOf(report))
  const ids = [...new Set(rows.map(({ id }) => id))].sort()
  const levels: Record<Severity, string> = { error: 'error', warning: 'warning', hint: 'note' }
  const describe = (id: string): object => {
    const rule = findRule(id)
    return rule ? { id, shortDescription: { text: rule.title.en }, fullDescription: { text: rule.why.en }, help: { text: rule.fix.en }, helpUri: rule.links[0] } : { id, shortDescription: { text: id.startsWith('yaml/') ? 'The text of the manifest' : 'The answer of the API server' } }
  }
  return JSON.stringify({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{
      tool: { driver: { name: 'readyz', version, rules: ids.map(describe) } },
      results: rows.map((row) => ({
        ruleId: row.id, ruleIndex: ids.indexOf(row.id), level: levels[row.level], message: { text: row.message },
        locations: [{ physicalLocation: { artifactLocation: { uri: row.file.replaceAll('\\', '/') }, region: { startLine: row.line, startColumn: row.column, endLine: row.range.end.line, endColumn: Math.max(row.range.end.column, row.range.end.line === row.line ? row.column : 1) } } }],
      })),
    }],
  }, null, 2)
}

const xml = (text: string): string => text.replace(/[&<>"']/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' })[character]!).replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '�')

/** JUnit XML: a suite per file, a case per object; what is rejected or an error of advice fails its case. */
export function junitReport(report: CheckReport): string {
  const files = [...new Set([...report.documents, ...report.problems].map(({ file }) => file))]
  let [tests, failures] = [0, 0]
  const suites = files.map((file) => {
    const cases: string[] = []
    let failed = 0
    const textErrors = report.problems.filter((problem) => problem.file === file && problem.severity === 'error')
    if (textErrors.length > 0) {
      failed++
      cases.push(`    <testcase name="syntax" classname="${xml(file)}">\n      <failure message="${xml(textErrors[0]!.message.en)}">${xml(textErrors.map((problem) => `${file}:${problem.range.start.line}:${problem.range.start.column}: ${problem.message.en}`).join('\n'))}</failure>\n    </testcase>`)
    }
    for (const document of report.documents.filter((one) => one.file === file)) {
      const bad = [...[...document.unknownFields, ...document.errors].map((error) => ({ message: error.path === '' ? error.message : `${error.path}: ${error.message}`, range: error.range })), ...document.findings.filter(({ severity }) => severity === 'error').map((finding) => ({ message: `${finding.message.en} [${finding.rule}]`, range: finding.range }))]
      const open = `    <testcase name="${xml(nameOf(document))}" classname="${xml(`${file}:${document.line}`)}"`
      if (document.verdict === 'unknown') cases.push(`${open}>\n      <skipped message="unknown kind"/>\n    </testcase>`)
      else if (bad.length === 0) cases.push(`${open}/>`)
      else {
        failed++
        cases.push(`${open}>\n      <failure message="${xml(bad[0]!.message)}">${xml(bad.map((one) => `${file}:${one.range.start.line}:${one.range.start.column}: ${one.message}`).join('\n'))}</failure>\n    </testcase>`)
      }
    }
    tests += cases.length
    failures += failed
    return `  <testsuite name="${xml(file)}" tests="${cases.length}" failures="${failed}">\n${cases.join('\n')}\n  </testsuite>`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="readyz" tests="${tests}" failures="${failures}">\n${suites.join('\n')}\n</testsuites>`
}

/** Workflow commands that show rows beside the changed lines. */
export function githubReport(report: CheckReport): string {
  const escape = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const property = (text: string): string => escape(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
  const commands: Record<Severity, string> = { error: 'error', warning: 'warning', hint: 'notice' }
  return inOrder(rowsOf(report)).map((row) => `::${commands[row.level]} file=${property(row.file)},line=${row.line},col=${row.column},endLine=${row.range.end.line},title=${property(row.id)}::${escape(row.message)}`).join('\n')
}

/** Test Anything Protocol: a line per object. */
export function tapReport(report: CheckReport): string {
  const lines = report.documents.map((document, index) => {
    const number = index + 1
    if (document.verdict === 'unknown') return `ok ${number} - ${document.file} (${nameOf(document)}) # skip unknown kind`
    const bad = document.verdict === 'rejected' || document.findings.some(({ severity }) => severity === 'error')
    return `${bad ? 'not ok' : 'ok'} ${number} - ${document.file} (${nameOf(document)})${bad ? `: ${(document.errors[0] ? `${document.errors[0].path}: ${document.errors[0].message}` : document.findings.find(({ severity }) => severity === 'error')!.message.en).replaceAll('\n', ' ')}` : ''}`
  })
  return ['TAP version 13', `1..${lines.length}`, ...lines].join('\n')
}
