/** Structural schemas of the built-in kinds, as the API server's Go types have them. Generated from @kubernetes/client-node; types are read when first asked for. */
import { newest } from './generated/newest.ts'
import { older } from './generated/older.ts'

/** The type of one value. `quantity` with `milli` belongs to a resource list, whose amounts are rounded up to thousandths. */
export type Shape =
  | { is: 'string' | 'boolean' | 'int32' | 'int64' | 'double' | 'intOrString' | 'time' | 'microTime' | 'bytes' | 'any' }
  | { is: 'quantity'; milli: boolean }
  | { is: 'list' | 'map'; of: Shape }
  | { is: 'object'; type: ObjectType }

/** One Go struct: `name` and `package` as in messages (`v1`, `Container`); `model` names it in the documentation files. */
export type ObjectType = { name: string; package: string; model: string; fields: ReadonlyMap<string, Shape> }

export type KindSchema = { apiVersion: string; kind: string; plural: string; namespaced: boolean; model: string }

type RawStructure = { version: string; kinds: string[]; types: Record<string, string> }

const scalars: Record<string, Shape> = {
  s: { is: 'string' },
  b: { is: 'boolean' },
  i: { is: 'int32' },
  l: { is: 'int64' },
  d: { is: 'double' },
  x: { is: 'intOrString' },
  t: { is: 'time' },
  u: { is: 'microTime' },
  y: { is: 'bytes' },
  j: { is: 'any' },
  q: { is: 'quantity', milli: false },
  Q: { is: 'quantity', milli: true },
}

/** All structures of one Kubernetes version. */
export class Schemas {
  private readonly types: Readonly<Record<string, string>>
  private readonly read = new Map<string, ObjectType>()
  private readonly kinds = new Map<string, KindSchema>()

  constructor(raw: RawStructure, base?: RawStructure) {
    this.types = base ? { ...base.types, ...raw.types } : raw.types
    for (const line of raw.kinds) {
      const [apiVersion, kind, model, plural, namespaced] = line.split(' ') as [string, string, string, string, string]
      this.kinds.set(`${apiVersion}/${kind}`, { apiVersion, kind, plural, namespaced: namespaced === '1', model })
    }
  }

  /** The schema of a built-in kind, or undefined. */
  kind(apiVersion: string, kind: string): KindSchema | undefined {
    return this.kinds.get(`${apiVersion}/${kind}`)
  }

  /** Every kind, sorted by apiVersion and kind. */
  all(): readonly KindSchema[] {
    return [...this.kinds.values()]
  }

  /** The type behind a model's name; that of a kind is `typeOf(schema.model)`. */
  typeOf(model: string): ObjectType {
    const known = this.read.get(model)
    if (known) return known
    const fields = new Map<string, Shape>()
    const [, packageName, name] = /^(?:[A-Z][a-z]+)?(V\d+(?:(?:alpha|beta)\d+)?)([A-Z]\w*)$/.exec(model)!
    const type: ObjectType = { name: name!, package: packageName!.toLowerCase(), model, fields }
    this.read.set(model, type)
    const text = this.types[model] ?? ''
    for (const pair of text === '' ? [] : text.split(' ')) {
      const colon = pair.indexOf(':')
      fields.set(pair.slice(0, colon), this.shape(pair.slice(colon + 1)))
    }
    return type
  }

  private shape(text: string): Shape {
    if (text.startsWith('[')) return { is: 'list', of: this.shape(text.slice(1)) }
    if (text.startsWith('{')) return { is: 'map', of: this.shape(text.slice(1)) }
    const scalar = Object.hasOwn(scalars, text) ? scalars[text] : undefined
    if (scalar) return scalar
    return { is: 'object', type: this.typeOf(text) }
  }
}

const versions = new Map<string, Schemas>()

/** The schemas of a minor version. */
export function schemasOf(version: '1.34' | '1.35' | '1.36'): Schemas {
  const known = versions.get(version)
  if (known) return known
  const raw = (older as RawStructure[]).find((structure) => structure.version === version)
  const schemas = raw ? new Schemas(raw, newest as RawStructure) : version === '1.36' ? new Schemas(newest as RawStructure) : schemasOf('1.36')
  versions.set(version, schemas)
  return schemas
}

/** Takes in structures that were kept apart: browsers load kinds and versions that few manifests need when one of them turns up. */
export function addStructures(kinds: readonly string[], types: Readonly<Record<string, string>>, versionsBefore: readonly unknown[]): void {
  const raw = newest as RawStructure
  raw.kinds = [...new Set([...raw.kinds, ...kinds])].sort()
  raw.types = { ...raw.types, ...types }
  for (const structure of versionsBefore as RawStructure[]) if (!(older as RawStructure[]).some(({ version }) => version === structure.version)) (older as RawStructure[]).push(structure)
  versions.clear()
}

/** What is declared at a path: its shape, and the struct and field that declare it (which the documentation files are keyed by). Undefined where the path leaves the schema. */
export function declarationAt(type: ObjectType, path: readonly (string | number)[]): { shape: Shape; owner?: ObjectType; field?: string } | undefined {
  let found: { shape: Shape; owner?: ObjectType; field?: string } = { shape: { is: 'object', type } }
  for (const segment of path) {
    const { shape } = found
    if (shape.is === 'list' || shape.is === 'map') {
      found = { ...found, shape: shape.of }
      continue
    }
    if (shape.is !== 'object') return undefined
    const next = shape.type.fields.get(String(segment))
    if (!next) return undefined
    found = { shape: next, owner: shape.type, field: String(segment) }
  }
  return found
}
