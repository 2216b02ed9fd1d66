/**
 * The manifest checker: what the API server says to each object, and what will hurt although it is accepted. Pure and free of Node, so it runs in browsers too.
 *
 *     const report = check([{ file: 'app.yaml', text }])
 *     for (const document of report.documents) console.log(document.kind, document.verdict, document.errors, document.findings)
 */
import { admit, CustomKinds, isDefinition, strictMessage, type FieldError, type Minor, type Stage } from '../apiserver/index.ts'
import type { K8sObject, Ref } from '../k8s/object.ts'
import { compareText, refOf } from '../k8s/object.ts'
import { parseManifest, type Manifest, type ManifestDocument, type Range } from '../k8s/manifest.ts'
import { podOf } from '../k8s/podspec.ts'
import { Inventory } from './inventory.ts'
import type { Change, Report as RuleReport, Rule, Severity, Text } from './rule.ts'
import { rules } from './rules/index.ts'

export { Inventory } from './inventory.ts'
export { defineRule, severities } from './rule.ts'
export type { Category, Change, Report as RuleReport, Rule, Severity, Text } from './rule.ts'
export { rules } from './rules/index.ts'
export { jsonReport, summaryOf } from './output/formats.ts'
export { pageReport, piecesOf, storedText } from './output/page.ts'
export type { PageDocument, PageFinding, PageOptions, PageReport, PageRow, Piece, RuleWords } from './output/page.ts'

export type CheckInput = { file: string; text: string }

export type CheckOptions = {
  /** Judge as this minor version would. */
  version?: Minor
  /** Rules to leave out, by id. */
  ignore?: readonly string[]
  /** Only these rules, optional ones included. Without it every rule that is not optional. An empty list asks for none. */
  only?: readonly string[]
  /** The inputs are everything there is, so whatever they refer to must be among them. */
  closed?: boolean
  /** CustomResourceDefinitions beside those among the inputs; the objects of their kinds are judged by their schemas. */
  definitions?: readonly K8sObject[]
  /** Length of one text in UTF-16 units, and documents in it. */
  limits?: { bytesMax?: number; documentsMax?: number }
}

/** Something wrong at a place. `path` is printed as the API server prints it; '' when it is about the document as a whole. */
export type Located = { path: string; message: string; /** What is wrong with the text, where that is the reason; the server's own messages are in English only. */ words?: Text; range: Range }

/** Advice of a rule. */
export type Finding = { rule: string; severity: Severity; message: Text; path: string; file: string; range: Range; object: Ref; change?: Change }

/** `rejected`: the API server would refuse it. `unknown`: a kind of an extension, which only its own server can judge. */
export type VerdictWord = 'accepted' | 'rejected' | 'unknown'

export type DocumentReport = {
  file: string
  line: number
  apiVersion: string
  kind: string
  name: string
  namespace: string
  verdict: VerdictWord
  /** Where the API server stopped; `parse` when there is no object at all. */
  stage: Stage | 'parse'
  errors: Located[]
  /** Fields the server does not know, when validation had more to say; at stage `strict` they are the errors. */
  unknownFields: Located[]
  /** What kubectl would print after `Warning: `. */
  warnings: string[]
  findings: Finding[]
  /** As the API server stores it; the decoded object where it was refused earlier. */
  defaulted?: K8sObject
  /** The kind is that of a CustomResourceDefinition. */
  custom?: true
}

/** About the text itself, not about an object: syntax, duplicate keys, look-alikes. `error` stops the document from being read. */
export type TextProblem = { file: string; code: string; severity: 'error' | 'hint'; message: Text; range: Range }

export type CheckReport = { documents: DocumentReport[]; problems: TextProblem[] }

/** The rules that apply need the object and a way to its places; the rest is in the report. */
type Entry = { report: DocumentReport; rangeOf: ManifestDocument['rangeOf'] }

/** Checks texts together: rules see the objects of all of them. Never throws; its work is bounded by the length of the texts. */
export function check(inputs: readonly CheckInput[], options: CheckOptions = {}): CheckReport {
  const report: CheckReport = { documents: [], problems: [] }
  const entries: Entry[] = []
  for (const judged of judgeTexts(inputs, options)) {
    report.documents.push(...judged.entries.map((entry) => entry.report))
    report.problems.push(...judged.problems)
    entries.push(...judged.entries)
  }
  advise(entries, options)
  return report
}

/** The first half of a check, one text at a time: what the API server says, without advice. Several threads may share it. */
export function judge(inputs: readonly CheckInput[], options: CheckOptions = {}): CheckReport {
  const judged = judgeTexts(inputs, options)
  // Threads hand this on, so places are worked out and nothing is left to a class.
  const settled = (errors: readonly Located[]): Located[] => errors.map(({ path, message, words, range }) => ({ path, message, ...(words ? { words } : {}), range }))
  const documents = judged.flatMap(({ entries }) => entries.map(({ report }) => ({ ...report, errors: settled(report.errors), unknownFields: settled(report.unknownFields) })))
  return { documents, problems: judged.flatMap(({ problems }) => problems) }
}

/** The second half: adds the advice of rules to the documents of a judged report. `textOf` gives the text of a file, which is read again only where a rule reports. */
export function addAdvice(report: CheckReport, textOf: (file: string) => string, options: CheckOptions = {}): void {
  const read = new Map<string, ManifestDocument[]>()
  const documentsOf = (file: string): ManifestDocument[] => {
    let documents = read.get(file)
    if (!documents) read.set(file, (documents = parseManifest(textOf(file), options.limits).documents))
    return documents
  }
  const counts = new Map<string, number>()
  const entries = report.documents.map((document): Entry => {
    const index = counts.get(document.file) ?? 0
    counts.set(document.file, index + 1)
    return { report: document, rangeOf: (path, target) => documentsOf(document.file)[index]!.rangeOf(path, target) }
  })
  advise(entries, options)
}

/** The CustomResourceDefinitions in some texts, for `CheckOptions.definitions` of threads that see only a part of the inputs. */
export function definitionsIn(inputs: readonly CheckInput[], limits?: CheckOptions['limits']): K8sObject[] {
  const texts = inputs.filter(({ text }) => text.includes('CustomResourceDefinition'))
  return texts.flatMap(({ text }) => definitionsOf(parseManifest(text, limits)))
}

function definitionsOf({ documents }: Manifest): K8sObject[] {
  return documents.flatMap(({ object }) => (object && isDefinition(object) ? [object] : []))
}

/** Definitions anywhere in the inputs count for all of them. */
function judgeTexts(inputs: readonly CheckInput[], options: CheckOptions): { entries: Entry[]; problems: TextProblem[] }[] {
  const manifests = inputs.map(({ text }) => parseManifest(text, options.limits))
  const definitions = [...(options.definitions ?? []), ...manifests.flatMap(definitionsOf)]
  const custom = definitions.length > 0 ? new CustomKinds(definitions) : undefined
  return inputs.map(({ file }, index) => judgeManifest(file, manifests[index]!, options, custom))
}

function judgeManifest(file: string, manifest: Manifest, options: CheckOptions, custom: CustomKinds | undefined): { entries: Entry[]; problems: TextProblem[] } {
  return {
    entries: manifest.documents.map((document) => ({ report: judgeDocument(file, document, manifest, options, custom), rangeOf: (path, target) => document.rangeOf(path, target) })),
    problems: manifest.problems.filter((problem) => !manifest.documents.some((document) => isAbout(document, problem))).map(({ code, severity, message, range }) => ({ file, code, severity, message, range })),
  }
}

function judgeDocument(file: string, document: ManifestDocument, manifest: Manifest, options: CheckOptions, custom: CustomKinds | undefined): DocumentReport {
  const { object } = document
  const base = { file, line: document.line, unknownFields: [] as Located[], warnings: [] as string[], findings: [] as Finding[] }
  if (!object) {
    const errors = manifest.problems.filter((problem) => isAbout(document, problem)).map(({ message, range }) => ({ path: '', message: message.en, words: message, range }))
    return { ...base, apiVersion: '', kind: '', name: '', namespace: '', verdict: 'rejected', stage: 'parse', errors }
  }
  const verdict = admit(object, { version: options.version, custom })
  const { metadata } = verdict.object
  return {
    ...base,
    apiVersion: object.apiVersion,
    kind: object.kind,
    name: metadata.name ?? metadata.generateName ?? '',
    namespace: metadata.namespace ?? '',
    verdict: verdict.stage === 'ok' ? 'accepted' : verdict.stage === 'unknown' ? 'unknown' : 'rejected',
    stage: verdict.stage,
    errors: verdict.errors.map((error) => located(error, document)),
    unknownFields: verdict.stage === 'strict' ? [] : verdict.strict.map((error) => located(error, document)),
    warnings: verdict.warnings,
    defaulted: verdict.object,
    ...(verdict.custom ? { custom: true as const } : {}),
  }
}

/** Why a document is no object belongs to the document, not to the text. */
function isAbout(document: ManifestDocument, problem: Manifest['problems'][number]): boolean {
  return !document.object && problem.document === document.index && problem.severity === 'error'
}

function located(error: FieldError, document: ManifestDocument): Located {
  const target = error.type === 'unknownField' || error.type === 'duplicateField' ? 'key' : 'value'
  return new LocatedLater(error.path, error.message, () => document.rangeOf(error.segments, target))
}

const find = Symbol('find')

/** `range` is worked out when it is first read: finding a place costs more than finding the fault, and not every caller asks. Printed as JSON it is there. */
abstract class RangeLater {
  private [find]: Range | (() => Range)

  constructor(at: () => Range) {
    this[find] = at
  }

  get range(): Range {
    const known = this[find]
    return typeof known === 'function' ? (this[find] = known()) : known
  }

  toJSON(): object {
    return { ...this, range: this.range }
  }
}

class LocatedLater extends RangeLater implements Located {
  readonly path: string
  readonly message: string

  constructor(path: string, message: string, at: () => Range) {
    super(at)
    this.path = path
    this.message = message
  }
}

class FindingLater extends RangeLater implements Finding {
  readonly rule: string
  readonly severity: Severity
  readonly message: Text
  readonly path: string
  readonly file: string
  readonly object: Ref
  declare readonly change?: Change

  constructor({ id, severity }: Rule, { at, message, change }: RuleReport, file: string, object: Ref, range: () => Range) {
    super(range)
    this.rule = id
    this.severity = severity
    this.message = message
    this.path = printPath(at)
    this.file = file
    this.object = object
    if (change) this.change = change
  }
}

/** The rules that apply under these options. */
export function chosenRules({ only, ignore = [] }: Pick<CheckOptions, 'only' | 'ignore'>): readonly Rule[] {
  return rules.filter((rule) => (only ? only.includes(rule.id) : !rule.optional) && !ignore.includes(rule.id))
}

/** The rules of a check that asks for nothing special, and which of them look at a kind: worked out once. */
const usualRules = chosenRules({})
const usualByKind = new Map<string, readonly Rule[]>()

function advise(entries: readonly Entry[], options: CheckOptions): void {
  const isUsual = !options.only && !options.ignore
  const chosen = isUsual ? usualRules : chosenRules(options)
  // An object of a wrong type or an unknown kind could be anything, so no rule looks at it.
  const readable = entries.filter(({ report }) => !report.custom && (report.stage === 'ok' || report.stage === 'strict' || report.stage === 'invalid'))
  if (chosen.length === 0 || readable.length === 0) return
  const extensions = entries.filter(({ report }) => (report.custom || report.stage === 'unknown') && report.defaulted).map(({ report }) => report.defaulted!)
  const inventory = new Inventory(readable.map(({ report }) => report.defaulted!), options.closed, extensions)
  const byKind = isUsual ? usualByKind : new Map<string, readonly Rule[]>()
  for (const { report, rangeOf } of readable) {
    const object = report.defaulted!
    let applicable = byKind.get(object.kind)
    if (!applicable) byKind.set(object.kind, (applicable = chosen.filter((rule) => appliesTo(rule, object))))
    const names = applicable.some(({ mentions }) => mentions) ? fieldNames(object, new Set()) : undefined
    for (const rule of applicable) {
      if (rule.mentions && !rule.mentions.some((name) => names!.has(name))) continue
      for (const found of rule.check(object, inventory)) report.findings.push(new FindingLater(rule, found, report.file, refOf(object), () => rangeOf(found.at)))
    }
  }
}

/** Names that some rule asks for. */
const mentionable = new Set(rules.flatMap(({ mentions = [] }) => mentions))

/** The keys in a value, at any depth, that some rule asks for. */
function fieldNames(value: object, found: Set<string>): Set<string> {
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) if (typeof item === 'object' && item !== null) fieldNames(item, found)
    return found
  }
  for (const key of Object.keys(value)) {
    if (mentionable.has(key)) found.add(key)
    const inner = (value as Record<string, unknown>)[key]
    if (typeof inner === 'object' && inner !== null) fieldNames(inner, found)
  }
  return found
}

function appliesTo(rule: Rule, object: K8sObject): boolean {
  return rule.kinds.includes('*') || rule.kinds.includes(object.kind) || (rule.kinds.includes('workloads') && podOf(object) !== undefined)
}

/** `spec.containers[0].image`; keys that are no plain words are bracketed. */
export function printPath(path: readonly (string | number)[]): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : /^[A-Za-z_][\w-]*$/.test(step) ? `${index === 0 ? '' : '.'}${step}` : `[${step}]`)).join('')
}

export function findRule(id: string): Rule | undefined {
  return rules.find((rule) => rule.id === id)
}

/** Nothing rejected, no syntax error, and no finding at this level or above. */
export function isClean(report: CheckReport, failOn: Severity | 'never' = 'error'): boolean {
  const level = { error: 0, warning: 1, hint: 2, never: -1 }
  const bad = report.documents.some((document) => document.verdict === 'rejected' || document.findings.some((finding) => level[finding.severity] <= level[failOn]))
  return !bad && !report.problems.some((problem) => problem.severity === 'error')
}

/** The server's answer in one line, as `kubectl apply` would print it after `Error from server`. */
export function serverMessage(document: DocumentReport): string {
  if (document.stage === 'strict') return strictMessage(document.errors.map(({ path, message }) => ({ type: 'unknownField', path, message, segments: path.split(/[.[\]]+/) })))
  const parts = document.errors.map((error) => (error.path === '' ? error.message : `${error.path}: ${error.message}`))
  return parts.length === 1 ? parts[0]! : `[${parts.join(', ')}]`
}

/** In the order of the text: file, line, column. */
export function inOrder<T extends { file: string; range: Range }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => compareText(a.file, b.file) || a.range.start.line - b.range.start.line || a.range.start.column - b.range.start.column)
}
