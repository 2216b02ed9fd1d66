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
    ['a format for another type is forgotten', { type: 'integer', format: 'date' }, 'x', ['spec.x: Invalid value: "string": spec.x in body must be of type integer: "string"']],
    ['a format that is unknown', { type: 'string', format: 'mud' }, 'x', []],
    ['a format that is unknown, and no text', { type: 'string', format: 'mud' }, [1], ['spec.x: Invalid value: "array": spec.x in body must be of type string: "array"']],
    ['whole numbers and the fraction of a limit', { type: 'number', minimum: 0.5, maximum: 2.5 }, 0, []],
    ['the whole part of a limit', { type: 'number', maximum: 2.5, exclusiveMaximum: true }, 2, ['spec.x: Invalid value: 2: spec.x in body should be less than 2']],
    ['a small limit', { type: 'number', minimum: 0.00002 }, 0.00001, ['spec.x: Invalid value: 0.00001: spec.x in body should be greater than or equal to 2e-05']],
    ['a multiple of a fraction', { type: 'number', multipleOf: 0.1 }, 1.1, []],
    ['no multiple of a fraction', { type: 'number', multipleOf: 0.5 }, 1.2, ['spec.x: Invalid value: 1.2: spec.x in body should be a multiple of 0.5']],
    ['length in code points', { type: 'string', maxLength: 2, minLength: 2 }, '\u{1F389}é', []],
    ['fewest fields', { type: 'object', minProperties: 2, additionalProperties: { type: 'string' } }, { a: 'b' }, ['spec.x: Invalid value: 1: spec.x in body should have at least 2 properties']],
    ['most fields', { type: 'object', maxProperties: 1, additionalProperties: { type: 'string' } }, { a: 'b', c: 'd' }, ['spec.x: Too many: 2: must have at most 1 items']],
    ['an object of an enum', { enum: ['a', { b: 1 }], 'x-kubernetes-preserve-unknown-fields': true }, 'c', ['spec.x: Unsupported value: "c": supported values: "a", "{\\"b\\":1}"']],
    ['three of a set', { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'integer' } }, [1, 1, 1], ['spec.x[1]: Duplicate value: 1']],
    ['no object in a map list', { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: { type: 'object', properties: { name: { type: 'string' } } } }, ['a'], ['spec.x[0]: Invalid value: "string": spec.x[0] in body must be of type object: "string"', 'spec.x[0]: Invalid value: "a": must be an object for an array of list-type map']],
    ['of several alternatives the one that fits best', { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } }, anyOf: [{ required: ['c'] }, { properties: { a: { minimum: 5 } } }] }, { a: 1 }, ['<nil>: Invalid value: "": "spec.x" must validate at least one schema (anyOf)', 'spec.x.a: Invalid value: 1: spec.x.a in body should be greater than or equal to 5']],
    ['a null in a list', { type: 'array', items: { type: 'string' } }, [null], ['spec.x[0]: Invalid value: "null": spec.x[0] in body must be of type string: "null"']],
    ['a null in a list with a default', { type: 'array', items: { type: 'string', default: 'a' } }, [null], []],
    ['anything', { 'x-kubernetes-preserve-unknown-fields': true }, [{ a: [{ b: 1 }] }], []],
    ['null for a nullable', { type: 'string', nullable: true }, null, []],
    ['null goes where it is not allowed', { type: 'string' }, null, []],
  ])('%s', (_name, schema, value, expected) => expect(errorsOf(schema, value)).toEqual(expected))
})

test.each<[string, string[], string[]]>([
  ['date-time', ['2026-01-02T03:04:05Z', '2026-01-02t03:04:05.5+01:00'], ['2026-01-02', '2026-02-30T00:00:00Z', '2026-01-02T24:00:00Z']],
  ['date', ['2026-02-28'], ['2026-2-28', '2026-02-29']],
  ['duration', ['1h30m', '0', '3 weeks', '-1.5s'], ['', 'soon', '3 fortnights']],
  ['ipv4', ['10.0.0.1', '::ffff:10.0.0.1'], ['010.0.0.1', '10.0.0.256', 'fe80::1']],
  ['ipv6', ['fe80::1', '0001::'], ['10.0.0.1', 'fe80::1%eth0']],
  ['cidr', ['10.0.0.0/8', 'fd00::/8'], ['10.0.0.0', '10.0.0.01/8']],
  ['mac', ['02:00:5e:10:00:00', '0200.5e10.0000', '02-00-5e-10-00-00-00-01'], ['02:00:5e:10:00', '02:00-5e:10:00:00']],
  ['uuid', ['123E4567-e89b-12d3-0456-426614174000'], ['123e4567']],
  ['uuid4', ['123e4567-e89b-42d3-a456-426614174000'], ['123e4567-e89b-42d3-0456-426614174000', '123e4567-e89b-12d3-a456-426614174000']],
  ['uuid5', ['123e4567-e89b-52d3-8456-426614174000'], ['123e4567-e89b-52d3-c456-426614174000']],
  ['isbn', ['0-306-40615-2', '978-0-306-40615-7'], ['0-306-40615-3', '978-0-306-40615-8']],
  ['creditcard', ['4111 1111 1111 1111'], ['4111 1111 1111 1112']],
  ['ssn', ['123-45-6789'], ['123456789']],
  ['bsonobjectid', ['0123456789abcdef01234567'], ['0123']],
  ['byte', ['YQ=='], ['', 'YQ']],
  ['email', ['ada@game.example', 'Ada <ada@game.example>'], ['ada', 'ada@', '@game.example', 'a b@game.example']],
  ['hostname', ['localhost', 'eu-1.game.example'], ['a_b.example', 'game.example.', '-a.example']],
  ['uri', ['https://game.example:8443/a?b', '/rooms', 'mailto:ada@game.example'], ['', 'rooms', 'https://game.example:x/', '/%zz']],
  ['hexcolor', ['#fff'], ['#ffff']],
  ['rgbcolor', ['rgb(1, 2,255)'], ['rgb(1,2,256)']],
  ['quantity', ['10Gi', '0.5'], ['10 Gi', 'much']],
  ['k8s-short-name', ['a-1'], ['a.b', 'A']],
  ['k8s-long-name', ['a.b-1'], ['a..b', 'A.b']],
  ['password', ['', 'secret'], []],
])('format %s', (format, good, bad) => {
  for (const text of good) expect(errorsOf({ type: 'string', format }, text)).toEqual([])
  for (const text of bad) expect(errorsOf({ type: 'string', format }, text)).toEqual([`spec.x: Invalid value: "${text}": spec.x in body must be of type ${format}: "${text}"`])
})

describe('resources inside', () => {
  const template = { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: { type: 'object' } } }

  test.each<[string, Fields, string[]]>([
    ['good', { apiVersion: 'v1', kind: 'Pod', metadata: { labels: { a: 'b' } } }, []],
    ['without a kind', { apiVersion: 'v1' }, ['spec.x.kind: Required value']],
    ['a strange version and kind', { apiVersion: 'a/b/c', kind: 'P_d' }, ['spec.x.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c', `spec.x.kind: Invalid value: "P_d": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`]],
    ['a bad name', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a/b' } }, [`spec.x.metadata.name: Invalid value: "a/b": may not contain '/'`]],
    ['a number for a version', { apiVersion: 1, kind: 'Pod' }, ['spec.x.apiVersion: Invalid value: 1: must be a string']],
    ['a label of another type', { apiVersion: 'v1', kind: 'Pod', metadata: { labels: { a: 1 } } }, ['spec.x.metadata: Invalid value: {"labels":{"a":1}}: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string']],
    ['an unknown field of the metadata', { apiVersion: 'v1', kind: 'Pod', metadata: { lables: {} } }, ['spec.x.metadata.lables: unknown field "spec.x.metadata.lables"']],
  ])('%s', (_name, value, expected) => expect(errorsOf(template, value)).toEqual(expected))
})

it('judges the fields that the scale subresource reads', () => {
  const custom = new CustomKinds([definition({ properties: { replicas: { 'x-kubernetes-int-or-string': true } } }, { subresources: { scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.phase' } } })])
  const said = (replicas: unknown): string[] => admit(room({ replicas }, { status: { phase: 'Open' } }), { custom }).errors.map(({ path, message }) => `${path}: ${message}`)
  expect(said(3)).toEqual([])
  expect(said(-1)).toEqual(['.spec.replicas: Invalid value: -1: should be a non-negative integer'])
  expect(said(2 ** 31)).toEqual(['.spec.replicas: Invalid value: 2147483648: should be less than or equal to 2147483647'])
  expect(said('3')).toEqual(['.spec.replicas: Invalid value: 0: .spec.replicas accessor error: 3 is of the type string, expected int64'])
})

describe('updates', () => {
  const judged = (spec: Fields, value: Fields, old: Fields): { errors: string[]; warnings: string[] } => {
    const custom = new CustomKinds([definition(spec)])
    const stored = (content: Fields): K8sObject => ({ ...room(content), metadata: { name: 'a', namespace: 'default', resourceVersion: '1', uid: 'u' } }) as K8sObject
    const { errors, warnings } = admit(stored(value), { custom, old: stored(old) })
    return { errors: errors.map(({ path, message }) => `${path}: ${message}`), warnings }
  }
  const mode = { type: 'string', enum: ['duel'] }
  const team = { type: 'object', properties: { name: { type: 'string' }, mode, rank: { type: 'integer' } } }
  const wrongMode = (path: string): string => `${path}: Unsupported value: "old": supported values: "duel"`

  test.each<[string, Fields, Fields, Fields, string[]]>([
    ['a field that stays wrong', { properties: { mode, size: { type: 'integer' } } }, { mode: 'old', size: 2 }, { mode: 'old', size: 1 }, []],
    ['a field that becomes wrong', { properties: { mode } }, { mode: 'old' }, { mode: 'duel' }, [wrongMode('spec.mode')]],
    ['an item by its place', { properties: { teams: { type: 'array', items: team } } }, { teams: [{ mode: 'old', rank: 2 }, { mode: 'old' }] }, { teams: [{ mode: 'old', rank: 1 }] }, [wrongMode('spec.teams[1].mode')]],
    ['an item by its key', { properties: { teams: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: team } } }, { teams: [{ name: 'b' }, { name: 'a', mode: 'old' }] }, { teams: [{ name: 'a', mode: 'old' }] }, []],
    ['an item of an atomic list', { properties: { teams: { type: 'array', 'x-kubernetes-list-type': 'atomic', items: team } } }, { teams: [{ mode: 'old' }, {}] }, { teams: [{ mode: 'old' }] }, [wrongMode('spec.teams[0].mode')]],
    ['a set that has had duplicates', { properties: { tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } } } }, { tags: ['b', 'b'] }, { tags: ['a', 'a'] }, []],
    ['a set that gets duplicates', { properties: { tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } } } }, { tags: ['b', 'b'] }, { tags: ['a'] }, ['spec.tags[1]: Duplicate value: "b"']],
  ])('%s', (_name, spec, value, old, expected) => expect(judged(spec, value, old).errors).toEqual(expected))

  it('warn of rules that what stayed breaks, and refuse what changed', () => {
    const spec = { properties: { size: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self < 5', message: 'too big' }] }, mode: { type: 'string' } } }
    expect(judged(spec, { size: 9, mode: 'a' }, { size: 9 })).toEqual({ errors: [], warnings: ['spec.size: Invalid value: 9: too big'] })
    expect(judged(spec, { size: 9 }, { size: 8 })).toEqual({ errors: ['spec.size: Invalid value: 9: too big'], warnings: [] })
  })

  it('keep the status that only the controller writes', () => {
    const custom = new CustomKinds([definition({}, { subresources: { status: {} } })])
    const old = room({}, { metadata: { name: 'a', namespace: 'default' }, status: { phase: 'Open' } })
    expect(admit(room({}, { status: { phase: 'Shut' } }), { custom, old }).object['status']).toEqual({ phase: 'Open' })
  })
})

it('warns of finalizers without a domain', () => {
  const custom = new CustomKinds([definition({})])
  const { warnings } = admit(room({}, { metadata: { name: 'a', finalizers: ['game.example/room', 'orphan', 'game.example'] } }), { custom })
  expect(warnings).toEqual(['metadata.finalizers: "game.example": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers'])
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
    ['reason of a duplicate', [{ rule: 'has(self.ratio)', reason: 'FieldValueDuplicate', message: 'ratio is needed' }], { min: 1 }, ['spec: Duplicate value']],
    ['a field of a map', [{ rule: 'self.min < self.max', reason: 'FieldValueForbidden', fieldPath: '.labels.a' }], { min: 1, max: 1 }, ['spec.labels[a]: Forbidden: failed rule: self.min < self.max']],
    ['numbers are doubles', [{ rule: 'self.ratio <= 1.0' }], { ratio: 1 }, []],
    ['names that are no identifiers', [{ rule: 'self.max__dash__players <= 10' }], { 'max-players': 20 }, ['spec: Invalid value: failed rule: self.max__dash__players <= 10']],
    ['durations', [{ rule: "self.wait < duration('1m')", message: 'too long' }], { wait: '90s' }, ['spec: Invalid value: too long']],
    ['a missing field', [{ rule: 'self.min > 0' }], {}, ['spec: Invalid value: "object": no such key: min evaluating rule: self.min > 0']],
    ['values of a map', [], { labels: { a: 'g-1', b: 'x' } }, ['spec.labels[b]: Invalid value: "x": must start with g-']],
    ['transitions are not asked on create', [], { region: 'eu' }, []],
    ['endless work', [{ rule: "self.labels.all(a, self.labels.all(b, self.labels.all(c, self.labels.all(d, a + b + c + d != ''))))" }], { labels: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, 'g-'])) }, ["spec: Invalid value: \"object\": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: self.labels.all(a, self.labels.all(b, self.labels.all(c, self.labels.all(d, a + b + c + d != ''))))"]],
  ])('%s', (_name, rules, value, expected) => expect(judged(rules, value)).toEqual(expected))

  it('show texts and numbers, with the type where they cannot be asked', () => {
    const rules = (rule: Fields): Fields => ({ 'x-kubernetes-int-or-string': true, 'x-kubernetes-validations': [rule] })
    expect(errorsOf(rules({ rule: "self == '50%'", message: 'half' }), 3)).toEqual(['spec.x: Invalid value: 3: half'])
    expect(errorsOf({ type: 'string', 'x-kubernetes-validations': [{ rule: "self == 'b'", reason: 'FieldValueDuplicate' }] }, 'a')).toEqual(['spec.x: Duplicate value: "a"'])
    expect(errorsOf({ type: 'integer', 'x-kubernetes-validations': [{ rule: '1 / self > 0' }] }, 0)[0]).toMatch(/^spec\.x: Invalid value: "integer": .* evaluating rule: 1 \/ self > 0$/)
  })

  it('may know whether there was a value before', () => {
    const x = { type: 'string', 'x-kubernetes-validations': [{ rule: "oldSelf.hasValue() || self == 'new'", optionalOldSelf: true, message: 'starts as new' }] }
    expect(errorsOf(x, 'new')).toEqual([])
    expect(errorsOf(x, 'a')).toEqual(['spec.x: Invalid value: "a": starts as new'])
  })

  it('are asked in allOf, where there are others', () => {
    const x = { type: 'object', properties: { n: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'true' }], allOf: [{ properties: { n: { 'x-kubernetes-validations': [{ rule: 'self > 1', message: 'too small' }] } } }] }
    expect(errorsOf(x, { n: 1 })).toEqual(['spec.x.n: Invalid value: 1: too small'])
  })

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
