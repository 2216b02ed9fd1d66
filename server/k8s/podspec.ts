/** Where the Pod is in an object, and which containers it has. Everything that looks at pods goes through here. */
import type { Fields, K8sObject, ObjectMeta } from './object.ts'

const templatePaths: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  PodTemplate: ['template'],
}

export type PodPart = { metadata: Partial<ObjectMeta>; spec: Fields; path: readonly string[] }

/** The pod inside a Pod or workload: its metadata, its spec, and the path to the object that holds both. Undefined for kinds without one, or when the spec is absent. */
export function podOf(object: K8sObject): PodPart | undefined {
  const path = object.kind === 'Pod' ? [] : templatePaths[object.kind]
  if (!path) return undefined
  let at: unknown = object
  for (const name of path) at = isFields(at) ? at[name] : undefined
  if (!isFields(at) || !isFields(at['spec'])) return undefined
  return { metadata: isFields(at['metadata']) ? (at['metadata'] as Partial<ObjectMeta>) : {}, spec: at['spec'], path }
}

/** The pod spec of a Pod or workload, or undefined. */
export function podSpecOf(object: K8sObject): Fields | undefined {
  return podOf(object)?.spec
}

export type ContainerPart = { container: Fields; list: 'initContainers' | 'containers' | 'ephemeralContainers'; index: number; path: readonly (string | number)[] }

/** Init, normal and ephemeral containers in the server's order, each with its path in the object. */
export function containersOf(object: K8sObject): ContainerPart[] {
  const pod = podOf(object)
  return pod ? podContainers(pod.spec, [...pod.path, 'spec']) : []
}

/** The same for a bare pod spec at `path`. */
export function podContainers(spec: Fields, path: readonly (string | number)[] = ['spec']): ContainerPart[] {
  const found: ContainerPart[] = []
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    const containers: unknown = spec[list]
    if (!Array.isArray(containers)) continue
    containers.forEach((container: unknown, index) => {
      if (isFields(container)) found.push({ container, list, index, path: [...path, list, index] })
    })
  }
  return found
}

/** Is this a JSON object (and no list)? */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
