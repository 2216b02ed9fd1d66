/** What pages ask the checker, answered. Runs in a thread of the browser, or on the page itself where there are no threads. */
import { check, pageReport } from '../../server/checker/index.ts'
import type { CheckInput, CheckOptions, CheckReport, PageDocument, PageFinding, PageReport, Text } from '../../server/checker/index.ts'
import { servesCustomKinds, serveCustomKinds } from '../../server/apiserver/index.ts'
import type { Minor } from '../../server/apiserver/index.ts'
import { parseManifest } from '../../server/k8s/manifest.ts'
import { addStructures, schemasOf } from '../../server/k8s/schemas/schema.ts'
import type { Edit, editOf as editor } from './manifest-edit.ts'
import type { Described, FieldName, Suggestions } from './manifest-knowledge.ts'

export type Asks = {
  check: { files: CheckInput[]; version: Minor; closed: boolean; language: keyof Text; defaultedMax: number }
  suggest: { text: string; at: number; version: Minor }
  describe: { text: string; at: number; version: Minor }
  about: FieldName
}
/** The report, with an edit of the text for every finding that can be mended by one. */
export type MendableFinding = PageFinding & { edit?: Edit & { title: string } }
export type MendableReport = Omit<PageReport, 'documents'> & { documents: (Omit<PageDocument, 'findings'> & { findings: MendableFinding[] })[] }
export type Answers = { check: MendableReport; suggest: Suggestions | undefined; describe: Described | undefined; about: string | undefined }

type Family = 'workloads' | 'usual' | 'rest'
const loaded = new Set<Family>()

/** Structures are loaded by family, once each, when something of theirs is asked about. The rest has the older versions too. */
async function load(...families: Family[]): Promise<void> {
  for (const family of families) {
    if (loaded.has(family)) continue
    if (family === 'rest') {
      const { part, older } = await import('schemas-rest')
      addStructures(part.kinds, part.types, older)
    } else {
      const { part } = await (family === 'workloads' ? import('schemas-workloads') : import('schemas-usual'))
      addStructures(part.kinds, part.types, [])
    }
    loaded.add(family)
  }
}

const loadAll = (): Promise<void> => load('workloads', 'usual', 'rest')

/** Where a kind that is not known yet can be found next; undefined when everything has been looked at. */
function familyOf({ apiVersion, kind }: { apiVersion: string; kind: string }): Family | undefined {
  const runsPods = /^(Pod|PodTemplate|ReplicationController|Deployment|ReplicaSet|StatefulSet|DaemonSet|Job|CronJob)$/.test(kind)
  const order: Family[] = [...(runsPods ? ['workloads' as const] : []), ...(/^(v1|(apps|networking|policy|rbac|storage|scheduling|coordination|discovery|autoscaling)[./].*)$/.test(apiVersion) ? ['usual' as const] : []), 'rest']
  return order.find((family) => !loaded.has(family))
}

async function checked({ files, version, closed, language, defaultedMax }: Asks['check']): Promise<MendableReport> {
  const options: CheckOptions = { version, closed }
  if (version !== '1.36') await loadAll()
  let report = check(files, options)
  for (;;) {
    const wanted = report.documents.flatMap((document) => (document.verdict === 'unknown' ? (familyOf(document) ?? []) : []))
    if (wanted.length === 0) break
    await load(...wanted)
    report = check(files, options)
  }
  if (!servesCustomKinds() && report.documents.some(({ kind }) => kind === 'CustomResourceDefinition')) {
    serveCustomKinds((await import('custom-judge')).judge)
    report = check(files, options)
  }
  const words = hasAdvice(report) ? (await import('rule-words')).words : {}
  const page = pageReport(report, { language, defaultedMax, wordsOf: (id) => (Object.hasOwn(words, id) ? words[id] : undefined) })
  const editOf = page.documents.some(({ findings }) => findings.some(({ change }) => change)) ? (await import('./manifest-edit.ts')).editOf : () => undefined
  return { ...page, documents: page.documents.map((document) => ({ ...document, findings: document.findings.map((finding) => withEdit(finding, document, files, language, editOf)) })) }
}

const hasAdvice = ({ documents }: CheckReport): boolean => documents.some(({ findings }) => findings.length > 0)

function withEdit(finding: PageFinding, { index, file }: Pick<PageDocument, 'index' | 'file'>, files: readonly CheckInput[], language: keyof Text, editOf: typeof editor): MendableFinding {
  const { change } = finding
  const text = change && files.find((one) => one.file === file)?.text
  const document = text === undefined ? undefined : parseManifest(text).documents[index]
  const edit = document && editOf(text!, document, change!)
  return edit ? { ...finding, edit: { ...edit, title: change!.title[language] } } : finding
}

/** The text about a field, loaded with that of its whole kind. */
async function about({ apiVersion, kind, model, field }: FieldName): Promise<string | undefined> {
  const { aboutField, loadDocumentation } = await import('../../server/k8s/schemas/documentation.ts')
  const documentation = await loadDocumentation(apiVersion, kind)
  return documentation && aboutField(documentation, schemasOf('1.36').typeOf(model), field)
}

const answers: { [Kind in keyof Asks]: (ask: Asks[Kind]) => Promise<Answers[Kind]> } = {
  check: checked,
  suggest: async ({ text, at, version }) => {
    await loadAll()
    const { suggestionsAt } = await import('./manifest-knowledge.ts')
    return suggestionsAt(text, at, version)
  },
  describe: async ({ text, at, version }) => {
    await loadAll()
    const { describedAt } = await import('./manifest-knowledge.ts')
    return describedAt(text, at, version)
  },
  about,
}

export function answer<Kind extends keyof Asks>(kind: Kind, ask: Asks[Kind]): Promise<Answers[Kind]> {
  return answers[kind](ask)
}
