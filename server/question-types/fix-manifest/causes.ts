/** From something that happened to the line of a manifest that made it happen, as far as that is known: the event's reason names the field. */
import { readManifests } from '../../cluster/index.ts'
import type { TimelineEntry } from '../../cluster/index.ts'
import type { K8sObject } from '../../k8s/object.ts'
import { readPositions } from './positions.ts'

/** `text` is the line itself, without its indentation. Lines and columns count from 1. */
export type Cause = { file: string; line: number; column: number; text: string }
type Found = { file: string; object: K8sObject; namespace: string }

const lineMax = 160
const templates: Record<string, string> = { Pod: 'spec', CronJob: 'spec.jobTemplate.spec.template.spec' }
for (const kind of ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job']) templates[kind] = 'spec.template.spec'

/** Names that a workload's controller gives to its pods, after the workload's own. */
const suffixes: Record<string, RegExp> = { Pod: /^$/, Deployment: /^-[a-z0-9]+-[a-z0-9]{5}$/, ReplicaSet: /^-[a-z0-9]{5}$/, DaemonSet: /^-[a-z0-9]{5}$/, Job: /^-[a-z0-9]{5}$/, StatefulSet: /^-\d+$/, CronJob: /^-\d+-[a-z0-9]{5}$/ }

/** Reads the files once and answers for every entry. */
export function causesIn(files: Readonly<Record<string, string>>, namespace: string): (entry: TimelineEntry) => Cause | undefined {
  const objects = Object.entries(files).flatMap(([file, text]) => readManifests(file, text).flatMap((read): Found[] => ('object' in read ? [{ file, object: read.object, namespace: read.object.metadata.namespace ?? namespace }] : [])))
  const positions = new Map<string, ReturnType<typeof readPositions>>()
  const at = ({ file, object, namespace: own }: Found, path: string): Cause => {
    let known = positions.get(file)
    if (!known) positions.set(file, (known = readPositions(files[file]!)))
    const place = known.place({ kind: object.kind, namespace: own, name: object.metadata.name }, path)
    return { file, ...place, text: (files[file]!.split('\n')[place.line - 1] ?? '').trim().slice(0, lineMax) }
  }
  return (entry) => {
    const { ref } = entry
    if (!ref) return undefined
    const here = objects.filter((one) => one.namespace === ref.namespace)
    if (ref.kind === 'Pod') {
      const owner = here.find(({ object }) => ref.name.startsWith(object.metadata.name) && suffixes[object.kind]?.test(ref.name.slice(object.metadata.name.length)))
      const path = owner && podPath(entry, owner.object)
      return path === undefined ? undefined : at(owner!, path)
    }
    const own = here.find(({ object }) => object.kind === ref.kind && object.metadata.name === ref.name)
      ?? (ref.kind === 'ReplicaSet' ? here.find(({ object }) => object.kind === 'Deployment' && /^-[a-z0-9]+$/.test(ref.name.slice(object.metadata.name.length)) && ref.name.startsWith(object.metadata.name)) : undefined)
    const path = own && ownPath(entry, own.object)
    return path === undefined ? undefined : at(own!, path)
  }
}

type Container = { name?: unknown; command?: unknown }

/** The field of a workload behind what happened to one of its pods. */
function podPath(entry: TimelineEntry, workload: K8sObject): string | undefined {
  const template = templates[workload.kind]!
  const spec = template.split('.').reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], workload) as Record<string, unknown> | undefined
  const container = containerPath(entry, spec)
  const field = container && containerField(entry, container.container)
  if (field !== undefined) return `${template}.${container!.path}${field === '' ? '' : `.${field}`}`
  const inPod = podField(entry)
  return inPod === undefined ? undefined : `${template}.${inPod}`
}

function containerPath(entry: TimelineEntry, spec: Record<string, unknown> | undefined): { path: string; container: Container } | undefined {
  const [, list = '', name = entry.container] = /^spec\.(\w+)\{(.+)\}$/.exec(String(entry.data?.fieldPath ?? '')) ?? []
  for (const key of list === '' ? ['containers', 'initContainers'] : [list]) {
    const containers = Array.isArray(spec?.[key]) ? (spec[key] as (Container | null)[]) : []
    const index = containers.findIndex((one) => one?.name === name)
    if (index >= 0) return { path: `${key}[${index}]`, container: containers[index]! }
  }
  return undefined
}

/** Reasons as the kubelet gives them (pkg/kubelet/events/event.go, pkg/kubelet/images/types.go, pkg/kubelet/kuberuntime). */
function containerField(entry: TimelineEntry, container: Container): string | undefined {
  const words = `${String(entry.data?.reason ?? '')} ${entry.text}`
  const probe = /(Readiness|Liveness|Startup) probe|failed (liveness|startup) probe/.exec(words)
  if (probe) return `${(probe[1] ?? probe[2])!.toLowerCase()}Probe`
  if (/OOMKilled/.test(words) || entry.data?.ended === 'OOMKilled') return 'resources.limits.memory'
  if (/ErrImageNeverPull/.test(words)) return 'imagePullPolicy'
  if (/ErrImagePull|ImagePullBackOff|InvalidImageName|pull(ing)? image|pulling image/i.test(words) && !/Successfully/.test(words)) return 'image'
  if (/CreateContainerConfigError|(secret|configmap) ".*" not found|couldn't find key/.test(words)) return 'env'
  if (/PostStartHook/.test(words)) return 'lifecycle.postStart'
  if (/PreStopHook/.test(words)) return 'lifecycle.preStop'
  if (/RunContainerError|StartError|CreateContainerError|OCI runtime/.test(words)) return container.command === undefined ? 'image' : 'command'
  if (/CrashLoopBackOff|^BackOff|\bError\b/.test(words)) return container.command === undefined ? '' : 'command'
  return undefined
}

/** Reasons of the scheduler, the volume manager and the eviction manager. */
function podField(entry: TimelineEntry): string | undefined {
  const words = `${String(entry.data?.reason ?? '')} ${entry.text}`
  if (/FailedMount|FailedAttachVolume|persistentvolumeclaim/i.test(words)) return 'volumes'
  if (/FailedScheduling/.test(words)) {
    const amount = /Insufficient (cpu|memory)/.exec(words)?.[1]
    if (amount) return `containers[0].resources.requests.${amount}`
    if (/affinity\/selector/.test(words)) return 'nodeSelector'
    if (/untolerated taint/.test(words)) return 'tolerations'
    if (/topology spread/.test(words)) return 'topologySpreadConstraints'
    return undefined
  }
  return /Evicted|low on resource/.test(words) ? 'containers[0].resources' : undefined
}

/** The field of an object behind what happened to it. */
function ownPath(entry: TimelineEntry, object: K8sObject): string | undefined {
  const words = `${String(entry.data?.reason ?? '')} ${entry.text}`
  if (entry.kind === 'endpoint') return 'spec.selector'
  if (entry.kind === 'applied') return entry.text === 'rejected' ? '' : undefined
  if (/ScalingReplicaSet|SuccessfulRescale/.test(words)) return undefined
  if (/FailedCreate/.test(words)) return /exceeded quota|limit|must specify/.test(words) ? `${templates[object.kind] ?? 'spec'}.containers[0].resources` : /PodSecurity/.test(words) ? `${templates[object.kind] ?? 'spec'}.securityContext` : templates[object.kind]
  if (/ProvisioningFailed|FailedBinding/.test(words)) return 'spec.storageClassName'
  if (/FailedGet\w*Metric|FailedComputeMetrics/.test(words)) return 'spec.metrics'
  return entry.text.startsWith('Warning ') ? '' : undefined
}
