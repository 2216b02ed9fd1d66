/** What the standing constraints look at: the objects before and after, with the places in them that hold pods and containers. */
import type { Fields, K8sObject, Ref } from '../../k8s/object.ts'
import { keyOf } from '../../k8s/object.ts'
import { readManifests } from '../manifests.ts'
import { refFrom } from '../references.ts'
import { isNamespaced } from '../resources.ts'
import type { Scenario } from '../scenario.ts'

export type Item = { file: string; object: K8sObject; ref: Ref; key: string }

/** A container of the answer, by the key of its object, whose liveness probe does not notice that the program hangs although the one of before did. */
export type Unfelt = { key: string; container: string }

export type Comparison = {
  scenario: Scenario
  /** What the person was given. */
  broken: readonly Item[]
  /** What the platform owns. */
  given: readonly Item[]
  /** What the person hands in. */
  answer: readonly Item[]
  /** What a play of the answer showed. */
  unfelt: readonly Unfelt[]
}

/** A breach: where, and what is wrong with it in both languages. */
export type Breach = { item?: Item; path?: string; en: string; zh: string }

/** One constraint: looks at what changed and names every breach. */
export type Constraint = { id: `K${number}`; title: { en: string; 'zh-CN': string }; check(comparison: Comparison): Iterable<Breach> }

/** Objects of files in the order of the documents; what does not parse is left out, the API server refuses it anyway. */
export function itemsOf(files: Readonly<Record<string, string>>, namespace: string): Item[] {
  return Object.entries(files).flatMap(([file, text]) => readManifests(file, text).flatMap((manifest): Item[] => {
    if ('error' in manifest) return []
    const { object } = manifest
    const ref = { kind: object.kind, namespace: isNamespaced(object.kind) ? (object.metadata.namespace ?? namespace) : '', name: String(object.metadata.name ?? '') }
    return [{ file, object, ref, key: keyOf(ref) }]
  }))
}

/** `deployment/login`, as scenario files write it. */
export function nameOf(ref: Ref): string {
  return `${ref.kind.toLowerCase()}/${ref.name}`
}

/** The answer's versions of an object, usually one. */
export function versionsOf(items: readonly Item[], key: string): readonly Item[] {
  return items.filter((item) => item.key === key)
}

/** What stands in the answer for an object of before: the object itself, or those that the scenario lets take its place. */
export function successorsOf({ scenario, answer }: Comparison, item: Item): readonly Item[] {
  const same = versionsOf(answer, item.key)
  if (same.length > 0) return same
  const others = Object.entries(scenario.constraints.mayBecome).flatMap(([from, to]) => (keyOf(refFrom(from, scenario.namespace)) === item.key ? to.map((text) => keyOf(refFrom(text, scenario.namespace))) : []))
  return answer.filter(({ key }) => others.includes(key))
}

/** Answer objects with the object they replace; `before` is undefined for new ones. */
export function pairs(comparison: Comparison): { before: Item | undefined; after: Item }[] {
  return comparison.answer.map((after) => ({ before: comparison.broken.find((item) => successorsOf(comparison, item).includes(after)), after }))
}

export type PodPlace = { spec: Fields; metadata: Fields; path: string }

export function fieldsOf(value: unknown): Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {}
}

export function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : []
}

/** The pod an object makes or is, and the path to its spec. */
export function podIn(object: K8sObject): PodPlace | undefined {
  const spec = fieldsOf(object.spec)
  if (object.kind === 'Pod') return { spec, metadata: fieldsOf(object.metadata), path: 'spec' }
  const [template, path] = object.kind === 'CronJob' ? [fieldsOf(fieldsOf(fieldsOf(spec.jobTemplate).spec).template), 'spec.jobTemplate.spec.template'] : [fieldsOf(spec.template), 'spec.template']
  if (!['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'ReplicationController'].includes(object.kind)) return undefined
  return { spec: fieldsOf(template.spec), metadata: fieldsOf(template.metadata), path: `${path}.spec` }
}

export type ContainerPlace = { container: Fields; name: string; path: string; group: 'initContainers' | 'containers' }

/** All containers of a pod: init containers and sidecars first. */
export function containersIn(pod: PodPlace | undefined): ContainerPlace[] {
  if (!pod) return []
  return (['initContainers', 'containers'] as const).flatMap((group) => listOf(pod.spec[group]).map((container, i) => ({ container, name: String(container.name ?? ''), path: `${pod.path}.${group}[${i}]`, group })))
}
