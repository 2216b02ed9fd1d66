/** `readyz check [FILE|DIR|-]...`: what the API server says to manifests, and what will hurt. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { CheckOptions, CheckReport, Severity, Text } from '../../server/checker/index.ts'
import { check, isClean, rules, storedText } from '../../server/checker/index.ts'
import type { FormatName } from '../../server/checker/output/formats.ts'
import { formatNames, githubReport, jsonReport, junitReport, sarifReport, summaryOf, summaryText, tapReport, textReport } from '../../server/checker/output/formats.ts'
import { decodeText } from '../../server/k8s/manifest.ts'
import { loadCustomJudge } from './custom-judge.ts'
import { CannotRun, reading, standardInput } from './reading.ts'

const usage = `Usage: readyz check [FILE|DIR|-]... [options]

Checks YAML and JSON manifests together, so that references across files are seen. A folder is read with all its
.yaml, .yml and .json files; - is standard input, which is also read when nothing is named.

  --kubernetes-version V   1.34, 1.35 or 1.36 (default)
  --output FORMAT          ${formatNames.join(', ')} (default: text)
  --strict LEVEL           exit 1 for advice of this level too: error (default), warning, hint, never
  --ignore RULE            leave a rule out; may be given several times, or as a list with commas
  --only RULE              only these rules; none: no advice at all
  --closed                 whatever the manifests refer to must be among them
  --defaulted              print the objects as the API server would store them, and nothing else
  --summary                end with a line that counts
  --quiet                  no pieces of text under the rows
  --verbose                name accepted objects too
  --rules                  list the rules and end

Exit codes: 0 fine, 1 something rejected or advised against, 2 could not run.
Options of kubeconform that mean the same are understood with one dash too: -summary, -output, -strict, -verbose,
-kubernetes-version, -ignore-missing-schemas, -n.
`

type Settings = { paths: string[]; options: CheckOptions; format: FormatName; failOn: Severity | 'never'; summary: boolean; defaulted: boolean; frames: boolean; verbose: boolean }

class Misuse extends Error {}

const withValue = new Set(['kubernetes-version', 'output', 'strict', 'ignore', 'only', 'o', 'n', 'schema-location', 'skip', 'reject', 'cache', 'ignore-filename-pattern'])

function settingsOf(argv: readonly string[]): Settings {
  const settings: Settings = { paths: [], options: {}, format: 'text', failOn: 'error', summary: false, defaulted: false, frames: true, verbose: false }
  const ignore: string[] = []
  const only: string[] = []
  let restricted = false
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index]!
    if (word === '--') {
      settings.paths.push(...argv.slice(index + 1))
      break
    }
    if (word === '-' || !word.startsWith('-')) {
      settings.paths.push(word)
      continue
    }
    const [name, inline] = word.replace(/^--?/, '').split(/=(.*)/s) as [string, string | undefined]
    // kubeconform's -strict takes no value: unknown fields are refused anyway.
    const takesValue = withValue.has(name) && !(name === 'strict' && inline === undefined && !['error', 'warning', 'hint', 'never'].includes(argv[index + 1] ?? ''))
    const value = takesValue ? (inline ?? argv[++index]) : inline
    if (takesValue && value === undefined) throw new Misuse(`--${name} needs a value.`)
    switch (name) {
      case 'kubernetes-version': {
        const minor = /^v?(1\.\d+)(?:\.\d+)?$/.exec(value!)?.[1]
        if (value !== 'master' && minor !== '1.34' && minor !== '1.35' && minor !== '1.36') throw new Misuse(`--kubernetes-version is "${value}"; valid are 1.34, 1.35 and 1.36.`)
        settings.options.version = value === 'master' ? '1.36' : (minor as '1.36')
        break
      }
      case 'o':
      case 'output':
        if (value === 'pretty') settings.format = 'text'
        else if (!(formatNames as readonly string[]).includes(value!)) throw new Misuse(`--output is "${value}"; valid are ${formatNames.join(', ')}.`)
        else settings.format = value as FormatName
        break
      case 'strict':
        if (value !== undefined && !['error', 'warning', 'hint', 'never'].includes(value)) throw new Misuse(`--strict is "${value}"; valid are error, warning, hint and never.`)
        settings.failOn = (value as Severity | undefined) ?? settings.failOn
        break
      case 'ignore': ignore.push(...value!.split(',')); break
      case 'only':
        restricted = true
        if (value !== 'none') only.push(...value!.split(','))
        break
      case 'closed': settings.options.closed = true; break
      case 'summary': settings.summary = true; break
      case 'defaulted': settings.defaulted = true; break
      case 'quiet': settings.frames = false; break
      case 'verbose': settings.verbose = true; break
      case 'ignore-missing-schemas': case 'n': case 'schema-location': case 'cache': case 'exit-on-error': break
      default: throw new Misuse(`Unknown option ${word}.`)
    }
  }
  const known = new Set(rules.map(({ id }) => id))
  const strange = [...ignore, ...only].filter((id) => !known.has(id))
  if (strange.length > 0) throw new Misuse(`Unknown rule: ${strange.join(', ')}. \`readyz check --rules\` lists them.`)
  if (ignore.length > 0) settings.options.ignore = ignore
  if (restricted) settings.options.only = only
  return settings
}

/** Files below a folder, in order. */
function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return reading(path, () => readdirSync(path, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((entry) => {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') return []
    const inner = join(path, entry.name)
    if (entry.isDirectory()) return filesOf(inner)
    return /\.(ya?ml|json)$/i.test(entry.name) ? [inner] : []
  })
}

type Read = { file: string; text: string } | { file: string; problem: Text }

async function readAll(paths: readonly string[]): Promise<Read[]> {
  const missing = paths.filter((path) => path !== '-' && !existsSync(path))
  if (missing.length > 0) throw new Misuse(`There is no ${missing.join(', ')}.`)
  const read: Read[] = []
  for (const path of paths.length > 0 ? paths : ['-']) {
    for (const file of path === '-' ? ['-'] : filesOf(path)) {
      const decoded = decodeText(file === '-' ? await standardInput() : reading(file, () => readFileSync(file)))
      read.push('text' in decoded ? { file: file === '-' ? '<stdin>' : file, text: decoded.text } : { file, problem: decoded.problem })
    }
  }
  return read
}

const start = { line: 1, column: 1, offset: 0 }

function rulesText(): string {
  const width = Math.max(...rules.map(({ id }) => id.length))
  return rules.map((rule) => `${rule.id.padEnd(width)}  ${`${rule.severity}${rule.optional ? ', optional' : ''}`.padEnd(17)}  ${rule.title.en}`).join('\n')
}

function print(report: CheckReport, settings: Settings, texts: ReadonlyMap<string, string>): void {
  const summary = summaryOf(report, texts.size)
  const { format } = settings
  const body = format === 'json' ? jsonReport(report, summary)
    : format === 'sarif' ? sarifReport(report, process.env.npm_package_version ?? '0.1.0')
    : format === 'junit' ? junitReport(report)
    : format === 'github' ? githubReport(report)
    : format === 'tap' ? tapReport(report)
    : textReport(report, texts, { frames: settings.frames, verbose: settings.verbose })
  if (body !== '') process.stdout.write(`${body}\n`)
  if (format === 'text' && (settings.summary || body === '')) process.stdout.write(`${summaryText(summary)}\n`)
}

/** Above this many texts, and only when rules need not see across them, several threads share the work. */
const sharedFrom = 400

export async function checkCommand(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(usage)
    return 0
  }
  if (argv.includes('--rules')) {
    process.stdout.write(`${rulesText()}\n`)
    return 0
  }
  try {
    const settings = settingsOf(argv)
    if (settings.paths.length === 0 && process.stdin.isTTY) throw new Misuse('Name a file or a folder, or pipe a manifest in.')
    const read = await readAll(settings.paths)
    if (read.length === 0) throw new Misuse(`There is no .yaml, .yml or .json file in ${settings.paths.join(', ')}.`)
    const inputs = read.filter((one): one is { file: string; text: string } => 'text' in one)
    await loadCustomJudge(inputs.some(({ text }) => text.includes('CustomResourceDefinition')))
    const report = inputs.length >= sharedFrom && availableParallelism() > 1 ? await (await import('./check-shared.ts')).checkShared(inputs, settings.options) : check(inputs, settings.options)
    for (const one of read) if ('problem' in one) report.problems.push({ file: one.file, code: 'not-text', severity: 'error', message: one.problem, range: { start, end: start } })
    if (settings.defaulted) {
      process.stdout.write(report.documents.filter((document) => document.defaulted).map(storedText).join('---\n'))
      for (const document of report.documents) for (const error of document.errors) process.stderr.write(`${document.file}:${error.range.start.line}:${error.range.start.column}: ${error.path === '' ? '' : `${error.path}: `}${error.message}\n`)
      return report.documents.some(({ verdict }) => verdict === 'rejected') ? 1 : 0
    }
    print(report, settings, new Map(inputs.map(({ file, text }) => [file, text])))
    return isClean(report, settings.failOn) ? 0 : 1
  } catch (error) {
    if (error instanceof CannotRun) {
      process.stderr.write(`${error.message}\n`)
      return 2
    }
    if (!(error instanceof Misuse)) throw error
    process.stderr.write(`${error.message}\n\n\`readyz check --help\` says more.\n`)
    return 2
  }
}
