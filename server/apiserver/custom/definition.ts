/** CustomResourceDefinitions: the kinds they serve, each with its schema (apiextensions.k8s.io/v1). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { isFields } from '../../k8s/podspec.ts'
import { plainValue } from '../decode.ts'

/** An OpenAPI v3 schema as a definition writes it, with the x-kubernetes extensions. */
export type Schema = Fields

/** One served version of a kind. `schema` is {} where the definition gives none. */
export type CustomKind = { apiVersion: string; kind: string; plural: string; namespaced: boolean; schema: Schema; hasStatus: boolean; scale?: Scale }

/** Paths of the fields that the scale subresource reads. */
export type Scale = { spec: string; status: string; selector?: string }

/** The kinds of some definitions; of two for one kind the last counts. */
export class CustomKinds {
  private readonly kinds = new Map<string, CustomKind>()

  constructor(definitions: readonly K8sObject[]) {
    for (const { spec } of definitions) {
      if (!isFields(spec) || typeof spec['group'] !== 'string' || typeof spec['names']?.kind !== 'string' || !Array.isArray(spec['versions'])) continue
      for (const version of spec['versions'] as Fields[]) {
        if (!isFields(version) || typeof version['name'] !== 'string' || version['served'] === false) continue
        const schema = plainValue(version['schema']?.openAPIV3Schema)
        const kind: CustomKind = {
          apiVersion: `${spec['group']}/${version['name']}`,
          kind: spec['names'].kind as string,
          plural: String(spec['names'].plural ?? ''),
          namespaced: spec['scope'] !== 'Cluster',
          schema: isFields(schema) ? schema : {},
          hasStatus: isFields(version['subresources']?.status),
          ...scaleOf(version['subresources']?.scale),
        }
        this.kinds.set(`${kind.apiVersion}/${kind.kind}`, kind)
      }
    }
  }

  find(apiVersion: string, kind: string): CustomKind | undefined {
    return this.kinds.get(`${apiVersion}/${kind}`)
  }

  get isEmpty(): boolean {
    return this.kinds.size === 0
  }
}

function scaleOf(scale: unknown): { scale?: Scale } {
  if (!isFields(scale)) return {}
  const selector: unknown = scale['labelSelectorPath']
  return { scale: { spec: String(scale['specReplicasPath'] ?? ''), status: String(scale['statusReplicasPath'] ?? ''), ...(typeof selector === 'string' ? { selector } : {}) } }
}

/** Is this a definition of custom kinds? */
export function isDefinition(object: Readonly<Record<string, unknown>>): boolean {
  return object['kind'] === 'CustomResourceDefinition' && object['apiVersion'] === 'apiextensions.k8s.io/v1'
}

/** The schema of a property, or undefined. */
export function propertyOf(schema: Schema | undefined, name: string): Schema | undefined {
  const properties: unknown = schema?.['properties']
  return isFields(properties) && Object.hasOwn(properties, name) && isFields(properties[name]) ? properties[name] : undefined
}

/** Names of the declared properties, sorted. */
export function propertyNames(schema: Schema | undefined): string[] {
  return isFields(schema?.['properties']) ? Object.keys(schema['properties']).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)) : []
}

/** The schema of values under keys that are not declared, or undefined. */
export function valuesOf(schema: Schema | undefined): Schema | undefined {
  const values: unknown = schema?.['additionalProperties']
  return isFields(values) ? values : undefined
}

/** The schema of a list's items, or undefined. */
export function itemsOf(schema: Schema | undefined): Schema | undefined {
  return isFields(schema?.['items']) ? schema['items'] : undefined
}
