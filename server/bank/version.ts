import { createHash } from 'node:crypto'
import { compareText } from '../k8s/object.ts'
import type { Files } from '../question-types/index.ts'
import type { QuestionBodyJson } from './format.ts'

/** JSON with sorted keys, so that equal contents give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined).sort(([a], [b]) => compareText(a, b))
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`
}

/** The id of a question version: SHA-256 of everything it consists of, 32 hexadecimal digits. */
export function versionOf(body: QuestionBodyJson, files: Files): string {
  return createHash('sha256').update(canonicalJson({ body, files })).digest('hex').slice(0, 32)
}
