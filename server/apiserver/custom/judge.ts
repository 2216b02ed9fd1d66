/** What the API server says to a custom resource whose definition is known (apiextensions-apiserver: customresource_handler.go, pkg/registry/customresource/strategy.go). */
import { schemasOf } from '../../k8s/schemas/schema.ts'
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { isFields } from '../../k8s/podspec.ts'
import { decode, plainValue } from '../decode.ts'
import { duplicate, root, type FieldError, type Path } from '../field.ts'
import { commonMetadataErrors, isSame, metadataUpdateErrors } from '../metadata.ts'
import { subdomainName } from '../name-rule.ts'
import type { CustomKind, Schema } from './definition.ts'
import { itemsOf, propertyNames, propertyOf, valuesOf } from './definition.ts'
import { prune, setDefaults } from './decode.ts'
import { definitionErrors, definitionWarnings } from './definition-errors.ts'
import { ruleErrors } from './rules.ts'
import { schemaErrors } from './schema.ts'

/** `unknown` are the fields that strict decoding refuses; `typeError` is about metadata, whose type is known. */
export type CustomVerdict = { object: K8sObject; typeError?: FieldError; unknown: FieldError[]; errors: FieldError[] }

/** The whole judge, as it is handed to custom/index.ts. */
export const judge = { custom: judgeCustom, definition: definitionErrors, definitionWarnings }

/** Judges a create, or with `old` an update. Never changes what it is given. */
function judgeCustom(sent: Readonly<Record<string, unknown>>, kind: CustomKind, old?: K8sObject): CustomVerdict {
  const plain = plainValue(sent) as Fields
  const { object, unknown } = prune(plain, kind.schema)
  const metadata = decodeMetadata(plain['metadata'])
  setDefaults(object, kind.schema)
  const whole = { ...object, metadata: inNamespace(metadata.object, kind.namespaced) } as K8sObject
  if (kind.hasStatus) delete whole['status']
  const fields = [...metadata.unknown, ...unknown]
  if (metadata.typeError) return { object: whole, typeError: metadata.typeError, unknown: fields, errors: [] }
  const path = root.child('metadata')
  const errors = [
    ...(old ? metadataUpdateErrors(whole, old, path) : commonMetadataErrors(whole.metadata, kind.namespaced, subdomainName, path)),
    ...schemaErrors(whole, kind.schema),
    ...listErrors(whole, kind.schema, root),
  ]
  errors.push(...(errors.some(isBlocking) ? (hasRules(kind.schema) ? [blocked] : []) : ruleErrors(whole, old, kind.schema)))
  return { object: whole, unknown: fields, errors }
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

function hasRules(schema: Schema): boolean {
  if (Array.isArray(schema['x-kubernetes-validations']) && schema['x-kubernetes-validations'].length > 0) return true
  const inner = [...propertyNames(schema).map((name) => propertyOf(schema, name)!), valuesOf(schema), itemsOf(schema)]
  return inner.some((part) => part !== undefined && hasRules(part))
}

function decodeMetadata(value: unknown): { object: Fields; typeError?: FieldError; unknown: FieldError[] } {
  const type = schemasOf('1.36').typeOf('V1ObjectMeta')
  const decoded = decode({ metadata: value ?? {} }, { name: 'CustomResource', package: 'v1', model: '', fields: new Map([['metadata', { is: 'object', type }]]) })
  const { metadata } = decoded.object
  return { object: isFields(metadata) ? metadata : {}, unknown: decoded.unknown, ...(decoded.typeError ? { typeError: decoded.typeError } : {}) }
}

function inNamespace(metadata: Fields, namespaced: boolean): Fields {
  if (namespaced) return metadata['namespace'] ? metadata : { ...metadata, namespace: 'default' }
  const { namespace: _, ...rest } = metadata
  return rest
}

/** Items of lists that are sets or maps differ (schema/listtype/validation.go). */
function listErrors(value: unknown, schema: Schema | undefined, path: Path): FieldError[] {
  if (!schema) return []
  if (Array.isArray(value)) return [...repeated(value, schema, path), ...value.flatMap((item, index) => listErrors(item, itemsOf(schema), path.index(index)))]
  if (!isFields(value)) return []
  const values = valuesOf(schema)
  return Object.keys(value).flatMap((key) => {
    const property = propertyOf(schema, key)
    return property ? listErrors(value[key], property, path.child(key)) : listErrors(value[key], values, path.key(key))
  })
}

function repeated(list: readonly unknown[], schema: Schema, path: Path): FieldError[] {
  const type: unknown = schema['x-kubernetes-list-type']
  const names = schema['x-kubernetes-list-map-keys'] as string[] | undefined
  if (type !== 'set' && !(type === 'map' && Array.isArray(names))) return []
  const seen: unknown[] = []
  return list.flatMap((item, index) => {
    const key = type === 'set' ? item : Object.fromEntries(names!.flatMap((name) => (isFields(item) && Object.hasOwn(item, name) ? [[name, item[name] as unknown]] : [])))
    if (seen.some((other) => isSame(other, key))) return [duplicate(path.index(index), key)]
    seen.push(key)
    return []
  })
}
