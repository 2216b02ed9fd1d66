/** One edit anywhere in a manifest: whatever stands there, admit() answers, and a field under another name counts as missing. */
import { describe, expect, it } from 'vitest'
import { admit, type Segments, type Verdict } from '../../server/apiserver/index.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'
import { ownCases } from '../support/oracle.ts'

/** One manifest of each kind: the one with the most in it. */
const manifests = [...ownCases().filter(({ stage, manifest }) => (stage === 'ok' || stage === 'invalid') && JSON.stringify(manifest).length < 5000).map(({ manifest }) => manifest)
  .sort((a, b) => JSON.stringify(a).length - JSON.stringify(b).length)
  .reduce((byKind, manifest) => byKind.set(manifest.kind, manifest), new Map<string, K8sObject>()).values()]

const places = (value: unknown, at: Segments = []): Segments[] => [
  ...(at.length > 1 || (at.length === 1 && at[0] !== 'kind' && at[0] !== 'apiVersion') ? [at] : []),
  ...(typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, item]) => places(item, [...at, Array.isArray(value) ? Number(key) : key])) : []),
]

/** A copy of `manifest` in which `edit` was done to what holds the place. */
function edited(manifest: K8sObject, at: Segments, edit: (holder: Fields, key: string | number) => void): K8sObject {
  const copy = structuredClone(manifest)
  edit(at.slice(0, -1).reduce<Fields>((holder, key) => holder[key] as Fields, copy), at.at(-1)!)
  return copy
}

const strays: unknown[] = [null, '', 'x', '__proto__', 'x'.repeat(5000), 0, -1, 1.5, 2 ** 40, true, [], [null], [[]], {}, { a: null }, { constructor: { a: 1 } }]

describe('one edit of a manifest', () => {
  it.each(manifests.map((manifest): [string, K8sObject] => [manifest.kind, manifest]))('of %s is answered, whatever it puts there', (_kind, manifest) => {
    const old = admit(manifest).object
    const stages = new Set<string>()
    for (const at of places(manifest)) {
      for (const stray of strays) {
        const given = edited(manifest, at, (holder, key) => (holder[key] = stray))
        stages.add(admit(given).stage).add(admit(given, { old }).stage)
      }
    }
    expect(['ok', 'decode', 'strict', 'invalid']).toEqual(expect.arrayContaining([...stages]))
  })

  it.each(manifests.map((manifest): [string, K8sObject] => [manifest.kind, manifest]))('of %s that misspells a field is as one without it', (_kind, manifest) => {
    const said = ({ errors, strict }: Verdict): string[] => errors.filter((error) => !strict.includes(error)).map(({ path, message }) => `${path}: ${message}`)
    for (const at of places(manifest).filter((place) => typeof place.at(-1) === 'string')) {
      const misspelt = admit(edited(manifest, at, (holder, key) => {
        holder[`${key}Zz`] = holder[key]
        delete holder[key]
      }))
      if (misspelt.strict.length === 0) continue
      expect(misspelt.strict).toHaveLength(1)
      expect(said(misspelt)).toEqual(said(admit(edited(manifest, at, (holder, key) => delete holder[key]))))
    }
  })
})
