/** Whether a text is YAML made of named objects, as you type. The same question the server asks before the end of an exam; nothing about whether it works. */
import { LineCounter, parseAllDocuments } from 'yaml'
import { syntaxWords } from '../../server/k8s/yaml/syntax-words.ts'
import { t } from './texts.ts'

export type TextProblem = { from: number; to: number; message: string }

const documentsMax = 200

function lineEndAfter(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : Math.max(end, from)
}

export function yamlProblems(text: string): TextProblem[] {
  const language = document.documentElement.lang === 'zh-CN' ? 'zh-CN' : 'en'
  const tab = /^[ ]*\t/m.exec(text)
  const tabs: TextProblem[] = tab ? [{ from: tab.index, to: tab.index + tab[0].length, message: t('tabsYaml') }] : []
  const documents = parseAllDocuments(text, { lineCounter: new LineCounter(), logLevel: 'silent', prettyErrors: false })
  if (!Array.isArray(documents)) return tabs
  const problems = documents.slice(0, documentsMax).flatMap((document): TextProblem[] => {
    if (document.errors.length > 0) return document.errors.map(({ code, pos, message }) => ({ from: Math.min(pos[0], text.length), to: Math.min(Math.max(pos[1], pos[0] + 1), text.length), message: syntaxWords({ code, message })[language] }))
    if (document.contents === null) return []
    const start = document.contents.range?.[0] ?? document.range[0]
    let value: unknown
    try {
      value = document.toJS({ maxAliasCount: 100 })
    } catch (error) {
      return [{ from: start, to: lineEndAfter(text, start), message: (error as Error).message }]
    }
    const object = value as { apiVersion?: unknown; kind?: unknown; metadata?: { name?: unknown } | null } | null
    const missing = [['apiVersion', object?.apiVersion], ['kind', object?.kind], ['metadata.name', object?.metadata?.name]].filter(([, found]) => typeof found !== 'string' || found === '').map(([name]) => name)
    return missing.length > 0 ? [{ from: start, to: lineEndAfter(text, start), message: t('notObject', { missing: missing.join(', ') }) }] : []
  })
  return tabs.length > 0 && problems.length > 0 ? tabs : problems
}
