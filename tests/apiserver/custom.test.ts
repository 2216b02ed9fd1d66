import { describe, expect, it, test } from 'vitest'
import { admit, CustomKinds } from '../../server/apiserver/index.ts'
import { escapedName } from '../../server/apiserver/custom/rules.ts'
import { check } from '../../server/checker/index.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'

/** A definition of `GameRoom` in game.example/v1 with the schema of its spec. */
function definition(spec: Fields, rest: Fields = {}, root: Fields = {}): K8sObject {
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', ...spec }, status: { type: 'object', properties: { phase: { type: 'string' } } } }, ...root } }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gamerooms.game.example' },
    spec: { group: 'game.example', scope: 'Namespaced', names: { plural: 'gamerooms', kind: 'GameRoom' }, versions: [{ name: 'v1', served: true, storage: true, schema, ...rest }] },
  }
}

const room = (spec: unknown, more: Fields = {}): K8sObject => ({ apiVersion: 'game.example/v1', kind: 'GameRoom', metadata: { name: 'a' }, ...(spec === undefined ? {} : { spec }), ...more }) as K8sObject

/** Path and message of each error, of one property `x` with this schema and value. */
function errorsOf(schema: Fields, value: unknown): string[] {
  const custom = new CustomKinds([definition({ properties: { x: schema } })])
  return admit(room({ x: value }), { custom }).errors.map(({ path, message }) => `${path}: ${message}`)
}

describe('values', () => {
  test.each<[string, Fields, unknown, string[]]>([
    ['type', { type: 'integer' }, 'three', ['spec.x: Invalid value: "string": spec.x in body must be of type integer: "string"']],
    ['a fraction', { type: 'integer' }, 1.5, ['spec.x: Invalid value: "number": spec.x in body must be of type integer: "number"']],
    ['a whole number', { type: 'number' }, 3, []],
    ['boolean', { type: 'boolean' }, 'true', ['spec.x: Invalid value: "string": spec.x in body must be of type boolean: "string"']],
    ['format and type', { type: 'integer', format: 'int32' }, true, ['spec.x: Invalid value: "": spec.x in body must be of type int32: ""']],
    ['int or string', { 'x-kubernetes-int-or-string': true }, true, ['spec.x: Invalid value: "boolean": spec.x in body must be of type integer,string: "boolean"']],
    ['int or string, a text', { 'x-kubernetes-int-or-string': true }, '50%', []],
    ['maximum', { type: 'integer', minimum: 1, maximum: 10 }, 15, ['spec.x: Invalid value: 15: spec.x in body should be less than or equal to 10']],
    ['minimum', { type: 'integer', minimum: 1, exclusiveMinimum: true }, 1, ['spec.x: Invalid value: 1: spec.x in body should be greater than 1']],
    ['multiple', { type: 'integer', multipleOf: 5 }, 12, ['spec.x: Invalid value: 12: spec.x in body should be a multiple of 5']],
    ['pattern', { type: 'string', pattern: String.raw`^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$` }, '* * * *', [String.raw`spec.x: Invalid value: "* * * *": spec.x in body should match '^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$'`]],
    ['enum', { type: 'string', enum: ['red', 'blue'] }, 'green', ['spec.x: Unsupported value: "green": supported values: "red", "blue"']],
    ['longest', { type: 'string', maxLength: 3 }, 'abcd', ['spec.x: Too long: may not be more than 3 bytes']],
    ['shortest', { type: 'string', minLength: 3 }, 'ab', ['spec.x: Invalid value: "ab": spec.x in body should be at least 3 chars long']],
    ['most items', { type: 'array', maxItems: 1, items: { type: 'string' } }, ['a', 'b'], ['spec.x: Too many: 2: must have at most 1 items']],
    ['fewest items', { type: 'array', minItems: 1, items: { type: 'string' } }, [], ['spec.x: Invalid value: 0: spec.x in body should have at least 1 items']],
    ['an item', { type: 'array', items: { type: 'object', properties: { n: { type: 'integer' } } } }, [{ n: 1 }, { n: 'b' }], ['spec.x[1].n: Invalid value: "string": spec.x[1].n in body must be of type integer: "string"']],
    ['a value of a map', { type: 'object', additionalProperties: { type: 'string' } }, { a: 'b', c: 1 }, ['spec.x.c: Invalid value: "integer": spec.x.c in body must be of type string: "integer"']],
    ['required', { type: 'object', required: ['a', 'b'], properties: { a: { type: 'string' }, b: { type: 'string' } } }, { a: '' }, ['spec.x.b: Required value']],
    ['time', { type: 'string', format: 'date-time' }, 'yesterday', ['spec.x: Invalid value: "yesterday": spec.x in body must be of type date-time: "yesterday"']],
    ['set', { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } }, ['a', 'b', 'a'], ['spec.x[2]: Duplicate value: "a"']],
    ['map list', { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: { type: 'object', properties: { name: { type: 'string' } } } }, [{ name: 'a' }, { name: 'a' }], ['spec.x[1]: Duplicate value: {"name":"a"}']],
    ['oneOf', { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } }, oneOf: [{ required: ['a'] }, { required: ['b'] }] }, { a: '1', b: '2' }, ['<nil>: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found 2 valid alternatives']],
    ['anyOf', { type: 'object', properties: { a: { type: 'string' } }, anyOf: [{ required: ['a'] }] }, {}, ['<nil>: Invalid value: "": "spec.x" must validate at least one schema (anyOf)', 'spec.x.a: Required value']],
    ['not', { type: 'string', not: { enum: ['root'] } }, 'root', ['<nil>: Invalid value: "": "spec.x" must not validate the schema (not)']],
    ['null for a nullable', { type: 'string', nullable: true }, null, []],
    ['null goes where it is not allowed', { type: 'string' }, null, []],
  ])('%s', (_name, schema, value, expected) => expect(errorsOf(schema, value)).toEqual(expected))
})

describe('decoding', () => {
  it('reports unknown fields by strict decoding and keeps what is preserved', () => {
    const custom = new CustomKinds([definition({ properties: { map: { type: 'string' }, tags: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, list: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } } } })])
    const verdict = admit(room({ map: 'm', mapp: 1, tags: { any: { thing: 1 } }, list: [{ a: '1', b: '2' }] }, { metadata: { name: 'a', lables: {} } }), { custom })
    expect(verdict.stage).toBe('strict')
    expect(verdict.errors.map(({ message }) => message).sort()).toEqual(['unknown field "metadata.lables"', 'unknown field "spec.list[0].b"', 'unknown field "spec.mapp"'])
    expect(verdict.object['spec']).toEqual({ map: 'm', tags: { any: { thing: 1 } }, list: [{ a: '1' }] })
  })

  it('sets defaults, also inside lists and for nulls, and drops the status that only the controller writes', () => {
    const custom = new CustomKinds([definition({ default: {}, properties: { players: { type: 'integer', default: 8 }, modes: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' }, weight: { type: 'integer', default: 1 } } } } } }, { subresources: { status: {} } })])
    expect(admit(room(undefined), { custom }).object['spec']).toEqual({ players: 8 })
    const { object, stage } = admit(room({ players: null, modes: [{ name: 'duel' }] }, { status: { phase: 5 } }), { custom })
    expect(stage).toBe('ok')
    expect(object).toMatchObject({ metadata: { name: 'a', namespace: 'default' }, spec: { players: 8, modes: [{ name: 'duel', weight: 1 }] } })
    expect(object).not.toHaveProperty('status')
  })

  it('checks metadata as of every object, by type and by rule', () => {
    const custom = new CustomKinds([definition({})])
    expect(admit(room({}, { metadata: { name: 'A_b' } }), { custom }).errors[0]).toMatchObject({ path: 'metadata.name' })
    expect(admit(room({}, { metadata: { name: 'a', labels: { a: 1 } } }), { custom }).stage).toBe('decode')
  })

  it('leaves kinds and versions alone that no definition serves', () => {
    const custom = new CustomKinds([definition({})])
    expect(admit({ ...room({}), apiVersion: 'game.example/v2' }, { custom }).stage).toBe('unknown')
    expect(admit(room({}), { custom: new CustomKinds([definition({}, { served: false })]) }).stage).toBe('unknown')
  })
})

describe('rules in CEL', () => {
  const spec = {
    properties: {
      min: { type: 'integer' },
      max: { type: 'integer' },
      ratio: { type: 'number' },
      'max-players': { type: 'integer' },
      wait: { type: 'string', format: 'duration' },
      labels: { type: 'object', additionalProperties: { type: 'string', 'x-kubernetes-validations': [{ rule: "self.startsWith('g-')", message: 'must start with g-' }] } },
      region: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'is immutable' }] },
    },
  }
  const judged = (rules: Fields[], value: Fields, old?: Fields, root: Fields = {}): string[] => {
    const custom = new CustomKinds([definition({ ...spec, 'x-kubernetes-validations': rules }, {}, root)])
    const before = old && { ...room(old), metadata: { name: 'a', namespace: 'default', resourceVersion: '1', uid: 'u' } }
    return admit({ ...room(value), metadata: { name: 'a', namespace: 'default', ...(old ? { resourceVersion: '1' } : {}) } } as K8sObject, { custom, ...(before ? { old: before as K8sObject } : {}) }).errors.map(({ path, message }) => `${path}: ${message}`)
  }

  test.each<[string, Fields[], Fields, string[]]>([
    ['holds', [{ rule: 'self.min <= self.max' }], { min: 1, max: 2 }, []],
    ['fails, without a message', [{ rule: ' self.min <= self.max ' }], { min: 3, max: 2 }, ['spec: Invalid value: failed rule: self.min <= self.max']],
    ['message and field', [{ rule: 'self.min <= self.max', message: 'min is above max', fieldPath: '.min' }], { min: 3, max: 2 }, ['spec.min: Invalid value: min is above max']],
    ['messageExpression', [{ rule: 'self.min <= self.max', messageExpression: "'%d > %d'.format([self.min, self.max])" }], { min: 3, max: 2 }, ['spec: Invalid value: 3 > 2']],
    ['messageExpression that fails', [{ rule: 'self.min <= self.max', message: 'wrong order', messageExpression: 'self.nothing' }], { min: 3, max: 2 }, ['spec: Invalid value: wrong order']],
    ['reason', [{ rule: 'has(self.ratio)', reason: 'FieldValueRequired', message: 'ratio is needed', fieldPath: '.ratio' }], { min: 1 }, ['spec.ratio: Required value: ratio is needed']],
    ['numbers are doubles', [{ rule: 'self.ratio <= 1.0' }], { ratio: 1 }, []],
    ['names that are no identifiers', [{ rule: 'self.max__dash__players <= 10' }], { 'max-players': 20 }, ['spec: Invalid value: failed rule: self.max__dash__players <= 10']],
    ['durations', [{ rule: "self.wait < duration('1m')", message: 'too long' }], { wait: '90s' }, ['spec: Invalid value: too long']],
    ['a missing field', [{ rule: 'self.min > 0' }], {}, ['spec: Invalid value: no such key: min evaluating rule: self.min > 0']],
    ['values of a map', [], { labels: { a: 'g-1', b: 'x' } }, ['spec.labels[b]: Invalid value: "x": must start with g-']],
    ['transitions are not asked on create', [], { region: 'eu' }, []],
    ['endless work', [{ rule: "self.labels.all(a, self.labels.all(b, self.labels.all(c, self.labels.all(d, a + b + c + d != ''))))" }], { labels: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, 'g-'])) }, ["spec: Invalid value: 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: self.labels.all(a, self.labels.all(b, self.labels.all(c, self.labels.all(d, a + b + c + d != ''))))"]],
  ])('%s', (_name, rules, value, expected) => expect(judged(rules, value)).toEqual(expected))

  it('are not asked of an object of another shape', () => {
    expect(judged([{ rule: 'self.min > 0' }], { min: 'one' })).toEqual(['spec.min: Invalid value: "string": spec.min in body must be of type integer: "string"', '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation'])
  })

  it('compare with the object before on updates', () => {
    expect(judged([], { region: 'us' }, { region: 'eu' })).toEqual(['spec.region: Invalid value: "us": is immutable'])
    expect(judged([], { region: 'eu' }, { region: 'eu' })).toEqual([])
  })

  it('see name and nothing else of the metadata', () => {
    const root = { 'x-kubernetes-validations': [{ rule: "self.metadata.name.startsWith('room-') && !has(self.metadata.namespace)", message: 'name it room-…' }] }
    expect(judged([], {}, undefined, root)).toEqual(['<nil>: Invalid value: name it room-…'])
  })

  test.each([['namespace', '__namespace__'], ['a.b', 'a__dot__b'], ['a__b-c/d', 'a__underscores__b__dash__c__slash__d'], ['plain', 'plain']])('%s is written %s', (name, written) => expect(escapedName(name)).toBe(written))
})

describe('check', () => {
  const crd = 'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: services.game.example }\nspec:\n  group: game.example\n  scope: Namespaced\n  names: { plural: services, kind: Service, listKind: ServiceList, singular: service }\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { players: { type: integer, maximum: 10 }, selector: { type: object, additionalProperties: { type: string } } } } } } }\n'
  const custom = 'apiVersion: game.example/v1\nkind: Service\nmetadata: { name: a, namespace: game }\nspec:\n  selector: { app: nowhere }\n  players: 12\n'

  it('judges custom resources by a definition in any of the inputs, with positions', () => {
    const report = check([{ file: 'a.yaml', text: custom }, { file: 'crd.yaml', text: crd }])
    expect(report.documents[0]).toMatchObject({ verdict: 'rejected', stage: 'invalid', errors: [{ path: 'spec.players', message: 'Invalid value: 12: spec.players in body should be less than or equal to 10', range: { start: { line: 6, column: 12 } } }] })
    expect(report.documents[1]!.verdict).toBe('accepted')
  })

  it('says unknown without one, and lets no rule about built-in kinds look at a namesake', () => {
    expect(check([{ file: 'a.yaml', text: custom }]).documents[0]!.verdict).toBe('unknown')
    const report = check([{ file: 'a.yaml', text: custom.replace('12', '2') }, { file: 'crd.yaml', text: crd }], { closed: true })
    expect(report.documents[0]).toMatchObject({ verdict: 'accepted', findings: [], custom: true })
  })
})
