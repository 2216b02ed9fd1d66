/** The evidence of a graded repair as a page shows it. PURE. The evidence is JSON from the grading process, so its parts may be absent. */
import { limitWords, noteInChinese } from '../../cluster/index.ts'
import type { TrafficOverTime } from '../../cluster/index.ts'
import type { Language, Part, Text } from '../../question-types/index.ts'
import { instantText, momentText } from '../instant.ts'
import { drawnLength, podLanes } from '../pod-lanes.ts'
import type { Fact } from '../pod-lanes.ts'
import { trafficLanesOf, trafficTable } from '../traffic-lanes.ts'
import type { TrafficLane } from '../traffic-lanes.ts'
import { evidenceLine, factLine } from './fact-line.ts'
import { shareOf } from './parts.ts'

type Finding = { message: string | Text; file?: string; line?: number; column?: number; severity?: string }
type Goal = { id: string; run: string; points: number; verdict: string; at: number; says: Text; because: Text; evidence?: Fact[] }
type Constraint = { id: string; broken: boolean; because: Text; file?: string; path?: string }
type Timeline = { endedAt: number; limit?: string; timeline: Fact[]; traffic?: TrafficOverTime[] }
type RunEvidence = { run: string; about?: Text; before?: Timeline; after?: Timeline; notes?: { text: string }[] }
/** What a fix-manifest grade brings along. */
export type RepairEvidence = { problems?: Finding[]; goals?: Goal[]; constraints?: Constraint[]; runs?: RunEvidence[]; notes?: { text: string }[] }

const entriesMax = 400

type Side = Timeline & { lanes: TrafficLane[] }

/** Both pictures of a run share one axis, so that they can be compared. */
function pair(run: RunEvidence, lookUrl: string | undefined, language: Language): Record<string, unknown> {
  const [before, after] = [run.before, run.after].map((side): Side | undefined => side && { ...side, lanes: trafficLanesOf(side.traffic, side.timeline) })
  const sides = [before, after].filter((side) => side !== undefined)
  const until = Math.max(0, ...sides.map(({ timeline, endedAt, lanes }) => drawnLength(timeline, endedAt, lanes)))
  const end = Math.max(until, ...sides.map(({ endedAt }) => endedAt))
  return {
    before: picture('before', before, until, language), after: picture('after', after, until, language),
    hasTraffic: sides.some(({ lanes }) => lanes.length > 0),
    scrub: lookUrl && until > 0 ? { url: lookUrl, run: run.run, start: instantText(0, language), until: end, step: end <= 120_000 ? 500 : end <= 600_000 ? 1000 : 5000 } : undefined,
  }
}

function picture(when: 'before' | 'after' | 'alone', run: Side | undefined, until: number, language: Language): Record<string, unknown> | undefined {
  if (!run) return undefined
  const facts = run.timeline.filter(({ at }) => at >= 0)
  return {
    when, ...(run.limit === undefined ? {} : { limit: limitWords(run.limit)[language] }),
    picture: podLanes(run.timeline, until, language, run.lanes),
    traffic: trafficTable(run.lanes, language),
    inEditor: when === 'after', entries: facts.slice(0, entriesMax).map((fact) => factLine(fact, language)),
  }
}

/** The parts of the grade, and the points of the question. */
type Credit = { parts: readonly Part[]; points: number }

/** What the goal brought, in points of the question: a goal that was met may still not count, and then its part says why. */
function creditOf(goal: Goal, { parts, points }: Credit): { points: number; earned: number | undefined; because: Text } {
  const part = parts.find(({ id }) => id === goal.id)
  const share = shareOf(parts, points)
  return { points: goal.points * share, earned: part && part.earned * share, because: part && part.earned < goal.points && goal.verdict === 'met' ? part.note : goal.because }
}

/** View model of partials/repair-evidence.hbs, or undefined when the grade brought no evidence of a repair. `lookUrl`: where any moment of a run can be looked at. */
export function repairView(evidence: unknown, credit: Credit, language: Language, lookUrl?: string): Record<string, unknown> | undefined {
  if (typeof evidence !== 'object' || evidence === null) return undefined
  const { problems = [], goals = [], constraints = [], runs = [], notes = [] } = evidence as RepairEvidence
  if (problems.length + goals.length + constraints.length + runs.length === 0) return undefined
  const allNotes = [...new Set([...notes, ...runs.flatMap((run) => run.notes ?? [])].map((note) => (language === 'zh-CN' ? noteInChinese(note) : note.text)))]
  const pairs = runs.map((run): Record<string, unknown> => ({ name: runs.length > 1 ? (run.about?.[language] ?? run.run) : '', ...pair(run, lookUrl, language) }))
  return {
    problems: problems.map((problem) => ({ ...problem, warning: problem.severity === 'warning' })),
    goals: goals.map((goal) => ({ ...goal, ...creditOf(goal, credit), decidedAt: goal.verdict === 'undecided' || goal.at <= 0 ? '' : momentText(goal.at, language), facts: (goal.evidence ?? []).map((fact) => evidenceLine(fact, language)) })),
    brokenConstraints: constraints.filter(({ broken }) => broken),
    notes: allNotes.map((text) => ({ text })),
    runs: pairs,
    hasTraffic: pairs.some(({ hasTraffic }) => hasTraffic),
  }
}

/** View model of partials/run-picture.hbs for a run that nobody changed anything about, or undefined when there is none. */
export function runView(run: unknown, language: Language): Record<string, unknown> | undefined {
  if (typeof run !== 'object' || run === null) return undefined
  const shown = run as Timeline
  const lanes = trafficLanesOf(shown.traffic, shown.timeline)
  return { ...picture('alone', { ...shown, lanes }, drawnLength(shown.timeline, shown.endedAt, lanes), language), hasTraffic: lanes.length > 0 }
}
