/** Verbs that send whole manifests: apply, create -f, replace, delete, diff (cmd/apply, cmd/create, cmd/replace, cmd/delete, cmd/diff). */
import { structuredPatch } from 'diff'
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { refOf } from '../../../k8s/object.ts'
import { groupResource, isNamespaced, resourceOf } from '../../resources.ts'
import { appliedBefore, lastApplied, mergedInto, withLastApplied } from '../../api.ts'
import { strategicPatch } from '../../merge.ts'
import { equal } from '../../pods.ts'
import type { ApiError } from '../../types.ts'
import { printedName } from '../../operations.ts'
import { nothingNamed, targets } from '../arguments.ts'
import { flagTable } from '../command-line.ts'
import type { Console } from '../console.ts'
import { authorise, deniedTo, fileRefusal, find, present, Refusal, serverError, written } from '../console.ts'
import { jsonText } from '../print/json.ts'
import { printFormatted, readFormat } from '../print/output.ts'
import { yamlText } from '../print/yaml.ts'
import { withoutZeros } from '../served.ts'
import { patienceOf, waitUntil } from '../waiting.ts'
import { dryRun, dryRunStrategy, dryRunSuffix } from './dry-run.ts'
import { validated } from './field-validation.ts'
import type { FileObject } from './files.ts'
import { objectsFromFiles } from './files.ts'
import type { Verb } from './verb.ts'

const fileFlags = 'filename:f=l recursive:R kustomize:k=s'

/** Prints `deployment.apps/web created`, or the object in the format of -o. */
export function printDone(console: Console, object: K8sObject, verb: string, local = false): void {
  const format = readFormat(console)
  if (format.name === '' ) console.out(`${printedName(refOf(object))} ${verb}${dryRunSuffix(console, local)}`)
  else printFormatted(console, [object], format, true)
}

/** Runs one file object; a refusal is printed and the others still go on. */
function eachObject(console: Console, act: (item: FileObject) => void): void {
  for (const item of objectsFromFiles(console)) {
    try {
      act(item)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      console.fail(error.message, false, error.amongOthers)
    }
  }
}

/** Applies one object; gives what there is now and what happened to it. */
function applyOne(console: Console, { file, object }: FileObject): { object: K8sObject; done: string } {
  const info = infoOf(object)
  const asking = `error when retrieving current configuration of:\n${info}\nfrom server for: "${file}": `
  if (!object.metadata.name) throw new Refusal(`error: ${object.metadata.generateName ? `from ${object.metadata.generateName}: cannot use generate name with apply` : `${asking}resource name may not be empty`}`)
  const may = (verb: string): ApiError | undefined => deniedTo(console, verb, object.kind, object.metadata.namespace ?? '', verb === 'create' ? undefined : object.metadata.name)
  const unseen = may('get')
  if (unseen) throw fileRefusal(unseen, asking)
  const live = find(console, refOf(object))
  const patch = live && patchOf(console, live, object, file, `error when applying patch:\n\nto:\n${info}\nfor: "${file}": `)
  if (dryRun(console)) {
    const marked = withLastApplied(object)
    if (!live) return { object: marked, done: 'created' }
    // cmd/apply/patcher.go:PatchLocal, since 1.36: the merge that the server would make.
    const merged = mergedInto(live, marked)
    return { object: merged, done: equal(merged, live) ? 'unchanged' : 'configured' }
  }
  // An apply that changes nothing sends nothing.
  const denied = !live ? may('create') : Object.keys(patch!).length > 0 ? may('patch') : undefined
  const result = denied ? { error: denied } : validated(console, object, (sent) => console.cluster.api.apply(sent))
  if ('error' in result) throw fileRefusal(result.error, live ? `error when applying patch:\n${jsonText(patch, 0)}\nto:\n${info}\nfor: "${file}": error when patching "${file}": ` : `error when creating "${file}": `)
  return { object: written(console, result), done: result.verb ?? 'configured' }
}

/** What an error says of the object it is about (cli-runtime/pkg/resource/visitor.go:Info.String). */
function infoOf({ apiVersion, kind, metadata }: K8sObject): string {
  const group = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`
  return `Resource: "${group}, Resource=${resourceOf(kind).plural}", GroupVersionKind: "${group}, Kind=${kind}"\nName: "${metadata.name ?? ''}", Namespace: "${metadata.namespace ?? ''}"`
}

/** The patch from the live object to the manifest; a refusal where the record of the last apply is no object (cmd/apply/patcher.go:patchSimple, strategicpatch.CreateThreeWayMergePatch). */
function patchOf(console: Console, live: K8sObject, wanted: K8sObject, file: string, doing = ''): Fields {
  const before = appliedBefore(live)
  const marked = withLastApplied(wanted)
  if (before) return strategicPatch(before, marked, live)
  console.err('warning: error calculating patch from openapi spec: invalid JSON document')
  throw new Refusal(`error: ${doing}error when creating patch with:\noriginal:\n${live.metadata.annotations?.[lastApplied]}\nmodified:\n${jsonText(marked, 0)}\n\ncurrent:\n${jsonText(live, 0)}\n\nfor: "${file}": invalid JSON document`)
}

export const applyVerb: Verb = {
  name: 'apply',
  about: 'Apply a configuration to a resource by file name or stdin',
  usage: 'apply (-f FILENAME | -k DIRECTORY)',
  completes: 'files',
  flags: flagTable(`${fileFlags} server-side force-conflicts field-manager=s dry-run=o,unchanged output:o=s selector:l=s all prune force wait timeout=d grace-period=i,-1 validate=o,strict overwrite=b,true cascade=o,background openapi-patch=b,true`),
  run(console) {
    present(console)
    if (console.args.length > 0) throw new Refusal(`error: Unexpected args: [${console.args.join(' ')}]\nSee 'kubectl apply -h' for help and examples`)
    if (console.flags.on('server-side')) throw new Refusal('error: --server-side is not available in this console: field ownership is not modelled; apply without it')
    if (console.flags.on('prune')) throw new Refusal('error: --prune is not available in this console; delete what is no longer wanted')
    const format = readFormat(console)
    const applied: K8sObject[] = []
    eachObject(console, (item) => {
      const { object, done } = applyOne(console, item)
      if (format.name === '' || format.name === 'name') printDone(console, object, done)
      else applied.push(object)
    })
    // cmd/apply/apply.go:printObjects: all at the end, several as a List.
    if (applied.length > 0) printFormatted(console, applied, format, applied.length === 1)
  },
}

/** `create -f`. */
export function createFromFiles(console: Console): void {
  present(console)
  eachObject(console, ({ file, object }) => {
    authorise(console, 'create', object.kind, object.metadata.namespace ?? '')
    if (dryRun(console)) return printDone(console, object, 'created')
    const result = validated(console, console.flags.on('save-config') ? { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [lastApplied]: `${jsonText(object, 0)}\n` } } } : object, (sent) => console.cluster.api.create(sent))
    if ('error' in result) throw fileRefusal(result.error, `error when creating "${file}": `)
    printDone(console, written(console, result), 'created')
  })
}

export const replaceVerb: Verb = {
  name: 'replace',
  about: 'Replace a resource by file name or stdin',
  usage: 'replace -f FILENAME',
  completes: 'files',
  flags: flagTable(`${fileFlags} force grace-period=i,-1 dry-run=o,unchanged output:o=s save-config cascade=o,background timeout=d wait validate=o,strict`),
  run(console) {
    present(console)
    eachObject(console, ({ file, object }) => {
      if (console.flags.on('force') && dryRunStrategy(console) === 'none') {
        if (find(console, refOf(object))) {
          removeOne(console, object, { graceSeconds: Math.max(0, console.flags.number('grace-period')) })
          console.out(deletedLine(object, false))
          waitUntil(console, patienceOf(console), () => find(console, refOf(object)) === undefined)
        }
        const created = validated(console, object, (sent) => console.cluster.api.create(sent))
        return printDone(console, written(console, created, `error when creating "${file}": `), 'replaced')
      }
      if (dryRun(console)) return printDone(console, object, 'replaced')
      authorise(console, 'update', object.kind, object.metadata.namespace ?? '', object.metadata.name)
      const result = validated(console, object, (sent) => console.cluster.api.update(sent))
      if ('error' in result) throw fileRefusal(result.error, `error when replacing "${file}": `)
      printDone(console, written(console, result), 'replaced')
    })
  },
}

type DeleteOptions = NonNullable<Parameters<Console['cluster']['api']['delete']>[1]>

function removeOne(console: Console, object: K8sObject, options: DeleteOptions): void {
  authorise(console, 'delete', object.kind, object.metadata.namespace ?? '', object.metadata.name)
  const { error } = console.cluster.api.delete(refOf(object), options)
  if (error) throw new Refusal(serverError(error))
  console.mutated = true
}

/** `pod "web" deleted from game namespace`; with --grace-period=0 --force, `force deleted`. */
export function deletedLine(object: K8sObject, force: boolean): string {
  const { group } = resourceOf(object.kind, object.apiVersion)
  return `${object.kind.toLowerCase()}${group ? `.${group}` : ''} "${object.metadata.name}" ${force ? 'force deleted' : 'deleted'}${object.metadata.namespace ? ` from ${object.metadata.namespace} namespace` : ''}`
}

export const deleteVerb: Verb = {
  name: 'delete',
  meant: ['rm'],
  about: 'Delete resources by file names, stdin, resources and names, or by resources and label selector',
  usage: 'delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])',
  completes: 'resources',
  flags: flagTable(`${fileFlags} selector:l=s field-selector=s all all-namespaces:A grace-period=i,-1 force now cascade=o,background wait=b,true timeout=d ignore-not-found dry-run=o,unchanged output:o=s interactive:i raw=s`),
  run(console) {
    present(console)
    const { flags } = console
    const fromFiles = flags.all('filename').length > 0
    if (!fromFiles && console.args.length === 0) throw new Refusal(nothingNamed)
    if (flags.on('all') && flags.text('selector') !== '') throw new Refusal("error: setting 'all' parameter but found a non empty selector. ")
    if (flags.on('force') && flags.number('grace-period') > 0) throw new Refusal('error: --force and --grace-period greater than 0 cannot be specified together')
    if (!['', 'name'].includes(flags.text('output'))) throw new Refusal(`error: unexpected -o output mode: ${flags.text('output')}. We only support '-o name'`)
    if (flags.given('grace-period') && flags.on('now')) throw new Refusal('error: --now and --grace-period cannot be specified together')
    if (flags.number('grace-period') === 0 && !flags.on('force') && !flags.on('now')) console.err('warning: --grace-period=0 without --force: waiting for the resource to go away')
    const objects = fromFiles ? fileTargets(console) : targets(console, console.args, { selector: flags.text('selector'), fieldSelector: flags.text('field-selector'), all: flags.on('all'), allNamespaces: flags.on('all-namespaces'), verb: 'delete', ignoreNotFound: flags.on('ignore-not-found') })
    const force = flags.on('force') && flags.number('grace-period') <= 0
    if (force) console.err('Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.')
    const deleted: K8sObject[] = []
    const dry = dryRunStrategy(console) !== 'none'
    for (const object of objects) {
      if (!dry) removeOne(console, object, { ...graceOf(console, force), ...propagation(flags.text('cascade')) })
      deleted.push(object)
      console.out(flags.text('output') === 'name' ? printedName(refOf(object)) : `${deletedLine(object, force)}${dryRunSuffix(console)}`)
    }
    if (objects.length === 0 && !fromFiles && console.args.length > 0 && (flags.text('selector') !== '' || flags.on('all'))) console.out('No resources found')
    if (!flags.on('wait') || force || dry || console.patience === 0) return
    const gone = (): boolean => deleted.every((object) => find(console, refOf(object))?.metadata.uid !== object.metadata.uid)
    const limit = patienceOf(console)
    if (!waitUntil(console, limit, gone)) for (const object of deleted.filter((item) => find(console, refOf(item))?.metadata.uid === item.metadata.uid)) console.fail(flags.given('timeout') ? `error: timed out waiting for the condition on ${groupResource(object.kind).split('.')[0]}/${object.metadata.name}` : `# ${printedName(refOf(object))} is still there after ${limit / 1000}s of cluster time`)
  },
}

function graceOf(console: Console, force: boolean): DeleteOptions {
  if (force) return { graceSeconds: 0 }
  if (console.flags.on('now')) return { graceSeconds: 1 }
  const seconds = console.flags.number('grace-period')
  return seconds > 0 ? { graceSeconds: seconds } : seconds === 0 ? { graceSeconds: 1 } : {}
}

function propagation(cascade: string): DeleteOptions {
  if (cascade === 'orphan' || cascade === 'false') return { propagation: 'Orphan' }
  if (cascade === 'foreground') return { propagation: 'Foreground' }
  if (!['', 'background', 'true'].includes(cascade)) throw new Refusal(`error: invalid cascade value (${cascade}). Must be "background", "foreground", or "orphan"`)
  return {}
}

function fileTargets(console: Console): K8sObject[] {
  return objectsFromFiles(console).flatMap(({ file, object }) => {
    const live = find(console, { ...refOf(object), namespace: isNamespaced(object.kind) ? (object.metadata.namespace ?? '') : '' })
    if (!live && !console.flags.on('ignore-not-found')) console.fail(`Error from server (NotFound): error when deleting "${file}": ${groupResource(object.kind, object.apiVersion)} "${object.metadata.name}" not found`)
    return live ? [live] : []
  })
}

/** `kubectl diff`: the live object against what an apply would leave; exit code 1 when they differ. */
export const diffVerb: Verb = {
  name: 'diff',
  about: 'Diff the live version against a would-be applied version',
  usage: 'diff -f FILENAME',
  completes: 'files',
  flags: flagTable(`${fileFlags} selector:l=s server-side prune show-managed-fields concurrency=i,1`),
  run(console) {
    let differs = false
    for (const { file, object } of objectsFromFiles(console)) {
      const { live, merged } = sidesOf(console, object, file)
      const name = `${object.apiVersion.replace('/', '.')}.${object.kind}.${object.metadata.namespace ?? ''}.${object.metadata.name}`
      const shown = (value: K8sObject | undefined): string => (value ? yamlText(value) : '')
      const patch = structuredPatch(`/tmp/LIVE/${name}`, `/tmp/MERGED/${name}`, shown(live), shown(merged), '', '', { context: 3 })
      if (patch.hunks.length === 0) continue
      differs = true
      console.out(`diff -u -N ${patch.oldFileName} ${patch.newFileName}\n--- ${patch.oldFileName}\n+++ ${patch.newFileName}`)
      for (const hunk of patch.hunks) console.out([`@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`, ...hunk.lines].join('\n'))
    }
    if (differs) throw new Refusal('', 1)
  },
}

/** What there is, and what the server would answer to the patch or to the new object in a dry run; the record of what was applied stays as it is (cmd/diff/diff.go:InfoObject.Merged). */
function sidesOf(console: Console, object: K8sObject, file: string): { live: K8sObject | undefined; merged: K8sObject } {
  const { kind, metadata } = object
  const may = (verb: string, name?: string): void => {
    const denied = deniedTo(console, verb, kind, metadata.namespace ?? '', name)
    if (denied) throw new Refusal(serverError(denied), 2)
  }
  may('get', metadata.name)
  const live = find(console, refOf(object))
  // A record that is broken ends the command, as it ends an apply.
  if (live) patchOf(console, live, object, file)
  const sent = live ? mergedInto(live, { ...object, metadata: { ...metadata, annotations: metadata.annotations ?? {} } }) : object
  if (console.past) return { live, merged: sent }
  if (!live || !equal(sent, live)) may(live ? 'patch' : 'create', live && metadata.name)
  const api = console.cluster.api.dryRun()
  const answer = live ? api.update(sent) : api.create(sent)
  if ('error' in answer) throw new Refusal(serverError(answer.error), 2)
  const merged = withoutZeros(answer.object)
  return kind === 'Secret' ? masked(live, merged) : { live, merged }
}

/** Values of a Secret are not shown, only that they differ (cmd/diff/diff.go:Masker). */
function masked(live: K8sObject | undefined, merged: K8sObject): { live: K8sObject | undefined; merged: K8sObject } {
  const hidden = (own: Fields, other: Fields, side: string): Fields => Object.fromEntries(Object.keys(own).map((key) => [key, key in other && own[key] !== other[key] ? `*** (${side})` : '***']))
  const [from, to]: Fields[] = [live?.data ?? {}, merged.data ?? {}]
  return { live: live?.data ? { ...live, data: hidden(from!, to!, 'before') } : live, merged: merged.data ? { ...merged, data: hidden(to!, from!, 'after') } : merged }
}
