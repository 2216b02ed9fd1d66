/** `kubectl set`: image, env, resources and serviceaccount of pod templates, and the others (cmd/set). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { isFields } from '../../../k8s/podspec.ts'
import { refOf } from '../../../k8s/object.ts'
import { parseQuantity } from '../../../k8s/quantity.ts'
import { globMatches } from '../../glob.ts'
import { printedName } from '../../operations.ts'
import { equal } from '../../pods.ts'
import { flagTable } from '../command-line.ts'
import type { Console } from '../console.ts'
import { authorise, get, present, Refusal, written } from '../console.ts'
import { printFormatted, readFormat } from '../print/output.ts'
import { dryRun, dryRunSuffix } from './dry-run.ts'
import { splitChanges } from './patch.ts'
import { decodeBase64 } from '../../kubelet/env.ts'
import { setSelector, setSubject } from './set-others.ts'
import { nothingNamed } from '../arguments.ts'
import { namedObjects } from './files.ts'
import type { Verb } from './verb.ts'

const common = 'all selector:l=s local dry-run=o,unchanged output:o=s filename:f=l recursive:R field-manager=s'

type PodSpec = Fields
type Change = (spec: PodSpec, object: K8sObject) => PodSpec

/** The object with its pod spec changed, wherever the kind keeps it; undefined for kinds without one. */
function withPodSpec(object: K8sObject, change: Change): K8sObject | undefined {
  const { spec } = object
  if (object.kind === 'Pod') return { ...object, spec: change(isFields(spec) ? spec : {}, object) }
  const inJob = spec?.jobTemplate?.spec
  if (isFields(inJob?.template?.spec)) return { ...object, spec: { ...spec, jobTemplate: { ...spec.jobTemplate, spec: { ...inJob, template: { ...inJob.template, spec: change(inJob.template.spec, object) } } } } }
  return isFields(spec?.template?.spec) ? { ...object, spec: { ...spec, template: { ...spec.template, spec: change(spec.template.spec, object) } } } : undefined
}

function update(console: Console, names: readonly string[], done: string, change: Change): void {
  if (!console.flags.on('local')) present(console)
  const { flags } = console
  for (const object of namedObjects(console, names, { selector: flags.text('selector'), all: flags.on('all') })) {
    const local = flags.on('local')
    if (!local) authorise(console, 'patch', object.kind, object.metadata.namespace ?? '', object.metadata.name)
    const next = withPodSpec(object, change)
    if (!next) {
      console.fail(`error: ${object.kind.toLowerCase()}s/${object.metadata.name}: the object is not a pod or does not have a pod template: *v1.${object.kind}`)
      continue
    }
    const changed = !equal(next.spec, object.spec)
    if (!changed) continue
    const result = local ? asTyped(next) : dryRun(console) ? next : written(console, console.cluster.api.update(next))
    const format = readFormat(console)
    if (format.name !== '') printFormatted(console, [result], format, true)
    else console.out(`${printedName(refOf(object))} ${done}${dryRunSuffix(console, local)}`)
  }
}

/** A manifest as the client's own types print it: what they always write is there, empty. */
function asTyped(object: K8sObject): K8sObject {
  const typed = withPodSpec(object, (spec) => mapContainers(spec, () => true, (container) => ({ resources: {}, ...container })))!
  const status = { StatefulSet: { availableReplicas: 0, replicas: 0 }, DaemonSet: { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 }, ReplicaSet: { replicas: 0 }, ReplicationController: { replicas: 0 } }[typed.kind] ?? {}
  const strategy = { Deployment: 'strategy', StatefulSet: 'updateStrategy', DaemonSet: 'updateStrategy' }[typed.kind]
  return { ...typed, spec: { ...(strategy ? { [strategy]: {} } : {}), ...typed.spec }, status: typed.status ?? status }
}

function mapContainers(spec: PodSpec, matches: (name: string) => boolean, change: (container: Fields) => Fields): PodSpec {
  const each = (list: unknown): Fields[] => containersIn(list).map((container) => (matches(container.name) ? change(container) : container))
  return { ...spec, containers: each(spec.containers), ...(spec.initContainers ? { initContainers: each(spec.initContainers) } : {}) }
}

/** The containers of a list as the client's types have them: with --local it comes from a file that no server has seen. */
function containersIn(list: unknown): Fields[] {
  return (Array.isArray(list) ? list : []).map((item: unknown) => ({ ...(isFields(item) ? item : {}), name: isFields(item) && typeof item.name === 'string' ? item.name : '' }))
}

function environment(container: Fields): Fields[] {
  return Array.isArray(container.env) ? container.env.filter(isFields) : []
}

function names(spec: PodSpec): string[] {
  return [...containersIn(spec.containers), ...containersIn(spec.initContainers)].map((container) => container.name as string)
}

function setImage(console: Console): void {
  const { names: objects, set } = splitImages(console.args)
  if (objects.length === 0 && console.flags.all('filename').length === 0) throw new Refusal(nothingNamed)
  if (Object.keys(set).length === 0) throw new Refusal('error: at least one image update is required')
  update(console, objects, 'image updated', (spec) => {
    for (const name of Object.keys(set)) if (name !== '*' && !names(spec).includes(name)) throw new Refusal(`error: unable to find container named "${name}"`)
    return mapContainers(spec, (name) => Object.hasOwn(set, name) || Object.hasOwn(set, '*'), (container) => ({ ...container, image: Object.hasOwn(set, container.name) ? set[container.name] : set['*'] }))
  })
}

/** `app=image:tag`; everything before the first is a resource. */
function splitImages(args: readonly string[]): { names: string[]; set: Record<string, string> } {
  const at = args.findIndex((arg) => arg.includes('='))
  const updates = at < 0 ? [] : args.slice(at)
  return { names: at < 0 ? [...args] : args.slice(0, at), set: Object.fromEntries(updates.flatMap((arg) => arg.slice(0, arg.indexOf('=')).split(',').map((name) => [name, arg.slice(arg.indexOf('=') + 1)]))) }
}

function setEnv(console: Console): void {
  const { flags } = console
  const { names: objects, set, remove } = splitChanges(console.args, 'environment')
  for (const pair of flags.all('env')) set[pair.slice(0, pair.indexOf('='))] = pair.slice(pair.indexOf('=') + 1)
  const pattern = flags.text('containers') || '*'
  const matches = (name: string): boolean => globMatches(pattern, name)
  if (objects.length === 0 && flags.all('filename').length === 0) throw new Refusal('error: one or more resources must be specified as <resource> <name> or <resource>/<name>')
  if (flags.on('list') && flags.text('output') !== '') throw new Refusal('error: --list and --output may not be specified together')
  if (flags.all('keys').length > 0 && flags.text('from') === '') throw new Refusal('error: when specifying --keys, a configmap or secret must be provided with --from')
  if (flags.on('list')) return listEnv(console, objects, matches)
  const from = flags.text('from') === '' ? [] : fromObject(console, flags.text('from'))
  update(console, objects, 'env updated', (spec, object) => {
    if (!names(spec).some(matches)) {
      console.err(`warning: ${object.kind}/${object.metadata.name} does not have any containers matching "${pattern}"`)
      return spec
    }
    return mapContainers(spec, matches, (container) => {
      const added = [...from, ...Object.entries(set).map(([name, value]): Fields => ({ name, value }))]
      const kept = environment(container).filter((variable) => !remove.includes(variable.name)).map((variable) => added.find((item) => item.name === variable.name) ?? variable)
      const env = [...kept, ...added.filter((item) => !kept.some((variable) => variable.name === item.name))]
      const { env: _old, ...rest } = container
      return env.length > 0 ? { ...rest, env } : rest
    })
  })
}

/** --from=configmap/x or secret/x: one variable per key, named in capitals. */
function fromObject(console: Console, text: string): Fields[] {
  const [type = '', name = ''] = text.split('/')
  const kind = /^(cm|configmaps?)$/i.test(type) ? 'ConfigMap' : /^secrets?$/i.test(type) ? 'Secret' : undefined
  if (!kind) throw new Refusal(`error: unsupported resource specified in --from`)
  const object = get(console, { kind, namespace: console.namespace, name })
  const keys = console.flags.list('keys')
  return Object.keys({ ...object.data, ...object.stringData }).sort().filter((key) => keys.length === 0 || keys.includes(key)).map((key) => ({
    name: `${console.flags.text('prefix')}${key}`.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_'),
    valueFrom: { [kind === 'ConfigMap' ? 'configMapKeyRef' : 'secretKeyRef']: { name, key } },
  }))
}

function listEnv(console: Console, objects: readonly string[], matches: (name: string) => boolean): void {
  for (const object of namedObjects(console, objects, { selector: console.flags.text('selector'), all: console.flags.on('all') })) {
    withPodSpec(object, (spec) => {
      for (const container of containersIn(spec.containers).filter((item) => matches(item.name))) {
        console.out(`# ${object.kind} ${object.metadata.name}, container ${container.name}`)
        for (const variable of environment(container)) console.out(variableText(console, variable))
      }
      return spec
    })
  }
}

function variableText(console: Console, { name, value, valueFrom }: Fields): string {
  if (!isFields(valueFrom)) return `${name}=${value ?? ''}`
  const reference = valueFrom.configMapKeyRef ?? valueFrom.secretKeyRef
  if (!reference) return `# ${name} from ${valueFrom.fieldRef ? `field path ${valueFrom.fieldRef.fieldPath}` : `resource field ${valueFrom.resourceFieldRef?.resource}`}`
  const kind = valueFrom.configMapKeyRef ? 'configmap' : 'secret'
  if (!console.flags.on('resolve')) return `# ${name} from ${kind} ${reference.name}, key ${reference.key}`
  const object = get(console, { kind: kind === 'secret' ? 'Secret' : 'ConfigMap', namespace: console.namespace, name: reference.name })
  return `${name}=${kind === 'secret' ? decodeBase64(object.data?.[reference.key] ?? '') : (object.data?.[reference.key] ?? '')}`
}

function setResources(console: Console): void {
  const { flags } = console
  const list = (flag: string): Record<string, string> => Object.fromEntries(flags.list(flag).map((pair) => {
    if (!pair.includes('=')) throw new Refusal(`error: invalid argument syntax ${pair}, expected <resource>=<value>`)
    const quantity = pair.slice(pair.indexOf('=') + 1)
    const read = parseQuantity(quantity)
    if ('error' in read) throw new Refusal(`error: ${read.error}`)
    return [pair.slice(0, pair.indexOf('=')), quantity]
  }))
  const [limits, requests] = [list('limits'), list('requests')]
  if (Object.keys(limits).length + Object.keys(requests).length === 0) throw new Refusal('error: you must specify an update to requests or limits (in the form of --requests/--limits)')
  const pattern = flags.text('containers') || '*'
  update(console, console.args, 'resource requirements updated', (spec) => {
    if (pattern !== '*' && !names(spec).includes(pattern)) throw new Refusal(`error: unable to find container named ${pattern}`)
    return mapContainers(spec, (name) => pattern === '*' || name === pattern, (container) => ({ ...container, resources: { ...container.resources, ...(Object.keys(limits).length > 0 ? { limits: { ...container.resources?.limits, ...limits } } : {}), ...(Object.keys(requests).length > 0 ? { requests: { ...container.resources?.requests, ...requests } } : {}) } }))
  })
}

function setServiceAccount(console: Console): void {
  if (console.args.length === 0) throw new Refusal('error: serviceaccount is required')
  update(console, console.args.slice(0, -1), 'serviceaccount updated', (spec) => ({ ...spec, serviceAccountName: console.args.at(-1), serviceAccount: console.args.at(-1) }))
}

export const setVerb: Verb = {
  name: 'set',
  about: 'Set specific features on objects',
  usage: 'set SUBCOMMAND',
  verbs: [
    { name: 'env', about: 'Update environment variables on a pod template', usage: 'set env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N', completes: 'workloads', flags: flagTable(`${common} containers:c=s env:e=a from=s keys=l prefix=s list overwrite=b,true resolve`), run: setEnv },
    { name: 'image', about: 'Update the image of a pod template', usage: 'set image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N', completes: 'workloads', flags: flagTable(common), run: setImage },
    { name: 'resources', about: 'Update resource requests/limits on objects with pod templates', usage: 'set resources (-f FILENAME | TYPE NAME) ([--limits=LIMITS & --requests=REQUESTS]', completes: 'workloads', flags: flagTable(`${common} containers:c=s limits=l requests=l`), run: setResources },
    { name: 'selector', about: 'Set the selector on a resource', usage: 'set selector (-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]', completes: 'resources', flags: flagTable('all local filename:f=l recursive:R resource-version=s dry-run=o,unchanged output:o=s field-manager=s'), run: setSelector },
    { name: 'serviceaccount', aliases: ['sa'], about: 'Update the service account of a resource', usage: 'set serviceaccount (-f FILENAME | TYPE NAME) SERVICE_ACCOUNT', completes: 'workloads', flags: flagTable(common), run: setServiceAccount },
    { name: 'subject', about: 'Update the user, group, or service account in a role binding or cluster role binding', usage: 'set subject (-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]', completes: 'resources', flags: flagTable('user=a group=a serviceaccount=a all local filename:f=l recursive:R selector:l=s dry-run=o,unchanged output:o=s field-manager=s'), run: setSubject },
  ],
}
