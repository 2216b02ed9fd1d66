/** Resources inside of custom resources (x-kubernetes-embedded-resource; apiextensions-apiserver/pkg/apiserver/schema/objectmeta/validation.go). */
import { dns1035Label } from '../../k8s/names.ts'
import type { Fields } from '../../k8s/object.ts'
import { isFields } from '../../k8s/podspec.ts'
import { invalid, required, root, type FieldError, type Path } from '../field.ts'
import { commonMetadataErrors } from '../metadata.ts'
import { pathSegmentName } from '../name-rule.ts'
import { itemsOf, propertyOf, valuesOf, type Schema } from './definition.ts'

export function embeddedErrors(value: unknown, schema: Schema | undefined, path: Path = root): FieldError[] {
  if (!schema) return []
  if (Array.isArray(value)) return value.flatMap((item, index) => embeddedErrors(item, itemsOf(schema), path.index(index)))
  if (!isFields(value)) return []
  const inner = Object.keys(value).flatMap((key) => {
    const property = propertyOf(schema, key)
    return property ? embeddedErrors(value[key], property, path.child(key)) : embeddedErrors(value[key], valuesOf(schema), path.key(key))
  })
  return schema['x-kubernetes-embedded-resource'] === true ? [...resourceErrors(value, path), ...inner] : inner
}

/** Coercion has made texts of apiVersion and kind and has read the metadata. */
function resourceErrors(value: Fields, path: Path): FieldError[] {
  const errors: FieldError[] = []
  const { apiVersion, kind, metadata } = value as { apiVersion?: string; kind?: string; metadata?: Fields }
  if (!apiVersion) errors.push(required(path.child('apiVersion')))
  else if (apiVersion.split('/').length > 2) errors.push(invalid(path.child('apiVersion'), apiVersion, `unexpected GroupVersion string: ${apiVersion}`))
  const faults = dns1035Label((kind ?? '').toLowerCase())
  if (!kind) errors.push(required(path.child('kind')))
  else if (faults.length > 0) errors.push(invalid(path.child('kind'), kind, `may have mixed case, but should otherwise match: ${faults.join(',')}`))
  if (metadata) errors.push(...commonMetadataErrors({ ...metadata, name: metadata['name'] || 'fakename' }, Boolean(metadata['namespace']), pathSegmentName, path.child('metadata')))
  return errors
}
