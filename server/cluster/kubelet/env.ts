/** The environment of a container (kubelet_pods.go:makeEnvironmentVariables, pkg/kubelet/envvars, third_party/forked/golang/expansion). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import type { Cluster, Volume } from '../types.ts'
import { milliOf } from '../amounts.ts'
import { variableIn } from './env-file.ts'

export type EnvResult = { env: Map<string, string> } | { error: string }

/** Secret data is base64 in the object and plain text in the container. */
export function secretData(secret: K8sObject): Record<string, string> {
  const data: Record<string, string> = {}
  for (const [key, value] of Object.entries((secret.data ?? {}) as Record<string, string>)) data[key] = decodeBase64(value)
  return { ...data, ...(secret.stringData as Record<string, string> | undefined) }
}

export function decodeBase64(text: string): string {
  const binary = atob(text.replaceAll(/\s/g, ''))
  return new TextDecoder().decode(Uint8Array.from(binary, (letter) => letter.charCodeAt(0)))
}

/** `$(NAME)` of what is known, `$$(NAME)` as the literal `$(NAME)`, everything else as it is. */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (all, one: string, name: string) => (one === '$' ? '$' : (lookup(name) ?? all)))
}

function upper(name: string): string {
  return name.toUpperCase().replaceAll('-', '_')
}

/** Variables of the Services that exist now: `kubernetes` always, the namespace's own with enableServiceLinks. */
function serviceVariables(pod: K8sObject, cluster: Cluster): Map<string, string> {
  const env = new Map<string, string>()
  const namespace = pod.metadata.namespace ?? ''
  const own = pod.spec?.enableServiceLinks === false ? [] : cluster.view.list('Service', namespace)
  const master = cluster.view.get('Service', 'default', 'kubernetes')
  for (const service of [...(master && !own.includes(master) ? [master] : []), ...own]) {
    const ip = service.spec?.clusterIP
    const ports = (service.spec?.ports ?? []) as Fields[]
    if (!ip || ip === 'None' || ports.length === 0) continue
    const name = upper(service.metadata.name)
    env.set(`${name}_SERVICE_HOST`, ip).set(`${name}_SERVICE_PORT`, String(ports[0]!.port))
    for (const port of ports) if (port.name) env.set(`${name}_SERVICE_PORT_${upper(port.name)}`, String(port.port))
    const url = (port: Fields): string => `${(port.protocol ?? 'TCP').toLowerCase()}://${ip}:${port.port}`
    env.set(`${name}_PORT`, url(ports[0]!))
    for (const port of ports) {
      const prefix = `${name}_PORT_${port.port}_${(port.protocol ?? 'TCP').toUpperCase()}`
      env.set(prefix, url(port)).set(`${prefix}_PROTO`, (port.protocol ?? 'TCP').toLowerCase()).set(`${prefix}_PORT`, String(port.port)).set(`${prefix}_ADDR`, ip)
    }
  }
  return env
}

/** Builds the variables in the kubelet's order; the error is the text after `Error: ` in the event. `volumes` are those of the pod that are mounted. */
export function buildEnv(pod: K8sObject, container: Fields, podIP: string, cluster: Cluster, volumes: ReadonlyMap<string, Volume>): EnvResult {
  const services = serviceVariables(pod, cluster)
  const env = new Map<string, string>()
  const namespace = pod.metadata.namespace ?? ''
  for (const source of (container.envFrom ?? []) as Fields[]) {
    const kind = source.configMapRef ? 'ConfigMap' : 'Secret'
    const ref = source.configMapRef ?? source.secretRef ?? {}
    const object = cluster.view.get(kind, namespace, ref.name)
    if (!object && ref.optional) continue
    if (!object) return { error: `${kind.toLowerCase()} "${ref.name}" not found` }
    const data = kind === 'Secret' ? secretData(object) : ((object.data ?? {}) as Record<string, string>)
    for (const key of Object.keys(data).sort()) env.set(`${source.prefix ?? ''}${key}`, data[key]!)
  }
  for (const entry of (container.env ?? []) as Fields[]) {
    const from = entry.valueFrom as Fields | undefined
    if (!from) {
      env.set(entry.name, entry.value ? expand(String(entry.value), (name) => env.get(name) ?? services.get(name)) : '')
      continue
    }
    const found = from.fileKeyRef ? fromFile(from.fileKeyRef, pod, volumes) : fromSource(from, pod, container, podIP, cluster)
    if ('error' in found) return found
    if (found.value !== undefined) env.set(entry.name, found.value)
  }
  for (const [name, value] of services) if (!env.has(name)) env.set(name, value)
  return { env }
}

function fromSource(from: Fields, pod: K8sObject, container: Fields, podIP: string, cluster: Cluster): { value?: string } | { error: string } {
  const namespace = pod.metadata.namespace ?? ''
  const key = from.configMapKeyRef ?? from.secretKeyRef
  if (key) {
    const kind = from.configMapKeyRef ? 'ConfigMap' : 'Secret'
    const object = cluster.view.get(kind, namespace, key.name)
    if (!object) return key.optional ? {} : { error: `${kind.toLowerCase()} "${key.name}" not found` }
    const data = kind === 'Secret' ? secretData(object) : ((object.data ?? {}) as Record<string, string>)
    if (Object.hasOwn(data, key.key)) return { value: data[key.key]! }
    return key.optional ? {} : { error: `couldn't find key ${key.key} in ${kind} ${namespace}/${key.name}` }
  }
  if (from.fieldRef) {
    const value = fieldValue(from.fieldRef.fieldPath, pod, podIP, cluster)
    return value === undefined ? { error: `unsupported fieldPath: ${from.fieldRef.fieldPath}` } : { value }
  }
  return { value: resourceValue(from.resourceFieldRef ?? {}, pod, container, cluster) }
}

const longestValue = 32 * 1024

/** A variable of a file that another container of the pod wrote; an empty value counts as none. A file that is missing is one that cannot be parsed, optional or not. */
function fromFile(ref: Fields, pod: K8sObject, volumes: ReadonlyMap<string, Volume>): { value?: string } | { error: string } {
  const volume = volumes.get(ref.volumeName)
  if (!volume) return { error: `cannot find the volume "${ref.volumeName}" referenced by FileKeyRef` }
  const path = String(ref.path).split('/').filter((part) => part !== '' && part !== '.').join('/')
  const file = volume.files.get(path)
  const found = !file || file.directory ? undefined : variableIn(file.content, ref.key)
  if (!found) return { error: "couldn't parse env file" }
  if (found.value.length > longestValue) return { error: `environment variable value for key "${ref.key}" exceeds maximum size of 32KB` }
  if (found.value !== '') return { value: found.value }
  return ref.optional ? {} : { error: `environment variable key "${ref.key}" not found in file "/var/lib/kubelet/pods/${pod.metadata.uid}/volumes/kubernetes.io~empty-dir/${ref.volumeName}/${path}"` }
}

/** Address of a node as its status tells. */
export function nodeAddress(cluster: Cluster, name: string): string {
  const addresses = (cluster.view.get('Node', '', name)?.status?.addresses ?? []) as Fields[]
  return addresses.find((address) => address.type === 'InternalIP')?.address ?? ''
}

/** Value of a downward API field; undefined for a path the kubelet does not know. */
export function fieldValue(path: string, pod: K8sObject, podIP: string, cluster: Cluster): string | undefined {
  const part = /^metadata\.(labels|annotations)(?:\['(.+)'\])?$/.exec(path)
  if (part) {
    const map = (part[1] === 'labels' ? pod.metadata.labels : pod.metadata.annotations) ?? {}
    return part[2] !== undefined ? (map[part[2]] ?? '') : Object.keys(map).sort().map((key) => `${key}=${JSON.stringify(map[key])}`).join('\n')
  }
  const values: Record<string, () => string> = {
    'metadata.name': () => pod.metadata.name, 'metadata.namespace': () => pod.metadata.namespace ?? '', 'metadata.uid': () => pod.metadata.uid ?? '',
    'spec.nodeName': () => pod.spec?.nodeName ?? '', 'spec.serviceAccountName': () => pod.spec?.serviceAccountName ?? 'default',
    'status.podIP': () => podIP, 'status.podIPs': () => podIP, 'status.hostIP': () => nodeAddress(cluster, pod.spec?.nodeName), 'status.hostIPs': () => nodeAddress(cluster, pod.spec?.nodeName),
  }
  return values[path]?.()
}

/** A limit or request, divided and rounded up; an unset limit is the node's allocatable (resource/helpers.go). */
export function resourceValue(ref: Fields, pod: K8sObject, container: Fields, cluster: Cluster): string {
  const target = ref.containerName ? [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find((one: Fields) => one.name === ref.containerName) : container
  const [list, resource] = String(ref.resource).split('.') as [string, string]
  const allocatable = cluster.view.get('Node', '', pod.spec?.nodeName)?.status?.allocatable?.[resource]
  const amount = target?.resources?.[list]?.[resource] ?? (list === 'limits' ? allocatable : undefined)
  const divisor = milliOf(ref.divisor) || 1000
  return String(Math.ceil(milliOf(amount) / divisor))
}
