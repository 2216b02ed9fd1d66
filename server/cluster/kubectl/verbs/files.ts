/** Objects out of the files that -f names. */
import type { K8sObject } from '../../../k8s/object.ts'
import { isNamespaced } from '../../resources.ts'
import { readManifests } from '../../manifests.ts'
import { refOf } from '../../../k8s/object.ts'
import type { Found } from '../arguments.ts'
import { resourceNamed, targets } from '../arguments.ts'
import type { Console } from '../console.ts'
import { get, Refusal } from '../console.ts'

export type FileObject = { file: string; object: K8sObject }

/** Texts of the files: `-` is standard input, a folder stands for its manifests, names may be given relative to the folder (`./x.yaml`). */
function texts(console: Console): { file: string; text: string }[] {
  const names = console.flags.list('filename')
  if (console.flags.text('kustomize') !== '') throw new Refusal('error: -k is not available in this console; apply plain manifests with -f')
  if (names.length === 0) throw new Refusal('error: must specify one of -f and -k')
  return names.flatMap((name) => {
    if (name === '-') return [{ file: 'STDIN', text: console.input }]
    const files = console.session.files ?? {}
    const plain = name.replace(/^\.\//, '').replace(/\/$/, '')
    if (Object.hasOwn(files, plain)) return [{ file: name, text: files[plain]! }]
    const inside = Object.keys(files).filter((file) => (plain === '.' ? !file.includes('/') || console.flags.on('recursive') : file.startsWith(`${plain}/`)) && /\.(ya?ml|json)$/.test(file)).sort()
    if (inside.length > 0) return inside.map((file) => ({ file, text: files[file]! }))
    throw new Refusal(/^https?:/.test(name) ? `error: unable to read URL "${name}"; this console has no way out` : `error: the path "${name}" does not exist`)
  })
}

/** Every object in order, with its namespace filled in. What cannot be read is refused at the end; the rest goes on, as with kubectl's ContinueOnError. */
export function objectsFromFiles(console: Console): FileObject[] {
  const read = texts(console).flatMap(({ file, text }) => readManifests(file, text).map((item) => ({ ...item, file })))
  if (read.length === 0) throw new Refusal(`error: no objects passed to ${console.path.split(' ')[1] ?? 'apply'}`)
  return read.flatMap((item) => {
    try {
      if ('error' in item) throw new Refusal(item.error.startsWith('error:') ? item.error : `error: ${item.error}`)
      return [{ file: item.file, object: placed(console, item.object, item.file) }]
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      console.fail(error.message)
      return []
    }
  })
}

/** The live objects of the files, for verbs that only look. */
export function fromFiles(console: Console): Found {
  const found: Found = { objects: [], errors: [], requests: [], single: false }
  for (const { object } of objectsFromFiles(console)) {
    try {
      found.objects.push(get(console, { ...refOf(object), namespace: isNamespaced(object.kind) ? (object.metadata.namespace ?? '') : '' }))
      found.requests.push({ resource: resourceNamed(object.kind)!, name: object.metadata.name })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      found.errors.push(error.message)
    }
  }
  return { ...found, single: found.objects.length + found.errors.length === 1 }
}

/** The objects a verb acts on, by -f or by its arguments; with --local those of the files as they stand there (cli-runtime/pkg/resource/builder.go). */
export function namedObjects(console: Console, args: readonly string[], options: Parameters<typeof targets>[2] = {}): K8sObject[] {
  const filed = console.flags.all('filename').length > 0
  if (console.flags.on('local')) {
    if (!filed || args.length > 0) throw new Refusal("error: you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'")
    return objectsFromFiles(console).map(({ object }) => object)
  }
  if (!filed) return targets(console, args, options)
  if (args.length > 0) throw new Refusal('error: when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well')
  const found = fromFiles(console)
  for (const line of found.errors) console.fail(line)
  return found.objects
}

function placed(console: Console, object: K8sObject, file: string): K8sObject {
  const resource = resourceNamed(object.kind)
  const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0]! : ''
  if (!resource || resource.kind !== object.kind || resource.group !== group) throw new Refusal(`error: resource mapping not found for name: "${object.metadata.name ?? ''}" namespace: "${object.metadata.namespace ?? ''}" from "${file}": no matches for kind "${object.kind}" in version "${object.apiVersion}"\nensure CRDs are installed first`)
  if (!isNamespaced(object.kind)) return object
  const asked = console.flags.text('namespace')
  const own = object.metadata.namespace
  if (asked !== '' && own && own !== asked) throw new Refusal(`error: the namespace from the provided object "${own}" does not match the namespace "${asked}". You must pass '--namespace=${own}' to perform this operation.`)
  return { ...object, metadata: { ...object.metadata, namespace: own ?? console.namespace } }
}
