/**
 * The grade of a repair: goals met in what the simulated cluster does with it, unless a standing constraint is broken.
 * Pure and total: whatever the answer holds, there is a grade and no exception. Exceptions mean that the question itself is wrong.
 */
import { checkConstraints, predicateOf, readManifests } from '../../cluster/index.ts'
import type { ConstraintResult, GoalResult, Note, Scenario } from '../../cluster/index.ts'
import type { Files, Grade, Language, Part, Text } from '../question-type.ts'
import { filesIn } from './files.ts'
import type { Played, Shown } from './play.ts'
import { play, playBroken, shownOf } from './play.ts'
import { readPositions } from './positions.ts'
import { textProblems } from './precheck.ts'
import { readScenario } from './scenario-text.ts'

export type Problem = { message: string; file?: string; line?: number; column?: number; severity?: 'warning' }

/** A constraint as far as it matters to people: only broken ones carry a place. */
export type ConstraintEvidence = ConstraintResult & { line?: number; column?: number }

/** What a grade shows where the key may be shown. `before` and `after` belong together by run. */
export type RepairEvidence = {
  problems: Problem[]
  goals: GoalResult[]
  constraints: ConstraintEvidence[]
  notes: Note[]
  runs: { run: string; about?: Text; before?: Shown; after: Shown }[]
}
export type RepairInput = { scenarioText: string; files: Files; answer: Readonly<Record<string, string>>; language: Language }

/** Constraint number 0: what the API server refuses is no repair. It cannot be lifted. */
const accepted = 'K0'

export function gradeRepair({ scenarioText, files, answer, language }: RepairInput): Grade {
  const scenario = readScenario(scenarioText)
  const broken = filesIn(files, 'broken')
  const problems: Problem[] = textProblems(broken, answer, language)
  if (problems.length > 0) return nothing(scenario, { problems }, { en: 'The files could not be read.', 'zh-CN': '文件无法读取。' })
  const whole = { ...broken, ...answer }
  if (sameObjects(broken, whole)) return nothing(scenario, {}, { en: 'Nothing was changed.', 'zh-CN': '没有任何改动。' })
  const given = Object.fromEntries(scenario.given.map((path) => [path, files[path] ?? '']))
  const played = play(scenario, files, whole)
  const { problems: refusals, constraint } = refusalsOf(played, whole)
  const constraints = [constraint, ...checkConstraints({ scenario, broken, given, answer: whole, unfelt: played.unfelt }).map((one) => placed(one, whole))]
  return assembled(scenario, playBroken(scenario, files), played, constraints, [...refusals, ...warningsOf(played, whole)])
}

/** Do both sets hold the same objects? Comments, order of keys and quoting are no change. */
function sameObjects(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const text = (files: Readonly<Record<string, string>>): string => sortedJson(Object.keys(files).sort().map((file) => (files[file] === '' ? [] : readManifests(file, files[file]!))))
  return text(a) === text(b)
}

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  return `{${Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)).map(([key, inner]) => `${JSON.stringify(key)}:${sortedJson(inner)}`).join(',')}}`
}

/** Score 0 with every goal missed for one reason. */
function nothing(scenario: Scenario, evidence: Partial<RepairEvidence>, why: Text): Grade {
  const goals = scenario.goals.map((goal): GoalResult => ({ id: goal.id, run: goal.run ?? scenario.runs[0]!.name, points: goal.points, verdict: 'missed', at: 0, says: goal.says ?? predicateOf(goal).predicate.says(predicateOf(goal).spec), because: why, evidence: [] }))
  return { score: 0, parts: goals.map((goal) => partOf(goal, 0)), evidence: { problems: [], goals, constraints: [], notes: [], runs: [], ...evidence } satisfies RepairEvidence }
}

function refusalsOf(played: Played, whole: Readonly<Record<string, string>>): { problems: Problem[]; constraint: ConstraintEvidence } {
  const refused = played.applied.filter(({ result }) => result === 'rejected')
  const problems = refused.flatMap(({ file, ref, message, causes }) => {
    const positions = readPositions(whole[file] ?? '')
    if (!causes || causes.length === 0) return [{ file, message, ...positions.place(ref) }]
    return causes.map((cause) => ({ file, message: cause.field === '' ? cause.message : `${cause.field}: ${cause.message}`, ...positions.place(ref, cause.field) }))
  })
  if (refused.length === 0) return { problems, constraint: { id: accepted, broken: false, because: { en: 'The API server accepts every object', 'zh-CN': 'API server 接受所有对象' } } }
  const [first] = refused
  return { problems, constraint: { id: accepted, broken: true, because: { en: `The API server refuses an object: ${first!.message}`, 'zh-CN': `API server 拒绝了对象：${first!.message}` }, ref: first!.ref, file: first!.file } }
}

function warningsOf(played: Played, whole: Readonly<Record<string, string>>): Problem[] {
  return played.applied.flatMap(({ file, ref, warnings }) => warnings.map((message) => ({ file, message, severity: 'warning' as const, ...readPositions(whole[file] ?? '').place(ref) })))
}

function placed(constraint: ConstraintResult, whole: Readonly<Record<string, string>>): ConstraintEvidence {
  if (!constraint.broken || !constraint.file || !constraint.ref || whole[constraint.file] === undefined) return constraint
  return { ...constraint, ...readPositions(whole[constraint.file]!).place(constraint.ref, constraint.path) }
}

const notRepaired: Text = { en: 'This held before the repair too, and nothing else was repaired.', 'zh-CN': '修复之前就已如此，而其他问题都没有修好。' }
const constraintBroken: Text = { en: 'Not counted: a constraint is broken.', 'zh-CN': '不计分：违反了约束。' }

/** Goals to points. A broken constraint takes everything; what held already counts only beside something that was repaired. */
function assembled(scenario: Scenario, before: Played, after: Played, constraints: ConstraintEvidence[], problems: Problem[]): Grade {
  const breach = constraints.find((one) => one.broken)
  const heldBefore = new Set(before.goals.filter(({ verdict }) => verdict === 'met').map(({ id }) => id))
  const repaired = after.goals.some(({ id, verdict }) => verdict === 'met' && !heldBefore.has(id))
  const parts = after.goals.map((goal) => {
    const counts = goal.verdict === 'met' && !breach && repaired
    const note = goal.verdict === 'met' && breach ? constraintBroken : goal.verdict === 'met' && !repaired ? notRepaired : goal.because
    return { ...partOf({ ...goal, because: note }, counts ? goal.points : 0), ...(goal.verdict === 'undecided' && !breach ? { undecided: true } : {}) }
  })
  const possible = scenario.goals.reduce((sum, goal) => sum + goal.points, 0)
  const earned = parts.reduce((sum, part) => sum + part.earned, 0)
  const open = parts.some((part) => part.undecided)
  const runs = after.runs.map((run) => {
    const { about } = scenario.runs.find(({ name }) => name === run.name)!
    const earlier = before.runs.find(({ name }) => name === run.name)
    return { run: run.name, ...(about ? { about } : {}), ...(earlier ? { before: shownOf(earlier) } : {}), after: shownOf(run) }
  })
  const evidence: RepairEvidence = { problems, goals: after.goals, constraints, notes: after.notes, runs }
  return { score: possible === 0 ? 0 : earned / possible, parts, ...(open ? { undecided: true } : {}), evidence }
}

function partOf(goal: GoalResult, earned: number): Part {
  return { id: goal.id, label: goal.says, earned, possible: goal.points, note: goal.because }
}
