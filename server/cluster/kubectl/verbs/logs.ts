/** `kubectl logs`: which instance of a container speaks, and what the kubelet answers when none does (kubelet_pods.go:validateContainerLogStatus, cmd/logs/logs.go). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { refOf } from '../../../k8s/object.ts'
import type { Millis } from '../../types.ts'
import { podsOf } from '../../references.ts'
import { readRequests, selected } from '../arguments.ts'
import { flagTable } from '../command-line.ts'
import type { Console } from '../console.ts'
import { authorise, get, Refusal } from '../console.ts'
import { patienceOf, waitUntil } from '../waiting.ts'
import { byLogging, containerNames, containersOf, defaultContainer, silentKubelet, statusOf } from './pods.ts'
import type { Verb } from './verb.ts'

export const logsVerb: Verb = {
  name: 'logs',
  aliases: ['log'],
  about: 'Print the logs for a container in a pod',
  usage: 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]',
  completes: 'pods',
  flags: flagTable('container:c=s previous:p follow:f tail=i,-1 since=d since-time=s timestamps prefix all-containers all-pods selector:l=s ignore-errors limit-bytes=i max-log-requests=i,5 pod-running-timeout=d insecure-skip-tls-verify-backend'),
  run,
}

type Line = { at: Millis; line: string }
type Source = { pod: K8sObject; container: string }

function run(console: Console): void {
  const { flags, args } = console
  const selector = flags.text('selector')
  if (args.length === 0 && selector === '') throw new Refusal("error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command\nSee 'kubectl logs -h' for help and examples")
  if (args.length > 2) throw new Refusal("error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command\nSee 'kubectl logs -h' for help and examples")
  if (args.length > 0 && selector !== '') throw new Refusal("error: only a selector (-l) or a POD name is allowed\nSee 'kubectl logs -h' for help and examples")
  if (args.length === 2 && flags.given('container')) throw new Refusal('error: only one of -c or an inline [CONTAINER] arg is allowed')
  if (flags.on('all-containers') && (flags.given('container') || args.length === 2)) throw new Refusal('error: --all-containers=true should not be specified with container name '.trimEnd() + (flags.text('container') || args[1] || ''))
  if (flags.given('tail') && flags.number('tail') < -1) throw new Refusal('error: --tail must be greater than or equal to -1')
  if (flags.given('since') && flags.given('since-time')) throw new Refusal('error: at most one of `sinceTime` or `sinceSeconds` may be specified')
  const pods = podsFor(console, selector)
  const sources = pods.flatMap((pod) => containersFor(console, pod, flags.text('container') || args[1] || '').map((container) => ({ pod, container })))
  const many = sources.length > 1
  if (flags.on('follow') && sources.length > flags.number('max-log-requests')) throw new Refusal(`error: you are attempting to follow ${sources.length} log streams, but maximum allowed concurrency is ${flags.number('max-log-requests')}, use --max-log-requests to increase the limit`)
  for (const source of sources) authorise(console, 'get', 'Pod', source.pod.metadata.namespace ?? '', source.pod.metadata.name, 'log')
  for (const source of sources) {
    try {
      printLines(console, source, chosen(console, instanceLog(console, source), selector !== ''))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (!many || !flags.on('ignore-errors')) throw error
      console.out(`error: ${error.message.replace(/^(error: |Error from server( \([A-Za-z]+\))?: )/, '')}`)
    }
  }
  if (flags.on('follow')) follow(console, sources)
}

function podsFor(console: Console, selector: string): K8sObject[] {
  if (selector !== '') {
    const pods = selected(console, 'Pod', console.namespace, { selector, fieldSelector: '' })
    if (pods.length === 0) console.err(`No resources found in ${console.namespace} namespace.`)
    return pods
  }
  const word = console.args[0]!
  const [request] = readRequests(word.includes('/') ? [word] : ['pods', word])
  const { resource, name } = request!
  const object = get(console, { kind: resource.kind, namespace: resource.namespaced ? console.namespace : '', name: name! })
  if (object.kind === 'Pod') return [object]
  const pods = podsOf(console.view, refOf(object))
  if (!['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'ReplicationController', 'Service', 'CronJob'].includes(object.kind)) throw new Refusal(`error: cannot get the logs from *v1.${object.kind}`)
  if (pods.length === 0) throw new Refusal('error: timed out waiting for the condition')
  if (console.flags.on('all-pods')) return [...pods]
  const latest = [...pods].sort(byLogging)
  if (pods.length > 1) console.err(`Found ${pods.length} pods, using pod/${latest[0]!.metadata.name}`)
  return [latest[0]!]
}

function containersFor(console: Console, pod: K8sObject, asked: string): string[] {
  const { flags } = console
  if (flags.on('all-containers')) return (['init', 'app', 'ephemeral'] as const).flatMap((kind) => containersOf(pod).filter((container) => container.kind === kind)).map((container) => container.name)
  if (asked === '') return [defaultContainer(console, pod)]
  if (!containersOf(pod).some((container) => container.name === asked)) throw new Refusal(`error: container ${asked} is not valid for pod ${pod.metadata.name} out of: ${containerNames(pod)}`)
  return [asked]
}

/** The lines of the instance the kubelet would read. Throws its refusal. */
function instanceLog(console: Console, { pod, container }: Source): readonly Line[] {
  const refuse = (why: string): never => {
    throw new Refusal(`Error from server (BadRequest): ${why}`)
  }
  if (!pod.spec?.nodeName) return []
  unreachable(console, pod, container)
  const named = `container "${container}" in pod "${pod.metadata.name}"`
  const status = statusOf(pod, container)
  if (!status) return refuse(`${named} is not available`)
  const { running, waiting, terminated } = (status.state ?? {}) as Fields
  const last = status.lastState?.terminated as Fields | undefined
  const count = (status.restartCount ?? 0) as number
  if (console.flags.on('previous')) {
    if (!last) return refuse(`previous terminated ${named} not found`)
    if (terminated) return [{ at: console.at, line: `unable to retrieve container logs for ${last.containerID ?? 'containerd://'}` }]
    return attemptLog(console, pod, container, waiting ? count : count - 1)
  }
  if (running || terminated || last) return attemptLog(console, pod, container, count)
  if (!waiting) return refuse(`${named} is waiting to start - no logs yet`)
  if (waiting.reason === 'ErrImagePull') return refuse(`${named} is waiting to start: image can't be pulled`)
  if (waiting.reason === 'ImagePullBackOff') return refuse(`${named} is waiting to start: trying and failing to pull image`)
  return refuse(`${named} is waiting to start: ${waiting.reason ?? ''}`)
}

function unreachable(console: Console, pod: K8sObject, container: string): void {
  const address = silentKubelet(console, pod)
  if (address !== undefined) throw new Refusal(`Error from server: Get "https://${address}/containerLogs/${pod.metadata.namespace}/${pod.metadata.name}/${container}": dial tcp ${address}: i/o timeout`)
}

/** The log of one instance, up to the moment looked at. The runtime keeps the newest instance and the one before. */
function attemptLog(console: Console, pod: K8sObject, container: string, attempt: number): readonly Line[] {
  const ref = refOf(pod)
  const live = console.cluster.view.get('Pod', ref.namespace, ref.name)
  const same = live?.metadata.uid === pod.metadata.uid
  const newest = same ? ((statusOf(live!, container)?.restartCount ?? attempt) as number) : attempt
  if (newest - attempt > 1) throw new Refusal(`error: the log of instance ${attempt} of container ${container} is no longer kept: two more have started since`)
  const lines = console.cluster.runtime.logs(ref, container, newest !== attempt) ?? []
  return console.past ? lines.filter((line) => line.at <= console.at) : lines
}

/** --since, --since-time, --tail and --limit-bytes. Selected pods show ten lines each unless asked otherwise. */
function chosen(console: Console, lines: readonly Line[], bySelector: boolean): readonly Line[] {
  const { flags } = console
  let kept = lines
  if (flags.given('since')) kept = kept.filter((line) => line.at >= console.at - flags.duration('since'))
  if (flags.given('since-time')) {
    const from = Date.parse(flags.text('since-time'))
    if (Number.isNaN(from)) throw new Refusal(`error: parsing time "${flags.text('since-time')}" as "2006-01-02T15:04:05Z07:00": cannot parse "${flags.text('since-time')}" as "2006"`)
    kept = kept.filter((line) => line.at >= console.at - (console.nowMs - from))
  }
  const tail = flags.given('tail') ? flags.number('tail') : bySelector && !flags.on('follow') ? 10 : -1
  if (tail >= 0) kept = tail === 0 ? [] : kept.slice(-tail)
  return kept
}

function printLines(console: Console, { pod, container }: Source, lines: readonly Line[]): void {
  const { flags } = console
  let bytes = flags.given('limit-bytes') ? flags.number('limit-bytes') : Infinity
  for (const { at, line } of lines) {
    const time = flags.on('timestamps') ? `${new Date(console.nowMs - console.nowMs % 1000 - (console.at - console.at % 1000) + at).toISOString().replace('Z', '000000Z')} ` : ''
    const text = `${time}${line}`
    if (text.length + 1 > bytes) return console.write(text.slice(0, bytes))
    bytes -= text.length + 1
    console.out(`${flags.on('prefix') ? `[pod/${pod.metadata.name}/${container}] ` : ''}${text}`)
  }
}

/** -f: the lines of the time that passes until the containers end, or the patience does. */
function follow(console: Console, sources: readonly Source[]): void {
  if (console.flags.on('previous')) return
  const from = console.past ? console.at : console.cluster.now
  const running = (): boolean => sources.some(({ pod, container }) => console.cluster.runtime.container(refOf(pod), container) !== undefined)
  const patience = patienceOf(console)
  const ended = waitUntil(console, patience, () => !running())
  const moment: Console = { ...console, past: false, view: console.cluster.view }
  const lines = sources.flatMap((source) => (console.cluster.runtime.logs(refOf(source.pod), source.container, false) ?? []).filter((line) => line.at > from).map((line) => ({ source, line })))
  for (const { source, line } of lines.sort((a, b) => a.line.at - b.line.at)) printLines(moment, source, [line])
  if (!ended && console.patience !== 0) console.err(`# followed until ${console.cluster.timestamp()}`)
}
