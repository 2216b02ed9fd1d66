/** Reading a scenario from disk: its folder's files, and the manifests to apply. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isNode, LineCounter, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import { playableSchema, predicateOf } from '../../server/cluster/index.ts'
import type { Scenario } from '../../server/cluster/index.ts'

export type ScenarioFiles = {
  scenario: Scenario
  /** Every text file of the scenario's folder by its path in it. */
  files: Record<string, string>
  /** What the person would be given; of a prediction, what is shown and played. */
  broken: Record<string, string>
  /** What is applied: `broken/` with the files of --with laid over it. */
  answer: Record<string, string>
}

/** What keeps a command from running; printed without a stack. */
export class CannotRun extends Error {}

function filesBelow(dir: string, prefix = ''): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of readdirSync(join(dir, prefix)).sort()) {
    const path = prefix === '' ? name : `${prefix}/${name}`
    if (statSync(join(dir, path)).isDirectory()) Object.assign(found, filesBelow(dir, path))
    else if (/\.(ya?ml|json|md)$/.test(name)) found[path] = readFileSync(join(dir, path), 'utf8')
  }
  return found
}

function below(files: Record<string, string>, folder: string): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([path]) => path.startsWith(`${folder}/`)).map(([path, text]) => [path.slice(folder.length + 1), text]))
}

/** `path` is a scenario.yaml or the folder that holds one; `over` a folder (or one file) of manifests. */
export function readScenarioFiles(path: string, over: string | undefined): ScenarioFiles {
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'scenario.yaml') : path
  if (!existsSync(file)) throw new CannotRun(`There is no ${file}.`)
  const files = filesBelow(dirname(file))
  const scenario = scenarioIn(file, readFileSync(file, 'utf8'))
  const own = below(files, 'broken')
  const broken = Object.keys(own).length > 0 ? own : below(files, 'manifests')
  if (over !== undefined && !existsSync(over)) throw new CannotRun(`There is no ${over}.`)
  const laid = over === undefined ? {} : statSync(over).isDirectory() ? filesBelow(over) : { [basename(over)]: readFileSync(over, 'utf8') }
  return { scenario, files, broken, answer: { ...broken, ...laid } }
}

/** Reads the scenario; what is wrong with it is said with line and column. */
function scenarioIn(file: string, text: string): Scenario {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent' })
  const placed = (offset: number, message: string): string => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}: ${message}`
  }
  if (document.errors.length > 0) throw new CannotRun(document.errors.map(({ pos, message }) => placed(pos[0], message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, ''))).join('\n'))
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    throw new CannotRun(`${file}: ${(error as Error).message}`)
  }
  const parsed = playableSchema.safeParse(value)
  const problems = parsed.success ? [...authorProblems(parsed.data)] : parsed.error.issues.map(({ path, message }) => ({ path: path.map(String), message }))
  if (problems.length > 0) throw new CannotRun(problems.map(({ path, message }) => placed(offsetOf(document, path), `${path.join('.') || 'scenario'}: ${message}`)).join('\n'))
  return parsed.data!
}

/** A goal asks one thing and a step does one, which a schema of fields cannot say. */
function* authorProblems(scenario: Scenario): Iterable<{ path: string[]; message: string }> {
  for (const [i, goal] of scenario.goals.entries()) {
    try {
      const { predicate, spec } = predicateOf(goal)
      predicate.about(spec, scenario.namespace)
    } catch (error) {
      yield { path: ['goals', String(i)], message: (error as Error).message }
    }
  }
  for (const [r, run] of scenario.runs.entries()) {
    for (const [i, step] of run.steps.entries()) {
      const verbs = Object.entries(step).filter(([key, value]) => key !== 'at' && key !== 'as' && value !== undefined)
      if (verbs.length !== 1) yield { path: ['runs', String(r), 'steps', String(i)], message: `a step does exactly one thing; this one does ${verbs.length === 0 ? 'none' : verbs.map(([name]) => name).join(', ')}` }
    }
  }
}

/** Where the value at a path begins, or the nearest one above it that is there. */
function offsetOf(document: Document, path: readonly string[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length).map((step) => (/^\d+$/.test(step) ? Number(step) : step)), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

export type Options = { values: Record<string, string>; words: string[]; rest: string[] }

/** `--name value` and `--name=value` for the names given; words after `--` are `rest`. */
export function readOptions(argv: readonly string[], names: readonly string[]): Options {
  const values: Record<string, string> = {}
  const words: string[] = []
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!
    if (word === '--') return { values, words, rest: argv.slice(i + 1) }
    const [name, inline] = word.startsWith('--') ? [word.slice(2).split('=')[0]!, word.includes('=') ? word.slice(word.indexOf('=') + 1) : undefined] : ['', undefined]
    if (name === '') words.push(word)
    else if (name === 'help') values.help = 'yes'
    else if (names.includes(name)) values[name] = inline ?? argv[++i] ?? ''
    else throw new CannotRun(`Unknown option ${word}.`)
  }
  return { values, words, rest: [] }
}
