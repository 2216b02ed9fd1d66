/**
 * Validation of a value by an OpenAPI v3 schema with the texts of the API server (kube-openapi/pkg/validation/validate; apiextensions-apiserver/pkg/apiserver/validation/validation.go:kubeOpenAPIResultToFieldErrors).
 * Properties are visited by name, where the server takes them as they come.
 */
import { isMatch } from '../../k8s/cel/regex.ts'
import { goJson, quote } from '../../k8s/go-text.ts'
import { isFields } from '../../k8s/podspec.ts'
import type { Fields } from '../../k8s/object.ts'
import { invalid, notSupported, required, root, tooLong, tooMany, typeInvalid, type FieldError, type Path } from '../field.ts'
import { isSame } from '../metadata.ts'
import { itemsOf, propertyNames, propertyOf, valuesOf, type Schema } from './definition.ts'
import { formatOf, isOfFormat } from './formats.ts'
import { isUnchanged, pairAt, type Pair } from './ratcheting.ts'

/** `checks` counts what went well: of several alternatives the errors of the one with the most are told. */
type Result = { errors: FieldError[]; checks: number }

/** All errors of an object, or of a default. With `old`, what stayed as it was is not complained about. */
export function schemaErrors(value: unknown, schema: Schema, old?: unknown): FieldError[] {
  return validate(value, schema, root, old === undefined ? undefined : { value, old, schema }).errors
}

/** The name of a place in the sentences: keys and names alike after a dot. */
function nameOf(path: Path): string {
  const text = path.toString()
  return text === '<nil>' ? '' : text
}

function validate(value: unknown, schema: Schema, path: Path, pair?: Pair): Result {
  const result = validateAnew(value, schema, path, pair)
  return result.errors.length > 0 && isUnchanged(pair) ? { ...result, errors: [] } : result
}

/** `pair` is where fields and items find what they were before. */
function validateAnew(value: unknown, schema: Schema, path: Path, pair: Pair | undefined): Result {
  const result: Result = { errors: [], checks: 0 }
  const add = (part: Result): void => {
    result.errors.push(...part.errors)
    result.checks += part.checks + 1
  }
  const types = typesOf(schema)
  const format = formatOf(schema)
  if (types.length > 0 || format !== '') add(typeResult(value, types, format, schema, path))
  if (value === null || value === undefined) {
    add(plain(enumErrors(value, schema, path)))
    return result
  }
  add(compositions(value, schema, path, pair))
  if (typeof value === 'string') {
    add(plain(textErrors(value, schema, path)))
    if (format !== '') add(plain(isOfFormat(format, value) ? [] : [typeInvalid(path, value, `${nameOf(path)} in body must be of type ${format}: ${quote(value)}`)]))
  }
  if (typeof value === 'number') add({ errors: numberErrors(value, schema, path), checks: 1 })
  if (Array.isArray(value)) add(listResult(value, schema, path, pair))
  add(plain(enumErrors(value, schema, path)))
  if (isFields(value)) add(fieldsResult(value, schema, path, pair))
  result.checks++
  return result
}

/** Of checks that do not count when they go well. */
const plain = (errors: FieldError[]): Result => ({ errors, checks: 0 })

function typesOf(schema: Schema): string[] {
  if (schema['x-kubernetes-int-or-string'] === true) return ['integer', 'string']
  return typeof schema['type'] === 'string' && schema['type'] !== '' ? [schema['type']] : []
}

/** The JSON type of a value, and the format Go gives its numbers. */
function kindOf(value: unknown): [type: string, format: string] {
  if (typeof value === 'boolean') return ['boolean', '']
  if (typeof value === 'string') return ['string', '']
  if (typeof value === 'number') return Number.isInteger(value) ? ['integer', 'int64'] : ['number', 'float64']
  return Array.isArray(value) ? ['array', ''] : ['object', '']
}

function typeResult(value: unknown, types: string[], wanted: string, schema: Schema, path: Path): Result {
  const refuse = (expected: string, found: string): Result => plain([typeInvalid(path, found, `${nameOf(path)} in body must be of type ${expected}: ${quote(found)}`)])
  if (value === null || value === undefined) return types.length > 0 && schema['nullable'] !== true ? refuse(types.join(','), 'null') : { errors: [], checks: 1 }
  const [type, format] = kindOf(value)
  const isTextOrList = typeof value === 'string' || Array.isArray(value)
  const isNumberForInteger = type === 'integer' && types.includes('number')
  if (!isTextOrList && wanted !== '' && !types.includes(type) && format !== wanted && !isNumberForInteger) return refuse(wanted, format)
  if (isTextOrList && wanted !== '' && !types.includes('number') && !types.includes('integer')) return { errors: [], checks: 1 }
  return types.includes(type) || isNumberForInteger ? { errors: [], checks: 1 } : refuse(types.join(','), type)
}

function compositions(value: unknown, schema: Schema, path: Path, pair: Pair | undefined): Result {
  const result: Result = { errors: [], checks: 1 }
  const name = quote(nameOf(path))
  const say = (text: string): void => void result.errors.push(invalid(root, '', text))
  const tried = (list: unknown): Result[] => (Array.isArray(list) ? (list as Schema[]).filter(isFields).map((part) => validateAnew(value, part, path, pair)) : [])
  const best = (results: readonly Result[]): Result | undefined => results.reduce<Result | undefined>((most, part) => (!most || part.checks > most.checks ? part : most), undefined)
  const keep = (part: Result | undefined): void => {
    if (!part) return
    result.errors.push(...part.errors)
    result.checks += part.checks
  }
  const anyOf = tried(schema['anyOf'])
  if (anyOf.length > 0) {
    const good = anyOf.find(({ errors }) => errors.length === 0)
    if (!good) say(`${name} must validate at least one schema (anyOf)`)
    keep(good ?? best(anyOf))
  }
  const oneOf = tried(schema['oneOf'])
  if (oneOf.length > 0) {
    const good = oneOf.filter(({ errors }) => errors.length === 0)
    if (good.length !== 1) say(`${name} must validate one and only one schema (oneOf). ${good.length === 0 ? 'Found none valid' : `Found ${good.length} valid alternatives`}`)
    keep(good.length === 0 ? best(oneOf) : good.length === 1 ? good[0] : undefined)
  }
  const allOf = tried(schema['allOf'])
  if (allOf.length > 0) {
    for (const part of allOf) keep(part)
    const good = allOf.filter(({ errors }) => errors.length === 0).length
    if (good < allOf.length) say(`${name} must validate all the schemas (allOf)${good === 0 ? '. None validated' : ''}`)
  }
  if (isFields(schema['not']) && validateAnew(value, schema['not'], path, pair).errors.length === 0) say(`${name} must not validate the schema (not)`)
  return result
}

/** Only the first of a string's mistakes is told (string_validator). */
function textErrors(value: string, schema: Schema, path: Path): FieldError[] {
  const length = [...value].length
  const { maxLength, minLength, pattern } = schema as { maxLength?: number; minLength?: number; pattern?: string }
  if (maxLength !== undefined && length > maxLength) return [tooLong(path, maxLength)]
  if (minLength !== undefined && length < minLength) return [invalid(path, value, `${nameOf(path)} in body should be at least ${minLength} chars long`)]
  if (!pattern) return []
  const matches = isMatch(value, pattern)
  if (typeof matches === 'object') return [invalid(path, value, `${nameOf(path)} in body should match '${pattern}, but pattern is invalid: ${matches.error}'`)]
  return matches ? [] : [invalid(path, value, `${nameOf(path)} in body should match '${pattern}'`)]
}

/** Whole numbers are compared with the whole part of a limit. */
function numberErrors(value: number, schema: Schema, path: Path): FieldError[] {
  const { multipleOf, exclusiveMinimum, exclusiveMaximum } = schema as { multipleOf?: number; exclusiveMinimum?: boolean; exclusiveMaximum?: boolean }
  const isInteger = Number.isInteger(value)
  const [minimum, maximum] = [schema['minimum'], schema['maximum']].map((limit: unknown) => (typeof limit !== 'number' ? undefined : isInteger ? Math.trunc(limit) : limit))
  const factor = typeof multipleOf !== 'number' ? undefined : isInteger && multipleOf >= 1 ? Math.trunc(multipleOf) : multipleOf
  const say = (text: string): FieldError => invalid(path, value, `${nameOf(path)} in body should be ${text}`)
  return [
    ...(factor !== undefined && !isWhole(factor < 1 ? (1 / factor) * value : value / factor) ? [say(`a multiple of ${goNumber(factor)}`)] : []),
    ...(minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum) ? [say(`greater than ${exclusiveMinimum ? '' : 'or equal to '}${goNumber(minimum)}`)] : []),
    ...(maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum) ? [say(`less than ${exclusiveMaximum ? '' : 'or equal to '}${goNumber(maximum)}`)] : []),
  ]
}

/** Whole, but for what floating point loses (swag.IsFloat64AJSONInteger). */
function isWhole(value: number): boolean {
  const whole = Math.trunc(value)
  return value === whole || (whole !== 0 && Math.abs(value - whole) / Math.abs(value + whole) < 1e-9)
}

/** Go's %v. */
function goNumber(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential().replace(/e-(\d)$/, 'e-0$1') : String(value)
}

function enumErrors(value: unknown, schema: Schema, path: Path): FieldError[] {
  const allowed: unknown = schema['enum']
  if (!Array.isArray(allowed) || allowed.length === 0) return []
  if (value !== null && allowed.some((item) => isSame(item, value))) return []
  return [notSupported(path, value, allowed.map((item: unknown) => (typeof item === 'string' ? item : goJson(item))))]
}

function listResult(value: unknown[], schema: Schema, path: Path, pair: Pair | undefined): Result {
  const result: Result = { errors: [], checks: 1 }
  const items = itemsOf(schema)
  if (items) {
    for (const [index, item] of value.entries()) {
      const part = validate(item, items, path.index(index), pairAt(pair, index))
      result.errors.push(...part.errors)
      result.checks += part.checks
    }
  }
  const { minItems, maxItems, uniqueItems } = schema as { minItems?: number; maxItems?: number; uniqueItems?: boolean }
  if (minItems !== undefined && value.length < minItems) result.errors.push(invalid(path, value.length, `${nameOf(path)} in body should have at least ${minItems} items`))
  if (maxItems !== undefined && value.length > maxItems) result.errors.push(tooMany(path, value.length, maxItems))
  if (uniqueItems && value.some((item, index) => value.slice(0, index).some((other) => isSame(item, other)))) result.errors.push(invalid(path, '', `${nameOf(path)} in body shouldn't contain duplicates`))
  return result
}

function fieldsResult(value: Fields, schema: Schema, path: Path, pair: Pair | undefined): Result {
  const result: Result = { errors: [], checks: 0 }
  const { minProperties, maxProperties } = schema as { minProperties?: number; maxProperties?: number }
  const size = Object.keys(value).length
  if (minProperties !== undefined && size < minProperties) return plain([invalid(path, size, `${nameOf(path)} in body should have at least ${minProperties} properties`)])
  if (maxProperties !== undefined && size > maxProperties) return plain([tooMany(path, size, maxProperties)])
  const visit = (name: string, inner: Schema): void => {
    const part = validate(value[name], inner, path.child(name), pairAt(pair, name))
    result.errors.push(...part.errors)
    result.checks += part.checks
  }
  const values = valuesOf(schema)
  const isClosed = schema['additionalProperties'] === false
  for (const key of Object.keys(value)) {
    if (propertyOf(schema, key)) continue
    if (values) visit(key, values)
    else if (isClosed) result.errors.push(invalid(path, key, `${nameOf(path)}.${key} in body is a forbidden property`))
  }
  for (const name of propertyNames(schema)) if (Object.hasOwn(value, name)) visit(name, propertyOf(schema, name)!)
  for (const name of Array.isArray(schema['required']) ? (schema['required'] as string[]) : []) if (!Object.hasOwn(value, name)) result.errors.push(required(path.child(name)))
  return result
}
