/** The goals of an exercise: every predicate by its name, watched during a run and judged after it. */
import type { Fields, K8sObject, OwnerReference, Ref } from '../../k8s/object.ts'
import { keyOf } from '../../k8s/object.ts'
import type { LiveCluster } from '../cluster.ts'
import { controllerOf } from '../pods.ts'
import type { Goal } from '../scenario.ts'
import { selects } from '../selection.ts'
import type { Traffic } from '../traffic/index.ts'
import type { GoalResult, Note, TimelineEntry } from '../types.ts'
import { can, policy } from './access.ts'
import { noteInChinese } from './chinese.ts'
import { config, envClean, file, slowdown, write } from './content.ts'
import { completes, neverTwoActive, singleWriter } from './jobs.ts'
import { admitted, evicted, neverStarted, noRestart, ready, restarted } from './lifecycle.ts'
import { logs } from './logs.ts'
import { memberUids } from './members.ts'
import { endpointChanges, leaves, reach, serves } from './network.ts'
import { drain, scale, scheduled } from './placement.ts'
import type { Finding, Predicate } from './predicate.ts'
import { limitWords, span, words } from './predicate.ts'
import { noLoss, share } from './traffic.ts'

type PredicateName = Exclude<keyof Goal, 'id' | 'points' | 'run' | 'says'>

/** Each predicate a goal may use. */
export const predicates: { readonly [Name in PredicateName]: Predicate<NonNullable<Goal[Name]>> } = {
  admitted, ready, noRestart, restarted, neverStarted, reach, noLoss, serves, leaves, endpointChanges, share, write, file, envClean, config, logs,
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
    const about = predicate.about(spec, cluster.scenario.namespace)
    const { verdict, at, because, evidence = [] } = trusted(cluster, about, decide())
    return { id: goal.id, run: cluster.run.name, points: goal.points, verdict, at, says: goal.says ?? predicate.says(spec), because, evidence: evidence.length > 0 ? [...evidence] : circumstances(cluster, about, at) }
  })
}

/** A finding holds only if the simulation could be trusted: no limit was hit, and nothing the goal depends on is outside the model. */
function trusted(cluster: LiveCluster, about: readonly Ref[], finding: Finding): Finding {
  const ended = cluster.now - cluster.appliedAt
  if (cluster.loop.limit !== undefined) return { ...finding, at: Math.min(finding.at, Math.max(ended, 0)), verdict: 'undecided', because: words(`The simulation was cut short: ${limitWords(cluster.loop.limit).en}.`, `模拟被中断：${limitWords(cluster.loop.limit)['zh-CN']}。`) }
  const note = cluster.notes.find((one) => one.decisive && concerns(cluster, one, about))
  if (note) return { ...finding, verdict: 'undecided', because: words(`Could not be decided: ${note.text}`, `无法判定：${noteInChinese(note)}。`) }
  if (finding.at > ended) return { ...finding, verdict: 'undecided', at: ended, because: words(`The run ended at ${span(ended).en}, before this was decided.`, `运行在第 ${span(ended)['zh-CN']}结束，当时还没有定论。`) }
  return finding
}

const circumstancesMax = 6
const telling = new Set(['pod-placed', 'pod-phase', 'pod-terminating', 'container-state', 'ready', 'endpoint', 'event', 'applied', 'drain-started'])

/** What is known of a goal's objects and their pods up to a moment, for verdicts that rest on a look rather than on one fact; what was applied when nothing is. */
function circumstances(cluster: LiveCluster, about: readonly Ref[], at: number): TimelineEntry[] {
  const until = cluster.appliedAt + at
  const keys = new Set(about.map(keyOf))
  const uids = new Set(about.flatMap((ref) => [...memberUids(cluster, ref)]))
  const pods = new Set(cluster.timeline.flatMap(({ ref, data }) => (ref && uids.has(data?.uid as string) ? [keyOf(ref)] : [])))
  const isTold = (fact: TimelineEntry): boolean => fact.ref !== undefined && (keys.has(keyOf(fact.ref)) || (pods.has(keyOf(fact.ref)) && (fact.kind !== 'event' || isWarning(fact))))
  const facts = cluster.timeline.filter((entry) => entry.at <= until && telling.has(entry.kind) && isTold(entry))
  if (facts.length > 0) {
    // The newest warnings say why; the newest of the rest say how things stood.
    const warnings = newestWarnings(facts)
    const rest = facts.filter((fact) => !isWarning(fact)).slice(warnings.length - circumstancesMax)
    return facts.filter((fact) => warnings.includes(fact) || rest.includes(fact))
  }
  const applied = cluster.timeline.filter((entry) => entry.kind === 'applied')
  const refused = applied.filter((entry) => entry.text === 'rejected')
  return (refused.length > 0 ? refused : applied).slice(-circumstancesMax)
}

function isWarning({ kind, data }: TimelineEntry): boolean {
  return kind === 'event' && data?.type === 'Warning'
}

/** The last warning of each reason, at most half of what is shown. */
function newestWarnings(facts: readonly TimelineEntry[]): readonly TimelineEntry[] {
  const byReason = new Map(facts.filter(isWarning).map((fact) => [fact.data!.reason as string, fact]))
  return [...byReason.values()].sort((a, b) => a.at - b.at).slice(-circumstancesMax / 2)
}

/** Does a note touch one of the objects a goal rests on, or a pod below it? A note without an object, or a goal about no object in particular, always meets. */
function concerns(cluster: LiveCluster, note: Note, about: readonly Ref[]): boolean {
  if (!note.ref || about.length === 0) return true
  const keys = foundations(cluster, about)
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

const withPods: readonly string[] = ['Pod', 'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'ReplicationController']

/** The labels and the claims of the pods that an object makes or is. */
function podsOfObject({ kind, metadata, spec }: K8sObject): { labels: Record<string, string>; claims: string[] } {
  const template: Fields = kind === 'Pod' ? { metadata, spec } : ((kind === 'CronJob' ? spec?.jobTemplate?.spec?.template : spec?.template) ?? {})
  return { labels: template.metadata?.labels ?? {}, claims: ((template.spec?.volumes ?? []) as Fields[]).flatMap((volume) => (volume.persistentVolumeClaim ? [String(volume.persistentVolumeClaim.claimName)] : [])) }
}

/** Keys of the objects a goal is about and of those they rest on: a Service on the workloads it selects, a workload on the claims its pods mount, with the volumes and classes behind them. */
function foundations(cluster: LiveCluster, about: readonly Ref[]): ReadonlySet<string> {
  const keys = new Set(about.map(keyOf))
  const newest = (ref: Ref): K8sObject | undefined => [...cluster.store.history(ref)].reverse().find((version) => version.object)?.object
  const makers = withPods.flatMap((kind) => cluster.store.known(kind)).flatMap((ref) => { const object = newest(ref); return object ? [{ ref, owner: controllerOf(object), ...podsOfObject(object) }] : [] })
  for (const service of about.filter(({ kind }) => kind === 'Service')) {
    const selector = newest(service)?.spec?.selector as Record<string, string> | undefined
    if (selector) for (const { ref, labels } of makers) if (ref.namespace === service.namespace && selects({ matchLabels: selector }, labels)) keys.add(keyOf(ref))
  }
  for (const { ref, owner, claims } of makers) {
    // The claims of a StatefulSet are named in its pods.
    if (!keys.has(keyOf(ref)) && !(owner && keys.has(keyOf({ kind: owner.kind, namespace: ref.namespace, name: owner.name })))) continue
    for (const name of claims) {
      const claim: Ref = { kind: 'PersistentVolumeClaim', namespace: ref.namespace, name }
      const { volumeName, storageClassName } = newest(claim)?.spec ?? {}
      keys.add(keyOf(claim))
      if (volumeName) keys.add(keyOf({ kind: 'PersistentVolume', namespace: '', name: volumeName }))
      if (storageClassName) keys.add(keyOf({ kind: 'StorageClass', namespace: '', name: storageClassName }))
    }
  }
  return keys
}
