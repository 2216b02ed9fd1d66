/** Objects out of manifest files, as kubectl reads them: documents in order, List items unpacked, empty documents skipped. */
import { parseManifest, type ManifestProblem } from '../k8s/manifest.ts'
import { goYamlError } from './go-yaml-words.ts'
import { isFields } from '../k8s/podspec.ts'
import type { K8sObject } from '../k8s/object.ts'

export type ReadManifest = { file: string; object: K8sObject } | { file: string; error: string }

/** Reads one file. A document that is no object (or does not parse) gives an error in its place; the others are still read. Lines in errors count from the start of their document. */
export function readManifests(file: string, text: string): ReadManifest[] {
  const { documents, problems } = parseManifest(text)
  const read: { line: number; entry: ReadManifest }[] = []
  for (const { value, object, line } of documents) {
    if (object) read.push({ line, entry: { file, object: { ...object, metadata: isFields(object.metadata) ? object.metadata : { name: '' } } } })
    else read.push({ line, entry: { file, error: envelopeError(file, value) } })
  }
  const failed = new Set<number>()
  for (const problem of problems) {
    const { line } = problem.range.start
    if (problem.severity !== 'error' || problem.document >= 0 || failed.has(line)) continue
    failed.add(line)
    read.push({ line, entry: { file, error: syntaxError(file, text, problem) } })
  }
  return read.sort((a, b) => a.line - b.line).map(({ entry }) => entry)
}

function syntaxError(file: string, text: string, problem: ManifestProblem): string {
  return `error parsing ${file}: error converting YAML to JSON: yaml: ${goYamlError(text, problem)}`
}

function envelopeError(file: string, value: unknown): string {
  if (!isFields(value)) return `error: unable to decode "${file}": json: cannot unmarshal into Go value of type unstructured.detector`
  const missing = value['kind'] ? 'apiVersion' : 'Kind'
  return `error: unable to decode "${file}": Object '${missing}' is missing in '${JSON.stringify(value).slice(0, 200)}'`
}
