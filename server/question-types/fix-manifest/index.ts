/**
 * fix-manifest: the person repairs the files of `broken/`; the answer is graded by what the repaired cluster would do (grade.ts).
 * Answers name files as `broken/` does, without that folder: `{ 'policy.yaml': '…' }`.
 */
import * as z from 'zod'
import { parseAllDocuments, parseDocument } from 'yaml'
import { compareText } from '../../k8s/object.ts'
import { scenarioSchema } from '../../cluster/scenario.ts'
import { defineQuestionType } from '../question-type.ts'
import type { Files, LintProblem, Sample } from '../question-type.ts'
import { evidenceOf } from './evidence.ts'
import { gradeRepair } from './grade.ts'
import { precheckRepair } from './precheck.ts'

const command = z.strictObject({ at: z.string(), command: z.string().startsWith('kubectl ') })
const specSchema = z.strictObject({
  key: z.strictObject({ nearMisses: z.record(z.string(), z.array(z.string()).min(1)).default({}), evidence: z.array(command).optional() }).prefault({}),
})

/** The files below `folder/`, by the path inside it, sorted. */
export function filesIn(files: Files, folder: string): Record<string, string> {
  const prefix = `${folder}/`
  return Object.fromEntries(Object.keys(files).filter((path) => path.startsWith(prefix)).sort(compareText).map((path) => [path.slice(prefix.length), files[path]!]))
}

/** `repairs/<name>/a.yaml` → name → whole answer, with the files it leaves as they are. */
export function variantsIn(files: Files, folder: 'repairs' | 'near-misses'): { name: string; answer: Record<string, string>; own: string[] }[] {
  const own = filesIn(files, folder)
  const names = [...new Set(Object.keys(own).filter((path) => path.includes('/')).map((path) => path.slice(0, path.indexOf('/'))))].sort(compareText)
  return names.map((name) => {
    const changed = filesIn(files, `${folder}/${name}`)
    return { name, answer: { ...filesIn(files, 'broken'), ...changed }, own: Object.keys(changed) }
  })
}

const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]', ...'bcdefghij'.split('').map((letter, index) => `${letter}: &${letter} [${Array(9).fill(`*${'abcdefghij'[index]}`).join(', ')}]`)].join('\n')

/** Every document of a set of files, with a function that gives the set without it. */
function withoutEachObject(answer: Record<string, string>): { name: string; answer: Record<string, string> }[] {
  return Object.entries(answer).flatMap(([path, text]) => {
    const documents = text.split(/^---[ \t]*(?:#.*)?$/m).filter((document) => document.replace(/#.*$/gm, '').trim() !== '')
    return documents.map((_, index) => ({ name: `${path} without object ${index + 1}`, answer: { ...answer, [path]: documents.filter((_document, other) => other !== index).join('---\n') } }))
  })
}

/** The same meaning in another dress: comments added, strings quoted, keys of mappings in reverse. */
function redressed(text: string): string {
  const documents = parseAllDocuments(text, { logLevel: 'silent' })
  if (!Array.isArray(documents)) return text
  return documents
    .map((document) => {
      const value: unknown = document.toJS({ maxAliasCount: 100 })
      const turned = (node: unknown): unknown =>
        Array.isArray(node) ? node.map(turned) : node !== null && typeof node === 'object' ? Object.fromEntries(Object.entries(node).reverse().map(([key, inner]) => [key, turned(inner)])) : node
      return `# a comment\n${JSON.stringify(turned(value), null, 2)}\n`
    })
    .join('---\n')
}

function* lintFiles(spec: z.infer<typeof specSchema>, files: Files): Iterable<LintProblem> {
  const broken = filesIn(files, 'broken')
  if (Object.keys(broken).length === 0) yield { at: 'files', message: 'There is no file in broken/.' }
  const repairs = variantsIn(files, 'repairs')
  const nearMisses = variantsIn(files, 'near-misses')
  if (repairs.length < 2) yield { at: 'files', message: `At least two repairs are needed in repairs/; there are ${repairs.length}.` }
  if (nearMisses.length < 2) yield { at: 'files', message: `At least two near-misses are needed in near-misses/; there are ${nearMisses.length}.` }
  for (const [folder, variants] of [['repairs', repairs], ['near-misses', nearMisses]] as const) {
    for (const { name, own } of variants) {
      for (const path of own) {
        if (!Object.hasOwn(broken, path)) yield { at: 'files', file: `${folder}/${name}/${path}`, message: 'There is no such file in broken/, so nobody could edit it.' }
        else if (broken[path] === files[`${folder}/${name}/${path}`]) yield { at: 'files', file: `${folder}/${name}/${path}`, message: 'The same as in broken/; leave it out.' }
      }
    }
  }
  for (const { name } of nearMisses) if (!Object.hasOwn(spec.key.nearMisses, name)) yield { at: 'key.nearMisses', message: `near-misses/${name} is not listed: name the goals or constraints it misses.` }
  for (const name of Object.keys(spec.key.nearMisses)) if (!nearMisses.some((variant) => variant.name === name)) yield { at: `key.nearMisses.${name}`, message: `There is no folder near-misses/${name}.` }
  yield* lintScenario(spec, files)
}

function* lintScenario(spec: z.infer<typeof specSchema>, files: Files): Iterable<LintProblem> {
  const text = files['scenario.yaml']
  if (text === undefined) return yield { at: 'files', message: 'scenario.yaml is missing.' }
  const document = parseDocument(text, { logLevel: 'silent' })
  if (document.errors.length > 0) return yield { at: 'files', file: 'scenario.yaml', message: document.errors[0]!.message }
  const parsed = scenarioSchema.safeParse(document.toJS({ maxAliasCount: 100 }))
  if (!parsed.success) {
    for (const issue of parsed.error.issues) yield { at: issue.path.join('.'), file: 'scenario.yaml', message: issue.message }
    return
  }
  const scenario = parsed.data
  for (const path of scenario.given) if (!Object.hasOwn(files, path)) yield { at: 'given', file: 'scenario.yaml', message: `There is no file ${path}.` }
  for (const path of Object.keys(filesIn(files, 'given'))) if (!scenario.given.includes(`given/${path}`)) yield { at: 'given', file: 'scenario.yaml', message: `given/${path} is not listed under given.` }
  const known = new Set([...scenario.goals.map((goal) => goal.id), 'K1', 'K2', 'K3', 'K4', 'K5', 'K6', 'K7', 'K8', 'K9', 'K10'])
  if (scenario.goals.every((goal) => goal.points === 0)) yield { at: 'goals', file: 'scenario.yaml', message: 'No goal has points.' }
  for (const [name, missed] of Object.entries(spec.key.nearMisses)) for (const id of missed) if (!known.has(id)) yield { at: `key.nearMisses.${name}`, message: `"${id}" is neither a goal of scenario.yaml nor a constraint.` }
  if ((spec.key.evidence ?? scenario.evidence).length === 0) yield { at: 'evidence', file: 'scenario.yaml', message: 'No command shows the incident.' }
}

function* samplesOf(spec: z.infer<typeof specSchema>, files: Files): Iterable<Sample> {
  const broken = filesIn(files, 'broken')
  const paths = Object.keys(broken)
  const everywhere = (text: string) => Object.fromEntries(paths.map((path) => [path, text]))
  const repairs = variantsIn(files, 'repairs')
  for (const { name, answer } of repairs) {
    yield { name: `repairs/${name}`, answer, score: 1 }
    yield { name: `repairs/${name}, other order, quotes and comments`, answer: Object.fromEntries(Object.entries(answer).map(([path, text]) => [path, redressed(text)])), score: 1 }
  }
  for (const { name, answer } of variantsIn(files, 'near-misses')) yield { name: `near-misses/${name}`, answer, score: Number.NaN, missed: spec.key.nearMisses[name] ?? [] }
  yield { name: 'unchanged', answer: broken, score: 0 }
  yield { name: 'empty', answer: everywhere(''), score: 0 }
  yield { name: 'no files', answer: {}, score: 0 }
  yield { name: 'comments only', answer: everywhere('# nothing to see here\n'), score: 0 }
  yield { name: 'everything deleted', answer: everywhere('---\n---\n'), score: 0 }
  yield { name: 'alias bomb', answer: everywhere(bomb), score: 0 }
  yield { name: 'not YAML', answer: everywhere('\u0000\u0001: [}{'), score: 0 }
  yield { name: 'not an object', answer: 'kind: List', score: 0 }
  const repair = repairs[0]?.answer ?? broken
  for (const { name, answer } of withoutEachObject(repair)) yield { name, answer, score: 0 }
}

export const fixManifest = defineQuestionType({
  name: 'fix-manifest',
  label: { en: 'Repair a manifest', 'zh-CN': '修复清单' },
  about: {
    en: 'Edit the files until the cluster does what is asked. Graded by what a simulated cluster does with them; any repair that works counts.',
    'zh-CN': '编辑文件,直到集群满足要求。评分依据是模拟集群的实际行为,任何有效的修复都算对。',
  },
  spec: specSchema,
  answer: z.record(z.string().max(200), z.string().max(262_144)).refine((answer) => Object.keys(answer).length <= 50, 'At most 50 files.'),
  fromForm: (fields) => Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => {
    const path = /^answer\[(.+)\]$/.exec(name)?.[1]
    return path && typeof value === 'string' ? [[path, value.replaceAll('\r\n', '\n')]] : []
  })),
  /** Text that nobody changed is no answer either. */
  isEmpty: (answer, { files }) => Object.entries(filesIn(files, 'broken')).every(([path, text]) => !Object.hasOwn(answer, path) || answer[path] === text),
  view: (question, answer) => ({
    files: Object.entries(filesIn(question.files, 'broken')).map(([path, original]) => ({ path, original, text: answer && Object.hasOwn(answer, path) ? answer[path] : original })),
    given: Object.entries(filesIn(question.files, 'given')).map(([path, text]) => ({ path, text })),
    evidence: evidenceOf(question.files, question.spec.key.evidence),
  }),
  grade: ({ files, language }, answer) => gradeRepair({ scenarioText: files['scenario.yaml'] ?? '', files, answer, language }),
  review: ({ files }, answer, grade) => ({
    files: Object.entries(filesIn(files, 'broken')).map(([path, original]) => ({ path, original, text: answer && Object.hasOwn(answer, path) ? answer[path] : original })),
    repairs: variantsIn(files, 'repairs').map(({ name, answer: repaired, own }) => ({ name, files: own.map((path) => ({ path, text: repaired[path]! })) })),
    evidence: grade?.evidence,
  }),
  precheck: ({ files }, answer) => precheckRepair(filesIn(files, 'broken'), answer),
  lint: lintFiles,
  samples: samplesOf,
  heavy: true,
})
