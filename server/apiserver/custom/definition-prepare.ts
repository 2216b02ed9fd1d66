/** What the server adds to a CustomResourceDefinition before it judges it (apiextensions-apiserver: apis/apiextensions/v1/defaults.go; pkg/registry/customresourcedefinition/strategy.go). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { isFields } from '../../k8s/podspec.ts'

export function defaultDefinition(object: K8sObject): K8sObject {
  const spec: Fields = isFields(object['spec']) ? object['spec'] : {}
  const names: Fields = isFields(spec['names']) ? spec['names'] : {}
  const kind = String(names['kind'] ?? '')
  return {
    ...object,
    spec: {
      ...spec,
      names: { ...names, ...(names['singular'] ? {} : kind ? { singular: kind.toLowerCase() } : {}), ...(!names['listKind'] && kind ? { listKind: `${kind}List` } : {}) },
      conversion: isFields(spec['conversion']) ? withPort(spec['conversion']) : { strategy: 'None' },
    },
  }
}

function withPort(conversion: Fields): Fields {
  const client: unknown = conversion['webhook']?.clientConfig
  if (!isFields(client) || !isFields(client['service']) || client['service'].port !== undefined) return conversion
  return { ...conversion, webhook: { ...(conversion['webhook'] as Fields), clientConfig: { ...client, service: { ...client['service'], port: 443 } } } }
}

/** A new definition has stored nothing but what it will store. */
export function prepareDefinition(object: K8sObject): K8sObject {
  return { ...object, status: { storedVersions: storageVersions(object).slice(0, 1) } }
}

/** A definition that changes keeps its status, with the version it stores from now on. */
export function prepareDefinitionUpdate(object: K8sObject, old: K8sObject): K8sObject {
  const status: Fields = isFields(old['status']) ? old['status'] : {}
  const stored = (status['storedVersions'] ?? storageVersions(old).slice(0, 1)) as string[]
  const added = storageVersions(object).slice(0, 1).filter((name) => !stored.includes(name))
  return { ...object, status: { ...status, storedVersions: [...stored, ...added] } }
}

function storageVersions(object: K8sObject): string[] {
  const versions: unknown = (object['spec'] as Fields)['versions']
  return Array.isArray(versions) ? (versions as Fields[]).flatMap(({ storage, name }) => (storage === true ? [String(name ?? '')] : [])) : []
}
