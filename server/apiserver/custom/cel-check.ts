/** The expressions of a definition's rules, compiled as its schema types them (apiextensions-apiserver/pkg/apiserver/schema/cel/compilation.go). Only what is surely wrong is told: the library here knows less of types than the server does. */
import { compileIn, kubernetesEnvironment, type CelProblem, type Compiled } from '../../k8s/cel/engine.ts'
import type { Fields } from '../../k8s/object.ts'
import { itemsOf, propertyNames, propertyOf, valuesOf, type Schema } from './definition.ts'
import { escapedName } from './rules.ts'

type Environment = ReturnType<typeof kubernetesEnvironment>

/** An expression that asks for the value of before, outside of texts. */
export function usesOldSelf(text: string): boolean {
  return /\boldSelf\b/.test(withoutTexts(text))
}

const withoutTexts = (text: string): string => text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, "''")

/** What is wrong with the expressions of a rule, in words. */
export function ruleFaults(rule: Fields, schema: Schema, isRoot: boolean): { rule?: string; messageExpression?: string } {
  const faults: { rule?: string; messageExpression?: string } = {}
  const environment = environmentOf(schema, isRoot, rule['optionalOldSelf'] === true)
  const text = String(rule['rule'] ?? '')
  if (!environment || text.trim() === '') return faults
  const wrong = faultOf(environment, text, 'bool', 'cel expression must evaluate to a bool')
  if (wrong) faults.rule = wrong
  const message = String(rule['messageExpression'] ?? '')
  const unsaid = message.trim() === '' ? undefined : faultOf(environment, message, 'string', 'must evaluate to a string')
  if (unsaid) faults.messageExpression = `messageExpression ${unsaid}`
  return faults
}

function faultOf(environment: Environment, text: string, wanted: string, otherwise: string): string | undefined {
  const compiled: Compiled = compileIn(environment, text, true)
  if (!compiled.ok) {
    const fault = faultIn(text, compiled.problem)
    return fault && `compilation failed: ${fault}`
  }
  const { type } = compiled.program
  return simpleTypes.has(type) && type !== wanted ? otherwise : undefined
}

const simpleTypes = new Set(['bool', 'string', 'int', 'uint', 'double', 'bytes'])

/** Words that the server has and the library here does not. */
const namespaces = new Set(['math', 'base64', 'lists', 'sets', 'strings', 'cel', 'optional', 'format', 'ip', 'cidr', 'type', 'google', 'kubernetes', 'regex'])

/** The server's words for a problem, with the line it is in and a mark below. */
function faultIn(text: string, { message, start }: CelProblem): string | undefined {
  const field = /^No such key: (\S+)/.exec(message)?.[1]
  if (field !== undefined) return printed(text, fieldStart(text, field, start), `undefined field '${field}'`)
  const variable = /^Unknown variable: (\S+)/.exec(message)?.[1]
  if (variable === undefined || namespaces.has(variable) || new RegExp(String.raw`\(\s*${variable}\s*,|,\s*${variable}\s*,`).test(text)) return undefined
  return printed(text, start, `undeclared reference to '${variable}' (in container '')`)
}

/** The dot before the field, or the bracket of the has(…) around it. */
function fieldStart(text: string, field: string, start: number): number {
  const dot = text.startsWith(field, start) ? text.lastIndexOf('.', start) : text.indexOf(`.${field}`, start)
  const at = dot < 0 ? start : dot
  const has = /\bhas\s*\([^()]*$/.exec(text.slice(0, at))
  return has ? has.index + has[0].indexOf('(') : at
}

function printed(text: string, offset: number, message: string): string {
  const before = text.slice(0, offset).split('\n')
  const column = [...before.at(-1)!].length
  const line = text.split('\n')[before.length - 1]!
  return `ERROR: <input>:${before.length}:${column + 1}: ${message}\n | ${line}\n | ${'.'.repeat(column)}^`
}

/** CEL's names of types for the parts of a schema; undefined where the server knows no type. */
function environmentOf(schema: Schema, isRoot: boolean, isOldOptional: boolean): Environment | undefined {
  const environment = kubernetesEnvironment()
  let count = 0
  const declared = (part: Schema | undefined, isObject: boolean): string | undefined => {
    if (!part) return undefined
    if (part['x-kubernetes-int-or-string'] === true) return 'dyn'
    const type: unknown = part['type']
    if (type === 'array') {
      const item = declared(itemsOf(part), false)
      return item && `list<${item}>`
    }
    if (type === 'object') return declaredObject(part, isObject || part['x-kubernetes-embedded-resource'] === true)
    if (type === 'string') return typeOfText[String(part['format'] ?? '')] ?? 'string'
    return type === 'integer' ? 'int' : type === 'number' ? 'double' : type === 'boolean' ? 'bool' : undefined
  }
  const register = (fields: Record<string, string>): string => {
    const name = `self.T${count++}`
    environment.registerType(name, { fields })
    return name
  }
  const declaredObject = (part: Schema, isObject: boolean): string | undefined => {
    const values = valuesOf(part)
    if (values) {
      const value = declared(values, false)
      return value && `map<string, ${value}>`
    }
    const fields: Record<string, string> = isObject ? { apiVersion: 'string', kind: 'string', metadata: register({ name: 'string', generateName: 'string' }) } : {}
    for (const name of propertyNames(part)) {
      if (isObject && Object.hasOwn(fields, name)) continue
      const type = declared(propertyOf(part, name), false)
      if (type) fields[escapedName(name)] = type
    }
    return register(fields)
  }
  const self = declared(schema, isRoot)
  if (!self) return undefined
  environment.registerVariable('self', self)
  environment.registerVariable('oldSelf', isOldOptional ? 'dyn' : self)
  return environment
}

const typeOfText: Readonly<Record<string, string>> = { byte: 'bytes', duration: 'google.protobuf.Duration', date: 'google.protobuf.Timestamp', 'date-time': 'google.protobuf.Timestamp' }
