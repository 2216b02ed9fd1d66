/** The answers that every fix-manifest question is proven with: its repairs and near-misses, and those nobody may pass with. */
import { parseAllDocuments } from 'yaml'
import type { Files, Sample } from '../question-type.ts'
import { filesIn, variantsIn } from './files.ts'
import type { RepairSpec } from './schema.ts'

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
  for (const { name, answer } of withoutEachObject(repair)) yield { name, answer, score: 0 }
}
