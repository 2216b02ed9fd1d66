/** One run of a scenario: the platform's objects first, then the person's files, then the steps, and what came of it. */
import type { Ref } from '../k8s/object.ts'
import { refOf } from '../k8s/object.ts'
import type { Millis } from '../k8s/duration.ts'
import type { LiveCluster, Parts } from './cluster.ts'
import { createCluster } from './cluster.ts'
import type { Limits } from './loop.ts'
import { readManifests } from './manifests.ts'
import { watchGoals } from './goals/index.ts'
import type { Goal, Run, Scenario } from './scenario.ts'
import { runStep } from './steps.ts'
import type { Traffic } from './traffic/index.ts'
import { createTraffic } from './traffic/index.ts'
import type { ApiError, GoalResult, RunResult, View } from './types.ts'
import { unmodelledIn } from './unmodelled.ts'

export type SimulationInput = {
  scenario: Scenario
  /** Texts of every file of the question folder the scenario may name: `given` and the steps' `apply`. */
  given: Readonly<Record<string, string>>
  /** The person's files, in the order they are applied. */
  files: Readonly<Record<string, string>>
  /** Files that run already when the person's are applied: the broken state, of a scenario that starts from it. */
  before?: Readonly<Record<string, string>>
  /** Name of the run; the first when absent. */
  run?: string
  /** Goals to judge; those of other runs are left out. */
  goals?: readonly Goal[]
  /** Called once the infrastructure stands and before anything is applied: watchers schedule their looks here. */
  prepare?: (cluster: LiveCluster) => void
  limits?: Limits
  /** Ends the run early, this long after the apply instant; goals that look later stay undecided. */
  until?: Millis
}

export type Simulation = { result: RunResult; goals: GoalResult[]; traffic: Traffic; cluster: LiveCluster; /** The objects as of a moment after the apply instant (negative: before). */ at(after: Millis): View }

/** Plays one run to its end. Throws when the scenario names a run or file that does not exist, which is the author's mistake. */
export function simulateWith(parts: Parts, input: SimulationInput): Simulation {
  const run = runOf(input.scenario, input.run)
  const cluster = createCluster(input.scenario, run, parts, input.limits)
  const applied: RunResult['applied'] = []
  const apply = (file: string, text: string | undefined, through: LiveCluster = cluster): void => {
    if (text === undefined) throw new Error(`the scenario names ${file}, which is not there`)
    applyFile(through, file, text, applied)
  }
  input.prepare?.(cluster)
  const traffic = createTraffic(cluster)
  const judge = watchGoals(cluster, (input.goals ?? []).filter((goal) => (goal.run ?? input.scenario.runs[0]!.name) === run.name), traffic)
  cluster.schedule(0, 'step', '', () => {
    for (const file of input.scenario.given) apply(file, input.given[file])
    for (const [file, text] of Object.entries(input.before ?? {})) apply(file, text)
  })
  const appliedAt = cluster.appliedAt
  cluster.schedule(appliedAt, 'step', '', () => {
    cluster.record({ kind: 'step', text: 'apply' })
    for (const [file, text] of Object.entries(input.files)) apply(file, text)
  })
  for (const [i, step] of run.steps.entries()) cluster.schedule(appliedAt + step.at, 'step', `step ${String(i).padStart(4, '0')}`, () => runStep(cluster, step, { apply: (file, through) => apply(file, input.given[file] ?? input.files[file], through) }))
  const completed = cluster.advance(appliedAt + Math.min(input.until ?? run.length, run.length))
  const result: RunResult = { run: run.name, completed, endedAt: cluster.now - appliedAt, timeline: [...cluster.timeline], notes: [...cluster.notes], applied }
  if (cluster.loop.limit !== undefined) result.limit = cluster.loop.limit
  return { result, goals: judge(), traffic, cluster, at: (after) => cluster.store.at(appliedAt + after) }
}

function runOf(scenario: Scenario, name: string | undefined): Run {
  const run = name === undefined ? scenario.runs[0] : scenario.runs.find((one) => one.name === name)
  if (!run) throw new Error(`the scenario has no run called ${name}`)
  return run
}

function applyFile(cluster: LiveCluster, file: string, text: string, applied: RunResult['applied']): void {
  for (const manifest of readManifests(file, text)) {
    if ('error' in manifest) {
      applied.push({ file, ref: { kind: '', namespace: '', name: '' }, result: 'rejected', message: manifest.error, warnings: [] })
      continue
    }
    const outcome = cluster.api.apply(manifest.object)
    if (!('error' in outcome)) for (const note of unmodelledIn(outcome.object)) cluster.note(note)
    const ref = 'error' in outcome ? { ...refOf(manifest.object), namespace: manifest.object.metadata.namespace ?? cluster.scenario.namespace } : refOf(outcome.object)
    const entry: RunResult['applied'][number] = 'error' in outcome
      ? { file, ref, result: 'rejected', message: refusalText(file, ref, outcome.error), warnings: [], causes: outcome.error.causes ?? [] }
      : { file, ref, result: outcome.verb ?? 'configured', message: '', warnings: outcome.warnings }
    applied.push(entry)
    cluster.record({ kind: 'applied', ref, text: entry.result, data: { file, message: entry.message } })
  }
}

/** A refusal as kubectl prints it; a kind the server does not know is found out before anything is sent. */
function refusalText(file: string, ref: Ref, error: ApiError): string {
  if (error.message.startsWith('no matches for kind')) return `error: resource mapping not found for name: "${ref.name}" namespace: "${ref.namespace}" from "${file}": ${error.message}\nensure CRDs are installed first`
  if (error.reason === 'Invalid') return `The ${error.message.replace(/^(\S+) /, (kind) => kind.replace(/\..* $/, ' '))}`
  return `Error from server (${error.reason}): ${error.message}`
}
