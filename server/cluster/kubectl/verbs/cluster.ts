/** What kubectl says about the cluster and itself: api-resources, api-versions, explain, version, cluster-info, config, top. */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { compareText, refOf } from '../../../k8s/object.ts'
import { milliOf } from '../../amounts.ts'
import { resources } from '../../resources.ts'
import type { Resource } from '../../resources.ts'
import { resourceFor, selected } from '../arguments.ts'
import { flagTable } from '../command-line.ts'
import type { Console, FieldDocument } from '../console.ts'
import { authorise, get, list, Refusal } from '../console.ts'
import { jsonText } from '../print/json.ts'
import { tabulated } from '../print/tabwriter.ts'
import { yamlText } from '../print/yaml.ts'
import { goDuration } from '../../../k8s/duration.ts'
import type { Verb } from './verb.ts'

const clusterName = 'readyz'
const server = 'https://127.0.0.1:6443'

function apiVersion({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`
}

export const apiResourcesVerb: Verb = {
  name: 'api-resources',
  about: 'Print the supported API resources on the server',
  usage: 'api-resources',
  completes: 'none',
  flags: flagTable('api-group=s namespaced output:o=s no-headers sort-by=s verbs=l categories=l cached'),
  run(console) {
    const { flags } = console
    const found = resources.filter((resource) => (!flags.given('api-group') || resource.group === flags.text('api-group')) && (!flags.given('namespaced') || resource.namespaced === flags.on('namespaced')))
      .sort((a, b) => (flags.text('sort-by') === 'name' ? compareText(a.plural, b.plural) : flags.text('sort-by') === 'kind' ? compareText(a.kind, b.kind) : compareText(a.group, b.group) || compareText(a.plural, b.plural)))
    const format = flags.text('output')
    if (format === 'name') for (const { plural, group } of found) console.out(group ? `${plural}.${group}` : plural)
    else if (format !== '' && format !== 'wide') throw new Refusal(`error: --output ${format} is not available`)
    else {
      const wide = format === 'wide'
      const verbs = 'create,delete,deletecollection,get,list,patch,update,watch'
      const rows = found.map((resource) => [resource.plural, resource.short.join(','), apiVersion(resource), String(resource.namespaced), resource.kind, ...(wide ? [verbs, isInAll(resource) ? 'all' : ''] : [])].join('\t'))
      console.out(tabulated([...(flags.on('no-headers') ? [] : [`NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND${wide ? '\tVERBS\tCATEGORIES' : ''}`]), ...rows].join('\n')))
    }
  },
}

function isInAll({ kind }: Resource): boolean {
  return ['Pod', 'ReplicationController', 'Service', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet', 'HorizontalPodAutoscaler', 'CronJob', 'Job'].includes(kind)
}

export const apiVersionsVerb: Verb = {
  name: 'api-versions', about: 'Print the supported API versions on the server, in the form of "group/version"', usage: 'api-versions', completes: 'none',
  run(console) {
    for (const version of [...new Set(resources.map(apiVersion))].sort()) console.out(version)
  },
}

/** Text wrapped at `width`, each line indented by `indent`. */
function wrapped(text: string, width: number, indent: number): string {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = []
    let line = ''
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line)
        line = word
      } else line = line === '' ? word : `${line} ${word}`
    }
    return [...lines, line]
  }).map((line) => `${' '.repeat(indent)}${line}`.trimEnd()).join('\n')
}

export const explainVerb: Verb = {
  name: 'explain',
  about: 'Get documentation for a resource',
  usage: 'explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext]',
  completes: 'resources',
  flags: flagTable('recursive api-version=s output:o=s,plaintext'),
  run(console) {
    if (console.args.length === 0) throw new Refusal('error: You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.')
    if (console.args.length > 1) throw new Refusal('error: We accept only this format: explain RESOURCE')
    const [type = '', ...path] = console.args[0]!.split('.')
    const resource = resourceFor(type)
    const version = apiVersion(resource)
    if (!console.documentation) throw new Refusal(`error: the documentation of ${resource.plural} is not loaded in this console`)
    const documented = console.documentation(resource.kind, version, path)
    if (!documented) {
      const missing = path.findIndex((_field, i) => console.documentation!(resource.kind, version, path.slice(0, i + 1)) === undefined)
      throw new Refusal(path.length === 0 ? `error: couldn't find resource for "${version}, Kind=${resource.kind}"` : `error: field ${JSON.stringify(path[missing] ?? path.at(-1))} does not exist`)
    }
    console.out(explained(console, resource, path, documented))
  },
}

function explained(console: Console, resource: Resource, path: readonly string[], documented: FieldDocument): string {
  const lines = [...(resource.group ? [`GROUP:      ${resource.group}`] : []), `KIND:       ${resource.kind}`, `VERSION:    ${resource.version}`, '']
  if (path.length > 0) lines.push(`FIELD: ${path.at(-1)} <${documented.type}>${documented.required ? ' -required-' : ''}`, ...enumLines(documented.enum, 0), '')
  lines.push('DESCRIPTION:', wrapped(documented.description || '<empty>', 76, 4), '    ')
  if ((documented.fields ?? []).length > 0) {
    lines.push('FIELDS:')
    if (console.flags.on('recursive')) lines.push(...recursive(console, resource, path, documented, 2))
    else for (const field of documented.fields!) lines.push(`  ${field.name}\t<${field.type}>${field.required ? ' -required-' : ''}`, wrapped(field.description || '<no description>', 76, 4), '')
  }
  return lines.join('\n')
}

function enumLines(values: readonly string[] | undefined, indent: number): string[] {
  return values && values.length > 0 ? [`${' '.repeat(indent)}ENUM:`, ...values.map((value) => `${' '.repeat(indent + 4)}${value}`)] : []
}

function recursive(console: Console, resource: Resource, path: readonly string[], documented: FieldDocument, indent: number): string[] {
  return (documented.fields ?? []).flatMap((field) => {
    const inner = indent < 24 ? console.documentation!(resource.kind, apiVersion(resource), [...path, field.name]) : undefined
    return [`${' '.repeat(indent)}${field.name}\t<${field.type}>${field.required ? ' -required-' : ''}`, ...(inner ? recursive(console, resource, [...path, field.name], inner, indent + 2) : [])]
  })
}

export const versionVerb: Verb = {
  name: 'version', about: 'Print the client and server version information', usage: 'version', completes: 'none', flags: flagTable('client output:o=s'),
  run(console) {
    const git = `v${console.cluster.scenario.kubernetes}.0`
    const [major = '1', minor = '36'] = console.cluster.scenario.kubernetes.split('.')
    const info = { gitVersion: git, major, minor }
    const all = { clientVersion: info, kustomizeVersion: 'v5.8.1', ...(console.flags.on('client') ? {} : { serverVersion: info }) }
    if (console.flags.text('output') === 'json') console.out(jsonText(all, 2))
    else if (console.flags.text('output') === 'yaml') console.write(yamlText(all))
    else console.out([`Client Version: ${git}`, `Kustomize Version: ${all.kustomizeVersion}`, ...(console.flags.on('client') ? [] : [`Server Version: ${git}`])].join('\n'))
  },
}

export const clusterInfoVerb: Verb = {
  name: 'cluster-info', about: 'Display cluster information', usage: 'cluster-info', completes: 'none',
  run(console) {
    if (console.args[0] === 'dump') throw new Refusal('error: kubectl cluster-info dump is not available in this console; use kubectl get all -A -o json, kubectl events -A and kubectl logs')
    console.out(`Kubernetes control plane is running at ${server}\nCoreDNS is running at ${server}/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy\n\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.`)
  },
}

/** The kubeconfig this console stands for. */
function kubeconfig(console: Console): Fields {
  return {
    apiVersion: 'v1', clusters: [{ cluster: { 'certificate-authority-data': 'DATA+OMITTED', server }, name: clusterName }], contexts: [{ context: { cluster: clusterName, namespace: console.session.namespace, user: 'kubernetes-admin' }, name: clusterName }],
    'current-context': clusterName, kind: 'Config', users: [{ name: 'kubernetes-admin', user: { 'client-certificate-data': 'DATA+OMITTED', 'client-key-data': 'DATA+OMITTED' } }],
  }
}

function setContext(console: Console): void {
  const { flags, args } = console
  if (!flags.on('current') && args.length !== 1) throw new Refusal('error: unexpected args: []')
  if (!flags.on('current') && args[0] !== clusterName) throw new Refusal(`error: this console has one context, "${clusterName}"`)
  if (flags.given('namespace')) console.session = { ...console.session, namespace: flags.text('namespace') }
  console.out(`Context "${clusterName}" modified.`)
}

export const configVerb: Verb = {
  name: 'config', about: 'Modify kubeconfig files', usage: 'config SUBCOMMAND',
  verbs: [
    { name: 'current-context', about: 'Display the current-context', usage: 'config current-context', completes: 'none', run: (console) => console.out(clusterName) },
    { name: 'get-contexts', about: 'Describe one or many contexts', usage: 'config get-contexts', completes: 'none', flags: flagTable('output:o=s no-headers'), run(console) {
      if (console.flags.text('output') === 'name') return console.out(clusterName)
      console.out(tabulated([...(console.flags.on('no-headers') ? [] : ['CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE']), `*\t${clusterName}\t${clusterName}\tkubernetes-admin\t${console.session.namespace}`].join('\n')))
    } },
    { name: 'get-clusters', about: 'Display clusters defined in the kubeconfig', usage: 'config get-clusters', completes: 'none', run: (console) => console.out(`NAME\n${clusterName}`) },
    { name: 'get-users', about: 'Display users defined in the kubeconfig', usage: 'config get-users', completes: 'none', run: (console) => console.out('NAME\nkubernetes-admin') },
    { name: 'set-context', about: 'Set a context entry in kubeconfig', usage: 'config set-context [NAME | --current] [--namespace=namespace]', completes: 'none', flags: flagTable('current cluster=s user=s namespace=s'), run: setContext },
    { name: 'use-context', aliases: ['use'], about: 'Set the current-context in a kubeconfig file', usage: 'config use-context CONTEXT_NAME', completes: 'none', run(console) {
      if (console.args[0] !== clusterName) throw new Refusal(`error: no context exists with the name: "${console.args[0] ?? ''}"`)
      console.out(`Switched to context "${clusterName}".`)
    } },
    { name: 'view', about: 'Display merged kubeconfig settings or a specified kubeconfig file', usage: 'config view', completes: 'none', flags: flagTable('minify output:o=s,yaml flatten raw merge=b,true'), run(console) {
      console.write(console.flags.text('output') === 'json' ? `${jsonText(kubeconfig(console))}\n` : yamlText(kubeconfig(console)))
    } },
  ],
}

function metricsRefusal(console: Console): void {
  if (!console.cluster.scenario.cluster.metricsServer) throw new Refusal('error: Metrics API not available')
  if (console.past) throw new Refusal('error: what processes used at a past moment is not kept; run kubectl top now')
}

/** Cores as `12m`, bytes as `40Mi`: rounded as metrics are printed (metricsutil). */
function usage(pod: K8sObject, console: Console): { name: string; cpu: number; memory: number }[] {
  return console.cluster.runtime.containers(refOf(pod)).filter((container) => !container.exited).map((container) => ({ name: container.spec.name, cpu: container.cpuCores().used * 1000, memory: container.memoryBytes() }))
}

const cores = (milli: number): string => `${Math.ceil(milli)}m`
const mebibytes = (bytes: number): string => `${Math.floor(bytes / 1048576)}Mi`
/** A pod has metrics once it has run through one scrape of the metrics server. */
const scrapeMs = 15_000

/** How long a pod may be without metrics before kubectl finds that strange. */
const metricsDelayMs = 120_000

/** What kubectl says when pods are there and their metrics are not (cmd/top/top_pod.go:verifyEmptyMetrics). */
function whyUnmeasured(console: Console, pods: readonly K8sObject[]): string {
  const ageOf = (pod: K8sObject): number => console.nowMs - Date.parse(pod.metadata.creationTimestamp ?? '')
  const old = pods.find((pod) => ageOf(pod) > metricsDelayMs)
  return old ? `Metrics not available for pod ${old.metadata.namespace}/${old.metadata.name}, age: ${goDuration(ageOf(old))}` : 'metrics not available yet'
}

function topPods(console: Console): void {
  metricsRefusal(console)
  const { flags, args } = console
  const pods = args.length > 0 ? [get(console, { kind: 'Pod', namespace: console.namespace, name: args[0]! })] : selected(console, 'Pod', flags.on('all-namespaces') ? '' : console.namespace, { selector: flags.text('selector'), fieldSelector: flags.text('field-selector') })
  const measured = pods.map((pod) => ({ pod, containers: pod.status?.startTime && console.nowMs - Date.parse(pod.status.startTime) >= scrapeMs ? usage(pod, console) : [] })).filter(({ containers }) => containers.length > 0)
  if (measured.length === 0) {
    if (args.length > 0) throw new Refusal(`Error from server (NotFound): podmetrics.metrics.k8s.io "${console.namespace}/${args[0]}" not found`)
    if (pods.length > 0) throw new Refusal(`error: ${whyUnmeasured(console, pods)}`)
    return console.err(flags.on('all-namespaces') ? 'No resources found' : `No resources found in ${console.namespace} namespace.`)
  }
  const sum = (item: (typeof measured)[number], field: 'cpu' | 'memory'): number => item.containers.reduce((total, container) => total + container[field], 0)
  const by = flags.text('sort-by')
  if (by !== '' && by !== 'cpu' && by !== 'memory') throw new Refusal('error: --sort-by accepts only cpu or memory')
  if (by !== '') measured.sort((a, b) => sum(b, by) - sum(a, by))
  const namespace = (pod: K8sObject): string => (flags.on('all-namespaces') ? `${pod.metadata.namespace}\t` : '')
  const total = flags.on('sum') ? sums(measured.flatMap((item) => item.containers), (flags.on('containers') ? 1 : 0) + (flags.on('all-namespaces') ? 1 : 0)) : []
  const rows = flags.on('containers') ? measured.flatMap(({ pod, containers }) => containers.map((container) => `${namespace(pod)}${pod.metadata.name}\t${container.name}\t${cores(container.cpu)}\t${mebibytes(container.memory)}`)) : measured.map((item) => `${namespace(item.pod)}${item.pod.metadata.name}\t${cores(sum(item, 'cpu'))}\t${mebibytes(sum(item, 'memory'))}`)
  const header = `${flags.on('all-namespaces') ? 'NAMESPACE\t' : ''}${flags.on('containers') ? 'POD\tNAME' : 'NAME'}\tCPU(cores)\tMEMORY(bytes)`
  console.out(tabulated([...(flags.on('no-headers') ? [] : [header]), ...rows, ...total].map((row) => `${row}\t`).join('\n')))
}

/** --sum: a line under the numbers and what they come to (metricsutil/metrics_printer.go:printPodResourcesSum). */
function sums(all: readonly { cpu: number; memory: number }[], before: number): string[] {
  const blank = '\t'.repeat(before)
  return [`${blank}\t________\t________`, `${blank}\t${cores(all.reduce((sum, one) => sum + one.cpu, 0))}\t${mebibytes(all.reduce((sum, one) => sum + one.memory, 0))}`]
}

function topNodes(console: Console): void {
  metricsRefusal(console)
  const nodes = console.args.length > 0 ? [get(console, { kind: 'Node', namespace: '', name: console.args[0]! })] : selected(console, 'Node', '', { selector: console.flags.text('selector'), fieldSelector: '' })
  authorise(console, 'list', 'Pod', '')
  const pods = list({ ...console, as: undefined }, 'Pod', '')
  const rows = nodes.map((node) => {
    const used = pods.filter((pod) => pod.spec?.nodeName === node.metadata.name).flatMap((pod) => usage(pod, console))
    const [cpu, memory] = [used.reduce((sum, item) => sum + item.cpu, 0), used.reduce((sum, item) => sum + item.memory, 0)]
    const share = (value: number, resource: string): string => `${Math.trunc((value / Math.max(1, milliOf(node.status?.allocatable?.[resource]))) * 100)}%`
    return `${node.metadata.name}\t${cores(cpu)}\t${share(cpu, 'cpu')}\t${mebibytes(memory)}\t${share(memory * 1000, 'memory')}`
  })
  console.out(tabulated([...(console.flags.on('no-headers') ? [] : ['NAME\tCPU(cores)\tCPU(%)\tMEMORY(bytes)\tMEMORY(%)']), ...rows].map((row) => `${row}\t`).join('\n')))
}

export const topVerb: Verb = {
  name: 'top', about: 'Display resource (CPU/memory) usage', usage: 'top SUBCOMMAND',
  verbs: [
    { name: 'node', aliases: ['nodes', 'no'], about: 'Display resource (CPU/memory) usage of nodes', usage: 'top node [NAME | -l label]', completes: 'nodes', flags: flagTable('selector:l=s no-headers sort-by=s show-capacity use-protocol-buffers'), run: topNodes },
    { name: 'pod', aliases: ['pods', 'po'], about: 'Display resource (CPU/memory) usage of pods', usage: 'top pod [NAME | -l label]', completes: 'pods', flags: flagTable('selector:l=s field-selector=s all-namespaces:A containers no-headers sort-by=s sum use-protocol-buffers'), run: topPods },
  ],
}
