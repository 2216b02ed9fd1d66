/** What the simulated cluster does: the key of a prediction, computed and never written down. */
import { parse } from 'yaml'
import { playableSchema, podsOf, refFrom, runKubectl, simulate } from '../../cluster/index.ts'
import type { Scenario } from '../../cluster/index.ts'
import { parseDuration } from '../../k8s/duration.ts'
import type { K8sObject } from '../../k8s/object.ts'
import { filesIn } from '../fix-manifest/files.ts'
import { oncePerVersion, playedRun, shownOf } from '../fix-manifest/play.ts'
import type { Shown } from '../fix-manifest/play.ts'
import type { Files } from '../question-type.ts'
import type { PredictAsk } from './schema.ts'

export function readPredicted(files: Files): Scenario {
  return playableSchema.parse(parse(files['scenario.yaml'] ?? '', { maxAliasCount: 100, logLevel: 'silent' }))
}

/** Several values where the pods of the workload differ: then there is no one answer to ask for. */
export type Predicted = { id: string; values: string[] }

/** What is true at each moment that is asked for, in the first run. Throws when the scenario or an object is not there, which is the author's mistake. */
export function predictedOf(files: Files, asks: readonly PredictAsk[]): Predicted[] {
  return oncePerVersion(`predicted ${JSON.stringify(asks)}`, files, () => {
    const scenario = readPredicted(files)
    const manifests = filesIn(files, 'manifests')
    const moments = [...new Set(asks.map(({ at }) => momentOf(at)))].sort((a, b) => a - b)
    const found = new Map<string, string[]>()
    for (const moment of moments) {
      const { cluster } = simulate({ scenario, given: files, files: manifests, until: moment })
      for (const ask of asks.filter(({ at }) => momentOf(at) === moment)) {
        const ref = refFrom(ask.workload, scenario.namespace)
        if (!cluster.view.get(ref.kind, ref.namespace, ref.name)) throw new Error(`${ask.workload} does not exist at ${ask.at}`)
        const pods = podsOf(cluster.view, ref)
        const columns = (pod: K8sObject) => runKubectl(cluster, ['get', 'pod', pod.metadata.name, '-n', pod.metadata.namespace ?? '', '--no-headers'], { namespace: ref.namespace }).stdout.trim().split(/\s{2,}/)
        found.set(ask.id, valuesOf(ask, pods, columns))
      }
    }
    return asks.map(({ id }) => ({ id, values: found.get(id)! }))
  })
}

/** The run that was asked about, to its end: for the review only, because it shows every answer. */
export function runOf(files: Files): Shown {
  return oncePerVersion('predicted run', files, () => shownOf(playedRun(simulate({ scenario: readPredicted(files), given: files, files: filesIn(files, 'manifests') }))))
}

function valuesOf(ask: PredictAsk, pods: readonly K8sObject[], columns: (pod: K8sObject) => string[]): string[] {
  if (ask.ask === 'pods') return [String(pods.length)]
  // NAME READY STATUS RESTARTS AGE, with `2 (15s ago)` as the restarts.
  if (ask.ask === 'ready') return [String(pods.filter((pod) => /^(\d+)\/\1$/.test(columns(pod)[1] ?? '')).length)]
  return [...new Set(pods.map((pod) => (ask.ask === 'status' ? columns(pod)[2]! : /^\d+/.exec(columns(pod)[3]!)![0])))].sort()
}

/** Milliseconds after the apply instant; the schema has made sure that it is a duration. */
export function momentOf(at: string): number {
  return parseDuration(at) ?? 0
}
