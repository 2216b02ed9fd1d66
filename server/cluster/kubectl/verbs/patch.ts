/** Verbs that change a part of an object: patch, label, annotate (cmd/patch, cmd/label, cmd/annotate). */
import { parseDocument } from 'yaml'
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { refOf } from '../../../k8s/object.ts'
import { isFields } from '../../../k8s/podspec.ts'
import { labelValue } from '../../../k8s/names.ts'
import { goYamlError } from '../../go-yaml-words.ts'
import { mergePatch, threeWayMerge } from '../../merge.ts'
import { equal } from '../../pods.ts'
import { printedName } from '../../operations.ts'
import { flagTable } from '../command-line.ts'
import type { Console } from '../console.ts'
import { authorise, present, Refusal, written } from '../console.ts'
import { printFormatted, readFormat } from '../print/output.ts'
import { printDone } from './apply.ts'
import { dryRun, dryRunStrategy, dryRunSuffix } from './dry-run.ts'
import { namedObjects } from './files.ts'
import type { Verb } from './verb.ts'

export const patchVerb: Verb = {
  name: 'patch',
  about: 'Update fields of a resource',
  usage: 'patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]',
  completes: 'resources',
  flags: flagTable('patch:p=s patch-file=s type=s,strategic subresource=s local dry-run=o,unchanged output:o=s filename:f=l field-manager=s'),
  run(console) {
    const { flags } = console
    const local = isLocal(console)
    if (!local) present(console)
    const text = flags.text('patch-file') !== '' ? fileText(console, flags.text('patch-file')) : flags.text('patch')
    if (text === undefined) throw new Refusal(`error: unable to read patch file: open ${flags.text('patch-file')}: no such file or directory`)
    if (text === '') throw new Refusal('error: must specify --patch or --patch-file containing the contents of the patch')
    if (!['json', 'merge', 'strategic'].includes(flags.text('type'))) throw new Refusal(`error: --type must be one of [json merge strategic], not "${flags.text('type')}"`)
    const patch = readPatch(text)
    for (const object of namedObjects(console, console.args)) {
      if (!local) authorise(console, 'patch', object.kind, object.metadata.namespace ?? '', object.metadata.name)
      const next = patched(object, patch, flags.text('type'))
      const result = dryRun(console) || local ? next : written(console, console.cluster.api.update(next))
      printDone(console, result, equal(withoutVersion(result), withoutVersion(object)) ? 'patched (no change)' : 'patched', local)
    }
  },
}

/** --local: the files are changed as they stand there, no server is asked, and it need not allow or know anything (cmd/label/label.go:Validate). */
function isLocal(console: Console): boolean {
  const local = console.flags.on('local')
  if (local && dryRunStrategy(console) === 'server') throw new Refusal('error: cannot specify --local and --dry-run=server - did you mean --dry-run=client?')
  return local
}

function fileText({ session: { files = {} } }: Console, name: string): string | undefined {
  return Object.hasOwn(files, name) ? files[name] : undefined
}

/** A patch is JSON or YAML; what is neither never leaves kubectl. */
export function readPatch(text: string): unknown {
  const document = parseDocument(text, { logLevel: 'silent' })
  const [problem] = document.errors
  if (problem) {
    const said = problem.message.split('\n')[0]!.replace(/ at line \d+.*$/, '')
    const start = { line: problem.linePos?.[0].line ?? 1, column: problem.linePos?.[0].col ?? 1, offset: problem.pos[0] }
    throw new Refusal(`error: unable to parse ${JSON.stringify(text)}: yaml: ${goYamlError(text, { message: { en: said, 'zh-CN': said }, range: { start, end: start } })}`)
  }
  try {
    return document.toJS() as unknown
  } catch (error) {
    // An alias of nothing, or one that multiplies.
    throw new Refusal(`error: unable to parse ${JSON.stringify(text)}: yaml: ${(error as Error).message}`)
  }
}

/** What a patch can change: a status has a door of its own. */
function withoutVersion({ metadata: { resourceVersion: _version, generation: _generation, ...metadata }, status: _status, ...rest }: K8sObject): unknown {
  return { ...rest, metadata }
}

function patched(object: K8sObject, patch: unknown, type: string): K8sObject {
  if (type === 'json') {
    if (!Array.isArray(patch)) throw new Refusal('Error from server (BadRequest): json: cannot unmarshal object into Go value of type jsonpatch.Patch')
    if (!patch.every(isOperation)) throw new Refusal(refused)
    return kept(object, patch.reduce<unknown>(operate, object))
  }
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) throw new Refusal(`error: unable to parse "${JSON.stringify(patch)}": json: cannot unmarshal into Go value of type map[string]interface {}`)
  if (type === 'merge') return kept(object, mergePatch(object, patch))
  if (/"\$(patch|retainKeys|deleteFromPrimitiveList|setElementOrder)/.test(JSON.stringify(patch))) throw new Refusal('error: patch directives ($patch, $retainKeys, …) are not available in this console; use --type=json')
  return kept(object, threeWayMerge({}, patch, object))
}

/** A patch cannot take away what names the object, nor make it anything but an object. */
function kept(object: K8sObject, next: unknown): K8sObject {
  if (typeof next !== 'object' || next === null || Array.isArray(next)) throw new Refusal(refused)
  const { metadata } = next as Partial<K8sObject>
  const named = { name: object.metadata.name, ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }) }
  const given = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata) ? metadata : {}
  return { ...next, apiVersion: object.apiVersion, kind: object.kind, metadata: { ...named, ...given } }
}

function isOperation(value: unknown): value is Operation {
  const { op, path, from = '' } = (value ?? {}) as Partial<Record<keyof Operation, unknown>>
  return typeof op === 'string' && typeof path === 'string' && typeof from === 'string'
}

type Operation = { op: string; path: string; from?: string; value?: unknown }

const refused = 'The request is invalid: the server rejected our request due to an error in our request'

/** One JSON Patch operation on a copy (RFC 6902). */
function operate(document: unknown, { op, path, from, value }: Operation): unknown {
  if (op === 'add' || op === 'replace') return put(document, pointer(path), value, op)
  if (op === 'remove') return put(document, pointer(path), undefined, op)
  if (op === 'copy') return put(document, pointer(path), read(document, pointer(from ?? '')), 'add')
  if (op === 'move') return put(put(document, pointer(from ?? ''), undefined, 'remove'), pointer(path), read(document, pointer(from ?? '')), 'add')
  if (op === 'test' && equal(read(document, pointer(path)), value)) return document
  throw new Refusal(op === 'test' ? `Error from server: testing value ${path} failed` : refused)
}

function pointer(path: string): string[] {
  if (path !== '' && !path.startsWith('/')) throw new Refusal(refused)
  return path.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function read(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, part) => (typeof at === 'object' && at !== null ? (at as Fields)[part] : undefined), value)
}

function put(target: unknown, [head, ...tail]: string[], value: unknown, op: string): unknown {
  if (head === undefined) return value
  if (Array.isArray(target)) {
    const index = head === '-' ? target.length : Number(head)
    if (!Number.isInteger(index) || index < 0 || index > target.length || (op !== 'add' && tail.length === 0 && index >= target.length)) throw new Refusal(refused)
    const copy: unknown[] = [...target]
    if (tail.length > 0) copy[index] = put(copy[index], tail, value, op)
    else if (op === 'remove') copy.splice(index, 1)
    else copy.splice(index, op === 'add' ? 0 : 1, value)
    return copy
  }
  if (typeof target !== 'object' || target === null) throw new Refusal(refused)
  const copy: Fields = { ...target }
  if (tail.length > 0) copy[head] = put(copy[head], tail, value, op)
  else if (op === 'remove' || op === 'replace') {
    if (!Object.hasOwn(copy, head)) throw new Refusal(refused)
    if (op === 'remove') delete copy[head]
    else copy[head] = value
  } else copy[head] = value
  return copy
}

type Words = { field: 'labels' | 'annotations'; done: string; undone: string; unchanged: string }

const labelWords: Words = { field: 'labels', done: 'labeled', undone: 'unlabeled', unchanged: 'not labeled' }
const annotationWords: Words = { field: 'annotations', done: 'annotated', undone: 'annotated', unchanged: 'annotated' }

/** `key=value` sets, `key-` removes; the words before them name objects (cmd/util/helpers.go:GetResourcesAndPairs). */
export function splitChanges(args: readonly string[], pairType: 'label' | 'annotation' | 'environment'): { names: string[]; set: Record<string, string>; remove: string[] } {
  const at = args.findIndex((arg) => arg.indexOf('=') > 0 || (arg.endsWith('-') && arg !== '-'))
  const names = at < 0 ? [...args] : args.slice(0, at)
  const set: Record<string, string> = {}
  const remove: string[] = []
  for (const arg of at < 0 ? [] : args.slice(at)) {
    const equals = arg.indexOf('=')
    if (equals > 0) set[arg.slice(0, equals)] = arg.slice(equals + 1)
    else if (arg.endsWith('-')) remove.push(arg.slice(0, -1))
    else throw new Refusal(`error: all resources must be specified before ${pairType} changes: ${pairType === 'environment' ? args.join(' ') : arg}`)
  }
  return { names, set, remove }
}

function change(console: Console, words: Words): void {
  const { flags } = console
  const { names, set, remove } = splitChanges(console.args, words.field === 'labels' ? 'label' : 'annotation')
  if (words.field === 'labels') {
    // cmd/label/label.go:parseLabels; keys are the server's business.
    for (const [key, value] of Object.entries(set)) {
      if (value.includes('=')) throw new Refusal(`error: invalid label spec: ${key}=${value}`)
      const problems = labelValue(value)
      if (problems.length > 0) throw new Refusal(`error: invalid label value: ${JSON.stringify(`${key}=${value}`)}: ${problems.join(';')}`)
    }
  }
  const singular = words.field === 'labels' ? 'label' : 'annotation'
  const local = isLocal(console)
  if (local && names.length > 0) throw new Refusal('error: can only use local files by -f pod.yaml or --filename=pod.json when --local=true is set')
  if (local && flags.all('filename').length === 0) throw new Refusal('error: one or more files must be specified as -f pod.yaml or --filename=pod.json')
  if (names.length === 0 && !flags.on('all') && flags.all('filename').length === 0) throw new Refusal('error: one or more resources must be specified as <resource> <name> or <resource>/<name>')
  if (Object.keys(set).length + remove.length === 0 && !flags.on('list')) throw new Refusal(`error: at least one ${singular} update is required`)
  const both = remove.find((key) => Object.hasOwn(set, key))
  if (both !== undefined) throw new Refusal(`error: can not both modify and remove ${words.field === 'labels' ? 'a label' : 'the following annotation(s)'} in the same command`)
  const objects = namedObjects(console, names, { selector: flags.text('selector'), fieldSelector: flags.text('field-selector'), all: flags.on('all'), allNamespaces: flags.on('all-namespaces') })
  if (flags.on('list') && Object.keys(set).length + remove.length === 0) {
    for (const object of objects) for (const [key, value] of Object.entries(object.metadata[words.field] ?? {}).sort()) console.out(`${key}=${value}`)
    return
  }
  if (!local) present(console)
  for (const object of objects) changeOne(console, object, words, set, remove)
}

function changeOne(console: Console, object: K8sObject, words: Words, set: Record<string, string>, remove: readonly string[]): void {
  const local = console.flags.on('local')
  if (!local) authorise(console, 'patch', object.kind, object.metadata.namespace ?? '', object.metadata.name)
  const given: unknown = object.metadata[words.field]
  const old: Fields = isFields(given) ? given : {}
  if (!console.flags.on('overwrite')) {
    const taken = Object.keys(set).filter((key) => Object.hasOwn(old, key) && old[key] !== set[key])
    if (taken.length > 0) throw new Refusal(words.field === 'labels' ? `error: '${taken[0]}' already has a value (${old[taken[0]!]}), and --overwrite is false` : `error: --overwrite is false but found the following declared annotation(s): ${taken.map((key) => `'${key}' already has a value (${old[key]})`).join('; ')}`)
  }
  for (const key of remove) if (words.field === 'labels' && !local && !Object.hasOwn(old, key)) console.out(`label "${key}" not found.`)
  const merge = { metadata: { [words.field]: { ...set, ...Object.fromEntries(remove.map((key) => [key, null])) } } }
  const next = mergePatch(object, merge) as K8sObject
  const changed = !equal(next.metadata[words.field] ?? {}, old)
  const result = local || dryRun(console) ? next : object.kind === 'Node' ? putNode(console, next) : written(console, console.cluster.api.update(asOf(next, console.flags.text('resource-version'))))
  const verb = !changed ? words.unchanged : Object.keys(set).length === 0 ? words.undone : remove.length > 0 && words.field === 'labels' ? 'modified' : words.done
  const format = readFormat(console)
  if (format.name === '') console.out(`${printedName(refOf(object))} ${verb}${dryRunSuffix(console, local)}`)
  else printFormatted(console, [result], format, true)
}

/** The object as one who saw the version of --resource-version sends it; the server refuses what is no longer current. */
function asOf(object: K8sObject, resourceVersion: string): K8sObject {
  return resourceVersion === '' ? object : { ...object, metadata: { ...object.metadata, resourceVersion } }
}

/** Nodes are the cluster's own furniture: written past admission, as cordon does. */
export function putNode(console: Console, node: K8sObject): K8sObject {
  console.cluster.put(node)
  console.mutated = true
  return node
}

const metadataFlags = flagTable('overwrite all list local selector:l=s field-selector=s all-namespaces:A resource-version=s dry-run=o,unchanged output:o=s filename:f=l recursive:R field-manager=s')

export const labelVerb: Verb = { name: 'label', about: 'Update the labels on a resource', usage: 'label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N', completes: 'resources', flags: metadataFlags, run: (console) => change(console, labelWords) }
export const annotateVerb: Verb = { name: 'annotate', about: 'Update the annotations on a resource', usage: 'annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N', completes: 'resources', flags: metadataFlags, run: (console) => change(console, annotationWords) }
