/** Everything one run did, as plain JSON another program can hold against a real cluster: final objects, events, printed columns over time, verdicts. */
import type { Fields, K8sObject } from '../k8s/object.ts'
import { compareText, keyOf } from '../k8s/object.ts'
import type { Millis } from '../k8s/duration.ts'
import type { LiveCluster } from './cluster.ts'
import { runKubectl } from './kubectl/index.ts'
import { resources } from './resources.ts'
import type { Resource } from './resources.ts'
import type { Simulation } from './simulate.ts'
import type { GoalResult, Note, RunResult, TimelineEntry } from './types.ts'

/** What `kubectl get -A` printed for one object from a moment on; ages are left out, they follow from the object. */
export type Row = { at: Millis; kind: string; namespace: string; name: string; columns: Record<string, string> }
export type RecordedEvent = { at: Millis; kind: string; namespace: string; name: string; type: string; reason: string; message: string; component: string; fieldPath?: string }

/** All times are milliseconds after the apply instant; negative ones lie before it. */
export type RunRecord = {
  run: string
  kubernetes: string
  appliedAt: string
  completed: boolean
  limit?: string
  endedAt: Millis
  applied: RunResult['applied']
  goals: GoalResult[]
  notes: Note[]
  /** Sorted by kind, namespace and name; Event objects are in `events`. */
  objects: K8sObject[]
  events: RecordedEvent[]
  columns: Row[]
  /** Every reachability question that a goal asked, with what one of its tries met. */
  reach: { at: Millis; text: string; data: Fields }[]
  traffic: { name: string; sent: number; lost: { at: Millis; error: string }[]; answered: Record<string, number> }[]
  timeline: TimelineEntry[]
}

/** Every kind there is but events, which are in `events`. */
export const printedKinds: readonly Resource[] = resources.filter(({ kind }) => kind !== 'Event')

/** The whole record of a finished run. Prints tables for every moment at which one changed, so it takes much longer than the run. */
export function recordOf({ result, goals, traffic, cluster }: Simulation): RunRecord {
  const shift = cluster.appliedAt
  const relative = <T extends { at: Millis }>(entry: T): T => ({ ...entry, at: entry.at - shift })
  const end = result.endedAt + 1
  return {
    run: result.run,
    kubernetes: cluster.scenario.kubernetes,
    appliedAt: cluster.timestamp(shift),
    completed: result.completed,
    ...(result.limit === undefined ? {} : { limit: result.limit }),
    endedAt: result.endedAt,
    applied: result.applied,
    goals: goals.map((goal) => ({ ...goal, evidence: goal.evidence.map(relative) })),
    notes: [...result.notes].sort((a, b) => compareText(noteKey(a), noteKey(b))),
    objects: printedKinds.flatMap(({ kind }) => cluster.view.list(kind)).sort((a, b) => compareText(keyOf(a), keyOf(b))),
    events: result.timeline.filter(({ kind }) => kind === 'event').map((entry) => eventOf(relative(entry))),
    columns: rowsOf(cluster),
    reach: result.timeline.filter(({ kind }) => kind === 'reach').map((entry) => ({ at: entry.at - shift, text: entry.text, data: entry.data ?? {} })),
    traffic: cluster.run.traffic.map(({ name }) => {
      const record = traffic.of(name)!
      return { name, sent: record.sent(-shift, end), lost: record.lost(-shift, end).map(({ at, error }) => ({ at, error })), answered: Object.fromEntries(record.byWorkload(-shift, end)) }
    }),
    timeline: result.timeline.map(relative),
  }
}

/** Notes are told in the order of objects, not in that of the documents that held them. */
function noteKey({ ref, path, text }: Note): string {
  return `${ref ? keyOf(ref) : ''}\0${path ?? ''}\0${text}`
}

function eventOf(entry: TimelineEntry): RecordedEvent {
  const { type, reason, message, component, fieldPath } = entry.data as { type: string; reason: string; message: string; component: string; fieldPath?: string }
  const { kind, namespace, name } = entry.ref!
  return { at: entry.at, kind, namespace, name, type, reason, message, component, ...(fieldPath === undefined ? {} : { fieldPath }) }
}

/** Every change of a printed row, kind by kind. */
function rowsOf(cluster: LiveCluster): Row[] {
  const rows: Row[] = []
  for (const { kind, plural } of printedKinds) {
    const last = new Map<string, string>()
    // The leases of nodes are made up when somebody asks, so they have no history to print.
    const stored = new Set(cluster.store.known(kind).map(({ namespace, name }) => `${namespace}/${name}`))
    for (const at of changesOf(cluster, kind)) {
      const { stdout } = runKubectl(cluster, `kubectl get ${plural} -A -o wide`, { namespace: cluster.scenario.namespace, at })
      for (const columns of tableOf(stdout)) {
        const { NAMESPACE: namespace = '', NAME: printed = '', AGE: _age, ...rest } = columns
        const name = printed.replace(/ .*/, '')
        // `standard (default)`: the name says more than the name.
        const shown = Object.fromEntries(Object.entries(name === printed ? rest : { NAME: printed, ...rest }).map(([title, text]) => [title, text.replace(/ \(.* ago\)$/, '')]))
        const key = `${namespace}/${name}`
        const text = JSON.stringify(shown)
        if (!stored.has(key) || last.get(key) === text) continue
        last.set(key, text)
        rows.push({ at: at - cluster.appliedAt, kind, namespace, name, columns: shown })
      }
    }
  }
  return rows.sort((a, b) => a.at - b.at)
}

/** Moments at which an object of the kind changed. */
function changesOf(cluster: LiveCluster, kind: string): Millis[] {
  const moments = new Set<Millis>()
  for (const ref of cluster.store.known(kind)) for (const version of cluster.store.history(ref)) moments.add(version.at)
  return [...moments].sort((a, b) => a - b)
}

/** The rows of a printed table by column title; a column reaches from its title to the next one. */
export function tableOf(text: string): Record<string, string>[] {
  const [header = '', ...lines] = text.split('\n').filter((line) => line !== '')
  const titles = [...header.matchAll(/\S+(?: \S+)*/g)].map((match) => ({ title: match[0], from: match.index }))
  return lines.map((line) => Object.fromEntries(titles.map(({ title, from }, i) => [title, line.slice(from, titles[i + 1]?.from).trim()])))
}
