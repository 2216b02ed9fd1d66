/** Plays the runs of a scenario against one set of files: the broken ones (once per question version) or an answer. */
import { simulate, trafficOverTime, unfeltHangs } from '../../cluster/index.ts'
import type { GoalResult, Note, RunResult, Scenario, Simulation, TimelineEntry, TrafficOverTime, Unfelt } from '../../cluster/index.ts'
import type { Files } from '../question-type.ts'
import { causesIn } from './causes.ts'
import type { Cause } from './causes.ts'
import { filesIn } from './files.ts'

/** A timeline entry for people: `at` is relative to the apply instant. */
export type Fact = Pick<TimelineEntry, 'at' | 'kind' | 'text' | 'ref' | 'container' | 'data'> & { /** The line of the files that made it happen, where that is known. */ cause?: Cause }
/** One run as far as people see it. */
export type PlayedRun = { name: string; lengthMs: number; completed: boolean; limit?: string; facts: Fact[]; traffic: TrafficOverTime[] }
export type Played = { runs: PlayedRun[]; goals: GoalResult[]; applied: RunResult['applied']; notes: Note[]; /** Liveness probes that do not notice a hang. */ unfelt: Unfelt[] }

const factsMax = 400
const textMax = 300

/** Runs that a goal asks for, or the first one. */
function runsOf(scenario: Scenario): string[] {
  const first = scenario.runs[0]!.name
  const wanted = new Set(scenario.goals.map((goal) => goal.run ?? first))
  return scenario.runs.map(({ name }) => name).filter((name) => wanted.has(name))
}

/** What a picture of a run and the list beside it need. */
export function playedRun({ result, cluster, traffic }: Simulation, causeOf?: (entry: TimelineEntry) => Cause | undefined): PlayedRun {
  return { name: cluster.run.name, lengthMs: cluster.run.length, completed: result.completed, facts: factsOf(result.timeline, cluster.appliedAt, causeOf), traffic: trafficOverTime(cluster, traffic), ...(result.limit === undefined ? {} : { limit: result.limit }) }
}

/** One run as grades and reviews bring it to a page; times are relative to the apply instant. */
export type Shown = { endedAt: number; completed: boolean; limit?: string; timeline: Fact[]; /** Absent in grades of old, and where nothing is sent. */ traffic?: TrafficOverTime[] }

export function shownOf({ lengthMs, completed, limit, facts, traffic }: PlayedRun): Shown {
  return { endedAt: lengthMs, completed, timeline: facts, ...(traffic.length === 0 ? {} : { traffic }), ...(limit === undefined ? {} : { limit }) }
}

/** Plays every run that has goals. `answer` holds the person's files by their name in `broken/`. */
export function play(scenario: Scenario, files: Files, answer: Readonly<Record<string, string>>): Played {
  const before = scenario.startsBroken ? filesIn(files, 'broken') : undefined
  const causeOf = causesIn(answer, scenario.namespace)
  const played: Played = { runs: [], goals: [], applied: [], notes: [], unfelt: [] }
  for (const name of runsOf(scenario)) {
    const simulation = simulate({ scenario, given: files, files: answer, run: name, goals: scenario.goals, ...(before ? { before } : {}) })
    const { result, goals, cluster } = simulation
    played.runs.push(playedRun(simulation, causeOf))
    played.goals.push(...goals.map((goal) => ({ ...goal, evidence: goal.evidence.map((entry): Fact => factOf(entry, cluster.appliedAt, causeOf)) })))
    if (played.applied.length === 0) played.applied = result.applied.filter(({ file }) => Object.hasOwn(answer, file))
    played.unfelt.push(...unfeltHangs(cluster, filesIn(files, 'broken'), answer))
    for (const note of result.notes) if (!played.notes.some((one) => one.text === note.text && one.path === note.path)) played.notes.push(note)
  }
  const order = new Map(scenario.goals.map(({ id }, index) => [id, index]))
  played.goals.sort((a, b) => order.get(a.id)! - order.get(b.id)!)
  return played
}

const shown = new Set(['pod-created', 'pod-deleted', 'pod-placed', 'pod-terminating', 'pod-phase', 'container-state', 'ready', 'event', 'endpoint', 'node-ready', 'step', 'step-refused', 'applied', 'drain-started', 'drain-finished', 'drain-timeout', 'evict-refused', 'request-lost', 'reconnected', 'reach', 'behaved'])

/** What tells how pods stood at the apply instant. */
const standing = new Set(['pod-created', 'pod-deleted', 'pod-terminating', 'container-state', 'ready'])

/** What people need of a timeline: facts from the apply instant on and how pods stood then, outside kube-system, repeated events once. */
export function factsOf(timeline: readonly TimelineEntry[], appliedAt: number, causeOf: (entry: TimelineEntry) => Cause | undefined = () => undefined): Fact[] {
  const events = new Set<string>()
  const facts: Fact[] = []
  for (const entry of timeline) {
    if (!shown.has(entry.kind) || entry.ref?.namespace === 'kube-system' || (entry.at < appliedAt && !standing.has(entry.kind))) continue
    if (entry.kind === 'event') {
      const key = `${entry.ref?.kind}/${entry.ref?.name} ${entry.data?.reason as string} ${entry.data?.fieldPath as string}`
      if (events.has(key)) continue
      events.add(key)
    }
    facts.push(factOf(entry, appliedAt, causeOf))
    if (facts.length >= factsMax) break
  }
  return facts
}

function factOf(entry: TimelineEntry, appliedAt: number, causeOf: (entry: TimelineEntry) => Cause | undefined): Fact {
  const cause = entry.at < appliedAt ? undefined : causeOf(entry)
  return { ...compact(entry, appliedAt), ...(cause === undefined ? {} : { cause }) }
}

const keptData = ['uid', 'ready', 'restarts', 'exitCode', 'ended', 'type', 'reason', 'ok', 'symptom', 'traffic', 'count'] as const

function compact(entry: TimelineEntry, appliedAt: number): Fact {
  const data = Object.fromEntries(keptData.flatMap((key) => (entry.data?.[key] === undefined ? [] : [[key, entry.data[key] as unknown]])))
  return { at: entry.at - appliedAt, kind: entry.kind, text: entry.text.slice(0, textMax), ...(entry.ref ? { ref: entry.ref } : {}), ...(entry.container === undefined ? {} : { container: entry.container }), ...(Object.keys(data).length > 0 ? { data } : {}) }
}

const kept = new Map<string, unknown>()
const most = 60

/** The same computation for the same files once per process; what is kept does not depend on who asked first. */
export function oncePerVersion<T>(what: string, files: Files, compute: () => T): T {
  const key = `${what}\u0000${Object.keys(files).filter((path) => !/^(repairs|near-misses)\//.test(path)).sort().map((path) => `${path}\u0000${files[path]!}`).join('\u0000')}`
  if (kept.has(key)) return kept.get(key) as T
  const value = compute()
  if (kept.size >= most) kept.delete(kept.keys().next().value!)
  kept.set(key, value)
  return value
}

/** The broken state's own play: what already held before anybody repaired anything. */
export function playBroken(scenario: Scenario, files: Files): Played {
  return oncePerVersion('broken', files, () => play(scenario, files, filesIn(files, 'broken')))
}
