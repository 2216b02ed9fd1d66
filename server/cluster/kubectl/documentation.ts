/** The documentation that `kubectl explain` prints, out of the generated schemas and the texts of one kind. */
import type { Documentation as Texts } from '../../k8s/schemas/documentation.ts'
import { aboutField } from '../../k8s/schemas/documentation.ts'
import type { ObjectType, Schemas, Shape } from '../../k8s/schemas/schema.ts'
import { resourceNamed } from './arguments.ts'
import type { Documentation, FieldDocument } from './console.ts'
import { expand, readLine } from './words.ts'

/** The kind that a line (or its words) such as `kubectl explain pod.spec` asks about, so that its texts can be loaded before the line is run; undefined for other lines. */
export function kindToExplain(line: string | readonly string[]): { apiVersion: string; kind: string } | undefined {
  const words = expand(typeof line === 'string' ? (readLine(line).pipelines[0]?.commands[0] ?? []) : line).filter((word) => !word.startsWith('-'))
  const at = words.indexOf('explain')
  const resource = at >= 0 && at <= 1 ? resourceNamed((words[at + 1] ?? '').split('.')[0]!) : undefined
  return resource && { apiVersion: resource.group ? `${resource.group}/${resource.version}` : resource.version, kind: resource.kind }
}

/** A door for `explain` from schemas and loaded texts; `texts` gives those of a kind, or undefined when they are not at hand. */
export function documentationFrom(schemas: Schemas, texts: (apiVersion: string, kind: string) => Texts | undefined): Documentation {
  return (kind, apiVersion, path) => {
    const schema = schemas.kind(apiVersion, kind)
    const loaded = texts(apiVersion, kind)
    if (!schema || !loaded) return undefined
    let shape: Shape = { is: 'object', type: schemas.typeOf(schema.model) }
    let description = loaded[schema.model]?.[0] ?? ''
    for (const field of path) {
      const struct = inside(shape)
      if (struct.is !== 'object') return undefined
      const next = struct.type.fields.get(field)
      if (!next) return undefined
      description = about(loaded, struct.type, field, next)
      shape = next
    }
    return documentOf(shape, description, loaded)
  }
}

/** The text of a field; where the published texts have none, that of the struct it holds. */
function about(texts: Texts, owner: ObjectType, field: string, shape: Shape): string {
  const struct = inside(shape)
  return aboutField(texts, owner, field) || (struct.is === 'object' ? (texts[struct.type.model]?.[0] ?? '') : '')
}

/** What a list or map holds; the shape itself otherwise. */
function inside(shape: Shape): Shape {
  return shape.is === 'list' || shape.is === 'map' ? inside(shape.of) : shape
}

function documentOf(shape: Shape, description: string, texts: Texts): FieldDocument {
  const struct = inside(shape)
  const fields = struct.is === 'object' ? [...struct.type.fields].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, field]) => ({ name, type: typeText(field), description: about(texts, struct.type, name, field) })) : undefined
  return { type: typeText(shape), description, ...(fields ? { fields } : {}) }
}

const names: Record<string, string> = { string: 'string', boolean: 'boolean', int32: 'integer', int64: 'integer', double: 'number', intOrString: 'IntOrString', time: 'string', microTime: 'string', bytes: 'string', any: 'Object', quantity: 'Quantity' }

/** The type as explain writes it: `[]Container`, `map[string]string`, `integer`. */
function typeText(shape: Shape): string {
  if (shape.is === 'list') return `[]${typeText(shape.of)}`
  if (shape.is === 'map') return `map[string]${typeText(shape.of)}`
  return shape.is === 'object' ? shape.type.name : names[shape.is]!
}
