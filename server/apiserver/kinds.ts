/** What the API server knows about a kind beyond its structure: defaulting, preparation, validation, warnings. Files under defaults/ and validation/ contribute the entries. */
import type { K8sObject } from '../k8s/object.ts'
import type { FieldError } from './field.ts'
import type { NameRule } from './name-rule.ts'
import { workloadKinds } from './validation/workload-kinds.ts'
import { resourceKinds } from './validation/resource-kinds.ts'

/** The Kubernetes minor versions that can be asked about. */
export type Minor = '1.34' | '1.35' | '1.36'

export type AdmitContext = { version: Minor }

export { maskTrailingDash, subdomainName, type NameRule } from './name-rule.ts'

/**
 * One kind of one apiVersion. Objects arrive decoded: types are right, quantities are canonical texts, nulls and empty-by-null fields are gone.
 * `defaults` and `prepare` return a new object (sharing unchanged parts) and never write to what they are given.
 */
export type KindSpec = {
  apiVersion: string
  kind: string
  namespaced: boolean
  /** The rule for metadata.name; a DNS subdomain when absent. */
  name?: NameRule
  /** The kind's validation never looks at ObjectMeta: the server does so after it, and only when it found nothing (apiserver/pkg/registry/rest/create.go:BeforeCreate). */
  metadataLast?: true
  /** SetDefaults_… of the kind. `metadata.namespace` is already `default` for namespaced kinds. */
  defaults?: (object: K8sObject, context: AdmitContext) => K8sObject
  /** The strategy's PrepareForCreate: status dropped, fields of disabled features dropped, selectors generated. */
  prepare?: (object: K8sObject, context: AdmitContext) => K8sObject
  /** The strategy's PrepareForUpdate. */
  prepareUpdate?: (object: K8sObject, old: K8sObject, context: AdmitContext) => K8sObject
  /** Everything the kind's validation says, except ObjectMeta, which metadata.ts checks for every kind before this. */
  validate?: (object: K8sObject, context: AdmitContext) => FieldError[]
  /** The rules of an update, ObjectMeta's immutable fields excepted. `validate` is not called for updates: call it here where the server does. */
  validateUpdate?: (object: K8sObject, old: K8sObject, context: AdmitContext) => FieldError[]
  /** WarningsOnCreate, in the server's order; only asked when there is no error. */
  warnings?: (object: K8sObject, old?: K8sObject) => string[]
}

let registry: ReadonlyMap<string, KindSpec> | undefined

/** Built when first asked for, so that contributing files may import this one. */
function entries(): ReadonlyMap<string, KindSpec> {
  registry ??= new Map([...workloadKinds, ...resourceKinds].map((spec) => [`${spec.apiVersion}/${spec.kind}`, spec]))
  return registry
}

/** The entry of a kind, or undefined for kinds that are only checked structurally. */
export function kindSpec(apiVersion: string, kind: string): KindSpec | undefined {
  return entries().get(`${apiVersion}/${kind}`)
}

/** Every kind with its own validation. */
export function validatedKinds(): readonly KindSpec[] {
  return [...entries().values()]
}
