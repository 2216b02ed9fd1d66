/** `readyz simulate SCENARIO`: exit code 0 when the run came to its end, every goal is met and no constraint broken, 1 when not, 2 when it could not run. */
import { checkConstraints, recordOf, unfeltHangs } from '../../server/cluster/index.ts'
import type { ConstraintResult, GoalResult, RunRecord, Unfelt } from '../../server/cluster/index.ts'
import { CannotRun } from './reading.ts'
import type { ScenarioFiles } from './scenario-files.ts'
import { played, readOptions, readScenarioFiles, runsOf } from './scenario-files.ts'

const usage = `Usage: readyz simulate SCENARIO [--with DIR] [--run NAME] [--output text|json] [--language en|zh-CN]

Plays a scenario (scenario.yaml, or the folder of a question) against its broken/ files (of a prediction: manifests/), prints what happened and judges the goals, if it has any.

  --with DIR      files laid over broken/, as repairs/<name>
  --run NAME      only this run (default: all)
  --output json   everything for programs: final objects, events, printed columns over time, verdicts
`

type Language = 'en' | 'zh-CN'

/** The verb; prints to standard output, problems of use to standard error. */
export async function simulateCommand(argv: readonly string[]): Promise<number> {
  try {
    const { values, words } = readOptions(argv, ['with', 'run', 'output', 'language'])
    if (values.help) {
      process.stdout.write(usage)
      return 0
    }
    if (words.length !== 1) throw new CannotRun(usage)
    const output = values.output ?? 'text'
    const language = values.language ?? 'en'
    if (output !== 'text' && output !== 'json') throw new CannotRun('--output is text or json.')
    if (language !== 'en' && language !== 'zh-CN') throw new CannotRun('--language is en or zh-CN.')
    const read = readScenarioFiles(words[0]!, values.with)
    const unfelt: Unfelt[] = []
    const records = runsOf(read.scenario, values.run).map((run) => {
      const simulation = played(read, { run, goals: read.scenario.goals })
      const record = recordOf(simulation)
      unfelt.push(...unfeltHangs(simulation.cluster, read.broken, read.answer))
      return record
    })
    const constraints = constraintsOf(read, unfelt)
    process.stdout.write(output === 'json' ? `${JSON.stringify({ runs: records, constraints }, null, 2)}\n` : records.map((record) => textOf(record, language)).join('\n') + constraintText(constraints, language))
    return records.some((record) => !record.completed || record.goals.some(({ verdict }) => verdict !== 'met')) || constraints.some(({ broken }) => broken) ? 1 : 0
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }
}

/** Nothing to compare where nothing is given to repair. */
function constraintsOf({ scenario, files, broken, answer }: ScenarioFiles, unfelt: readonly Unfelt[]): ConstraintResult[] {
  if (Object.keys(broken).length === 0 || scenario.goals.length === 0) return []
  return checkConstraints({ scenario, broken, answer, unfelt, given: Object.fromEntries(scenario.given.map((path) => [path, files[path] ?? ''])) })
}

const shown = new Set(['step', 'step-refused', 'pod-placed', 'pod-phase', 'container-state', 'ready', 'event', 'endpoint', 'node-ready', 'pod-terminating', 'pod-deleted', 'request-lost', 'reconnected', 'reach', 'drain-finished', 'drain-timeout', 'evict-refused', 'behaved'])

function textOf(record: RunRecord, language: Language): string {
  const lines = [`run ${record.run}${record.completed ? '' : `: cut short, ${record.limit ?? ''}`}`]
  for (const { file, ref, result, message, warnings } of record.applied) lines.push(`  ${file}: ${ref.kind.toLowerCase()}/${ref.name} ${result}${message === '' ? '' : `: ${message}`}`, ...warnings.map((warning) => `    Warning: ${warning}`))
  for (const entry of record.timeline) {
    if (!shown.has(entry.kind) || entry.ref?.namespace === 'kube-system') continue
    const who = entry.ref ? `${entry.ref.kind.toLowerCase()}/${entry.ref.name}${entry.container ? ` ${entry.container}` : ''}` : ''
    lines.push(`${seconds(entry.at).padStart(10)}  ${entry.kind.padEnd(15)} ${who.padEnd(40)} ${entry.text}`)
  }
  for (const { name, sent, lost } of record.traffic) lines.push(`  traffic ${name}: ${sent} sent, ${lost.length} lost${lost[0] ? `, first at ${seconds(lost[0].at)}: ${lost[0].error}` : ''}`)
  for (const note of record.notes) lines.push(`  ${note.decisive ? 'not modelled, decisive' : 'not modelled'}: ${note.text}`)
  if (record.goals.length > 0) lines.push('goals', ...record.goals.map((goal) => goalText(goal, language)))
  return `${lines.join('\n')}\n`
}

function goalText(goal: GoalResult, language: Language): string {
  return `  ${goal.verdict.padEnd(9)} ${goal.id} (${goal.points}) at ${seconds(goal.at)}: ${goal.says[language]}\n            ${goal.because[language]}`
}

function constraintText(constraints: readonly ConstraintResult[], language: Language): string {
  const broken = constraints.filter((constraint) => constraint.broken)
  return broken.length === 0 ? '' : `constraints\n${broken.map((one) => `  broken    ${one.id}: ${one.because[language]}${one.file ? ` (${one.file}${one.path ? ` ${one.path}` : ''})` : ''}\n`).join('')}`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)}s`
}
