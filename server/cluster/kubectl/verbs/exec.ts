/** `kubectl exec` and `kubectl run`: commands inside containers (cmd/exec, cmd/run). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { refOf } from '../../../k8s/object.ts'
import { hash } from '../../../seed.ts'
import { overridden } from './overridden.ts'
import { flagTable } from '../command-line.ts'
import type { Console } from '../console.ts'
import { authorise, find, present, Refusal, written } from '../console.ts'
import { defaultPatienceMs, patienceOf, waitUntil } from '../waiting.ts'
import { deletedLine, printDone } from './apply.ts'
import { dryRun, dryRunStrategy } from './dry-run.ts'
import { make } from './create.ts'
import { containerNames, containersOf, defaultContainer, podFor, silentKubelet, statusOf } from './pods.ts'
import type { Verb } from './verb.ts'

/** What containerd says when the program is not in the image. */
function missingBinary(pod: K8sObject, container: string, program: string): string {
  const id = Array.from({ length: 8 }, (_, i) => hash(`${pod.metadata.uid}\0${container}\0${program}\0${i}`).toString(16).padStart(8, '0')).join('')
  return `error: Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "${id}": OCI runtime exec failed: exec failed: unable to start container process: exec: ${JSON.stringify(program)}: ${program.includes('/') ? `stat ${program}: no such file or directory` : 'executable file not found in $PATH'}`
}

/** How the streams and the command are asked of the kubelet (registry/core/pod/strategy.go:streamParams). */
function execQuery(console: Console, argv: readonly string[]): string {
  const { flags } = console
  return new URLSearchParams([...argv.map((word) => ['command', word]), ...(flags.on('tty') ? [] : [['error', '1']]), ...(flags.on('stdin') ? [['input', '1']] : []), ['output', '1'], ...(flags.on('tty') ? [['tty', '1']] : [])]).toString()
}

/** Runs a command in a running container; prints what it prints and ends with its code. */
function execute(console: Console, pod: K8sObject, container: string, argv: readonly string[]): void {
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') throw new Refusal(`error: cannot exec into a container in a completed pod; current phase is ${pod.status.phase}`)
  if (!pod.spec?.nodeName) throw new Refusal(`Error from server (BadRequest): pod ${pod.metadata.name} does not have a host assigned`)
  const address = silentKubelet(console, pod)
  // The server passes the streams on and says what became of its own request (apiserver/pkg/util/proxy/streamtranslator.go, client-go/transport/spdy:Negotiate).
  if (address !== undefined) throw new Refusal(`error: Internal error occurred: error sending request: Post "https://${address}/exec/${pod.metadata.namespace}/${pod.metadata.name}/${container}?${execQuery(console, argv)}": dial tcp ${address}: i/o timeout`)
  const running = console.cluster.runtime.container(refOf(pod), container)
  if (!running || running.exited || !statusOf(pod, container)?.state?.running) throw new Refusal(`error: unable to upgrade connection: container not found ("${container}")`)
  const result = running.exec([...argv], patienceOf(console, 'request-timeout') || defaultPatienceMs)
  if (result.missing !== undefined) throw new Refusal(missingBinary(pod, container, result.missing))
  if (result.durationMs > 0) waitUntil(console, result.durationMs, () => false)
  console.write(result.stdout)
  console.writeError(result.stderr)
  if (result.timedOut) throw new Refusal(`# the command was still running after ${result.durationMs / 1000}s of cluster time and was ended`, 130)
  if (result.exitCode !== 0) throw new Refusal(`command terminated with exit code ${result.exitCode}`, result.exitCode)
}

const noShell = 'error: this console opens no interactive shells; run one command at a time, for example: '

/** A shell that would wait for lines to be typed. */
function isShell(console: Console, command: readonly string[]): boolean {
  return command.length === 1 && /^(\/(usr\/)?bin\/)?(sh|bash|ash)$/.test(command[0]!) && console.input === ''
}

export const execVerb: Verb = {
  name: 'exec',
  about: 'Execute a command in a container',
  usage: 'exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]',
  completes: 'pods',
  flags: flagTable('container:c=s stdin:i tty:t quiet:q filename:f=l pod-running-timeout=d'),
  run(console) {
    const { args, flags } = console
    const command = console.rest ?? []
    if (args.length === 0) throw new Refusal("error: pod, type/name or --filename must be specified")
    if (args.length > 1) throw new Refusal('error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\nSee \'kubectl exec -h\' for help and examples')
    if (command.length === 0) throw new Refusal('error: you must specify at least one command for the container')
    present(console, true)
    const pod = podFor(console, args[0]!)
    authorise(console, 'create', 'Pod', pod.metadata.namespace ?? '', pod.metadata.name, 'exec')
    const asked = flags.text('container')
    if (asked !== '' && !containersOf(pod).some((container) => container.name === asked)) throw new Refusal(`error: container ${asked} is not valid for pod ${pod.metadata.name} out of: ${containerNames(pod)}`)
    const container = asked || defaultContainer(console, pod)
    if (flags.on('tty') && !flags.on('stdin') && !flags.on('quiet')) console.err('Unable to use a TTY - input is not a terminal or the right kind of file')
    if (isShell(console, command)) throw new Refusal(`${noShell}kubectl exec POD -- sh -c "ls /data"`)
    execute(console, pod, container, command)
  },
}

/** The pod that `kubectl run` makes. */
function podFrom(console: Console, name: string): K8sObject {
  const { flags } = console
  const words = [...console.args.slice(1), ...(console.rest ?? [])]
  const pairs = (list: readonly string[]): [string, string][] => list.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])
  const container: Fields = {
    ...(words.length > 0 ? { [flags.on('command') ? 'command' : 'args']: words } : {}),
    ...(flags.all('env').length > 0 ? { env: pairs(flags.all('env')).map(([key, value]) => ({ name: key, value })) } : {}),
    image: flags.text('image'), ...(flags.text('image-pull-policy') ? { imagePullPolicy: flags.text('image-pull-policy') } : {}), name,
    ...(flags.text('port') ? { ports: [{ containerPort: Number(flags.text('port')) }] } : {}), resources: {}, ...(flags.on('stdin') ? { stdin: true, stdinOnce: true } : {}), ...(flags.on('tty') ? { tty: true } : {}),
  }
  const labels = flags.text('labels') ? Object.fromEntries(pairs(flags.text('labels').split(','))) : { run: name }
  const pod: K8sObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels, ...(flags.all('annotations').length > 0 ? { annotations: Object.fromEntries(pairs(flags.all('annotations'))) } : {}) }, spec: { containers: [container], dnsPolicy: 'ClusterFirst', restartPolicy: flags.text('restart') }, status: {} }
  return flags.text('overrides') ? overridden(flags.text('overrides'), pod) : pod
}

/** --expose: a Service of the same name for the pod's labels. */
function serviceOf({ metadata: { name, labels } }: K8sObject, port: number): K8sObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port, protocol: 'TCP', targetPort: port }], selector: labels }, status: { loadBalancer: {} } }
}

export const runVerb: Verb = {
  name: 'run',
  about: 'Run a particular image on the cluster',
  usage: 'run NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]',
  completes: 'none',
  flags: flagTable('image=s image-pull-policy=s env=a port=s labels:l=s annotations=a restart=s,Always command stdin:i tty:t rm attach expose quiet:q privileged overrides=s override-type=s,merge dry-run=o,unchanged output:o=s save-config timeout=d pod-running-timeout=d field-manager=s grace-period=i,-1'),
  run(console) {
    const { args, flags } = console
    if (args.length === 0) throw new Refusal("error: NAME is required for run\nSee 'kubectl run -h' for help and examples")
    if (flags.text('image') === '') throw new Refusal('error: required flag(s) "image" not set')
    if (flags.on('rm') && !flags.on('attach') && !flags.on('stdin')) throw new Refusal('error: --rm should only be used for attached containers')
    if ((flags.on('attach') || flags.on('stdin')) && dryRunStrategy(console) !== 'none') throw new Refusal("error: --dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)")
    if (!['Always', 'OnFailure', 'Never'].includes(flags.text('restart'))) throw new Refusal(`error: invalid restart policy: ${flags.text('restart')}\nSee 'kubectl run -h' for help and examples`)
    if (flags.on('expose') && flags.text('port') === '') throw new Refusal('error: --port must be set when exposing a service')
    if (flags.text('port') !== '' && !/^[+-]?\d+$/.test(flags.text('port'))) throw new Refusal(`error: strconv.Atoi: parsing ${JSON.stringify(flags.text('port'))}: invalid syntax`)
    for (const pair of flags.text('labels') === '' ? [] : flags.text('labels').split(',')) if (!pair.includes('=')) throw new Refusal(`error: unexpected label spec: ${pair}`)
    const name = args[0]!
    if ((flags.on('stdin') || flags.on('attach')) && isShell(console, [...args.slice(1), ...(console.rest ?? [])])) throw new Refusal(`${noShell}kubectl run ${name} --image=${flags.text('image')} --rm -i --restart=Never -- sh -c "wget -qO- http://SERVICE"`)
    const object = podFrom(console, name)
    if (flags.on('expose')) make(console, serviceOf(object, Number(flags.text('port'))))
    if (dryRun(console)) return printDone(console, object, 'created')
    present(console)
    authorise(console, 'create', 'Pod', console.namespace)
    const { status: _status, ...sent } = object
    const pod = written(console, console.cluster.api.create({ ...sent, apiVersion: 'v1', kind: 'Pod', metadata: { ...object.metadata, namespace: console.namespace } }))
    if (!flags.on('attach') && !flags.on('stdin')) return printDone(console, pod, 'created')
    attach(console, pod, name)
  },
}

/** Waits for the container, prints what it printed until it ended, and takes the pod away with --rm. */
function attach(console: Console, pod: K8sObject, container: string): void {
  const ref = refOf(pod)
  const status = (): Fields | undefined => statusOf(find(console, ref) ?? pod, container)
  const limit = patienceOf(console, 'pod-running-timeout')
  const started = waitUntil(console, limit, () => Boolean(status()?.state?.running || status()?.state?.terminated))
  if (!started) throw new Refusal(`error: timed out waiting for the condition`)
  const ended = waitUntil(console, limit, () => Boolean(status()?.state?.terminated))
  for (const { line } of console.cluster.runtime.logs(ref, container, false) ?? []) console.out(line)
  if (!ended) console.err(`# the container still runs after ${limit / 1000}s of cluster time; this console opens no interactive session, use kubectl exec`)
  const code = status()?.state?.terminated?.exitCode ?? 0
  if (console.flags.on('rm')) {
    console.cluster.api.delete(ref)
    if (!console.flags.on('quiet')) console.out(deletedLine(pod, false))
    waitUntil(console, limit, () => find(console, ref) === undefined)
  }
  if (code !== 0) throw new Refusal(`pod ${console.namespace}/${pod.metadata.name} terminated (${status()?.state?.terminated?.reason ?? 'Error'})`, code)
}
