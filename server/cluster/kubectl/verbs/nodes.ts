/** Verbs about nodes: cordon, uncordon, drain, taint (kubectl/pkg/drain, cmd/taint). */
import { labelValue, qualifiedName } from '../../../k8s/names.ts'
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import type { DrainOptions } from '../../operations.ts'
import { cordon, drain, podsToDrain, refusedDrain } from '../../operations.ts'
import { selected, targets } from '../arguments.ts'
import { flagTable } from '../command-line.ts'
import type { Console } from '../console.ts'
import { authorise, get, present, Refusal } from '../console.ts'
import { selects } from '../../selection.ts'
import { parseLabelSelector, SelectorError } from '../label-selector.ts'
import { waitUntil } from '../waiting.ts'
import { dryRun, dryRunStrategy, dryRunSuffix } from './dry-run.ts'
import { putNode } from './patch.ts'
import type { Verb } from './verb.ts'

function nodesNamed(console: Console): K8sObject[] {
  const { args, flags } = console
  const selector = flags.text('selector')
  if (args.length === 0 && selector === '') throw new Refusal(`error: USAGE: ${console.path.split(' ')[1]} NODE [flags]\nSee '${console.path} -h' for help and examples`)
  if (args.length > 0 && selector !== '') throw new Refusal('error: cannot specify both a node name and a --selector option')
  return selector !== '' ? selected(console, 'Node', '', { selector, fieldSelector: '' }) : args.map((arg) => get(console, { kind: 'Node', namespace: '', name: arg.replace(/^nodes?\//, '') }))
}

function mark(console: Console, on: boolean): void {
  present(console)
  for (const node of nodesNamed(console)) {
    authorise(console, 'patch', 'Node', '', node.metadata.name)
    if (dryRunStrategy(console) !== 'none') {
      console.out(cordonedDry(console, node, on))
      continue
    }
    for (const line of cordon(console.cluster, node.metadata.name, on).output) console.out(line)
    console.mutated = true
  }
}

function cordonedDry(console: Console, node: K8sObject, on: boolean): string {
  return `node/${node.metadata.name} ${Boolean(node.spec?.unschedulable) === on ? 'already ' : ''}${on ? 'cordoned' : 'uncordoned'}${dryRunSuffix(console)}`
}

/** --dry-run: says what would go and leaves it. */
function drainDry(console: Console, node: K8sObject, options: DrainOptions): void {
  const { name } = node.metadata
  console.out(cordonedDry(console, node, true))
  const { evict, warnings, refusals } = podsToDrain(console.cluster, name, options)
  if (refusals.length > 0) {
    for (const line of refusedDrain(name, refusals)) console.err(line)
    throw new Refusal('', 1)
  }
  for (const line of warnings) console.err(line)
  for (const pod of evict) console.out(`evicting pod ${pod.metadata.namespace}/${pod.metadata.name}${dryRunSuffix(console)}`)
  console.out(`node/${name} drained${dryRunSuffix(console)}`)
}

/** --pod-selector: which pods the drain is about; undefined for all. */
function podSelector(text: string): ((pod: K8sObject) => boolean) | undefined {
  if (text === '') return undefined
  try {
    const matchExpressions = parseLabelSelector(text)
    return (pod) => selects({ matchExpressions }, pod.metadata.labels)
  } catch (error) {
    if (error instanceof SelectorError) throw new Refusal(`error: ${error.message}`)
    throw error
  }
}

function drainNodes(console: Console): void {
  present(console)
  const { flags } = console
  for (const node of nodesNamed(console)) {
    authorise(console, 'patch', 'Node', '', node.metadata.name)
    const own = flags.duration('timeout')
    const limit = own > 0 ? own : (console.patience ?? 300_000)
    const only = podSelector(flags.text('pod-selector'))
    const grace = flags.number('grace-period')
    const options: DrainOptions = { ignoreDaemonSets: flags.on('ignore-daemonsets'), deleteEmptyDirData: flags.on('delete-emptydir-data') || flags.on('delete-local-data'), force: flags.on('force'), disableEviction: flags.on('disable-eviction'), ...(grace >= 0 ? { graceSeconds: grace } : {}), ...(only ? { only } : {}), ...(own > 0 ? { timeoutMs: own } : {}) }
    if (dryRunStrategy(console) !== 'none') {
      drainDry(console, node, options)
      continue
    }
    const running = drain(console.cluster, node.metadata.name, options)
    console.mutated = true
    waitUntil(console, limit + 5000, () => running.outcome !== undefined)
    for (const line of running.lines) (/^(error|Warning|There are pending| |cannot delete|pod\/[^ ]+$)/.test(line) ? console.err : console.out)(line)
    if (running.outcome === undefined && console.patience !== 0) console.fail(`# the drain still waits after ${limit / 1000}s of cluster time`)
    else if (running.outcome !== undefined && running.outcome !== 'drained') throw new Refusal('', 1)
  }
}

/** `key=value:Effect` adds, `key:Effect-` and `key-` remove. */
function taintNodes(console: Console): void {
  present(console)
  const { args, flags } = console
  const at = args.findIndex((arg) => arg.includes(':') || arg.endsWith('-') || arg.includes('='))
  const [names, specs] = at < 0 ? [args, []] : [args.slice(0, at), args.slice(at)]
  if (names.length === 0 || !/^(nodes?|no)(\/|$)/.test(names[0]!)) throw new Refusal(names.length === 0 ? 'error: one or more resources must be specified as <resource> <name> or <resource>/<name>' : `error: invalid resource type ${names[0]}, only node types are supported`)
  if (specs.length === 0) throw new Refusal('error: at least one taint update is required')
  for (const node of targets(console, names, { selector: flags.text('selector'), all: flags.on('all') })) taintOne(console, node, specs)
}

function taintOne(console: Console, node: K8sObject, specs: readonly string[]): void {
  authorise(console, 'patch', 'Node', '', node.metadata.name)
  let taints = [...((node.spec?.taints ?? []) as Fields[])]
  let [added, removed] = [false, false]
  for (const spec of specs) {
    const [body = '', effect = ''] = spec.replace(/-$/, '').split(':')
    const [key = '', value] = body.split('=')
    const parts = spec.replace(/-$/, '').split(':')
    if (parts.length > 2 || body.split('=').length > 2 || (parts.length === 1 && spec.includes('=') && spec.endsWith('-')) || (parts.length === 1 && !spec.endsWith('-') && !spec.includes('='))) throw new Refusal(`error: invalid taint spec: ${spec}`)
    for (const why of qualifiedName(parts.length === 1 ? body : key)) throw new Refusal(`error: invalid taint spec: ${spec}, ${why}`)
    for (const why of value ? labelValue(value) : []) throw new Refusal(`error: invalid taint spec: ${spec}, ${why}`)
    if (spec.endsWith('-')) {
      const left = taints.filter((taint) => !(taint.key === key && (effect === '' || taint.effect === effect)))
      if (left.length === taints.length) throw new Refusal(`error: taint ${JSON.stringify(effect ? `${key}:${effect}` : key)} not found`)
      taints = left
      removed = true
      continue
    }
    if (!['NoSchedule', 'PreferNoSchedule', 'NoExecute'].includes(effect)) throw new Refusal(`error: invalid taint effect: ${effect}, unsupported taint effect`)
    const old = taints.find((taint) => taint.key === key && taint.effect === effect)
    if (old && !console.flags.on('overwrite')) throw new Refusal(`error: node ${node.metadata.name} already has ${key} taint(s) with same effect(s) and --overwrite is false`)
    taints = [...taints.filter((taint) => taint !== old), { effect, key, ...(value ? { value } : {}), ...(effect === 'NoExecute' ? { timeAdded: console.cluster.timestamp() } : {}) }]
    added = true
  }
  const { taints: _old, ...rest } = node.spec ?? {}
  if (!dryRun(console)) putNode(console, { ...node, spec: taints.length > 0 ? { ...rest, taints } : rest })
  console.out(`node/${node.metadata.name} ${added && removed ? 'modified' : added ? 'tainted' : 'untainted'}${dryRunSuffix(console)}`)
}

const nodeFlags = 'selector:l=s dry-run=o,unchanged'

export const nodeVerbs: readonly Verb[] = [
  { name: 'cordon', about: 'Mark node as unschedulable', usage: 'cordon NODE', completes: 'nodes', flags: flagTable(nodeFlags), run: (console) => mark(console, true) },
  { name: 'uncordon', about: 'Mark node as schedulable', usage: 'uncordon NODE', completes: 'nodes', flags: flagTable(nodeFlags), run: (console) => mark(console, false) },
  { name: 'drain', about: 'Drain node in preparation for maintenance', usage: 'drain NODE', completes: 'nodes', flags: flagTable(`${nodeFlags} ignore-daemonsets delete-emptydir-data delete-local-data force timeout=d grace-period=i,-1 disable-eviction pod-selector=s skip-wait-for-delete-timeout=i chunk-size=i,500`), run: drainNodes },
  { name: 'taint', about: 'Update the taints on one or more nodes', usage: 'taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N', completes: 'resources', flags: flagTable(`${nodeFlags} overwrite all output:o=s validate=o,strict field-manager=s`), run: taintNodes },
]
