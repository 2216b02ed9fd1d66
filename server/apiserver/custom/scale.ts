/** Fields that the scale subresource reads (apiextensions-apiserver/pkg/registry/customresource/validator.go: ValidateScaleSpec, ValidateScaleStatus). */
import type { Fields } from '../../k8s/object.ts'
import { isFields } from '../../k8s/podspec.ts'
import { invalid, Path, root, type FieldError } from '../field.ts'
import type { Scale } from './definition.ts'

const replicasMax = 2 ** 31 - 1

export function scaleErrors(object: Fields, scale: Scale | undefined): FieldError[] {
  if (!scale) return []
  const selector = scale.selector === undefined ? undefined : read(object, scale.selector, 'string')
  return [...replicasErrors(object, scale.spec), ...replicasErrors(object, scale.status), ...(selector?.fault ? [invalid(pathOf(scale.selector!), '', selector.fault)] : [])]
}

function replicasErrors(object: Fields, text: string): FieldError[] {
  const { value, fault } = read(object, text, 'int64')
  const refuse = (bad: unknown, detail: string): FieldError[] => [invalid(pathOf(text), bad, detail)]
  if (fault) return refuse(0, fault)
  if (typeof value !== 'number') return []
  if (value < 0) return refuse(value, 'should be a non-negative integer')
  return value > replicasMax ? refuse(value, `should be less than or equal to ${replicasMax}`) : []
}

const namesOf = (text: string): string[] => text.replace(/^\./, '').split('.')

/** Printed as it is written, with its dot. */
function pathOf(text: string): Path {
  return new Path(root, `.${text}`, namesOf(text))
}

function read(object: Fields, text: string, wanted: 'int64' | 'string'): { value?: unknown; fault?: string } {
  const names = namesOf(text)
  let value: unknown = object
  for (const [index, name] of names.entries()) {
    if (value === null) return {}
    if (!isFields(value)) return { fault: `${printed(names.slice(0, index + 1))} accessor error: ${goText(value)} is of the type ${goType(value)}, expected map[string]interface{}` }
    if (!Object.hasOwn(value, name)) return {}
    value = value[name]
  }
  return goType(value) === wanted ? { value } : { fault: `${printed(names)} accessor error: ${goText(value)} is of the type ${goType(value)}, expected ${wanted}` }
}

const printed = (names: readonly string[]): string => `.${names.join('.')}`

function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'string' ? 'string' : Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}'
}

/** Go's %v. */
function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (!isFields(value)) return String(value)
  return `map[${Object.keys(value).sort().map((key) => `${key}:${goText(value[key])}`).join(' ')}]`
}
