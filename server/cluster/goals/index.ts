/** The goals of an exercise: every predicate by its name, watched during a run and judged after it. */
import type { K8sObject, OwnerReference, Ref } from '../../k8s/object.ts'
import { keyOf } from '../../k8s/object.ts'
import type { LiveCluster } from '../cluster.ts'
import { controllerOf } from '../pods.ts'
import type { Goal } from '../scenario.ts'
import type { Traffic } from '../traffic/index.ts'
import type { GoalResult, Note } from '../types.ts'
import { can, policy } from './access.ts'
import { config, envClean, file, slowdown, write } from './content.ts'
import { completes, neverTwoActive, singleWriter } from './jobs.ts'
import { admitted, evicted, neverStarted, noRestart, ready, restarted } from './lifecycle.ts'
import { endpointChanges, leaves, reach, serves } from './network.ts'
import { drain, scale, scheduled } from './placement.ts'
import type { Finding, Predicate } from './predicate.ts'
import { words } from './predicate.ts'
import { noLoss, share } from './traffic.ts'

type PredicateName = Exclude<keyof Goal, 'id' | 'points' | 'run' | 'says'>

/** Each predicate a goal may use. */
export const predicates: { readonly [Name in PredicateName]: Predicate<NonNullable<Goal[Name]>> } = {
  admitted, ready, noRestart, restarted, neverStarted, reach, noLoss, serves, leaves, endpointChanges, share, write, file, envClean, config,
  scheduled, scale, drain, can, singleWriter, completes, neverTwoActive, evicted, slowdown, policy,
}

/** The one predicate of a goal. Throws when there is none or more than one, which is the author's mistake. */
export function predicateOf(goal: Goal): { name: PredicateName; predicate: Predicate<unknown>; spec: unknown } {
  const names = (Object.keys(predicates) as PredicateName[]).filter((name) => goal[name] !== undefined)
  if (names.length !== 1) throw new Error(`goal ${goal.id} must have exactly one predicate; it has ${names.length === 0 ? 'none' : names.join(', ')}`)
  return { name: names[0]!, predicate: predicates[names[0]!] as Predicate<unknown>, spec: goal[names[0]!] }
}

/** Watches the goals of one run from its beginning; the function it gives judges them after the run. */
export function watchGoals(cluster: LiveCluster, goals: readonly Goal[], traffic: Traffic): () => GoalResult[] {
  const watched = goals.map((goal) => {
    const { predicate, spec } = predicateOf(goal)
    return { goal, predicate, spec, decide: predicate.watch(cluster, spec, traffic) }
  })
  return () => watched.map(({ goal, predicate, spec, decide }) => {
    const finding = trusted(cluster, predicate.about(spec, cluster.scenario.namespace), decide())
    const { verdict, at, because, evidence = [] } = finding
    return { id: goal.id, run: cluster.run.name, points: goal.points, verdict, at, says: goal.says ?? predicate.says(spec), because, evidence: [...evidence] }
  })
}

/** A finding holds only if the simulation could be trusted: no limit was hit, and nothing the goal depends on is outside the model. */
function trusted(cluster: LiveCluster, about: readonly Ref[], finding: Finding): Finding {
  if (cluster.loop.limit !== undefined) return { ...finding, verdict: 'undecided', because: words(`The simulation was cut short: ${cluster.loop.limit}.`, `模拟被中断：${cluster.loop.limit}。`) }
  const note = cluster.notes.find((one) => one.decisive && concerns(cluster, one, about))
  if (note) return { ...finding, verdict: 'undecided', because: words(`Could not be decided: ${note.text}`, `无法判定：${note.text}`) }
  return finding
}

/** Does a note touch one of the objects a goal is about, or a pod below it? A note without an object, or a goal about no object in particular, always meets. */
function concerns(cluster: LiveCluster, note: Note, about: readonly Ref[]): boolean {
  if (!note.ref || about.length === 0) return true
  const keys = new Set(about.map(keyOf))
  const seen = new Set<string>()
  let ref: Ref | undefined = note.ref
  while (ref && !seen.has(keyOf(ref))) {
    if (keys.has(keyOf(ref))) return true
    seen.add(keyOf(ref))
    const object: K8sObject | undefined = cluster.store.history(ref).find((version) => version.object)?.object
    const owner: OwnerReference | undefined = object && controllerOf(object)
    ref = owner ? { kind: owner.kind, namespace: ref.namespace, name: owner.name } : undefined
  }
  return false
}
