/** The simulated cluster's doors: play a run with all its parts, judge its goals and constraints, or stand a cluster up by hand. */
import type { Simulation, SimulationInput } from './simulate.ts'
import { simulateWith } from './simulate.ts'
import { standardParts } from './standard-parts.ts'

export { createCluster } from './cluster.ts'
export type { Kubelet, LiveCluster, Parts } from './cluster.ts'
export { unfeltHangs } from './constraints/hang.ts'
export type { Unfelt } from './constraints/items.ts'
export { checkConstraints, constraints } from './constraints/index.ts'
export { predicateOf, predicates, watchGoals } from './goals/index.ts'
export { lossInChinese, noteInChinese, reachInChinese } from './goals/chinese.ts'
export { limitWords } from './goals/predicate.ts'
export { createKubelet } from './kubelet/index.ts'
export { completeKubectl, documentationFrom, kindToExplain, kubectlHelp, runKubectl } from './kubectl/index.ts'
export type { Session } from './kubectl/index.ts'
export { readManifests } from './manifests.ts'
export { recordOf } from './record.ts'
export type { RunRecord } from './record.ts'
export { podsOf, refFrom } from './references.ts'
export { playableSchema, scenarioSchema } from './scenario.ts'
export { schemas } from './schemas.ts'
export type { Goal, Run, Scenario } from './scenario.ts'
export { simulateWith } from './simulate.ts'
export type { Simulation, SimulationInput } from './simulate.ts'
export { standardParts } from './standard-parts.ts'
export { lastingSteps } from './steps.ts'
export { trafficOverTime } from './traffic/over-time.ts'
export type { TrafficOverTime } from './traffic/over-time.ts'
export type { ConstraintResult, GoalResult, Note, RunResult, TimelineEntry } from './types.ts'

/** Plays one run with all the real parts. Throws when the scenario names a run, file or kind that does not exist, which is the author's mistake. */
export function simulate(input: SimulationInput): Simulation {
  return simulateWith(standardParts(), input)
}
