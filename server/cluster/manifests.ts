/** Objects out of manifest files, as kubectl reads them: documents in order, List items unpacked, empty documents skipped. */
import { parseAllDocuments } from 'yaml'
import type { K8sObject } from '../k8s/object.ts'

export type ReadManifest = { file: string; object: K8sObject } | { file: string; error: string }

/** Reads one file. A document that is no object (or does not parse) gives an error in its place; the others are still read. */
export function readManifests(file: string, text: string): ReadManifest[] {
  const read: ReadManifest[] = []
  for (const document of parseAllDocuments(text, { uniqueKeys: false, logLevel: 'silent' })) {
    const problem = document.errors[0]
    if (problem) {
      read.push({ file, error: `error parsing ${file}: error converting YAML to JSON: yaml: ${problem.message.split('\n')[0]}` })
      continue
    }
    let value: unknown
    try {
      value = document.toJS({ maxAliasCount: 100 })
    } catch {
      read.push({ file, error: `error parsing ${file}: error converting YAML to JSON: yaml: document contains excessive aliasing` })
      continue
    }
    if (value === null || value === undefined) continue
    read.push(...unpacked(file, value))
  }
  return read
}

function unpacked(file: string, value: unknown): ReadManifest[] {
  const object = value as Partial<K8sObject>
  if (typeof value !== 'object' || Array.isArray(value)) return [{ file, error: `error: unable to decode "${file}": json: cannot unmarshal into Go value of type unstructured.detector` }]
  if (!object.kind) return [{ file, error: `error: unable to decode "${file}": Object 'Kind' is missing in '${JSON.stringify(value).slice(0, 200)}'` }]
  if (!object.apiVersion) return [{ file, error: `error: unable to decode "${file}": Object 'apiVersion' is missing in '${JSON.stringify(value).slice(0, 200)}'` }]
  if (object.kind === 'List') return ((object.items ?? []) as unknown[]).flatMap((item) => unpacked(file, item))
  const metadata = typeof object.metadata === 'object' && object.metadata !== null ? object.metadata : { name: '' }
  return [{ file, object: { ...object, metadata } as K8sObject }]
}
