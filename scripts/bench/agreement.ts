/** `npm run bench -- agreement [--stage s] [--kind k] [--file f] [--limit n]`: compares admit() with what a real API server said about labelled manifests, and lists every disagreement. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { admit, type Verdict } from '../../server/apiserver/index.ts'
import { readJson } from '../../server/k8s/json.ts'
import type { K8sObject } from '../../server/k8s/object.ts'

/** One labelled manifest. `errors` are [type, path, message]. */
export type Case = { id: string; file: string; manifest: K8sObject; stage: string; errors: [string, string, string][]; warnings: string[]; message?: string }

/** How one case compares. For manifests that the server accepts, only `falseAlarm` and `warnings` count. */
export type Comparison = { subject: Case; verdict: Verdict; rejected: boolean; rejectedByUs: boolean; samePaths: boolean; sameMessages: boolean; sameWarnings: boolean }

export type Summary = { cases: number; rejected: number; caught: number; accepted: number; falseAlarms: number; samePaths: number; sameMessages: number; sameStage: number }

/** Reads a file of labelled manifests, numbers as they are written. */
export function readCases(path: string): Case[] {
  return readFileSync(path, 'utf8').split('\n').filter((line) => line.trim() !== '').map((line) => {
    const read = readJson(line)
    if ('error' in read) throw new Error(`${path}: ${read.error}`)
    const { id, manifest, stage, errors, warnings, message } = read.value as Omit<Case, 'file'>
    return { id, file: path.replace(/^.*\//, ''), manifest, stage: stage === 'unsupported' ? 'unknown' : stage, errors: errors ?? [], warnings: warnings ?? [], ...(message === undefined ? {} : { message }) }
  })
}

/** Asks admit() about a case. An internal failure counts as a wrong acceptance, never as agreement. */
export function compareCase(subject: Case): Comparison {
  const verdict = admit(subject.manifest)
  const rejected = subject.stage !== 'ok'
  const expected = expectedOf(subject)
  const given = givenOf(verdict)
  return {
    subject,
    verdict,
    rejected,
    rejectedByUs: verdict.stage !== 'ok',
    samePaths: sameSet(expected.map((entry) => entry.path), given.map((entry) => entry.path)),
    sameMessages: sameSet(expected.map((entry) => entry.text), given.map((entry) => entry.text)),
    sameWarnings: rejected || sameSet(subject.warnings, verdict.warnings),
  }
}

type Entry = { path: string; text: string }

function expectedOf(subject: Case): Entry[] {
  if (subject.stage === 'decode') return [decodeEntry(subject.message ?? subject.warnings[0] ?? '')]
  if (subject.stage === 'strict') return subject.warnings.filter((text) => text.startsWith('strict decoding error')).map(strictEntry)
  return subject.errors.map(([, path, message]) => ({ path, text: settled(`${path}: ${message}`) }))
}

function givenOf(verdict: Verdict): Entry[] {
  if (verdict.stage === 'decode') return verdict.errors.map((error) => decodeEntry(error.message))
  if (verdict.stage === 'strict') return verdict.warnings.filter((text) => text.startsWith('strict decoding error')).map(strictEntry)
  return verdict.errors.map((error) => ({ path: error.path, text: settled(`${error.path}: ${error.message}`) }))
}

function decodeEntry(message: string): Entry {
  return { path: /Go struct field (\S+) of type/.exec(message)?.[1] ?? message, text: message }
}

function strictEntry(text: string): Entry {
  return { path: /"(.*)"/.exec(text)?.[1] ?? text, text }
}

/** Random parts, such as a generated uid, are made the same on both sides. */
function settled(text: string): string {
  return text.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>')
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const left = new Set(a)
  const right = new Set(b)
  return left.size === right.size && [...left].every((item) => right.has(item))
}

export function summarise(comparisons: readonly Comparison[]): Summary {
  const rejected = comparisons.filter((comparison) => comparison.rejected)
  const accepted = comparisons.filter((comparison) => !comparison.rejected)
  return {
    cases: comparisons.length,
    rejected: rejected.length,
    caught: rejected.filter((comparison) => comparison.rejectedByUs).length,
    accepted: accepted.length,
    falseAlarms: accepted.filter((comparison) => comparison.rejectedByUs).length,
    samePaths: rejected.filter((comparison) => comparison.samePaths).length,
    sameMessages: rejected.filter((comparison) => comparison.sameMessages).length,
    sameStage: comparisons.filter((comparison) => comparison.verdict.stage === comparison.subject.stage).length,
  }
}

const percent = (part: number, whole: number): string => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`)

function row(name: string, comparisons: readonly Comparison[]): string {
  const sum = summarise(comparisons)
  const cells = [String(sum.cases), percent(sum.caught, sum.rejected), percent(sum.falseAlarms, sum.accepted), percent(sum.samePaths, sum.rejected), percent(sum.sameMessages, sum.rejected), percent(sum.sameStage, sum.cases)]
  return `${name.padEnd(28)}${cells.map((cell) => cell.padStart(11)).join('')}`
}

function grouped(comparisons: readonly Comparison[], keyOf: (comparison: Comparison) => string): [string, Comparison[]][] {
  const groups = new Map<string, Comparison[]>()
  for (const comparison of comparisons) groups.set(keyOf(comparison), [...(groups.get(keyOf(comparison)) ?? []), comparison])
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}

function isAgreement({ rejected, rejectedByUs, samePaths, sameMessages, subject, verdict }: Comparison): boolean {
  return rejected === rejectedByUs && (!rejected || (samePaths && sameMessages && subject.stage === verdict.stage))
}

function describe(comparison: Comparison): string {
  const { subject, verdict } = comparison
  const expected = expectedOf(subject).map((entry) => entry.text)
  const given = givenOf(verdict).map((entry) => entry.text)
  const lines = [`${comparison.rejected === comparison.rejectedByUs ? (comparison.samePaths ? 'text' : 'path') : comparison.rejected ? 'MISSED' : 'FALSE ALARM'} ${subject.file} ${subject.id} ${subject.manifest.kind} ${subject.stage} → ${verdict.stage}`]
  for (const text of expected.filter((item) => !given.includes(item))) lines.push(`    - ${text}`)
  for (const text of given.filter((item) => !expected.includes(item))) lines.push(`    + ${text}`)
  return lines.join('\n')
}

/** Where the labelled manifests are: the folder named by READYZ_ORACLE, or ../shared/oracle beside the project. */
export function oracleFolder(): string {
  return process.env.READYZ_ORACLE ?? fileURLToPath(new URL('../../../shared/oracle', import.meta.url))
}

/** Differences that stay, and why. They concern warnings; no verdict, path or message differs on the labelled manifests at hand. */
const explained = [
  { kind: 'Endpoints', reason: 'The label comes from the registry alone. A whole API server also warns that v1 Endpoints is deprecated (apiserver/pkg/endpoints), so admit() does.' },
]

const files = ['rules.ndjson', 'upstream-open.ndjson', 'mutants-open.ndjson']

/** Every labelled manifest there is; the project's own rules stand in for the whole when the folder is absent. */
export function readAllCases(): Case[] {
  const folder = oracleFolder()
  if (existsSync(folder)) return files.filter((file) => existsSync(join(folder, file))).flatMap((file) => readCases(join(folder, file)))
  return readCases(fileURLToPath(new URL('../../tests/apiserver/rules.ndjson', import.meta.url)))
}

export function run(argv: string[]): void {
  const option = (name: string): string | undefined => (argv.includes(`--${name}`) ? argv[argv.indexOf(`--${name}`) + 1] : undefined)
  const wanted = { stage: option('stage'), kind: option('kind'), file: option('file') }
  const comparisons = readAllCases()
    .filter((subject) => (!wanted.stage || subject.stage === wanted.stage) && (!wanted.kind || subject.manifest.kind === wanted.kind) && (!wanted.file || subject.file.startsWith(wanted.file)))
    .map(compareCase)
  console.log(`${''.padEnd(28)}${['cases', 'rejected', 'false al.', 'paths', 'messages', 'stage'].map((title) => title.padStart(11)).join('')}`)
  console.log(row('all', comparisons))
  for (const keyOf of [(item: Comparison) => item.subject.file, (item: Comparison) => item.subject.stage, (item: Comparison) => item.subject.manifest.kind]) {
    console.log('')
    for (const [name, group] of grouped(comparisons, keyOf)) console.log(row(name, group))
  }
  const accepted = comparisons.filter((comparison) => !comparison.rejected)
  console.log(`\nwarnings as the server's on ${percent(accepted.filter((comparison) => comparison.sameWarnings).length, accepted.length)} of the accepted ones`)
  for (const { kind, reason } of explained) {
    const count = accepted.filter((comparison) => comparison.subject.manifest.kind === kind && !comparison.sameWarnings).length
    if (count > 0) console.log(`  ${count} ${kind}: ${reason}`)
  }
  const disagreements = comparisons.filter((comparison) => !isAgreement(comparison))
  console.log(`${disagreements.length} disagreements${disagreements.length > 0 ? ':' : '.'}`)
  const limit = Number(option('limit') ?? disagreements.length)
  for (const comparison of disagreements.slice(0, limit)) console.log(describe(comparison))
}
