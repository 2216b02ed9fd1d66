/** Containers as `kubectl describe` lists them, with or without a status (describe.go:describeContainers). */
import type { Fields } from '../../../k8s/object.ts'
import { compareText } from '../../../k8s/object.ts'
import { amountOf, printAmount } from '../../amounts.ts'
import { quoted } from '../print/labels.ts'
import { rfc1123 } from '../print/time.ts'
import type { Page } from './writer.ts'

/** Value of a fieldRef, for pods that exist; templates leave it empty. */
export type Resolver = (path: string) => string

/** One block per container. `space` indents the heading inside a pod template. */
export function describeContainers(page: Page, label: string, containers: readonly Fields[], statuses: readonly Fields[], resolve: Resolver, space: string): void {
  page.line(0, `${space}${label}:${containers.length === 0 ? ' <none>' : ''}`)
  for (const container of containers) {
    const status = statuses.find((item) => item.name === container.name)
    basics(page, container, status, space)
    command(page, container)
    if (status) state(page, status)
    resourcesOf(page, container.resources, 2)
    for (const [title, probe] of [['Liveness', container.livenessProbe], ['Readiness', container.readinessProbe], ['Startup', container.startupProbe]] as const) if (probe) page.line(2, `${title}:\t${probeText(probe)}`)
    if ((container.envFrom ?? []).length > 0) environmentFrom(page, container.envFrom)
    environment(page, container, resolve)
    mounts(page, container)
  }
}

function basics(page: Page, container: Fields, status: Fields | undefined, space: string): void {
  page.line(1, `${space === '' ? '' : ' '}${container.name}:`)
  if (status) page.line(2, `Container ID:\t${status.containerID ?? ''}`)
  page.line(2, `Image:\t${container.image ?? ''}`)
  if (status) page.line(2, `Image ID:\t${status.imageID ?? ''}`)
  const ports = (container.ports ?? []) as Fields[]
  const text = (read: (port: Fields) => number): string => ports.map((port) => `${read(port)}/${port.protocol ?? 'TCP'}${port.name ? ` (${port.name})` : ''}`).join(', ')
  for (const [title, value] of [['Port', text((port) => port.containerPort)], ['Host Port', text((port) => port.hostPort ?? 0)]] as const) page.line(2, value.includes(',') ? `${title}s:\t${value}` : `${title}:\t${value || '<none>'}`)
  const seccomp = container.securityContext?.seccompProfile
  if (seccomp) {
    page.line(2, `SeccompProfile:\t${seccomp.type}`)
    if (seccomp.type === 'Localhost') page.line(3, `LocalhostProfile:\t${seccomp.localhostProfile ?? ''}`)
  }
}

function command(page: Page, container: Fields): void {
  for (const [title, words] of [['Command', container.command], ['Args', container.args]] as const) {
    if (!words || words.length === 0) continue
    page.line(2, `${title}:`)
    for (const word of words as string[]) for (const line of word.split('\n')) page.line(3, line)
  }
}

function state(page: Page, status: Fields): void {
  oneState(page, 'State', status.state ?? {})
  if (status.lastState?.terminated) oneState(page, 'Last State', status.lastState)
  page.line(2, `Ready:\t${status.ready ? 'True' : 'False'}`)
  page.line(2, `Restart Count:\t${status.restartCount ?? 0}`)
}

function oneState(page: Page, title: string, { running, waiting, terminated }: Fields): void {
  if (running) {
    page.line(2, `${title}:\tRunning`)
    page.line(3, `Started:\t${rfc1123(running.startedAt)}`)
    return
  }
  if (!terminated) {
    page.line(2, `${title}:\tWaiting`)
    if (waiting?.reason) page.line(3, `Reason:\t${waiting.reason}`)
    return
  }
  page.line(2, `${title}:\tTerminated`)
  if (terminated.reason) page.line(3, `Reason:\t${terminated.reason}`)
  if (terminated.message) page.line(3, `Message:\t${terminated.message}`)
  page.line(3, `Exit Code:\t${terminated.exitCode ?? 0}`)
  if (terminated.signal > 0) page.line(3, `Signal:\t${terminated.signal}`)
  page.line(3, `Started:\t${rfc1123(terminated.startedAt)}`)
  page.line(3, `Finished:\t${rfc1123(terminated.finishedAt)}`)
}

/** Limits, then requests, sorted by resource. */
export function resourcesOf(page: Page, resources: Fields | undefined, level: number): void {
  for (const [title, list] of [['Limits', resources?.limits], ['Requests', resources?.requests]] as const) {
    const names = Object.keys(list ?? {}).sort()
    if (names.length > 0) page.line(level, `${title}:`)
    for (const name of names) page.line(level + 1, `${name}:\t${printAmount(amountOf(list[name]))}`)
  }
}

/** `http-get http://:8080/healthz delay=5s timeout=1s period=10s #success=1 #failure=3` (DescribeProbe). */
export function probeText(probe: Fields): string {
  const attributes = `delay=${probe.initialDelaySeconds ?? 0}s timeout=${probe.timeoutSeconds ?? 1}s period=${probe.periodSeconds ?? 10}s #success=${probe.successThreshold ?? 1} #failure=${probe.failureThreshold ?? 3}`
  if (probe.exec) return `exec [${(probe.exec.command ?? []).join(' ')}] ${attributes}`
  if (probe.httpGet) {
    const { scheme = 'HTTP', host = '', port, path = '/' } = probe.httpGet
    return `http-get ${String(scheme).toLowerCase()}://${host}:${port}${String(path).startsWith('/') || path === '' ? path : `/${path}`} ${attributes}`
  }
  if (probe.tcpSocket) return `tcp-socket ${probe.tcpSocket.host ?? ''}:${probe.tcpSocket.port} ${attributes}`
  if (probe.grpc) return `grpc <pod>:${probe.grpc.port} ${probe.grpc.service ?? ''} ${attributes}`
  return `unknown ${attributes}`
}

function environmentFrom(page: Page, sources: readonly Fields[]): void {
  page.line(2, 'Environment Variables from:')
  for (const source of sources) {
    const kind = source.configMapRef ? 'ConfigMap' : source.secretRef ? 'Secret' : ''
    const reference = source.configMapRef ?? source.secretRef ?? {}
    page.line(3, `${reference.name ?? ''}\t${kind}${source.prefix ? ` with prefix '${source.prefix}'` : ''}\tOptional: ${reference.optional ?? false}`)
  }
}

function environment(page: Page, container: Fields, resolve: Resolver): void {
  const variables = (container.env ?? []) as Fields[]
  page.line(2, `Environment:${variables.length === 0 ? '\t<none>' : ''}`)
  for (const variable of variables) {
    const from = variable.valueFrom
    if (!from) {
      for (const [i, line] of String(variable.value ?? '').split('\n').entries()) page.line(3, `${i === 0 ? `${variable.name}:` : ''}\t${line}`)
    } else if (from.fieldRef) page.line(3, `${variable.name}:\t${resolve(from.fieldRef.fieldPath)} (${from.fieldRef.apiVersion ?? 'v1'}:${from.fieldRef.fieldPath})`)
    else if (from.resourceFieldRef) page.line(3, `${variable.name}:\t${resourceFieldText(from.resourceFieldRef, container)} (${from.resourceFieldRef.resource})`)
    else if (from.secretKeyRef) page.line(3, `${variable.name}:\t<set to the key '${from.secretKeyRef.key}' in secret '${from.secretKeyRef.name}'>\tOptional: ${from.secretKeyRef.optional ?? false}`)
    else if (from.configMapKeyRef) page.line(3, `${variable.name}:\t<set to the key '${from.configMapKeyRef.key}' of config map '${from.configMapKeyRef.name}'>\tOptional: ${from.configMapKeyRef.optional ?? false}`)
  }
}

/** The number the container gets: rounded up to the divisor; an unset limit is the node's. */
function resourceFieldText(reference: Fields, container: Fields): string {
  const [list = '', name = ''] = String(reference.resource).split('.')
  const value = amountOf(container.resources?.[list]?.[name]).milli
  const divisor = amountOf(reference.divisor).milli || 1000
  const text = String(Math.ceil(value / divisor))
  return text === '0' && list === 'limits' && (name === 'cpu' || name === 'memory') ? 'node allocatable' : text
}

function mounts(page: Page, container: Fields): void {
  const list = [...((container.volumeMounts ?? []) as Fields[])].sort((a, b) => compareText(a.mountPath, b.mountPath))
  page.line(2, `Mounts:${list.length === 0 ? '\t<none>' : ''}`)
  for (const mount of list) page.line(3, `${mount.mountPath} from ${mount.name} (${[mount.readOnly ? 'ro' : 'rw', ...(mount.subPath ? [`path=${quoted(mount.subPath)}`] : [])].join(',')})`)
  const devices = [...((container.volumeDevices ?? []) as Fields[])].sort((a, b) => compareText(a.devicePath, b.devicePath))
  if (devices.length > 0) page.line(2, `Devices:${list.length === 0 ? '\t<none>' : ''}`)
  for (const device of devices) page.line(3, `${device.devicePath} from ${device.name}`)
}
