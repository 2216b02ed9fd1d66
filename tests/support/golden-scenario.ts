/** Reads and plays the golden scenarios: a scenario, its manifests and the moments at which kubectl is asked, in one file each. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { runKubectl, scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { LiveCluster, Simulation, TimelineEntry } from '../../server/cluster/index.ts'
import { parseDuration } from '../../server/k8s/duration.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'
import type { NetworkVerdict } from '../../server/cluster/types.ts'

export const folder = new URL('../cluster/scenarios/', import.meta.url)

type File = { about: string; scenario: Fields; files: Record<string, string>; looks: { at: string; command: string }[] }

/** A played scenario. Times are seconds after the apply instant. */
export type Play = {
  about: string
  simulation: Simulation
  timeline: string
  kubectl: string
  /** Output of a command at a moment, standard output first. */
  asked(at: number, command: string): string
  /** Container starts of a pod, to a tenth of a second. */
  starts(pod?: string): number[]
  /** Times and texts of the events with a reason; `about` is part of the object's name. */
  events(reason: string, about?: string): { at: number; type: string; message: string; kind: string }[]
  /** STATUS of a pod at a moment. */
  status(at: number, pod?: string): string
  entries(kind: string): TimelineEntry[]
  object(kind: string, name: string, at?: number): K8sObject
  /** A request at the end of the run. */
  request(from: string, host: string, port: number, path?: string): NetworkVerdict
}

/** Plays `name`.yaml with all the real parts. */
export function playGolden(name: string): Play {
  const file = parse(readFileSync(new URL(`${name}.yaml`, folder), 'utf8')) as File
  const scenario = scenarioSchema.parse({ goals: [{ id: 'any', admitted: {} }], ...file.scenario })
  const { 'manifest.yaml': manifest = '', ...later } = file.files
  const looks: string[] = []
  const prepare = (live: LiveCluster): void => {
    for (const [i, { at, command }] of file.looks.entries()) live.schedule(live.appliedAt + parseDuration(at)!, 'observer', `look ${String(i).padStart(3, '0')}`, () => {
      const { stdout, stderr } = runKubectl(live, command)
      looks.push(`# ${at}\n$ ${command}\n${stdout}${stderr}`)
    })
  }
  const simulation = simulate({ scenario, given: later, files: { 'manifest.yaml': manifest }, prepare })
  const { cluster, result } = simulation
  const own = result.timeline.filter((entry) => entry.at >= cluster.appliedAt && entry.ref?.namespace !== 'kube-system' && !entry.ref?.name.startsWith('coredns'))
  const ms = (at: number): number => cluster.appliedAt + Math.round(at * 1000)
  const seconds = (entry: TimelineEntry): number => (entry.at - cluster.appliedAt) / 1000
  const asked = (at: number, command: string): string => {
    const { stdout, stderr } = runKubectl(cluster, command, { namespace: scenario.namespace, at: ms(at) })
    return stdout + stderr
  }
  return {
    about: file.about, simulation, asked,
    timeline: own.map((entry) => `${seconds(entry).toFixed(3).padStart(8)} ${entry.kind}${entry.ref ? ` ${entry.ref.kind.toLowerCase()}/${entry.ref.name}` : ''}${entry.container ? ` ${entry.container}` : ''}: ${entry.text}`).join('\n') + '\n',
    kubectl: looks.join('\n'),
    starts: (pod) => own.filter((entry) => entry.kind === 'container-start' && (pod === undefined || entry.ref!.name === pod)).map((entry) => Math.round(seconds(entry) * 10) / 10),
    events: (reason, about = '') => own.filter((entry) => entry.kind === 'event' && entry.data!.reason === reason && entry.ref!.name.includes(about)).map((entry) => ({ at: seconds(entry), type: entry.data!.type, message: entry.data!.message, kind: entry.ref!.kind })),
    status: (at, pod = 'web') => asked(at, `kubectl get pod ${pod} --no-headers`).split(/\s+/)[2]!,
    entries: (kind) => own.filter((entry) => entry.kind === kind),
    object: (kind, wanted, at) => (at === undefined ? cluster.view : cluster.store.at(ms(at))).list(kind).find((one) => one.metadata.name === wanted || one.metadata.name.startsWith(`${wanted}-`))!,
    request: (from, host, port, path) => {
      const pod = cluster.view.list('Pod', scenario.namespace).find((one) => one.metadata.name === from || one.metadata.name.startsWith(`${from}-`))!
      return cluster.network.request({ from: { kind: 'pod', pod: { kind: 'Pod', namespace: scenario.namespace, name: pod.metadata.name } }, host, port, protocol: 'TCP', ...(path === undefined ? {} : { path, kind: 'http' }) })
    },
  }
}
