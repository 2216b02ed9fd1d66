/** What the API server knows about a kind beyond its structure: defaulting, preparation, validation, warnings. Files under defaults/ and validation/ contribute the entries. */
import type { K8sObject } from '../k8s/object.ts'
import type { FieldError } from './field.ts'
import { dns1123Subdomain } from '../k8s/names.ts'
import { workloadKinds } from './validation/workload-kinds.ts'
import { resourceKinds } from './validation/resource-kinds.ts'

/** The Kubernetes minor versions that can be asked about. */
export type Minor = '1.34' | '1.35' | '1.36'

export type AdmitContext = { version: Minor }

/** Checks a name; `isPrefix` is true for `generateName`. Returns the messages of what is wrong. */
export type NameRule = (name: string, isPrefix: boolean) => string[]

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

const registry = new Map<string, KindSpec>()
for (const spec of [...workloadKinds, ...resourceKinds]) registry.set(`${spec.apiVersion}/${spec.kind}`, spec)

/** The entry of a kind, or undefined for kinds that are only checked structurally. */
export function kindSpec(apiVersion: string, kind: string): KindSpec | undefined {
  return registry.get(`${apiVersion}/${kind}`)
}

/** Every kind with its own validation. */
export function validatedKinds(): readonly KindSpec[] {
  return [...registry.values()]
}

/** metadata.name must be a DNS subdomain: the rule of most kinds. A prefix may end in a dash (validation.go:maskTrailingDash). */
export const subdomainName: NameRule = (name, isPrefix) => dns1123Subdomain(isPrefix ? maskTrailingDash(name) : name)

export function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name
}
