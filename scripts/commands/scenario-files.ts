/** Reading a scenario from disk: its folder's files, and the manifests to apply; and playing it. What keeps either from being done is said in a sentence. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isNode, LineCounter, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import { playableSchema, predicateOf, refFrom, simulate } from '../../server/cluster/index.ts'
import type { Scenario, Simulation, SimulationInput } from '../../server/cluster/index.ts'
import { CannotRun, reading } from './reading.ts'

export type ScenarioFiles = {
  scenario: Scenario
  /** Every text file of the scenario's folder by its path in it. */
  files: Record<string, string>
  /** What the person would be given; of a prediction, what is shown and played. */
  broken: Record<string, string>
  /** What is applied: `broken/` with the files of --with laid over it. */
  answer: Record<string, string>
}

type Found = { files: Record<string, string>; /** Path → why it cannot be read. */ unread: Map<string, CannotRun> }

function filesBelow(dir: string, prefix = '', found: Found = { files: {}, unread: new Map() }): Found {
  const inside = (path: string, read: () => void): void => {
    try {
      reading(join(dir, path), read)
    } catch (error) {
      found.unread.set(path, error as CannotRun)
    }
  }
  inside(prefix, () => {
    for (const name of readdirSync(join(dir, prefix)).sort()) {
      const path = prefix === '' ? name : `${prefix}/${name}`
      inside(path, () => {
        if (statSync(join(dir, path)).isDirectory()) filesBelow(dir, path, found)
        else if (/\.(ya?ml|json|md)$/.test(name)) found.files[path] = readFileSync(join(dir, path), 'utf8')
      })
    }
  })
  return found
}

/** All of a folder, or the reason why not. */
function wholeFolder(dir: string): Record<string, string> {
  const { files, unread } = filesBelow(dir)
  for (const problem of unread.values()) throw problem
  return files
}

function below(files: Record<string, string>, folder: string): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([path]) => path.startsWith(`${folder}/`)).map(([path, text]) => [path.slice(folder.length + 1), text]))
}

/** `path` is a scenario.yaml or the folder that holds one; `over` a folder (or one file) of manifests. */
export function readScenarioFiles(path: string, over: string | undefined): ScenarioFiles {
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'scenario.yaml') : path
  if (!existsSync(file)) throw new CannotRun(`There is no ${file}.`)
  const scenario = scenarioIn(file, reading(file, () => readFileSync(file, 'utf8')))
  const { files, unread } = filesBelow(dirname(file))
  // What else lies beside a scenario may be unreadable; what is played may not.
  const named = [...scenario.given, ...scenario.runs.flatMap(({ steps }) => steps.flatMap(({ apply }) => apply ?? []))]
  for (const [path, problem] of unread) if (/^(broken|manifests)(\/|$)/.test(path) || named.some((one) => one === path || one.startsWith(`${path}/`))) throw problem
  const own = below(files, 'broken')
  const broken = Object.keys(own).length > 0 ? own : below(files, 'manifests')
  if (over !== undefined && !existsSync(over)) throw new CannotRun(`There is no ${over}.`)
  const laid = over === undefined ? {} : statSync(over).isDirectory() ? wholeFolder(over) : { [basename(over)]: reading(over, () => readFileSync(over, 'utf8')) }
  return { scenario, files, broken, answer: { ...broken, ...laid } }
}

/** The names of the runs to play: all, or the one that is asked for. */
export function runsOf({ runs }: Scenario, wanted: string | undefined): string[] {
  const names = runs.map(({ name }) => name)
  if (wanted !== undefined && !names.includes(wanted)) throw new CannotRun(`There is no run ${wanted}. Runs: ${names.join(', ')}.`)
  return wanted === undefined ? names : [wanted]
}

/** Plays one run of what was read. */
export function played({ scenario, files, broken, answer }: ScenarioFiles, more: Pick<SimulationInput, 'run' | 'goals' | 'until'>): Simulation {
  try {
    return simulate({ scenario, given: files, files: answer, ...(scenario.startsBroken ? { before: broken } : {}), ...more })
  } catch (error) {
    throw new CannotRun(`The scenario cannot be played: ${(error as Error).message}`)
  }
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
    if (goal.run !== undefined && !scenario.runs.some(({ name }) => name === goal.run)) yield { path: ['goals', String(i), 'run'], message: `there is no run "${goal.run}"; runs: ${scenario.runs.map(({ name }) => name).join(', ')}` }
  }
  for (const [r, run] of scenario.runs.entries()) {
    if (scenario.runs.findIndex(({ name }) => name === run.name) < r) yield { path: ['runs', String(r), 'name'], message: `there is another run called ${run.name}` }
    for (const [i, step] of run.steps.entries()) {
      const verbs = Object.entries(step).filter(([key, value]) => key !== 'at' && key !== 'as' && value !== undefined)
      if (verbs.length !== 1) yield { path: ['runs', String(r), 'steps', String(i)], message: `a step does exactly one thing; this one does ${verbs.length === 0 ? 'none' : verbs.map(([name]) => name).join(', ')}` }
      for (const ref of [step.delete, step.restart, step.undo, step.patch?.object, step.scale?.workload, step.setImage?.workload, step.deletePods?.workload, step.behave?.workload, step.load?.workload]) {
        try {
          if (ref !== undefined) refFrom(ref, scenario.namespace)
        } catch (error) {
          yield { path: ['runs', String(r), 'steps', String(i)], message: (error as Error).message }
        }
      }
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
    else if (names.includes(name)) {
      const value = inline ?? argv[++i] ?? ''
      if (value === '' || (inline === undefined && value === '--')) throw new CannotRun(`--${name} needs a value.`)
      values[name] = value
    } else throw new CannotRun(`Unknown option ${word}.`)
  }
  return { values, words, rest: [] }
}
