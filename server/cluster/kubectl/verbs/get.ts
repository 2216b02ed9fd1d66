/** `kubectl get`: tables, formats, sorting, and a watch that ends (cmd/get/get.go). */
import type { K8sObject } from '../../../k8s/object.ts'
import { compareText, keyOf, refOf } from '../../../k8s/object.ts'
import { amountOf } from '../../amounts.ts'
import type { Subresource } from '../../resources.ts'
import { hasSubresource, isNamespaced } from '../../resources.ts'
import type { Found } from '../arguments.ts'
import { findObjects } from '../arguments.ts'
import { flagTable } from '../command-line.ts'
import type { Console } from '../console.ts'
import { Refusal } from '../console.ts'
import { jsonText } from '../print/json.ts'
import { printFormatted, readFormat, sortValue } from '../print/output.ts'
import type { TableOptions } from '../print/table.ts'
import { tableLines } from '../print/table.ts'
import { tabulated } from '../print/tabwriter.ts'
import { patienceOf, waitUntil } from '../waiting.ts'
import { fromFiles } from './files.ts'
import type { Verb } from './verb.ts'

export const getVerb: Verb = {
  name: 'get',
  meant: ['list', 'ps'],
  about: 'Display one or many resources',
  usage: 'get [(-o|--output=)…] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]',
  completes: 'resources',
  flags: flagTable('output:o=s all-namespaces:A selector:l=s field-selector=s sort-by=s watch:w watch-only output-watch-events ignore-not-found no-headers show-labels label-columns:L=l show-kind show-managed-fields chunk-size=i,500 filename:f=l recursive:R kustomize:k=s subresource=s server-print=b,true allow-missing-template-keys=b,true template=s raw=s'),
  run,
}

function run(console: Console): void {
  const { flags } = console
  if (flags.on('output-watch-events') && !flags.on('watch') && !flags.on('watch-only')) throw new Refusal("error: --output-watch-events option can only be used with --watch or --watch-only\nSee 'kubectl get -h' for help and examples")
  if (flags.text('raw') !== '') return raw(console, flags.text('raw'))
  const format = readFormat(console)
  if (flags.on('show-labels') && format.name !== '' && format.name !== 'wide') throw new Refusal(`error: --show-labels option cannot be used with ${flags.text('output')} printer`)
  if (console.args.length === 0 && flags.all('filename').length === 0) {
    throw new Refusal('You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\nerror: Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\nSee \'kubectl get -h\' for help and examples')
  }
  if (flags.on('watch') || flags.on('watch-only')) return watch(console)
  const found = sought(console)
  const errors = flags.on('ignore-not-found') ? found.errors.filter((line) => !line.startsWith('Error from server (NotFound)')) : found.errors
  const objects = sorted(console, found.objects)
  const single = found.single && objects.length === 1
  if (format.name !== '' && format.name !== 'wide') {
    if (!(found.single && objects.length === 0) && !(objects.length === 0 && errors.length > 0)) printFormatted(console, objects, format, single)
  } else {
    printTables(console, objects, format.name === 'wide')
    if (objects.length === 0 && errors.length === 0 && !flags.on('ignore-not-found')) console.err(flags.on('all-namespaces') || found.requests.some((request) => !isNamespaced(request.resource.kind)) ? 'No resources found' : `No resources found in ${console.namespace} namespace.`)
  }
  for (const line of errors) console.fail(line)
}

/** The objects of the arguments or of -f. */
function sought(console: Console): Found {
  const { flags } = console
  const filter = { selector: flags.text('selector'), fieldSelector: flags.text('field-selector'), allNamespaces: flags.on('all-namespaces') }
  const subresource = flags.text('subresource')
  if (subresource !== '' && !['status', 'scale', 'resize'].includes(subresource)) throw new Refusal(`error: invalid subresource value: "${subresource}". Must be one of [status scale resize]`)
  const found = flags.all('filename').length > 0 ? fromFiles(console) : findObjects(console, console.args, filter)
  if (subresource !== '' && found.objects.some(({ kind }) => !hasSubresource(kind, subresource as Subresource))) throw new Refusal('Error from server (NotFound): the server could not find the requested resource')
  return subresource === 'scale' ? { ...found, objects: found.objects.map(scaleOf) } : found
}

/** --raw: what the API server itself says of its health and version; objects have get -o json. */
function raw(console: Console, address: string): void {
  if (console.args.length > 0 || console.flags.all('filename').length > 0) throw new Refusal("error: arguments may not be passed when --raw is specified\nSee 'kubectl get -h' for help and examples")
  const path = address.split('?')[0]!
  if (['/healthz', '/livez', '/readyz'].includes(path)) {
    if (address !== path) throw new Refusal(`error: the checks behind ${path} are not modelled; without ? it answers ok`)
    return console.write('ok')
  }
  const [major = '1', minor = '36'] = console.cluster.scenario.kubernetes.split('.')
  if (path === '/version') return console.write(jsonText({ major, minor, gitVersion: `v${console.cluster.scenario.kubernetes}.0`, platform: 'linux/amd64' }, 2))
  throw new Refusal(`error: --raw ${address} is not available in this console, which answers /healthz, /livez, /readyz and /version; for objects use -o json, for metrics kubectl top`)
}

function scaleOf(object: K8sObject): K8sObject {
  const selector = Object.entries((object.spec?.selector?.matchLabels ?? {}) as Record<string, string>).map(([key, value]) => `${key}=${value}`).join(',')
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  return { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name, ...(namespace ? { namespace } : {}), ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}), ...(creationTimestamp ? { creationTimestamp } : {}) }, spec: { replicas: object.spec?.replicas ?? 0 }, status: { replicas: object.status?.replicas ?? 0, selector } }
}

function options(console: Console, wide: boolean, kinds: boolean, kind: string): TableOptions {
  const { flags } = console
  return { wide, kinds: kinds || flags.on('show-kind'), namespaces: flags.on('all-namespaces') && isNamespaced(kind), labels: flags.on('show-labels'), labelColumns: flags.list('label-columns'), headers: !flags.on('no-headers') }
}

/** One table per run of objects of the same kind, an empty line between them. */
function printTables(console: Console, objects: readonly K8sObject[], wide: boolean): void {
  const kinds = new Set(objects.map((object) => object.kind)).size > 1
  let first = true
  for (let at = 0; at < objects.length; ) {
    const kind = objects[at]!.kind
    let end = at
    while (end < objects.length && objects[end]!.kind === kind) end++
    if (!first && !console.flags.on('no-headers')) console.out('')
    console.out(tabulated(tableLines(objects.slice(at, end), kind, options(console, wide, kinds, kind), console.nowMs).join('\n')))
    first = false
    at = end
  }
}

/** --sort-by: numbers, times and quantities by value, other text naturally; objects without the field first (cmd/get/sorter.go). */
function sorted(console: Console, objects: readonly K8sObject[]): K8sObject[] {
  const expression = console.flags.text('sort-by')
  if (expression === '') return [...objects]
  const value = sortValue(expression)
  if (objects.length > 0 && objects.every((object) => value(object) === undefined)) throw new Refusal(`error: couldn't find any field with path "${expression.startsWith('{') ? expression : `{${expression.startsWith('.') ? '' : '.'}${expression}}`}" in the list of objects`)
  return objects.map((object) => ({ object, value: value(object) })).sort((a, b) => compareValues(a.value, b.value)).map(({ object }) => object)
}

function compareValues(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  const [left, right] = [String(a), String(b)]
  const amount = /^[+-]?[0-9.]+([eE][+-]?[0-9]+)?[A-Za-z]{0,2}$/
  if (amount.test(left) && amount.test(right)) return amountOf(left).milli - amountOf(right).milli
  return naturally(left, right)
}

/** Digits count as numbers: `web-2` before `web-10`. */
function naturally(a: string, b: string): number {
  const parts = (text: string): string[] => text.match(/\d+|\D+/g) ?? []
  const [left, right] = [parts(a), parts(b)]
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x, y] = [left[i]!, right[i]!]
    const order = /^\d/.test(x) && /^\d/.test(y) ? Number(x) - Number(y) || compareText(x, y) : compareText(x, y)
    if (order !== 0) return order
  }
  return left.length - right.length
}

/** The list, then a row for every change: of the past up to now, or of the time that passes while the watch lasts. */
function watch(console: Console): void {
  const { flags, cluster } = console
  if (flags.text('sort-by') !== '') console.err('warning: --watch or --watch-only requested, --sort-by will be ignored')
  const before = sought(console)
  if (new Set(before.requests.map((request) => request.resource.kind)).size > 1) throw new Refusal('error: you may only specify a single resource type')
  for (const line of before.errors) throw new Refusal(line)
  const kind = before.requests[0]!.resource.kind
  const names = before.requests.flatMap((request) => (request.name === undefined ? [] : [request.name]))
  const from = console.at
  const patience = patienceOf(console)
  if (!console.past) waitUntil(console, patience, () => false)
  const after = console.past ? cluster.view : cluster.view
  const scope = flags.on('all-namespaces') || !isNamespaced(kind) ? undefined : console.namespace
  const keys = new Map([...before.objects, ...after.list(kind, scope), ...cluster.timeline.filter((entry) => entry.ref?.kind === kind && entry.at > from && (scope === undefined || entry.ref.namespace === scope)).map((entry) => ({ apiVersion: 'v1', kind, metadata: { name: entry.ref!.name, namespace: entry.ref!.namespace } }))].map((object) => [keyOf(object as K8sObject), refOf(object as K8sObject)]))
  const rows: { at: number; object: K8sObject; type: string }[] = flags.on('watch-only') ? [] : before.objects.map((object) => ({ at: from, object, type: 'ADDED' }))
  const changes = [...keys.values()].filter((ref) => names.length === 0 || names.includes(ref.name)).flatMap((ref) => changesOf(console, ref, from))
  rows.push(...changes.sort((a, b) => a.at - b.at || compareText(a.object.metadata.resourceVersion ?? '', b.object.metadata.resourceVersion ?? '') || compareText(a.object.metadata.name, b.object.metadata.name)))
  const format = readFormat(console)
  if (format.name !== '' && format.name !== 'wide') for (const row of rows) printFormatted(console, [row.object], format, true)
  else {
    const lines = rows.map((row, i) => {
      const [header, cells] = tableLines([row.object], kind, { ...options(console, format.name === 'wide', false, kind), headers: true }, console.nowMs + row.at - from)
      const event = flags.on('output-watch-events') ? ['EVENT', row.type.padEnd(8)] : undefined
      const own = event ? `${event[1]}\t${cells}` : cells!
      return i === 0 && !flags.on('no-headers') ? `${event ? `${event[0]}\t` : ''}${header}\n${own}` : own
    })
    if (lines.length > 0) console.out(tabulated(lines.join('\n')))
  }
  if (console.patience !== 0 || console.past) console.err(`# watched until ${cluster.timestamp()}${console.past ? '' : ` (${patience / 1000}s of cluster time)`}`)
}

function changesOf(console: Console, ref: ReturnType<typeof refOf>, from: number): { at: number; object: K8sObject; type: string }[] {
  const versions = console.cluster.store.everyVersion(ref)
  let existed = false
  return versions.flatMap((version, i) => {
    const previous = versions[i - 1]?.object
    const type = version.object === undefined ? 'DELETED' : existed ? 'MODIFIED' : 'ADDED'
    existed = version.object !== undefined
    const object = version.object ?? previous
    return version.at > from && object ? [{ at: version.at, object, type }] : []
  })
}
