/** Policies of exercises: boolean expressions over manifests, in the language of ValidatingAdmissionPolicy. */
import type { Environment } from '@marcbachmann/cel-js'
import { schemasOf, type ObjectType, type Shape } from '../schemas/schema.ts'
import { compileCel, compileIn, kubernetesEnvironment, type CelFailure, type CelProblem } from './engine.ts'

/** `object` is the one in question, `oldObject` what it was before (null on create), `objects` are all. */
export type PolicyValues = { object?: unknown; oldObject?: unknown; objects?: readonly unknown[] }
export type Policy = { ok: true; evaluate(values: PolicyValues, stepsMax?: number): boolean | { error: CelFailure } } | { ok: false; problem: CelProblem }

const compiled = new Map<string, Policy>()

/** Reads a policy; its variables may hold anything. Compiled ones are kept. */
export function compilePolicy(expression: string): Policy {
  const known = compiled.get(expression)
  if (known) return known
  const result = compileCel(expression, { object: 'dyn', oldObject: 'dyn', objects: 'list<dyn>' })
  const policy: Policy = result.ok
    ? {
        ok: true,
        evaluate({ object = null, oldObject = null, objects = [] }, stepsMax) {
          const found = result.program.run({ object, oldObject, objects }, stepsMax)
          if ('error' in found) return { error: found.error }
          return typeof found.value === 'boolean' ? found.value : { error: { kind: 'wrong', message: `the result is no boolean but ${typeof found.value}` } }
        },
      }
    : result
  if (compiled.size >= 500) compiled.clear()
  compiled.set(expression, policy)
  return policy
}

/** What is wrong with a policy when it is written: syntax, types, the type of its result, and, with the kind that `object` has, fields that the kind does not have. */
export function lintPolicy(expression: string, kind?: string): CelProblem | undefined {
  const environment = kubernetesEnvironment()
  // Of a kind in several versions the stable one.
  const versions = schemasOf('1.36').all().filter((schema) => schema.kind === kind)
  const schema = versions.find(({ apiVersion }) => /(^|\/)v\d+$/.test(apiVersion)) ?? versions[0]
  const type = schema ? register(environment, schemasOf('1.36').typeOf(schema.model), new Set()) : 'dyn'
  environment.registerVariable('object', type).registerVariable('oldObject', type).registerVariable('objects', 'list<dyn>')
  const result = compileIn(environment, expression, true)
  if (!result.ok) return result.problem
  if (result.program.type === 'bool' || result.program.type === 'dyn') return undefined
  return { message: `the result is ${result.program.type}, but a policy gives bool`, start: 0, end: expression.length, line: 1, column: 1 }
}

/** Declares a Go struct and all that it holds; gives the name of its CEL type. A struct inside itself is dyn. */
function register(environment: Environment, type: ObjectType, open: Set<string>): string {
  const name = `kubernetes.${type.model}`
  if (open.has(name)) return declared(environment).has(name) ? name : 'dyn'
  open.add(name)
  const fields = Object.fromEntries([...type.fields].map(([field, shape]) => [field, typeName(environment, shape, open)]))
  declared(environment).add(name)
  environment.registerType(name, { fields })
  return name
}

const declaredTypes = new WeakMap<Environment, Set<string>>()

function declared(environment: Environment): Set<string> {
  let names = declaredTypes.get(environment)
  if (!names) declaredTypes.set(environment, (names = new Set()))
  return names
}

function typeName(environment: Environment, shape: Shape, open: Set<string>): string {
  switch (shape.is) {
    case 'boolean':
      return 'bool'
    case 'int32':
    case 'int64':
      return 'int'
    case 'string':
    case 'double':
      return shape.is
    case 'list':
      return `list<${typeName(environment, shape.of, open)}>`
    case 'map':
      return `map<string, ${typeName(environment, shape.of, open)}>`
    case 'object':
      return register(environment, shape.type, open)
    default:
      // Amounts, times and int-or-string values are texts or numbers, as they were written.
      return 'dyn'
  }
}
