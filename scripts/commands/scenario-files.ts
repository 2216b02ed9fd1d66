/** Reading a scenario from disk: its folder's files, and the manifests to apply. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parse } from 'yaml'
import { scenarioSchema } from '../../server/cluster/index.ts'
import type { Scenario } from '../../server/cluster/index.ts'

export type ScenarioFiles = {
  scenario: Scenario
  /** Every text file of the scenario's folder by its path in it. */
  files: Record<string, string>
  /** What the person would be given. */
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
  let value: unknown
  try {
    value = parse(readFileSync(file, 'utf8'), { maxAliasCount: 100 })
  } catch (error) {
    throw new CannotRun(`${file}: ${(error as Error).message}`)
  }
  const parsed = scenarioSchema.safeParse(value)
  if (!parsed.success) throw new CannotRun(parsed.error.issues.map((issue) => `${file}: ${issue.path.join('.') || 'scenario'}: ${issue.message}`).join('\n'))
  const broken = below(files, 'broken')
  if (over !== undefined && !existsSync(over)) throw new CannotRun(`There is no ${over}.`)
  const laid = over === undefined ? {} : statSync(over).isDirectory() ? filesBelow(over) : { [basename(over)]: readFileSync(over, 'utf8') }
  return { scenario: parsed.data, files, broken, answer: { ...broken, ...laid } }
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
