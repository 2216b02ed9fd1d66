/** The quick reader reads what the full reader reads; no text makes either of them throw. */
import fc from 'fast-check'
import { stringify } from 'yaml'
import { describe, expect, it } from 'vitest'
import { admit } from '../../server/apiserver/index.ts'
import { parseManifest } from '../../server/k8s/manifest.ts'
import { fullRead } from '../../server/k8s/yaml/full.ts'
import { quickRead } from '../../server/k8s/yaml/quick.ts'
import { ownCases } from '../support/oracle.ts'

const runs = { numRuns: 1200, seed: 20260101 }

/** Both agree: where the quick reader has a value the full one has the same, without an error, and the same hints. */
function expectAgreement(text: string): boolean {
  const quick = quickRead(text)
  if (!quick) return false
  const full = fullRead(text, 0)
  expect({ text, value: JSON.stringify(full.value), errors: full.problems.filter((problem) => problem.severity === 'error') }).toEqual({ text, value: JSON.stringify(quick.value), errors: [] })
  expect(quick.surprises.map(({ kind, start, end }) => [`yaml-${kind}`, start, end]).sort()).toEqual(full.problems.map(({ code, start, end }) => [code, start, end]).sort())
  return true
}

const scalar = fc.constantFrom('x', 'a b', 'yes', 'no', '0644', '1_0', '12', '-3', '1.5', '1e3', '.5', '.', '~', 'null', 'a:b', 'a#b', 'http://x:80/y', '"q"', "'it''s'", '"a\\tb"', '"\\x41"', '[]', '{}', '[a, b]', '[a, "b: c"]', '{a: b}', '{a: [1, {b: c}]}', '{a:b}', '[a:b]', '[ x y ]', '*x', '&x y', '!t z', '|', '|-', '>', '- x', '? y', '@z', 'a: b', '"open', "'", '%', '“x”', 'é', '22:22', '2001-12-14', '9007199254740993', '0x1F', '.inf', 'a\tb', '-', '--', '---', '...', ':', '#c', '{', ']')
const key = fc.constantFrom('a', 'b', 'c d', 'metadata', 'x-y', 'on', '1', '"k"', "'k l'", '~', '<<', 'a.b/c', '?', '__proto__', 'é', '1.5', '$ref', '-x')
const line = fc.record({ indent: fc.integer({ min: 0, max: 6 }), dash: fc.constantFrom('', '', '', '- ', '-   ', '- - ', '-'), key: fc.option(key, { freq: 4 }), gap: fc.constantFrom(': ', ': ', ': ', ':', ':  ', ':\t', ' : '), scalar: fc.option(scalar, { freq: 3 }), comment: fc.constantFrom('', '', '', ' # c', '#c', ' ', '\r') })
const lines = fc.array(line.map((parts) => `${' '.repeat(parts.indent)}${parts.dash}${parts.key === null ? '' : parts.key + parts.gap}${parts.scalar ?? ''}${parts.comment}`), { maxLength: 12 }).map((all) => all.join('\n'))

describe('the quick reader', () => {
  it('agrees with the full one on lines thrown together', () => {
    let read = 0
    fc.assert(fc.property(lines, (text) => { if (expectAgreement(text)) read++ }), { ...runs, numRuns: 6000 })
    expect(read).toBeGreaterThan(150)
  })

  it('agrees with the full one on real manifests with one edit', () => {
    const texts = ownCases().slice(0, 120).map((subject) => stringify(subject.manifest))
    const edit = fc.record({ text: fc.constantFrom(...texts), at: fc.double({ min: 0, max: 1, noNaN: true }), remove: fc.integer({ min: 0, max: 4 }), insert: fc.constantFrom('', ' ', '  ', '\n', '\t', ':', ': ', '- ', '#', ' #', '"', "'", '|', '{', '}', '[', ']', ',', 'y', '0', '_', '\\', '&a ', '*a', '!', '%', '@', '---\n', '\r\n') })
    let read = 0
    fc.assert(fc.property(edit, ({ text, at, remove, insert }) => {
      const place = Math.floor(at * text.length)
      if (expectAgreement(text.slice(0, place) + insert + text.slice(place + remove))) read++
    }), runs)
    expect(read).toBeGreaterThan(250)
  })

  it('reads the usual manifests', () => {
    const texts = ownCases().map((subject) => stringify(subject.manifest))
    expect(texts.filter((text) => quickRead(text) !== undefined).length / texts.length).toBeGreaterThan(0.9)
  })
})

/** Reads, judges and asks for places: the whole of what happens to a text from outside. */
function useAll(text: string): void {
  const manifest = parseManifest(text)
  for (const document of manifest.documents) {
    document.rangeOf(['spec', 'containers', 0])
    expect(document.line).toBeGreaterThan(0)
    if (!document.object) continue
    const verdict = admit(document.object)
    for (const error of verdict.errors) document.rangeOf(error.segments, 'key')
  }
}

describe('any text', () => {
  it('is read without throwing', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), useAll), runs)
    fc.assert(fc.property(lines, useAll), runs)
    fc.assert(fc.property(fc.stringMatching(/^[ \n\-:{}[\],&*!|>'"%@`#?~a-c0-1.]{0,80}$/), useAll), runs)
  })

  it('with a kind may hold anything anywhere', () => {
    const kinds = ['v1 Pod', 'v1 Service', 'apps/v1 Deployment', 'batch/v1 CronJob', 'networking.k8s.io/v1 Ingress', 'v1 Secret', 'autoscaling/v2 HorizontalPodAutoscaler', 'v1 Node', 'example.com/v1 Custom']
    fc.assert(fc.property(fc.constantFrom(...kinds), fc.dictionary(fc.constantFrom('metadata', 'spec', 'status', 'data', 'x'), fc.jsonValue({ maxDepth: 4 })), (kind, body) => {
      const [apiVersion, name] = kind.split(' ')
      useAll(JSON.stringify({ apiVersion, kind: name, ...body }))
    }), { ...runs, numRuns: 1000 })
  })

  it('with one value of a real manifest replaced is judged without throwing', () => {
    const manifests = ownCases().map((subject) => subject.manifest)
    const odd = fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e20, '', 'x', '__proto__', '\u0000', 'é'.repeat(300), [], [null], [[]], {}, { a: null }, { '': {} }, [{ name: null }], '1Gi', '%', '-5', [1, 'a', {}])
    fc.assert(fc.property(fc.constantFrom(...manifests), fc.nat(), odd, (manifest, choice, value) => {
      const text = JSON.stringify(replaced(manifest, choice, value))
      useAll(text)
    }), runs)
  })
})

/** A copy of an object with its n-th value (counted through the whole tree, cyclically) replaced. */
function replaced(object: unknown, choice: number, value: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(object)) as Record<string, unknown>
  const places: [Record<string, unknown>, string][] = []
  const walk = (at: unknown): void => {
    if (typeof at !== 'object' || at === null) return
    for (const key of Object.keys(at)) {
      places.push([at as Record<string, unknown>, key])
      walk((at as Record<string, unknown>)[key])
    }
  }
  walk(copy)
  const [holder, key] = places[choice % places.length]!
  if (key !== 'kind' && key !== 'apiVersion') holder[key] = value
  return copy
}
