import { describe, expect, it, test } from 'vitest'
import { admit } from '../../server/apiserver/index.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'

type Change = { spec?: Fields; names?: Fields; version?: Fields; versions?: Fields[]; metadata?: Fields }

const text = { type: 'string' }
const withSchema = (openAPIV3Schema: Fields): Fields => ({ schema: { openAPIV3Schema } })
const ofSpec = (spec: Fields): Fields => withSchema({ type: 'object', properties: { spec } })

/** A good definition of Garden but for the change. */
function garden({ spec = {}, names = {}, version = {}, versions, metadata = {} }: Change): K8sObject {
  const only = { name: 'v1', served: true, storage: true, ...ofSpec({ type: 'object', properties: { beds: { type: 'integer' }, soil: text } }), ...version }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gardens.green.example', ...metadata },
    spec: { group: 'green.example', scope: 'Namespaced', names: { plural: 'gardens', kind: 'Garden', ...names }, versions: versions ?? [only], ...spec },
  }
}

const errorsOf = (change: Change, old?: Change): string[] => admit(garden(change), old ? { old: admit(garden(old)).object } : {}).errors.map(({ path, message }) => `${path}: ${message}`)

describe('a definition', () => {
  it('has names, a conversion and a stored version by default', () => {
    const { stage, object } = admit(garden({}))
    expect(stage).toBe('ok')
    expect((object['spec'] as Fields).names).toEqual({ plural: 'gardens', kind: 'Garden', singular: 'garden', listKind: 'GardenList' })
    expect((object['spec'] as Fields).conversion).toEqual({ strategy: 'None' })
    expect(object['status']).toEqual({ storedVersions: ['v1'] })
  })

  test.each<[string, Change, string[]]>([
    ['its name', { metadata: { name: 'garden.green.example' } }, [`metadata.name: Invalid value: "garden.green.example": must be spec.names.plural+"."+spec.group`]],
    ['a group without a dot', { spec: { group: 'green' }, metadata: { name: 'gardens.green' } }, ['spec.group: Invalid value: "green": should be a domain with at least one dot']],
    ['scope', { spec: { scope: 'Everywhere' } }, ['spec.scope: Unsupported value: "Everywhere": supported values: "Cluster", "Namespaced"']],
    ['no storage', { version: { storage: false } }, ['spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must have exactly one version marked as storage version', 'status.storedVersions: Invalid value: []: must have at least one stored version']],
    ['no schema', { version: { schema: undefined } }, ['spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required']],
    ['kind and list alike', { names: { listKind: 'Garden' } }, ['spec.names.listKind: Invalid value: "Garden": kind and listKind may not be the same']],
    ['a short name', { names: { shortNames: ['g', 'G'] } }, [`spec.names.shortNames[1]: Invalid value: "G": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`]],
    ['old preservation', { spec: { preserveUnknownFields: true } }, ['spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead']],
    ['a deprecation without being deprecated', { version: { deprecationWarning: 'old' } }, ['spec.versions[0].deprecationWarning: Invalid value: "old": can only be set for deprecated versions']],
    ['scale', { version: { subresources: { scale: { specReplicasPath: '.replicas', statusReplicasPath: '.status.beds' } } } }, ['spec.subresources.scale.specReplicasPath: Invalid value: ".replicas": should be a json path under .spec']],
    ['a column', { version: { additionalPrinterColumns: [{ name: 'Beds', type: 'int', jsonPath: '.spec.beds' }] } }, ['spec.additionalPrinterColumns[0].type: Invalid value: "int": must be one of boolean,date,integer,number,string']],
    ['a selectable field', { version: { selectableFields: [{ jsonPath: '.spec.soil' }, { jsonPath: '.spec.worms' }] } }, ['spec.selectableFields[1].jsonPath: Invalid value: ".spec.worms": is an invalid path: does not refer to a valid field']],
    ['conversion without a webhook', { spec: { conversion: { strategy: 'Webhook' } } }, ['spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook', 'spec.conversion.conversionReviewVersions: Required value']],
    ['a protected group', { spec: { group: 'green.k8s.io' }, metadata: { name: 'gardens.green.k8s.io' } }, ['metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111']],
  ])('%s', (_, change, errors) => {
    expect(errorsOf(change)).toEqual(errors)
  })

  it('keeps its group, and its versions may change', () => {
    expect(errorsOf({ spec: { group: 'red.example' } }, {})).toEqual(['spec.group: Invalid value: "red.example": field is immutable'])
    const next = [{ ...garden({})['spec'].versions[0], storage: false }, { name: 'v2', served: true, storage: true, ...ofSpec({ type: 'object' }) }]
    expect(admit(garden({ versions: next }), { old: admit(garden({})).object }).object['status']).toEqual({ storedVersions: ['v1', 'v2'] })
  })
})

describe('the schema of a definition', () => {
  const at = 'spec.validation.openAPIV3Schema'
  const property = `${at}.properties[spec]`
  test.each<[string, Fields, string[]]>([
    ['no type at the root', withSchema({ properties: {} }), [`${at}.type: Required value: must not be empty at the root`]],
    ['no type of a field', ofSpec({}), [`${property}.type: Required value: must not be empty for specified object fields`]],
    ['no items', ofSpec({ type: 'array' }), [`${property}.items: Required value: must be specified`]],
    ['a type in an alternative', ofSpec({ type: 'object', anyOf: [{ type: 'object' }] }), [`${property}.anyOf[0].type: Forbidden: must be empty to be structural`]],
    ['an alternative about nothing', withSchema({ type: 'object', anyOf: [{ properties: { a: { minimum: 1 } } }] }), [`${at}.properties[a]: Required value: because it is defined in ${at}.anyOf[0].properties[a]`]],
    ['an unknown type', ofSpec({ type: 'text' }), [`${property}.type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"`]],
    ['a default of another type', ofSpec({ type: 'object', properties: { beds: { type: 'integer', default: 'two' } } }), [`${property}.properties[beds].default: Invalid value: "string":  in body must be of type integer: "string"`]],
    ['unique items', ofSpec({ type: 'array', items: text, uniqueItems: true }), [`${property}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`]],
    ['a list without keys', ofSpec({ type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' }), [`${property}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`]],
    ['an empty rule', ofSpec({ type: 'object', 'x-kubernetes-validations': [{ rule: ' ' }] }), [`${property}.x-kubernetes-validations[0].rule: Required value: rule is not specified`]],
    [
      'a rule about no field',
      ofSpec({ type: 'object', properties: { beds: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.bed > 0' }] }),
      [`${property}.x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.bed \\u003e 0","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:5: undefined field 'bed'\n | self.bed > 0\n | ....^`],
    ],
    ['a rule of another type', ofSpec({ type: 'object', properties: { beds: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.beds' }] }), [`${property}.x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.beds","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: cel expression must evaluate to a bool`]],
    ['a transition of list items', ofSpec({ type: 'array', maxItems: 3, items: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }] } }), [`${property}.items.x-kubernetes-validations[0].rule: Invalid value: "self >= oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${property}`]],
    ['good rules', ofSpec({ type: 'object', properties: { beds: { type: 'integer' }, tags: { type: 'array', items: text, maxItems: 4 }, 'soil-kind': text, since: { type: 'string', format: 'date-time' } }, 'x-kubernetes-validations': [{ rule: "self.beds > 1 && has(self.tags) && self.tags.all(t, t.startsWith('a')) && self.soil__dash__kind != ''" }, { rule: 'self.beds >= oldSelf.beds', messageExpression: "'no more than ' + string(self.beds)" }] }), []],
  ])('%s', (_, version, errors) => {
    expect(errorsOf({ version })).toEqual(errors)
  })

  it('may hold schemas that are none', () => {
    const inner = ofSpec({ type: 'array', items: { type: 'object', properties: { a: 5 } } })
    expect(errorsOf({ version: inner })).toEqual(['spec.versions[0].schema.openAPIV3Schema.properties.spec.items.properties.a: json: cannot unmarshal number into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.properties.items of type v1.JSONSchemaProps'])
    expect(admit(garden({ version: inner })).stage).toBe('decode')
    expect(errorsOf({ version: ofSpec({ type: 'object', additionalProperties: 3 }) })).toEqual([expect.stringMatching(/additionalProperties: boolean or JSON schema expected$/)])
    expect(errorsOf({ version: ofSpec({ type: 'array', items: { type: 'string', 'x-kubernetes-validations': [null], definitions: null } }) })).toEqual([expect.stringContaining('rule is not specified')])
  })

  it('warns of formats that nothing checks', () => {
    expect(admit(garden({ version: ofSpec({ type: 'object', properties: { soil: { type: 'string', format: 'mud' } } }) })).warnings).toEqual(['unrecognized format "mud"'])
    expect(admit(garden({ version: ofSpec({ type: 'object', properties: { beds: { type: 'integer', format: 'int32' }, share: { type: 'number', format: 'double' }, trees: { type: 'integer', format: 'date' } } }) })).warnings).toEqual(['unrecognized format "date"'])
  })
})
