/** `kubectl describe pod`, and the pod template inside workloads (describe.go:describePod, DescribePodTemplate). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { compareText } from '../../../k8s/object.ts'
import { fieldValue } from '../../kubelet/env.ts'
import { qosClass } from '../../pod-resources.ts'
import type { Console } from '../console.ts'
import { formatSelector } from '../print/labels.ts'
import { ageOf, rfc1123 } from '../print/time.ts'
import { describeContainers, resourcesOf } from './containers.ts'
import { describeVolumes } from './volumes.ts'
import { eventsOf, Page } from './writer.ts'

export function describePod(console: Console, pod: K8sObject, showEvents: boolean): string {
  const page = new Page()
  const spec = fieldsOf(pod.spec)
  const status = fieldsOf(pod.status)
  heading(page, console, pod)
  addresses(page, status)
  page.controller(pod)
  if (status.nominatedNodeName) page.line(0, `NominatedNodeName:\t${status.nominatedNodeName}`)
  if (spec.resources) {
    page.line(0, 'Resources:')
    resourcesOf(page, spec.resources, 1)
  }
  const resolve = (path: string): string => fieldValue(path, pod, status.podIP ?? '', console.cluster) ?? ''
  if ((spec.initContainers ?? []).length > 0) describeContainers(page, 'Init Containers', spec.initContainers, status.initContainerStatuses ?? [], resolve, '')
  describeContainers(page, 'Containers', spec.containers ?? [], status.containerStatuses ?? [], resolve, '')
  if ((spec.ephemeralContainers ?? []).length > 0) describeContainers(page, 'Ephemeral Containers', spec.ephemeralContainers, status.ephemeralContainerStatuses ?? [], resolve, '')
  conditions(page, spec, status)
  describeVolumes(page, spec.volumes ?? [], '')
  page.line(0, `QoS Class:\t${status.qosClass ?? qosClass(pod)}`)
  page.labels('Node-Selectors', spec.nodeSelector)
  tolerations(page, 'Tolerations', spec.tolerations)
  spreadConstraints(page, spec.topologySpreadConstraints ?? [], '')
  if (showEvents) page.events(console, eventsOf(console, pod))
  return page.toString()
}

function fieldsOf(value: unknown): Fields {
  return (value ?? {}) as Fields
}

function heading(page: Page, console: Console, pod: K8sObject): void {
  const { metadata, spec = {}, status = {} } = pod as K8sObject & { spec: Fields; status: Fields }
  page.line(0, `Name:\t${metadata.name}`)
  page.line(0, `Namespace:\t${metadata.namespace ?? ''}`)
  if (spec.priority !== undefined && spec.priority !== null) page.line(0, `Priority:\t${spec.priority}`)
  if (spec.priorityClassName) page.line(0, `Priority Class Name:\t${spec.priorityClassName}`)
  if (spec.runtimeClassName) page.line(0, `Runtime Class Name:\t${spec.runtimeClassName}`)
  if (spec.serviceAccountName) page.line(0, `Service Account:\t${spec.serviceAccountName}`)
  page.line(0, `Node:\t${spec.nodeName ? `${spec.nodeName}/${status.hostIP ?? ''}` : '<none>'}`)
  if (status.startTime) page.line(0, `Start Time:\t${rfc1123(status.startTime)}`)
  page.labels('Labels', metadata.labels)
  page.annotations('Annotations', metadata.annotations)
  if (metadata.deletionTimestamp && status.phase !== 'Failed' && status.phase !== 'Succeeded') {
    page.line(0, `Status:\tTerminating (lasts ${ageOf(metadata.deletionTimestamp, console.nowMs)})`)
    page.line(0, `Termination Grace Period:\t${metadata.deletionGracePeriodSeconds ?? 0}s`)
  } else page.line(0, `Status:\t${status.phase ?? ''}`)
  if (status.reason) page.line(0, `Reason:\t${status.reason}`)
  if (status.message) page.line(0, `Message:\t${status.message}`)
  const seccomp = spec.securityContext?.seccompProfile
  if (seccomp) {
    page.line(0, `SeccompProfile:\t${seccomp.type}`)
    if (seccomp.type === 'Localhost') page.line(0, `LocalhostProfile:\t${seccomp.localhostProfile ?? ''}`)
  }
}

function addresses(page: Page, status: Fields): void {
  page.line(0, `IP:\t${status.podIP ?? ''}`)
  const list = (status.podIPs ?? (status.podIP ? [{ ip: status.podIP }] : [])) as Fields[]
  if (list.length === 0) {
    page.line(0, 'IPs:\t<none>')
    return
  }
  page.line(0, 'IPs:')
  for (const address of list) page.line(1, `IP:\t${address.ip}`)
}

function conditions(page: Page, spec: Fields, status: Fields): void {
  const list = (status.conditions ?? []) as Fields[]
  const gates = (spec.readinessGates ?? []) as Fields[]
  if (gates.length > 0) {
    page.raw('Readiness Gates:\n  Type\tStatus\n')
    for (const gate of gates) page.line(1, `${gate.conditionType} \t${list.find((condition) => condition.type === gate.conditionType)?.status ?? '<none>'} `)
  }
  if (list.length > 0) {
    page.raw('Conditions:\n  Type\tStatus\n')
    for (const condition of list) page.line(1, `${condition.type} \t${condition.status} `)
  }
}

/** `key=value:Effect op=Exists for 300s`, sorted by key. */
export function tolerations(page: Page, title: string, list: readonly Fields[] | undefined): void {
  const texts = [...(list ?? [])].sort((a, b) => compareText(a.key ?? '', b.key ?? '')).map((toleration) => {
    const exists = toleration.operator === 'Exists' && !toleration.value
    const subject = `${toleration.key ?? ''}${toleration.value ? `=${toleration.value}` : ''}${toleration.effect ? `:${toleration.effect}` : ''}`
    return `${subject}${exists ? `${toleration.key || toleration.effect ? ' ' : ''}op=Exists` : ''}${toleration.tolerationSeconds !== undefined && toleration.tolerationSeconds !== null ? ` for ${toleration.tolerationSeconds}s` : ''}\n`
  })
  page.raw(`${title}:\t${texts.length === 0 ? '<none>\n' : texts.join('\t')}`)
}

function spreadConstraints(page: Page, list: readonly Fields[], space: string): void {
  if (list.length === 0) return
  const texts = [...list].sort((a, b) => compareText(a.topologyKey, b.topologyKey)).map((constraint) => `${constraint.topologyKey}:${constraint.whenUnsatisfiable} when max skew ${constraint.maxSkew} is exceeded${constraint.labelSelector ? ` for selector ${formatSelector(constraint.labelSelector)}` : ''}\n`)
  page.raw(`${space}Topology Spread Constraints:\t${texts.join(`${space}\t`)}`)
}

/** `Pod Template:` of a workload. */
export function describeTemplate(page: Page, template: Fields | undefined): void {
  page.line(0, 'Pod Template:')
  if (!template) {
    page.line(1, '<unset>')
    return
  }
  const spec = fieldsOf(template.spec)
  page.labels('  Labels', template.metadata?.labels)
  if (Object.keys(template.metadata?.annotations ?? {}).length > 0) page.annotations('  Annotations', template.metadata.annotations)
  if (spec.serviceAccountName) page.line(1, `Service Account:\t${spec.serviceAccountName}`)
  const none = (): string => ''
  if ((spec.initContainers ?? []).length > 0) describeContainers(page, 'Init Containers', spec.initContainers, [], none, '  ')
  describeContainers(page, 'Containers', spec.containers ?? [], [], none, '  ')
  describeVolumes(page, spec.volumes ?? [], '  ')
  spreadConstraints(page, spec.topologySpreadConstraints ?? [], '  ')
  if (spec.priorityClassName) page.line(1, `Priority Class Name:\t${spec.priorityClassName}`)
  page.labels('  Node-Selectors', spec.nodeSelector)
  tolerations(page, '  Tolerations', spec.tolerations)
}
