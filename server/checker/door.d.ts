/** The types of `readyz/checker`, what other programs may rely on. tests/checker/door.test.ts holds them to the code. */
export type Minor = '1.34' | '1.35' | '1.36'
export type Severity = 'error' | 'warning' | 'hint'
/** A sentence in both languages. */
export type Text = { en: string; 'zh-CN': string }
/** `line` and `column` count from 1, `offset` from 0, in UTF-16 units. */
export type Position = { line: number; column: number; offset: number }
export type Range = { start: Position; end: Position }

export type KubernetesObject = { apiVersion: string; kind: string; metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string>; [field: string]: any }; [field: string]: any }

export type CheckInput = { file: string; text: string }
export type CheckOptions = {
  /** Judge as this minor version would; 1.36 unless said otherwise. */
  version?: Minor
  /** Rules to leave out, by id. */
  ignore?: readonly string[]
  /** Only these rules, optional ones included; an empty list asks for none. */
  only?: readonly string[]
  /** The inputs are everything there is, so whatever they refer to must be among them. */
  closed?: boolean
  /** CustomResourceDefinitions beside those among the inputs; the objects of their kinds are judged by their schemas. */
  definitions?: readonly KubernetesObject[]
  /** Length of one text in UTF-16 units (256 KiB), and documents in it (200). */
  limits?: { bytesMax?: number; documentsMax?: number }
}

/** `path` as the API server prints it; '' when it is about the document as a whole. */
export type Located = { path: string; message: string; words?: Text; range: Range }
/** Sets the value at a path, or with `value` undefined removes it. */
export type Change = { title: Text; path: readonly (string | number)[]; value?: unknown }
export type Finding = { rule: string; severity: Severity; message: Text; path: string; file: string; range: Range; object: { kind: string; namespace: string; name: string }; change?: Change }

export type DocumentReport = {
  file: string
  line: number
  apiVersion: string
  kind: string
  name: string
  namespace: string
  /** `unknown`: a kind of an extension, or one that is gone. */
  verdict: 'accepted' | 'rejected' | 'unknown'
  /** Where the API server stopped. */
  stage: 'parse' | 'unknown' | 'decode' | 'strict' | 'invalid' | 'ok'
  errors: Located[]
  unknownFields: Located[]
  /** What kubectl would print after `Warning: `. */
  warnings: string[]
  findings: Finding[]
  /** The object as the API server stores it. */
  defaulted?: KubernetesObject
  /** The kind is that of a CustomResourceDefinition among the inputs. */
  custom?: true
}
export type TextProblem = { file: string; code: string; severity: 'error' | 'hint'; message: Text; range: Range }
export type CheckReport = { documents: DocumentReport[]; problems: TextProblem[] }

export type Rule = { id: string; category: string; severity: Severity; title: Text; why: Text; fix: Text; links: readonly string[]; kinds: readonly string[]; optional?: true }

/** Checks texts together: rules see the objects of all of them. Never throws; its work is bounded by the length of the texts. */
export function check(inputs: readonly CheckInput[], options?: CheckOptions): CheckReport
/** Nothing rejected, no syntax error, and no finding at this level or above. */
export function isClean(report: CheckReport, failOn?: Severity | 'never'): boolean
/** The answer of the API server to one object in one line, as kubectl prints it; '' when it was accepted. */
export function serverMessage(document: DocumentReport): string
/** The object of a document as stored, as YAML. */
export function storedText(document: Pick<DocumentReport, 'defaulted'>): string
export function findRule(id: string): Rule | undefined
export const rules: readonly Rule[]
