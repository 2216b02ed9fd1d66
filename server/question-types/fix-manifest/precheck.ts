/** What an exam says before the end: whether the text is YAML made of named objects. Nothing about whether the repair works. */
import { LineCounter, parseAllDocuments } from 'yaml'

type Precheck = { ok: boolean; problems: { message: string; file?: string; line?: number; column?: number }[] }

const charactersMax = 262_144
const documentsMax = 200

function* problemsOf(file: string, text: string): Iterable<Precheck['problems'][number]> {
  if (text.length > charactersMax) return yield { file, message: 'The file is larger than 256 KiB.' }
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: lines, logLevel: 'silent' })
  if (!Array.isArray(documents)) return yield { file, message: 'The file is empty.' }
  if (documents.length > documentsMax) return yield { file, message: `The file has more than ${documentsMax} documents.` }
  for (const document of documents) {
    const at = lines.linePos(document.contents?.range?.[0] ?? document.range[0])
    for (const error of document.errors) {
      const { line, col } = error.linePos?.[0] ?? at
      yield { file, line, column: col, message: error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '') }
    }
    if (document.errors.length > 0 || document.contents === null) continue
    let value: unknown
    try {
      value = document.toJS({ maxAliasCount: 100 })
    } catch {
      yield { file, line: at.line, column: at.col, message: 'The document has too many aliases.' }
      continue
    }
    const object = value as { apiVersion?: unknown; kind?: unknown; metadata?: { name?: unknown } | null } | null
    const missing = [['apiVersion', object?.apiVersion], ['kind', object?.kind], ['metadata.name', object?.metadata?.name]].filter(([, found]) => typeof found !== 'string' || found === '').map(([name]) => name)
    if (missing.length > 0) yield { file, line: at.line, column: at.col, message: `Not a Kubernetes object: ${missing.join(', ')} missing.` }
  }
}

/** `broken` are the files the question gives; a file the answer lacks counts as unchanged, one it adds is a problem. Never throws. */
export function precheckRepair(broken: Readonly<Record<string, string>>, answer: Readonly<Record<string, string>>): Precheck {
  const unknown = Object.keys(answer).filter((file) => !Object.hasOwn(broken, file)).map((file) => ({ file, message: 'The question has no such file.' }))
  const problems = [...unknown, ...Object.keys(broken).flatMap((file) => [...problemsOf(file, Object.hasOwn(answer, file) ? answer[file]! : broken[file]!)])]
  return { ok: problems.length === 0, problems }
}
