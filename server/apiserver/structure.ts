/** The structural half of the API server: is the kind known, do the values have the right types, are all fields known. */
import { isFields } from '../k8s/podspec.ts'
import { schemasOf, type KindSchema } from '../k8s/schemas/schema.ts'
import type { K8sObject } from '../k8s/object.ts'
import { decode, type Decoded } from './decode.ts'
import type { Minor } from './kinds.ts'

export type Structure = { known: false } | ({ known: true; schema: KindSchema } & Decoded)

/** Decodes an object as the version's API server would. Kinds that are not built in are `known: false`. */
export function structureOf(object: Readonly<Record<string, unknown>>, version: Minor): Structure {
  const { apiVersion, kind } = object
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return { known: false }
  const schemas = schemasOf(version)
  const schema = schemas.kind(apiVersion, kind)
  if (!schema) return { known: false }
  return { known: true, schema, ...decode(object, schemas.typeOf(schema.model)) }
}

/** The object with the metadata that every object has, so that nothing after this must ask. */
export function withMetadata(object: Readonly<Record<string, unknown>>): K8sObject {
  return (isFields(object['metadata']) ? object : { ...object, metadata: {} }) as K8sObject
}
