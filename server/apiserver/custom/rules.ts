/** The rules that a schema writes in CEL (x-kubernetes-validations; apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go). */
import { compileCel, stepsPerCall, type Compiled } from '../../k8s/cel/engine.ts'
import { durationOf, optionalOf } from '../../k8s/cel/values.ts'
import { isFields } from '../../k8s/podspec.ts'
import type { Fields } from '../../k8s/object.ts'
import { duplicate, forbidden, invalid, required, root, type FieldError, type Path } from '../field.ts'
import { isSame } from '../metadata.ts'
import { itemsOf, propertyNames, propertyOf, valuesOf, type Schema } from './definition.ts'
import { isOfFormat } from './formats.ts'

/** Steps that all rules of one object may take together, as the API server limits them (apis/cel/config.go: RuntimeCELCostBudget). */
const stepsPerObject = 10_000_000

/** `isOver`: the budget is used up, so nothing more is asked. */
type Walk = { errors: FieldError[]; stepsLeft: number; isOver?: true }

/** What the rules of a schema say of an object. Without `old` (a create) rules about transitions are not asked. */
export function ruleErrors(object: Fields, old: Fields | undefined, schema: Schema): FieldError[] {
  const walk: Walk = { errors: [], stepsLeft: stepsPerObject }
  visit(walk, object, old, schema, root, true)
  return walk.errors
}

function visit(walk: Walk, value: unknown, old: unknown, schema: Schema, path: Path, isRoot = false): void {
  if (value === null || value === undefined || walk.isOver) return
  for (const rule of rulesOf(schema)) check(walk, rule, value, old, schema, path, isRoot)
  for (const part of Array.isArray(schema['allOf']) ? (schema['allOf'] as Schema[]) : []) if (isFields(part) && rulesOf(part).length > 0) visit(walk, value, old, { ...part, type: schema['type'] }, path)
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    if (items) for (const [index, item] of value.entries()) visit(walk, item, counterpart(item, old, schema), items, path.index(index))
  } else if (isFields(value)) {
    const before = isFields(old) ? old : undefined
    for (const name of propertyNames(schema)) if (Object.hasOwn(value, name)) visit(walk, value[name], before?.[name], propertyOf(schema, name)!, path.child(name))
    const values = valuesOf(schema)
    if (values) for (const key of Object.keys(value).sort((a, b) => (a < b ? -1 : 1))) if (!propertyOf(schema, key)) visit(walk, value[key], before?.[key], values, path.key(key))
  }
}

/** Items are known again only in lists that are maps, by their keys. */
function counterpart(item: unknown, old: unknown, schema: Schema): unknown {
  const keys = schema['x-kubernetes-list-map-keys'] as string[] | undefined
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(keys) || !Array.isArray(old) || !isFields(item)) return undefined
  return old.find((other: unknown) => isFields(other) && keys.every((key) => isSame(other[key], item[key])))
}

function rulesOf(schema: Schema): Fields[] {
  const rules: unknown = schema['x-kubernetes-validations']
  return Array.isArray(rules) ? rules.filter((rule): rule is Fields => isFields(rule) && typeof rule['rule'] === 'string' && rule['rule'].trim() !== '') : []
}

/** A rule that names `oldSelf`, outside of texts. */
function asksForOld(rule: string): boolean {
  return /\boldSelf\b/.test(rule.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, "''"))
}

function check(walk: Walk, rule: Fields, value: unknown, old: unknown, schema: Schema, path: Path, isRoot: boolean): void {
  if (walk.isOver) return
  const text = rule['rule'] as string
  const isOptional = rule['optionalOldSelf'] === true
  if (asksForOld(text) && old === undefined && !isOptional) return
  const fail = (message: string): void => void walk.errors.push(complaint(rule, value, path, message))
  const compiled = read(text)
  if (!compiled.ok) return fail(`rule compile error: ${compiled.problem.message}`)
  const said = rule['message'] ? String(rule['message']).trim() : text.trim()
  if (walk.stepsLeft <= 0) {
    walk.isOver = true
    return fail('validation failed due to running out of cost budget, no further validation rules will be run')
  }
  const before = old === undefined ? undefined : valueOf(old, schema, isRoot)
  const values = { self: valueOf(value, schema, isRoot), oldSelf: isOptional ? optionalOf(before) : (before ?? null) }
  const result = compiled.program.runWith(values, Math.min(stepsPerCall, walk.stepsLeft))
  walk.stepsLeft -= result.steps
  if ('error' in result) {
    if (result.error.kind === 'cost') {
      walk.isOver = true
      return fail(`'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: ${said}`)
    }
    const isOverload = /^(no such overload|found no matching overload)/.test(result.error.message)
    return fail(isOverload ? `'${result.error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${said}` : `${result.error.message.replace(/^No such key/, 'no such key')} evaluating rule: ${said}`)
  }
  if (result.value === true) return
  const detail = messageOf(rule, values) ?? (rule['message'] ? said : `failed rule: ${said}`)
  walk.errors.push(complaint(rule, value, fieldOf(rule, path), detail))
}

/** What `messageExpression` gives: one line, not empty. */
function messageOf(rule: Fields, values: Readonly<Record<string, unknown>>): string | undefined {
  const expression: unknown = rule['messageExpression']
  if (typeof expression !== 'string' || expression.trim() === '') return undefined
  const compiled = read(expression)
  const result = compiled.ok ? compiled.program.runWith(values) : undefined
  if (!result || 'error' in result || typeof result.value !== 'string') return undefined
  const text = result.value.trim()
  return text === '' || text.includes('\n') || text.length > 5120 ? undefined : text
}

/** `fieldPath: .spec.replicas` or `.labels['a.b']`, below the place of the rule. */
function fieldOf(rule: Fields, path: Path): Path {
  let at = path
  for (const [, name, key] of String(rule['fieldPath'] ?? '').trim().matchAll(/\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]/g)) at = name !== undefined ? at.child(name) : at.key(key!.replace(/\\(.)/g, '$1'))
  return at
}

/** Numbers, texts and truth values are shown, lists and objects are not. */
function complaint(rule: Fields, value: unknown, path: Path, detail: string): FieldError {
  if (rule['reason'] === 'FieldValueRequired') return required(path, detail)
  if (rule['reason'] === 'FieldValueForbidden') return forbidden(path, detail)
  const isSimple = typeof value !== 'object'
  const error = rule['reason'] === 'FieldValueDuplicate' ? duplicate(path, isSimple ? value : '') : invalid(path, isSimple ? value : '', detail)
  return isSimple ? error : { ...error, message: error.message.replace(/^((?:Invalid|Duplicate) value): ""/, '$1') }
}

const compiledRules = new Map<string, Compiled>()

function read(expression: string): Compiled {
  let compiled = compiledRules.get(expression)
  if (!compiled) {
    if (compiledRules.size >= 500) compiledRules.clear()
    compiledRules.set(expression, (compiled = compileCel(expression, { self: 'dyn', oldSelf: 'dyn' })))
  }
  return compiled
}

const reserved = new Set(['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'])

/** How a rule writes the name of a property that is no identifier (apiserver/pkg/cel/escaping.go). */
export function escapedName(name: string): string {
  if (reserved.has(name)) return `__${name}__`
  return name.replace(/__|\.|-|\//g, (part) => ({ __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' })[part]!)
}

/** A value as its schema types it: numbers are doubles where the schema says so, times and durations are such. Of the object itself only name and generateName are there of the metadata. */
function valueOf(value: unknown, schema: Schema | undefined, isRoot = false): unknown {
  if (typeof value === 'number') return schema?.['type'] === 'number' || !Number.isInteger(value) ? value : BigInt(value)
  if (typeof value === 'string') return textValue(value, schema)
  if (Array.isArray(value)) return value.map((item) => valueOf(item, itemsOf(schema)))
  if (!isFields(value)) return value ?? null
  const map = new Map<string, unknown>()
  for (const key of Object.keys(value)) {
    if (isRoot && (key === 'apiVersion' || key === 'kind')) map.set(key, value[key])
    else if (isRoot && key === 'metadata') map.set(key, new Map(['name', 'generateName'].flatMap((name) => (value[key]?.[name] === undefined ? [] : [[name, value[key][name] as unknown]]))))
    else {
      const property = propertyOf(schema, key)
      map.set(property ? escapedName(key) : key, valueOf(value[key], property ?? valuesOf(schema)))
    }
  }
  return map
}

function textValue(text: string, schema: Schema | undefined): unknown {
  const format: unknown = schema?.['format']
  if ((format === 'date-time' || format === 'date') && !Number.isNaN(Date.parse(text))) return new Date(text)
  if (format === 'duration') return durationOf(text) ?? text
  if (format === 'byte' && isOfFormat('byte', text)) return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
  return text
}
