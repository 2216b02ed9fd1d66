/** The answers that every fix-manifest question is proven with: its repairs and near-misses, and those nobody may pass with. */
import { parseAllDocuments } from 'yaml'
import { readManifests } from '../../cluster/index.ts'
import type { Files, Sample } from '../question-type.ts'
import { filesIn, variantsIn } from './files.ts'
import { readScenario } from './scenario-text.ts'
import type { RepairSpec } from './schema.ts'

const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]', ...'bcdefghij'.split('').map((letter, index) => `${letter}: &${letter} [${Array(9).fill(`*${'abcdefghij'[index]}`).join(', ')}]`)].join('\n')

/** Each of a repair's objects that the person was given, with the answer that lacks it; objects a repair adds may be left out, if the goals are met without. */
function withoutEachObject(answer: Record<string, string>, given: ReadonlySet<string>): { name: string; answer: Record<string, string> }[] {
  return Object.entries(answer).flatMap(([path, text]) => {
    const documents = text.split(/^---[ \t]*(?:#.*)?$/m).filter((document) => document.replace(/#.*$/gm, '').trim() !== '')
    return documents.flatMap((document, index) => (namesIn(path, document).some((name) => given.has(name)) ? [{ name: `${path} without object ${index + 1}`, answer: { ...answer, [path]: documents.filter((_document, other) => other !== index).join('---\n') } }] : []))
  })
}

/** `Kind/name` of every object in a text. */
function namesIn(path: string, text: string): string[] {
  return readManifests(path, text).flatMap((manifest) => ('error' in manifest ? [] : [`${manifest.object.kind}/${manifest.object.metadata.name}`]))
}

/** Objects that must be there in every answer: those of `broken/` that the scenario does not let go. */
function requiredIn(broken: Record<string, string>, files: Files): ReadonlySet<string> {
  const mayGo = new Set(mayRemoveOf(files['scenario.yaml'] ?? ''))
  return new Set(Object.entries(broken).flatMap(([path, text]) => namesIn(path, text)).filter((name) => !mayGo.has(name.toLowerCase())))
}

/** `kind/name` in lower case, without namespaces; nothing when the scenario cannot be read, which lint reports. */
function mayRemoveOf(text: string): string[] {
  try {
    return readScenario(text).constraints.mayRemove.map((ref) => `${ref.split('/')[0]!}/${ref.split('/').at(-1)!}`.toLowerCase())
  } catch {
    return []
  }
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

export function* samplesOf(spec: RepairSpec, files: Files): Iterable<Sample> {
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
  for (const { name, answer } of withoutEachObject(repair, requiredIn(broken, files))) yield { name, answer, score: 0 }
}
