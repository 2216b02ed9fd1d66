/** What the API server says to a custom resource whose definition is known (apiextensions-apiserver: customresource_handler.go, pkg/registry/customresource/strategy.go, validator.go). */
import { quote } from '../../k8s/go-text.ts'
import { qualifiedName } from '../../k8s/names.ts'
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { plainValue } from '../decode.ts'
import { root, type FieldError } from '../field.ts'
import { commonMetadataErrors, metadataUpdateErrors, standardFinalizers } from '../metadata.ts'
import { subdomainName } from '../name-rule.ts'
import { coerceEmbedded, decodeMetadata, prune, setDefaults, type Found } from './decode.ts'
import { definitionErrors, definitionWarnings } from './definition-errors.ts'
import type { CustomKind } from './definition.ts'
import { embeddedErrors } from './embedded.ts'
import { listErrors } from './list-types.ts'
import { nestedFault } from './nested-schemas.ts'
import { hasRules, ruleErrors } from './rules.ts'
import { scaleErrors } from './scale.ts'
import { schemaErrors } from './schema.ts'

/** `unknown` are the fields that strict decoding refuses; `typeError` is about metadata and resources inside, whose types are known. */
export type CustomVerdict = { object: K8sObject; typeError?: FieldError; unknown: FieldError[]; errors: FieldError[]; warnings: string[] }

/** The whole judge, as it is handed to custom/index.ts. */
export const judge = { custom: judgeCustom, definition: definitionErrors, definitionFault: nestedFault, definitionWarnings }

/** Judges a create, or with `old` an update. Never changes what it is given. */
function judgeCustom(sent: Readonly<Record<string, unknown>>, kind: CustomKind, old?: K8sObject): CustomVerdict {
  const plain = plainValue(sent) as Fields
  const { object, unknown } = prune(plain, kind.schema)
  const { metadata, ...read } = decodeMetadata(plain['metadata'], ['metadata'])
  const found: Found = { unknown: [...read.unknown, ...unknown], ...(read.typeError ? { typeError: read.typeError } : {}) }
  coerceEmbedded(object, kind.schema, root, found)
  setDefaults(object, kind.schema)
  const whole = { ...object, metadata: inNamespace(metadata, kind.namespaced) } as K8sObject
  if (kind.hasStatus) {
    delete whole['status']
    if (old?.['status'] !== undefined) whole['status'] = old['status'] as unknown
  }
  if (found.typeError) return { object: whole, typeError: found.typeError, unknown: found.unknown, errors: [], warnings: [] }
  const path = root.child('metadata')
  const errors = [
    ...(old ? metadataUpdateErrors(whole, old, path) : commonMetadataErrors(whole.metadata, kind.namespaced, subdomainName, path)),
    ...schemaErrors(whole, kind.schema, old),
    ...scaleErrors(whole, kind.scale),
    ...embeddedErrors(whole, kind.schema),
    ...(old && listErrors(old, kind.schema).length > 0 ? [] : listErrors(whole, kind.schema)),
  ]
  const warnings: string[] = []
  if (hasRules(kind.schema)) errors.push(...(errors.some(isBlocking) ? [blocked] : ruleErrors(whole, old, kind.schema, warnings)))
  if (errors.length === 0) warnings.push(...finalizerWarnings(whole, old))
  return { object: whole, unknown: found.unknown, errors, warnings }
}

/** Only about finalizers that are new. */
function finalizerWarnings({ metadata }: K8sObject, old: K8sObject | undefined): string[] {
  const fresh = [...new Set(metadata.finalizers ?? [])].filter((finalizer) => !(old?.metadata.finalizers ?? []).includes(finalizer)).sort()
  return fresh.flatMap((finalizer) => {
    const say = (text: string): string => `metadata.finalizers: ${quote(finalizer)}: ${text}`
    const isPlain = !finalizer.includes('/') && !standardFinalizers.includes(finalizer)
    return [...qualifiedName(finalizer).map(say), ...(isPlain ? [say('prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers')] : [])]
  })
}

/** Rules are not asked of an object that has not the shape they were written for (hasBlockingErr). */
function isBlocking({ type }: FieldError): boolean {
  return type === 'notSupported' || type === 'required' || type === 'tooLong' || type === 'tooMany' || type === 'typeInvalid'
}

const blocked: FieldError = {
  type: 'invalid',
  path: '<nil>',
  message: 'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  segments: [],
}

function inNamespace(metadata: Fields, namespaced: boolean): Fields {
  if (namespaced) return metadata['namespace'] ? metadata : { ...metadata, namespace: 'default' }
  const { namespace: _, ...rest } = metadata
  return rest
}
