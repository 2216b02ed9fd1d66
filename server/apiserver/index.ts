/** The offline API server: what kube-apiserver says to a create or an update of one object, in its order (apiserver/pkg/registry/rest/create.go, update.go). */
import type { K8sObject } from '../k8s/object.ts'
import { definitionFault, isDefinition, judgeCustom, type CustomKinds, type CustomVerdict } from './custom/index.ts'
import { bySentOrder } from './decode.ts'
import { root, type FieldError } from './field.ts'
import { pathSegmentName, subdomainName } from './name-rule.ts'
import { kindSpec, type AdmitContext, type KindSpec, type Minor } from './kinds.ts'
import { commonMetadataErrors, metadataErrors, metadataUpdateErrors } from './metadata.ts'
import { plainValue } from './decode.ts'
import { structureOf, withMetadata } from './structure.ts'
import { deprecationWarning } from './versions.ts'

export { CustomKinds, isDefinition, servesCustomKinds, serveCustomKinds, type CustomKind } from './custom/index.ts'
export { Path, fieldPath, root, type FieldError, type FieldErrorType, type Segments } from './field.ts'
export { kindSpec, validatedKinds, type KindSpec, type Minor } from './kinds.ts'
export { apiLifeOf, type ApiLife } from './versions.ts'

/** Where the request ended: `unknown` kind, `decode` (a wrong type), `strict` (only unknown fields), `invalid` (validation), or `ok`. */
export type Stage = 'ok' | 'unknown' | 'decode' | 'strict' | 'invalid'

/**
 * `errors` are those of the stage: one for `decode`, all unknown fields for `strict`, all validation errors for `invalid`.
 * `strict` lists unknown fields at every stage: the real server answers with them alone before it validates (kubectl's default `--validate=strict`),
 * but both kinds of mistake are worth knowing, so validation goes on without those fields.
 * `object` is the defaulted object (the decoded one when it was never defaulted). `warnings` are what kubectl prints after `Warning: `.
 */
/** `custom`: the kind is that of a definition among `AdmitOptions.custom`. */
export type Verdict = { stage: Stage; object: K8sObject; errors: FieldError[]; strict: FieldError[]; warnings: string[]; custom?: true }

/** `custom` are the kinds that CustomResourceDefinitions in the cluster add. */
export type AdmitOptions = { old?: K8sObject; version?: Minor; custom?: CustomKinds }

/** Judges a create, or with `old` (a stored object) an update. Never changes what it is given and never throws. `metadata.namespace` becomes `default` where it is missing, and is dropped from cluster-scoped kinds. */
export function admit(object: K8sObject, options: AdmitOptions = {}): Verdict {
  const context: AdmitContext = { version: options.version ?? '1.36' }
  const structure = structureOf(object, context.version)
  const custom = structure.known ? undefined : options.custom?.find(String(object.apiVersion), String(object.kind))
  const answer = custom && judgeCustom(object, custom, options.old)
  if (answer) return customVerdict(answer)
  if (!structure.known) return { stage: 'unknown', object: withMetadata(plainValue(object) as Record<string, unknown>), errors: [], strict: [], warnings: [] }
  const strict = structure.unknown
  const decoded = inNamespace(withMetadata(structure.object), structure.schema.namespaced)
  const typeError = (isDefinition(decoded) ? definitionFault(decoded) : undefined) ?? structure.typeError
  if (typeError) return { stage: 'decode', object: decoded, errors: [typeError], strict, warnings: [] }
  const spec = kindSpec(decoded.apiVersion, decoded.kind)
  const defaulted = spec?.defaults?.(decoded, context) ?? decoded
  const judged = options.old ? judgeUpdate(defaulted, options.old, spec, context) : judgeCreate(defaulted, structure.schema.namespaced, spec, context)
  if (judged.errors.length > 0) return { stage: 'invalid', ...judged, strict, warnings: strict.map(strictWarning) }
  if (strict.length > 0) return { stage: 'strict', object: judged.object, errors: strict, strict, warnings: strict.map(strictWarning) }
  const deprecation = deprecationWarning(decoded.apiVersion, decoded.kind, context.version)
  return { stage: 'ok', ...judged, strict, warnings: [...new Set([...(deprecation ? [deprecation] : []), ...(spec?.warnings?.(judged.object, options.old) ?? [])])] }
}

function customVerdict({ object, typeError, unknown, errors, warnings }: CustomVerdict): Verdict {
  const answer = { object, strict: unknown, warnings: [...unknown.map(strictWarning), ...warnings], custom: true as const }
  if (typeError) return { stage: 'decode', ...answer, errors: [typeError], warnings: [] }
  if (errors.length > 0) return { stage: 'invalid', ...answer, errors }
  return { stage: unknown.length > 0 ? 'strict' : 'ok', ...answer, errors: unknown }
}

/** The text of a 400 answer after `strict decoding error: `, as the server joins all of them. */
export function strictMessage(strict: readonly FieldError[]): string {
  return `strict decoding error: ${[...strict].sort(bySentOrder).map((error) => error.message).join(', ')}`
}

function strictWarning(error: FieldError): string {
  return `strict decoding error: ${error.message}`
}

function judgeCreate(defaulted: K8sObject, namespaced: boolean, spec: KindSpec | undefined, context: AdmitContext): { object: K8sObject; errors: FieldError[] } {
  const object = withFirstGeneration(spec?.prepare?.(defaulted, context) ?? defaulted)
  const errorsOf = judgedByMachinery.has(object.kind) ? commonMetadataErrors : metadataErrors
  const metadata = (): FieldError[] => (isReview(object) ? [] : errorsOf(object.metadata, namespaced, spec?.name ?? (freelyNamed.has(object.kind) ? pathSegmentName : subdomainName), root.child('metadata')))
  const own = spec?.validate?.(object, context) ?? []
  if (spec?.metadataLast) return { object, errors: own.length > 0 ? own : metadata() }
  return { object, errors: [...metadata(), ...own] }
}

/** Kinds without validation of their own here whose names are no DNS subdomains. */
const freelyNamed = new Set(['APIService', 'ClusterTrustBundle', 'IPAddress', 'StorageVersion'])

/** Kinds whose metadata is judged by apimachinery alone, to which any finalizer is good. */
const judgedByMachinery = new Set(['PodDisruptionBudget', 'Lease'])

/** Kinds whose generations are counted from 1 (PrepareForCreate of their strategies): what was sent does not count. */
const countedKinds = new Set(
  'Pod PodTemplate ReplicationController ReplicaSet Deployment DaemonSet StatefulSet Job CronJob HorizontalPodAutoscaler PodDisruptionBudget Ingress IngressClass NetworkPolicy EndpointSlice PriorityClass CustomResourceDefinition ValidatingWebhookConfiguration MutatingWebhookConfiguration ValidatingAdmissionPolicy FlowSchema PriorityLevelConfiguration'.split(' '),
)

function withFirstGeneration(object: K8sObject): K8sObject {
  return object.metadata.generation !== undefined && countedKinds.has(object.kind) ? { ...object, metadata: { ...object.metadata, generation: 1 } } : object
}

/** Reviews are questions, not objects: they need no name. */
function isReview(object: K8sObject): boolean {
  return object.apiVersion.startsWith('authentication.k8s.io/') || object.apiVersion.startsWith('authorization.k8s.io/')
}

function judgeUpdate(defaulted: K8sObject, old: K8sObject, spec: KindSpec | undefined, context: AdmitContext): { object: K8sObject; errors: FieldError[] } {
  const object = spec?.prepareUpdate?.(defaulted, old, context) ?? defaulted
  const errors = metadataUpdateErrors(object, old, root.child('metadata'))
  if (spec?.validateUpdate) errors.push(...spec.validateUpdate(object, old, context))
  else if (spec?.validate) errors.push(...spec.validate(object, context))
  return { object, errors }
}

function inNamespace(object: K8sObject, namespaced: boolean): K8sObject {
  const { namespace } = object.metadata
  if (namespaced) return namespace ? object : { ...object, metadata: { ...object.metadata, namespace: 'default' } }
  if (namespace === undefined) return object
  const metadata = { ...object.metadata }
  delete metadata.namespace
  return { ...object, metadata }
}
