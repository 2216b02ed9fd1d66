/** The rules that a schema writes in CEL (x-kubernetes-validations; apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go). */
import { compileCel, stepsPerCall, type Compiled } from '../../k8s/cel/engine.ts'
import { durationOf, optionalOf } from '../../k8s/cel/values.ts'
import { byteLength, quote } from '../../k8s/go-text.ts'
import { isFields } from '../../k8s/podspec.ts'
import type { Fields } from '../../k8s/object.ts'
import { duplicate, forbidden, invalid, Path, required, root, type FieldError } from '../field.ts'
import { itemsOf, propertyNames, propertyOf, valuesOf, type Schema } from './definition.ts'
import { findField } from './field-paths.ts'
import { isOfFormat } from './formats.ts'
import { isUnchanged, itemBefore, pairAt, type Pair } from './ratcheting.ts'

/** Steps that all rules of one object may take together, as the API server limits them (apis/cel/config.go: RuntimeCELCostBudget). */
const stepsPerObject = 10_000_000

/** `isOver`: the budget is used up, so nothing more is asked. */
type Walk = { errors: FieldError[]; warnings: string[]; stepsLeft: number; isOver?: true }

/** A value that rules are asked of. `pair` finds what it was before, to see what an update left alone; `parent` is the nearest place above that can be compared. */
type Node = { value: unknown; old: unknown; schema: Schema; path: Path; isRoot?: true; pair?: Pair | undefined; parent?: Pair | undefined }

/** Are there rules that are asked of objects? Those in allOf alone are not. */
export function hasRules(schema: Schema): boolean {
  if (Array.isArray(schema['x-kubernetes-validations']) && schema['x-kubernetes-validations'].length > 0) return true
  const inner = [...propertyNames(schema).map((name) => propertyOf(schema, name)!), valuesOf(schema), itemsOf(schema)]
  return inner.some((part) => part !== undefined && hasRules(part))
}

/** What the rules of a schema say of an object. Without `old` (a create) rules about transitions are not asked. Of values that an update leaves alone it only warns. */
export function ruleErrors(object: Fields, old: Fields | undefined, schema: Schema, warnings: string[]): FieldError[] {
  const walk: Walk = { errors: [], warnings, stepsLeft: stepsPerObject }
  visit(walk, schema, { value: object, old, schema, path: root, isRoot: true, pair: old && { value: object, old, schema } })
  return walk.errors
}

/** `asking` has the rules: the schema of the node, or what an allOf adds to it. */
function visit(walk: Walk, asking: Schema, node: Node): void {
  const { value, old, schema, path, pair } = node
  if (value === null || value === undefined || walk.isOver) return
  for (const rule of rulesOf(asking)) check(walk, rule, node)
  for (const part of Array.isArray(asking['allOf']) ? (asking['allOf'] as Schema[]) : []) if (isFields(part)) visit(walk, part, { ...node, pair: undefined })
  const below = (key: string | number): Pick<Node, 'pair' | 'parent'> => (pair ? { pair: node.isRoot && (key === 'apiVersion' || key === 'kind') ? undefined : pairAt(pair, key), parent: pair } : { pair, parent: node.parent })
  if (Array.isArray(value)) {
    const [items, inner] = [itemsOf(asking), itemsOf(schema)]
    if (items && inner) for (const [index, item] of value.entries()) visit(walk, items, { value: item, old: itemBefore(item, old, schema), schema: inner, path: path.index(index), ...below(index) })
  } else if (isFields(value)) {
    const before = isFields(old) ? old : undefined
    const [values, inner] = [valuesOf(asking), valuesOf(schema)]
    if (values && inner) for (const key of Object.keys(value).sort((a, b) => (a < b ? -1 : 1))) visit(walk, values, { value: value[key], old: before?.[key], schema: inner, path: path.key(key), ...below(key) })
    for (const name of propertyNames(asking)) {
      const property = propertyOf(schema, name)
      if (property && Object.hasOwn(value, name)) visit(walk, propertyOf(asking, name)!, { value: value[name], old: before?.[name], schema: property, path: path.child(name), ...below(name) })
    }
  }
}

function rulesOf(schema: Schema): Fields[] {
  const rules: unknown = schema['x-kubernetes-validations']
  return Array.isArray(rules) ? rules.filter((rule): rule is Fields => isFields(rule) && typeof rule['rule'] === 'string' && rule['rule'].trim() !== '') : []
}

/** A rule that names `oldSelf`, outside of texts. */
function asksForOld(rule: string): boolean {
  return /\boldSelf\b/.test(rule.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, "''"))
}

function check(walk: Walk, rule: Fields, node: Node): void {
  if (walk.isOver) return
  const { value, old, schema, path } = node
  const text = rule['rule'] as string
  const isOptional = rule['optionalOldSelf'] === true
  if (asksForOld(text) && old === undefined && !isOptional) return
  const fail = (message: string): void => void walk.errors.push(invalid(path, schema['type'] ?? '', message))
  const end = (message: string): void => {
    walk.isOver = true
    fail(message)
  }
  const outOfBudget = 'running out of cost budget, no further validation rules will be run'
  const compiled = read(text)
  if (!compiled.ok) return fail(`rule compile error: ${compiled.problem.message}`)
  const said = rule['message'] ? String(rule['message']).trim() : text.trim()
  if (walk.stepsLeft <= 0) return end(`validation failed due to ${outOfBudget}`)
  const before = old === undefined ? undefined : valueOf(old, schema, node.isRoot)
  const values = { self: valueOf(value, schema, node.isRoot), oldSelf: before ?? null }
  const result = compiled.program.runWith(isOptional ? { ...values, oldSelf: optionalOf(before) } : values, Math.min(stepsPerCall, walk.stepsLeft))
  const isLast = walk.stepsLeft < stepsPerCall
  walk.stepsLeft -= result.steps
  if ('error' in result) {
    if (result.error.kind === 'cost') return end(isLast ? `validation failed due to ${outOfBudget}` : `'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: ${said}`)
    const isOverload = /^(no such overload|found no matching overload)/.test(result.error.message)
    return fail(isOverload ? `'${result.error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${said}` : `${result.error.message.replace(/^No such key/, 'no such key')} evaluating rule: ${said}`)
  }
  if (result.value === true) return
  const add = (error: FieldError): void => {
    if (!asksForOld(text) && isUnchanged(node.pair ?? node.parent)) walk.warnings.push(`${error.path}: ${error.message}`)
    else walk.errors.push(error)
  }
  const at = fieldOf(rule, schema, path)
  const message = messageOf(rule, values, walk)
  if (message.isOver) {
    walk.isOver = true
    return add(invalid(at, schema['type'] ?? '', isLast ? `messageExpression evaluation failed due to ${outOfBudget}` : `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${quote(String(rule['messageExpression']))}`))
  }
  add(complaint(rule, node, at, message.text ?? (rule['message'] ? said : `failed rule: ${said}`)))
}

/** What `messageExpression` gives: one line, not empty. */
function messageOf(rule: Fields, values: Readonly<Record<string, unknown>>, walk: Walk): { text?: string; isOver?: true } {
  const expression: unknown = rule['messageExpression']
  if (typeof expression !== 'string' || expression.trim() === '') return {}
  const compiled = read(expression)
  if (!compiled.ok) return {}
  const result = compiled.program.runWith(values, Math.min(stepsPerCall, walk.stepsLeft))
  walk.stepsLeft -= result.steps
  if ('error' in result) return result.error.kind === 'cost' ? { isOver: true } : {}
  if (typeof result.value !== 'string') return {}
  const text = result.value.trim()
  return text === '' || text.includes('\n') || byteLength(text) > 5120 ? {} : { text }
}

/** `fieldPath: .spec.replicas` or `.labels['a.b']`, below the place of the rule. */
function fieldOf(rule: Fields, schema: Schema, path: Path): Path {
  const text = String(rule['fieldPath'] ?? '').trim()
  const found = text === '' ? undefined : findField(text, schema, true)
  return found && 'path' in found ? new Path(path, `.${found.path.toString()}`, found.path.segments()) : path
}

/** Lists and objects are not shown. */
function complaint(rule: Fields, { value, schema }: Node, path: Path, detail: string): FieldError {
  if (rule['reason'] === 'FieldValueRequired') return required(path, detail)
  if (rule['reason'] === 'FieldValueForbidden') return forbidden(path, detail)
  const isShown = schema['type'] !== 'object' && schema['type'] !== 'array'
  const error = rule['reason'] === 'FieldValueDuplicate' ? duplicate(path, isShown ? value : '') : invalid(path, isShown ? value : '', detail)
  return isShown ? error : { ...error, message: error.message.replace(/^((?:Invalid|Duplicate) value): ""/, '$1') }
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

/** A value as its schema types it: numbers are doubles where the schema says so, times and durations are such. Of the metadata of the object itself, and of resources inside, only name and generateName are there. */
function valueOf(value: unknown, schema: Schema | undefined, isRoot = schema?.['x-kubernetes-embedded-resource'] === true): unknown {
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
