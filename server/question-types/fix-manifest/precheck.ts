/** What an exam says before the end: whether the text is YAML made of objects the API server would accept. Nothing about whether the repair works. */
import { LineCounter, parseAllDocuments } from 'yaml'
import { admit } from '../../apiserver/index.ts'
import { readManifests } from '../../cluster/index.ts'
import type { K8sObject } from '../../k8s/object.ts'
import { syntaxWords } from '../../k8s/yaml/syntax-words.ts'
import type { Language, Text } from '../question-type.ts'
import { readPositions } from './positions.ts'

export type TextProblem = { message: string; file?: string; line?: number; column?: number }
type Precheck = { ok: boolean; problems: TextProblem[] }

const charactersMax = 262_144
const documentsMax = 200
const depthMax = 60

const says = {
  tooLarge: { en: 'The file is larger than 256 KiB.', 'zh-CN': '文件超过 256 KiB。' },
  tooMany: { en: `The file has more than ${documentsMax} documents.`, 'zh-CN': `文件包含的文档超过 ${documentsMax} 个。` },
  aliases: { en: 'The document has too many aliases.', 'zh-CN': '文档中的别名过多。' },
  tooDeep: { en: 'The document is nested too deeply.', 'zh-CN': '文档嵌套过深。' },
  unknownFile: { en: 'The question has no such file.', 'zh-CN': '题目中没有这个文件。' },
} satisfies Record<string, Text>

function depthOf(value: unknown, limit: number): number {
  if (value === null || typeof value !== 'object' || limit === 0) return 0
  return 1 + Math.max(0, ...Object.values(value).map((inner) => depthOf(inner, limit - 1)))
}

/** Problems that keep a file from being read at all. */
function* problemsOf(file: string, text: string, language: Language): Iterable<TextProblem> {
  if (text.length > charactersMax) return yield { file, message: says.tooLarge[language] }
  if (/[[{]{80}|^(\s*- ){80}/m.test(text)) return yield { file, message: says.tooDeep[language] }
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: lines, logLevel: 'silent' })
  if (!Array.isArray(documents)) return
  if (documents.length > documentsMax) return yield { file, message: says.tooMany[language] }
  for (const document of documents) {
    const at = lines.linePos(document.contents?.range?.[0] ?? document.range[0])
    for (const error of document.errors) {
      const { line, col } = error.linePos?.[0] ?? at
      yield { file, line, column: col, message: syntaxWords(error)[language] }
    }
    if (document.errors.length > 0 || document.contents === null) continue
    let value: unknown
    try {
      value = document.toJS({ maxAliasCount: 100 })
    } catch {
      yield { file, line: at.line, column: at.col, message: says.aliases[language] }
      continue
    }
    if (depthOf(value, depthMax) >= depthMax) yield { file, line: at.line, column: at.col, message: says.tooDeep[language] }
    const missing = missingFields(value)
    if (missing.length > 0) yield { file, line: at.line, column: at.col, message: language === 'en' ? `Not a Kubernetes object: ${missing.join(', ')} missing.` : `不是 Kubernetes 对象：缺少 ${missing.join('、')}。` }
  }
}

function missingFields(value: unknown): string[] {
  const object = value as { apiVersion?: unknown; kind?: unknown; items?: unknown; metadata?: { name?: unknown; generateName?: unknown } | null } | null
  const name = object?.kind === 'List' && Array.isArray(object.items) ? 'list' : (object?.metadata?.name ?? object?.metadata?.generateName)
  return [['apiVersion', object?.apiVersion], ['kind', object?.kind], ['metadata.name', name]].filter(([, found]) => typeof found !== 'string' || found === '').map(([field]) => field as string)
}

/** Problems with the text of an answer, before any object in it is looked at; a file the answer lacks counts as unchanged. Never throws. */
export function textProblems(broken: Readonly<Record<string, string>>, answer: Readonly<Record<string, string>>, language: Language): TextProblem[] {
  const unknown = Object.keys(answer).filter((file) => !Object.hasOwn(broken, file)).map((file) => ({ file, message: says.unknownFile[language] }))
  return [...unknown, ...Object.keys(broken).flatMap((file) => (Object.hasOwn(answer, file) ? [...problemsOf(file, answer[file]!, language)] : []))]
}

/** What the API server would refuse in a file, each problem on its line. */
function* refusals(file: string, text: string, namespace: string): Iterable<TextProblem> {
  const positions = readPositions(text)
  for (const manifest of readManifests(file, text)) {
    if ('error' in manifest) {
      yield { file, line: 1, column: 1, message: manifest.error }
      continue
    }
    const object: K8sObject = { ...manifest.object, metadata: { ...manifest.object.metadata } }
    const ref = { kind: object.kind, namespace: object.metadata.namespace ?? namespace, name: String(object.metadata.name ?? '') }
    const verdict = admit(object)
    if (verdict.stage === 'unknown') yield { file, message: `no matches for kind "${object.kind}" in version "${object.apiVersion}"`, ...positions.place(ref, 'kind') }
    const seen = new Set<string>()
    for (const { path, message } of [...verdict.strict, ...verdict.errors]) {
      if (seen.has(`${path} ${message}`)) continue
      seen.add(`${path} ${message}`)
      yield { file, message: path === '' || message.includes(path) ? message : `${path}: ${message}`, ...positions.place(ref, path) }
    }
  }
}

/** `broken` are the files the question gives; a file the answer lacks counts as unchanged, one it adds is a problem. Never throws. */
export function precheckRepair(broken: Readonly<Record<string, string>>, answer: Readonly<Record<string, string>>, language: Language = 'en', namespace = 'game'): Precheck {
  const problems = textProblems(broken, answer, language)
  if (problems.length === 0) for (const [file, text] of Object.entries({ ...broken, ...answer })) problems.push(...refusals(file, text, namespace))
  return { ok: problems.length === 0, problems }
}
