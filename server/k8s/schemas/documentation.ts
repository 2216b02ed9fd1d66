/** The documentation of fields, for hovering in an editor. Kept apart from the schemas and loaded per kind, because it is far larger. */
import { documentationOf } from './generated/documentation/index.ts'
import type { ObjectType } from './schema.ts'

/** Model name → what it is, and what each of its fields is for. The texts are those of the Kubernetes API. */
export type Documentation = Readonly<Record<string, readonly [about: string, fields: Readonly<Record<string, string>>]>>

/** Loads the texts of one kind (and of everything in it); undefined for a kind that is not built in. */
export function loadDocumentation(apiVersion: string, kind: string): Promise<Documentation> | undefined {
  const key = `${apiVersion}/${kind}`
  return Object.hasOwn(documentationOf, key) ? documentationOf[key]!().then((loaded) => loaded.documentation) : undefined
}

/** The text about a field of a struct, or undefined. */
export function aboutField(documentation: Documentation, owner: ObjectType, field: string): string | undefined {
  const fields = Object.hasOwn(documentation, owner.model) ? documentation[owner.model]![1] : {}
  return Object.hasOwn(fields, field) ? fields[field] : undefined
}
